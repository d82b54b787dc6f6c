"""The won amounts of a candidate, computed once more by another way than dbt's.

dbt multiplies decimals and joins on a calendar of rates in force; here whole numbers are multiplied and rounded, and the
rate of each day is looked up anew among the newest rates of both sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Conversion:
    """One won column of a table: ``amount`` x ``rate`` rounded half away from zero, to the won."""

    table: str
    amount: str
    krw: str
    rate: str
    currency: str | None = "currency"
    day: str | None = None


CONVERSIONS = (
    Conversion("marts.mart_market_exports", "exports_usd", "exports_krw", "usd_krw_rate", currency=None),
    Conversion("core.fct_center_event", "contract_amount", "contract_amount_krw", "fx_rate", day="event_on"),
    Conversion("core.fct_center_contract", "contract_amount", "contract_amount_krw", "fx_rate"),
    Conversion("core.fct_underwriting_event", "insured_amount", "insured_amount_krw", "fx_rate", day="event_on"),
    Conversion("core.fct_underwriting", "insured_amount", "insured_amount_krw", "fx_rate", day="event_on"),
    Conversion("core.fct_underwriting", "insured_value", "insured_value_krw", "fx_rate"),
    Conversion("core.fct_exposure_month_end", "outstanding_amount", "outstanding_krw", "fx_rate", day="month_end_on"),
    Conversion("core.fct_exposure_month_end", "undrawn_amount", "undrawn_krw", "fx_rate"),
    Conversion("core.fct_claim_event", "amount", "amount_krw", "fx_rate", day="event_on"),
    Conversion("core.fct_claim", "amount", "amount_krw", "fx_rate"),
    Conversion("core.fct_recovery", "amount", "amount_krw", "fx_rate"),
    Conversion("core.fct_fx_clawback", "amount", "amount_krw", "fx_rate"),
)
"""Every won column that comes of an amount and a rate. The ones with ``day`` also have their rate looked up again."""

_LARGEST_AMOUNT, _LARGEST_RATE = 10**18, 10**8
"""What the conversion can hold; an amount or rate beyond it has no won amount, by rule."""

# A rate is in force from its day until the next one, and no longer than the limit. Newest knowledge of a day counts, the
# Bank of Korea's before the Eximbank's.
_RATES = """
    with quoted as (
        select currency, rate_on, krw_per_unit, 'ECOS' as source, 1 as preference, known_at, load_id
        from core.fct_fx_rate where is_latest_vintage
        union all
        select currency, rate_on, krw_per_unit, 'EXIMBANK', 2, known_at, load_id
        from core.fct_fx_rate_eximbank where is_latest_vintage
    ),
    rates as (
        select currency, rate_on, krw_per_unit, source from quoted
        qualify row_number() over (partition by currency, rate_on order by preference, known_at desc, load_id) = 1
    )
"""


def products(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """Each won amount against amount x rate in whole numbers: (checks made, failures)."""
    failures = []
    for item in CONVERSIONS:
        # 10^-2 units x 10^-8 won are units of 10^-10 won; half of 10^10 of them rounds up.
        cents = f"cast(cast({item.amount} as decimal(38, 2)) * 100 as hugeint)"
        units = f"{cents} * cast(cast({item.rate} as decimal(38, 8)) * 100000000 as hugeint)"
        holds = f"abs({item.amount}) < {_LARGEST_AMOUNT} and {item.rate} < {_LARGEST_RATE}"
        if item.currency is not None:
            holds = f"({item.currency} = 'KRW' or ({holds}))"
        expected = f"case when {holds} then sign({item.amount}) * ((abs({units}) + 5000000000) // 10000000000) end"
        found = connection.execute(
            f"select count(*), min({item.amount} || ' at ' || {item.rate} || ' is ' || coalesce({item.krw} || '', 'none')) "
            f"from {item.table} where cast({item.krw} as hugeint) is distinct from cast({expected} as hugeint)"
        ).fetchall()[0]
        if found[0]:
            failures.append(
                f"{item.krw} of {found[0]} rows of {item.table} is not {item.amount} x {item.rate}: {found[1]}"
            )
    return len(CONVERSIONS), failures


def rates_in_force(connection: duckdb.DuckDBPyConnection, limit_days: int) -> tuple[int, list[str]]:
    """Each rate used against the newest one of both sources on or before its day: (checks made, failures)."""
    dated = [item for item in CONVERSIONS if item.day is not None]
    failures = []
    for item in dated:
        found = connection.execute(
            f"""
            {_RATES},
            used as (
                select distinct {item.currency} as currency, {item.day} as day, {item.rate} as rate, fx_rate_on, fx_source
                from {item.table} where {item.currency} <> 'KRW'
            ),
            compared as (
                select used.*, rates.rate_on, rates.source, rates.krw_per_unit,
                    rates.rate_on is not null and used.day - rates.rate_on <= {limit_days} as is_served
                from used asof left join rates on used.currency = rates.currency and used.day >= rates.rate_on
            )
            select count(*), min(currency || ' on ' || day || ' has the rate of ' || coalesce(fx_rate_on || '', 'no day'))
            from compared
            where rate is distinct from case when is_served then krw_per_unit end
                or fx_rate_on is distinct from case when is_served then rate_on end
                or fx_source is distinct from case when is_served then source end
            """
        ).fetchall()[0]
        if found[0]:
            failures.append(f"{found[0]} rates of {item.table} are not those in force on their day: {found[1]}")
    return len(dated), failures
