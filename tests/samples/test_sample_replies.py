"""Our own replies: made up, of the right shape and order of magnitude, and complete for the demonstration run."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.model import Parsed
from trade_exposure.feeds.registry import feed
from trade_exposure.samples.folder import ReplyFolder
from trade_exposure.samples.server import SAMPLE_KEY, SAMPLE_REPLIES, FeedServer, sample_as_of

MONTHS = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(8, 22)]


def _trade(month: date) -> Parsed:
    body = (SAMPLE_REPLIES / f"customs/getNationtradeList_{month:%Y%m}_all.xml").read_bytes()
    return feed("customs_country_trade").parse(body, month, "all")


def _periods(contract: FeedContract) -> list[date]:
    newest = contract.latest_due_period(sample_as_of())
    last = newest.year * 12 + newest.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - contract.trailing_periods + 1, last + 1)]


def test_the_replies_say_that_they_are_made_up() -> None:
    assert json.loads((SAMPLE_REPLIES / "sample.json").read_text(encoding="utf-8"))["is_synthetic"] is True
    assert "Made up" in (SAMPLE_REPLIES / "README.md").read_text(encoding="utf-8")


def test_the_demonstration_takes_place_in_seoul_when_october_is_due() -> None:
    assert sample_as_of().isoformat() == "2026-11-16T07:00:00+09:00"
    assert feed("customs_country_trade").contract.latest_due_period(sample_as_of()) == date(2026, 10, 1)


@pytest.mark.parametrize("month", MONTHS, ids=[f"{month:%Y-%m}" for month in MONTHS])
def test_a_month_of_trade_is_read_whole_and_is_plausible(month: date) -> None:
    parsed = _trade(month)
    rows = parsed.table.to_pylist()
    assert parsed.rejects == ()
    assert 60 <= len(rows) == parsed.announced_rows <= 70
    exports = [row["exports_usd"] for row in rows]
    assert exports == sorted(exports, reverse=True)
    assert Decimal(56_000_000_000) <= sum(exports) <= Decimal(75_000_000_000)
    assert all(row["exports_usd"] - row["imports_usd"] == row["trade_balance_usd"] for row in rows)
    assert any(row["trade_balance_usd"] < 0 for row in rows)
    assert any(row["exports_usd"] == 0 < row["imports_usd"] for row in rows)
    codes = [row["customs_code"] for row in rows]
    assert len(set(codes)) == len(codes)
    assert {"NA", "ZZ", "CN", "US", "VN"} <= set(codes)


def test_special_codes_and_absent_countries_occur() -> None:
    seen = [set(_trade(month).table["customs_code"].to_pylist()) for month in MONTHS]
    assert {"Z1", "AN", "ZZ"} <= set().union(*seen)
    assert any("AN" not in codes for codes in seen)


def test_a_year_of_exports_has_the_published_orders_of_magnitude() -> None:
    totals: dict[str, Decimal] = {}
    for month in MONTHS[-12:]:
        for row in _trade(month).table.to_pylist():
            totals[row["customs_code"]] = totals.get(row["customs_code"], Decimal(0)) + row["exports_usd"]
    billions = {code: total / 10**9 for code, total in totals.items()}
    assert billions["CN"] == pytest.approx(Decimal("130.8"), rel=Decimal("0.02"))
    assert billions["US"] == pytest.approx(Decimal("122.9"), rel=Decimal("0.02"))
    asean = sum(billions[code] for code in ("VN", "SG", "MY", "PH", "TH", "ID", "KH", "MM"))
    assert asean == pytest.approx(Decimal("122.5"), rel=Decimal("0.02"))


def test_everything_that_a_demonstration_run_asks_for_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with FeedServer(key=SAMPLE_KEY) as server:
        for name, conn_type in (("DATA_GO_KR_DEFAULT", "data_go_kr"), ("ECOS_DEFAULT", "ecos")):
            told = {"conn_type": conn_type, "host": server.url, "password": SAMPLE_KEY}
            monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(told))
        asked = 0
        for feed_id in ("customs_country_trade", "fx_daily_rate"):
            one = feed(feed_id)
            for period in _periods(one.contract):
                for slice_ in one.contract.slices:
                    reply = one.fetch(period, slice_)
                    parsed = one.parse(reply.body, period, slice_)
                    assert reply.is_synthetic is True
                    assert parsed.announced_rows == parsed.table.num_rows > 0, (feed_id, period, slice_)
                    asked += 1
    assert asked == 13 + 3 * 14


def test_rates_stand_on_business_days_alone_and_in_a_sane_band() -> None:
    folder = ReplyFolder(SAMPLE_REPLIES)
    bands = {"0000001": (1380, 1560), "0000002": (880, 1030), "0000003": (1550, 1830)}
    for item, (low, high) in bands.items():
        rows = folder.rates("731Y001", item, "20250901", "20261113")
        days = [date.fromisoformat(row["TIME"]) for row in rows]
        assert (days[0], days[-1], len(days)) == (date(2025, 9, 1), date(2026, 11, 13), 296)
        assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
        assert date(2026, 1, 1) not in days
        assert all(low <= Decimal(row["DATA_VALUE"]) <= high for row in rows)


def test_the_folder_stays_small() -> None:
    assert 100_000 < sum(file.stat().st_size for file in SAMPLE_REPLIES.rglob("*") if file.is_file()) < 400_000
