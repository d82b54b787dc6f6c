"""What the sidecars of dropped files announce: rows, and sums of measures in the source's own unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.typing_engine import add_exactly
from trade_exposure.feeds.typing_values import moved_places


def announced_rows(parts: Sequence[Part], counts: Sequence[int]) -> int:
    """Rows of the load: what each sidecar says, else the count from the bytes.

    Raises:
        LayoutRefused: a sidecar's number of rows is none.
    """
    total = 0
    for part, count in zip(parts, counts, strict=True):
        said = count if part.control is None else part.control.get("rows", count)
        if not isinstance(said, int) or isinstance(said, bool) or said < 0:
            raise LayoutRefused(f"The sidecar of {part.name} announces {said!r} rows; write a whole number at rows.")
        total += said
    return total


def announced_totals(contract: FeedContract, parts: Sequence[Part], read: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Per measure the sum of the sidecars in our unit if every part's tells it, else what was ``read``.

    Raises:
        LayoutRefused: a sidecar sums something that is no measure, or to something that is no number.
    """
    sums = [_sums(contract, part) for part in parts]
    return {
        measure: add_exactly(*(told[measure] for told in sums))
        if all(measure in told for told in sums)
        else read[measure]
        for measure in contract.measures
    }


def _sums(contract: FeedContract, part: Part) -> dict[str, Decimal]:
    told: Any = {} if part.control is None else part.control.get("sums", {})
    if not isinstance(told, Mapping):
        raise LayoutRefused(f"The sidecar of {part.name} needs an object at sums; write the measures and their sums.")
    columns = {column.name: column for column in contract.columns}
    sums = {}
    for name, text in told.items():
        if name not in contract.measures:
            measures = ", ".join(contract.measures)
            raise LayoutRefused(
                f"The sidecar of {part.name} sums {name!r}, which is no measure; the measures are {measures}."
            )
        try:
            amount = Decimal(text) if isinstance(text, str) else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            raise LayoutRefused(
                f"The sidecar of {part.name} gives {text!r} as the sum of {name}; write a decimal number in quotation marks."
            )
        sums[name] = amount.scaleb(moved_places(columns[name]))
    return sums
