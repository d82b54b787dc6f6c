"""Trade by province, in thousand dollars: near the national total, never equal to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from trade_exposure.samples.generator.draws import Draw, share_out
from trade_exposure.samples.generator.trade import Trade

COLUMNS = "month,province,exports_kusd,imports_kusd,export_declarations,import_declarations"
MERGER = date(2026, 7, 1)  # 광주 and 전남 become one
_MERGED = ("광주광역시", "전라남도")
_MERGED_NAME = "전남광주통합특별시"
_RENAMED = {"전북특별자치도": (date(2024, 1, 1), "전라북도")}  # earlier months bear the old name
# Weights of exports and imports.
_PROVINCES = {
    "서울특별시": (98, 260),
    "부산광역시": (22, 24),
    "대구광역시": (13, 10),
    "인천광역시": (84, 96),
    "광주광역시": (22, 10),
    "대전광역시": (7, 6),
    "울산광역시": (126, 72),
    "세종특별자치시": (2, 2),
    "경기도": (224, 240),
    "강원특별자치도": (4, 5),
    "충청북도": (42, 14),
    "충청남도": (140, 66),
    "전북특별자치도": (10, 9),
    "전라남도": (66, 62),
    "경상북도": (60, 30),
    "경상남도": (68, 36),
    "제주특별자치도": (1, 1),
}


def write_provinces(folder: Path, trade: Mapping[date, Sequence[Trade]], seed: int) -> None:
    """``getSidotradeList.csv``: one row a month and province; 17 provinces, 16 from the merger on."""
    lines = [COLUMNS]
    for month, rows in trade.items():
        draw = Draw(seed, "provinces", str(month))
        national = (sum(row.exports for row in rows), sum(row.imports for row in rows))
        # Totals of the service's operations differ by up to 0.1 %.
        totals = [total * draw.between(9991, 9997) // 10_000_000 for total in national]
        parts = [
            share_out(total, [weights[place] * draw.around(120) for weights in _PROVINCES.values()])
            for place, total in enumerate(totals)
        ]
        found: dict[str, list[int]] = {}
        for name, exports, imports in zip(_PROVINCES, *parts, strict=True):
            since, before = _RENAMED.get(name, (month, name))
            told = _MERGED_NAME if month >= MERGER and name in _MERGED else name if month >= since else before
            of_name = found.setdefault(told, [0, 0])
            of_name[0] += exports
            of_name[1] += imports
        for name, (exports, imports) in found.items():
            lines.append(f"{month:%Y%m},{name},{exports},{imports},{exports // 70 + 1},{imports // 14 + 1}")
    (folder / "getSidotradeList.csv").write_bytes(("\n".join(lines) + "\n").encode())
