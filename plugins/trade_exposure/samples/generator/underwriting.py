"""The underwriting of a book, month after month, so that volume adds up to the published figures.

A month's support is fixed first. Every product but two gets its share of it; what comes of that by country and by size of firm is
counted, and shipments under comprehensive and specific policies make up what is lacking, in four cells: emerging partner or
not, large firm or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from trade_exposure.samples.generator import figures
from trade_exposure.samples.generator.book import Cover, Event, Policy
from trade_exposure.samples.generator.calendar import BURN_IN, business_day_from, business_days, months, shifted
from trade_exposure.samples.generator.draws import Draw, share_out
from trade_exposure.samples.generator.parties import Size
from trade_exposure.samples.generator.policies import Market
from trade_exposure.samples.generator.products import BY_CODE, DRAWN, PRODUCTS, Product
from trade_exposure.samples.generator.rates import Rates
from trade_exposure.samples.generator.recorder import Recorder

BILLION = 1_000_000_000
Cell = tuple[bool, bool]  # emerging partner country, small or mid-sized firm
_CELLS: dict[Cell, int] = {(True, True): 200, (True, False): 150, (False, True): 310, (False, False): 340}
_TURNOVER = ("ST_COMP", "ST_SPEC")
_OF_AMERICA = ("MLT_BUYER", "OBC")
_OPENING = 150  # long policies of 2015 to 2021 that are in force when the sample begins
_OPENING_KRW = 12_000 * BILLION
_LIMIT_KRW = 45_000_000  # per unit of weight: the limit of a revolving policy, which its shipments may exceed
_LINKED_FROM = date(2023, 3, 1)
_LINKED = 12  # policies a month that cover one contract of an AI trade centre each


class Linked(NamedTuple):
    """A centre's contract that is insured: its number, the policy, the day it was signed, its amount."""

    contract_no: str
    policy: Policy
    signed: date
    cents: int


