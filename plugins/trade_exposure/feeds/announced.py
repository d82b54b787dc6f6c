"""What a source announces of its own data, read from its text: the control of a parser is never the parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from trade_exposure.feeds.contract import Column, FeedContract
from trade_exposure.feeds.typing_values import BLANKS, moved_places, shape

_LONGEST = 100  # digits; no amount of a DECIMAL(38,s) is nearly as long
_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+|"


def measured(contract: FeedContract) -> list[Column]:
    """The contract's columns that are control totals."""
    return [column for column in contract.columns if column.name in contract.measures]


def amount(text: str, column: Column) -> Decimal | None:
    """The amount of a source's text (plain or grouped) in our unit, None where it is no number that fits the column."""
    text = text.strip(BLANKS)
    precision, decimals = shape(column)
    places = moved_places(column)
    digits = 38 if places or column.number_style == "grouped" else precision - decimals
    grouped = _GROUPED if column.number_style == "grouped" else ""
    fraction = rf"(?:\.[0-9]{{1,{decimals + places}}})?" if decimals + places else ""
    if len(text) > _LONGEST or not re.fullmatch(rf"-?(?:{grouped}[0-9]{{1,{digits}}}){fraction}", text):
        return None
    with localcontext(prec=2 * _LONGEST):  # nothing is rounded
        value = Decimal(text.replace(",", "")) * column.scale
        return value if abs(value) < 10 ** (precision - decimals) else None


def json_values(text: str, field: str) -> list[str]:
    """Every value that JSON text gives a field, in its order; texts with an escape and values of other kinds are left out."""
    found = re.findall(rf'"{field}"\s*:\s*(?:"([^"\\]*)"|(-?[0-9.]+))\s*[,}}]', text)
    return [as_text or bare for as_text, bare in found]


@dataclass
class Announced:
    """Rows and totals that a source announces, added up over the parts of a load."""

    contract: FeedContract
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.totals = {column.name: Decimal(0) for column in measured(self.contract)} | self.totals

    def add(self, rows: int, texts: Iterable[Mapping[str, str]]) -> None:
        """Count ``rows`` and add the amounts of ``texts``: per row, or of one total row, source field to text."""
        self.rows += rows
        columns = measured(self.contract)
        with localcontext(prec=2 * _LONGEST):
            for told in texts:
                for column in columns:
                    self.totals[column.name] += amount(told.get(column.source_column or "", ""), column) or 0

    def merge(self, other: Announced) -> None:
        """Add what another part announced."""
        self.rows += other.rows
        with localcontext(prec=2 * _LONGEST):
            self.totals = {name: total + other.totals[name] for name, total in self.totals.items()}
