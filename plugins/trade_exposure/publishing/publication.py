"""The publication: one folder per version and one link that says which is current.

``published/versions/<id>/`` holds the audited DuckDB file, one Parquet file per table and ``manifest.json``;
``published/current`` links to the version that readers see, ``published/exposure.duckdb`` and ``published/manifest.json`` go through
it. Replacing that one link is the whole publication: database, Parquet and manifest change in the same instant, open
readers keep what they have, and earlier versions stay for going back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from trade_exposure.clock import utc_now
from trade_exposure.landing.lake import file_sha256
from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.settings import get_settings
from trade_exposure.sql import identifier
from trade_exposure.warehouse.hashes import content_hash, tables_of

PUBLISHED_SCHEMAS = ("core", "marts")


@dataclass(frozen=True)
class Publication:
    """One published version: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def database(self) -> Path:
        """The version's DuckDB file, read-only."""
        return self.folder / "exposure.duckdb"

    def validations(self) -> list[dict[str, Any]]:
        """What the suites of the published tables found: ``table`` and Great Expectations' ``validation`` of each."""
        found: list[dict[str, Any]] = json.loads((self.folder / "validations.json").read_text(encoding="utf-8"))
        return found


def home() -> Path:
    """The folder that readers are given."""
    return get_settings().warehouse_dir / "published"


def current() -> Publication | None:
    """The publication that readers see, or None before the first."""
    link = home() / "current"
    if not link.exists():
        return None
    folder = link.resolve()  # once: the link may be replaced between two looks at it
    return Publication(folder, json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def considered() -> tuple[str, str] | None:
    """Code and inputs (hashes) that have gone the whole way, reports included; None when that is not known."""
    note = home() / "considered.json"
    if current() is None or not note.exists():
        return None
    told = json.loads(note.read_text(encoding="utf-8"))
    return told["code_sha256"], told["inputs_sha256"]


def consider(code_sha256: str, inputs_sha256: str) -> None:
    """Note that these have gone the whole way, so that the next build of the same has nothing to do."""
    unfinished = home() / ".considered.json.unfinished"
    unfinished.write_text(json.dumps({"code_sha256": code_sha256, "inputs_sha256": inputs_sha256}), encoding="utf-8")
    unfinished.replace(home() / "considered.json")


def versions() -> list[Publication]:
    """Every version that is kept, oldest first."""
    manifests = sorted((home() / "versions").glob("[0-9]*/manifest.json"))
    return [Publication(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in manifests]


def publish(database: Path, verdict: dict[str, Any], records: Sequence[LoadRecord], *, code_sha256: str) -> Publication:
    """Publish an audited candidate. The same tables from the same code: nothing moves and the current version is returned.

    Args:
        database: the audited file; it becomes the new version's file.
        verdict: the audit's outcome, kept in the manifest; its ``validations`` lie beside it.
        records: what the ledger held when the candidate was made.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        tables = {}
        for schema, table in tables_of(connection, PUBLISHED_SCHEMAS):
            rows, digest = content_hash(connection, schema, table)
            tables[f"{schema}.{table}"] = {"rows": rows, "content_hash": digest}
        now = current()
        if (
            now is not None
            and now.database.exists()
            and now.manifest["code_sha256"] == code_sha256
            and _hashes(now.manifest["tables"]) == _hashes(tables)
        ):
            _link_stable_names()
            return now
        published_at = utc_now()
        kept = home() / "versions"
        kept.mkdir(parents=True, exist_ok=True)
        for left_over in kept.glob(".unfinished-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        unfinished = kept / f".unfinished-{uuid.uuid4().hex}"
        (unfinished / "parquet").mkdir(parents=True)
        for name, told in tables.items():
            schema, table = name.split(".")
            file = unfinished / "parquet" / f"{name}.parquet"
            connection.execute(
                f"copy {identifier(schema)}.{identifier(table)} to $file (format parquet, compression zstd)",
                {"file": str(file)},
            )
            told["parquet"] = f"parquet/{file.name}"
            told["parquet_sha256"] = file_sha256(file)
        headline = connection.execute(
            "select definition_id, status_text from core.dim_market_definition where is_headline"
        ).fetchall()[0]
    os.link(database, unfinished / "exposure.duckdb")  # the audited file itself, not a copy of it
    (unfinished / "exposure.duckdb").chmod(0o444)
    validations = json.dumps(verdict.get("validations", []), ensure_ascii=False)
    (unfinished / "validations.json").write_text(validations, encoding="utf-8")
    accepted = [record for record in records if record.outcome == "accepted"]
    manifest = {
        "publication_id": _identity(published_at.strftime("%Y%m%dT%H%M%SZ"), tables, code_sha256),
        "published_at": published_at.isoformat(),
        "known_until": max(record.arrival.known_at for record in records).isoformat(),
        "is_synthetic": any(record.arrival.is_synthetic for record in accepted),
        "headline_definition": {"definition_id": headline[0], "status": headline[1]},
        "audit": {name: value for name, value in verdict.items() if name != "validations"},
        "code_sha256": code_sha256,
        "database_sha256": file_sha256(unfinished / "exposure.duckdb"),
        "tables": tables,
        "accepted_load_ids": sorted(record.load_id for record in accepted),
    }
    (unfinished / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    _flush(unfinished)
    version = kept / str(manifest["publication_id"])
    if version.exists():  # an earlier attempt ended between this step and the swap
        shutil.rmtree(unfinished)
    else:
        unfinished.rename(version)
    _swap(version)
    _link_stable_names()
    return Publication(version, json.loads((version / "manifest.json").read_text(encoding="utf-8")))


def came_of(published: Publication, records: Sequence[LoadRecord], code_sha256: str) -> bool:
    """Whether the publication was made of these very loads by this very code: an earlier attempt at the same step got that far."""
    accepted = sorted(record.load_id for record in records if record.outcome == "accepted")
    manifest = published.manifest
    return bool(manifest["accepted_load_ids"] == accepted and manifest["code_sha256"] == code_sha256)


def told(published: Publication) -> dict[str, Any]:
    """The few figures that the publication's asset event carries."""
    manifest = published.manifest
    return {
        "publication_id": manifest["publication_id"],
        "published_at": manifest["published_at"],
        "audit": manifest["audit"]["verdict"],
        "is_synthetic": manifest["is_synthetic"],
        "rows": {name: table["rows"] for name, table in manifest["tables"].items()},
    }


def _identity(moment: str, tables: dict[str, dict[str, Any]], code_sha256: str) -> str:
    return f"{moment}-{hashlib.sha256(json.dumps([_hashes(tables), code_sha256]).encode()).hexdigest()[:8]}"


def _hashes(tables: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: tables[name]["content_hash"] for name in sorted(tables)}


def _flush(folder: Path) -> None:
    """Force the version to disk before any reader is sent to it."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _swap(version: Path) -> None:
    link = home() / f".current-{uuid.uuid4().hex}"
    link.symlink_to(Path("versions") / version.name)
    link.replace(home() / "current")


def _link_stable_names() -> None:
    for name in ("exposure.duckdb", "manifest.json", "parquet"):
        link = home() / name
        if not link.is_symlink():
            link.symlink_to(Path("current") / name)
