"""Korean business days and the months of the sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
FIRST_MONTH = date(2023, 1, 1)
BURN_IN = date(2022, 1, 1)  # simulated but never written, so that the first month finds policies in force
LAST_DAY = date(2026, 12, 31)

# Days on which Korean banks are closed apart from weekends: public holidays, their substitutes, days off by decree, elections
# and 1 May. Of 2022 nothing is written, so that its weekends suffice.
_CLOSED = """
2023: 0123 0124 0301 0501 0505 0529 0606 0815 0928 0929 1002 1003 1009 1225
2024: 0101 0209 0212 0301 0410 0501 0506 0515 0606 0815 0916 0917 0918 1001 1003 1009 1225
2025: 0101 0127 0128 0129 0130 0303 0501 0505 0506 0603 0606 0815 1003 1006 1007 1008 1009 1225
2026: 0101 0216 0217 0218 0302 0501 0505 0525 0603 0817 0924 0925 1005 1009 1225
"""
CLOSED = frozenset(
    date(int(year), int(day[:2]), int(day[2:]))
    for year, days in (line.split(":") for line in _CLOSED.split("\n") if line)
    for day in days.split()
)


def is_business_day(day: date) -> bool:
    """True when Korean banks are open."""
    return day.weekday() < 5 and day not in CLOSED


def days(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both counted."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


@cache
def business_days(month: date) -> tuple[date, ...]:
    """The business days of the month that begins at ``month``."""
    return tuple(day for day in days(month, month_end(month)) if is_business_day(day))


@cache
def business_day_from(day: date) -> date:
    """``day`` itself, or the next business day."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def shifted(month: date, count: int) -> date:
    """The first day of the month ``count`` months later."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def month_end(month: date) -> date:
    """The last day of a month."""
    return shifted(month, 1) - timedelta(days=1)


def months(first: date, last: date) -> list[date]:
    """First days of the months from ``first`` to ``last``, both counted."""
    return [shifted(first, count) for count in range((last.year - first.year) * 12 + last.month - first.month + 1)]


def newest_month(as_of: datetime) -> date:
    """The newest month that monthly feeds have: the one before, from the 16th on, when the customs service has published it."""
    today = as_of.astimezone(SEOUL).date()
    return shifted(today.replace(day=1), -1 if today.day >= 16 else -2)
