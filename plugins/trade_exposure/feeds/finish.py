"""The last step of every API parser: batches of texts through the typing engine, beside what the source announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from trade_exposure.feeds import periods
from trade_exposure.feeds.announced import Announced
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.model import ParsedFiles
from trade_exposure.feeds.text_batches import headings, schema
from trade_exposure.feeds.typing_engine import Check, type_rows
from trade_exposure.sql import identifier, literal

if TYPE_CHECKING:
    import pyarrow as pa


def finish(
    contract: FeedContract,
    batches: Iterable[pa.RecordBatch],
    announced: Announced,
    out: Path,
    *,
    derived: Mapping[str, str],
    checks: Sequence[Check],
    parts: list[tuple[int, str]] | None = None,
) -> ParsedFiles:
    """Type ``batches`` into the folder ``out``.

    ``announced`` and ``parts`` (first source row and name of each part) are read last: they may grow while the batches are
    drawn.

    Raises:
        ExposureError: what drawing the batches raised, unchanged.
        ReplyUnreadable: rows were read where none are announced.
    """
    import pyarrow as pa

    reader = pa.RecordBatchReader.from_batches(schema(headings(contract)), batches)
    typed = type_rows(contract, reader, out, derived=derived, checks=checks)
    return ParsedFiles(typed.rows, typed.rejects, announced.rows, announced.totals, tuple(parts or ()))


def outside_period(contract: FeedContract, column: str, period: date) -> Check:
    """Rows whose date lies outside the period that was asked for."""
    kind = contract.period_kind
    first, after = (f"date {literal(day.isoformat())}" for day in (period, periods.after(period, kind)))
    name = identifier(column)
    return Check(
        f"{name} < {first} or {name} >= {after}",
        "row_of_another_period",
        f"'it is of ' || {name} || {literal(f', not of {periods.label(period, kind)}')}",
    )
