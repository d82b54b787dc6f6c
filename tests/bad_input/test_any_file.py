"""Whatever the bytes of a dropped file are: it is refused by one sentence of ours, or each of its rows is somewhere."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from bad_input.files import CEILING, CENTRE, ceiling, centre, json_lines, rows_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trade_exposure.errors import LayoutRefused, ReplyUnreadable
from trade_exposure.feeds import tabular
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.registry import contracts

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
ROW = '2026,{},"3,100,000",2026-01-02,1,2026-01-02T09:00:00+09:00\n'
GOOD_CSV = ceiling(*(ROW.format(group) for group in ("TOTAL", "ST", "총 한도")))
GOOD_JSON = json_lines(*(centre(number) for number in range(3)))
FILES = {"csv": (CEILING, GOOD_CSV), "jsonl": (CENTRE, GOOD_JSON)}
PERIODS = {CEILING: (date(2026, 1, 1), "all"), CENTRE: (date(2026, 10, 20), "AITC01")}


def outcome(body: bytes, kind: str) -> list[dict[str, Any]] | str:
    """The typed rows of a file, all others being rejects; or the sentence by which it is refused, which names it."""
    found = read(body, kind)
    assert not isinstance(found, str) or (f"file.{kind}" in found and found.endswith("."))
    return found


def read(body: bytes, kind: str) -> list[dict[str, Any]] | str:
    feed_id, _ = FILES[kind]
    part = Part(f"file.{kind}", hashlib.sha256(body).hexdigest(), len(body), lambda: io.BytesIO(body))
    with tempfile.TemporaryDirectory() as out:
        try:
            parsed = tabular.parse(contracts()[feed_id], [part], *PERIODS[feed_id], Path(out))
        except (LayoutRefused, ReplyUnreadable) as refused:
            return str(refused)
        rows, rejects = (pq.read_table(path).to_pylist() for path in (parsed.rows, parsed.rejects))
    numbers = sorted(row["source_row"] for row in (*rows, *rejects))
    assert numbers == list(range(1, rows_in(body, kind) + 1))
    assert parsed.announced_rows == len(numbers)
    assert all(row["rule"] and row["reason"].startswith(f"Row {row['source_row']}: ") for row in rejects)
    return rows


def spoiled(body: bytes, spoils: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The bytes with pieces of them replaced: (place, length, bytes instead)."""
    for place, length, instead in spoils:
        place %= len(body) + 1
        body = body[:place] + instead + body[place + length :]
    return body


PIECES = st.binary(max_size=8) | st.sampled_from(
    (
        b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\0", b"\n\n", b" \n", b'"\n"', b"\\", b"{", b"}", b"[", b"=", b"'", b"\xff",
        "한".encode(), "한".encode("cp949"), b"\\u0000", b"\\ud800", b"1e999", b"-", b"null", b"true", b"NaN", b"\xe3\x80\x80",
    )
)  # fmt: skip
SPOILS = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 30), PIECES), min_size=1, max_size=5)


@pytest.mark.parametrize("kind", FILES)
def test_the_sound_file_gives_all_its_rows(kind: str) -> None:
    rows = outcome(FILES[kind][1], kind)
    assert len(rows) == 3


@pytest.mark.parametrize("kind", FILES)
@SOME
@given(body=st.binary(max_size=600) | st.lists(PIECES, max_size=60).map(b"".join))
def test_any_bytes_are_refused_or_counted(kind: str, body: bytes) -> None:
    outcome(body, kind)


@pytest.mark.parametrize("kind", FILES)
@SOME
@given(tail=st.binary(max_size=300) | st.lists(PIECES, max_size=40).map(b"".join))
def test_any_bytes_behind_a_sound_beginning_are_refused_or_counted(kind: str, tail: bytes) -> None:
    good = FILES[kind][1]
    outcome(good[: good.index(b"\n") + 1] + tail, kind)


@pytest.mark.parametrize("kind", FILES)
@SOME
@given(spoils=SPOILS)
def test_any_damage_to_a_sound_file_is_refused_or_counted(kind: str, spoils: list[tuple[int, int, bytes]]) -> None:
    outcome(spoiled(FILES[kind][1], spoils), kind)


@pytest.mark.parametrize("kind", FILES)
@SOME
@given(place=st.integers(1, 1200))
def test_a_cut_file_never_gives_a_row_that_the_whole_one_does_not_have(kind: str, place: int) -> None:
    body = FILES[kind][1]
    whole, cut = outcome(body, kind), outcome(body[: place % len(body)], kind)
    assert isinstance(cut, str) or all(row in whole for row in cut)
