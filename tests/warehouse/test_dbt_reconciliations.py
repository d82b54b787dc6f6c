"""The reconciliations of the project on a warehouse in which something went wrong: exactly the wrong rows come out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

# One accident each; the tables are first copied without their constraints, as a careless hand would leave them.
ACCIDENTS = """
    -- A country of one definition vanishes, a dollar appears in another.
    delete from marts.mart_market_exports
    where definition_id = 'G77_CHN' and trade_month = '2016-01-01' and country_key = 'X-ZZ';
    update marts.mart_market_exports set exports_usd = exports_usd + 1
    where definition_id = 'WB_LMIC_FY25' and trade_month = '2026-01-01' and country_key = 'VNM';

    -- A row of an accepted load never reaches the fact, and a row comes from a load that nobody accepted.
    delete from core.fct_trade_month where customs_code = 'TV';
    insert into core.fct_fx_rate by name (
        select * replace ('ghost' as load_id, date '2025-12-02' as rate_on)
        from core.fct_fx_rate where load_id = 'usd-2025-untouched'
    );

    update core.dim_market_definition set is_headline = true where definition_id = 'G77_CHN';
    delete from core.bridge_market_membership where definition_id = 'G77_EX_CHN' and country_key = 'VNM';
    insert into core.bridge_market_membership by name (
        select * replace (date '2026-06-30' as valid_from)
        from core.bridge_market_membership where definition_id = 'WB_LMIC_FY26' and country_key = 'VNM'
    );

    -- Two vintages of January call themselves the latest.
    update core.fct_trade_month set is_latest_vintage = true
    where load_id = 'trade-2026-01-first' and customs_code = 'NA';

    -- The country list changed and December was not rebuilt.
    update core.fct_trade_month set country_key = 'UNMAPPED'
    where load_id = 'trade-2025-12-untouched' and customs_code = 'NA';

    update core.fct_fx_rate set rate_on = date '2026-01-01' where load_id = 'usd-2025-untouched';

    -- A claim never reaches its table, a recovery changes on the way, a premium appears, and a contract is lost.
    delete from core.fct_claim where event_id = 'k5';
    update core.fct_recovery set amount_krw = amount_krw + 1;
    insert into core.fct_premium by name (select * replace ('made-up' as event_id) from core.fct_premium where event_id = 'u1');
    delete from core.fct_center_contract where contract_no = 'C-3';

    -- A superseded version of a claim counts again; a policy is told for a month that its file is not about.
    update core.fct_claim_event set is_current = true where load_id = 'claims-2026-01' and event_id = 'k1';
    update core.fct_exposure_month_end set month_end_on = date '2026-03-31' where load_id = 'exposure-2026-02-late';

    insert into seed.country_alias values ('NAME_KO', '미국', 'VN', 'contradicts the country list');
