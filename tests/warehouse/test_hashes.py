"""A table's content hash follows its rows and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from trade_exposure.sql import identifier
from trade_exposure.warehouse.hashes import content_hash, tables_of

ROWS = "values ('US', 9.50::decimal(20,2), null), ('VN', 4.00, ''), ('NA', 0.01, 'x')"


@pytest.fixture
def base() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def hashed(connection: duckdb.DuckDBPyConnection, rows: str, columns: str = "code, amount_usd, note") -> str:
    connection.execute(f"create or replace table t as select * from ({rows}) as r({columns})")
    return content_hash(connection, "main", "t")[1]


def test_the_same_rows_have_the_same_hash_in_any_order(base: duckdb.DuckDBPyConnection) -> None:
    turned = "values ('NA', 0.01::decimal(20,2), 'x'), ('US', 9.50, null), ('VN', 4.00, '')"
    assert hashed(base, ROWS) == hashed(base, turned)


def test_rows_are_counted(base: duckdb.DuckDBPyConnection) -> None:
    hashed(base, ROWS)
    count, digest = content_hash(base, "main", "t")
    assert count == 3
    assert len(digest) == 64


def test_a_large_table_has_the_same_hash_whatever_the_threads(base: duckdb.DuckDBPyConnection) -> None:
    base.execute("create table t as select range as a, (range * 7919) % 10007 as b from range(300000)")
    one = content_hash(base, "main", "t")
    base.execute("create or replace table t as select * from t order by b desc; set threads = 1")
    assert content_hash(base, "main", "t") == one


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ROWS + ", ('NA', 0.01, 'x')", id="a doubled row"),
        pytest.param(ROWS + ", ('NA', 0.01, 'x'), ('NA', 0.01, 'x')", id="a row three times"),
        pytest.param(ROWS.replace(", ('NA', 0.01, 'x')", ""), id="a missing row"),
        pytest.param(ROWS.replace("9.50", "9.51"), id="a changed cent"),
        pytest.param(ROWS.replace("4.00, ''", "4.00, null"), id="null instead of an empty text"),
        pytest.param(ROWS.replace("'x'", "'x '"), id="a blank at the end"),
        pytest.param(ROWS.replace("'US'", "'VN'").replace("('VN', 4", "('US', 4"), id="values swapped between rows"),
        pytest.param(ROWS.replace("decimal(20,2)", "decimal(22,2)"), id="another type of the same values"),
        pytest.param("select * from (values ('US', 9.5::decimal(20,2), '')) where false", id="no rows"),
    ],
)
def test_any_change_of_content_changes_the_hash(base: duckdb.DuckDBPyConnection, rows: str) -> None:
    assert hashed(base, ROWS) != hashed(base, rows)


def test_swapped_and_renamed_columns_change_the_hash(base: duckdb.DuckDBPyConnection) -> None:
    rows = "values ('a', 'b')"
    hashes = {
        hashed(base, rows, "x, y"),
        hashed(base, rows, "y, x"),
        hashed(base, "values ('b', 'a')", "x, y"),
        hashed(base, rows, "x, z"),
    }
    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("values ('a' || chr(31) || 'b', 'c')", "values ('a', 'b' || chr(31) || 'c')"),
        ("values ('ab', 'c')", "values ('a', 'bc')"),
        ("values ('1:a', '')", "values ('', '1:a')"),
        ("values (chr(0), 'c')", "values (null, 'c')"),
        ("values ('-', 'c')", "values (null, 'c')"),
        ("values ('가', '나')", "values ('가나', '')"),
    ],
)
def test_values_cannot_run_into_each_other(base: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    assert hashed(base, one, "x, y") != hashed(base, other, "x, y")


def test_names_that_need_quotes_are_quoted(base: duckdb.DuckDBPyConnection) -> None:
    base.execute(
        f"create schema {identifier('s p')}; create table {identifier('s p')}.{identifier(chr(34))} as select 1 as {identifier('a b')}"
    )
    assert content_hash(base, "s p", '"')[0] == 1


def test_tables_are_listed_by_schema_without_views_and_other_databases(base: duckdb.DuckDBPyConnection) -> None:
    base.execute("create schema core; create schema marts; create schema lake; attach ':memory:' as other")
    base.execute("create table core.b (x int); create table core.a (x int); create table marts.m (x int)")
    base.execute("create view core.v as select 1; create table lake.l (x int); create schema other.core")
    base.execute("create table other.core.elsewhere (x int)")
    assert tables_of(base, ("core", "marts")) == [("core", "a"), ("core", "b"), ("marts", "m")]
    assert tables_of(base, ("nothing",)) == []
