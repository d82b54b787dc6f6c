"""What a build of the story leaves in the warehouse, to the dollar and to the won."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

DATA_TESTS = 293
UNIT_TESTS = 46
NODES = 71
HEADLINE = "KR_PARTNER_REGIONS_V0"


@pytest.fixture(scope="module")
def results(later_build: Any) -> list[dict[str, Any]]:
    return list(later_build.artefact("run_results")["results"])


def test_every_data_test_and_unit_test_runs_and_none_is_switched_off(
    later_build: Any, results: list[dict[str, Any]]
) -> None:
    manifest = later_build.artefact("manifest")
    assert manifest["disabled"] == {}
    run = [result["unique_id"].split(".")[0] for result in results if result["status"] == "pass"]
    assert (run.count("test"), run.count("unit_test")) == (DATA_TESTS, UNIT_TESTS)
    assert {result["status"] for result in results} == {"success", "pass"}
    severities = {
        node["config"]["severity"].lower() for node in manifest["nodes"].values() if node["resource_type"] == "test"
    }
    assert severities == {"error"}


def test_the_build_warns_of_nothing(later_build: Any) -> None:
    log = (later_build.path.parent / "build.log").read_text(encoding="utf-8")
    assert f"PASS={DATA_TESTS + UNIT_TESTS + NODES} WARN=0 ERROR=0 SKIP=0" in log
    assert "[WARNING]" not in log
    assert "eprecat" not in log


def test_each_layer_lands_in_the_schema_of_its_name(later_build: Any) -> None:
    found = later_build.query(
        "select table_schema, count(*) from information_schema.tables where table_schema <> 'lake' group by all order by all"
    )
    assert found == [("core", 22), ("intermediate", 16), ("marts", 2), ("seed", 15), ("staging", 16)]


def test_namibia_is_a_country_and_not_a_null(later_build: Any) -> None:
    namibia = later_build.query(
        "select country_key, iso2, customs_code, country_kind from core.dim_country where iso3 = 'NAM'"
    )
    assert namibia == [("NAM", "NA", "NA", "COUNTRY")]
    exports = later_build.query(
        "select distinct exports_usd from core.fct_trade_month where country_key = 'NAM' order by all"
    )
    assert exports == [(Decimal(5),), (Decimal("1234567.00"),)]


def test_codes_keep_leading_zeros_and_empty_fields_are_null(later_build: Any) -> None:
    assert later_build.query("select m49 from core.dim_country where iso3 = 'AFG'") == [("004",)]
    assert later_build.query("select customs_code, customs_name_ko from core.dim_country where iso3 = 'XKX'") == [
        (None, None)
    ]
    assert later_build.query("select m49_region from core.dim_country where iso3 = 'ATA'") == [(None,)]
    assert later_build.query("select count(*) from core.dim_country where '' in (iso2, customs_code, m49_region)") == [
        (0,)
    ]
    kinds = later_build.query("select country_kind, count(*) from core.dim_country group by all order by all")
    assert kinds == [("COUNTRY", 250), ("SPECIAL_CODE", 20), ("UNMAPPED", 1)]


def test_every_definition_adds_up_to_the_same_world_to_the_dollar(later_build: Any) -> None:
    totals = later_build.query(
        "select trade_month::varchar, count(distinct definition_id), min(total), max(total) from (select definition_id, trade_month, "
        "sum(exports_usd) as total from marts.mart_market_exports group by all) group by all order by all"
    )
    january = Decimal(9_000_000_002 + 4_100_000_003 + 1_234_567 + 700_000_000 + 55_555 + 1_000 + 234)
    assert totals == [
        ("2016-01-01", 13, Decimal(2_000_000_010), Decimal(2_000_000_010)),
        ("2025-12-01", 13, Decimal(1_500_000_005), Decimal(1_500_000_005)),
        ("2026-01-01", 13, january, january),
        ("2026-02-01", 13, Decimal(11_333_333_333), Decimal(11_333_333_333)),
    ]


def test_a_country_that_a_revision_leaves_out_stays_in_history_only(later_build: Any) -> None:
    history = later_build.query(
        "select vintage_number, is_latest_vintage, known_at::varchar, superseded_at::varchar from core.fct_trade_month "
        "where country_key = 'TUV'"
    )
    assert history == [(1, False, "2026-02-15 01:00:00+00", "2026-03-15 01:00:00+00")]
    assert later_build.query("select count(*) from marts.mart_market_exports where country_key = 'TUV'") == [(0,)]


def test_unknown_codes_keep_their_name_in_the_fact_and_share_one_row_in_the_mart(later_build: Any) -> None:
    facts = later_build.query(
        "select customs_code, exports_usd from core.fct_trade_month where country_key = 'UNMAPPED' and is_latest_vintage order by all"
    )
    assert facts == [("Q9", Decimal(234)), ("QQ", Decimal(1000))]
    mart = later_build.query(
        "select exports_usd, imports_usd, membership_status, membership_basis, is_member from marts.mart_market_exports "
        f"where country_key = 'UNMAPPED' and definition_id = '{HEADLINE}'"
    )
    assert mart == [(Decimal(1234), Decimal(2100), "UNMAPPED", "NONE", False)]


def test_won_are_the_exact_product_with_the_mean_of_the_days(later_build: Any) -> None:
    rows = later_build.query(
        "select trade_month::varchar, exports_usd, exports_krw, usd_krw_rate, krw_status, rate_days from marts.mart_market_exports"
    )
    quoted = [Decimal(f"{1440 + day}.{day % 10}") for day in range(5, 21)]
    mean = {
        "2025-12-01": (Decimal("1470.5"), "PARTIAL_MONTH", 1),
        "2026-01-01": (sum(quoted) / len(quoted), "CONVERTED", 16),
        "2026-02-01": ((Decimal("1450.1") + Decimal("1450.2") + Decimal("1450.200001")) / 3, "PARTIAL_MONTH", 3),
    }
    assert {row[0] for row in rows} == {"2016-01-01", *mean}
    for month, dollars, won, rate, status, days in rows:
        if month == "2016-01-01":
            assert (won, rate, status, days) == (None, None, "NO_RATE", 0)
            continue
        expected = mean[month][0].quantize(Decimal("1e-8"), ROUND_HALF_UP)
        assert (rate, status, days) == (expected, *mean[month][1:])
        assert won == (dollars * expected).quantize(Decimal(1), ROUND_HALF_UP)


def test_a_definition_says_whether_it_was_in_force(later_build: Any) -> None:
    bases = later_build.query(
        "select definition_id, trade_month::varchar, membership_basis from marts.mart_market_exports where country_key = 'VNM' "
        f"and trade_month <> '2025-12-01' and definition_id in ('{HEADLINE}', 'G77_CHN', 'OECD_DAC_2024_25', 'KR_NEW_SOUTH_NORTH_2021')"
    )
    assert {(row[0], row[1][:7]): row[2] for row in bases} == {
        (HEADLINE, "2016-01"): "CARRIED_BACK",
        (HEADLINE, "2026-01"): "IN_FORCE",
        (HEADLINE, "2026-02"): "IN_FORCE",
        ("G77_CHN", "2016-01"): "NOT_DATED",
        ("G77_CHN", "2026-01"): "NOT_DATED",
        ("G77_CHN", "2026-02"): "NOT_DATED",
        ("OECD_DAC_2024_25", "2016-01"): "CARRIED_BACK",
        ("OECD_DAC_2024_25", "2026-01"): "CARRIED_FORWARD",
        ("OECD_DAC_2024_25", "2026-02"): "CARRIED_FORWARD",
        ("KR_NEW_SOUTH_NORTH_2021", "2016-01"): "CARRIED_BACK",
        ("KR_NEW_SOUTH_NORTH_2021", "2026-01"): "CARRIED_FORWARD",
        ("KR_NEW_SOUTH_NORTH_2021", "2026-02"): "CARRIED_FORWARD",
    }


def test_the_headline_says_that_nobody_confirmed_it(later_build: Any) -> None:
    headline = later_build.query(
        "select definition_id, status, status_text from core.dim_market_definition where is_headline"
    )
    assert headline == [(HEADLINE, "proposal", "proposal, not confirmed by K-SURE")]
    shown = later_build.query(
        "select distinct definition_id, definition_status_text from marts.mart_market_exports where is_headline_definition"
    )
    assert shown == [(HEADLINE, "proposal, not confirmed by K-SURE")]


def test_sample_data_is_marked_in_the_mart(later_build: Any) -> None:
    marked = later_build.query("select distinct trade_month::varchar from marts.mart_market_exports where is_synthetic")
    assert marked == [("2026-02-01",)]
    assert later_build.query("select load_id from marts.mart_data_quality where is_synthetic") == [
        ("trade-2026-02-late",)
    ]


def test_every_ledger_record_has_its_timeliness(later_build: Any) -> None:
    timeliness = dict(later_build.query("select load_id, timeliness from marts.mart_data_quality"))
    assert len(timeliness) == 34
    assert {
        name: told for name, told in timeliness.items() if name.startswith(("trade-", "usd-", "jpy-", "exim-"))
    } == {
        "trade-2025-12-untouched": "ON_TIME",
        "usd-2025-untouched": "ON_TIME",
        "trade-2026-01-first": "ON_TIME",
        "trade-2026-01-revised": "REVISION",
        "trade-2026-02-unpublished": "OVERDUE",
        "trade-2026-02-late": "LATE",
        "trade-2026-03-unpublished": "NOT_DUE_YET",
        "trade-2016-01-backfilled": "BACKFILLED",
        "usd-2026": "ON_TIME",
        "usd-2026-grown": "REVISION",
        "jpy-2026": "ON_TIME",
        "jpy-2026-revised": "REVISION",
        "exim-2026-01": "ON_TIME",
        "exim-2025-12-late": "LATE",
    }


def test_control_totals_and_quarantine_are_json_that_reads_back(later_build: Any) -> None:
    [(totals, rules, conserved)] = later_build.query(
        "select control_totals, quarantined_by_rule, is_conserved from marts.mart_data_quality where load_id = 'trade-2026-01-first'"
    )
    exports, imports = json.loads(totals)
    assert (exports["measure"], imports["measure"], conserved) == ("exports_usd", "imports_usd", True)
    accepted = 9_000_000_001 + 4_000_000_003 + 1_234_567 + 700_000_000 + 55_555 + 1_000 + 234 + 77
    assert [Decimal(exports[part]) for part in ("source", "accepted", "quarantined", "difference")] == [
        accepted - 5,
        accepted,
        -5,
        0,
    ]
    assert json.loads(rules) == [
        {
            "rule": "exports_are_not_negative",
            "severity": "critical",
            "dimension": "validity",
            "failed_rows": 1,
            "quarantined_rows": 1,
        }
    ]
