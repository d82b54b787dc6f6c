"""First look at a CSV or JSON Lines file, block by block: encoding, number of records, and what no parser could be sure of.

The records are counted from the bytes, independently of the parser; the count is the control of the load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.text_encoding import BLOCK, Utf8Stream, WrongEncoding, refuse_encoding, refuse_what_is_no_text

_LF, _CR, _QUOTE = 10, 13, 34
_BLANK_LINE = b" \t\r\n\v\f"


@dataclass(frozen=True)
class Survey:
    """``records`` counts the header of a CSV file too. ``header`` are the UTF-8 bytes up to the end of the first record."""

    encoding: str
    records: int
    header: bytes
    ends_with_newline: bool


def survey(part: Part, encodings: tuple[str, ...], counter: Callable[[Part], CsvCounter | LineCounter]) -> Survey:
    """Read the whole part once in each encoding until one fits.

    Raises:
        LayoutRefused: no encoding fits, or the bytes are no such file.
    """
    refuse_what_is_no_text(part)
    failed: dict[str, int] = {}
    for encoding in encodings:
        counting = counter(part)
        try:
            with Utf8Stream(part, encoding) as stream:
                while block := stream.read():
                    counting.feed(block)
        except WrongEncoding as error:
            failed[encoding] = error.line
            continue
        counting.finish()
        return Survey(encoding, counting.records, counting.header, counting.last in (_LF, _CR))
    raise refuse_encoding(part, failed)


class LineCounter:
    """Counts the lines of a JSON Lines file that are not blank."""

    header = b""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.records, self.last = 0, _LF
        self._open = b""

    def feed(self, block: bytes) -> None:
        """The next block."""
        _refuse_nul(self._part, block, self.records)
        lines = (self._open + block).split(b"\n")
        self._open = lines.pop()
        for line in lines:
            self._count(line)
        if len(self._open) > BLOCK:
            raise _too_long(self._part, self.records + 1)
        self.last = block[-1]

    def finish(self) -> None:
        """The end of the file."""
        self._count(self._open)

    def _count(self, line: bytes) -> None:
        if len(line) > BLOCK:
            raise _too_long(self._part, self.records + 1)
        self.records += bool(line.strip(_BLANK_LINE))


class CsvCounter:
    """Counts the records of a CSV file by RFC 4180: a line end inside quotation marks ends no record.

    Where quotation marks stand otherwise than the standard says, parsers disagree on where a row ends; such a file is refused.
    """

    def __init__(self, part: Part, delimiter: str) -> None:
        self._part = part
        self._delimiter = ord(delimiter)
        self.records, self.header, self.last = 0, b"", _LF
        self._quoted = False  # the next byte stands inside quotation marks
        self._length = 0  # of the open record so far
        self._closed_at_end = self._cr_at_end = False
        self._full: Any = _nothing()  # where records that are not blank end in the block

    def feed(self, block: bytes) -> None:
        """The next block."""
        import numpy as np

        _refuse_nul(self._part, block, self._row())
        data = np.frombuffer(block, np.uint8)
        quotes = np.flatnonzero(data == _QUOTE) if b'"' in block else _nothing()
        ends = self._outside(np.flatnonzero(data == _LF), quotes)
        lengths = np.diff(ends, prepend=-1)
        lengths[:1] += self._length
        returned = np.where(ends > 0, data[ends - 1], self.last) == _CR
        self._full = ends[lengths - 1 - returned > 0]
        self._check_quotes(data, quotes)
        self._check_returns(data, quotes)
        self._quoted ^= bool(len(quotes) % 2)
        self._length = len(data) - 1 - int(ends[-1]) if len(ends) else self._length + len(data)
        self._check_lengths(ends, lengths)
        if not self.records:
            self.header += block[: int(self._full[0]) + 1] if len(self._full) else block
        self.records += len(self._full)
        self.last = block[-1]

    def finish(self) -> None:
        """The end of the file."""
        if self._quoted:
            raise LayoutRefused(
                f"{self._part.name} is half-written: in {_row_name(self.records)} a quotation mark never closes; drop the whole file again."
            )
        if self._cr_at_end:
            raise self._lone_return(self.records)
        self.records += self._length > 0

    def _row(self, place: int = 0) -> int:
        """The number of the row that ``place`` in the block belongs to; the header is row 0."""
        return self.records + int((self._full < place).sum())

    def _outside(self, places: Any, quotes: Any) -> Any:
        import numpy as np

        if not len(quotes):
            return places[:0] if self._quoted else places
        return places[(np.searchsorted(quotes, places) + self._quoted) % 2 == 0]

    def _check_quotes(self, data: Any, quotes: Any) -> None:
        import numpy as np

        allowed = [self._delimiter, _LF, _QUOTE]
        if self._closed_at_end and data[0] not in (*allowed, _CR):
            raise self._stray(0)
        self._closed_at_end = False
        if not len(quotes):
            return
        opens = (np.arange(len(quotes)) + self._quoted) % 2 == 0
        before = np.where(quotes[opens] > 0, data[quotes[opens] - 1], self.last)
        bad = ~np.isin(before, allowed)
        if bad.any():
            raise self._stray(int(quotes[opens][bad][0]))
        closes = quotes[~opens]
        if len(closes) and closes[-1] == len(data) - 1:
            self._closed_at_end, closes = True, closes[:-1]
        bad = ~np.isin(data[closes + 1], [*allowed, _CR])
        if bad.any():
            raise self._stray(int(closes[bad][0]))

    def _check_returns(self, data: Any, quotes: Any) -> None:
        import numpy as np

        if self._cr_at_end and data[0] != _LF:
            raise self._lone_return(self.records)
        if not (data == _CR).any():
            self._cr_at_end = False
            return
        returns = self._outside(np.flatnonzero(data == _CR), quotes)
        self._cr_at_end = bool(len(returns) and returns[-1] == len(data) - 1)
        returns = returns[:-1] if self._cr_at_end else returns
        lone = data[returns + 1] != _LF
        if lone.any():
            raise self._lone_return(self._row(int(returns[lone][0])))

    def _check_lengths(self, ends: Any, lengths: Any) -> None:
        if len(ends) and lengths.max() > BLOCK:
            raise _too_long(self._part, self._row(int(ends[lengths.argmax()])))
        if self._length > BLOCK:
            row = self.records + len(self._full)
            if self._quoted:
                raise LayoutRefused(
                    f"{self._part.name}: in {_row_name(row)} a quotation mark does not close within 1 MiB; drop the whole file again."
                )
            raise _too_long(self._part, row)

    def _stray(self, place: int) -> LayoutRefused:
        return LayoutRefused(
            f"{self._part.name}: {_row_name(self._row(place))} has a quotation mark inside a field, so nobody can tell where the row ends; "
            "quote the whole field and double the mark inside it."
        )

    def _lone_return(self, row: int) -> LayoutRefused:
        return LayoutRefused(
            f"{self._part.name}: {_row_name(row)} has a carriage return without a line feed; save the file with LF or CRLF line ends."
        )


def _nothing() -> Any:
    import numpy as np

    return np.empty(0, np.int64)


def _row_name(row: int) -> str:
    return f"row {row}" if row > 0 else "the header"


def _refuse_nul(part: Part, block: bytes, row: int) -> None:
    if b"\0" in block:
        raise LayoutRefused(
            f"{part.name} holds NUL bytes at or after row {row}: it is no text, or was cut while it was written; drop it again."
        )


def _too_long(part: Part, row: int) -> LayoutRefused:
    return LayoutRefused(
        f"{part.name}: {_row_name(row)} is longer than 1 MiB; no row of this feed is, so the file is damaged."
    )
