"""JSON Lines to batches of texts: each line one object of plain values, every number kept as the text that it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.text_encoding import Utf8Stream
from trade_exposure.feeds.tokens_survey import Survey
from trade_exposure.feeds.typing_sql import PROBLEM_COLUMNS, ROW

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 10_000
_MOST_SHOWN = 2_000


class _Object(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that a name given twice is seen."""


class _BrokenLine(Exception):
    """A line that cannot become a row; ``fields`` are what of it may be shown."""

    def __init__(self, rule: str, reason: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.rule, self.reason, self.fields = rule, reason, fields or {}


def _no_number(name: str) -> Any:
    raise _BrokenLine("unreadable_number", f"{name} is no number that JSON knows")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_float=str, parse_int=str, parse_constant=_no_number, strict=True
)


def first_object(part: Part, survey: Survey) -> list[str]:
    """The names in the first line's object.

    Raises:
        LayoutRefused: the first line is no JSON object.
    """
    for line in _lines(part, survey):
        try:
            return [name for name, _ in _object(line)]
        except _BrokenLine:
            raise LayoutRefused(
                f"{part.name} is no JSON Lines file: its first line is no JSON object; write one object per line."
            ) from None
    return []


@dataclass(frozen=True)
class JsonlTokens:
    """One file to be read: ``names`` gives, by the source's field, the name of its batch column, None for unread fields.

    ``shown`` are the batch columns of which a broken row may keep the texts.
    """

    part: Part
    survey: Survey
    names: Mapping[str, str | None]
    first_row: int
    shown: frozenset[str]
    shows_texts: bool

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Batches of ``schema``: ``source_row``, the problem columns, then the texts.

        Raises:
            LayoutRefused: a line has a field that the contract does not know, or the file ends in the middle of a line.
        """
        rows: list[tuple[str | None, ...]] = []
        texts = [name for name in schema.names if name != ROW and name not in PROBLEM_COLUMNS]
        started = self.first_row
        for number, line in enumerate(_lines(self.part, self.survey), start=1):
            rows.append(self._row(number, line, texts))
            if len(rows) == _BATCH_ROWS:
                yield _batch(rows, started, schema)
                started, rows = started + len(rows), []
        if rows:
            yield _batch(rows, started, schema)

    def _row(self, number: int, line: bytes, texts: list[str]) -> tuple[str | None, ...]:
        try:
            fields = self._fields(number, _object(line))
        except _BrokenLine as broken:
            if number == self.survey.records and not self.survey.ends_with_newline and broken.rule == "unreadable_json":
                raise LayoutRefused(
                    f"{self.part.name} is half-written: it ends in the middle of row {number}; drop the whole file again."
                ) from None
            raw: Mapping[str, str] = broken.fields or {"number_of_bytes": str(len(line))}
            if self.shows_texts and not broken.fields:
                raw = {"text": line.decode()[:_MOST_SHOWN]}
            told = json.dumps(raw, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
            reason = f"Row {number + self.first_row - 1}: {broken.reason}."
            return (broken.rule, reason, told, *[None] * len(texts))
        return (None, None, None, *map(fields.get, texts))

    def _fields(self, number: int, pairs: _Object) -> dict[str, str | None]:
        fields: dict[str, str | None] = {}
        problem: _BrokenLine | None = None
        for name, value in pairs:
            if name not in self.names:
                raise LayoutRefused(
                    f"{self.part.name}: row {number} has the field {name[:40]!r}, which the contract does not know; add it to the "
                    "contract or leave it out."
                )
            column = self.names[name]
            if column is None:
                continue
            if column in fields:
                problem = problem or _BrokenLine("repeated_field", f"{name} is given twice")
            elif isinstance(value, list):
                problem = problem or _BrokenLine(
                    "nested_value", f"{name} is a list or an object, where a plain value belongs"
                )
            else:
                text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else value
                if isinstance(text, str) and not _is_unicode(text):
                    problem = problem or _BrokenLine("unreadable_text", f"{name} is no valid Unicode text")
                fields[column] = text
        if problem is not None:
            shown = {name: text for name, text in fields.items() if name in self.shown and text is not None}
            raise _BrokenLine(problem.rule, problem.reason, shown)
        return fields


def _object(line: bytes) -> _Object:
    try:
        found = _DECODER.decode(line.decode())
    except RecursionError:
        raise _BrokenLine("unreadable_json", "it is nested too deeply") from None
    except ValueError:
        raise _BrokenLine("unreadable_json", "it is no JSON") from None
    if not isinstance(found, _Object):
        raise _BrokenLine("unreadable_json", "it is no JSON object")
    return found


def _is_unicode(text: str) -> bool:
    """Whether the text has no lone surrogates, which JSON's escapes can write and UTF-8 cannot hold."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _lines(part: Part, survey: Survey) -> Iterator[bytes]:
    """The lines that are not blank, in the order and by the definition of the count."""
    waiting = b""
    with Utf8Stream(part, survey.encoding) as stream:
        while block := stream.read():
            lines = (waiting + block).split(b"\n")
            waiting = lines.pop()
            yield from (line for line in lines if line.strip())
    if waiting.strip():
        yield waiting


def _batch(rows: list[tuple[str | None, ...]], first: int, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays([pa.array(range(first, first + len(rows)), pa.int64()), *columns], schema=schema)
