"""The command line: parses, calls the library, prints. Every failure ends as one sentence and a non-zero exit."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console

from trade_exposure import airflow_env, screens, stack
from trade_exposure.errors import BadInput, ExposureError
from trade_exposure.settings import get_settings

app = typer.Typer(
    name="exposure",
    help="Trade-insurance exposure warehouse · 무역보험 익스포저 웨어하우스",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
feeds_app = typer.Typer(help="Feeds and the local feed server.", no_args_is_help=True)
app.add_typer(feeds_app, name="feeds")
out = Console(soft_wrap=True, highlight=False)

Period = Annotated[str | None, typer.Option(metavar="YYYY-MM")]


@app.command()
def run(
    feeds: Annotated[
        str, typer.Option(help="sample (made-up replies from the local feed server) or live (the real hosts).")
    ] = "sample",
    replies: Annotated[
        Path | None, typer.Option(help="Serve the replies of this folder instead of the sample.")
    ] = None,
    real: Annotated[
        bool, typer.Option("--real", help="The replies folder holds what the sources really sent.")
    ] = False,
    from_period: Period = None,
    to_period: Period = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild every month from the lake.")] = False,
) -> None:
    """Run the main job: ingest every feed, build, audit, publish, report."""
    from trade_exposure.feeds.periods import parse_label
    from trade_exposure.runner import RunRequest

    if feeds not in ("sample", "live"):
        raise BadInput(f"--feeds is {feeds!r}; it can be `sample` or `live`.")
    for label in (from_period, to_period):
        if label is not None:
            parse_label(label)
    if from_period and to_period and from_period > to_period:
        raise BadInput(f"The first period {from_period} lies after the last one {to_period}; swap them.")
    request = RunRequest(
        feeds=feeds,
        replies=replies,
        replies_are_real=real,
        from_period=from_period,
        to_period=to_period,
        full_refresh=full_refresh,
    )
    raise typer.Exit(screens.follow_run(out, request))


@app.command()
def ingest(
    feed: Annotated[str, typer.Argument(help="The feed's id, for example customs_country_trade.")],
    file: Annotated[Path, typer.Option("--file", help="A reply or a file that was saved by hand.")],
    period: Annotated[
        str | None,
        typer.Option(metavar="YYYY[-MM]", help="The period that a reply is about; a dropped file's name says it."),
    ] = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="The part of the period, for feeds that have parts.")
    ] = None,
    known_at: Annotated[str | None, typer.Option(metavar="ISO", help="When it became known; default now.")] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="The file holds made-up data.")] = False,
) -> None:
    """Land a reply or file that somebody saved by hand, through the same steps as one that came by itself."""
    from trade_exposure.feeds.registry import feed as feed_of
    from trade_exposure.landing import arrive, drops, plan, steps

    contract = feed_of(feed).contract
    if contract.arrival == "drop":
        key = drops.key_of(contract, file.name)
        first, slice_ = key.period, key.slice
    elif period is None:
        raise BadInput(f"Say which {contract.period_kind} of {feed} the reply is about with --period.")
    else:
        first = plan.parse_period(period, contract)
    if slice_ is None and len(contract.slices) > 1:
        raise BadInput(f"{feed} has the slices {', '.join(contract.slices)}; say which one the file is with --slice.")
    taken = arrive.take_file(
        feed,
        first,
        slice_ or contract.slices[0],
        file,
        known_at=_instant(known_at),
        is_synthetic=synthetic,
    )
    landed = steps.land(taken)
    if not landed["is_new"]:
        out.print(f"Nothing new: the same bytes were committed before as load {landed['load_id']}.")
        return
    screens.load_summary(out, steps.commit(steps.judge(steps.parse(landed))))


@app.command()
def build(
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild every month from the lake.")] = False,
) -> None:
    """Build and audit a candidate from what the ledger holds; `publish` makes it the publication."""
    from trade_exposure.warehouse import local

    with out.status("Building and auditing a candidate …"):
        built = local.build(full_refresh=full_refresh)
    if built is None:
        out.print(
            "Nothing new: everything the ledger holds is published already. --full-refresh rebuilds it all the same."
        )
        return
    out.print(f"Built and audited: {built['tests_passed']} data tests passed. Now publish it with `exposure publish`.")


@app.command()
def publish() -> None:
    """Publish the last audited candidate and rebuild the reports."""
    from trade_exposure.warehouse import local

    with out.status("Publishing …"):
        local.publish()
    screens.publication_summary(out)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Feeds and publication: what is in, how late, how good, with the tables' content hashes."""
    from trade_exposure.reports import status as reports_status

    told = reports_status.collect()
    if as_json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        screens.status(out, told)


