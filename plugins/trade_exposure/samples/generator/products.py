"""Insurance products of the sample: how each behaves, and how much of the year's support it brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

Kind = Literal["turnover", "annual", "drawing", "long", "hedge"]
Country = Literal["BUYER", "PROJECT", "DOMESTIC", "NONE", "UNALLOCATED"]


@dataclass(frozen=True)
class Product:
    """One product.

    ``kind``: "turnover" brings volume by shipments, "drawing" by drawings under a guarantee, "annual" by issue and yearly
    renewal, "long" by one issue for years, "hedge" by one contract for months. ``share`` is its part of a year's support in
    per mille (2022 to 2025, 2026). ``count`` is the number of policies in force (turnover, drawing) or issued a month, in
    tenths. ``premium`` is in millionths of the insured amount. ``large`` is how many in a hundred parties are large or
    mid-sized firms.
    """

    code: str
    kind: Kind
    country: Country
    share: tuple[int, int]
    count: int
    premium: int
    cover: tuple[int, ...]
    term: tuple[int, int]
    large: tuple[int, int]
    currencies: str = "COUNTRY"


def _product(line: str) -> Product:
    code, kind, country, before, now, count, premium, cover, term, large, currencies = line.split()
    return Product(
        code=code,
        kind=cast("Kind", kind),
        country=cast("Country", country),
        share=(int(before), int(now)),
        count=int(count),
        premium=int(premium),
        cover=tuple(int(part) for part in cover.split(",")),
        term=(int(term.split("-")[0]), int(term.split("-")[1])),
        large=(int(large.split(",")[0]), int(large.split(",")[1])),
        currencies=currencies,
    )


# Shares follow the published parts of the 2025 ceiling: short-term 78.6 %, long-term export 3.6 %, overseas business 3.5 %.
_PRODUCTS = """
ST_COMP turnover BUYER 0 0 3900 1500 900,950,975,1000 30-90 0,0 COUNTRY
ST_SPEC turnover BUYER 168 160 1900 1900 900,950,975,1000 30-120 0,0 COUNTRY
ST_SMEPLUS annual UNALLOCATED 82 80 160 2600 950,1000 365-365 0,25 USD
ST_DIRECTPLUS annual UNALLOCATED 32 31 130 2600 950,1000 365-365 0,0 USD
ST_GROUP annual UNALLOCATED 13 13 40 2200 950 365-365 0,0 USD
ST_AGRI annual UNALLOCATED 5 5 20 2600 950,1000 365-365 0,5 USD
ST_SAFETYNET annual UNALLOCATED 4 4 20 1000 1000 365-365 0,0 USD
MLT_PRE long BUYER 3 3 5 15000 900,950 900-1500 60,30 USD
MLT_SUPPLIER long BUYER 10 10 15 20000 900,950 900-1700 60,30 COUNTRY
MLT_BUYER long BUYER 22 36 22 21000 950,1000 900-1900 90,10 USD
OBC long PROJECT 33 38 18 17500 950,1000 900-1900 90,10 USD
OII_FIN long PROJECT 4 4 6 12000 900,950 900-1700 70,30 USD
OII_EQ long PROJECT 2 2 4 9000 900 800-1600 70,30 USD
OCWI long PROJECT 4 4 6 9000 900,950 700-1500 80,20 USD
NRF long PROJECT 1 1 2 9000 900 900-1900 100,0 USD
EIB long DOMESTIC 10 10 12 8000 900,950 800-1500 50,50 KRW
IRR long NONE 2 2 3 4000 1000 800-1500 90,10 USD
IMP_IMP hedge DOMESTIC 4 4 30 3000 900 60-180 20,30 USD
EBI annual BUYER 22 21 50 3500 950,1000 365-365 50,30 COUNTRY
SVC annual BUYER 6 6 25 4000 950,975 365-365 20,30 COUNTRY
RELIAB annual DOMESTIC 2 2 15 3000 900 365-365 10,30 KRW
ECG_PRE annual DOMESTIC 20 19 160 8500 900,1000 365-365 0,15 KRW
ECG_CHAIN annual DOMESTIC 0 0 20 8000 900,1000 365-365 0,10 KRW
ECG_POST drawing BUYER 8 8 400 5000 900,1000 60-120 0,20 USD
ECG_NEGO drawing UNALLOCATED 6 6 250 5000 900,1000 60-180 0,10 USD
IMP_FIN drawing DOMESTIC 14 14 300 3000 900 120-360 20,40 KRW
FX_FWD hedge NONE 28 27 240 300 1000 30-270 10,30 HEDGE
FX_OPT hedge NONE 12 12 110 1800 1000 30-180 0,20 HEDGE
"""
PRODUCTS = tuple(_product(line) for line in _PRODUCTS.strip().split("\n"))
BY_CODE = {product.code: product for product in PRODUCTS}
# Products with a few tranches paid out over time.
DRAWN = ("MLT_BUYER", "OBC", "EIB")
LENDER = (
    "MLT_BUYER",
    "OBC",
    "OII_FIN",
    "IRR",
    "EIB",
    "NRF",
    "EBI",
    "ECG_PRE",
    "ECG_POST",
    "ECG_NEGO",
    "ECG_CHAIN",
    "IMP_FIN",
)


def counts(product: Product, event_type: str) -> bool:
    """Whether an event of that type is volume: this project's own rule, for K-SURE's is not published."""
    if product.kind == "turnover":
        return event_type == "SHIPMENT"
    if product.kind == "drawing":
        return event_type == "DRAWDOWN"
    return event_type in ("ISSUE", "RENEWAL")
