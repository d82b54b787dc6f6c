"""The files that would be dropped: which rows go into which file, how each is written, and the dirt that is in them on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from trade_exposure.samples.generator import figures, layouts
from trade_exposure.samples.generator.book import Event, at_work
from trade_exposure.samples.generator.calendar import FIRST_MONTH, SEOUL, business_day_from, shifted
from trade_exposure.samples.generator.centers import CenterEvent
from trade_exposure.samples.generator.claims import ClaimEvent
from trade_exposure.samples.generator.exposure import Outstanding
from trade_exposure.samples.generator.files import (
    ENGLISH,
    ENGLISH_NAMES,
    KOREAN_BOM,
    KOREAN_OFFICE,
    Style,
    write_csv,
    write_json_lines,
)
from trade_exposure.samples.generator.insurance_rows import claim_row, exposure_row, limit_row, underwriting_row
from trade_exposure.samples.generator.layouts import Field
from trade_exposure.samples.generator.limits import Limit
from trade_exposure.samples.generator.policies import Market

DAILY_DAYS = 4  # centre logs of so many days come as one file a day, older ones as one a year
Values = list[Any]
Spoil = Callable[[list[Values]], None]


def write_underwriting(folder: Path, events: Sequence[Event], market: Market, newest: date) -> None:
    """``underwriting_<period>.csv``."""
    files = _by_file(events, newest)
    styles = {"2023": KOREAN_OFFICE, "2024": KOREAN_BOM, "2025": ENGLISH}
    for name, found in files.items():
        rows = [underwriting_row(event, market) for event in found]
        _spoil_underwriting(name, rows)
        write_csv(folder / f"underwriting_{name}.csv", layouts.UNDERWRITING, rows, styles.get(name, _monthly(name)))


def write_exposure(folder: Path, stock: Mapping[date, Sequence[Outstanding]], market: Market, newest: date) -> None:
    """``exposure_<period>.csv``, a few policies of each month in a second version."""
    styles = {"2023": KOREAN_OFFICE, "2024": Style(encoding="utf-8-sig", newline="\r\n"), "2025": ENGLISH_NAMES}
    files: dict[str, list[Values]] = {}
    for month, listed in stock.items():
        rows = files.setdefault(_file_of(month, newest), [])
        rows += [exposure_row(month, row, market) for row in listed]
        for row in listed[7::700]:  # found to be wrong afterwards, and listed once more
            rows.append(exposure_row(month, row._replace(amount=row.amount * 97 // 10_000 * 100), market, version=2))
    for name, rows in files.items():
        if name == "2024":
            _set(rows[1_000], layouts.EXPOSURE, currency="XXX")
        write_csv(folder / f"exposure_{name}.csv", layouts.EXPOSURE, rows, styles.get(name, _monthly(name)))


def write_claims(folder: Path, events: Sequence[ClaimEvent], newest: date) -> None:
    """``claims_<period>.csv``."""
    styles = {"2023": KOREAN_BOM, "2024": ENGLISH, "2025": KOREAN_OFFICE}
    for name, found in _by_file(events, newest).items():
        rows = [claim_row(event) for event in found]
        if name == "2024":  # only what comes back may be negative
            wrong = next(row for row in rows if row[3] == "PAID" and row[12] == "USD")
            _set(wrong, layouts.CLAIMS, amount=-150_000)
        write_csv(folder / f"claims_{name}.csv", layouts.CLAIMS, rows, styles.get(name, _monthly(name)))


def write_limits(
    folder: Path, years: Mapping[int, Sequence[Limit]], changes: Sequence[Limit], names: Mapping[str, str], newest: date
) -> None:
    """``country_limit_<year>.csv``, and ``country_limit_<YYYY>07.csv`` for the change in the middle of the newest year."""
    for year, limits in years.items():
        rows = [limit_row(limit, names[limit.country]) for limit in limits]
        style = KOREAN_OFFICE if year % 2 else KOREAN_BOM
        write_csv(folder / f"country_limit_{year}.csv", layouts.LIMITS, rows, style)
    if changes:
        rows = [limit_row(limit, names[limit.country]) for limit in changes]
        write_csv(folder / f"country_limit_{newest.year}07.csv", layouts.LIMITS, rows, ENGLISH)


def write_ceilings(folder: Path, newest: date) -> None:
    """``ceiling_<year>.csv``: published figures, and nothing for the parts that were not."""
    for year, parts in figures.CEILINGS.items():
        if year <= newest.year:
            known = at_work(business_day_from(date(year, 1, 2)), 0)
            rows: list[Values] = [[year, group, eok, None, 1, known] for group, eok in parts.items()]
            write_csv(folder / f"ceiling_{year}.csv", layouts.CEILINGS, rows, KOREAN_BOM if year % 2 else ENGLISH)


def write_centers(folder: Path, events: Sequence[CenterEvent], as_of: datetime) -> None:
    """``contracts_<centre>_<year>`` of all but the last days, ``contracts_<centre>_<day>`` for those."""
    split = as_of.astimezone(SEOUL).date() - timedelta(days=DAILY_DAYS)
    files: dict[tuple[str, str], list[CenterEvent]] = {}
    for event in sorted(events, key=lambda event: (event.updated_at, event.event_id)):
        day = event.updated_at.date()
        period = f"{day:%Y%m%d}" if day >= split else f"{day.year}"
        files.setdefault((event.center, period), []).append(event)
    last: dict[str, CenterEvent] = {}
    for (center, period), found in sorted(files.items()):
        rows = [_center_row(event) for event in found]
        number = int(center[-2:])
        if len(period) == 8 and number % 4 == 0 and center in last:
            rows.append(
                _center_row(last[center])
            )  # sent once more: the same event in the same version as the day before
        last[center] = found[-1]
        if (center, period) == ("AITC01", "2024"):
            vague = [row for row in rows if row[5] == "CONSULTATION" and row[13] is None]
            _set(vague[0], layouts.CONTRACTS, buyer_country_iso2="Multiple - Countries")
            _set(vague[1], layouts.CONTRACTS, incoterms='=HYPERLINK("http://example.invalid","FOB")')
        stem = folder / f"contracts_{center}_{period}"
        if number % 3 == 0:
            style = KOREAN_OFFICE if number % 2 else KOREAN_BOM
            write_csv(stem.with_suffix(".csv"), layouts.CONTRACTS, rows, style)
        else:
            is_korean = number == 11
            told = Style("korean" if is_korean else "english", has_names=number % 5 == 0, has_sidecar=number % 2 == 0)
            write_json_lines(stem.with_suffix(".jsonl"), layouts.CONTRACTS, rows, told)


def _center_row(event: CenterEvent) -> Values:
    contract, terms = event.contract, event.terms or (None, None, None)
    is_signing = event.type in ("CONTRACT_SIGNED", "CONTRACT_AMENDED")
    has_number = contract is not None and (event.type == "SHIPPED" or event.type.startswith("CONTRACT_"))
    return [
        event.event_id,
        1 if event.version == 1 else None,
        event.at,
        event.center,
        f"{event.center} 가상센터",
        event.type,
        event.firm.number,
        event.firm.name,
        event.country,
        event.buyer,
        f"Imaginary Buyer {event.buyer[-4:]}" if event.buyer else None,
        contract.hs_code if contract else None,
        contract.number if contract and has_number else None,
        event.cents,
        contract.currency if contract and event.cents is not None else None,
        *terms,
        contract.signed if contract and is_signing else None,
        contract.signed + timedelta(days=90) if contract and is_signing else None,
        event.esign,
        contract.policy if contract and has_number else None,
        event.version,
        event.updated_at,
    ]


def _by_file(events: Iterable[Any], newest: date) -> dict[str, list[Any]]:
    """Events by the file in which they were delivered: that of the month, or for earlier years of the year."""
    end = shifted(newest, 1)
    files: dict[str, list[Any]] = {}
    for event in sorted(events, key=lambda event: (event.updated_at, event.event_id, event.version)):
        day = event.updated_at.date()
        if FIRST_MONTH <= day < end and event.on >= FIRST_MONTH:
            files.setdefault(_file_of(day, newest), []).append(event)
    return files


def _file_of(day: date, newest: date) -> str:
    return f"{day:%Y%m}" if day.year == newest.year else f"{day.year}"


def _monthly(name: str) -> Style:
    """Months alternate between two offices; every April comes from a third."""
    if name.endswith("04"):
        return KOREAN_OFFICE
    return KOREAN_BOM if int(name) % 2 == 0 else ENGLISH


def _spoil_underwriting(name: str, rows: list[Values]) -> None:
    """Rows that have to end in quarantine: few, and small ones."""
    small = [
        row for row in rows if row[3] == "APPLICATION" and row[26] == "USD" and row[29] and row[29] < 100_000_000_00
    ]
    if name == "2024":
        _set(small[0], layouts.UNDERWRITING, currency="XXX")
        _set(small[1], layouts.UNDERWRITING, insured_amount=-(small[1][29]))
    if name.endswith("03"):
        _set(small[0], layouts.UNDERWRITING, buyer_country="Multiple - Countries")
        _set(small[1], layouts.UNDERWRITING, center_contract_no="=2+5+cmd|' /C calc'!A0")


def _set(row: Values, fields: Sequence[Field], **values: object) -> None:
    for place, field in enumerate(fields):
        if field.english in values:
            row[place] = values[field.english]
