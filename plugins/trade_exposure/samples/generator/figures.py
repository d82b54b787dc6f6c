"""The figures that the sample is calibrated to: what was published, and what was made up where nothing was.

Won in billions, dollars in millions. ``PUBLISHED`` in a comment means a figure that K-SURE, KOTRA, the customs service or the
Bank of Korea gave to the press; everything else is invented so as to lead smoothly from one to the next.
"""

from __future__ import annotations

# Support (supply) of a calendar year. PUBLISHED for 2022 to 2025; 2026 is a path below the published target of 275,000.
SUPPORT = {2022: 238_000, 2023: 245_000, 2024: 237_000, 2025: 268_000, 2026: 273_400}
# Of it, firms that are not large. PUBLISHED but for 2026, a path around the target of 114,000.
SMALL_AND_MID = {2022: 76_800, 2023: 87_000, 2024: 97_000, 2025: 109_000, 2026: 113_200}
# Of it, emerging partner countries. PUBLISHED for 2025 alone; 2026 is a path just below the target of 66,000.
PARTNER = {2022: 51_000, 2023: 53_500, 2024: 54_900, 2025: 62_000, 2026: 65_300}
# Cover of more than two years with the United States; 49,000 until 2030 is the published target. All invented.
US_LONG_TERM = {2022: 400, 2023: 600, 2024: 900, 2025: 1_500, 2026: 7_000}
# Special guarantees. PUBLISHED for 2024 (7.3) and 2025 (214.3); in tenths of a billion.
SPECIAL_GUARANTEES_TENTHS = {2022: 40, 2023: 50, 2024: 73, 2025: 2_143, 2026: 2_900}
# Share of each month in per mille: January to November 881 (PUBLISHED for 2025), so that December has the peak.
SEASON = (74, 72, 84, 80, 80, 86, 80, 77, 82, 82, 84, 119)

# Claims paid, so that loss ratio (46 to 173 %) and accident rate (0.17 to 0.60 %) stay within what was PUBLISHED for 2011-2017.
CLAIMS_PAID = {2022: 560, 2023: 640, 2024: 830, 2025: 990, 2026: 850}

# Yearly ceilings on contracts concluded, in 100 million won. PUBLISHED, parts included; parts that were not are left out.
CEILINGS: dict[int, dict[str, int]] = {
    2023: {"TOTAL": 2_600_000},
    2024: {"TOTAL": 2_700_000, "ST": 2_132_100, "OBC": 66_000},
    2025: {"TOTAL": 2_800_000, "ST": 2_200_100, "OBC": 99_000, "MLT": 100_000},
    2026: {"TOTAL": 3_100_000},
}

# Exports of 2025 by group. PUBLISHED; the rest completes the published 709,700.
EXPORTS_2025 = {
    "CHINA": 130_800,
    "USA": 122_900,
    "ASEAN": 122_500,
    "EU": 70_100,
    "LATIN_AMERICA": 31_000,
    "MIDDLE_EAST": 20_400,
    "INDIA": 19_200,
    "CIS": 13_700,
    "REST": 179_100,
}
# Other years against 2025, in per mille. All invented.
EXPORT_PATH = {
    2023: {"CHINA": 955, "USA": 940, "ASEAN": 890, "EU": 972, "LATIN_AMERICA": 900, "MIDDLE_EAST": 930, "INDIA": 935},
    2024: {"CHINA": 1015, "USA": 1035, "ASEAN": 930, "EU": 971, "LATIN_AMERICA": 935, "MIDDLE_EAST": 965, "INDIA": 974},
    2025: {},
    2026: {
        "CHINA": 1030,
        "USA": 1020,
        "ASEAN": 1060,
        "EU": 1040,
        "LATIN_AMERICA": 1070,
        "MIDDLE_EAST": 1080,
        "INDIA": 1090,
    },
}
EXPORT_PATH_OF_OTHERS = {2023: 850, 2024: 930, 2025: 1000, 2026: 1060}
IMPORTS = {2023: 601_000, 2024: 622_000, 2025: 634_000, 2026: 661_000}
TRADE_SEASON = (78, 74, 84, 82, 82, 85, 83, 80, 87, 85, 88, 92)

# AI trade centres: contracts signed and their amount in dollars. PUBLISHED for 2025.
CONTRACTS = {2023: 700, 2024: 1_650, 2025: 3_382, 2026: 3_500}
CONTRACT_USD = {2023: 80_000_000, 2024: 196_000_000, 2025: 420_000_000, 2026: 452_000_000}
FIRST_EXPORTERS_GYEONGBUK_2025 = 73  # PUBLISHED

# KRW per USD in 2025: means of the quarters and the last day. PUBLISHED, as are the year's lowest and highest.
DOLLAR_QUARTERS_2025 = (1452.66, 1404.04, 1385.25, 1450.98)
