"""Trade by country and month, as the customs service's replies of one month each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from trade_exposure.samples.generator import figures
from trade_exposure.samples.generator.calendar import FIRST_MONTH, months
from trade_exposure.samples.generator.draws import Draw, share_out
from trade_exposure.samples.generator.geography import Country

OPERATION = "getNationtradeList"
REVISED_MONTH = date(2026, 4, 1)
_MILLION = 1_000_000
# Codes that are no country: how often in a thousand months they occur, and up to how many dollars go there.
_SPECIAL = {"ZZ": (1000, 9_000_000), "AN": (300, 60_000), "Z1": (150, 20_000)}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header><resultCode>00</resultCode>'
    "<resultMsg>정상서비스.</resultMsg></header><body><items>"
)
_TAIL = "</items></body></response>"


class Trade(NamedTuple):
    """Exports and imports of one code in one month, whole dollars."""

    code: str
    name: str
    exports: int
    imports: int


def make_trade(
    countries: Sequence[Country], specials: Mapping[str, str], seed: int, newest: date
) -> dict[date, list[Trade]]:
    """Trade of every month up to ``newest``, the largest exports first."""
    exports = {year: _year_of_exports(countries, seed, year) for year in range(FIRST_MONTH.year, newest.year + 1)}
    told = {}
    for month in months(FIRST_MONTH, newest):
        draw = Draw(seed, "trade", str(month))
        out = exports[month.year][month.month - 1]
        budget = figures.IMPORTS[month.year] * _MILLION * figures.TRADE_SEASON[month.month - 1] // 1000
        weights = [country.imports * draw.around(250) for country in countries]
        rows = []
        for country, imports in zip(countries, share_out(budget, weights), strict=True):
            # A small territory is absent in some months, and now and then only sends or only receives.
            if country.exports < 3 and draw.chance(250):
                continue
            only = draw.between(1, 100) if country.exports < 5 else 100
            exported = 0 if only <= 4 else out[country.code]
            rows.append(Trade(country.code, country.customs_name, exported, 0 if only in (5, 6) else imports))
        for code, (permille, limit) in _SPECIAL.items():
            if draw.chance(permille):
                rows.append(Trade(code, specials[code], draw.below(limit), draw.below(limit // 2)))
        told[month] = sorted(rows, key=lambda row: (-row.exports, row.code))
    return told


def _year_of_exports(countries: Sequence[Country], seed: int, year: int) -> list[dict[str, int]]:
    """Dollars by country, one mapping a month; each group adds up to its figure for the year."""
    draw = Draw(seed, "exports", year)
    found: list[dict[str, int]] = [{} for _ in range(12)]
    for group, million in figures.EXPORTS_2025.items():
        path = figures.EXPORT_PATH[year].get(group, figures.EXPORT_PATH_OF_OTHERS[year])
        total = million * path // 1000 * _MILLION + draw.between(-20, 20) * _MILLION + draw.below(_MILLION)
        season = [share * draw.around(40) for share in figures.TRADE_SEASON]
        members = [country for country in countries if country.group == group]
        for month, budget in zip(found, share_out(total, season), strict=True):
            weights = [country.exports * draw.around(150 if country.exports > 50 else 700) for country in members]
            for country, dollars in zip(members, share_out(budget, weights), strict=True):
                month[country.code] = dollars
    return found


def revised(rows: Sequence[Trade], seed: int) -> list[Trade]:
    """The same month as amended later: a few countries' exports, by up to 0.4 %."""
    draw = Draw(seed, "revision")
    return [
        row._replace(exports=row.exports * draw.between(996, 1004) // 1000) if number % 9 == 0 else row
        for number, row in enumerate(rows)
    ]


def write_trade(folder: Path, trade: Mapping[date, Sequence[Trade]], seed: int) -> None:
    """``<operation>_<YYYYMM>_all.xml`` a month, and one month's later revision in ``revisions/``."""
    for month, rows in trade.items():
        (folder / f"{OPERATION}_{month:%Y%m}_all.xml").write_bytes(_reply(month, rows, seed))
    if REVISED_MONTH in trade:
        (folder / "revisions").mkdir()
        later = _reply(REVISED_MONTH, revised(trade[REVISED_MONTH], seed), seed)
        (folder / "revisions" / f"{OPERATION}_{REVISED_MONTH:%Y%m}_all.xml").write_bytes(later)


def _reply(month: date, rows: Sequence[Trade], seed: int) -> bytes:
    draw = Draw(seed, "declarations", str(month))
    items = [
        f"<item><balPayments>{row.exports - row.imports}</balPayments>"
        f"<expCnt>{_declarations(row.exports, draw)}</expCnt><expDlr>{row.exports}</expDlr>"
        f"<impCnt>{_declarations(row.imports, draw)}</impCnt><impDlr>{row.imports}</impDlr>"
        f"<statCd>{row.code}</statCd><statCdCntnKor1>{escape(row.name)}</statCdCntnKor1><year>{month:%Y.%m}</year></item>"
        for row in rows
    ]
    return (_HEAD + "".join(items) + _TAIL).encode()


def _declarations(dollars: int, draw: Draw) -> int:
    return 1 + dollars // draw.between(40_000, 60_000) if dollars else 0
