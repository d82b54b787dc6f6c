"""One DAG per registered feed: arrive → land → parse → judge → commit, for every period that is due or file that waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, Param, TriggerRule, dag, get_current_context, task, task_group

from trade_exposure.airflow_assets import asset_of
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.registry import contracts
from trade_exposure.feeds.retries import FEED_RETRY_POLICY
from trade_exposure.landing import plan, steps

RETRIES: dict[str, Any] = {
    "retries": 5,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": True,
    "retry_policy": FEED_RETRY_POLICY,
}


def period_params() -> dict[str, Param]:
    """The periods that a person may ask for."""
    return {
        name: Param(None, type=["null", "string"], pattern=plan.PERIOD_PATTERN, title=title)
        for name, title in (
            ("from_period", "First period: YYYY, YYYY-MM or YYYY-MM-DD"),
            ("to_period", "Last period: YYYY, YYYY-MM or YYYY-MM-DD"),
        )
    }


def ingest(contract: FeedContract) -> DAG:
    """The ingestion DAG of one feed."""
    accepted: Asset = asset_of(contract.feed_id)
    is_dropped = contract.arrival == "drop"

    @dag(
        dag_id=f"ingest_{contract.feed_id}",
        dag_display_name=f"Ingest · {contract.title_en} · {contract.title_ko}",
        description=contract.title_en,
        doc_md=plan.dag_documentation(contract),
        schedule=contract.schedule,
        start_date=pendulum.datetime(2026, 1, 1, tz=contract.timezone),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": contract.owner, **RETRIES},
        tags=["ingest", "files" if is_dropped else "api", contract.feed_id],
        params={} if is_dropped else period_params(),
    )
    def ingest_feed() -> None:
        @task
        def plan_batches() -> list[list[str]]:
            if is_dropped:
                return plan.waiting_files(contract.feed_id)
            context = get_current_context()
            run = context["dag_run"]
            return plan.periods(
                contract.feed_id,
                at=run.logical_date or run.run_after,
                is_backfill=run.run_type == "backfill",
                from_period=context["params"]["from_period"],
                to_period=context["params"]["to_period"],
            )

        @task_group
        def load(batch: list[str]) -> Any:
            @task(map_index_template="{{ batch_label }}")
            def arrive(batch: list[str]) -> list[steps.Baton]:
                context = get_current_context()
                context["batch_label"] = plan.batch_label(batch, contract)  # type: ignore[typeddict-unknown-key]
                run = context["dag_run"]
                return plan.arrive_all(contract.feed_id, batch, at=run.logical_date or run.run_after)

            @task
            def land(arrived: list[steps.Baton]) -> list[steps.Baton]:
                return plan.only_new([steps.land(baton) for baton in arrived])

            @task
            def parse(landed: list[steps.Baton]) -> list[steps.Baton]:
                return steps.parse_all(landed)

            @task
            def judge(parsed: list[steps.Baton]) -> list[steps.Baton]:
                return steps.judge_all(parsed)

            @task
            def commit(judged: list[steps.Baton]) -> list[steps.Baton]:
                return steps.commit_all(judged)

            return commit(judge(parse(land(arrive(batch)))))

        @task(outlets=[accepted], trigger_rule=TriggerRule.ALL_DONE)
        def announce(loads: list[list[steps.Baton]], *, outlet_events: Any) -> dict[str, Any]:
            outlet_events[accepted].extra = told = plan.announcement(loads)
            return told

        @task(trigger_rule=TriggerRule.NONE_FAILED)
        def every_load_is_settled(loads: list[list[steps.Baton]]) -> None:
            plan.refuse_stopped(loads)

        loads = load.expand(batch=plan_batches())
        announce(loads)
        every_load_is_settled(loads)

    return ingest_feed()


for registered in contracts().values():
    globals()[f"ingest_{registered.feed_id}"] = ingest(registered)
