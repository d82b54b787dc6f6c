"""The five steps of a load: fetch → land → parse → judge → commit.

Each step takes and gives a small JSON-able dict (what Airflow hands from task to task); the data themselves lie in the
lake's ``work/`` folder between steps, so that steps may run on different machines. Every step can be run again at any
time: it finds what an earlier attempt left and ends in the same state.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from trade_exposure.clock import known_now, utc_now
from trade_exposure.errors import BadInput, LoadStopped
from trade_exposure.feeds.model import Reject
from trade_exposure.feeds.registry import feed
from trade_exposure.landing import ledger
from trade_exposure.landing.lake import Lake, open_lake
from trade_exposure.landing.raw import Arrival, LoadKey, archive, read_bytes
from trade_exposure.quality.judge import judge as judge_rows
from trade_exposure.quality.suite import load_suite
from trade_exposure.settings import get_settings

Baton = dict[str, Any]

_PASSING = ("batch_markers", "run_id", "validation_id", "validation_time")


def fetch(feed_id: str, period: date, slice_: str) -> Baton:
    """Ask the source and keep the reply in the raw archive.

    Raises:
        SourceError: by kind of failure, see :mod:`trade_exposure.errors`.
    """
    reply = feed(feed_id).fetch(period, slice_)
    ledger.refuse_to_mix(open_lake(), is_synthetic=reply.is_synthetic)
    arrival = archive(
        open_lake(),
        LoadKey(feed_id=feed_id, period=period, slice=slice_),
        reply.body,
        media_type=reply.media_type,
        origin=reply.url,
        arrival="api",
        known_at=known_now(),
        is_synthetic=reply.is_synthetic,
    )
    return arrival.model_dump(mode="json")


def take_file(
    feed_id: str, period: date, slice_: str, path: Path, *, known_at: datetime | None, is_synthetic: bool
) -> Baton:
    """Keep a reply that somebody saved by hand in the raw archive; otherwise the same as :func:`fetch`.

    Raises:
        BadInput: the file cannot be read or the feed has no such slice.
    """
    contract = feed(feed_id).contract
    if slice_ not in contract.slices:
        raise BadInput(f"{feed_id} has no slice {slice_!r}; it has {', '.join(contract.slices)}.")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); give the path of a saved reply.") from None
    if not body:
        raise BadInput(f"{path} is empty; save the reply again and give its path.")
    ledger.refuse_to_mix(open_lake(), is_synthetic=is_synthetic)
    feed(feed_id).parse(body, period, slice_)  # an error page saved by mistake must not become an arrival
    arrival = archive(
        open_lake(),
        LoadKey(feed_id=feed_id, period=period, slice=slice_),
        body,
        media_type="application/octet-stream",
        origin=path.name,
        arrival="file",
        known_at=known_at or known_now(),
        is_synthetic=is_synthetic,
    )
    return arrival.model_dump(mode="json")


def land(arrived: Baton) -> Baton:
    """Decide whether these bytes still have to be judged.

    ``is_new`` is False when a ledger record tells of them, or of bytes that arrived later.
    """
    arrival = Arrival.model_validate(arrived)
    past = ledger.records_of(open_lake(), arrival.key)
    settled = [record for record in past if record.outcome != "stopped"]
    is_new = all(record.arrival.sequence < arrival.sequence for record in settled)
    load_id = ledger.load_id_of(arrival.key, arrival.sequence, arrival.sha256)
    return {"arrival": arrived, "load_id": load_id, "is_new": is_new}


def fetch_period(feed_id: str, period: date) -> list[Baton]:
    """:func:`fetch` for every slice of the feed."""
    return [fetch(feed_id, period, slice_) for slice_ in feed(feed_id).contract.slices]


def commit_all(judged: list[Baton]) -> list[Baton]:
    """:func:`commit` for every slice. A stopped one does not hold back the others: its sentence is handed on as ``stopped``."""
    told: list[Baton] = []
    for load in judged:
        try:
            told.append(commit(load))
        except LoadStopped as error:
            told.append({"stopped": str(error)})
    return told


def parse(landed: Baton) -> Baton:
    """Archived bytes to typed rows in Parquet, with the rows that could not be read and the source's own totals.

    Raises:
        ReplyUnreadable: the bytes are of no known shape; SourceError kinds: they are an error reply.
    """
    lake = open_lake()
    arrival = Arrival.model_validate(landed["arrival"])
    key = arrival.key
    parsed = feed(key.feed_id).parse(read_bytes(lake, arrival), key.period, key.slice)
    work = f"work/{landed['load_id']}"
    with tempfile.TemporaryDirectory() as scratch:
        rows = Path(scratch) / "rows.parquet"
        pq.write_table(parsed.table, rows, compression="zstd")
        rest = Path(scratch) / "rest.json"
        rest.write_text(
            json.dumps(
                {
                    "announced_rows": parsed.announced_rows,
                    "announced_totals": {name: str(total) for name, total in parsed.announced_totals.items()},
                    "rejects": [_told(reject) for reject in parsed.rejects],
                },
                ensure_ascii=False,
            ),
            encoding="utf-8",
        )
        return {**landed, "rows": lake.put(rows, work, "rows"), "rest": lake.put(rest, work, "rest")}


def judge(parsed: Baton) -> Baton:
    """Run the feed's suite; the verdict and the accepted and quarantined rows go to the working folder."""
    lake = open_lake()
    if not lake.exists(parsed["rest"]):  # run again after the commit, which removed the working folder
        parsed = parse(parsed)
    rest = json.loads(lake.read(parsed["rest"]))
    if rest["announced_rows"] == 0:
        return {**parsed, "verdict": None}
    arrival = Arrival.model_validate(parsed["arrival"])
    contract = feed(arrival.key.feed_id).contract
    settings = get_settings()
    with tempfile.TemporaryDirectory() as scratch:
        accepted, quarantine = Path(scratch) / "accepted.parquet", Path(scratch) / "quarantine.parquet"
        verdict = judge_rows(
            lake.local(parsed["rows"]),
            suite=load_suite(settings.expectations_dir / contract.feed_id / "suite.json"),
            measures=contract.measures,
            rejects=[_reject(told) for told in rest["rejects"]],
            announced_rows=rest["announced_rows"],
            announced_totals={name: Decimal(total) for name, total in rest["announced_totals"].items()},
            max_quarantined_share=contract.max_quarantined_share,
            accepted=accepted,
            quarantine=quarantine,
            constants={"load_id": parsed["load_id"], "is_synthetic": arrival.is_synthetic},
            reference_dir=settings.dbt_dir / "seeds",
            variables={
                "period_start": arrival.key.period.isoformat(),
                "period_end": arrival.key.last_day.isoformat(),
                "slice": arrival.key.slice,
            },
        )
        told = Path(scratch) / "verdict.validation"
        told.write_text(
            json.dumps({**verdict.to_json(), "validation": _lasting(verdict.validation)}, ensure_ascii=False),
            encoding="utf-8",
        )
        work = f"work/{parsed['load_id']}"
        done = {**parsed, "verdict": lake.put(told, work, "verdict")}
        if not verdict.stopped:
            done["accepted"] = lake.put(accepted, work, "accepted")
            if verdict.quarantined_rows:
                done["quarantine"] = lake.put(quarantine, work, "quarantine")
        return done


