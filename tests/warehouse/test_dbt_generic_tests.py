"""The project's own generic tests on small literal tables: the bad rows out, all of them and no others."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

PROJECT_FILE = """
name: trial
version: "1.0"
config-version: 2
profile: trade_exposure
macro-paths: [macros]
model-paths: [models]
flags: {send_anonymous_usage_stats: false}
data_tests: {+store_failures: true, +schema: failures}
"""
SOURCES = """
version: 2
sources:
  - name: trial
    schema: trial
    tables:
      - name: good
        data_tests: &tests
          - unique_combination: {name: "%s_unique_combination", arguments: {columns: [key_text, key_on]}}
          - expression_is_true: {name: "%s_expression_is_true", arguments: {expression: amount = part_one + part_two}}
          - row_count_at_least: {name: "%s_row_count_at_least", arguments: {minimum: 4}}
        columns:
          - name: share
            data_tests:
              - accepted_range: {name: "%s_accepted_range", arguments: {minimum: 0, maximum: 1}}
              - accepted_range: {name: "%s_accepted_range_from", arguments: {minimum: 0}}
              - accepted_range: {name: "%s_accepted_range_up_to", arguments: {maximum: 1}}
"""
GOOD = [
    ("a", "2026-01-01", 3, 1, 2, 0.0),
    ("a", "2026-02-01", 0, 0, 0, 1.0),
    ("b", "2026-01-01", 5, 5, 0, None),
    ("c", None, 1, 1, 0, 0.5),
]
BAD = [("a", "2026-01-01", 3, 1, 1, -0.1), ("a", "2026-01-01", 3, 1, 2, 1.1), ("a", None, None, 1, 2, 0.0)]
TESTS = (
    "unique_combination",
    "expression_is_true",
    "row_count_at_least",
    "accepted_range",
    "accepted_range_from",
    "accepted_range_up_to",
)


def tables_yaml() -> str:
    good = SOURCES.replace("&tests", "").replace("%s", "good")
    bad = (
        SOURCES[SOURCES.index("      - name: good") :]
        .replace("&tests", "")
        .replace("%s", "bad")
        .replace("name: good", "name: bad")
    )
    return good + bad


@pytest.fixture(scope="module")
def trial(first_build: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A project of nothing but our test macros over one good and one bad table, tested once."""
    project = tmp_path_factory.mktemp("trial")
    shutil.copytree(first_build.project / "macros", project / "macros")
    shutil.copy(first_build.project / "profiles.yml", project)
    (project / "dbt_project.yml").write_text(PROJECT_FILE, encoding="utf-8")
    (project / "models").mkdir()
    (project / "models" / "trial.yml").write_text(tables_yaml(), encoding="utf-8")
    warehouse = type(first_build)(project / "candidate.duckdb", tmp_path_factory.mktemp("trial_bench"), project)
    with duckdb.connect(str(warehouse.path)) as con:
        con.execute("create schema trial")
        for name, rows in (("good", GOOD), ("bad", BAD)):
            con.execute(
                f"create table trial.{name} (key_text varchar, key_on date, amount integer, part_one integer, part_two integer, share double)"
            )
            con.executemany(f"insert into trial.{name} values (?, ?, ?, ?, ?, ?)", rows)
    tested = warehouse.dbt("test")
    assert "TOTAL=12" in tested.stdout, tested.stdout
    return warehouse


def failing_rows(trial: Any, test: str) -> list[tuple[Any, ...]]:
    return list(trial.query(f"select columns(*)::varchar from failures.{test} order by all nulls last"))


def test_every_generic_test_of_the_project_is_tried_here(trial: Any) -> None:
    own = {path.stem for path in Path(trial.project / "macros" / "tests").glob("*.sql")}
    assert own == {test.removesuffix("_from").removesuffix("_up_to") for test in TESTS}


@pytest.mark.parametrize("test", TESTS)
def test_a_good_table_passes(trial: Any, test: str) -> None:
    assert failing_rows(trial, f"good_{test}") == []


def test_unique_combination_names_each_repeated_combination_with_its_count(trial: Any) -> None:
    assert failing_rows(trial, "bad_unique_combination") == [("a", "2026-01-01", "2")]


def test_expression_is_true_gives_rows_on_which_it_is_false_or_undecided(trial: Any) -> None:
    assert failing_rows(trial, "bad_expression_is_true") == [
        ("a", "2026-01-01", "3", "1", "1", "-0.1"),
        ("a", None, None, "1", "2", "0.0"),
    ]


def test_accepted_range_gives_rows_on_both_sides(trial: Any) -> None:
    below, above = ("a", "2026-01-01", "3", "1", "1", "-0.1"), ("a", "2026-01-01", "3", "1", "2", "1.1")
    assert failing_rows(trial, "bad_accepted_range") == [below, above]
    assert failing_rows(trial, "bad_accepted_range_from") == [below]
    assert failing_rows(trial, "bad_accepted_range_up_to") == [above]


def test_row_count_at_least_tells_the_count_and_the_minimum(trial: Any) -> None:
    assert failing_rows(trial, "bad_row_count_at_least") == [("3", "4")]


def test_a_range_without_bounds_does_not_compile(trial: Any) -> None:
    (trial.project / "models" / "trial.yml").write_text(
        tables_yaml().replace("minimum: 0, maximum: 1", ""), encoding="utf-8"
    )
    refused = trial.dbt("compile")
    assert refused.returncode != 0
    assert "needs a minimum or a maximum" in refused.stdout
