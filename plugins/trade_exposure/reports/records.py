"""What the reports are told about a load: one judgement, as the ledger and Great Expectations keep it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from trade_exposure.errors import BadInput

Tone = Literal["passed", "warned", "failed"]

_PLAIN_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class ValidationRecord:
    """The judgement of one load by one suite.

    ``period`` is the text a person reads (``2016-01``), ``run_at`` the instant of the judgement, ``verdict`` one short
    sentence about what became of the load; ``is_stopped`` tells that nothing of it was accepted. The titles are the feed's, in English and Korean. ``result`` is Great
    Expectations' suite result as a JSON-able dict, as ``ExpectationSuiteValidationResult.to_json_dict()`` gives it; it is
    never changed.

    Raises:
        BadInput: a name cannot be a file name, the instant has no zone, or the result is not a suite's result.
    """

    suite_name: str
    feed_id: str
    period: str
    slice: str
    load_id: str
    run_at: datetime
    result: Mapping[str, Any]
    is_synthetic: bool
    verdict: str
    is_stopped: bool = False
    title_en: str = ""
    title_ko: str = ""

    def __post_init__(self) -> None:
        for field in ("suite_name", "feed_id", "period", "slice", "load_id"):
            value = getattr(self, field)
            if not _PLAIN_NAME.fullmatch(value):
                raise BadInput(
                    f"The judgement of load {self.load_id!r} cannot be reported: its {field} {value!r} is not a plain "
                    "name; use letters, digits, '.', '_' and '-'."
                )
        if self.run_at.tzinfo is None:
            raise BadInput(
                f"The judgement of load {self.load_id!r} cannot be reported: its time has no zone; give UTC."
            )
        results = self.result.get("results")
        if not isinstance(results, list) or not all(isinstance(one, dict) and "success" in one for one in results):
            raise BadInput(
                f"The judgement of load {self.load_id!r} cannot be reported: its validation result has no list "
                "'results'; hand in the whole suite result as Great Expectations writes it."
            )

    @property
    def page(self) -> str:
        """Path of the record's page inside the site."""
        return f"validations/{self.suite_name}/{self.period}/{self.slice}/{self.load_id}.html"

    @property
    def page_link(self) -> str:
        """The page's path as a relative URL from the site's root."""
        return quote(self.page)

    @property
    def title(self) -> str:
        """The feed's English title, or its id where it has none."""
        return self.title_en or self.feed_id

    @property
    def run_at_text(self) -> str:
        """The instant of the judgement for readers, in UTC."""
        return f"{self.run_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"

    @property
    def expectation_count(self) -> int:
        """Expectations judged."""
        return len(self.result["results"])

    @property
    def failed_count(self) -> int:
        """Expectations that failed, of any severity."""
        return len(self._failed())

    @property
    def tone(self) -> Tone:
        """``failed`` when the load was stopped or a critical expectation on the whole batch failed.

        A critical expectation on rows (``scope`` is ``row`` in its meta) costs the load those rows, not more: ``warned``.
        """
        failed = self._failed()
        if self.is_stopped or any(_fails_the_batch(one.get("expectation_config") or {}) for one in failed):
            return "failed"
        return "warned" if failed else "passed"

    def _failed(self) -> list[dict[str, Any]]:
        return [one for one in self.result["results"] if not one["success"]]


def _fails_the_batch(configuration: Mapping[str, Any]) -> bool:
    scope = (configuration.get("meta") or {}).get("scope", "batch")
    return (configuration.get("severity") or "critical") == "critical" and scope != "row"
