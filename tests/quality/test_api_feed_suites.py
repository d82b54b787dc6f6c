"""The suites of customs by goods and by province, of the Eximbank and of K-SURE: good rows pass, each rule has its bad case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
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
YEAR, MONTH = ("2026-01-01", "2026-12-31"), ("2026-05-01", "2026-05-31")
ASKED = {
    "customs_item_country_trade": YEAR,
    "customs_region_trade": YEAR,
    "fx_eximbank_rate": MONTH,
    "ksure_country_grade": MONTH,
}
REJECTS = pa.schema(
    [
        ("source_row", pa.int64()), ("rule", pa.string()), ("reason", pa.string()), ("raw", pa.string()),
        ("amounts", pa.map_(pa.string(), pa.decimal128(38, 6))),
    ]
)  # fmt: skip
PROVINCES = (
    "SEOUL", "BUSAN", "DAEGU", "INCHEON", "GWANGJU", "DAEJEON", "ULSAN", "SEJONG", "GYEONGGI", "GANGWON", "CHUNGBUK",
    "CHUNGNAM", "JEONBUK", "JEONNAM", "GYEONGBUK", "GYEONGNAM", "JEJU",
)  # fmt: skip


def _numbered(rows: list[Row]) -> list[Row]:
    return [{"source_row": number, **row} for number, row in enumerate(rows, start=1)]


def item_rows(headings: int = 1_000) -> list[Row]:
    """January and February: 1,000 headings of the chapters 01 to 76, exports to Namibia of 20 million dollars each."""
    codes = [f"{chapter:02}{number:02}10" for number in range(1, 20) for chapter in range(1, 77)][:headings]
    return _numbered(
        [
            {
                "reference_month": date(2026, month, 1),
                "hs6_code": code,
                "hs_name_ko": "품목",
                "customs_code": "NA",
                "customs_name_ko": "나미비아",
                "exports_usd": Decimal(20_000_000),
                "imports_usd": Decimal(5),
                "trade_balance_usd": Decimal(19_999_995),
                "export_weight_kg": Decimal(7),
                "import_weight_kg": Decimal(3),
            }
            for month in (1, 2)
            for code in codes
        ]
    )


def region_rows() -> list[Row]:
    """A year so far of seventeen provinces with 10 billion dollars of exports each."""
    return _numbered(
        [
            {
                "reference_year": date(2026, 1, 1),
                "through_month": date(2026, 9, 1),
                "region_key": key,
                "region_name_ko": "시도",
                "exports_usd": Decimal(10_000_000_000),
                "imports_usd": Decimal(4_000_000_000),
                "trade_balance_usd": Decimal(6_000_000_000),
                "export_declarations": 5,
                "import_declarations": 6,
            }
            for key in PROVINCES
        ]
    )


def bank_rows() -> list[Row]:
    """The weekdays of May 2026 with four currencies."""
    quotes = {"USD": (1, "1483.4"), "JPY": (100, "950.01"), "EUR": (1, "1749.74"), "IDR": (100, "8.85")}
    return _numbered(
        [
            {
                "rate_on": date(2026, 5, day),
                "quotation_unit": currency,
                "currency": currency,
                "quote_units": units,
                "quoted_krw": Decimal(quote),
                "krw_per_unit": Decimal(quote) / units,
                "currency_name_ko": "통화",
            }
            for day in range(1, 32)
            if date(2026, 5, day).isoweekday() < 6
            for currency, (units, quote) in quotes.items()
        ]
    )


def grade_rows(countries: int = 160) -> list[Row]:
    """Countries under a number of their own, all named Vietnam, graded 1 to 7 in turn."""
    return _numbered(
        [
            {
                "country_code_raw": str(number),
                "country_name_ko": "베트남",
                "credit_grade": Decimal(1 + number % 7),
                "evaluated_on": date(2026, 1, 5),
            }
            for number in range(countries)
        ]
    )


GOOD: dict[str, Callable[[], list[Row]]] = {
    "customs_item_country_trade": item_rows,
    "customs_region_trade": region_rows,
    "fx_eximbank_rate": bank_rows,
    "ksure_country_grade": grade_rows,
}


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Judge rows by a feed's committed suite; returns the verdict and the quarantined rows with their rules."""

    def run(feed_id: str, rows: list[Row]) -> tuple[Verdict, dict[int, list[str]]]:
        contract = load_contract(ROOT / "expectations" / feed_id / "contract.yaml")
        nullable = pa.schema([field.with_nullable(True) for field in contract.arrow_schema()])
        pq.write_table(pa.Table.from_pylist(rows, schema=nullable), tmp_path / "rows.parquet")
        pq.write_table(REJECTS.empty_table(), tmp_path / "rejects.parquet")
        start, end = ASKED[feed_id]
        verdict = judge(
            tmp_path / "rows.parquet",
            suite=load_suite(contract.suite_path),
            measures=contract.measures,
            rejects=tmp_path / "rejects.parquet",
            announced_rows=len(rows),
            announced_totals={
                m: sum((row[m] for row in rows if row[m] is not None), Decimal(0)) for m in contract.measures
            },
            max_quarantined_share=Decimal(1),
            accepted=tmp_path / "accepted.parquet",
            quarantine=tmp_path / "quarantine.parquet",
            constants={"load_id": "load-1", "is_synthetic": True},
            reference_dir=ROOT / "dbt_project" / "seeds",
            variables={"period_start": start, "period_end": end, "slice": "all"},
            memory_limit="256MB",
        )
        held = duckdb.sql(f"select source_row, rules from '{tmp_path}/quarantine.parquet'").fetchall()
        return verdict, dict(held)

    return run


