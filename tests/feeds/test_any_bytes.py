"""Whatever bytes come, a parser gives rows and rejects that add up, or one of the product's own errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trade_exposure.errors import ExposureError

FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
YEAR = date(2026, 1, 1)
ASKED = {
    "customs_country_trade": (date(2026, 5, 1), "all", "reply"),
    "customs_region_trade": (YEAR, "all", "through=2026-09"),
    "fx_daily_rate": (YEAR, "USD", "reply"),
    "fx_eximbank_rate": (date(2026, 5, 1), "all", "2026-05-12"),
    "ksure_country_grade": (date(2026, 5, 1), "all", "page=1"),
}

_HEAD = "<response><header><resultCode>00</resultCode><resultMsg>m</resultMsg></header><body><items>"
_TAIL = "</items></body></response>"
_COUNTRY = {"balPayments": "400", "expCnt": "5", "expDlr": "1000", "impCnt": "6", "impDlr": "600", "statCd": "VN"} | {
    "statCdCntnKor1": "베트남",
    "year": "2026.05",
}
_REGION = {"cmtrBlncAmt": "  400", "expCnt": "5", "expUsdAmt": " 1,000", "impCnt": "6", "impUsdAmt": "   600"} | {
    "priodTitle": "2026",
    "sidoNm": "서울특별시",
}
_RATE = {"ITEM_CODE1": "0000001", "ITEM_NAME1": "원", "UNIT_NAME": "원", "TIME": "20260512", "DATA_VALUE": "1401.5"}
_BANK_RATE = {"result": 1, "cur_unit": "USD", "deal_bas_r": "1,401.5", "cur_nm": "미국 달러"}
_GRADE = {"ctryCd": "VN", "ctryNm": "베트남", "evalGrd": "4", "evalDd": "20260105"}


def _xml(*items: dict[str, str]) -> bytes:
    texts = (f"<item>{''.join(f'<{name}>{value}</{name}>' for name, value in item.items())}</item>" for item in items)
    return f"{_HEAD}{''.join(texts)}{_TAIL}".encode()


def _json(told: Any) -> bytes:
    # A lone surrogate becomes its escape, which JSON allows.
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _ecos(*rows: dict[str, Any]) -> bytes:
    return _json({"StatisticSearch": {"list_total_count": len(rows), "row": rows}})


def _page(*items: dict[str, Any]) -> bytes:
    body = {"items": {"item": items}, "numOfRows": 100, "pageNo": 1, "totalCount": len(items)}
    return _json({"response": {"header": {"resultCode": "0", "resultMsg": "m"}, "body": body}})


WRITTEN: dict[str, tuple[dict[str, Any], Callable[..., bytes]]] = {
    "customs_country_trade": (_COUNTRY, _xml),
    "customs_region_trade": (_REGION, _xml),
    "fx_daily_rate": (_RATE, _ecos),
    "fx_eximbank_rate": (_BANK_RATE, lambda *rows: _json(list(rows))),
    "ksure_country_grade": (_GRADE, _page),
}


def _good(feed_id: str) -> bytes:
    row, write = WRITTEN[feed_id]
    return write(row, row)


@pytest.fixture(scope="module")
def outcome(read) -> Callable[[str, bytes], Any]:
    """What a parser makes of bytes: a load, or an error of ours."""

    def run(feed_id: str, body: bytes) -> Any:
        period, slice_, name = ASKED[feed_id]
        try:
            return read(feed_id, {name: body}, period, slice_)
        except ExposureError as error:
            return error

    return run


@pytest.mark.parametrize("feed_id", ASKED)
def test_the_whole_reply_is_a_good_one(feed_id: str, outcome) -> None:
    found = outcome(feed_id, _good(feed_id))
    assert len(found.rows) == found.announced_rows == 2
    assert found.adds_up()


@pytest.mark.parametrize("feed_id", ASKED)
@FEW
@given(body=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise_anything_but_an_error_of_ours(feed_id: str, outcome, body: bytes) -> None:
    outcome(feed_id, body)


@pytest.mark.parametrize("feed_id", ASKED)
@FEW
@given(data=st.data())
def test_no_damage_to_a_good_reply_raises_anything_but_an_error_of_ours(feed_id: str, outcome, data: Any) -> None:
    good = _good(feed_id)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 40, len(good))))
    outcome(feed_id, good[:start] + data.draw(st.binary(max_size=6)) + good[end:])


_VALUES = st.text(alphabet="0123456789.,- e총계٣VN년()=", max_size=24) | st.sampled_from(
    ["1000", "-7", "2026.05", "2026", "20260512", "VN", "1,234.50", "JPY(100)", "KRW", "00000000000000000000001"]
)
_JSON_VALUES = (
    _VALUES | st.none() | st.integers() | st.just("\ud800") | st.just("\0") | st.lists(st.just("x"), max_size=1)
)


@pytest.mark.parametrize("feed_id", ASKED)
@FEW
@given(data=st.data())
def test_rows_and_money_of_any_reply_are_all_in_rows_or_rejects(feed_id: str, outcome, data: Any) -> None:
    good, write = WRITTEN[feed_id]
    values = _VALUES if write is _xml else _JSON_VALUES
    names = [name for name in good if name not in ("year", "priodTitle", "result")]
    changes = data.draw(st.lists(st.dictionaries(st.sampled_from(names), values, max_size=3), max_size=4))
    found = outcome(feed_id, write(*({**good, **change} for change in changes)))
    assert not isinstance(found, ExposureError), found
    assert found.adds_up()
