"""Dropped files are noticed when complete, taken once, left where they are, and told of when they cannot be used."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from trade_exposure.errors import BadInput, LoadStopped
from trade_exposure.feeds.registry import contracts
from trade_exposure.landing import arrive, drops, ledger, plan, steps
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import LoadKey

FEED = "insurance_contract_ceiling"
NAME = "ceiling_2026.csv"
NOW = datetime(2026, 11, 16, tzinfo=UTC)  # the fixed clock of the fixture `home`
HEAD = "year,product_group,ceiling_amount,approved_on,record_version,updated_at\n"
ROWS = (
    'TOTAL,"3,100,000",2026-01-02,1,2026-01-02T09:00:00+09:00\n',
    'MLT,"400,000",2026-01-02,1,2026-01-02T09:00:00+09:00\n',
)
Drop = Callable[..., Path]


def ceiling(*rows: str, year: int = 2026) -> bytes:
    return (HEAD + "".join(f"{year},{row}" for row in rows or ROWS)).encode()


@pytest.fixture
def drop(home: Path) -> Drop:
    """Puts a file into the drop folder, last changed some seconds ago."""
    folder = home / "drops" / FEED
    folder.mkdir(parents=True)
    (home / "drops" / "SYNTHETIC").touch()

    def dropped(body: bytes, name: str = NAME, *, age: float = 3600) -> Path:
        path = folder / name
        path.write_bytes(body)
        at = NOW.timestamp() - age
        os.utime(path, (at, at))
        return path

    return dropped


def control(path: Path, *, age: float = 3600, **told: Any) -> Path:
    sidecar = path.with_name(path.name + ".control.json")
    sidecar.write_text(json.dumps(told), encoding="utf-8")
    at = NOW.timestamp() - age
    os.utime(sidecar, (at, at))
    return sidecar


def look(lake: Lake) -> drops.Scan:
    return drops.scan(lake, contracts()[FEED], now=NOW)


def go(name: str = NAME) -> dict[str, Any]:
    taken = steps.land(arrive.take_drop(FEED, name))
    return steps.commit(steps.judge(steps.parse(taken)))


def records(lake: Lake) -> list[ledger.LoadRecord]:
    return ledger.all_records(lake)


def test_a_complete_file_is_taken_and_its_name_and_hash_follow_every_row(local_lake: Lake, drop: Drop) -> None:
    path = drop(ceiling())
    assert [found.path for found in look(local_lake).ready] == [path]
    told = go()
    assert (told["outcome"], told["period"], told["accepted_rows"], told["is_synthetic"]) == (
        "accepted",
        "2026",
        2,
        True,
    )
    (record,) = records(local_lake)
    rows = pq.read_table(local_lake.local(record.accepted_path or ""))
    assert rows["source_file"].to_pylist() == [NAME, NAME]
    assert rows["source_sha256"].to_pylist() == [hashlib.sha256(ceiling()).hexdigest()] * 2
    assert rows["source_row"].to_pylist() == [1, 2]
    assert [str(amount) for amount in rows["ceiling_amount_krw"].to_pylist()] == ["310000000000000", "40000000000000"]


def test_a_file_is_taken_once_and_never_moved_or_deleted(local_lake: Lake, drop: Drop) -> None:
    path = drop(ceiling())
    go()
    assert path.read_bytes() == ceiling()
    told = look(local_lake)
    assert (told.ready, told.waiting, told.strangers, told.taken) == ([], [], [], 1)
    with pytest.raises(BadInput, match=r"ceiling_2026\.csv is not waiting to be taken"):
        arrive.take_drop(FEED, NAME)
    with pytest.raises(AirflowSkipException, match="No new file: 1 were taken before"):
        plan.waiting_files(FEED)


def test_the_same_bytes_under_a_new_time_change_nothing(local_lake: Lake, drop: Drop) -> None:
    drop(ceiling())
    go()
    drop(ceiling(), age=1800)
    assert len(look(local_lake).ready) == 1
    go()
    assert len(records(local_lake)) == 1
    assert look(local_lake).taken == 1


def test_other_bytes_under_the_same_name_are_a_revision_and_both_are_kept(
    local_lake: Lake, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(ceiling())
    go()
    drop(ceiling(ROWS[0]), age=1800)
    assert go()["vintage"] == 2
    assert [record.accepted_rows for record in records(local_lake)] == [2, 1]
    assert len(local_lake.list_files("raw", ".zst")) == 2


def test_a_file_that_still_changes_waits_and_one_with_a_sidecar_does_not(local_lake: Lake, drop: Drop) -> None:
    path = drop(ceiling(), age=5)
    told = look(local_lake)
    assert told.ready == []
    assert told.waiting == [
        "ceiling_2026.csv changed at 2026-11-15T23:59:55Z; without a sidecar it counts as complete 60 seconds later."
    ]
    control(path, age=5, rows=2, sums={"ceiling_amount_krw": "3500000"})
    assert len(look(local_lake).ready) == 1
    assert go()["outcome"] == "accepted"


def test_an_empty_file_waits_first_and_is_told_of_then(local_lake: Lake, drop: Drop) -> None:
    drop(b"", age=5)
    assert look(local_lake).waiting == ["ceiling_2026.csv is still empty."]
    drop(b"")
    with pytest.raises(LoadStopped, match=r"ceiling_2026\.csv.*empty"):
        go()
    assert [record.outcome for record in records(local_lake)] == ["stopped"]
    assert look(local_lake).taken == 1


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"sha256": "0" * 64}, "does not have the sha256 that its sidecar tells"),
        ({"rows": "two"}, "cannot be read; it needs"),
        ({"rows": 2, "sums": {"ceiling_amount_krw": "many"}}, "cannot be read; it needs"),
        ({"rows": 2, "sums": {"year": "1"}}, "sums 'year', which is no measure of insurance_contract_ceiling"),
        ([], "cannot be read; it needs"),
    ],
)
def test_a_sidecar_that_disagrees_waits_first_and_stops_the_load_then(
    local_lake: Lake, drop: Drop, told: Any, sentence: str
) -> None:
    sidecar = control(drop(ceiling(), age=5), age=5)
    sidecar.write_text(json.dumps(told), encoding="utf-8")
    os.utime(sidecar, (NOW.timestamp() - 5, NOW.timestamp() - 5))
    assert [sentence in waiting for waiting in look(local_lake).waiting] == [True]
    os.utime(sidecar, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))
    drop(ceiling())
    with pytest.raises(LoadStopped, match=sentence):
        go()
    (record,) = records(local_lake)
    assert (record.outcome, record.accepted_path) == ("stopped", None)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"rows": 3}, "The source announced 3 rows, but 2 were accepted"),
        (
            {"rows": 2, "sums": {"ceiling_amount_krw": "3500001"}},
            "The source announced 350000100000000 of ceiling_amount_krw",
        ),
    ],
)
def test_control_totals_that_do_not_add_up_stop_the_load(
    local_lake: Lake, drop: Drop, told: dict[str, Any], sentence: str
) -> None:
    control(drop(ceiling()), **told)
    with pytest.raises(LoadStopped, match=sentence):
        go()
    assert [record.outcome for record in records(local_lake)] == ["stopped"]


def test_names_that_are_no_files_of_the_feed_are_told_and_left(local_lake: Lake, drop: Drop) -> None:
    for name in ("notes.txt", "ceiling_26.csv", "ceiling_2026.csv.bak"):
        drop(ceiling(), name)
    drop(ceiling(), ".ceiling_2026.csv.swp")
    told = look(local_lake)
    assert (len(told.strangers), told.ready, told.waiting) == (3, [], [])
    assert all("rename or remove it" in sentence for sentence in told.strangers)


def test_a_period_or_slice_that_cannot_be_is_told(local_lake: Lake) -> None:
    centres = contracts()["center_contract_event"]
    for name, sentence in (
        ("contracts_AITC01_20261301.csv", "names no period"),
        ("contracts_AITC99_20261020.csv", "names 'AITC99', which center_contract_event does not have"),
    ):
        with pytest.raises(BadInput, match=sentence):
            drops.key_of(centres, name)
    assert drops.key_of(centres, "contracts_AITC01_20261020.jsonl") == LoadKey(
        feed_id="center_contract_event", period=date(2026, 10, 20), slice="AITC01", kind="day"
    )
    assert drops.key_of(centres, "contracts_AITC01_2025.csv").label == "2025"


def test_a_second_file_about_the_same_period_is_stopped_and_the_first_stays(local_lake: Lake, home: Path) -> None:
    folder = home / "drops" / "center_contract_event"
    folder.mkdir(parents=True)
    (home / "drops" / "SYNTHETIC").touch()
    event = {
        "event_id": "e1", "schema_version": 1, "event_ts": "2026-10-20T10:00:00+09:00", "center_code": "AITC01",
        "event_type": "CONSULTATION", "company_id": "123-45-67890", "record_version": 1,
        "updated_at": "2026-10-20T10:00:10+09:00",
    }  # fmt: skip
    for name, end in (("contracts_AITC01_20261020.jsonl", "\n"), ("contracts_AITC01_20261020.csv", "\n\n")):
        (folder / name).write_text(json.dumps(event) + end, encoding="utf-8")
        os.utime(folder / name, (0, 0))
    feed = "center_contract_event"
    first = steps.land(arrive.take_drop(feed, "contracts_AITC01_20261020.jsonl"))
    assert steps.commit(steps.judge(steps.parse(first)))["outcome"] == "accepted"
    second = steps.land(arrive.take_drop(feed, "contracts_AITC01_20261020.csv"))
    with pytest.raises(LoadStopped, match=r"came as contracts_AITC01_20261020\.jsonl before"):
        steps.commit(steps.judge(steps.parse(second)))
    assert [record.outcome for record in records(local_lake)] == ["accepted", "stopped"]


def test_a_process_killed_between_taking_and_commit_takes_the_file_again(local_lake: Lake, drop: Drop) -> None:
    drop(ceiling())
    steps.judge(steps.parse(steps.land(arrive.take_drop(FEED, NAME))))  # and no further
    assert len(look(local_lake).ready) == 1
    assert go()["outcome"] == "accepted"
    assert (len(records(local_lake)), look(local_lake).taken) == (1, 1)


def test_a_batch_that_is_run_again_takes_only_what_is_not_settled(local_lake: Lake, drop: Drop) -> None:
    drop(ceiling(year=2025), "ceiling_2025.csv")
    drop(ceiling())
    go()
    batch = ["ceiling_2025.csv", NAME]
    assert [load["arrival"]["origin"] for load in plan.arrive_all(FEED, batch, at=NOW)] == ["ceiling_2025.csv"]
    go("ceiling_2025.csv")
    with pytest.raises(AirflowSkipException, match="All 2 files were taken before"):
        plan.arrive_all(FEED, batch, at=NOW)


def test_files_go_in_batches_and_the_batch_says_which(local_lake: Lake, drop: Drop) -> None:
    for year in range(1990, 2020):
        drop(ceiling(year=year), f"ceiling_{year}.csv")
    found = plan.waiting_files(FEED)
    assert [len(batch) for batch in found] == [25, 5]
    assert plan.batch_label(found[0], contracts()[FEED]) == "ceiling_1990.csv … ceiling_2014.csv"
    assert plan.batch_label(["ceiling_1990.csv"], contracts()[FEED]) == "ceiling_1990.csv"


def test_one_bad_file_of_a_batch_does_not_hold_back_the_others(local_lake: Lake, drop: Drop) -> None:
    drop(ceiling(year=2025), "ceiling_2025.csv")
    drop(b"PK\x03\x04 not a csv")
    batch = plan.arrive_all(FEED, ["ceiling_2025.csv", NAME], at=NOW)
    told = steps.commit_all(steps.judge_all(steps.parse_all([steps.land(load) for load in batch])))
    assert [load.get("outcome", "stopped") for load in told] == ["accepted", "stopped"]
    with pytest.raises(LoadStopped, match=r"ceiling_2026\.csv"):
        plan.refuse_stopped([told])


def test_a_missing_drop_folder_holds_nothing(local_lake: Lake) -> None:
    told = look(local_lake)
    assert (told.ready, told.waiting, told.strangers, told.taken) == ([], [], [], 0)


def test_files_of_a_folder_that_is_not_marked_synthetic_count_as_real(local_lake: Lake, drop: Drop, home: Path) -> None:
    (home / "drops" / "SYNTHETIC").unlink()
    drop(ceiling())
    assert go()["is_synthetic"] is False


def test_the_age_of_a_file_is_held_against_the_given_instant(local_lake: Lake, drop: Drop) -> None:
    drop(ceiling(), age=0)
    assert look(local_lake).ready == []
    assert len(drops.scan(local_lake, contracts()[FEED], now=NOW + timedelta(seconds=60)).ready) == 1
