"""The start page of all reports: what is published, since when, and where the reports are. One file, no script."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from trade_exposure.clock import SEOUL
from trade_exposure.errors import BadInput


@dataclass(frozen=True)
class IndexEntry:
    """One report to link to. ``path`` is relative to the folder of the start page."""

    title_en: str
    title_ko: str
    description: str
    path: str


@dataclass(frozen=True)
class PublicationSummary:
    """The publication that readers see.

    ``verdict`` is one short sentence about its audit. ``is_good`` tells whether the audit passed without a warning.
    ``why_not_newer`` says why a later build did not replace it; empty when this is the newest build.
    """

    publication_id: str
    published_at: datetime
    verdict: str
    is_good: bool
    is_synthetic: bool
    why_not_newer: str = ""


def write_index(site_root: Path, entries: Sequence[IndexEntry], publication: PublicationSummary | None) -> Path:
    """Write ``<site_root>/index.html`` in one step; a reader sees the old page or the new one.

    ``publication`` is None before the first one.

    Raises:
        BadInput: an entry leads nowhere or out of ``site_root``, or the publication's time has no zone.
    """
    from trade_exposure.reports.pages import templates

    root = site_root.resolve()
    for entry in entries:
        target = Path(os.path.normpath(root / entry.path))
        if Path(entry.path).is_absolute() or not target.is_relative_to(root) or not target.is_file():
            raise BadInput(
                f"The start page cannot link to {entry.path!r}: no such file under {site_root}; "
                f"build '{entry.title_en}' first."
            )
    if publication is not None and publication.published_at.tzinfo is None:
        raise BadInput(
            f"The start page cannot show publication {publication.publication_id}: its time has no zone; give UTC."
        )
    page = (
        templates()
        .get_template("start.html.j2")
        .render(
            entries=[(entry, quote(entry.path)) for entry in entries],
            publication=publication,
            published_utc=_local(publication, utc=True),
            published_seoul=_local(publication, utc=False),
        )
    )
    site_root.mkdir(parents=True, exist_ok=True)
    return _replace(site_root / "index.html", page)


def _local(publication: PublicationSummary | None, *, utc: bool) -> str:
    if publication is None:
        return ""
    moment = publication.published_at.astimezone(UTC if utc else SEOUL)
    return f"{moment:%Y-%m-%d %H:%M} {'UTC' if utc else 'Seoul'}"


def _replace(path: Path, text: str) -> Path:
    descriptor, interim = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(interim).chmod(0o644)
        Path(interim).replace(path)
    except BaseException:
        Path(interim).unlink(missing_ok=True)
        raise
    return path
