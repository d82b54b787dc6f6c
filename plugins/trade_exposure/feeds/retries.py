"""When a task of a feed is tried again, by kind of failure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import RetryDecision, RetryPolicy

from trade_exposure.clock import SEOUL, utc_now
from trade_exposure.errors import (
    AuditFailed,
    BadInput,
    ConfigurationError,
    DailyQuotaExhausted,
    KeyRejected,
    LayoutRefused,
    LoadStopped,
    RequestRefused,
    Throttled,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

_HOPELESS = (KeyRejected, RequestRefused, LayoutRefused, ConfigurationError, BadInput, LoadStopped, AuditFailed)


@dataclass(frozen=True)
class FeedRetryPolicy(RetryPolicy):
    """What asking again cannot cure fails at once; a throttle waits longer each time; a used-up day waits for the next.

    Anything else (no connection, a cut-off reply, an unforeseen error) follows the task's own ``retry_delay``. The number
    of tries stays the task's ``retries``.
    """

    throttle_first_seconds: int = 30
    throttle_longest_seconds: int = 1800
    after_midnight_seconds: int = 300

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002 - Airflow's signature
        context: Context | None = None,  # noqa: ARG002 - Airflow's signature
    ) -> RetryDecision:
        """The decision about the ``try_number``-th failure (from 1)."""
        kind = type(exception).__name__
        if isinstance(exception, _HOPELESS):
            return RetryDecision.fail(reason=f"{kind}: trying again cannot help")
        if isinstance(exception, Throttled):
            seconds = min(
                self.throttle_first_seconds * 2 ** min(max(try_number, 1) - 1, 20), self.throttle_longest_seconds
            )
            return RetryDecision.retry(timedelta(seconds=seconds), reason=f"{kind}: slower, in {seconds} seconds")
        if isinstance(exception, DailyQuotaExhausted):
            at = self._next_day(utc_now())
            return RetryDecision.retry(
                at - utc_now(), reason=f"{kind}: after midnight in Seoul, at {at:%Y-%m-%d %H:%M} UTC"
            )
        return RetryDecision.default()

    def _next_day(self, now: datetime) -> datetime:
        tomorrow = now.astimezone(SEOUL).date() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=SEOUL)
        return (midnight + timedelta(seconds=self.after_midnight_seconds)).astimezone(UTC)

    def serialize(self) -> dict[str, Any]:
        """The policy as plain JSON values."""
        return asdict(self)

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> FeedRetryPolicy:
        """The policy that :meth:`serialize` wrote."""
        return cls(**data)


FEED_RETRY_POLICY = FeedRetryPolicy()
