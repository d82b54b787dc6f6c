"""Which periods or files a run is about, and what it tells when it is done."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from trade_exposure.errors import BadInput, LoadStopped
from trade_exposure.feeds import periods as calendar
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.registry import feed
from trade_exposure.landing import arrive

log = logging.getLogger(__name__)

PERIOD_PATTERN = calendar.LABEL_PATTERN
FILES_AT_ONCE = 25


def parse_period(text: str, contract: FeedContract) -> date:
    """First day of the feed's period that a written period begins in: ``2026-03`` of a yearly feed is its year 2026.

    Raises:
        BadInput: the text is no period.
    """
    return calendar.start_of(calendar.parse_label(text)[0], contract.period_kind)


def periods(
    feed_id: str, *, at: datetime, is_backfill: bool, from_period: str | None, to_period: str | None
) -> list[list[str]]:
    """The periods of one run as ISO dates of their first day, newest first, in batches of one calendar year.

    An ordinary run pulls the contract's trailing window again, because sources revise silently; a backfill run pulls the
    one period that its date belongs to; explicit periods win over both.

    Raises:
        BadInput: the last period lies before the first.
    """
    contract = feed(feed_id).contract
    kind = contract.period_kind
    last = parse_period(to_period, contract) if to_period else contract.latest_due_period(at)
    if from_period:
        first = parse_period(from_period, contract)
    elif is_backfill or to_period:
        first = last
    else:
        first = calendar.before(last, kind, contract.trailing_periods - 1)
    if first > last:
        raise BadInput(
            f"The first period {calendar.label(first, kind)} lies after the last one {calendar.label(last, kind)}; swap them."
        )
    wanted = reversed(calendar.between(first, last, kind))
    return [[period.isoformat() for period in year] for _, year in groupby(wanted, key=lambda period: period.year)]


def waiting_files(feed_id: str) -> list[list[str]]:
    """The names of the dropped files that are ready to be taken, in batches.

    Skips when there is none, after telling what still waits and what is no file of the feed.
    """
    told = arrive.waiting_drops(feed_id)
    for sentence in told.waiting:
        log.info("Not complete yet: %s", sentence)
    for sentence in told.strangers:
        log.warning("Not taken: %s", sentence)
    names = [drop.path.name for drop in told.ready]
    if not names:
        raise AirflowSkipException(
            f"No new file: {told.taken} were taken before, {len(told.waiting)} are not complete yet, "
            f"{len(told.strangers)} have no name of this feed."
        )
    return [names[start : start + FILES_AT_ONCE] for start in range(0, len(names), FILES_AT_ONCE)]


def batch_label(batch: Sequence[str], contract: FeedContract) -> str:
    """What Airflow shows for one batch: its span of periods, or its files."""
    if contract.arrival == "drop":
        return batch[0] if len(batch) == 1 else f"{batch[0]} … {batch[-1]}"
    first, last = (calendar.label(date.fromisoformat(batch[end]), contract.period_kind) for end in (-1, 0))
    return first if first == last else f"{first} … {last}"


def arrive_all(feed_id: str, batch: Sequence[str], *, at: datetime) -> list[dict[str, Any]]:
    """The first step for a batch: every slice of its periods fetched, or each of its files taken."""
    contract = feed(feed_id).contract
    if contract.arrival == "drop":
        left = [name for name in batch if not arrive.was_taken(feed_id, name)]
        if not left:  # the task was cleared after its files had been settled
            raise AirflowSkipException(f"All {len(batch)} files were taken before.")
        return [arrive.take_drop(feed_id, name) for name in left]
    return [
        arrive.fetch(feed_id, date.fromisoformat(period), slice_, at=at)
        for period in batch
        for slice_ in contract.slices
    ]


def only_new(landed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The loads that still have to be judged; skips the rest of a batch whose bytes have all been judged before."""
    new = [load for load in landed if load["is_new"] or load.get("marker")]
    if not new:
        raise AirflowSkipException(f"Same bytes as {len(landed)} loads that are in the ledger: nothing new.")
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
    # Airflow hands over a run's only batch as that batch's list, several batches as a list of lists.
    return [load for batch in loads or [] for load in ([batch] if isinstance(batch, dict) else batch or [])]


def dag_documentation(contract: FeedContract) -> str:
    """What Airflow shows beside the feed's DAG."""
    if contract.arrival == "drop":
        how = (
            f"A run looks for new files in the folder `{contract.feed_id}` of the drops, takes each that is complete once, "
            "and leaves it where it is. The same bytes again change nothing; other bytes under the same name are a revision. "
        )
    else:
        how = (
            f"A run pulls the last {contract.trailing_periods} {contract.period_kind}s again, because the source revises "
            "silently; the same bytes again change nothing. A backfill run pulls the newest period that was due on its date. "
        )
    return (
        f"### {contract.title_en} · {contract.title_ko}\n\n"
        f"Owner: {contract.owner}. Licence: {contract.licence}. Schedule: `{contract.schedule}` ({contract.timezone}). {how}"
        f"Data are expected {contract.expected_lag_days} days after a period's end.\n\n"
        "**If a load fails**: the task's last line says why in one sentence. A stopped load changes nothing in the published "
        "marts. The next run asks for a stopped period again; a stopped file waits for a better one under the same name. To "
        "judge it again as it is, clear its batch from `judge` on. Rows and money never count twice.\n"
    )
