"""Dropped files: noticed by a scan, taken when complete, never twice, never moved and never deleted.

Files lie in ``<drops>/<feed_id>/``. Beside ``<file>`` a sidecar ``<file>.control.json`` may lie: ``{"rows": …, "sums": {…},
"sha256": …}``. A file is complete when its sidecar is there and agrees with it, or when it has not changed for the contract's
``settle_seconds``. What was taken is noted in the lake by name, size and time of change, once its load is settled; the same
bytes under a new time are noticed as such and change nothing. A file ``SYNTHETIC`` in the drop folder says that all files in
it are made up.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from trade_exposure.errors import BadInput, LayoutRefused
from trade_exposure.feeds import periods
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.periods import Kind
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import LoadKey
from trade_exposure.landing.vault import digest_of
from trade_exposure.settings import get_settings

SIDECAR = ".control.json"
SYNTHETIC = "SYNTHETIC"
_SHAPES: dict[int, Kind] = {4: "year", 6: "month", 8: "day"}
_MAX_SIDECAR = 1 << 20


@dataclass(frozen=True)
class Drop:
    """One complete file. ``marker`` names the note that it was taken; ``refusal`` says why it cannot be used, if so."""

    path: Path
    key: LoadKey
    marker: str
    control: Mapping[str, Any] | None = None
    refusal: str | None = None


@dataclass
class Scan:
    """What lies in a feed's folder: files to take, files that are not complete yet, files that are none of the feed's."""

    ready: list[Drop] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    taken: int = 0


def folder_of(feed_id: str) -> Path:
    """The folder in which the feed's files are dropped."""
    return get_settings().drops_dir / feed_id


def are_synthetic() -> bool:
    """Whether the drop folder says that its files are made up."""
    return (get_settings().drops_dir / SYNTHETIC).exists()


def scan(lake: Lake, contract: FeedContract, *, now: datetime) -> Scan:
    """Look through the feed's drop folder, in the order of the files' names.

    ``now`` (aware) is the instant against which the files' times of change are held.
    """
    told = Scan()
    folder = folder_of(contract.feed_id)
    if not folder.is_dir():
        return told
    taken = set(lake.list_files(f"taken/{contract.feed_id}", ".json"))
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith(SIDECAR) or not path.is_file():
            continue
        try:
            key = key_of(contract, path.name)
        except BadInput as error:
            told.strangers.append(str(error))
            continue
        marker = _marker(contract.feed_id, path)
        if marker in taken:
            told.taken += 1
            continue
        found = _complete(contract, path, key, marker, now)
        if isinstance(found, Drop):
            told.ready.append(found)
        else:
            told.waiting.append(found)
    return told


def was_taken(lake: Lake, contract: FeedContract, name: str) -> bool:
    """Whether the file of that name, as it lies there now, was taken before and is settled."""
    path = folder_of(contract.feed_id) / name
    return path.is_file() and lake.exists(_marker(contract.feed_id, path))


def find(lake: Lake, contract: FeedContract, name: str, *, now: datetime) -> Drop:
    """The one file of that name in the feed's drop folder, if it is ready to be taken.

    Raises:
        BadInput: it is not there, not complete, none of the feed's, or was taken before.
    """
    path = folder_of(contract.feed_id) / name
    found: Drop | str = "it was removed"
    if path.is_file():
        marker = _marker(contract.feed_id, path)
        found = "it was taken before"
        if not lake.exists(marker):
            found = _complete(contract, path, key_of(contract, name), marker, now)
    if isinstance(found, str):
        raise BadInput(f"{name} is not waiting to be taken in {path.parent}: {found.rstrip('.')}.")
    return found


def key_of(contract: FeedContract, name: str) -> LoadKey:
    """What a file of that name is about.

    Raises:
        BadInput: no pattern of the contract fits the name, its period is none, or its slice is unknown.
    """
    for pattern in contract.file_names:
        match = re.fullmatch(pattern, name)
        if not match:
            continue
        kind = _SHAPES.get(len(match["period"]))
        try:
            period = date.fromisoformat(_dashed(match["period"]))
        except ValueError:
            kind = None
        slice_ = match.groupdict().get("slice") or contract.slices[0]
        if kind is None:
            raise BadInput(f"{name} of {contract.feed_id} names no period; its digits must be a year, month or day.")
        if slice_ not in contract.slices:
            raise BadInput(f"{name} names {slice_!r}, which {contract.feed_id} does not have; see {contract.path}.")
        return LoadKey(feed_id=contract.feed_id, period=periods.start_of(period, kind), slice=slice_, kind=kind)
    raise BadInput(
        f"{name} is no file of {contract.feed_id}: its name fits none of {', '.join(contract.file_names)}; rename or remove it."
    )


