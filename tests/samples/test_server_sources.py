"""The local server speaks for the sources whose replies are put together from tables, and counts their calls."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.sample_files import seed

from trade_exposure.errors import BadInput
from trade_exposure.samples.server import SAMPLE_KEY, FeedServer
from trade_exposure.samples.tables import Tables

KEY = quote(SAMPLE_KEY, safe="")
COUNTRY = "/1220000/nationtrade/getNationtradeList"
ITEM = "/1220000/nitemtrade/getNitemtradeList"
PROVINCE = "/1220000/sidotrade/getSidotradeList"
GRADE = "/B552696/countrygrade/credit-grade"
BANK = "/site/program/financial/exchangeJSON"


@pytest.fixture
def server(sample: Path) -> Iterator[FeedServer]:
    with FeedServer(sample / "replies", key=SAMPLE_KEY) as running:
        yield running


def ask(server: FeedServer, path: str, query: str, key: str = KEY) -> tuple[int, str]:
    name = "authkey" if path == BANK else "serviceKey"
    try:
        with urllib.request.urlopen(f"{server.url}{path}?{name}={key}&{query}", timeout=30) as reply:  # noqa: S310
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def code(body: str) -> str:
    found = re.search("<(?:resultCode|returnReasonCode)>([^<]*)", body)
    return found[1] if found else ""


def items(body: str) -> list[dict[str, str]]:
    return [dict(re.findall(r"<(\w+)>([^<]*)</\1>", item)) for item in re.findall("<item>(.*?)</item>", body)]


def total_of(rows: list[dict[str, str]]) -> tuple[int, list[dict[str, str]]]:
    """Place of the total row, and the others."""
    (place,) = [number for number, row in enumerate(rows) if row["year"] == "총계"]
    assert {row["hsCd"] for row in rows if row["year"] == "총계"} == {"-"}
    return place, [row for row in rows if row["year"] != "총계"]


def test_goods_come_one_level_below_what_was_asked_with_one_total_among_them(server: FeedServer) -> None:
    window = "strtYymm=202501&endYymm=202503"
    seen, places = {}, set()
    for asked, length in (("85", 4), ("8542", 6), ("854232", 10)):
        rows = items(ask(server, ITEM, f"{window}&hsSgn={asked}")[1])
        place, rest = total_of(rows)
        places.add(place == 0)
        assert {len(row["hsCd"]) for row in rest} == {length}
        assert all(row["hsCd"].startswith(asked) for row in rest)
        assert {row["year"] for row in rest} == {"2025.01", "2025.02", "2025.03"}
        for field in ("expDlr", "impDlr", "expWgt", "impWgt", "balPayments"):
            assert int(rows[place][field]) == sum(int(row[field]) for row in rest)
        seen[asked] = rest
    of_heading = sum(int(row["expDlr"]) for row in seen["85"] if row["hsCd"] == "8542")
    assert of_heading == sum(int(row["expDlr"]) for row in seen["8542"]) > 10**9
    assert len({row["statCd"] for row in seen["8542"]}) > 20


def test_one_country_gives_its_own_rows_alone(server: FeedServer) -> None:
    _, rest = total_of(items(ask(server, ITEM, "strtYymm=202510&endYymm=202510&cntyCd=NA")[1]))
    assert {(row["statCd"], row["statCdCntnKor1"]) for row in rest} == {("NA", "나미비아")}
    assert {len(row["hsCd"]) for row in rest} == {10}


def test_all_goods_of_a_month_add_up_to_its_countries(server: FeedServer) -> None:
    countries = items(ask(server, COUNTRY, "strtYymm=202512&endYymm=202512")[1])
    total = 0
    for chapter in range(1, 98):
        rows = items(ask(server, ITEM, f"strtYymm=202512&endYymm=202512&hsSgn={chapter:02d}")[1])
        total += sum(int(row["expDlr"]) for row in rows if row["year"] == "총계")
    assert total == sum(int(row["expDlr"]) for row in countries) > 50 * 10**9


@pytest.mark.parametrize(
    ("path", "query", "words"),
    [
        (ITEM, "strtYymm=202501&endYymm=202501", "품목코드 혹은 국가코드"),
        (ITEM, "strtYymm=202501&endYymm=202501&hsSgn=854", "2,4,6,10 자리"),
        (ITEM, "strtYymm=202501&endYymm=202501&hsSgn=8A", "2,4,6,10 자리"),
        (ITEM, "strtYymm=202501&endYymm=202601&hsSgn=85", "1년이내"),
        (PROVINCE, "strtYymm=202501&endYymm=202601", "1년이내"),
        (PROVINCE, "strtYymm=202501", "필수 요청변수"),
    ],
)
def test_the_customs_service_refuses_with_its_own_99(path: str, query: str, words: str, server: FeedServer) -> None:
    status, body = ask(server, path, query)
    assert (status, code(body)) == (200, "99")
    assert words in body


@pytest.mark.parametrize(
    ("path", "query"),
    [(ITEM, "strtYymm=202611&endYymm=202611&hsSgn=85"), (ITEM, "strtYymm=202501&endYymm=202501&hsSgn=77"),
     (PROVINCE, "strtYymm=202611&endYymm=202612")],
)  # fmt: skip
def test_nothing_found_is_a_success_without_items(path: str, query: str, server: FeedServer) -> None:
    status, body = ask(server, path, query)
    assert (status, code(body)) == (200, "00")
    assert body.endswith("<body><items/></body></response>")


def test_provinces_come_by_year_in_thousand_dollars_padded_with_the_total_first(server: FeedServer) -> None:
    rows = items(ask(server, PROVINCE, "strtYymm=202601&endYymm=202610")[1])
    assert rows[0]["priodTitle"] == "총계"
    assert "sidoNm" not in rows[0]
    assert len(rows) == 1 + 18
    assert {row["priodTitle"] for row in rows[1:]} == {"2026"}
    assert {"광주광역시", "전라남도", "전남광주통합특별시"} <= {row["sidoNm"] for row in rows[1:]}
    assert all(re.fullmatch(r" *-?[0-9,]+", row["expUsdAmt"]) and len(row["expUsdAmt"]) == 16 for row in rows)
    numbers = [int(row["expUsdAmt"].replace(",", "")) for row in rows]
    assert numbers[0] == sum(numbers[1:]) > 500_000_000
    across = items(ask(server, PROVINCE, "strtYymm=202507&endYymm=202606")[1])
    assert {row["priodTitle"] for row in across[1:]} == {"2025", "2026"}


def test_grades_come_in_pages_that_add_up(server: FeedServer) -> None:
    found: list[Any] = []
    for page in (1, 2, 3):
        told = json.loads(ask(server, GRADE, f"pageNo={page}&numOfRows=100&_type=json")[1])["response"]
        assert told["header"] == {"resultCode": "0", "resultMsg": "NORMAL SERVICE."}
        assert (told["body"]["totalCount"], told["body"]["pageNo"], told["body"]["numOfRows"]) == (205, page, 100)
        found += told["body"]["items"]["item"]
    assert len({row["ctryCd"] for row in found}) == len(found) == 205
    one = json.loads(ask(server, GRADE, "pageNo=5&numOfRows=51&_type=json")[1])["response"]["body"]
    assert one["items"]["item"]["ctryCd"]  # one item is an object and no list
    past = json.loads(ask(server, GRADE, "pageNo=9&numOfRows=100&_type=json")[1])["response"]["body"]
    assert (past["items"], past["totalCount"]) == ("", 205)
    assert code(ask(server, GRADE, "pageNo=0&numOfRows=100&_type=json")[1]) == "10"


def test_the_eximbank_speaks_in_texts_with_commas_and_per_hundred(server: FeedServer) -> None:
    told = json.loads(ask(server, BANK, "searchdate=20261013&data=AP01")[1])
    units = {row["cur_unit"]: row for row in told}
    assert {"USD", "JPY(100)", "IDR(100)", "KRW", "AED"} <= set(units)
    assert {row["result"] for row in told} == {1}
    assert re.fullmatch(r"1,[0-9]{3}(\.[0-9]{1,2})?", units["USD"]["deal_bas_r"])
    number = {name: float(units["USD"][name].replace(",", "")) for name in ("ttb", "deal_bas_r", "tts")}
    assert number["ttb"] < number["deal_bas_r"] < number["tts"]
    assert (units["KRW"]["deal_bas_r"], units["KRW"]["ttb"]) == ("1", "0")


def test_a_closed_day_is_an_empty_list_or_null(server: FeedServer) -> None:
    days = ("20261010", "20261011", "20261009", "20250101", "20261116")
    assert {ask(server, BANK, f"searchdate={day}&data=AP01")[1] for day in days} == {"[]", "null"}


@pytest.mark.parametrize(
    ("key", "query", "result"),
    [("another", "searchdate=20261013&data=AP01", 3), (quote(KEY, safe=""), "searchdate=20261013&data=AP01", 3),
     (KEY, "searchdate=20261013&data=AP09", 2), (KEY, "searchdate=20261013", 2)],
)  # fmt: skip
def test_the_eximbank_tells_its_errors_in_the_result(key: str, query: str, result: int, server: FeedServer) -> None:
    status, body = ask(server, BANK, query, key)
    assert (status, [row["result"] for row in json.loads(body)]) == (200, [result])


@pytest.mark.parametrize(("path", "query"), [(ITEM, "hsSgn=85"), (PROVINCE, ""), (GRADE, "_type=json")])
def test_every_service_of_the_gateway_asks_for_the_key(path: str, query: str, server: FeedServer) -> None:
    assert [code(ask(server, path, query, key)[1]) for key in ("", "another")] == ["20", "30"]


@pytest.mark.parametrize(
    ("fault", "status", "result"), [("daily-quota", 200, 4), ("key-not-registered", 200, 3), ("throttle", 429, None)]
)
def test_a_fault_of_the_eximbank_speaks_its_format(fault: str, status: int, result: int | None, sample: Path) -> None:
    with FeedServer(sample / "replies", faults=[f"{fault}:1"]) as server:
        heard, body = ask(server, BANK, "searchdate=20261013&data=AP01")
        assert heard == status
        assert result is None or json.loads(body)[0]["result"] == result
        assert json.loads(ask(server, BANK, "searchdate=20261013&data=AP01")[1])[0]["result"] == 1


def test_every_service_has_its_own_count_of_calls_until_the_next_day(sample: Path) -> None:
    month = "strtYymm=202501&endYymm=202501"
    with FeedServer(sample / "replies", key=SAMPLE_KEY, daily_calls=2) as server:
        assert [code(ask(server, ITEM, f"{month}&hsSgn=19")[1]) for _ in range(3)] == ["00", "00", "22"]
        assert code(ask(server, COUNTRY, month)[1]) == "00"
        bank = [json.loads(ask(server, BANK, "searchdate=20261013&data=AP01")[1])[0]["result"] for _ in range(3)]
        assert bank == [1, 1, 4]
        server.new_day()
        assert code(ask(server, ITEM, f"{month}&hsSgn=19")[1]) == "00"


def test_a_month_that_was_amended_has_other_bytes_after_its_revision(server: FeedServer, sample: Path) -> None:
    amended, other = ("strtYymm=202604&endYymm=202604", "strtYymm=202605&endYymm=202605")
    before = [ask(server, COUNTRY, query)[1] for query in (amended, other)]
    server.revise()
    after = [ask(server, COUNTRY, query)[1] for query in (amended, other)]
    assert (before[0] == after[0], before[1] == after[1]) == (False, True)
    sums = [sum(int(row["expDlr"]) for row in items(body)) for body in (before[0], after[0])]
    assert 0 < abs(sums[1] / sums[0] - 1) < 0.005
    with FeedServer(sample / "replies", is_revised=True) as revised:
        assert ask(revised, COUNTRY, amended)[1] == after[0]


def test_a_year_of_all_goods_is_walked_in_seconds(server: FeedServer) -> None:
    started = time.monotonic()
    year, headings = "strtYymm=202501&endYymm=202512", set()
    for chapter in range(1, 98):
        headings |= set(re.findall("<hsCd>([0-9]{4})<", ask(server, ITEM, f"{year}&hsSgn={chapter:02d}")[1]))
    rows = sum(ask(server, ITEM, f"{year}&hsSgn={heading}")[1].count("<item>") - 1 for heading in sorted(headings))
    assert 30_000 < rows < 40_000
    assert 40 <= len(headings) <= 60
    assert time.monotonic() - started < 30  # some two seconds on an idle machine


def test_names_of_goods_and_countries_are_those_of_the_seeds_or_of_the_customs_service(server: FeedServer) -> None:
    names = {row["customs_code"]: row["customs_name_ko"] for row in seed("country")}
    body = ask(server, ITEM, "strtYymm=202501&endYymm=202501&hsSgn=39")[1]
    rows = [row for row in items(body) if row["year"] != "총계"]
    assert all(names.get(row["statCd"], row["statCdCntnKor1"]) == row["statCdCntnKor1"] for row in rows)
    assert "<statKor>폴리아세탈 &amp; 그 밖의 폴리에테르</statKor>" in body
    assert "<statKor>대두유  </statKor>" in ask(server, ITEM, "strtYymm=202501&endYymm=202501&hsSgn=15")[1]


def test_a_folder_of_recorded_replies_has_no_tables_and_answers_empty(tmp_path: Path) -> None:
    (tmp_path / "customs").mkdir()
    (tmp_path / "customs" / "getNationtradeList_202601_all.xml").write_text("<items/>", encoding="utf-8")
    with FeedServer(tmp_path, key=SAMPLE_KEY, synthetic=False) as server:
        assert ask(server, ITEM, "strtYymm=202601&endYymm=202601&hsSgn=85")[1].endswith("<items/></body></response>")
        assert ask(server, BANK, "searchdate=20260102&data=AP01")[1] == "[]"
        assert json.loads(ask(server, GRADE, "_type=json")[1])["response"]["body"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("customs/getNitemtradeList_2026.csv", "a,b\n", "does not begin with the columns month, hs6"),
        ("customs/getSidotradeList.csv", "month,province,exports_kusd,imports_kusd,export_declarations,import_declarations\n1,2\n",
         "Line 2 of .* does not have 6 fields"),
        ("customs/getSidotradeList.csv", "month,province,exports_kusd,imports_kusd,export_declarations,import_declarations\n202601,서울,x,1,1,1\n",
         "holds 'x' where a whole number belongs"),
        ("ksure/credit-grade.json", "{", "is no list of grades"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_is_named(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text, encoding="utf-8")
    tables = Tables(tmp_path)
    with pytest.raises(BadInput, match=words):
        _ = (tables.items("2026"), tables.provinces, tables.grades)
