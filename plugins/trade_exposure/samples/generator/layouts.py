"""The private, proposed file layouts as the sample writes them: headings in two languages, and how each value is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "word", "number", "money", "signed", "won", "share", "day", "month", "instant", "flag"]


@dataclass(frozen=True)
class Field:
    """One field of a layout. ``measure`` is the name of our column whose sum a sidecar tells. ``words`` are its Korean words."""

    english: str
    korean: str
    kind: Kind = "text"
    measure: str | None = None
    words: Mapping[str, str] | None = None
    is_name: bool = False


def _words(text: str) -> dict[str, str]:
    return dict(pair.split("/", 1) for pair in text.split())


def _fields(text: str, words: Mapping[str, Mapping[str, str]], measures: Mapping[str, str]) -> tuple[Field, ...]:
    """Fields from lines of ``english korean kind``; ``kind`` "name" is a name that is never read."""
    found = []
    for line in text.strip().split("\n"):
        english, korean, kind = line.split()
        found.append(
            Field(
                english=english,
                korean=korean.replace("_", " "),
                kind="text" if kind == "name" else kind,  # type: ignore[arg-type]
                measure=measures.get(english),
                words=words.get(english),
                is_name=kind == "name",
            )
        )
    return tuple(found)


_SIZES = _words("LARGE/대기업 MID/중견 SME/중소")
_ATTRIBUTIONS = _words("KNOWN/특정 MULTI/복수 DOMESTIC/국내 NONE/해당없음 UNALLOCATED/미배분")
_RISKS = _words("COMMERCIAL/신용 POLITICAL/비상 COMMERCIAL_POLITICAL/신용+비상")

CONTRACTS = _fields(
    """
event_id 이벤트번호 text
schema_version 스키마버전 number
event_ts 발생일시 instant
center_code 센터코드 text
center_name 센터명 name
event_type 구분 word
company_id 기업식별번호 text
company_name 기업명 name
buyer_country_iso2 바이어국가 text
buyer_id 바이어번호 text
buyer_name 바이어명 name
hs_code 품목코드 text
contract_no 계약번호 text
contract_amount 계약금액 money
currency 통화 text
incoterms 인코텀즈 text
payment_terms 결제조건 text
tenor_days 결제기간 number
signed_at 계약일 day
ship_by 선적기한 day
esign_status 전자서명상태 text
ksure_policy_ref 보험증권번호 text
record_version 버전 number
updated_at 수정일시 instant
""",
    {
        "event_type": _words(
            "CONSULTATION/상담 INQUIRY/인콰이어리 MOU/양해각서 CONTRACT_SIGNED/계약체결 CONTRACT_AMENDED/변경 "
            "CONTRACT_CANCELLED/해지 SHIPPED/선적"
        )
    },
    {"contract_amount": "contract_amount"},
)

UNDERWRITING = _fields(
    """
event_id 이벤트번호 text
policy_no 증권번호 text
deal_sequence 갱신차수 number
event_type 업무구분 word
amends_event_id 원이벤트번호 text
event_on 발생일 day
decided_on 인수결정일 day
cover_starts_on 보험개시일 day
cover_ends_on 보험만기일 day
product_code 상품코드 text
risk_kind 위험구분 word
insured_party_id 보험계약자번호 text
insured_party_name 보험계약자명 name
obligor_id 채무자번호 text
obligor_name 채무자명 name
company_size 기업규모 word
region 시도 text
industry_code 업종코드 text
strategic_industry 전략산업 word
hs_code 품목코드 text
destination_country 수입국 text
buyer_country 바이어국 text
paying_country 지급국 text
guarantor_country 보증국 text
project_country 사업국 text
country_attribution 국가귀속 word
currency 통화 text
insured_value 보험가액 money
cover_ratio 부보율 share
insured_amount 보험금액 money
premium_krw 보험료(원) won
term_days 결제기간 number
center_contract_no AI센터계약번호 text
record_version 버전 number
is_cancelled 취소여부 flag
updated_at 수정일시 instant
""",
    {
        "event_type": _words(
            "APPLICATION/청약 APPROVAL/인수승인 REJECTION/인수거절 ISSUE/증권발급 SHIPMENT/수출통지 DRAWDOWN/인출 RENEWAL/갱신 "
            "AMENDMENT/변경 CANCELLATION/취소"
        ),
        "risk_kind": _RISKS,
        "company_size": _SIZES,
        "strategic_industry": _words("DEFENCE/방산 AI/AI RENEWABLES/신재생 SHIP/조선 NUCLEAR/원전"),
        "country_attribution": _ATTRIBUTIONS,
    },
    {"insured_amount": "insured_amount", "premium_krw": "premium_krw"},
)

EXPOSURE = _fields(
    """
