"""The story that the warehouse tests tell: what each feed brings first, and what comes later."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from support.candidate_lake import Load

SYNTHETIC_LOAD = "trade-2026-02-late"
Rows = tuple[dict[str, Any], ...]


def trade(month: str, *rows: tuple[str, int, int]) -> Rows:
    """Customs rows ``(code, exports_usd, imports_usd)`` in the order of the reply."""
    return tuple(
        {
            "reference_month": f"{month}-01", "customs_code": code, "customs_name_ko": f"{code} 이름",
            "exports_usd": exports, "imports_usd": imports, "trade_balance_usd": exports - imports,
            "export_declarations": 3, "import_declarations": 2,
        }
        for code, exports, imports in rows
    )  # fmt: skip


def items(*rows: tuple[str, str, str, int, int]) -> Rows:
    """Rows ``(month, hs6_code, customs_code, exports_usd, imports_usd)`` of customs trade by goods and country."""
    return tuple(
        {
            "reference_month": f"{month}-01", "hs6_code": goods, "hs_name_ko": f"{goods} 품목", "customs_code": code,
            "customs_name_ko": f"{code} 이름", "exports_usd": exports, "imports_usd": imports,
            "trade_balance_usd": exports - imports, "export_weight_kg": -1, "import_weight_kg": 0,
        }
        for month, goods, code, exports, imports in rows
    )  # fmt: skip


def regions(through: str, *rows: tuple[str, int, int]) -> Rows:
    """Rows ``(region_key, exports_usd, imports_usd)`` of customs trade by province in 2026."""
    return tuple(
        {
            "reference_year": "2026-01-01", "through_month": f"{through}-01", "region_key": region,
            "region_name_ko": f"{region} 이름", "exports_usd": exports, "imports_usd": imports,
            "trade_balance_usd": exports - imports, "export_declarations": 1, "import_declarations": 1,
        }
        for region, exports, imports in rows
    )  # fmt: skip


def rates(currency: str, *rows: tuple[str, str], units: int = 1) -> Rows:
    """Bank of Korea rows ``(day, quoted won)``."""
    item = {"USD": "0000001", "JPY": "0000002"}[currency]
    return tuple(
        {
            "rate_on": day, "currency": currency, "quote_units": units, "quoted_krw": Decimal(quoted),
            "krw_per_unit": Decimal(quoted) / units, "item_code": item, "item_name_ko": f"원/{currency}",
            "unit_name_ko": "원",
        }
        for day, quoted in rows
    )  # fmt: skip


def eximbank(*rows: tuple[str, str, int, str]) -> Rows:
    """Eximbank rows ``(day, currency, units, quoted won)``."""
    return tuple(
        {
            "rate_on": day, "quotation_unit": currency if units == 1 else f"{currency}({units})", "currency": currency,
            "quote_units": units, "quoted_krw": Decimal(quoted), "krw_per_unit": Decimal(quoted) / units,
            "currency_name_ko": f"{currency} 통화",
        }
        for day, currency, units, quoted in rows
    )  # fmt: skip


def grades(*rows: tuple[str, str, int, str]) -> Rows:
    """K-SURE rows ``(code, name, grade, day of evaluation)``."""
    names = ("country_code_raw", "country_name_ko", "credit_grade", "evaluated_on")
    return tuple(dict(zip(names, row, strict=True)) for row in rows)


def event(
    event_id: str, kind: str, at: str, contract_no: str | None, amount: str | None, **more: Any
) -> dict[str, Any]:
    """An event of centre AITC15; ``at`` is an instant."""
    row = {
        "event_id": event_id, "schema_version": 1, "event_at": at, "center_code": "AITC15", "event_type": kind,
        "company_id": "h:company", "buyer_country_iso2": "VN", "contract_no": contract_no, "contract_amount": amount,
        "currency": "USD" if amount else None, "record_version": 1, "updated_at": at,
    }  # fmt: skip
    return {**row, **more}


def underwriting(event_id: str, kind: str, day: str, product: str, amount: str | None, **more: Any) -> dict[str, Any]:
    """An underwriting event in dollars with a Vietnamese buyer."""
    row = {
        "event_id": event_id, "policy_id": f"h:{event_id[:2]}", "deal_sequence": 0, "event_type": kind, "event_on": day,
        "product_code": product, "company_size": "SME", "region_key": "BUSAN", "buyer_country_iso2": "VN",
        "paying_country_iso2": "SG", "country_attribution": "KNOWN", "currency": "USD", "insured_amount": amount,
        "premium_krw": 1000, "record_version": 1, "is_cancelled": False, "updated_at": f"{day} 00:00:00+00",
    }  # fmt: skip
    return {**row, **more}


def exposure(policy: str, month: str, amount: str, currency: str, **more: Any) -> dict[str, Any]:
    """Outstanding insurance of a policy at the end of a month."""
    row = {
        "month_end_month": f"{month}-01", "policy_id": policy, "product_code": "MLT_BUYER", "buyer_country_iso2": "VN",
        "country_attribution": "KNOWN", "currency": currency, "outstanding_amount": amount, "record_version": 1,
        "is_cancelled": False, "updated_at": f"{month}-28 00:00:00+00",
    }  # fmt: skip
    return {**row, **more}


def claim(event_id: str, kind: str, day: str, amount: str | None, **more: Any) -> dict[str, Any]:
    """An event after a loss in Vietnam, in dollars."""
    row = {
        "event_id": event_id, "claim_id": "h:claim", "policy_id": "h:policy", "event_type": kind, "event_on": day,
        "underwriting_year": 2025, "product_code": "ST_SPEC", "buyer_country_iso2": "VN", "paying_country_iso2": "VN",
        "country_attribution": "KNOWN", "currency": "USD", "amount": amount, "record_version": 1,
        "is_cancelled": False, "updated_at": f"{day} 00:00:00+00",
    }  # fmt: skip
    return {**row, **more}


def limit(country: str, amount: str, **more: Any) -> dict[str, Any]:
    """The whole limit of a country for 2026."""
    row = {
        "country_iso2": country, "limit_type": "TOTAL", "limit_amount_krw": amount, "valid_from": "2026-01-01",
        "record_version": 1, "is_cancelled": False, "updated_at": "2026-01-02 00:00:00+00",
    }  # fmt: skip
    return {**row, **more}


def ceiling(group: str, amount: str, version: int = 1) -> dict[str, Any]:
    """The ceiling of a group of products for 2026."""
    updated = f"2026-0{version}-02 00:00:00+00"
    return {
        "year": 2026,
        "product_group": group,
        "ceiling_amount_krw": amount,
        "record_version": version,
        "updated_at": updated,
    }


def load(name: str, feed_id: str, period: str, vintage: int, known: str, rows: Rows, **more: Any) -> Load:
    """A load that became known at one o'clock of the day ``known`` and was due at the end of its period's next day 28."""
    due = more.pop("due", f"{(period + '-12')[:7]}-28")
    return Load(name, feed_id, period, vintage, f"{known} 01:00:00+00", f"{due} 00:00:00+00", rows, **more)


def customs(name: str, month: str, vintage: int, known: str, rows: Rows, **more: Any) -> Load:
    """A load of customs trade by country, due on the 16th of the next month."""
    year, number = int(month[:4]), int(month[5:])
    due = f"{year + number // 12}-{number % 12 + 1:02}-16"
    return load(name, "customs_country_trade", month, vintage, known, rows, due=due, **more)
