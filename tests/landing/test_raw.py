"""The raw archive keeps every arrival, once and byte for byte."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from trade_exposure.errors import BadInput, ExposureError
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import Arrival, LoadKey, archive, arrivals, parts_of

KEY = LoadKey(feed_id="customs_country_trade", period=date(2026, 1, 1), slice="all")
EVERY_BYTE = bytes(range(256)) * 20


def keep(lake: Lake, body: bytes, *, day: int = 16, **changed: Any) -> Arrival:
    about: dict[str, Any] = {
        "media_type": "application/xml",
        "origin": "reply.xml",
        "arrival": "file",
        "known_at": datetime(2026, 2, day, tzinfo=UTC),
        "is_synthetic": True,
    }
    return archive(lake, KEY, body, **{**about, **changed})


def read_bytes(lake: Lake, arrival: Arrival) -> bytes:
    (part,) = parts_of(lake, arrival)
    return part.read()


def test_bytes_come_back_byte_for_byte(lake: Lake) -> None:
    kept = keep(lake, EVERY_BYTE)
    assert read_bytes(lake, kept) == EVERY_BYTE
    assert (kept.sequence, kept.size) == (1, len(EVERY_BYTE))
    assert lake.exists(f"raw/customs_country_trade/2026-01/all/{kept.sha256}.zst")


def test_the_same_bytes_again_are_nothing_new(lake: Lake) -> None:
    first = keep(lake, b"same")
    files = lake.list_files("raw", "")
    assert keep(lake, b"same", day=17, origin="another.xml") == first
    assert lake.list_files("raw", "") == files


def test_other_bytes_are_a_revision_beside_the_old_ones(lake: Lake) -> None:
    old, new = keep(lake, b"old"), keep(lake, b"new", day=17)
    assert [known.sequence for known in arrivals(lake, KEY)] == [1, 2]
    assert [read_bytes(lake, known) for known in arrivals(lake, KEY)] == [b"old", b"new"]
    assert old.known_at < new.known_at


def test_going_back_to_earlier_bytes_is_an_arrival_of_its_own(lake: Lake) -> None:
    for day, body in ((16, b"A"), (17, b"B"), (18, b"A")):
        keep(lake, body, day=day)
    found = arrivals(lake, KEY)
    assert [(known.sequence, known.known_at.day) for known in found] == [(1, 16), (2, 17), (3, 18)]
    assert [read_bytes(lake, known) for known in found] == [b"A", b"B", b"A"]
    assert len(lake.list_files("raw", ".zst")) == 2


def test_the_same_bytes_from_a_real_source_are_not_the_made_up_ones(lake: Lake) -> None:
    assert keep(lake, b"same").sequence == 1
    assert keep(lake, b"same", is_synthetic=False).sequence == 2


def test_arrivals_of_other_slices_and_months_are_not_mixed_in(lake: Lake) -> None:
    keep(lake, b"all")
    assert arrivals(lake, KEY.model_copy(update={"slice": "al"})) == []
    assert arrivals(lake, KEY.model_copy(update={"period": date(2026, 2, 1)})) == []


def test_landing_that_was_killed_between_bytes_and_manifest_goes_on(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = lake.create
    monkeypatch.setattr(lake, "create", lambda path, data: path.endswith(".json") or undisturbed(path, data))
    keep(lake, b"bytes")  # the manifest never appears
    monkeypatch.undo()
    assert arrivals(lake, KEY) == []
    assert keep(lake, b"bytes").sequence == 1
    assert [read_bytes(lake, known) for known in arrivals(lake, KEY)] == [b"bytes"]


def test_runs_that_land_at_once_lose_no_bytes_and_land_none_twice(lake: Lake) -> None:
    bodies = [b"A", b"B", b"A", b"B", b"A", b"B"]
    with ThreadPoolExecutor(len(bodies)) as runs:
        landed = list(runs.map(lambda body: keep(lake, body), bodies))
    found = arrivals(lake, KEY)
    assert [read_bytes(lake, arrival) for arrival in landed] == bodies
    assert [known.sequence for known in found] == list(range(1, len(found) + 1))
    assert all(earlier.sha256 != later.sha256 for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda packed: packed[:-30], id="cut"),
        pytest.param(lambda packed: packed[:9] + bytes([packed[9] ^ 1]) + packed[10:], id="a flipped bit"),
        pytest.param(lambda packed: b"", id="emptied"),
        pytest.param(lambda packed: b"not zstandard", id="overwritten"),
    ],
)
def test_a_damaged_archive_is_noticed(local_lake: Lake, damage: Any) -> None:
    kept = keep(local_lake, EVERY_BYTE)
    file = local_lake.local(kept.bytes_path())
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ExposureError, match=rf"{kept.sha256}\.zst no longer has .*restore it from a backup"):
        read_bytes(local_lake, kept)


def test_archived_bytes_swapped_for_others_are_noticed(local_lake: Lake) -> None:
    one, other = keep(local_lake, b"one"), keep(local_lake, b"two")
    local_lake.local(one.bytes_path()).write_bytes(local_lake.read(other.bytes_path()))
    with pytest.raises(ExposureError, match="no longer has the content its name tells"):
        read_bytes(local_lake, one)


def test_archived_bytes_that_are_gone_are_noticed(local_lake: Lake) -> None:
    kept = keep(local_lake, b"bytes")
    Path(local_lake.local(kept.bytes_path())).unlink()
    with pytest.raises(ExposureError, match="restore it from a backup"):
        read_bytes(local_lake, kept)


def test_later_bytes_cannot_have_been_known_before_earlier_ones(lake: Lake) -> None:
    keep(lake, b"first", day=17)
    with pytest.raises(BadInput, match="give a later instant"):
        keep(lake, b"second", day=16)
    assert len(arrivals(lake, KEY)) == 1
