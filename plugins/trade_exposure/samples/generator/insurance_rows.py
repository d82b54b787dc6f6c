"""Rows of the insurance files from the book, the log and the claims, field by field in the order of the layouts."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from trade_exposure.samples.generator.book import Event, Policy, at_work
from trade_exposure.samples.generator.calendar import business_day_from, month_end, shifted
from trade_exposure.samples.generator.claims import ClaimEvent
from trade_exposure.samples.generator.exposure import Outstanding
from trade_exposure.samples.generator.limits import Limit
from trade_exposure.samples.generator.parties import province_name
from trade_exposure.samples.generator.policies import Market

Values = list[Any]


def underwriting_row(event: Event, market: Market) -> Values:
    """One record of the underwriting log."""
    policy = event.policy
    number, name = _insured(policy, market)
    return [
        event.event_id,
        policy.number,
        event.sequence,
        event.type,
        event.amends,
        event.on,
        event.decided,
        event.starts,
        event.ends,
        policy.product.code,
        _risk(policy),
        number,
        name,
        policy.obligor,
        _obligor_name(policy),
        policy.party.size,
        province_name(policy.party.province, event.updated_at.date()),
        policy.party.industry,
        policy.strategic,
        policy.hs_code,
        *_countries(policy),
        policy.attribution,
        policy.currency,
        event.value,
        policy.cover if event.amount is not None else None,
        event.amount,
        event.premium,
        event.term,
        policy.contract_no if event.type in ("APPLICATION", "ISSUE") else None,
        event.version,
        event.is_cancelled,
        event.updated_at,
    ]


def exposure_row(month: date, row: Outstanding, market: Market, *, version: int = 1) -> Values:
    """One policy at the end of a month, known some days later."""
    policy = row.policy
    number, name = _insured(policy, market)
    known = _known(month, version)
    return [
        month,
        policy.number,
        policy.product.code,
        number,
        name,
        policy.obligor,
        _obligor_name(policy),
        policy.party.size,
        province_name(policy.party.province, known),
        policy.party.industry,
        *_countries(policy),
        policy.attribution,
        policy.currency,
        row.amount,
        row.undrawn,
        policy.cover,
        policy.starts,
        policy.ends_as_of(month_end(month)),
        version,
        False,
        at_work(known, 30),
    ]


def claim_row(event: ClaimEvent) -> Values:
    """One record of the claims log."""
    policy = event.policy
    _, buyer, paying, _, project = _countries(policy)
    return [
        event.event_id,
        event.claim_no,
        policy.number,
        event.type,
        event.on,
        event.underwriting_year,
        policy.product.code,
        buyer or project,
        paying,
        policy.attribution,
        policy.obligor,
        _risk(policy),
        event.currency,
        event.amount,
        event.source,
        event.version,
        False,
        event.updated_at,
    ]


def limit_row(limit: Limit, name: str) -> Values:
    """One country limit, told under the country's Korean name."""
    told = limit.valid_from if limit.version == 1 else date(limit.valid_from.year, 6, 25)
    known = at_work(business_day_from(told), 0)
    return [
        name,
        limit.type,
        limit.eok,
        limit.valid_from,
        limit.valid_to,
        limit.acceptance,
        limit.version,
        False,
        known,
    ]


@cache
def _known(month: date, version: int) -> date:
    return business_day_from(shifted(month, 1) + timedelta(days=4 + 30 * (version - 1)))


def _countries(policy: Policy) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    """Destination, buyer, paying, guarantor and project country; all of them absent where no single country is known."""
    country = policy.country
    if policy.product.country == "PROJECT":
        return None, None, policy.paying, policy.guarantor, country
    return country, country, policy.paying, policy.guarantor, None


def _risk(policy: Policy) -> str | None:
    if policy.product.country == "NONE":
        return None
    if policy.product.code == "OII_EQ":
        return "POLITICAL"
    return "COMMERCIAL" if policy.product.country == "DOMESTIC" else "COMMERCIAL_POLITICAL"


def _insured(policy: Policy, market: Market) -> tuple[str, str]:
    number, name = market.insured(policy)
    # Some names hold what breaks a careless reader of CSV: a comma, a quote, a new line.
    return number, {"7": f"{name}, 주식회사", "8": f'{name} "해외"', "9": f"{name}\n(본사)"}.get(
        policy.number[-1], name
    )


def _obligor_name(policy: Policy) -> str | None:
    return f"Imaginary Buyer {policy.obligor[-4:]}" if policy.obligor else None
