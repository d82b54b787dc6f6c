"""The hook: what goes over the wire, and what is never sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from trade_exposure.errors import (
    ConfigurationError,
    DailyQuotaExhausted,
    KeyRejected,
    ReplyUnreadable,
    RequestRefused,
    SourceError,
    SourceUnavailable,
    Throttled,
)
from trade_exposure.feeds.data_go_kr import DataGoKrHook, months_between, windows
from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

MAY = date(2026, 5, 1)


@pytest.fixture
def server(sample: Path) -> Iterator[FeedServer]:
    with FeedServer(sample / "replies", key=SAMPLE_KEY) as running:
        yield running


def _hook(connect: Callable[..., None], url: str, key: str = SAMPLE_KEY, **more: object) -> DataGoKrHook:
    connect("data_go_kr_default", conn_type="data_go_kr", host=url, password=key, **more)
    return DataGoKrHook()


def test_the_hook_is_the_one_that_the_provider_names() -> None:
    from trade_exposure.provider import get_provider_info

    named = {t["connection-type"]: t["hook-class-name"] for t in get_provider_info()["connection-types"]}
    assert named[DataGoKrHook.conn_type] == f"{DataGoKrHook.__module__}.{DataGoKrHook.__qualname__}"
    assert DataGoKrHook.default_conn_name == "data_go_kr_default"
    assert DataGoKrHook.conn_name_attr in DataGoKrHook.__init__.__annotations__


@pytest.mark.parametrize("stored", [SAMPLE_KEY, quote(SAMPLE_KEY, safe=""), quote(quote(SAMPLE_KEY, safe=""), safe="")])
def test_a_key_is_on_the_wire_encoded_once_however_it_was_stored(stored, canned, connect, customs_reply) -> None:
    canned.body = customs_reply()
    _hook(connect, canned.url, stored).country_trade(MAY, MAY)
    assert len(canned.lines) == 1
    assert f"serviceKey={quote(SAMPLE_KEY, safe='')}&" in canned.lines[0]
    assert "%25" not in canned.lines[0]


def test_nothing_is_sent_but_the_key_the_window_and_the_country(canned, connect, customs_reply) -> None:
    canned.body = customs_reply()
    hook = _hook(connect, canned.url, "abc")
    hook.country_trade(MAY, date(2026, 7, 1), country_code="NA")
    assert canned.lines == [
        "GET /1220000/nationtrade/getNationtradeList?serviceKey=abc&strtYymm=202605&endYymm=202607&cntyCd=NA HTTP/1.1"
    ]


@pytest.mark.parametrize("name", ["_type", "numOfRows", "pageNo", "serviceKey"])
def test_parameters_that_break_the_service_are_refused_before_sending(name, server, connect) -> None:
    with pytest.raises(RequestRefused, match=name):
        _hook(connect, server.url).ask("/1220000/nationtrade/getNationtradeList", **{name: "json"})
    assert server.requests == []


def test_twelve_months_are_asked_for_and_thirteen_are_not(server, connect) -> None:
    hook = _hook(connect, server.url)
    reply = hook.country_trade(date(2025, 11, 1), date(2026, 10, 1))
    assert reply.body.count(b"<item>") > 700
    with pytest.raises(RequestRefused, match="not for 13"):
        hook.country_trade(date(2025, 10, 1), date(2026, 10, 1))
    with pytest.raises(RequestRefused, match="not for -1"):
        hook.country_trade(date(2026, 10, 1), date(2026, 8, 1))
    assert len(server.requests) == 1


def test_the_servers_own_refusal_of_thirteen_months_is_understood(server, connect) -> None:
    with pytest.raises(RequestRefused, match="1년이내"):
        _hook(connect, server.url).ask("/1220000/nationtrade/getNationtradeList", strtYymm="202510", endYymm="202610")


@pytest.mark.parametrize("code", ["us", "USA", "U", "", "대한"])
def test_a_country_code_of_another_form_is_refused_before_sending(code, server, connect) -> None:
    with pytest.raises(RequestRefused, match="country code"):
        _hook(connect, server.url).country_trade(MAY, MAY, country_code=code)
    assert server.requests == []


def test_windows_cover_every_month_once_and_none_is_longer_than_twelve() -> None:
    cut = windows(date(2024, 11, 1), date(2026, 12, 1))
    assert cut == [
        (date(2024, 11, 1), date(2025, 10, 1)),
        (date(2025, 11, 1), date(2026, 10, 1)),
        (date(2026, 11, 1), date(2026, 12, 1)),
    ]
    assert [months_between(*window) for window in cut] == [12, 12, 2]
    assert windows(MAY, MAY) == [(MAY, MAY)]
    assert windows(date(2026, 1, 1), date(2026, 12, 1)) == [(date(2026, 1, 1), date(2026, 12, 1))]
    with pytest.raises(RequestRefused, match="lies before"):
        windows(MAY, date(2026, 4, 1))


def test_a_wrong_path_is_a_refused_request(server, connect) -> None:
    with pytest.raises(RequestRefused, match="code 12"):
        _hook(connect, server.url).country_trade(MAY, MAY, path="/1220000/Nationtrade/getNationtradeList")


def test_a_wrong_key_is_rejected(server, connect) -> None:
    with pytest.raises(KeyRejected, match="code 30"):
        _hook(connect, server.url, "another-key").country_trade(MAY, MAY)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("throttle", Throttled),
        ("daily-quota", DailyQuotaExhausted),
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
            hook.country_trade(MAY, MAY)
        assert hook.country_trade(MAY, MAY).status == 200


def test_a_missing_connection_is_named_with_the_way_to_add_it() -> None:
    with pytest.raises(ConfigurationError) as told:
        DataGoKrHook("not_there").country_trade(MAY, MAY)
    assert "connection not_there is missing" in str(told.value)
    assert "airflow connections add not_there --conn-type data_go_kr" in str(told.value)
    assert "AIRFLOW_CONN_NOT_THERE" in str(told.value)


def test_the_connection_test_says_yes_or_why_not(server, connect) -> None:
    assert _hook(connect, server.url).test_connection()[0] is True
    accepted, why = _hook(connect, server.url, "another-key").test_connection()
    assert accepted is False
    assert "code 30" in why


def test_airflow_finds_the_hook_for_the_connection_type(server, connect) -> None:
    from airflow.sdk import BaseHook

    connect("data_go_kr_default", conn_type="data_go_kr", host=server.url, password=SAMPLE_KEY)
    assert isinstance(BaseHook.get_hook("data_go_kr_default"), DataGoKrHook)
