"""Daily exchange rates: bytes to rows, exact division by the quote unit, rejects and control totals."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from trade_exposure.errors import ConfigurationError, KeyRejected, ReplyUnreadable
from trade_exposure.feeds import fx
from trade_exposure.feeds.registry import feed

YEAR = date(2026, 1, 1)


@pytest.fixture
def parse(read):
    return lambda body, slice_="USD": read("fx_daily_rate", body, YEAR, slice_)


def test_a_quote_becomes_one_typed_row(ecos_reply, ecos_row, parse) -> None:
    parsed = parse(ecos_reply(ecos_row(STAT_CODE="731Y001")))
    assert parsed.rows == [
        {
            "source_row": 1,
            "rate_on": date(2026, 5, 12),
            "currency": "USD",
            "quote_units": 1,
            "quoted_krw": Decimal("1401.500000"),
            "krw_per_unit": Decimal("1401.50000000"),
            "item_code": "0000001",
            "item_name_ko": "원/미국달러(매매기준율)",
            "unit_name_ko": "원",
        }
    ]
    assert (parsed.announced_rows, parsed.announced_totals) == (1, {"quoted_krw": Decimal("1401.5")})


def test_the_yen_is_quoted_per_hundred_and_divided_exactly(ecos_reply, ecos_row, parse) -> None:
    body = ecos_reply(ecos_row(ITEM_CODE1="0000002", ITEM_NAME1="원/일본엔(100엔)", DATA_VALUE="934.567891"))
    (row,) = parse(body, "JPY").rows
    assert (row["quote_units"], row["quoted_krw"]) == (100, Decimal("934.567891"))
    assert row["krw_per_unit"] == Decimal("9.34567891")
    assert row["krw_per_unit"] * row["quote_units"] == row["quoted_krw"]


def test_no_data_has_no_rows_and_announces_none(fixture_bytes, parse) -> None:
    parsed = parse(fixture_bytes("ecos_no_data.json"))
    assert (parsed.rows, parsed.rejects, parsed.announced_rows) == ([], [], 0)
    assert parsed.announced_totals == {"quoted_krw": Decimal(0)}


@pytest.mark.parametrize(
    ("changes", "rule", "amount"),
    [
        ({"TIME": "2026-05-12"}, "unreadable_date", "1401.5"),
        ({"TIME": "20261231"}, None, "1401.5"),
        ({"TIME": "20260532"}, "unreadable_date", "1401.5"),
        ({"TIME": "20270101"}, "row_of_another_period", "1401.5"),
        ({"TIME": None}, "missing_value", "1401.5"),
        ({"TIME": ["20260512"]}, "missing_value", "1401.5"),
        ({"ITEM_CODE1": "0000002"}, "row_of_another_slice", "1401.5"),
        ({"ITEM_CODE1": ""}, "missing_value", "1401.5"),
        ({"STAT_CODE": "036Y001"}, "row_of_another_series", "1401.5"),
        ({"DATA_VALUE": "1,401.5"}, "unreadable_number", None),
        ({"DATA_VALUE": "1401.1234567"}, "unreadable_number", None),
        ({"DATA_VALUE": ""}, "missing_value", None),
        ({"DATA_VALUE": None}, "missing_value", None),
        ({"DATA_VALUE": "12345678901.5"}, "out_of_range", "12345678901.5"),
        ({"DATA_VALUE": "1.5e3"}, "unreadable_number", None),
        ({"ITEM_NAME1": None, "UNIT_NAME": ""}, None, "1401.5"),
        ({"ITEM_NAME1": "LONE SURROGATE"}, "unreadable_text", "1401.5"),
    ],
)
def test_a_row_that_cannot_be_typed_is_a_reject_with_rule_reason_and_what_could_be_read(
    changes: dict[str, Any], rule: str | None, amount: str | None, ecos_reply, ecos_row, parse
) -> None:
    parsed = parse(ecos_reply(ecos_row(), ecos_row(**changes)).replace(b"LONE SURROGATE", b"\\ud800"))
    assert [(reject["source_row"], reject["rule"]) for reject in parsed.rejects] == ([(2, rule)] if rule else [])
    assert len(parsed.rows) + len(parsed.rejects) == parsed.announced_rows == 2
    readable = {"quoted_krw": Decimal(amount)} if amount else {}
    assert [dict(reject["amounts"]) for reject in parsed.rejects] == ([readable] if rule else [])
    assert parsed.announced_totals["quoted_krw"] == Decimal("1401.5") + Decimal(amount or 0)


def test_a_number_that_is_no_text_keeps_every_digit(ecos_reply, ecos_row, parse) -> None:
    body = ecos_reply(ecos_row(DATA_VALUE="NUMBER")).replace(b'"NUMBER"', b"1401.100001")
    parsed = parse(body)
    assert parsed.column("quoted_krw") == [Decimal("1401.100001")]
    assert parsed.announced_totals["quoted_krw"] == Decimal("1401.100001")


def test_the_source_counts_its_rows_and_fewer_are_seen_to_be_missing(ecos_reply, ecos_row, parse) -> None:
    parsed = parse(ecos_reply(ecos_row(), announced=22))
    assert (len(parsed.rows), parsed.announced_rows) == (1, 22)


def test_rows_where_none_are_announced_are_no_unpublished_month(ecos_reply, ecos_row, parse) -> None:
    with pytest.raises(ReplyUnreadable, match="announces no rows but holds 1"):
        parse(ecos_reply(ecos_row(), announced="0"))


def test_a_file_saved_with_a_byte_order_mark_and_line_ends_is_read(ecos_reply, ecos_row, parse) -> None:
    body = ecos_reply(ecos_row()).replace(b", ", b",\r\n  ").replace(b'": ', b'" : ')
    parsed = parse(b"\xef\xbb\xbf" + body)
    assert (len(parsed.rows), parsed.announced_rows, parsed.announced_totals["quoted_krw"]) == (
        1,
        1,
        Decimal("1401.5"),
    )


def test_an_error_reply_saved_as_a_file_is_recognised_as_an_error(fixture_bytes, parse) -> None:
    with pytest.raises(KeyRejected):
        parse(fixture_bytes("ecos_invalid_key.json"))


def test_a_reply_cut_off_at_any_place_is_unreadable(ecos_reply, ecos_row, parse) -> None:
    body = ecos_reply(ecos_row(), ecos_row(TIME="20260513"))
    for length in range(0, len(body) - 1, 7):
        with pytest.raises(ReplyUnreadable):
            parse(body[:length])


def test_a_quote_unit_that_cannot_be_divided_exactly_is_refused_by_name(
    ecos_reply, ecos_row, part_of, tmp_path
) -> None:
    contract = feed("fx_daily_rate").contract
    odd = dataclasses.replace(contract, slice_options={"USD": {"itemCode": "0000001", "quoteUnits": "3"}})
    with pytest.raises(ConfigurationError, match="quoteUnits '3' for the slice USD"):
        fx.parse(odd, [part_of("reply", ecos_reply(ecos_row()))], YEAR, "USD", tmp_path)


def test_the_yuan_is_a_slice_of_its_own_item(ecos_reply, ecos_row, parse) -> None:
    body = ecos_reply(ecos_row(ITEM_CODE1="0000053", ITEM_NAME1="원/위안(매매기준율)", DATA_VALUE="205.31"))
    assert [(row["currency"], row["krw_per_unit"]) for row in parse(body, "CNY").rows] == [("CNY", Decimal("205.31"))]
    assert [reject["rule"] for reject in parse(body, "USD").rejects] == ["row_of_another_slice"]


def test_a_year_of_days_is_one_request(canned, connect, ecos_reply, ecos_row) -> None:
    canned.body = ecos_reply(ecos_row())
    connect("ecos_default", conn_type="ecos", host=canned.url, password="abc")
    feed("fx_daily_rate").fetch(date(2024, 1, 1), "CNY", datetime(2026, 11, 16, tzinfo=UTC))
    assert canned.lines == ["GET /api/StatisticSearch/abc/json/kr/1/400/731Y001/D/20240101/20241231/0000053 HTTP/1.1"]