def failed_rules(verdict: Verdict) -> dict[str, int]:
    return {outcome.rule: outcome.failed_rows for outcome in verdict.rules if not outcome.success}


@pytest.mark.parametrize("feed_id", GOOD)
def test_good_rows_pass_every_rule(feed_id: str, judged: Judge) -> None:
    rows = GOOD[feed_id]()
    verdict, held = judged(feed_id, rows)
    assert failed_rules(verdict) == {}
    assert (verdict.stopped, held, verdict.accepted_rows) == (False, {}, len(rows))
    assert len(verdict.rules) == len(load_suite(ROOT / "expectations" / feed_id / "suite.json").rules)


# The change of one row, and every rule that it then breaks; each case takes a row of its own, the last rows first.
TRADE_BAD: list[tuple[Row, list[str]]] = [
    ({"exports_usd": None}, ["exports_present"]),
    (
        {"exports_usd": Decimal(-1000), "imports_usd": Decimal(5), "trade_balance_usd": Decimal(-1005)},
        ["exports_not_negative"],
    ),
    ({"imports_usd": None}, ["imports_present"]),
    (
        {"exports_usd": Decimal(5), "imports_usd": Decimal(-1000), "trade_balance_usd": Decimal(1005)},
        ["imports_not_negative"],
    ),
    ({"trade_balance_usd": None}, ["balance_present"]),
    ({"trade_balance_usd": Decimal(3)}, ["balance_adds_up"]),
]
ROW_CASES: dict[str, list[tuple[Row, list[str]]]] = {
    "customs_item_country_trade": [
        *TRADE_BAD,
        ({"reference_month": None}, ["month_present"]),
        ({"reference_month": date(2025, 12, 1)}, ["month_in_the_year"]),
        ({"reference_month": date(2027, 1, 1)}, ["month_in_the_year"]),
        ({"hs6_code": None}, ["hs_code_present"]),
        ({"hs6_code": "8542"}, ["hs_code_shape"]),
        ({"hs6_code": "85423a"}, ["hs_code_shape"]),
        ({"customs_code": None}, ["code_present"]),
        ({"customs_code": "-"}, ["code_shape"]),
        ({"customs_code": "na"}, ["code_shape"]),
        ({"export_weight_kg": None}, ["export_weight_present"]),
        ({"import_weight_kg": None}, ["import_weight_present"]),
        ({"hs6_code": "970110"}, ["one_row_per_month_code_and_country"]),
        ({"hs6_code": "970110"}, ["one_row_per_month_code_and_country"]),
    ],
    "customs_region_trade": [
        *TRADE_BAD,
        ({"reference_year": None}, ["year_present"]),
        ({"reference_year": date(2025, 1, 1)}, ["year_is_the_one_asked_for"]),
        ({"through_month": date(2025, 12, 1)}, ["last_month_in_the_year"]),
        ({"region_key": None}, ["region_present"]),
        ({"region_key": "PYONGYANG"}, ["region_is_known"]),
        ({"region_name_ko": None}, ["name_present"]),
        ({"export_declarations": None}, ["export_declarations_present"]),
        ({"export_declarations": -1}, ["export_declarations_not_negative"]),
        ({"import_declarations": None}, ["import_declarations_present"]),
    ],
    "fx_eximbank_rate": [
        ({"rate_on": None}, ["date_present"]),
        ({"rate_on": date(2026, 6, 1)}, ["date_in_the_month"]),
        ({"rate_on": date(2026, 4, 30)}, ["date_in_the_month"]),
        ({"currency": None}, ["currency_present"]),
        ({"currency": "usd"}, ["currency_shape"]),
        ({"currency": "KRW"}, ["no_rate_of_the_won"]),
        ({"quoted_krw": None}, ["quotation_present"]),
        ({"quoted_krw": Decimal(0), "krw_per_unit": Decimal(0)}, ["quotation_is_positive"]),
        ({"quote_units": None}, ["units_present"]),
        ({"krw_per_unit": None}, ["rate_present"]),
        ({"krw_per_unit": Decimal("1.00000001")}, ["rate_times_units_is_the_quotation"]),
        ({"currency": "GBP", "rate_on": date(2026, 5, 4)}, ["one_rate_per_currency_and_day"]),
        ({"currency": "GBP", "rate_on": date(2026, 5, 4)}, ["one_rate_per_currency_and_day"]),
    ],
    "ksure_country_grade": [
        ({"country_code_raw": None}, ["code_present"]),
        ({"country_name_ko": None}, ["name_present"]),
        ({"credit_grade": None}, ["grade_present"]),
        ({"credit_grade": Decimal(0)}, ["grade_from_1_to_7"]),
        ({"credit_grade": Decimal(8)}, ["grade_from_1_to_7"]),
        ({"evaluated_on": None}, ["evaluation_day_present"]),
        ({"evaluated_on": date(2026, 6, 1)}, ["evaluated_by_the_end_of_the_month"]),
        ({"country_code_raw": "KR"}, ["one_grade_per_country_and_day"]),
        ({"country_code_raw": "KR"}, ["one_grade_per_country_and_day"]),
    ],
}
MORE_ROW_CASES: dict[str, list[tuple[Row, list[str]]]] = {
    "customs_region_trade": [
        ({"import_declarations": -1}, ["import_declarations_not_negative"]),
        ({"region_key": "SEOUL"}, ["one_row_per_year_and_region"]),
        ({"trade_balance_usd": Decimal(6_000_001_001)}, ["balance_adds_up"]),
    ],
}


