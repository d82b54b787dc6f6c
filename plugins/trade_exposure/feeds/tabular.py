"""Dropped CSV and JSON Lines files of any layout that a contract describes, to typed rows.

A column without source headings is worked out by its ``transformLogic``, SQL over the other columns (``'EUR'``, ``null``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.file_layout import Layout, csv_layout, jsonl_layout
from trade_exposure.feeds.model import ParsedFiles, Part
from trade_exposure.feeds.sidecar import announced_rows, announced_totals
from trade_exposure.feeds.tokens_csv import CsvTokens, header_of
from trade_exposure.feeds.tokens_jsonl import JsonlTokens, first_object
from trade_exposure.feeds.tokens_survey import CsvCounter, LineCounter, Survey, survey
from trade_exposure.feeds.typing_engine import Check, type_rows
from trade_exposure.feeds.typing_sql import PROBLEM_COLUMNS, ROW
from trade_exposure.sql import identifier, literal

if TYPE_CHECKING:
    import pyarrow as pa

EVERY_SLICE = "all"
_CSV, _JSONL = (".csv",), (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Tokens:
    """The files of a load as one stream of rows of texts; ``counts`` are the rows of each file, counted from its bytes."""

    schema: pa.Schema
    files: tuple[CsvTokens | JsonlTokens, ...]
    counts: tuple[int, ...]

    def batches(self) -> pa.RecordBatchReader:
        """The rows, as the typing engine takes them."""
        import pyarrow as pa

        stream = (batch for file in self.files for batch in file.batches(self.schema))
        return pa.RecordBatchReader.from_batches(self.schema, stream)


def parse(contract: FeedContract, parts: Sequence[Part], _period: date, slice_: str, out: Path) -> ParsedFiles:
    """Typed rows and rejects of one load of dropped files, one file after the other.

    Rows are announced by the sidecar where a file has one, else counted from the bytes; totals by the sidecars if every file
    has one that tells them, else they are the sums of all readable amounts.

    Raises:
        LayoutRefused: a file is not laid out as the contract says; one sentence names it, and the row where there is one.
        ConfigurationError: the contract cannot be used.
    """
    tokens = tokenise(contract, parts)
    derived = {column.name: column.derivation or "null" for column in contract.columns if not column.sources}
    derived.pop(ROW, None)
    typed = type_rows(contract, tokens.batches(), out, derived=derived, checks=_slice_checks(contract, slice_))
    return ParsedFiles(
        rows=typed.rows,
        rejects=typed.rejects,
        announced_rows=announced_rows(parts, tokens.counts),
        announced_totals=announced_totals(contract, parts, typed.totals),
        part_of_row=tuple((file.first_row, file.part.name) for file in tokens.files),
    )


def tokenise(contract: FeedContract, parts: Sequence[Part]) -> Tokens:
    """Look at every file once: its encoding, layout and number of rows. The rows themselves are read later, as a stream.

    Raises:
        LayoutRefused: as for :func:`parse`.
    """
    import pyarrow as pa

    layouts: list[Layout] = []
    files: list[CsvTokens | JsonlTokens] = []
    counts: list[int] = []
    for part in parts:
        found = _survey(contract, part)
        rows = max(0, found.records - (not _is_jsonl(part)))
        _refuse_without_rows(part, found, rows)
        layouts.append(_layout(contract, part, found))
        files.append(_tokens(contract, part, found, layouts, first_row=1 + sum(counts)))
        counts.append(rows)
    texts = [(name, pa.string()) for name in (*PROBLEM_COLUMNS, *layouts[0].names)]
    return Tokens(pa.schema([(ROW, pa.int64()), *texts]), tuple(files), tuple(counts))


def _is_jsonl(part: Part) -> bool:
    return PurePath(part.name).suffix.lower() in _JSONL


def _survey(contract: FeedContract, part: Part) -> Survey:
    if _is_jsonl(part):
        return survey(part, contract.encodings, LineCounter)
    if PurePath(part.name).suffix.lower() not in _CSV:
        raise LayoutRefused(
            f"{part.name} is neither a .csv nor a .jsonl file; save it as one of them and drop it again."
        )
    return survey(part, contract.encodings, partial(CsvCounter, delimiter=contract.delimiter))


def _refuse_without_rows(part: Part, found: Survey, rows: int) -> None:
    if part.control is not None and part.control.get("rows") == 0 and rows == 0:
        return  # its own sidecar says that nothing happened
    if not found.records:
        raise LayoutRefused(
            f"{part.name} is empty; drop the whole file again, or a sidecar that announces 0 rows with it."
        )
    if not rows:
        raise LayoutRefused(
            f"{part.name} has a header and no rows; drop the whole file again, or a sidecar that announces 0 rows with it."
        )


def _layout(contract: FeedContract, part: Part, found: Survey) -> Layout:
    if _is_jsonl(part):
        return jsonl_layout(contract, first_object(part, found))
    return csv_layout(contract, part, header_of(found, contract.delimiter))


def _tokens(
    contract: FeedContract, part: Part, found: Survey, layouts: list[Layout], *, first_row: int
) -> CsvTokens | JsonlTokens:
    names = layouts[-1].renamed(layouts[0])
    hashed = {name for column, name in layouts[0].columns.items() if column in _hashed(contract)}
    shows_texts = not (contract.is_private or contract.never_read or hashed)
    if _is_jsonl(part):
        shown = frozenset(layouts[0].names) - hashed
        return JsonlTokens(part, found, names, first_row, shown, shows_texts)
    headings = header_of(found, contract.delimiter)
    return CsvTokens(
        part, found, contract.delimiter, tuple(names[heading] for heading in headings), first_row, shows_texts
    )


def _hashed(contract: FeedContract) -> set[str]:
    return {column.name for column in contract.columns if column.is_hashed}


def _slice_checks(contract: FeedContract, slice_: str) -> list[Check]:
    if slice_ == EVERY_SLICE:
        return []
    return [
        Check(
            f"{identifier(column.name)} <> {literal(slice_)}",
            "row_of_another_slice",
            f"{literal(f'{column.sources[0]} is ')} || {identifier(column.name)} || {literal(f', but the file is of {slice_}')}",
        )
        for column in contract.columns
        if column.lookup == "center"
    ]
