"""What a feed hands over: the reply as sent, the typed rows, and the rows that could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from trade_exposure.errors import ReplyUnreadable


@dataclass(frozen=True)
class Reply:
    """One successful answer of a source, byte for byte.

    ``url`` is redacted. ``is_synthetic`` is what the server said of its own data; a loopback server that says nothing
    counts as synthetic.
    """

    body: bytes
    media_type: str
    url: str
    status: int
    is_synthetic: bool


@dataclass(frozen=True)
class Part:
    """One file or one reply of a load.

    ``name`` is the file's name, or that of the request within a walk. ``open`` gives a fresh stream of the plain bytes,
    which the caller closes. ``control`` is what a file's sidecar announces: ``rows`` and ``sums``, the latter by our column
    names in the source's own unit.
    """

    name: str
    sha256: str
    size: int
    open: Callable[[], BinaryIO]
    control: Mapping[str, Any] | None = None

    def read(self) -> bytes:
        """All bytes at once, for replies of bounded size."""
        with self.open() as stream:
            return stream.read()


@dataclass(frozen=True)
class ParsedFiles:
    """What a parser leaves of one load.

    ``rows`` is Parquet: ``source_row`` (unique in the load, from 1) and the contract's columns. ``rejects`` is Parquet with
    the rows that cannot become typed rows: ``source_row, rule, reason, raw`` (the source's fields as JSON text, hashed where
    the contract says so) and ``amounts``, a map of those measures that could be read all the same.

    ``announced_rows`` and ``announced_totals`` (one per measure, in our unit) are the control of the parser: taken from the
    source's own count, total row or sidecar where there is one, else found without the parser. An amount that is no number
    is in neither. ``part_of_row`` names, for a load of several parts, the part that begins at a ``source_row``.

    Raises:
        ReplyUnreadable: rows were read where none are announced. An empty reply means "not published", so nothing else
            may look like one.
    """

    rows: Path
    rejects: Path
    announced_rows: int
    announced_totals: dict[str, Decimal]
    part_of_row: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        import pyarrow.parquet as pq

        found = sum(pq.read_metadata(path).num_rows for path in (self.rows, self.rejects))
        if found and not self.announced_rows:
            raise ReplyUnreadable(f"The reply announces no rows but holds {found}; ask again.")


class Journal(Protocol):
    """The memory of a walk of many requests: what was answered once is not asked again when the walk is taken up later.

    ``at`` is the instant (aware) that the run stands for.
    """

    at: datetime

    def part(self, name: str, ask: Callable[[], Reply]) -> bytes:
        """The body of the reply named ``name``: kept from before, else asked for and kept."""
        ...
