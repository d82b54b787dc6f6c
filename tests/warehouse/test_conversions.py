"""A won amount that is not its amount times the rate of its day does not pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from trade_exposure.warehouse import audit, conversions

CLAIMS = "core.fct_claim_event"
LIMIT = 10


@pytest.fixture
def warehouse(later_build: Any, tmp_path: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    """The built story, free to be spoilt."""
    copy = later_build.copy(tmp_path)
    with duckdb.connect(str(copy.path)) as connection:
        yield connection


def test_what_dbt_computed_is_what_is_computed_here(warehouse: duckdb.DuckDBPyConnection) -> None:
    converted = sum(
        warehouse.execute(f"select count({item.krw}) from {item.table}").fetchall()[0][0]
        for item in conversions.CONVERSIONS
    )
    assert converted > 100
    assert conversions.products(warehouse) == (len(conversions.CONVERSIONS), [])
    assert conversions.rates_in_force(warehouse, LIMIT) == (5, [])


def test_every_won_amount_in_a_fact_is_computed_again(warehouse: duckdb.DuckDBPyConnection) -> None:
    stated = {"premium_krw", "limit_amount_krw", "ceiling_amount_krw", "quoted_krw"}  # told in won by their source
    taken_over = {"volume_gross_krw", "volume_net_krw", "net_contract_amount_krw"}  # held to others by dbt's data tests
    columns = warehouse.execute(
        "select table_schema || '.' || table_name, column_name from information_schema.columns "
        "where table_schema in ('core', 'marts') and column_name like '%\\_krw' escape '\\'"
    ).fetchall()
    checked = {(item.table, item.krw) for item in conversions.CONVERSIONS}
    assert {column for column in columns if column[1] not in stated | taken_over} == checked


@pytest.mark.parametrize("item", conversions.CONVERSIONS, ids=lambda item: f"{item.table}.{item.krw}")
def test_one_won_too_much_is_found_in_every_column(
    warehouse: duckdb.DuckDBPyConnection, item: conversions.Conversion
) -> None:
    warehouse.execute(f"create or replace table {item.table} as from {item.table}")
    warehouse.execute(f"update {item.table} set {item.krw} = coalesce({item.krw}, 0) + 1")
    [failure] = conversions.products(warehouse)[1]
    assert failure.startswith(f"{item.krw} of ")
    assert f"rows of {item.table} is not {item.amount} x {item.rate}" in failure


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("amount = -0.5, amount_krw = 0, fx_rate = 1", "-0.50 at 1.00000000 is 0"),
        ("amount = 0.49, amount_krw = 1, fx_rate = 1", "0.49 at 1.00000000 is 1"),
        ("amount_krw = null", "-5.00 at 1449.90000000 is none"),
        ("amount = 1000000000000000000, amount_krw = 1", "1000000000000000000.00 at 1449.90000000 is 1"),
    ],
    ids=["half a won rounds away from zero", "less than half rounds down", "a won amount left out", "beyond the range"],
)
def test_a_rounding_of_another_kind_is_found(warehouse: duckdb.DuckDBPyConnection, damage: str, told: str) -> None:
    warehouse.execute(f"update {CLAIMS} set {damage} where event_id = 'k2'")
    [failure] = conversions.products(warehouse)[1]
    assert failure == f"amount_krw of 1 rows of {CLAIMS} is not amount x fx_rate: {told}"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("fx_rate = 1446.6, fx_rate_on = '2026-01-06'", "USD on 2026-01-09 has the rate of 2026-01-06"),
        ("fx_rate = 1449.91", "USD on 2026-01-09 has the rate of 2026-01-09"),
        ("fx_source = 'EXIMBANK'", "USD on 2026-01-09 has the rate of 2026-01-09"),
        ("fx_rate = null, fx_rate_on = null, fx_source = null", "USD on 2026-01-09 has the rate of no day"),
        ("event_on = '2026-06-09'", "USD on 2026-06-09 has the rate of 2026-01-09"),
        ("event_on = '2026-01-08'", "USD on 2026-01-08 has the rate of 2026-01-09"),
    ],
    ids=["an older rate", "another rate", "another source", "no rate", "a stale rate", "a later rate"],
)
def test_a_rate_that_is_not_in_force_on_its_day_is_found(
    warehouse: duckdb.DuckDBPyConnection, damage: str, told: str
) -> None:
    warehouse.execute(f"update {CLAIMS} set {damage} where event_id = 'k2'")
    [failure] = conversions.rates_in_force(warehouse, LIMIT)[1]
    assert failure == f"1 rates of {CLAIMS} are not those in force on their day: {told}"


def test_the_limit_is_that_of_the_dbt_project(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert audit.staleness_limit_days() == LIMIT
    assert conversions.rates_in_force(warehouse, LIMIT + 60)[1] != []
