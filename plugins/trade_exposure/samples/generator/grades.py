"""Country grades 1 to 7 as the grade service would list them: made up, and K-SURE's real ones are not in here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from trade_exposure.samples.generator.calendar import SEOUL, business_day_from
from trade_exposure.samples.generator.draws import Draw
from trade_exposure.samples.generator.geography import Country

FILE = "credit-grade.json"
# Names as K-SURE writes them, where they differ from the country list.
KSURE_NAMES = {"TR": "터키", "AE": "아랍에미리트 연합", "CZ": "체코", "HK": "홍콩", "AU": "호주"}
_BETTER = {"EU": (1, 3), "USA": (1, 1), "CHINA": (2, 3), "INDIA": (3, 3), "ASEAN": (2, 5), "MIDDLE_EAST": (2, 6)}


def make_grades(countries: Sequence[Country], seed: int) -> dict[str, int]:
    """A grade from 1 (best) to 7 for the 205 countries with the most trade."""
    largest = sorted(countries, key=lambda country: (-country.exports, country.code))[:205]
    grades = {}
    for country in sorted(largest, key=lambda country: country.code):
        draw = Draw(seed, "grade", country.code)
        low, high = _BETTER.get(country.group, (3, 7) if country.is_partner else (1, 6))
        grades[country.code] = draw.between(low, high)
    return grades


def write_grades(
    folder: Path, countries: Sequence[Country], grades: dict[str, int], seed: int, as_of: datetime
) -> None:
    """``credit-grade.json``: every grade with the day of its evaluation, within the two years before ``as_of``."""
    names = {country.code: KSURE_NAMES.get(country.code, country.name_ko) for country in countries}
    today = as_of.astimezone(SEOUL).date()
    items = []
    for code, grade in grades.items():
        day = business_day_from(today - timedelta(days=Draw(seed, "evaluated", code).between(20, 700)))
        items.append({"ctryCd": code, "ctryNm": names[code], "evalGrd": str(grade), "evalDd": f"{day:%Y%m%d}"})
    (folder / FILE).write_bytes((json.dumps(items, ensure_ascii=False, indent=1) + "\n").encode())
