"""Trade by country of the customs service (getNationtradeList): how it is asked and how its bytes are read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from trade_exposure.errors import ReplyUnreadable
from trade_exposure.feeds.contract import Column, FeedContract
from trade_exposure.feeds.data_go_kr_replies import success_root
from trade_exposure.feeds.model import Parsed, Reply
from trade_exposure.feeds.rows import Record, UnreadableValue, number_grammar, typed_rows
from trade_exposure.feeds.xml import child, children, text_of

TOTAL_MARK = "총계"
_PERIOD_FIELD = "year"
_ITEM = re.compile(r"<item(?=[\s/>])[^>]*?(?:/>|>(.*?)</item\s*>)", re.DOTALL)


def fetch(contract: FeedContract, period: date, _slice: str) -> Reply:
    """One month, every country, in one request."""
    from trade_exposure.feeds.data_go_kr import DataGoKrHook

    return DataGoKrHook(contract.connection_id).country_trade(period, period, path=contract.option("requestPath"))


def parse(contract: FeedContract, body: bytes, period: date, _slice: str) -> Parsed:
    """Typed rows of a reply for the month ``period``.

    A row marked 총계 is no row but the source's own control total. Rows of another month are rejects. A reply without
    items is a month that is not published: no rows, none announced.

    Raises:
        ReplyUnreadable: cut off or of no known shape; other SourceError kinds: an error reply.
    """
    records = [(number, _record(item)) for number, item in enumerate(_items(body), start=1)]

    def belongs(row: dict[str, Any], _record: Record) -> None:
        if row["reference_month"] != period:
            raise UnreadableValue(
                "row_of_another_period", f"it is of {row['reference_month']:%Y-%m}, not of {period:%Y-%m}"
            )

    rows = [(number, record) for number, record in records if not _is_total(record)]
    if len(rows) < len(records) - 1:
        raise ReplyUnreadable(
            f"The reply has {len(records) - len(rows)} rows marked {TOTAL_MARK} where one is possible; ask again."
        )
    table, rejects = typed_rows(rows, contract, belongs)
    announced_rows, announced_totals = announced(body, contract)
    return Parsed(table, rejects, announced_rows, announced_totals)


def announced(body: bytes, contract: FeedContract) -> tuple[int, dict[str, Decimal]]:
    """Rows and totals that the bytes announce, found by text search and not by the parser.

    The totals are those of the 총계 row where the source sends one, else the sum of the readable amounts.
    """
    items = [match[1] or "" for match in _ITEM.finditer(body.decode("utf-8"))]
    marked = re.compile(rf"<{_PERIOD_FIELD}>\s*{TOTAL_MARK}\s*</{_PERIOD_FIELD}>")
    totals = [item for item in items if marked.search(item)]
    rows = [item for item in items if not marked.search(item)]
    measured = [column for column in contract.columns if column.name in contract.measures]
    return len(rows), {column.name: sum(_amounts(totals or rows, column), Decimal(0)) for column in measured}


def _amounts(items: list[str], column: Column) -> Iterator[Decimal]:
    field = column.source_column
    opened = re.compile(rf"<{field}(?=[\s/>])")
    amount = re.compile(rf"<{field}>\s*({number_grammar(column.type)})\s*</{field}>")
    for item in items:
        found = amount.findall(item)
        if len(found) == 1 and len(opened.findall(item)) == 1:
            yield Decimal(found[0])


def _items(body: bytes) -> list[etree._Element]:
    items = child(success_root(body), "body", "items")
    if items is None:
        raise ReplyUnreadable("The reply says success but holds no list of items; ask again.")
    found = children(items)
    if any(item.tag != "item" for item in found):
        raise ReplyUnreadable("The reply's list holds something else than items; ask again.")
    return found


def _record(item: etree._Element) -> Record:
    record: dict[str, list[str | None]] = {}
    for field in children(item):
        record.setdefault(str(field.tag), []).append(text_of(field))
    return record


def _is_total(record: Record) -> bool:
    return list(record.get(_PERIOD_FIELD, ())) == [TOTAL_MARK]
