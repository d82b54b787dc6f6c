"""The loads that come later in the story."""

from __future__ import annotations

from support.story import (
    SYNTHETIC_LOAD,
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
from support.story_ledger import FEBRUARY_RATES, JANUARY_RATES, PAID, REVISED, SHIPPED_LATE, SIGNED, YEN_CORRECTED

# Later January is revised (Tuvalu vanishes), February arrives late, ten years ago is backfilled, the rates of the year grow and
# the yen is corrected; records are amended, cancelled, withdrawn, doubled and late. Nothing happens to December's files, but
# a rate of December comes in at last.
LATER = (
    customs("trade-2026-01-revised", "2026-01", 2, "2026-03-15", trade("2026-01", *REVISED)),
    customs(
        SYNTHETIC_LOAD,
        "2026-02",
        1,
        "2026-03-20",
        trade("2026-02", ("US", 8_000_000_000, 1), ("VN", 3_333_333_333, 2)),
        is_synthetic=True,
    ),
    customs(
        "trade-2016-01-backfilled",
        "2016-01",
        1,
        "2026-03-20",
        trade("2016-01", ("VN", 2_000_000_000, 7), ("ZZ", 10, 0)),
        is_newest_due=False,
    ),
    customs("trade-2026-03-unpublished", "2026-03", 0, "2026-04-01", ()),
    load(
        "usd-2026-grown",
        "fx_daily_rate",
        "2026",
        2,
        "2026-02-05",
        rates("USD", *JANUARY_RATES, *FEBRUARY_RATES),
        slice="USD",
    ),
    load(
        "jpy-2026-revised",
        "fx_daily_rate",
        "2026",
        2,
        "2026-03-02",
        rates("JPY", *YEN_CORRECTED, units=100),
        slice="JPY",
    ),
    load(
        "exim-2025-12-late",
        "fx_eximbank_rate",
        "2025-12",
        1,
        "2026-03-02",
        eximbank(("2025-12-30", "EUR", 1, "1690.5")),
    ),
    load(
        "items-2026-grown",
        "customs_item_country_trade",
        "2026",
        2,
        "2026-03-17",
        items(("2026-01", "854231", "VN", 11, 1), ("2026-02", "854231", "NA", 2, 0)),
    ),
    load(
        "regions-2026-grown",
        "customs_region_trade",
        "2026",
        2,
        "2026-03-17",
        regions("2026-02", ("BUSAN", 2500, 4000), ("GANGWON", 3000, 0)),
    ),
    load(
        "grades-2026-02",
        "ksure_country_grade",
        "2026-02",
        1,
        "2026-02-20",
        grades(("VN", "베트남", 3, "2026-02-01"), ("999", "터키", 5, "2025-06-30")),
    ),
    load(
        "centre-2026-01-08",
        "center_contract_event",
        "2026-01-08",
        1,
        "2026-01-09",
        (
            SIGNED,
            event("c3", "CONTRACT_AMENDED", "2026-01-08 05:00:00+00", "C-1", "1500.00"),
            event("c4", "CONTRACT_CANCELLED", "2026-01-08 06:00:00+00", "C-2", None),
            event("c5", "CONTRACT_SIGNED", "2026-01-06 20:00:00+00", "C-3", "70000", currency="KRW"),
        ),
        slice="AITC15",
    ),
    load(
        "underwriting-2026-02",
        "insurance_underwriting_event",
        "2026-02",
        1,
        "2026-03-10",
        (
            underwriting(
                "u5", "AMENDMENT", "2026-02-02", "MLT_BUYER", "1200.00", amends_event_id="u1", premium_krw=None
            ),
            underwriting("u6", "CANCELLATION", "2026-02-03", "ECG_PRE", None, amends_event_id="u3", premium_krw=None),
            {**SHIPPED_LATE, "record_version": 2, "insured_amount": "350.00"},
            underwriting("u7", "SHIPMENT", "2026-01-08", "ST_SPEC", "40.00", is_cancelled=True),
        ),
    ),
    load(
        "exposure-2026-01-revised",
        "insurance_exposure_month_end",
        "2026-01",
        2,
        "2026-03-10",
        (
            exposure("h:p1", "2026-01", "80.00", "USD", record_version=2),
            exposure("h:p2", "2026-01", "4000", "KRW", is_cancelled=True),
        ),
    ),
    load(
        "exposure-2026-02-late",
        "insurance_exposure_month_end",
        "2026-02",
        1,
        "2026-03-20",
        (exposure("h:p1", "2026-02", "70.00", "USD"),),
    ),
    load(
        "claims-2026-02",
        "insurance_claim_event",
        "2026-02",
        1,
        "2026-03-10",
        (
            {**PAID, "record_version": 2, "amount": "45.00"},
            claim("k4", "PAID", "2026-02-03", "1.00", is_cancelled=True),
            claim("k5", "NOTICE", "2026-02-28", "8.00"),
        ),
    ),
    load("limits-2026-revised", "insurance_country_limit", "2026", 2, "2026-03-10", (limit("VN", "120"),)),
    load(
        "ceiling-2026-raised",
        "insurance_contract_ceiling",
        "2026",
        2,
        "2026-03-10",
        (ceiling("TOTAL", "310"), ceiling("TOTAL", "330", 2)),
    ),
)
