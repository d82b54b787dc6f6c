"""A folder of pages that is replaced as a whole: a reader sees the old pages or the new ones, never a mixture.

``<name>`` is a symbolic link to a hidden folder beside it; a new folder is filled first and then the link is moved in
one step. The folder before the current one is kept for readers who opened a page just before the swap.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trade_exposure.errors import BadInput


@contextmanager
def new_generation(site: Path) -> Iterator[Path]:
    """An empty folder to fill; on leaving without an error it becomes ``site``, otherwise ``site`` stays as it was.

    One builder at a time: a second one waits. What a killed builder left behind is removed.

    Raises:
        BadInput: something that is not a link made here lies at ``site``.
    """
    if site.exists() and not site.is_symlink():
        raise BadInput(f"The pages cannot be placed at {site}: something else lies there; move it away.")
    site.parent.mkdir(parents=True, exist_ok=True)
    with (site.parent / f".{site.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        current = site.resolve() if site.is_symlink() else None
        _remove_leftovers(site, keep={current, _before(site)})
        folder = Path(tempfile.mkdtemp(prefix=f".{site.name}-", dir=site.parent))
        folder.chmod(0o755)
        try:
            yield folder
            _point(site, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if current is not None and current.exists():
            _point(_before_link(site), current)
        _remove_leftovers(site, keep={folder.resolve(), current})


def _point(link: Path, folder: Path) -> None:
    interim = link.with_name(f".{link.name}.next")
    interim.unlink(missing_ok=True)
    interim.symlink_to(folder.name, target_is_directory=True)
    interim.replace(link)


def _before_link(site: Path) -> Path:
    return site.with_name(f".{site.name}.before")


def _before(site: Path) -> Path | None:
    link = _before_link(site)
    return link.resolve() if link.is_symlink() else None


def _remove_leftovers(site: Path, keep: set[Path | None]) -> None:
    for folder in site.parent.glob(f".{site.name}-*"):
        if folder.resolve() not in keep:
            shutil.rmtree(folder, ignore_errors=True)
