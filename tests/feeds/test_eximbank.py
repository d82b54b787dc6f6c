"""The Eximbank hook: its own errors, the key, and the certificate that is always checked."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
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
from trade_exposure.feeds.eximbank import EximbankHook
from trade_exposure.feeds.eximbank_replies import rates_of

DAY = date(2026, 5, 12)
KEY = "a+key/of=tests"


def _hook(connect: Callable[..., None], url: str, **more: object) -> EximbankHook:
    connect("eximbank_default", conn_type="eximbank", host=url, password=KEY, **more)
    return EximbankHook()


def test_the_key_is_encoded_once_and_masked_in_the_stored_url(canned, connect) -> None:
    canned.body = b"[]"
    reply = _hook(connect, canned.url).rates(DAY)
    path = "/site/program/financial/exchangeJSON?authkey="
    assert canned.lines == [f"GET {path}{quote(KEY, safe='')}&searchdate=20260512&data=AP01 HTTP/1.1"]
    assert reply.url == f"{canned.url}{path}***&searchdate=20260512&data=AP01"


@pytest.mark.parametrize(
    ("result", "kind"),
    [("2", RequestRefused), ("3", KeyRejected), ("4", DailyQuotaExhausted), ("9", SourceUnavailable)],
)
@pytest.mark.parametrize("shape", ['[{{"result":{}}}]', '[{{"result":"{}","cur_unit":null}}]', '{{"result":{}}}'])
@pytest.mark.parametrize("status", [200, 500])
def test_an_error_is_told_by_its_result(result: str, kind: type[SourceError], shape: str, status: int) -> None:
    with pytest.raises(kind, match=f"result {result}") as told:
        rates_of(shape.format(result).encode(), status=status)
    assert type(told.value) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, ReplyUnreadable), (403, KeyRejected), (404, RequestRefused), (429, Throttled), (502, SourceUnavailable)],
)
@pytest.mark.parametrize("body", [b"<html>oops</html>", b"", b"{}"])
def test_a_body_that_says_nothing_is_judged_by_its_status(body: bytes, status: int, kind: type[SourceError]) -> None:
    with pytest.raises(kind):
        rates_of(body, status=status)


@pytest.mark.parametrize("body", [b"null", b"[]"])
def test_a_day_without_rates_is_a_reply_and_not_a_failure(body: bytes, canned, connect) -> None:
    canned.body = body
    assert _hook(connect, canned.url).rates(DAY).body == body
    with pytest.raises(SourceUnavailable):
        rates_of(body, status=503)


def test_an_error_that_repeats_the_key_is_masked(canned, connect) -> None:
    canned.body = f'[{{"result":"{KEY}"}}]'.encode()
    with pytest.raises(SourceUnavailable) as told:
        _hook(connect, canned.url).rates(DAY)
    assert KEY not in str(told.value)


def test_the_connection_test_says_yes_or_why_not(canned, connect) -> None:
    canned.body = b'[{"result":1,"cur_unit":"USD"}]'
    assert _hook(connect, canned.url).test_connection()[0] is True
    canned.body = b'[{"result":3}]'
    accepted, why = _hook(connect, canned.url).test_connection()
    assert accepted is False
    assert "check the key in the Airflow connection" in why


def test_a_missing_connection_is_named_with_the_way_to_add_it() -> None:
    with pytest.raises(
        ConfigurationError, match=r"connection bank_elsewhere is missing; add it with .*--conn-type eximbank"
    ):
        EximbankHook("bank_elsewhere").rates(DAY)


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """An https server whose certificate nobody vouches for, and the request lines that it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.requestline)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            pass

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["-out", str(certificate), "-keyout", str(key), "-subj", "/CN=localhost", "-days", "1"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True, capture_output=True)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://localhost:{server.server_address[1]}", seen
    server.shutdown()
    server.server_close()


def test_a_server_without_a_valid_certificate_never_sees_the_request(self_signed, connect) -> None:
    url, seen = self_signed
    with pytest.raises(SourceUnavailable, match="shows no valid certificate"):
        _hook(connect, url).rates(DAY)
    assert seen == []


def test_no_line_of_the_product_switches_the_check_of_certificates_off() -> None:
    package = Path(__file__).resolve().parents[2] / "plugins" / "trade_exposure"
    sources = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert len(sources) > 50
    for forbidden in ("verify=False", "verify = False", "CERT_NONE", "_create_unverified_context"):
        assert not [path for path, text in sources.items() if forbidden in text]
