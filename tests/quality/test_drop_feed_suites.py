"""The suites of the dropped files: what real records force passes, and each rule has records on which it alone fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trade_exposure.feeds.contract import load_contract
from trade_exposure.quality.judge import judge
from trade_exposure.quality.suite import load_suite
from trade_exposure.quality.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]
Judge = Callable[[str, list[Row]], tuple[Verdict, dict[int, list[str]]]]
REJECTS = pa.schema(
    [
        ("source_row", pa.int64()), ("rule", pa.string()), ("reason", pa.string()), ("raw", pa.string()),
        ("amounts", pa.map_(pa.string(), pa.decimal128(38, 6))),
    ]
)  # fmt: skip
COPY: Row = {"record_version": 7}  # the version shared by the rows of a case about repeated records
FITS: Row = {"fits": True}  # a row of a case that is there for the others and breaks no rule itself
NO_COUNTRY: Row = {"buyer_country_iso2": None, "paying_country_iso2": None}


def at(day: int, hour: int = 9, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def hashed(name: str) -> str:
    return "h:" + name.rjust(32, "0")


# One sound record of each feed; every record of a case is this one with its changes and, unless told, an event_id of its own.
TEMPLATES: dict[str, Row] = {
    "center_contract_event": {
        "event_at": at(4, 5), "center_code": "AITC15", "event_type": "CONTRACT_SIGNED", "company_id": hashed("c0"),
        "buyer_country_iso2": "VN", "buyer_id": hashed("b0"), "policy_id": None, "contract_no": "C-1", "currency": "USD",
        "contract_amount": Decimal(124_000), "incoterms": "FOB", "payment_terms": "O/A", "signed_on": date(2026, 3, 4),
        "ship_by_on": date(2026, 5, 31), "record_version": 1, "updated_at": at(4, 6),
    },
    "insurance_underwriting_event": {
        "policy_id": hashed("a0"), "deal_sequence": 1, "event_type": "SHIPMENT", "event_on": date(2026, 3, 10),
        "product_code": "ST_COMP", "buyer_country_iso2": "VN", "paying_country_iso2": "VN", "country_attribution": "KNOWN",
        "currency": "KRW", "insured_value": Decimal(200_000_000), "cover_ratio": Decimal("0.95"),
        "insured_amount": Decimal(190_000_000), "premium_krw": Decimal(665_000), "record_version": 1,
        "is_cancelled": False, "updated_at": at(3, month=4),
    },
    "insurance_exposure_month_end": {
        "month_end_month": date(2026, 3, 1), "product_code": "ST_COMP", "buyer_country_iso2": "VN",
        "paying_country_iso2": "VN", "country_attribution": "KNOWN", "currency": "KRW", "record_version": 1,
        "outstanding_amount": Decimal(190_000_000), "issued_on": date(2026, 3, 31), "cover_ends_on": date(2026, 3, 1),
        "is_cancelled": False, "updated_at": at(3, month=4),
    },
    "insurance_claim_event": {
        "claim_id": hashed("d0"), "policy_id": hashed("a0"), "event_type": "PAID", "event_on": date(2026, 3, 10),
        "underwriting_year": 2026, "product_code": "ST_COMP", "buyer_country_iso2": "VN", "paying_country_iso2": "VN",
        "country_attribution": "KNOWN", "currency": "KRW", "amount": Decimal(50_000_000), "record_version": 1,
        "is_cancelled": False, "updated_at": at(3, month=4),
    },
    "insurance_country_limit": {
        "limit_type": "ST", "limit_amount_krw": Decimal(2_000_000_000_000), "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 1, 1), "acceptance_policy": "NORMAL", "record_version": 1, "is_cancelled": False,
        "updated_at": at(3, month=1),
    },
    "insurance_contract_ceiling": {
        "year": 2026, "product_group": "ST", "ceiling_amount_krw": Decimal(220_000_000_000_000), "record_version": 1,
        "updated_at": at(3, month=1),
    },
}  # fmt: skip
TOTAL: Row = {"product_group": "TOTAL", "ceiling_amount_krw": Decimal(310_000_000_000_000)}
LETTERS = [f"{a}{b}" for a in "ABCDEFGH" for b in "ABCDEFGH"]

# What happens and must pass, whatever else a tidy mind would forbid.
GOOD: dict[str, list[Row]] = {
    "center_contract_event": [
        {"event_type": "CONSULTATION", "contract_no": None, "contract_amount": None, "currency": None, "signed_on": None,
         "buyer_country_iso2": None, "buyer_id": None, "incoterms": None, "payment_terms": None},
        {"event_type": "CONTRACT_AMENDED", "contract_amount": Decimal(0)},
        {"event_type": "CONTRACT_CANCELLED", "contract_amount": None, "currency": None, "buyer_country_iso2": None},
        {"event_type": "SHIPPED", "contract_amount": Decimal("99.50"), "currency": "JPY", "buyer_country_iso2": "NA"},
        {"event_at": at(2, month=1), "updated_at": at(1, month=4), "signed_on": date(2025, 12, 31)},
        {"event_at": datetime(2026, 3, 4, 14, 59, 59, tzinfo=UTC), "updated_at": at(4, 23)},
        {"event_id": "sent-again", **COPY, "contract_amount": Decimal(5)},
        {"event_id": "sent-again", "record_version": 8, "contract_amount": Decimal(6)},
    ],
    "insurance_underwriting_event": [
        {"cover_starts_on": date(2026, 1, 1), "decided_on": date(2026, 3, 9), "cover_ends_on": date(2026, 1, 1)},
        {"event_type": "APPROVAL", "decided_on": date(2026, 3, 9), "insured_value": Decimal(1_000_000), "insured_amount": Decimal(950_000)},
        {"event_type": "SHIPMENT", "insured_amount": Decimal(190_000_000)},  # more than was authorised above
        {"event_type": "CANCELLATION", "amends_event_id": "row-2"},
        {"event_type": "RENEWAL", "deal_sequence": 23, "event_on": date(2025, 12, 31)},
        {"insured_amount": Decimal(0)},
        {"insured_amount": None, "premium_krw": None, "cover_ratio": None},
        {"insured_value": None, "currency": "USD", "insured_amount": Decimal("1234.56")},
        {"product_code": "ECG_PRE", "country_attribution": "DOMESTIC", **NO_COUNTRY, "destination_country_iso2": "US"},
        {"product_code": "ST_GROUP", "country_attribution": "UNALLOCATED"},
        {"product_code": "FX_FWD", "country_attribution": "NONE", **NO_COUNTRY},
        {"country_attribution": "MULTI", **NO_COUNTRY},
        {"product_code": "OBC", "project_country_iso2": "SA", **NO_COUNTRY},
        {"is_cancelled": True, "updated_at": datetime(2026, 3, 9, 15, tzinfo=UTC)},  # midnight in Seoul
    ],
    "insurance_exposure_month_end": [
        {"outstanding_amount": Decimal(0), "cover_ends_on": date(2026, 2, 28)},
        {"product_code": "OBC", "project_country_iso2": "SA", **NO_COUNTRY, "undrawn_amount": Decimal(10**12)},
        {"product_code": "IMP_FIN", "country_attribution": "DOMESTIC", **NO_COUNTRY},
    ],
    "insurance_claim_event": [
        {"event_type": "RECOVERY", "amount": Decimal("-12.50"), "recovery_source": "PARIS_CLUB"},
        {"event_type": "NOTICE", "amount": None, "underwriting_year": 1999},
        {"event_type": "FX_CLAWBACK", "product_code": "FX_FWD", "country_attribution": "NONE", **NO_COUNTRY},
        {"event_type": "FILED", "amount": Decimal(0), "product_code": "OBC", "paying_country_iso2": None},
        {"currency": "VND", "amount": Decimal(9 * 10**12)},
    ],
    "insurance_country_limit": [
        {"valid_to": None, "acceptance_policy": None},
        {"limit_type": "TOTAL", "country_iso2": "VN", "limit_amount_krw": Decimal(2_000_000_000_000)},
        {"limit_type": "ST", "country_iso2": "VN", "limit_amount_krw": Decimal(0)},
        {"limit_type": "MLT", "country_iso2": "VN", "is_cancelled": True, "limit_amount_krw": Decimal(10**13)},
    ],
    "insurance_contract_ceiling": [TOTAL, {"product_group": "OBC", "ceiling_amount_krw": Decimal(9 * 10**13)}],
}  # fmt: skip

EVENT_CASES: list[tuple[str, list[Row]]] = [
    ("required_present", [{"record_version": None}]),
    ("required_present", [{"currency": None}]),
    ("repeated_with_other_figures", [{"event_id": "twice", **COPY}, {"event_id": "twice", **COPY, "currency": "USD"}]),
    ("repeated_unchanged", [{"event_id": "same", **COPY, **FITS}, {"event_id": "same", **COPY}]),
    ("event_not_after_the_file", [{"event_on": date(2026, 4, 1)}]),
    ("updated_before_the_event", [{"updated_at": datetime(2026, 3, 9, 14, 59, tzinfo=UTC)}]),
    ("update_time_plausible", [{"updated_at": at(1, year=3023)}]),
]
COUNTRY_CASES: list[tuple[str, list[Row]]] = [
    ("known_has_a_country", [NO_COUNTRY]),
    ("no_country_where_none_counts", [{"country_attribution": "MULTI"}]),
    ("no_country_where_none_counts", [{"country_attribution": "UNALLOCATED", "product_code": "SVC"}]),
    ("country_in_the_attributing_role", [{"buyer_country_iso2": None}]),
]
CASES: dict[str, list[tuple[str, list[Row]]]] = {
    "center_contract_event": [
        ("required_present", [{"company_id": None}]),
        ("repeated_with_other_figures", [{"event_id": "twice", **COPY}, {"event_id": "twice", **COPY, "contract_amount": Decimal(2)}]),
        ("repeated_unchanged", [{"event_id": "same", **COPY, **FITS}, {"event_id": "same", **COPY}]),
        ("center_is_that_of_the_file", [{"center_code": "AITC01"}]),
        ("event_not_after_the_file", [{"event_at": at(4, 15), "updated_at": at(4, 15)}]),
        ("updated_before_the_event", [{"updated_at": at(4, 4)}]),
        ("update_time_plausible", [{"updated_at": at(4, year=3023)}]),
        *(("contract_has_a_number", [{"event_type": kind, "contract_no": None}])
          for kind in ("CONTRACT_SIGNED", "CONTRACT_AMENDED", "CONTRACT_CANCELLED", "SHIPPED")),
        ("contract_has_an_amount", [{"contract_amount": None}]),
        ("amount_has_a_currency", [{"currency": None}]),
        ("amount_has_a_currency", [{"currency": None, "event_type": "SHIPPED"}]),
        ("contract_has_a_buyer_country", [{"buyer_country_iso2": None}]),
        ("signing_has_a_date", [{"signed_on": None}]),
        ("signed_not_after_the_file", [{"signed_on": date(2026, 3, 5)}]),
        ("shipment_not_before_signing", [{"ship_by_on": date(2026, 3, 3)}]),
        *(("amount_only_on_contracts", [{"event_type": kind}]) for kind in ("CONSULTATION", "INQUIRY", "MOU")),
        ("incoterms_known", [{"incoterms": "fob Busan"}]),
        ("payment_terms_known", [{"payment_terms": "barter"}]),
        ("amount_plausible", [{"contract_amount": Decimal("100000000.01")}]),
    ],
    "insurance_underwriting_event": [
        *EVENT_CASES, *COUNTRY_CASES,
        ("no_country_where_none_counts", [{"country_attribution": "NONE", "product_code": "OBC", "project_country_iso2": "SA"}]),
        ("correction_names_its_event", [{"event_type": "AMENDMENT"}]),
        ("correction_names_its_event", [{"event_type": "CANCELLATION"}]),
        ("event_touches_another", [{"event_type": "AMENDMENT", "event_id": "self", "amends_event_id": "self"}]),
        ("insured_not_above_value", [{"insured_amount": Decimal("200000001.01")}]),
        ("insured_is_value_times_ratio", [{"insured_amount": Decimal("190200001.01")}]),
        ("insured_is_value_times_ratio", [{"insured_amount": Decimal(190_000), "premium_krw": Decimal(1)}]),
        ("premium_below_the_amount", [{"premium_krw": Decimal(190_000_001)}]),
        ("cover_ends_after_it_starts", [{"cover_starts_on": date(2026, 3, 2), "cover_ends_on": date(2026, 3, 1)}]),
        ("decision_has_a_date", [{"event_type": "REJECTION"}]),
    ],
    "insurance_exposure_month_end": [
        ("required_present", [{"outstanding_amount": None}]),
        ("repeated_with_other_figures", [{"policy_id": hashed("e"), **COPY}, {"policy_id": hashed("e"), **COPY, "outstanding_amount": Decimal(5)}]),
        ("repeated_unchanged", [{"policy_id": hashed("f"), **COPY, **FITS}, {"policy_id": hashed("f"), **COPY}]),
        ("month_of_the_file", [{"month_end_month": date(2026, 4, 1), "cover_ends_on": date(2026, 4, 1)}]),
        ("month_of_the_file", [{"month_end_month": date(2026, 2, 1), "issued_on": date(2026, 2, 1)}]),
        ("update_time_plausible", [{"updated_at": at(1, year=1989)}]),
        *COUNTRY_CASES,
        ("issued_by_month_end", [{"issued_on": date(2026, 4, 1)}]),
        ("expired_but_outstanding", [{"cover_ends_on": date(2026, 2, 28)}]),
    ],
    "insurance_claim_event": [
        *EVENT_CASES, *COUNTRY_CASES,
        *(("negative_only_for_recoveries", [{"event_type": kind, "amount": Decimal("-0.01")}])
          for kind in ("NOTICE", "FILED", "PAID", "REJECTED", "CLOSED")),
        ("money_moved_has_an_amount", [{"amount": None}]),
        ("claim_after_underwriting", [{"underwriting_year": 2027}]),
        ("clawback_of_exchange_rate_cover", [{"event_type": "FX_CLAWBACK"}]),
        ("recovery_source_on_recoveries", [{"recovery_source": "OBLIGOR"}]),
        ("claim_amount_plausible", [{"amount": Decimal("5000000000000.01")}]),
        ("claim_amount_plausible", [{"event_type": "RECOVERY", "amount": Decimal("-5000000000000.01")}]),
    ],
    "insurance_country_limit": [
        ("required_present", [{"limit_amount_krw": None}]),
        ("repeated_with_other_figures", [{"country_iso2": "TR", **COPY}, {"country_iso2": "TR", **COPY, "valid_to": None}]),
        ("repeated_unchanged", [{"country_iso2": "CZ", **COPY, **FITS}, {"country_iso2": "CZ", **COPY}]),
        ("limit_not_after_the_file", [{"valid_from": date(2027, 1, 1), "valid_to": None}]),
        ("update_time_plausible", [{"updated_at": at(1, year=2100)}]),
        ("limit_ends_after_it_starts", [{"valid_to": date(2025, 12, 31)}]),
        ("limit_plausible", [{"limit_amount_krw": Decimal(10**15 + 1)}]),
        ("total_not_below_its_parts", [{"country_iso2": "PL", **FITS}, {"country_iso2": "PL", "limit_type": "TOTAL", "limit_amount_krw": Decimal(1)}]),
    ],
    "insurance_contract_ceiling": [
        ("required_present", [{"product_group": None}]),
        ("repeated_with_other_figures", [{"product_group": "MLT", **COPY}, {"product_group": "MLT", **COPY, "ceiling_amount_krw": Decimal(2)}]),
        ("repeated_unchanged", [{"product_group": "OBC", "ceiling_amount_krw": Decimal(1), **COPY, **FITS}, {"product_group": "OBC", "ceiling_amount_krw": Decimal(1), **COPY}]),
        ("year_of_the_file", [{**TOTAL, "year": 2025}]),
        ("update_time_plausible", [{"product_group": "OTHER", "ceiling_amount_krw": Decimal(1), "updated_at": at(1, year=3023)}]),
    ],
}  # fmt: skip
UNHASHED = ("identifiers_are_hashed", [{"policy_id": "KS-2026-000123"}])
TWENTY = range(20)
BATCH_CASES: list[tuple[str, str, list[Row]]] = [
    ("center_contract_event", "identifiers_are_hashed", [{"company_id": "1234567890"}]),
    ("center_contract_event", "identifiers_are_hashed", [{"buyer_id": "h:" + "0" * 31}]),
    ("center_contract_event", "contracts_in_dollars", [{"contract_amount": Decimal("999.99")}] * 9),
    ("center_contract_event", "contracts_in_dollars", [{"contract_amount": Decimal("10000000.01")}] * 9),
    *((feed, *UNHASHED) for feed in ("insurance_underwriting_event", "insurance_exposure_month_end", "insurance_claim_event")),
    ("insurance_underwriting_event", "amounts_in_single_won",
     [{"insured_amount": Decimal(190), "insured_value": Decimal(200), "premium_krw": Decimal(1)} for _ in range(25)]),
    ("insurance_underwriting_event", "amounts_in_single_won", [{"insured_amount": Decimal(10**12 + 1), "insured_value": None} for _ in range(25)]),
    ("insurance_underwriting_event", "most_events_in_the_period", [{"event_on": date(2026, 2, 28)}] * 30),
    ("insurance_claim_event", "most_events_in_the_period", [{"event_on": date(2026, 2, 28)}] * 9),
    ("insurance_exposure_month_end", "amounts_in_single_won", [{"outstanding_amount": Decimal(1)} for _ in range(25)]),
    ("insurance_country_limit", "limits_in_eok", [{"limit_amount_krw": Decimal(9_999_999_999)}]),
    ("insurance_contract_ceiling", "year_has_a_total", [{}]),
    ("insurance_contract_ceiling", "total_in_won", [{**TOTAL, "ceiling_amount_krw": Decimal(31_000_000_000_000)}]),
    ("insurance_contract_ceiling", "total_in_won", [{**TOTAL, "ceiling_amount_krw": Decimal(10**15 + 1)}]),
    ("insurance_contract_ceiling", "groups_within_the_total",
     [TOTAL, {"ceiling_amount_krw": Decimal(310_000_000_000_001)}]),
]  # fmt: skip
ALONE = {"insurance_country_limit", "insurance_contract_ceiling"}  # their batch cases are whole files
FEEDS = list(TEMPLATES)
PERIODS = {
    "center_contract_event": ("2026-03-04", "2026-03-04"),
    "insurance_country_limit": ("2026-01-01", "2026-12-31"),
    "insurance_contract_ceiling": ("2026-01-01", "2026-12-31"),
}


def records(feed: str, changes: list[Row], first: int = 1) -> list[Row]:
    """Rows from ``first`` on, each with a key of its own unless the change gives one."""
    rows = []
    for number, change in enumerate(changes, start=first):
        own = {"event_id": f"row-{number}", "policy_id": hashed(f"a{number}"), "country_iso2": LETTERS[number % 64]}
        rows.append({"source_row": number, **own, **TEMPLATES[feed], **change})
    return rows


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Judge records by the feed's committed suite and the seeds; the verdict, and the quarantined rows with their rules."""

    def run(feed: str, rows: list[Row]) -> tuple[Verdict, dict[int, list[str]]]:
        contract = load_contract(ROOT / "expectations" / feed / "contract.yaml")
        schema = pa.schema([field.with_nullable(True) for field in contract.arrow_schema()])
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / "parsed.parquet")
        pq.write_table(REJECTS.empty_table(), tmp_path / "rejects.parquet")
        start, end = PERIODS.get(feed, ("2026-03-01", "2026-03-31"))
        verdict = judge(
            tmp_path / "parsed.parquet",
            suite=load_suite(contract.suite_path),
            measures=contract.measures,
            rejects=tmp_path / "rejects.parquet",
            announced_rows=len(rows),
            announced_totals={
                m: sum((row.get(m) or Decimal(0) for row in rows), Decimal(0)) for m in contract.measures
            },
            max_quarantined_share=Decimal(1),
            accepted=tmp_path / "accepted.parquet",
            quarantine=tmp_path / "quarantine.parquet",
            constants={"load_id": "load-1", "is_synthetic": True},
            reference_dir=ROOT / "dbt_project" / "seeds",
            variables={"period_start": start, "period_end": end, "slice": "AITC15"},
            memory_limit="256MB",
        )
        held = duckdb.sql(f"select source_row, rules from '{tmp_path}/quarantine.parquet'").fetchall()
        return verdict, dict(held)

    return run


