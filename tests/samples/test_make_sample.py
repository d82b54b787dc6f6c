"""The sample is the same bytes wherever it is made, is made once, and never overwrites what is none."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from trade_exposure.errors import BadInput
from trade_exposure.samples import DEFAULT_SEED, SAMPLE_AS_OF, make_sample, sample_as_of
from trade_exposure.samples.generator.calendar import SEOUL

MANIFEST_SHA256 = "b4b3dd54d8d89a977fec10355906d41ec3209536a629a907b000057f339c7e0e"
EARLY = datetime(2025, 3, 10, 12, tzinfo=SEOUL)


def files(folder: Path) -> dict[str, str]:
    told = json.loads((folder / "manifest.json").read_bytes())["files"]
    return {name: file["sha256"] for name, file in told.items()}


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shorter sample, of another seed, made under another hash seed, time zone and locale."""
    folder = tmp_path_factory.mktemp("early") / "sample"
    code = (
        "from datetime import datetime; from pathlib import Path; import sys\n"
        "from trade_exposure.samples import make_sample\n"
        "make_sample(Path(sys.argv[1]), seed=int(sys.argv[2]), as_of=datetime.fromisoformat(sys.argv[3]))"
    )
    surroundings = os.environ | {"PYTHONHASHSEED": "12345", "TZ": "America/New_York", "LC_ALL": "C", "LANG": "C"}
    command = [sys.executable, "-c", code, str(folder), str(DEFAULT_SEED), EARLY.isoformat()]
    subprocess.run(command, env=surroundings, check=True, timeout=300)
    return folder


def test_the_default_sample_has_the_pinned_bytes(sample: Path) -> None:
    assert hashlib.sha256((sample / "manifest.json").read_bytes()).hexdigest() == MANIFEST_SHA256
    for name, sha256 in files(sample).items():
        assert hashlib.sha256((sample / name).read_bytes()).hexdigest() == sha256
    lying = {path.relative_to(sample).as_posix() for path in sample.rglob("*") if path.is_file()}
    assert lying - files(sample).keys() == {"manifest.json", ".made_by"}


def test_the_manifest_says_what_the_sample_is(sample: Path) -> None:
    told = json.loads((sample / "manifest.json").read_bytes())
    assert (told["seed"], told["as_of"], told["is_synthetic"]) == (DEFAULT_SEED, "2026-11-16T07:00:00+09:00", True)
    assert sample_as_of() == SAMPLE_AS_OF
    assert "Made up" in (sample / "README.md").read_text(encoding="utf-8")


def test_history_is_the_same_whenever_it_is_told_and_in_whatever_surroundings(sample: Path, early: Path) -> None:
    now, then = files(sample), files(early)
    shared = [
        "replies/customs/getNationtradeList_202412_all.xml",
        "replies/customs/getNitemtradeList_2024.csv",
        "replies/fx/exim_AP01_2024.csv",
        "drops/insurance_underwriting_event/underwriting_2024.csv",
        "drops/center_contract_event/contracts_AITC01_2023.jsonl",
    ]
    assert {name: then[name] for name in shared} == {name: now[name] for name in shared}
    assert "replies/customs/getNationtradeList_202501_all.xml" in then
    assert "replies/customs/getNationtradeList_202502_all.xml" not in then  # not yet published on 10 March
    assert "drops/insurance_underwriting_event/underwriting_202501.csv" in then
    assert "drops/center_contract_event/contracts_AITC01_20250307.jsonl" in then


def test_another_seed_gives_other_bytes(early: Path, tmp_path: Path) -> None:
    other = files(make_sample(tmp_path / "sample", seed=7, as_of=EARLY))
    same = files(early)
    assert len(other.keys() & same.keys()) > 100
    alike = {name for name in other if other[name] == same.get(name)}
    assert {Path(name).name.split("_")[0] for name in alike} == {"README.md", "SYNTHETIC", "hs", "ceiling"}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Makes a sample of one file instead of all; one entry for every time."""
    times: list[int] = []

    def make(folder: Path, seeds: Path, seed: int, as_of: datetime) -> None:
        times.append(seed)
        time.sleep(0.05)
        (folder / "file").write_text(f"{seed} {as_of}", encoding="utf-8")

    monkeypatch.setattr(sys.modules["trade_exposure.samples.sample"], "_make", make)
    return times


def test_a_finished_folder_is_used_again(made: list[int], tmp_path: Path) -> None:
    folder = make_sample(tmp_path / "sample")
    stamp = (folder / "file").stat().st_mtime_ns
    assert make_sample(folder) == folder
    assert made == [DEFAULT_SEED]
    assert (folder / "file").stat().st_mtime_ns == stamp


def test_a_sample_of_another_seed_instant_or_code_and_a_damaged_one_are_replaced(
    made: list[int], tmp_path: Path
) -> None:
    folder = make_sample(tmp_path / "sample")
    make_sample(folder, seed=2)
    make_sample(folder, seed=2, as_of=EARLY)
    (folder / ".made_by").write_text("other code", encoding="utf-8")
    make_sample(folder, seed=2, as_of=EARLY)
    (folder / "file").write_text("cut", encoding="utf-8")
    make_sample(folder, seed=2, as_of=EARLY)
    (folder / "file").unlink()
    make_sample(folder, seed=2, as_of=EARLY)
    assert made == [DEFAULT_SEED, 2, 2, 2, 2, 2]
    assert (folder / "file").read_text(encoding="utf-8").startswith("2 2025-03-10")
    assert {path.name for path in tmp_path.iterdir()} == {"sample", ".sample.lock"}


def test_of_several_that_ask_at_once_one_makes_it(made: list[int], tmp_path: Path) -> None:
    asking = [threading.Thread(target=make_sample, args=(tmp_path / "sample",)) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert made == [DEFAULT_SEED]


def test_a_folder_with_other_files_is_left_alone(made: list[int], tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(BadInput, match="holds files that are no sample"):
        make_sample(tmp_path)
    assert (tmp_path / "mine.csv").exists()
    assert made == []


def test_an_attempt_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(sys.modules["trade_exposure.samples.sample"], "_make", fail)
    with pytest.raises(OSError, match="no space"):
        make_sample(tmp_path / "sample")
    assert {path.name for path in tmp_path.iterdir()} == {".sample.lock"}


@pytest.mark.parametrize(
    "as_of",
    [datetime(2025, 1, 15, tzinfo=SEOUL), datetime(2027, 1, 1, tzinfo=SEOUL), datetime(2026, 5, 1)],  # noqa: DTZ001
)
def test_an_instant_outside_the_figures_or_without_zone_is_refused(as_of: datetime, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="A sample cannot stand for"):
        make_sample(tmp_path / "sample", as_of=as_of)
