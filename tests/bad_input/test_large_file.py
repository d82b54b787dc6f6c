"""A file far larger than memory may be used for it: two million rows within 1 GB, from bytes to the judged Parquet files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
from bad_input.files import csv_of, underwriting

ROWS, BAD_ROWS = 2_000_000, 20
LIMIT = 10**9
PROGRAM = Path(__file__).with_name("large_file.py")


def write(path: Path) -> None:
    """One sound row again and again: numbers of its own for event and policy, some thousand parties and obligors.

    Every hundred-thousandth row has an unknown currency.
    """
    header, row = csv_of(underwriting(1)).decode().splitlines()
    numbers = {"E-1,": "i", "P-77-1,": "i", "C-88-1,": "i % 5000", "B-99-1,": "i % 20000"}
    text = "'" + row.replace("'", "''") + "'"
    for known, number in numbers.items():
        assert text.count(f"{known}") == 1
        text = text.replace(known, f"{known[:-2]}' || ({number}) || ',")
    text = text.replace(",KRW,", ",' || case when i % 100000 = 0 then 'XBT' else 'KRW' end || ',")
    with duckdb.connect(config={"memory_limit": "500MB", "threads": 2}) as connection:
        connection.execute(
            f"copy (select {text} as line from range(1, {ROWS + 1}) as numbers(i)) to '{path}.body' "
            "(format csv, header false, quote '', escape '', delimiter '\x1f')"
        )
    with path.open("wb") as whole, Path(f"{path}.body").open("rb") as body:
        whole.write(f"{header}\n".encode())
        while block := body.read(1 << 22):
            whole.write(block)
    Path(f"{path}.body").unlink()


def test_two_million_rows_are_parsed_and_judged_within_one_gigabyte(tmp_path: Path) -> None:
    file = tmp_path / "underwriting_202610.csv"
    try:
        write(file)
        assert file.stat().st_size > 400_000_000
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), str(file), str(tmp_path)], capture_output=True, text=True, timeout=500
        )
    finally:
        file.unlink(missing_ok=True)
        for left in tmp_path.glob("*.parquet"):
            left.unlink()
    assert ended.returncode == 0, ended.stderr[-2000:]
    told = json.loads(ended.stdout)
    print(told)  # noqa: T201 - shown where the test fails, or with -s
    assert (told["stopped"], told["reasons"]) == (False, [])
    assert (told["source_rows"], told["quarantined_rows"]) == (ROWS, BAD_ROWS)
    assert told["accepted_rows"] == ROWS - BAD_ROWS
    assert told["insured_amount"] == f"{190_000_000 * ROWS}.00"
    assert 100_000_000 < told["peak"] < LIMIT
