"""Every rule of both feed suites: good rows pass, bad rows are found, exactly those and no others."""

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

from trade_exposure.feeds.typing_sinks import reject_schema
from trade_exposure.quality.judge import judge
from trade_exposure.quality.suite import load_suite
from trade_exposure.quality.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
CUSTOMS_SCHEMA = pa.schema(
    [
        ("source_row", pa.int64()),
        ("reference_month", pa.date32()),
        ("customs_code", pa.string()),
        ("customs_name_ko", pa.string()),
        ("exports_usd", pa.decimal128(20, 0)),
        ("imports_usd", pa.decimal128(20, 0)),
        ("trade_balance_usd", pa.decimal128(20, 0)),
        ("export_declarations", pa.int64()),
        ("import_declarations", pa.int64()),
    ]
)
FX_SCHEMA = pa.schema(
    [
        ("source_row", pa.int64()),
        ("rate_on", pa.date32()),
        ("currency", pa.string()),
        ("quote_units", pa.int64()),
        ("quoted_krw", pa.decimal128(18, 6)),
        ("krw_per_unit", pa.decimal128(18, 8)),
        ("item_code", pa.string()),
        ("item_name_ko", pa.string()),
        ("unit_name_ko", pa.string()),
    ]
)
Row = dict[str, Any]
Judge = Callable[..., tuple[Verdict, dict[int, list[str]]]]


def customs_rows(countries: int = 160) -> list[Row]:
    """A month: 10 billion dollars of exports to the first country, which is Namibia, about 200 million to each other."""
    codes = ["NA", *(f"{a}{b}" for a in "ABCDEFGHIJKLM" for b in "ABCDEFGHIJKLM")][:countries]
    return [
        {
            "source_row": number,
            "reference_month": date(2016, 1, 1),
            "customs_code": code,
            "customs_name_ko": "나라",
            "exports_usd": Decimal((10_000_000_000 if number == 1 else 200_000_000) + number),
            "imports_usd": Decimal(100_000_000),
            "trade_balance_usd": Decimal((9_900_000_000 if number == 1 else 100_000_000) + number),
            "export_declarations": 10,
            "import_declarations": 10,
        }
        for number, code in enumerate(codes, start=1)
    ]


def fx_rows(currency: str = "USD", rate: str = "1200.5") -> list[Row]:
    """The working days of January 2016."""
    units = 100 if currency == "JPY" else 1
    days = [day for day in range(1, 32) if date(2016, 1, day).isoweekday() < 6]
    return [
        {
            "source_row": number,
            "rate_on": date(2016, 1, day),
            "currency": currency,
            "quote_units": units,
            "quoted_krw": Decimal(rate) * units,
            "krw_per_unit": Decimal(rate),
            "item_code": "0000001",
            "item_name_ko": "원/미국달러(매매기준율)",
            "unit_name_ko": "원",
        }
        for number, day in enumerate(days, start=1)
    ]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Judge rows by a feed's committed suite; returns the verdict and the quarantined rows with their rules."""
    reference = tmp_path / "reference"
    reference.mkdir()
    known = [row["customs_code"] for row in customs_rows()]
    (reference / "country.csv").write_text("customs_code,name\n,No code\n" + "".join(f"{code},x\n" for code in known))
    (reference / "customs_special_code.csv").write_text("customs_code\nQ7\n")

    def run(feed: str, rows: list[Row]) -> tuple[Verdict, dict[int, list[str]]]:
        customs = feed == "customs_country_trade"
        measures = ("exports_usd", "imports_usd") if customs else ("quoted_krw",)
        pq.write_table(
            pa.Table.from_pylist(rows, schema=CUSTOMS_SCHEMA if customs else FX_SCHEMA), tmp_path / "p.parquet"
        )
        pq.write_table(reject_schema().empty_table(), tmp_path / "rejects.parquet")
        verdict = judge(
            tmp_path / "p.parquet",
            suite=load_suite(ROOT / "expectations" / feed / "suite.json"),
            measures=measures,
            rejects=tmp_path / "rejects.parquet",
            announced_rows=len(rows),
            announced_totals={m: sum((row[m] for row in rows if row[m] is not None), Decimal(0)) for m in measures},
            max_quarantined_share=Decimal(1),
            accepted=tmp_path / "accepted.parquet",
            quarantine=tmp_path / "quarantine.parquet",
            constants={"load_id": "load-1", "is_synthetic": True},
            reference_dir=reference,
            variables={"period_start": "2016-01-01", "period_end": "2016-01-31" if customs else "2016-12-31"},
            memory_limit="256MB",
        )
        held = duckdb.sql(f"select source_row, rules from '{tmp_path}/quarantine.parquet'").fetchall()
        return verdict, dict(held)

    return run


def failed_rules(verdict: Verdict) -> dict[str, int]:
    return {outcome.rule: outcome.failed_rows for outcome in verdict.rules if not outcome.success}