@pytest.mark.parametrize("feed_id", GOOD)
def test_exactly_the_bad_rows_are_quarantined_each_for_its_own_rules(feed_id: str, judged: Judge) -> None:
    rows, cases, expected = GOOD[feed_id](), ROW_CASES[feed_id], {}
    for row, (change, rules) in zip(reversed(rows), cases, strict=False):
        row |= change
        expected[row["source_row"]] = rules
    assert len(expected) == len(cases)
    verdict, held = judged(feed_id, rows)
    assert held == expected
    assert (verdict.accepted_rows, verdict.quarantined_rows) == (len(rows) - len(cases), len(cases))


@pytest.mark.parametrize(
    ("feed_id", "change", "rules"), [(f, *case) for f, cases in MORE_ROW_CASES.items() for case in cases]
)
def test_a_further_bad_row_is_quarantined_for_its_own_rule(
    feed_id: str, change: Row, rules: list[str], judged: Judge
) -> None:
    rows = GOOD[feed_id]()
    twins = {row["source_row"] for row in rows if row["region_key"] == change.get("region_key")}
    rows[-1] |= change
    _, held = judged(feed_id, rows)
    assert held == dict.fromkeys({*twins, len(rows)}, rules)


def test_every_quarantining_rule_has_a_bad_row() -> None:
    for feed_id in GOOD:
        suite = load_suite(ROOT / "expectations" / feed_id / "suite.json")
        tried = {rule for _, rules in ROW_CASES[feed_id] + MORE_ROW_CASES.get(feed_id, []) for rule in rules}
        assert tried == {rule.rule for rule in suite.rules if rule.quarantines}, feed_id