@app.command()
def doctor() -> None:
    """Name what is missing or misconfigured, one sentence each; exit code 1 if anything is."""
    from trade_exposure import checks

    findings = checks.run_all()
    for finding in findings:
        out.print(("ok       " if finding.is_good else "PROBLEM  ") + finding.sentence)
    raise typer.Exit(0 if all(finding.is_good for finding in findings) else 1)


@app.command()
def up(port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the UI on loopback.")] = 8080) -> None:
    """Start Airflow's scheduler, API server, DAG processor and triggerer, with the UI on loopback."""
    with out.status("Starting Airflow …"):
        screen = stack.up(port)
    out.print(screen)


@app.command()
def down() -> None:
    """End what `up` started."""
    out.print(stack.down())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def airflow(context: typer.Context) -> None:
    """Run any `airflow` command in the product's environment, for example `exposure airflow dags list`."""
    airflow_env.prepare()
    os.execv(sys.executable, [sys.executable, "-m", "airflow", *context.args])


@app.command()
def keys() -> None:
    """Make a fresh salt and a fresh archive key for the private feeds, and say where they belong. Nothing is kept."""
    from trade_exposure.feeds.privacy import new_secrets

    for connection_id, secret in new_secrets().items():
        told = json.dumps({"conn_type": "generic", "password": secret})
        sys.stdout.write(f"AIRFLOW_CONN_{connection_id.upper()}='{told}'\n")


@feeds_app.command("drops")
def feeds_drops() -> None:
    """What lies in the drop folders: files that wait to be taken, are not complete yet, or belong to no feed."""
    from trade_exposure.feeds.registry import contracts
    from trade_exposure.landing import arrive

    for feed_id, contract in contracts().items():
        if contract.arrival == "drop":
            screens.drops(out, contract, arrive.waiting_drops(feed_id))


@feeds_app.command("serve")
def feeds_serve(
    replies: Annotated[
        Path | None, typer.Option(help="Folder of replies; default the product's made-up sample.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8181,
    key: Annotated[str | None, typer.Option(help="The only key to accept; default: the sample key.")] = None,
    real: Annotated[bool, typer.Option("--real", help="The folder holds what the sources really sent.")] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="throttle, daily-quota, key-not-registered, truncated, time-out, http-500 or slow, with :N for the first N calls."
        ),
    ] = None,
) -> None:
    """Serve replies on loopback in the sources' real wire formats, faults included."""
    from trade_exposure.samples import make_sample
    from trade_exposure.samples.faults import Fault
    from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

    faults = [Fault.parse(text) for text in fault or []]
    folder = replies or make_sample(get_settings().root / "sample") / "replies"
    server = FeedServer(folder, key=key or SAMPLE_KEY, synthetic=not real, faults=faults, port=port)
    out.print(f"Feeds at {server.url}, Ctrl-C ends.")
    server.run_forever()


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadInput(
            f"--known-at is {text!r}; write an instant with its zone, for example 2026-02-16T09:00:00+09:00."
        )
    return instant


def main() -> Any:
    """Entry point of the command ``exposure``."""
    try:
        if sys.argv[1:2] not in (["airflow"], ["up"]):  # there a person reads results, not Airflow's log
            os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
        airflow_env.apply()
        get_settings()
        return app(standalone_mode=True)
    except ExposureError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(str(error), markup=False, style="bold red")
        sys.exit(error.exit_code)
    except duckdb.Error as error:
        told = str(error).splitlines()[0]
        sentence = f"A DuckDB file could not be read or written ({told}); `exposure doctor` tells what is missing."
        Console(stderr=True, soft_wrap=True, highlight=False).print(sentence, markup=False, style="bold red")
        sys.exit(1)
    except OSError as error:
        sentence = f"{error.filename or 'A file'} cannot be used ({error.strerror}); check EXPOSURE_HOME, its rights and its disk."
        Console(stderr=True, soft_wrap=True, highlight=False).print(sentence, markup=False, style="bold red")
        sys.exit(1)
