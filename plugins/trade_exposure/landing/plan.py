"""Which periods and slices a run is about, and what it tells when it is done."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from trade_exposure.errors import BadInput, LoadStopped
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.registry import feed

PERIOD_PATTERN = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"


def parse_period(text: str) -> date:
    """``YYYY-MM`` to the first day of that month.

    Raises:
        BadInput: the text is no month.
    """
    if not re.fullmatch(PERIOD_PATTERN, text):
        raise BadInput(f"{text!r} is no month; write it as YYYY-MM, for example 2026-01.")
    return date.fromisoformat(f"{text}-01")


def months_before(period: date, count: int) -> date:
    """First day of the month that lies ``count`` months before the one of ``period``."""
    number = period.year * 12 + period.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def months(first: date, last: date) -> list[date]:
    """First days of the months from ``first`` to ``last``, both counted."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(start, end + 1)]


def periods(
    feed_id: str, *, at: datetime, is_backfill: bool, from_period: str | None, to_period: str | None
) -> list[str]:
    """The months of one run as ISO dates of their first day, newest first.

    An ordinary run pulls the contract's trailing window again, because sources revise silently; a backfill run pulls the
    one period that its date belongs to; explicit periods win over both.

    Raises:
        BadInput: the last period lies before the first.
    """
    contract = feed(feed_id).contract
    last = parse_period(to_period) if to_period else contract.latest_due_period(at)
    if from_period:
        first = parse_period(from_period)
    elif is_backfill or to_period:
        first = last
    else:
        first = months_before(last, contract.trailing_periods - 1)
    if first > last:
        raise BadInput(f"The first month {first:%Y-%m} lies after the last month {last:%Y-%m}; swap them.")
    return [period.isoformat() for period in reversed(months(first, last))]


def only_new(landed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The loads that still have to be judged; skips the rest of a period whose bytes have all been judged before."""
    new = [load for load in landed if load["is_new"]]
    if not new:
        raise AirflowSkipException(f"Same bytes as load {', '.join(load['load_id'] for load in landed)}: nothing new.")
    return new


def announcement(loads: Any) -> dict[str, Any]:
    """The counts that the feed's asset event carries.

    Skips, so that no event is sent and no build starts, when the run committed nothing new.
    """
    done = [load for load in _each(loads) if "stopped" not in load]
    if not done:
        raise AirflowSkipException("Nothing new was committed: no event.")
    totals: dict[str, Decimal] = {}
    for load in done:
        for measure, total in load["control_totals"].items():
            totals[measure] = totals.get(measure, Decimal(0)) + Decimal(total)
    return {
        "loads": len(done),
        "load_ids": [load["load_id"] for load in done],
        "periods": sorted({load["period"] for load in done}),
        "accepted_rows": sum(load["accepted_rows"] for load in done),
        "quarantined_rows": sum(load["quarantined_rows"] for load in done),
        "not_published": sum(load["outcome"] == "not_published" for load in done),
        "warnings": sum(load["warnings"] for load in done),
        "control_totals": {measure: str(total) for measure, total in sorted(totals.items())},
        "is_synthetic": any(load["is_synthetic"] for load in done),
    }


def refuse_stopped(loads: Any) -> None:
    """Fail the run when a load of it was stopped, after everything else has been committed and announced.

    Raises:
        LoadStopped: the sentences of the stopped loads.
    """
    stopped = [load["stopped"] for load in _each(loads) if "stopped" in load]
    if stopped:
        raise LoadStopped(" ".join(stopped))


def _each(loads: Any) -> list[dict[str, Any]]:
    # Airflow hands over a run's only month as that month's list, several months as a list of lists.
    return [load for period in loads or [] for load in ([period] if isinstance(period, dict) else period or [])]


def dag_documentation(contract: FeedContract) -> str:
    """What Airflow shows beside the feed's DAG."""
    return (
        f"### {contract.title_en} · {contract.title_ko}\n\n"
        f"Owner: {contract.owner}. Licence: {contract.licence}. Schedule: `{contract.schedule}` ({contract.timezone}). "
        f"A run pulls the last {contract.trailing_periods} months again, because the source revises silently; the "
        "same bytes again change nothing. A backfill run pulls the newest month that was due on its date. "
        f"Data are expected {contract.expected_lag_days} days after a month's end.\n\n"
        "**If a load fails**: the task's last line says why in one sentence. A stopped load changes nothing in the published marts. "
        "The next run judges a stopped load again; to do it now, clear its month from `judge` on. Rows and money never count twice.\n"
    )
