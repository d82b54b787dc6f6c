"""After a private file went wrong, no name and no raw identifier stands anywhere but in the sealed archive."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from bad_input.conftest import Bring, Outcome
from bad_input.files import (
    CENTRE,
    CLAIMS,
    COMPANY,
    NAMES,
    POLICY,
    SECRETS,
    UNDERWRITING,
    centre,
    claims,
    csv_of,
    json_lines,
    underwriting,
)

BAD = {
    1: {"policy_no": f"={POLICY}1"},
    2: {"obligor_id": f"@{POLICY}2", "currency": "XBT"},
    3: {"insured_amount": "many"},
    4: {"policy_no": ""},
    5: {"event_on": "2026-10-32", "insured_party_name": "=" + COMPANY},
    6: {"insured_amount": "300,000,000"},
}


def written(home: Path, outcome: Outcome) -> str:
    """Everything that a load leaves, in plain text: Parquet as rows, the rest as it is; the drop folder is the source's."""
    texts = [outcome.told, repr(outcome.record), repr(outcome.quarantine)]
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.is_relative_to(home / "drops"):
            continue
        body = path.read_bytes()
        texts += [path.name, str(pq.read_table(path).to_pylist()) if body[:4] == b"PAR1" else body.decode("latin-1")]
        texts.append(body.decode("utf-8", "replace"))
    return "\n".join(texts)


def shown(home: Path, outcome: Outcome) -> list[str]:
    text = written(home, outcome)
    assert outcome.record.load_id in text
    return [secret for secret in SECRETS if secret in text]


def test_the_search_would_find_a_name(home: Path, bring: Bring) -> None:
    outcome = bring(UNDERWRITING, NAMES[UNDERWRITING], csv_of(underwriting(2, {1: {"industry_code": COMPANY}})))
    assert shown(home, outcome) == [COMPANY]


def test_quarantined_rows_of_a_csv_file_show_no_private_value(home: Path, bring: Bring) -> None:
    lines = csv_of(underwriting(200, BAD)).splitlines(keepends=True)
    lines[7] = lines[7].replace(b"\n", b"," + COMPANY.encode() + b"\n")
    lines[8] = f"E-8,{POLICY}8\n".encode()
    outcome = bring(UNDERWRITING, NAMES[UNDERWRITING], b"".join(lines))
    assert sorted(outcome.held) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert outcome.held[1] == (
        "formula_in_text",
        "Row 1: policy_no holds a private value which begins like a spreadsheet formula.",
    )
    assert outcome.held[6][0] == "insured_not_above_value"
    assert '"policy_no":"h:' in outcome.quarantine[0]["row_json"].replace(" ", "")
    assert shown(home, outcome) == []


def test_quarantined_lines_of_json_show_no_private_value(home: Path, bring: Bring) -> None:
    good = json_lines(centre(1)).strip()
    lines = (
        good[:-1],
        good.replace(b"{", b'{"company_id": "123-45-00009", ', 1),
        good.replace(b"{", b'{"contract_no": "CN-9", ', 1),
        json_lines(centre(2, company_id=["123-45-00002"])).strip(),
        json_lines(centre(3, company_name=[COMPANY], event_type="DREAM")).strip(),
        json_lines(centre(4, company_id="\ud800123-45-1".encode("utf-8", "backslashreplace").decode())).strip(),
        json_lines(centre(5, buyer_id="=B-99-5")).strip(),
    )
    outcome = bring(CENTRE, NAMES[CENTRE], json_lines(*(centre(n) for n in range(10, 30)), *lines))
    assert [outcome.held[row][0] for row in (21, 22, 23, 24, 25, 27)] == [
        "unreadable_json",
        "repeated_field",
        "repeated_field",
        "nested_value",
        "unknown_value",
        "formula_in_text",
    ]
    assert shown(home, outcome) == []


@pytest.mark.parametrize(
    "spoil", ["too many held", "half a row", "an open quotation mark", "a stray mark", "no header"]
)
def test_a_stopped_private_file_shows_no_private_value(home: Path, bring: Bring, spoil: str) -> None:
    good = csv_of(claims(30))
    body = {
        "too many held": csv_of(claims(30, {row: {"claim_no": "=S-66-1"} for row in range(1, 20)})),
        "half a row": good[: good.rindex(POLICY.encode()) + 8],
        "an open quotation mark": good.replace(POLICY.encode(), b'"' + POLICY.encode(), 1) + b'"',
        "a stray mark": good.replace(POLICY.encode(), POLICY.encode() + b'"', 1),
        "no header": csv_of(claims(1, {1: {"paying_country": "US", "recovery_source": "OBLIGOR", "record_version": "2"}})).split(b"\n", 1)[1] * 2,
    }[spoil]  # fmt: skip
    outcome = bring(CLAIMS, NAMES[CLAIMS], body)
    assert outcome.record.outcome == "stopped"
    assert shown(home, outcome) == []


def test_the_archive_of_a_private_file_is_sealed(home: Path, bring: Bring) -> None:
    outcome = bring(CLAIMS, NAMES[CLAIMS], b"PK\x03\x04" + csv_of(claims(1)))
    assert outcome.record.arrival.is_sealed
    sealed = home / "lake" / outcome.record.arrival.bytes_path()
    assert sealed.read_bytes().startswith(b"age-encryption.org/")
