"""A suite that does not say what it must is refused in one sentence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from trade_exposure.errors import ConfigurationError
from trade_exposure.quality.suite import load_suite

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
COMMITTED = sorted([*EXPECTATIONS.glob("*/suite.json"), *EXPECTATIONS.glob("marts/*.json")])


def expectation(**changes: Any) -> dict[str, Any]:
    meta = {
        "rule": "code_present",
        "dimension": "completeness",
        "owner": "data engineering",
        "scope": "row",
        "reason_en": "The code is missing",
        "reason_ko": "코드가 없음",
    }
    kwargs = {"column": "code"}
    whole = {"type": "expect_column_values_to_not_be_null", "kwargs": kwargs, "severity": "critical", "meta": meta}
    for name, value in changes.items():
        target = meta if name in meta else whole
        if value is None:
            del target[name]
        else:
            target[name] = value
    return whole


def written(folder: Path, *expectations: dict[str, Any]) -> Path:
    path = folder / "suite.json"
    path.write_text(json.dumps({"name": "s", "meta": {}, "expectations": list(expectations)}))
    return path


def test_a_complete_suite_is_loaded_with_the_hash_of_its_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, expectation())
    suite = load_suite(path)
    assert [rule.rule for rule in suite.rules] == ["code_present"]
    assert suite.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "missing", ["rule", "dimension", "owner", "scope", "reason_en", "reason_ko", "severity", "kwargs", "meta"]
)
def test_an_expectation_without_an_obligation_is_refused(tmp_path: Path, missing: str) -> None:
    with pytest.raises(ConfigurationError, match=missing) as caught:
        load_suite(written(tmp_path, expectation(**{missing: None})))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [{"severity": "fatal"}, {"scope": "table"}, {"dimension": "beauty"}, {"rule": "Code Present"}, {"reason_ko": ""}],
)
def test_an_expectation_with_an_unknown_word_is_refused(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(changes))):
        load_suite(written(tmp_path, expectation(**changes)))


def test_two_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="code_present occurs more than once"):
        load_suite(written(tmp_path, expectation(), expectation()))


def test_a_quarantining_rule_cannot_let_some_rows_through(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot have 'mostly'"):
        load_suite(written(tmp_path, expectation(kwargs={"column": "code", "mostly": 0.9})))
    warning = expectation(kwargs={"column": "code", "mostly": 0.9}, severity="warning")
    assert load_suite(written(tmp_path, warning)).rules[0].kwargs["mostly"] == 0.9


def test_a_suite_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="expectations"):
        load_suite(written(tmp_path))


def test_a_missing_file_and_a_file_that_is_no_json_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_suite(tmp_path / "none.json")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(ConfigurationError, match="not JSON"):
        load_suite(tmp_path / "broken.json")


def test_variables_are_put_into_values_and_sql_but_a_regex_keeps_its_dollar(tmp_path: Path) -> None:
    kwargs = {"a": ["$period_start"], "b": "where day = '$period_end'", "regex": "^[A-Z]$", "n": 1}
    suite = load_suite(written(tmp_path, expectation(kwargs=kwargs)))
    ready = suite.with_variables({"period_start": "2016-01-01", "period_end": "2016-01-31"})
    assert ready.rules[0].kwargs == {"a": ["2016-01-01"], "b": "where day = '2016-01-31'", "regex": "^[A-Z]$", "n": 1}
    assert ready.sha256 == suite.sha256


def test_a_variable_that_is_not_given_or_could_leave_its_quotes_is_refused(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path, expectation(kwargs={"a": "$period_start"})))
    with pytest.raises(ConfigurationError, match=r"code_present uses the variable \$period_start"):
        suite.with_variables({})
    with pytest.raises(ConfigurationError, match="cannot be used"):
        suite.with_variables({"period_start": "' or true --"})


def test_every_committed_suite_loads_and_says_in_korean_why() -> None:
    assert {path.relative_to(EXPECTATIONS).as_posix() for path in COMMITTED} >= {
        "customs_country_trade/suite.json",
        "fx_daily_rate/suite.json",
        "marts/fct_fx_rate.json",
        "marts/fct_trade_month.json",
        "marts/mart_data_quality.json",
        "marts/mart_market_exports.json",
    }
    for path in COMMITTED:
        suite = load_suite(path)
        assert any(rule.stops for rule in suite.rules), path
        for rule in suite.rules:
            assert any("가" <= letter <= "힣" for letter in rule.reason_ko), (path, rule.rule)
            assert path.parent.name != "marts" or rule.scope == "batch"
