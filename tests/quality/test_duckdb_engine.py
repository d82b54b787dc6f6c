"""Great Expectations on DuckDB says what it says on pandas; and nothing that the engine leans on has changed."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine

from trade_exposure.quality import duckdb_engine
from trade_exposure.quality.duckdb_engine import DuckDBExecutionEngine
from trade_exposure.quality.suite import Rule, Suite
from trade_exposure.quality.validation import Session, open_session

ROWS = {
    "source_row": list(range(1, 9)),
    "code": ["KR", "NA", "k1", None, "US", "US", "A1", "X"],
    "month": [date(2016, 1, 1)] * 6 + [date(2016, 2, 1), None],
    "amount": [Decimal(n) if n is not None else None for n in (5, -1, 0, 7, 100, 100, None, 3)],
    "group": [1, 1, 2, 2, 1, 1, 2, 2],
}
ONLY_GROUP_ONE = {"type": "comparison", "column": {"name": "group"}, "operator": "==", "parameter": 1}
WITH_AMOUNT = {"type": "nullity", "column": {"name": "amount"}, "is_null": False}
CASES: list[tuple[str, dict[str, Any], int | None]] = [
    ("expect_column_values_to_not_be_null", {"column": "code"}, 1),
    ("expect_column_values_to_be_null", {"column": "amount"}, 7),
    ("expect_column_values_to_match_regex", {"column": "code", "regex": "^[A-Z][A-Z0-9]$"}, 2),
    ("expect_column_values_to_match_regex", {"column": "code", "regex": "[0-9]"}, 5),
    ("expect_column_values_to_not_match_regex", {"column": "code", "regex": "1$"}, 2),
    ("expect_column_values_to_be_in_set", {"column": "code", "value_set": ["KR", "NA", "US"]}, 3),
    ("expect_column_values_to_not_be_in_set", {"column": "code", "value_set": ["NA"]}, 1),
    ("expect_column_values_to_be_between", {"column": "amount", "min_value": 0}, 1),
    ("expect_column_values_to_be_between", {"column": "amount", "min_value": 0, "strict_min": True}, 2),
    ("expect_column_values_to_be_between", {"column": "amount", "min_value": 0, "row_condition": ONLY_GROUP_ONE}, 1),
    ("expect_column_values_to_be_between", {"column": "amount", "max_value": 5, "row_condition": ONLY_GROUP_ONE}, 2),
    (
        "expect_column_values_to_not_be_null",
        {"column": "code", "row_condition": {"type": "and", "conditions": [ONLY_GROUP_ONE, WITH_AMOUNT]}},
        0,
    ),
    ("expect_compound_columns_to_be_unique", {"column_list": ["code", "amount"]}, 2),
    ("expect_compound_columns_to_be_unique", {"column_list": ["source_row", "code"]}, 0),
    ("expect_compound_columns_to_be_unique", {"column_list": ["group", "month"], "row_condition": ONLY_GROUP_ONE}, 4),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "source_row", "column_B": "group"}, 1),
    ("expect_column_sum_to_be_between", {"column": "group", "min_value": 12, "max_value": 12}, None),
    ("expect_column_sum_to_be_between", {"column": "group", "min_value": 13}, None),
    ("expect_table_row_count_to_be_between", {"min_value": 8, "max_value": 8}, None),
    ("expect_table_row_count_to_be_between", {"min_value": 9}, None),
]
EXTRA = [  # not on pandas: it has no SQL, cannot compare dates with JSON's text and cannot add decimals with gaps
    ("expect_column_sum_to_be_between", {"column": "amount", "min_value": 214, "max_value": 214}, 0),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "select source_row from {batch} where amount > 5"}, 3),
    ("unexpected_rows_expectation", {"unexpected_rows_query": "select source_row from {batch} where amount > 500"}, 0),
    ("expect_column_values_to_be_in_set", {"column": "month", "value_set": ["2016-01-01"]}, 1),
    (
        "expect_column_values_to_be_between",
        {"column": "month", "min_value": "2016-01-02", "max_value": "2016-02-01"},
        6,
    ),
]


def suite_of(*cases: tuple[str, dict[str, Any], int | None]) -> Suite:
    rules = tuple(
        Rule(f"rule_{number}", kind, kwargs, "critical", "batch", "accuracy", "tests", "it is wrong", "틀림")
        for number, (kind, kwargs, _) in enumerate(cases)
    )
    return Suite("cases", rules, "0" * 64)


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    schema = pa.schema(
        [
            ("source_row", pa.int64()),
            ("code", pa.string()),
            ("month", pa.date32()),
            ("amount", pa.decimal128(20, 0)),
            ("group", pa.int64()),
        ]
    )
    path = tmp_path_factory.mktemp("engine") / "rows.parquet"
    pq.write_table(pa.table(ROWS, schema=schema), path)
    return path


@pytest.fixture
def session(parquet: Path) -> Any:
    with open_session("256MB") as opened:
        opened.sql(f"create view parsed as select * from read_parquet('{parquet}')")
        yield opened


def on_pandas(parquet: Path, suite: Suite) -> dict[str, tuple[bool, int | None]]:
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    expectations = [{"type": r.type, "kwargs": dict(r.kwargs), "meta": {"rule": r.rule}} for r in suite.rules]
    known = context.suites.add(gx.ExpectationSuite(name="cases", expectations=expectations))
    batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    definition = gx.ValidationDefinition(name="v", data=batch, suite=known)
    result = definition.run(batch_parameters={"dataframe": pd.read_parquet(parquet)}, result_format="SUMMARY")
    outcome = {}
    for single in result.results:
        assert single.expectation_config is not None
        assert "'raised_exception': True" not in str(single.exception_info), single
        outcome[single.expectation_config.meta["rule"]] = (single.success, single.result.get("unexpected_count"))
    return outcome


def test_every_expectation_type_says_the_same_on_duckdb_and_on_pandas(session: Session, parquet: Path) -> None:
    suite = suite_of(*CASES)
    findings, _ = session.run(suite)
    pandas = on_pandas(parquet, suite)
    assert len(findings) == len(pandas) == len(CASES)
    for finding, (kind, kwargs, expected) in zip(findings, CASES, strict=True):
        success, count = pandas[finding.rule.rule]
        assert finding.success == success, (kind, kwargs)
        assert count == expected, (kind, kwargs)
        if expected is not None:
            assert finding.failed_rows == count, (kind, kwargs)
            assert success == (count == 0)


def test_what_pandas_cannot_do_is_counted_right_on_duckdb(session: Session) -> None:
    findings, _ = session.run(suite_of(*EXTRA))
    assert [finding.failed_rows for finding in findings] == [expected for _, _, expected in EXTRA]
    assert [finding.success for finding in findings] == [expected == 0 for _, _, expected in EXTRA]


def _note(statements: list[str], _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    statements.append(statement)


def test_examples_are_searched_only_where_a_row_fails(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results are those of the library's own way; only the statements that cannot find anything are missing."""
    suite = suite_of(*CASES, *EXTRA)
    told: dict[str, Any] = {}
    asked: dict[str, list[str]] = {}
    for way in ("ours", "theirs"):
        if way == "theirs":
            monkeypatch.setattr(DuckDBExecutionEngine, "resolve_metrics", SqlAlchemyExecutionEngine.resolve_metrics)
            monkeypatch.setattr(duckdb_engine, "settled_configurations", nullcontext)
        with open_session("256MB") as opened:
            opened.sql(f"create view parsed as select * from read_parquet('{parquet}')")
            statements = asked[way] = []
            sa.event.listen(opened.connection.engine, "before_cursor_execute", partial(_note, statements))
            _, validation = opened.run(suite)
        told[way] = [{**r, "expectation_config": {**r["expectation_config"], "id": 0}} for r in validation["results"]]
    assert told["ours"] == told["theirs"]
    assert len(told["ours"]) == len(CASES) + len(EXTRA)
    passed = [kwargs for kind, kwargs, failed in (*CASES, *EXTRA) if failed == 0 and "sum" not in kind]
    assert len(passed) == 3
    assert len(asked["theirs"]) - len(asked["ours"]) == len(passed)
    assert any("unexpected_values" in statement for statement in asked["ours"])


