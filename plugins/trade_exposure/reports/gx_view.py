"""Great Expectations' section view, result table and suite list: made safe and script-free, with each rule's severity.

Imports Great Expectations, which takes seconds: import this module inside the function that draws.

Great Expectations 1.24 writes plain table cells (the unexpected values themselves) into its pages without escaping, and
opens its collapsible parts and charts by scripts from foreign hosts.
"""

from __future__ import annotations

import copy
import html
import itertools
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from great_expectations.render.components import RenderedStringTemplateContent
from great_expectations.render.renderer.content_block.bullet_list_content_block import (
    ExpectationSuiteBulletListContentBlockRenderer,
)
from great_expectations.render.renderer.content_block.validation_results_table_content_block import (
    ValidationResultsTableContentBlockRenderer,
)
from great_expectations.render.view.view import DefaultJinjaSectionView
from jinja2 import BaseLoader, ChoiceLoader, PackageLoader, pass_context

# Stands for <wbr> until every text is escaped: a long rule name may be broken after its underscores only.
_BREAK = "\ue000"


class SeverityTableRenderer(ValidationResultsTableContentBlockRenderer):
    """The result table with each expectation's rule and severity, and the reason where it failed.

    Its own way to further columns, ``meta_properties_to_render``, is refused by most of the expectations of 1.24.
    """

    @classmethod
    def _process_content_block(cls, content_block: Any, has_failed_evr: Any, render_object: Any = None) -> None:
        super()._process_content_block(content_block, has_failed_evr, render_object)
        content_block.header_row = [*content_block.header_row, "Rule", "Severity"]

    @classmethod
    def _get_content_block_fn(cls, expectation_type: str, expectation_config: Any = None) -> Callable[..., Any]:
        draw_row: Any = super()._get_content_block_fn(expectation_type, expectation_config)

        def draw_longer_row(*positional: Any, result: Any = None, **named: Any) -> Any:
            rows = draw_row(*positional, result=result, **named)
            observed = (result.result or {}).get("observed_value")
            if isinstance(observed, int | float) and not isinstance(observed, bool):
                # Great Expectations rounds to ten digits, which is too short for a sum of money.
                rows[0][2] = f"{Decimal(str(observed)):,f}".removesuffix(".0")
            meta = result.expectation_config.meta or {}
            reason = " / ".join(str(meta[name]) for name in ("reason_en", "reason_ko") if meta.get(name))
            if reason and not result.success:
                rows[0][1] = [_text(reason, "reason"), rows[0][1]]
            rule = str(meta.get("rule", "–")).replace("_", f"_{_BREAK}")
            rows[0] += [[_text(rule, "rule")], [_severity(result.expectation_config)]]
            return rows

        return draw_longer_row


class SeverityBulletRenderer(ExpectationSuiteBulletListContentBlockRenderer):
    """The suite's list of expectations, each with its severity and dimension."""

    @classmethod
    def _get_content_block_fn(cls, expectation_type: str, expectation_config: Any = None) -> Callable[..., Any]:
        draw_item: Any = super()._get_content_block_fn(expectation_type, expectation_config)

        def draw_longer_item(*positional: Any, configuration: Any = None, **named: Any) -> Any:
            label = _text(_severity(configuration), "severity")
            first, *rest = draw_item(*positional, configuration=configuration, **named)
            return [[first, label], *rest]

        return draw_longer_item


class SafeSectionView(DefaultJinjaSectionView):
    """A section as HTML: every plain text escaped, no script, the same bytes for the same section."""

    def __init__(self) -> None:
        super().__init__()
        loaders: list[BaseLoader] = [PackageLoader("trade_exposure.reports", "templates/gx")]
        if self.env.loader is not None:
            loaders.append(self.env.loader)
        self.env.loader = ChoiceLoader(loaders)
        numbers = itertools.count(1)
        self.env.filters["generate_html_element_uuid"] = lambda prefix="": f"{prefix}{next(numbers)}"

    @pass_context
    def render_content_block(
        self,
        jinja_context: Any,
        content_block: Any,
        index: Any = None,
        content_block_id: Any = None,
        render_to_markdown: bool = False,
    ) -> Any:
        """A block as HTML; what is no block is text and comes out escaped."""
        if content_block is None:
            return "null"
        if isinstance(content_block, list):
            content_block = [part if _is_block(part) else html.escape(str(part)) for part in _flat(content_block)]
        elif not _is_block(content_block):
            return html.escape(str(content_block))
        return super().render_content_block(jinja_context, content_block, index, content_block_id, render_to_markdown)

    def render_string_template(self, template: Any) -> Any:
        """A text with named places as HTML; only the line breaks that Great Expectations wrote stay markup."""
        if not isinstance(template, Mapping):
            return html.escape(str(template))
        safe = copy.deepcopy(dict(template))
        safe["template"] = html.escape(safe.get("template") or "", quote=False).replace("&lt;br&gt;", "<br>")
        if "tooltip" in safe:
            safe["tooltip"]["content"] = html.escape(str(safe["tooltip"]["content"]))
        draw: Any = super().render_string_template
        return draw(safe).replace(_BREAK, "<wbr>")

    def render_markdown(self, markdown: Any) -> Any:
        """A note of the suite's author as HTML; markup inside it is shown, not obeyed."""
        draw: Any = super().render_markdown
        return draw(html.escape(str(markdown), quote=False))


def _severity(configuration: Any) -> str:
    severity = getattr(configuration.severity, "value", configuration.severity) or "critical"
    dimension = (configuration.meta or {}).get("dimension")
    return f"{severity} · {dimension}" if dimension else str(severity)


def _text(text: str, css_class: str) -> RenderedStringTemplateContent:
    return RenderedStringTemplateContent(
        content_block_type="string_template",
        string_template={"template": "$text", "params": {"text": text}, "styling": {"classes": [css_class]}},
    )


def _flat(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, list):
            yield from _flat(part)
        else:
            yield part


def _is_block(part: Any) -> bool:
    return isinstance(part, dict) and "content_block_type" in part
