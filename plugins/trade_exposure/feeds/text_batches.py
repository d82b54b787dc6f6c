"""Rows of texts as Arrow batches, the form that every tokeniser hands to the typing engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

    from trade_exposure.feeds.contract import FeedContract

ROWS_PER_BATCH = 65_536
_SURROGATE = re.compile("[\ud800-\udfff]")
_PROBLEM = ("problem_rule", "problem_reason", "problem_raw")


class Problem(NamedTuple):
    """Why a row is refused before its values are looked at; ``reason`` follows "Row N: " and lacks the full stop."""

    rule: str
    reason: str


Record = Mapping[str, Sequence[str | None]]
"""One row of a source: field name to every value it has there; None for a value that is no text."""


def headings(contract: FeedContract) -> tuple[str, ...]:
    """Every source field that the contract reads, once, in the order of its columns."""
    return tuple(dict.fromkeys(source for column in contract.columns for source in column.sources))


def schema(fields: Sequence[str]) -> pa.Schema:
    """``source_row``, a text column for each field, and the three of a problem."""
    import pyarrow as pa

    return pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in (*fields, *_PROBLEM))])


def record_batches(
    rows: Iterable[tuple[int, Record]],
    fields: Sequence[str],
    problem_of: Callable[[Record], Problem | None] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Batches of numbered records.

    A field that is given more than once, or is no valid Unicode text, is a problem of its row and has no value;
    ``problem_of`` may find others.
    """
    import pyarrow as pa

    target = schema(fields)
    left = iter(rows)
    while chunk := list(islice(left, ROWS_PER_BATCH)):
        records = [record for _, record in chunk]
        problems = [
            _told(number, record, _broken_field(record, fields) or (problem_of(record) if problem_of else None))
            for number, record in chunk
        ]
        columns = [
            [number for number, _ in chunk],
            *([_only(record.get(name, ())) for record in records] for name in fields),
            *zip(*problems, strict=True),
        ]
        yield pa.record_batch(
            [pa.array(values, field.type) for values, field in zip(columns, target, strict=True)], schema=target
        )


def _told(number: int, record: Record, problem: Problem | None) -> tuple[str | None, ...]:
    if problem is None:
        return (None, None, None)
    fields = {name: values[0] if len(values) == 1 else list(values) for name, values in record.items()}
    raw = json.dumps(fields, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    return problem.rule, f"Row {number}: {problem.reason}.", raw


def _broken_field(record: Record, fields: Sequence[str]) -> Problem | None:
    for name in fields:
        values = record.get(name, ())
        if len(values) > 1:
            return Problem("repeated_field", f"{name} is given {len(values)} times")
        if any(text is not None and _SURROGATE.search(text) for text in values):
            return Problem("unreadable_text", f"{name} is no valid Unicode text")
    return None


def _only(values: Sequence[str | None]) -> str | None:
    text = values[0] if len(values) == 1 else None
    return None if text is None or _SURROGATE.search(text) else text
