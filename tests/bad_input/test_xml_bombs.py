"""XML that is built to hurt: no entity is ever put in, no file or address is opened, and the answer is one sentence."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from trade_exposure.errors import ReplyUnreadable
from trade_exposure.feeds.model import ParsedFiles, Part
from trade_exposure.feeds.registry import feed

ITEM = (
    "<item><balPayments>400</balPayments><expCnt>5</expCnt><expDlr>1000</expDlr><impCnt>6</impCnt><impDlr>600</impDlr>"
    "<statCd>VN</statCd><statCdCntnKor1>{name}</statCdCntnKor1><year>2026.05</year></item>"
)
REPLY = (
    '<?xml version="1.0" encoding="UTF-8"?>{doctype}<response><header><resultCode>00</resultCode><resultMsg>ok</resultMsg>'
    "</header><body><items>{items}</items></body></response>"
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
SENTENCE = "The reply is not the XML of this service: it was cut off or comes from something else; ask again."


def parsed(body: bytes, out: Path) -> ParsedFiles:
    part = Part("reply", hashlib.sha256(body).hexdigest(), len(body), lambda: io.BytesIO(body))
    return feed("customs_country_trade").parse([part], date(2026, 5, 1), "all", out)


def reply(name: str = "베트남", doctype: str = "", items: str | None = None) -> bytes:
    return REPLY.format(doctype=doctype, items=ITEM.format(name=name) if items is None else items).encode()


def test_the_reply_without_a_bomb_is_read(tmp_path: Path) -> None:
    assert parsed(reply(), tmp_path).announced_rows == 1


@pytest.mark.parametrize(
    ("name", "doctype"),
    [
        ("&l11;", f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>'),
        ("&big;" * 1000, f'<!DOCTYPE r [<!ENTITY big "{"A" * 100_000}">]>'),
        ("&x;", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        ("베트남", '<!DOCTYPE r [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]>'),
        ("베트남", '<!DOCTYPE r SYSTEM "file:///etc/passwd">'),
        ("베트남", "<!DOCTYPE r>"),
    ],
    ids=["billion laughs", "quadratic", "external entity", "parameter entity", "external type", "any document type"],
)
def test_a_document_type_is_refused_at_once(tmp_path: Path, name: str, doctype: str) -> None:
    started = time.process_time()
    with pytest.raises(ReplyUnreadable) as refused:
        parsed(reply(name, doctype), tmp_path)
    assert str(refused.value).startswith("The reply "), refused.value
    assert "root:" not in str(refused.value)
    assert time.process_time() - started < 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [
        reply(items="<item>" + "<a>" * 100_000 + "</a>" * 100_000 + "</item>"),
        reply()[:-40],
        reply().replace(b"</items>", b""),
        reply("&nope;"),
        reply("\x01"),
        reply().decode().encode("utf-16"),
    ],
    ids=["nested too deeply", "cut", "a tag that never closes", "an unknown entity", "a control character", "UTF-16"],
)
def test_xml_that_is_none_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(ReplyUnreadable, match=r"^The reply .*ask again\.$"):
        parsed(body, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_address_in_a_reply_is_ever_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        for doctype in (f'<!DOCTYPE r [<!ENTITY x SYSTEM "{address}/x">]>', f'<!DOCTYPE r SYSTEM "{address}/d">'):
            with pytest.raises(ReplyUnreadable):
                parsed(reply("&x;", doctype), tmp_path)
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []
