"""Claims on the volume of earlier months, so that each month pays its share of the year's claims, and what comes back of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from trade_exposure.samples.generator import figures
from trade_exposure.samples.generator.book import Policy, at_work
from trade_exposure.samples.generator.calendar import FIRST_MONTH, business_day_from, business_days, months, shifted
from trade_exposure.samples.generator.draws import Chances, Draw, share_out
from trade_exposure.samples.generator.rates import Rates
from trade_exposure.samples.generator.recorder import Volume

BILLION = 1_000_000_000
_SOURCES = Chances({"OBLIGOR": 70, "GUARANTOR": 15, "OTHER": 15})
_AHEAD = 4  # months of claims still to be paid when the sample ends, whose notices are there
_FROM_OLD = 120  # in a thousand claims fall on policies of 2015 to 2021
_LATE = 15  # in a thousand events are recorded weeks after their day
_CORRECTED = 25  # in a thousand recoveries, a correction that takes money back


@dataclass(slots=True, eq=False)
class ClaimEvent:
    """One record of the claims log; the amount in hundredths of the currency."""

    event_id: str
    claim_no: str
    policy: Policy
    type: str
    on: date
    underwriting_year: int
    currency: str
    amount: int | None
    updated_at: datetime
    source: str | None = None
    version: int = 1


class Claims:
    """``events`` is the claims log in the order in which claims arose."""

    def __init__(self, rates: Rates, seed: int) -> None:
        self.events: list[ClaimEvent] = []
        self._rates, self._seed, self._opened = rates, seed, 0

    def run(self, volume: Sequence[Volume], old: Sequence[Policy], newest: date) -> None:
        """Pay the claims of every month; ``old`` are policies from before the log."""
        by_month: dict[date, list[Volume]] = {}
        for row in volume:
            by_month.setdefault(row.event.on.replace(day=1), []).append(row)
        for month in months(FIRST_MONTH, min(shifted(newest, _AHEAD), date(2026, 12, 1))):
            draw = Draw(self._seed, "claims", str(month))
            budget = share_out(figures.CLAIMS_PAID[month.year] * BILLION, (1,) * 12)[month.month - 1]
            self._pay(month, budget * draw.around(250) // 1000, by_month, old, draw)
            self._hedges(month, by_month, draw)

    def _pay(
        self, month: date, budget: int, by_month: dict[date, list[Volume]], old: Sequence[Policy], draw: Draw
    ) -> None:
        while budget > 0:
            if draw.chance(_FROM_OLD):
                policy = draw.pick(old)
                krw, year = draw.heavy() * 30_000_000, policy.starts.year
                if policy.ends <= month:
                    continue
            else:
                since = max(shifted(month, -draw.between(6, 24)), date(2022, 1, 1))
                row = draw.pick(by_month[since])
                policy, year = row.event.policy, row.event.on.year
                if policy.product.country == "NONE":
                    continue
                krw = min(row.krw * draw.between(10, 75) // 100, budget // 3 + BILLION)
            krw = min(krw, budget)
            budget -= krw
            self._claim(policy, year, draw.pick(business_days(month)), krw, draw)
        for _ in range(draw.between(1, 3)):
            row = draw.pick(by_month[max(shifted(month, -6), date(2022, 1, 1))])
            if row.event.policy.product.country != "NONE":
                self._rejected(row, draw.pick(business_days(month)), draw)

    def _claim(self, policy: Policy, year: int, paid: date, krw: int, draw: Draw) -> None:
        number = self._number("CL", paid)
        currency = "KRW" if draw.chance(400) else policy.currency
        cents = max(self._rates.cents(krw, currency, paid), 100)

        def add(type_: str, on: date, amount: int | None, source: str | None = None) -> ClaimEvent:
            return self._add(number, policy, type_, on, year, currency, amount, draw, source)

        filed = business_day_from(paid - timedelta(days=draw.between(20, 70)))
        loss = cents * 1000 // policy.cover
        add("NOTICE", business_day_from(filed - timedelta(days=draw.between(10, 60))), loss)
        add("FILED", filed, loss)
        first = cents * 7 // 10 if draw.chance(120) else cents
        add("PAID", paid, first)
        if first < cents:
            add("PAID", business_day_from(paid + timedelta(days=draw.between(5, 25))), cents - first)
        # What comes back: nothing for some, up to four fifths in parts over two years for others.
        last, parts = paid, draw.between(1, 4) if draw.chance(620) else 0
        for _ in range(parts):
            last = business_day_from(last + timedelta(days=draw.between(30, 240)))
            back = cents * draw.between(8, 27) // 100
            source = "PARIS_CLUB" if policy.product.kind == "long" and draw.chance(300) else _SOURCES.pick(draw)
            add("RECOVERY", last, back, source)
            if draw.chance(_CORRECTED):
                last = business_day_from(last + timedelta(days=draw.between(5, 40)))
                add("RECOVERY", last, -back // draw.between(2, 9), source)
        if draw.chance(450):
            add("CLOSED", business_day_from(last + timedelta(days=draw.between(20, 120))), None)

    def _rejected(self, row: Volume, on: date, draw: Draw) -> None:
        policy, number = row.event.policy, self._number("CL", on)
        loss = self._rates.cents(row.krw * draw.between(4, 30) // 100, policy.currency, on)
        filed = business_day_from(on - timedelta(days=draw.between(20, 70)))
        notified = business_day_from(filed - timedelta(days=draw.between(10, 60)))
        for type_, day, amount in (("NOTICE", notified, loss), ("FILED", filed, loss), ("REJECTED", on, None)):
            self._add(number, policy, type_, day, row.event.on.year, policy.currency, amount, draw)

    def _hedges(self, month: date, by_month: dict[date, list[Volume]], draw: Draw) -> None:
        """Forward cover settles both ways: money paid when the won rose, clawed back when it fell."""
        hedged = [row for row in by_month[shifted(month, -3)] if row.event.policy.product.code.startswith("FX_")]
        for row in (draw.pick(hedged) for _ in range(draw.between(3, 6))):
            policy, on = row.event.policy, draw.pick(business_days(month))
            is_option = policy.product.code == "FX_OPT"
            cents = row.krw * draw.between(2, 30) // 1000 * 100 // (4 if is_option else 1)
            type_ = "PAID" if is_option or draw.chance(150) else "FX_CLAWBACK"
            number = self._number("FX", on)
            self._add(
                number, policy, type_, on, row.event.on.year, "KRW", cents // (10 if type_ == "PAID" else 1), draw
            )

    def _number(self, prefix: str, on: date) -> str:
        self._opened += 1
        return f"{prefix}-{on:%Y}-{self._opened:06d}"

    def _add(
        self,
        number: str,
        policy: Policy,
        type_: str,
        on: date,
        year: int,
        currency: str,
        amount: int | None,
        draw: Draw,
        source: str | None = None,
    ) -> ClaimEvent:
        if amount is not None and currency in ("KRW", "JPY"):  # no hundredths of these
            amount = amount // 100 * 100
        event = ClaimEvent(
            event_id=f"CE{len(self.events) + 1:07d}",
            claim_no=number,
            policy=policy,
            type=type_,
            on=on,
            underwriting_year=year,
            currency=currency,
            amount=amount,
            updated_at=at_work(on, draw.below(840)) + timedelta(days=draw.between(8, 40) * draw.chance(_LATE)),
            source=source,
        )
        self.events.append(event)
        if type_ == "FILED" and draw.chance(20):
            later = event.updated_at + timedelta(days=draw.between(10, 40))
            self.events.append(
                replace(event, version=2, amount=(amount or 0) * draw.between(90, 99) // 10_000 * 100, updated_at=later)
            )
        return event
