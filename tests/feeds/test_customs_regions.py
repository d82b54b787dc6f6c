"""Trade by province: thousand dollars, padded numbers, old and new names, and a total row that rounding moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from trade_exposure.errors import BadInput, LoadStopped
from trade_exposure.feeds.registry import feed

YEAR = date(2026, 1, 1)


@pytest.fixture
def province() -> Callable[..., str]:
    def build(name: str | None, exports: str = "1,000", imports: str = "600", year: str = "2026") -> str:
        fields = {
            "cmtrBlncAmt": "             400",
            "expCnt": "       2,950",
            "expUsdAmt": f"     {exports}",
            "impCnt": "           5",
            "impUsdAmt": f"     {imports}",
            "priodTitle": year,
            "sidoNm": name,
        }
        return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items() if v is not None) + "</item>"

    return build


def test_a_row_becomes_dollars_under_our_key_of_the_province(province, customs_reply, read) -> None:
    body = customs_reply(province(None, "1,000", "600", "총계"), province("서울특별시"))
    parsed = read("customs_region_trade", {"through=2026-09": body}, YEAR)
    assert parsed.rows == [
        {
            "source_row": 2,
            "reference_year": YEAR,
            "through_month": date(2026, 9, 1),
            "region_key": "SEOUL",
            "region_name_ko": "서울특별시",
            "exports_usd": Decimal(1_000_000),
            "imports_usd": Decimal(600_000),
            "trade_balance_usd": Decimal(400_000),
            "export_declarations": 2950,
            "import_declarations": 5,
        }
    ]
    assert parsed.announced_totals == {"exports_usd": Decimal(1_000_000), "imports_usd": Decimal(600_000)}
    assert parsed.adds_up()


def test_former_and_new_names_of_a_province_are_the_same_province(province, customs_reply, read) -> None:
    names = ["강원도", "강원특별자치도", "전라북도", "전북특별자치도", "광주광역시", "전라남도", "전남광주통합특별시"]
    parsed = read("customs_region_trade", customs_reply(*map(province, names)), YEAR)
    keys = dict(zip(parsed.column("region_name_ko"), parsed.column("region_key"), strict=True))
    assert list(keys) == names
    assert keys["강원도"] == keys["강원특별자치도"]
    assert keys["전라북도"] == keys["전북특별자치도"]
    assert len({keys["광주광역시"], keys["전라남도"], keys["전남광주통합특별시"]}) == 3


def test_a_name_that_is_no_province_is_a_reject(province, customs_reply, read) -> None:
    parsed = read("customs_region_trade", customs_reply(province("평양직할시"), province("부산광역시")), YEAR)
    assert [(reject["source_row"], reject["rule"]) for reject in parsed.rejects] == [(1, "unknown_region")]
    assert parsed.adds_up()


@pytest.mark.parametrize(("total", "stops"), [("3,000", False), ("3,001", False), ("2,998", False), ("3,003", True)])
def test_a_total_may_differ_from_its_rows_by_what_rounding_explains(
    total: str, stops: bool, province, customs_reply, read
) -> None:
    """Three rows and their total, each off by half a thousand dollars at most, explain two thousand together."""
    rows = [province(name) for name in ("서울특별시", "부산광역시", "대구광역시")]
    body = customs_reply(province(None, total, "1,800", "총계"), *rows)
    if stops:
        with pytest.raises(LoadStopped, match="rows add up to 3000000, and rounding explains 2000 at most; ask again"):
            read("customs_region_trade", body, YEAR)
    else:
        parsed = read("customs_region_trade", body, YEAR)
        assert parsed.announced_totals["exports_usd"] == Decimal(3_000_000)
        assert parsed.adds_up()


def test_an_unreadable_amount_shows_in_the_total(province, customs_reply, read) -> None:
    body = customs_reply(
        province(None, "2,000", "1,200", "총계"), province("서울특별시"), province("부산광역시", "1.000,5")
    )
    with pytest.raises(LoadStopped, match="has 2000000 of exports_usd but the rows add up to 1000000"):
        read("customs_region_trade", body, YEAR)


def test_a_total_without_an_amount_stops_the_load(province, customs_reply, read) -> None:
    body = customs_reply(province(None, "-", "600", "총계"), province("서울특별시"))
    with pytest.raises(LoadStopped, match="has no amount of exports_usd"):
        read("customs_region_trade", body, YEAR)


def test_a_year_so_far_is_asked_up_to_its_newest_due_month(canned, connect, journal, customs_reply) -> None:
    canned.body = customs_reply()
    connect("data_go_kr_default", conn_type="data_go_kr", host=canned.url, password="abc")
    kept = journal(datetime(2026, 11, 14, tzinfo=UTC))
    feed("customs_region_trade").walk(YEAR, "all", kept)
    feed("customs_region_trade").walk(YEAR, "all", kept)
    assert list(kept.bodies) == ["through=2026-09"]
    assert canned.lines == [
        "GET /1220000/sidotrade/getSidotradeList?serviceKey=abc&strtYymm=202601&endYymm=202609 HTTP/1.1"
    ]


def test_a_year_without_rows_is_not_published(fixture_bytes, read) -> None:
    parsed = read("customs_region_trade", {"through=2026-01": fixture_bytes("not_published.xml")}, YEAR)
    assert (parsed.rows, parsed.announced_rows) == ([], 0)


def test_a_reply_saved_by_hand_does_not_say_its_last_month(province, customs_reply, read) -> None:
    parsed = read("customs_region_trade", {"saved.xml": customs_reply(province("서울특별시"))}, YEAR)
    assert parsed.column("through_month") == [None]


def test_two_replies_for_one_year_are_refused(province, customs_reply, read) -> None:
    body = customs_reply(province("서울특별시"))
    with pytest.raises(BadInput, match="one reply a year, not 2"):
        read("customs_region_trade", {"through=2026-08": body, "through=2026-09": body}, YEAR)
