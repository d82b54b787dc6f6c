"""Parts a stream of typed rows into two Parquet files, the typed rows and the rejects, with the same bytes for the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from trade_exposure.errors import ExposureError
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.typing_sql import ROW

if TYPE_CHECKING:
    import pyarrow as pa


class Sinks:
    """Writes ``rows.parquet`` and ``rejects.parquet`` in ``folder``; ``count`` rows went into both together."""

    row_group_rows = 100_000

    def __init__(self, contract: FeedContract, folder: Path) -> None:
        import pyarrow as pa

        self.rows, self.rejects = folder / "rows.parquet", folder / "rejects.parquet"
        self.count = 0
        typed = [field for field in contract.arrow_schema() if field.name != ROW]
        self._typed = _Sink(self.rows, pa.schema([pa.field(ROW, pa.int64(), nullable=False), *typed]))
        self._rejected = _Sink(self.rejects, reject_schema())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for sink in (self._typed, self._rejected):
            sink.close()
        if failure[0] is not None:
            for path in (self.rows, self.rejects):
                path.unlink(missing_ok=True)

    def write(self, rows: pa.Table, rejects: pa.Table | None) -> None:
        """The next typed rows and rejects, each with rising row numbers."""
        self._typed.add(rows)
        self.count += len(rows)
        if rejects is not None:
            self._rejected.add(rejects)
            self.count += len(rejects)


def reject_schema() -> pa.Schema:
    """Columns of ``rejects.parquet``."""
    import pyarrow as pa

    amounts = pa.map_(pa.string(), pa.decimal128(38, 6))
    texts = [(name, pa.string()) for name in ("rule", "reason", "raw")]
    return pa.schema([(ROW, pa.int64()), *texts, ("amounts", amounts)])


class _Sink:
    """One Parquet file. Its row groups have a fixed number of rows, however the batches came.

    These files are read once, by the judge: no dictionaries or statistics, which would cost more than they save.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self._schema = schema
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, use_dictionary=False, write_statistics=False
        )
        self._waiting: list[pa.Table] = []
        self._rows = self._last = 0

    def add(self, table: pa.Table) -> None:
        import numpy as np
        import pyarrow as pa

        numbers = table[ROW].to_numpy()
        if len(numbers) and (numbers[0] <= self._last or (np.diff(numbers) <= 0).any()):
            raise ExposureError(
                f"After row {self._last} the tokeniser numbered a row again; report it, it is our fault."
            )
        self._last = int(numbers[-1]) if len(numbers) else self._last
        columns = [column.cast(field.type) for column, field in zip(table.columns, self._schema, strict=True)]
        batch = pa.Table.from_arrays(columns, schema=self._schema)
        while self._rows + len(batch) >= Sinks.row_group_rows:
            missing = Sinks.row_group_rows - self._rows
            self._waiting.append(batch.slice(0, missing))
            self._flush()
            batch = batch.slice(missing)
        if len(batch):
            self._waiting.append(batch)
            self._rows += len(batch)

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            whole = pa.concat_tables(self._waiting).combine_chunks()
            self._writer.write_table(whole, row_group_size=Sinks.row_group_rows)
        self._waiting, self._rows = [], 0
