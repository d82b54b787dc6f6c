"""The first look at a file: its count is that of another reader, and does not hang on where blocks end."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tabular import column, contract, parsed, part

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds import text_encoding, tokens_survey
from trade_exposure.feeds.text_encoding import Utf8Stream, WrongEncoding
from trade_exposure.feeds.tokens_survey import CsvCounter, LineCounter, survey
from trade_exposure.feeds.typing_values import BLANKS

MANY = settings(max_examples=500, deadline=None)
_CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ['"', ",", "\n", "\r\n", '""', "a,b", "줄\n바꿈"]
)


def counted(pieces: list[bytes]) -> Any:
    """Records and header of a CSV file that comes in pieces, or the sentence by which it is refused."""
    counter = CsvCounter(part("d.csv", b""), ",")
    try:
        for piece in pieces:
            counter.feed(piece)
        counter.finish()
    except LayoutRefused as refusal:
        return str(refusal)
    return counter.records, counter.header


@MANY
@given(
    body=st.text(alphabet='ab,"\n\r', min_size=1, max_size=40).map(str.encode),
    cuts=st.lists(st.integers(1, 39), max_size=6),
)
def test_the_count_does_not_hang_on_where_blocks_end(body: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted({cut for cut in cuts if cut < len(body)}), len(body)]
    whole, parted = counted([body]), counted([body[a:b] for a, b in itertools.pairwise(edges)])
    # Of two faults the one in the earlier block is told.
    assert parted == whole or (isinstance(parted, str) and isinstance(whole, str))


@MANY
@given(table=st.lists(st.lists(_CELLS, min_size=2, max_size=3), min_size=1, max_size=8))
def test_the_count_is_that_of_another_reader(table: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    records, header = counted([text.getvalue().encode()])
    read = [row for row in csv.reader(io.StringIO(text.getvalue(), newline="")) if row]
    assert records == len(read)
    assert next(csv.reader(io.StringIO(header.decode(), newline=""))) == read[0]


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=8), line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_cell_is_what_another_reader_reads(table: list[tuple[str, str]], line_end: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *table])
    columns = [column("a", "VARCHAR", pattern="(?s).*"), column("b", "VARCHAR", pattern="(?s).*")]
    with tempfile.TemporaryDirectory() as folder:
        ours = contract(
            Path(folder), *columns, column("amount", "DECIMAL(9,2)", "a", valueMap={"x": "0"}, valueDefault="0")
        )
        found = parsed(ours, Path(folder) / "out", part("d.csv", text.getvalue().encode()))
        raws = pq.read_table(found.files.rows, columns=["source_row", "a", "b"]).to_pylist()
    read = list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1:]
    kept = {row["source_row"]: (row["a"], row["b"]) for row in raws}
    assert found.files.announced_rows == len(read) == len(raws) + len(found.rejects)
    for number, cells in kept.items():
        expected = [cell.strip(BLANKS) or None for cell in read[number - 1]]
        assert list(cells) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@MANY
@given(text=st.text(alphabet="a가\ufeff힣\U0001f600", max_size=30), size=st.integers(1, 7), block=st.integers(1, 9))
def test_a_stream_gives_the_same_bytes_in_blocks_of_any_size(text: str, size: int, block: int, encoding: str) -> None:
    blocks = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_encoding, "BLOCK", block)
        with Utf8Stream(part("d.csv", text.encode()), encoding) as stream:
            while read := stream.read(size):
                blocks.append(read)
    assert b"".join(blocks) == text.encode().removeprefix(b"\xef\xbb\xbf")
    assert all(len(read) == size for read in blocks[:-1])


@MANY
@given(text=st.text(alphabet="a가힣,\n", max_size=30), block=st.integers(1, 9))
def test_cp949_becomes_utf8_whatever_the_blocks(text: str, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_encoding, "BLOCK", block)
        with Utf8Stream(part("d.csv", text.encode("cp949")), "cp949") as stream:
            assert stream.read(1000) == text.encode()


@pytest.mark.parametrize(
    ("body", "line"), [(b"a\nb\n\xff", 3), (b"\xff", 1), ("가".encode()[:2], 1), (b"a\n\xea\xb0", 2)]
)
def test_bytes_of_another_encoding_are_told_by_their_line(body: bytes, line: int) -> None:
    with Utf8Stream(part("d.csv", body), "utf-8") as stream, pytest.raises(WrongEncoding) as wrong:
        stream.read()
    assert wrong.value.line == line


def test_a_stream_is_closed_when_it_was_read_and_when_it_was_not() -> None:
    opened: list[io.BytesIO] = []

    def open_() -> io.BytesIO:
        opened.append(io.BytesIO(b"a\n\xff"))
        return opened[-1]

    file = part("d.jsonl", b"")
    with pytest.raises(LayoutRefused):
        survey(type(file)(file.name, file.sha256, 3, open_), ("utf-8", "ascii"), LineCounter)
    assert len(opened) == 3
    assert all(stream.closed for stream in opened)


@pytest.mark.parametrize(
    ("records", "refused"),
    [([10, 20, 999], None), ([10, 1001], 1), ([1001], 0), ([10, 600, 600, 1500], 3)],
)
def test_a_record_longer_than_a_block_is_refused(
    monkeypatch: pytest.MonkeyPatch, records: list[int], refused: int | None
) -> None:
    monkeypatch.setattr(tokens_survey, "BLOCK", 1000)
    body = b"".join(b"x" * (length - 1) + b"\n" for length in records)
    for size in (7, 1000):
        found = counted([body[start : start + size] for start in range(0, len(body), size)])
        if refused is None:
            assert found[0] == len(records)
        else:
            where = f"row {refused}" if refused else "the header"
            assert found == f"d.csv: {where} is longer than 1 MiB; no row of this feed is, so the file is damaged."


def test_lines_are_counted_without_the_blank_ones() -> None:
    counter = LineCounter(part("d.jsonl", b""))
    for piece in (b"{}\n\n  \r\n{", b"}\n{}"):
        counter.feed(piece)
    counter.finish()
    assert counter.records == 3
