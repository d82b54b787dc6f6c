"""Another insurer's records come in by one contract file: put among the contracts, nothing else added, no code changed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from trade_exposure.feeds.contract import load_contract
from trade_exposure.feeds.privacy import keyed_hash, salt
from trade_exposure.feeds.registry import contracts
from trade_exposure.landing import arrive, ledger, plan, steps
from trade_exposure.landing.lake import open_lake
from trade_exposure.settings import get_settings
from trade_exposure.warehouse.inputs import write_lake_schema

FEED = "usexim_like_authorisation"
FIRST = "insurance_underwriting_event"
NAME = "authorizations-202609.csv"
GIVEN = Path(__file__).parent / "second_insurer" / "contract.yaml"
NOW = datetime(2026, 11, 16, tzinfo=UTC)  # the fixed clock of the fixture `home`
HEAD = (
    "Unique Identifier;Deal Number;Deal Sequence;Decision;Decision Date;Effective Date;Expiration Date;Deal Cancelled;Country;"
    "Program;Risk;Primary Applicant ID;Primary Applicant;Primary Lender;Primary Exporter;Primary Borrower ID;Primary Borrower;"
    "Small Business;Primary Export Product NAICS;Cover;Approved/Declined Amount;Term Days;Last Modified"
)
USUAL = {
    "Decision": "Approved", "Decision Date": "09/15/2026", "Effective Date": "09/01/2026", "Expiration Date": "09/01/2027",
    "Deal Cancelled": "N", "Country": "Viet Nam", "Program": "Multibuyer Insurance", "Risk": "Comprehensive",
    "Primary Applicant": "ACME Exports, Inc.", "Primary Exporter": "ACME Exports, Inc.", "Small Business": "Y", "Cover": "95%",
    "Primary Borrower": "Société Générale d'Import", "Approved/Declined Amount": "100.000,00", "Term Days": "180",
    "Primary Export Product NAICS": "333120", "Deal Sequence": "1", "Last Modified": "2026-10-01T08:30:00-04:00",
}  # fmt: skip
ODD: dict[str, dict[str, str]] = {
    "AUT-1": {"Approved/Declined Amount": "1.234.567,89", "Deal Number": "D-77", "Primary Borrower ID": "B-9"},
    "AUT-2": {"Country": "Multiple - Countries", "Decision": "Renewed", "Deal Number": "D-77", "Deal Sequence": "23"},
    "AUT-3": {"Country": "United States", "Program": "Working Capital", "Small Business": "N", "Cover": ""},
    "AUT-4": {"Country": "Côte d'Ivoire", "Program": "Guarantee", "Deal Cancelled": "Y", "Risk": "Political Only"},
    "AUT-5": {"Country": "Türkiye", "Decision": "Declined", "Approved/Declined Amount": "0,00"},
    "AUT-6": {"Country": "Namibia", "Approved/Declined Amount": "", "Term Days": "", "Expiration Date": ""},
    "AUT-7": {"Country": "Atlantis"},
    "AUT-8": {"Program": "Loan"},
}
HELD = {"AUT-7": "unknown_country", "AUT-8": "unknown_product"}


def authorisations() -> bytes:
    rows = [HEAD]
    for number, (identifier, change) in enumerate([*ODD.items(), *((f"AUT-{n}", {}) for n in range(100, 160))]):
        fields = {"Unique Identifier": identifier, "Deal Number": f"D-{number}", **USUAL, **change}
        rows.append(";".join(fields.get(name, "") for name in HEAD.split(";")))
    return "\r\n".join([*rows, ""]).encode("cp1252")


@pytest.fixture
def onboarded(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout that differs from ours by one file, and its drop folder."""
    ours, theirs = get_settings().code, tmp_path / "code"
    (theirs / "expectations" / FEED).mkdir(parents=True)
    for name in ("dags", "dbt_project"):
        (theirs / name).symlink_to(ours / name)
    for folder in (ours / "expectations").iterdir():
        (theirs / "expectations" / folder.name).symlink_to(folder)
    (theirs / "expectations" / FEED / "contract.yaml").write_bytes(GIVEN.read_bytes())
    monkeypatch.setenv("EXPOSURE_CODE", str(theirs))
    get_settings.cache_clear()
    drops = get_settings().drops_dir
    for feed_id in (FEED, FIRST):
        (drops / feed_id).mkdir(parents=True)
    (drops / "SYNTHETIC").touch()
    yield drops
    get_settings.cache_clear()


