"""The five steps of a load: arrive → land → parse → judge → commit; the first is in :mod:`trade_exposure.landing.arrive`.

Each step takes and gives a small JSON-able dict (what Airflow hands from task to task); the data themselves lie in the
lake's ``work/`` folder between steps, so that steps may run on different machines. Every step can be run again at any
time: it finds what an earlier attempt left and ends in the same state.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from trade_exposure.clock import utc_now
from trade_exposure.errors import LayoutRefused, LoadStopped, SourceError
from trade_exposure.feeds import periods
from trade_exposure.feeds.registry import feed
from trade_exposure.landing import ledger
from trade_exposure.landing.arrive import opened
from trade_exposure.landing.drops import note_taken
from trade_exposure.landing.lake import Lake, open_lake
from trade_exposure.landing.raw import Arrival
from trade_exposure.quality.judge import judge as judge_rows
from trade_exposure.quality.suite import load_suite
from trade_exposure.settings import get_settings

Baton = dict[str, Any]

_PASSING = ("batch_markers", "run_id", "validation_id", "validation_time")


def land(arrived: Baton) -> Baton:
    """Decide whether these bytes still have to be judged.

    ``is_new`` is False when a ledger record tells of them, or of bytes that arrived later.
    """
    arrival = Arrival.model_validate(arrived["arrival"])
    past = ledger.records_of(open_lake(), arrival.key)
    settled = [record for record in past if record.outcome != "stopped"]
    is_new = all(record.arrival.sequence < arrival.sequence for record in settled)
    load_id = ledger.load_id_of(arrival.key, arrival.sequence, arrival.sha256)
    return {**arrived, "load_id": load_id, "is_new": is_new}


def commit_all(judged: list[Baton]) -> list[Baton]:
    """:func:`commit` for every load. A stopped one does not hold back the others: its sentence is handed on as ``stopped``."""
    told: list[Baton] = []
    for load in judged:
        try:
            if "unreadable" in load:
                raise LoadStopped(load["unreadable"])
            told.append(commit(load))
        except LoadStopped as error:
            told.append({"stopped": str(error)})
    return told


def parse_all(landed: list[Baton]) -> list[Baton]:
    """:func:`parse` for every load. One that cannot be read does not hold back the others: it is told of at the commit."""
    told: list[Baton] = []
    for load in landed:
        try:
            told.append(parse(load))
        except SourceError as error:
            key = Arrival.model_validate(load["arrival"]).key
            told.append({**load, "unreadable": f"{key.folder}: {error}"})
    return told


def parse(landed: Baton) -> Baton:
    """Archived bytes to typed rows in Parquet, with the rows that could not be read and the source's own totals.

    A file that is not laid out as the contract says gets its sentence as ``refusal``: its load is stopped.

    Raises:
        ReplyUnreadable: the bytes are of no known shape; SourceError kinds: they are an error reply.
    """
    if landed.get("refusal"):
        return landed
    lake = open_lake()
    arrival = Arrival.model_validate(landed["arrival"])
    key = arrival.key
    work = f"work/{landed['load_id']}"
    with tempfile.TemporaryDirectory() as scratch:
        try:
            parsed = feed(key.feed_id).parse(opened(arrival), key.period, key.slice, Path(scratch))
        except (LayoutRefused, LoadStopped) as error:
            return {**landed, "refusal": str(error)}
        rest = Path(scratch) / "rest.json"
        rest.write_text(
            json.dumps(
                {
                    "announced_rows": parsed.announced_rows,
                    "announced_totals": {name: str(total) for name, total in parsed.announced_totals.items()},
                    "part_of_row": parsed.part_of_row,
                },
                ensure_ascii=False,
            ),
            encoding="utf-8",
        )
        return {
            **landed,
            "rows": lake.put(parsed.rows, work, "rows"),
            "rejects": lake.put(parsed.rejects, work, "rejects"),
            "rest": lake.put(rest, work, "rest"),
        }


def judge_all(parsed: list[Baton]) -> list[Baton]:
    """:func:`judge` for every load that could be read."""
    return [load if "unreadable" in load else judge(load) for load in parsed]


def judge(parsed: Baton) -> Baton:
    """Run the feed's suite; the verdict and the accepted and quarantined rows go to the working folder."""
    if parsed.get("refusal"):
        return {**parsed, "verdict": None}
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
            suite=load_suite(contract.suite_path),
            measures=contract.measures,
            rejects=lake.local(parsed["rejects"]),
            announced_rows=rest["announced_rows"],
            announced_totals={name: Decimal(total) for name, total in rest["announced_totals"].items()},
            max_quarantined_share=contract.max_quarantined_share,
            accepted=accepted,
            quarantine=quarantine,
            constants={
                "load_id": parsed["load_id"],
                "source_file": arrival.file_name or "",
                "source_sha256": arrival.sha256,
                "is_synthetic": arrival.is_synthetic,
            },
            reference_dir=settings.dbt_dir / "seeds",
            variables={
                "period_start": arrival.key.period.isoformat(),
                "period_end": arrival.key.last_day.isoformat(),
                "slice": arrival.key.slice,
            },
            baselines=ledger.usual_amounts(lake, arrival.key),
            scale_jump_limit=contract.scale_jump_limit,
        )
        told = Path(scratch) / "verdict.validation"
        told.write_text(
            json.dumps(
                {
                    **verdict.to_json(),
                    "part_of_row": rest["part_of_row"],
                    "validation": _lasting(verdict.validation),
                },
                ensure_ascii=False,
            ),
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
        _note_taken(lake, judged, done[-1])
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
        _note_taken(lake, judged, record)
        raise LoadStopped(f"{arrival.key.folder}: {' '.join(record.reasons)}")
    _note_taken(lake, judged, record)
    lake.remove_folder(f"work/{judged['load_id']}")
    return ledger.summary(record)


def _record(lake: Lake, arrival: Arrival, judged: Baton, past: list[ledger.LoadRecord]) -> ledger.LoadRecord:
    key, load_id = arrival.key, str(judged["load_id"])
    contract = feed(key.feed_id).contract
    verdict: dict[str, Any] = json.loads(lake.read(judged["verdict"])) if judged["verdict"] else {}
    outcome = "not_published" if not verdict else "stopped" if verdict["stopped"] else "accepted"
    refusal = judged.get("refusal")
    if refusal:
        outcome = "stopped"
    told = {
        name: verdict[name]
        for name in ("control_totals", "rules", "reasons", "source_rows", "typical_amounts")
        if verdict
    }
    if refusal:
        told["reasons"] = (refusal,)
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
            "due_at": contract.due_after(periods.after(key.period, key.kind)),
            "is_newest_due": contract.latest_due_period(arrival.known_at) <= key.period,
            "contract_version": contract.version,
            "suite_sha256": load_suite(contract.suite_path).sha256,
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


def _note_taken(lake: Lake, judged: Baton, record: ledger.LoadRecord) -> None:
    """A dropped file is done with once its load is in the ledger, whatever came of it."""
    if judged.get("marker"):
        note_taken(lake, judged["marker"], load_id=record.load_id, name=record.arrival.origin)


def _keep(lake: Lake, work_path: str, folder: str, stem: str) -> str:
    return lake.put(lake.local(work_path), folder, stem)


def _is_same(old: ledger.LoadRecord, new: ledger.LoadRecord) -> bool:
    ignored = {"sequence", "committed_at", "vintage_number", "validation_path"}
    return old.model_dump(exclude=ignored) == new.model_dump(exclude=ignored)
