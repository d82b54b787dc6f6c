"""K-SURE's credit grades of countries (국별신용등급): how they are asked for and how the bytes are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from trade_exposure.errors import ReplyUnreadable, RequestRefused
from trade_exposure.feeds import periods
from trade_exposure.feeds.announced import Announced, json_values, measured
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.data_go_kr_json import page_of
from trade_exposure.feeds.finish import finish
from trade_exposure.feeds.model import Journal, ParsedFiles, Part, Reply
from trade_exposure.feeds.strict_json import record
from trade_exposure.feeds.text_batches import headings, record_batches

_PAGE = "page="


def walk(contract: FeedContract, period: date, _slice: str, journal: Journal) -> None:
    """Page after page until as many rows have come as the source announces.

    The source knows the grades of today alone, so that no other month than the running one can be asked for.

    Raises:
        RequestRefused: another month than the running one (nothing is sent then).
        ReplyUnreadable: the source announces more rows than it gives; other SourceError kinds: it failed or refused.
    """
    from trade_exposure.feeds.data_go_kr import DataGoKrHook

    running = periods.start_of(journal.at.astimezone(ZoneInfo(contract.timezone)).date(), contract.period_kind)
    if period != running:
        raise RequestRefused(
            f"K-SURE tells the grades of today and no history, so they can be asked for {running:%Y-%m} and not for "
            f"{period:%Y-%m}."
        )
    hook, path = DataGoKrHook(contract.connection_id), contract.option("requestPath")
    rows = int(contract.option("rowsPerPage"))
    come = 0

    def ask(number: int) -> Reply:
        reply = hook.ask_page(path, number, rows)
        page = page_of(reply.body)
        if come < page.total and not page.items:
            raise ReplyUnreadable(
                f"K-SURE announces {page.total} grades but its page {number} is empty after {come}; ask again."
            )
        return reply

    for number in count(1):
        page = page_of(journal.part(f"{_PAGE}{number}", partial(ask, number)))
        come += len(page.items)
        if come >= page.total:
            return


def parse(contract: FeedContract, parts: Sequence[Part], _period: date, _slice: str, out: Path) -> ParsedFiles:
    """Typed rows of all pages; the rows announced are the source's own ``totalCount``.

    Raises:
        ReplyUnreadable: cut off or of no known shape, or the pages announce different numbers of rows (the list changed
            between two pages); other SourceError kinds: an error reply.
    """
    announced = Announced(contract)
    starts: list[tuple[int, str]] = []
    items: list[dict[str, Any]] = []
    totals: set[int] = set()
    for part in sorted(parts, key=_number_of):
        body = part.read()
        page = page_of(body)
        starts.append((len(items) + 1, part.name))
        items += page.items
        totals.add(page.total)
        _announce(body, announced)
    if len(totals) != 1:
        raise ReplyUnreadable("K-SURE's pages announce different numbers of grades; ask for all of them again.")
    announced.rows = totals.pop()
    return finish(
        contract,
        record_batches(enumerate(map(record, items), start=1), headings(contract)),
        announced,
        out,
        derived={},
        checks=(),
        parts=starts,
    )


def _number_of(part: Part) -> int:
    digits = part.name.removeprefix(_PAGE)
    return int(digits) if digits.isdecimal() else 0


def _announce(body: bytes, announced: Announced) -> None:
    """The sum of the readable grades, found by text search; the rows are announced by the source itself."""
    (column,) = measured(announced.contract)
    field = column.source_column or ""
    announced.add(0, ({field: grade} for grade in json_values(body.decode("utf-8-sig"), field)))