def drop(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    os.utime(path, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))


def go(feed_id: str, name: str) -> dict[str, Any]:
    """Every step of one file, as the feed's DAG takes them."""
    assert plan.waiting_files(feed_id) == [[name]]
    (arrived,) = plan.arrive_all(feed_id, [name], at=NOW)
    (told,) = steps.commit_all(steps.judge_all(steps.parse_all([steps.land(arrived)])))
    return told


def rows_of(path: str) -> dict[str, dict[str, Any]]:
    return {row["event_id"]: row for row in pq.read_table(path).to_pylist()}


def test_the_second_layout_has_the_columns_of_the_table_that_it_fills(onboarded: Path) -> None:
    first, second = contracts()[FIRST], contracts()[FEED]
    assert second.table == first.table
    assert [(column.name, column.type) for column in second.columns] == [(c.name, c.type) for c in first.columns]
    assert second.suite_path == first.suite_path
    shared = {heading for column in first.columns for heading in column.sources}
    assert shared.isdisjoint(heading for column in second.columns for heading in column.sources)
    assert (second.encodings, second.delimiter, second.timezone) == (("cp1252",), ";", "America/New_York")
    assert list(contracts()) == sorted(
        [*(p.name for p in (get_settings().expectations_dir).iterdir() if p.name != "marts")]
    )


def test_its_rows_come_in_typed_hashed_and_attributed(onboarded: Path) -> None:
    drop(onboarded / FEED / NAME, authorisations())
    sums = {"insured_amount": "7734567.89"}
    sidecar = onboarded / FEED / f"{NAME}.control.json"
    drop(sidecar, json.dumps({"rows": 68, "sums": sums}).encode())
    told = go(FEED, NAME)
    assert (told.get("stopped"), told["outcome"], told["period"]) == (None, "accepted", "2026-09")
    assert (told["accepted_rows"], told["quarantined_rows"]) == (66, 2)
    (record,) = ledger.all_records(open_lake())
    assert record.control_totals["insured_amount"].source == Decimal(sums["insured_amount"])
    rows = rows_of(open_lake().local(record.accepted_path))
    assert len(rows) == 66
    assert {
        name: tuple(rows[name][c] for c in ("event_type", "product_code", "buyer_country_iso2", "country_attribution"))
        for name in ("AUT-1", "AUT-2", "AUT-3", "AUT-4", "AUT-5", "AUT-6")
    } == {
        "AUT-1": ("APPROVAL", "ST_COMP", "VN", "KNOWN"),
        "AUT-2": ("RENEWAL", "ST_COMP", None, "MULTI"),
        "AUT-3": ("APPROVAL", "ECG_PRE", None, "DOMESTIC"),
        "AUT-4": ("APPROVAL", "MLT_BUYER", "CI", "KNOWN"),
        "AUT-5": ("REJECTION", "ST_COMP", "TR", "KNOWN"),
        "AUT-6": ("APPROVAL", "ST_COMP", "NA", "KNOWN"),
    }
    first = rows["AUT-1"]
    assert (first["insured_amount"], first["cover_ratio"]) == (Decimal("1234567.89"), Decimal("0.950000"))
    assert (first["event_on"], first["decided_on"], first["cover_starts_on"]) == (
        date(2026, 9, 15),
        date(2026, 9, 15),
        date(2026, 9, 1),
    )
    assert first["updated_at"] == datetime(2026, 10, 1, 12, 30, tzinfo=UTC)
    assert (rows["AUT-5"]["insured_amount"], rows["AUT-6"]["insured_amount"]) == (Decimal("0.00"), None)
    assert (rows["AUT-1"]["company_size"], rows["AUT-3"]["company_size"]) == ("SME", None)
    assert {(row["currency"], row["record_version"], row["is_cancelled"]) for row in rows.values()} == {
        ("USD", 1, False)
    }
    assert {row["premium_krw"] for row in rows.values()} == {None}
    assert first["policy_id"] == rows["AUT-2"]["policy_id"] == keyed_hash("D-77", salt())
    assert first["obligor_id"] == keyed_hash("B-9", salt())
    assert {row["source_file"] for row in rows.values()} == {NAME}


