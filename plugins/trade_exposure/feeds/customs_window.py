"""Which months of a year the customs service is asked for."""

from __future__ import annotations

from datetime import date, datetime

from trade_exposure.feeds.contract import FeedContract


def months_of_year(contract: FeedContract, year: date, at: datetime) -> tuple[date, date]:
    """First and last month to ask for in the year that begins on ``year``: up to the newest month that is due at ``at``.

    In the weeks before January is due, January alone is asked for: the reply without rows says that nothing is published.
    """
    return year, max(year, min(date(year.year, 12, 1), contract.latest_due_month(at)))
