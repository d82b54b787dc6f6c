"""The local server speaks as the real sources do, down to status and headers."""

from __future__ import annotations

import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage, IncompleteRead
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from trade_exposure.errors import BadInput
from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

KEY = quote(SAMPLE_KEY, safe="")
LIST = "/1220000/nationtrade/getNationtradeList"


class Heard(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def code(self) -> str:
        found = re.search(
            r'(?:<resultCode>|<returnReasonCode>|"returnReasonCode":"|"CODE":")([^<"]*)', self.body.decode()
        )
        return found[1] if found else ""


def _ask(url: str) -> Heard:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310 - our own server
            return Heard(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        return Heard(error.code, error.headers, error.read())


@pytest.fixture
def replies(sample: Path) -> Path:
    return sample / "replies"


@pytest.fixture
def server(replies: Path) -> Iterator[FeedServer]:
    with FeedServer(replies, key=SAMPLE_KEY) as running:
        yield running


def _trade(server: FeedServer, query: str, key: str = KEY) -> Heard:
    return _ask(f"{server.url}{LIST}?serviceKey={key}&{query}")


def _rates(server: FeedServer, rest: str, key: str = KEY) -> Heard:
    return _ask(f"{server.url}/api/StatisticSearch/{key}/{rest}")


def test_one_month_of_every_country_is_the_file_verbatim(server: FeedServer, replies: Path) -> None:
    heard = _trade(server, "strtYymm=202605&endYymm=202605")
    assert heard.body == (replies / "customs/getNationtradeList_202605_all.xml").read_bytes()
    assert heard.status == 200
    assert heard.headers["Content-Type"] == "application/xml"
    assert heard.headers["X-Data-Synthetic"] == "true"
    assert (heard.headers["X-RateLimit-Limit"], heard.headers["X-RateLimit-Remaining"]) == ("10000", "9999")


def test_a_longer_window_has_the_items_of_its_months_and_no_other(server: FeedServer, replies: Path) -> None:
    body = _trade(server, "strtYymm=202511&endYymm=202610").body.decode()
    assert sorted(set(re.findall(r"<year>([0-9.]+)</year>", body))) == [
        f"{year}.{month:02d}" for year, months in ((2025, (11, 12)), (2026, range(1, 11))) for month in months
    ]
    files = [replies / f"customs/getNationtradeList_{month}_all.xml" for month in ("202604", "202605")]
    both = _trade(server, "strtYymm=202604&endYymm=202605").body
    assert both.count(b"<item>") == sum(file.read_bytes().count(b"<item>") for file in files)
    assert b"\n" not in both


def test_one_country_gives_that_country_alone(server: FeedServer) -> None:
    body = _trade(server, "strtYymm=202601&endYymm=202603&cntyCd=NA").body.decode()
    assert re.findall(r"<statCd>(..)</statCd>", body) == ["NA", "NA", "NA"]
    assert body.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header><resultCode>00<')


def test_a_month_without_a_file_is_a_success_without_items(server: FeedServer) -> None:
    heard = _trade(server, "strtYymm=202611&endYymm=202611")
    assert (heard.status, heard.code) == (200, "00")
    assert heard.body.endswith(b"<body><items/></body></response>")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("strtYymm=202510&endYymm=202610", "1년이내"),
        ("strtYymm=202605&endYymm=202604", "크거나 같아야"),
        ("strtYymm=202613&endYymm=202613", "시작년월 형식"),
        ("strtYymm=202605&endYymm=2026-06", "종료년월 형식"),
        ("strtYymm=202605", "필수 요청변수"),
        ("strtYymm=202605&endYymm=202605&cntyCd=us", "국가코드"),
    ],
)
def test_the_service_refuses_with_its_own_99_and_no_body(query: str, words: str, server: FeedServer) -> None:
    heard = _trade(server, query)
    assert (heard.status, heard.code) == (200, "99")
    assert words in heard.body.decode()
    assert b"<body" not in heard.body
    assert "X-RateLimit-Limit" not in heard.headers


@pytest.mark.parametrize("path", ["/", "/1220000/Nationtrade/getNationtradeList", "/1220000/nationtrade", "/apis/x"])
def test_an_unknown_path_or_case_is_gateway_error_12(path: str, server: FeedServer) -> None:
    heard = _ask(f"{server.url}{path}?serviceKey={KEY}")
    assert (heard.status, heard.code) == (400, "12")


@pytest.mark.parametrize("query", ["", "serviceKey=&strtYymm=202605&endYymm=202605"])
def test_no_key_is_gateway_error_20(query: str, server: FeedServer) -> None:
    heard = _ask(f"{server.url}{LIST}?{query}")
    assert (heard.status, heard.code) == (401, "20")


