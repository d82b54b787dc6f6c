"""A build or publication that is killed leaves the last publication whole, and a rerun ends where it would have ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trade_exposure.errors import ExposureError
from trade_exposure.publishing import publication
from trade_exposure.warehouse import local

MOMENTS = {
    "in the middle of the Parquet files": """
        seen = []
        whole = publication.file_sha256
        publication.file_sha256 = lambda path: die() if len(seen) == 3 else seen.append(path) or whole(path)""",
    "before the database joins the version": "os.link = die",
    "before the version has its name": "publication._flush = die",
    "before the swap": "publication._swap = die",
    "in the middle of the swap": "pathlib.Path.replace = die",
    "after the swap": "publication._link_stable_names = die",
    "before the reports": "stages.reports = die",
}
PUBLISH = """
import pathlib
from trade_exposure.publishing import publication
from trade_exposure.warehouse import local, stages
exec(sys.argv[1])
local.publish()
"""
BUILD = """
import logging, pathlib, subprocess
from trade_exposure.warehouse import local
start = subprocess.Popen
def told(*arguments, **named):
    process = start(*arguments, **named)
    pathlib.Path(sys.argv[1]).write_text(str(process.pid))
    return process
subprocess.Popen = told
class AtTheFirstFact(logging.Handler):
    def emit(self, record):
        if "fct_trade_month" in record.getMessage():
            die()
logging.getLogger("trade_exposure").addHandler(AtTheFirstFact())
logging.getLogger("trade_exposure").setLevel(logging.INFO)
local.build(full_refresh=False)
"""


def is_alive(pid: int) -> bool:
    """Whether the process still runs; one that ended and was not yet fetched by its parent does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_publication_killed_at_any_moment_is_made_up_for(
    story: Any, at: Any, tmp_path: Path, killed: Any, published_hashes: Callable[[], dict[str, str]], moment: str
) -> None:
    at(story.copy(story.waiting, tmp_path / "home"))
    killed(PUBLISH, "\n".join(line.strip() for line in MOMENTS[moment].splitlines()))
    swapped = moment in ("after the swap", "before the reports")
    assert published_hashes() == (story.later if swapped else story.earlier)
    local.publish()
    assert published_hashes() == story.later
    assert not (tmp_path / "home" / "warehouse" / "audited.json").exists()
    assert list((publication.home() / "versions").glob(".unfinished-*")) == []


def test_a_publication_killed_when_all_was_done_has_nothing_left_to_do(
    story: Any, at: Any, tmp_path: Path, killed: Any, published_hashes: Callable[[], dict[str, str]]
) -> None:
    at(story.copy(story.waiting, tmp_path / "home"))
    killed(
        PUBLISH,
        "unlink = pathlib.Path.unlink\n"
        "pathlib.Path.unlink = lambda path, **named: die() if path.name == 'audited.json' else unlink(path, **named)",
    )
    assert published_hashes() == story.later
    with pytest.raises(
        ExposureError, match=r"^No audited candidate waits to be published; run `exposure build` first\.$"
    ):
        local.publish()
    assert published_hashes() == story.later


def test_a_build_killed_while_dbt_works_is_made_up_for_and_its_dbt_ends_too(
    story: Any, at: Any, tmp_path: Path, killed: Any, published_hashes: Callable[[], dict[str, str]]
) -> None:
    home = at(story.copy(story.ingested, tmp_path / "home"))
    killed(BUILD, str(tmp_path / "pid"))
    orphan = int((tmp_path / "pid").read_text())
    assert published_hashes() == story.earlier
    assert not (home / "warehouse" / "audited.json").exists()
    with pytest.raises(ExposureError, match="No audited candidate waits"):
        local.publish()
    given_up = time.monotonic() + 20
    while is_alive(orphan) and time.monotonic() < given_up:
        time.sleep(0.1)
    assert not is_alive(orphan), "nobody listens to this dbt any more, so it must not go on writing"
    local.build(full_refresh=False)
    local.publish()
    assert published_hashes() == story.later


def test_a_note_of_the_audited_candidate_is_whole_or_absent(
    story: Any, at: Any, tmp_path: Path, killed: Any, published_hashes: Callable[[], dict[str, str]]
) -> None:
    home = at(story.copy(story.waiting, tmp_path / "home"))
    note = home / "warehouse" / "audited.json"
    told = json.loads(note.read_text(encoding="utf-8"))
    note.unlink()
    killed(
        "import pathlib\nfrom trade_exposure.warehouse import local, stages\n"
        "told = json.loads(sys.argv[1])\n"
        "stages.candidate = lambda **_: told\nstages.build = stages.audit = lambda given: given\n"
        "pathlib.Path.replace = die\nlocal.build(full_refresh=False)",
        json.dumps(told),
    )
    with pytest.raises(ExposureError, match="No audited candidate waits"):
        local.publish()
    assert published_hashes() == story.earlier


def test_two_writers_at_once_are_refused_in_one_sentence(story: Any, at: Any, tmp_path: Path) -> None:
    at(story.copy(story.waiting, tmp_path / "home"))
    refusal = "Another `exposure build` or `exposure publish` is at work; wait until it has ended"
    with local._only_one():
        with pytest.raises(ExposureError, match=refusal):
            local.publish()
        with pytest.raises(ExposureError, match=refusal):
            local.build(full_refresh=False)
