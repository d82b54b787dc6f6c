"""Each data test and unit test of the project fails where it should: on garbage, and on a model with one mistake."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest

# Plausible mistakes, at least one for each model with a unit test: what stands there, and what a tired hand would write.
MISTAKES = (
    ("staging/stg_customs__country_trade.sql", "cast(imports_usd as", "cast(exports_usd as"),
    ("staging/stg_customs__region_trade.sql", "extract(year from", "extract(month from"),
    ("staging/stg_fx__daily_rate.sql", "'month', 'rate_on'", "'week', 'rate_on'"),
    ("staging/stg_lake__load_control_total.sql", " - quarantined_total as", " + quarantined_total as"),
    ("staging/stg_center__contract_event.sql", "{{ korean_date('event_at') }}", "cast(event_at as date)"),
    (
        "staging/stg_insurance__exposure_month_end.sql",
        "cast({{ dbt.last_day('month_end_month', 'month') }} as date)",
        "month_end_month",
    ),
    (
        "staging/stg_insurance__underwriting_event.sql",
        "is_cancelled as is_withdrawn",
        "event_type = 'CANCELLATION' as is_withdrawn",
    ),
    ("intermediate/int_load__vintage.sql", "period_start, period_end, slice\n", "period_start, slice\n"),
    ("intermediate/int_trade_month__latest_by_country.sql", "where is_latest_vintage", "where true"),
    (
        "intermediate/int_fx_rate__month_mean.sql",
        "{{ decimal_mean('krw_per_unit') }}",
        "cast(avg(krw_per_unit) - 0.000000005 as decimal(18, 8))",
    ),
    ("intermediate/int_fx_rate__month_mean.sql", "where place = 1", "where true"),
    ("intermediate/int_fx_rate__business_day.sql", "2 as preference", "0 as preference"),
    ("intermediate/int_fx_rate__as_of_day.sql", "as_of_on < next_rate_on", "as_of_on <= next_rate_on"),
    ("intermediate/int_fx_rate__first_day.sql", "min(rate_on)", "max(rate_on)"),
    (
        "intermediate/int_market_membership__as_of_month.sql",
        "valid_from > months.trade_month",
        "valid_from >= months.trade_month",
    ),
    ("intermediate/int_load_control_total__by_load.sql", "coalesce(difference = 0, false)", "difference = 0"),
    ("intermediate/int_load_rule__by_load.sql", "where quarantined_rows > 0", ""),
    (
        "intermediate/int_attribution_rule__by_product.sql",
        "'LIMIT' then country_role",
        "'TARGET' then country_role",
    ),
    ("intermediate/int_country__by_foreign_code.sql", "inner join countries", "left join countries"),
    ("intermediate/int_country__by_name_ko.sql", "having min(country_key) = max(country_key)", ""),
    (
        "intermediate/int_center_event__contract_terms.sql",
        "case when contract_amount is null then 1 else 0 end asc nulls last,",
        "",
    ),
    ("intermediate/int_center_event__contract_milestones.sql", "is_current\n        and contract_no", "contract_no"),
    ("intermediate/int_underwriting_event__effect.sql", "where links.event_id is null", "where true"),
    (
        "intermediate/int_underwriting_event__in_force.sql",
        "coalesce(effects.insured_amount, events.insured_amount)",
        "coalesce(events.insured_amount, effects.insured_amount)",
    ),
    ("core/dim_country.sql", "'X-' || customs_code", "customs_code"),
    ("core/fct_trade_month.sql", "left join countries", "inner join countries"),
    ("core/fct_trade_item_month.sql", "left join countries", "inner join countries"),
    ("core/fct_region_trade.sql", "inner join vintages", "left join vintages"),
    ("core/fct_fx_rate.sql", "inner join vintages", "left join vintages"),
    ("core/fct_fx_rate_eximbank.sql", "inner join vintages", "left join vintages"),
    (
        "core/fct_country_grade_snapshot.sql",
        "coalesce(codes.country_key, names.country_key,",
        "coalesce(names.country_key, codes.country_key,",
    ),
    ("core/fct_country_grade.sql", "{{ dbt.dateadd('day', -1, 'next_evaluated_on') }}", "next_evaluated_on"),
    ("core/fct_center_event.sql", "inner join vintages", "left join vintages"),
    ("core/fct_center_contract.sql", "contracts.valued_on = rates.as_of_on", "contracts.cancelled_on = rates.as_of_on"),
    ("core/fct_underwriting_event.sql", "\n        and not events.is_withdrawn as", " as"),
    ("core/fct_underwriting.sql", "    where events.is_current\n", ""),
    ("core/fct_premium.sql", "where premium_krw is not null", "where premium_krw > 0"),
    ("core/fct_exposure_month_end.sql", "{{ month_end_history(", "{{ accepted_history("),
    ("core/fct_claim_event.sql", "'PAYING': 'events.paying_country_iso2'", "'PAYING': 'events.buyer_country_iso2'"),
    ("core/fct_claim.sql", "'CLOSED')", "'CLOSED', 'RECOVERY')"),
    ("core/fct_recovery.sql", "event_type = 'RECOVERY'", "event_type = 'RECOVERY' and amount > 0"),
    ("core/fct_fx_clawback.sql", "is_current\n        and event_type", "event_type"),
    ("core/fct_country_limit.sql", "'limits.limit_type', 'limits.valid_from'", "'limits.limit_type'"),
    ("core/fct_contract_ceiling.sql", "'ceilings.ceiling_year', 'ceilings.product_group'", "'ceilings.ceiling_year'"),
    (
        "marts/mart_market_exports.sql",
        "coalesce(rates.krw_status, 'NO_RATE')",
        "coalesce(rates.krw_status, 'CONVERTED')",
    ),
    (
        "marts/mart_data_quality.sql",
        "loads.known_at <= loads.due_at then 'ON_TIME'",
        "loads.known_at < loads.due_at then 'ON_TIME'",
    ),
)

# Garbage for every data test; constraints are dropped first.
GARBAGE = """
    insert into seed.country (iso2, iso3) values ('ZZ', null), ('AF', 'AFG');
    insert into seed.customs_special_code (customs_code) values (null), ('ZZ');

    insert into lake.load (load_id, feed_id, outcome, arrival, vintage_number, period_start, slice) values
        (null, null, null, null, 0, null, null),
        ('garbage', 'unregistered', 'lost', 'pigeon', 0, '2026-01-01', 'all'),
        ('zero', 'fx_daily_rate', 'accepted', 'api', 0, '2026-01-01', 'GBP');
    insert into lake.load from lake.load where load_id = 'trade-2026-01-revised';
    insert into lake.feed (feed_id, primary_measure, arrival) values (null, null, 'pigeon'), ('fx_daily_rate', 'quoted_krw', 'api');
    insert into lake.load_control_total values (null, null, null, null, null), ('ghost', 'rows', 1, 1, 0), ('ghost', 'rows', 1, 1, 0);
    insert into lake.load_rule values ('ghost', 'rule', 'critical', 'validity', 1, 1), ('ghost', 'rule', 'critical', 'validity', 1, 1);
    insert into lake.customs_country_trade (load_id, customs_code) values (null, null), ('ghost', 'US'), ('ghost', 'US');
    insert into lake.fx_daily_rate (load_id, rate_on) values (null, null), ('ghost', '2026-01-05'), ('ghost', '2026-01-05');

    insert into seed.country_alias values ('NAME_KO', '미국', 'VN', 'contradicts the country list');
    update core.fct_country_grade set valid_from = date '2030-01-01', valid_to = date '2029-01-01';

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
SPOILT = (
    "seed.country_alias", "seed.ksight_country", "seed.currency", "seed.oecd_country_risk", "seed.korean_region",
    "seed.region_alias", "seed.trade_center", "seed.insurance_product", "seed.product_alias", "seed.volume_rule",
    "seed.attribution_rule", "intermediate.int_fx_rate__as_of_day", "core.fct_trade_item_month",
    "core.fct_region_trade", "core.fct_fx_rate_eximbank", "core.fct_country_grade_snapshot", "core.fct_country_grade",
    "core.fct_center_event", "core.fct_center_contract", "core.fct_underwriting_event", "core.fct_underwriting",
    "core.fct_premium", "core.fct_exposure_month_end", "core.fct_claim_event", "core.fct_claim", "core.fct_recovery",
    "core.fct_fx_clawback", "core.fct_country_limit", "core.fct_contract_ceiling",
)  # fmt: skip
ARRIVED = (
    "customs_item_country_trade", "customs_region_trade", "fx_eximbank_rate", "ksure_country_grade",
    "center_contract_event", "insurance_underwriting_event", "insurance_exposure_month_end", "insurance_claim_event",
    "insurance_country_limit", "insurance_contract_ceiling",
)  # fmt: skip
# Two kinds of nonsense by the beginning of a column's type: absurd values twice over, then absurd gaps. No two columns
# share an absurd text, lest one lead to the other.
NONSENSE: tuple[dict[str, str], ...] = (
    {"VARCHAR": "'{column}'", "BOOLEAN": "true", "DATE": "null", "TIMESTAMP": "timestamptz '2026-01-01 00:00:00+00'"},
    {"VARCHAR": "null", "BOOLEAN": "false", "DATE": "date '2024-01-01'", "TIMESTAMP": "null"},
)
# It needs an empty table, on which no other test of that mart could fail.
NEEDS_AN_EMPTY_TABLE = {"row_count_at_least_mart_data_quality_1"}