@pytest.mark.parametrize("key", ["another", quote(KEY, safe=""), SAMPLE_KEY])
def test_a_wrong_a_doubly_encoded_and_an_unencoded_key_are_gateway_error_30(key: str, server: FeedServer) -> None:
    heard = _trade(server, "strtYymm=202605&endYymm=202605", key)
    assert (heard.status, heard.code) == (403, "30")


def test_without_a_key_of_its_own_the_server_takes_any_but_a_doubly_encoded_one(replies: Path) -> None:
    with FeedServer(replies) as server:
        assert _trade(server, "strtYymm=202605&endYymm=202605", "anything").status == 200
        assert _trade(server, "strtYymm=202605&endYymm=202605", quote(KEY, safe="")).code == "30"


def test_asking_for_json_breaks_as_it_really_does(server: FeedServer) -> None:
    heard = _trade(server, "strtYymm=202605&endYymm=202605&_type=json")
    assert (heard.status, heard.code) == (200, "04")
    assert json.loads(heard.body)["OpenAPI_ServiceResponse"]["cmmMsgHeader"]["errMsg"] == "HTTP_ERROR"


def test_rates_are_filtered_by_item_and_days_and_counted(server: FeedServer) -> None:
    told = json.loads(_rates(server, "json/kr/1/100/731Y001/D/20260511/20260515/0000002").body)["StatisticSearch"]
    assert told["list_total_count"] == 5
    assert [row["TIME"] for row in told["row"]] == ["20260511", "20260512", "20260513", "20260514", "20260515"]
    assert {row["ITEM_CODE1"] for row in told["row"]} == {"0000002"}


def test_a_page_of_rates_has_its_rows_and_the_count_of_all(server: FeedServer) -> None:
    told = json.loads(_rates(server, "json/kr/2/3/731Y001/D/20260511/20260515/0000001").body)["StatisticSearch"]
    assert (told["list_total_count"], [row["TIME"] for row in told["row"]]) == (5, ["20260512", "20260513"])


def test_the_public_key_of_ecos_gets_ten_rows(server: FeedServer) -> None:
    told = json.loads(_rates(server, "json/kr/1/100/731Y001/D/20260501/20260531/0000001", "sample").body)[
        "StatisticSearch"
    ]
    assert (told["list_total_count"], len(told["row"])) == (18, 10)


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("json/kr/1/100/731Y001/D/20260502/20260503/0000001", "INFO-200"),
        ("json/kr/1/100/731Y001/D/20260501/20260531/0000099", "INFO-200"),
        ("json/kr/1/100/731Y001/D/20260501/20260531", "INFO-200"),
        ("json/kr/1/100/999Y999/D/20260501/20260531/0000001", "INFO-200"),
        ("json/kr/1/100/731Y001/D", "ERROR-100"),
        ("xml/kr/1/100/731Y001/D/20260501/20260531/0000001", "ERROR-200"),
        ("json/kr/x/100/731Y001/D/20260501/20260531/0000001", "ERROR-301"),
        ("json/kr/5/1/731Y001/D/20260501/20260531/0000001", "ERROR-301"),
        ("json/kr/1/100/731Y001/D/202605/202605/0000001", "ERROR-101"),
    ],
)
def test_ecos_answers_its_codes_with_status_200(rest: str, code: str, server: FeedServer) -> None:
    heard = _rates(server, rest)
    assert (heard.status, heard.code) == (200, code)


@pytest.mark.parametrize("key", ["another", quote(KEY, safe="")])
def test_a_bad_key_of_ecos_is_info_100(key: str, server: FeedServer) -> None:
    assert _rates(server, "json/kr/1/100/731Y001/D/20260501/20260531/0000001", key).code == "INFO-100"


@pytest.mark.parametrize(
    ("fault", "customs", "ecos"),
    [
        ("throttle", (200, "23"), (200, "ERROR-602")),
        ("daily-quota", (200, "22"), (200, "INFO-300")),
        ("key-not-registered", (403, "30"), (200, "INFO-100")),
        ("http-500", (500, ""), (500, "")),
    ],
)
def test_a_fault_speaks_the_wire_format_of_the_source_that_is_asked(
    fault: str, customs: tuple[int, str], ecos: tuple[int, str], replies: Path
) -> None:
    with FeedServer(replies, faults=[f"{fault}:2"]) as server:
        first = _trade(server, "strtYymm=202605&endYymm=202605")
        second = _rates(server, "json/kr/1/100/731Y001/D/20260501/20260531/0000001")
        third = _trade(server, "strtYymm=202605&endYymm=202605")
    assert [(heard.status, heard.code) for heard in (first, second)] == [customs, ecos]
    assert (third.status, third.code) == (200, "00")


