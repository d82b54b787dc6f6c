"""The raw archive: what each source sent, byte for byte, kept for ever.

``raw/<feed>/<period>/<slice>/<sha256>.zst`` holds the bytes (``.zst.age`` for private feeds), ``.../<sequence>.json`` tells
of one arrival: which bytes, when they became known and from where. An arrival may consist of several parts, the replies of
one walk. Same bytes as the last arrival: nothing new is written. Other bytes for the same period and slice: a revision,
beside the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from trade_exposure.errors import BadInput
from trade_exposure.feeds import periods
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.periods import Kind
from trade_exposure.landing import vault
from trade_exposure.landing.lake import Lake

ArrivalKind = Literal["api", "file"]


class LoadKey(BaseModel):
    """What a load is about: one feed, one period, one slice of it."""

    model_config = ConfigDict(frozen=True)

    feed_id: str
    period: date
    slice: str
    kind: Kind = "month"

    @property
    def label(self) -> str:
        """The period as people write it: ``2026``, ``2026-10`` or ``2026-10-20``."""
        return periods.label(self.period, self.kind)

    @property
    def folder(self) -> str:
        """``<feed>/<period>/<slice>``."""
        return f"{self.feed_id}/{self.label}/{self.slice}"

    @property
    def last_day(self) -> date:
        """Last day of the period."""
        return periods.after(self.period, self.kind) - timedelta(days=1)


class ArrivedPart(BaseModel):
    """One reply of an arrival that has several."""

    model_config = ConfigDict(frozen=True)

    name: str
    sha256: str
    size: int


class Arrival(BaseModel):
    """One arrival of bytes for a key.

    ``sha256`` is that of the bytes, or of the list of ``parts`` where there are any. ``control`` is what a dropped file's
    sidecar announced.
    """

    model_config = ConfigDict(frozen=True)

    key: LoadKey
    sequence: int
    sha256: str
    size: int
    media_type: str
    origin: str
    arrival: ArrivalKind
    known_at: AwareDatetime
    is_synthetic: bool
    is_sealed: bool = False
    parts: tuple[ArrivedPart, ...] = ()
    control: Mapping[str, Any] | None = None

    @property
    def file_name(self) -> str | None:
        """Name of the dropped or saved file, None for a reply."""
        return self.origin if self.arrival == "file" else None

    def bytes_path(self, sha256: str | None = None) -> str:
        """Where the bytes, or those of the part with that hash, lie in the lake."""
        return _bytes_path(self.key, sha256 or self.sha256, is_sealed=self.is_sealed)


def keep(lake: Lake, key: LoadKey, name: str, source: bytes | Path, *, is_sealed: bool) -> ArrivedPart:
    """Store the bytes of one part, without an arrival yet."""
    digest, size = vault.digest_of(source)
    vault.store(lake, _bytes_path(key, digest, is_sealed=is_sealed), source, is_sealed=is_sealed)
    return ArrivedPart(name=name, sha256=digest, size=size)


def archive(
    lake: Lake,
    key: LoadKey,
    body: bytes | Path | Sequence[ArrivedPart],
    *,
    media_type: str,
    origin: str,
    arrival: ArrivalKind,
    known_at: datetime,
    is_synthetic: bool,
    is_sealed: bool = False,
    control: Mapping[str, Any] | None = None,
) -> Arrival:
    """Keep ``body`` and return its arrival; the last arrival again when the bytes have not changed.

    Args:
        body: bytes, a local file, or the parts that :func:`keep` stored.
        origin: where the bytes came from, without secrets: a redacted URL or a file name.
        known_at: when the bytes became known (UTC).
    """
    parts: tuple[ArrivedPart, ...] = ()
    if isinstance(body, (bytes, Path)):
        digest, size = vault.digest_of(body)
    else:
        parts = tuple(body)
        listed = "\n".join(f"{part.sha256} {part.name}" for part in parts)
        digest, size = hashlib.sha256(listed.encode()).hexdigest(), sum(part.size for part in parts)
    new = Arrival(
        key=key, sequence=1, sha256=digest, size=size, media_type=media_type, origin=origin, arrival=arrival,
        known_at=known_at, is_synthetic=is_synthetic, is_sealed=is_sealed, parts=parts, control=control,
    )  # fmt: skip
    while True:
        past = arrivals(lake, key)
        if past and (past[-1].sha256, past[-1].is_synthetic) == (digest, is_synthetic):
            return past[-1]
        if past and known_at < past[-1].known_at:
            raise BadInput(
                f"{key.folder} has bytes that became known at {past[-1].known_at:%Y-%m-%dT%H:%M:%S%z}; later bytes cannot have "
                f"been known at {known_at:%Y-%m-%dT%H:%M:%S%z}, so give a later instant."
            )
        if isinstance(body, (bytes, Path)):
            vault.store(lake, new.bytes_path(), body, is_sealed=is_sealed)
        new = new.model_copy(update={"sequence": past[-1].sequence + 1 if past else 1})
        if lake.create(f"raw/{key.folder}/{new.sequence:06d}.json", new.model_dump_json(indent=1).encode()):
            return new
        # Another run was faster: what it landed decides whether these bytes are still new.


def arrivals(lake: Lake, key: LoadKey) -> list[Arrival]:
    """All arrivals of a key, oldest first."""
    paths = lake.list_files(f"raw/{key.folder}", ".json")
    found = lake.read_all(paths)
    return [Arrival.model_validate_json(found[path]) for path in paths]


def parts_of(lake: Lake, arrival: Arrival) -> list[Part]:
    """What the arrival consists of: its parts, or the one file or reply that it is. Hashes are checked while they are read."""
    only = (ArrivedPart(name=arrival.origin, sha256=arrival.sha256, size=arrival.size),)
    return [
        Part(
            name=part.name,
            sha256=part.sha256,
            size=part.size,
            open=partial(vault.unseal, lake, arrival.bytes_path(part.sha256), part.sha256),
            control=arrival.control,
        )
        for part in arrival.parts or only
    ]


def _bytes_path(key: LoadKey, sha256: str, *, is_sealed: bool) -> str:
    return f"raw/{key.folder}/{sha256}{vault.SEALED if is_sealed else vault.PLAIN}"
