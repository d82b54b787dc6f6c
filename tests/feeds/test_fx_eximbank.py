"""Rates of Korea Eximbank: days to ask for, bytes to rows, units per hundred, and the won left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from trade_exposure.errors import BadInput, DailyQuotaExhausted, ReplyUnreadable
from trade_exposure.feeds import fx_eximbank
from trade_exposure.feeds.registry import feed

MAY = date(2026, 5, 1)


@pytest.fixture
def rate() -> Callable[..., dict[str, Any]]:
    def build(unit: str = "USD", quote: Any = "1,483.4", **changes: Any) -> dict[str, Any]:
        return {"result": 1, "cur_unit": unit, "ttb": "1,468.56", "deal_bas_r": quote, "cur_nm": "미국 달러", **changes}

    return build


def _body(*rates: dict[str, Any]) -> bytes:
    return json.dumps(rates, ensure_ascii=False).encode()


def test_a_rate_becomes_one_typed_row_with_the_day_that_was_asked_for(rate, read) -> None:
    parsed = read("fx_eximbank_rate", {"2026-05-12": _body(rate())}, MAY)
    assert parsed.rows == [
        {
            "source_row": 1,
            "rate_on": date(2026, 5, 12),
            "quotation_unit": "USD",
            "currency": "USD",
            "quote_units": 1,
            "quoted_krw": Decimal("1483.4"),
            "krw_per_unit": Decimal("1483.4"),
            "currency_name_ko": "미국 달러",
        }
    ]
    assert (parsed.announced_rows, parsed.announced_totals) == (1, {"quoted_krw": Decimal("1483.4")})


@pytest.mark.parametrize(
    ("unit", "quote", "units", "per_unit"),
    [
        ("JPY(100)", "950.01", 100, "9.5001"),
        ("IDR(100)", "8.85", 100, "0.0885"),
        ("XXX(10)", "1,234.567891", 10, "123.4567891"),
    ],
)
def test_a_rate_for_many_units_is_divided_exactly(unit: str, quote: str, units: int, per_unit: str, rate, read) -> None:
    (row,) = read("fx_eximbank_rate", {"2026-05-12": _body(rate(unit, quote))}, MAY).rows
    assert (row["currency"], row["quote_units"], row["krw_per_unit"]) == (unit[:3], units, Decimal(per_unit))
    assert row["krw_per_unit"] * row["quote_units"] == row["quoted_krw"]


def test_the_row_of_the_won_is_left_out_and_is_not_announced(rate, read) -> None:
    body = _body(rate("EUR", "1,749.74"), rate("KRW", "1"), rate())
    parsed = read("fx_eximbank_rate", {"2026-05-12": body}, MAY)
    assert [(row["source_row"], row["currency"]) for row in parsed.rows] == [(1, "EUR"), (3, "USD")]
    assert parsed.announced_rows == 2
    assert parsed.announced_totals == {"quoted_krw": Decimal("3233.14")}


@pytest.mark.parametrize("empty", [b"[]", b"null", b" null\n", b"\xef\xbb\xbf[]"])
def test_a_day_without_rates_has_no_rows_and_a_month_of_them_is_not_published(empty: bytes, rate, read) -> None:
    parsed = read("fx_eximbank_rate", {"2026-05-04": empty, "2026-05-05": empty}, MAY)
    assert (parsed.rows, parsed.rejects, parsed.announced_rows) == ([], [], 0)
    with_one = read(
        "fx_eximbank_rate", {"2026-05-05": empty, "2026-05-04": _body(rate()), "2026-05-06": _body(rate())}, MAY
    )
    assert with_one.column("rate_on") == [date(2026, 5, 4), date(2026, 5, 6)]
    assert with_one.part_of_row == ((1, "2026-05-04"), (2, "2026-05-05"), (2, "2026-05-06"))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quote": "1.483,4"}, "unreadable_number"),
        ({"quote": "1,48.4"}, "unreadable_number"),
        ({"quote": ""}, "missing_value"),
        ({"quote": None}, "missing_value"),
        ({"quote": "99,999,999,999"}, "out_of_range"),
        ({"unit": "US"}, "malformed_code"),
        ({"unit": "JPY(1000)"}, "malformed_code"),
        ({"unit": "JPY(100"}, "malformed_code"),
        ({"unit": None}, "missing_value"),
    ],
)
def test_a_row_that_cannot_be_typed_is_a_reject(changes: dict[str, Any], rule: str, rate, read) -> None:
    parsed = read("fx_eximbank_rate", {"2026-05-12": _body(rate("EUR", "1,700"), rate(**changes))}, MAY)
    assert [(reject["source_row"], reject["rule"]) for reject in parsed.rejects] == [(2, rule)]
    assert parsed.adds_up()


def test_a_day_of_another_month_is_a_reject(rate, read) -> None:
    parsed = read("fx_eximbank_rate", {"2026-04-30": _body(rate()), "2026-05-04": _body(rate())}, MAY)
    assert [(reject["rule"], reject["reason"]) for reject in parsed.rejects] == [
        ("row_of_another_period", "Row 1: it is of 2026-04-30, not of 2026-05.")
    ]


@pytest.mark.parametrize("name", ["reply", "page=1", "20260512"])
def test_a_reply_that_names_no_day_is_refused_with_the_way_out(name: str, rate, read) -> None:
    if name == "20260512":
        assert read("fx_eximbank_rate", {f"{MAY}.json": _body(rate())}, MAY).column("rate_on") == [MAY]
        return
    with pytest.raises(BadInput, match=r"names no day.*name the file by its day, 2026-10-20\.json"):
        read("fx_eximbank_rate", {name: _body(rate())}, MAY)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b'[{"cur_unit":"USD"}]', b'[{"result":1', b"<html>", b"[[]]", b'"x"']
)
def test_a_body_of_another_shape_is_unreadable(body: bytes, read) -> None:
    with pytest.raises(ReplyUnreadable):
        read("fx_eximbank_rate", {"2026-05-12": body}, MAY)


@pytest.mark.parametrize(
    ("at", "days", "last"),
    [
        (datetime(2026, 5, 12, 1, 59, tzinfo=UTC), 7, date(2026, 5, 11)),  # 10:59 in Seoul
        (datetime(2026, 5, 12, 2, 0, tzinfo=UTC), 8, date(2026, 5, 12)),  # 11:00 in Seoul
        (datetime(2026, 5, 17, 12, 0, tzinfo=UTC), 11, date(2026, 5, 15)),
        (datetime(2026, 11, 16, 0, 0, tzinfo=UTC), 21, date(2026, 5, 29)),
    ],
)
def test_the_weekdays_whose_rates_can_be_posted_are_asked_for(at: datetime, days: int, last: date) -> None:
    asked = fx_eximbank.days_of(feed("fx_eximbank_rate").contract, MAY, at)
    assert (len(asked), asked[0], asked[-1]) == (days, MAY, last)
    assert all(day.isoweekday() < 6 for day in asked)


@pytest.mark.parametrize(("month", "first"), [(MAY, MAY), (date(2026, 8, 1), date(2026, 8, 3))])
def test_before_the_first_rates_of_a_month_its_first_weekday_is_asked_for(month: date, first: date) -> None:
    at = datetime(month.year, month.month, 1, tzinfo=UTC)  # 09:00 in Seoul
    assert fx_eximbank.days_of(feed("fx_eximbank_rate").contract, month, at) == [first]


def test_a_walk_that_was_cut_off_asks_only_for_the_days_that_are_missing(canned, connect, journal) -> None:
    canned.body = b"null"
    connect("eximbank_default", conn_type="eximbank", host=canned.url, password="abc")
    kept = journal(datetime(2026, 5, 12, 3, 0, tzinfo=UTC))
    kept.calls_left = 3
    with pytest.raises(DailyQuotaExhausted):
        feed("fx_eximbank_rate").walk(MAY, "all", kept)
    kept.calls_left = None
    feed("fx_eximbank_rate").walk(MAY, "all", kept)
    assert len(canned.lines) == len(set(canned.lines)) == 8
    assert canned.lines[-1] == (
        "GET /site/program/financial/exchangeJSON?authkey=abc&searchdate=20260512&data=AP01 HTTP/1.1"
    )
    assert list(kept.bodies)[-1] == "2026-05-12"
