"""Connections from the environment, canned answers over real HTTP, and replies built by hand."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest

from trade_exposure.errors import DailyQuotaExhausted
from trade_exposure.feeds.model import Part, Reply
from trade_exposure.feeds.registry import feed

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def fixture_bytes() -> Callable[[str], bytes]:
    return lambda name: (FIXTURES / name).read_bytes()


def _part(name: str, body: bytes) -> Part:
    return Part(name, hashlib.sha256(body).hexdigest(), len(body), lambda: io.BytesIO(body))


@pytest.fixture
def part_of() -> Callable[[str, bytes], Part]:
    """A part of a load whose bytes lie in memory."""
    return _part


@dataclass(frozen=True)
class Loaded:
    """What a parser left, as Python values."""

    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    announced_rows: int
    announced_totals: dict[str, Decimal]
    part_of_row: tuple[tuple[int, str], ...]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]

    def adds_up(self) -> bool:
        """Whether rows and money are all in rows or rejects."""
        amounts = [dict(reject["amounts"]) for reject in self.rejects]
        return len(self.rows) + len(self.rejects) == self.announced_rows and all(
            sum(self.column(measure), Decimal(0)) + sum(found.get(measure, Decimal(0)) for found in amounts) == total
            for measure, total in self.announced_totals.items()
        )


Read = Callable[..., Loaded]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Parse with a registered feed what arrived for a period: one body, or bodies by the names of their parts."""

    def run(feed_id: str, arrived: bytes | Mapping[str, bytes], period: date, slice_: str = "all") -> Loaded:
        bodies = {"reply": arrived} if isinstance(arrived, bytes) else arrived
        parts = [_part(name, body) for name, body in bodies.items()]
        parsed = feed(feed_id).parse(parts, period, slice_, tmp_path_factory.mktemp("parsed"))
        return Loaded(
            pq.read_table(parsed.rows).to_pylist(),
            pq.read_table(parsed.rejects).to_pylist(),
            parsed.announced_rows,
            parsed.announced_totals,
            parsed.part_of_row,
        )

    return run


