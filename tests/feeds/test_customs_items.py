"""Trade by HS6 code and country: the walk, its resumption, and what a cut-off or contradicting walk comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from trade_exposure.errors import DailyQuotaExhausted, LoadStopped, ReplyUnreadable
from trade_exposure.feeds import customs_items
from trade_exposure.feeds.registry import feed

YEAR = date(2026, 1, 1)
AT = datetime(2026, 11, 16, tzinfo=UTC)  # of which October is the newest month due
DAILY_CALLS = 10_000
ALL_HEADINGS = 1_230
HEADINGS = {"0203": {"exports": 10, "imports": 4}, "0204": {"exports": 0, "imports": 2}, "8542": {"exports": 900}}


@pytest.fixture
def walked(chapter_replies, customs_reply, hs_item, hs_total) -> dict[str, bytes]:
    """A whole walk: three headings, the first with two subheadings."""
    return chapter_replies(HEADINGS) | {
        "hs4=0203": customs_reply(
            hs_total(10, 4),
            hs_item("020311", 6, 4),
            hs_item("020329", 4, 0, "US", "2026.02", statKor="돼지고기 &amp; 기타 "),
        ),
        "hs4=0204": customs_reply(hs_item("020410", 0, 2), hs_total(0, 2)),
        "hs4=8542": customs_reply(hs_item("854231", 900), hs_total(900)),
    }


@pytest.fixture
def source(canned, connect, walked) -> Any:
    """A server that answers the walk's requests, and the connection to it."""
    canned.answer = lambda path: walked[_name_of(path)]
    connect("data_go_kr_default", conn_type="data_go_kr", host=canned.url, password="abc")
    return canned


def _name_of(path: str) -> str:
    (code,) = parse_qs(urlsplit(path).query)["hsSgn"]
    return f"hs{len(code)}={code}"


def test_a_walk_asks_for_every_chapter_and_then_for_every_heading_with_trade(source, journal, walked) -> None:
    kept = journal(AT)
    feed("customs_item_country_trade").walk(YEAR, "all", kept)
    assert kept.asked == list(walked)
    assert len(source.lines) == 97 + 3
    assert source.lines[0] == (
        "GET /1220000/nitemtrade/getNitemtradeList?serviceKey=abc&strtYymm=202601&endYymm=202610&hsSgn=01 HTTP/1.1"
    )
    assert kept.bodies == walked


@pytest.mark.parametrize(
    ("year", "at", "window"),
    [
        (date(2025, 1, 1), AT, "strtYymm=202501&endYymm=202512"),
        (YEAR, datetime(2026, 11, 14, tzinfo=UTC), "strtYymm=202601&endYymm=202609"),
        (date(2027, 1, 1), datetime(2027, 1, 20, tzinfo=UTC), "strtYymm=202701&endYymm=202701"),
    ],
)
def test_a_window_ends_with_the_newest_due_month(year: date, at: datetime, window: str, source, journal) -> None:
    feed("customs_item_country_trade").walk(year, "all", journal(at))
    assert all(window in line for line in source.lines)
    assert source.lines


@pytest.mark.parametrize("calls", [0, 1, 50, 97, 98, 99])
def test_a_walk_that_a_used_up_day_cut_off_asks_only_for_what_is_missing(calls: int, source, journal, walked) -> None:
    kept = journal(AT)
    kept.calls_left = calls
    with pytest.raises(DailyQuotaExhausted):
        feed("customs_item_country_trade").walk(YEAR, "all", kept)
    assert len(source.lines) == calls
    kept.calls_left = None
    feed("customs_item_country_trade").walk(YEAR, "all", kept)
    assert len(source.lines) == len(walked) == 100
    assert len(set(source.lines)) == 100
    feed("customs_item_country_trade").walk(YEAR, "all", kept)
    assert len(source.lines) == 100


