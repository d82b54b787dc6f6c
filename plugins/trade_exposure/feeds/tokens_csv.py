"""CSV to batches of texts, one column per heading that the contract reads, with the rows that have too few or too many fields."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.text_encoding import BLOCK, Utf8Stream
from trade_exposure.feeds.tokens_survey import Survey
from trade_exposure.feeds.typing_sql import PROBLEM_COLUMNS, ROW

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_SHOWN = 2_000
_MOST_BROKEN_TOGETHER = 600_000
"""They wait in memory until the reader hands over the rows around them; a block of the file holds no more."""


def header_of(survey: Survey, delimiter: str) -> list[str]:
    """The headings, blanks cut."""
    text = survey.header.decode()
    csv.field_size_limit(BLOCK)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return next(([heading.strip() for heading in row] for row in rows if row), [])


@dataclass(frozen=True)
class CsvTokens:
    """One file to be read: ``names`` gives, by position of the column, the name of its batch column, None for unread ones.

    ``first_row`` is the number of its first row in the load. ``shows_texts`` allows raw texts of broken rows to be kept.
    """

    part: Part
    survey: Survey
    delimiter: str
    names: tuple[str | None, ...]
    first_row: int
    shows_texts: bool

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Batches of ``schema``: ``source_row``, the problem columns, then the texts.

        Raises:
            LayoutRefused: the file ends in the middle of a row.
        """
        import pyarrow as pa
        from pyarrow import csv as pa_csv

        if self.survey.records <= 1:
            return  # the reader takes a file without rows for a fault
        columns = [f"{position}" for position in range(len(self.names))]
        wanted = [name for name in schema.names if name != ROW and name not in PROBLEM_COLUMNS]
        rows = _Rows(self)
        with Utf8Stream(self.part, self.survey.encoding) as stream:
            stream.read(len(self.survey.header))
            try:
                reader = pa_csv.open_csv(
                    pa.PythonFile(stream, "r"),
                    read_options=pa_csv.ReadOptions(block_size=BLOCK, use_threads=False, column_names=columns),
                    parse_options=pa_csv.ParseOptions(
                        delimiter=self.delimiter, newlines_in_values=True, invalid_row_handler=rows.take_broken
                    ),
                    convert_options=pa_csv.ConvertOptions(
                        check_utf8=False,
                        column_types=dict.fromkeys(columns, pa.string()),
                        include_columns=[columns[self.names.index(name)] for name in wanted],
                        null_values=[],
                        strings_can_be_null=False,
                    ),
                )
                for batch in reader:
                    yield from rows.numbered(batch, schema)
            except pa.ArrowInvalid as error:
                reason = str(error).splitlines()[0].split(":")[0]
                raise rows.refusal or LayoutRefused(f"{self.part.name} cannot be read as CSV: {reason}.") from None
        yield from rows.rest(schema)


class _Rows:
    """Numbers the good rows around the broken ones, which the reader hands over apart from them."""

    def __init__(self, tokens: CsvTokens) -> None:
        self._tokens = tokens
        self._good = 0
        self._passed = 0  # broken rows that are in a batch already
        self._broken: list[tuple[int, int, str | None]] = []
        self.refusal: LayoutRefused | None = None  # the reader swallows what its handler raises

    def take_broken(self, row: Any) -> str:
        """Called by the reader for each row that has not as many fields as the header."""
        tokens = self._tokens
        last = tokens.survey.records - 1
        if row.number == last and row.actual_columns < row.expected_columns and not tokens.survey.ends_with_newline:
            self.refusal = LayoutRefused(
                f"{tokens.part.name} is half-written: it ends in the middle of row {row.number}, after "
                f"{row.actual_columns} of {row.expected_columns} fields; drop the whole file again."
            )
            return "error"
        if len(self._broken) == _MOST_BROKEN_TOGETHER:
            self.refusal = LayoutRefused(
                f"{tokens.part.name}: {_MOST_BROKEN_TOGETHER} rows before row {row.number} have not as many fields as the header; "
                "save the file with the contract's delimiter and drop it again."
            )
            return "error"
        self._broken.append((row.number, row.actual_columns, row.text[:_MOST_SHOWN] if tokens.shows_texts else None))
        return "skip"

    def numbered(self, batch: pa.RecordBatch, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of a batch of the reader, and the broken ones before and between them."""
        import numpy as np
        import pyarrow as pa

        places = np.arange(self._good, self._good + len(batch))
        before = np.array([number for number, _, _ in self._broken], np.int64) - 1
        before -= np.arange(self._passed, self._passed + len(self._broken))  # good rows before each broken one
        numbers = places + 1 + self._passed + np.searchsorted(before, places, "right")
        self._good += len(batch)
        shift = self._tokens.first_row - 1
        problems = pa.nulls(len(batch), pa.string())
        good = pa.RecordBatch.from_arrays(
            [pa.array(numbers + shift), problems, problems, problems, *batch.columns], schema=schema
        )
        ready = self._broken[: int(np.searchsorted(before, self._good, "right"))]
        if not ready:
            yield good
            return
        self._broken = self._broken[len(ready) :]
        self._passed += len(ready)
        whole = pa.concat_batches([good, self._as_batch(ready, schema)])
        yield whole.sort_by(ROW)

    def rest(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The broken rows after the last good one."""
        if self._broken:
            yield self._as_batch(self._broken, schema)

    def _as_batch(self, broken: list[tuple[int, int, str | None]], schema: pa.Schema) -> pa.RecordBatch:
        import pyarrow as pa

        shift, expected = self._tokens.first_row - 1, len(self._tokens.names)
        raws = [
            {"number_of_fields": str(fields)} | ({} if text is None else {"text": text}) for _, fields, text in broken
        ]
        columns: dict[str, pa.Array] = {
            ROW: pa.array([number + shift for number, _, _ in broken], pa.int64()),
            "problem_rule": pa.array(["wrong_number_of_fields"] * len(broken)),
            "problem_reason": pa.array(
                [
                    f"Row {number + shift}: it has {fields} fields where the header has {expected}."
                    for number, fields, _ in broken
                ]
            ),
            "problem_raw": pa.array([json.dumps(raw, ensure_ascii=False) for raw in raws]),
        }
        nothing = pa.nulls(len(broken), pa.string())
        return pa.RecordBatch.from_arrays([columns.get(name, nothing) for name in schema.names], schema=schema)
