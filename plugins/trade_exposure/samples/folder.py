"""A folder of replies that the local feed server speaks from.

``customs/<operation>_<YYYYMM>_all.xml`` is one month for every country, and ``customs/revisions/`` holds months as they were
amended later; any other ``customs/<operation>_*.xml`` adds items for requests that name a country.
``fx/ecos_<series>*.json`` are ECOS replies; ``fx/*.csv`` with the columns date, usd_krw and source are daily rates of the
dollar, spoken as ECOS rows. What a sample folder holds besides is read by :mod:`trade_exposure.samples.tables`.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from trade_exposure.errors import BadInput

_ALL_FILE = re.compile(r"(?P<operation>[A-Za-z]+)_(?P<month>[0-9]{6})_all\.xml")
_SOME_FILE = re.compile(r"(?P<operation>get[A-Za-z]+)_.+\.xml")
_ECOS_FILE = re.compile(r"ecos_(?P<series>[0-9]{3}[A-Z][0-9]{3}).*\.json")
_ITEM = re.compile(rb"<item>.*?</item>", re.DOTALL)
_COUNTRY = re.compile(rb"<statCd>([^<]*)</statCd>")
_MONTH = re.compile(rb"<year>([0-9]{4})\.([0-9]{2})</year>")
TABLES = "exim_"  # files of the other bank, which :mod:`trade_exposure.samples.tables` reads
_CSV_COLUMNS = ["date", "usd_krw", "source"]
_DOLLAR = {
    "STAT_NAME": "3.1.1.1. 주요국 통화의 대원화환율",
    "ITEM_CODE1": "0000001",
    "ITEM_NAME1": "원/미국달러(매매기준율)",
    "UNIT_NAME": "원",
}


class Item(NamedTuple):
    """One item of a customs reply: its month (YYYYMM), its country code, its bytes."""

    month: str
    country: str
    xml: bytes


class ReplyFolder:
    """The replies of one folder, read once.

    Raises:
        BadInput: the folder is missing, holds no reply, or one of its rate files cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.exact: dict[tuple[str, str], bytes] = {}
        self.revised: dict[tuple[str, str], bytes] = {}
        self._of_all: dict[str, list[Item]] = {}
        self._of_some: dict[str, list[Item]] = {}
        self._rates: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        if not path.is_dir():
            raise BadInput(f"There is no folder {path}; name a folder of replies with customs/ and fx/ in it.")
        for file in sorted(path.glob("customs/*.xml")):
            self._read_customs(file)
        for file in sorted(path.glob("customs/revisions/*.xml")):
            if named := _ALL_FILE.fullmatch(file.name):
                self.revised[named["operation"], named["month"]] = file.read_bytes()
        for file in [*sorted(path.glob("fx/*.csv")), *sorted(path.glob("fx/*.json"))]:
            if not file.name.startswith(TABLES):
                self._read_rates(file)
        if not self.exact and not self._of_some and not self._rates:
            raise BadInput(
                f"{path} holds no reply; it needs customs/<operation>_<YYYYMM>_all.xml or fx/ecos_<series>*.json files."
            )

    def items(self, operation: str, first: str, last: str, country: str | None) -> list[bytes]:
        """Items from ``first`` to ``last`` (YYYYMM, both counted), of one country or of all, newest month last."""
        found: dict[tuple[str, str], Item] = {}
        sources = [self._of_all] if country is None else [self._of_some, self._of_all]
        for source in sources:
            for item in source.get(operation, []):
                if first <= item.month <= last and country in (None, item.country):
                    found[item.month, item.country] = item
        return [item.xml for item in sorted(found.values(), key=lambda item: item.month)]

    def rates(self, series: str, item: str, first: str, last: str) -> list[dict[str, Any]]:
        """ECOS rows of one item from ``first`` to ``last`` (YYYYMMDD, both counted), oldest first."""
        days = self._rates.get((series, item), {})
        return [days[day] for day in sorted(days) if first <= day <= last]

    def _read_customs(self, file: Path) -> None:
        named = _ALL_FILE.fullmatch(file.name)
        some = _SOME_FILE.fullmatch(file.name)
        body = file.read_bytes()
        if named:
            self.exact[named["operation"], named["month"]] = body
            self._of_all.setdefault(named["operation"], []).extend(_items(body))
        elif some:
            self._of_some.setdefault(some["operation"], []).extend(_items(body))

    def _read_rates(self, file: Path) -> None:
        try:
            text = file.read_text(encoding="utf-8")
            if file.suffix == ".csv":
                self._read_csv(text)
            elif named := _ECOS_FILE.fullmatch(file.name):
                for row in json.loads(text)["StatisticSearch"]["row"]:
                    self._keep(named["series"], row)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(
                f"{file} is no reply of ECOS and no file of daily rates ({error}); mend or remove it."
            ) from None

    def _read_csv(self, text: str) -> None:
        lines = csv.DictReader(text.splitlines())
        if lines.fieldnames != _CSV_COLUMNS:
            raise ValueError(f"its columns are not {', '.join(_CSV_COLUMNS)}")
        for line in lines:
            self._keep("731Y001", {**_DOLLAR, "TIME": line["date"].replace("-", ""), "DATA_VALUE": line["usd_krw"]})

    def _keep(self, series: str, row: dict[str, Any]) -> None:
        self._rates.setdefault((series, row["ITEM_CODE1"]), {})[row["TIME"]] = row


def _items(body: bytes) -> list[Item]:
    found = []
    for match in _ITEM.finditer(body):
        country, month = _COUNTRY.search(match[0]), _MONTH.search(match[0])
        if country and month:
            found.append(Item((month[1] + month[2]).decode(), country[1].decode(), match[0]))
    return found
