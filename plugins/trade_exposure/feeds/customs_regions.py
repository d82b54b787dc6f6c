"""Trade by province of the customs service (getSidotradeList): how it is asked and how its bytes are read.

A row says its year and no month. Which months of the running year it sums stands in the request alone, so the request's name
carries its last month into the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from trade_exposure.errors import BadInput
from trade_exposure.feeds import periods
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.customs import parse_items
from trade_exposure.feeds.customs_window import months_of_year
from trade_exposure.feeds.model import Journal, ParsedFiles, Part
from trade_exposure.sql import literal

PERIOD_FIELD = "priodTitle"
_THROUGH = "through="


def walk(contract: FeedContract, period: date, _slice: str, journal: Journal) -> None:
    """One year up to its newest due month, every province, in one request: ``sidoCd`` is left out.

    Raises:
        SourceError: the source failed or refused, by kind.
    """
    from trade_exposure.feeds.data_go_kr import DataGoKrHook

    hook, path = DataGoKrHook(contract.connection_id), contract.option("requestPath")
    start, end = months_of_year(contract, period, journal.at)
    journal.part(_THROUGH + periods.label(end, "month"), lambda: hook.region_trade(path, start, end))


def parse(contract: FeedContract, parts: Sequence[Part], period: date, _slice: str, out: Path) -> ParsedFiles:
    """Typed rows of a reply for the year ``period``; the 총계 row is the source's control total.

    ``through_month`` is the last month that was asked for, empty for a reply that somebody saved by hand.

    Raises:
        ReplyUnreadable: cut off or of no known shape; other SourceError kinds: an error reply.
        BadInput: there is not exactly one reply.
    """
    if len(parts) != 1:
        raise BadInput(f"Trade by province is one reply a year, not {len(parts)}; hand in one file.")
    name = parts[0].name
    through = f"date {literal(name.removeprefix(_THROUGH) + '-01')}" if name.startswith(_THROUGH) else "null"
    return parse_items(
        contract, parts, period, out, period_field=PERIOD_FIELD, derived={"through_month": f"cast({through} as date)"}
    )
