"""Readers in processes of their own, while one publication follows another."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from trade_exposure.publishing import publication
from trade_exposure.publishing.publication import Publication

Publish = Callable[..., Publication]

# Looks again and again, through the one link, and tells every pair that does not fit; ends when its input ends.
FOLLOWER = """
import json, os, select, sys
import duckdb
home, looks, seen, wrong = sys.argv[1], 0, set(), []
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    folder = os.path.realpath(f"{home}/current")
    with open(f"{folder}/manifest.json", encoding="utf-8") as file:
        tables = json.load(file)["tables"]
    told = {name: table["rows"] for name, table in tables.items()}
    with duckdb.connect(f"{folder}/exposure.duckdb", read_only=True) as base:
        rows = {name: base.execute(f"select count(*) from {name}").fetchall()[0][0] for name in told}
        parts = ["core.fct_trade_month", "marts.mart_market_exports", f"'{folder}/parquet/core.fct_trade_month.parquet'"]
        generations = {base.execute(f"select max(generation) from {part}").fetchall()[0][0] for part in parts}
    duckdb.connect(f"{home}/exposure.duckdb", read_only=True).close()
    json.load(open(f"{home}/manifest.json", encoding="utf-8"))
    if rows != told or generations != {told["core.fct_trade_month"] - 1}:
        wrong.append([folder, rows, told, sorted(generations)])
    looks += 1
    seen.add(os.path.basename(folder))
print(json.dumps({"looks": looks, "seen": sorted(seen), "wrong": wrong[:3]}), flush=True)
"""

# Opens the publication once and keeps it open; answers with its generation whenever it is asked.
HOLDER = """
import sys
import duckdb
with duckdb.connect(f"{sys.argv[1]}/exposure.duckdb", read_only=True) as base:
    print("ready", flush=True)
    for _ in sys.stdin:
        print(base.execute("select count(*), max(generation) from core.fct_trade_month").fetchall()[0], flush=True)
"""


@contextmanager
def reader(script: str) -> Iterator[subprocess.Popen[str]]:
    """A reader at work."""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(publication.home())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> dict[str, object]:
    told, _ = process.communicate("", timeout=60)
    return dict(json.loads(told))


def test_a_reader_meets_only_whole_publications_during_fifty_swaps(publish: Publish) -> None:
    publish(0)
    with reader(FOLLOWER) as follower:
        for generation in range(1, 51):
            publish(generation)
        told = ended(follower)
    assert told["wrong"] == []
    assert isinstance(told["seen"], list)
    assert len(told["seen"]) > 5, "the reader looked while publications followed each other"


def test_the_reader_would_notice_a_manifest_of_another_publication(publish: Publish) -> None:
    first, second = publish(1), publish(2)
    shutil.copyfile(first.folder / "manifest.json", second.folder / "manifest.json")
    with reader(FOLLOWER) as follower:
        with pytest.raises(subprocess.TimeoutExpired):
            follower.wait(timeout=2)
        told = ended(follower)
    assert told["wrong"]


def test_an_open_reader_keeps_its_data_while_the_next_version_is_published(publish: Publish) -> None:
    publish(1)

    def asked(holder: subprocess.Popen[str]) -> str:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write("\n")
        holder.stdin.flush()
        return holder.stdout.readline().strip()

    with reader(HOLDER) as early:
        assert asked(early) == "(2, 1)"
        publish(2)
        with reader(HOLDER) as late:
            assert asked(late) == "(3, 2)"
            assert asked(early) == "(2, 1)"
            publish(3)
            assert asked(late) == "(3, 2)"
        shutil.rmtree(Path(publication.home().parent / "candidate"))
        assert asked(early) == "(2, 1)"
