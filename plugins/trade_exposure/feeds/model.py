"""What a feed hands over: the reply as sent, the typed rows, and the rows that could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from trade_exposure.errors import ReplyUnreadable

if TYPE_CHECKING:
    import pyarrow as pa


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
class Reject:
    """One row that cannot become a typed row.

    ``source_row`` is its 1-based position in the reply, ``raw`` its fields as JSON text. ``amounts`` holds those of the
    feed's measures that could be read all the same: they are part of the announced totals.
    """

    source_row: int
    rule: str
    reason: str
    raw: str
    amounts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """The typed rows of one reply (columns of the feed's contract, in its order) and what did not become one.

    ``announced_rows`` and ``announced_totals`` (one per measure) are taken from the bytes without the parser: from the
    source's own count or total row where it sends one, else by a text search. They are the control of the parser.
    An amount that is no number is in neither.

    Raises:
        ReplyUnreadable: rows were read where none are announced. An empty reply means "not published", so nothing else
            may look like one.
    """

    table: pa.Table
    rejects: tuple[Reject, ...]
    announced_rows: int
    announced_totals: dict[str, Decimal]

    def __post_init__(self) -> None:
        found = self.table.num_rows + len(self.rejects)
        if found and not self.announced_rows:
            raise ReplyUnreadable(f"The reply announces no rows but holds {found}; ask again.")
