"""How bytes lie in the raw archive: compressed (zstd), and for private feeds sealed with age on top of that.

Both are streams from end to end: neither sealing nor opening holds a file in memory, and no plain text touches a disk.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from trade_exposure.errors import ExposureError
from trade_exposure.landing.lake import Lake

_LEVEL = 10
PLAIN, SEALED = ".zst", ".zst.age"


def digest_of(source: bytes | Path) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size of some bytes or of a file, which is read in pieces."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest(), len(source)
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), source.stat().st_size


def store(lake: Lake, path: str, source: bytes | Path, *, is_sealed: bool) -> None:
    """Let the archive's file ``path`` appear; when it is there already nothing changes.

    Raises:
        ConfigurationError: it is to be sealed and there is no key.
    """
    if lake.exists(path):
        return
    identities = _identities() if is_sealed else []
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)

    def write(target: BinaryIO) -> None:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as plain:
            if not is_sealed:
                compressor.copy_stream(plain, target)
                return
            from pyrage import encrypt_io

            with compressor.stream_reader(plain) as compressed:
                encrypt_io(compressed, target, [identities[0].to_public()])

    lake.create_by(path, write)


def unseal(lake: Lake, path: str, sha256: str) -> BinaryIO:
    """A stream of the plain bytes; their hash is checked at the end of the stream.

    Raises:
        ExposureError: the file is gone; or, when the end is reached, damaged or sealed with another key.
        ConfigurationError: the file is sealed and there is no key.
    """
    identities = _identities() if path.endswith(SEALED) else []
    try:
        kept = lake.open(path)
    except FileNotFoundError:
        raise _damaged(path) from None
    source: Any = _Unsealed(kept, identities) if identities else kept
    plain = zstandard.ZstdDecompressor().stream_reader(source, closefd=True, read_across_frames=True)
    return io.BufferedReader(_Checked(plain, path, sha256), buffer_size=1 << 20)


class _Unsealed(io.RawIOBase):
    """What a thread opens with age while it is read here."""

    def __init__(self, kept: BinaryIO, identities: list[Any]) -> None:
        reading, writing = os.pipe()
        self._reading = os.fdopen(reading, "rb")
        self._thread = threading.Thread(target=self._open, args=(kept, writing, identities), daemon=True)
        self._thread.start()

    @staticmethod
    def _open(kept: BinaryIO, writing: int, identities: list[Any]) -> None:
        from pyrage import DecryptError, decrypt_io

        # After an error the stream ends early, and the reader's hash says so; or the reader has gone, perhaps only before
        # the last bytes are flushed when the pipe is closed.
        with suppress(DecryptError, OSError, ValueError), kept, os.fdopen(writing, "wb") as target:
            decrypt_io(kept, target, identities)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._reading.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._reading.close()
            self._thread.join()
        super().close()


class _Checked(io.RawIOBase):
    """A stream that raises at its end when its bytes are not those that the name tells."""

    def __init__(self, plain: Any, path: str, sha256: str) -> None:
        self._plain = plain
        self._path = path
        self._expected = sha256
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._plain.read(len(buffer))
        except zstandard.ZstdError:
            raise _damaged(self._path) from None
        if not piece:
            if self._hash.hexdigest() != self._expected:
                raise _damaged(self._path)
            return 0
        self._hash.update(piece)
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._plain.close()
        super().close()


def _damaged(path: str) -> ExposureError:
    sealed = ", or the key in the connection exposure_archive is not the one it was sealed with" * path.endswith(SEALED)
    return ExposureError(
        f"The raw archive's file {path} no longer has the content its name tells{sealed}; restore it from a backup."
    )


def _identities() -> list[Any]:
    from trade_exposure.feeds.privacy import archive_identities

    return list(archive_identities())
