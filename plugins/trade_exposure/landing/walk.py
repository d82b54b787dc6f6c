"""The memory of a walk: a feed that takes many requests to ask for one period.

Each answer is kept in the raw archive at once and noted under ``work/walks/``, so that a walk which was cut off, by a crash
or a used-up daily quota, goes on where it stopped. A walk belongs to one day (Asia/Seoul): a run of a later day asks anew,
for the source may have revised what it answered.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel

from trade_exposure.clock import SEOUL
from trade_exposure.errors import ReplyUnreadable
from trade_exposure.feeds.model import Part, Reply
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import Arrival, ArrivedPart, LoadKey, archive, keep, parts_of

log = logging.getLogger(__name__)

_TOLD_EVERY = 100


class _Note(BaseModel):
    part: ArrivedPart
    url: str
    is_synthetic: bool


class WalkJournal:
    """The journal of one walk; see :class:`trade_exposure.feeds.model.Journal`."""

    def __init__(self, lake: Lake, key: LoadKey, at: datetime, *, is_sealed: bool) -> None:
        """Take up the walk of ``at``'s day, or begin it."""
        self.at = at
        self._lake = lake
        self._key = key
        self._is_sealed = is_sealed
        self._folder = f"work/walks/{key.folder}/{at.astimezone(SEOUL):%Y-%m-%d}"
        paths = lake.list_files(self._folder, ".json")
        notes = [_Note.model_validate_json(found) for found in lake.read_all(paths).values()]
        self._kept = {note.part.name: note for note in notes}
        self._walked: list[_Note] = []
        if notes:
            log.info("%s: %d answers are kept from before.", key.folder, len(notes))

    def part(self, name: str, ask: Callable[[], Reply]) -> bytes:
        """The body of the reply named ``name``: kept from before, else asked for and kept.

        Raises:
            SourceError: the source failed; what was answered before stays kept.
        """
        note = self._kept.get(name)
        if note is None:
            reply = ask()
            kept = keep(self._lake, self._key, name, reply.body, is_sealed=self._is_sealed)
            note = _Note(part=kept, url=reply.url, is_synthetic=reply.is_synthetic)
            digest = hashlib.sha256(name.encode()).hexdigest()[:20]
            self._lake.create(f"{self._folder}/{digest}.json", note.model_dump_json().encode())
            body = reply.body
        else:
            body = self._read(note.part)
        self._walked.append(note)
        if len(self._walked) % _TOLD_EVERY == 0:
            log.info("%s: %d answers so far.", self._key.folder, len(self._walked))
        return body

    def archive(self, *, media_type: str, known_at: datetime) -> Arrival:
        """Make an arrival of all that was walked, in its order, and forget the walk.

        Raises:
            ReplyUnreadable: nothing was walked, or made-up and real replies came mixed.
        """
        kinds = {note.is_synthetic for note in self._walked}
        if len(kinds) != 1:
            raise ReplyUnreadable(
                f"The walk of {self._key.folder} has no answer, or made-up and real answers mixed; ask again."
            )
        arrival = archive(
            self._lake,
            self._key,
            [note.part for note in self._walked],
            media_type=media_type,
            origin=self._walked[0].url,
            arrival="api",
            known_at=known_at,
            is_synthetic=kinds.pop(),
            is_sealed=self._is_sealed,
        )
        self._lake.remove_folder(f"work/walks/{self._key.folder}")
        return arrival

    def _read(self, part: ArrivedPart) -> bytes:
        only = Arrival.model_construct(
            key=self._key, sha256=part.sha256, size=part.size, origin=part.name, is_sealed=self._is_sealed, parts=(),
            control=None,
        )  # fmt: skip
        found: Part = parts_of(self._lake, only)[0]
        return found.read()
