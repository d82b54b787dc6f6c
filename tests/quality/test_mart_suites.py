"""Every rule of the audited tables: all pass on a sound table, and each fails on one that breaks it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from trade_exposure.quality.judge import judge_table
from trade_exposure.quality.suite import load_suite

SUITES = Path(__file__).resolve().parents[2] / "expectations" / "marts"

SOUND = {
    "mart_market_exports": """
        select definition_id, date '2016-01-01' as trade_month, country_key, 75::decimal(20, 0) * part as exports_usd,
            10::decimal(20, 0) as imports_usd, 1000::decimal(28, 0) as exports_krw, 1200::decimal(18, 8) as usd_krw_rate,
            part / 4.0::double as share_of_world_exports,
            case when country_key = 'NA' then 1.0::double end as share_of_definition_exports,
            case country_key when 'NA' then 'MEMBER' else 'NON_MEMBER' end as membership_status, country_key = 'NA' as is_member
        from (values ('G77'), ('OECD')) as definitions(definition_id), (values ('NA', 3), ('US', 1)) as countries(country_key, part)
    """,
    "mart_data_quality": """
        select 'customs' as feed_id, load_id, outcome, 'ON_TIME' as timeliness, rows as source_rows, true as is_conserved,
            date '2016-01-01' as period_start, timestamptz '2016-02-15 00:00:00+00' as known_at
        from (values ('a', 'accepted', 224), ('b', 'not_published', 0)) as loads(load_id, outcome, rows)
    """,
    "fct_trade_month": """
        select 'NA' as country_key, date '2016-01-01' as trade_month, 'NA' as customs_code, load_id, vintage as vintage_number,
            5::decimal(20, 0) as exports_usd, 6::decimal(20, 0) as imports_usd, vintage = 2 as is_latest_vintage,
            timestamptz '2016-02-15 00:00:00+00' as known_at
        from (values ('a', 1), ('b', 2)) as loads(load_id, vintage)
    """,
    "fct_fx_rate": """
        select 'JPY' as currency, date '2016-01-01' + day::integer as rate_on, 'a' as load_id, 1 as vintage_number, 100 as quote_units,
            1025.5::decimal(18, 6) as quoted_krw, 10.255::decimal(18, 8) as krw_per_unit, true as is_latest_vintage,
            date '2016-01-01' as rate_month, timestamptz '2016-02-15 00:00:00+00' as known_at
        from range(3) as days(day)
    """,
}
# What is done to a sound table, and how many rows each rule then counts; 0 for a rule about the whole table.
BROKEN: dict[str, tuple[list[str], dict[str, int]]] = {
    "mart_market_exports": (
        [
            "update t set exports_usd = -1 where definition_id = 'G77' and country_key = 'US'",
            "update t set imports_usd = -1, share_of_world_exports = 1.5 where country_key = 'US'",
            "update t set exports_krw = -1, membership_status = 'MAYBE' where definition_id = 'G77' and country_key = 'NA'",
            "update t set share_of_definition_exports = 2 where definition_id = 'OECD' and country_key = 'US'",
            "update t set exports_krw = null where definition_id = 'OECD' and country_key = 'US'",
            "insert into t select * from t where definition_id = 'OECD' and country_key = 'NA'",
            "insert into t default values",
        ],
        {
            "definition_id_present": 1, "trade_month_present": 1, "country_key_present": 1, "exports_usd_present": 1,
            "imports_usd_present": 1, "membership_status_present": 1, "one_row_per_definition_month_and_country": 2,
            "exports_not_negative": 1, "imports_not_negative": 2, "exports_in_won_not_negative": 1,
            "world_share_is_a_share": 2, "definition_share_is_a_share": 1, "membership_status_is_known": 1,
            "member_flag_fits_the_status": 1, "only_members_have_a_share": 1, "world_shares_add_up_to_one": 2,
            "definition_shares_add_up_to_one": 1, "definitions_share_the_same_exports": 1, "won_goes_with_a_rate": 1,
        },
    ),
    "mart_data_quality": (
        [
            "update t set is_conserved = false, outcome = 'lost' where load_id = 'a'",
            "update t set source_rows = 3 where load_id = 'b'",
            "insert into t select * from t where load_id = 'b'",
            "insert into t default values",
        ],
        {
            "feed_id_present": 1, "load_id_present": 1, "period_start_present": 1, "known_at_present": 1,
            "timeliness_present": 1, "one_row_per_load": 2, "conservation_known": 1, "every_load_is_conserved": 1,
            "outcome_is_known": 1, "unpublished_means_no_rows": 2,
        },
    ),
    "fct_trade_month": (
        [
            "update t set exports_usd = -1, imports_usd = -1, vintage_number = 0, is_latest_vintage = true where load_id = 'a'",
            "insert into t select * from t where load_id = 'b'",
            "insert into t default values",
        ],
        {
            "country_key_present": 1, "trade_month_present": 1, "customs_code_present": 1, "load_id_present": 1,
            "vintage_number_present": 1, "exports_usd_present": 1, "imports_usd_present": 1, "known_at_present": 1,
            "one_row_per_load_and_code": 2, "exports_not_negative": 1, "imports_not_negative": 1,
            "vintage_counts_from_one": 1, "one_latest_vintage_per_month": 2,
        },
    ),
    "fct_fx_rate": (
        [
            "update t set krw_per_unit = 0, vintage_number = 0, load_id = 'b' where rate_on = date '2016-01-01'",
            "insert into t select * from t where rate_on = date '2016-01-02'",
            "insert into t default values",
        ],
        {
            "currency_present": 1, "rate_on_present": 1, "load_id_present": 1, "vintage_number_present": 1,
            "quoted_krw_present": 1, "krw_per_unit_present": 1, "known_at_present": 1,
            "one_rate_per_load_currency_and_day": 2, "rate_is_positive": 1, "vintage_counts_from_one": 1,
            "rate_times_units_is_the_quotation": 1, "one_latest_vintage_per_month_and_currency": 2,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", SOUND)
def test_each_rule_of_an_audited_table_passes_and_fails_where_it_must(tmp_path: Path, table: str) -> None:
    suite = load_suite(SUITES / f"{table}.json")
    changes, counts = BROKEN[table]
    path = tmp_path / "candidate.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(f"create table sound as {SOUND[table]}")
        connection.execute("create table empty as select * from sound where false")
        connection.execute("create table t as select * from sound")
        for change in changes:
            connection.execute(change)

    sound = judge_table(path, "main.sound", suite)
    assert [outcome.rule for outcome in sound.rules if not outcome.success] == []
    assert not sound.failed
    broken = judge_table(path, "main.t", suite)
    assert {outcome.rule: outcome.failed_rows for outcome in broken.rules if not outcome.success} == counts
    empty = judge_table(path, "main.empty", suite)
    assert [outcome.rule for outcome in empty.rules if not outcome.success] == ["not_empty"]
    assert broken.failed
    assert empty.failed is (table != "fct_fx_rate"), (
        "dollars are right without a rate; everything else must not be empty"
    )
    assert {*counts, "not_empty"} == {rule.rule for rule in suite.rules}
