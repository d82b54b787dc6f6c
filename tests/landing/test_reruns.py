"""Any step run again, alone or with the others, and any two runs at once, end in the same lake."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from trade_exposure.errors import LoadStopped
from trade_exposure.landing import ledger, steps
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import LoadKey

KEY = LoadKey(feed_id="customs_country_trade", period=date(2026, 1, 1), slice="all")
LARGE = (("US", 9_000_000_000, 6_000_000_000), ("VN", 4_000_000_000, 2_000_000_000))
REVISED = (*LARGE, ("NA", 5, 0))

Contents = Callable[[Lake], dict[str, str]]
Reply = Callable[..., bytes]


def until_judged(taken: dict[str, Any]) -> dict[str, Any]:
    return steps.judge(steps.parse(steps.land(taken)))


def test_all_steps_run_again_change_nothing(lake: Lake, load: Any, reply: Reply, contents: Contents) -> None:
    assert load(reply(LARGE)) is not None
    before = contents(lake)
    assert load(reply(LARGE)) is None
    assert contents(lake) == before != {}


def test_a_change_of_the_lake_shows_in_its_contents(
    local_lake: Lake, load: Any, reply: Reply, contents: Contents
) -> None:
    load(reply(LARGE))
    before = contents(local_lake)
    load(reply(REVISED))
    assert contents(local_lake) != before


def test_each_step_run_again_alone_changes_nothing(lake: Lake, take: Any, reply: Reply, contents: Contents) -> None:
    taken = take(reply(LARGE))
    landed = steps.land(taken)
    parsed = steps.parse(landed)
    judged = steps.judge(parsed)
    told = steps.commit(judged)
    before = contents(lake)
    assert take(reply(LARGE)) == taken
    assert steps.land(taken) == {**landed, "is_new": False}
    assert steps.judge(parsed) == judged, "also when the commit has taken the working folder away"
    assert steps.parse(landed) == parsed
    assert steps.commit(judged) == told
    assert contents(lake) == before
    assert lake.list_files("work", "") == []


def test_each_step_run_twice_in_a_row_gives_the_same(
    local_lake: Lake, take: Any, reply: Reply, contents: Contents
) -> None:
    def twice(step: Callable[[Any], Any], given: Any) -> Any:
        first, left = step(given), contents(local_lake)
        assert step(given) == first
        assert contents(local_lake) == left
        return first

    taken = twice(lambda body: take(body), reply(REVISED))
    twice(steps.commit, twice(steps.judge, twice(steps.parse, twice(steps.land, taken))))


def test_a_stopped_load_run_again_is_stopped_again_and_recorded_once(
    local_lake: Lake, take: Any, reply: Reply, contents: Contents
) -> None:
    taken = take(reply((("US", 1, 1),)))
    with pytest.raises(LoadStopped):
        steps.commit(until_judged(taken))
    before = contents(local_lake)
    assert steps.land(taken)["is_new"]
    with pytest.raises(LoadStopped):
        steps.commit(until_judged(taken))
    assert contents(local_lake) == before


def test_a_commit_that_ended_between_record_and_clean_up_is_finished(
    local_lake: Lake, take: Any, reply: Reply, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = until_judged(take(reply(LARGE)))

    def ended(self: Lake, folder: str) -> None:
        raise ConnectionError(f"the machine is gone before {folder} is removed")

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "remove_folder", ended)
        with pytest.raises(ConnectionError):
            steps.commit(judged)
    before = contents(local_lake)
    assert local_lake.list_files("work", "") != []
    assert steps.commit(judged)["vintage"] == 1
    assert contents(local_lake) == before
    assert local_lake.list_files("work", "") == []


def test_two_runs_that_commit_one_load_at_once_make_one_record(lake: Lake, take: Any, reply: Reply) -> None:
    judged = until_judged(take(reply(LARGE)))
    start = threading.Barrier(2)

    def run(_: int) -> dict[str, Any]:
        start.wait()
        return steps.commit(judged)

    with ThreadPoolExecutor(2) as runs:
        first, second = runs.map(run, range(2))
    assert first == second
    assert [record.vintage_number for record in ledger.records_of(lake, KEY)] == [1]


def test_a_run_that_meets_another_one_s_record_looks_again(
    local_lake: Lake, take: Any, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = until_judged(take(reply(LARGE)))
    append = ledger.append
    other: list[dict[str, Any]] = []

    def after_the_other(lake: Lake, record: ledger.LoadRecord) -> bool:
        monkeypatch.setattr(ledger, "append", append)
        other.append(steps.commit(judged))
        return append(lake, record)

    monkeypatch.setattr(ledger, "append", after_the_other)
    assert [steps.commit(judged)] == other
    assert len(ledger.records_of(local_lake, KEY)) == 1


def test_a_run_whose_working_folder_another_run_has_cleared_looks_again(
    local_lake: Lake, take: Any, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = until_judged(take(reply(LARGE)))
    record_of = steps._record
    other: list[dict[str, Any]] = []

    def after_the_other(*arguments: Any) -> ledger.LoadRecord:
        monkeypatch.setattr(steps, "_record", record_of)
        other.append(steps.commit(judged))
        return record_of(*arguments)

    monkeypatch.setattr(steps, "_record", after_the_other)
    assert [steps.commit(judged)] == other
    assert len(ledger.records_of(local_lake, KEY)) == 1


def test_a_working_folder_that_is_lost_before_the_commit_is_an_error(
    local_lake: Lake, take: Any, reply: Reply, contents: Contents
) -> None:
    judged = until_judged(take(reply(LARGE)))
    local_lake.remove_folder(f"work/{judged['load_id']}")
    with pytest.raises(FileNotFoundError):
        steps.commit(judged)
    assert ledger.records_of(local_lake, KEY) == []


def test_earlier_bytes_never_follow_later_ones_into_the_ledger(local_lake: Lake, take: Any, reply: Reply) -> None:
    early = take(reply(LARGE))
    early_judged = until_judged(early)
    late = take(reply(REVISED))
    assert steps.commit(until_judged(late))["vintage"] == 1
    assert steps.land(early)["is_new"] is False
    with pytest.raises(LoadStopped, match="bytes that arrived later than these have been committed"):
        steps.commit(early_judged)
    assert [record.accepted_rows for record in ledger.records_of(local_lake, KEY)] == [3]
