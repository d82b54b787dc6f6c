"""Great Expectations' own rendering of a suite result, as HTML fragments that are safe to put into a page."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

_TRACEBACK_NOTE = "The traceback is in the log of the task that judged this load."
_SUITE_KEYS = ("type", "kwargs", "meta", "severity", "description", "notes")
_OWN_RENDERERS = "trade_exposure.reports.gx_view"


@dataclass(frozen=True)
class Section:
    """One part of a page: the expectations on one column, or those on the whole table."""

    anchor: str
    title: str
    body: Markup


@dataclass(frozen=True)
class Drawing:
    """The parts of a page. ``fault_count`` details are missing because Great Expectations failed to draw them."""

    sections: tuple[Section, ...]
    fault_count: int


def draw_result(result: Mapping[str, Any]) -> Drawing:
    """A suite result (``to_json_dict()`` form): table level first, then column by column."""
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    table = {"module_name": _OWN_RENDERERS, "class_name": "SeverityTableRenderer"}
    renderer: Any = ValidationResultsPageRenderer(
        {"class_name": "ValidationResultsColumnSectionRenderer", "table_renderer": table}
    )
    loaded = ExpectationSuiteValidationResultSchema().load(_without_machine_details(result))
    with _drawing_faults() as faults:
        sections = _sections(renderer.render(loaded).to_json_dict())
    return Drawing(sections, len(faults))


def draw_suite_of(suite_name: str, result: Mapping[str, Any]) -> Drawing:
    """The expectations that a suite result was judged by, without their outcome."""
    import great_expectations as gx
    from great_expectations.render.renderer.page_renderer import ExpectationSuitePageRenderer

    configurations = [copy.deepcopy(one["expectation_config"]) for one in result["results"]]
    for configuration in configurations:
        configuration["kwargs"].pop("batch_id", None)
    suite = gx.ExpectationSuite(
        name=suite_name,
        expectations=[{key: one[key] for key in _SUITE_KEYS if one.get(key) is not None} for one in configurations],
    )
    bullets = {"module_name": _OWN_RENDERERS, "class_name": "SeverityBulletRenderer"}
    renderer: Any = ExpectationSuitePageRenderer(
        {"class_name": "ExpectationSuiteColumnSectionRenderer", "bullet_list_renderer": bullets}
    )
    with _drawing_faults() as faults:
        sections = _sections(renderer.render(suite).to_json_dict())
    return Drawing(sections, len(faults))


class _Collector(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _drawing_faults() -> Iterator[list[logging.LogRecord]]:
    # Great Expectations logs what it fails to draw and goes on with a page that silently lacks it.
    handler = _Collector(logging.ERROR)
    logger = logging.getLogger("great_expectations.render")
    logger.addHandler(handler)
    try:
        yield handler.records
    finally:
        logger.removeHandler(handler)


def _sections(document: dict[str, Any]) -> tuple[Section, ...]:
    from trade_exposure.reports.gx_view import SafeSectionView

    view: Any = SafeSectionView()
    sections: list[Section] = []
    for section in document["sections"]:
        title, blocks = section["section_name"], section["content_blocks"]
        if title == "Overview":
            # Our pages have their own head; of this part only a suite's table-level expectations are news.
            title = "Table-Level Expectations"
            blocks = [block for block in blocks if block["content_block_type"] == "bullet_list"]
            for block in blocks:
                block.pop("header", None)
        blocks = [block for block in blocks if block["content_block_type"] != "header"]
        if blocks:
            anchor = f"part-{len(sections) + 1}"
            body = view.render({"section": {**section, "content_blocks": blocks}, "section_loop": {"index": anchor}})
            sections.append(Section(anchor, str(title), Markup(body)))
    return tuple(sections)


def _without_machine_details(result: Mapping[str, Any]) -> dict[str, Any]:
    prepared: dict[str, Any] = json.loads(json.dumps(dict(result), default=_plain))
    prepared.setdefault("suite_parameters", {})
    for one in prepared["results"]:
        details = one.get("exception_info") or {}
        for info in [details, *(value for value in details.values() if isinstance(value, dict))]:
            if info.get("exception_traceback"):
                info["exception_traceback"] = _TRACEBACK_NOTE
        found = one.get("result") or {}
        found.pop("unexpected_index_query", None)
        found.pop("unexpected_index_list", None)
        if "unexpected_count" in found and "unexpected_percent" not in found:
            # Expectations on a column's set of values count values, not rows; the sentence about rows would not draw.
            found["unexpected_count"] = 0
    return prepared


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
