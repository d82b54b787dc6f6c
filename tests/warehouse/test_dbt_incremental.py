"""Building month by month gives what building everything at once gives."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

TABLES = (
    "core.bridge_market_membership",
    "core.dim_country",
    "core.dim_market_definition",
    "core.fct_center_contract",
    "core.fct_center_event",
    "core.fct_claim",
    "core.fct_claim_event",
    "core.fct_contract_ceiling",
    "core.fct_country_grade",
    "core.fct_country_grade_snapshot",
    "core.fct_country_limit",
    "core.fct_exposure_month_end",
    "core.fct_fx_clawback",
    "core.fct_fx_rate",
    "core.fct_fx_rate_eximbank",
    "core.fct_premium",
    "core.fct_recovery",
    "core.fct_region_trade",
    "core.fct_trade_item_month",
    "core.fct_trade_month",
    "core.fct_underwriting",
    "core.fct_underwriting_event",
    "marts.mart_data_quality",
    "marts.mart_market_exports",
)


def differing_rows(left: Any, right: Any, table: str) -> tuple[int, int, int]:
    """Rows of the table on the left, rows only on the left, rows only on the right (duplicates counted)."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{left.path}' as l (read_only)")
        con.execute(f"attach '{right.path}' as r (read_only)")
        counted = (
            f"select (select count(*) from l.{table}), (select count(*) from (from l.{table} except all from r.{table})), "
            f"(select count(*) from (from r.{table} except all from l.{table}))"
        )
        [(rows, only_left, only_right)] = con.execute(counted).fetchall()
    return rows, only_left, only_right


@pytest.mark.parametrize("table", TABLES)
def test_revised_and_late_months_end_as_a_full_refresh_does(table: str, later_build: Any, full_refresh: Any) -> None:
    rows, only_incremental, only_full = differing_rows(later_build, full_refresh, table)
    assert rows > 0
    assert (only_incremental, only_full) == (0, 0)


def test_the_later_run_did_change_and_add_months(first_build: Any, later_build: Any) -> None:
    # January's eight rows are superseded; seven revised, two late and two backfilled rows come.
    assert differing_rows(first_build, later_build, "core.fct_trade_month") == (10, 8, 19)
    # The year's 16 dollar rates and two yen rates are superseded; 19 and two come in their place.
    assert differing_rows(first_build, later_build, "core.fct_fx_rate") == (19, 18, 39)


def test_a_month_whose_files_are_not_presented_stays_as_it_was(later_build: Any) -> None:
    presented = later_build.query(
        "select distinct reference_month::varchar from lake.customs_country_trade order by all"
    )
    assert presented == [("2016-01-01",), ("2026-01-01",), ("2026-02-01",)]
    december = later_build.query(
        "select customs_code from core.fct_trade_month where trade_month = '2025-12-01' order by all"
    )
    assert december == [("NA",), ("VN",)]
    assert later_build.query("select count(*) from core.fct_fx_rate where rate_month = '2025-12-01'") == [(1,)]


def test_a_late_rate_reprices_a_month_whose_files_are_not_presented(first_build: Any, later_build: Any) -> None:
    presented = later_build.query(
        "select distinct month_end_month::varchar from lake.insurance_exposure_month_end order by all"
    )
    assert presented == [("2026-01-01",), ("2026-02-01",)]
    december = (
        "select policy_id, currency, krw_status, outstanding_krw, fx_rate_on::varchar from core.fct_exposure_month_end "
        "where month_end_month = '2025-12-01' order by all"
    )
    won = ("h:p2", "KRW", "NONE_NEEDED", 5000, None)
    assert first_build.query(december) == [("h:p1", "EUR", "NO_RATE", None, None), won]
    assert later_build.query(december) == [("h:p1", "EUR", "CONVERTED", 169050, "2025-12-30"), won]


def test_later_records_change_what_earlier_ones_mean(later_build: Any) -> None:
    current = {
        "fct_center_event": ("event_id, load_id", "event_id = 'c1'"),
        "fct_underwriting_event": ("event_id, load_id", "event_id in ('u2', 'u7')"),
        "fct_claim_event": ("event_id, load_id", "event_id in ('k1', 'k4')"),
        "fct_exposure_month_end": ("policy_id, load_id", "month_end_month = '2026-01-01'"),
    }
    assert {
        fact: later_build.query(f"select {shown} from core.{fact} where is_current and {chosen} order by all")
        for fact, (shown, chosen) in current.items()
    } == {
        "fct_center_event": [("c1", "centre-2026-01-08")],
        "fct_underwriting_event": [("u2", "underwriting-2026-02")],
        "fct_claim_event": [("k1", "claims-2026-02")],
        "fct_exposure_month_end": [("h:p1", "exposure-2026-01-revised"), ("h:p3", "exposure-2026-01")],
    }


def test_a_difference_of_one_dollar_is_found(later_build: Any, full_refresh: Any, tmp_path: Any) -> None:
    changed = full_refresh.copy(tmp_path)
    changed.query(
        "update core.fct_trade_month set exports_usd = exports_usd + 1 "
        "where load_id = 'trade-2016-01-backfilled' and customs_code = 'ZZ'"
    )
    assert differing_rows(later_build, changed, "core.fct_trade_month") == (21, 1, 1)
