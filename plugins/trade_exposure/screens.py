"""What the command line shows: progress of a run, summaries, the status table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from trade_exposure.clock import SEOUL, utc_now
from trade_exposure.settings import get_settings

if TYPE_CHECKING:
    from trade_exposure.feeds.contract import FeedContract
    from trade_exposure.landing.drops import Scan
    from trade_exposure.runner import RunRequest

_BILLION, _TRILLION = Decimal(10**9), Decimal(10**12)
SYNTHETIC = "SYNTHETIC SAMPLE DATA · 합성 표본 데이터: not for any use as data"


def follow_run(out: Console, request: RunRequest) -> int:
    """Run the DAGs in a process of their own, show their progress, then the headline. Returns the exit code."""
    began = time.monotonic()
    log = get_settings().root / "logs" / f"run-{utc_now():%Y%m%dT%H%M%SZ}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    with log.open("ab") as file:
        child = subprocess.Popen(
            [sys.executable, "-m", "trade_exposure.runner", request.model_dump_json(), str(writing)],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, pass_fds=(writing,),
        )  # fmt: skip
    os.close(writing)
    out.print("Preparing Airflow …")
    told = False
    with os.fdopen(reading, encoding="utf-8") as lines:
        told = _show_progress(out, lines)
    code = child.wait()
    if code:
        if not told:
            out.print("[bold red]The run ended before it could say why.")
        out.print(f"The run did not succeed; the last publication stays as it was. Log: {log}", markup=False)
        return code
    publication_summary(out)
    out.print(f"Log       {log}\n{time.monotonic() - began:.0f} s in all.", markup=False)
    return 0


def _show_progress(out: Console, lines: Any) -> bool:
    """One line per DAG as it ends; failures at once. Returns whether a failure has been explained."""
    explained = False
    counts: Counter[str] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    current: Any = None
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as bar:
        for text in lines:
            line = json.loads(text)
            if line["event"] == "dag":
                counts.clear()
                reasons.clear()
                current = bar.add_task(line["title"], total=None)
                title = line["title"]
            elif line["event"] == "task":
                counts[line["state"]] += 1
                bar.update(current, description=f"{title}: {line['task']}, {sum(counts.values())} tasks done")
                if line["why"]:
                    explained = True
                    reasons[line["task"], line["why"]] += 1
            elif line["event"] == "dag_ended":
                bar.remove_task(current)
                good = line["state"] == "success"
                for (task, why), times in reasons.items():
                    again = f" ({times} times)" if times > 1 else ""
                    out.print(f"  {task}: {why}{again}", style="bold red", markup=False)
                what = ", ".join(
                    f"{counts[state]} {state}" for state in ("success", "skipped", "failed") if counts[state]
                )
                out.print(
                    f"{'✓' if good else '✗'} {title}  ({what.replace('success', 'done')})",
                    style="" if good else "bold red",
                )
            elif line["event"] == "note":
                out.print(f"  not taken: {line['why']}", style="yellow", markup=False)
            elif line["event"] == "failed":
                explained = True
                out.print(line["why"], style="bold red", markup=False)
    return explained


def publication_summary(out: Console) -> None:
    """Headline figures, the publication's date, and where everything lies."""
    from trade_exposure.publishing import publication
    from trade_exposure.publishing.headline import headline

    current = publication.current()
    if current is None:
        out.print("Nothing is published yet.")
        return
    told = headline(current)
    manifest = current.manifest
    out.print()
    if manifest["is_synthetic"]:
        out.print(SYNTHETIC, style="bold yellow")
    krw = "no exchange rate" if told["exports_krw"] is None else f"₩{told['exports_krw'] / _TRILLION:.1f} tn"
    share = "–" if told["share"] is None else f"{told['share']:.1%}"
    out.print(
        f"[bold]Exports to partner markets, {told['trade_month']:%Y-%m}: USD {told['exports_usd'] / _BILLION:.2f} bn · {krw} · {share} of all exports"
    )
    out.print(
        f"  definition {told['definition_id']} ({told['definition_status']}), {told['members']} countries", markup=False
    )
    known = [row for row in told["by_definition"] if row[2] is not None]
    if known:
        high, low = known[0], known[-1]
        out.print(
            f"  {len(known)} definitions side by side: from {low[2]:.1%} ({low[0]}) to {high[2]:.1%} ({high[0]}) of USD "
            f"{told['world_exports_usd'] / _BILLION:.2f} bn",
            markup=False,
        )
    for feed in told["feeds"]:
        out.print(
            f"  {feed['feed']}: {feed['loads']} loads, {feed['accepted_rows']:,} rows accepted, "
            f"{feed['quarantined_rows']:,} in quarantine, {feed['warnings']} warnings",
            markup=False,
        )
    out.print(
        f"\nPublished {_seoul(manifest['published_at'])} as {manifest['publication_id']}, audit {manifest['audit']['verdict']}",
        markup=False,
    )
    out.print(f"Database  {publication.home() / 'exposure.duckdb'}", markup=False)
    out.print(f"Parquet   {publication.home() / 'parquet'}", markup=False)
    reports = get_settings().reports_dir
    out.print(f"Reports   {reports / 'index.html'}", markup=False)
    out.print(f"Docs      {reports / 'dbt_docs' / 'index.html'}", markup=False)