def failed_rules(verdict: Verdict) -> dict[str, int]:
    return {outcome.rule: outcome.failed_rows for outcome in verdict.rules if not outcome.success}


@pytest.mark.parametrize("feed", FEEDS)
def test_what_real_records_force_passes_every_rule(judged: Judge, feed: str) -> None:
    rows = records(feed, [*GOOD[feed], {}])
    verdict, held = judged(feed, rows)
    assert failed_rules(verdict) == {}
    assert (verdict.stopped, held, verdict.accepted_rows) == (False, {}, len(rows))
    assert len(verdict.rules) == len(load_suite(ROOT / "expectations" / feed / "suite.json").rules) > 7


@pytest.mark.parametrize("feed", FEEDS)
def test_each_bad_record_breaks_its_own_rule_and_no_other(judged: Judge, feed: str) -> None:
    rows = records(feed, GOOD[feed])
    expected: dict[str, list[int]] = {}
    for rule, changes in CASES[feed]:
        case = records(feed, [dict(change) for change in changes], first=len(rows) + 1)
        expected.setdefault(rule, []).extend(row["source_row"] for row in case if not row.pop("fits", False))
        rows += case
    verdict, held = judged(feed, rows)
    assert failed_rules(verdict) == {rule: len(numbers) for rule, numbers in expected.items()}
    rules = load_suite(ROOT / "expectations" / feed / "suite.json").rules
    assert set(expected) == {rule.rule for rule in rules if rule.scope == "row"}
    quarantining = {rule.rule for rule in rules if rule.quarantines}
    assert held == {row: [rule] for rule, numbers in expected.items() if rule in quarantining for row in numbers}
    assert len(held) > 4
    assert not verdict.stopped


