"""Makes chunks of source texts ready for the typing statement: private values hashed, words resolved, blanks noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.typing_sql import MASK_WIDTH, PROBLEM_COLUMNS, ROW, heading_of
from trade_exposure.feeds.typing_values import BLANKS
from trade_exposure.feeds.typing_words import Words, has_vocabulary, hashes, vocabulary

if TYPE_CHECKING:
    import pyarrow as pa

_BLANK, _DELETE, _LOST = 0x20, 0x7F, "\ufffd".encode()[0]


class Incoming:
    """What the statement reads, for one contract and one source's headings.

    ``first_source_row`` is the number in the load of the row that the source numbers 1.
    """

    def __init__(self, contract: FeedContract, headings: list[str], first_source_row: int) -> None:
        self._headings, self._shift = headings, first_source_row - 1
        self._masks = -(-len(headings) // MASK_WIDTH)
        self._hashed: dict[str, Words] = {}
        self._words: dict[str, tuple[str, Words]] = {}
        self._read_as_text: set[str] = set()
        for column in contract.columns:
            heading = heading_of(column, headings)
            if heading is not None and column.is_hashed:
                from trade_exposure.feeds.privacy import salt

                self._hashed[heading] = hashes(column, salt())
            elif heading is not None and has_vocabulary(column):
                self._words[column.name] = (heading, vocabulary(column))
            elif heading is not None:
                self._read_as_text.add(heading)

    def prepared(self, chunk: pa.Table) -> pa.Table:
        """The chunk as the statement reads it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        def column(name: str, kind: pa.DataType) -> pa.ChunkedArray:
            if name not in chunk.schema.names:
                return pa.chunked_array([pa.nulls(len(chunk), kind)])
            return chunk[name] if chunk.schema.field(name).type == kind else chunk[name].cast(kind)

        texts = {heading: column(heading, pa.string()) for heading in self._headings}
        words = [(f"w:{name}", known.of(texts[heading])) for name, (heading, known) in self._words.items()]
        for heading, known in self._hashed.items():
            texts[heading] = known.of(texts[heading])
        blanks, odd = [0] * self._masks, [0] * self._masks
        for number, (heading, text) in enumerate(texts.items()):
            if heading in self._read_as_text:
                blanks[number // MASK_WIDTH] |= any(map(has_blank_ends, text.chunks)) << number % MASK_WIDTH
                odd[number // MASK_WIDTH] |= any(map(has_odd_bytes, text.chunks)) << number % MASK_WIDTH
        columns = {ROW: pc.add(column(ROW, pa.int64()), self._shift)}
        columns |= {name: column(name, pa.string()) for name in PROBLEM_COLUMNS}
        for mask, flags in (("blanks", blanks), ("odd", odd)):
            columns |= {
                f"{mask}{n}": pa.repeat(pa.scalar(flag, pa.int64()), len(chunk)) for n, flag in enumerate(flags)
            }
        columns |= {f"c{number}": text for number, text in enumerate(texts.values())}
        return pa.table(columns | dict(words))


def has_blank_ends(texts: pa.Array) -> bool:
    """Whether any text of a string array begins or ends with a blank: most chunks have none, and cutting is dear."""
    import numpy as np

    if not len(texts):
        return False
    _, offsets_buffer, data_buffer = texts.buffers()
    if data_buffer is None or not data_buffer.size:
        return False
    offsets = np.frombuffer(offsets_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer, np.uint8)
    starts, ends = offsets[:-1], offsets[1:]
    suspects = _FIRST[data[np.minimum(starts, len(data) - 1)]] | _LAST[data[np.maximum(ends, 1) - 1]]
    places = np.flatnonzero(suspects & (ends > starts))
    if not len(places):
        return False
    return any(text is not None and text != text.strip(BLANKS) for text in texts.take(places).unique().to_pylist())


def has_odd_bytes(texts: pa.Array) -> bool:
    """Whether a string array may hold control characters, or the one that stands for a lost character (U+FFFD)."""
    import numpy as np

    data_buffer = texts.buffers()[2]
    if data_buffer is None or not data_buffer.size:
        return False
    data = np.frombuffer(data_buffer, np.uint8)
    return bool(data.min() < _BLANK or (data == _DELETE).any() or (data == _LOST).any())


def _edges(position: int) -> Any:
    """Which bytes are the first (0) or last (-1) of a blank; some are those of other characters too."""
    import numpy as np

    edges = np.zeros(256, bool)
    edges[[blank.encode()[position] for blank in BLANKS]] = True
    return edges


_FIRST, _LAST = _edges(0), _edges(-1)