def test_a_failing_statement_does_not_spoil_the_ones_after_it(session: Session) -> None:
    with pytest.raises(Exception, match="no_such_table"):
        session.sql("select * from no_such_table")
    assert session.sql("select count(*) from parsed") == [(8,)]


def test_the_engine_keeps_to_its_memory_limit(session: Session) -> None:
    (limit,) = session.sql("select current_setting('memory_limit')")[0]
    assert limit == "244.1 MiB"
    (spill,) = session.sql("select current_setting('temp_directory')")[0]
    assert Path(spill) == session.spill


def test_what_the_engine_leans_on_in_great_expectations_is_still_there() -> None:
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
    from great_expectations.expectations import registry
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.metrics.map_metric_provider import is_sqlalchemy_metric_selectable

    from trade_exposure.quality.duckdb_engine import DuckDBDatasource

    advice = "Great Expectations changed here: see the head of quality/duckdb_engine.py"
    source = inspect.getsource(SqlAlchemyExecutionEngine.execute_query)
    assert "self.get_connection()" in source, advice
    assert "self._create_engine()" in inspect.getsource(SQLDatasource.get_engine), advice
    assert "mro()" in inspect.getsource(registry.get_metric_provider), advice
    assert {"compound_columns.unique"} <= is_sqlalchemy_metric_selectable.SQLALCHEMY_SELECTABLE_METRICS, advice
    for attribute in ("_create_engine", "get_engine", "get_execution_engine"):
        assert hasattr(SQLDatasource, attribute), advice
    assert DuckDBDatasource.__fields__["type"].default == "duckdb", advice
    assert issubclass(DuckDBExecutionEngine, SqlAlchemyExecutionEngine), advice
    assert isinstance(inspect.getattr_static(Expectation, "configuration"), property), advice


@pytest.mark.filterwarnings("ignore:You are using a generic SQLDatasource")
def test_without_the_kept_connection_great_expectations_still_reads_nothing(parquet: Path) -> None:
    """The control of the whole module: the day this fails, the engine can be thrown away."""
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    source = context.data_sources.add_sql("generic", connection_string="duckdb:///:memory:")
    batch = source.add_query_asset("rows", f"select * from read_parquet('{parquet}')").add_batch_definition_whole_table(
        "w"
    )
    result = batch.get_batch().validate(gx.expectations.ExpectColumnValuesToNotBeNull(column="code"))
    assert "list index out of range" in str(result.exception_info)
