"""The lake keeps its promises on a disk, in memory and on S3."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from trade_exposure.errors import ConfigurationError
from trade_exposure.landing.lake import Lake, open_lake

KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from trade_exposure.landing.lake import Lake
os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Lake(sys.argv[1], Path(sys.argv[1]) / "copies").create("ledger/feed/000001.json", b"{}")
"""


def test_a_created_file_is_read_back(lake: Lake) -> None:
    assert not lake.exists("raw/a/1.json")
    assert lake.create("raw/a/1.json", b"one")
    assert lake.exists("raw/a/1.json")
    assert lake.read("raw/a/1.json") == b"one"


def test_a_taken_name_is_never_replaced(lake: Lake) -> None:
    assert lake.create("ledger/1.json", b"first")
    assert not lake.create("ledger/1.json", b"second")
    assert lake.read("ledger/1.json") == b"first"


def test_of_many_creators_of_one_name_exactly_one_wins(lake: Lake) -> None:
    bodies = [f"writer {number}".encode() * 1000 for number in range(12)]
    with ThreadPoolExecutor(12) as writers:
        won = list(writers.map(lambda body: lake.create("ledger/contested.json", body), bodies))
    assert won.count(True) == 1
    assert lake.read("ledger/contested.json") == bodies[won.index(True)]


def test_many_small_files_are_read_at_once(lake: Lake) -> None:
    for number in range(3):
        lake.create(f"ledger/{number}.json", str(number).encode())
    assert lake.read_all([]) == {}
    assert lake.read_all(["ledger/2.json"]) == {"ledger/2.json": b"2"}
    assert lake.read_all(["ledger/2.json", "ledger/0.json"]) == {"ledger/2.json": b"2", "ledger/0.json": b"0"}


def test_files_are_listed_by_folder_and_suffix_in_order(lake: Lake) -> None:
    for path in ("ledger/b/2.json", "ledger/b/1.json", "ledger/a/1.json", "ledger/a/1.validation", "raw/a/1.json"):
        lake.create(path, b"")
    assert lake.list_files("ledger", ".json") == ["ledger/a/1.json", "ledger/b/1.json", "ledger/b/2.json"]
    assert lake.list_files("ledger/b", ".json") == ["ledger/b/1.json", "ledger/b/2.json"]
    assert lake.list_files("quarantine", ".json") == []


def test_what_another_process_created_is_listed(lake: Lake) -> None:
    assert lake.list_files("ledger", ".json") == []
    open_lake().create("ledger/1.json", b"")
    assert lake.list_files("ledger", ".json") == ["ledger/1.json"]


def test_a_stored_file_is_named_by_its_content_and_storing_it_again_changes_nothing(lake: Lake, tmp_path: Path) -> None:
    source = tmp_path / "rows.parquet"
    source.write_bytes(b"rows")
    path = lake.put(source, "accepted/feed", "load")
    assert path.startswith("accepted/feed/load-")
    assert path.endswith(".parquet")
    assert lake.put(source, "accepted/feed", "load") == path
    source.write_bytes(b"other rows")
    other = lake.put(source, "accepted/feed", "load")
    assert other != path
    assert lake.list_files("accepted", "") == sorted([path, other])
    assert lake.read(path) == b"rows"


def test_storing_a_file_again_leaves_the_first_one_where_it_is(local_lake: Lake, tmp_path: Path) -> None:
    source = tmp_path / "rows.parquet"
    source.write_bytes(b"rows")
    before = local_lake.local(local_lake.put(source, "accepted", "load")).stat()
    after = local_lake.local(local_lake.put(source, "accepted", "load")).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_file_has_a_local_path_wherever_the_lake_is(lake: Lake, home: Path) -> None:
    lake.create("accepted/a.parquet", b"rows")
    local = lake.local("accepted/a.parquet")
    assert local.read_bytes() == b"rows"
    assert local.is_relative_to(home / ("lake" if lake.is_local else "warehouse/lake_copies"))


def test_a_remote_file_is_copied_once(lake: Lake) -> None:
    lake.create("accepted/a.parquet", b"rows")
    first = lake.local("accepted/a.parquet").stat().st_ino
    assert lake.local("accepted/a.parquet").stat().st_ino == first


def test_a_failed_copy_leaves_nothing_behind(lake: Lake, home: Path) -> None:
    if lake.is_local:
        assert not lake.local("accepted/missing.parquet").exists()
        return
    with pytest.raises(FileNotFoundError):
        lake.local("accepted/missing.parquet")
    assert [path for path in (home / "warehouse").rglob("*") if path.is_file()] == []


def test_a_working_folder_is_removed_with_its_local_copies(lake: Lake) -> None:
    lake.create("work/load/rows.parquet", b"rows")
    lake.create("work/other/rows.parquet", b"rows")
    copy = lake.local("work/load/rows.parquet")
    lake.remove_folder("work/load")
    lake.remove_folder("work/load")
    assert not copy.exists()
    assert lake.list_files("work", "") == ["work/other/rows.parquet"]


@pytest.mark.parametrize("folder", ["raw/feed", "work", "work/", "", "workshop/a", "work/../raw", "/work/a"])
def test_nothing_but_a_working_folder_can_be_removed(lake: Lake, folder: str) -> None:
    lake.create("raw/feed/1.json", b"kept")
    with pytest.raises(ValueError, match="only working folders may be removed"):
        lake.remove_folder(folder)
    assert lake.read("raw/feed/1.json") == b"kept"


def test_the_leftover_of_a_killed_writer_is_not_listed_and_not_in_the_way(home: Path) -> None:
    root = home / "lake"
    killed = subprocess.run([sys.executable, "-c", KILLED_WHILE_WRITING, str(root)], check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert [path.name.endswith(".unfinished") for path in root.rglob("*") if path.is_file()] == [True]
    lake = Lake(str(root), home / "copies")
    assert lake.list_files("ledger", "") == []
    assert lake.list_files("ledger", ".json") == []
    assert lake.create("ledger/feed/000001.json", b"{}")
    assert lake.list_files("ledger", "") == ["ledger/feed/000001.json"]


def test_a_writer_that_fails_leaves_nothing_behind(
    local_lake: Lake, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        local_lake.create("ledger/1.json", b"{}")
    assert [path for path in (home / "lake").rglob("*") if path.is_file()] == []


def test_an_unknown_kind_of_lake_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^EXPOSURE_LAKE names nowhere://.*name another lake\.$"):
        Lake("nowhere://bucket/lake", tmp_path)


def test_a_kind_of_lake_without_its_driver_is_refused_in_one_sentence(tmp_path: Path) -> None:
    fsspec.register_implementation("madeup", "no_such_driver.Store", clobber=True, errtxt="Install no-such-driver")
    with pytest.raises(ConfigurationError, match=r"^EXPOSURE_LAKE names madeup://.*Install no-such-driver.*`s3`"):
        Lake("madeup://bucket/lake", tmp_path)
