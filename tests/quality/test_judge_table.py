"""The audit of a table in a closed database file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from trade_exposure.errors import ConfigurationError
from trade_exposure.quality.judge import judge_table
from trade_exposure.quality.suite import Rule, Suite


def rule(name: str, kind: str, kwargs: dict[str, Any], severity: Any = "critical", scope: Any = "row") -> Rule:
    return Rule(name, kind, kwargs, severity, scope, "accuracy", "tests", f"{name} is wrong", "틀림")


NOT_NEGATIVE = rule("not_negative", "expect_column_values_to_be_between", {"column": "amount", "min_value": 0})


def suite_of(*rules: Rule) -> Suite:
    return Suite("tests", rules, "f" * 64)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "candidate.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.exports as select 'NA' as country_key, 0.25::double as share")
        connection.execute("create table marts.broken as select 'NA' as country_key, 1.25::double as share")
    return path


SHARE = rule(
    "share", "expect_column_values_to_be_between", {"column": "share", "min_value": 0, "max_value": 1}, scope="batch"
)


def test_a_sound_table_passes_its_audit_and_a_broken_one_fails(database: Path) -> None:
    before = database.read_bytes()
    sound = judge_table(database, "marts.exports", suite_of(SHARE))
    assert (sound.failed, sound.reasons, sound.rows) == (False, (), 1)
    broken = judge_table(database, "marts.broken", suite_of(SHARE))
    assert (broken.failed, broken.reasons) == (True, ("Rule share failed: share is wrong (1 rows).",))
    assert broken.to_json()["rules"][0]["failed_rows"] == 1
    assert database.read_bytes() == before


def test_an_audit_of_what_is_not_there_is_an_error(database: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"marts\.none"):
        judge_table(database, "marts.none", suite_of(SHARE))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        judge_table(tmp_path / "none.duckdb", "marts.exports", suite_of(SHARE))
    with pytest.raises(ConfigurationError, match="scope row"):
        judge_table(database, "marts.exports", suite_of(NOT_NEGATIVE))
