"""What an insurer's book is made of: policies, the events that happen to them, and what each keeps in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from trade_exposure.samples.generator.calendar import SEOUL
from trade_exposure.samples.generator.parties import Party
from trade_exposure.samples.generator.products import Product


class Cover(NamedTuple):
    """An amount in force from ``begins`` up to the day before ``ends``, in hundredths of the policy's currency.

    With ``repaid_from`` it falls in a straight line from there to its end; ``drawn`` are the tranches paid out so far.
    """

    begins: date
    ends: date
    cents: int
    repaid_from: date | None = None
    drawn: tuple[tuple[date, int], ...] = ()

    def until(self, day: date) -> Cover:
        """The same amount, in force no longer than to the day before ``day``; how it was to be repaid does not matter then."""
        if day >= self.ends:
            return self
        return self._replace(ends=max(day, self.begins), repaid_from=None, drawn=())

    def at(self, day: date) -> int:
        """In force at the end of ``day``, in hundredths, whole units of the currency."""
        if not self.begins <= day < self.ends:
            return 0
        if self.repaid_from is None or day < self.repaid_from:
            return self.cents
        return self.cents * (self.ends - day).days // (self.ends - self.repaid_from).days // 100 * 100

    def undrawn(self, day: date) -> int:
        """Committed and not paid out by the end of ``day``, in hundredths; nothing once repayment has begun."""
        if not self.drawn or self.repaid_from is None or day >= self.repaid_from:
            return 0
        return self.cents - sum(cents for on, cents in self.drawn if on <= day)


@dataclass(slots=True, eq=False)
class Policy:
    """One policy or guarantee. ``country`` is the buyer's, or the project's for project business."""

    number: str
    product: Product
    party: Party
    obligor: str | None
    country: str | None
    attribution: str
    currency: str
    cover: int
    strategic: str | None
    hs_code: str | None
    weight: int
    starts: date
    ends: date
    paying: str | None = None
    guarantor: str | None = None
    contract_no: str | None = None
    sequence: int = 1
    covers: list[Cover] = field(default_factory=list)
    _ends_before: list[tuple[date, date]] = field(default_factory=list)

    def end(self, ends: date, *, known: date) -> None:
        """From the day ``known`` on, the policy ends on another day: it was renewed or cancelled."""
        self._ends_before.append((known, self.ends))
        self.ends = ends

    def ends_as_of(self, day: date) -> date:
        """When the policy was to end, as was known on a day."""
        return next((before for known, before in self._ends_before if known > day), self.ends)

    @property
    def is_small(self) -> bool:
        """Whether its firm counts to small and mid-sized."""
        return self.party.size != "LARGE"


@dataclass(slots=True, eq=False)
class Event:
    """One record of the underwriting log. Amounts are hundredths of the currency, None where there is none."""

    event_id: str
    policy: Policy
    type: str
    on: date
    updated_at: datetime
    sequence: int
    value: int | None = None
    amount: int | None = None
    premium: int | None = None
    decided: date | None = None
    starts: date | None = None
    ends: date | None = None
    term: int | None = None
    amends: str | None = None
    version: int = 1
    is_cancelled: bool = False


def at_work(day: date, minutes: int) -> datetime:
    """An instant of that day in Seoul, ``minutes`` after nine in the morning."""
    return datetime.combine(day, time(9), SEOUL) + timedelta(minutes=minutes)
