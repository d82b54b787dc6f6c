"""Trade, exchange rates and grades of the sample: published figures, and the parts that add up to the whole."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import mean

import pytest
from support.sample_files import seed

Trade = dict[str, dict[str, tuple[int, int]]]  # month, code: exports and imports

ASEAN = {"BN", "KH", "ID", "LA", "MY", "MM", "PH", "SG", "TH", "VN"}
UNION = {
    "AT",
    "BE",
    "BG",
    "HR",
    "CY",
    "CZ",
    "DK",
    "EE",
    "FI",
    "FR",
    "DE",
    "GR",
    "HU",
    "IE",
    "IT",
    "LV",
    "LT",
    "LU",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SK",
    "SI",
    "ES",
    "SE",
}
GULF_AND_LEVANT = {"AE", "SA", "QA", "KW", "OM", "BH", "IQ", "IR", "JO", "LB", "SY", "YE", "PS"}
CIS = {"RU", "BY", "KZ", "UZ", "KG", "TJ", "TM", "AZ", "AM", "GE", "MD"}


@pytest.fixture(scope="module")
def trade(sample: Path) -> Trade:
    found: Trade = {}
    for file in sorted((sample / "replies" / "customs").glob("getNationtradeList_*_all.xml")):
        text = file.read_text(encoding="utf-8")
        items = re.findall(r"<expDlr>(\d+)</expDlr>.*?<impDlr>(\d+)</impDlr><statCd>(..)</statCd>", text)
        assert len(items) == text.count("<item>")
        found[file.name[19:25]] = {code: (int(exports), int(imports)) for exports, imports, code in items}
    return found


@pytest.fixture(scope="module")
def of_2025(trade: Trade) -> Counter[str]:
    """Billions of dollars of exports by code."""
    found: Counter[str] = Counter()
    for month, rows in trade.items():
        if month.startswith("2025"):
            found.update({code: exports for code, (exports, _) in rows.items()})
    return found


def billions(found: Counter[str], codes: set[str]) -> float:
    return sum(found[code] for code in codes) / 1e9


def test_exports_of_2025_are_the_published_ones_within_half_a_per_cent(of_2025: Counter[str]) -> None:
    latin = {
        row["iso2"]
        for row in seed("country")
        if row["m49_subregion"] == "Latin America and the Caribbean" and row["partner_region"] == "LATIN_AMERICA"
    }
    published = [
        (set(of_2025), 709.7),
        ({"CN"}, 130.8),
        ({"US"}, 122.9),
        (ASEAN, 122.5),
        (UNION, 70.1),
        (latin, 31.0),
        (GULF_AND_LEVANT, 20.4),
        ({"IN"}, 19.2),
        (CIS, 13.7),
    ]
    for codes, figure in published:
        assert billions(of_2025, codes) == pytest.approx(figure, rel=0.005), sorted(codes)[:3]


def test_every_month_has_some_230_countries_and_the_special_codes_occur(trade: Trade) -> None:
    assert (min(trade), max(trade), len(trade)) == ("202301", "202610", 46)
    assert all(220 <= len(rows) <= 245 for rows in trade.values())
    assert all({"NA", "ZZ", "CN", "US", "VN"} <= set(rows) for rows in trade.values())
    assert 0 < sum("AN" in rows for rows in trade.values()) < 46
    assert any("Z1" in rows for rows in trade.values())
    assert any(exports == 0 < imports for rows in trade.values() for exports, imports in rows.values())
    known = {row["customs_code"] for row in seed("country")} | {
        row["customs_code"] for row in seed("customs_special_code")
    }
    assert set().union(*trade.values()) <= known


def test_years_lead_smoothly_to_2025_and_beyond(trade: Trade) -> None:
    sums = Counter[str]()
    for month, rows in trade.items():
        sums[month[:4]] += sum(exports for exports, _ in rows.values())
    assert sums["2023"] < sums["2024"] < sums["2025"]
    to_october = sum(
        sum(row[0] for row in rows.values()) for month, rows in trade.items() if "202501" <= month <= "202510"
    )
    assert 1 < sums["2026"] / to_october < 1.1


def test_codes_of_goods_add_up_to_every_country_and_month_exactly(sample: Path, trade: Trade) -> None:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    codes, seen = set(), set()
    for file in sorted((sample / "replies" / "customs").glob("getNitemtradeList_*.csv")):
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            parts = sums[row["month"], row["country"]]
            parts[0] += int(row["exports_usd"])
            parts[1] += int(row["imports_usd"])
            codes.add(row["hs6"])
            seen.add((row["month"], row["country"], row["hs6"]))
    assert 60 <= len(codes) <= 90
    assert 100_000 < len(seen) <= 150_000
    assert {key: tuple(parts) for key, parts in sums.items()} == {
        (month, code): amounts for month, rows in trade.items() for code, amounts in rows.items() if any(amounts)
    }


def test_provinces_are_17_then_16_and_near_the_national_total(sample: Path, trade: Trade) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    sums = Counter[str]()
    for row in csv.DictReader(
        (sample / "replies/customs/getSidotradeList.csv").read_text(encoding="utf-8").splitlines()
    ):
        names[row["month"]].add(row["province"])
        sums[row["month"]] += int(row["exports_kusd"])
    assert {month: len(found) for month, found in names.items()} == {
        month: 16 if month >= "202607" else 17 for month in trade
    }
    assert "전남광주통합특별시" in names["202607"]
    assert names["202606"] - names["202607"] == {"광주광역시", "전라남도"}
    assert ("전라북도" in names["202312"], "전북특별자치도" in names["202401"]) == (True, True)
    for month, rows in trade.items():
        share = sums[month] * 1000 / sum(exports for exports, _ in rows.values())
        assert 0.0002 < 1 - share < 0.0012
    known = {row["name_ko"] for row in seed("korean_region")} | {row["alias"] for row in seed("region_alias")}
    assert set().union(*names.values()) <= known


def bank(sample: Path, item: str) -> dict[date, Decimal]:
    told = json.loads((sample / f"replies/fx/ecos_731Y001_{item}.json").read_text(encoding="utf-8"))["StatisticSearch"]
    assert told["list_total_count"] == len(told["row"])
    return {date.fromisoformat(row["TIME"]): Decimal(row["DATA_VALUE"]) for row in told["row"]}


def test_the_dollar_of_2025_has_its_published_means_extremes_and_end(sample: Path) -> None:
    dollar = bank(sample, "0000001")
    of_2025 = {day: rate for day, rate in dollar.items() if day.year == 2025}
    for quarter, published in enumerate((1452.66, 1404.04, 1385.25, 1450.98)):
        rates = [float(rate) for day, rate in of_2025.items() if (day.month - 1) // 3 == quarter]
        assert mean(rates) == pytest.approx(published, abs=0.05)
    assert float(mean(of_2025.values())) == pytest.approx(1422.16, abs=0.5)
    assert (min(of_2025.values()), max(of_2025.values())) == (Decimal(1350), Decimal("1484.1"))
    assert of_2025[max(of_2025)] == 1439


def test_rates_stand_on_korean_business_days_and_miss_three_in_october(sample: Path) -> None:
    closed = {
        date(2023, 1, 24),
        date(2024, 4, 10),
        date(2025, 6, 3),
        date(2025, 10, 8),
        date(2026, 2, 17),
        date(2026, 9, 25),
    }
    gap = {date(2026, 10, 13) + timedelta(days=number) for number in range(3)}
    bands = {"0000001": (1180, 1560), "0000002": (850, 1080), "0000003": (1250, 1850), "0000053": (165, 230)}
    for item, (low, high) in bands.items():
        rates = bank(sample, item)
        assert (min(rates), max(rates)) == (date(2023, 1, 2), date(2026, 11, 13))
        assert {day.weekday() for day in rates} == {0, 1, 2, 3, 4}
        assert not (closed | gap) & rates.keys()
        assert all(low < rate < high for rate in rates.values())
        assert 240 < sum(day.year == 2025 for day in rates) < 248


def test_the_other_bank_has_every_business_day_and_rates_that_are_near_but_seldom_equal(sample: Path) -> None:
    told: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for file in sorted((sample / "replies/fx").glob("exim_AP01_*.csv")):
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            told[row["cur_unit"]][date.fromisoformat(row["date"])] = Decimal(row["deal_bas_r"].replace(",", ""))
    assert {"USD", "EUR", "JPY(100)", "IDR(100)", "AED", "GBP", "KRW"} <= set(told)
    for unit, item in {"USD": "0000001", "JPY(100)": "0000002", "EUR": "0000003"}.items():
        bank_rates = bank(sample, item)
        assert {date(2026, 10, 13), date(2026, 10, 14), date(2026, 10, 15)} == told[unit].keys() - bank_rates.keys()
        gaps = [abs(told[unit][day] / rate - 1) for day, rate in bank_rates.items()]
        assert max(gaps) < Decimal("0.001")
        assert sum(gap == 0 for gap in gaps) < len(gaps) / 10


def test_about_200_countries_have_a_grade_from_1_to_7(sample: Path) -> None:
    grades = json.loads((sample / "replies/ksure/credit-grade.json").read_text(encoding="utf-8"))
    assert len(grades) == len({row["ctryCd"] for row in grades}) == 205
    assert {row["evalGrd"] for row in grades} == set("1234567")
    assert "NA" in {row["ctryCd"] for row in grades}
    assert "터키" in {row["ctryNm"] for row in grades}
    assert max(row["evalDd"] for row in grades) < "20261116"
