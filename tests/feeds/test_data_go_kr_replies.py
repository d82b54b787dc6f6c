"""Two layers of errors, told by the body before the status."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from trade_exposure.errors import (
    DailyQuotaExhausted,
    KeyRejected,
    ReplyUnreadable,
    RequestRefused,
    SourceError,
    SourceUnavailable,
    Throttled,
)
from trade_exposure.feeds.data_go_kr_replies import success_root

GATEWAY_CODES = [
    ("01", SourceUnavailable),
    ("04", SourceUnavailable),
    ("05", SourceUnavailable),
    ("10", RequestRefused),
    ("12", RequestRefused),
    ("20", KeyRejected),
    ("22", DailyQuotaExhausted),
    ("23", Throttled),
    ("29", KeyRejected),
    ("30", KeyRejected),
    ("31", KeyRejected),
    ("32", KeyRejected),
    ("99", SourceUnavailable),
    ("77", SourceUnavailable),
]


def _kind_of(body: bytes, status: int = 200) -> type[SourceError]:
    with pytest.raises(SourceError) as told:
        success_root(body, status=status)
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)
    return type(told.value)


@pytest.mark.parametrize(("code", "kind"), GATEWAY_CODES)
@pytest.mark.parametrize("status", [200, 403, 500])
def test_a_gateway_code_means_the_same_in_xml_and_json_whatever_the_status(
    code: str, kind: type[SourceError], status: int
) -> None:
    fields = {"errMsg": "SERVICE ERROR", "returnAuthMsg": "words", "returnReasonCode": code}
    as_xml = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    body = f"<OpenAPI_ServiceResponse><cmmMsgHeader>{as_xml}</cmmMsgHeader></OpenAPI_ServiceResponse>".encode()
    assert _kind_of(body, status) is kind
    assert _kind_of(json.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": fields}}).encode(), status) is kind


def test_the_gateways_code_counts_and_not_which_field_holds_the_constant(fixture_bytes: Callable[[str], bytes]) -> None:
    assert _kind_of(fixture_bytes("gateway_key_not_registered.xml"), 403) is KeyRejected
    assert _kind_of(fixture_bytes("gateway_key_not_registered_older.xml"), 200) is KeyRejected


def test_a_json_code_without_its_leading_zero_is_the_same_code() -> None:
    body = b'{"OpenAPI_ServiceResponse":{"cmmMsgHeader":{"returnReasonCode":5}}}'
    assert _kind_of(body) is SourceUnavailable


def test_the_json_error_that_a_type_parameter_causes_is_an_error_and_not_rows(
    fixture_bytes: Callable[[str], bytes],
) -> None:
    assert _kind_of(fixture_bytes("gateway_http_error.json"), 200) is SourceUnavailable


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Unauthorized", KeyRejected),
        ("Forbidden", KeyRejected),
        ("API not found", RequestRefused),
        ("API rate limit exceeded", Throttled),
        ("API token quota exceeded\n", DailyQuotaExhausted),
        ("Unexpected error", SourceUnavailable),
        ('{"message": "API rate limit exceeded"}', Throttled),
    ],
)
def test_a_gateway_error_in_plain_text_is_known_by_its_words(text: str, kind: type[SourceError]) -> None:
    assert _kind_of(text.encode(), 200) is kind


def test_a_service_refusal_without_a_body_element_is_a_refusal(fixture_bytes: Callable[[str], bytes]) -> None:
    with pytest.raises(RequestRefused, match=r"code 99: .*1년이내"):
        success_root(fixture_bytes("service_refused_without_body.xml"))


@pytest.mark.parametrize("body", ["", "<body/>", "<body><totalCount>0</totalCount></body>", "<body><items/></body>"])
def test_a_service_refusal_is_a_refusal_whatever_its_body(body: str) -> None:
    reply = f"<response><header><resultCode>99</resultCode><resultMsg>x</resultMsg></header>{body}</response>"
    assert _kind_of(reply.encode()) is RequestRefused


def test_an_empty_result_code_with_a_message_is_a_refusal(fixture_bytes: Callable[[str], bytes]) -> None:
    with pytest.raises(RequestRefused, match="필수 요청변수"):
        success_root(fixture_bytes("service_refused_with_empty_code.xml"))


@pytest.mark.parametrize(
    "header",
    [
        "<header><resultCode/><resultMsg/></header>",
        "<header/>",
        "",
        "<header><resultMsg>정상서비스.</resultMsg></header>",
    ],
)
def test_a_reply_that_does_not_say_success_is_not_taken_for_one(header: str) -> None:
    body = f"<response>{header}<body><items/></body></response>".encode()
    assert _kind_of(body) is ReplyUnreadable


def test_a_service_code_of_the_portals_table_keeps_its_meaning() -> None:
    reply = "<response><header><resultCode>22</resultCode><resultMsg>m</resultMsg></header></response>"
    assert _kind_of(reply.encode()) is DailyQuotaExhausted


def test_success_without_rows_is_success(fixture_bytes: Callable[[str], bytes]) -> None:
    assert success_root(fixture_bytes("not_published.xml")).tag == "response"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, ReplyUnreadable),
        (400, RequestRefused),
        (401, KeyRejected),
        (403, KeyRejected),
        (404, RequestRefused),
        (429, Throttled),
        (500, SourceUnavailable),
        (503, SourceUnavailable),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<!DOCTYPE html><html><body>oops</body></html>", b"<html>", b"\xff\xfe\x00", b"[]", b'{"a":1}']
)
def test_a_body_that_says_nothing_is_judged_by_its_status(body: bytes, status: int, kind: type[SourceError]) -> None:
    assert _kind_of(body, status) is kind


def test_a_success_body_under_a_failing_status_is_no_success(fixture_bytes: Callable[[str], bytes]) -> None:
    assert _kind_of(fixture_bytes("not_published.xml"), 503) is SourceUnavailable


def test_a_success_in_json_is_no_reply_of_this_service() -> None:
    assert _kind_of(b'{"response":{"header":{"resultCode":"00"},"body":{"items":""}}}') is ReplyUnreadable
    assert _kind_of(b'{"response":{"header":{"resultCode":"99","resultMsg":"m"}}}') is RequestRefused


def test_an_entity_is_never_expanded(customs_reply: Callable[..., bytes]) -> None:
    bomb = customs_reply().replace(b"<response>", b'<!DOCTYPE response [<!ENTITY a "aaaaaaaa">]><response>&a;')
    assert _kind_of(bomb) is ReplyUnreadable


def test_a_long_upstream_message_is_cut() -> None:
    reply = f"<response><header><resultCode>99</resultCode><resultMsg>{'ㄱ' * 5000}</resultMsg></header></response>"
    with pytest.raises(RequestRefused) as told:
        success_root(reply.encode())
    assert len(str(told.value)) < 400
