"""What is in force at the end of each month, policy by policy: nothing but what the log's events left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from trade_exposure.samples.generator.book import Policy
from trade_exposure.samples.generator.calendar import FIRST_MONTH, month_end, months


class Outstanding(NamedTuple):
    """One policy at the end of a month, in hundredths of its currency; ``undrawn`` is None where nothing is drawn in parts."""

    policy: Policy
    amount: int
    undrawn: int | None


def outstanding(policies: Sequence[Policy], newest: date) -> dict[date, list[Outstanding]]:
    """Every month from the first to ``newest``, by policy number.

    Every tenth policy with nothing outstanding, but still in force, is listed with zero.
    """
    ends = [(month, month_end(month)) for month in months(FIRST_MONTH, newest)]
    told: dict[date, list[Outstanding]] = {month: [] for month, _ in ends}
    for policy in sorted(policies, key=lambda policy: policy.number):
        sums: dict[date, list[int]] = {}
        for cover in policy.covers:
            first = max((cover.begins.year - FIRST_MONTH.year) * 12 + cover.begins.month - 1, 0)
            for month, day in ends[first:]:
                if day >= cover.ends:
                    break
                amount = cover.at(day)
                if amount:
                    total = sums.setdefault(month, [0, 0])
                    total[0] += amount
                    total[1] += cover.undrawn(day)
        is_drawn = any(cover.drawn for cover in policy.covers)
        is_listed = policy.number.endswith("0")
        for month, day in ends:
            if month in sums:
                amount, undrawn = sums[month]
                told[month].append(Outstanding(policy, amount, undrawn if is_drawn else None))
            elif is_listed and policy.starts <= day < policy.ends_as_of(day):
                told[month].append(Outstanding(policy, 0, None))
    return told
