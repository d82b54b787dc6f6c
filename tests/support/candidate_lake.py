"""Schema ``lake`` of a candidate for tests: the tables that the dbt sources describe, filled with literal rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MEASURES: dict[str, tuple[str, ...]] = {
    "customs_country_trade": ("exports_usd", "imports_usd"),
    "customs_item_country_trade": ("exports_usd", "imports_usd"),
    "customs_region_trade": ("exports_usd", "imports_usd"),
    "fx_daily_rate": ("quoted_krw",),
    "fx_eximbank_rate": ("quoted_krw",),
    "ksure_country_grade": ("credit_grade",),
    "center_contract_event": ("contract_amount",),
    "insurance_underwriting_event": ("insured_amount", "premium_krw"),
    "insurance_exposure_month_end": ("outstanding_amount",),
    "insurance_claim_event": ("amount",),
    "insurance_country_limit": ("limit_amount_krw",),
    "insurance_contract_ceiling": ("ceiling_amount_krw",),
}
"""Measures of each table; the first is the primary one. In these tests every table has one feed of its name."""

DROPPED = ("center", "insurance")


@dataclass(frozen=True)
class Load:
    """One ledger record, with the rows that it brought in. ``period`` is written 2026, 2026-01 or 2026-01-06."""

    load_id: str
    feed_id: str
    period: str
    vintage: int
    known_at: str
    due_at: str
    rows: tuple[dict[str, Any], ...] = ()
    slice: str = "all"
    is_newest_due: bool = True
    is_synthetic: bool = False
    quarantined: tuple[tuple[str, Decimal], ...] = ()

    @property
    def first_day(self) -> date:
        """First day of the period."""
        return date.fromisoformat((self.period + "-01-01")[:10])

    @property
    def last_day(self) -> date:
        """Last day of the period."""
        first = self.first_day
        if len(self.period) == 10:
            return first
        after = date(first.year + 1, 1, 1) if len(self.period) == 4 else (first + timedelta(days=31)).replace(day=1)
        return after - timedelta(days=1)


def source_tables() -> dict[str, dict[str, str]]:
    """DuckDB type by column of every table that the dbt sources describe, in the order in which they describe it."""
    files = sorted((PROJECT / "models" / "staging").glob("_lake__*sources.yml"))
    described = [table for file in files for table in yaml.safe_load(file.read_text("utf-8"))["sources"][0]["tables"]]
    return {table["name"]: {column["name"]: column["data_type"] for column in table["columns"]} for table in described}


def fill(connection: duckdb.DuckDBPyConnection, ledger: tuple[Load, ...], presented: tuple[Load, ...]) -> None:
    """Put the whole ledger into ``lake``, and the files of ``presented`` with all other files of the same periods."""
    connection.execute("create schema if not exists lake")
    tables = source_tables()
    for name, columns in tables.items():
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create or replace table lake.{name} ({typed})")
    for feed_id, measures in MEASURES.items():
        about = {
            "feed_id": feed_id, "table_name": feed_id, "title_en": f"Feed {feed_id}", "title_ko": f"피드 {feed_id}",
            "owner": "Trade team", "licence": "KOGL 0", "cadence": "0 1 * * *", "period_kind": "month",
            "arrival": "drop" if feed_id.startswith(DROPPED) else "api", "contract_version": "1.0.0",
            "primary_measure": measures[0], "expected_lag_days": 16, "freshness_limit_days": 48,
            "is_private": feed_id.startswith(DROPPED),
        }  # fmt: skip
        _insert(connection, "feed", [about])
    periods = {(load.feed_id, load.first_day) for load in presented}
    for load in ledger:
        _insert_record(connection, load)
        if (load.feed_id, load.first_day) in periods:
            _insert(connection, load.feed_id, _complete(load))


def _complete(load: Load) -> list[dict[str, Any]]:
    dropped = load.feed_id.startswith(DROPPED)
    return [
        {
            "source_row": position, **row, "load_id": load.load_id, "feed_id": load.feed_id,
            "is_synthetic": load.is_synthetic, "source_sha256": "hash" if dropped else None,
            "source_file": f"{load.load_id}.csv" if dropped else None,
        }
        for position, row in enumerate(load.rows, start=1)
    ]  # fmt: skip


def _insert_record(connection: duckdb.DuckDBPyConnection, load: Load) -> None:
    outcome = "accepted" if load.vintage else "not_published"
    about = {
        "load_id": load.load_id, "feed_id": load.feed_id, "period_start": load.first_day, "period_end": load.last_day,
        "slice": load.slice, "vintage_number": load.vintage, "outcome": outcome,
        "arrival": "file" if load.feed_id.startswith(DROPPED) else "api", "known_at": load.known_at,
        "due_at": load.due_at, "committed_at": load.known_at, "raw_sha256": "raw", "contract_version": "1.0.0",
        "suite_sha256": "suite", "source_rows": len(load.rows) + len(load.quarantined),
        "accepted_rows": len(load.rows), "quarantined_rows": len(load.quarantined), "warning_count": 0,
        "is_newest_due": load.is_newest_due, "is_synthetic": load.is_synthetic,
    }  # fmt: skip
    _insert(connection, "load", [about])
    for measure in MEASURES[load.feed_id] if load.vintage else ():
        accepted = sum((Decimal(row[measure]) for row in load.rows if row.get(measure) is not None), Decimal(0))
        apart = sum((amount for name, amount in load.quarantined if name == measure), Decimal(0))
        total = {
            "load_id": load.load_id, "measure": measure, "source_total": accepted + apart,
            "accepted_total": accepted, "quarantined_total": apart,
        }  # fmt: skip
        _insert(connection, "load_control_total", [total])
    if load.quarantined:
        rule = {"load_id": load.load_id, "rule": "exports_are_not_negative", "severity": "critical",
                "dimension": "validity", "failed_rows": 1, "quarantined_rows": 1}  # fmt: skip
        warned = {**rule, "rule": "names_are_known", "severity": "warning", "failed_rows": 2, "quarantined_rows": 0}
        _insert(connection, "load_rule", [rule, warned])


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        marks = ", ".join("?" for _ in row)
        connection.execute(f"insert into lake.{table} ({', '.join(row)}) values ({marks})", list(row.values()))