def test_what_does_not_fit_is_quarantined_with_its_reason_and_no_name_is_kept_readable(onboarded: Path) -> None:
    drop(onboarded / FEED / NAME, authorisations())
    assert go(FEED, NAME)["quarantined_rows"] == 2
    lake = open_lake()
    (record,) = ledger.all_records(lake)
    held = pq.read_table(lake.local(record.quarantine_path or "")).to_pylist()
    assert {json.loads(row["row_json"])["Unique Identifier"]: row["rules"] for row in held} == {
        identifier: [rule] for identifier, rule in HELD.items()
    }
    assert "Row 7: Country is 'Atlantis'" in held[0]["reasons"][0]
    for path in (record.accepted_path, record.quarantine_path):
        text = pq.read_table(lake.local(path or "")).to_pandas().to_csv()
        assert "D-7" not in text
        assert "ACME" not in text
    assert [path.endswith(".zst.age") for path in lake.list_files("raw", "") if not path.endswith(".json")] == [True]
    for path in lake.list_files("", ""):
        assert b"ACME" not in lake.read(path), path


def test_both_insurers_stand_in_one_table_each_under_its_own_name(onboarded: Path) -> None:
    drop(onboarded / FEED / NAME, authorisations())
    head = [column.sources[1] for column in contracts()[FIRST].columns if column.sources]
    korean = {
        "이벤트번호": "UW-1", "증권번호": "KS-1", "갱신차수": "1", "업무구분": "증권발급", "발생일": "2026-09-10", "상품코드": "OBC",
        "사업국": "SA", "국가귀속": "특정", "통화": "KRW", "보험금액": '"1,000,000,000"', "버전": "1", "취소여부": "N",
        "수정일시": "2026-10-02T09:00:00+09:00",
    }  # fmt: skip
    body = "\n".join([",".join(head), ",".join(korean.get(name, "") for name in head), ""]).encode("cp949")
    drop(onboarded / FIRST / "underwriting_202609.csv", body)
    for feed_id, name in ((FEED, NAME), (FIRST, "underwriting_202609.csv")):
        assert go(feed_id, name)["outcome"] == "accepted"
    connection = duckdb.connect()
    lake = open_lake()
    write_lake_schema(connection, lake, contracts(), ledger.all_records(lake), None)
    assert connection.execute(
        f"select feed_id, currency, count(*), sum(insured_amount) from lake.{FIRST} group by all order by feed_id"
    ).fetchall() == [(FIRST, "KRW", 1, Decimal("1000000000.00")), (FEED, "USD", 66, Decimal("7534567.89"))]
    told = connection.execute("select table_name from lake.feed where feed_id = $1", [FEED]).fetchall()
    assert told == [(FIRST,)]


def test_a_dag_for_it_appears(onboarded: Path) -> None:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(get_settings().dags_dir))
    assert not bag.import_errors
    assert f"ingest_{FIRST}" in bag.dags
    dag = bag.dags[f"ingest_{FEED}"]
    assert (dag.schedule, str(dag.timezone)) == ("0 9 * * *", "America/New_York")


def test_without_the_file_there_is_no_such_feed(home: Path) -> None:
    assert FEED not in contracts()
    assert FIRST in contracts()


def test_the_guide_shows_the_file_as_it_is() -> None:
    guide = (get_settings().code / "docs" / "how_to_add_a_feed.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert len(shown) > 4
    text = GIVEN.read_text(encoding="utf-8")
    assert [snippet for snippet in shown if snippet not in text] == []


def test_the_layout_says_that_it_is_invented(tmp_path: Path) -> None:
    folder = tmp_path / FEED
    folder.mkdir()
    (folder / "contract.yaml").write_bytes(GIVEN.read_bytes())
    assert "Invented" in load_contract(folder / "contract.yaml").licence


def test_a_heading_that_the_contract_does_not_name_stops_the_file(onboarded: Path) -> None:
    body = authorisations().replace(b"Small Business;", b"Minority Owned;Small Business;", 1)
    drop(onboarded / FEED / NAME, body)
    landed = steps.land(arrive.take_drop(FEED, NAME))
    (told,) = steps.commit_all(steps.judge_all(steps.parse_all([landed])))
    assert "Minority Owned" in told["stopped"]
    assert NAME in told["stopped"]
