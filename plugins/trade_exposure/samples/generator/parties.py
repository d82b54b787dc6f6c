"""Made-up companies, banks and buyers, and Korean provinces by the name that a file of the day would use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from trade_exposure.samples.generator.draws import Chances, Draw
from trade_exposure.samples.generator.provinces import MERGER

Size = Literal["LARGE", "MID", "SME"]
_CHECK = (1, 3, 7, 1, 3, 7, 1, 3, 5)
# Provinces by weight of insured firms.
_PROVINCES: dict[str, int] = {
    "서울특별시": 260,
    "경기도": 250,
    "부산광역시": 70,
    "인천광역시": 70,
    "경상남도": 60,
    "충청남도": 50,
    "경상북도": 50,
    "울산광역시": 40,
    "대구광역시": 40,
    "충청북도": 35,
    "전라남도": 20,
    "광주광역시": 22,
    "대전광역시": 22,
    "전북특별자치도": 18,
    "강원특별자치도": 12,
    "세종특별자치시": 4,
    "제주특별자치도": 4,
}
_OLD_NAMES = {"강원특별자치도": ("강원도", date(2023, 6, 11)), "전북특별자치도": ("전라북도", date(2024, 1, 18))}
_NEW_NAMES = {"광주광역시": ("전남광주통합특별시", MERGER), "전라남도": ("전남광주통합특별시", MERGER)}
_CHANCES = Chances(_PROVINCES)
# Divisions of the Korean standard classification, with the share of firms in each and the HS headings that they sell.
INDUSTRIES = {
    "C26": ("8542", "8517", "8524", "8534"),
    "C29": ("8486", "8429", "8414", "8481"),
    "C30": ("8703", "8708", "4011"),
    "C20": ("3901", "3902", "3304", "2902"),
    "C24": ("7208", "7210", "7219", "7403"),
    "C31": ("8901", "8905"),
    "C28": ("8507", "8504"),
    "C10": ("1902", "2106", "0303"),
    "C21": ("3004", "3002"),
    "C27": ("9018", "9031"),
    "G46": ("5402", "6006", "3907"),
    "F41": ("8504", "8414"),
}


@dataclass(frozen=True)
class Party:
    """One insured firm: its made-up registration number, size, province, industry."""

    number: str
    name: str
    size: Size
    province: str
    industry: str


@cache
def business_number(serial: int) -> str:
    """A registration number in the form of Korea's, whose check digit is wrong on purpose: no firm can have it."""
    digits = [int(digit) for digit in f"{100 + serial // 10_000:03d}8{serial % 10_000:04d}"] + [0]
    total = sum(digit * weight for digit, weight in zip(digits, _CHECK, strict=True)) + digits[8] * 5 // 10
    wrong = (10 - total % 10 + 1 + serial % 8) % 10
    text = "".join(map(str, digits)) + str(wrong)
    return f"{text[:3]}-{text[3:5]}-{text[5:]}"


def make_party(serial: int, size: Size, draw: Draw) -> Party:
    """Firm number ``serial``."""
    return Party(
        business_number(serial), f"가상기업 {serial:04d}", size, _CHANCES.pick(draw), draw.pick(list(INDUSTRIES))
    )


def province_name(province: str, on: date) -> str:
    """What a file of that day calls the province."""
    if province in _OLD_NAMES and on < _OLD_NAMES[province][1]:
        return _OLD_NAMES[province][0]
    if province in _NEW_NAMES and on >= _NEW_NAMES[province][1]:
        return _NEW_NAMES[province][0]
    return province
