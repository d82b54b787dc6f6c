"""The first step of a load: bytes come into the raw archive, asked for, walked for, dropped, or saved by hand.

Every way ends in a baton: the arrival as a JSON-able dict, which Airflow hands from task to task.
"""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from trade_exposure.clock import known_now, utc_now
from trade_exposure.errors import BadInput, LayoutRefused
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.registry import feed
from trade_exposure.landing import drops, ledger
from trade_exposure.landing.lake import open_lake
from trade_exposure.landing.raw import Arrival, LoadKey, archive, arrivals, parts_of
from trade_exposure.landing.walk import WalkJournal

Baton = dict[str, Any]


def fetch(feed_id: str, period: date, slice_: str, *, at: datetime | None = None) -> Baton:
    """Ask the source, in one request or by a walk, and keep the answers in the raw archive.

    ``at`` is the instant (aware) that the run stands for, now without it.

    Raises:
        SourceError: by kind of failure, see :mod:`trade_exposure.errors`. A walk keeps what was answered before.
    """
    registered, lake, at = feed(feed_id), open_lake(), at or known_now()
    contract = registered.contract
    key = LoadKey(feed_id=feed_id, period=period, slice=slice_, kind=contract.period_kind)
    if registered.connector.walk is not None:
        journal = WalkJournal(lake, key, at, is_sealed=contract.is_private)
        registered.walk(period, slice_, journal)
        arrival = journal.archive(media_type="application/octet-stream", known_at=known_now())
    else:
        reply = registered.fetch(period, slice_, at)
        ledger.refuse_to_mix(lake, is_synthetic=reply.is_synthetic)
        arrival = archive(
            lake,
            key,
            reply.body,
            media_type=reply.media_type,
            origin=reply.url,
            arrival="api",
            known_at=known_now(),
            is_synthetic=reply.is_synthetic,
            is_sealed=contract.is_private,
        )
    ledger.refuse_to_mix(lake, is_synthetic=arrival.is_synthetic)
    return {"arrival": arrival.model_dump(mode="json")}


def take_drop(feed_id: str, name: str) -> Baton:
    """Keep one file of the feed's drop folder in the raw archive, if it is there, complete and not settled yet.

    A file that cannot be used as it is comes too, with its ``refusal``: its load is stopped, and so told of.

    Raises:
        BadInput: the file is not there, not complete or not the feed's; or it was taken before.
    """
    drop = drops.find(open_lake(), feed(feed_id).contract, name, now=utc_now())
    return _take(drop, is_synthetic=drops.are_synthetic())


def was_taken(feed_id: str, name: str) -> bool:
    """Whether the file, as it lies there now, was taken before and is settled."""
    return drops.was_taken(open_lake(), feed(feed_id).contract, name)


def waiting_drops(feed_id: str) -> drops.Scan:
    """What lies in the feed's drop folder now."""
    return drops.scan(open_lake(), feed(feed_id).contract, now=utc_now())


def _take(drop: drops.Drop, *, is_synthetic: bool) -> Baton:
    lake, contract = open_lake(), feed(drop.key.feed_id).contract
    ledger.refuse_to_mix(lake, is_synthetic=is_synthetic)
    refusal = drop.refusal
    others = {known.origin for known in arrivals(lake, drop.key)} - {drop.path.name}
    if others and refusal is None:
        refusal = (
            f"{drop.path.name} is about {drop.key.label} of {drop.key.slice}, which came as {min(others)} before; a revision "
            "must keep the file's name."
        )
        drop = drops.Drop(drop.path, drop.key, drop.marker, drop.control)
    arrival = archive(
        lake,
        drop.key,
        drop.path,
        media_type="application/octet-stream",
        origin=drop.path.name,
        arrival="file",
        known_at=known_now(),
        is_synthetic=is_synthetic,
        is_sealed=contract.is_private,
        control=drop.control,
    )
    return {"arrival": arrival.model_dump(mode="json"), "marker": drop.marker, "refusal": refusal}


def take_file(
    feed_id: str, period: date, slice_: str, path: Path, *, known_at: datetime | None, is_synthetic: bool
) -> Baton:
    """Keep a reply or file that somebody hands in by name; otherwise the same as :func:`fetch` or :func:`take_drop`.

    For a feed of dropped files the file's name must say the same period and slice.

    Raises:
        BadInput: the file cannot be read or the feed has no such slice.
        LayoutRefused, SourceError: the file is not what the feed's contract says; it is not kept.
    """
    registered = feed(feed_id)
    contract = registered.contract
    key = LoadKey(feed_id=feed_id, period=period, slice=slice_, kind=contract.period_kind)
    control = None
    if contract.arrival == "drop":
        key = drops.key_of(contract, path.name)
        control = drops.read_control(contract, path)
    registered.check(key.period, key.slice)
    if registered.connector.walk is not None:
        raise BadInput(f"{feed_id} needs many replies for one period, so no single file can be handed in; run its DAG.")
    try:
        size = path.stat().st_size
        path.open("rb").close()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); give the path of a saved reply or file.") from None
    if not size:
        raise BadInput(f"{path} is empty; save it again and give its path.")
    lake = open_lake()
    ledger.refuse_to_mix(lake, is_synthetic=is_synthetic)
    # An error page saved by mistake must not become an arrival.
    given = Part(path.name, "", size, lambda: path.open("rb"), control)
    with tempfile.TemporaryDirectory() as scratch:
        registered.parse([given], key.period, key.slice, Path(scratch))
    arrival = archive(
        lake,
        key,
        path,
        media_type="application/octet-stream",
        origin=path.name,
        arrival="file",
        known_at=known_at or known_now(),
        is_synthetic=is_synthetic,
        is_sealed=contract.is_private,
        control=control,
    )
    return {"arrival": arrival.model_dump(mode="json")}


def opened(arrival: Arrival) -> list[Part]:
    """The parts of an arrival, ready to be read.

    Raises:
        LayoutRefused: a part was announced by its sidecar with another hash.
    """
    announced = (arrival.control or {}).get("sha256")
    if announced not in (None, arrival.sha256):
        raise LayoutRefused(f"{arrival.origin} does not have the sha256 that its sidecar tells; drop both again.")
    return parts_of(open_lake(), arrival)
