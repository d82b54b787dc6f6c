"""The judgement: conservation, quarantine, stops."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from trade_exposure.quality import judge as judge_module
from trade_exposure.quality.suite import Rule
from trade_exposure.quality.verdict import Verdict

UNEXPECTED = "unexpected_rows_expectation"
Judge = Callable[..., Verdict]


def rule(name: str, kind: str, kwargs: dict[str, Any], severity: Any = "critical", scope: Any = "row") -> Rule:
    return Rule(name, kind, kwargs, severity, scope, "accuracy", "tests", f"{name} is wrong", "틀림")


NOT_NEGATIVE = rule("not_negative", "expect_column_values_to_be_between", {"column": "amount", "min_value": 0})
HAS_CODE = rule("has_code", "expect_column_values_to_not_be_null", {"column": "code"})


def accepted(folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from '{folder}/out/accepted.parquet'").fetchall()


def held(folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(f"from '{folder}/out/quarantine.parquet'").fetchall()


def test_failing_rows_are_held_with_every_rule_and_reason_and_the_rest_is_accepted(
    judged: Judge, tmp_path: Path
) -> None:
    verdict = judged(NOT_NEGATIVE, HAS_CODE)
    assert accepted(tmp_path) == [
        (1, "NA", Decimal("10.50"), 1, "load-1", True),
        (3, "US", Decimal("5.25"), 2, "load-1", True),
    ]
    first, second = held(tmp_path)
    assert first[:3] == (2, ["not_negative", "has_code"], ["not_negative is wrong", "has_code is wrong"])
    assert json.loads(first[3]) == {"source_row": "2", "code": None, "amount": "-1.00", "kind": "1"}
    assert first[4:] == ("load-1", True)
    assert second[:2] == (4, ["not_negative"])
    assert (verdict.stopped, verdict.reasons) == (False, ())
    assert (verdict.source_rows, verdict.accepted_rows, verdict.quarantined_rows) == (4, 2, 2)
    total = verdict.control_totals["amount"]
    assert (total.source, total.accepted, total.quarantined) == (Decimal("12.75"), Decimal("15.75"), Decimal(-3))
    assert [(o.rule, o.failed_rows, o.quarantined_rows) for o in verdict.rules] == [
        ("not_negative", 2, 2),
        ("has_code", 1, 1),
    ]


def test_the_files_have_the_columns_and_types_that_the_lake_expects(judged: Judge, tmp_path: Path) -> None:
    judged(NOT_NEGATIVE)
    types = {
        name: [tuple(row[:2]) for row in duckdb.sql(f"describe from '{tmp_path}/out/{name}.parquet'").fetchall()]
        for name in ("accepted", "quarantine")
    }
    constants = [("load_id", "VARCHAR"), ("is_synthetic", "BOOLEAN")]
    assert types["accepted"] == [
        ("source_row", "BIGINT"), ("code", "VARCHAR"), ("amount", "DECIMAL(20,2)"), ("kind", "BIGINT"), *constants,
    ]  # fmt: skip
    assert types["quarantine"] == [
        ("source_row", "BIGINT"), ("rules", "VARCHAR[]"), ("reasons", "VARCHAR[]"), ("row_json", "VARCHAR"), *constants,
    ]  # fmt: skip


def test_a_row_condition_is_respected_to_the_row(judged: Judge, tmp_path: Path) -> None:
    condition = {"type": "comparison", "column": {"name": "kind"}, "operator": "==", "parameter": 2}
    verdict = judged(rule("of_kind_two", NOT_NEGATIVE.type, dict(NOT_NEGATIVE.kwargs) | {"row_condition": condition}))
    assert [row[0] for row in held(tmp_path)] == [4]
    assert verdict.rules[0].failed_rows == 1


def test_a_rule_written_in_sql_holds_the_rows_that_it_returns(judged: Judge, tmp_path: Path) -> None:
    query = "select source_row from {batch} where amount < 0"
    judged(rule("by_sql", UNEXPECTED, {"unexpected_rows_query": query}))
    assert [row[0] for row in held(tmp_path)] == [2, 4]


def test_warnings_and_notes_hold_no_row(judged: Judge, tmp_path: Path) -> None:
    warning = rule("warned", NOT_NEGATIVE.type, dict(NOT_NEGATIVE.kwargs), severity="warning")
    note = rule("noted", NOT_NEGATIVE.type, dict(NOT_NEGATIVE.kwargs), severity="info")
    verdict = judged(warning, note)
    assert (held(tmp_path), verdict.accepted_rows, verdict.stopped) == ([], 4, False)
    assert verdict.warnings == ("Rule warned failed: warned is wrong (2 rows).",)
    assert [(o.failed_rows, o.quarantined_rows) for o in verdict.rules] == [(2, 0), (2, 0)]


def test_a_critical_rule_on_the_batch_stops_it_and_leaves_no_accepted_file(judged: Judge, tmp_path: Path) -> None:
    band = rule("band", "expect_column_sum_to_be_between", {"column": "amount", "min_value": 100}, scope="batch")
    verdict = judged(band, NOT_NEGATIVE)
    assert verdict.stopped
    assert verdict.reasons == ("Rule band failed: band is wrong (observed 12.75).",)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["quarantine.parquet"]
    assert [row[0] for row in held(tmp_path)] == [2, 4]


def test_rejects_of_the_parser_are_held_once_each_with_their_amounts(judged: Judge, tmp_path: Path) -> None:
    rejects = (
        (5, "unreadable_month", "The month is no month", '{"year": "총계"}', {"amount": Decimal(4)}),
        (6, "unreadable_amount", "The amount is no number", '{"expDlr": "x"}'),
        (6, "unreadable_code", "The code is empty", '{"expDlr": "x"}'),
    )
    verdict = judged(HAS_CODE, rejects=rejects, announced_rows=6, announced_totals={"amount": Decimal("16.75")})
    assert verdict.stopped is False, verdict.reasons
    assert [row[:4] for row in held(tmp_path)][1:] == [
        (5, ["unreadable_month"], ["The month is no month"], '{"year": "총계"}'),
        (
            6,
            ["unreadable_amount", "unreadable_code"],
            ["The amount is no number", "The code is empty"],
            '{"expDlr": "x"}',
        ),
    ]
    assert (verdict.accepted_rows, verdict.quarantined_rows) == (3, 3)
    assert verdict.control_totals["amount"].quarantined == Decimal(3)
    assert {o.rule: o.quarantined_rows for o in verdict.rules if not o.success} == {
        "has_code": 1, "unreadable_month": 1, "unreadable_amount": 1, "unreadable_code": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("announced", "sentence"),
    [
        ({"announced_rows": 5}, "The source announced 5 rows, but 2 were accepted and 2 quarantined."),
        (
            {"announced_totals": {"amount": Decimal("12.76")}},
            "The source announced 12.76 of amount, but 15.75 was accepted and -3.00 quarantined.",
        ),
    ],
)
def test_a_lost_row_or_cent_stops_the_batch(
    judged: Judge, tmp_path: Path, announced: dict[str, Any], sentence: str
) -> None:
    verdict = judged(NOT_NEGATIVE, **announced)
    assert (verdict.stopped, verdict.reasons) == (True, (sentence,))
    assert not (tmp_path / "out" / "accepted.parquet").exists()


def test_rows_lost_while_writing_stop_the_batch(judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = judge_module.split.write_accepted

    def lossy(session: Any, constants: Any, path: Path) -> None:
        whole(session, constants, path)
        duckdb.sql(f"copy (select * from read_parquet('{path}') limit 1) to '{path}.short' (format parquet)")
        Path(f"{path}.short").replace(path)

    monkeypatch.setattr(judge_module.split, "write_accepted", lossy)
    verdict = judged(NOT_NEGATIVE)
    assert verdict.stopped
    assert verdict.reasons[0] == "The source announced 4 rows, but 1 were accepted and 2 quarantined."


@pytest.mark.parametrize(("share", "stopped"), [("0.5", False), ("0.49", True)])
def test_too_many_held_rows_stop_the_batch(judged: Judge, share: str, stopped: bool) -> None:
    verdict = judged(NOT_NEGATIVE, max_quarantined_share=Decimal(share))
    assert verdict.stopped is stopped
    expected = ("Of rows, 2 of 4 went to quarantine, which is more than the share 0.49 that is allowed.",)
    assert verdict.reasons == (expected if stopped else ())


def test_too_much_held_money_stops_the_batch_though_the_rows_are_few(judged: Judge) -> None:
    rows = [(number, "US", "1.00", 1) for number in range(1, 100)] + [(100, None, "-99.00", 1)]
    verdict = judged(HAS_CODE, rows=rows, max_quarantined_share=Decimal("0.01"))
    assert verdict.reasons == (
        "Of amount, 99.00 of 198.00 went to quarantine, which is more than the share 0.01 that is allowed.",
    )


def test_the_same_input_gives_the_same_bytes(judged: Judge, tmp_path: Path) -> None:
    many = tmp_path / "many.parquet"
    duckdb.sql(
        f"""copy (select i as source_row, 'C' || i % 7 as code, case when i % 50 = 0 then -1 else 1 end::decimal(20, 2) as amount
        from range(300000, 0, -1) as numbers(i)) to '{many}' (format parquet)"""
    )
    totals = {"amount": Decimal(300_000 - 2 * 6_000)}
    contents = []
    for _ in range(3):
        verdict = judged(NOT_NEGATIVE, parsed=many, announced_rows=300_000, announced_totals=totals)
        contents.append([(tmp_path / "out" / f"{name}.parquet").read_bytes() for name in ("accepted", "quarantine")])
        contents[-1].append(json.dumps(verdict.to_json()).encode())
    assert contents[0] == contents[1] == contents[2]
    assert [row[0] for row in accepted(tmp_path)] == [number for number in range(1, 300_001) if number % 50]


def test_a_rule_that_a_million_rows_fail_needs_little_memory(judged: Judge, tmp_path: Path) -> None:
    judged(NOT_NEGATIVE)  # loads the libraries, so that the peak below is the judgement's own
    duckdb.sql(
        f"""copy (select i as source_row, 'US' as code, cast(-1 as decimal(20, 2)) as amount, 1::bigint as kind
        from range(1, 1000001) as numbers(i)) to '{tmp_path}/million.parquet' (format parquet)"""
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    by_sql = rule("by_sql", UNEXPECTED, {"unexpected_rows_query": "from {batch} where amount < 0"})
    verdict = judged(
        NOT_NEGATIVE,
        by_sql,
        parsed=tmp_path / "million.parquet",
        announced_rows=1_000_000,
        announced_totals={"amount": Decimal(-1_000_000)},
    )
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert (verdict.quarantined_rows, verdict.accepted_rows) == (1_000_000, 0)
    assert {o.rule: o.failed_rows for o in verdict.rules} == {"not_negative": 1_000_000, "by_sql": 1_000_000}
    assert grown < 700, f"{grown:.0f} MiB"


def test_reference_tables_are_text_with_na_kept_and_empty_as_null(judged: Judge, tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "country.csv").write_text('code,name\nNA,"Namibia, Republic of"\n,None\n')
    query = (
        "select source_row from {batch} where code not in (select code from reference.country where code is not null)"
    )
    judged(rule("known", UNEXPECTED, {"unexpected_rows_query": query}), reference_dir=folder)
    assert [row[0] for row in held(tmp_path)] == [3, 4]


def test_the_validation_result_is_json_as_great_expectations_writes_it(judged: Judge) -> None:
    validation = json.loads(json.dumps(judged(NOT_NEGATIVE, HAS_CODE).validation))
    assert validation["success"] is False
    assert {single["expectation_config"]["meta"]["rule"] for single in validation["results"]} == {
        "not_negative",
        "has_code",
    }


@pytest.mark.parametrize("rows", [5, 250_000])
def test_rows_in_and_out_of_order_give_the_same_rows(judged: Judge, tmp_path: Path, rows: int) -> None:
    kept = {}
    for way, order in (("rising", "i"), ("falling", "-i")):
        parsed = tmp_path / f"{way}.parquet"
        duckdb.sql(
            f"""copy (select i as source_row, 'C' || i % 7 as code, case when i % 3 = 0 then -1 else i end::decimal(20, 2) as amount
            from range(1, {rows + 1}) as numbers(i) order by {order}) to '{parsed}' (format parquet)"""
        )
        total = duckdb.sql(f"select sum(amount) from '{parsed}'").fetchall()[0][0]
        verdict = judged(NOT_NEGATIVE, parsed=parsed, announced_rows=rows, announced_totals={"amount": total})
        assert (verdict.stopped, verdict.quarantined_rows) == (False, rows // 3)
        kept[way] = (accepted(tmp_path), held(tmp_path))
        assert [row[0] for row in kept[way][0]] == [number for number in range(1, rows + 1) if number % 3]
    assert kept["rising"] == kept["falling"]


def test_the_middle_of_very_many_amounts_is_taken_from_a_sample(judged: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(number, "US", f"{number}.00", 1) for number in range(1, 1001)]
    whole = judged(NOT_NEGATIVE, rows=rows).typical_amounts["amount"]
    monkeypatch.setattr(judge_module.split, "_MOST_IN_A_MEDIAN", 99)
    sampled = judged(NOT_NEGATIVE, rows=rows).typical_amounts["amount"]
    assert whole == Decimal(500)
    assert sampled != whole
    assert abs(sampled - whole) < 20
