"""Rules that cannot be evaluated, batches that cannot be judged, settings that cannot be used: one sentence, never a pass."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.quality import judge as judge_module
from trade_exposure.quality.suite import Rule
from trade_exposure.quality.validation import Finding
from trade_exposure.quality.verdict import Verdict

UNEXPECTED = "unexpected_rows_expectation"
Judge = Callable[..., Verdict]


def rule(name: str, kind: str, kwargs: dict[str, Any], severity: Any = "critical", scope: Any = "row") -> Rule:
    return Rule(name, kind, kwargs, severity, scope, "accuracy", "tests", f"{name} is wrong", "틀림")


NOT_NEGATIVE = rule("not_negative", "expect_column_values_to_be_between", {"column": "amount", "min_value": 0})
HAS_CODE = rule("has_code", "expect_column_values_to_not_be_null", {"column": "code"})


def held(folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from '{folder}/out/quarantine.parquet'").fetchall()


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (rule("r", NOT_NEGATIVE.type, {"column": "nowhere", "min_value": 0}), "The rule r .* could not be evaluated"),
        (rule("r", NOT_NEGATIVE.type, {"column": "code", "min_value": 0}), "The rule r .* could not be evaluated"),
        (
            rule("r", UNEXPECTED, {"unexpected_rows_query": "select 1 from {batch} where nonsense"}),
            "The rule r .* evaluated",
        ),
        (
            rule("r", UNEXPECTED, {"unexpected_rows_query": "select source_row from reference.none"}),
            "The rule r .* evaluated",
        ),
        (
            rule("r", UNEXPECTED, {"unexpected_rows_query": "select code from {batch}"}),
            "cannot be traced to rows by source_row",
        ),
        (
            rule("r", UNEXPECTED, {"unexpected_rows_query": "from {batch} as a, {batch} as b"}),
            "The rule r",
        ),
        (
            rule("r", UNEXPECTED, {"unexpected_rows_query": "select 1::bigint as source_row from {batch}"}),
            "failed for 4 rows, but 1 rows were found",
        ),
        (
            rule("r", "expect_column_sum_to_be_between", {"column": "amount", "min_value": 0}),
            "cannot have the scope row",
        ),
        (rule("r", "expect_wonders", {"column": "amount"}), "Great Expectations returned no result for the rule r"),
        (rule("r", NOT_NEGATIVE.type, {"column": "amount", "no_such_limit": 0}), "cannot be built"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_an_error_and_never_a_pass(
    judged: Judge, tmp_path: Path, broken: Rule, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        judged(HAS_CODE, broken)
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "out").iterdir())


def test_a_reference_table_that_cannot_be_read_is_refused(judged: Judge, tmp_path: Path) -> None:
    (tmp_path / "country.csv").write_bytes(b"code,name\n\xff\xfe,x\n")
    known = "from {batch} where code not in (select code from reference.country)"
    with pytest.raises(ConfigurationError, match=r"country\.csv cannot be read"):
        judged(rule("known", UNEXPECTED, {"unexpected_rows_query": known}), reference_dir=tmp_path)


def test_a_column_that_repeats_is_traced_by_the_compound_rule_and_refused_by_the_single_one(
    judged: Judge, tmp_path: Path
) -> None:
    judged(
        rule("once", "expect_compound_columns_to_be_unique", {"column_list": ["code", "amount"]}),
        more=((5, "US", "5.25", 1),),
    )
    assert [row[0] for row in held(tmp_path)] == [3, 5]
    with pytest.raises(ConfigurationError, match="cannot be traced to rows"):
        judged(rule("once", "expect_column_values_to_be_unique", {"column": "kind"}))


def test_a_count_that_does_not_fit_the_rows_found_is_an_error(judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = judge_module.Session.failing_rows

    def off_by_one(self: Any, finding: Finding) -> str:
        return sound(self, Finding(finding.rule, finding.success, finding.failed_rows + 1, finding.observed))

    monkeypatch.setattr(judge_module.Session, "failing_rows", off_by_one)
    with pytest.raises(ConfigurationError, match="failed for 3 rows, but 2 rows were found"):
        judged(NOT_NEGATIVE)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"announced_rows": 0}, "announces no rows"),
        ({"more": ((4, "DE", "1.00", 1),)}, "the row number 4 stands for 2 rows"),
        ({"rejects": ((3, "r", "read and rejected", "{}"),)}, "the row number 3 stands for 2 rows"),
        ({"announced_totals": {}}, "total of amount was not handed in"),
    ],
)
def test_a_batch_that_cannot_be_judged_is_refused(judged: Judge, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        judged(NOT_NEGATIVE, **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"constants": {"code": "x"}}, "already has the column code"),
        (
            {"measures": ("code",), "announced_totals": {"code": Decimal(0)}},
            "must be an exact number, but it is VARCHAR",
        ),
        (
            {"measures": ("none",), "announced_totals": {"none": Decimal(0)}},
            "must be an exact number, but it is missing",
        ),
        ({"memory_limit": "much"}, "not a size"),
    ],
)
def test_a_wrong_setting_is_refused(judged: Judge, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        judged(NOT_NEGATIVE, **changes)


def test_a_parsed_file_that_is_no_parquet_is_refused(tmp_path: Path, judged: Judge) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"not parquet")
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        judged(NOT_NEGATIVE, parsed=broken)
