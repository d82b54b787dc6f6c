"""The same parsers and hooks on replies that the real services sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from trade_exposure.errors import KeyRejected, LoadStopped, RequestRefused
from trade_exposure.feeds.registry import feed
from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

JANUARY_2016 = date(2016, 1, 1)
EXPORTS, IMPORTS = Decimal(36260420221), Decimal(31321900755)
AT = datetime(2026, 11, 16, tzinfo=UTC)


def test_every_country_and_every_dollar_of_january_2016_is_read(recorded_replies: Path, read) -> None:
    body = (recorded_replies / "customs/getNationtradeList_201601_all.xml").read_bytes()
    parsed = read("customs_country_trade", body, JANUARY_2016)
    assert parsed.rejects == []
    assert len(parsed.rows) == parsed.announced_rows == 224
    assert parsed.announced_totals == {"exports_usd": EXPORTS, "imports_usd": IMPORTS}
    assert parsed.adds_up()
    rows = {row["customs_code"]: row for row in parsed.rows}
    assert {"NA", "ZZ", "AN", "Z1"} <= set(rows)
    assert all(row["exports_usd"] - row["imports_usd"] == row["trade_balance_usd"] for row in rows.values())


def test_the_server_hands_out_the_recorded_bytes_verbatim_and_says_that_they_are_real(
    recorded_replies: Path, connect: Callable[..., None]
) -> None:
    with FeedServer(recorded_replies, key=SAMPLE_KEY, synthetic=False) as server:
        connect("data_go_kr_default", conn_type="data_go_kr", host=server.url, password=SAMPLE_KEY)
        reply = feed("customs_country_trade").fetch(JANUARY_2016, "all", AT)
    assert reply.body == (recorded_replies / "customs/getNationtradeList_201601_all.xml").read_bytes()
    assert reply.is_synthetic is False


def test_the_recorded_rates_are_spoken_as_a_year_of_ecos_rows(
    recorded_replies: Path, connect: Callable[..., None], read
) -> None:
    with FeedServer(recorded_replies, key=SAMPLE_KEY, synthetic=False) as server:
        connect("ecos_default", conn_type="ecos", host=server.url, password=SAMPLE_KEY)
        year = feed("fx_daily_rate").fetch(date(2026, 1, 1), "USD", AT)
    parsed = read("fx_daily_rate", year.body, date(2026, 1, 1), "USD")
    assert parsed.rejects == []
    assert len(parsed.rows) == parsed.announced_rows == 21
    rates = {row["rate_on"]: row["quoted_krw"] for row in parsed.rows}
    assert date(2026, 6, 3) not in rates  # election day
    assert rates[date(2026, 6, 1)] == Decimal("1503.2")


def test_a_recorded_reply_of_ecos_is_read(recorded_replies: Path, read) -> None:
    body = (recorded_replies / "fx/ecos_731Y001_sample.json").read_bytes()
    parsed = read("fx_daily_rate", body, date(2024, 1, 1), "USD")
    assert parsed.column("quoted_krw") == [Decimal("1373.1"), Decimal("1377.0")]
    assert parsed.announced_totals == {"quoted_krw": Decimal("2750.1")}


def test_recorded_rates_of_the_eximbank_are_read_per_unit_and_without_the_won(recorded_replies: Path, read) -> None:
    body = (recorded_replies / "fx/exim_sample_AP01.json").read_bytes()
    parsed = read("fx_eximbank_rate", {"2026-05-12": body}, date(2026, 5, 1))
    assert parsed.rejects == []
    assert parsed.adds_up()
    rates = {row["currency"]: (row["quote_units"], row["krw_per_unit"]) for row in parsed.rows}
    assert rates == {
        "AED": (1, Decimal("403.91")),
        "BHD": (1, Decimal("3934.12")),
        "EUR": (1, Decimal("1749.74")),
        "IDR": (100, Decimal("0.0885")),
        "JPY": (100, Decimal("9.5001")),
        "USD": (1, Decimal("1483.4")),
    }


def test_recorded_errors_are_errors_and_a_recorded_empty_month_is_empty(recorded_replies: Path, read) -> None:
    customs = recorded_replies / "customs"
    with pytest.raises(KeyRejected):
        read("customs_country_trade", (customs / "err_gateway_30.xml").read_bytes(), JANUARY_2016)
    with pytest.raises(RequestRefused):
        read("customs_country_trade", (customs / "err_service_99_period_nobody.xml").read_bytes(), JANUARY_2016)
    assert read("customs_country_trade", (customs / "ok_zero_items.xml").read_bytes(), JANUARY_2016).announced_rows == 0


def test_a_recorded_total_row_of_another_operation_is_no_row(recorded_replies: Path, read) -> None:
    body = (recorded_replies / "customs/getNitemtradeList_sample.xml").read_bytes()
    parsed = read("customs_country_trade", body, date(2026, 1, 1))
    assert parsed.announced_rows == 3
    assert {reject["rule"] for reject in parsed.rejects} == {"missing_value"}
    assert parsed.announced_totals["exports_usd"] == Decimal(53169766562)


def test_the_recorded_total_by_hs_code_is_seen_not_to_be_that_of_its_trimmed_rows(
    recorded_replies: Path, read, chapter_replies
) -> None:
    """The recorded heading 8542 holds three of its rows; its total row is that of all of them."""
    heading = (recorded_replies / "customs/getNitemtradeList_sample.xml").read_bytes()
    total = {"exports": 53169766562, "imports": 17159862456}
    parsed = read(
        "customs_item_country_trade",
        {**chapter_replies({"8542": total}), "hs4=8542": heading},
        date(2026, 1, 1),
    )
    assert [row["hs6_code"] for row in parsed.rows] == ["854231", "854232", "854233"]
    assert parsed.announced_rows == 3
    assert parsed.announced_totals == {"exports_usd": Decimal(53169766562), "imports_usd": Decimal(17159862456)}
    assert sum(parsed.column("exports_usd")) == Decimal(5849927672)
    assert not parsed.adds_up()


def test_the_recorded_total_by_province_is_seen_not_to_be_that_of_its_trimmed_rows(
    recorded_replies: Path, read
) -> None:
    body = (recorded_replies / "customs/getSidotradeList_sample.xml").read_bytes()
    with pytest.raises(LoadStopped, match=r"총계 has 496113564000 of exports_usd but the rows add up to 50737645000"):
        read("customs_region_trade", {"through=2026-08": body}, date(2026, 1, 1))


def test_the_recorded_provinces_are_read_in_dollars(recorded_replies: Path, read) -> None:
    body = (recorded_replies / "customs/getSidotradeList_sample.xml").read_bytes()
    without_total = body[: body.rindex(b"<item>")] + b"</items></body></response>"
    parsed = read("customs_region_trade", {"through=2026-08": without_total}, date(2026, 1, 1))
    assert [(row["region_key"], row["exports_usd"], row["trade_balance_usd"]) for row in parsed.rows] == [
        ("SEOUL", Decimal(38179150000), Decimal(-68733092000)),
        ("BUSAN", Decimal(7678573000), Decimal(134204000)),
        ("DAEGU", Decimal(4879922000), Decimal(1220197000)),
    ]
    assert parsed.adds_up()
