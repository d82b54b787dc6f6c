"""A load that is killed at any moment and run again ends in the lake of an undisturbed run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trade_exposure.landing import arrive, ledger, steps
from trade_exposure.landing.lake import open_lake

FEED = "customs_country_trade"
JANUARY = date(2026, 1, 1)

# Files of a local lake appear by a link: the process dies before or after the link of the given number.
AT_A_LINK = """
from pathlib import Path
from datetime import date
from trade_exposure.landing import arrive, steps
from trade_exposure.landing.lake import Lake
step, number, moment, given = json.loads(sys.argv[1])
link, calls = os.link, []
def counted(*names):
    calls.append(names)
    if len(calls) == number and moment == "before":
        die()
    link(*names)
    if len(calls) == number and moment == "after":
        die()
os.link = counted
"""
IN_THE_CLEAN_UP = """
def half(self, folder):
    next(Path(self._full(folder)).iterdir()).unlink()
    die()
if moment == "clean-up":
    Lake.remove_folder = half
"""
TAKE = (
    'arrive.take_file("customs_country_trade", date(2026, 1, 1), "all", Path(given), known_at=None, is_synthetic=True)'
)
STEP = "getattr(steps, step)(given)"


@dataclass(frozen=True)
class Undisturbed:
    """What each step of an undisturbed run handed on, and the lake that it ended in."""

    reply: Path
    handed_on: dict[str, Any]
    contents: dict[str, str]


def run(reply: Path) -> dict[str, Any]:
    taken = arrive.take_file(FEED, JANUARY, "all", reply, known_at=None, is_synthetic=True)
    landed = steps.land(taken)
    if not landed["is_new"]:
        return {}
    parsed = steps.parse(landed)
    judged = steps.judge(parsed)
    return {"parse": landed, "judge": parsed, "commit": judged, "told": steps.commit(judged)}


@pytest.fixture(scope="module")
def reply(tmp_path_factory: pytest.TempPathFactory, spoilt_month: Callable[[str], bytes]) -> Path:
    """A month with one bad row, so that the quarantine is written too."""
    file = tmp_path_factory.mktemp("reply") / "reply.xml"
    file.write_bytes(spoilt_month("2026-01"))
    return file


@pytest.fixture(scope="module")
def undisturbed(
    move_to: Any, tmp_path_factory: pytest.TempPathFactory, reply: Path, contents: Callable[[], dict[str, str]]
) -> Undisturbed:
    with pytest.MonkeyPatch.context() as patch:
        move_to(tmp_path_factory.mktemp("undisturbed"), patch)
        handed_on, found = run(reply), contents()
    kinds = {re.sub(r"^(\w+)/.*(\.\w+)$", r"\1\2", path) for path in found}
    assert kinds == {
        "raw.zst", "raw.json", "ledger.validation", "ledger.json", "accepted.parquet", "quarantine.parquet"
    }  # fmt: skip
    return Undisturbed(reply, handed_on, found)


def test_landing_killed_at_any_moment_is_made_up_for(
    undisturbed: Undisturbed, at: Any, tmp_path: Path, killed: Any, contents: Callable[[], dict[str, str]]
) -> None:
    for number, moment, left in ((1, "before", 0), (1, "after", 1), (2, "before", 1), (2, "after", 2)):
        at(tmp_path / f"{number}-{moment}")
        killed(AT_A_LINK + TAKE, json.dumps(["take_file", number, moment, str(undisturbed.reply)]))
        assert len(contents()) == left
        assert contents().items() <= undisturbed.contents.items()
        assert ledger.all_records(open_lake()) == []
    for number, moment in ((1, "after"), (2, "after")):
        at(tmp_path / f"{number}-{moment}")
        assert run(undisturbed.reply) == undisturbed.handed_on
        assert contents() == undisturbed.contents


def test_a_load_killed_in_the_middle_of_parsing_and_of_judging_is_made_up_for(
    undisturbed: Undisturbed, at: Any, tmp_path: Path, killed: Any, contents: Callable[[], dict[str, str]]
) -> None:
    at(tmp_path / "home")
    landed = steps.land(arrive.take_file(FEED, JANUARY, "all", undisturbed.reply, known_at=None, is_synthetic=True))
    before = contents()
    killed(AT_A_LINK + STEP, json.dumps(["parse", 2, "before", landed]))
    assert contents() == before
    parsed = steps.parse(landed)
    killed(AT_A_LINK + STEP, json.dumps(["judge", 2, "before", parsed]))
    assert contents() == before
    judged = steps.judge(parsed)
    assert judged == undisturbed.handed_on["commit"]
    assert steps.commit(judged) == undisturbed.handed_on["told"]
    assert contents() == undisturbed.contents


def test_a_commit_killed_at_any_moment_is_made_up_for(
    undisturbed: Undisturbed, at: Any, tmp_path: Path, killed: Any, contents: Callable[[], dict[str, str]]
) -> None:
    moments = {
        (1, "before"): 2,
        (2, "after"): 4,
        (3, "after"): 5,
        (4, "before"): 5,
        (4, "after"): 6,
        (0, "clean-up"): 6,
    }
    for (number, moment), left in moments.items():
        at(tmp_path / f"{number}-{moment}")
        taken = arrive.take_file(FEED, JANUARY, "all", undisturbed.reply, known_at=None, is_synthetic=True)
        judged = steps.judge(steps.parse(steps.land(taken)))
        killed(AT_A_LINK + IN_THE_CLEAN_UP + STEP, json.dumps(["commit", number, moment, judged]))
        assert len(contents()) == left
        assert len(ledger.all_records(open_lake())) == (left == 6)
        assert contents().items() <= undisturbed.contents.items()
        assert open_lake().list_files("work", "") != []
        assert steps.commit(judged) == undisturbed.handed_on["told"]
        assert contents() == undisturbed.contents
        assert open_lake().list_files("work", "") == []
        assert run(undisturbed.reply) == {}


def test_the_comparison_would_notice_a_load_that_went_in_twice(
    undisturbed: Undisturbed, at: Any, tmp_path: Path, contents: Callable[[], dict[str, str]]
) -> None:
    at(tmp_path / "home")
    run(undisturbed.reply)
    (record,) = ledger.all_records(open_lake())
    twice = record.model_copy(update={"sequence": 2, "vintage_number": 2})
    assert ledger.append(open_lake(), twice)
    assert contents() != undisturbed.contents
