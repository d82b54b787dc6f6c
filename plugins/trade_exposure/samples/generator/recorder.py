"""Writes the underwriting log's events with their amounts, and what each leaves in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from trade_exposure.samples.generator.book import Cover, Event, Policy, at_work
from trade_exposure.samples.generator.calendar import business_day_from
from trade_exposure.samples.generator.draws import Draw
from trade_exposure.samples.generator.products import DRAWN, counts
from trade_exposure.samples.generator.rates import Rates

_STEP = 4_000  # insured values in steps of 40 units, so that every cover ratio leaves whole hundredths
_NAUGHT = 3  # in a thousand applications, an amount of zero; and as many without any
_LATE = 10  # in a thousand shipments, notified weeks late
_REVISED = 5
_WITHDRAWN = 4  # in a thousand applications: recorded in error, taken back by a second version


class Volume(NamedTuple):
    """One event that is volume, and its won."""

    event: Event
    krw: int


class Recorder:
    """``events`` is every record so far, ``volume`` those that count as support."""

    def __init__(self, rates: Rates, grades: Mapping[str, int]) -> None:
        self.events: list[Event] = []
        self.volume: list[Volume] = []
        self._rates, self._grades = rates, grades
        self._cover_of: dict[str, int] = {}

    def apply(self, policy: Policy, issued: date, krw: int, draw: Draw) -> date:
        """Application and approval before an issue; returns the day of the decision."""
        applied = business_day_from(issued - timedelta(days=draw.between(8, 34)))
        decided = business_day_from(min(applied + timedelta(days=draw.between(1, 6)), issued))
        value, amount = self._amounts(policy, krw, applied)
        first = self._add(policy, "APPLICATION", applied, draw)
        first.value = value
        first.amount = None if draw.chance(_NAUGHT) else 0 if draw.chance(_NAUGHT) else amount
        if draw.chance(_WITHDRAWN):
            self._second_version(first, draw).is_cancelled = True
        second = self._add(policy, "APPROVAL", decided, draw)
        second.value, second.amount, second.decided = value, amount, decided
        return decided

    def refuse(self, policy: Policy, applied: date, krw: int, draw: Draw) -> None:
        """An application that is turned down: the refusal has no amounts."""
        event = self._add(policy, "APPLICATION", applied, draw)
        event.value, event.amount = self._amounts(policy, krw, applied)
        decided = business_day_from(applied + timedelta(days=draw.between(2, 15)))
        self._add(policy, "REJECTION", decided, draw).decided = decided

    def issue(
        self, policy: Policy, day: date, krw: int, draw: Draw, *, decided: date, is_renewal: bool = False
    ) -> Event:
        """The policy, or its renewal, with the year's or the contract's amount."""
        event = self._add(policy, "RENEWAL" if is_renewal else "ISSUE", day, draw)
        event.value, event.amount = self._amounts(policy, krw, day)
        event.decided = decided
        # Cover may begin before the decision: goods were already on their way.
        event.starts = decided - timedelta(days=draw.between(3, 40)) if draw.chance(40) else day
        event.ends = policy.ends
        event.term = (policy.ends - day).days
        self._count(event, krw, draw)
        if policy.product.kind == "long":
            self._long_cover(policy, event, draw)
        elif policy.product.kind in ("annual", "hedge"):
            self._cover(event, Cover(day, policy.ends, event.amount or 0))
        return event

    def use(self, policy: Policy, day: date, krw: int, draw: Draw) -> Event:
        """A shipment notified or a sum drawn: volume of revolving cover, in force until it is paid for."""
        is_shipment = policy.product.kind == "turnover"
        event = self._add(policy, "SHIPMENT" if is_shipment else "DRAWDOWN", day, draw)
        event.value, event.amount = self._amounts(policy, krw, day)
        event.term = draw.between(*policy.product.term) // 30 * 30
        event.ends = day + timedelta(days=event.term)
        self._cover(event, Cover(day, event.ends, event.amount or 0))
        self._count(event, krw, draw)
        if draw.chance(_LATE):
            event.updated_at += timedelta(days=draw.between(20, 45))
        return event

    def tranche(self, policy: Policy, day: date, cents: int, draw: Draw) -> None:
        """A sum paid out under a long commitment: no volume of its own, the commitment was."""
        event = self._add(policy, "DRAWDOWN", day, draw)
        event.amount = cents

    def amend(self, event: Event, day: date, draw: Draw) -> None:
        """The amounts of an event are replaced by others, and so is what it keeps in force from that day."""
        policy = event.policy
        later = self._add(policy, "AMENDMENT", day, draw)
        value = (event.value or 0) * draw.between(85, 110) // 100 // _STEP * _STEP
        later.value, later.amount = value, value * policy.cover // 1000
        later.amends, later.starts, later.ends, later.term = event.event_id, event.starts, event.ends, event.term
        place = self._cover_of[event.event_id]
        before = policy.covers[place]
        if day < before.ends:
            policy.covers[place] = before.until(day)
            policy.covers.append(before._replace(begins=day, cents=later.amount))

    def cancel(self, event: Event, day: date, draw: Draw) -> None:
        """An event is taken back: nothing of it is in force any more. It was authorised all the same."""
        policy = event.policy
        self._add(policy, "CANCELLATION", day, draw).amends = event.event_id
        place = self._cover_of[event.event_id]
        policy.covers[place] = policy.covers[place].until(day)
        if event.type == "ISSUE":
            policy.end(min(policy.ends, day), known=day)

    def limit(self, policy: Policy, day: date, krw: int, draw: Draw, *, decided: date, is_renewal: bool) -> None:
        """A revolving policy is issued or renewed: its amount is a limit and no volume."""
        event = self._add(policy, "RENEWAL" if is_renewal else "ISSUE", day, draw)
        event.value, event.amount = self._amounts(policy, krw, day)
        event.decided, event.starts, event.ends = decided, day, policy.ends

    def _long_cover(self, policy: Policy, event: Event, draw: Draw) -> None:
        days = (policy.ends - event.on).days
        repaid_from = event.on + timedelta(days=min(days // 4, 540))
        cents = event.amount or 0
        drawn: list[tuple[date, int]] = []
        if policy.product.code in DRAWN:
            parts = draw.between(3, 6)
            for number in range(parts):
                on = business_day_from(event.on + timedelta(days=20 + (repaid_from - event.on).days * number // parts))
                sum_paid = cents // parts // 100 * 100 if number < parts - 1 else cents - sum(paid for _, paid in drawn)
                drawn.append((on, sum_paid))
                self.tranche(policy, on, sum_paid, draw)
        self._cover(event, Cover(event.on, policy.ends, cents, repaid_from, tuple(drawn)))

    def _cover(self, event: Event, cover: Cover) -> None:
        self._cover_of[event.event_id] = len(event.policy.covers)
        event.policy.covers.append(cover)

    def _count(self, event: Event, krw: int, draw: Draw) -> None:
        policy = event.policy
        grade = self._grades.get(policy.country or "", 3)
        event.premium = krw * policy.product.premium // 1_000_000 * (78 + 8 * grade) // 100
        if counts(policy.product, event.type):
            self.volume.append(Volume(event, krw))
        if draw.chance(_REVISED):
            second = self._second_version(event, draw)
            second.premium = (event.premium or 0) * draw.between(97, 103) // 100

    def _amounts(self, policy: Policy, krw: int, day: date) -> tuple[int, int]:
        cents = self._rates.cents(krw, policy.currency, day)
        value = max(cents * 1000 // policy.cover // _STEP, 1) * _STEP
        return value, value * policy.cover // 1000

    def _add(self, policy: Policy, type_: str, day: date, draw: Draw) -> Event:
        event = Event(
            event_id=f"UW{len(self.events) + 1:08d}",
            policy=policy,
            type=type_,
            on=day,
            updated_at=at_work(day, draw.below(840)),
            sequence=policy.sequence,
        )
        self.events.append(event)
        return event

    def _second_version(self, event: Event, draw: Draw) -> Event:
        second = replace(event, version=2, updated_at=event.updated_at + timedelta(days=draw.between(25, 80)))
        self.events.append(second)
        return second
