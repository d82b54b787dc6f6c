"""The registry of feeds: one contract file each, joined to the connector that the contract names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.feeds import customs, fx
from trade_exposure.feeds.contract import FeedContract, load_contracts
from trade_exposure.feeds.model import Parsed, Reply
from trade_exposure.settings import get_settings


class Connector(NamedTuple):
    """How a feed is asked and how its bytes are read."""

    fetch: Callable[[FeedContract, date, str], Reply]
    parse: Callable[[FeedContract, bytes, date, str], Parsed]


CONNECTORS = {
    "customs_country_trade": Connector(fetch=customs.fetch, parse=customs.parse),
    "ecos_daily_rate": Connector(fetch=fx.fetch, parse=fx.parse),
}


@dataclass(frozen=True)
class Feed:
    """A registered feed."""

    contract: FeedContract

    def fetch(self, period: date, slice_: str) -> Reply:
        """Ask the source for one month (named by its first day) of one slice, through the contract's Airflow connection.

        Raises:
            BadInput: no such slice, or ``period`` is not the first of a month.
            ConfigurationError: the connection is missing or unusable.
            SourceError: the source failed or refused, by kind; see :mod:`trade_exposure.errors`.
        """
        self._check(period, slice_)
        return CONNECTORS[self.contract.connector].fetch(self.contract, period, slice_)

    def parse(self, body: bytes, period: date, slice_: str) -> Parsed:
        """Typed rows of a reply, whether fetched or saved by hand.

        Raises:
            BadInput: as for :meth:`fetch`.
            ReplyUnreadable: the bytes are cut off or of no known shape.
            SourceError: the bytes are an error reply of the source.
        """
        self._check(period, slice_)
        return CONNECTORS[self.contract.connector].parse(self.contract, body, period, slice_)

    def _check(self, period: date, slice_: str) -> None:
        contract = self.contract
        if slice_ not in contract.slices:
            raise BadInput(f"{contract.feed_id} has no slice {slice_!r}; it has {', '.join(contract.slices)}.")
        if period.day != 1:
            raise BadInput(f"{period} names no month of {contract.feed_id}; give the first day of the month.")


def contracts() -> dict[str, FeedContract]:
    """The contract of every registered feed, by id.

    Raises:
        ConfigurationError: a contract cannot be used, or names a connector that does not exist.
    """
    return dict(_contracts(get_settings().expectations_dir))


def feed(feed_id: str) -> Feed:
    """The feed with that id.

    Raises:
        BadInput: there is none.
        ConfigurationError: see :func:`contracts`.
    """
    known = contracts()
    if feed_id not in known:
        raise BadInput(f"There is no feed {feed_id!r}; the registered feeds are {', '.join(known)}.")
    return Feed(known[feed_id])


@lru_cache(maxsize=8)
def _contracts(directory: Path) -> dict[str, FeedContract]:
    found = load_contracts(directory)
    for contract in found.values():
        if contract.connector not in CONNECTORS:
            raise ConfigurationError(
                f"{contract.path} names the unknown connector {contract.connector!r} at customProperties.connector; "
                f"use {' or '.join(CONNECTORS)}."
            )
    return found
