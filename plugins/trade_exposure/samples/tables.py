"""Tables of a sample folder from which replies are put together: items, provinces, the Eximbank's rates, country grades.

They are read when they are first asked for. A folder that lacks one answers as if the source had no rows.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from trade_exposure.errors import BadInput

_ITEM_COLUMNS = ("exports_usd", "exports_kg", "imports_usd", "imports_kg")
_PROVINCE_COLUMNS = ("exports_kusd", "imports_kusd", "export_declarations", "import_declarations")


class ItemRow(NamedTuple):
    """One HS code, country and month (YYYYMM); amounts are exports in USD and kg, imports in USD and kg."""

    hs: str
    country: str
    country_name: str
    month: str
    amounts: tuple[int, ...]


class ProvinceRow(NamedTuple):
    """One province and month (YYYYMM); amounts are exports and imports in thousand USD, then the declarations of each."""

    month: str
    province: str
    amounts: tuple[int, ...]


class BankRate(NamedTuple):
    """One rate of the Eximbank as it writes it: ``JPY(100)``, its Korean name, ``1,483.4``."""

    unit: str
    name: str
    rate: str


class Tables:
    """The tables of one folder of replies.

    Raises:
        BadInput: from any of them: a file cannot be read; the sentence names it.
    """

    def __init__(self, replies: Path) -> None:
        self._replies = replies
        self._items: dict[str, dict[str, list[ItemRow]]] = {}

    def items(self, year: str) -> dict[str, list[ItemRow]]:
        """A year's rows by HS heading (4 digits), the headings in their order, the rows as in the file."""
        if year not in self._items:
            found: dict[str, list[ItemRow]] = {}
            file = self._replies / "customs" / f"getNitemtradeList_{year}.csv"
            columns = ("month", "hs6", "country", "country_name", *_ITEM_COLUMNS)
            for month, hs, country, name, *amounts in _rows(file, columns) if file.exists() else ():
                row = ItemRow(hs, country, name, month, tuple(_whole(file, text) for text in amounts))
                found.setdefault(hs[:4], []).append(row)
            self._items[year] = dict(sorted(found.items()))
        return self._items[year]

    @cached_property
    def hs_names(self) -> dict[str, str]:
        """Korean names of HS codes."""
        file = self._replies / "customs" / "hs_names.csv"
        return {row[0]: row[1] for row in _rows(file, ("hs", "name"))} if file.exists() else {}

    @cached_property
    def provinces(self) -> list[ProvinceRow]:
        """Rows by month and province."""
        file = self._replies / "customs" / "getSidotradeList.csv"
        if not file.exists():
            return []
        rows = _rows(file, ("month", "province", *_PROVINCE_COLUMNS))
        return [ProvinceRow(row[0], row[1], tuple(_whole(file, text) for text in row[2:])) for row in rows]

    @cached_property
    def bank_rates(self) -> dict[str, list[BankRate]]:
        """The Eximbank's rates by day (YYYYMMDD)."""
        found: dict[str, list[BankRate]] = {}
        for file in sorted(self._replies.glob("fx/exim_AP01_*.csv")):
            for day, unit, name, rate in _rows(file, ("date", "cur_unit", "cur_nm", "deal_bas_r")):
                found.setdefault(day.replace("-", ""), []).append(BankRate(unit, name, rate))
        return found

    @cached_property
    def grades(self) -> list[dict[str, str]]:
        """Items of the country grade service, in its order."""
        file = self._replies / "ksure" / "credit-grade.json"
        if not file.exists():
            return []
        try:
            items = json.loads(file.read_text(encoding="utf-8"))
            return [{name: str(value) for name, value in item.items()} for item in items]
        except (ValueError, AttributeError, TypeError):
            raise BadInput(f"{file} is no list of grades; mend or remove it.") from None


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        if tuple(next(rows, ())) != columns:
            raise BadInput(f"{file} does not begin with the columns {', '.join(columns)}; mend or remove it.")
        for row in rows:
            if len(row) != len(columns):
                raise BadInput(
                    f"Line {rows.line_num} of {file} does not have {len(columns)} fields; mend or remove it."
                )
            yield row


def _whole(file: Path, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadInput(f"{file} holds {text[:40]!r} where a whole number belongs; mend or remove it.") from None
