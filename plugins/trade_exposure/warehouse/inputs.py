"""What the ledger lets into the warehouse: the schema ``lake`` of a candidate database.

Views over the committed Parquet files (and no other file), and the ledger itself as tables, so that dbt models need to
know nothing of the lake's layout. An incremental build sees, for every month with a new load, all files of that month:
models replace whole months and need no filter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from trade_exposure.feeds.contract import FeedContract
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.sql import identifier, literal

_TOTAL = pa.decimal128(38, 6)
_INSTANT = pa.timestamp("us", tz="UTC")

FEED = pa.schema(
    [
        ("feed_id", pa.string()), ("table_name", pa.string()), ("title_en", pa.string()), ("title_ko", pa.string()),
        ("owner", pa.string()), ("licence", pa.string()), ("cadence", pa.string()), ("arrival", pa.string()),
        ("period_kind", pa.string()), ("contract_version", pa.string()), ("primary_measure", pa.string()),
        ("expected_lag_days", pa.int32()), ("freshness_limit_days", pa.int32()), ("is_private", pa.bool_()),
    ]
)  # fmt: skip
LOAD = pa.schema(
    [
        ("load_id", pa.string()), ("feed_id", pa.string()), ("period_start", pa.date32()), ("period_end", pa.date32()),
        ("slice", pa.string()), ("vintage_number", pa.int32()), ("outcome", pa.string()), ("arrival", pa.string()),
        ("known_at", _INSTANT), ("due_at", _INSTANT), ("committed_at", _INSTANT), ("raw_sha256", pa.string()),
        ("contract_version", pa.string()), ("suite_sha256", pa.string()), ("source_rows", pa.int64()),
        ("accepted_rows", pa.int64()), ("quarantined_rows", pa.int64()), ("warning_count", pa.int32()),
        ("is_newest_due", pa.bool_()), ("is_synthetic", pa.bool_()),
    ]
)  # fmt: skip
CONTROL_TOTAL = pa.schema(
    [
        ("load_id", pa.string()), ("measure", pa.string()), ("source_total", _TOTAL), ("accepted_total", _TOTAL),
        ("quarantined_total", _TOTAL),
    ]
)  # fmt: skip
RULE = pa.schema(
    [
        ("load_id", pa.string()), ("rule", pa.string()), ("severity", pa.string()), ("dimension", pa.string()),
        ("failed_rows", pa.int64()), ("quarantined_rows", pa.int64()),
    ]
)  # fmt: skip


def newest_by_load(records: Iterable[LoadRecord]) -> list[LoadRecord]:
    """One record per load: the last one, so a load that was stopped and has gone in since counts as accepted."""
    return list({record.load_id: record for record in records}.values())


def identity(records: Iterable[LoadRecord]) -> str:
    """Hash of everything the ledger lets into the warehouse."""
    return hashlib.sha256("\n".join(record.model_dump_json() for record in records).encode()).hexdigest()


def write_lake_schema(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    contracts: dict[str, FeedContract],
    records: Sequence[LoadRecord],
    months: dict[str, set[date]] | None,
) -> None:
    """Create schema ``lake``. ``months`` limits the files per feed to those months; None means all."""
    connection.execute("drop schema if exists lake cascade; create schema lake")
    tables: dict[str, list[str]] = {}
    for feed_id, contract in contracts.items():
        paths = [
            str(lake.local(record.accepted_path))
            for record in records
            if record.accepted_path
            and record.key.feed_id == feed_id
            and (months is None or record.key.period in months.get(feed_id, set()))
        ]
        tables.setdefault(contract.table, []).append(_rows(contract, paths))
    for table, feeds in tables.items():
        # By name: several layouts may fill one table, each with its columns in an order of its own.
        connection.execute(f"create view lake.{identifier(table)} as {' union all by name '.join(feeds)}")
    for name, schema, rows in (
        ("feed", FEED, [_feed_row(contract) for contract in contracts.values()]),
        ("load", LOAD, [_load_row(record) for record in records]),
        ("load_control_total", CONTROL_TOTAL, [row for record in records for row in _total_rows(record)]),
        ("load_rule", RULE, [row for record in records for row in _rule_rows(record)]),
    ):
        connection.register("arriving", pa.Table.from_pylist(rows, schema=schema))
        connection.execute(f"create table lake.{name} as select * from arriving")
        connection.unregister("arriving")


def _rows(contract: FeedContract, paths: Sequence[str]) -> str:
    columns = [(column.name, column.type) for column in contract.columns]
    columns += [("load_id", "VARCHAR"), ("source_sha256", "VARCHAR"), ("is_synthetic", "BOOLEAN")]
    feed = f"{literal(contract.feed_id)} as feed_id"
    if not paths:
        typed = ", ".join(f"cast(null as {kind}) as {identifier(name)}" for name, kind in columns)
        return f"select {typed}, cast(null as VARCHAR) as source_file, {feed} where false"
    files = ", ".join(literal(path) for path in paths)
    typed = ", ".join(f"cast({identifier(name)} as {kind}) as {identifier(name)}" for name, kind in columns)
    return f"select {typed}, nullif(source_file, '') as source_file, {feed} from read_parquet([{files}])"


def _feed_row(contract: FeedContract) -> dict[str, Any]:
    return {
        "feed_id": contract.feed_id,
        "table_name": contract.table,
        "title_en": contract.title_en,
        "title_ko": contract.title_ko,
        "owner": contract.owner,
        "licence": contract.licence,
        "cadence": f"{contract.schedule} {contract.timezone}",
        "arrival": contract.arrival,
        "period_kind": contract.period_kind,
        "expected_lag_days": contract.expected_lag_days,
        "freshness_limit_days": contract.freshness_limit_days,
        "is_private": contract.is_private,
        "contract_version": contract.version,
        "primary_measure": contract.measures[0],
    }


def _load_row(record: LoadRecord) -> dict[str, Any]:
    return {
        "load_id": record.load_id,
        "feed_id": record.key.feed_id,
        "period_start": record.key.period,
        "period_end": record.key.last_day,
        "slice": record.key.slice,
        "vintage_number": record.vintage_number,
        "outcome": record.outcome,
        "arrival": record.arrival.arrival,
        "known_at": record.arrival.known_at,
        "due_at": record.due_at,
        "committed_at": record.committed_at,
        "raw_sha256": record.arrival.sha256,
        "contract_version": record.contract_version,
        "suite_sha256": record.suite_sha256,
        "source_rows": record.source_rows,
        "accepted_rows": record.accepted_rows,
        "quarantined_rows": record.quarantined_rows,
        "warning_count": record.warning_count,
        "is_newest_due": record.is_newest_due,
        "is_synthetic": record.arrival.is_synthetic,
    }


def _total_rows(record: LoadRecord) -> list[dict[str, Any]]:
    return [
        {
            "load_id": record.load_id,
            "measure": measure,
            "source_total": total.source,
            "accepted_total": total.accepted,
            "quarantined_total": total.quarantined,
        }
        for measure, total in record.control_totals.items()
        if record.outcome == "accepted"  # of a stopped load nothing arrived anywhere
    ]


def _rule_rows(record: LoadRecord) -> list[dict[str, Any]]:
    return [
        {
            "load_id": record.load_id,
            "rule": rule.rule,
            "severity": rule.severity,
            "dimension": rule.dimension,
            "failed_rows": rule.failed_rows,
            "quarantined_rows": rule.quarantined_rows,
        }
        for rule in record.rules
        if not rule.success
    ]
