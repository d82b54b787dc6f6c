"""The tokenisers under a fuzzer that is led by coverage, and the proof that it would notice a defect."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from bad_input.files import ceiling, json_lines

PROGRAM = Path(__file__).with_name("fuzz_tokens.py")
ROW = '2026,"총 한도","3,100,000",,1,2026-01-02T09:00:00+09:00\n'
BEGINNINGS = {
    "csv": b"\x00" + ceiling(ROW, "2026,\n", ROW),
    "cut": b"\x00" + ceiling(ROW, ROW[:4]),
    "marked": b"\x00\xef\xbb\xbf" + ceiling(ROW).replace(b"\n", b"\r\n"),
    "korean": b"\x01" + ceiling(ROW).decode().encode("cp949"),
    "jsonl": b"\x80" + json_lines({"event_id": "1", "record_version": 1}, {"event_id": [{}]}, b"NaN", {}),
    "json_korean": b"\x81" + '{"이벤트번호": "한글"}\n'.encode("cp949"),
}

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed; it has no wheel for Python 3.13"
)


def fuzz(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    seeds = folder / "seeds"
    seeds.mkdir()
    for name, body in BEGINNINGS.items():
        (seeds / name).write_bytes(body)
    command = [sys.executable, str(PROGRAM), *options, "-seed=1", "-max_len=400", f"-artifact_prefix={folder}/"]
    return subprocess.run([*command, str(seeds)], capture_output=True, text=True, timeout=300)


def test_no_bytes_break_a_tokeniser_and_no_row_is_lost(tmp_path: Path) -> None:
    ended = fuzz(tmp_path, "-runs=10000", "-max_total_time=15")
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    runs = [line for line in ended.stderr.splitlines() if line.startswith("Done ")]
    assert runs, ended.stderr[-2000:]
    assert int(runs[0].split()[1]) > 500


def test_the_fuzzer_notices_a_planted_defect(tmp_path: Path) -> None:
    ended = fuzz(tmp_path, "--planted", "-runs=4000", "-max_total_time=20")
    assert ended.returncode != 0
    assert "the planted defect" in ended.stdout + ended.stderr
    assert list(tmp_path.glob("crash-*"))