as_of_month 기준년월 month
policy_no 증권번호 text
product_code 상품코드 text
insured_party_id 보험계약자번호 text
insured_party_name 보험계약자명 name
obligor_id 채무자번호 text
obligor_name 채무자명 name
company_size 기업규모 word
region 시도 text
industry_code 업종코드 text
destination_country 수입국 text
buyer_country 바이어국 text
paying_country 지급국 text
guarantor_country 보증국 text
project_country 사업국 text
country_attribution 국가귀속 word
currency 통화 text
outstanding_amount 유효계약액 money
undrawn_amount 미인출액 money
cover_ratio 부보율 share
issued_on 발급일 day
cover_ends_on 만기일 day
record_version 버전 number
is_cancelled 취소여부 flag
updated_at 수정일시 instant
""",
    {"company_size": _SIZES, "country_attribution": _ATTRIBUTIONS},
    {"outstanding_amount": "outstanding_amount"},
)

CLAIMS = _fields(
    """
event_id 이벤트번호 text
claim_no 사고번호 text
policy_no 증권번호 text
event_type 구분 word
event_on 발생일 day
underwriting_year 인수연도 number
product_code 상품코드 text
buyer_country 바이어국 text
paying_country 지급국 text
country_attribution 국가귀속 word
obligor_id 채무자번호 text
risk_kind 위험구분 word
currency 통화 text
amount 금액 signed
recovery_source 회수원 word
record_version 버전 number
is_cancelled 취소여부 flag
updated_at 수정일시 instant
""",
    {
        "event_type": _words(
            "NOTICE/사고통지 FILED/청구 PAID/지급 REJECTED/지급거절 RECOVERY/회수 FX_CLAWBACK/환수 CLOSED/종결"
        ),
        "country_attribution": _ATTRIBUTIONS,
        "risk_kind": _RISKS,
        "recovery_source": _words("OBLIGOR/채무자 GUARANTOR/보증인 PARIS_CLUB/파리클럽 OTHER/기타"),
    },
    {"amount": "amount"},
)

LIMITS = _fields(
    """
country 국가명 text
limit_type 한도구분 word
limit_amount 한도액(억원) won
valid_from 적용시작일 day
valid_to 적용종료일 day
acceptance_policy 인수방침 word
record_version 버전 number
is_cancelled 취소여부 flag
updated_at 수정일시 instant
""",
    {
        "limit_type": _words("ST/단기 MLT/중장기 TOTAL/전체"),
        "acceptance_policy": {
            "NORMAL": "정상인수",
            "INDIVIDUAL_REVIEW": "개별심사",
            "CASE_BY_CASE": "건별승낙",
            "THIRD_COUNTRY_GUARANTEE": "제3국 지급보증부 인수",
        },
    },
    {"limit_amount": "limit_amount_krw"},
)

CEILINGS = _fields(
    """
year 연도 number
product_group 구분 word
ceiling_amount 한도(억원) won
approved_on 승인일 day
record_version 버전 number
updated_at 수정일시 instant
""",
    {
        "product_group": {
            "TOTAL": "총 한도",
            "ST": "단기수출보험",
            "MLT": "중장기수출보험",
            "OBC": "해외사업금융보험",
            "OTHER": "기타",
        }
    },
    {"ceiling_amount": "ceiling_amount_krw"},
)
