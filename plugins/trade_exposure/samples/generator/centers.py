"""Event logs of the AI trade centres: leads, contracts and shipments, adding up to the published counts and amounts of 2025."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trade_exposure.samples.generator import figures
from trade_exposure.samples.generator.book import at_work
from trade_exposure.samples.generator.calendar import FIRST_MONTH, business_day_from, business_days
from trade_exposure.samples.generator.center_firms import GYEONGBUK, Firm, Firms, active, opened
from trade_exposure.samples.generator.draws import Chances, Draw, share_out
from trade_exposure.samples.generator.items import hs_weights
from trade_exposure.samples.generator.policies import Market
from trade_exposure.samples.generator.rates import Rates
from trade_exposure.samples.generator.underwriting import Linked

_MONTHS = (6, 6, 8, 8, 8, 9, 8, 8, 9, 10, 10, 10)
_CURRENCIES = Chances({"USD": 87, "EUR": 7, "CNY": 5, "JPY": 1})
_INCOTERMS = ("FOB", "CIF", "EXW", "FCA", "DAP")
_PAYMENTS = ("T/T", "T/T", "L/C", "O/A", "D/P", "D/A")
_LATE = 20  # in a thousand events reach the log days later
_REVISED = 8  # in a thousand are recorded again, as a second version
_NO_YEN_FROM = 60  # days before the end: a daily file is short, and one amount in yen would look like a wrong unit


@dataclass(slots=True, eq=False)
class Contract:
    """One contract signed at a centre; the amount in hundredths of the currency."""

    number: str
    center: str
    firm: Firm
    buyer: str
    country: str
    hs_code: str
    signed: date
    cents: int
    currency: str
    must_ship: bool = False
    policy: str | None = None


@dataclass(slots=True, eq=False)
class CenterEvent:
    """One record of a centre's log."""

    event_id: str
    center: str
    type: str
    at: datetime
    updated_at: datetime
    firm: Firm
    country: str | None
    buyer: str | None
    contract: Contract | None
    cents: int | None = None
    esign: str | None = None
    terms: tuple[str, str, int] | None = None
    version: int = 1


