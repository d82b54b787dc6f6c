"""The two customs operations that are put together from tables: trade by HS code and country, and by province."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from trade_exposure.samples import wire
from trade_exposure.samples.tables import ItemRow, Tables
from trade_exposure.samples.wire import Told

TOTAL = "총계"
_DIGITS = re.compile("([0-9]{2}){1,3}|[0-9]{10}")


def by_item(tables: Tables, hs: str | None, first: str, last: str, country: str | None) -> Told:
    """Rows one level below the code that was asked for (2 to 4 digits, 4 to 6, else 10), with one total row among them.

    The table knows 6 digits; its 10-digit codes are those with four zeros.
    """
    if not hs and not country:
        return wire.customs_refusal("품목코드 혹은 국가코드 중 1개 이상은 입력하셔야 합니다.")
    if hs and not _DIGITS.fullmatch(hs):
        return wire.customs_refusal("품목코드는 2,4,6,10 자리로 입력하셔야 합니다.")
    asked = hs or ""
    length = {2: 4, 4: 6}.get(len(asked), 10)
    sums: dict[tuple[str, str, str], list[int]] = {}
    names: dict[str, str] = {}
    asked_for = (
        rows
        for year in sorted({first[:4], last[:4]})
        for heading, rows in tables.items(year).items()
        if heading.startswith(asked) or asked.startswith(heading)
    )
    for rows in asked_for:
        for row in rows:
            if first <= row.month <= last and country in (None, row.country) and _code(row, 10).startswith(asked):
                names[row.country] = row.country_name
                parts = sums.setdefault((row.month, row.country, _code(row, length)), [0, 0, 0, 0])
                for place, amount in enumerate(row.amounts):
                    parts[place] += amount
    items = [
        _item(
            parts,
            hs=code,
            country=where,
            name=names[where],
            hs_name=_name(tables, code),
            year=f"{month[:4]}.{month[4:]}",
        )
        for (month, where, code), parts in sums.items()
    ]
    if items:
        total = [sum(parts[place] for parts in sums.values()) for place in range(4)]
        # Where the total stands differs from reply to reply.
        items.insert(
            sum(asked.encode()) % (len(items) + 1),
            _item(total, hs="-", country="-", name="-", hs_name="-", year=TOTAL),
        )
    return wire.customs_reply(items)


def by_province(tables: Tables, first: str, last: str) -> Told:
    """Rows by year and province in thousand dollars, the total first; numbers grouped and filled with blanks."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in tables.provinces:
        if first <= row.month <= last:
            parts = sums.setdefault((row.month[:4], row.province), [0, 0, 0, 0])
            for place, amount in enumerate(row.amounts):
                parts[place] += amount
    if not sums:
        return wire.customs_reply([])
    total = [sum(parts[place] for parts in sums.values()) for place in range(4)]
    items = [_province(total, TOTAL, None), *(_province(parts, year, name) for (year, name), parts in sums.items())]
    return wire.customs_reply(items)


def _code(row: ItemRow, length: int) -> str:
    return (row.hs + "0000")[:length]


def _name(tables: Tables, code: str) -> str:
    return tables.hs_names.get(code[:6]) or tables.hs_names.get(code[:4], "")


def _item(parts: list[int], *, hs: str, country: str, name: str, hs_name: str, year: str) -> bytes:
    exports, exports_kg, imports, imports_kg = parts
    return (
        f"<item><balPayments>{exports - imports}</balPayments><expDlr>{exports}</expDlr><expWgt>{exports_kg}</expWgt>"
        f"<hsCd>{hs}</hsCd><impDlr>{imports}</impDlr><impWgt>{imports_kg}</impWgt><statCd>{country}</statCd>"
        f"<statCdCntnKor1>{escape(name)}</statCdCntnKor1><statKor>{escape(hs_name)}</statKor><year>{year}</year></item>"
    ).encode()


def _province(parts: list[int], year: str, name: str | None) -> bytes:
    exports, imports, export_declarations, import_declarations = parts
    named = f"<sidoNm>{name}</sidoNm>" if name else ""
    return (
        f"<item><cmtrBlncAmt>{_padded(exports - imports)}</cmtrBlncAmt><expCnt>{_padded(export_declarations)}</expCnt>"
        f"<expUsdAmt>{_padded(exports)}</expUsdAmt><impCnt>{_padded(import_declarations)}</impCnt>"
        f"<impUsdAmt>{_padded(imports)}</impUsdAmt><priodTitle>{year}</priodTitle>{named}</item>"
    ).encode()


def _padded(number: int) -> str:
    return f"{number:16,}"
