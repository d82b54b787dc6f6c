"""Runs the product's own DAGs from first to last in this process, without any daemon, and tells of its progress.

Started by ``exposure run`` as a process of its own: Airflow's talk goes to the log file, the progress lines (JSON, one a
line) to the file descriptor that the caller names.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from trade_exposure import airflow_env
from trade_exposure.errors import ConfigurationError, ExposureError
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.privacy import ARCHIVE_CONNECTION, SALT_CONNECTION
from trade_exposure.landing.lake import open_lake
from trade_exposure.landing.ledger import refuse_to_mix
from trade_exposure.settings import get_settings

SAMPLE_FROM = "2023-01"
FALLBACK_FROM = "2026-01"
_LONG_WINDOW = 3


class RunRequest(BaseModel):
    """What to run: which feeds, which replies, which months."""

    feeds: str = "sample"
    replies: Path | None = None
    replies_are_real: bool = False
    from_period: str | None = None
    to_period: str | None = None
    full_refresh: bool = False


class Progress:
    """An Airflow listener that writes one line per finished task."""

    def __init__(self, descriptor: int) -> None:
        """Lines go to ``descriptor``."""
        self._out = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def tell(self, **line: Any) -> None:
        """Write one progress line."""
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def ended(self, state: str, task: Any, error: object = None) -> None:
        """One task has ended; a failure carries its sentence."""
        sentence = (
            str(error) if isinstance(error, ExposureError) else f"{type(error).__name__}: {error}" if error else None
        )
        self.tell(
            event="task",
            dag=task.dag_id,
            task=task.task_id.rsplit(".", 1)[-1],
            index=task.map_index,
            state=state,
            why=sentence,
        )


@contextlib.contextmanager
def _docs_meanwhile() -> Iterator[subprocess.Popen[bytes]]:
    """Draw the dbt docs on another processor while feeds are ingested; the task `reports` finds them, or draws them."""
    with subprocess.Popen(
        [sys.executable, "-m", "trade_exposure.reports.dbt_docs"], stdin=subprocess.DEVNULL
    ) as drawing:
        try:
            yield drawing
        finally:
            drawing.terminate()


def _listen(progress: Progress) -> None:
    from airflow.listeners import hookimpl
    from airflow.sdk.listener import get_listener_manager

    class Listener:
        @hookimpl
        def on_task_instance_success(self, task_instance: Any) -> None:
            progress.ended("success", task_instance)

        @hookimpl
        def on_task_instance_skipped(self, task_instance: Any) -> None:
            progress.ended("skipped", task_instance)

        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: Any) -> None:
            progress.ended("failed", task_instance, error)

    get_listener_manager().add_listener(Listener())  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def feeds_of(request: RunRequest) -> Iterator[datetime]:
    """Connections and drop folder for the run, and the instant that it stands for.

    ``live`` uses what is there; otherwise a feed server on loopback serves sample or recorded replies, and the sample's own
    files are the dropped ones.

    Raises:
        ConfigurationError: a connection is missing, or the lake holds data of the other kind, made up or real.
    """
    from trade_exposure.clock import utc_now
    from trade_exposure.feeds.registry import contracts
    from trade_exposure.samples import make_sample, sample_as_of
    from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

    connection_ids = {contract.connection_id for contract in contracts().values() if contract.connection_id}
    if request.feeds == "live":
        private = any(contract.is_private for contract in contracts().values())
        _require_connections(connection_ids | ({SALT_CONNECTION, ARCHIVE_CONNECTION} if private else set()))
        refuse_to_mix(open_lake(), is_synthetic=False)
        yield utc_now()
        return
    sample = make_sample(get_settings().root / "sample") if request.replies is None else None
    replies = sample / "replies" if sample else request.replies
    assert replies is not None  # noqa: S101 - for the type checker: one of the two is given
    with FeedServer(replies, key=SAMPLE_KEY, synthetic=not request.replies_are_real) as server:
        for connection_id in connection_ids:
            _connect(connection_id, {"host": server.url, "password": SAMPLE_KEY})
        for connection_id, secret in _own_secrets().items():
            _connect(connection_id, {"password": secret})
        if sample is None:
            yield utc_now()
            return
        os.environ.setdefault("EXPOSURE_KNOWN_AT", sample_as_of().isoformat())
        os.environ["EXPOSURE_DROPS"] = str(sample / "drops")
        get_settings.cache_clear()
        yield sample_as_of()


def _connect(connection_id: str, fields: dict[str, str]) -> None:
    told = {"conn_type": connection_type(connection_id), **fields}
    os.environ[f"AIRFLOW_CONN_{connection_id.upper()}"] = json.dumps(told)


def connection_type(connection_id: str) -> str:
    """Airflow's connection type of one of the product's connections."""
    return (
        "generic" if connection_id in (SALT_CONNECTION, ARCHIVE_CONNECTION) else connection_id.removesuffix("_default")
    )


def _own_secrets() -> dict[str, str]:
    """Secrets for made-up and recorded data: the salt is no secret, so that every machine makes the same hashes."""
    from trade_exposure.feeds.privacy import new_secrets

    kept = get_settings().root / "sample_archive.key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(new_secrets()[ARCHIVE_CONNECTION], encoding="utf-8")
    return {SALT_CONNECTION: "no secret: made-up data", ARCHIVE_CONNECTION: kept.read_text(encoding="utf-8")}


def _require_connections(connection_ids: set[str]) -> None:
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    for connection_id in sorted(connection_ids):
        try:
            Connection.get_connection_from_secrets(connection_id)
        except AirflowNotFoundException:
            raise ConfigurationError(
                f"The Airflow connection {connection_id} is missing, so live feeds cannot be asked; add it with "
                f"`exposure airflow connections add {connection_id} --conn-type {connection_type(connection_id)} "
                "--conn-password <key>`."
            ) from None


def run(request: RunRequest, progress: Progress) -> bool:
    """Run every ingestion DAG, then the build. Returns whether all succeeded."""
    # Lineage events cost two forks a task, a third of a foreground run's time; under a scheduler they are on.
    os.environ.setdefault("AIRFLOW__OPENLINEAGE__DISABLED", "True")
    if request.feeds != "live":
        refuse_to_mix(open_lake(), is_synthetic=not request.replies_are_real)
    airflow_env.prepare()
    from airflow.dag_processing.dagbag import DagBag

    from trade_exposure.feeds.registry import contracts

    registered = contracts()
    _listen(progress)
    with feeds_of(request) as at, _docs_meanwhile() as docs:
        bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        if bag.import_errors or not bag.dags:
            raise ExposureError(
                f"The DAG folder cannot be used: {next(iter(bag.import_errors.values()), 'it holds no DAG')}."
            )
        ingests = sorted(dag_id for dag_id in bag.dags if dag_id.startswith("ingest_"))
        good = True
        for dag_id in ingests:
            conf = _window(registered[dag_id.removeprefix("ingest_")], request)
            good &= _execute(bag.dags[dag_id], at, conf, progress)
            _tell_what_waits(dag_id.removeprefix("ingest_"), progress)
        docs.wait()
        return _execute(bag.dags["build_warehouse"], at, {"full_refresh": request.full_refresh}, progress) and good


def _window(contract: FeedContract, request: RunRequest) -> dict[str, str | None]:
    """The periods of one feed's run. A sample run pulls the sample's whole history, once.

    Of the fallback for exchange rates, which takes a request a day, the sample needs this year. A list without history
    (one trailing period) has nothing to look back to, so it is asked for its running period whatever was asked of the others.
    """
    if contract.arrival == "drop" or contract.trailing_periods == 1:
        return {}
    asked = {"from_period": request.from_period, "to_period": request.to_period}
    is_short = contract.period_kind == "month" and contract.trailing_periods < _LONG_WINDOW
    is_whole_sample = request.feeds == "sample" and request.replies is None and not request.from_period
    if is_whole_sample:
        asked["from_period"] = FALLBACK_FROM if is_short else SAMPLE_FROM
    return asked


def _tell_what_waits(feed_id: str, progress: Progress) -> None:
    """Dropped files that were left lying: not complete yet, or none of the feed's."""
    from trade_exposure.feeds.registry import contracts
    from trade_exposure.landing.arrive import waiting_drops

    if contracts()[feed_id].arrival == "drop":
        told = waiting_drops(feed_id)
        for sentence in (*told.waiting, *told.strangers):
            progress.tell(event="note", why=sentence)


def _execute(dag: Any, at: datetime, conf: dict[str, Any], progress: Progress) -> bool:
    for task in dag.tasks:
        task.retries = (
            0  # somebody is waiting: fail with the sentence now; a second run takes up where this one stopped
        )
    progress.tell(event="dag", dag=dag.dag_id, title=dag.dag_display_name)
    ended = dag.test(logical_date=at, run_conf={name: value for name, value in conf.items() if value is not None})
    progress.tell(event="dag_ended", dag=dag.dag_id, state=str(ended.state))
    return str(ended.state) == "success"


def main() -> int:
    """Entry of the child process: request as JSON in argv[1], progress descriptor in argv[2]."""
    progress = Progress(int(sys.argv[2]))
    try:
        get_settings()
        good = run(RunRequest.model_validate_json(sys.argv[1]), progress)
    except ExposureError as error:
        progress.tell(event="failed", why=str(error), exit_code=error.exit_code)
        return error.exit_code
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
