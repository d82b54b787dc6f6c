"""Daily exchange rates: bytes to rows, exact division by the quote unit, rejects and control totals."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trade_exposure.errors import ConfigurationError, KeyRejected, ReplyUnreadable
from trade_exposure.feeds import fx
from trade_exposure.feeds.model import Parsed
from trade_exposure.feeds.registry import feed

MAY = date(2026, 5, 1)


def _parse(body: bytes, slice_: str = "USD") -> Parsed:
    return feed("fx_daily_rate").parse(body, MAY, slice_)


def test_a_quote_becomes_one_typed_row(ecos_reply, ecos_row) -> None:
    parsed = _parse(ecos_reply(ecos_row(STAT_CODE="731Y001")))
    assert parsed.table.to_pylist() == [
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


def test_the_yen_is_quoted_per_hundred_and_divided_exactly(ecos_reply, ecos_row) -> None:
    body = ecos_reply(ecos_row(ITEM_CODE1="0000002", ITEM_NAME1="원/일본엔(100엔)", DATA_VALUE="934.567891"))
    (row,) = _parse(body, "JPY").table.to_pylist()
    assert (row["quote_units"], row["quoted_krw"]) == (100, Decimal("934.567891"))
    assert row["krw_per_unit"] == Decimal("9.34567891")
    assert row["krw_per_unit"] * row["quote_units"] == row["quoted_krw"]


def test_no_data_has_no_rows_and_announces_none(fixture_bytes) -> None:
    parsed = _parse(fixture_bytes("ecos_no_data.json"))
    assert (parsed.table.num_rows, parsed.rejects, parsed.announced_rows) == (0, (), 0)
    assert parsed.announced_totals == {"quoted_krw": Decimal(0)}


@pytest.mark.parametrize(
    ("changes", "rule", "amount"),
    [
        ({"TIME": "2026-05-12"}, "unreadable_date", "1401.5"),
        ({"TIME": "20260531"}, None, "1401.5"),
        ({"TIME": "20260532"}, "unreadable_date", "1401.5"),
        ({"TIME": "20260601"}, "row_of_another_period", "1401.5"),
        ({"TIME": None}, "missing_value", "1401.5"),
        ({"TIME": ["20260512"]}, "missing_value", "1401.5"),
        ({"ITEM_CODE1": "0000002"}, "row_of_another_slice", "1401.5"),
        ({"ITEM_CODE1": ""}, "missing_value", "1401.5"),
        ({"STAT_CODE": "036Y001"}, "row_of_another_series", "1401.5"),
        ({"DATA_VALUE": "1,401.5"}, "unreadable_number", None),
        ({"DATA_VALUE": "1401.1234567"}, "unreadable_number", None),
        ({"DATA_VALUE": ""}, "missing_value", None),
        ({"DATA_VALUE": None}, "missing_value", None),
        ({"DATA_VALUE": "12345678901.5"}, "unreadable_number", "12345678901.5"),
        ({"DATA_VALUE": "1.5e3"}, "unreadable_number", None),
        ({"ITEM_NAME1": None, "UNIT_NAME": ""}, None, "1401.5"),
        ({"ITEM_NAME1": "LONE SURROGATE"}, "unreadable_text", "1401.5"),
    ],
)
def test_a_row_that_cannot_be_typed_is_a_reject_with_rule_reason_and_what_could_be_read(
    changes: dict[str, Any], rule: str | None, amount: str | None, ecos_reply, ecos_row
) -> None:
    parsed = _parse(ecos_reply(ecos_row(), ecos_row(**changes)).replace(b"LONE SURROGATE", b"\\ud800"))
    assert [(reject.source_row, reject.rule) for reject in parsed.rejects] == ([(2, rule)] if rule else [])
    assert parsed.table.num_rows + len(parsed.rejects) == parsed.announced_rows == 2
    readable = {"quoted_krw": Decimal(amount)} if amount else {}
    assert [dict(reject.amounts) for reject in parsed.rejects] == ([readable] if rule else [])
    assert parsed.announced_totals["quoted_krw"] == Decimal("1401.5") + Decimal(amount or 0)


def test_a_number_that_is_no_text_keeps_every_digit(ecos_reply, ecos_row) -> None:
    body = ecos_reply(ecos_row(DATA_VALUE="NUMBER")).replace(b'"NUMBER"', b"1401.100001")
    parsed = _parse(body)
    assert parsed.table["quoted_krw"].to_pylist() == [Decimal("1401.100001")]
    assert parsed.announced_totals["quoted_krw"] == Decimal("1401.100001")


def test_the_source_counts_its_rows_and_fewer_are_seen_to_be_missing(ecos_reply, ecos_row) -> None:
    parsed = _parse(ecos_reply(ecos_row(), announced=22))
    assert (parsed.table.num_rows, parsed.announced_rows) == (1, 22)


def test_rows_where_none_are_announced_are_no_unpublished_month(ecos_reply, ecos_row) -> None:
    with pytest.raises(ReplyUnreadable, match="announces no rows but holds 1"):
        _parse(ecos_reply(ecos_row(), announced="0"))


def test_a_file_saved_with_a_byte_order_mark_and_line_ends_is_read(ecos_reply, ecos_row) -> None:
    body = ecos_reply(ecos_row()).replace(b", ", b",\r\n  ").replace(b'": ', b'" : ')
    parsed = _parse(b"\xef\xbb\xbf" + body)
    assert (parsed.table.num_rows, parsed.announced_rows, parsed.announced_totals["quoted_krw"]) == (
        1,
        1,
        Decimal("1401.5"),
    )


def test_an_error_reply_saved_as_a_file_is_recognised_as_an_error(fixture_bytes) -> None:
    with pytest.raises(KeyRejected):
        _parse(fixture_bytes("ecos_invalid_key.json"))


def test_a_reply_cut_off_at_any_place_is_unreadable(ecos_reply, ecos_row) -> None:
    body = ecos_reply(ecos_row(), ecos_row(TIME="20260513"))
    for length in range(0, len(body) - 1, 7):
        with pytest.raises(ReplyUnreadable):
            _parse(body[:length])


def test_a_quote_unit_that_cannot_be_divided_exactly_is_refused_by_name(ecos_reply, ecos_row) -> None:
    contract = feed("fx_daily_rate").contract
    odd = dataclasses.replace(contract, slice_options={"USD": {"itemCode": "0000001", "quoteUnits": "3"}})
    with pytest.raises(ConfigurationError, match="quoteUnits '3' for the slice USD"):
        fx.parse(odd, ecos_reply(ecos_row()), MAY, "USD")
