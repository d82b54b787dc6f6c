"""Centres by the month in which they are open, and the firms that come to them.

The firms of the Gyeongbuk centre are handed out so that exactly as many of them ship for the first time in 2025 as were
published: its older firms have all shipped before, and whoever else comes in 2025 does not ship that year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trade_exposure.samples.generator.draws import Draw
from trade_exposure.samples.generator.figures import FIRST_EXPORTERS_GYEONGBUK_2025
from trade_exposure.samples.generator.parties import business_number

GYEONGBUK = "AITC15"
# Weight and first month of each centre: 15 open in 2025, 20 from February 2026 (both published); the rest is made up.
_CENTERS = {
    "AITC01": (30, date(2023, 1, 1)),
    "AITC02": (9, date(2026, 2, 1)),
    "AITC03": (10, date(2024, 1, 1)),
    "AITC04": (8, date(2024, 1, 1)),
    "AITC05": (9, date(2023, 1, 1)),
    "AITC06": (8, date(2023, 1, 1)),
    "AITC07": (6, date(2025, 1, 1)),
    "AITC08": (6, date(2026, 1, 1)),
    "AITC09": (8, date(2023, 1, 1)),
    "AITC10": (8, date(2026, 1, 1)),
    "AITC11": (9, date(2024, 1, 1)),
    "AITC12": (7, date(2023, 1, 1)),
    "AITC13": (5, date(2026, 2, 1)),
    "AITC14": (8, date(2025, 1, 1)),
    "AITC15": (8, date(2023, 1, 1)),
    "AITC16": (7, date(2025, 1, 1)),
    "AITC17": (14, date(2023, 1, 1)),
    "AITC18": (7, date(2024, 4, 1)),
    "AITC19": (8, date(2025, 1, 1)),
    "AITC20": (3, date(2026, 2, 1)),
}
_CONTRACTS_OF_GYEONGBUK = {2023: 20, 2024: 56, 2025: 262, 2026: 240}
_OLD = 36
_FRESH = 60
_PER_CENTER = 110


def active(month: date) -> dict[str, int]:
    """Weights of the centres that are open in a month."""
    return {center: weight for center, (weight, since) in _CENTERS.items() if month >= since}


def opened(center: str) -> date:
    """The first day of a centre."""
    return _CENTERS[center][1]


@dataclass(frozen=True)
class Firm:
    """A firm at a centre: its made-up registration number and name, and whether it ever ships."""

    number: str
    name: str
    may_ship: bool = True


class Firms:
    """Hands out firms to contracts and leads."""

    def __init__(self) -> None:
        self._pools = {
            center: [_firm(30_000 + 200 * place + number) for number in range(_PER_CENTER)]
            for place, center in enumerate(_CENTERS)
        }
        serials = iter(range(40_000, 41_000))
        self._old = [_firm(next(serials)) for _ in range(_OLD)]
        self._first = [_firm(next(serials)) for _ in range(FIRST_EXPORTERS_GYEONGBUK_2025)]
        self._fresh = [_firm(next(serials)) for _ in range(_FRESH)]
        self._visitors = [_firm(next(serials), may_ship=False) for _ in range(80)]
        self._handed: dict[int, int] = {}

    def contracts_of_gyeongbuk(self, year: int) -> int:
        """How many contracts its centre signs in a year."""
        return _CONTRACTS_OF_GYEONGBUK[year]

    def next(self, center: str, year: int, draw: Draw) -> tuple[Firm, bool]:
        """The firm of the next contract, and whether that contract has to be shipped soon."""
        if center != GYEONGBUK:
            return draw.pick(self._pools[center]), False
        number = self._handed[year] = self._handed.get(year, 0) + 1
        if year <= 2024:  # each of the older firms ships at its first contract of either year
            return self._old[(number - 1) % _OLD], number <= _OLD
        if year == 2025:
            if number <= len(self._first):
                return self._first[number - 1], True
            return draw.pick((*self._old, *self._first, *self._visitors)), False
        return draw.pick((*self._old, *self._first, *self._fresh)), False

    def lead(self, center: str, draw: Draw) -> Firm:
        """A firm that only asks."""
        return draw.pick(self._visitors if center == GYEONGBUK else self._pools[center])


def _firm(serial: int, *, may_ship: bool = True) -> Firm:
    return Firm(business_number(serial), f"가상기업 {serial:05d}", may_ship)
