"""Schema ``lake`` of a candidate: what the ledger names, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.ledger import FEED, JANUARY, KNOWN, record

from trade_exposure.feeds.registry import contracts
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.quality.verdict import ControlTotal, RuleOutcome
from trade_exposure.warehouse.inputs import newest_by_load, write_lake_schema

FEBRUARY, DECEMBER = date(2026, 2, 1), date(2025, 12, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "a lake's home"), tmp_path / "copies")


@pytest.fixture
def base() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def rows_file(lake: Lake, load_id: str, month: date, exports: int) -> str:
    path = f"accepted/{FEED}/{month:%Y-%m}/all/{load_id}.parquet"
    target = lake.local(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select 1::bigint as source_row, date '{month}' as reference_month, 'NA' as customs_code, "
            f"'나미비아' as customs_name_ko, {exports}::decimal(20,0) as exports_usd, 0::decimal(20,0) as imports_usd, "
            f"{exports}::decimal(20,0) as trade_balance_usd, 1::bigint as export_declarations, "
            f"1::bigint as import_declarations, '{load_id}' as load_id, 'reply.xml' as source_file, 'f0' as source_sha256, "
            "true as is_synthetic) to $path (format parquet)",
            {"path": str(target)},
        )
    return path


def accepted(lake: Lake, load_id: str, month: date, exports: int, **changed: Any) -> LoadRecord:
    return record(load_id, period=month, accepted_path=rows_file(lake, load_id, month, exports), **changed)


def seen(base: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    return base.execute(f"select load_id, exports_usd::bigint from lake.{FEED} order by all").fetchall()


def test_only_files_that_a_record_names_are_seen(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    records = [accepted(lake, "named", JANUARY, 5)]
    rows_file(lake, "orphan", JANUARY, 999)
    assert len(lake.list_files("accepted", ".parquet")) == 2
    write_lake_schema(base, lake, contracts(), records, None)
    assert seen(base) == [("named", 5)]


def test_a_record_whose_file_is_gone_stops_the_build(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    named = accepted(lake, "named", JANUARY, 5)
    lake.local(named.accepted_path or "").unlink()
    with pytest.raises(duckdb.IOException, match=r"named\.parquet"):
        write_lake_schema(base, lake, contracts(), [named], None)


def test_months_limit_the_files_and_not_the_ledger(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    records = [
        accepted(lake, "december", DECEMBER, 1),
        accepted(lake, "january", JANUARY, 2),
        accepted(lake, "january-revised", JANUARY, 3, sequence=2),
    ]
    write_lake_schema(base, lake, contracts(), records, {FEED: {JANUARY}})
    assert seen(base) == [("january", 2), ("january-revised", 3)], "every file of a month that is brought forward"
    assert base.execute("select count(*) from lake.load").fetchall() == [(3,)]


def test_months_of_one_feed_say_nothing_of_another(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    write_lake_schema(base, lake, contracts(), [accepted(lake, "january", JANUARY, 2)], {"fx_daily_rate": {JANUARY}})
    assert seen(base) == []


def test_a_feed_without_files_is_an_empty_view_with_the_contract_s_types(
    lake: Lake, base: duckdb.DuckDBPyConnection
) -> None:
    types = []
    for records in ([], [accepted(lake, "january", JANUARY, 2)]):
        write_lake_schema(base, lake, contracts(), records, None)
        types.append([tuple(row[:2]) for row in base.execute(f"describe lake.{FEED}").fetchall()])
    expected = [(column.name, column.type) for column in contracts()[FEED].columns]
    assert types[0] == types[1] == [
        *expected, ("load_id", "VARCHAR"), ("source_sha256", "VARCHAR"), ("is_synthetic", "BOOLEAN"),
        ("source_file", "VARCHAR"), ("feed_id", "VARCHAR"),
    ]  # fmt: skip
    assert base.execute("select count(*) from lake.fx_daily_rate").fetchall() == [(0,)]


def test_a_second_preparation_replaces_the_first(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    write_lake_schema(base, lake, contracts(), [accepted(lake, "first", JANUARY, 1)], None)
    write_lake_schema(base, lake, contracts(), [accepted(lake, "second", JANUARY, 2)], None)
    assert seen(base) == [("second", 2)]
    assert base.execute("select load_id from lake.load").fetchall() == [("second",)]


def test_the_ledger_is_told_as_tables(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    failed = RuleOutcome("balance_adds_up", "critical", "consistency", "row", False, 1, 1)
    passed = RuleOutcome("code_shape", "critical", "conformity", "row", True, 0, 0)
    warned = RuleOutcome("code_is_known", "warning", "conformity", "row", False, 2, 0)
    totals = {"exports_usd": ControlTotal(Decimal(7), Decimal(5), Decimal(2))}
    february = accepted(
        lake,
        "february",
        FEBRUARY,
        5,
        control_totals=totals,
        rules=(failed, passed, warned),
        source_rows=2,
        quarantined_rows=1,
    )
    unpublished = record(
        "march", period=date(2026, 3, 1), outcome="not_published", vintage_number=0, source_rows=0, accepted_rows=0
    )
    write_lake_schema(base, lake, contracts(), [february, unpublished], None)
    loads = base.execute(
        "select load_id, period_start, period_end, outcome, vintage_number, source_rows, accepted_rows, quarantined_rows, "
        "warning_count, known_at, is_newest_due, is_synthetic from lake.load order by period_start"
    ).fetchall()
    assert [row[:9] for row in loads] == [
        ("february", FEBRUARY, date(2026, 2, 28), "accepted", 1, 2, 1, 1, 1),
        ("march", date(2026, 3, 1), date(2026, 3, 31), "not_published", 0, 0, 0, 0, 0),
    ]
    assert {(row[9], row[10], row[11]) for row in loads} == {(KNOWN, True, True)}
    assert base.execute("from lake.load_control_total").fetchall() == [
        ("february", "exports_usd", Decimal(7), Decimal(5), Decimal(2))
    ]
    assert base.execute(
        "select load_id, rule, severity, failed_rows, quarantined_rows from lake.load_rule"
    ).fetchall() == [
        ("february", "balance_adds_up", "critical", 1, 1),
        ("february", "code_is_known", "warning", 2, 0),
    ]
    feeds = base.execute(
        "select feed_id, table_name, cadence, arrival, period_kind, freshness_limit_days, is_private, primary_measure "
        "from lake.feed"
    ).fetchall()
    assert {feed[0] for feed in feeds} == set(contracts())
    assert [feed[1:] for feed in feeds if feed[0] == FEED] == [
        (FEED, "0 7 16 * * Asia/Seoul", "api", "month", 48, False, "exports_usd")
    ]


def test_two_feeds_fill_one_table_each_under_its_own_name(lake: Lake, base: duckdb.DuckDBPyConnection) -> None:
    other = replace(contracts()[FEED], feed_id="other_customs")
    path = rows_file(lake, "other", JANUARY, 7)
    records = [accepted(lake, "named", JANUARY, 5), record("other", feed_id="other_customs", accepted_path=path)]
    write_lake_schema(base, lake, {FEED: contracts()[FEED], "other_customs": other}, records, None)
    told = base.execute(f"select feed_id, load_id, source_file, source_sha256 from lake.{FEED} order by all").fetchall()
    assert told == [(FEED, "named", "reply.xml", "f0"), ("other_customs", "other", "reply.xml", "f0")]


def test_a_stopped_load_is_shown_as_stopped_until_it_has_gone_in() -> None:
    stopped = record("january", period=JANUARY, outcome="stopped", vintage_number=0)
    gone_in = record("january", period=JANUARY, sequence=2, vintage_number=1)
    other = record("february", period=FEBRUARY)
    assert newest_by_load([stopped, other]) == [stopped, other]
    assert newest_by_load([stopped, gone_in, other]) == [gone_in, other]
    assert newest_by_load([]) == []
