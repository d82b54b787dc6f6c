"""Periods of a load: a day, a month or a year, each named by its first day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

from trade_exposure.errors import BadInput

Kind = Literal["day", "month", "year"]
KINDS: tuple[Kind, ...] = ("day", "month", "year")

LABEL_PATTERN = r"^[12][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_SHAPES: dict[int, Kind] = {4: "year", 7: "month", 10: "day"}


def start_of(day: date, kind: Kind) -> date:
    """First day of the period that ``day`` lies in."""
    if kind == "year":
        return day.replace(month=1, day=1)
    return day.replace(day=1) if kind == "month" else day


def after(start: date, kind: Kind) -> date:
    """First day of the period after the one that begins at ``start``."""
    return before(start, kind, -1)


def before(start: date, kind: Kind, count: int) -> date:
    """First day of the period that lies ``count`` periods before the one that begins at ``start``."""
    if kind == "day":
        return start - timedelta(days=count)
    if kind == "year":
        return date(start.year - count, 1, 1)
    number = start.year * 12 + start.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def between(first: date, last: date, kind: Kind) -> list[date]:
    """First days of the periods from ``first`` to ``last``, both counted."""
    found = []
    while first <= last:
        found.append(first)
        first = after(first, kind)
    return found


def label(start: date, kind: Kind) -> str:
    """``2026``, ``2026-10`` or ``2026-10-20``."""
    return start.isoformat()[: {"year": 4, "month": 7, "day": 10}[kind]]


def parse_label(text: str) -> tuple[date, Kind]:
    """First day and kind of a period written as :func:`label` writes it.

    Raises:
        BadInput: the text is no period.
    """
    if re.fullmatch(LABEL_PATTERN, text):
        try:
            return date.fromisoformat((text + "-01-01")[:10]), _SHAPES[len(text)]
        except ValueError:
            pass
    raise BadInput(f"{text!r} is no period; write a year, a month or a day: 2026, 2026-01 or 2026-01-31.")
