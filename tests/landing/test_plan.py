"""Which months a run is about, and what it announces."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from trade_exposure.errors import BadInput
from trade_exposure.feeds.registry import contracts
from trade_exposure.landing import plan

FEED = "customs_country_trade"
AT = datetime(2026, 11, 16, tzinfo=UTC)


def batches(feed_id: str = FEED, **changed: Any) -> list[list[str]]:
    about: dict[str, Any] = {"at": AT, "is_backfill": False, "from_period": None, "to_period": None}
    return plan.periods(feed_id, **{**about, **changed})


def planned(feed_id: str = FEED, **changed: Any) -> list[str]:
    return [period for batch in batches(feed_id, **changed) for period in batch]


def test_a_written_period_is_that_of_the_feed_in_which_it_begins() -> None:
    found = contracts()
    assert plan.parse_period("2026-03", found[FEED]) == date(2026, 3, 1)
    assert plan.parse_period("2026", found[FEED]) == date(2026, 1, 1)
    assert plan.parse_period("2026-03", found["fx_daily_rate"]) == date(2026, 1, 1)
    with pytest.raises(BadInput, match="is no period"):
        plan.parse_period("2026-13", found[FEED])


def test_an_ordinary_run_pulls_the_trailing_window_newest_month_first() -> None:
    found = planned()
    assert found[0] == "2026-10-01"
    assert found[-1] == "2025-10-01"
    assert len(found) == 13


def test_a_run_goes_in_batches_of_one_calendar_year() -> None:
    found = batches()
    assert [len(batch) for batch in found] == [10, 3]
    assert [plan.batch_label(batch, contracts()[FEED]) for batch in found] == ["2026-01 … 2026-10", "2025-10 … 2025-12"]
    assert batches("fx_daily_rate") == [["2026-01-01"], ["2025-01-01"]]
    assert plan.batch_label(["2026-01-01"], contracts()["fx_daily_rate"]) == "2026"


def test_a_feed_that_grows_within_its_period_begins_with_the_running_one() -> None:
    assert planned("fx_daily_rate")[0] == "2026-01-01"
    assert planned("fx_eximbank_rate")[0] == "2026-11-01"


def test_a_month_that_is_not_due_yet_is_not_pulled() -> None:
    midnight_in_seoul = datetime(2026, 11, 15, 15, tzinfo=UTC)
    assert planned(at=midnight_in_seoul)[0] == "2026-10-01"
    assert planned(at=midnight_in_seoul.replace(hour=14))[0] == "2026-09-01"


def test_a_backfill_run_pulls_the_one_month_of_its_date() -> None:
    assert planned(is_backfill=True, at=datetime(2016, 2, 20, tzinfo=UTC)) == ["2016-01-01"]


def test_explicit_months_win_over_the_window_and_the_backfill() -> None:
    for is_backfill in (False, True):
        found = planned(is_backfill=is_backfill, from_period="2015-12", to_period="2016-02")
        assert found == ["2016-02-01", "2016-01-01", "2015-12-01"]


def test_a_first_month_alone_goes_up_to_the_newest_due_one() -> None:
    assert planned(from_period="2026-09") == ["2026-10-01", "2026-09-01"]


def test_a_last_month_alone_is_that_month() -> None:
    assert planned(to_period="2016-01") == ["2016-01-01"]


def test_reversed_months_are_refused_in_one_sentence() -> None:
    with pytest.raises(BadInput, match="The first period 2026-03 lies after the last one 2026-01; swap them"):
        planned(from_period="2026-03", to_period="2026-01")


def test_a_first_month_that_is_not_due_yet_is_refused() -> None:
    with pytest.raises(BadInput, match="2026-12 lies after the last one 2026-10"):
        planned(from_period="2026-12")


def test_only_new_loads_go_on() -> None:
    old, new = {"is_new": False, "load_id": "old"}, {"is_new": True, "load_id": "new"}
    assert plan.only_new([old, new]) == [new]
    with pytest.raises(AirflowSkipException, match="Same bytes as 1 loads that are in the ledger: nothing new"):
        plan.only_new([old])


def committed(load_id: str, **changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "load_id": load_id,
        "period": "2026-01",
        "outcome": "accepted",
        "accepted_rows": 3,
        "quarantined_rows": 1,
        "warnings": 2,
        "control_totals": {"exports_usd": "12345678901234567890", "imports_usd": "1"},
        "is_synthetic": False,
    }
    return {**told, **changed}


def test_an_announcement_adds_up_every_load_of_every_month_exactly() -> None:
    unpublished = committed(
        "none",
        period="2026-02",
        outcome="not_published",
        accepted_rows=0,
        quarantined_rows=0,
        warnings=0,
        control_totals={},
    )
    told = plan.announcement([[committed("b"), committed("c", is_synthetic=True)], None, [], [unpublished]])
    assert told == {
        "loads": 3,
        "load_ids": ["b", "c", "none"],
        "periods": ["2026-01", "2026-02"],
        "accepted_rows": 6,
        "quarantined_rows": 2,
        "not_published": 1,
        "warnings": 4,
        "control_totals": {"exports_usd": "24691357802469135780", "imports_usd": "2"},
        "is_synthetic": True,
    }


@pytest.mark.parametrize("loads", [None, [], [None, None], [[], []]])
def test_a_run_that_committed_nothing_announces_nothing(loads: Any) -> None:
    with pytest.raises(AirflowSkipException, match="Nothing new was committed: no event"):
        plan.announcement(loads)


def test_a_run_of_one_month_is_announced_like_any_other() -> None:
    assert plan.announcement([committed("a"), committed("b")]) == plan.announcement([[committed("a"), committed("b")]])
