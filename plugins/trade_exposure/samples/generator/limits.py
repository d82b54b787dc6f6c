"""Country limits, set above what each country had outstanding (for a few of them below), in 100 million won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from trade_exposure.samples.generator.calendar import month_end
from trade_exposure.samples.generator.draws import Chances, Draw
from trade_exposure.samples.generator.exposure import Outstanding
from trade_exposure.samples.generator.rates import Rates

EOK = 100_000_000
_COUNTRIES = 120
# Limit against the year's highest amount, in per cent; with 96 the limit is exceeded for a while.
_ROOM = Chances({96: 3, 110: 12, 130: 25, 170: 30, 220: 20, 350: 10})
_POLICIES = ((2, "NORMAL"), (4, "INDIVIDUAL_REVIEW"), (6, "CASE_BY_CASE"), (7, "THIRD_COUNTRY_GUARANTEE"))
MID_YEAR = 7
_CHANGED = 6  # countries whose limit changes in the middle of the newest year


class Limit(NamedTuple):
    """One limit of one country in 100 million won."""

    country: str
    type: str
    eok: int
    valid_from: date
    valid_to: date | None
    acceptance: str | None
    version: int


def make_limits(
    stock: Mapping[date, Sequence[Outstanding]], rates: Rates, grades: Mapping[str, int], seed: int
) -> tuple[dict[int, list[Limit]], list[Limit]]:
    """Limits by year, and the rows of the change in the middle of the newest year (none before July)."""
    highest: dict[tuple[int, str, str], int] = {}
    for month, rows in stock.items():
        sums: dict[tuple[str, str], int] = {}
        for row in rows:
            if row.policy.country:
                key = (row.policy.country, "MLT" if row.policy.product.kind == "long" else "ST")
                sums[key] = sums.get(key, 0) + rates.krw(row.amount, row.policy.currency, month_end(month))
        for (country, term), krw in sums.items():
            place = (month.year, country, term)
            highest[place] = max(highest.get(place, 0), krw)
    newest = max(stock)
    years = {
        year: _year(year, year == newest.year, highest, grades, seed)
        for year in range(min(stock).year, newest.year + 1)
    }
    return years, _changes(years[newest.year], newest, seed) if newest.month >= MID_YEAR else []


def _year(
    year: int, is_open: bool, highest: Mapping[tuple[int, str, str], int], grades: Mapping[str, int], seed: int
) -> list[Limit]:
    totals: dict[str, int] = {}
    for (of_year, country, _), krw in highest.items():
        if of_year == year:
            totals[country] = totals.get(country, 0) + krw
    chosen = sorted(totals, key=lambda country: (-totals[country], country))[:_COUNTRIES]
    rows = []
    for country in sorted(chosen):
        draw = Draw(seed, "limit", year, country)
        grade = grades.get(country, 7)
        acceptance = next(word for up_to, word in _POLICIES if grade <= up_to)
        parts = {}
        for term in ("ST", "MLT"):
            krw = highest.get((year, country, term), 0)
            parts[term] = max(-(-krw * _ROOM.pick(draw) // 100 // (50 * EOK)) * 50, 50) if krw else 0
        for kind, eok in (*parts.items(), ("TOTAL", sum(parts.values()))):
            if eok:
                ends = None if is_open else date(year, 12, 31)
                rows.append(Limit(country, kind, eok, date(year, 1, 1), ends, acceptance, 1))
    return rows


def _changes(rows: Sequence[Limit], newest: date, seed: int) -> list[Limit]:
    """The old limits end in June by a second version; the new ones begin in July."""
    draw = Draw(seed, "limit changes")
    by_key = {(row.country, row.type): row for row in rows}
    largest = sorted((row for row in rows if row.type == "MLT"), key=lambda row: (-row.eok, row.country))[:_CHANGED]
    told = []
    for row in sorted(largest):
        more = row.eok * draw.between(5, 30) // 100 // 50 * 50 + 50
        for old in (row, by_key[row.country, "TOTAL"]):
            told.append(old._replace(valid_to=date(newest.year, MID_YEAR - 1, 30), version=2))
            told.append(old._replace(eok=old.eok + more, valid_from=date(newest.year, MID_YEAR, 1)))
    return told
