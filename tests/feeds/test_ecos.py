"""The ECOS hook: the key as a path segment, and its own errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from trade_exposure.errors import (
    ConfigurationError,
    KeyRejected,
    ReplyUnreadable,
    RequestRefused,
    SourceError,
    SourceUnavailable,
    Throttled,
)
from trade_exposure.feeds.ecos import EcosHook
from trade_exposure.feeds.ecos_replies import rows_of
from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

FIRST, LAST = date(2026, 5, 1), date(2026, 5, 31)


@pytest.fixture
def server(sample: Path) -> Iterator[FeedServer]:
    with FeedServer(sample / "replies", key=SAMPLE_KEY) as running:
        yield running


def _hook(connect: Callable[..., None], url: str, key: str = SAMPLE_KEY, **more: object) -> EcosHook:
    connect("ecos_default", conn_type="ecos", host=url, password=key, **more)
    return EcosHook()


@pytest.mark.parametrize("stored", [SAMPLE_KEY, quote(SAMPLE_KEY, safe="")])
def test_the_key_is_one_path_segment_encoded_once(stored, canned, connect, ecos_reply, ecos_row) -> None:
    canned.body = ecos_reply(ecos_row())
    reply = _hook(connect, canned.url, stored).statistic("731Y001", "D", FIRST, LAST, "0000001")
    key = quote(SAMPLE_KEY, safe="")
    assert canned.lines == [
        f"GET /api/StatisticSearch/{key}/json/kr/1/400/731Y001/D/20260501/20260531/0000001 HTTP/1.1"
    ]
    assert reply.url == f"{canned.url}/api/StatisticSearch/***/json/kr/1/400/731Y001/D/20260501/20260531/0000001"


def test_no_data_is_a_reply_and_not_a_failure(server, connect, read) -> None:
    reply = _hook(connect, server.url).statistic("731Y001", "D", date(2026, 5, 2), date(2026, 5, 3), "0000001")
    assert b"INFO-200" in reply.body
    assert read("fx_daily_rate", reply.body, date(2026, 1, 1), "USD").announced_rows == 0


@pytest.mark.parametrize("end", [date(2027, 6, 5), date(2026, 4, 30)])
def test_a_range_that_does_not_fit_one_request_is_refused_before_sending(end, server, connect) -> None:
    with pytest.raises(RequestRefused, match="1 to 400 days"):
        _hook(connect, server.url).statistic("731Y001", "D", FIRST, end, "0000001")
    assert server.requests == []


def test_a_year_fits_one_request(canned, connect, ecos_reply) -> None:
    canned.body = ecos_reply()
    _hook(connect, canned.url).statistic("731Y001", "D", date(2024, 1, 1), date(2024, 12, 31), "0000001")
    assert len(canned.lines) == 1


def test_the_public_key_gets_ten_rows_and_the_reply_says_that_there_are_more(server, connect, read) -> None:
    reply = _hook(connect, server.url, "sample").statistic("731Y001", "D", FIRST, LAST, "0000001")
    parsed = read("fx_daily_rate", reply.body, date(2026, 1, 1), "USD")
    assert len(parsed.rows) == 10
    assert parsed.announced_rows > 15
    assert "/sample/" not in reply.url


def test_a_wrong_key_is_rejected(server, connect) -> None:
    with pytest.raises(KeyRejected, match="INFO-100"):
        _hook(connect, server.url, "another-key").statistic("731Y001", "D", FIRST, LAST, "0000001")


def test_the_connection_test_says_yes_or_why_not(server, connect) -> None:
    assert _hook(connect, server.url).test_connection()[0] is True
    accepted, why = _hook(connect, server.url, "another-key").test_connection()
    assert accepted is False
    assert "INFO-100" in why


def test_a_missing_connection_is_named_with_the_way_to_add_it() -> None:
    with pytest.raises(
        ConfigurationError, match=r"connection ecos_elsewhere is missing; add it with `airflow connections"
    ):
        EcosHook("ecos_elsewhere").statistic("731Y001", "D", FIRST, LAST, "0000001")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("throttle", Throttled),
        ("daily-quota", KeyRejected),
        ("key-not-registered", KeyRejected),
        ("truncated", ReplyUnreadable),
        ("time-out", SourceUnavailable),
        ("http-500", SourceUnavailable),
    ],
)
def test_a_fault_of_the_source_is_told_by_kind_and_passes(fault: str, kind: type[SourceError], connect, sample) -> None:
    with FeedServer(sample / "replies", key=SAMPLE_KEY, faults=[f"{fault}:1"]) as server:
        hook = _hook(connect, server.url, extra={"timeout_seconds": 0.5})
        with pytest.raises(kind):
            hook.statistic("731Y001", "D", FIRST, LAST, "0000001")
        assert hook.statistic("731Y001", "D", FIRST, LAST, "0000001").status == 200


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("INFO-100", KeyRejected),
        ("INFO-300", KeyRejected),
        ("ERROR-100", RequestRefused),
        ("ERROR-101", RequestRefused),
        ("ERROR-200", RequestRefused),
        ("ERROR-300", RequestRefused),
        ("ERROR-301", RequestRefused),
        ("ERROR-400", SourceUnavailable),
        ("ERROR-500", SourceUnavailable),
        ("ERROR-600", SourceUnavailable),
        ("ERROR-601", SourceUnavailable),
        ("ERROR-602", Throttled),
        ("ERROR-999", SourceUnavailable),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_an_error_is_told_by_its_code_in_json_and_in_xml(code: str, kind: type[SourceError], status: int) -> None:
    for body in (
        f'{{"RESULT":{{"CODE":"{code}","MESSAGE":"어떤 말"}}}}',
        f"<?xml version='1.0' encoding='UTF-8'?><RESULT><CODE>{code}</CODE><MESSAGE>어떤 말</MESSAGE></RESULT>",
    ):
        with pytest.raises(kind, match=code) as told:
            rows_of(body.encode(), status=status)
        assert type(told.value) is kind


def test_no_data_has_no_rows_in_either_form(fixture_bytes) -> None:
    assert rows_of(fixture_bytes("ecos_no_data.json")) == []
    assert rows_of(b"<RESULT><CODE>INFO-200</CODE></RESULT>") == []


def test_an_invalid_key_is_told_as_such(fixture_bytes) -> None:
    with pytest.raises(KeyRejected):
        rows_of(fixture_bytes("ecos_invalid_key.json"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, ReplyUnreadable), (403, KeyRejected), (404, RequestRefused), (429, Throttled), (502, SourceUnavailable)],
)
def test_a_body_that_says_nothing_is_judged_by_its_status(status: int, kind: type[SourceError]) -> None:
    with pytest.raises(kind):
        rows_of(b"<html>oops</html>", status=status)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"StatisticSearch":null}',
        b'{"StatisticSearch":{"list_total_count":1}}',
        b'{"StatisticSearch":{"list_total_count":1,"row":{}}}',
        b'{"StatisticSearch":{"list_total_count":1,"row":["x"]}}',
        b'{"StatisticSearch":{"row":[]}}',
        b'{"StatisticSearch":{"list_total_count":-1,"row":[]}}',
        b'{"StatisticSearch":{"list_total_count":1,"row":[{"TIME":"1","TIME":"2"}]}}',
        b'{"StatisticSearch":{"list_total_count":1,"row":[{"DATA_VALUE":NaN}]}}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 10_000 + b"}",
        b"\xff\xfe{",
    ],
)
def test_a_body_of_another_shape_is_unreadable(body: bytes) -> None:
    with pytest.raises(ReplyUnreadable):
        rows_of(body)
