"""### From committed loads to a publication

**candidate**: a copy of the last publication, with the schema `lake` of what the ledger lets in. Only months with a new load
are brought forward; a changed dbt project or the parameter `full_refresh` rebuilds everything.
**build**: one `dbt build` on the candidate, its data tests included. **audit**: the suites of the published tables and the
reconciliation with the ledger, on that same file. **publish**: one swap makes the audited file the publication; Parquet
and manifest lie beside it. **reports**: data-quality pages and dbt docs.

**If a stage fails** the last publication stays, untouched, and the task's last line says why in one sentence. Clear the failed
task to try again; a rerun ends in the same tables.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from trade_exposure.errors import ExposureError
from trade_exposure.feeds.registry import contracts
from trade_exposure.landing.lake import open_lake
from trade_exposure.landing.ledger import LoadRecord, all_records
from trade_exposure.publishing import publication
from trade_exposure.reports import site
from trade_exposure.settings import get_settings
from trade_exposure.sql import identifier
from trade_exposure.warehouse import audit as audits
from trade_exposure.warehouse import dbt
from trade_exposure.warehouse.inputs import identity, newest_by_load, write_lake_schema

log = logging.getLogger(__name__)

KEPT_SCHEMAS = publication.PUBLISHED_SCHEMAS
STORAGE_VERSION = "v1.2.0"
INPUTS = "inputs.jsonl"
ABANDONED_AFTER = 24 * 3600

Candidate = dict[str, Any]


def candidate(*, full_refresh: bool = False) -> Candidate | None:
    """Prepare a candidate database and return its path and what went in; None when everything is published already.

    Raises:
        ExposureError: the ledger holds no accepted load yet.
    """
    records = newest_by_load(all_records(open_lake()))
    if not any(record.outcome == "accepted" for record in records):
        raise ExposureError(
            "The ledger holds no accepted load yet; run an ingestion first (`exposure run` or `exposure ingest`)."
        )
    code, inputs = dbt.code_sha256(), identity(records)
    if not full_refresh and publication.considered() == (code, inputs):
        log.info("Nothing new since the last publication.")
        return None
    candidates = get_settings().warehouse_dir / "candidate"
    candidates.mkdir(parents=True, exist_ok=True)
    for abandoned in candidates.iterdir():
        if time.time() - abandoned.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(abandoned, ignore_errors=True)
    folder = candidates / uuid.uuid4().hex[:12]
    folder.mkdir()
    # The ledger may grow while this candidate is built: its later stages judge it by what went in.
    (folder / INPUTS).write_text("\n".join(record.model_dump_json() for record in records), encoding="utf-8")
    database = folder / "exposure.duckdb"
    current = publication.current()
    base = current.manifest["publication_id"] if current is not None else None
    is_full = full_refresh or current is None or current.manifest["code_sha256"] != code
    known: set[str] = set()
    if current is not None and not is_full:
        shutil.copyfile(current.database, database)
        known = set(current.manifest["accepted_load_ids"])
    config: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": STORAGE_VERSION}
    with duckdb.connect(str(database), config=config) as connection:
        connection.execute("set timezone = 'UTC'")
        months: dict[str, set[date]] | None = None
        if not is_full:
            months = {}
            for record in records:
                if record.outcome == "accepted" and record.load_id not in known:
                    months.setdefault(record.key.feed_id, set()).add(record.key.period)
        write_lake_schema(connection, open_lake(), contracts(), records, months)
    return {"database": str(database), "is_full": is_full, "code_sha256": code, "inputs_sha256": inputs, "base": base}


def build(prepared: Candidate) -> Candidate:
    """One ``dbt build`` on the candidate.

    Raises:
        AuditFailed: a data test failed.
        ExposureError: a model could not be built.
    """
    database = Path(prepared["database"])
    _require(database)
    refresh = ["--full-refresh"] if prepared["is_full"] else []
    told = dbt.run(database, "build", "--exclude-resource-type", "unit_test", *refresh)
    statuses = [result["status"] for result in told["results"]]
    return {
        **prepared,
        "nodes": len(statuses),
        "tests_passed": statuses.count("pass"),
        "tests_warned": statuses.count("warn"),
    }


def audit(built: Candidate) -> Candidate:
    """Judge the candidate as a whole; on success drop what is not published from the file.

    Raises:
        AuditFailed: a suite or a reconciliation failed; the sentence names each.
    """
    database = Path(built["database"])
    _require(database)
    verdict = audits.run(database, _inputs(database))
    with duckdb.connect(str(database)) as connection:
        schemas = connection.execute(
            "select schema_name from information_schema.schemata where catalog_name = current_database() "
            "and schema_name not in ('main', 'information_schema', 'pg_catalog')"
        ).fetchall()
        for (schema,) in schemas:
            if schema not in KEPT_SCHEMAS:
                connection.execute(f"drop schema {identifier(schema)} cascade")
        connection.execute("checkpoint")
    (database.parent / "audit.json").write_text(json.dumps(verdict, ensure_ascii=False, indent=1), encoding="utf-8")
    return built


def publish(audited: Candidate) -> Candidate:
    """Make the audited candidate the publication; nothing moves when its tables are the published ones already.

    Raises:
        ExposureError: something else was published since the candidate was made, which it would take back.
    """
    database = Path(audited["database"])
    _require(database)
    now = publication.current()
    if (
        now is not None
        and now.manifest["publication_id"] != audited["base"]
        and not publication.came_of(now, _inputs(database), audited["code_sha256"])
    ):
        raise ExposureError(
            f"Publication {now.manifest['publication_id']} was made after this candidate was begun; build again, "
            "so that nothing of it is taken back."
        )
    verdict = json.loads((database.parent / "audit.json").read_text(encoding="utf-8"))
    published = publication.publish(database, verdict, _inputs(database), code_sha256=audited["code_sha256"])
    return {**audited, "told": publication.told(published)}


def reports(published: Candidate) -> str:
    """Data-quality pages, dbt docs and the start page; returns the start page's path."""
    start = site.build()
    publication.consider(published["code_sha256"], published["inputs_sha256"])
    shutil.rmtree(Path(published["database"]).parent, ignore_errors=True)
    log.info("Start page: %s", start)
    return str(start)


def _inputs(database: Path) -> list[LoadRecord]:
    lines = (database.parent / INPUTS).read_text(encoding="utf-8").splitlines()
    return [LoadRecord.model_validate_json(line) for line in lines]


def _require(database: Path) -> None:
    if not database.exists():
        raise ExposureError(
            f"The candidate {database} is gone; clear the task `candidate` too, so that a new one is made."
        )
