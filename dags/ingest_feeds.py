"""One DAG per registered feed: fetch → land → parse → judge → commit, once for every month that is due."""

from __future__ import annotations

from datetime import date, timedelta
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


def ingest(contract: FeedContract) -> DAG:
    """The ingestion DAG of one feed."""
    accepted: Asset = asset_of(contract.feed_id)

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
        tags=["ingest", contract.feed_id],
        params={
            "from_period": Param(
                None, type=["null", "string"], pattern=plan.PERIOD_PATTERN, title="First month, YYYY-MM"
            ),
            "to_period": Param(None, type=["null", "string"], pattern=plan.PERIOD_PATTERN, title="Last month, YYYY-MM"),
        },
    )
    def ingest_feed() -> None:
        @task
        def plan_periods() -> list[str]:
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
        def load(period: str) -> Any:
            @task(map_index_template="{{ month }}")
            def fetch(period: str) -> list[steps.Baton]:
                get_current_context()["month"] = period[:7]
                return steps.fetch_period(contract.feed_id, date.fromisoformat(period))

            @task
            def land(arrived: list[steps.Baton]) -> list[steps.Baton]:
                return plan.only_new([steps.land(baton) for baton in arrived])

            @task
            def parse(landed: list[steps.Baton]) -> list[steps.Baton]:
                return [steps.parse(baton) for baton in landed]

            @task
            def judge(parsed: list[steps.Baton]) -> list[steps.Baton]:
                return [steps.judge(baton) for baton in parsed]

            @task
            def commit(judged: list[steps.Baton]) -> list[steps.Baton]:
                return steps.commit_all(judged)

            return commit(judge(parse(land(fetch(period)))))

        @task(outlets=[accepted], trigger_rule=TriggerRule.ALL_DONE)
        def announce(loads: list[list[steps.Baton]], *, outlet_events: Any) -> dict[str, Any]:
            outlet_events[accepted].extra = told = plan.announcement(loads)
            return told

        @task(trigger_rule=TriggerRule.NONE_FAILED)
        def every_load_is_settled(loads: list[list[steps.Baton]]) -> None:
            plan.refuse_stopped(loads)

        loads = load.expand(period=plan_periods())
        announce(loads)
        every_load_is_settled(loads)

    return ingest_feed()


for registered in contracts().values():
    globals()[f"ingest_{registered.feed_id}"] = ingest(registered)