def test_good_customs_rows_pass_every_rule(judged: Judge) -> None:
    verdict, held = judged("customs_country_trade", customs_rows())
    assert failed_rules(verdict) == {}
    assert (verdict.stopped, held, verdict.accepted_rows) == (False, {}, 160)
    assert len(verdict.rules) == 20


@pytest.mark.parametrize(
    ("currency", "rate"), [("USD", "1200.5"), ("JPY", "10.25"), ("EUR", "1300.12"), ("CNY", "180.4")]
)
def test_good_rates_pass_every_rule(judged: Judge, currency: str, rate: str) -> None:
    verdict, held = judged("fx_daily_rate", fx_rows(currency, rate))
    assert failed_rules(verdict) == {}
    assert (verdict.stopped, held, verdict.accepted_rows) == (False, {}, 21)
    assert len(verdict.rules) == 15


# The change of one row, and every rule that it then breaks; each case takes a row of its own.
CUSTOMS_BAD: list[tuple[Row, list[str]]] = [
    ({"reference_month": None}, ["month_present"]),
    ({"reference_month": date(2016, 2, 1)}, ["month_is_the_one_asked_for"]),
    ({"customs_code": None}, ["code_present"]),
    ({"customs_code": "k1"}, ["code_shape"]),
    ({"customs_code": "KOR"}, ["code_shape"]),
    ({"customs_code": "1K"}, ["code_shape"]),
    ({"customs_code": ""}, ["code_shape"]),
    ({"exports_usd": None}, ["exports_present"]),
    ({"exports_usd": Decimal(-1), "trade_balance_usd": Decimal(-100_000_001)}, ["exports_not_negative"]),
    ({"imports_usd": None}, ["imports_present"]),
    (
        {"imports_usd": Decimal(-1), "exports_usd": Decimal(5), "trade_balance_usd": Decimal(6)},
        ["imports_not_negative"],
    ),
    ({"trade_balance_usd": None}, ["balance_present"]),
    ({"trade_balance_usd": Decimal(3)}, ["balance_adds_up"]),
    ({"export_declarations": None}, ["export_declarations_present"]),
    ({"export_declarations": -1}, ["export_declarations_not_negative"]),
    ({"import_declarations": None}, ["import_declarations_present"]),
    ({"import_declarations": -1}, ["import_declarations_not_negative"]),
    ({"customs_code": "QQ"}, ["one_row_per_country_and_month"]),
    ({"customs_code": "QQ"}, ["one_row_per_country_and_month"]),
    ({"customs_code": None, "export_declarations": -1}, ["code_present", "export_declarations_not_negative"]),
]
FX_BAD: list[tuple[Row, list[str]]] = [
    ({"rate_on": None}, ["date_present"]),
    ({"rate_on": date(2017, 1, 1)}, ["date_in_the_year"]),
    ({"rate_on": date(2015, 12, 31)}, ["date_in_the_year"]),
    ({"currency": None}, ["currency_present"]),
    ({"currency": "GBP"}, ["currency_is_known"]),
    ({"quoted_krw": None}, ["quotation_present"]),
    ({"quoted_krw": Decimal(0), "krw_per_unit": Decimal(0)}, ["quotation_is_positive"]),
    ({"quote_units": None}, ["units_present"]),
    ({"quote_units": 100, "quoted_krw": Decimal(120050)}, ["units_fit_the_currency"]),
    ({"krw_per_unit": None}, ["rate_present"]),
    ({"krw_per_unit": Decimal("1200.50000001")}, ["rate_times_units_is_the_quotation"]),
    ({"rate_on": date(2016, 1, 30)}, ["one_rate_per_currency_and_day"]),
    ({"rate_on": date(2016, 1, 30)}, ["one_rate_per_currency_and_day"]),
]


@pytest.mark.parametrize(
    ("feed", "rows", "cases"),
    [("customs_country_trade", customs_rows(), CUSTOMS_BAD), ("fx_daily_rate", fx_rows(), FX_BAD)],
    ids=["customs", "rates"],
)
def test_exactly_the_bad_rows_are_quarantined_each_for_its_own_rules(
    judged: Judge, feed: str, rows: list[Row], cases: list[tuple[Row, list[str]]]
) -> None:
    expected = {}
    for row, (change, rules) in zip(rows[3:], cases, strict=False):
        row |= change
        expected[row["source_row"]] = rules
    assert len(expected) == len(cases)
    verdict, held = judged(feed, rows)
    assert held == expected
    assert (verdict.accepted_rows, verdict.quarantined_rows) == (len(rows) - len(cases), len(cases))
    quarantining = {
        rule.rule for rule in load_suite(ROOT / "expectations" / feed / "suite.json").rules if rule.quarantines
    }
    assert {rule for rules in expected.values() for rule in rules} == quarantining
    counts = {outcome.rule: outcome.failed_rows for outcome in verdict.rules if outcome.rule in quarantining}
    assert counts == {rule: sum(rule in rules for rules in expected.values()) for rule in quarantining}


