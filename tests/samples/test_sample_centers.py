"""The logs of the AI trade centres add up to what was published for 2025, and lead to insurance."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from support.sample_files import Row, Won, latest, read

GYEONGBUK = "AITC15"


@pytest.fixture(scope="module")
def events(sample: Path) -> list[Row]:
    rows = latest(read(sample / "drops", "center_contract_event"))
    assert 35_000 < len(rows) < 50_000
    return rows


def year(row: Row) -> int:
    return int(row["event_at"][:4])


def test_3382_contracts_of_420_million_dollars_were_signed_in_2025(events: list[Row], sample: Path) -> None:
    won = Won(sample / "replies")
    signed = [row for row in events if row["event_type"] == "CONTRACT_SIGNED" and row["signed_on"].year == 2025]
    assert len(signed) == len({row["contract_no"] for row in signed}) == 3382
    dollars = sum(
        won(row["contract_amount"], row["currency"], row["signed_on"]) / won(Decimal(1), "USD", row["signed_on"])
        for row in signed
    )
    assert abs(dollars / 420_000_000 - 1) < Decimal("0.001")
    assert len({row["currency"] for row in signed}) > 3


def test_15_centres_became_20(events: list[Row]) -> None:
    centers = {of: {row["center_code"] for row in events if year(row) == of} for of in (2023, 2024, 2025, 2026)}
    assert [len(centers[of]) for of in (2023, 2024, 2025, 2026)] == [7, 11, 15, 20]
    assert centers[2026] - centers[2025] == {"AITC02", "AITC08", "AITC10", "AITC13", "AITC20"}


def test_several_consultations_lead_to_a_contract(events: list[Row]) -> None:
    for of in (2023, 2024, 2025, 2026):
        found = Counter(row["event_type"] for row in events if year(row) == of)
        assert 2 < found["CONSULTATION"] / found["CONTRACT_SIGNED"] < 5
        assert found["CONTRACT_SIGNED"] > found["SHIPPED"] > found["CONTRACT_AMENDED"] > found["CONTRACT_CANCELLED"] > 0
    assert {"INQUIRY", "MOU"} <= {row["event_type"] for row in events}


def test_73_firms_of_the_gyeongbuk_centre_shipped_for_the_first_time_in_2025(events: list[Row]) -> None:
    first: dict[str, int] = {}
    for row in sorted(events, key=lambda row: row["event_at"]):
        if row["event_type"] == "SHIPPED":
            first.setdefault(row["company_id"], year(row))
    firms = {row["company_id"] for row in events if row["center_code"] == GYEONGBUK}
    assert sum(first.get(firm) == 2025 for firm in firms) == 73
    assert sum(first.get(firm) == 2024 for firm in firms) > 10


def test_consultations_of_the_gyeongbuk_centre_quadrupled_in_2025(events: list[Row]) -> None:
    asked = Counter(
        year(row) for row in events if row["event_type"] == "CONSULTATION" and row["center_code"] == GYEONGBUK
    )
    assert asked[2025] >= 4 * asked[2024] > 200


def test_some_contracts_are_insured_under_a_policy_that_names_them(events: list[Row], sample: Path) -> None:
    issued = {
        row["center_contract_no"]: row
        for row in read(sample / "drops", "insurance_underwriting_event")
        if row["event_type"] == "ISSUE" and row["center_contract_no"]
    }
    insured = [row for row in events if row["event_type"] == "CONTRACT_SIGNED" and row["policy_id"]]
    matched = [row for row in insured if row["contract_no"] in issued]
    assert len(matched) > 400
    assert len(matched) > 0.9 * len(insured)
    for row in matched:
        policy = issued[row["contract_no"]]
        assert (row["policy_id"], row["company_id"]) == (policy["policy_id"], policy["insured_party_id"])
        assert row["signed_on"] < policy["event_on"]
        assert policy["insured_amount"] <= row["contract_amount"]


def test_amendments_and_cancellations_follow_a_signature(events: list[Row]) -> None:
    signed = {row["contract_no"]: row["signed_on"] for row in events if row["event_type"] == "CONTRACT_SIGNED"}
    later = [row for row in events if row["event_type"] in ("CONTRACT_AMENDED", "CONTRACT_CANCELLED", "SHIPPED")]
    assert all(row["contract_no"] in signed for row in later)
    assert all(row["event_at"][:10] >= str(signed[row["contract_no"]]) for row in later)
