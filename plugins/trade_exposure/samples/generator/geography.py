"""Countries of the sample: from the warehouse's own seeds, with made-up weights for how much trade goes where."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from trade_exposure.samples.generator.draws import Draw

READS = ("country.csv", "market_membership.csv", "customs_special_code.csv")
HEADLINE = "KR_PARTNER_REGIONS_V0"
_UNION = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EUROPEAN_UNION = frozenset(_UNION.split())

# Exports of 2025 in some tens of millions of dollars. Countries that are not named get a small weight by chance.
_EXPORTS = """
CN 13080 US 12290 IN 1920
VN 6220 SG 1930 MY 1150 PH 1020 TH 870 ID 860 MM 42 KH 92 LA 15 BN 7 TL 3
DE 960 PL 920 NL 880 HU 690 IT 590 FR 520 SI 410 BE 390 SK 340 ES 310 CZ 300 GR 190 RO 170 SE 150 DK 140 AT 110 MT 95 FI 80
PT 90 HR 55 BG 45 IE 70 LT 35 LV 20 EE 18 CY 40 LU 12
MX 1310 BR 590 CL 190 PA 250 PE 90 CO 95 GT 60 EC 55 AR 48 BS 70 DO 42 CR 36 HN 20 SV 14 UY 12 PY 14 VG 30 KY 25 BO 9 NI 5
JM 6 TT 7 VE 4 CU 1 PR 25
AE 640 SA 560 QA 95 KW 80 IQ 160 JO 62 OM 52 BH 30 IR 18 LB 15 YE 6 SY 3 PS 1
RU 430 KZ 330 UZ 240 KG 290 TJ 14 TM 11 AZ 18 GE 70 AM 12 MD 4 BY 8
JP 2900 TW 4980 HK 3650 TR 790 GB 690 AU 1620 CA 900 MH 620 LR 580 NO 210 NZ 130 CH 130 IL 150 UA 40 BD 150 PK 120 LK 30 NP 6
EG 160 ZA 140 NG 90 DZ 60 MA 45 KE 40 GH 35 TZ 25 ET 20 AO 22 CI 18 SN 20 LY 45 TN 14 CM 8 UG 6 MZ 9 ZM 3 NA 6 MO 12 MN 52
BM 60 IS 8 RS 25 BA 6 MK 5 AL 4 GI 30 PG 12 FJ 8
"""
# What imports weigh against exports, in per mille, where it is not 600 to 1000 by chance.
_IMPORTS = {
    "AE": 2600,
    "SA": 6000,
    "QA": 11000,
    "KW": 12000,
    "IQ": 5200,
    "OM": 8000,
    "AU": 1900,
    "JP": 1650,
    "CN": 1120,
    "US": 600,
}
_IMPORTS |= {
    "TW": 560,
    "HK": 60,
    "VN": 470,
    "SG": 480,
    "MH": 20,
    "LR": 10,
    "RU": 1400,
    "BR": 900,
    "CL": 2100,
    "PE": 2400,
}


@dataclass(frozen=True)
class Country:
    """One country as the customs service and the warehouse know it. ``exports`` is its weight, ``group`` that of the figures."""

    code: str
    name_ko: str
    customs_name: str
    region: str
    group: str
    is_partner: bool
    exports: int
    imports: int


def read_countries(seeds: Path, seed: int) -> list[Country]:
    """Every country with a customs code but Korea's own two states, in the order of their codes."""
    listed = dict(zip(_EXPORTS.split()[::2], map(int, _EXPORTS.split()[1::2]), strict=True))
    partners = {
        row["iso3"]
        for row in _rows(seeds / "market_membership.csv")
        if row["definition_id"] == HEADLINE and row["is_member"] == "true"
    }
    found = []
    for row in sorted(_rows(seeds / "country.csv"), key=lambda row: row["iso2"]):
        code = row["iso2"]
        if not row["customs_code"] or code in ("KR", "KP"):
            continue
        draw = Draw(seed, "country", code)
        exports = listed.get(code) or draw.between(1, 4)
        found.append(
            Country(
                code=code,
                name_ko=row["name_ko"],
                customs_name=row["customs_name_ko"],
                region=row["partner_region"],
                group=_group(code, row["partner_region"]),
                is_partner=row["iso3"] in partners,
                exports=exports,
                imports=exports * _IMPORTS.get(code, draw.between(600, 1000)),
            )
        )
    return found


def special_codes(seeds: Path) -> dict[str, str]:
    """Korean names of the customs codes that are no country."""
    return {row["customs_code"]: row["name_ko"] for row in _rows(seeds / "customs_special_code.csv")}


def _group(code: str, region: str) -> str:
    if code in EUROPEAN_UNION:
        return "EU"
    if region in ("CIS_CENTRAL_ASIA", "RUSSIA_BELARUS") and code != "MN":
        return "CIS"
    if region in ("ASEAN", "LATIN_AMERICA", "MIDDLE_EAST"):
        return region
    return {"CN": "CHINA", "US": "USA", "IN": "INDIA"}.get(code, "REST")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
