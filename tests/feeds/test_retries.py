"""What is tried again, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import DAG, RetryAction, task
from airflow.serialization.serialized_objects import DagSerialization

from trade_exposure import errors
from trade_exposure.feeds import retries
from trade_exposure.feeds.retries import FEED_RETRY_POLICY, FeedRetryPolicy

NOON_IN_SEOUL = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "utc_now", lambda: NOON_IN_SEOUL)


def _decide(error: BaseException, try_number: int = 1) -> tuple[RetryAction, timedelta | None]:
    decision = FEED_RETRY_POLICY.evaluate(error, try_number, 5)
    return decision.action, decision.retry_delay


@pytest.mark.parametrize(
    "kind",
    [
        errors.KeyRejected,
        errors.RequestRefused,
        errors.LayoutRefused,
        errors.ConfigurationError,
        errors.BadInput,
        errors.LoadStopped,
        errors.AuditFailed,
    ],
)
def test_what_asking_again_cannot_cure_fails_at_once(kind: type[errors.ExposureError]) -> None:
    assert _decide(kind("x")) == (RetryAction.FAIL, None)


def test_a_throttle_is_retried_more_slowly_each_time_up_to_a_limit() -> None:
    delays = [_decide(errors.Throttled("x"), number) for number in range(1, 40)]
    assert all(action is RetryAction.RETRY for action, _ in delays)
    seconds = [delay.total_seconds() for _, delay in delays if delay]
    assert seconds[:7] == [30, 60, 120, 240, 480, 960, 1800]
    assert set(seconds[7:]) == {1800}


@pytest.mark.parametrize(
    "error",
    [
        errors.SourceUnavailable("x"),
        errors.ReplyUnreadable("x"),
        ValueError("x"),
        MemoryError(),
        errors.ExposureError("x"),
    ],
)
def test_a_fault_on_the_way_follows_the_task(error: BaseException) -> None:
    assert _decide(error) == (RetryAction.DEFAULT, None)


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (NOON_IN_SEOUL, 12),
        (datetime(2026, 11, 16, 14, 59, tzinfo=UTC), 1 / 60),
        (datetime(2026, 11, 16, 15, 0, tzinfo=UTC), 24),
        (datetime(2026, 12, 31, 3, 0, tzinfo=UTC), 12),
    ],
)
def test_a_used_up_day_waits_for_the_next_midnight_in_seoul(now: datetime, hours: float, monkeypatch) -> None:
    monkeypatch.setattr(retries, "utc_now", lambda: now)
    assert _decide(errors.DailyQuotaExhausted("x")) == (RetryAction.RETRY, timedelta(hours=hours, minutes=5))


def test_every_kind_of_error_is_decided_on_purpose() -> None:
    kinds = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ExposureError)
    }
    decided = {kind.__name__: _decide(kind("x"))[0] for kind in kinds}
    assert {name for name, action in decided.items() if action is RetryAction.DEFAULT} == {
        "ExposureError",
        "SourceError",
        "SourceUnavailable",
        "ReplyUnreadable",
    }
    assert {name for name, action in decided.items() if action is RetryAction.RETRY} == {
        "Throttled",
        "DailyQuotaExhausted",
    }


def test_the_policy_comes_back_from_json_unchanged() -> None:
    odd = FeedRetryPolicy(throttle_first_seconds=7, after_midnight_seconds=0)
    for policy in (FEED_RETRY_POLICY, odd):
        assert FeedRetryPolicy.deserialize(json.loads(json.dumps(policy.serialize()))) == policy
    assert odd != FEED_RETRY_POLICY


def test_a_serialized_dag_that_carries_the_policy_comes_back() -> None:
    with DAG("carries_the_policy", schedule=None) as dag:

        @task(retries=3, retry_policy=FEED_RETRY_POLICY)
        def fetch() -> int:
            return 1

        @task
        def other(number: int) -> None:
            assert number

        other.expand(number=[1])
        fetch()
    data = json.loads(json.dumps(DagSerialization.to_dict(dag)))
    back = DagSerialization.from_dict(data)
    assert back.get_task("fetch").has_retry_policy is True
    assert back.get_task("other").has_retry_policy is False