# The change of one row that only warns.
WARNINGS: list[tuple[str, Row, str]] = [
    ("customs_item_country_trade", {"export_weight_kg": Decimal(-5)}, "weight_not_negative"),
    ("customs_item_country_trade", {"import_weight_kg": Decimal(-5)}, "weight_not_negative"),
    ("customs_item_country_trade", {"export_weight_kg": Decimal(0)}, "weight_beside_an_amount"),
    ("customs_item_country_trade", {"import_weight_kg": Decimal(0)}, "weight_beside_an_amount"),
    ("customs_item_country_trade", {"hs6_code": "770110"}, "chapter_of_the_hs"),
    ("customs_item_country_trade", {"hs6_code": "980110"}, "chapter_of_the_hs"),
    ("customs_item_country_trade", {"customs_code": "Q9"}, "code_is_known"),
    ("fx_eximbank_rate", {"currency": "QQQ", "quote_units": 1, "krw_per_unit": Decimal("8.85")}, "currency_is_known"),
    ("fx_eximbank_rate", {"currency": "VND", "quotation_unit": "VND(100)"}, "units_fit_the_currency"),
    ("fx_eximbank_rate", {"quoted_krw": Decimal("9.74"), "krw_per_unit": Decimal("0.0974")}, "no_jump_between_days"),
    ("ksure_country_grade", {"country_name_ko": "아틀란티스"}, "country_name_is_known"),
]


@pytest.mark.parametrize(("feed_id", "change", "rule"), WARNINGS)
def test_an_oddity_warns_and_stays_in_the_rows(feed_id: str, change: Row, rule: str, judged: Judge) -> None:
    rows = GOOD[feed_id]()
    rows[-1] |= change
    verdict, held = judged(feed_id, rows)
    assert failed_rules(verdict) == {rule: 1}
    assert (verdict.stopped, held, len(verdict.warnings)) == (False, {}, 1)


def test_a_special_code_of_the_customs_service_and_an_alias_of_a_country_are_known(judged: Judge) -> None:
    rows = item_rows()
    rows[-1]["customs_code"] = "ZZ"
    assert failed_rules(judged("customs_item_country_trade", rows)[0]) == {}
    grades = grade_rows()
    grades[-1]["country_name_ko"] = "아랍에미리트 연합"
    assert failed_rules(judged("ksure_country_grade", grades)[0]) == {}


def test_a_jump_of_exactly_ten_percent_is_none(judged: Judge) -> None:
    rows = bank_rows()
    rows[-1] |= {"quoted_krw": Decimal("9.735"), "krw_per_unit": Decimal("0.09735")}
    assert failed_rules(judged("fx_eximbank_rate", rows)[0]) == {}


def test_a_balance_off_by_a_rounded_thousand_passes(judged: Judge) -> None:
    rows = region_rows()
    rows[0]["trade_balance_usd"] += 1000
    rows[1]["trade_balance_usd"] -= 1000
    assert failed_rules(judged("customs_region_trade", rows)[0]) == {}


def _scaled(rows: list[Row], factor: str) -> list[Row]:
    for row in rows:
        for column in ("exports_usd", "imports_usd"):
            row[column] = (row[column] * Decimal(factor)).quantize(Decimal(1))
        row["trade_balance_usd"] = row["exports_usd"] - row["imports_usd"]
    return rows


@pytest.mark.parametrize("factor", ["0.001", "1000"])
@pytest.mark.parametrize(
    ("feed_id", "rule"),
    [
        ("customs_item_country_trade", "exports_of_a_month_in_dollars"),
        ("customs_region_trade", "exports_of_the_year_in_dollars"),
    ],
)
def test_a_thousandfold_unit_error_stops_the_load(feed_id: str, rule: str, factor: str, judged: Judge) -> None:
    verdict, _ = judged(feed_id, _scaled(GOOD[feed_id](), factor))
    assert verdict.stopped
    assert set(failed_rules(verdict)) == {rule}


