"""Dropped files as UTF-8: which of the contract's encodings the bytes are in, tried strictly on the whole stream."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import BinaryIO, Self

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.model import Part

BLOCK = 1 << 20
"""Bytes read at a time, and the most that one record may have: more is no record but a damaged or hostile file."""

_BOM = b"\xef\xbb\xbf"
_UTF8 = ("utf-8", "utf-8-sig")
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\x00", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)


class WrongEncoding(Exception):
    """The bytes are no text in the encoding that is being tried; ``line`` is the first such line."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


class Utf8Stream:
    """The UTF-8 bytes of a text file, without byte-order mark. Use it as a context; every block but the last is full."""

    closed = False

    def __init__(self, part: Part, encoding: str) -> None:
        self._stream: BinaryIO = part.open()
        self._is_utf8 = codecs.lookup(encoding).name in _UTF8
        self._decoder = codecs.getincrementaldecoder("utf-8" if self._is_utf8 else encoding)()
        self._waiting = b""
        self._lines = 0
        self._is_first, self._is_done = True, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the part's stream."""
        self._stream.close()

    def read(self, size: int = BLOCK) -> bytes:
        """The next ``size`` bytes, fewer only at the end.

        Raises:
            WrongEncoding: the bytes are no such text.
        """
        while len(self._waiting) < size and not self._is_done:
            self._waiting += self._decoded(self._stream.read(BLOCK))
        block, self._waiting = self._waiting[:size], self._waiting[size:]
        return block

    def _decoded(self, raw: bytes) -> bytes:
        if self._is_first:
            self._is_first = False
            while 0 < len(raw) < len(_BOM) and (more := self._stream.read(BLOCK)):
                raw += more
            self._is_done = not raw
            raw = raw.removeprefix(_BOM) if self._is_utf8 else raw
        elif not raw:
            self._is_done = True
        try:
            text = self._decoder.decode(raw, final=self._is_done)
        except UnicodeDecodeError as error:
            raise WrongEncoding(self._lines + raw[: error.start].count(b"\n") + 1) from None
        self._lines += raw.count(b"\n")
        return raw if self._is_utf8 else text.encode()


def refuse_what_is_no_text(part: Part) -> None:
    """Look at the first bytes only: an archive is never opened.

    Raises:
        LayoutRefused: the file is an archive, a workbook, UTF-16 or the like.
    """
    with part.open() as stream:
        head = stream.read(8)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise LayoutRefused(
                f"{part.name} is {what}, not a text file in the encoding of its contract; save it as text and drop it again."
            )


def refuse_encoding(part: Part, failed: Mapping[str, int]) -> LayoutRefused:
    """The refusal of a file that is in none of the encodings; ``failed`` gives for each the first line that is not in it."""
    tried = " nor ".join(f"{name.upper().removesuffix('-SIG')} (see line {line})" for name, line in failed.items())
    return LayoutRefused(
        f"{part.name} is no text in {tried}; save it in the encoding of its contract and drop it again."
    )
