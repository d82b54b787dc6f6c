"""The loads with which the story begins, in the order in which they came in."""

from __future__ import annotations

from decimal import Decimal

from support.story import (
    ceiling,
    claim,
    customs,
    event,
    eximbank,
    exposure,
    grades,
    items,
    limit,
    load,
    rates,
    regions,
    trade,
    underwriting,
)

JANUARY = (
    ("US", 9_000_000_001, 5_000_000_000),
    ("VN", 4_000_000_003, 2_000_000_000),
    ("NA", 1_234_567, 89),
    ("LR", 700_000_000, 0),
    ("ZZ", 55_555, 44),
    ("QQ", 1_000, 2_000),
    ("Q9", 234, 100),
    ("TV", 77, 0),
)
REVISED = (("US", 9_000_000_002, 5_000_000_000), ("VN", 4_100_000_003, 2_000_000_000), *JANUARY[2:-1])
JANUARY_RATES = tuple((f"2026-01-{day:02}", f"{1440 + day}.{day % 10}") for day in range(5, 21))
FEBRUARY_RATES = (("2026-02-02", "1450.1"), ("2026-02-03", "1450.2"), ("2026-02-04", "1450.200001"))
YEN = (("2026-01-05", "921.07"), ("2026-01-06", "920.555555"))
YEN_CORRECTED = (("2026-01-05", "921.08"), YEN[1])

SIGNED = event("c1", "CONTRACT_SIGNED", "2026-01-06 05:00:00+00", "C-1", "1000.00", signed_on="2026-01-06")
SHIPPED_LATE = underwriting("u2", "SHIPMENT", "2026-01-07", "ST_SPEC", "300.00")
PAID = claim("k1", "PAID", "2026-01-08", "50.00")

# December and January come in time; the February figures are asked for in vain.
FIRST = (
    customs(
        "trade-2025-12-untouched", "2025-12", 1, "2026-01-15", trade("2025-12", ("VN", 1_500_000_000, 3), ("NA", 5, 0))
    ),
    load(
        "usd-2025-untouched",
        "fx_daily_rate",
        "2025",
        1,
        "2025-12-27",
        rates("USD", ("2025-12-01", "1470.5")),
        slice="USD",
    ),
    customs(
        "trade-2026-01-first",
        "2026-01",
        1,
        "2026-02-15",
        trade("2026-01", *JANUARY),
        quarantined=(("exports_usd", Decimal(-5)),),
    ),
    customs("trade-2026-02-unpublished", "2026-02", 0, "2026-03-17", ()),
    load("usd-2026", "fx_daily_rate", "2026", 1, "2026-02-01", rates("USD", *JANUARY_RATES), slice="USD"),
    load("jpy-2026", "fx_daily_rate", "2026", 1, "2026-02-01", rates("JPY", *YEN, units=100), slice="JPY"),
    load(
        "exim-2026-01",
        "fx_eximbank_rate",
        "2026-01",
        1,
        "2026-01-27",
        eximbank(
            ("2026-01-07", "JPY", 100, "930.5"), ("2026-01-06", "JPY", 100, "999"), ("2026-01-05", "EUR", 1, "1700.5")
        ),
    ),
    load(
        "items-2026",
        "customs_item_country_trade",
        "2026",
        1,
        "2026-02-17",
        items(("2026-01", "854231", "VN", 10, 1), ("2026-01", "870323", "QQ", 7, 0)),
    ),
    load(
        "regions-2026",
        "customs_region_trade",
        "2026",
        1,
        "2026-02-17",
        regions("2026-01", ("BUSAN", 1000, 2000), ("GANGWON", 3000, 0)),
    ),
    load(
        "grades-2026-01",
        "ksure_country_grade",
        "2026-01",
        1,
        "2026-01-20",
        grades(
            ("VN", "베트남", 4, "2025-06-30"),
            ("176", "베트남", 3, "2025-06-30"),
            ("999", "터키", 5, "2025-06-30"),
            ("998", "어딘가", 7, "2025-06-30"),
        ),
    ),
    load(
        "centre-2026-01-06",
        "center_contract_event",
        "2026-01-06",
        1,
        "2026-01-07",
        (
            event("c0", "CONSULTATION", "2026-01-06 02:00:00+00", None, None, buyer_country_iso2=None),
            SIGNED,
            event(
                "c2",
                "CONTRACT_SIGNED",
                "2026-01-06 06:00:00+00",
                "C-2",
                "500.00",
                currency="EUR",
                signed_on="2026-01-06",
            ),
        ),
        slice="AITC15",
    ),
    load(
        "underwriting-2026-01",
        "insurance_underwriting_event",
        "2026-01",
        1,
        "2026-02-10",
        (
            underwriting(
                "u1", "ISSUE", "2026-01-06", "MLT_BUYER", "1000.00", insured_value="1250.00", cover_ratio="0.8"
            ),
            SHIPPED_LATE,
            underwriting(
                "u3", "ISSUE", "2026-01-09", "ECG_PRE", "7000000", currency="KRW", country_attribution="DOMESTIC"
            ),
            underwriting("u4", "APPLICATION", "2026-01-09", "OBC", None, premium_krw=None, project_country_iso2="NA"),
        ),
    ),
    load(
        "exposure-2025-12-untouched",
        "insurance_exposure_month_end",
        "2025-12",
        1,
        "2026-01-10",
        (exposure("h:p1", "2025-12", "100.00", "EUR"), exposure("h:p2", "2025-12", "5000", "KRW")),
    ),
    load(
        "exposure-2026-01",
        "insurance_exposure_month_end",
        "2026-01",
        1,
        "2026-02-10",
        (
            exposure("h:p1", "2026-01", "90.00", "USD", undrawn_amount="10.00"),
            exposure("h:p2", "2026-01", "4000", "KRW"),
            exposure("h:p3", "2026-01", "1.00", "USD"),
        ),
    ),
    load(
        "claims-2026-01",
        "insurance_claim_event",
        "2026-01",
        1,
        "2026-02-10",
        (
            PAID,
            claim("k2", "RECOVERY", "2026-01-09", "-5.00", recovery_source="OBLIGOR"),
            claim(
                "k3",
                "FX_CLAWBACK",
                "2026-01-09",
                "900",
                currency="KRW",
                product_code="FX_FWD",
                country_attribution="NONE",
            ),
        ),
    ),
    load("limits-2026", "insurance_country_limit", "2026", 1, "2026-01-10", (limit("VN", "100"), limit("NA", "50"))),
    load(
        "ceiling-2026",
        "insurance_contract_ceiling",
        "2026",
        1,
        "2026-01-10",
        (ceiling("TOTAL", "310"), ceiling("ST", "200")),
    ),
)
