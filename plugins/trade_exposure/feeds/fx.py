"""Daily exchange rates of the won (ECOS series 731Y001): how they are asked for and how the bytes are read."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import Column, FeedContract, first_of_next_month
from trade_exposure.feeds.ecos_replies import Row, rows_of
from trade_exposure.feeds.model import Parsed, Reply
from trade_exposure.feeds.rows import Record, UnreadableValue, number_grammar, shown, typed_rows

_SERIES_FIELD = "STAT_CODE"
_KRW_PER_UNIT_LIMIT = 10**10  # of DECIMAL(18,8)
_EXACT_UNITS = ("1", "10", "100")  # the quotient of a quote with six decimals then fits eight decimals exactly
_ANNOUNCED_ROWS = re.compile(r'"list_total_count"\s*:\s*"?([0-9]{1,9})"?\s*[,}]')


def fetch(contract: FeedContract, period: date, slice_: str) -> Reply:
    """One month of one currency in one request; for the running month the days so far."""
    from trade_exposure.feeds.ecos import EcosHook

    return EcosHook(contract.connection_id).statistic(
        contract.option("statisticCode"),
        contract.option("cycle"),
        period,
        first_of_next_month(period) - timedelta(days=1),
        contract.slice_option(slice_, "itemCode"),
    )


def parse(contract: FeedContract, body: bytes, period: date, slice_: str) -> Parsed:
    """Typed rows of a reply for the month ``period`` and the currency ``slice_``.

    Rows of another month, item or series are rejects. "No data" is a month without rates so far: no rows, none announced.

    Raises:
        ReplyUnreadable: cut off or of no known shape; other SourceError kinds: an error reply.
    """
    series, item = contract.option("statisticCode"), contract.slice_option(slice_, "itemCode")
    units = _quote_units(contract, slice_)

    def finish(row: dict[str, Any], record: Record) -> None:
        if row["item_code"] != item:
            raise UnreadableValue(
                "row_of_another_slice", f"it is of item {shown(row['item_code'])}, not of {item} ({slice_})"
            )
        if any(code != series for code in record.get(_SERIES_FIELD, ())):
            raise UnreadableValue("row_of_another_series", f"it is not of the series {series}")
        if row["rate_on"].replace(day=1) != period:
            raise UnreadableValue("row_of_another_period", f"it is of {row['rate_on']}, not of {period:%Y-%m}")
        row.update(currency=slice_, quote_units=units, krw_per_unit=row["quoted_krw"] / units)
        if abs(row["krw_per_unit"]) >= _KRW_PER_UNIT_LIMIT:
            raise UnreadableValue(
                "unreadable_number", f"it is quoted as {row['quoted_krw']}, more won than fit krw_per_unit"
            )

    records = [(number, _record(row)) for number, row in enumerate(rows_of(body), start=1)]
    table, rejects = typed_rows(records, contract, finish)
    announced_rows, announced_totals = announced(body, contract)
    return Parsed(table, rejects, announced_rows, announced_totals)


def _quote_units(contract: FeedContract, slice_: str) -> int:
    units = contract.slice_option(slice_, "quoteUnits")
    if units not in _EXACT_UNITS:
        raise ConfigurationError(
            f"{contract.path} has the quoteUnits {units!r} for the slice {slice_}; use one of {', '.join(_EXACT_UNITS)}."
        )
    return int(units)


def announced(body: bytes, contract: FeedContract) -> tuple[int, dict[str, Decimal]]:
    """Rows as the source counts them (list_total_count) and the sum of the readable quotes, found by text search."""
    text = body.decode("utf-8-sig")
    count = _ANNOUNCED_ROWS.search(text)
    measured = [column for column in contract.columns if column.name in contract.measures]
    return int(count[1]) if count else 0, {column.name: _sum(text, column) for column in measured}


def _sum(text: str, column: Column) -> Decimal:
    number = number_grammar(column.type)
    quote = re.compile(rf'"{column.source_column}"\s*:\s*(?:"\s*({number})\s*"|({number}))\s*[,}}]')
    return sum((Decimal(as_text or bare) for as_text, bare in quote.findall(text)), Decimal(0))


def _record(row: Row) -> Record:
    return {name: [value if isinstance(value, str) else None] for name, value in row.items()}