def test_one_bad_row_does_not_stop_a_month(judged: Judge) -> None:
    rows = customs_rows()
    rows[4]["customs_code"] = "k1"
    verdict, held = judged("customs_country_trade", rows)
    assert (verdict.stopped, held) == (False, {5: ["code_shape"]})


def test_an_unknown_code_only_warns_and_a_special_code_does_not(judged: Judge) -> None:
    rows = customs_rows()
    rows[4] |= {"customs_code": "Z9", "exports_usd": Decimal(1000), "trade_balance_usd": Decimal(-99_999_000)}
    rows[6] |= {"customs_code": "Q7"}
    verdict, held = judged("customs_country_trade", rows)
    assert failed_rules(verdict) == {"code_is_known": 1}
    assert (verdict.stopped, held, len(verdict.warnings)) == (False, {}, 1)


@pytest.mark.parametrize(("more", "stopped"), [(0, False), (1, True)])
def test_unknown_codes_with_more_than_half_a_percent_of_exports_stop_the_load(
    judged: Judge, more: int, stopped: bool
) -> None:
    rows = customs_rows()
    others = sum(row["exports_usd"] for row in rows) - rows[4]["exports_usd"]
    exports = others // 199 + more  # x of x + others is 0.5 % when x is a 199th of the others
    rows[4] |= {"customs_code": "Z9", "exports_usd": exports, "trade_balance_usd": exports - 100_000_000}
    verdict, _ = judged("customs_country_trade", rows)
    assert verdict.stopped is stopped
    assert any("0.5 %" in reason for reason in verdict.reasons) is stopped


@pytest.mark.parametrize("factor", [Decimal("0.001"), Decimal(1000)])
def test_a_thousandfold_unit_error_stops_the_load(judged: Judge, factor: Decimal) -> None:
    rows = customs_rows()
    for row in rows:
        row["exports_usd"] = (row["exports_usd"] * factor).quantize(Decimal(1))
        row["trade_balance_usd"] = row["exports_usd"] - row["imports_usd"]
    verdict, _ = judged("customs_country_trade", rows)
    assert verdict.stopped
    assert [outcome.rule for outcome in verdict.rules if not outcome.success] == ["exports_of_the_month_in_dollars"]


@pytest.mark.parametrize(("countries", "warned"), [(149, True), (150, False)])
def test_a_month_of_few_countries_warns(judged: Judge, countries: int, warned: bool) -> None:
    verdict, _ = judged("customs_country_trade", customs_rows(countries))
    assert ("countries_in_the_month" in failed_rules(verdict)) is warned
    assert not verdict.stopped


def test_a_country_without_amounts_is_noted_and_kept(judged: Judge) -> None:
    rows = customs_rows()
    rows[4] |= {"exports_usd": Decimal(0), "imports_usd": Decimal(0), "trade_balance_usd": Decimal(0)}
    verdict, held = judged("customs_country_trade", rows)
    assert (failed_rules(verdict), held, verdict.warnings) == ({"country_without_amounts": 1}, {}, ())


def test_a_rate_at_the_weekend_warns(judged: Judge) -> None:
    rows = fx_rows()
    rows[0]["rate_on"] = date(2016, 1, 3)
    verdict, held = judged("fx_daily_rate", rows)
    assert (failed_rules(verdict), held) == ({"no_rate_at_the_weekend": 1}, {})


@pytest.mark.parametrize(("rate", "failed"), [("1320.55", {}), ("1320.56", {"no_jump_between_days": 1})])
def test_a_jump_of_more_than_ten_percent_warns(judged: Judge, rate: str, failed: dict[str, int]) -> None:
    rows = fx_rows()
    for row in rows[10:]:
        row |= {"krw_per_unit": Decimal(rate), "quoted_krw": Decimal(rate)}
    verdict, _ = judged("fx_daily_rate", rows)
    assert (failed_rules(verdict), verdict.stopped) == (failed, False)


@pytest.mark.parametrize(
    ("currency", "rate"),
    [
        ("USD", "12.005"),
        ("USD", "12005"),
        ("JPY", "0.1025"),
        ("JPY", "1025"),
        ("EUR", "130"),
        ("EUR", "13000"),
        ("CNY", "18.04"),
        ("CNY", "1804"),
    ],
)
def test_a_shifted_decimal_point_stops_the_load(judged: Judge, currency: str, rate: str) -> None:
    verdict, _ = judged("fx_daily_rate", fx_rows(currency, rate))
    assert verdict.stopped
    assert set(failed_rules(verdict)) == {"rate_in_the_band_of_its_currency"}


def test_more_rates_than_a_year_has_days_stop_the_load(judged: Judge) -> None:
    rows = [dict(row) for _ in range(18) for row in fx_rows()]
    for number, row in enumerate(rows, start=1):
        row["source_row"] = number
    verdict, _ = judged("fx_daily_rate", rows)
    assert verdict.stopped
    assert "no_more_days_than_a_year_has" in {o.rule for o in verdict.rules if not o.success}
