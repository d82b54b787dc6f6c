"""Who is insured, against whom, for where: the choices behind a new policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import isqrt

from trade_exposure.samples.generator.book import Policy
from trade_exposure.samples.generator.draws import Chances, Draw
from trade_exposure.samples.generator.geography import Country
from trade_exposure.samples.generator.items import hs_weights
from trade_exposure.samples.generator.parties import INDUSTRIES, Party, Size, business_number, make_party
from trade_exposure.samples.generator.products import LENDER, Product

_FIRMS: dict[Size, tuple[int, int]] = {"LARGE": (1, 60), "MID": (1001, 220), "SME": (2001, 1400)}
_BANK = 9_000
_MULTIPLE = 90  # in a thousand comprehensive policies name no single country
_STRATEGIC = {"8710": "DEFENCE", "8802": "DEFENCE", "8901": "SHIP", "8905": "SHIP", "8541": "RENEWABLES", "8486": "AI"}
_PROJECTS = Chances({None: 26, "DEFENCE": 18, "RENEWABLES": 22, "SHIP": 18, "NUCLEAR": 6, "AI": 10})
_OF_AMERICA = Chances({"SHIP": 60, "AI": 16, "RENEWABLES": 12, "NUCLEAR": 12})
_HEDGES = Chances({"USD": 78, "EUR": 12, "JPY": 10})
RARE_CURRENCIES_FROM = date(2026, 1, 1)  # these are quoted by the Eximbank alone, which takes a request a day
_OTHER_CURRENCY = Chances({None: 970, "GBP": 10, "AED": 10, "IDR": 10})
# More insurance than exports goes to the Gulf, Africa and Latin America, less to Hong Kong, China and Taiwan.
_TASTE = {
    "MIDDLE_EAST": 30,
    "AFRICA": 22,
    "LATIN_AMERICA": 16,
    "CIS_CENTRAL_ASIA": 16,
    "CHINA": 4,
    "GREATER_CHINA_OTHER": 5,
}


class Market:
    """Countries, firms and currencies to choose from; hands out policy numbers."""

    def __init__(self, countries: Sequence[Country], seed: int) -> None:
        self.partners = {country.code for country in countries if country.is_partner}
        self._region = {country.code: country for country in countries}
        # The square root: insurers spread wider than exports do.
        weights = {
            country.code: isqrt(country.exports * 400) * _TASTE.get(country.region, 10) // 10 for country in countries
        }
        usual = {code: weight for code, weight in weights.items() if self._region[code].exports > 2 and code != "AN"}
        self._of_partners = Chances({code: weight for code, weight in usual.items() if code in self.partners})
        self._of_others = Chances({code: weight for code, weight in usual.items() if code not in self.partners})
        draw = Draw(seed, "firms")
        self._firms: dict[Size, list[Party]] = {
            size: [make_party(first + number, size, draw) for number in range(count)]
            for size, (first, count) in _FIRMS.items()
        }
        self._headings: dict[str, list[str]] = {}
        for code in hs_weights():
            self._headings.setdefault(code[:4], []).append(code)
        self._issued = 0

    def firm(self, size: Size, draw: Draw) -> Party:
        """A firm of that size."""
        return draw.pick(self._firms[size])

    def country(self, draw: Draw, *, is_partner: bool) -> str:
        """A country, emerging partner or not."""
        return (self._of_partners if is_partner else self._of_others).pick(draw)

    def open(
        self,
        product: Product,
        on: date,
        draw: Draw,
        *,
        size: Size | None = None,
        is_partner: bool | None = None,
        country: str | None = None,
        party: Party | None = None,
    ) -> Policy:
        """A new policy that begins on a day; what is not given is chosen as the product has it."""
        if party is None:
            share = draw.below(100)
            large, mid = product.large
            party = self.firm(size or ("LARGE" if share < large else "MID" if share < large + mid else "SME"), draw)
        if product.country in ("BUYER", "PROJECT"):
            attribution = "KNOWN"
            if country is None:
                country = self.country(draw, is_partner=draw.chance(560) if is_partner is None else is_partner)
            if product.code == "ST_COMP" and is_partner is False and draw.chance(_MULTIPLE):
                attribution, country = "MULTI", None
        else:
            attribution, country = product.country, None
        self._issued += 1
        hs_code = draw.pick(self._headings[draw.pick(INDUSTRIES[party.industry])]) if country else None
        term = draw.between(*product.term)
        is_long = product.kind == "long"
        return Policy(
            number=f"P{on:%y}{self._issued:07d}",
            product=product,
            party=party,
            obligor=self._obligor(product, draw),
            country=country,
            attribution=attribution,
            currency=self._currency(product, country, on, draw),
            cover=draw.pick(product.cover),
            strategic=self._strategic(hs_code, draw, country=country, is_long=is_long),
            hs_code=hs_code,
            weight=draw.heavy() * (3 if party.size == "LARGE" else 1),
            starts=on,
            ends=on + timedelta(days=term if product.kind in ("long", "hedge") else 365),
            # Every twentieth buyer has a third country pay for it; letters of credit bring in a bank's country.
            paying=(draw.pick(("SG", "HK", "AE", "US", "NL")) if draw.chance(50) and product.code != "SVC" else country)
            if country
            else None,
            guarantor=country if country and draw.chance(120) else None,
        )

    def _obligor(self, product: Product, draw: Draw) -> str | None:
        if product.country == "NONE":
            return None
        if product.country == "DOMESTIC":
            return business_number(20_000 + draw.below(900))
        return None if product.country == "UNALLOCATED" else f"B-SYN-{draw.below(4000):06d}"

    def insured(self, policy: Policy) -> tuple[str, str]:
        """Number and name of the insured party: a bank where the product insures lenders, else the firm."""
        if policy.product.code in LENDER:
            bank = _BANK + int(policy.number[-2:]) % 17
            return business_number(bank), f"가상은행 {bank - _BANK + 1:02d}"
        return policy.party.number, policy.party.name

    def _currency(self, product: Product, country: str | None, on: date, draw: Draw) -> str:
        if product.currencies in ("USD", "KRW"):
            return product.currencies
        if product.currencies == "HEDGE":
            return _HEDGES.pick(draw)
        where = self._region[country] if country else None
        chance = draw.below(100)
        if where and where.region == "EUROPE" and chance < 45:
            return "EUR"
        if where and where.code in ("JP", "CN") and chance < 40:
            return {"JP": "JPY", "CN": "CNY"}[where.code]
        other = _OTHER_CURRENCY.pick(draw)
        return other if other and on >= RARE_CURRENCIES_FROM else "USD"

    def _strategic(self, hs_code: str | None, draw: Draw, *, country: str | None, is_long: bool) -> str | None:
        if is_long:
            return _OF_AMERICA.pick(draw) if country == "US" else _PROJECTS.pick(draw)
        tag = _STRATEGIC.get(hs_code[:4]) if hs_code else None
        return tag if draw.chance(800) else None
