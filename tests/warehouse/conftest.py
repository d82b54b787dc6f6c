"""A small warehouse to run dbt on: a temporary DuckDB file whose schema ``lake`` holds literal rows of one story."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.candidate_lake import PROJECT, Load, fill
from support.story_later import LATER
from support.story_ledger import FIRST


@dataclass(frozen=True)
class Warehouse:
    """A candidate database; ``bench`` is the one folder in which dbt works, so that it parses the project once."""

    path: Path
    bench: Path
    project: Path = PROJECT

    def copy(self, folder: Path) -> Warehouse:
        """The same warehouse in another folder, free to be spoilt."""
        return replace(self, path=Path(shutil.copy(self.path, folder / "candidate.duckdb")))

    def artefact(self, name: str) -> dict[str, Any]:
        """What dbt wrote at the last run on this warehouse: ``manifest`` or ``run_results``."""
        return dict(json.loads((self.path.parent / f"{name}.json").read_text(encoding="utf-8")))

    def present(self, ledger: tuple[Load, ...], presented: tuple[Load, ...]) -> None:
        """Put the whole ledger into ``lake`` and the files of the periods of ``presented`` beside it, as a build does."""
        with duckdb.connect(str(self.path)) as con:
            con.execute("set TimeZone = 'UTC'")
            fill(con, ledger, presented)

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run dbt in a child process; its output is text, its return code is not judged."""
        environment = {
            **os.environ,
            "EXPOSURE_CANDIDATE": str(self.bench / self.path.name),
            "DBT_TARGET_PATH": str(self.bench / "target"),
            "DBT_LOG_PATH": str(self.bench / "logs"),
            "DO_NOT_TRACK": "1",
            "DBT_USE_COLORS": "false",
        }
        folders = ["--project-dir", str(self.project), "--profiles-dir", str(self.project)]
        command = [sys.executable, "-m", "dbt.cli.main", *arguments, *folders]
        shutil.move(self.path, self.bench / self.path.name)
        try:
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)
        finally:
            shutil.move(self.bench / self.path.name, self.path)
            for name in ("manifest.json", "run_results.json"):
                if (self.bench / "target" / name).exists():
                    shutil.copy(self.bench / "target" / name, self.path.parent / name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query, timestamps in UTC."""
        with duckdb.connect(str(self.path)) as con:
            con.execute("set TimeZone = 'UTC'")
            return con.execute(sql).fetchall()


WITHOUT_TESTS = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse after its first run, before revisions and late figures."""
    warehouse = Warehouse(tmp_path_factory.mktemp("first") / "candidate.duckdb", tmp_path_factory.mktemp("bench"))
    warehouse.present(FIRST, FIRST)
    built = warehouse.dbt(*WITHOUT_TESTS)
    assert built.returncode == 0, built.stdout
    return warehouse


@pytest.fixture(scope="session")
def later_build(first_build: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The first build brought forward: only the months with new loads are presented, and every test runs."""
    warehouse = first_build.copy(tmp_path_factory.mktemp("later"))
    warehouse.present(FIRST + LATER, LATER)
    built = warehouse.dbt("build")
    (warehouse.path.parent / "build.log").write_text(built.stdout, encoding="utf-8")
    assert built.returncode == 0, built.stdout
    return warehouse


@pytest.fixture(scope="session")
def full_refresh(later_build: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same ledger as ``later_build``, every month rebuilt on top of it."""
    warehouse = later_build.copy(tmp_path_factory.mktemp("full"))
    warehouse.present(FIRST + LATER, FIRST + LATER)
    built = warehouse.dbt(*WITHOUT_TESTS, "--full-refresh")
    assert built.returncode == 0, built.stdout
    return warehouse
