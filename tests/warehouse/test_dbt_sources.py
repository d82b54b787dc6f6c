"""What dbt believes of the lake is what the contracts promise, column for column and both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from support.candidate_lake import MEASURES, PROJECT, source_tables

from trade_exposure.feeds.registry import contracts
from trade_exposure.warehouse import inputs

COMMON = {
    "load_id": "varchar", "feed_id": "varchar", "source_file": "varchar", "source_sha256": "varchar",
    "is_synthetic": "boolean",
}  # fmt: skip
LEDGER = {
    "feed": inputs.FEED,
    "load": inputs.LOAD,
    "load_control_total": inputs.CONTROL_TOTAL,
    "load_rule": inputs.RULE,
}
SPELLINGS = {"timestamp with time zone": "timestamptz"}


def promised() -> dict[str, dict[str, str]]:
    """DuckDB type by column of every table that a contract fills."""
    return {
        contract.table: {
            **{column.name: SPELLINGS.get(column.type.lower(), column.type.lower()) for column in contract.columns},
            **COMMON,
        }
        for contract in contracts().values()
    }


def believed() -> dict[str, dict[str, str]]:
    """The same as the dbt sources have it."""
    return {name: columns for name, columns in source_tables().items() if name not in LEDGER}


def drift(left: dict[str, dict[str, str]], right: dict[str, dict[str, str]]) -> list[str]:
    """Every table, column or type that only one side has."""
    flat = [
        {(table, *column) for table, columns in side.items() for column in columns.items()} for side in (left, right)
    ]
    missing = [f"table {name}" for name in left.keys() ^ right.keys()]
    return sorted(missing + [" ".join(row) for row in flat[0] ^ flat[1]])


def freshness() -> dict[str, int]:
    """Days after which dbt calls a source stale."""
    files = sorted((PROJECT / "models" / "staging").glob("_lake__*sources.yml"))
    tables = [table for file in files for table in yaml.safe_load(file.read_text("utf-8"))["sources"][0]["tables"]]
    limits = {table["name"]: table["config"].get("freshness") for table in tables}
    assert {limit["error_after"]["period"] for limit in limits.values() if limit} == {"day"}
    return {name: limit["error_after"]["count"] for name, limit in limits.items() if limit}


def test_the_sources_are_the_contracts() -> None:
    assert len(promised()) >= 12
    assert drift(promised(), believed()) == []


def test_the_sources_go_stale_when_the_contracts_say_so() -> None:
    limits = {contract.table: contract.freshness_limit_days for contract in contracts().values()}
    assert limits == freshness()


def test_the_measures_are_those_of_the_contracts() -> None:
    assert {contract.table: contract.measures for contract in contracts().values()} == MEASURES


def test_the_ledger_s_tables_are_the_ledger() -> None:
    tables = source_tables()
    assert {name: sorted(tables[name]) for name in LEDGER} == {
        name: sorted(schema.names) for name, schema in LEDGER.items()
    }


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"rate_on": None}, ["fx_daily_rate rate_on date"]),
        ({"spread_krw": "bigint"}, ["fx_daily_rate spread_krw bigint"]),
        ({"rate_on": None, "quoted_on": "date"}, ["fx_daily_rate quoted_on date", "fx_daily_rate rate_on date"]),
        ({"rate_on": "varchar"}, ["fx_daily_rate rate_on date", "fx_daily_rate rate_on varchar"]),
    ],
    ids=["a column less", "a column more", "a renamed column", "another type"],
)
def test_a_drift_is_found_on_either_side(change: dict[str, str | None], found: list[str]) -> None:
    drifted = believed()
    changed = {name: kind for name, kind in {**drifted["fx_daily_rate"], **change}.items() if kind is not None}
    drifted["fx_daily_rate"] = changed
    assert drift(promised(), drifted) == found
    assert drift(drifted, promised()) == found


def test_a_table_that_one_side_lacks_is_found() -> None:
    less = {name: columns for name, columns in believed().items() if name != "fx_daily_rate"}
    assert "table fx_daily_rate" in drift(promised(), less)


def test_freshness_is_measured_on_the_newest_data(later_build: Any, tmp_path: Path) -> None:
    warehouse = later_build.copy(tmp_path)
    with duckdb.connect(str(warehouse.path)) as con:
        # One source is brought up to the moment; the story's others are years old by the clock that dbt uses.
        con.execute("update core.fct_fx_rate set rate_on = current_date where is_latest_vintage")
    warehouse.dbt("source", "freshness")
    told = json.loads((warehouse.bench / "target" / "sources.json").read_text("utf-8"))["results"]
    status = {
        result["unique_id"].split(".")[-1]: (result["status"], result.get("max_loaded_at", "")[:10]) for result in told
    }
    assert status.pop("fx_daily_rate")[0] == "pass"
    assert status == {
        "center_contract_event": ("error", "2026-01-09"),
        "customs_country_trade": ("error", "2026-03-01"),
        "customs_item_country_trade": ("error", "2026-03-01"),
        "customs_region_trade": ("error", "2026-03-01"),
        "fx_eximbank_rate": ("error", "2026-01-08"),
        "insurance_claim_event": ("error", "2026-03-01"),
        "insurance_contract_ceiling": ("error", "2026-03-10"),
        "insurance_country_limit": ("error", "2026-03-10"),
        "insurance_exposure_month_end": ("error", "2026-03-01"),
        "insurance_underwriting_event": ("error", "2026-03-01"),
        "ksure_country_grade": ("error", "2026-02-20"),
    }
