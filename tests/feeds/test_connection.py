"""From an Airflow connection to an endpoint, and the limits of one request."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from trade_exposure.errors import ConfigurationError, ReplyUnreadable, SourceUnavailable
from trade_exposure.feeds.connection import Endpoint, endpoint
from trade_exposure.feeds.http import Limits, get, is_loopback
from trade_exposure.feeds.redaction import Secret

KEY = "a-key-of-the-tests"


def _endpoint(connect: Callable[..., None], **fields: Any) -> Endpoint:
    connect("feed_test", conn_type="data_go_kr", **{"password": KEY, **fields})
    return endpoint(
        "feed_test", conn_type="data_go_kr", source="the source", default_base="https://real.example", key_name="key"
    )


@pytest.mark.parametrize(
    ("host", "port", "base"),
    [
        (None, None, "https://real.example"),
        ("", 8443, "https://real.example:8443"),
        ("real.example", None, "https://real.example"),
        ("https://real.example/", None, "https://real.example"),
        ("127.0.0.1", 8099, "http://127.0.0.1:8099"),
        ("localhost:8099", None, "http://localhost:8099"),
        ("http://127.0.0.1:8099", None, "http://127.0.0.1:8099"),
        ("http://127.0.0.1", 8099, "http://127.0.0.1:8099"),
        ("http://feeds", 8099, "http://feeds:8099"),
        ("http://[::1]:8099", None, "http://[::1]:8099"),
        ("https://proxy.example/korea/", None, "https://proxy.example/korea"),
    ],
)
def test_the_host_may_carry_scheme_and_port_or_not(host: str | None, port: int | None, base: str, connect) -> None:
    assert _endpoint(connect, host=host, port=port).base_url == base


@pytest.mark.parametrize(
    "host", ["ftp://real.example", "https://", "https://u:p@real.example", "https://x?y=1", "http://x:99999"]
)
def test_a_host_that_is_no_base_url_is_refused_by_connection_name(host: str, connect) -> None:
    with pytest.raises(ConfigurationError, match="host of the Airflow connection feed_test is no base URL"):
        _endpoint(connect, host=host)


def test_the_key_is_never_sent_unencrypted_to_the_real_host(connect) -> None:
    with pytest.raises(ConfigurationError, match="unencrypted"):
        _endpoint(connect, host="http://real.example")


@pytest.mark.parametrize("password", ["", "  ", None])
def test_a_connection_without_a_key_is_refused_with_the_way_to_add_it(password: str | None, connect) -> None:
    with pytest.raises(
        ConfigurationError, match=r"feed_test holds no key; add it with `airflow connections add feed_test"
    ):
        _endpoint(connect, password=password)


def test_the_time_out_of_the_connection_is_used(connect) -> None:
    limits = _endpoint(connect, extra={"timeout_seconds": 5}).limits
    assert (limits.connect_seconds, limits.read_seconds, limits.total_seconds) == (5, 5, 5)
    assert _endpoint(connect).limits == Limits()


@pytest.mark.parametrize("seconds", [0, -1, "soon", None, 1e9])
def test_a_time_out_that_is_none_is_refused(seconds: Any, connect) -> None:
    with pytest.raises(ConfigurationError, match="timeout_seconds of the Airflow connection feed_test"):
        _endpoint(connect, extra={"timeout_seconds": seconds})


@pytest.mark.parametrize(
    ("header", "base_url", "is_synthetic"),
    [
        ("true", None, True),
        ("false", None, False),
        (None, None, True),
        ("perhaps", None, True),
        (None, "https://real.example", False),
        ("true", "https://real.example", True),
    ],
)
def test_data_are_synthetic_when_the_server_says_so_or_is_local_and_says_nothing(
    header: str | None, base_url: str | None, is_synthetic: bool, canned, connect
) -> None:
    canned.body = b"x"
    if header is not None:
        canned.headers["X-Data-Synthetic"] = header
    asked = _endpoint(connect, host=canned.url)
    answer = asked.ask("/x?k={key}")
    reply = dataclasses.replace(asked, base_url=base_url or asked.base_url).reply(answer, "/x?k={key}")
    assert reply.is_synthetic is is_synthetic
    assert reply.url.endswith("/x?k=***")


def _get(url: str, **limits: Any) -> bytes:
    return get(f"{url}/x", Secret(KEY), source="the source", limits=dataclasses.replace(Limits(), **limits)).body


def test_a_body_larger_than_allowed_is_not_read_to_its_end(canned) -> None:
    canned.body = b"x" * 200_000
    assert len(_get(canned.url)) == 200_000
    with pytest.raises(ReplyUnreadable, match="more than 100000 bytes"):
        _get(canned.url, max_body_bytes=100_000)


def test_a_source_that_drips_meets_the_deadline(canned) -> None:
    canned.body, canned.seconds_a_byte = b"x" * 50, 0.02
    assert len(_get(canned.url)) == 50
    with pytest.raises(SourceUnavailable, match=r"more than 0\.2 seconds"):
        _get(canned.url, total_seconds=0.2, read_seconds=5)


def test_a_body_that_ends_early_is_unreadable(canned) -> None:
    canned.body, canned.announced_length = b"x" * 10, 20
    with pytest.raises(ReplyUnreadable, match="broke off"):
        _get(canned.url)


def test_a_redirect_is_not_followed(canned) -> None:
    canned.status, canned.headers = 302, {"Location": f"{canned.url}/elsewhere"}
    with pytest.raises(SourceUnavailable, match="redirect"):
        _get(canned.url)
    assert len(canned.lines) == 1


def test_a_content_that_cannot_be_unpacked_is_unreadable(canned) -> None:
    canned.body, canned.headers = b"not gzip", {"Content-Encoding": "gzip"}
    with pytest.raises(ReplyUnreadable):
        _get(canned.url)


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(canned, monkeypatch) -> None:
    canned.body = b"x"
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert _get(canned.url) == b"x"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://127.8.8.8", "http://[::1]", "http://localhost", "http://a.localhost"]
)
def test_this_machine_is_known_by_its_names(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize("url", ["https://apis.data.go.kr", "http://localhost.example", "http://10.0.0.1", "nothing"])
def test_no_other_machine_is_taken_for_this_one(url: str) -> None:
    assert not is_loopback(url)