@pytest.mark.parametrize(
    ("feed", "rule", "changes"), BATCH_CASES, ids=[f"{f}-{r}-{n}" for n, (f, r, _) in enumerate(BATCH_CASES)]
)
def test_a_bad_file_breaks_its_own_rule_and_no_other(judged: Judge, feed: str, rule: str, changes: list[Row]) -> None:
    rows = records(feed, changes if feed in ALONE else [{}, {}, *changes])
    verdict, held = judged(feed, rows)
    assert list(failed_rules(verdict)) == [rule]
    assert held == {}
    severity = next(r.severity for r in load_suite(ROOT / "expectations" / feed / "suite.json").rules if r.rule == rule)
    assert verdict.stopped is (severity == "critical")
    assert [rule in reason for reason in verdict.reasons] == [True] * verdict.stopped


def test_every_rule_about_a_file_has_a_bad_file() -> None:
    rules = {
        (feed, rule.rule)
        for feed in FEEDS
        for rule in load_suite(ROOT / "expectations" / feed / "suite.json").rules
        if rule.scope == "batch"
    }
    assert {(feed, rule) for feed, rule, _ in BATCH_CASES} == rules
    assert len(rules) > 10


@pytest.mark.parametrize("count", [19, 20])
def test_the_middle_of_fewer_than_twenty_amounts_says_nothing_of_the_unit(judged: Judge, count: int) -> None:
    rows = records("insurance_exposure_month_end", [{"outstanding_amount": Decimal(150)}] * count)
    verdict, _ = judged("insurance_exposure_month_end", rows)
    assert verdict.stopped is (count == 20)
