"""The ledger: one record per judged load. Nothing downstream reads a file that no record names.

``ledger/<feed>/<period>/<slice>/<sequence>.json``; the appearance of that one small file is the commit.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from statistics import median
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from trade_exposure.errors import ConfigurationError
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import Arrival, LoadKey
from trade_exposure.quality.verdict import ControlTotal, RuleOutcome

_USUAL_LOADS = 24

Outcome = Literal["accepted", "not_published", "stopped"]


class LoadRecord(BaseModel):
    """One judged load.

    ``control_totals`` holds each measure's sum as the source announced it and where it went, exact decimals.
    ``accepted_path`` and ``quarantine_path`` name Parquet files in the lake, ``validation_path`` the Great Expectations
    result, ``typical_amounts`` each measure's median absolute amount. ``vintage_number`` counts the accepted loads of a key from 1; it is 0 for the other outcomes.
    """

    model_config = ConfigDict(frozen=True)

    load_id: str
    key: LoadKey
    sequence: int
    outcome: Outcome
    vintage_number: int
    arrival: Arrival
    committed_at: AwareDatetime
    due_at: AwareDatetime
    is_newest_due: bool
    contract_version: str
    suite_sha256: str
    source_rows: int = 0
    accepted_rows: int = 0
    quarantined_rows: int = 0
    control_totals: dict[str, ControlTotal] = {}
    rules: tuple[RuleOutcome, ...] = ()
    reasons: tuple[str, ...] = ()
    typical_amounts: dict[str, Decimal] = {}
    accepted_path: str | None = None
    quarantine_path: str | None = None
    validation_path: str | None = None

    @property
    def path(self) -> str:
        """Where the record lies in the lake."""
        return f"ledger/{self.key.folder}/{self.sequence:06d}.json"

    @property
    def warning_count(self) -> int:
        """Rules that failed without stopping anything."""
        return sum(1 for rule in self.rules if not rule.success and rule.severity == "warning")


def load_id_of(key: LoadKey, sequence: int, sha256: str) -> str:
    """The load's id: the same for the same bytes arriving in the same order, on any machine."""
    return hashlib.sha256(f"{key.folder}/{sequence:06d}/{sha256}".encode()).hexdigest()[:20]


def records_of(lake: Lake, key: LoadKey) -> list[LoadRecord]:
    """All records of a key, oldest first."""
    return _read(lake, f"ledger/{key.folder}")


def all_records(lake: Lake) -> list[LoadRecord]:
    """Every record of the ledger, ordered by feed, period, slice and sequence."""
    return _read(lake, "ledger")


def _read(lake: Lake, folder: str) -> list[LoadRecord]:
    paths = lake.list_files(folder, ".json")
    found = lake.read_all(paths)
    return [LoadRecord.model_validate_json(found[path]) for path in paths]


def usual_amounts(lake: Lake, key: LoadKey) -> dict[str, Decimal]:
    """What one amount of each measure usually is: the median over the feed's last accepted loads of their own medians."""
    past = [
        record
        for record in _read(lake, f"ledger/{key.feed_id}")
        if record.outcome == "accepted" and record.typical_amounts and record.key != key
    ]
    past = sorted(past, key=lambda record: (record.arrival.known_at, record.path))[-_USUAL_LOADS:]
    found: dict[str, list[Decimal]] = {}
    for record in past:
        for measure, typical in record.typical_amounts.items():
            found.setdefault(measure, []).append(typical)
    return {measure: median(amounts) for measure, amounts in found.items()}


def refuse_to_mix(lake: Lake, *, is_synthetic: bool) -> None:
    """Made-up and real data never share a lake; its first record tells which kind it holds.

    Raises:
        ConfigurationError: the lake holds the other kind.
    """
    first = lake.list_files("ledger", ".json")[:1]
    for record in (LoadRecord.model_validate_json(lake.read(path)) for path in first):
        if record.arrival.is_synthetic != is_synthetic:
            held, new = ("real", "made-up sample") if is_synthetic else ("made-up sample", "real")
            raise ConfigurationError(
                f"The lake {lake.url} holds {held} data, so {new} data cannot go into it; name another home in EXPOSURE_HOME."
            )


def append(lake: Lake, record: LoadRecord) -> bool:
    """Make the record appear. Returns False when its place in the ledger is taken already."""
    return lake.create(record.path, record.model_dump_json(indent=1).encode())


def summary(record: LoadRecord) -> dict[str, Any]:
    """The record in the few figures that an asset event or a terminal line carries."""
    return {
        "feed": record.key.feed_id,
        "period": record.key.label,
        "slice": record.key.slice,
        "load_id": record.load_id,
        "outcome": record.outcome,
        "vintage": record.vintage_number,
        "source_rows": record.source_rows,
        "accepted_rows": record.accepted_rows,
        "quarantined_rows": record.quarantined_rows,
        "warnings": record.warning_count,
        "control_totals": {measure: str(total.accepted) for measure, total in record.control_totals.items()},
        "is_synthetic": record.arrival.is_synthetic,
    }
