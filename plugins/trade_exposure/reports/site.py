"""Puts the reports together: Data Docs of every judged load, dbt docs, and the start page that leads to both."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.registry import contracts
from trade_exposure.landing.lake import Lake, open_lake
from trade_exposure.landing.ledger import LoadRecord, all_records
from trade_exposure.publishing import publication
from trade_exposure.reports import dbt_docs
from trade_exposure.reports.data_docs import build_data_docs
from trade_exposure.reports.index import IndexEntry, PublicationSummary, write_index
from trade_exposure.reports.records import ValidationRecord
from trade_exposure.settings import get_settings


def build() -> Path:
    """Build all reports and return the start page's path."""
    settings = get_settings()
    lake = open_lake()
    feeds = contracts()
    judged = [record for record in all_records(lake) if record.validation_path]
    validations = [_validation(lake, feeds[record.key.feed_id], record) for record in judged]
    validations += [audited for version in publication.versions() for audited in _audits(version)]
    build_data_docs(validations, settings.reports_dir / "data_docs")
    dbt_docs.draw()
    entries = [
        IndexEntry(
            title_en="Data quality of every load",
            title_ko="적재별 데이터 품질",
            description="Which rules each load passed or failed, what was stopped and what was put into quarantine.",
            path="data_docs/index.html",
        ),
        IndexEntry(
            title_en="Tables, columns and lineage",
            title_ko="테이블·컬럼·계보",
            description="What every table and column means, which tests guard it and where it comes from.",
            path="dbt_docs/index.html",
        ),
    ]
    return write_index(settings.reports_dir, entries, _summary(publication.current()))


def _validation(lake: Lake, contract: FeedContract, record: LoadRecord) -> ValidationRecord:
    told = json.loads(lake.read(str(record.validation_path)))
    if record.outcome == "stopped":
        verdict = f"Stopped, nothing was accepted: {' '.join(record.reasons)}"
    else:
        verdict = (
            f"Accepted {record.accepted_rows} of {record.source_rows} rows, {record.quarantined_rows} in quarantine."
        )
    return ValidationRecord(
        suite_name=record.key.feed_id,
        feed_id=record.key.feed_id,
        period=record.key.label,
        slice=record.key.slice,
        load_id=record.load_id if record.outcome != "stopped" else f"{record.load_id}-stopped-{record.sequence}",
        run_at=record.committed_at,
        result=told["validation"],
        is_synthetic=record.arrival.is_synthetic,
        verdict=verdict,
        is_stopped=record.outcome == "stopped",
        title_en=contract.title_en,
        title_ko=contract.title_ko,
    )


def _summary(published: publication.Publication | None) -> PublicationSummary | None:
    if published is None:
        return None
    manifest = published.manifest
    return PublicationSummary(
        publication_id=manifest["publication_id"],
        published_at=datetime.fromisoformat(manifest["published_at"]),
        verdict=f"Audit {manifest['audit']['verdict']}, {manifest['audit']['checks']} checks.",
        is_good=manifest["audit"]["verdict"] == "passed",
        is_synthetic=manifest["is_synthetic"],
    )


def _audits(published: publication.Publication) -> list[ValidationRecord]:
    manifest = published.manifest
    return [
        ValidationRecord(
            suite_name=audited["table"],
            feed_id="publication",
            period=f"{datetime.fromisoformat(manifest['published_at']):%Y-%m-%d}",
            slice="all",
            load_id=manifest["publication_id"],
            run_at=datetime.fromisoformat(manifest["published_at"]),
            result=audited["validation"],
            is_synthetic=manifest["is_synthetic"],
            verdict=f"Published, audit {manifest['audit']['verdict']}.",
            title_en=f"Audit of {audited['table']}",
            title_ko="공개 테이블 감사",
        )
        for audited in published.validations()
    ]
