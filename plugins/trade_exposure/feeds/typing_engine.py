"""The typing engine: source texts in, typed Parquet and rejected rows out, in one pass of bounded memory.

Every feed goes through :func:`type_rows`. A generated statement (:mod:`trade_exposure.feeds.typing_sql`) runs in DuckDB on
one chunk of the tokeniser's stream after the other; private values are hashed before they reach it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Self

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.typing_incoming import Incoming
from trade_exposure.feeds.typing_problems import Check
from trade_exposure.feeds.typing_sinks import Sinks
from trade_exposure.feeds.typing_sql import INCOMING, PROBLEM_COLUMNS, ROW, Statement, build
from trade_exposure.sql import identifier, literal

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Check", "Typed", "add_exactly", "type_rows"]

_Parted = tuple["pa.Table", "pa.Table | None"]
"""Typed rows, and rejects if there are any."""

MEMORY_LIMIT = "512MB"
CHUNK_ROWS = 50_000
CHUNK_BYTES = 32 << 20
_MOST_WORKERS = 4
_USEFUL_OPTIMIZERS = ("expression_rewriter", "common_subexpressions", "unused_columns", "column_lifetime")
"""The statement has no joins and hardly a filter; the other optimizers only cost time, once per chunk."""


@dataclass(frozen=True)
class Typed:
    """What one pass leaves: the two files, the number of rows in both, and per measure the sum of all readable amounts."""

    rows: Path
    rejects: Path
    announced_rows: int
    totals: dict[str, Decimal]


def type_rows(
    contract: FeedContract,
    batches: pa.RecordBatchReader,
    out: Path,
    *,
    derived: Mapping[str, str] | None = None,
    checks: Sequence[Check] = (),
    first_source_row: int = 1,
) -> Typed:
    """Type a stream of rows by the contract's columns into ``out/rows.parquet`` and ``out/rejects.parquet``.

    ``batches`` have ``source_row`` (rising), a string column per source heading (null: absent) and perhaps
    ``problem_rule, problem_reason, problem_raw`` for rows that are broken already. ``derived`` gives columns without a
    source as DuckDB SQL over the typed columns; ``checks`` reject rows by conditions on typed columns. ``first_source_row``
    is the number in the load of the row that ``batches`` number 1.

    The same input gives the same bytes. Numbers and dates are never rounded or guessed: what does not fit is a reject.

    Raises:
        ConfigurationError: the contract's settings contradict each other, a code table or the salt is missing, or a derived
            column or check cannot be evaluated.
    """
    headings = [name for name in batches.schema.names if name != ROW and name not in PROBLEM_COLUMNS]
    statement = build(contract, headings, derived or {}, checks)
    incoming = Incoming(contract, headings, first_source_row)
    out.mkdir(parents=True, exist_ok=True)
    with _Typist(contract, statement) as typist, Sinks(contract, out) as sinks:
        for rows, rejects in _in_order(lambda chunk: typist.typed(incoming.prepared(chunk)), _chunks(batches)):
            sinks.write(rows, rejects)
    return Typed(sinks.rows, sinks.rejects, sinks.count, _totals(contract, sinks))


def add_exactly(*amounts: Decimal) -> Decimal:
    """The sum, never rounded: in twice the digits of DuckDB's widest decimal."""
    with localcontext(prec=76):
        return sum(amounts, Decimal(0))


def _chunks(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The stream in pieces large enough for the costs of a statement and small enough for memory; one at least."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + len(batch), size + batch.nbytes
        if rows >= CHUNK_ROWS or size >= CHUNK_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    yield pa.Table.from_batches(waiting, schema=batches.schema)


def _in_order(work: Callable[[pa.Table], _Parted], chunks: Iterator[pa.Table]) -> Iterator[_Parted]:
    """``work`` on several chunks at a time, the results in the order of the chunks.

    DuckDB is not given the stream itself: it would neither keep the order of the rows nor end cleanly when a tokeniser
    written in Python fails.
    """
    workers = min(_MOST_WORKERS, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers, thread_name_prefix="typing") as pool:
        running: deque[Future[_Parted]] = deque()
        try:
            for chunk in chunks:
                running.append(pool.submit(work, chunk))
                while len(running) >= workers + 1:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


class _Typist:
    """A DuckDB in which every thread runs the statement on one chunk at a time."""

    def __init__(self, contract: FeedContract, statement: Statement) -> None:
        import duckdb

        self._contract, self._statement = contract, statement
        self._columns = [ROW, *(column.name for column in contract.columns if column.name != ROW)]
        self._connection = duckdb.connect(
            config={"memory_limit": MEMORY_LIMIT, "threads": 1, "autoinstall_known_extensions": "false"}
        )
        optimizers = [str(row[0]) for row in self._connection.execute("from duckdb_optimizers()").fetchall()]
        useless = ",".join(name for name in optimizers if name not in _USEFUL_OPTIMIZERS)
        self._connection.execute(f"set disabled_optimizers = {literal(useless)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._connection.close()

    def typed(self, chunk: pa.Table) -> _Parted:
        """The good rows of a chunk in the contract's columns, and the rejects."""
        import pyarrow as pa
        import pyarrow.compute as pc

        values = self._run(self._statement.values, chunk)
        ready = self._statement.ready
        rows = pa.table({name: chunk[ready[name]] if name in ready else values[name] for name in self._columns})
        problems = values["problem"]
        if problems.null_count == len(chunk):
            return rows, None
        bad = pc.is_valid(problems)
        return rows.filter(pc.is_null(problems)), self._run(self._statement.explanation, chunk.filter(bad))

    def _run(self, query: str, chunk: pa.Table) -> pa.Table:
        import duckdb

        try:
            with self._connection.cursor() as cursor:
                cursor.register(INCOMING, chunk)
                return cursor.execute(query).to_arrow_reader(CHUNK_ROWS).read_all()
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            raise ConfigurationError(f"The rows of {self._contract.path} cannot be typed: {reason}.") from None


def _totals(contract: FeedContract, sinks: Sinks) -> dict[str, Decimal]:
    import duckdb

    if not contract.measures:
        return {}
    accepted = ", ".join(f"coalesce(sum({identifier(measure)}), 0)" for measure in contract.measures)
    types = {column.name: column.type for column in contract.columns}
    rejected = ", ".join(
        f"coalesce(sum(cast(amounts[{literal(measure)}] as {types[measure]})), 0)" for measure in contract.measures
    )
    with duckdb.connect(config={"threads": 1}) as connection:
        parts = [
            connection.execute(f"select {sums} from read_parquet({literal(path)})").fetchall()[0]
            for sums, path in ((accepted, sinks.rows), (rejected, sinks.rejects))
        ]
    return {
        measure: add_exactly(Decimal(first), Decimal(second))
        for measure, first, second in zip(contract.measures, *parts, strict=True)
    }