class Underwriting:
    """Simulates the book.

    ``recorder`` has the log, ``policies`` the book, ``old`` its policies from before the log, ``linked`` the insured contracts
    of AI trade centres.
    """

    def __init__(self, market: Market, rates: Rates, grades: dict[str, int], seed: int) -> None:
        self.recorder = Recorder(rates, grades)
        self.policies: list[Policy] = []
        self.linked: list[Linked] = []
        self.old: list[Policy] = []
        self._market, self._rates, self._seed = market, rates, seed
        self._pools: dict[tuple[str, Cell], list[Policy]] = {}
        self._drawing: dict[str, list[Policy]] = {}
        self._due: dict[date, list[Policy]] = {}
        self._afterwards: dict[date, list[tuple[Event, bool]]] = {}
        self._saved: dict[str, int] = {}
        self._open_book(Draw(seed, "opening"))

    def run(self, newest: date) -> None:
        """Every month from the burn-in to the one after ``newest``, whose applications are already in ``newest``."""
        for month in months(BURN_IN, min(shifted(newest, 1), date(2026, 12, 1))):
            self._month(month, Draw(self._seed, "underwriting", str(month)))

    def _month(self, month: date, draw: Draw) -> None:
        on = business_days(month)
        season = share_out(figures.SUPPORT[month.year] * BILLION, figures.SEASON)[month.month - 1]
        due: dict[str, list[Policy]] = {}
        for policy in self._due.pop(month, []):
            due.setdefault(policy.product.code, []).append(policy)
        spent = partner = small = 0
        for product in PRODUCTS:
            if product.code in _TURNOVER:
                continue
            for policy, krw in self._product(product, month, season, due.get(product.code, []), draw):
                spent += krw
                partner += krw if policy.country in self._market.partners else 0
                small += krw if policy.is_small else 0
        rest = season - spent
        of_partners = share_out(figures.PARTNER[month.year] * BILLION, figures.SEASON)[month.month - 1] - partner
        of_small = share_out(figures.SMALL_AND_MID[month.year] * BILLION, figures.SEASON)[month.month - 1] - small
        for is_partner, is_small in _CELLS:
            by_country = of_partners if is_partner else rest - of_partners
            krw = by_country * (of_small if is_small else rest - of_small) // rest
            self._ship((is_partner, is_small), krw, month, draw)
        for code in _TURNOVER:
            for policy in due.get(code, []):
                self._renew_or_replace(policy, on, draw)
        for event, is_amended in self._afterwards.pop(month, []):
            change = self.recorder.amend if is_amended else self.recorder.cancel
            change(event, draw.pick(on), draw)
        for _ in range(draw.between(6, 12)):
            product = draw.pick(PRODUCTS)
            self.recorder.refuse(self._market.open(product, on[0], draw), draw.pick(on), draw.heavy() * 8_000_000, draw)
        if month >= _LINKED_FROM:
            self._link(month, draw)

    def _product(
        self, product: Product, month: date, season: int, due: list[Policy], draw: Draw
    ) -> Iterator[tuple[Policy, int]]:
        """Writes the month of a product that is not made of shipments; gives each policy and its won."""
        on = business_days(month)
        budget = season * product.share[month.year >= 2026] // 1000 + self._saved.pop(product.code, 0)
        if product.code == "ECG_CHAIN":
            tenths = figures.SPECIAL_GUARANTEES_TENTHS[month.year]
            budget = tenths * BILLION // 10 * figures.SEASON[month.month - 1] // 1000
        if product.code in _OF_AMERICA:  # has a target of its own, and so money of its own
            krw = figures.US_LONG_TERM[month.year] * BILLION * figures.SEASON[month.month - 1] // 2000
            budget -= krw
            yield self._issue(self._open(product, draw.pick(on), draw, country="US"), krw, draw), krw
        if product.kind == "drawing":
            for policy in due:
                self._renew_or_replace(policy, on, draw)
            drawn = [policy for policy in self._drawing[product.code] if policy.starts <= on[0] and draw.chance(950)]
            weights = [policy.weight * draw.around(400) for policy in drawn]
            for policy, krw in zip(drawn, share_out(budget, weights), strict=True):
                self.recorder.use(policy, draw.pick(on), krw, draw)
                yield policy, krw
            return
        renewed = [policy for policy in due if policy.ends >= on[0] and draw.chance(800)]
        count = product.count // 10 + draw.chance(product.count % 10 * 100) - len(renewed)
        if product.kind == "annual" or month.month == 12:
            count = max(count, 1)
        opened = [self._open(product, draw.pick(on), draw) for _ in range(count)]
        if not renewed and not opened:
            self._saved[product.code] = budget  # nothing issued this month: the next one has more to give
            return
        weights = [policy.weight for policy in (*renewed, *opened)]
        for policy, krw in zip((*renewed, *opened), share_out(budget, weights), strict=True):
            if policy.sequence == 1 and policy.starts >= on[0]:
                self._issue(policy, krw, draw)
            else:
                self._renew(policy, on, draw, krw)
            yield policy, krw

    def _open(self, product: Product, day: date, draw: Draw, *, country: str | None = None) -> Policy:
        is_partner = draw.chance(640) if product.kind == "long" else None
        policy = self._market.open(product, day, draw, country=country, is_partner=is_partner)
        while product.kind == "long" and country is None and policy.country == "US":
            policy = self._market.open(product, day, draw, is_partner=is_partner)
        self.policies.append(policy)
        return policy

    def _issue(self, policy: Policy, krw: int, draw: Draw) -> Policy:
        """Application, approval and issue with the won that are volume."""
        decided = self.recorder.apply(policy, policy.starts, krw, draw)
        event = self.recorder.issue(policy, policy.starts, krw, draw, decided=decided)
        if policy.product.kind == "annual":
            self._expect(policy)
        if policy.product.code not in DRAWN:
            self._plan(event, 40, draw)
        return policy

    def _plan(self, event: Event, permille: int, draw: Draw) -> None:
        """So many in a thousand events are amended or cancelled in one of the next months."""
        if draw.chance(permille):
            later = shifted(event.on.replace(day=1), draw.between(1, 5))
            self._afterwards.setdefault(later, []).append((event, draw.chance(700)))

    def _renew(self, policy: Policy, on: tuple[date, ...], draw: Draw, krw: int | None = None) -> None:
        """Another year: new volume for annual cover, a new limit for revolving cover."""
        day = draw.pick(on)
        policy.sequence += 1
        policy.end(day + timedelta(days=365), known=day)
        decided = business_day_from(day - timedelta(days=draw.between(1, 20)))
        if krw is None:
            limit = policy.weight * _LIMIT_KRW * draw.around(200) // 1000
            self.recorder.limit(policy, day, limit, draw, decided=min(decided, day), is_renewal=True)
        else:
            self.recorder.issue(policy, day, krw, draw, decided=min(decided, day), is_renewal=True)
        self._expect(policy)

    def _renew_or_replace(self, policy: Policy, on: tuple[date, ...], draw: Draw) -> None:
        if draw.chance(880):
            self._renew(policy, on, draw)
            return
        product = policy.product
        is_partner = policy.country in self._market.partners if product.kind == "turnover" else None
        size: Size | None = policy.party.size if product.kind == "turnover" else None
        new = self._market.open(product, draw.pick(on), draw, size=size, is_partner=is_partner)
        pool = (
            self._drawing[product.code]
            if product.kind == "drawing"
            else self._pools[product.code, (bool(is_partner), new.is_small)]
        )
        pool[pool.index(policy)] = new
        self.policies.append(new)
        decided = self.recorder.apply(new, new.starts, new.weight * _LIMIT_KRW, draw)
        self.recorder.limit(new, new.starts, new.weight * _LIMIT_KRW, draw, decided=decided, is_renewal=False)
        self._expect(new)

    def _ship(self, cell: Cell, krw: int, month: date, draw: Draw) -> None:
        """Shipments of one cell: the specific policies' share of the money, the rest to the comprehensive ones."""
        specific = BY_CODE["ST_SPEC"].share[month.year >= 2026]
        for code, part in zip(_TURNOVER, share_out(krw, (650 - specific, specific)), strict=True):
            shipments: list[tuple[Policy, date, int]] = []
            for policy in self._pools[code, cell]:
                for _ in range(draw.pick((0, 1, 1, 1, 1, 1, 1, 2))):
                    day = draw.pick(business_days(month))
                    shipments.append((policy, day, policy.weight * draw.around(600)))
            for (policy, day, _), won in zip(shipments, share_out(part, [row[2] for row in shipments]), strict=True):
                self._plan(self.recorder.use(policy, day, won, draw), 4, draw)

    def _link(self, month: date, draw: Draw) -> None:
        """Small policies that each cover one contract signed at an AI trade centre some weeks before."""
        for number in range(_LINKED):
            issued = draw.pick(business_days(month))
            policy = self._market.open(BY_CODE["ST_SPEC"], issued, draw, size="SME")
            policy.currency = "USD"
            policy.contract_no = f"C-{month:%Y%m}-9{number:04d}"
            krw = self._rates.krw(draw.heavy() * 30_000, "USD", issued)
            decided = self.recorder.apply(policy, issued, krw, draw)
            event = self.recorder.issue(policy, issued, krw, draw, decided=decided)
            self.policies.append(policy)
            signed = business_day_from(issued - timedelta(days=draw.between(36, 50)))
            self.linked.append(Linked(policy.contract_no, policy, signed, event.value or 0))
            for _ in range(draw.between(0, 2)):
                shipped = business_day_from(issued + timedelta(days=draw.between(3, 60)))
                self.recorder.use(policy, shipped, krw * draw.between(30, 60) // 100, draw)

    def _expect(self, policy: Policy) -> None:
        self._due.setdefault(policy.ends.replace(day=1), []).append(policy)

    def _open_book(self, draw: Draw) -> None:
        for code in _TURNOVER:
            for (is_partner, is_small), share in _CELLS.items():
                pool = self._pools[code, (is_partner, is_small)] = []
                for _ in range(BY_CODE[code].count // 10 * share // 1000):
                    size: Size = "LARGE" if not is_small else "MID" if draw.chance(400) else "SME"
                    self._add_old(pool, BY_CODE[code], draw, size=size, is_partner=is_partner)
        for product in PRODUCTS:
            if product.kind == "drawing":
                pool = self._drawing[product.code] = []
                for _ in range(product.count // 10):
                    self._add_old(pool, product, draw)
        old = [product for product in PRODUCTS if product.kind == "long" and product.code != "NRF"]
        self.old = [self._open(draw.pick(old), _day(draw, 2015, 2021), draw) for _ in range(_OPENING)]
        for policy, krw in zip(self.old, share_out(_OPENING_KRW, [policy.weight for policy in self.old]), strict=True):
            policy.ends = date(2023, 7, 1) + timedelta(days=draw.below(3600))
            cents = self._rates.cents(krw, policy.currency, BURN_IN)
            policy.covers.append(Cover(policy.starts, policy.ends, cents, policy.starts + timedelta(days=700)))

    def _add_old(
        self,
        pool: list[Policy],
        product: Product,
        draw: Draw,
        *,
        size: Size | None = None,
        is_partner: bool | None = None,
    ) -> None:
        policy = self._market.open(product, _day(draw, 2021, 2021), draw, size=size, is_partner=is_partner)
        pool.append(policy)
        self.policies.append(policy)
        self._expect(policy)


def _day(draw: Draw, first: int, last: int) -> date:
    return business_day_from(date(draw.between(first, last), draw.between(1, 12), draw.between(1, 28)))
