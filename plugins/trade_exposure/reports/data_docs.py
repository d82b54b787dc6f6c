"""Great Expectations Data Docs of every judged load: a folder of pages that looks right without any network."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path

from trade_exposure.errors import BadInput, ExposureError
from trade_exposure.reports import pages
from trade_exposure.reports.records import ValidationRecord
from trade_exposure.reports.self_contained import site_problems
from trade_exposure.reports.site_swap import new_generation

_MANIFEST = "pages.json"
_Manifest = dict[str, dict[str, str]]


def build_data_docs(results: Sequence[ValidationRecord], site: Path) -> Path:
    """Draw the pages of all ``results`` and put them at ``site`` in one step.

    A page that an earlier build drew from the same record, by the same renderer, is taken over as it is, so that a long
    history costs little. The same results give the same bytes.

    Returns:
        The start page, ``<site>/index.html``.

    Raises:
        BadInput: two results claim the same page, or something else lies at ``site``.
        ExposureError: a drawn page needs something outside the site; ``site`` stays as it was.
    """
    newest_first = sorted(results, key=lambda one: (one.run_at, one.page), reverse=True)
    _refuse_doubles(newest_first)
    with new_generation(site) as folder:
        earlier = _earlier_pages(site)
        version = pages.renderer_version()
        manifest: _Manifest = {}

        def put(name: str, record: ValidationRecord, draw: Callable[[ValidationRecord], str]) -> None:
            source = _fingerprint(record, version)
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            known = earlier.get(name)
            if known and known["source"] == source and _digest(site / name) == known["sha256"]:
                shutil.copyfile(site / name, target)
            else:
                target.write_text(draw(record), encoding="utf-8")
            manifest[name] = {"source": source, "sha256": _digest(target)}

        for record in newest_first:
            put(record.page, record, pages.draw_validation)
            if pages.suite_page(record.suite_name) not in manifest:
                put(pages.suite_page(record.suite_name), record, pages.draw_suite)
        (folder / "index.html").write_text(pages.draw_overview(newest_first), encoding="utf-8")
        (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        shutil.copytree(pages.ASSETS, folder / "static", copy_function=shutil.copyfile)
        _refuse_problems(folder)
    return site / "index.html"


def _refuse_doubles(records: Sequence[ValidationRecord]) -> None:
    seen: set[str] = set()
    for record in records:
        if record.page in seen:
            raise BadInput(
                f"Two judgements of load {record.load_id} (feed {record.feed_id}, {record.period}, {record.slice}) by "
                f"suite {record.suite_name} were handed in; hand in one."
            )
        seen.add(record.page)


def _refuse_problems(folder: Path) -> None:
    problems = site_problems(folder)
    if problems:
        first = problems[0]
        raise ExposureError(
            f"The data-quality pages would not stand alone: {first.file} has a {first.kind}, {first.detail} "
            f"({len(problems)} in all); the pages built before stay in place."
        )


def _earlier_pages(site: Path) -> _Manifest:
    try:
        loaded = json.loads((site / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in loaded.items() if (site / name).is_file()}


def _fingerprint(record: ValidationRecord, version: str) -> str:
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    values["run_at"] = record.run_at.astimezone(UTC).isoformat()
    text = json.dumps([version, values], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
