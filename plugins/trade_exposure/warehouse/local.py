"""The build stages without Airflow, for the command line: one audited candidate waits to be published."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trade_exposure.errors import ExposureError
from trade_exposure.settings import get_settings
from trade_exposure.warehouse import stages


def _waiting() -> Path:
    return get_settings().warehouse_dir / "audited.json"


@contextmanager
def _only_one() -> Iterator[None]:
    lock = get_settings().warehouse_dir / "writer.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExposureError(
                "Another `exposure build` or `exposure publish` is at work; wait until it has ended."
            ) from None
        yield


def build(*, full_refresh: bool) -> stages.Candidate | None:
    """Candidate, build and audit; what passed waits for :func:`publish`. None when everything is published already."""
    with _only_one():
        prepared = stages.candidate(full_refresh=full_refresh)
        if prepared is None:
            return None
        audited = stages.audit(stages.build(prepared))
        unfinished = _waiting().with_suffix(".unfinished")
        unfinished.write_text(json.dumps(audited), encoding="utf-8")
        unfinished.replace(_waiting())
        return audited


def publish() -> stages.Candidate:
    """Publish the candidate that waits, then rebuild the reports.

    Raises:
        ExposureError: none waits.
    """
    with _only_one():
        audited = json.loads(_waiting().read_text(encoding="utf-8")) if _waiting().exists() else None
        # A candidate is removed once everything is done with it, so a note about one that is gone says nothing.
        if audited is None or not Path(audited["database"]).exists():
            raise ExposureError("No audited candidate waits to be published; run `exposure build` first.")
        published = stages.publish(audited)
        stages.reports(published)
        _waiting().unlink()
        return published
