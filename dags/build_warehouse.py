"""Whenever a feed has committed something new: candidate → dbt build → audit → publish → reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import AssetAny, Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from trade_exposure.airflow_assets import PUBLICATION, asset_of
from trade_exposure.airflow_env import WRITER_POOL
from trade_exposure.feeds.registry import contracts
from trade_exposure.warehouse import stages

WRITER = {"pool": WRITER_POOL, "retries": 2, "retry_delay": timedelta(minutes=1)}


@dag(
    dag_id="build_warehouse",
    dag_display_name="Build and publish the warehouse · 웨어하우스 생성·공개",
    description="Candidate, dbt build, audit, publication, reports",
    doc_md=stages.__doc__,
    schedule=AssetAny(*(asset_of(feed_id) for feed_id in contracts())),
    start_date=pendulum.datetime(2026, 1, 1, tz="Asia/Seoul"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "data-engineering", **WRITER},
    tags=["build"],
    params={"full_refresh": Param(False, type="boolean", title="Rebuild every month from the lake")},
)
def build_warehouse() -> None:
    """Five stages on one candidate file, one after the other."""

    @task
    def candidate(params: dict[str, Any]) -> stages.Candidate:
        prepared = stages.candidate(full_refresh=params["full_refresh"])
        if prepared is None:
            raise AirflowSkipException("Everything the ledger holds is published already.")
        return prepared

    build = task(stages.build)
    audit = task(stages.audit, retries=0)

    @task(outlets=[PUBLICATION])
    def publish(audited: stages.Candidate, *, outlet_events: Any) -> stages.Candidate:
        published = stages.publish(audited)
        outlet_events[PUBLICATION].extra = published["told"]
        return published

    reports = task(stages.reports)
    reports(publish(audit(build(candidate()))))


build_warehouse()
