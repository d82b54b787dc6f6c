"""Whatever bytes come, a parser gives rows and rejects that add up, or one of the product's own errors."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trade_exposure.errors import ExposureError
from trade_exposure.feeds.model import Parsed
from trade_exposure.feeds.registry import feed

MAY = date(2026, 5, 1)
FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLICES = {"customs_country_trade": "all", "fx_daily_rate": "USD"}

_ITEM = (
    "<item><balPayments>400</balPayments><expCnt>5</expCnt><expDlr>1000</expDlr><impCnt>6</impCnt><impDlr>600</impDlr>"
    "<statCd>VN</statCd><statCdCntnKor1>베트남</statCdCntnKor1><year>2026.05</year></item>"
)
_HEAD = "<response><header><resultCode>00</resultCode><resultMsg>m</resultMsg></header><body><items>"
_ROW = {"ITEM_CODE1": "0000001", "ITEM_NAME1": "원", "UNIT_NAME": "원", "TIME": "20260512", "DATA_VALUE": "1401.5"}
GOOD = {
    "customs_country_trade": f"{_HEAD}{_ITEM}{_ITEM}</items></body></response>".encode(),
    "fx_daily_rate": json.dumps(
        {"StatisticSearch": {"list_total_count": 2, "row": [_ROW, _ROW]}}, ensure_ascii=False
    ).encode(),
}


def _outcome(feed_id: str, body: bytes) -> Parsed | ExposureError:
    try:
        return feed(feed_id).parse(body, MAY, SLICES[feed_id])
    except ExposureError as error:
        return error


@pytest.mark.parametrize("feed_id", SLICES)
def test_the_whole_reply_is_a_good_one(feed_id: str) -> None:
    outcome = _outcome(feed_id, GOOD[feed_id])
    assert isinstance(outcome, Parsed)
    assert outcome.table.num_rows == outcome.announced_rows == 2


@pytest.mark.parametrize("feed_id", SLICES)
@FEW
@given(body=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_raise_anything_but_an_error_of_ours(feed_id: str, body: bytes) -> None:
    _outcome(feed_id, body)


@pytest.mark.parametrize("feed_id", SLICES)
@FEW
@given(data=st.data())
def test_no_damage_to_a_good_reply_raises_anything_but_an_error_of_ours(feed_id: str, data: Any) -> None:
    good = GOOD[feed_id]
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 40, len(good))))
    _outcome(feed_id, good[:start] + data.draw(st.binary(max_size=6)) + good[end:])


_VALUES = st.text(alphabet="0123456789.,- e총계٣VN년", max_size=24) | st.sampled_from(
    ["1000", "-7", "2026.05", "20260512", "VN"]
)


def _adds_up(outcome: Parsed | ExposureError) -> None:
    assert isinstance(outcome, Parsed), outcome
    assert outcome.table.num_rows + len(outcome.rejects) == outcome.announced_rows
    for measure, announced in outcome.announced_totals.items():
        accepted = sum(outcome.table[measure].to_pylist(), Decimal(0))
        assert accepted + sum((r.amounts.get(measure, Decimal(0)) for r in outcome.rejects), Decimal(0)) == announced


@FEW
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["expDlr", "impDlr", "statCd", "expCnt", "balPayments"]), _VALUES), max_size=4
    )
)
def test_rows_and_money_of_any_customs_reply_are_all_in_rows_or_rejects(changes: list[dict[str, str]]) -> None:
    good = {"balPayments": "1", "expCnt": "1", "expDlr": "9", "impCnt": "1", "impDlr": "8", "statCd": "VN"}
    items = [{**good, **change, "statCdCntnKor1": "이름", "year": "2026.05"} for change in changes]
    texts = [
        "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in item.items()) + "</item>" for item in items
    ]
    _adds_up(_outcome("customs_country_trade", f"{_HEAD}{''.join(texts)}</items></body></response>".encode()))


@FEW
@given(
    st.lists(st.dictionaries(st.sampled_from(["DATA_VALUE", "TIME", "ITEM_CODE1"]), _VALUES), min_size=1, max_size=4)
)
def test_rows_and_money_of_any_rate_reply_are_all_in_rows_or_rejects(changes: list[dict[str, str]]) -> None:
    rows = [{**_ROW, **change} for change in changes]
    body = json.dumps({"StatisticSearch": {"list_total_count": len(rows), "row": rows}}, ensure_ascii=False)
    _adds_up(_outcome("fx_daily_rate", body.encode()))
