"""What becomes of a month: stopped and mended, not published yet, published, revised."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from trade_exposure.errors import LoadStopped
from trade_exposure.landing import ledger
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import LoadKey
from trade_exposure.settings import get_settings

KEY = LoadKey(feed_id="customs_country_trade", period=date(2026, 1, 1), slice="all")
LARGE = (("US", 9_000_000_000, 6_000_000_000), ("VN", 4_000_000_000, 2_000_000_000))

Load = Callable[..., dict[str, Any] | None]
Reply = Callable[..., bytes]


def only_record(lake: Lake) -> ledger.LoadRecord:
    (record,) = ledger.records_of(lake, KEY)
    return record


def test_a_unit_that_jumps_a_thousandfold_is_stopped_and_the_record_says_so(
    local_lake: Lake, load: Load, reply: Reply
) -> None:
    with pytest.raises(LoadStopped, match=r"^customs_country_trade/2026-01/all: .*5 to 200 billion US dollars"):
        load(reply(((code, exports * 1000, imports * 1000) for code, exports, imports in LARGE)))
    record = only_record(local_lake)
    assert (record.outcome, record.vintage_number, record.accepted_rows) == ("stopped", 0, 0)
    assert "exports_of_the_month_in_dollars" in record.reasons[0]
    assert record.accepted_path is None
    assert record.control_totals["exports_usd"].source == 13_000_000_000_000
    assert local_lake.list_files("accepted", "") == local_lake.list_files("quarantine", "") == []


def test_after_the_source_mends_its_bytes_the_month_goes_in(local_lake: Lake, load: Load, reply: Reply) -> None:
    with pytest.raises(LoadStopped):
        load(reply(((code, exports * 1000, imports) for code, exports, imports in LARGE)))
    told = load(reply(LARGE))
    assert told is not None
    assert (told["outcome"], told["vintage"]) == ("accepted", 1)
    assert [record.outcome for record in ledger.records_of(local_lake, KEY)] == ["stopped", "accepted"]


def test_after_the_suite_is_mended_the_same_bytes_go_in(
    local_lake: Lake, load: Load, reply: Reply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = reply(((code, exports * 1000, imports) for code, exports, imports in LARGE))
    with pytest.raises(LoadStopped):
        load(body)
    with pytest.raises(LoadStopped):
        load(body)
    assert only_record(local_lake).outcome == "stopped", "the same stop twice is one record"
    code = tmp_path / "code"
    shutil.copytree(get_settings().expectations_dir, code / "expectations")
    (code / "dbt_project").symlink_to(get_settings().dbt_dir)
    suite = code / "expectations" / "customs_country_trade" / "suite.json"
    suite.write_text(suite.read_text(encoding="utf-8").replace("200000000000", "200000000000000"), encoding="utf-8")
    monkeypatch.setenv("EXPOSURE_CODE", str(code))
    get_settings.cache_clear()
    told = load(body)
    assert told is not None
    assert (told["outcome"], told["vintage"]) == ("accepted", 1)
    stopped, accepted = ledger.records_of(local_lake, KEY)
    assert stopped.load_id == accepted.load_id
    assert stopped.suite_sha256 != accepted.suite_sha256


def test_a_month_without_rows_is_not_published_and_later_data_are_its_first_vintage(
    lake: Lake, load: Load, reply: Reply
) -> None:
    told = load(reply(()), known_at=datetime(2026, 2, 16, tzinfo=UTC))
    assert told is not None
    assert (told["outcome"], told["vintage"], told["source_rows"]) == ("not_published", 0, 0)
    assert load(reply(())) is None
    told = load(reply(LARGE), known_at=datetime(2026, 2, 17, tzinfo=UTC))
    assert told is not None
    assert (told["outcome"], told["vintage"]) == ("accepted", 1)
    assert lake.list_files("work", "") == []


def test_a_revision_is_the_second_vintage_and_says_when_it_became_known(
    local_lake: Lake, load: Load, reply: Reply
) -> None:
    load(reply(LARGE), known_at=datetime(2026, 2, 16, tzinfo=UTC))
    load(reply((*LARGE, ("NA", 5, 0))), known_at=datetime(2026, 3, 16, 9, tzinfo=UTC))
    load(reply(LARGE), known_at=datetime(2026, 4, 16, tzinfo=UTC))
    records = ledger.records_of(local_lake, KEY)
    assert [(r.vintage_number, r.arrival.known_at.month, r.accepted_rows) for r in records] == [
        (1, 2, 2),
        (2, 3, 3),
        (3, 4, 2),
    ]
    assert len({record.load_id for record in records}) == 3
    assert all(local_lake.exists(record.accepted_path or "") for record in records)


def test_a_month_known_before_a_later_one_was_due_was_the_newest_due(
    local_lake: Lake, load: Load, reply: Reply
) -> None:
    load(reply(LARGE), known_at=datetime(2026, 2, 20, tzinfo=UTC))
    load(reply((*LARGE, ("NA", 5, 0))), known_at=datetime(2026, 3, 20, tzinfo=UTC))
    assert [record.is_newest_due for record in ledger.records_of(local_lake, KEY)] == [True, False]
    assert ledger.records_of(local_lake, KEY)[0].due_at == datetime(2026, 2, 15, 15, tzinfo=UTC)