class MemoryJournal:
    """The journal of a walk in memory; ``asked`` names what was really asked for, in order."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.bodies: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.calls_left: int | None = None

    def part(self, name: str, ask: Callable[[], Reply]) -> bytes:
        if name not in self.bodies:
            if self.calls_left == 0:
                raise DailyQuotaExhausted("The day's calls of the test are used up.")
            self.calls_left = None if self.calls_left is None else self.calls_left - 1
            self.asked.append(name)
            self.bodies[name] = ask().body
        return self.bodies[name]


@pytest.fixture
def journal() -> Callable[[datetime], MemoryJournal]:
    return MemoryJournal


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Defines an Airflow connection for the time of the test."""

    def define(connection_id: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{connection_id.upper()}", json.dumps(fields))

    return define


class CannedServer:
    """Answers every request with one canned answer, or by its path, and keeps the request lines as they came."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.answer: Callable[[str], bytes] | None = None
        self.status = 200
        self.headers: dict[str, str] = {"Content-Type": "application/xml"}
        self.body = b""
        self.announced_length: int | None = None
        self.seconds_a_byte = 0.0
        canned = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                canned.lines.append(self.requestline)
                if canned.answer is not None:
                    canned.body = canned.answer(self.path)
                self.send_response(canned.status)
                length = len(canned.body) if canned.announced_length is None else canned.announced_length
                for name, value in {**canned.headers, "Content-Length": str(length)}.items():
                    self.send_header(name, value)
                self.end_headers()
                if not canned.seconds_a_byte:
                    self.wfile.write(canned.body)
                    return
                for byte in canned.body:
                    time.sleep(canned.seconds_a_byte)
                    try:
                        self.wfile.write(bytes([byte]))
                    except ConnectionError:
                        return

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def canned() -> Iterator[CannedServer]:
    server = CannedServer()
    yield server
    server.close()


@pytest.fixture
def customs_item() -> Callable[..., str]:
    """One item of a customs reply; a field set to None is left out."""

    def build(**changes: str | None) -> str:
        fields: dict[str, str | None] = {
            "balPayments": "400",
            "expCnt": "5",
            "expDlr": "1000",
            "impCnt": "6",
            "impDlr": "600",
            "statCd": "VN",
            "statCdCntnKor1": "베트남",
            "year": "2026.05",
            **changes,
        }
        return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items() if v is not None) + "</item>"

    return build


@pytest.fixture
def customs_reply() -> Callable[..., bytes]:
    """A successful customs reply around items."""

    def build(*items: str) -> bytes:
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header><resultCode>00</resultCode>'
            f"<resultMsg>정상서비스.</resultMsg></header><body><items>{''.join(items)}</items></body></response>"
        ).encode()

    return build


@pytest.fixture
def hs_item() -> Callable[..., str]:
    """One item of a reply by HS code; a code of fewer than six digits is a heading's."""

    def build(
        code: str, exports: int, imports: int = 0, country: str = "VN", month: str = "2026.01", **changes: str
    ) -> str:
        fields = {
            "balPayments": str(exports - imports),
            "expDlr": str(exports),
            "expWgt": "7",
            "hsCd": code,
            "impDlr": str(imports),
            "impWgt": "3",
            "statCd": country,
            "statCdCntnKor1": "베트남",
            "statKor": "품목",
            "year": month,
            **changes,
        }
        return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</item>"

    return build


@pytest.fixture
def hs_total(hs_item) -> Callable[..., str]:
    """The total row of a reply by HS code."""
    return lambda exports, imports=0: hs_item("-", exports, imports, "-", "총계", statCdCntnKor1="-", statKor="-")


@pytest.fixture
def chapter_replies(customs_reply, hs_item, hs_total) -> Callable[..., dict[str, bytes]]:
    """The answers for all 97 chapters, with the headings given as ``{"8542": {"exports": 9, "imports": 5}}``."""

    def build(headings: Mapping[str, Mapping[str, int]]) -> dict[str, bytes]:
        replies = {}
        for chapter in (f"{number:02}" for number in range(1, 98)):
            told = {code: amounts for code, amounts in headings.items() if code.startswith(chapter)}
            items = [hs_item(code, **amounts) for code, amounts in told.items()]
            sums = [sum(amounts.get(name, 0) for amounts in told.values()) for name in ("exports", "imports")]
            replies[f"hs2={chapter}"] = customs_reply(*items, *([hs_total(*sums)] if items else []))
        return replies

    return build


@pytest.fixture
def ecos_row() -> Callable[..., dict[str, Any]]:
    """One row of an ECOS reply."""

    def build(**changes: Any) -> dict[str, Any]:
        return {
            "STAT_NAME": "3.1.1.1. 주요국 통화의 대원화환율",
            "ITEM_CODE1": "0000001",
            "ITEM_NAME1": "원/미국달러(매매기준율)",
            "UNIT_NAME": "원",
            "TIME": "20260512",
            "DATA_VALUE": "1401.5",
            **changes,
        }

    return build


@pytest.fixture
def ecos_reply() -> Callable[..., bytes]:
    """A successful ECOS reply around rows; ``announced`` defaults to their number."""

    def build(*rows: dict[str, Any], announced: Any = None) -> bytes:
        count = len(rows) if announced is None else announced
        return json.dumps(
            {"StatisticSearch": {"list_total_count": count, "row": list(rows)}}, ensure_ascii=False
        ).encode()

    return build


@pytest.fixture
def told_by() -> Callable[..., str]:
    """Everything that an exception could show: its chain, its traceback, the variables of our own frames."""

    def collect(error: BaseException, *, with_variables: bool = True) -> str:
        parts: list[str] = []
        seen: set[int] = set()
        waiting: list[BaseException | None] = [error]
        while waiting:
            current = waiting.pop()
            if current is None or id(current) in seen:
                continue
            seen.add(id(current))
            waiting += [current.__context__, current.__cause__]
            parts += [str(current), repr(current), *traceback.format_exception(current)]
            for frame, _ in traceback.walk_tb(current.__traceback__):
                if with_variables and "trade_exposure" in frame.f_code.co_filename:
                    parts.append(repr(frame.f_locals))
        return "\n".join(parts)

    return collect


@pytest.fixture
def forms_of() -> Callable[[str], list[str]]:
    """A key as it is and as it stands in a URL."""

    def forms(key: str) -> list[str]:
        encoded = quote(key, safe="")
        return [key, encoded, encoded.lower(), quote(encoded, safe=""), quote(key, safe="=")]

    return forms
