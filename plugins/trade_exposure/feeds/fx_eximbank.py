"""Daily exchange rates of the Export-Import Bank of Korea, the fallback for ECOS: walked day by day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from trade_exposure.errors import BadInput
from trade_exposure.feeds import periods
from trade_exposure.feeds.announced import Announced, json_values, measured
from trade_exposure.feeds.contract import FeedContract
from trade_exposure.feeds.eximbank_replies import rates_of
from trade_exposure.feeds.finish import finish, outside_period
from trade_exposure.feeds.fx import PER_UNIT
from trade_exposure.feeds.model import Journal, ParsedFiles, Part
from trade_exposure.feeds.strict_json import record
from trade_exposure.feeds.text_batches import Record, headings, record_batches

DAY_FIELD = "searchdate"
"""The day that was asked for: a row does not carry its day, so the request's parameter stands beside its fields."""
_UNIT_FIELD = "cur_unit"
_OWN_CURRENCY = "KRW"
_POSTED_AT = time(11)
_OBJECT = re.compile(r"\{[^{}]*\}")


def days_of(contract: FeedContract, period: date, at: datetime) -> list[date]:
    """The weekdays of a period whose rates can have been posted at ``at`` (aware): from about 11:00 of the day in Seoul.

    Before that of the first weekday it is the first weekday alone: the reply without rows says that nothing is posted.
    """
    local = at.astimezone(ZoneInfo(contract.timezone))
    newest = local.date() if local.time() >= _POSTED_AT else local.date() - timedelta(days=1)
    last = min(newest, periods.after(period, contract.period_kind) - timedelta(days=1))
    weekdays = [
        day
        for day in periods.between(period, periods.after(period, contract.period_kind), "day")
        if day.isoweekday() < 6
    ]
    return [day for day in weekdays if day <= last] or weekdays[:1]


def walk(contract: FeedContract, period: date, _slice: str, journal: Journal) -> None:
    """One request for each weekday so far; the names of the answers are the days.

    Raises:
        SourceError: the source failed or refused, by kind; the walk goes on from here when it is started again.
    """
    from trade_exposure.feeds.eximbank import EximbankHook

    hook, path = EximbankHook(contract.connection_id), contract.option("requestPath")
    for day in days_of(contract, period, journal.at):
        journal.part(day.isoformat(), lambda day=day: hook.rates(day, path=path))  # type: ignore[misc]


def parse(contract: FeedContract, parts: Sequence[Part], period: date, _slice: str, out: Path) -> ParsedFiles:
    """Typed rows of a walk's answers; each part is named by its day.

    The row of the won itself is no foreign currency and is left out, of the announced rows and totals too. A day without
    rates has no row; a period without any is not published so far.

    Raises:
        ReplyUnreadable: cut off or of no known shape; other SourceError kinds: an error reply.
        BadInput: a part names no day.
    """
    announced = Announced(contract)
    starts: list[tuple[int, str]] = []
    rows: list[tuple[int, Record]] = []
    first = 1
    for part in sorted(parts, key=lambda part: part.name):
        day, body = _day_of(part), part.read()
        rates = rates_of(body)
        told: list[Record] = [{**record(rate), DAY_FIELD: [f"{day:%Y%m%d}"]} for rate in rates]
        rows += [
            (number, row) for number, row in enumerate(told, start=first) if row.get(_UNIT_FIELD) != [_OWN_CURRENCY]
        ]
        _announce(body, announced)
        starts.append((first, part.name))
        first += len(rates)
    units = "coalesce(nullif(regexp_extract(quotation_unit, '[0-9]+'), ''), '1')"
    factors = " ".join(f"when '{count}' then cast({factor} as decimal(3,2))" for count, factor in PER_UNIT.items())
    return finish(
        contract,
        record_batches(rows, headings(contract)),
        announced,
        out,
        derived={
            "currency": "left(quotation_unit, 3)",
            "quote_units": units,
            "krw_per_unit": f"cast(quoted_krw as decimal(24,6)) * case {units} {factors} end",
        },
        checks=(outside_period(contract, "rate_on", period),),
        parts=starts,
    )


def _day_of(part: Part) -> date:
    try:
        return date.fromisoformat(part.name[:10])
    except ValueError:
        raise BadInput(
            f"The reply {part.name!r} names no day, and its rows do not either; name the file by its day, 2026-10-20.json."
        ) from None


def _announce(body: bytes, announced: Announced) -> None:
    """Rows and readable quotes of foreign currencies, found by text search: the source announces none itself."""
    (column,) = measured(announced.contract)
    field = column.source_column or ""
    rates = _OBJECT.findall(body.decode("utf-8-sig"))
    foreign = [rate for rate in rates if json_values(rate, _UNIT_FIELD) != [_OWN_CURRENCY]]
    announced.add(len(foreign), ({field: quote} for rate in foreign for quote in json_values(rate, field)))
