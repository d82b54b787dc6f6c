"""The typing engine: each rule with its sentence, worked-out columns, checks, and what is kept of a rejected row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.tabular import column, contract

from trade_exposure.errors import ConfigurationError, ExposureError
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.typing_engine import Check, Typed, type_rows

KEY = column("key", "VARCHAR", required=True)
AMOUNT = column("amount", "DECIMAL(20,2)")


def batches(*rows: dict[str, Any], start: int = 1) -> pa.RecordBatchReader:
    """Rows of source texts, one batch each, so that nothing can hang on the size of a batch."""
    names = list(dict.fromkeys(name for row in rows for name in row if name != "source_row"))
    schema = pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in names)])
    numbered = [{"source_row": number, **row} for number, row in enumerate(rows, start=start)]
    return pa.RecordBatchReader.from_batches(schema, [pa.RecordBatch.from_pylist([row], schema) for row in numbered])


@pytest.fixture
def typed(tmp_path: Path) -> Callable[..., tuple[list[dict[str, Any]], list[dict[str, Any]], Typed]]:
    def run(ours: FeedContract, *rows: dict[str, Any], **settings: Any) -> Any:
        found = type_rows(ours, batches(*rows), tmp_path / "out", **settings)
        rejects = pq.read_table(found.rejects).to_pylist()
        return pq.read_table(found.rows).to_pylist(), [{**r, "amounts": dict(r["amounts"])} for r in rejects], found

    return run


RULES: list[tuple[dict[str, Any], str | None, str, str]] = [
    (column("x", "VARCHAR", required=True), "", "missing_value", "x is missing or empty"),
    (column("x", "VARCHAR", required=True), " \u3000\t", "missing_value", "x is missing or empty"),
    (column("x", "VARCHAR", required=True), None, "missing_value", "x is missing or empty"),
    (column("x", "VARCHAR", required=True, nullWords=["-"]), "-", "missing_value", "x is missing or empty"),
    (column("x", "VARCHAR", required=True, valueMap={"none": ""}), "none", "missing_value", "x is missing or empty"),
    (column("x", "BIGINT"), "1.5", "unreadable_number", "x is '1.5', which is no BIGINT"),
    (
        column("x", "DECIMAL(6,2)", numberStyle="grouped"), "1,2", "unreadable_number",
        "x is '1,2', which is no number in the style grouped that fits DECIMAL(6,2)",
    ),
    (
        column("x", "DATE", format="yyyyMM|yyyyMMdd"), "2026-05", "unreadable_date",
        "x is '2026-05', which is no date of the form yyyyMM|yyyyMMdd",
    ),
    (
        column("x", "TIMESTAMP WITH TIME ZONE"), "2026-05-01T09:00:00", "unreadable_date",
        "x is '2026-05-01T09:00:00', which is no instant with an offset, such as 2026-05-01T09:00:00+09:00",
    ),
    (
        column("x", "DATE", format="yyyyMMdd"), "30230501", "implausible_date",
        "x is '30230501', which is not between the years 1900 and 2199",
    ),
    (
        column("x", "TIMESTAMP WITH TIME ZONE"), "1026-05-01T09:00:00Z", "implausible_date",
        "x is '1026-05-01T09:00:00Z', which is not between the years 1900 and 2199",
    ),
    (
        column("x", "DATE", format="yyyyMMdd", maximum="2030-12-31"), "20310101", "out_of_range",
        "x is '20310101', which is above 2030-12-31",
    ),
    (column("x", "DECIMAL(6,2)", minimum=0), "-0.01", "out_of_range", "x is '-0.01', which is below 0"),
    (column("x", "BIGINT", maximum=9), "10", "out_of_range", "x is '10', which is above 9"),
    (
        column("x", "DECIMAL(9,6)", numberStyle="percent", maximum=1), "101%", "out_of_range",
        "x is '101%', which is above 1",
    ),
    (column("x", "VARCHAR", pattern="[A-Z]{2}"), "ABC", "malformed_code", "x is 'ABC', which does not match [A-Z]{2}"),
    (column("x", "VARCHAR", valueMap={"A": "B"}), "C", "unknown_value", "x is 'C', which is no word of the contract"),
    (column("x", "BOOLEAN", valueMap={"Y": True}), "true", "unknown_value", "x is 'true', which is no word of the contract"),
    (column("x", "BOOLEAN"), "yes", "unknown_value", "x is 'yes', which is neither true nor false"),
    (column("x", "VARCHAR", lookup="currency"), "WON", "unknown_currency", "x is 'WON', which is no known currency (currency)"),
    (
        column("x", "VARCHAR", lookup="country_name_ko"), "무릉도원", "unknown_country",
        "x is '무릉도원', which is no known country (country_name_ko)",
    ),
    (column("x", "VARCHAR", lookup="product"), "ABC", "unknown_product", "x is 'ABC', which is no known product (product)"),
    (column("x", "VARCHAR", lookup="center"), "AITC99", "unknown_center", "x is 'AITC99', which is no known center (center)"),
    *(
        (column("x", "VARCHAR"), text, "formula_in_text", f"x is '{text.strip()}', which begins like a spreadsheet formula")
        for text in ("=1+1", "+82", "-cmd", "@SUM", "\t=1", "\r-2", " =1")
    ),
    (
        column("x", "VARCHAR", pattern="[0-9]+"), "=1+1", "formula_in_text",
        "x is '=1+1', which begins like a spreadsheet formula",
    ),
    (column("x", "VARCHAR"), "a\x07b", "unreadable_text", "x is 'a?b', which holds characters that are no text"),
    (column("x", "VARCHAR"), "가\ufffd", "unreadable_text", "x is '가\ufffd', which holds characters that are no text"),
    (column("x", "BIGINT"), "9" * 41, "unreadable_number", f"x is '{'9' * 40}…', which is no BIGINT"),
]  # fmt: skip


@pytest.mark.parametrize(("tested", "text", "rule", "sentence"), RULES, ids=lambda value: str(value)[:20])
def test_a_value_that_breaks_a_rule_is_a_reject_with_a_sentence(
    typed: Any, tmp_path: Path, tested: dict[str, Any], text: str | None, rule: str, sentence: str
) -> None:
    ours = contract(tmp_path, KEY, AMOUNT, tested)
    rows, rejects, found = typed(ours, {"key": "a", "amount": "1.50", "x": text})
    assert rows == []
    (reject,) = rejects
    assert (reject["rule"], reject["reason"]) == (rule, f"Row 1: {sentence}.")
    assert json.loads(reject["raw"]) == {"key": "a", "amount": "1.50"} | ({} if text is None else {"x": text})
    assert reject["amounts"] == {"amount": Decimal("1.50")}
    assert (found.announced_rows, found.totals) == (1, {"amount": Decimal("1.50")})


@pytest.mark.parametrize(
    ("tested", "text", "value"),
    [
        (column("x", "VARCHAR"), " \u3000가 나\u00a0", "가 나"),
        (column("x", "VARCHAR"), "-", "-"),
        (column("x", "VARCHAR", pattern="[+][0-9]+"), "+82", "+82"),
        (column("x", "VARCHAR", nullWords=["-", "N/A"]), "N/A", None),
        (column("x", "VARCHAR"), "NA", "NA"),
        (column("x", "VARCHAR"), "줄\n바꿈", "줄\n바꿈"),
        (column("x", "VARCHAR", valueMap={"신용": "COMMERCIAL"}), " 신용 ", "COMMERCIAL"),
        (column("x", "VARCHAR", valueMap={"A": "B"}, valueDefault="OTHER"), "C", "OTHER"),
        (column("x", "VARCHAR", valueMap={"A": "B"}, valueDefault="OTHER"), "", None),
        (column("x", "VARCHAR", lookup="country_iso2"), "NA", "NA"),
        (column("x", "VARCHAR", lookup="country_name_ko"), "아랍에미리트연합", "AE"),
        (column("x", "VARCHAR", lookup="country_name_en", valueMap={"Multiple - Countries": "", "Korea": "KR"}), "Multiple - Countries", None),
        (column("x", "VARCHAR", lookup="country_name_en", valueMap={"Multiple - Countries": ""}), "viet nam", "VN"),
        (column("x", "BOOLEAN", valueMap={"Y": True, "N": False, "?": ""}), "N", False),
        (column("x", "BOOLEAN", valueMap={"Y": True, "N": False, "?": ""}), "?", None),
        (column("x", "BOOLEAN"), "true", True),
        (column("x", "DATE", format="yyyyMMdd", valueMap={"99991231": ""}, valueDefault="20260102"), "99991231", None),
        (column("x", "DECIMAL(6,2)", minimum=0, maximum=1), "0", Decimal(0)),
        (column("x", "DECIMAL(6,2)", minimum=0, maximum=1), "1.00", Decimal(1)),
        (column("x", "BIGINT"), "     7", 7),
    ],
)  # fmt: skip
def test_a_value_is_what_the_contract_says(
    typed: Any, tmp_path: Path, tested: dict[str, Any], text: str, value: Any
) -> None:
    rows, rejects, _ = typed(contract(tmp_path, KEY, AMOUNT, tested), {"key": "a", "x": text})
    assert rejects == []
    assert [row["x"] for row in rows] == [value]


def test_the_first_problem_of_a_row_counts_in_the_order_of_the_columns(typed: Any, tmp_path: Path) -> None:
    ours = contract(tmp_path, KEY, column("day", "DATE", format="yyyyMMdd"), AMOUNT)
    _, rejects, found = typed(ours, {"key": "", "day": "x", "amount": "x"}, {"key": "a", "day": "x", "amount": "x"})
    assert [reject["rule"] for reject in rejects] == ["missing_value", "unreadable_date"]
    assert [reject["amounts"] for reject in rejects] == [{}, {}]
    assert found.totals == {"amount": Decimal(0)}


def test_a_problem_of_the_tokeniser_comes_first_and_keeps_its_own_raw_text(typed: Any, tmp_path: Path) -> None:
    broken = {
        "problem_rule": "repeated_field",
        "problem_reason": "Row 1: key is given twice.",
        "problem_raw": '{"a":"b"}',
    }
    ours = contract(tmp_path, KEY, AMOUNT)
    rows, rejects, _ = typed(ours, {"key": "", **broken}, {"key": "a", "problem_rule": None})
    assert [row["key"] for row in rows] == ["a"]
    (reject,) = rejects
    assert (reject["rule"], reject["reason"], reject["raw"]) == tuple(broken.values())


def test_worked_out_columns_and_checks_see_the_typed_columns(typed: Any, tmp_path: Path) -> None:
    ours = contract(
        tmp_path, KEY, AMOUNT,
        column("doubled", "DECIMAL(20,2)", logic="sql", required=True), column("currency", "VARCHAR", logic="sql"),
    )  # fmt: skip
    rows, rejects, _ = typed(
        ours,
        {"key": "a", "amount": "1.25"},
        {"key": "b", "amount": "9"},
        {"key": "c"},
        derived={"doubled": "amount * 2", "currency": "'USD'"},
        checks=[Check("amount > 5", "row_of_another_period", "'it is too large: ' || amount")],
    )
    expected = {"key": "a", "amount": Decimal("1.25"), "doubled": Decimal("2.50"), "currency": "USD"}
    assert rows == [{"source_row": 1, **expected}]
    assert [(reject["rule"], reject["reason"]) for reject in rejects] == [
        ("row_of_another_period", "Row 2: it is too large: 9.00."),
        ("missing_value", "Row 3: doubled could not be worked out."),
    ]


def test_row_numbers_can_start_later_in_the_load(tmp_path: Path) -> None:
    ours = contract(tmp_path, KEY, AMOUNT)
    found = type_rows(ours, batches({"key": "a"}, {"key": ""}), tmp_path / "out", first_source_row=101)
    assert pq.read_table(found.rows)["source_row"].to_pylist() == [101]
    assert pq.read_table(found.rejects)["reason"].to_pylist() == ["Row 102: key is missing or empty."]


def test_the_columns_have_the_types_of_the_contract_in_its_order(typed: Any, tmp_path: Path) -> None:
    ours = contract(
        tmp_path, KEY, AMOUNT, column("at", "TIMESTAMP WITH TIME ZONE"), column("day", "DATE", format="yyyy"),
        column("is", "BOOLEAN"), column("n", "BIGINT"),
    )  # fmt: skip
    _, _, found = typed(ours, {"key": "a"})
    schema = pq.read_schema(found.rows)
    assert schema.names == ["source_row", "key", "amount", "at", "day", "is", "n"]
    assert [schema.field(name).type for name in schema.names] == [
        pa.int64(), pa.string(), pa.decimal128(20, 2), pa.timestamp("us", "UTC"), pa.date32(), pa.bool_(), pa.int64(),
    ]  # fmt: skip


def test_a_source_without_any_row_gives_two_empty_files(typed: Any, tmp_path: Path) -> None:
    rows, rejects, found = typed(contract(tmp_path, KEY, AMOUNT))
    assert (rows, rejects, found.announced_rows, found.totals) == ([], [], 0, {"amount": Decimal(0)})


def test_totals_are_exact_where_a_double_would_not_be(typed: Any, tmp_path: Path) -> None:
    texts = ["0.10", "0.20", "99999999999999999.99", "-99999999999999999.98"]
    _, _, found = typed(contract(tmp_path, KEY, AMOUNT), *({"key": "a", "amount": text} for text in texts))
    assert found.totals == {"amount": Decimal("0.31")}


def test_a_tokeniser_that_numbers_rows_backwards_is_found_out(tmp_path: Path) -> None:
    rows = ({"source_row": 2, "key": "a"}, {"source_row": 1, "key": "b"})
    with pytest.raises(ExposureError, match="numbered a row again"):
        type_rows(contract(tmp_path, KEY, AMOUNT), batches(*rows), tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_what_the_tokeniser_raises_comes_through_and_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Any:
        yield next(iter(batches({"key": "a"})))
        raise ValueError("the tokeniser's own")

    reader = pa.RecordBatchReader.from_batches(batches({"key": "a"}).schema, broken())
    with pytest.raises(ValueError, match="the tokeniser's own"):
        type_rows(contract(tmp_path, KEY, AMOUNT), reader, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("columns", "settings", "complaint"),
    [
        ((column("x", "BIGINT", lookup="currency"),), {}, "has a lookup and so must be VARCHAR"),
        (
            (column("x", "VARCHAR", privacy="keyed_hash", valueMap={"a": "b"}),),
            {"private": True},
            "is hashed and so cannot",
        ),
        ((column("x", "VARCHAR", logic="sql"),), {}, "has no source, and its connector does not work it out"),
        ((column("x", "DECIMAL(9,7)"),), {"measures": ("amount", "x")}, "a measure has at most 32 digits before"),
        ((column("x", "DECIMAL(6,2)", minimum="0.001"),), {}, "The bound 0.001 of the column x does not fit"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    typed: Any, tmp_path: Path, columns: tuple[dict[str, Any], ...], settings: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        typed(contract(tmp_path, KEY, AMOUNT, *columns, **settings), {"key": "a", "x": "1"})


def test_many_columns_have_their_blanks_cut_too(typed: Any, tmp_path: Path) -> None:
    many = [column(f"x{number}", "VARCHAR") for number in range(140)]
    text = {f"x{number}": f" {number} " if number % 3 else str(number) for number in range(140)}
    rows, rejects, _ = typed(contract(tmp_path, KEY, AMOUNT, *many), {"key": "a", **text})
    assert rejects == []
    assert [rows[0][f"x{number}"] for number in range(140)] == [str(number) for number in range(140)]


def test_days_of_another_period_are_told_by_the_check(typed: Any, tmp_path: Path) -> None:
    ours = contract(tmp_path, KEY, AMOUNT, column("month", "DATE", format="yyyy.MM"))
    check = Check("month <> date '2026-05-01'", "row_of_another_period", "'it is of ' || strftime(month, '%Y-%m')")
    rows, rejects, _ = typed(ours, {"key": "a", "month": "2026.05"}, {"key": "b", "month": "2026.04"}, checks=[check])
    assert [row["month"] for row in rows] == [date(2026, 5, 1)]
    assert [reject["reason"] for reject in rejects] == ["Row 2: it is of 2026-04."]
