"""Homes to be disturbed, processes that kill themselves at a chosen moment, and what an undisturbed run ends in."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from trade_exposure.landing import arrive, steps
from trade_exposure.landing.lake import file_sha256, open_lake
from trade_exposure.publishing import publication
from trade_exposure.settings import get_settings
from trade_exposure.warehouse import local
from trade_exposure.warehouse.hashes import content_hash

CLOCK = "2026-11-16T00:00:00+00:00"
FEED = "customs_country_trade"

_MADE: list[Path] = []

PRELUDE = """
import json, os, signal, sys
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="session", autouse=True)
def made(sample: Path) -> None:
    """Makes the sample's replies known to the functions of this module."""
    _MADE.append(sample / "replies")


def use(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Make ``home`` the home of this process and of those that it starts."""
    patch.setenv("EXPOSURE_HOME", str(home))
    patch.setenv("EXPOSURE_CLOCK", CLOCK)
    get_settings.cache_clear()


def spoilt(month: str) -> bytes:
    """A sample month, one row of it spoilt so that it goes to quarantine."""
    body = (_MADE[0] / "customs" / f"getNationtradeList_{month.replace('-', '')}_all.xml").read_bytes()
    head, row, tail = body.rpartition(b"<item>")
    return head + row + tail.replace(b"<impCnt>", b"<impCnt>-", 1)


def ingest(month: str, folder: Path) -> None:
    """Every step of one spoilt sample month."""
    file = folder / f"{month}.xml"
    file.write_bytes(spoilt(month))
    taken = arrive.take_file(FEED, date.fromisoformat(f"{month}-01"), "all", file, known_at=None, is_synthetic=True)
    steps.commit(steps.judge(steps.parse(steps.land(taken))))


def ingest_rates(year: str, folder: Path) -> None:
    """Every step of the dollar's rates of one sample year."""
    told = json.loads((_MADE[0] / "fx" / "ecos_731Y001_0000001.json").read_text(encoding="utf-8"))["StatisticSearch"]
    days = [row for row in told["row"] if row["TIME"].startswith(year)]
    file = folder / f"{year}.json"
    file.write_text(json.dumps({"StatisticSearch": {"list_total_count": len(days), "row": days}}), encoding="utf-8")
    taken = arrive.take_file("fx_daily_rate", date(int(year), 1, 1), "USD", file, known_at=None, is_synthetic=True)
    steps.commit(steps.judge(steps.parse(steps.land(taken))))


def lake_contents() -> dict[str, str]:
    """Path to SHA-256 of every file of the lake apart from ``work/``."""
    lake = open_lake()
    paths = [path for path in lake.list_files("", "") if not path.startswith("work/")]
    return {path: hashlib.sha256(lake.read(path)).hexdigest() for path in paths}


def table_hashes() -> dict[str, str]:
    """Content hash of every published table, after a look that the publication is whole."""
    published = publication.current()
    assert published is not None
    tables = published.manifest["tables"]
    assert tables
    assert file_sha256(publication.home() / "exposure.duckdb") == published.manifest["database_sha256"]
    with duckdb.connect(str(publication.home() / "exposure.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, told in tables.items():
            assert file_sha256(published.folder / told["parquet"]) == told["parquet_sha256"]
            assert content_hash(connection, *name.split(".")) == (told["rows"], told["content_hash"])
    return {name: told["content_hash"] for name, told in tables.items()}


@pytest.fixture
def killed() -> Callable[..., None]:
    """Runs a script in a process of its own that must end by SIGKILL; ``die`` is the deed."""

    def run(script: str, *arguments: str) -> None:
        ended = subprocess.run(
            [sys.executable, "-c", PRELUDE + script, *arguments],
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr

    return run


@dataclass(frozen=True)
class Story:
    """A home whose publication holds one month, with a second month in the lake; ``waiting`` has its audited candidate too."""

    ingested: Path
    waiting: Path
    earlier: dict[str, str]
    later: dict[str, str]

    def copy(self, home: Path, target: Path) -> Path:
        """A home free to be disturbed."""
        shutil.copytree(home, target, symlinks=True)
        note = target / "warehouse" / "audited.json"
        if note.exists():
            told = json.loads(note.read_text(encoding="utf-8"))
            told["database"] = str(target / Path(told["database"]).relative_to(home))
            note.write_text(json.dumps(told), encoding="utf-8")
        return target


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """What an undisturbed run makes of two months, one after the other."""
    folder = tmp_path_factory.mktemp("story").resolve()
    with pytest.MonkeyPatch.context() as patch:
        use(folder / "home", patch)
        ingest("2025-12", folder)
        ingest_rates("2025", folder)
        local.build(full_refresh=False)
        local.publish()
        earlier = table_hashes()
        ingest("2026-01", folder)
        told = Story(shutil.copytree(folder / "home", folder / "ingested", symlinks=True), folder / "home", earlier, {})
        local.build(full_refresh=False)
        use(told.copy(folder / "home", folder / "undisturbed"), patch)
        local.publish()
        later = table_hashes()
        assert later.keys() == earlier.keys()
        assert later != earlier
        yield Story(told.ingested, told.waiting, earlier, later)
    get_settings.cache_clear()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Makes a folder the home for the rest of the test."""

    def moved(home: Path) -> Path:
        use(home, monkeypatch)
        return home

    yield moved
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def contents() -> Callable[[], dict[str, str]]:
    """Tells what the lake of this process's home holds."""
    return lake_contents


@pytest.fixture
def published_hashes() -> Callable[[], dict[str, str]]:
    """Tells what the publication of this process's home holds."""
    return table_hashes


@pytest.fixture(scope="session")
def move_to() -> Callable[[Path, pytest.MonkeyPatch], None]:
    """Makes a folder the home for as long as a patch lasts."""
    return use


@pytest.fixture(scope="session")
def spoilt_month() -> Callable[[str], bytes]:
    """Makes a reply with one row that goes to quarantine."""
    return spoilt
