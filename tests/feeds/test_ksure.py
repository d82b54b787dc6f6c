"""K-SURE's country grades: paging reconciled with the source's own count, both envelopes, and the raw country code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from trade_exposure.errors import (
    DailyQuotaExhausted,
    KeyRejected,
    ReplyUnreadable,
    RequestRefused,
    SourceError,
    SourceUnavailable,
)
from trade_exposure.feeds.data_go_kr_json import Page, page_of
from trade_exposure.feeds.registry import feed

MAY = date(2026, 5, 1)
AT = datetime(2026, 5, 12, tzinfo=UTC)


@pytest.fixture
def grade() -> Callable[..., dict[str, Any]]:
    def build(**changes: Any) -> dict[str, Any]:
        return {"ctryCd": "VN", "ctryNm": "베트남", "evalGrd": "4", "evalDd": "20260105", **changes}

    return build


def _body(items: Any, total: Any, *, code: str = "0", wrapped: bool = True, in_item: bool = True) -> bytes:
    told: Any = {
        "header": {"resultCode": code, "resultMsg": "NORMAL SERVICE."},
        "body": {"items": {"item": items} if in_item else items, "numOfRows": 100, "pageNo": 1, "totalCount": total},
    }
    return json.dumps({"response": told} if wrapped else told, ensure_ascii=False).encode()


def test_a_grade_becomes_one_typed_row_with_its_code_as_it_came(grade, read) -> None:
    body = _body([grade(), grade(ctryCd="176", ctryNm="앙골라", evalGrd=7, evalDd=20251231)], 2)
    parsed = read("ksure_country_grade", {"page=1": body}, MAY)
    assert parsed.rows == [
        {
            "source_row": 1,
            "country_code_raw": "VN",
            "country_name_ko": "베트남",
            "credit_grade": Decimal(4),
            "evaluated_on": date(2026, 1, 5),
        },
        {
            "source_row": 2,
            "country_code_raw": "176",
            "country_name_ko": "앙골라",
            "credit_grade": Decimal(7),
            "evaluated_on": date(2025, 12, 31),
        },
    ]
    assert (parsed.announced_rows, parsed.announced_totals) == (2, {"credit_grade": Decimal(11)})


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("code", ["0", "00"])
def test_both_envelopes_and_both_codes_of_success_are_read(wrapped: bool, code: str, grade, read) -> None:
    parsed = read("ksure_country_grade", {"page=1": _body([grade()], 1, code=code, wrapped=wrapped)}, MAY)
    assert parsed.column("country_code_raw") == ["VN"]


def test_a_single_item_may_be_an_object_and_the_list_may_lack_its_wrapper(grade) -> None:
    assert page_of(_body(grade(), 1)) == page_of(_body([grade()], 1)) == page_of(_body([grade()], 1, in_item=False))
    assert page_of(_body(grade(), 1)).items == [grade()]


@pytest.mark.parametrize(
    "body",
    [
        _body([], 0),
        _body("", 0),
        _body("", 0, in_item=False),
        _body(None, "0"),
        _body("", 0, code="3"),
        b'{"response":{"header":{"resultCode":"03","resultMsg":"x"}}}',
    ],
)
def test_no_data_has_no_rows_and_is_not_published(body: bytes, read) -> None:
    assert page_of(body) == Page([], 0)
    parsed = read("ksure_country_grade", {"page=1": body}, MAY)
    assert (parsed.rows, parsed.announced_rows) == ([], 0)


def test_the_pages_are_read_in_the_order_of_their_numbers(grade, read) -> None:
    pages = {f"page={number}": _body([grade(ctryCd=str(number))], 11) for number in range(11, 0, -1)}
    parsed = read("ksure_country_grade", pages, MAY)
    assert parsed.column("country_code_raw") == [str(number) for number in range(1, 12)]
    assert parsed.part_of_row[9:] == ((10, "page=10"), (11, "page=11"))
    assert parsed.adds_up()


def test_fewer_rows_than_announced_are_seen_to_be_missing(grade, read) -> None:
    parsed = read("ksure_country_grade", {"page=1": _body([grade()], 261)}, MAY)
    assert (len(parsed.rows), parsed.announced_rows) == (1, 261)
    assert not parsed.adds_up()


def test_a_list_that_changed_between_two_pages_is_unreadable(grade, read) -> None:
    with pytest.raises(ReplyUnreadable, match="announce different numbers"):
        read("ksure_country_grade", {"page=1": _body([grade()], 2), "page=2": _body([grade()], 3)}, MAY)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"evalGrd": "A"}, "unreadable_number"),
        ({"evalGrd": "3.5"}, "unreadable_number"),
        ({"evalGrd": None}, "missing_value"),
        ({"ctryCd": ""}, "missing_value"),
        ({"ctryNm": None}, "missing_value"),
        ({"ctryNm": "=cmd()"}, "formula_in_text"),
        ({"evalDd": "2026-01-05"}, "unreadable_date"),
        ({"evalDd": "30230105"}, "implausible_date"),
    ],
)
def test_a_row_that_cannot_be_typed_is_a_reject(changes: dict[str, Any], rule: str, grade, read) -> None:
    parsed = read("ksure_country_grade", {"page=1": _body([grade(), grade(**changes)], 2)}, MAY)
    assert [(reject["source_row"], reject["rule"]) for reject in parsed.rejects] == [(2, rule)]
    assert parsed.adds_up()


@pytest.fixture
def source(canned, connect, grade) -> Any:
    """A server with 250 grades that gives ``canned.most`` rows a page at most, whatever it is asked for."""
    canned.most = 100
    every = [grade(ctryCd=str(number)) for number in range(250)]

    def answer(path: str) -> bytes:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        rows = min(int(asked["numOfRows"]), canned.most)
        start = (int(asked["pageNo"]) - 1) * rows
        return _body(every[start : start + rows], len(every))

    canned.answer = answer
    connect("data_go_kr_default", conn_type="data_go_kr", host=canned.url, password="abc")
    return canned


def test_a_walk_asks_page_by_page_until_all_announced_rows_have_come(source, journal, read) -> None:
    kept = journal(AT)
    feed("ksure_country_grade").walk(MAY, "all", kept)
    path = "/B552696/countrygrade/credit-grade?serviceKey=abc"
    assert source.lines == [f"GET {path}&pageNo={page}&numOfRows=100&_type=json HTTP/1.1" for page in (1, 2, 3)]
    parsed = read("ksure_country_grade", kept.bodies, MAY)
    assert len(parsed.rows) == 250
    assert parsed.adds_up()


def test_a_source_that_gives_fewer_rows_a_page_than_asked_for_is_walked_to_its_end(source, journal, read) -> None:
    source.most = 60
    kept = journal(AT)
    feed("ksure_country_grade").walk(MAY, "all", kept)
    assert list(kept.bodies) == [f"page={page}" for page in range(1, 6)]
    assert read("ksure_country_grade", kept.bodies, MAY).adds_up()


def test_a_walk_that_was_cut_off_asks_only_for_the_pages_that_are_missing(source, journal) -> None:
    kept = journal(AT)
    kept.calls_left = 2
    with pytest.raises(DailyQuotaExhausted):
        feed("ksure_country_grade").walk(MAY, "all", kept)
    kept.calls_left = None
    feed("ksure_country_grade").walk(MAY, "all", kept)
    assert len(source.lines) == len(set(source.lines)) == 3


def test_an_empty_page_before_the_announced_end_is_no_end(canned, connect, journal) -> None:
    canned.body = _body([], 5)
    connect("data_go_kr_default", conn_type="data_go_kr", host=canned.url, password="abc")
    kept = journal(AT)
    with pytest.raises(ReplyUnreadable, match="announces 5 grades but its page 1 is empty after 0"):
        feed("ksure_country_grade").walk(MAY, "all", kept)
    assert kept.bodies == {}, "an unreadable answer was kept and would never be asked for again"


@pytest.mark.parametrize("period", [date(2026, 4, 1), date(2026, 6, 1)])
def test_another_month_than_the_running_one_cannot_be_asked_for(period: date, source, journal) -> None:
    with pytest.raises(RequestRefused, match="can be asked for 2026-05 and not for"):
        feed("ksure_country_grade").walk(period, "all", journal(AT))
    assert source.lines == []


def test_the_running_month_is_that_of_seoul(source, journal) -> None:
    feed("ksure_country_grade").walk(date(2026, 6, 1), "all", journal(datetime(2026, 5, 31, 15, 0, tzinfo=UTC)))
    assert source.lines


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b'{"OpenAPI_ServiceResponse":{"cmmMsgHeader":{"returnReasonCode":"30"}}}', 200, KeyRejected),
        (
            b"<OpenAPI_ServiceResponse><cmmMsgHeader><returnReasonCode>22</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>",
            200,
            DailyQuotaExhausted,
        ),
        (_body("", 0, code="99"), 200, RequestRefused),
        (_body("", 0, code="1"), 200, SourceUnavailable),
        (b"API token quota exceeded", 200, DailyQuotaExhausted),
        (b"<response><header><resultCode>00</resultCode></header></response>", 200, ReplyUnreadable),
        (_body([], 0), 503, SourceUnavailable),
        (b"", 200, ReplyUnreadable),
        (b"[]", 200, ReplyUnreadable),
        (b'{"response":{"header":{"resultCode":"0"}}}', 200, ReplyUnreadable),
        (_body([], None), 200, ReplyUnreadable),
        (_body([], -1), 200, ReplyUnreadable),
        (_body(["x"], 1), 200, ReplyUnreadable),
        (_body(7, 1), 200, ReplyUnreadable),
        (b'{"response":{"header":{},"body":{}}}', 200, ReplyUnreadable),
        (_body([], 0).replace(b"NORMAL", b"\xff"), 200, ReplyUnreadable),
    ],
)
def test_an_error_is_told_from_success_by_its_body(body: bytes, status: int, kind: type[SourceError]) -> None:
    with pytest.raises(kind) as told:
        page_of(body, status=status)
    assert type(told.value) is kind
