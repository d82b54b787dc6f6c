"""The one place that asks what time it is.

Only facts about the running process (when a reply became known, when a record was written) come from here; no figure
depends on it except through ``known_at``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from trade_exposure.settings import get_settings

SEOUL = ZoneInfo("Asia/Seoul")


def known_now() -> datetime:
    """The instant at which a reply that arrives now counts as known; ``EXPOSURE_KNOWN_AT`` replaces it."""
    known_at = get_settings().known_at
    return known_at.astimezone(UTC) if known_at else utc_now()


def utc_now() -> datetime:
    """The current instant in UTC, whole seconds; ``EXPOSURE_CLOCK`` replaces it."""
    return (get_settings().clock or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
