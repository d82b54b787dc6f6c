"""Dropped files to typed rows: layouts, encodings, row numbers, sidecars, several files in one load."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from support.tabular import DEALS, column, contract, parsed, part

from trade_exposure.errors import ConfigurationError, LayoutRefused
from trade_exposure.feeds import tokens_csv

HEADER = "event_id,country,amount,signed\n"
KOREAN_HEADER = "이벤트번호,국가,금액,계약일\n"
FIRST = {
    "source_row": 1, "event_id": "E1", "country_iso2": "NA", "amount": Decimal("1234.50"), "signed_on": date(2026, 5, 2),
}  # fmt: skip


@pytest.mark.parametrize("header", [HEADER, KOREAN_HEADER])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_english_and_korean_headings_in_every_encoding_give_the_same_rows(
    tmp_path: Path, header: str, encoding: str, line_end: str
) -> None:
    text = f'{header}E1,NA,"1,234.50",2026-05-02\n가나,KR,,\n'.replace("\n", line_end)
    found = parsed(contract(tmp_path), tmp_path / "out", part("deals_202605.csv", text.encode(encoding)))
    empty = {"source_row": 2, "event_id": "가나", "country_iso2": "KR", "amount": None, "signed_on": None}
    assert (found.rows, found.rejects) == ([FIRST, empty], [])
    assert found.files.announced_rows == 2
    assert found.files.announced_totals == {"amount": Decimal("1234.50")}


def test_a_layout_with_other_columns_in_another_order_needs_only_its_contract(tmp_path: Path) -> None:
    columns = (
        column("deal_id", "VARCHAR", "Deal No.", required=True),
        column(
            "country_iso2", "VARCHAR", "Risk Country", lookup="country_name_en", valueMap={"Multiple - Countries": ""}
        ),
        column(
            "country_attribution",
            "VARCHAR",
            "Risk Country",
            valueMap={"Multiple - Countries": "MULTI"},
            valueDefault="KNOWN",
        ),
        column("amount_eur", "DECIMAL(20,2)", "Sum Insured (TEUR)", numberStyle="european", scale=1000),
        column("starts_on", "DATE", "Start", format="dd.MM.yyyy|yyyyMMdd"),
        column("is_cancelled", "BOOLEAN", "Status", valueMap={"A": False, "X": True}),
        column("known_at", "TIMESTAMP WITH TIME ZONE", "As at"),
        column("currency", "VARCHAR", logic="'EUR'"),
        column("guarantor_iso2", "VARCHAR", logic="null"),
    )
    ours = contract(
        tmp_path, *columns, measures=("amount_eur",), delimiter=";", neverRead=["Buyer"], encodings=["cp1252"]
    )
    text = (
        "Start;Sum Insured (TEUR);Buyer;Risk Country;Deal No.;As at;Status\n"
        "01.02.2026;1.234,5;Müller;Viet Nam;D-1;2026-05-01T09:30:00+09:00;A\n"
        "20260203;-0,001;Müller;Multiple - Countries;D-2;2026-05-01 00:30Z;X\n"
    )
    found = parsed(ours, tmp_path / "out", part("deals_202605.csv", text.encode("cp1252")))
    assert found.rejects == []
    shared = {"currency": "EUR", "guarantor_iso2": None, "known_at": datetime(2026, 5, 1, 0, 30, tzinfo=UTC)}
    assert found.rows == [
        {
            "source_row": 1, "deal_id": "D-1", "country_iso2": "VN", "country_attribution": "KNOWN",
            "amount_eur": Decimal("1234500.00"), "starts_on": date(2026, 2, 1), "is_cancelled": False, **shared,
        },
        {
            "source_row": 2, "deal_id": "D-2", "country_iso2": None, "country_attribution": "MULTI",
            "amount_eur": Decimal("-1.00"), "starts_on": date(2026, 2, 3), "is_cancelled": True, **shared,
        },
    ]  # fmt: skip


def test_json_lines_and_csv_of_the_same_events_give_the_same_rows(tmp_path: Path) -> None:
    ours = contract(tmp_path)
    text = '{"event_id": "E1", "country": "NA", "amount": 1234.50, "signed": "2026-05-02"}\n\n{"국가": "KR", "이벤트번호": "가나"}\n'
    lines = parsed(ours, tmp_path / "jsonl", part("deals_202605.jsonl", text.encode()))
    csv = f'{HEADER}E1,NA,"1,234.50",2026-05-02\n가나,KR,,\n'
    assert lines.rows == parsed(ours, tmp_path / "csv", part("deals_202605.csv", csv.encode())).rows
    assert len(lines.rows) == lines.files.announced_rows == 2


def test_a_number_in_json_stays_the_text_that_it_is(tmp_path: Path) -> None:
    ours = contract(tmp_path, *DEALS[:2], column("amount", "DECIMAL(38,6)"))
    exact = "12345678901234567890123456789012.000001"
    text = (
        f'{{"event_id": "E1", "country": "KR", "amount": {exact}}}\n{{"event_id": 2, "country": "KR", "amount": 1e3}}\n'
    )
    found = parsed(ours, tmp_path / "out", part("deals_202605.jsonl", text.encode()))
    assert [row["amount"] for row in found.rows] == [Decimal(exact)]
    assert found.files.announced_totals == {"amount": Decimal(exact)}
    assert found.rejects[0]["reason"] == "Row 2: amount is '1e3', which is no DECIMAL(38,6)."


def test_row_numbers_count_records_and_not_lines(tmp_path: Path) -> None:
    text = f'{HEADER}"E\n1",KR,1,\n\nE2,KR\nE3,KR,3,\n\n\nE4,KR,4,,,\nE5,KR,5,\n'
    found = parsed(contract(tmp_path), tmp_path / "out", part("deals_202605.csv", text.encode()))
    assert [(row["source_row"], row["event_id"]) for row in found.rows] == [(1, "E\n1"), (3, "E3"), (5, "E5")]
    assert [reject["source_row"] for reject in found.rejects] == [2, 4]
    assert found.files.announced_rows == 5


def test_row_numbers_hold_across_the_blocks_of_a_large_file(tmp_path: Path) -> None:
    lines = [f"E{number},KR,{number}.00," if number % 1000 else f"E{number}" for number in range(1, 150_001)]
    found = parsed(
        contract(tmp_path), tmp_path / "out", part("deals_202605.csv", (HEADER + "\n".join(lines)).encode() + b"\n")
    )
    assert [row["source_row"] for row in found.rejects] == list(range(1000, 150_001, 1000))
    assert all(row["event_id"] == f"E{row['source_row']}" for row in found.rows)
    assert len(found.rows) == 149_850
    assert found.files.announced_rows == 150_000


def test_broken_rows_without_end_are_refused_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "E1,KR,1,\n" + "E1,KR\n" * 60_000
    many = parsed(contract(tmp_path), tmp_path / "many", part("deals_202605.csv", (HEADER + lines * 3).encode()))
    assert (len(many.rows), len(many.rejects)) == (3, 180_000)
    monkeypatch.setattr(tokens_csv, "_MOST_BROKEN_TOGETHER", 1000)
    with pytest.raises(LayoutRefused) as refused:
        parsed(contract(tmp_path), tmp_path / "out", part("deals_202605.csv", (HEADER + "E1,KR\n" * 1001).encode()))
    assert str(refused.value) == (
        "deals_202605.csv: 1000 rows before row 1001 have not as many fields as the header; save the file with the "
        "contract's delimiter and drop it again."
    )


def test_several_files_are_one_load_in_their_order(tmp_path: Path) -> None:
    parts = (
        part("deals_202604.csv", f"{HEADER}E1,KR,1,\nE2,KR,2,\n".encode()),
        part("deals_202605.csv", f"{KOREAN_HEADER}E3,KR,x,\n가나,US,4,\n".encode("cp949")),
        part("deals_202606.jsonl", b'{"event_id": "E5", "country": "KR", "amount": "5"}\n'),
    )
    found = parsed(contract(tmp_path), tmp_path / "out", *parts)
    assert [(row["source_row"], row["event_id"]) for row in found.rows] == [
        (1, "E1"),
        (2, "E2"),
        (4, "가나"),
        (5, "E5"),
    ]
    assert [reject["reason"][:6] for reject in found.rejects] == ["Row 3:"]
    assert found.files.part_of_row == ((1, "deals_202604.csv"), (3, "deals_202605.csv"), (5, "deals_202606.jsonl"))
    assert found.files.announced_rows == 5


def test_a_sidecar_announces_rows_and_sums_in_the_unit_of_the_file(tmp_path: Path) -> None:
    columns = (DEALS[0], column("amount", "DECIMAL(24,0)", numberStyle="grouped", scale=100000000))
    control = {"rows": 7, "sums": {"amount": "12.5"}, "sha256": "not looked at here"}
    body = b'event_id,amount\nE1,"1,234.56"\n'
    found = parsed(contract(tmp_path, *columns), tmp_path / "out", part("deals_202605.csv", body, control))
    assert found.rows[0]["amount"] == Decimal(123456000000)
    assert found.files.announced_rows == 7
    assert found.files.announced_totals == {"amount": Decimal(1250000000)}


@pytest.mark.parametrize(
    ("control", "sentence"),
    [
        ({"rows": "two"}, "The sidecar of deals_202605.csv announces 'two' rows; write a whole number at rows."),
        ({"rows": -1}, "The sidecar of deals_202605.csv announces -1 rows; write a whole number at rows."),
        (
            {"sums": {"amount": 12.5}},
            "The sidecar of deals_202605.csv gives 12.5 as the sum of amount; write a decimal number in quotation marks.",
        ),
        (
            {"sums": {"amount": "much"}},
            "The sidecar of deals_202605.csv gives 'much' as the sum of amount; write a decimal number in quotation marks.",
        ),
        (
            {"sums": {"profit": "1"}},
            "The sidecar of deals_202605.csv sums 'profit', which is no measure; the measures are amount.",
        ),
        ({"sums": []}, "The sidecar of deals_202605.csv needs an object at sums; write the measures and their sums."),
    ],
)
def test_a_sidecar_that_cannot_be_used_is_refused(tmp_path: Path, control: dict[str, object], sentence: str) -> None:
    with pytest.raises(LayoutRefused) as refused:
        parsed(contract(tmp_path), tmp_path / "out", part("deals_202605.csv", f"{HEADER}E1,KR,1,\n".encode(), control))
    assert str(refused.value) == sentence


def test_a_file_without_rows_is_taken_when_its_sidecar_says_so(tmp_path: Path) -> None:
    for name, body in (("deals_202605.csv", HEADER.encode()), ("deals_202605.jsonl", b"")):
        found = parsed(contract(tmp_path), tmp_path / "out", part(name, body, {"rows": 0}))
        assert (found.rows, found.rejects, found.files.announced_rows) == ([], [], 0)
        assert found.files.announced_totals == {"amount": Decimal(0)}


def test_a_row_of_another_slice_is_a_reject(tmp_path: Path) -> None:
    columns = (
        DEALS[0],
        column("center_code", "VARCHAR", "센터코드", lookup="center"),
        column("amount", "DECIMAL(20,2)"),
    )
    ours = contract(tmp_path, *columns, slices=[{"name": "AITC01"}, {"name": "AITC02"}])
    body = "event_id,센터코드,amount\nE1,AITC01,1\nE2,AITC02,2\n".encode()
    found = parsed(ours, tmp_path / "out", part("deals_202605.csv", body), slice_="AITC01")
    assert [row["event_id"] for row in found.rows] == ["E1"]
    (reject,) = found.rejects
    assert (reject["rule"], reject["amounts"]) == ("row_of_another_slice", {"amount": Decimal(2)})
    assert reject["reason"] == "Row 2: 센터코드 is AITC02, but the file is of AITC01."


def test_private_texts_are_hashed_and_names_are_never_read(tmp_path: Path) -> None:
    columns = (
        DEALS[0],
        column("company_id", "VARCHAR", "company", privacy="keyed_hash"),
        column("amount", "DECIMAL(20,2)"),
    )
    ours = contract(tmp_path, *columns, private=True, neverRead=["name"])
    csv = b"event_id,company,name,amount\nE1,  SECRET-1 ,SECRET-2,1\nE2,SECRET-1,SECRET-2,x\nE3,SECRET-1,SECRET-2\nE4,=SECRET-1,,4\n"
    jsonl = (
        b'{"event_id": "E1", "company": "SECRET-1", "name": "SECRET-2", "amount": "1"}\n'
        b'{"event_id": "E2", "company": ["SECRET-1"], "name": "SECRET-2", "amount": "1"}\n'
        b'{"event_id": "E3", "company": "SECRET-1", "company": "SECRET-3", "amount": "1"}\n'
        b'{"event_id": "E4", "company": "SECRET-1", "name": SECRET-2}\n'
    )
    for name, body in (("deals_202605.csv", csv), ("deals_202605.jsonl", jsonl)):
        found = parsed(ours, tmp_path / name, part(name, body))
        assert [row["source_row"] for row in found.rows] == [1]
        assert [reject["source_row"] for reject in found.rejects] == [2, 3, 4]
        assert found.rows[0]["company_id"].startswith("h:")
        told = json.dumps([found.rows, found.rejects], default=str)
        assert "SECRET" not in told
        for path in (found.files.rows, found.files.rejects):
            assert b"SECRET" not in path.read_bytes()
    assert found.rows[0]["company_id"] == parsed(ours, tmp_path / "again", part("d.csv", csv)).rows[0]["company_id"]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    lines = "".join(f"E{number},{'KR' if number % 7 else 'XX'},{number},2026-05-02\n" for number in range(120_000))
    contents = []
    for attempt in range(2):
        found = parsed(contract(tmp_path), tmp_path / str(attempt), part("deals_202605.csv", (HEADER + lines).encode()))
        assert len(found.rejects) == 17_143
        contents.append([path.read_bytes() for path in (found.files.rows, found.files.rejects)])
    assert contents[0] == contents[1]


def test_a_column_without_source_needs_sql_that_works(tmp_path: Path) -> None:
    columns = (*DEALS, column("currency", "VARCHAR", logic="the insurer's own currency"))
    with pytest.raises(ConfigurationError, match="cannot be typed"):
        parsed(contract(tmp_path, *columns), tmp_path / "out", part("deals_202605.csv", f"{HEADER}E1,KR,1,\n".encode()))
