"""Small candidates, as an audit leaves them behind, and one way to publish them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support import ledger

from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.publishing import publication
from trade_exposure.publishing.publication import Publication

VERDICT = {"verdict": "passed", "checks": 3, "warnings": []}
Publish = Callable[..., Publication]


def record(load_id: str, *, is_synthetic: bool = True, day: int = 16, outcome: str = "accepted") -> LoadRecord:
    known_at = datetime(2026, 2, day, tzinfo=UTC)
    return ledger.record(load_id, known_at=known_at, is_synthetic=is_synthetic, outcome=outcome)


@pytest.fixture
def records() -> Callable[..., LoadRecord]:
    """Makes ledger records."""
    return record


@pytest.fixture
def candidate(home: Path) -> Callable[[int], Path]:
    """Makes a candidate whose every table tells its generation; returns the database's path."""
    made = 0

    def make(generation: int) -> Path:
        nonlocal made
        made += 1
        folder = home / "warehouse" / "candidate" / str(made)
        folder.mkdir(parents=True)
        database = folder / "exposure.duckdb"
        with duckdb.connect(str(database)) as connection:
            connection.execute("create schema core; create schema marts; create schema meta; set timezone = 'UTC'")
            connection.execute(
                "create table core.dim_market_definition (definition_id varchar, status_text varchar, is_headline boolean)"
            )
            connection.execute(
                "insert into core.dim_market_definition values ('official', 'published', true), ('wide', 'proposed', false)"
            )
            connection.execute(
                f"create table core.fct_trade_month as select range as source_row, {generation} as generation, "
                f"cast(range * 0.01 as decimal(20,2)) as exports_usd from range({generation + 1})"
            )
            connection.execute(f"create table marts.mart_market_exports as select {generation} as generation")
            connection.execute("create table meta.not_for_readers as select 1 as one")
        return database

    return make


@pytest.fixture
def publish(candidate: Callable[[int], Path]) -> Publish:
    """Publishes a new candidate of a generation."""

    def published(generation: int, *, code: str = "code", **changed: Any) -> Publication:
        about: dict[str, Any] = {"verdict": VERDICT, "records": [record("load-a")], **changed}
        return publication.publish(candidate(generation), about["verdict"], about["records"], code_sha256=code)

    return published
