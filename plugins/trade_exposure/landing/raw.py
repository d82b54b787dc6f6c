"""The raw archive: what each source sent, byte for byte, kept for ever.

``raw/<feed>/<period>/<slice>/<sha256>.zst`` holds the bytes, ``.../<sequence>.json`` tells of one arrival: which bytes,
when they became known and from where. Same bytes as the last arrival: nothing new is written. Other bytes for the same
period and slice: a revision, beside the old one.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Literal

import zstandard
from pydantic import AwareDatetime, BaseModel, ConfigDict

from trade_exposure.errors import BadInput, ExposureError
from trade_exposure.feeds.contract import first_of_next_month
from trade_exposure.landing.lake import Lake


class LoadKey(BaseModel):
    """What a load is about: one feed, one period, one slice of it."""

    model_config = ConfigDict(frozen=True)

    feed_id: str
    period: date
    slice: str

    @property
    def folder(self) -> str:
        """``<feed>/<YYYY-MM>/<slice>``."""
        return f"{self.feed_id}/{self.period:%Y-%m}/{self.slice}"

    @property
    def last_day(self) -> date:
        """Last day of the period."""
        return first_of_next_month(self.period) - timedelta(days=1)


class Arrival(BaseModel):
    """One arrival of bytes for a key."""

    model_config = ConfigDict(frozen=True)

    key: LoadKey
    sequence: int
    sha256: str
    size: int
    media_type: str
    origin: str
    arrival: Literal["api", "file"]
    known_at: AwareDatetime
    is_synthetic: bool

    @property
    def bytes_path(self) -> str:
        """Where the bytes lie in the lake."""
        return f"raw/{self.key.folder}/{self.sha256}.zst"


def archive(
    lake: Lake,
    key: LoadKey,
    body: bytes,
    *,
    media_type: str,
    origin: str,
    arrival: Literal["api", "file"],
    known_at: datetime,
    is_synthetic: bool,
) -> Arrival:
    """Keep ``body`` and return its arrival; the last arrival again when the bytes have not changed.

    Args:
        origin: where the bytes came from, without secrets: a redacted URL or a file name.
        known_at: when the bytes became known (UTC).
    """
    digest = hashlib.sha256(body).hexdigest()
    past = arrivals(lake, key)
    if past and (past[-1].sha256, past[-1].is_synthetic) == (digest, is_synthetic):
        return past[-1]
    if past and known_at < past[-1].known_at:
        raise BadInput(
            f"{key.folder} has bytes that became known at {past[-1].known_at:%Y-%m-%dT%H:%M:%S%z}; later bytes cannot have been known "
            f"at {known_at:%Y-%m-%dT%H:%M:%S%z}, so give a later instant."
        )
    new = Arrival(
        key=key,
        sequence=past[-1].sequence + 1 if past else 1,
        sha256=digest,
        size=len(body),
        media_type=media_type,
        origin=origin,
        arrival=arrival,
        known_at=known_at,
        is_synthetic=is_synthetic,
    )
    lake.create(new.bytes_path, zstandard.ZstdCompressor(level=10, write_checksum=True).compress(body))
    manifest = f"raw/{key.folder}/{new.sequence:06d}.json"
    if not lake.create(manifest, new.model_dump_json(indent=1).encode()):
        # Another run was faster: what it landed decides whether these bytes are still new.
        return archive(
            lake,
            key,
            body,
            media_type=media_type,
            origin=origin,
            arrival=arrival,
            known_at=known_at,
            is_synthetic=is_synthetic,
        )
    return new


def arrivals(lake: Lake, key: LoadKey) -> list[Arrival]:
    """All arrivals of a key, oldest first."""
    paths = lake.list_files(f"raw/{key.folder}", ".json")
    found = lake.read_all(paths)
    return [Arrival.model_validate_json(found[path]) for path in paths]


def read_bytes(lake: Lake, arrival: Arrival) -> bytes:
    """The archived bytes, checked against their hash.

    Raises:
        ExposureError: the archive's file is damaged or gone.
    """
    try:
        body = zstandard.ZstdDecompressor().decompress(lake.read(arrival.bytes_path), max_output_size=arrival.size)
    except (zstandard.ZstdError, FileNotFoundError):
        body = b""
    if hashlib.sha256(body).hexdigest() != arrival.sha256:
        raise ExposureError(
            f"The raw archive's file {arrival.bytes_path} no longer has the content its name tells; restore it from a backup."
        )
    return body