"""
TABLES = (
    "core.fct_trade_month",
    "core.fct_fx_rate",
    "core.dim_market_definition",
    "core.bridge_market_membership",
    "core.fct_claim",
    "core.fct_recovery",
    "core.fct_premium",
    "core.fct_center_contract",
    "core.fct_claim_event",
    "core.fct_exposure_month_end",
    "marts.mart_market_exports",
)


@pytest.fixture(scope="module")
def wrong(later_build: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    warehouse = later_build.copy(tmp_path_factory.mktemp("wrong"))
    for table in TABLES:
        warehouse.query(f"create or replace table {table} as from {table}")
    warehouse.query(ACCIDENTS)
    tested = warehouse.dbt("test", "--select", "test_type:singular", "--store-failures")
    assert "PASS=0 WARN=0 ERROR=11" in tested.stdout, tested.stdout
    return warehouse


def wrong_rows(wrong: Any, test: str, columns: str = "*") -> list[tuple[Any, ...]]:
    return list(wrong.query(f"select columns({columns})::varchar from test_failures.{test} order by all nulls last"))


def test_a_lost_country_and_a_made_up_dollar_break_the_world_total(wrong: Any) -> None:
    rows = wrong.query(
        "select trade_month::varchar, definition_id, expected_country_keys - actual_country_keys, "
        "expected_exports_usd - actual_exports_usd, expected_imports_usd - actual_imports_usd "
        "from test_failures.every_definition_adds_up_to_the_world_total order by all"
    )
    january = [row for row in rows if row[0] == "2026-01-01"]
    assert [row for row in rows if row not in january] == [("2016-01-01", "G77_CHN", 1, Decimal(10), Decimal(0))]
    # Namibia counts twice in January's world, and one definition has a dollar too many.
    assert len(january) == 13
    assert [row[2:] for row in january].count((0, Decimal(1_234_567), Decimal(89))) == 12
    assert ("2026-01-01", "WB_LMIC_FY25", 0, Decimal(1_234_566), Decimal(89)) in january


def test_a_row_that_is_lost_or_comes_from_nowhere_is_named_with_its_load(wrong: Any) -> None:
    assert wrong_rows(wrong, "every_accepted_load_reaches_its_fact_whole") == [
        ("ghost", "quoted_krw", None, "1470.500000"),
        ("ghost", "rows", None, "1.000000"),
        ("trade-2026-01-first", "exports_usd", "13701291437.000000", "13701291360.000000"),
        ("trade-2026-01-first", "rows", "8.000000", "7.000000"),
    ]


def test_two_headlines_are_one_too_many(wrong: Any) -> None:
    assert wrong_rows(wrong, "exactly_one_definition_is_the_headline") == [("2",)]


def test_a_country_that_a_definition_forgets_is_found(wrong: Any) -> None:
    assert wrong_rows(wrong, "every_definition_judges_every_country") == [("G77_EX_CHN", "133", "132", "249", "250")]


def test_overlapping_windows_are_found(wrong: Any) -> None:
    assert wrong_rows(wrong, "membership_windows_do_not_overlap") == [
        ("WB_LMIC_FY26", "VNM", "2025-07-01", "2026-06-30")
    ]


def test_two_latest_vintages_of_a_month_are_found(wrong: Any) -> None:
    assert wrong_rows(wrong, "one_load_is_the_latest_of_a_month") == [("2026-01-01", "2", "2", "2")]


def test_a_key_that_the_country_list_no_longer_gives_is_found(wrong: Any) -> None:
    assert wrong_rows(wrong, "country_keys_follow_the_country_list") == [("2025-12-01", "NA", "UNMAPPED", "NAM")]


def test_a_row_outside_the_period_of_its_load_is_found(wrong: Any) -> None:
    assert wrong_rows(wrong, "facts_lie_within_the_period_of_their_load") == [
        ("exposure-2026-02-late", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("ghost", "2025-12-02", None, None),
        ("usd-2025-untouched", "2026-01-01", "2025-01-01", "2025-12-31"),
    ]


def test_a_record_that_its_table_lost_or_made_up_is_found(wrong: Any) -> None:
    rows = wrong.query(
        "select what, expected_rows, actual_rows, expected_krw - actual_krw "
        "from test_failures.every_record_in_force_reaches_its_table order by all"
    )
    # The superseded version that counts again is missing among the claims too.
    assert rows == [
        ("CLAIM", 3, 1, Decimal(72440)),
        ("CONTRACT", 3, 2, None),
        ("PREMIUM", 3, 4, Decimal(-1000)),
        ("RECOVERY", 1, 1, Decimal(-1)),
    ]


def test_a_record_that_counts_in_two_versions_is_named(wrong: Any) -> None:
    assert wrong_rows(wrong, "one_version_of_a_record_is_current") == [
        ("fct_claim_event", "insurance_claim_event k1", "2")
    ]


def test_a_name_for_two_countries_is_found(wrong: Any) -> None:
    assert wrong_rows(wrong, "a_korean_name_means_one_country") == [("미국", "US", "VN")]


def test_a_country_without_a_membership_cannot_enter_the_mart(later_build: Any, tmp_path: Any) -> None:
    mart = later_build.copy(tmp_path)
    with pytest.raises(Exception, match=r"NOT NULL constraint failed: mart_market_exports\.membership_status"):
        mart.query("update marts.mart_market_exports set membership_status = null where country_key = 'VNM'")
