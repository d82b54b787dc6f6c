"""The state of feeds and publication, for people and programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from trade_exposure.clock import utc_now
from trade_exposure.feeds import periods
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.registry import contracts
from trade_exposure.landing.lake import open_lake
from trade_exposure.landing.ledger import LoadRecord, all_records
from trade_exposure.publishing import publication


def collect() -> dict[str, Any]:
    """``feeds`` (a dict per feed id), ``publication`` (or None) and ``tables`` with rows and ``content_hash``."""
    records = all_records(open_lake())
    now = _held_at(records)
    current = publication.current()
    told: dict[str, Any] = {
        "feeds": {
            feed_id: _feed(contract, [record for record in records if record.key.feed_id == feed_id], now)
            for feed_id, contract in contracts().items()
        },
        "publication": None,
        "tables": {},
    }
    if current is not None:
        manifest = current.manifest
        told["publication"] = {
            "publication_id": manifest["publication_id"],
            "published_at": manifest["published_at"],
            "known_until": manifest["known_until"],
            "headline_definition": manifest["headline_definition"],
            "audit": manifest["audit"],
            "is_synthetic": manifest["is_synthetic"],
            "database": str(publication.home() / "exposure.duckdb"),
            "database_sha256": manifest["database_sha256"],
        }
        told["tables"] = {
            name: {"rows": table["rows"], "content_hash": table["content_hash"]}
            for name, table in sorted(manifest["tables"].items())
        }
    return told


def _held_at(records: list[LoadRecord]) -> datetime:
    """The instant against which lateness is held: now; made-up data are of the instant that they were made for."""
    if records and all(record.arrival.is_synthetic for record in records):
        return max(record.arrival.known_at for record in records)
    return utc_now()


def _is_late(contract: FeedContract, accepted: list[LoadRecord], now: datetime) -> bool:
    """A period that is due and not in; of a feed that grows within its period, nothing new for longer than its limit."""
    if not accepted:
        return True
    if contract.grows_within_period:
        newest_news = max(record.arrival.known_at for record in accepted)
        return now - newest_news > timedelta(days=contract.freshness_limit_days)
    due = contract.latest_due_period(now)
    return max(record.key.last_day for record in accepted) < periods.after(due, contract.period_kind) - timedelta(
        days=1
    )


def _feed(contract: FeedContract, records: list[LoadRecord], now: datetime) -> dict[str, Any]:
    accepted = [record for record in records if record.outcome == "accepted"]
    newest = max((record.key for record in accepted), key=lambda key: (key.period, key.label), default=None)
    due = contract.latest_due_period(now)
    last = {record.load_id: record for record in records}.values()
    return {
        "title_en": contract.title_en,
        "title_ko": contract.title_ko,
        "owner": contract.owner,
        "loads": len(accepted),
        "newest_period": newest.label if newest else None,
        "newest_due_period": periods.label(due, contract.period_kind),
        "is_late": _is_late(contract, accepted, now),
        "last_success_at": max(record.committed_at for record in accepted).isoformat() if accepted else None,
        "accepted_rows": sum(record.accepted_rows for record in accepted),
        "quarantined_rows": sum(record.quarantined_rows for record in accepted),
        "warnings": sum(record.warning_count for record in accepted),
        "stopped_loads": sum(record.outcome == "stopped" for record in last),
        "is_synthetic": any(record.arrival.is_synthetic for record in accepted),
    }