@pytest.mark.parametrize(("more", "stopped"), [(0, False), (1, True)])
def test_unknown_codes_with_more_than_half_a_percent_of_exports_stop_the_load(
    more: int, stopped: bool, judged: Judge
) -> None:
    rows = item_rows()
    others = sum(row["exports_usd"] for row in rows[:-1])
    exports = others // 199 + more
    rows[-1] |= {"customs_code": "Q9", "exports_usd": exports, "trade_balance_usd": exports - 5}
    verdict, _ = judged("customs_item_country_trade", rows)
    assert verdict.stopped is stopped
    assert ("unmapped_share_of_exports" in failed_rules(verdict)) is stopped


@pytest.mark.parametrize(("months", "stopped"), [((1, 2), False), ((2,), True), ((1, 3), True)])
def test_a_month_that_is_left_out_stops_the_load(months: tuple[int, ...], stopped: bool, judged: Judge) -> None:
    rows = [row | {"reference_month": date(2026, month, 1)} for month in months for row in item_rows()[:1_000]]
    for number, row in enumerate(rows, start=1):
        row["source_row"] = number
    verdict, _ = judged("customs_item_country_trade", rows)
    assert failed_rules(verdict).keys() == ({"no_month_is_left_out"} if stopped else set())
    assert verdict.stopped is stopped


@pytest.mark.parametrize(("headings", "warned"), [(999, True), (1_000, False), (1_300, False), (1_301, True)])
def test_a_year_of_few_or_too_many_headings_warns(headings: int, warned: bool, judged: Judge) -> None:
    verdict, _ = judged("customs_item_country_trade", item_rows(headings))
    assert set(failed_rules(verdict)) == ({"headings_in_the_year"} if warned else set())
    assert not verdict.stopped


@pytest.mark.parametrize(("provinces", "warned"), [(15, True), (16, False), (17, False)])
def test_a_year_of_few_provinces_warns(provinces: int, warned: bool, judged: Judge) -> None:
    verdict, _ = judged("customs_region_trade", region_rows()[:provinces])
    assert set(failed_rules(verdict)) == ({"provinces_in_the_year"} if warned else set())
    assert not verdict.stopped


@pytest.mark.parametrize(("currency", "factor"), [("USD", "10"), ("USD", "0.1"), ("JPY", "0.01"), ("EUR", "10")])
def test_a_shifted_decimal_point_stops_the_load(currency: str, factor: str, judged: Judge) -> None:
    rows = bank_rows()
    for row in rows:
        if row["currency"] == currency:
            row |= {name: row[name] * Decimal(factor) for name in ("quoted_krw", "krw_per_unit")}
    verdict, _ = judged("fx_eximbank_rate", rows)
    assert verdict.stopped
    assert set(failed_rules(verdict)) == {"rate_in_the_band_of_its_currency"}


def test_a_day_without_the_dollar_stops_the_load(judged: Judge) -> None:
    rows = bank_rows()
    del rows[-4]
    verdict, _ = judged("fx_eximbank_rate", rows)
    assert verdict.stopped
    assert failed_rules(verdict).keys() == {"the_dollar_is_there_every_day"}


@pytest.mark.parametrize(("countries", "stopped"), [(10, False), (11, True)])
def test_one_grade_for_all_countries_stops_the_load(countries: int, stopped: bool, judged: Judge) -> None:
    rows = [row | {"credit_grade": Decimal(3)} for row in grade_rows(countries)]
    verdict, _ = judged("ksure_country_grade", rows)
    assert verdict.stopped is stopped
    assert ("grades_differ" in failed_rules(verdict)) is stopped


@pytest.mark.parametrize(("countries", "warned"), [(149, True), (150, False), (300, False), (301, True)])
def test_few_or_too_many_grades_warn(countries: int, warned: bool, judged: Judge) -> None:
    verdict, _ = judged("ksure_country_grade", grade_rows(countries))
    assert set(failed_rules(verdict)) == ({"countries_with_a_grade"} if warned else set())
    assert not verdict.stopped
