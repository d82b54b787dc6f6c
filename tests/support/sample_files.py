"""Reads the sample's files back by other code than that which wrote them: headings and words come from the contracts."""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from trade_exposure.feeds.contract import Column, FeedContract, load_contracts
from trade_exposure.settings import get_settings

Row = dict[str, Any]
TRILLION = Decimal(10) ** 12
PER_HUNDRED = {"JPY": 100, "IDR": 100}


def contract(feed_id: str) -> FeedContract:
    return load_contracts(get_settings().expectations_dir)[feed_id]


def text_of(path: Path) -> str:
    """A file's text, whichever of the two encodings it has."""
    body = path.read_bytes()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp949")


def raw_rows(path: Path) -> list[dict[str, str | None]]:
    """Rows under their own headings; an empty cell and JSON's null are None."""
    text = text_of(path)
    if path.suffix == ".jsonl":
        told = [json.loads(line) for line in text.split("\n") if line]
        return [{name: None if value is None else str(value) for name, value in row.items()} for row in told]
    lines = csv.reader(io.StringIO(text, newline=""))
    names = next(lines)
    return [dict(zip(names, [value or None for value in row], strict=True)) for row in lines]


def headings_of(path: Path) -> list[str]:
    """The names of a file's first row."""
    first, _, _ = text_of(path).partition("\n")
    return list(json.loads(first)) if path.suffix == ".jsonl" else next(csv.reader([first.rstrip("\r")]))


def data_files(drops: Path, feed_id: str) -> list[Path]:
    return sorted(path for path in (drops / feed_id).iterdir() if not path.name.endswith(".control.json"))


def read(drops: Path, feed_id: str, *only: str) -> list[Row]:
    """Every row of a feed's files under our column names, or under some of them.

    Amounts are Decimal, days date, words as in the contract; ``file`` is where the row stands.
    """
    columns = [row for row in contract(feed_id).columns if row.sources and (not only or row.name in only)]
    readers = [(column.name, _reader(column), column.sources) for column in columns]
    found = []
    for path in data_files(drops, feed_id):
        rows = raw_rows(path)
        places = [(name, reader, next(text for text in texts if text in rows[0])) for name, reader, texts in readers]
        for row in rows:
            told: Row = {"file": path.name}
            for name, reader, heading in places:
                text = row[heading]
                told[name] = None if text is None else reader(text)
            found.append(told)
    return found


def _reader(column: Column) -> Callable[[str], Any]:
    if column.type.startswith("DECIMAL"):
        return amount
    if column.type == "BIGINT":
        return int
    if column.type == "DATE":
        return _day
    words = column.value_map
    return (lambda text: words.get(text, text)) if words else str


@cache
def _day(text: str) -> date:
    return date.fromisoformat(f"{text[:4]}-{text[-2:]}-01" if len(text) < 8 else text)


def amount(text: str) -> Decimal:
    """``  1,234.50``, ``(1,234.50)`` and ``97.5%`` as numbers."""
    plain = text.strip().replace(",", "")
    if plain.endswith("%"):
        return Decimal(plain[:-1]) / 100
    return -Decimal(plain[1:-1]) if plain.startswith("(") else Decimal(plain)


def latest(rows: Iterable[Row]) -> list[Row]:
    """The newest version of every event, without those that were taken back."""
    newest: dict[str, Row] = {}
    for row in rows:
        before = newest.get(row["event_id"])
        if before is None or row["record_version"] > before["record_version"]:
            newest[row["event_id"]] = row
    return [row for row in newest.values() if row.get("is_cancelled") != "true"]


class Won:
    """Converts by the written rates: the Bank's, else the Eximbank's, of the day or the last one before."""

    def __init__(self, replies: Path) -> None:
        self._rates: dict[str, dict[date, Decimal]] = {}
        for path in sorted(replies.glob("fx/exim_AP01_*.csv")):
            for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
                rate = Decimal(row["deal_bas_r"].replace(",", ""))
                self._rates.setdefault(row["cur_unit"][:3], {})[date.fromisoformat(row["date"])] = rate
        for currency, item in {"USD": "0000001", "JPY": "0000002", "EUR": "0000003", "CNY": "0000053"}.items():
            told = json.loads((replies / f"fx/ecos_731Y001_{item}.json").read_text(encoding="utf-8"))
            self._rates[currency] |= {
                date.fromisoformat(row["TIME"]): Decimal(row["DATA_VALUE"]) for row in told["StatisticSearch"]["row"]
            }
        self._days = {currency: sorted(rates) for currency, rates in self._rates.items()}

    def __call__(self, value: Decimal, currency: str, day: date) -> Decimal:
        if currency == "KRW":
            return value
        days = self._days[currency]
        rate = self._rates[currency][days[bisect_right(days, day) - 1]]
        return value * rate / PER_HUNDRED.get(currency, 1)


def seed(name: str) -> Iterator[dict[str, str]]:
    """Rows of one of the warehouse's seeds."""
    with (get_settings().dbt_dir / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def partner_codes() -> set[str]:
    """ISO codes of the headline definition's members."""
    codes = {row["iso3"]: row["iso2"] for row in seed("country")}
    return {
        codes[row["iso3"]]
        for row in seed("market_membership")
        if row["definition_id"] == "KR_PARTNER_REGIONS_V0" and row["is_member"] == "true"
    }
