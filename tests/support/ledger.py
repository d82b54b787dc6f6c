"""Ledger records for tests, one factory for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.landing.raw import Arrival, LoadKey
from trade_exposure.quality.verdict import ControlTotal

FEED = "customs_country_trade"
JANUARY = date(2026, 1, 1)
KNOWN = datetime(2026, 2, 16, tzinfo=UTC)


def totals(amounts: Mapping[str, str]) -> dict[str, ControlTotal]:
    """Control totals of a load of which nothing went to quarantine."""
    return {name: ControlTotal(Decimal(amount), Decimal(amount), Decimal(0)) for name, amount in amounts.items()}


def record(
    load_id: str,
    *,
    feed_id: str = FEED,
    period: date = JANUARY,
    kind: str = "month",
    slice_: str = "all",
    sequence: int = 1,
    known_at: datetime = KNOWN,
    is_synthetic: bool = True,
    **changed: Any,
) -> LoadRecord:
    """An accepted load of one row; ``changed`` replaces fields of the record itself."""
    key = LoadKey.model_validate({"feed_id": feed_id, "period": period, "slice": slice_, "kind": kind})
    arrival = Arrival(
        key=key, sequence=sequence, sha256="f" * 64, size=9, media_type="application/xml", origin="reply.xml",
        arrival="api", known_at=known_at, is_synthetic=is_synthetic,
    )  # fmt: skip
    about: dict[str, Any] = {
        "load_id": load_id, "key": key, "sequence": sequence, "outcome": "accepted", "vintage_number": sequence,
        "arrival": arrival, "committed_at": known_at, "due_at": known_at, "is_newest_due": True,
        "contract_version": "1.0.0", "suite_sha256": "0" * 64, "source_rows": 1, "accepted_rows": 1,
    }  # fmt: skip
    return LoadRecord.model_validate({**about, **changed})
