"""Daily exchange rates of the won (ECOS series 731Y001): how they are asked for and how the bytes are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds import periods
from trade_exposure.feeds.announced import Announced, json_values, measured
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.ecos_replies import rows_of
from trade_exposure.feeds.finish import finish, outside_period
from trade_exposure.feeds.model import ParsedFiles, Part, Reply
from trade_exposure.feeds.strict_json import record
from trade_exposure.feeds.text_batches import Problem, Record, headings, record_batches
from trade_exposure.feeds.typing_engine import Check
from trade_exposure.sql import literal

_SERIES_FIELD = "STAT_CODE"
PER_UNIT = {"1": "1", "10": "0.1", "100": "0.01"}
"""Units of a quote to the exact factor that makes it the price of one; six decimals then fit into eight."""
_ANNOUNCED_ROWS = re.compile(r'"list_total_count"\s*:\s*"?([0-9]{1,9})"?\s*[,}]')


def fetch(contract: FeedContract, period: date, slice_: str, _at: datetime) -> Reply:
    """One period of one currency in one request; for the running period the days so far."""
    from trade_exposure.feeds.ecos import EcosHook

    return EcosHook(contract.connection_id).statistic(
        contract.option("statisticCode"),
        contract.option("cycle"),
        period,
        periods.after(period, contract.period_kind) - timedelta(days=1),
        contract.slice_option(slice_, "itemCode"),
    )


def parse(contract: FeedContract, parts: Sequence[Part], period: date, slice_: str, out: Path) -> ParsedFiles:
    """Typed rows of a reply for ``period`` and the currency ``slice_``.

    Rows of another period, item or series are rejects. "No data" is a period without rates so far: no rows, none announced.

    Raises:
        ReplyUnreadable: cut off or of no known shape; other SourceError kinds: an error reply.
    """
    series, item = contract.option("statisticCode"), contract.slice_option(slice_, "itemCode")
    units = _quote_units(contract, slice_)
    rows, announced = [], Announced(contract)
    for part in parts:
        body = part.read()
        rows += rows_of(body)
        _announce(body, announced)

    def another_series(row: Record) -> Problem | None:
        if any(code != series for code in row.get(_SERIES_FIELD, ())):
            return Problem("row_of_another_series", f"it is not of the series {series}")
        return None

    return finish(
        contract,
        record_batches(enumerate(map(record, rows), start=1), headings(contract), another_series),
        announced,
        out,
        derived={
            "currency": literal(slice_),
            "quote_units": units,
            "krw_per_unit": f"cast(quoted_krw as decimal(24,6)) * cast({PER_UNIT[units]} as decimal(3,2))",
        },
        checks=(
            Check(
                f"item_code <> {literal(item)}",
                "row_of_another_slice",
                f"'it is of item ' || left(item_code, 40) || {literal(f', not of {item} ({slice_})')}",
            ),
            outside_period(contract, "rate_on", period),
        ),
    )


def _quote_units(contract: FeedContract, slice_: str) -> str:
    units = contract.slice_option(slice_, "quoteUnits")
    if units not in PER_UNIT:
        raise ConfigurationError(
            f"{contract.path} has the quoteUnits {units!r} for the slice {slice_}; use one of {', '.join(PER_UNIT)}."
        )
    return units


def _announce(body: bytes, announced: Announced) -> None:
    """Rows as the source counts them (list_total_count) and the sum of the readable quotes, found by text search."""
    text = body.decode("utf-8-sig")
    count = _ANNOUNCED_ROWS.search(text)
    (column,) = measured(announced.contract)
    field = column.source_column or ""
    announced.add(int(count[1]) if count else 0, ({field: quote} for quote in json_values(text, field)))
