"""From a source's texts to typed rows, by the contract's columns. A row that cannot be typed becomes a reject.

Numbers are read by one strict grammar: ASCII digits, an optional minus, a point only where the column has decimals; no
sign of rounding, grouping or exponent is accepted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trade_exposure.feeds.contract import Column, FeedContract, decimal_shape
from trade_exposure.feeds.model import Reject

if TYPE_CHECKING:
    import pyarrow as pa

Record = Mapping[str, Sequence[str | None]]
"""One row of a source: field name to every value it has there; None for a value that is no text."""

_DATE_SHAPES = {
    "yyyy.MM": re.compile(r"([0-9]{4})\.([0-9]{2})"),
    "yyyyMMdd": re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
}
_SHOWN_CHARACTERS = 40


class UnreadableValue(Exception):
    """A value, or a whole row, breaks ``rule``; ``reason`` says how."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


def number_grammar(duckdb_type: str) -> str:
    """Regular expression of the numbers that fit the type exactly, shared by the parser and by its control."""
    precision, scale = decimal_shape(duckdb_type) or (18, 0)
    fraction = rf"(?:\.[0-9]{{1,{scale}}})?" if scale else ""
    return rf"-?[0-9]{{1,{precision - scale}}}{fraction}"


def typed_value(record: Record, column: Column) -> Any:
    """The column's value in a record: int, Decimal, date or str; None where the column may be empty and is.

    Raises:
        UnreadableValue: missing, given twice, or not of the column's type.
    """
    source = column.source_column or ""
    values = record.get(source, ())
    if len(values) > 1:
        raise UnreadableValue("repeated_field", f"{source} is given {len(values)} times")
    text = values[0].strip() if values and values[0] is not None else ""
    if text == "":
        if column.nullable:
            return None
        raise UnreadableValue("missing_value", f"{source} is missing or empty")
    if column.type == "VARCHAR":
        return _text(text, source, column.pattern)
    if column.type == "DATE":
        return _date(text, source, column.date_format or "")
    if not re.fullmatch(number_grammar(column.type), text):
        raise UnreadableValue("unreadable_number", f"{source} is {shown(text)}, which is no {column.type}")
    return Decimal(text) if decimal_shape(column.type) else int(text)


def _text(text: str, source: str, pattern: str | None) -> str:
    if text != printable(text):
        raise UnreadableValue("unreadable_text", f"{source} is {shown(text)}, which is no valid Unicode text")
    if pattern is not None and not re.fullmatch(pattern, text):
        raise UnreadableValue("malformed_code", f"{source} is {shown(text)}, which does not match {pattern}")
    return text


def _date(text: str, source: str, date_format: str) -> date:
    if match := _DATE_SHAPES[date_format].fullmatch(text):
        year, month, *day = (int(part) for part in match.groups())
        with suppress(ValueError):
            return date(year, month, *day) if day else date(year, month, 1)
    raise UnreadableValue("unreadable_date", f"{source} is {shown(text)}, which is no date of the form {date_format}")


def printable(text: str) -> str:
    """``text`` with what UTF-8 cannot hold (lone surrogates) written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(text: str) -> str:
    """A value as a message may show it: quoted and short."""
    return repr(printable(text[:_SHOWN_CHARACTERS]) + ("…" if len(text) > _SHOWN_CHARACTERS else ""))


def typed_rows(
    records: Iterable[tuple[int, Record]],
    contract: FeedContract,
    finish: Callable[[dict[str, Any], Record], None],
) -> tuple[pa.Table, tuple[Reject, ...]]:
    """Typed rows of numbered records, and the rejects.

    ``finish`` adds the columns that are worked out and raises :class:`UnreadableValue` for a row that does not belong.
    """
    import pyarrow as pa

    sourced = [column for column in contract.columns if column.source_column]
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for source_row, record in records:
        row: dict[str, Any] = {"source_row": source_row}
        try:
            for column in sourced:
                row[column.name] = typed_value(record, column)
            finish(row, record)
        except UnreadableValue as problem:
            rejects.append(_reject(source_row, record, problem, contract))
        else:
            rows.append(row)
    return pa.Table.from_pylist(rows, schema=contract.arrow_schema()), tuple(rejects)


def _reject(source_row: int, record: Record, problem: UnreadableValue, contract: FeedContract) -> Reject:
    amounts: dict[str, Decimal] = {}
    for column in contract.columns:
        if column.name in contract.measures:
            try:
                amounts[column.name] = typed_value(record, column)
            except UnreadableValue:
                continue
    fields = {name: values[0] if len(values) == 1 else list(values) for name, values in record.items()}
    return Reject(
        source_row=source_row,
        rule=problem.rule,
        reason=f"Row {source_row}: {problem.reason}.",
        raw=printable(json.dumps(fields, ensure_ascii=False)),
        amounts=amounts,
    )
