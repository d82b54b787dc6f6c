"""The dropped files are laid out as their contracts say, tell their own totals, and hold the dirt that the README lists."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from support.sample_files import Row, amount, contract, data_files, headings_of, raw_rows, read, seed

import trade_exposure.samples
from trade_exposure.landing.drops import key_of

FEEDS = (
    "center_contract_event",
    "insurance_claim_event",
    "insurance_contract_ceiling",
    "insurance_country_limit",
    "insurance_exposure_month_end",
    "insurance_underwriting_event",
)
EVENTS = ("center_contract_event", "insurance_claim_event", "insurance_underwriting_event")


@pytest.fixture(scope="module")
def rows(sample: Path) -> dict[str, list[Row]]:
    return {feed: read(sample / "drops", feed) for feed in EVENTS}


def encoding(path: Path) -> str:
    body = path.read_bytes()
    if body.startswith(b"\xef\xbb\xbf"):
        return "bom"
    try:
        body.decode()
    except UnicodeDecodeError:
        body.decode("cp949")
        return "cp949"
    return "utf-8"


def test_the_folders_are_those_of_the_dropped_feeds_and_there_are_not_too_many_files(sample: Path) -> None:
    assert sorted(path.name for path in (sample / "drops").iterdir() if path.is_dir()) == list(FEEDS)
    assert 100 < sum(len(data_files(sample / "drops", feed)) for feed in FEEDS) <= 150
    assert (sample / "drops" / "SYNTHETIC").is_file()


@pytest.mark.parametrize("feed", FEEDS)
def test_every_file_has_a_name_and_headings_that_the_contract_knows(feed: str, sample: Path) -> None:
    told = contract(feed)
    headings = {name for column in told.columns for name in column.sources} | set(told.never_read)
    for path in data_files(sample / "drops", feed):
        assert key_of(told, path.name).slice in told.slices
        found = set(headings_of(path))
        assert found <= headings, path.name
        assert all(any(name in found for name in column.sources) for column in told.columns if column.sources), (
            path.name
        )


@pytest.mark.parametrize("feed", FEEDS)
def test_a_sidecar_tells_rows_sums_and_hash_of_its_file(feed: str, sample: Path) -> None:
    told = contract(feed)
    sources = {column.name: column.sources for column in told.columns}
    sidecars = sorted((sample / "drops" / feed).glob("*.control.json"))
    assert sidecars
    for sidecar in sidecars:
        control = json.loads(sidecar.read_text(encoding="utf-8"))
        path = sidecar.with_name(sidecar.name.removesuffix(".control.json"))
        found = raw_rows(path)
        assert control["rows"] == len(found)
        assert control["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert set(control["sums"]) == set(told.measures)
        for measure, total in control["sums"].items():
            texts = (next((row[name] for name in sources[measure] if name in row), None) for row in found)
            assert Decimal(total) == sum(amount(text) for text in texts if text), (path.name, measure)


def test_three_encodings_two_languages_and_two_formats_occur(sample: Path) -> None:
    paths = [path for feed in FEEDS for path in data_files(sample / "drops", feed)]
    assert set(Counter(map(encoding, paths))) == {"bom", "cp949", "utf-8"}
    assert {path.suffix for path in paths} == {".csv", ".jsonl"}
    languages = Counter(any("가" <= letter <= "힣" for letter in headings_of(path)[0]) for path in paths)
    assert min(languages[True], languages[False]) > 20


def test_cells_hold_commas_quotes_new_lines_padding_parentheses_and_percent(sample: Path) -> None:
    cells = set()
    for name in ("underwriting_2023.csv", "underwriting_2024.csv", "underwriting_202602.csv"):
        for row in raw_rows(sample / "drops" / "insurance_underwriting_event" / name)[:3_000]:
            cells |= {value for value in row.values() if value}
    claims = [row for path in data_files(sample / "drops", "insurance_claim_event") for row in raw_rows(path)]
    assert any("\n" in cell for cell in cells)
    assert any('"' in cell and "," not in cell for cell in cells)
    assert any(cell.startswith("가상기업") and "," in cell for cell in cells)
    assert any(cell.startswith("   ") and cell.strip()[0].isdigit() for cell in cells)
    assert {"95%", "97.5%"} <= cells
    assert any((row.get("금액") or row.get("amount") or "").startswith("(") for row in claims)


def test_names_lie_in_some_files_and_are_made_up(sample: Path) -> None:
    told = contract("insurance_underwriting_event")
    with_names = 0
    for path in data_files(sample / "drops", "insurance_underwriting_event"):
        found = [row for row in raw_rows(path) if set(row) & set(told.never_read)]
        with_names += bool(found)
        for row in found[:200]:
            texts = [row[name] for name in told.never_read if row.get(name)]
            assert all(text.startswith(("가상", "Imaginary")) for text in texts if text)
    assert 0 < with_names < 13


def test_no_registration_number_could_be_that_of_a_firm(rows: dict[str, list[Row]]) -> None:
    numbers = {row["company_id"] for row in rows["center_contract_event"]}
    numbers |= {row["insured_party_id"] for row in rows["insurance_underwriting_event"]}
    assert len(numbers) > 2_000
    for number in numbers:
        digits = [int(digit) for digit in number if digit.isdigit()]
        total = sum(a * b for a, b in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)) + digits[8] * 5 // 10
        assert len(digits) == 10
        assert (10 - total % 10) % 10 != digits[9]


@pytest.mark.parametrize("feed", EVENTS)
def test_versions_are_new_in_every_file_and_some_events_are_revised_and_some_late(
    feed: str, rows: dict[str, list[Row]]
) -> None:
    seen: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in rows[feed]:
        key = (row["event_id"], row["record_version"])
        assert row["file"] not in seen[key], key
        seen[key].add(row["file"])
    assert sum(version == 2 for _, version in seen) > 10
    twice = sum(len(files) > 1 for files in seen.values())
    assert twice > 3 if feed == "center_contract_event" else twice == 0
    day = "event_at" if feed == "center_contract_event" else "event_on"
    late = [
        row
        for row in rows[feed]
        if (period := row["file"].rsplit("_", 1)[1].split(".")[0]).isdecimal()
        and str(row[day]).replace("-", "")[: len(period)] < period
    ]
    assert len(late) > 5


def test_cover_before_decision_shipped_above_authorised_and_empty_amounts_occur(rows: dict[str, list[Row]]) -> None:
    events = rows["insurance_underwriting_event"]
    assert (
        sum(
            1
            for row in events
            if row["cover_starts_on"] and row["decided_on"] and row["cover_starts_on"] < row["decided_on"]
        )
        > 50
    )
    limits = {
        row["policy_id"]: row["insured_amount"]
        for row in events
        if row["product_code"] == "ST_COMP" and row["event_type"] in ("ISSUE", "RENEWAL")
    }
    shipped = [row for row in events if row["event_type"] == "SHIPMENT" and row["policy_id"] in limits]
    assert sum(row["insured_amount"] > limits[row["policy_id"]] for row in shipped) > 100
    assert any(row["insured_amount"] == 0 for row in events)
    assert any(row["insured_amount"] is None and row["event_type"] == "APPLICATION" for row in events)
    types = Counter(row["event_type"] for row in events)
    assert min(types[name] for name in ("REJECTION", "RENEWAL", "AMENDMENT", "CANCELLATION")) > 30
    assert any(row["is_cancelled"] == "true" for row in events)


def test_corrections_name_an_event_of_the_log(rows: dict[str, list[Row]]) -> None:
    events = rows["insurance_underwriting_event"]
    known = {row["event_id"] for row in events}
    corrected = [
        row
        for row in events
        if row["event_type"] in ("AMENDMENT", "CANCELLATION") and row["event_on"] > date(2023, 7, 1)
    ]
    assert len(corrected) > 100
    assert all(row["amends_event_id"] in known for row in corrected)


def test_rows_for_the_quarantine_are_few_and_lie_where_the_readme_says(
    rows: dict[str, list[Row]], sample: Path
) -> None:
    iso = {row["iso2"] for row in seed("country")}
    bad: Counter[str] = Counter()
    for feed in ("center_contract_event", "insurance_underwriting_event", "insurance_exposure_month_end"):
        found = rows.get(feed) or read(sample / "drops", feed, "currency", "outstanding_amount", "buyer_country_iso2")
        for row in found:
            texts = [value for value in row.values() if isinstance(value, str)]
            countries = [value for name, value in row.items() if name.endswith("country_iso2") and value]
            measures = [value for value in row.values() if isinstance(value, Decimal)]
            if (
                row["currency"] == "XXX"
                or any(text.startswith("=") for text in texts)
                or set(countries) - iso
                or any(value < 0 for value in measures)
            ):
                bad[row["file"]] += 1
    for row in rows["insurance_claim_event"]:
        bad[row["file"]] += row["amount"] is not None and row["amount"] < 0 and row["event_type"] != "RECOVERY"
    assert {name: count for name, count in bad.items() if count} == {
        "contracts_AITC01_2024.jsonl": 2,
        "underwriting_2024.csv": 2,
        "underwriting_202603.csv": 2,
        "exposure_2024.csv": 1,
        "claims_2024.csv": 1,
    }
    readme = (Path(trade_exposure.samples.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in bad if bad[name])


def test_a_careless_reader_would_lose_namibia(sample: Path) -> None:
    text = (sample / "drops/insurance_underwriting_event/underwriting_2025.csv").read_text(encoding="utf-8")
    assert any(row["buyer_country"] == "NA" for row in csv.DictReader(io.StringIO(text, newline="")))
