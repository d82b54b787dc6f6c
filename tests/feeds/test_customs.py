"""Trade by country: bytes to rows, rejects and control totals."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from trade_exposure.errors import KeyRejected, ReplyUnreadable, RequestRefused

MAY = date(2026, 5, 1)


@pytest.fixture
def parse(read):
    return lambda body: read("customs_country_trade", body, MAY)


def _totals(exports: int, imports: int) -> dict[str, Decimal]:
    return {"exports_usd": Decimal(exports), "imports_usd": Decimal(imports)}


def test_an_item_becomes_one_typed_row(customs_reply, customs_item, parse) -> None:
    parsed = parse(customs_reply(customs_item()))
    assert parsed.rows == [
        {
            "source_row": 1,
            "reference_month": MAY,
            "customs_code": "VN",
            "customs_name_ko": "베트남",
            "exports_usd": Decimal(1000),
            "imports_usd": Decimal(600),
            "trade_balance_usd": Decimal(400),
            "export_declarations": 5,
            "import_declarations": 6,
        }
    ]
    assert parsed.rejects == []
    assert parsed.announced_rows == 1
    assert parsed.announced_totals == _totals(1000, 600)


def test_a_single_item_is_read_and_namibia_stays_namibia(fixture_bytes, parse) -> None:
    rows = parse(fixture_bytes("one_item.xml")).rows
    assert [(row["customs_code"], row["trade_balance_usd"]) for row in rows] == [("NA", Decimal(-300))]


def test_a_month_without_items_is_not_published_and_no_row_is_announced(fixture_bytes, parse) -> None:
    for body in (
        fixture_bytes("not_published.xml"),
        fixture_bytes("not_published.xml").replace(b"<items/>", b"<items></items>"),
    ):
        parsed = parse(body)
        assert (parsed.rows, parsed.rejects, parsed.announced_rows) == ([], [], 0)
        assert parsed.announced_totals == _totals(0, 0)


@pytest.mark.parametrize("body", [b"", b"<body/>", b"<body><totalCount>0</totalCount></body>"])
def test_success_without_a_list_is_unreadable_and_never_unpublished(body: bytes, fixture_bytes, parse) -> None:
    with pytest.raises(ReplyUnreadable, match="no list of items"):
        parse(fixture_bytes("not_published.xml").replace(b"<body><items/></body>", body))


def test_a_total_row_is_kept_as_control_total_and_is_no_row(customs_reply, customs_item, parse) -> None:
    total = customs_item(year="총계", statCd="-", statCdCntnKor1="-", expDlr="3000", impDlr="1300")
    parsed = parse(customs_reply(customs_item(), total, customs_item(statCd="US", expDlr="2000", impDlr="700")))
    assert [row["customs_code"] for row in parsed.rows] == ["VN", "US"]
    assert [row["source_row"] for row in parsed.rows] == [1, 3]
    assert parsed.announced_rows == 2
    assert parsed.announced_totals == _totals(3000, 1300)


def test_a_total_row_that_disagrees_with_its_rows_is_announced_as_it_stands(customs_reply, customs_item, parse) -> None:
    total = customs_item(year="총계", statCd="-", statCdCntnKor1="-", expDlr="9999", impDlr="600")
    assert parse(customs_reply(customs_item(), total)).announced_totals == _totals(9999, 600)


def test_two_total_rows_are_unreadable(customs_reply, customs_item, parse) -> None:
    with pytest.raises(ReplyUnreadable, match="2 rows marked 총계"):
        parse(customs_reply(customs_item(year="총계"), customs_item(year="총계"), customs_item()))


@pytest.mark.parametrize(
    ("changes", "rule", "amounts"),
    [
        ({"statCd": "-"}, "malformed_code", _totals(1000, 600)),
        ({"statCd": "vn"}, "malformed_code", _totals(1000, 600)),
        ({"statCd": None}, "missing_value", _totals(1000, 600)),
        ({"statCd": ""}, "missing_value", _totals(1000, 600)),
        ({"year": "2026-05"}, "unreadable_date", _totals(1000, 600)),
        ({"year": "2026.13"}, "unreadable_date", _totals(1000, 600)),
        ({"year": "2026.5"}, "unreadable_date", _totals(1000, 600)),
        ({"year": "2026.04"}, "row_of_another_period", _totals(1000, 600)),
        ({"expDlr": "1,000"}, "unreadable_number", {"imports_usd": Decimal(600)}),
        ({"expDlr": "1e3"}, "unreadable_number", {"imports_usd": Decimal(600)}),
        ({"expDlr": "1000.0"}, "unreadable_number", {"imports_usd": Decimal(600)}),
        ({"expDlr": "\u0661\u0660\u0660\u0660"}, "unreadable_number", {"imports_usd": Decimal(600)}),
        ({"expDlr": "1" * 21}, "unreadable_number", {"imports_usd": Decimal(600)}),
        ({"expDlr": ""}, "missing_value", {"imports_usd": Decimal(600)}),
        ({"impDlr": None}, "missing_value", {"exports_usd": Decimal(1000)}),
        ({"expCnt": "many"}, "unreadable_number", _totals(1000, 600)),
        ({"expDlr": "1</expDlr><expDlr>2"}, "repeated_field", {"imports_usd": Decimal(600)}),
        ({"year": "2026.05</year><year>2026.05"}, "repeated_field", _totals(1000, 600)),
        ({"expDlr": "<b>7</b>"}, "missing_value", {"imports_usd": Decimal(600)}),
    ],
)
def test_a_row_that_cannot_be_typed_is_a_reject_with_rule_reason_and_what_could_be_read(
    changes: dict[str, Any], rule: str, amounts: dict[str, Decimal], customs_reply, customs_item, parse
) -> None:
    parsed = parse(customs_reply(customs_item(statCd="US"), customs_item(**changes)))
    assert [row["customs_code"] for row in parsed.rows] == ["US"]
    (reject,) = parsed.rejects
    assert (reject["source_row"], reject["rule"], dict(reject["amounts"])) == (2, rule, amounts)
    assert re.fullmatch(r"Row 2: .*[^.]\.", reject["reason"])
    assert isinstance(json.loads(reject["raw"]), dict)
    assert parsed.adds_up()
    assert parsed.announced_rows == 2
    for measure, total in _totals(1000, 600).items():
        assert parsed.announced_totals[measure] == total + amounts.get(measure, 0)


def test_negative_and_zero_amounts_are_amounts(customs_reply, customs_item, parse) -> None:
    parsed = parse(customs_reply(customs_item(expDlr="0", impDlr="-5", balPayments="5")))
    assert parsed.rejects == []
    assert parsed.announced_totals == _totals(0, -5)


def test_the_largest_amount_that_fits_stays_exact(customs_reply, customs_item, parse) -> None:
    parsed = parse(customs_reply(customs_item(expDlr="9" * 20)))
    assert parsed.column("exports_usd") == [Decimal("9" * 20)]


def test_an_escaped_name_is_read_as_meant(customs_reply, customs_item, parse) -> None:
    parsed = parse(customs_reply(customs_item(statCdCntnKor1=" 세인트키츠 &amp; 네비스 ")))
    assert parsed.column("customs_name_ko") == ["세인트키츠 & 네비스"]


def test_a_file_saved_with_a_byte_order_mark_and_line_ends_is_read(customs_reply, customs_item, parse) -> None:
    body = customs_reply(customs_item(), customs_item(statCd="US")).replace(b"><item>", b">\r\n  <item>")
    assert parse(b"\xef\xbb\xbf" + body).announced_rows == 2
    assert len(parse(b"\n" + body).rows) == 2


def test_an_error_reply_saved_as_a_file_is_recognised_as_an_error(fixture_bytes, parse) -> None:
    with pytest.raises(KeyRejected):
        parse(fixture_bytes("gateway_key_not_registered.xml"))
    with pytest.raises(RequestRefused):
        parse(fixture_bytes("service_refused_without_body.xml"))


def test_a_reply_cut_off_at_any_place_is_unreadable(customs_reply, customs_item, parse) -> None:
    body = customs_reply(customs_item(), customs_item(statCd="US"))
    for length in range(0, len(body) - 1, 7):
        with pytest.raises(ReplyUnreadable):
            parse(body[:length])


@pytest.mark.parametrize(
    "body", [b"PK\x03\x04", b"year,statCd\n2026.05,VN\n", b"<a/>", '<?xml version="1.0"?><응답/>'.encode("cp949")]
)
def test_bytes_of_another_kind_are_unreadable(body: bytes, parse) -> None:
    with pytest.raises(ReplyUnreadable):
        parse(body)


def test_something_else_than_items_in_the_list_is_unreadable(customs_reply, parse) -> None:
    with pytest.raises(ReplyUnreadable, match="something else"):
        parse(customs_reply("<row/>"))


def test_an_empty_item_is_a_reject_and_is_counted(customs_reply, customs_item, parse) -> None:
    parsed = parse(customs_reply("<item/>", customs_item()))
    assert [reject["rule"] for reject in parsed.rejects] == ["missing_value"]
    assert parsed.announced_rows == 2


def test_the_control_counts_by_another_way_than_the_parser(customs_reply, customs_item, parse) -> None:
    """An item hidden in a comment is none for the parser; the text search counts it, and the two disagree."""
    parsed = parse(customs_reply(customs_item(), f"<!--{customs_item(statCd='US')}-->"))
    assert len(parsed.rows) == 1
    assert parsed.announced_rows == 2
    assert parsed.announced_totals == _totals(2000, 1200)
