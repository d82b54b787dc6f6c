"""Takes typed rows and rejects into two Parquet files, and holds the tokeniser to its numbering of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from trade_exposure.errors import ExposureError
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.typing_sql import ROW
from trade_exposure.parquet import ParquetSink

if TYPE_CHECKING:
    import pyarrow as pa


class Sinks:
    """Writes ``rows.parquet`` and ``rejects.parquet`` in ``folder``; ``count`` rows went into both together."""

    def __init__(self, contract: FeedContract, folder: Path) -> None:
        import pyarrow as pa

        self.rows, self.rejects = folder / "rows.parquet", folder / "rejects.parquet"
        self.count = 0
        self._last = {self.rows: 0, self.rejects: 0}
        typed = [field for field in contract.arrow_schema() if field.name != ROW]
        schema = pa.schema([pa.field(ROW, pa.int64(), nullable=False), *typed])
        self._sinks = {
            self.rows: ParquetSink(self.rows, schema, is_passing=True),
            self.rejects: ParquetSink(self.rejects, reject_schema(), is_passing=True),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for path, sink in self._sinks.items():
            sink.close()
            if failure[0] is not None:
                path.unlink(missing_ok=True)

    def write(self, rows: pa.Table, rejects: pa.Table | None) -> None:
        """The next typed rows and rejects, each with rising row numbers."""
        self._add(self.rows, rows)
        if rejects is not None:
            self._add(self.rejects, rejects)

    def _add(self, path: Path, table: pa.Table) -> None:
        import numpy as np

        numbers = table[ROW].to_numpy()
        if not len(numbers):
            return
        if numbers[0] <= self._last[path] or (np.diff(numbers) <= 0).any():
            raise ExposureError(
                f"After row {self._last[path]} the tokeniser numbered a row again; report it, it is our fault."
            )
        self._last[path] = int(numbers[-1])
        self._sinks[path].add(table)
        self.count += len(table)


def reject_schema() -> pa.Schema:
    """Columns of ``rejects.parquet``."""
    import pyarrow as pa

    amounts = pa.map_(pa.string(), pa.decimal128(38, 6))
    texts = [(name, pa.string()) for name in ("rule", "reason", "raw")]
    return pa.schema([(ROW, pa.int64()), *texts, ("amounts", amounts)])
