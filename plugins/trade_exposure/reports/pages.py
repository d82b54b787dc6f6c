"""The pages of the data-quality site as HTML text. No page runs a script or asks another host for anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from trade_exposure.reports.records import ValidationRecord

# ``file:`` beside 'self': a page opened from disk has no origin that 'self' could match in every browser.
POLICY = (
    "default-src 'none'; style-src 'self' file:; style-src-attr 'unsafe-inline'; font-src 'self' file:; "
    "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
)

_HERE = Path(__file__).resolve().parent
ASSETS = _HERE / "assets"


def renderer_version() -> str:
    """Changes whenever a page drawn from the same record could look different."""
    digest = hashlib.sha256(version("great-expectations").encode())
    for path in sorted([*_HERE.glob("*.py"), *_HERE.glob("templates/**/*.j2")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def suite_page(suite_name: str) -> str:
    """Path of a suite's page inside the site."""
    return f"expectations/{suite_name}.html"


def draw_validation(record: ValidationRecord) -> str:
    """The page of one judged load."""
    from trade_exposure.reports.gx_fragments import draw_result

    return _draw(
        "validation.html.j2",
        title=f"{record.title} {record.period} {record.slice} · load {record.load_id} · data quality",
        page=record.page,
        is_synthetic=record.is_synthetic,
        record=record,
        suite_link=quote(suite_page(record.suite_name)),
        drawing=draw_result(record.result),
    )


def draw_suite(record: ValidationRecord) -> str:
    """The page of the suite that ``record``, its newest judgement, was judged by."""
    from trade_exposure.reports.gx_fragments import draw_suite_of

    return _draw(
        "suite.html.j2",
        title=f"Suite {record.suite_name} · {record.feed_id} {record.period} · load {record.load_id}",
        page=suite_page(record.suite_name),
        is_synthetic=record.is_synthetic,
        record=record,
        drawing=draw_suite_of(record.suite_name, record.result),
    )


def draw_overview(records: Sequence[ValidationRecord]) -> str:
    """The start page: every record, newest first, grouped by feed. ``records`` come newest first."""
    feeds = []
    for feed_id in sorted({record.feed_id for record in records}):
        of_feed = [record for record in records if record.feed_id == feed_id]
        suites = sorted({record.suite_name for record in of_feed})
        feeds.append(([(name, quote(suite_page(name))) for name in suites], of_feed))
    return _draw(
        "overview.html.j2",
        title=f"Data quality of {len(records)} loads"
        + (f" · newest {records[0].feed_id} {records[0].period} · load {records[0].load_id}" if records else ""),
        page="index.html",
        is_synthetic=any(record.is_synthetic for record in records),
        all_synthetic=all(record.is_synthetic for record in records),
        records=records,
        feeds=feeds,
    )


def _draw(template: str, *, page: str, **values: object) -> str:
    root = "../" * page.count("/")
    return (
        templates()
        .get_template(template)
        .render(root=root, policy=POLICY, gx_version=version("great-expectations"), **values)
    )


@lru_cache(maxsize=1)
def templates() -> Environment:
    """The reports' own templates; every value is escaped, a missing one is an error."""
    return Environment(
        loader=PackageLoader("trade_exposure.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
