"""The same parsers and hooks on replies that the real services sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from trade_exposure.errors import KeyRejected, RequestRefused
from trade_exposure.feeds.registry import feed
from trade_exposure.samples.server import SAMPLE_KEY, FeedServer

JANUARY_2016 = date(2016, 1, 1)
EXPORTS, IMPORTS = Decimal(36260420221), Decimal(31321900755)


def test_every_country_and_every_dollar_of_january_2016_is_read(recorded_replies: Path) -> None:
    body = (recorded_replies / "customs/getNationtradeList_201601_all.xml").read_bytes()
    parsed = feed("customs_country_trade").parse(body, JANUARY_2016, "all")
    assert parsed.rejects == ()
    assert parsed.table.num_rows == parsed.announced_rows == 224
    assert parsed.announced_totals == {"exports_usd": EXPORTS, "imports_usd": IMPORTS}
    for measure, total in parsed.announced_totals.items():
        assert sum(parsed.table[measure].to_pylist(), Decimal(0)) == total
    rows = {row["customs_code"]: row for row in parsed.table.to_pylist()}
    assert {"NA", "ZZ", "AN", "Z1"} <= set(rows)
    assert all(row["exports_usd"] - row["imports_usd"] == row["trade_balance_usd"] for row in rows.values())


def test_the_server_hands_out_the_recorded_bytes_verbatim_and_says_that_they_are_real(
    recorded_replies: Path, connect: Callable[..., None]
) -> None:
    with FeedServer(recorded_replies, key=SAMPLE_KEY, synthetic=False) as server:
        connect("data_go_kr_default", conn_type="data_go_kr", host=server.url, password=SAMPLE_KEY)
        reply = feed("customs_country_trade").fetch(JANUARY_2016, "all")
    assert reply.body == (recorded_replies / "customs/getNationtradeList_201601_all.xml").read_bytes()
    assert reply.is_synthetic is False


def test_the_recorded_rates_are_spoken_as_a_month_of_ecos_rows(
    recorded_replies: Path, connect: Callable[..., None]
) -> None:
    with FeedServer(recorded_replies, key=SAMPLE_KEY, synthetic=False) as server:
        connect("ecos_default", conn_type="ecos", host=server.url, password=SAMPLE_KEY)
        june = feed("fx_daily_rate").fetch(date(2026, 6, 1), "USD")
    parsed = feed("fx_daily_rate").parse(june.body, date(2026, 6, 1), "USD")
    assert parsed.rejects == ()
    assert parsed.table.num_rows == parsed.announced_rows == 17
    days = parsed.table["rate_on"].to_pylist()
    assert date(2026, 6, 3) not in days  # election day
    assert dict(zip(days, parsed.table["quoted_krw"].to_pylist(), strict=True))[date(2026, 6, 1)] == Decimal("1503.2")


def test_a_recorded_reply_of_ecos_is_read(recorded_replies: Path) -> None:
    body = (recorded_replies / "fx/ecos_731Y001_sample.json").read_bytes()
    parsed = feed("fx_daily_rate").parse(body, date(2024, 6, 1), "USD")
    assert parsed.table["quoted_krw"].to_pylist() == [Decimal("1373.1"), Decimal("1377.0")]
    assert parsed.announced_totals == {"quoted_krw": Decimal("2750.1")}


def test_recorded_errors_are_errors_and_a_recorded_empty_month_is_empty(recorded_replies: Path) -> None:
    parse = feed("customs_country_trade").parse
    with pytest.raises(KeyRejected):
        parse((recorded_replies / "customs/err_gateway_30.xml").read_bytes(), JANUARY_2016, "all")
    with pytest.raises(RequestRefused):
        parse((recorded_replies / "customs/err_service_99_period_nobody.xml").read_bytes(), JANUARY_2016, "all")
    assert parse((recorded_replies / "customs/ok_zero_items.xml").read_bytes(), JANUARY_2016, "all").announced_rows == 0


def test_a_recorded_total_row_of_another_operation_is_no_row(recorded_replies: Path) -> None:
    body = (recorded_replies / "customs/getNitemtradeList_sample.xml").read_bytes()
    parsed = feed("customs_country_trade").parse(body, date(2026, 1, 1), "all")
    assert parsed.announced_rows == 3
    assert {reject.rule for reject in parsed.rejects} == {"missing_value"}
    assert "-" not in {row["customs_code"] for row in parsed.table.to_pylist()}
    assert parsed.announced_totals["exports_usd"] == Decimal(53169766562)
