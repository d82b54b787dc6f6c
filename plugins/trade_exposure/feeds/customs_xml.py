"""Items of a customs reply as a table of texts, and what the reply announces of them.

Every operation of the customs service answers with ``<items>`` of flat ``<item>`` elements; only the fields differ. Items
that all look alike are cut out of the bytes (:mod:`trade_exposure.feeds.flat_xml`), any others are read element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

from trade_exposure.errors import LoadStopped, ReplyUnreadable
from trade_exposure.feeds.announced import Announced, amount, measured
from trade_exposure.feeds.data_go_kr_replies import success_root
from trade_exposure.feeds.flat_xml import flat_columns, split_list
from trade_exposure.feeds.text_batches import Record, record_batches, schema
from trade_exposure.feeds.xml import child, children

if TYPE_CHECKING:
    import pyarrow as pa

TOTAL_MARK = "총계"
_OPENED = re.compile(rb"<item(?=[\s/>])")
_ITEM = re.compile(r"<item(?=[\s/>])[^>]*?(?:/>|>(.*?)</item\s*>)", re.DOTALL)


def read_items(
    body: bytes, fields: tuple[str, ...], period_field: str, *, name: str = "", first_source_row: int = 1
) -> tuple[pa.Table, int]:
    """The items of a reply and how many there are, total rows included.

    The table has ``source_row`` (the item's position, from ``first_source_row``), a text column for each of ``fields``, and
    the columns of a problem (see :mod:`trade_exposure.feeds.text_batches`). An item whose ``period_field`` says 총계 is the
    source's control total and no row. ``name`` tells replies of one load apart in messages.

    Raises:
        ReplyUnreadable: cut off or of no known shape, or more than one total row; other SourceError kinds: an error reply.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    reply = f"The reply {name}" if name else "The reply"
    batches = _flat_batches(body, fields, first_source_row)
    if batches is None:
        batches = list(record_batches(_records(_list_of_items(body, reply), first_source_row), fields))
    table = pa.Table.from_batches(batches, schema(fields))
    is_total = pc.is_in(pc.utf8_trim_whitespace(table[period_field]), pa.array([TOTAL_MARK]))
    totals = len(pc.indices_nonzero(is_total))
    if totals > 1:
        raise ReplyUnreadable(f"{reply} has {totals} rows marked {TOTAL_MARK} where one is possible; ask again.")
    return table.filter(pc.invert(is_total)) if totals else table, table.num_rows


def _list_of_items(body: bytes, reply: str) -> list[etree._Element]:
    items = child(success_root(body), "body", "items")
    if items is None:
        raise ReplyUnreadable(f"{reply} says success but holds no list of items; ask again.")
    found = children(items)
    if any(item.tag != "item" for item in found):
        raise ReplyUnreadable(f"{reply} holds something else than items in its list; ask again.")
    return found


def announce(body: bytes, announced: Announced, period_field: str) -> bool:
    """Add the rows and totals that a reply's bytes announce, found by text search; True where it has a total row.

    The totals are those of the 총계 row where the source sends one, else the sum of the readable amounts. Where the source
    rounds (its amounts are scaled to ours) the total row cannot equal the sum of its rows: it is held against the sum, and the
    sum is announced.

    Raises:
        LoadStopped: rounding cannot explain the difference between a total row and its rows.
    """
    mark = re.compile(rf"<{period_field}>\s*{TOTAL_MARK}\s*</{period_field}>".encode())
    totals = [_item_around(body, found.start()) for found in mark.finditer(body)]
    rows = _count_of_items(body) - len(totals)
    is_rounded = any(column.scale != 1 for column in measured(announced.contract))
    if not rows or (totals and not is_rounded):
        announced.add(rows, (_amount_texts(item, announced) for item in totals))
        return bool(totals)
    own = Announced(announced.contract)
    items = (match[1] or "" for match in _ITEM.finditer(body.decode("utf-8")))
    own.add(rows, (_amount_texts(item, own) for item in items if not mark.search(item.encode())))
    for total in totals:
        _hold_against_rounded(total, own)
    announced.merge(own)
    return bool(totals)


def _hold_against_rounded(total: str, summed: Announced) -> None:
    texts = _amount_texts(total, summed)
    for column in measured(summed.contract):
        told = amount(texts.get(column.source_column or "", ""), column)
        slack = column.scale * (summed.rows + 1) / 2
        if told is None or abs(told - summed.totals[column.name]) > slack:
            raise LoadStopped(
                f"The row marked {TOTAL_MARK} has {'no amount' if told is None else format(told, 'f')} of {column.name} but the"
                f" rows add up to {summed.totals[column.name]:f}, and rounding explains {slack:f} at most; ask again."
            )


def _count_of_items(body: bytes) -> int:
    plain, every = body.count(b"<item>"), body.count(b"<item")
    return plain if every == plain + body.count(b"<items>") else len(_OPENED.findall(body))


def _item_around(body: bytes, place: int) -> str:
    start = place
    while start >= 0:
        start = body.rfind(b"<item", 0, start)
        if _OPENED.match(body, start):
            break
    return body[start : body.find(b"</item", place)].decode("utf-8")


def _amount_texts(item: str, announced: Announced) -> dict[str, str]:
    texts = {}
    for column in measured(announced.contract):
        field = column.source_column or ""
        found = re.findall(rf"<{field}>([^<]*)</{field}>", item)
        if len(found) == 1 and len(re.findall(rf"<{field}(?=[\s/>])", item)) == 1:
            texts[field] = found[0]
    return texts


def _flat_batches(body: bytes, fields: tuple[str, ...], first_source_row: int) -> list[pa.RecordBatch] | None:
    """Batches of the items of a list that is flat and all alike, None of any other."""
    import numpy as np
    import pyarrow as pa

    parts = split_list(body)
    chunks = flat_columns(parts[1], fields) if parts else None
    if parts is None or chunks is None or child(success_root(parts[0]), "body", "items") is None:
        return None
    batches = []
    for columns in chunks:
        length = len(next(iter(columns.values()), ()))
        numbers = pa.array(np.arange(first_source_row, first_source_row + length))
        texts = [columns.get(field.name, pa.nulls(length, field.type)) for field in list(schema(fields))[1:]]
        batches.append(pa.record_batch([numbers, *texts], schema=schema(fields)))
        first_source_row += length
    return batches


def _records(items: list[etree._Element], first_source_row: int) -> Iterator[tuple[int, Record]]:
    for number, item in enumerate(items, start=first_source_row):
        record: dict[str, list[str | None]] = {}
        for field in children(item):
            record.setdefault(str(field.tag), []).append(None if len(field) else field.text or "")
        yield number, record
