"""Small real judgements: Great Expectations runs two suites over hand-written rows with known faults."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from trade_exposure.reports.records import ValidationRecord

HOSTILE_CODE = '<img src="https://collector.example/x.png" onerror="alert(1)">'

TRADE_SUITE: list[dict[str, Any]] = [
    {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 200, "max_value": 300},
        "severity": "warning",
        "meta": {"dimension": "completeness"},
    },
    {
        "type": "expect_column_to_exist",
        "kwargs": {"column": "exports_usd"},
        "severity": "critical",
        "meta": {"dimension": "schema"},
    },
    {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": "customs_code"},
        "severity": "critical",
        "meta": {
            "dimension": "completeness",
            "rule": "code_present",
            "reason_en": "The country code is missing",
            "reason_ko": "국가코드가 없음",
        },
        "notes": "Country codes of the customs service, never empty. 관세청 국가부호",
    },
    {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "customs_code", "regex": "^[A-Z]{2}$"},
        "severity": "critical",
        "meta": {"dimension": "validity"},
    },
    {
        "type": "expect_column_distinct_values_to_be_in_set",
        "kwargs": {"column": "customs_code", "value_set": ["US", "VN", "NA", "KE"]},
        "severity": "warning",
        "meta": {"dimension": "validity"},
    },
    {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "exports_usd", "min_value": 0},
        "severity": "critical",
        "meta": {"dimension": "plausibility"},
    },
    {
        "type": "expect_column_sum_to_be_between",
        "kwargs": {"column": "exports_usd", "min_value": 0},
        "severity": "info",
    },
    {
        "type": "expect_column_values_to_be_unique",
        "kwargs": {"column": "source_row"},
        "severity": "critical",
        "meta": {"dimension": "uniqueness"},
    },
    {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "re_exports_usd", "min_value": 0},
        "severity": "warning",
    },
]
RATE_SUITE: list[dict[str, Any]] = [
    {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "quoted_krw", "min_value": 100, "max_value": 5000},
        "severity": "critical",
        "meta": {"dimension": "plausibility"},
    },
    {
        "type": "expect_column_values_to_be_in_set",
        "kwargs": {"column": "currency", "value_set": ["USD"]},
        "severity": "critical",
        "meta": {"dimension": "validity"},
    },
    {
        "type": "expect_column_kl_divergence_to_be_less_than",
        "kwargs": {
            "column": "currency",
            "partition_object": {"values": ["USD", "JPY"], "weights": [0.5, 0.5]},
            "threshold": 5.0,
        },
        "severity": "info",
    },
]
TRADE_ROWS: dict[str, list[Any]] = {
    "source_row": [1, 2, 3, 4, 5, 6],
    "customs_code": ["US", "VN", "NA", HOSTILE_CODE, None, "Republic of $column"],
    "exports_usd": [36260420221, 20, -5, 40, 50, 60],
}
RATE_ROWS: dict[str, list[Any]] = {"quoted_krw": [1201.3, 1198.0, 1187.5], "currency": ["USD", "USD", "USD"]}


def judged(suite_name: str, expectations: list[dict[str, Any]], rows: dict[str, list[Any]]) -> dict[str, Any]:
    """The suite result of Great Expectations on pandas, as a JSON-able dict."""
    import great_expectations as gx
    import pandas as pd

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("asset")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.DataFrame(rows)})
    suite = gx.ExpectationSuite(name=suite_name, expectations=copy.deepcopy(expectations))
    result: dict[str, Any] = batch.validate(suite, result_format="SUMMARY").to_json_dict()
    return result


@lru_cache(maxsize=1)
def trade_result() -> dict[str, Any]:
    """Critical failures, warnings, an expectation that raised, and values that try to be markup."""
    return judged("customs_country_trade", TRADE_SUITE, TRADE_ROWS)


@lru_cache(maxsize=1)
def rate_result() -> dict[str, Any]:
    """Everything passes; one expectation brings a chart."""
    return judged("fx_daily_rate", RATE_SUITE, RATE_ROWS)


def trade_record(month: int = 1, *, is_synthetic: bool = False) -> ValidationRecord:
    """A stopped load of one month of 2016."""
    return ValidationRecord(
        suite_name="customs_country_trade",
        feed_id="customs_country_trade",
        period=f"2016-{month:02d}",
        slice="all",
        load_id=f"9f2c41d07be35a1c{month:04d}",
        run_at=datetime(2026, 11, 2, 0, 30, tzinfo=UTC) + timedelta(days=month),
        result=trade_result(),
        is_synthetic=is_synthetic,
        title_en="Trade by country",
        title_ko="국가별 수출입실적",
        verdict="Stopped: 2 critical rules failed for the whole batch; nothing of it was committed.",
    )


def rate_record(month: int = 1, *, is_synthetic: bool = False) -> ValidationRecord:
    """An accepted load of one month of US dollar rates."""
    return ValidationRecord(
        suite_name="fx_daily_rate",
        feed_id="fx_daily_rate",
        period=f"2016-{month:02d}",
        slice="USD",
        load_id=f"17aa0c93d2e8b6f4{month:04d}",
        run_at=datetime(2026, 11, 2, 1, 0, tzinfo=UTC) + timedelta(days=month),
        result=rate_result(),
        is_synthetic=is_synthetic,
        title_en="Exchange rates",
        title_ko="환율",
        verdict="Accepted: 3 rows, none quarantined.",
    )