def commit(judged: Baton) -> Baton:
    """Make the load's one ledger record appear and return its summary.

    Raises:
        LoadStopped: the verdict stops the load; a record says so, and no row is accepted. Or later bytes went in before.
    """
    lake = open_lake()
    arrival = Arrival.model_validate(judged["arrival"])
    past = ledger.records_of(lake, arrival.key)
    settled = [old for old in past if old.outcome != "stopped"]
    done = [old for old in settled if old.load_id == judged["load_id"]]
    if done:  # an earlier attempt got as far as the record, perhaps no further
        lake.remove_folder(f"work/{judged['load_id']}")
        return ledger.summary(done[-1])
    if any(old.arrival.sequence > arrival.sequence for old in settled):
        raise LoadStopped(
            f"{arrival.key.folder}: bytes that arrived later than these have been committed; these stay in the raw archive only."
        )
    try:
        record = _record(lake, arrival, judged, past)
    except FileNotFoundError:
        if len(ledger.records_of(lake, arrival.key)) == len(past):
            raise
        return commit(judged)  # another run of this very load was faster and took the working folder away
    same = [old for old in past if _is_same(old, record)]
    if same:
        record = same[-1]
    elif not ledger.append(lake, record):
        return commit(judged)  # another run was faster: what it committed decides what is left to do
    if record.outcome == "stopped":
        raise LoadStopped(f"{arrival.key.folder}: {' '.join(record.reasons)}")
    lake.remove_folder(f"work/{judged['load_id']}")
    return ledger.summary(record)


