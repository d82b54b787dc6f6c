"""Each data test and unit test of the project fails where it should: on garbage, and on a model with one mistake."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest

# One plausible mistake per model: what stands there, and what a tired hand would write.
MISTAKES = {
    "staging/stg_customs__country_trade.sql": ("cast(imports_usd as", "cast(exports_usd as"),
    "staging/stg_fx__daily_rate.sql": ("'month', 'rate_on'", "'week', 'rate_on'"),
    "staging/stg_lake__load_control_total.sql": (" - quarantined_total as", " + quarantined_total as"),
    "intermediate/int_load__vintage.sql": ("feed_id, period_start, slice\n", "feed_id, period_start\n"),
    "intermediate/int_trade_month__latest_by_country.sql": ("where is_latest_vintage", "where true"),
    "intermediate/int_fx_rate__month_mean.sql": (
        "{{ decimal_mean('krw_per_unit') }}",
        "cast(avg(krw_per_unit) - 0.000000005 as decimal(18, 8))",
    ),
    "intermediate/int_market_membership__as_of_month.sql": (
        "valid_from > months.trade_month",
        "valid_from >= months.trade_month",
    ),
    "intermediate/int_load_control_total__by_load.sql": ("coalesce(difference = 0, false)", "difference = 0"),
    "intermediate/int_load_rule__by_load.sql": ("where quarantined_rows > 0", ""),
    "core/dim_country.sql": ("'X-' || customs_code", "customs_code"),
    "core/fct_trade_month.sql": ("left join countries", "inner join countries"),
    "core/fct_fx_rate.sql": ("inner join vintages", "left join vintages"),
    "marts/mart_market_exports.sql": (
        "coalesce(rates.krw_status, 'NO_RATE')",
        "coalesce(rates.krw_status, 'CONVERTED')",
    ),
    "marts/mart_data_quality.sql": (
        "loads.known_at <= loads.due_at then 'ON_TIME'",
        "loads.known_at < loads.due_at then 'ON_TIME'",
    ),
}

# Garbage for every data test; constraints are dropped first.
GARBAGE = """
    insert into seed.country (iso2, iso3) values ('ZZ', null), ('AF', 'AFG');
    insert into seed.customs_special_code (customs_code) values (null), ('ZZ');

    insert into lake.load (load_id, feed_id, outcome, arrival, vintage_number, period_start, slice) values
        (null, null, null, null, 0, null, null),
        ('garbage', 'unregistered', 'lost', 'pigeon', 0, '2026-01-01', 'all'),
        ('zero', 'fx_daily_rate', 'accepted', 'api', 0, '2026-01-01', 'GBP');
    insert into lake.load from lake.load where load_id = 'trade-2026-01-revised';
    insert into lake.feed (feed_id, primary_measure) values (null, null), ('fx_daily_rate', 'quoted_krw');
    insert into lake.load_control_total values (null, null, null, null, null), ('ghost', 'rows', 1, 1, 0), ('ghost', 'rows', 1, 1, 0);
    insert into lake.load_rule values ('ghost', 'rule', 'critical', 'validity', 1, 1), ('ghost', 'rule', 'critical', 'validity', 1, 1);
    insert into lake.customs_country_trade (load_id, customs_code) values (null, null), ('ghost', 'US'), ('ghost', 'US');
    insert into lake.fx_daily_rate (load_id, rate_on) values (null, null), ('ghost', '2026-01-05'), ('ghost', '2026-01-05');

    delete from core.dim_country where country_kind = 'SPECIAL_CODE' or country_key in ('VNM', 'TUV');
    update core.dim_country set partner_region = null where country_key = 'LBR';
    insert into core.dim_country (country_key, country_kind, customs_code, m49) values
        (null, 'PLANET', 'US', null), ('NAM', 'COUNTRY', 'WA', '4');
    delete from core.dim_market_definition where definition_id like 'WB%';
    update core.dim_market_definition set is_headline = true;
    insert into core.dim_market_definition (definition_id, status) values (null, 'rumour'), ('G77_CHN', 'proxy');
    insert into core.bridge_market_membership from core.bridge_market_membership where country_key = 'VNM';
    insert into core.bridge_market_membership values ('G77_CHN', 'USA', null, null, true, date '2000-01-01', null);

    insert into core.fct_trade_month from core.fct_trade_month where load_id = 'trade-2026-02-late';
    update core.fct_trade_month set vintage_number = 0, exports_usd = exports_usd + 1, is_latest_vintage = true;
    insert into core.fct_fx_rate from core.fct_fx_rate where currency = 'JPY';
    update core.fct_fx_rate set vintage_number = 0, krw_per_unit = 0, is_latest_vintage = true where currency = 'JPY';
    insert into core.fct_fx_rate (load_id, currency, rate_month, is_latest_vintage) values ('ghost', 'USD', '2030-01-01', true);

    insert into marts.mart_market_exports by name (
        select * replace ('NOBODY' as membership_status, 'HEARSAY' as membership_basis, 'GUESSED' as krw_status, 'GUESS' as rate_basis,
            2 as share_of_world_exports, -1 as share_of_definition_exports, null as exports_krw, 'NOWHERE' as country_key)
        from marts.mart_market_exports
    );
    insert into marts.mart_market_exports from marts.mart_market_exports where definition_id = 'G77_CHN';
    update marts.mart_data_quality set is_conserved = false, timeliness = 'SOMETIME', outcome = 'not_published';
    insert into marts.mart_data_quality from marts.mart_data_quality;
"""
# It needs an empty table, on which no other test of that mart could fail.
NEEDS_AN_EMPTY_TABLE = {"row_count_at_least_mart_data_quality_1"}


@pytest.fixture(scope="module")
def outcomes(later_build: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Status by test of one run of every test, on garbage and with a mistake in every model."""
    project = tmp_path_factory.mktemp("mistaken") / "dbt_project"
    shutil.copytree(later_build.project, project, ignore=shutil.ignore_patterns("target", "logs"))
    for path, (right, wrong) in MISTAKES.items():
        model = project / "models" / path
        sql = model.read_text(encoding="utf-8")
        assert sql.count(right) >= 1, f"{path} no longer says: {right}"
        model.write_text(sql.replace(right, wrong, 1), encoding="utf-8")
    warehouse = replace(later_build.copy(tmp_path_factory.mktemp("garbage")), project=project)
    for schema, table in warehouse.query(
        "select schema_name, table_name from duckdb_tables() where schema_name in ('seed', 'core', 'marts')"
    ):
        warehouse.query(f"create or replace table {schema}.{table} as from {schema}.{table}")
    warehouse.query(GARBAGE)
    tested = warehouse.dbt("test")
    assert "Done." in tested.stdout, tested.stdout
    return {result["unique_id"]: result["status"] for result in warehouse.artefact("run_results")["results"]}


def test_every_data_test_fails_on_garbage(outcomes: dict[str, str]) -> None:
    data_tests = {name.split(".")[2]: status for name, status in outcomes.items() if name.startswith("test.")}
    assert len(data_tests) > 80
    assert {name for name, status in data_tests.items() if status != "fail"} == NEEDS_AN_EMPTY_TABLE


def test_every_unit_test_fails_when_its_model_is_mistaken(outcomes: dict[str, str]) -> None:
    unit_tests = {name.split(".")[2]: status for name, status in outcomes.items() if name.startswith("unit_test.")}
    assert sorted(unit_tests) == sorted(path.split("/")[1].removesuffix(".sql") for path in MISTAKES)
    assert {name for name, status in unit_tests.items() if status != "fail"} == set()
