"""Writes a stream of Arrow tables as one Parquet file whose bytes depend on the rows alone, not on how they came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP_ROWS = 100_000


class ParquetSink:
    """One Parquet file, compressed with zstd, in row groups of a fixed number of rows. Use it as a context.

    ``is_passing`` says that the file is read once and thrown away: dictionaries and statistics would cost more than they
    save. PyArrow writes a wide table in order with half of DuckDB's processor time and a fifth of its memory.
    """

    def __init__(self, path: Path, schema: pa.Schema, *, is_passing: bool = False) -> None:
        import pyarrow.parquet as pq

        self._schema = schema
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=not is_passing,
            write_statistics=not is_passing,
            store_decimal_as_integer=True,
            store_schema=False,
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def add(self, table: pa.Table) -> None:
        """The next rows, in columns of the schema's names; their types are cast to the schema's."""
        import pyarrow as pa

        columns = [table[field.name].cast(field.type) for field in self._schema]
        rest = pa.Table.from_arrays(columns, schema=self._schema)
        while self._rows + len(rest) >= ROW_GROUP_ROWS:
            missing = ROW_GROUP_ROWS - self._rows
            self._waiting.append(rest.slice(0, missing))
            self._flush()
            rest = rest.slice(missing)
        if len(rest):
            self._waiting.append(rest)
            self._rows += len(rest)

    def close(self) -> None:
        """Write what is left, and the end of the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting).combine_chunks(), row_group_size=ROW_GROUP_ROWS)
        self._waiting, self._rows = [], 0