@pytest.mark.parametrize("name", ["hs2=02", "hs4=8542"])
def test_an_unreadable_answer_is_not_kept_and_so_is_asked_for_again(
    name: str, source, journal, walked, customs_reply, hs_item
) -> None:
    good, walked[name] = walked[name], customs_reply(hs_item("854231", 900))
    kept = journal(AT)
    with pytest.raises(ReplyUnreadable):
        feed("customs_item_country_trade").walk(YEAR, "all", kept)
    assert name in kept.asked
    assert name not in kept.bodies
    walked[name] = good
    feed("customs_item_country_trade").walk(YEAR, "all", kept)
    assert kept.bodies == walked


def test_the_walks_of_a_run_fit_into_the_days_calls() -> None:
    contract = feed("customs_item_country_trade").contract
    calls = contract.trailing_periods * (len(customs_items.CHAPTERS) + ALL_HEADINGS)
    assert calls == 2_654
    assert calls < DAILY_CALLS
    assert len(set(customs_items.CHAPTERS)) == 97


def test_rows_are_those_of_the_headings_with_their_leading_zeros(walked, read) -> None:
    parsed = read("customs_item_country_trade", walked, YEAR)
    assert parsed.rejects == []
    assert [
        (row["source_row"], row["hs6_code"], row["customs_code"], row["reference_month"]) for row in parsed.rows
    ] == [
        (2, "020311", "VN", date(2026, 1, 1)),
        (3, "020329", "US", date(2026, 2, 1)),
        (4, "020410", "VN", date(2026, 1, 1)),
        (6, "854231", "VN", date(2026, 1, 1)),
    ]
    assert parsed.part_of_row == ((1, "hs4=0203"), (4, "hs4=0204"), (6, "hs4=8542"))
    assert parsed.rows[1]["hs_name_ko"] == "돼지고기 & 기타"
    assert parsed.announced_rows == 4
    assert parsed.announced_totals == {"exports_usd": Decimal(910), "imports_usd": Decimal(6)}
    assert parsed.adds_up()


def test_the_parts_may_come_in_any_order(walked, read) -> None:
    backwards = dict(reversed(walked.items()))
    assert read("customs_item_country_trade", backwards, YEAR) == read("customs_item_country_trade", walked, YEAR)


def test_a_year_without_rows_is_not_published(chapter_replies, read) -> None:
    parsed = read("customs_item_country_trade", chapter_replies({}), YEAR)
    assert (parsed.rows, parsed.rejects, parsed.announced_rows) == ([], [], 0)


@pytest.mark.parametrize("lost", ["hs4=0203", "hs4=8542"])
def test_a_heading_that_a_chapter_tells_of_but_nobody_asked_for_refuses_the_walk(lost: str, walked, read) -> None:
    del walked[lost]
    with pytest.raises(ReplyUnreadable, match=f"cut off at the heading {lost[-4:]}; go on"):
        read("customs_item_country_trade", walked, YEAR)


def test_a_chapter_that_is_missing_refuses_the_walk(walked, read) -> None:
    del walked["hs2=77"]
    with pytest.raises(ReplyUnreadable, match="lacks the chapter 77"):
        read("customs_item_country_trade", walked, YEAR)


@pytest.mark.parametrize("name", ["hs4=9999", "page=1", "reply"])
def test_an_answer_that_no_chapter_tells_of_refuses_the_walk(name: str, walked, read) -> None:
    with pytest.raises(ReplyUnreadable, match="walk by HS code"):
        read("customs_item_country_trade", walked | {name: walked["hs4=8542"]}, YEAR)


def test_an_empty_answer_for_a_heading_with_trade_stops_the_load(walked, read, customs_reply) -> None:
    with pytest.raises(LoadStopped, match="heading 8542 has 0 of exports_usd by its own total, but 900 by the rows of"):
        read("customs_item_country_trade", walked | {"hs4=8542": customs_reply()}, YEAR)


@pytest.mark.parametrize(
    ("exports", "stops"), [(999_000, False), (1_001_001, False), (998_999, True), (1_001_002, True)]
)
def test_a_heading_may_differ_from_its_chapter_by_one_in_a_thousand(
    exports: int, stops: bool, chapter_replies, customs_reply, hs_item, hs_total, read
) -> None:
    walk = chapter_replies({"8542": {"exports": 1_000_000}})
    walk["hs4=8542"] = customs_reply(hs_item("854231", exports), hs_total(exports))
    if stops:
        with pytest.raises(LoadStopped, match=r"differs by more than the share 0\.001; ask for the year again"):
            read("customs_item_country_trade", walk, YEAR)
    else:
        assert read("customs_item_country_trade", walk, YEAR).adds_up()


