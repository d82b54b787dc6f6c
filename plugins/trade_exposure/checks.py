"""The doctor: what of the installation is missing or misconfigured, one sentence each."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from trade_exposure.errors import ExposureError
from trade_exposure.settings import get_settings

_GIB = 1024**3


@dataclass(frozen=True)
class Finding:
    """One sentence about one part of the installation."""

    is_good: bool
    sentence: str


def run_all() -> list[Finding]:
    """Every check, in the order in which a person would mend them."""
    return [
        finding
        for check in (_python, _code, _home, _lake, _contracts, _dags, _connections, _telemetry, _publication)
        for finding in _guard(check)
    ]


def _guard(check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except ExposureError as error:
        return [Finding(False, str(error))]


def _python() -> list[Finding]:
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return [
        Finding(
            good,
            f"Python {sys.version.split()[0]}" + ("." if good else " is not supported; install 3.11, 3.12 or 3.13."),
        )
    ]


def _code() -> list[Finding]:
    settings = get_settings()
    missing = [
        str(folder)
        for folder in (settings.dags_dir, settings.dbt_dir, settings.expectations_dir)
        if not folder.is_dir()
    ]
    if missing:
        return [
            Finding(
                False,
                f"{', '.join(missing)} is missing; set EXPOSURE_CODE to the checkout that holds dags, dbt_project and expectations.",
            )
        ]
    return [Finding(True, f"The code folders are in {settings.code}.")]


def _home() -> list[Finding]:
    root = get_settings().root
    probe = root / f".doctor-{uuid.uuid4().hex}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return [Finding(False, f"{root} cannot be written ({error.strerror}); set EXPOSURE_HOME to a folder that can.")]
    free = shutil.disk_usage(root).free
    if free < 2 * _GIB:
        return [
            Finding(
                False, f"{root} has only {free / _GIB:.1f} GiB left; make room or set EXPOSURE_HOME to another disk."
            )
        ]
    return [Finding(True, f"State lives in {root}, {free / _GIB:.0f} GiB free.")]


def _lake() -> list[Finding]:
    from trade_exposure.landing.lake import open_lake

    name = f"work/doctor-{uuid.uuid4().hex}/probe"
    url = get_settings().lake_url
    lake = open_lake()
    try:
        lake.create(name, b"probe")
        good = lake.read(name) == b"probe"
        lake.remove_folder(name.rsplit("/", 1)[0])
    except Exception as error:  # noqa: BLE001 - a driver may raise anything; the person gets one sentence whatever it is
        return [
            Finding(
                False,
                f"The lake {url} cannot be used ({type(error).__name__}); check EXPOSURE_LAKE and its credentials.",
            )
        ]
    return [Finding(good, f"The lake is {url}.")]


def _contracts() -> list[Finding]:
    from trade_exposure.feeds.registry import contracts
    from trade_exposure.quality.suite import load_suite

    feeds = contracts()
    for contract in feeds.values():
        load_suite(contract.suite_path)
    return [Finding(bool(feeds), f"{len(feeds)} feed contracts with their suites: {', '.join(feeds)}.")]


def _dags() -> list[Finding]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(get_settings().dags_dir))
    if bag.import_errors or not bag.dags:
        file, error = next(iter(bag.import_errors.items()), (str(get_settings().dags_dir), "it holds no DAG"))
        return [Finding(False, f"The DAG file {file} cannot be used: {error.strip().splitlines()[-1]}.")]
    database = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].split(":", 1)[0]
    return [
        Finding(
            True,
            f"{len(bag.dags)} DAGs; Airflow {version('apache-airflow')}, its own database on {database.split('+')[0]}.",
        )
    ]


def _connections() -> list[Finding]:
    from airflow.models.connection import Connection

    from trade_exposure.feeds import privacy
    from trade_exposure.feeds.registry import contracts
    from trade_exposure.runner import connection_type

    findings = []
    known = contracts().values()
    wanted = {contract.connection_id for contract in known if contract.connection_id}
    if any(contract.is_private for contract in known):
        wanted |= {privacy.SALT_CONNECTION, privacy.ARCHIVE_CONNECTION}
    for connection_id in sorted(wanted):
        kind = connection_type(connection_id)
        try:
            found = Connection.get_connection_from_secrets(connection_id)
        except Exception:  # noqa: BLE001 - not found, or Airflow's database is not there yet: to the person both are "missing"
            found = None
        if found is None or not found.password:
            state = "is missing" if found is None else "holds no key"
            findings.append(
                Finding(
                    False,
                    f"The Airflow connection {connection_id} {state}: feeds that need it run on the sample only; add it with "
                    f"`exposure airflow connections add {connection_id} --conn-type {kind} --conn-password <key>`.",
                )
            )
        else:
            findings.append(Finding(True, f"The Airflow connection {connection_id} holds a key."))
    return findings


def _telemetry() -> list[Finding]:
    off = os.environ.get("DO_NOT_TRACK") == "1" and os.environ.get("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED") == "False"
    return [
        Finding(
            off,
            "Telemetry is off."
            if off
            else "Telemetry is on: set DO_NOT_TRACK=1 and AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False.",
        )
    ]


def _publication() -> list[Finding]:
    from trade_exposure.publishing import publication

    current = publication.current()
    if current is None:
        return [Finding(True, "Nothing is published yet; `exposure run` does it.")]
    if not current.database.exists():
        return [
            Finding(
                False,
                f"The publication's database {current.database} is gone; run `exposure build --full-refresh` and `exposure publish`.",
            )
        ]
    return [Finding(True, f"Published: {current.manifest['publication_id']}.")]
