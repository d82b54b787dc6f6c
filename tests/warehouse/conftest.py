"""A small warehouse to run dbt on: a temporary DuckDB file whose schema ``lake`` holds literal rows of one story."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"

EMPTY_LAKE = Path(__file__).with_name("lake.sql")
SYNTHETIC_LOAD = "trade-2026-02-late"


@dataclass(frozen=True)
class Load:
    """One ledger record of the story, with the rows that it brought in."""

    load_id: str
    feed_id: str
    month: str
    slice: str
    vintage: int
    known_at: str
    due_at: str
    rows: tuple[tuple[Any, ...], ...] = ()
    is_newest_due: bool = True
    quarantined: tuple[tuple[str, Decimal], ...] = ()


def trade(*rows: tuple[str, int, int]) -> tuple[tuple[Any, ...], ...]:
    """Customs rows ``(code, exports_usd, imports_usd)`` in the order of the reply."""
    return rows


def rates(*rows: tuple[str, str], units: int = 1) -> tuple[tuple[Any, ...], ...]:
    """Rate rows ``(day of month, quoted won, units)`` in the order of the reply."""
    return tuple((day, Decimal(quoted), units) for day, quoted in rows)


JANUARY = trade(
    ("US", 9_000_000_001, 5_000_000_000),
    ("VN", 4_000_000_003, 2_000_000_000),
    ("NA", 1_234_567, 89),
    ("LR", 700_000_000, 0),
    ("ZZ", 55_555, 44),
    ("QQ", 1_000, 2_000),
    ("Q9", 234, 100),
    ("TV", 77, 0),
)
JANUARY_REVISED = trade(("US", 9_000_000_002, 5_000_000_000), ("VN", 4_100_000_003, 2_000_000_000), *JANUARY[2:-1])
BACKFILLED = trade(("VN", 2_000_000_000, 7), ("ZZ", 10, 0))
YEN_CORRECTED = rates(("05", "921.08"), ("06", "920.555555"), units=100)
FEBRUARY_RATES = rates(("02", "1450.1"), ("03", "1450.2"), ("04", "1450.200001"))
JANUARY_RATES = rates(*((f"{day:02}", f"{1440 + day}.{day % 10}") for day in range(5, 21)))
_TRADE_DUE = {
    "2016-01": "2016-02-16",
    "2025-12": "2026-01-16",
    "2026-01": "2026-02-16",
    "2026-02": "2026-03-16",
    "2026-03": "2026-04-16",
}


def _customs(name: str, month: str, vintage: int, known: str, rows: tuple[tuple[Any, ...], ...], **more: Any) -> Load:
    instants = (f"{known} 01:00:00+00", f"{_TRADE_DUE[month]} 00:00:00+00")
    return Load(name, "customs_country_trade", month, "all", vintage, *instants, rows, **more)


def _fx(name: str, month: str, slice_: str, vintage: int, known: str, rows: tuple[tuple[Any, ...], ...]) -> Load:
    return Load(name, "fx_daily_rate", month, slice_, vintage, f"{known} 01:00:00+00", f"{month}-28 00:00:00+00", rows)


# December and January come in time; the February figures are asked for in vain.
FIRST = (
    _customs("trade-2025-12-untouched", "2025-12", 1, "2026-01-15", trade(("VN", 1_500_000_000, 3), ("NA", 5, 0))),
    _fx("usd-2025-12-untouched", "2025-12", "USD", 1, "2025-12-27", rates(("01", "1470.5"))),
    _customs("trade-2026-01-first", "2026-01", 1, "2026-02-15", JANUARY, quarantined=(("exports_usd", Decimal(-5)),)),
    _customs("trade-2026-02-unpublished", "2026-02", 0, "2026-03-17", ()),
    _fx("usd-2026-01", "2026-01", "USD", 1, "2026-02-01", JANUARY_RATES),
    _fx("jpy-2026-01", "2026-01", "JPY", 1, "2026-02-01", rates(("05", "921.07"), ("06", "920.555555"), units=100)),
    _fx("usd-2026-02-partial", "2026-02", "USD", 1, "2026-02-05", FEBRUARY_RATES),
)
# Later January is revised (Tuvalu vanishes), February arrives late, ten years ago is backfilled, the yen is corrected;
# nothing happens to December, whose files are not presented again.
LATER = (
    _customs("trade-2026-01-revised", "2026-01", 2, "2026-03-15", JANUARY_REVISED),
    _customs(SYNTHETIC_LOAD, "2026-02", 1, "2026-03-20", trade(("US", 8_000_000_000, 1), ("VN", 3_333_333_333, 2))),
    _customs("trade-2016-01-backfilled", "2016-01", 1, "2026-03-20", BACKFILLED, is_newest_due=False),
    _customs("trade-2026-03-unpublished", "2026-03", 0, "2026-04-01", ()),
    _fx("jpy-2026-01-revised", "2026-01", "JPY", 2, "2026-03-02", YEN_CORRECTED),
)


def _insert_load(con: duckdb.DuckDBPyConnection, load: Load) -> None:
    first = f"{load.month}-01"
    identity = [load.load_id, load.feed_id, first, first, load.slice, load.vintage]
    times = ["accepted" if load.vintage else "not_published", load.known_at, load.due_at, load.known_at]
    counts = [len(load.rows) + len(load.quarantined), len(load.rows), len(load.quarantined)]
    marks = [load.is_newest_due, load.load_id == SYNTHETIC_LOAD]
    con.execute(
        "insert into lake.load select ?, ?, ?::date, last_day(?::date), ?, ?, ?, 'api', ?, ?, ?, 'raw', '1.0.0', 'suite', "
        "?, ?, ?, 0, ?, ?",
        [*identity, *times, *counts, *marks],
    )
    if not load.vintage:
        return
    trades = load.feed_id == "customs_country_trade"
    measures = {"exports_usd": 1, "imports_usd": 2} if trades else {"quoted_krw": 1}
    for measure, position in measures.items():
        accepted = sum((Decimal(row[position]) for row in load.rows), Decimal(0))
        apart = sum((amount for name, amount in load.quarantined if name == measure), Decimal(0))
        con.execute(
            "insert into lake.load_control_total values (?, ?, ?, ?, ?)",
            [load.load_id, measure, accepted + apart, accepted, apart],
        )
    if load.quarantined:
        con.execute(
            "insert into lake.load_rule values (?, 'exports_are_not_negative', 'critical', 'validity', 1, 1), "
            "(?, 'names_are_known', 'warning', 'consistency', 2, 0)",
            [load.load_id, load.load_id],
        )


def _insert_rows(con: duckdb.DuckDBPyConnection, load: Load) -> None:
    for position, row in enumerate(load.rows, start=1):
        if load.feed_id == "customs_country_trade":
            code, exports, imports = row
            con.execute(
                "insert into lake.customs_country_trade values (?, ?, ?, ?, ?, ?, ?, 3, 2, ?, ?)",
                [
                    position,
                    f"{load.month}-01",
                    code,
                    f"{code} 이름",
                    exports,
                    imports,
                    exports - imports,
                    load.load_id,
                    load.load_id == SYNTHETIC_LOAD,
                ],
            )
        else:
            day, quoted, units = row
            con.execute(
                "insert into lake.fx_daily_rate values (?, ?, ?, ?, ?, ?, ?, ?, '원', ?, false)",
                [
                    position,
                    f"{load.month}-{day}",
                    load.slice,
                    units,
                    quoted,
                    quoted / units,
                    {"USD": "0000001", "JPY": "0000002"}[load.slice],
                    f"원/{load.slice}",
                    load.load_id,
                ],
            )


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

    def present(self, ledger: tuple[Load, ...], months: set[str]) -> None:
        """Put the whole ledger into ``lake`` and the files of ``months`` beside it, as a build does."""
        with duckdb.connect(str(self.path)) as con:
            con.execute("set TimeZone = 'UTC'")
            con.execute(EMPTY_LAKE.read_text(encoding="utf-8"))
            for load in ledger:
                _insert_load(con, load)
                if load.month in months:
                    _insert_rows(con, load)

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
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
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
    warehouse.present(FIRST, {load.month for load in FIRST})
    built = warehouse.dbt(*WITHOUT_TESTS)
    assert built.returncode == 0, built.stdout
    return warehouse


@pytest.fixture(scope="session")
def later_build(first_build: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The first build brought forward: only the months with new loads are presented, and every test runs."""
    warehouse = first_build.copy(tmp_path_factory.mktemp("later"))
    warehouse.present(FIRST + LATER, {load.month for load in LATER})
    built = warehouse.dbt("build")
    (warehouse.path.parent / "build.log").write_text(built.stdout, encoding="utf-8")
    assert built.returncode == 0, built.stdout
    return warehouse


@pytest.fixture(scope="session")
def full_refresh(later_build: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same ledger as ``later_build``, every month rebuilt on top of it."""
    warehouse = later_build.copy(tmp_path_factory.mktemp("full"))
    warehouse.present(FIRST + LATER, {load.month for load in FIRST + LATER})
    built = warehouse.dbt(*WITHOUT_TESTS, "--full-refresh")
    assert built.returncode == 0, built.stdout
    return warehouse