def test_a_total_that_is_not_the_sum_of_its_rows_does_not_add_up(
    walked, read, customs_reply, hs_item, hs_total
) -> None:
    walked["hs4=8542"] = customs_reply(hs_item("854231", 899), hs_total(900))
    parsed = read("customs_item_country_trade", walked, YEAR)
    assert parsed.announced_totals["exports_usd"] == 910
    assert sum(parsed.column("exports_usd")) == 909
    assert not parsed.adds_up()


def test_rows_without_a_total_are_unreadable(walked, read, customs_reply, hs_item) -> None:
    walked["hs4=8542"] = customs_reply(hs_item("854231", 900))
    with pytest.raises(ReplyUnreadable, match="heading 8542 has no row marked 총계"):
        read("customs_item_country_trade", walked, YEAR)


def test_a_broken_answer_is_named_by_its_heading(walked, read) -> None:
    walked["hs4=8542"] = walked["hs4=8542"].replace(b"items>", b"rows>")
    with pytest.raises(ReplyUnreadable, match="for the heading 8542 says success but holds no list"):
        read("customs_item_country_trade", walked, YEAR)


@pytest.mark.parametrize(
    "item",
    [("020311", 1), ("02", 1), ("8542", 1), ("020a", 1), ("", 1)],
)
def test_a_chapter_with_a_row_that_is_no_heading_of_it_is_unreadable(
    item, walked, read, customs_reply, hs_item
) -> None:
    walked["hs2=02"] = customs_reply(hs_item(*item))
    with pytest.raises(ReplyUnreadable, match="chapter 02 has a row without a heading of the chapter"):
        read("customs_item_country_trade", walked, YEAR)


@pytest.mark.parametrize("amount", ["many", "", "1,0"])
def test_a_chapter_with_an_amount_that_is_no_number_is_unreadable(amount, walked, read, customs_reply, hs_item) -> None:
    walked["hs2=02"] = customs_reply(hs_item("0203", 1, expDlr=amount))
    with pytest.raises(ReplyUnreadable, match="or without amounts"):
        read("customs_item_country_trade", walked, YEAR)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"expWgt": "-5"}, None),
        ({"expWgt": "0"}, None),
        ({"statKor": "- 기타"}, None),
        ({"statKor": ""}, None),
        ({"statKor": "=1+1"}, "formula_in_text"),
        ({"hsCd": "8542"}, "malformed_code"),
        ({"hsCd": "85423100"}, "malformed_code"),
        ({"statCd": "-"}, "malformed_code"),
        ({"year": "2025.12"}, "row_of_another_period"),
        ({"year": "2027.01"}, "row_of_another_period"),
        ({"expWgt": "much"}, "unreadable_number"),
    ],
)
def test_oddities_that_the_source_has_are_rows_and_others_are_rejects(
    changes: dict[str, str], rule: str | None, walked, read, customs_reply, hs_item, hs_total
) -> None:
    walked["hs4=8542"] = customs_reply(hs_item("854231", 900, **changes), hs_total(900))
    parsed = read("customs_item_country_trade", walked, YEAR)
    assert [reject["rule"] for reject in parsed.rejects] == ([rule] if rule else [])
    assert parsed.adds_up()


def test_a_code_that_is_no_hs_code_is_refused_before_sending(source) -> None:
    from trade_exposure.errors import RequestRefused
    from trade_exposure.feeds.data_go_kr import DataGoKrHook

    ask: Callable[..., Any] = DataGoKrHook().item_trade
    for code in ("8", "854", "85423", "ab", ""):
        with pytest.raises(RequestRefused, match="is no HS code"):
            ask("/x", YEAR, YEAR, code)
    with pytest.raises(RequestRefused, match="not for 13"):
        ask("/x", date(2025, 1, 1), YEAR, "85")
    assert source.lines == []