def test_a_truncated_body_ends_before_its_announced_length(replies: Path) -> None:
    with FeedServer(replies, faults=["truncated:1"]) as server:
        with pytest.raises(IncompleteRead):
            _trade(server, "strtYymm=202605&endYymm=202605")
        assert _trade(server, "strtYymm=202605&endYymm=202605").code == "00"


def test_a_time_out_answers_nothing_and_does_not_hold_up_others_or_the_end(replies: Path) -> None:
    started = time.monotonic()
    with FeedServer(replies, faults=["time-out:1"]) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=0.3) as waiting:
            waiting.sendall(f"GET {LIST}?serviceKey=x HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            assert _trade(server, "strtYymm=202605&endYymm=202605").code == "00"
    assert time.monotonic() - started < 5


def test_a_slow_answer_is_the_right_answer(monkeypatch: pytest.MonkeyPatch, replies: Path) -> None:
    monkeypatch.setattr("trade_exposure.samples.server._SLOW_SECONDS", 0.3)
    with FeedServer(replies, faults=["slow:1"]) as server:
        started = time.monotonic()
        assert _trade(server, "strtYymm=202605&endYymm=202605").code == "00"
        assert time.monotonic() - started >= 0.3


def test_request_lines_are_kept_with_the_key_masked(server: FeedServer) -> None:
    _trade(server, "strtYymm=202605&endYymm=202605")
    _rates(server, "json/kr/1/100/731Y001/D/20260501/20260531/0000001")
    assert server.requests == [
        f"GET {LIST}?serviceKey=***&strtYymm=202605&endYymm=202605 HTTP/1.1",
        "GET /api/StatisticSearch/***/json/kr/1/100/731Y001/D/20260501/20260531/0000001 HTTP/1.1",
    ]


def test_a_folder_declared_real_is_said_to_be_real(replies: Path) -> None:
    with FeedServer(replies, synthetic=False) as server:
        assert _trade(server, "strtYymm=202605&endYymm=202605").headers["X-Data-Synthetic"] == "false"


def test_the_server_listens_on_this_machine_alone(server: FeedServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_refused_with_a_sentence(server: FeedServer, replies: Path) -> None:
    with pytest.raises(BadInput, match="cannot be used for the feed server"):
        FeedServer(replies, port=int(server.url.rsplit(":", 1)[1]))


def test_an_unknown_fault_is_refused_before_anything_is_served(replies: Path) -> None:
    with pytest.raises(BadInput, match="no fault"):
        FeedServer(replies, faults=["flood"])


def test_a_missing_or_empty_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no folder .*nowhere"):
        FeedServer(tmp_path / "nowhere")
    (tmp_path / "customs").mkdir()
    (tmp_path / "customs" / "err_gateway_30.xml").write_text("<x/>", encoding="utf-8")
    with pytest.raises(BadInput, match="holds no reply"):
        FeedServer(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ecos_731Y001_x.json", "{"),
        ("ecos_731Y001_x.json", '{"RESULT":{}}'),
        ("ecos_731Y001_x.json", '{"StatisticSearch":{"row":[{"TIME":"20260501"}]}}'),
        ("rates.csv", "day,krw\n2026-05-01,1400\n"),
    ],
)
def test_a_file_of_rates_that_cannot_be_read_is_named(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "fx").mkdir()
    (tmp_path / "fx" / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=name):
        FeedServer(tmp_path)


def test_rates_in_a_csv_file_are_spoken_as_rows_of_the_dollar(tmp_path: Path) -> None:
    (tmp_path / "fx").mkdir()
    (tmp_path / "fx" / "rates.csv").write_text("date,usd_krw,source\n2026-05-12,1401.5,made up\n", encoding="utf-8")
    with FeedServer(tmp_path) as server:
        told = json.loads(_rates(server, "json/kr/1/100/731Y001/D/20260501/20260531/0000001").body)["StatisticSearch"]
    assert [(row["TIME"], row["DATA_VALUE"], row["ITEM_CODE1"]) for row in told["row"]] == [
        ("20260512", "1401.5", "0000001")
    ]


def test_a_country_file_serves_requests_that_name_the_country_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "customs").mkdir()
    item = "<item><expDlr>1</expDlr><statCd>US</statCd><year>2026.01</year></item>"
    (tmp_path / "customs" / "getNationtradeList_US_sample.xml").write_text(f"<items>{item}</items>", encoding="utf-8")
    with FeedServer(tmp_path) as server:
        assert item.encode() in _trade(server, "strtYymm=202601&endYymm=202602&cntyCd=US").body
        assert b"<items/>" in _trade(server, "strtYymm=202601&endYymm=202602").body
