"""The DAG files: what is expected of them by name, and what parsing them must never do."""

from __future__ import annotations

import itertools
import json
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from trade_exposure.airflow_env import WRITER_POOL
from trade_exposure.settings import get_settings

FEEDS = {
    "customs_country_trade", "customs_item_country_trade", "customs_region_trade", "fx_daily_rate", "fx_eximbank_rate",
    "ksure_country_grade", "center_contract_event", "insurance_underwriting_event", "insurance_exposure_month_end",
    "insurance_claim_event", "insurance_country_limit", "insurance_contract_ceiling",
}  # fmt: skip
EXPECTED = {f"ingest_{feed_id}" for feed_id in FEEDS} | {"build_warehouse"}
STEPS = ["arrive", "land", "parse", "judge", "commit"]


@pytest.fixture(scope="module")
def bag() -> DagBag:
    found = DagBag(str(get_settings().dags_dir))
    assert not found.import_errors
    assert found.dags, "the DAG folder is empty"
    return found


def test_the_expected_dags_are_there_and_no_others(bag: DagBag) -> None:
    assert set(bag.dags) == EXPECTED


def test_a_broken_dag_file_is_reported_as_an_import_error(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("from airflow.sdk import dag\nraise RuntimeError('broken on purpose')\n")
    found = DagBag(str(tmp_path))
    assert "broken on purpose" in next(iter(found.import_errors.values()))


@pytest.mark.parametrize("dag_id", sorted(EXPECTED - {"build_warehouse"}))
def test_an_ingestion_goes_through_the_five_steps_in_order(bag: DagBag, dag_id: str) -> None:
    dag = bag.dags[dag_id]
    for earlier, later in itertools.pairwise(STEPS):
        assert dag.get_task(f"load.{earlier}").downstream_task_ids == {f"load.{later}"}
    assert {"announce", "every_load_is_settled"} <= dag.get_task("load.commit").downstream_task_ids


def test_the_build_goes_through_its_stages_in_order(bag: DagBag) -> None:
    dag = bag.dags["build_warehouse"]
    stages = ["candidate", "build", "audit", "publish", "reports"]
    assert [task.task_id for task in dag.topological_sort()] == stages


def test_a_failed_period_fails_the_run_although_the_announcement_succeeds(bag: DagBag) -> None:
    dag = bag.dags["ingest_customs_country_trade"]
    leaves = {task.task_id: task.trigger_rule.value for task in dag.leaves}
    assert leaves == {"announce": "all_done", "every_load_is_settled": "none_failed"}


def test_every_dag_has_an_owner_a_zone_a_text_and_one_run_at_a_time(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert dag.doc_md
        assert dag.tags
        assert dag.max_active_runs == 1
        assert dag.catchup is False
        assert str(dag.timezone) == "Asia/Seoul"
        assert all(task.owner not in ("", "airflow") for task in dag.tasks), dag.dag_id


def test_only_one_task_at_a_time_may_write_the_warehouse(bag: DagBag) -> None:
    assert {task.pool for task in bag.dags["build_warehouse"].tasks} == {WRITER_POOL}


def test_a_failed_step_is_tried_again_by_kind_of_failure(bag: DagBag) -> None:
    from trade_exposure.errors import KeyRejected, SourceUnavailable

    fetch = bag.dags["ingest_customs_country_trade"].get_task("load.arrive")
    assert fetch.retries > 0
    assert fetch.retry_delay <= timedelta(minutes=10)
    assert fetch.retry_policy.evaluate(KeyRejected("no"), 1, fetch.retries).action.value == "fail"
    assert fetch.retry_policy.evaluate(SourceUnavailable("down"), 1, fetch.retries).action.value != "fail"


def test_the_build_waits_for_any_feed(bag: DagBag) -> None:
    from trade_exposure.feeds.registry import contracts

    condition = bag.dags["build_warehouse"].timetable.asset_condition
    assert type(condition).__name__ == "AssetAny"
    assets = {asset.name for asset in condition.objects}
    assert assets == set(contracts())


def test_parsing_asks_no_network_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(*_: object, **__: object) -> None:
        asked.append("network")
        raise OSError("no network while a DAG file is parsed")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(
        "airflow.sdk.bases.hook.BaseHook.get_connection", classmethod(lambda cls, conn_id: asked.append(conn_id))
    )
    found = DagBag(str(get_settings().dags_dir))
    assert set(found.dags) == EXPECTED
    assert asked == []


def test_that_check_notices_a_dag_file_that_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "airflow.sdk.bases.hook.BaseHook.get_connection", classmethod(lambda cls, conn_id: asked.append(conn_id))
    )
    (tmp_path / "greedy.py").write_text(
        "from airflow.sdk import DAG, BaseHook\nBaseHook.get_connection('data_go_kr_default')\nDAG('greedy')\n"
    )
    DagBag(str(tmp_path))
    assert asked == ["data_go_kr_default"]


def test_dags_survive_serialization_as_the_scheduler_does_it(bag: DagBag) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag.dags.values():
        told = json.loads(json.dumps(DagSerialization.to_dict(dag)))
        assert DagSerialization.from_dict(told).dag_id == dag.dag_id