class Centers:
    """``events`` is the log of all centres up to ``last`` day."""

    def __init__(self, market: Market, rates: Rates, linked: Sequence[Linked], seed: int, last: date) -> None:
        self.events: list[CenterEvent] = []
        self._market, self._rates, self._seed, self._last = market, rates, seed, last
        self._headings = list(hs_weights())
        self._firms = Firms()
        self._linked: dict[int, list[Linked]] = {}
        for row in linked:
            self._linked.setdefault(row.signed.year, []).append(row)
        for year in range(FIRST_MONTH.year, last.year + 1):
            self._year(year, Draw(seed, "centres", year))

    def _year(self, year: int, draw: Draw) -> None:
        counts = share_out(figures.CONTRACTS[year], _MONTHS)
        of_gyeongbuk = share_out(self._firms.contracts_of_gyeongbuk(year), _MONTHS)
        contracts = []
        for number, (count, mine) in enumerate(zip(counts, of_gyeongbuk, strict=True)):
            month = date(year, number + 1, 1)
            insured = [row for row in self._linked.get(year, []) if row.signed.month == month.month]
            centers = active(month)
            elsewhere = Chances({center: weight for center, weight in centers.items() if center != GYEONGBUK})
            contracts += [self._insured(row, elsewhere.pick(draw), draw) for row in insured]
            where = [GYEONGBUK] * mine + [elsewhere.pick(draw) for _ in range(count - mine - len(insured))]
            for serial, center in enumerate(where):
                firm, must_ship = self._firms.next(center, year, draw)
                contract = self._contract(f"C-{month:%Y%m}-{serial + 1:04d}", center, month, firm, draw)
                contract.must_ship = must_ship
                contracts.append(contract)
        free = [contract for contract in contracts if contract.policy is None]
        left = figures.CONTRACT_USD[year] * 100 - sum(row.cents for row in contracts if row.policy)
        for contract, cents in zip(free, share_out(left, [draw.heavy() for _ in free]), strict=True):
            krw = self._rates.krw(cents, "USD", contract.signed)
            contract.cents = self._rates.cents(krw, contract.currency, contract.signed)
            if contract.currency == "JPY":
                contract.cents = contract.cents // 100 * 100
        for contract in contracts:
            if contract.signed <= self._last:
                self._life(contract, draw)
        self._leads(year, draw)

    def _contract(self, number: str, center: str, month: date, firm: Firm, draw: Draw) -> Contract:
        signed = draw.pick(business_days(month))
        currency = _CURRENCIES.pick(draw)
        if currency == "JPY" and (self._last - signed).days < _NO_YEN_FROM:
            currency = "USD"
        return Contract(
            number=number,
            center=center,
            firm=firm,
            buyer=f"B-SYN-{draw.between(4000, 9999):06d}",
            country=self._market.country(draw, is_partner=draw.chance(520)),
            hs_code=draw.pick(self._headings),
            signed=signed,
            cents=0,
            currency=currency,
        )

    def _insured(self, row: Linked, center: str, draw: Draw) -> Contract:
        party, policy = row.policy.party, row.policy
        return Contract(
            number=row.contract_no,
            center=center,
            firm=Firm(party.number, party.name),
            buyer=policy.obligor or f"B-SYN-{draw.below(4000):06d}",
            country=policy.country or "VN",
            hs_code=policy.hs_code or "330499",
            signed=row.signed,
            cents=row.cents,
            currency="USD",
            must_ship=True,
            policy=policy.number,
        )

    def _life(self, contract: Contract, draw: Draw) -> None:
        """Everything from the first consultation to the shipment."""
        signed = contract.signed
        for _ in range(draw.pick((1, 1, 2, 2, 3))):
            self._add("CONSULTATION", signed - timedelta(days=draw.between(4, 70)), contract, draw)
        if draw.chance(380):
            self._add("INQUIRY", signed - timedelta(days=draw.between(3, 60)), contract, draw)
        if draw.chance(60):
            self._add("MOU", signed - timedelta(days=draw.between(2, 30)), contract, draw, cents=contract.cents)
        terms = (draw.pick(_INCOTERMS), draw.pick(_PAYMENTS), draw.pick((0, 30, 60, 90, 120)))
        esign = "COMPLETED" if draw.chance(900) else "PENDING"
        self._add("CONTRACT_SIGNED", signed, contract, draw, cents=contract.cents, terms=terms, esign=esign)
        if not contract.must_ship and draw.chance(25):
            self._add("CONTRACT_CANCELLED", signed + timedelta(days=draw.between(5, 80)), contract, draw)
            return
        cents = contract.cents
        if draw.chance(50):
            cents = cents * draw.between(80, 125) // 10_000 * 100
            changed = signed + timedelta(days=draw.between(3, 18))
            self._add("CONTRACT_AMENDED", changed, contract, draw, cents=cents, terms=terms, esign=esign)
        if contract.must_ship or (contract.firm.may_ship and draw.chance(620)):
            within = 55 if contract.must_ship else 150
            self._add("SHIPPED", signed + timedelta(days=draw.between(20, within)), contract, draw, cents=cents)

    def _leads(self, year: int, draw: Draw) -> None:
        """Consultations that came to nothing."""
        for number, count in enumerate(share_out(figures.CONTRACTS[year] * 6 // 10, _MONTHS)):
            month = date(year, number + 1, 1)
            centers = dict(active(month))
            if year == FIRST_MONTH.year + 1:
                centers[GYEONGBUK] = 1  # few before 2025, when they quadrupled
            chances = Chances(centers)
            for _ in range(count):
                center = chances.pick(draw)
                lead = self._contract("", center, month, self._firms.lead(center, draw), draw)
                self._add("CONSULTATION", lead.signed, lead, draw, is_lead=True)
                if draw.chance(300):
                    self._add(
                        "CONSULTATION", lead.signed + timedelta(days=draw.between(2, 25)), lead, draw, is_lead=True
                    )

    def _add(
        self,
        type_: str,
        on: date,
        contract: Contract,
        draw: Draw,
        *,
        cents: int | None = None,
        terms: tuple[str, str, int] | None = None,
        esign: str | None = None,
        is_lead: bool = False,
    ) -> None:
        on = business_day_from(on)
        at = at_work(on, draw.below(530))
        updated = at + timedelta(seconds=draw.between(5, 900))
        if draw.chance(_LATE):
            updated = at_work(business_day_from(on + timedelta(days=draw.between(2, 16))), draw.below(500))
        is_vague = type_ == "CONSULTATION" and draw.chance(70)  # the visitor named no country and no buyer yet
        event = CenterEvent(
            event_id=f"{contract.center}-{len(self.events) + 1:07d}",
            center=contract.center,
            type=type_,
            at=at,
            updated_at=updated,
            firm=contract.firm,
            country=None if is_vague else contract.country,
            buyer=None if is_vague else contract.buyer,
            contract=None if is_lead else contract,
            cents=cents,
            esign=esign,
            terms=terms,
        )
        if on < opened(contract.center) or updated.date() > self._last:
            return
        self.events.append(event)
        if draw.chance(_REVISED):
            later = at_work(business_day_from(updated.date() + timedelta(days=draw.between(1, 20))), draw.below(500))
            if later.date() <= self._last:
                self.events.append(_again(event, later))


def _again(event: CenterEvent, later: datetime) -> CenterEvent:
    return CenterEvent(
        event_id=event.event_id,
        center=event.center,
        type=event.type,
        at=event.at,
        updated_at=later,
        firm=event.firm,
        country=event.country,
        buyer=event.buyer,
        contract=event.contract,
        cents=event.cents,
        esign="COMPLETED" if event.esign else None,
        terms=event.terms,
        version=2,
    )
