"""What a judgement says: about one load of a feed, or about one table of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from trade_exposure.quality.suite import Scope, Severity


@dataclass(frozen=True)
class RuleOutcome:
    """How one rule came out. ``failed_rows`` is 0 for a failed rule that looks at the batch as a whole."""

    rule: str
    severity: Severity
    dimension: str
    scope: Scope
    success: bool
    failed_rows: int
    quarantined_rows: int


@dataclass(frozen=True)
class ControlTotal:
    """One measure of a load, in the measure's own unit: what the source announced, what was accepted, what was not."""

    source: Decimal
    accepted: Decimal
    quarantined: Decimal


@dataclass(frozen=True)
class Verdict:
    """The judgement of one load.

    ``stopped``: it must not be committed; ``reasons`` says why, one sentence each. ``warnings`` are the sentences of the
    failed rules of severity warning, ``typical_amounts`` each measure's median amount. ``validation`` is the result as Great Expectations writes it, for its report pages.
    """

    stopped: bool
    reasons: tuple[str, ...]
    source_rows: int
    accepted_rows: int
    quarantined_rows: int
    control_totals: Mapping[str, ControlTotal]
    rules: tuple[RuleOutcome, ...]
    warnings: tuple[str, ...]
    suite_sha256: str
    validation: Mapping[str, Any]
    typical_amounts: Mapping[str, Decimal] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Everything but ``validation``, decimals as text: the same for the same input."""
        return {
            "stopped": self.stopped,
            "reasons": list(self.reasons),
            "source_rows": self.source_rows,
            "accepted_rows": self.accepted_rows,
            "quarantined_rows": self.quarantined_rows,
            "control_totals": {
                measure: {part: format(amount, "f") for part, amount in asdict(total).items()}
                for measure, total in self.control_totals.items()
            },
            "typical_amounts": {name: format(amount, "f") for name, amount in self.typical_amounts.items()},
            "rules": [asdict(outcome) for outcome in self.rules],
            "warnings": list(self.warnings),
            "suite_sha256": self.suite_sha256,
        }


@dataclass(frozen=True)
class TableVerdict:
    """The audit of one table: ``failed`` when a critical rule failed; ``reasons`` says which, one sentence each."""

    table: str
    failed: bool
    reasons: tuple[str, ...]
    rows: int
    rules: tuple[RuleOutcome, ...]
    warnings: tuple[str, ...]
    suite_sha256: str
    validation: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Everything but ``validation``."""
        return {
            "table": self.table,
            "failed": self.failed,
            "reasons": list(self.reasons),
            "rows": self.rows,
            "rules": [asdict(outcome) for outcome in self.rules],
            "warnings": list(self.warnings),
            "suite_sha256": self.suite_sha256,
        }
