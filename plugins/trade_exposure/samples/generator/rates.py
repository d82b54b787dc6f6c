"""Exchange rates: daily paths of the dollar and of other currencies against it, and the two banks' files of them."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from trade_exposure.samples.generator.calendar import BURN_IN, FIRST_MONTH, LAST_DAY, SEOUL, days, is_business_day
from trade_exposure.samples.generator.draws import Draw
from trade_exposure.samples.generator.figures import DOLLAR_QUARTERS_2025

# Where the dollar stood: (MMDD, won). 2025 runs through the published extremes 1,484.1 and 1,350.0 and ends at 1,439.0.
_DOLLAR = {
    2022: "0103 1192 0301 1206 0510 1275 0715 1318 0926 1428 1024 1436 1115 1320 1230 1267",
    2023: "0202 1225 0315 1308 0510 1322 0615 1282 0718 1264 0905 1331 1004 1358 1110 1312 1228 1292",
    2024: "0202 1331 0416 1389 0520 1358 0628 1384 0801 1371 0925 1327 1028 1386 1129 1397 1231 1471",
    2025: "0102 1466 0120 1455 0214 1445 0314 1455 0331 1466 0409 1484.1 0430 1428 0515 1400 0610 1361 0630 1350 0715 1382 "
    "0801 1392 0820 1392 0915 1388 0930 1402 1020 1425 1120 1468 1219 1478 1231 1439",
    2026: "0202 1448 0316 1466 0506 1489 0610 1532 0715 1511 0901 1482 1015 1466 1113 1457 1231 1450",
}
_PINNED = {date(2025, 4, 9): 1484.1, date(2025, 6, 30): 1350.0, date(2025, 12, 31): 1439.0}
_LOWEST, _HIGHEST = 1350.6, 1483.6

# Units of the currency for one dollar at the start of 2022 to 2027; made up.
_PER_DOLLAR = {
    "AED": (3.6725,) * 6,
    "AUD": (1.38, 1.45, 1.50, 1.58, 1.53, 1.50),
    "BHD": (0.376,) * 6,
    "CAD": (1.27, 1.35, 1.34, 1.42, 1.38, 1.37),
    "CHF": (0.92, 0.92, 0.86, 0.90, 0.82, 0.81),
    "CNY": (6.38, 6.92, 7.12, 7.27, 7.06, 6.98),
    "EUR": (0.88, 0.935, 0.915, 0.955, 0.865, 0.85),
    "GBP": (0.74, 0.82, 0.79, 0.80, 0.75, 0.745),
    "HKD": (7.80, 7.82, 7.81, 7.78, 7.79, 7.79),
    "IDR": (14300, 15500, 15500, 16250, 16600, 16700),
    "JPY": (115.0, 131.0, 142.0, 156.0, 153.0, 150.0),
    "KWD": (0.303, 0.306, 0.307, 0.308, 0.307, 0.307),
    "MYR": (4.18, 4.40, 4.60, 4.48, 4.15, 4.10),
    "NOK": (8.8, 9.9, 10.3, 11.3, 10.1, 10.0),
    "NZD": (1.46, 1.58, 1.60, 1.77, 1.72, 1.70),
    "SAR": (3.75,) * 6,
    "SEK": (9.1, 10.4, 10.1, 11.0, 9.5, 9.4),
    "SGD": (1.35, 1.34, 1.32, 1.36, 1.29, 1.28),
    "THB": (33.3, 34.5, 34.4, 34.2, 32.3, 32.0),
}
QUOTE_UNITS = {"JPY": 100, "IDR": 100}
_ECOS = {
    "USD": ("0000001", "원/미국달러(매매기준율)"),
    "JPY": ("0000002", "원/일본엔(100엔)"),
    "EUR": ("0000003", "원/유로"),
    "CNY": ("0000053", "원/위안(매매기준율)"),
}
_EXIM = {
    "AED": "아랍에미리트 디르함",
    "AUD": "호주 달러",
    "BHD": "바레인 디나르",
    "CAD": "캐나다 달러",
    "CHF": "스위스 프랑",
    "CNY": "위안화",
    "EUR": "유로",
    "GBP": "영국 파운드",
    "HKD": "홍콩 달러",
    "IDR": "인도네시아 루피아",
    "JPY": "일본 옌",
    "KRW": "한국 원",
    "KWD": "쿠웨이트 디나르",
    "MYR": "말레이지아 링기트",
    "NOK": "노르웨이 크로네",
    "NZD": "뉴질랜드 달러",
    "SAR": "사우디 리얄",
    "SEK": "스웨덴 크로나",
    "SGD": "싱가포르 달러",
    "THB": "태국 바트",
    "USD": "미국 달러",
}
# Three business days that the Bank of Korea's file lacks, so that the fallback is needed.
ECOS_GAP = frozenset({date(2026, 10, 13), date(2026, 10, 14), date(2026, 10, 15)})


class Rates:
    """Won per quoted unit in hundredths, by currency and business day, from 2022 to the end of 2026."""

    def __init__(self, seed: int) -> None:
        self.days = [day for day in days(BURN_IN, LAST_DAY) if is_business_day(day)]
        dollar = _dollar(seed, self.days)
        self._quoted = {"USD": [int(rate * 10 + 0.5) * 10 for rate in dollar]}  # one decimal, as the Bank writes it
        for currency, path in _PER_DOLLAR.items():
            units = QUOTE_UNITS.get(currency, 1)
            per_dollar = _per_dollar(seed, currency, path, self.days)
            self._quoted[currency] = [
                int(rate * 100 * units / per + 0.5) for rate, per in zip(dollar, per_dollar, strict=True)
            ]

    def quoted(self, currency: str, day: date) -> int:
        """Won per quoted unit (100 yen, 100 rupiah, else 1) in hundredths, on the day or the last business day before."""
        return self._quoted[currency][max(bisect_right(self.days, day) - 1, 0)]

    def cents(self, krw: int, currency: str, day: date) -> int:
        """So many won in hundredths of the currency, rounded down."""
        if currency == "KRW":
            return krw * 100
        return krw * QUOTE_UNITS.get(currency, 1) * 10_000 // self.quoted(currency, day)

    def krw(self, cents: int, currency: str, day: date) -> int:
        """Hundredths of a currency in won, rounded down."""
        if currency == "KRW":
            return cents // 100
        return cents * self.quoted(currency, day) // (QUOTE_UNITS.get(currency, 1) * 10_000)

    def write(self, folder: Path, seed: int, as_of: datetime) -> None:
        """``fx/ecos_731Y001_<item>.json`` and ``fx/exim_AP01_<year>.csv``, to the last business day before ``as_of``."""
        last = as_of.astimezone(SEOUL).date() - timedelta(days=1)
        written = [day for day in self.days if FIRST_MONTH <= day <= last]
        for currency, (item, name) in _ECOS.items():
            rows = [
                {
                    "STAT_CODE": "731Y001",
                    "STAT_NAME": "3.1.1.1. 주요국 통화의 대원화환율",
                    "ITEM_CODE1": item,
                    "ITEM_NAME1": name,
                    "UNIT_NAME": "원",
                    "TIME": f"{day:%Y%m%d}",
                    "DATA_VALUE": _plain(self.quoted(currency, day)),
                }
                for day in written
                if day not in ECOS_GAP
            ]
            told = {"StatisticSearch": {"list_total_count": len(rows), "row": rows}}
            text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
            (folder / f"ecos_731Y001_{item}.json").write_bytes(text.encode())
        draw = Draw(seed, "eximbank")
        for year in range(FIRST_MONTH.year, last.year + 1):
            lines = ["date,cur_unit,cur_nm,deal_bas_r"]
            for day in (day for day in written if day.year == year):
                for currency, name in _EXIM.items():
                    unit = f"{currency}({QUOTE_UNITS[currency]})" if currency in QUOTE_UNITS else currency
                    # Its first notice of the day: close to the Bank's rate, seldom the same.
                    near = (
                        100 if currency == "KRW" else self.quoted(currency, day) * draw.between(9993, 10007) // 10_000
                    )
                    lines.append(f'{day},{unit},{name},"{near // 100:,}{_decimals(near)}"')
            (folder / f"exim_AP01_{year}.csv").write_bytes(("\n".join(lines) + "\n").encode())


def _dollar(seed: int, on: Sequence[date]) -> list[float]:
    anchors = [
        (date(year, int(pair[0][:2]), int(pair[0][2:])), float(pair[1]))
        for year, text in _DOLLAR.items()
        for pair in zip(text.split()[::2], text.split()[1::2], strict=True)
    ]
    draw = Draw(seed, "dollar")
    path, sway, at = [], 0.0, 0
    for day in on:
        while at + 1 < len(anchors) - 1 and anchors[at + 1][0] <= day:
            at += 1
        (begin, low), (end, high) = anchors[at], anchors[at + 1]
        part = (day - begin).days / (end - begin).days
        sway = sway * 0.85 + (draw.unit() + draw.unit() - 1) * 5
        path.append(low + (high - low) * part + sway)
    for _ in range(3):  # what is held within the extremes moves the mean again, less each time
        for quarter, mean in enumerate(DOLLAR_QUARTERS_2025):
            places = [n for n, day in enumerate(on) if day.year == 2025 and (day.month - 1) // 3 == quarter]
            bend = [0.0 if on[n] in _PINNED else (k + 1) * (len(places) - k) for k, n in enumerate(places)]
            for n in places:
                path[n] = _PINNED.get(on[n], min(max(path[n], _LOWEST), _HIGHEST))
            lack = mean * len(places) - sum(path[n] for n in places)
            for n, weight in zip(places, bend, strict=True):
                path[n] += lack * weight / sum(bend)
    return [
        _PINNED.get(day, min(max(rate, _LOWEST), _HIGHEST) if day.year == 2025 else rate)
        for day, rate in zip(on, path, strict=True)
    ]


def _per_dollar(seed: int, currency: str, path: Sequence[float], on: Sequence[date]) -> list[float]:
    draw = Draw(seed, "per-dollar", currency)
    is_pegged = len(set(path)) == 1
    sway, found = 0.0, []
    for day in on:
        year = day.year - BURN_IN.year
        part = (day - date(day.year, 1, 1)).days / 366
        sway = 0.0 if is_pegged else sway * 0.93 + (draw.unit() + draw.unit() - 1) * 0.006
        found.append((path[year] + (path[year + 1] - path[year]) * part) * (1 + sway))
    return found


def _plain(hundredths: int) -> str:
    """``1373.1``: no group signs, no zeros at the end, as the Bank writes."""
    return f"{hundredths // 100}{_decimals(hundredths)}"


def _decimals(hundredths: int) -> str:
    return f".{hundredths % 100:02d}".rstrip("0").rstrip(".")
