"""Small sound files of dropped feeds, which each test spoils in one way; every name and number in them is made up."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

UNDERWRITING, CLAIMS = "insurance_underwriting_event", "insurance_claim_event"
CENTRE, CEILING = "center_contract_event", "insurance_contract_ceiling"
NAMES = {
    UNDERWRITING: "underwriting_202610.csv",
    CLAIMS: "claims_202610.csv",
    CENTRE: "contracts_AITC01_20261020.jsonl",
    CEILING: "ceiling_2026.csv",
}
COMPANY, BUYER = "가나다무역", "Example Imports GmbH"
POLICY, PARTY, OBLIGOR, BUSINESS = "P-77-", "C-88-", "B-99-", "123-45-"
SECRETS = (COMPANY, BUYER, POLICY, PARTY, OBLIGOR, BUSINESS)
"""What no file but the sealed archive may hold: names, and how every raw identifier begins."""

Row = dict[str, str]

_UNDERWRITING = {
    "event_id": "E-", "policy_no": POLICY, "deal_sequence": "1", "event_type": "SHIPMENT", "amends_event_id": "",
    "event_on": "2026-10-05", "decided_on": "", "cover_starts_on": "", "cover_ends_on": "", "product_code": "ST_COMP",
    "risk_kind": "COMMERCIAL", "insured_party_id": PARTY, "insured_party_name": COMPANY, "obligor_id": OBLIGOR,
    "obligor_name": BUYER, "company_size": "SME", "region": "", "industry_code": "C26", "strategic_industry": "",
    "hs_code": "854231", "destination_country": "VN", "buyer_country": "VN", "paying_country": "VN",
    "guarantor_country": "", "project_country": "", "country_attribution": "KNOWN", "currency": "KRW",
    "insured_value": "200,000,000", "cover_ratio": "95%", "insured_amount": "190,000,000", "premium_krw": "665,000",
    "term_days": "60", "center_contract_no": "", "record_version": "1", "is_cancelled": "N",
    "updated_at": "2026-10-06T09:00:00+09:00",
}  # fmt: skip
_CLAIMS = {
    "event_id": "X-", "claim_no": "S-66-", "policy_no": POLICY, "event_type": "PAID", "event_on": "2026-10-05",
    "underwriting_year": "2025", "product_code": "ST_COMP", "buyer_country": "VN", "paying_country": "VN",
    "country_attribution": "KNOWN", "obligor_id": OBLIGOR, "risk_kind": "COMMERCIAL", "currency": "KRW",
    "amount": "50,000,000", "recovery_source": "", "record_version": "1", "is_cancelled": "N",
    "updated_at": "2026-10-06T09:00:00+09:00",
}  # fmt: skip
_NUMBERED = ("event_id", "policy_no", "insured_party_id", "obligor_id", "claim_no", "company_id", "buyer_id")
_KOREAN = {
    "event_id": "이벤트번호", "policy_no": "증권번호", "deal_sequence": "갱신차수", "event_type": "업무구분",
    "amends_event_id": "원이벤트번호", "event_on": "발생일", "decided_on": "인수결정일", "cover_starts_on": "보험개시일",
    "cover_ends_on": "보험만기일", "product_code": "상품코드", "risk_kind": "위험구분", "insured_party_id": "보험계약자번호",
    "insured_party_name": "보험계약자명", "obligor_id": "채무자번호", "obligor_name": "채무자명", "company_size": "기업규모",
    "region": "시도", "industry_code": "업종코드", "strategic_industry": "전략산업", "hs_code": "품목코드",
    "destination_country": "수입국", "buyer_country": "바이어국", "paying_country": "지급국", "guarantor_country": "보증국",
    "project_country": "사업국", "country_attribution": "국가귀속", "currency": "통화", "insured_value": "보험가액",
    "cover_ratio": "부보율", "insured_amount": "보험금액", "premium_krw": "보험료(원)", "term_days": "결제기간",
    "center_contract_no": "AI센터계약번호", "record_version": "버전", "is_cancelled": "취소여부", "updated_at": "수정일시",
}  # fmt: skip


def underwriting(count: int, changes: Mapping[int, Mapping[str, str]] | None = None) -> list[Row]:
    """Sound shipments, those at the given row numbers (from 1) changed."""
    return _numbered(_UNDERWRITING, count, changes)


def claims(count: int, changes: Mapping[int, Mapping[str, str]] | None = None) -> list[Row]:
    """Sound payments, those at the given row numbers changed."""
    return _numbered(_CLAIMS, count, changes)


def centre(number: int, **changes: object) -> dict[str, object]:
    """One sound event of a centre's log: a contract signed."""
    return {
        "event_id": f"K-{number}", "schema_version": 1, "event_ts": "2026-10-20T10:00:00+09:00",
        "center_code": "AITC01", "center_name": "Centre", "company_name": COMPANY, "buyer_name": BUYER,
        "event_type": "CONTRACT_SIGNED", "company_id": f"{BUSINESS}{number:05}", "buyer_country_iso2": "VN",
        "buyer_id": f"{OBLIGOR}{number}", "contract_no": f"CN-{number}", "contract_amount": "124000.50",
        "currency": "USD", "signed_at": "2026-10-20", "record_version": 1, "updated_at": "2026-10-20T10:00:10+09:00",
        **changes,
    }  # fmt: skip


def json_lines(*events: Mapping[str, object] | bytes) -> bytes:
    """One event per line; bytes are a line as it is."""
    lines = (event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode() for event in events)
    return b"".join(line + b"\n" for line in lines)


def csv_of(rows: Sequence[Row], *, newline: str = "\n", korean: bool = False) -> bytes:
    """A CSV file in UTF-8 with the headings of the first row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=newline)
    writer.writerow(_KOREAN[heading] if korean else heading for heading in rows[0])
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode()


def renamed(rows: Sequence[Row], old: str, new: str) -> list[Row]:
    """The rows with another heading for one column, in its place."""
    return [{new if heading == old else heading: value for heading, value in row.items()} for row in rows]


def without(rows: Sequence[Row], heading: str) -> list[Row]:
    """The rows without one column."""
    return [{name: value for name, value in row.items() if name != heading} for row in rows]


def ceiling(*rows: str) -> bytes:
    """A file of yearly ceilings, without any private column."""
    head = "year,product_group,ceiling_amount,approved_on,record_version,updated_at\n"
    good = ('2026,TOTAL,"3,100,000",2026-01-02,1,2026-01-02T09:00:00+09:00\n',)
    return (head + "".join(rows or good)).encode()


def rows_in(body: bytes, kind: str) -> int:
    """Rows of a file, by other means than ours: in every encoding of ours a line end and a mark are the bytes of ASCII."""
    text = body.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    if kind == "jsonl":
        return sum(bool(line.strip(" \t\r\n\v\f")) for line in text.split("\n"))
    csv.field_size_limit(1 << 24)
    return sum(bool(fields) for fields in csv.reader(io.StringIO(text, newline=""), strict=True)) - 1


def _numbered(template: Row, count: int, changes: Mapping[int, Mapping[str, str]] | None) -> list[Row]:
    rows = []
    for number in range(1, count + 1):
        own = {name: f"{value}{number}" for name, value in template.items() if name in _NUMBERED}
        rows.append({**template, **own, **(changes or {}).get(number, {})})
    return rows
