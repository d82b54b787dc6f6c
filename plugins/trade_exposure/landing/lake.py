"""The lake: immutable files under one root, on a local path or any fsspec URL.

Every write is atomic and never replaces a file: a reader sees the whole file or none, and two writers of the same name
cannot both win. Files that DuckDB has to read are handed out as local paths; for a remote lake they are copied once into
a local folder, which is safe because no file ever changes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from trade_exposure.errors import ConfigurationError
from trade_exposure.settings import get_settings

_UNFINISHED = ".unfinished"


class Lake:
    """Files by relative POSIX path, e.g. ``raw/fx_daily_rate/2026-01/USD/<sha256>.zst``."""

    def __init__(self, url: str, copies: Path) -> None:
        """Open the lake at ``url``; ``copies`` is the local folder for files of a remote lake.

        Raises:
            ConfigurationError: the URL's protocol is unknown or its driver is not installed.
        """
        try:
            self._fs, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(
                f"EXPOSURE_LAKE names {url.split('://')[0]}://, which cannot be opened: {error}. "
                "Install the driver for it (for s3: the extra `s3`) or name another lake."
            ) from None
        self._root = PurePosixPath(root)
        self._copies = copies
        self.url = url
        self.is_local = isinstance(self._fs, LocalFileSystem)

    def _full(self, path: str) -> str:
        return str(self._root / path)

    def exists(self, path: str) -> bool:
        """Whether the file is there, whole."""
        return bool(self._fs.exists(self._full(path)))

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        return bytes(self._fs.cat_file(self._full(path)))

    def read_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Many small files at once: path to bytes."""
        full = {self._full(path): path for path in paths}
        if not full:
            return {}
        found = self._fs.cat(list(full))
        if isinstance(found, bytes):
            return {next(iter(full.values())): found}
        by_name = {PurePosixPath(name).as_posix().lstrip("/"): data for name, data in found.items()}
        return {path: by_name[PurePosixPath(name).as_posix().lstrip("/")] for name, path in full.items()}

    def list_files(self, folder: str, suffix: str) -> list[str]:
        """Relative paths of the finished files below ``folder`` that end in ``suffix``, sorted."""
        self._fs.invalidate_cache()
        if not self._fs.exists(self._full(folder)):
            return []
        found = [PurePosixPath("/" + name.lstrip("/")) for name in self._fs.find(self._full(folder))]
        root = PurePosixPath("/" + str(self._root).lstrip("/"))
        return sorted(
            str(name.relative_to(root))
            for name in found
            if name.name.endswith(suffix) and not name.name.endswith(_UNFINISHED)
        )

    def create(self, path: str, data: bytes) -> bool:
        """Write a new file atomically. Returns False, and changes nothing, when the name is taken."""
        full = self._full(path)
        if not self.is_local:
            try:
                self._fs.pipe_file(full, data, mode="create")
            except FileExistsError:
                return False
            return True
        return _appear(Path(full), lambda file: file.write(data))

    def create_by(self, path: str, write: Callable[[BinaryIO], object]) -> bool:
        """Write a new file of any size atomically, by a function. Returns False when the name is taken.

        On a remote lake the name must tell the content, for two writers may both upload it.
        """
        if self.is_local:
            return _appear(Path(self._full(path)), write)
        if self.exists(path):
            return False
        self._copies.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._copies) as file:
            write(file)  # type: ignore[arg-type]
            file.flush()
            self._fs.put_file(file.name, self._full(path))
        return True

    def open(self, path: str) -> BinaryIO:
        """A stream of the file's bytes.

        Raises:
            FileNotFoundError: there is no such file.
        """
        stream: BinaryIO = self._fs.open(self._full(path), "rb")
        return stream

    def put(self, source: Path, folder: str, stem: str) -> str:
        """Store a local file under ``<folder>/<stem>-<first 16 of sha256><suffix>`` and return that path.

        The name tells the content, so storing the same bytes again changes nothing.
        """
        digest = file_sha256(source)[:16]
        path = f"{folder}/{stem}-{digest}{source.suffix}"
        if self.is_local:
            with source.open("rb") as content:
                _appear(Path(self._full(path)), lambda file: shutil.copyfileobj(content, file))
        elif not self.exists(path):
            self._fs.put_file(str(source), self._full(path))
        return path

    def local(self, path: str) -> Path:
        """A local path with the file's content, for tools that read files by name."""
        if self.is_local:
            return Path(self._full(path))
        copy = self._copies / path
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            unfinished = _beside(copy)
            try:
                self._fs.get_file(self._full(path), str(unfinished))
                unfinished.replace(copy)
            finally:
                unfinished.unlink(missing_ok=True)
        return copy

    def remove_folder(self, folder: str) -> None:
        """Remove a working folder, here and in the local copies; only ``work/`` is ever removed."""
        first, *below = PurePosixPath(folder).parts or ("",)
        if first != "work" or not below or ".." in below:
            raise ValueError(f"only working folders may be removed, not {folder}")
        self._fs.invalidate_cache()
        with suppress(FileNotFoundError):  # gone already, or another run is removing it too
            self._fs.rm(self._full(folder), recursive=True)
        shutil.rmtree(self._copies / folder, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(6)}{_UNFINISHED}")


def _appear(target: Path, write: Callable[[BinaryIO], object]) -> bool:
    """Let a local file appear with its whole content; False when its name is taken."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _beside(target)
    try:
        with unfinished.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, target)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def file_sha256(path: Path) -> str:
    """Hex digest of a local file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_lake() -> Lake:
    """The lake of this process's settings."""
    settings = get_settings()
    return Lake(settings.lake_url, settings.warehouse_dir / "lake_copies")