def _record(lake: Lake, arrival: Arrival, judged: Baton, past: list[ledger.LoadRecord]) -> ledger.LoadRecord:
    key, load_id = arrival.key, judged["load_id"]
    contract = feed(key.feed_id).contract
    verdict: dict[str, Any] = json.loads(lake.read(judged["verdict"])) if judged["verdict"] else {}
    outcome = "not_published" if not verdict else "stopped" if verdict["stopped"] else "accepted"
    told = {name: verdict[name] for name in ("control_totals", "rules", "reasons", "source_rows") if verdict}
    if verdict:
        told["validation_path"] = _keep(lake, judged["verdict"], f"ledger/{key.folder}", load_id)
    if outcome == "accepted":
        told |= {name: verdict[name] for name in ("accepted_rows", "quarantined_rows")}
        told["accepted_path"] = _keep(lake, judged["accepted"], f"accepted/{key.folder}", load_id)
        if "quarantine" in judged:
            told["quarantine_path"] = _keep(lake, judged["quarantine"], f"quarantine/{key.folder}", load_id)
    return ledger.LoadRecord.model_validate(
        {
            "load_id": load_id,
            "key": key,
            "sequence": len(past) + 1,
            "outcome": outcome,
            "vintage_number": 1 + sum(old.outcome == "accepted" for old in past) if outcome == "accepted" else 0,
            "arrival": arrival,
            "committed_at": utc_now(),
            "due_at": contract.due_at(key.period),
            "is_newest_due": contract.latest_due_period(arrival.known_at) <= key.period,
            "contract_version": contract.version,
            "suite_sha256": load_suite(get_settings().expectations_dir / contract.feed_id / "suite.json").sha256,
            **told,
        }
    )


def _lasting(validation: Mapping[str, Any]) -> dict[str, Any]:
    """The validation result without random ids and wall-clock times: the same rows judged again give the same bytes."""
    meta = {name: told for name, told in validation["meta"].items() if name not in _PASSING}
    results = [
        {**result, "expectation_config": {**result["expectation_config"], "id": None}}
        for result in validation["results"]
    ]
    return {**validation, "meta": meta, "results": results}


def _told(reject: Reject) -> dict[str, Any]:
    return {**asdict(reject), "amounts": {name: str(amount) for name, amount in reject.amounts.items()}}


def _reject(told: dict[str, Any]) -> Reject:
    return Reject(**{**told, "amounts": {name: Decimal(amount) for name, amount in told["amounts"].items()}})


def _keep(lake: Lake, work_path: str, folder: str, stem: str) -> str:
    return lake.put(lake.local(work_path), folder, stem)


def _is_same(old: ledger.LoadRecord, new: ledger.LoadRecord) -> bool:
    ignored = {"sequence", "committed_at", "vintage_number", "validation_path"}
    return old.model_dump(exclude=ignored) == new.model_dump(exclude=ignored)
