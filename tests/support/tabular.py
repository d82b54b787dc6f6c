"""Small contracts of dropped files, and what the parser makes of bytes under them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from trade_exposure.feeds.contract import FeedContract, load_contract
from trade_exposure.feeds.model import ParsedFiles, Part
from trade_exposure.feeds.tabular import parse

PERIOD = date(2026, 5, 1)


def _properties(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in settings.items()]


def column(name: str, type_: str, *sources: str, required: bool = False, **settings: Any) -> dict[str, Any]:
    """One property of a contract. ``format, pattern, minimum, maximum`` are its options, the rest custom properties."""
    options = {key: settings.pop(key) for key in ("format", "pattern", "minimum", "maximum") if key in settings}
    logic = settings.pop("logic", None)
    return {
        "name": name,
        "businessName": name,
        "logicalType": "string",
        "physicalType": type_,
        "required": required,
        "description": f"The {name} of a test.",
        **({"transformSourceObjects": list(sources or (name,))} if logic is None else {"transformLogic": logic}),
        **({"logicalTypeOptions": options} if options else {}),
        "customProperties": [{"property": "unit", "value": "test"}, *_properties(settings)],
    }


DEALS = (
    column("event_id", "VARCHAR", "event_id", "이벤트번호", required=True),
    column("country_iso2", "VARCHAR", "country", "국가", required=True, lookup="country_iso2"),
    column("amount", "DECIMAL(20,2)", "amount", "금액", numberStyle="grouped", minimum=0),
    column("signed_on", "DATE", "signed", "계약일", format="yyyy-MM-dd"),
)


def contract(
    folder: Path, *columns: dict[str, Any], measures: tuple[str, ...] = ("amount",), **custom: Any
) -> FeedContract:
    """A contract of dropped files with ``columns`` (those of :data:`DEALS` if none), written below ``folder`` and read back."""
    row = column("source_row", "BIGINT", required=True, logic="position")
    properties = [row, *(columns or DEALS)]
    properties[1] = {**properties[1], "primaryKey": True, "primaryKeyPosition": 1}
    settings = {
        "connector": "file_drop",
        "timezone": "Asia/Seoul",
        "licence": "made up for a test",
        "trailingPeriods": 1,
        "growsWithinPeriod": True,
        "fileNames": [r"^deals_(?P<period>[0-9]{6})\.(csv|jsonl)$"],
        "encodings": ["utf-8-sig", "cp949"],
        "slices": [{"name": "all"}],
        "measures": list(measures),
        **custom,
    }
    sla = {"unit": "d", "description": "A test."}
    share = {"id": "max_quarantined_share", "type": "library", "metric": "invalidValues", "unit": "percent"}
    told = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "deals",
        "name": "Deals",
        "version": "1.0.0",
        "status": "active",
        "team": {"name": "Tests", "members": [{"username": "tests", "role": "owner"}]},
        "slaProperties": [
            {"property": "frequency", "value": 1, "unit": "month", "scheduler": "cron", "schedule": "0 7 1 * *"},
            {"property": "latency", "value": 1, **sla},
            {"property": "freshness", "value": 9, **sla},
        ],
        "customProperties": _properties(settings),
        "schema": [
            {
                "name": "deals",
                "businessName": "계약",
                "logicalType": "object",
                "physicalType": "table",
                "quality": [
                    {**share, "mustBeLessOrEqualTo": 50},
                    {"id": "suite", "type": "custom", "engine": "greatExpectations", "implementation": "suite.json"},
                ],
                "properties": properties,
            }
        ],
    }
    path = folder / "deals" / "contract.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return load_contract(path)


def part(name: str, body: bytes, control: Mapping[str, Any] | None = None) -> Part:
    """One dropped file."""
    return Part(name, hashlib.sha256(body).hexdigest(), len(body), lambda: io.BytesIO(body), control)


@dataclass(frozen=True)
class Outcome:
    """A parsed load: the typed rows, the rejects (``amounts`` as a mapping), and the files themselves."""

    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    files: ParsedFiles


def parsed(contract: FeedContract, out: Path, *parts: Part, slice_: str = "all") -> Outcome:
    """What the parser makes of the parts; row numbers rise in both files."""
    files = parse(contract, parts, PERIOD, slice_, out)
    rows = pq.read_table(files.rows).to_pylist()
    rejects = pq.read_table(files.rejects).to_pylist()
    for reject in rejects:
        reject["amounts"] = dict(reject["amounts"])
    for found in (rows, rejects):
        numbers = [row["source_row"] for row in found]
        assert numbers == sorted(set(numbers))
    return Outcome(rows, rejects, files)
