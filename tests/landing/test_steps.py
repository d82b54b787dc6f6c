"""A load from its first step to its record: conservation, quarantine, and what is refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from trade_exposure.errors import BadInput, KeyRejected, LoadStopped, ReplyUnreadable
from trade_exposure.landing import arrive, ledger, plan, steps
from trade_exposure.landing.lake import Lake, open_lake
from trade_exposure.landing.raw import LoadKey

JANUARY = date(2026, 1, 1)
KEY = LoadKey(feed_id="customs_country_trade", period=JANUARY, slice="all")
LARGE = (("US", 9_000_000_000, 6_000_000_000), ("VN", 4_000_000_000, 2_000_000_000))
SMALL = tuple((f"{first}{second}", 10, 10) for first in "ABCDEFGHIJ" for second in "ABCDEFGHIJKLM")

Load = Callable[..., dict[str, Any] | None]
Reply = Callable[..., bytes]


def only_record(lake: Lake) -> ledger.LoadRecord:
    (record,) = ledger.records_of(lake, KEY)
    return record


def amounts(body: bytes, field: str) -> int:
    """The sum of a field over a reply, by counting in the text."""
    return sum(int(found) for found in re.findall(rf"<{field}>(-?[0-9]+)</{field}>".encode(), body))


@pytest.mark.parametrize("month", ["2023-01", "2024-12", "2026-10"])
def test_rows_and_money_of_the_sample_are_conserved(local_lake: Lake, load: Load, sample: Path, month: str) -> None:
    file = sample / "replies" / "customs" / f"getNationtradeList_{month.replace('-', '')}_all.xml"
    body, period = file.read_bytes(), date.fromisoformat(f"{month}-01")
    told = load(body, period=period)
    assert told is not None
    (record,) = ledger.all_records(local_lake)
    assert record.source_rows == body.count(b"<item>") == record.accepted_rows + record.quarantined_rows > 50
    for measure, field in (("exports_usd", "expDlr"), ("imports_usd", "impDlr")):
        total = record.control_totals[measure]
        assert total.source == amounts(body, field) == total.accepted + total.quarantined
    rows = pq.read_table(local_lake.local(record.accepted_path or ""))
    assert rows.num_rows == record.accepted_rows
    assert sum(rows["exports_usd"].to_pylist()) == record.control_totals["exports_usd"].accepted
    assert set(rows["load_id"].to_pylist()) == {record.load_id}
    assert set(rows["is_synthetic"].to_pylist()) == {True}


@pytest.mark.parametrize(
    ("slice_", "item"), [("USD", "0000001"), ("JPY", "0000002"), ("EUR", "0000003"), ("CNY", "0000053")]
)
def test_rows_and_rates_of_the_sample_are_conserved(
    local_lake: Lake, load: Load, sample: Path, slice_: str, item: str
) -> None:
    file = sample / "replies" / "fx" / f"ecos_731Y001_{item}.json"
    told = json.loads(file.read_text(encoding="utf-8"))["StatisticSearch"]
    days = [row for row in told["row"] if row["TIME"].startswith("2025")]
    body = json.dumps({"StatisticSearch": {"list_total_count": len(days), "row": days}}, ensure_ascii=False).encode()
    load(body, feed_id="fx_daily_rate", period=date(2025, 1, 1), slice_=slice_)
    (record,) = ledger.all_records(local_lake)
    assert record.source_rows == record.accepted_rows == len(days) > 230
    expected = sum((Decimal(row["DATA_VALUE"]) for row in days), Decimal(0))
    assert record.control_totals["quoted_krw"].accepted == expected == record.control_totals["quoted_krw"].source


def test_the_real_january_of_2016_is_conserved_to_the_dollar(
    local_lake: Lake, load: Load, recorded_replies: Path
) -> None:
    body = (recorded_replies / "customs" / "getNationtradeList_201601_all.xml").read_bytes()
    load(body, period=date(2016, 1, 1))
    (record,) = ledger.all_records(local_lake)
    assert record.outcome == "accepted"
    assert (record.source_rows, record.accepted_rows, record.quarantined_rows) == (224, 224, 0)
    assert record.control_totals["exports_usd"].accepted == 36_260_420_221
    assert record.control_totals["imports_usd"].accepted == 31_321_900_755


def test_a_whole_load_goes_in_wherever_the_lake_is(lake: Lake, load: Load, reply: Reply) -> None:
    told = load(reply((*LARGE, ("NA", 5, 0))))
    assert told is not None
    assert (told["outcome"], told["vintage"], told["accepted_rows"]) == ("accepted", 1, 3)
    record = only_record(lake)
    rows = duckdb.sql(f"select customs_code, exports_usd from '{lake.local(record.accepted_path or '')}'").fetchall()
    assert rows == [("US", Decimal(9_000_000_000)), ("VN", Decimal(4_000_000_000)), ("NA", Decimal(5))]
    assert "validation" in json.loads(lake.read(record.validation_path or ""))
    assert lake.list_files("work", "") == []


def test_nothing_is_accepted_before_its_record_appears(
    lake: Lake, take: Any, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = steps.judge(steps.parse(steps.land(take(reply(LARGE)))))
    assert lake.list_files("accepted", "") == lake.list_files("ledger", "") == []
    seen: list[list[str]] = []
    create = Lake.create

    def watched(self: Lake, path: str, data: bytes) -> bool:
        seen.append(lake.list_files("accepted", ".parquet") + lake.list_files("ledger", ".json"))
        return create(self, path, data)

    monkeypatch.setattr(Lake, "create", watched)
    steps.commit(judged)
    record = only_record(lake)
    assert seen == [[record.accepted_path]], (
        "the rows are whole before the one record that names them, and it comes last"
    )


def test_a_bad_row_goes_to_quarantine_with_rule_and_reason(local_lake: Lake, load: Load, reply: Reply) -> None:
    body = reply((*LARGE, *SMALL, ("ZW", 700, 300))).replace(b"<balPayments>400<", b"<balPayments>401<")
    told = load(body)
    assert told is not None
    record = only_record(local_lake)
    assert (record.outcome, record.source_rows, record.quarantined_rows) == ("accepted", len(SMALL) + 3, 1)
    (held,) = pq.read_table(local_lake.local(record.quarantine_path or "")).to_pylist()
    assert held["source_row"] == len(SMALL) + 3
    assert held["rules"] == ["balance_adds_up"]
    assert held["reasons"] == ["The trade balance is not exports minus imports"]
    assert json.loads(held["row_json"])["exports_usd"] == "700"
    assert held["load_id"] == record.load_id
    total = record.control_totals["exports_usd"]
    assert (total.source, total.quarantined) == (amounts(body, "expDlr"), 700)
    assert total.source == total.accepted + total.quarantined


def test_an_unreadable_row_goes_to_quarantine_with_the_amounts_that_could_be_read(
    local_lake: Lake, load: Load, reply: Reply
) -> None:
    body = reply((*LARGE, *SMALL, ("ZW", 700, 300))).replace(b"<impDlr>300<", b"<impDlr>3OO<")
    load(body)
    record = only_record(local_lake)
    (held,) = pq.read_table(local_lake.local(record.quarantine_path or "")).to_pylist()
    assert held["rules"] == ["unreadable_number"]
    assert "3OO" in held["reasons"][0]
    assert "3OO" in held["row_json"]
    assert record.control_totals["exports_usd"].quarantined == 700
    assert record.control_totals["imports_usd"].quarantined == 0
    assert record.source_rows == record.accepted_rows + record.quarantined_rows == len(SMALL) + 3


def test_a_row_that_vanishes_on_the_way_stops_the_load(
    local_lake: Lake, take: Any, reply: Reply, tmp_path: Path
) -> None:
    parsed = steps.parse(steps.land(take(reply((*LARGE, ("NA", 5, 0))))))
    file = local_lake.local(parsed["rows"])
    pq.write_table(pq.read_table(file).slice(0, 2), file)
    with pytest.raises(LoadStopped, match="announced 3 rows, but 2 were accepted and 0 quarantined"):
        steps.commit(steps.judge(parsed))
    assert local_lake.list_files("accepted", "") == []


def test_a_dollar_that_changes_on_the_way_stops_the_load(
    local_lake: Lake, take: Any, reply: Reply, tmp_path: Path
) -> None:
    parsed = steps.parse(steps.land(take(reply((*LARGE, ("NA", 5, 0))))))
    file = local_lake.local(parsed["rows"])
    altered = tmp_path / "altered.parquet"
    duckdb.sql(
        "copy (select * replace (exports_usd + (customs_code = 'NA')::int::decimal(20,0) as exports_usd, "
        "trade_balance_usd + (customs_code = 'NA')::int::decimal(20,0) as trade_balance_usd) "
        f"from '{file}') to '{altered}'"
    )
    shutil.copyfile(altered, file)
    with pytest.raises(LoadStopped, match="announced 13000000005 of exports_usd, but 13000000006 was accepted"):
        steps.commit(steps.judge(parsed))


def test_a_rate_of_the_next_year_is_not_accepted(local_lake: Lake, take: Any) -> None:
    row = {"STAT_CODE": "731Y001", "ITEM_CODE1": "0000001", "ITEM_NAME1": "원/미국달러", "UNIT_NAME": "원"}
    rows = [{**row, "TIME": day, "DATA_VALUE": "1440.5"} for day in ("20261230", "20270104")]
    body = json.dumps({"StatisticSearch": {"list_total_count": 2, "row": rows}}).encode()
    parsed = steps.parse(steps.land(take(body, feed_id="fx_daily_rate", slice_="USD")))
    file = local_lake.local(parsed["rows"])  # as if the parser had let it through: the suite is the second guard
    duckdb.sql(f"create or replace table rates as select * from '{file}'")
    duckdb.sql("insert into rates select * replace (2 as source_row, date '2027-01-04' as rate_on) from rates")
    duckdb.sql(f"copy rates to '{file}'")
    rejects = local_lake.local(parsed["rejects"])
    pq.write_table(pq.read_table(rejects).slice(0, 0), rejects)
    with pytest.raises(LoadStopped, match="Of rows, 1 of 2 went to quarantine"):
        steps.commit(steps.judge(parsed))
    told = json.loads(local_lake.read(ledger.all_records(local_lake)[0].validation_path or ""))
    assert [rule["rule"] for rule in told["rules"] if rule["quarantined_rows"]] == ["date_in_the_year"]


def test_one_stopped_slice_does_not_hold_back_the_others(local_lake: Lake, take: Any, reply: Reply) -> None:
    good = steps.judge(steps.parse(steps.land(take(reply(LARGE)))))
    february = date(2026, 2, 1)
    tiny = steps.judge(steps.parse(steps.land(take(reply((("US", 1, 1),), february), period=february))))
    told = steps.commit_all([tiny, good])
    assert told[0]["stopped"].startswith("customs_country_trade/2026-02/all")
    assert told[1]["outcome"] == "accepted"
    assert plan.announcement([told])["loads"] == 1
    with pytest.raises(LoadStopped, match=r"^customs_country_trade/2026-02/all"):
        plan.refuse_stopped([told])
    plan.refuse_stopped([told[1:]])
    plan.refuse_stopped(None)
    outcomes = {record.key.period: record.outcome for record in ledger.all_records(local_lake)}
    assert outcomes == {JANUARY: "accepted", february: "stopped"}
    assert [told["outcome"] for told in steps.commit_all([good])] == ["accepted"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<response><header><resultCode>00</resultCode></hea", ReplyUnreadable),
        (b"<html>Down for maintenance</html>", ReplyUnreadable),
        (
            (
                b"<OpenAPI_ServiceResponse><cmmMsgHeader><returnAuthMsg>SERVICE KEY IS NOT REGISTERED ERROR</returnAuthMsg>"
                b"<returnReasonCode>30</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
            ),
            KeyRejected,
        ),
    ],
    ids=["cut off", "a page", "an error"],
)
def test_an_error_page_saved_by_mistake_is_no_arrival(
    local_lake: Lake, take: Any, body: bytes, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        take(body)
    assert local_lake.list_files("", "") == []


def test_a_file_that_cannot_be_taken_is_named_in_one_sentence(local_lake: Lake, take: Any, tmp_path: Path) -> None:
    missing = tmp_path / "missing.xml"
    with pytest.raises(BadInput, match=r"missing\.xml cannot be read \(No such file or directory\); give the path"):
        arrive.take_file(KEY.feed_id, JANUARY, "all", missing, known_at=None, is_synthetic=True)
    with pytest.raises(BadInput, match="is empty; save it again"):
        take(b"")
    with pytest.raises(BadInput, match="customs_country_trade has no slice 'USD'; it has all"):
        take(b"<response/>", slice_="USD")
    with pytest.raises(BadInput, match="There is no feed 'customs'"):
        take(b"<response/>", feed_id="customs")
    assert open_lake().list_files("", "") == []
