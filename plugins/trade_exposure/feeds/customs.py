"""Trade by country of the customs service (getNationtradeList): how it is asked and how its bytes are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from trade_exposure.feeds.announced import Announced
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.customs_xml import announce, read_items
from trade_exposure.feeds.finish import finish, outside_period
from trade_exposure.feeds.model import ParsedFiles, Part, Reply
from trade_exposure.feeds.text_batches import headings

PERIOD_FIELD = "year"


def fetch(contract: FeedContract, period: date, _slice: str, _at: datetime) -> Reply:
    """One month, every country, in one request."""
    from trade_exposure.feeds.data_go_kr import DataGoKrHook

    return DataGoKrHook(contract.connection_id).country_trade(period, period, path=contract.option("requestPath"))


def parse(contract: FeedContract, parts: Sequence[Part], period: date, _slice: str, out: Path) -> ParsedFiles:
    """Typed rows of a reply for ``period``.

    A row marked 총계 is no row but the source's own control total. Rows of another period are rejects. A reply without
    items is a period that is not published: no rows, none announced.

    Raises:
        ReplyUnreadable: cut off or of no known shape; other SourceError kinds: an error reply.
    """
    return parse_items(contract, parts, period, out, period_field=PERIOD_FIELD)


def parse_items(
    contract: FeedContract,
    parts: Sequence[Part],
    period: date,
    out: Path,
    *,
    period_field: str,
    derived: Mapping[str, str] = MappingProxyType({}),
) -> ParsedFiles:
    """:func:`parse` for an operation whose items tell their period in ``period_field``."""
    announced = Announced(contract)
    batches = []
    first = 1
    for part in parts:
        body = part.read()
        table, items = read_items(body, headings(contract), period_field, first_source_row=first)
        announce(body, announced, period_field)
        batches += table.to_batches()
        first += items
    dated = next(column.name for column in contract.columns if period_field in column.sources)
    return finish(contract, batches, announced, out, derived=derived, checks=(outside_period(contract, dated, period),))