def load_summary(out: Console, told: dict[str, Any]) -> None:
    """One committed load."""
    out.print(
        f"{told['feed']} {told['period']} {told['slice']}: {told['outcome'].replace('_', ' ')} as load {told['load_id']}, "
        f"{told['accepted_rows']:,} of {told['source_rows']:,} rows accepted, {told['quarantined_rows']:,} in quarantine, "
        f"{told['warnings']} warnings.",
        markup=False,
    )
    for measure, total in told["control_totals"].items():
        out.print(f"  {measure} {Decimal(total):,}", markup=False)


def drops(out: Console, contract: FeedContract, told: Scan) -> None:
    """What lies in one feed's drop folder."""
    out.print(f"{contract.feed_id}: {len(told.ready)} to take, {told.taken} taken before", markup=False)
    for drop in told.ready:
        out.print(f"  ready    {drop.path.name}{f': {drop.refusal}' if drop.refusal else ''}", markup=False)
    for sentence in told.waiting:
        out.print(f"  waiting  {sentence}", markup=False)
    for sentence in told.strangers:
        out.print(f"  not ours {sentence}", markup=False)


def status(out: Console, told: dict[str, Any]) -> None:
    """Feeds and publication as tables."""
    table = Table(
        title="Feeds · 피드", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True
    )
    table.add_column("feed", no_wrap=True)
    table.add_column("newest", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for name in ("loads", "rows", "held", "warned", "stopped"):
        table.add_column(name, justify="right", no_wrap=True)
    for feed_id, feed in told["feeds"].items():
        state = f"{feed['newest_due_period']} late" if feed["is_late"] else "in time"
        counts = (feed[name] for name in ("loads", "accepted_rows", "quarantined_rows", "warnings", "stopped_loads"))
        style = "bold red" if feed["is_late"] or feed["stopped_loads"] else ""
        table.add_row(feed_id, feed["newest_period"] or "–", state, *(f"{count:,}" for count in counts), style=style)
    out.print(table)
    published = told["publication"]
    if published is None:
        out.print("Nothing is published yet; `exposure run` does it.")
        return
    if published["is_synthetic"]:
        out.print(SYNTHETIC, style="bold yellow")
    out.print(
        f"Published {_seoul(published['published_at'])} as {published['publication_id']}, audit {published['audit']['verdict']}; "
        f"headline definition {published['headline_definition']['definition_id']} ({published['headline_definition']['status']})",
        markup=False,
    )
    tables = Table(
        title="Published tables · 공개 테이블",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    tables.add_column("table")
    tables.add_column("rows", justify="right")
    tables.add_column("content hash")
    for name, one in told["tables"].items():
        tables.add_row(name, f"{one['rows']:,}", one["content_hash"][:16])
    out.print(tables)


def _seoul(instant: str) -> str:
    from datetime import datetime

    return f"{datetime.fromisoformat(instant).astimezone(SEOUL):%Y-%m-%d %H:%M} KST"
