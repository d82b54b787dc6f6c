"""Content hashes: one figure that tells whether a table holds the same rows, whatever their order.

Each row becomes one text in which every value is preceded by its length, its MD5 halves are summed as integers over the table, and the SHA-256 of column names, types,
row count and sums is the table's hash. Sums do not depend on row order and, unlike XOR, do not forget doubled rows.
"""

from __future__ import annotations

import hashlib

import duckdb

from trade_exposure.sql import identifier


def tables_of(connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...]) -> list[tuple[str, str]]:
    """(schema, table) of every base table in the schemas, sorted."""
    rows = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_schema in (select unnest(?)) and table_type = 'BASE TABLE' and table_catalog = current_database() "
        "order by all",
        [list(schemas)],
    ).fetchall()
    return [(str(schema), str(table)) for schema, table in rows]


def content_hash(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> tuple[int, str]:
    """Row count and content hash (hex, 64 digits) of a table."""
    columns = connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = ? and table_name = ? and table_catalog = current_database() order by ordinal_position",
        [schema, table],
    ).fetchall()
    row = " || ".join(_netstring(identifier(name)) for name, _ in columns)
    count, low, high = connection.execute(
        "select count(*), coalesce(sum(cast(md5_number_lower(text) as hugeint)), 0), "
        "coalesce(sum(cast(md5_number_upper(text) as hugeint)), 0) "
        f"from (select {row} as text from {identifier(schema)}.{identifier(table)})"
    ).fetchall()[0]
    told = f"{columns}|{count}|{low}|{high}"
    return int(count), hashlib.sha256(told.encode()).hexdigest()


def _netstring(column: str) -> str:
    text = f"cast({column} as varchar)"
    return f"coalesce(length({text}) || ':' || {text}, '-')"