def read_control(contract: FeedContract, path: Path) -> Mapping[str, Any] | None:
    """The sidecar of a file, checked; None where there is none.

    Raises:
        LayoutRefused: the sidecar cannot be read or says what no sidecar can.
    """
    sidecar = path.with_name(path.name + SIDECAR)
    if not sidecar.exists():
        return None
    try:
        told = json.loads(sidecar.read_bytes()[:_MAX_SIDECAR], parse_float=Decimal)
        rows, sums = told.get("rows"), told.get("sums", {})
        exact = {name: str(Decimal(str(total))) for name, total in sums.items()}
        good = rows is None or (isinstance(rows, int) and not isinstance(rows, bool) and rows >= 0)
        good &= all(Decimal(total).is_finite() for total in exact.values())
    except (ValueError, AttributeError, InvalidOperation, RecursionError):
        good = False
    if not good:
        raise LayoutRefused(
            f'The sidecar {sidecar.name} cannot be read; it needs {{"rows": 12, "sums": {{"column": "34.50"}}}}.'
        )
    strangers = sorted(exact.keys() - set(contract.measures))
    if strangers:
        raise LayoutRefused(
            f"The sidecar {sidecar.name} sums {strangers[0]!r}, which is no measure of {contract.feed_id}; it may sum "
            f"{', '.join(contract.measures)}."
        )
    return {"rows": rows, "sums": exact, "sha256": told.get("sha256")}


def note_taken(lake: Lake, marker: str, *, load_id: str, name: str) -> None:
    """Remember that a file's load is settled; the next scan passes it by."""
    lake.create(marker, json.dumps({"file": name, "load_id": load_id}, ensure_ascii=False).encode())


def _complete(contract: FeedContract, path: Path, key: LoadKey, marker: str, now: datetime) -> Drop | str:
    try:
        stat = path.stat()
        age = now.timestamp() - max(stat.st_mtime, _sidecar_time(path))
        is_settled = age >= contract.settle_seconds
        if stat.st_size == 0 and not is_settled:
            return f"{path.name} is still empty."
        try:
            control = read_control(contract, path)
            if control is not None and control["sha256"] not in (None, digest_of(path)[0]):
                raise LayoutRefused(f"{path.name} does not have the sha256 that its sidecar tells; drop both again.")
        except LayoutRefused as error:
            return Drop(path, key, marker, refusal=str(error)) if is_settled else f"{error}"
        if control is None and not is_settled:
            changed = datetime.fromtimestamp(stat.st_mtime, UTC)
            return (
                f"{path.name} changed at {changed:%Y-%m-%dT%H:%M:%SZ}; without a sidecar it counts as complete "
                f"{contract.settle_seconds} seconds later."
            )
        return Drop(path, key, marker, control=control)
    except OSError as error:
        return f"{path.name} cannot be read ({error.strerror}); check its rights."


def _sidecar_time(path: Path) -> float:
    sidecar = path.with_name(path.name + SIDECAR)
    return sidecar.stat().st_mtime if sidecar.exists() else 0.0


def _marker(feed_id: str, path: Path) -> str:
    stat = path.stat()
    sidecar = path.with_name(path.name + SIDECAR)
    beside = sidecar.stat() if sidecar.exists() else None
    state = [path.name, stat.st_size, stat.st_mtime_ns, *((beside.st_size, beside.st_mtime_ns) if beside else ())]
    return f"taken/{feed_id}/{hashlib.sha256(json.dumps(state).encode()).hexdigest()[:24]}.json"


def _dashed(digits: str) -> str:
    whole = (digits + "0101")[:8]
    return f"{whole[:4]}-{whole[4:6]}-{whole[6:]}"