def spoil(warehouse: Any) -> None:
    """Replace the rows of the tables of :data:`SPOILT` by nonsense, and let nonsense arrive in the lake."""
    for table in SPOILT:
        schema, name = table.split(".")
        columns = warehouse.query(
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position"
        )
        warehouse.query(f"truncate {table}")
        for values in (NONSENSE[0], NONSENSE[0], NONSENSE[1]):
            row = ", ".join(
                next((value for kind, value in values.items() if type_.startswith(kind)), "-1").replace(
                    "{column}", f"{table}.{column}"
                )
                for column, type_ in columns
            )
            warehouse.query(f"insert into {table} values ({row})")
    for table in ARRIVED:
        warehouse.query(f"insert into lake.{table} (load_id, source_row) values (null, 1), ('ghost', 1), ('ghost', 1)")


@pytest.fixture(scope="module")
def outcomes(later_build: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Status by test of one run of every test, on garbage and with a mistake in every model."""
    project = tmp_path_factory.mktemp("mistaken") / "dbt_project"
    shutil.copytree(later_build.project, project, ignore=shutil.ignore_patterns("target", "logs"))
    for path, right, wrong in MISTAKES:
        model = project / "models" / path
        sql = model.read_text(encoding="utf-8")
        assert sql.count(right) >= 1, f"{path} no longer says: {right}"
        model.write_text(sql.replace(right, wrong, 1), encoding="utf-8")
    warehouse = replace(later_build.copy(tmp_path_factory.mktemp("garbage")), project=project)
    for schema, table in warehouse.query(
        "select schema_name, table_name from duckdb_tables() where schema_name in ('seed', 'core', 'marts')"
    ):
        warehouse.query(f"create or replace table {schema}.{table} as from {schema}.{table}")
    spoil(warehouse)
    warehouse.query(GARBAGE)
    tested = warehouse.dbt("test")
    assert "Done." in tested.stdout, tested.stdout
    return {result["unique_id"]: result["status"] for result in warehouse.artefact("run_results")["results"]}


def test_every_data_test_fails_on_garbage(outcomes: dict[str, str]) -> None:
    data_tests = {name.split(".")[2]: status for name, status in outcomes.items() if name.startswith("test.")}
    assert len(data_tests) > 280
    assert {name for name, status in data_tests.items() if status != "fail"} == NEEDS_AN_EMPTY_TABLE


def test_every_unit_test_fails_when_its_model_is_mistaken(outcomes: dict[str, str]) -> None:
    unit_tests = {name: status for name, status in outcomes.items() if name.startswith("unit_test.")}
    models = {path.split("/")[1].removesuffix(".sql") for path, _, _ in MISTAKES}
    assert {name.split(".")[2] for name in unit_tests} == models
    assert {name for name, status in unit_tests.items() if status != "fail"} == set()
