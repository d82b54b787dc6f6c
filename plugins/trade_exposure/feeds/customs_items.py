"""Trade by HS6 code and country of the customs service (getNitemtradeList), walked heading by heading.

A chapter (two digits) is answered by heading (four digits), a heading by HS6 code; every answer tells all countries and
months of the window. So the walk asks for the chapters, learns from them which headings had trade, and asks for each of these.
The rows are those of the headings; the chapters are held against them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from trade_exposure.errors import LoadStopped, ReplyUnreadable
from trade_exposure.feeds.announced import Announced, measured
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.customs import PERIOD_FIELD
from trade_exposure.feeds.customs_window import months_of_year
from trade_exposure.feeds.customs_xml import TOTAL_MARK, announce, read_items
from trade_exposure.feeds.finish import finish, outside_period
from trade_exposure.feeds.model import Journal, ParsedFiles, Part, Reply
from trade_exposure.feeds.text_batches import headings

if TYPE_CHECKING:
    import pyarrow as pa

CHAPTERS = tuple(f"{number:02}" for number in range(1, 98))
"""Chapters of the Harmonized System; 77 is reserved and answers without rows."""
_CHAPTER, _HEADING = "hs2=", "hs4="
_CODE_FIELD = "hsCd"
Sums = dict[str, dict[str, Decimal]]


def walk(contract: FeedContract, period: date, _slice: str, journal: Journal) -> None:
    """Ask for every chapter of the year up to its newest due month, then for every heading that had trade.

    An answer that the journal holds is not asked for again, so that a walk that was cut off goes on where it stopped.

    Raises:
        DailyQuotaExhausted and other SourceError kinds: the walk goes on from here when it is started again.
    """
    from trade_exposure.feeds.data_go_kr import DataGoKrHook

    hook, path = DataGoKrHook(contract.connection_id), contract.option("requestPath")
    start, end = months_of_year(contract, period, journal.at)

    def asked(code: str, check: Callable[[FeedContract, bytes, str], object]) -> Callable[[], Reply]:
        def ask() -> Reply:
            reply = hook.item_trade(path, start, end, code)
            check(contract, reply.body, code)  # what the journal has kept is not asked for again
            return reply

        return ask

    found: list[str] = []
    for chapter in CHAPTERS:
        body = journal.part(_CHAPTER + chapter, asked(chapter, _sums_by_heading))
        found += sorted(_sums_by_heading(contract, body, chapter))
    for heading in found:
        journal.part(_HEADING + heading, asked(heading, _announced))


def parse(contract: FeedContract, parts: Sequence[Part], period: date, _slice: str, out: Path) -> ParsedFiles:
    """Typed rows of a walk's answers for the year ``period``; source rows count through the headings in their order.

    The 총계 row of each heading is its control total; the sum of the chapters' rows for a heading must be within
    ``headingTolerance`` (a share) of it.

    Raises:
        ReplyUnreadable: an answer is unreadable, or the walk was cut off; other SourceError kinds: an error reply.
        LoadStopped: a heading's total differs from the chapter's rows.
    """
    chapters = {part.name.removeprefix(_CHAPTER): part for part in parts if part.name.startswith(_CHAPTER)}
    named = {part.name.removeprefix(_HEADING): part for part in parts if part.name.startswith(_HEADING)}
    missing = [chapter for chapter in CHAPTERS if chapter not in chapters]
    if missing or len(chapters) + len(named) != len(parts):
        raise ReplyUnreadable(
            f"The walk by HS code lacks the chapter {missing[0]}; go on with the walk."
            if missing
            else "The walk by HS code holds an answer that is neither a chapter's nor a heading's; ask again."
        )
    told: Sums = {}
    for chapter in CHAPTERS:
        told |= _sums_by_heading(contract, chapters[chapter].read(), chapter)
    if told.keys() != named.keys():
        lost = min(told.keys() ^ named.keys())
        raise ReplyUnreadable(f"The walk by HS code was cut off at the heading {lost}; go on with the walk.")
    announced = Announced(contract)
    starts: list[tuple[int, str]] = []
    return finish(
        contract,
        _batches(contract, [(heading, named[heading]) for heading in sorted(named)], told, announced, starts),
        announced,
        out,
        derived={},
        checks=(outside_period(contract, "reference_month", period),),
        parts=starts,
    )


def _batches(
    contract: FeedContract,
    named: Sequence[tuple[str, Part]],
    told: Sums,
    announced: Announced,
    starts: list[tuple[int, str]],
) -> Iterator[pa.RecordBatch]:
    tolerance = Decimal(contract.option("headingTolerance"))
    first = 1
    for heading, part in named:
        body = part.read()
        table, items = read_items(
            body, headings(contract), PERIOD_FIELD, name=f"for the heading {heading}", first_source_row=first
        )
        own = _announced(contract, body, heading)
        _compare(heading, told[heading], own.totals, tolerance)
        announced.merge(own)
        starts.append((first, part.name))
        first += items
        yield from table.to_batches()


def _announced(contract: FeedContract, body: bytes, heading: str) -> Announced:
    own = Announced(contract)
    if not announce(body, own, PERIOD_FIELD) and own.rows:
        raise ReplyUnreadable(f"The reply for the heading {heading} has no row marked {TOTAL_MARK}; ask again.")
    return own


def _compare(heading: str, chapter: dict[str, Decimal], own: dict[str, Decimal], tolerance: Decimal) -> None:
    for measure, total in own.items():
        if abs(chapter[measure] - total) > tolerance * max(abs(chapter[measure]), abs(total)):
            raise LoadStopped(
                f"The heading {heading} has {total:f} of {measure} by its own total, but {chapter[measure]:f} by the rows of"
                f" its chapter, which differs by more than the share {tolerance:f}; ask for the year again."
            )


def _sums_by_heading(contract: FeedContract, body: bytes, chapter: str) -> Sums:
    """Each heading of a chapter's answer with its measures.

    Raises:
        ReplyUnreadable: a row has no heading of the chapter, or an amount that is no number.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    sources = {column.name: column.source_column or "" for column in measured(contract)}
    fields = (PERIOD_FIELD, _CODE_FIELD, *sources.values())
    table, _ = read_items(body, fields, PERIOD_FIELD, name=f"for the chapter {chapter}")
    codes = pc.utf8_trim_whitespace(table[_CODE_FIELD])
    known = pc.indices_nonzero(pc.match_substring_regex(codes, f"^{chapter}[0-9]{{2}}$"))
    try:
        amounts = {
            name: pc.cast(pc.utf8_trim_whitespace(table[field]), pa.decimal128(38, 0))
            for name, field in sources.items()
        }
    except pa.ArrowInvalid:
        amounts = {}
    if len(known) < len(codes) or any(column.null_count for column in amounts.values()) or not amounts:
        raise ReplyUnreadable(
            f"The reply for the chapter {chapter} has a row without a heading of the chapter or without amounts; ask again."
        )
    by_heading = (
        pa.table({"heading": codes, **amounts}).group_by("heading").aggregate([(name, "sum") for name in amounts])
    )
    return {row["heading"]: {name: row[f"{name}_sum"] for name in amounts} for row in by_heading.to_pylist()}
