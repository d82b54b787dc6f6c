"""Models and data tests keep to SQL that every engine reads the same way, and the linter sees what it should."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
SQL_FILES = sorted([*PROJECT.glob("models/**/*.sql"), *PROJECT.glob("tests/*.sql")])
FORBIDDEN = {
    "a function that only one engine has": r"\b(arg_max|arg_min|list|generate_series|strftime|quantile_cont|unnest|concat)\s*\(",
    "asof join": r"\basof\b",
    "* exclude": r"\bexclude\s*\(",
    "integer division by //": r"//",
    "a division outside ratio() and the exact macros": r"[\w)]\s*/\s*[\w(]",
    "an order without nulls first or last": r"\b(asc|desc)\b(?!\s+nulls\s+(first|last))",
    "a float": r"\b(float|real|double)\b",
    "the wall clock": r"\b(now|current_date|current_timestamp|today)\b",
    "select * that is neither an import nor the end": r"select \*(?! from (\{\{ (ref|source)\([^)]*\) \}\}|final$))",
}


def offences(sql: str) -> list[str]:
    """What the SQL (comments apart) uses that it must not."""
    code = re.sub(r"--[^\n]*", "", sql)
    return [name for name, pattern in FORBIDDEN.items() if re.search(pattern, code, re.IGNORECASE | re.MULTILINE)]


def test_no_model_or_data_test_uses_what_engines_disagree_on() -> None:
    assert len(SQL_FILES) == 67
    assert {path.name: offences(path.read_text(encoding="utf-8")) for path in SQL_FILES} == {
        path.name: [] for path in SQL_FILES
    }


def test_each_forbidden_thing_is_found() -> None:
    bad = {
        "a function that only one engine has": "select arg_max(a, b) from t",
        "asof join": "select 1 from t asof join u on t.a >= u.a",
        "* exclude": "select * exclude (a) from {{ ref('t') }}",
        "integer division by //": "select a // b from t",
        "a division outside ratio() and the exact macros": "select sum(a) / count(b) from t",
        "an order without nulls first or last": "select row_number() over (order by a desc) from t",
        "a float": "select cast(a as double) from t",
        "the wall clock": "select current_date as a from t",
        "select * that is neither an import nor the end": "select * from t",
    }
    assert set(bad) == set(FORBIDDEN)
    for name, sql in bad.items():
        assert name in offences(sql), name


def test_each_model_has_its_own_sql_below_150_lines_and_yaml_below_200() -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in SQL_FILES}
    assert max(lines.values()) < 150
    yaml_files = [*PROJECT.glob("models/**/*.yml"), *PROJECT.glob("seeds/*.yml"), PROJECT / "dbt_project.yml"]
    assert len(yaml_files) > 10
    assert max(len(path.read_text(encoding="utf-8").splitlines()) for path in yaml_files) < 200


def test_the_linter_finds_a_badly_written_query(tmp_path: Path) -> None:
    query = tmp_path / "bad.sql"
    query.write_text("SELECT a.x, b.y yy FROM a JOIN b ON a.x = b.x\nwhere a.x = null\n", encoding="utf-8")
    command = [
        "-m",
        "sqlfluff",
        "lint",
        "--config",
        str(PROJECT.parent / ".sqlfluff"),
        "--templater",
        "raw",
        "--format",
        "json",
    ]
    linted = subprocess.run(
        [sys.executable, *command, str(query)], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert linted.returncode == 1, linted.stderr
    [file] = json.loads(linted.stdout)
    found = {violation["name"].split(".")[0] for violation in file["violations"]}
    assert found >= {"aliasing", "ambiguous", "capitalisation", "convention", "layout"}
