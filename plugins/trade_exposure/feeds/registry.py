"""The registry of feeds: one contract file each, joined to the connector that the contract names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.feeds import (
    customs,
    customs_items,
    customs_regions,
    fx,
    fx_eximbank,
    ksure,
    periods,
    tabular,
)
from trade_exposure.feeds.contract import DROP_CONNECTOR, FeedContract, load_contracts
from trade_exposure.feeds.model import Journal, ParsedFiles, Part, Reply
from trade_exposure.settings import get_settings


class Connector(NamedTuple):
    """How a feed is asked (in one request or by a walk of many, neither for dropped files) and how its bytes are read."""

    parse: Callable[[FeedContract, Sequence[Part], date, str, Path], ParsedFiles]
    fetch: Callable[[FeedContract, date, str, datetime], Reply] | None = None
    walk: Callable[[FeedContract, date, str, Journal], None] | None = None


CONNECTORS = {
    "customs_country_trade": Connector(fetch=customs.fetch, parse=customs.parse),
    "customs_item_country_trade": Connector(walk=customs_items.walk, parse=customs_items.parse),
    "customs_region_trade": Connector(walk=customs_regions.walk, parse=customs_regions.parse),
    "ecos_daily_rate": Connector(fetch=fx.fetch, parse=fx.parse),
    "eximbank_rate": Connector(walk=fx_eximbank.walk, parse=fx_eximbank.parse),
    "ksure_country_grade": Connector(walk=ksure.walk, parse=ksure.parse),
    DROP_CONNECTOR: Connector(parse=tabular.parse),
}


@dataclass(frozen=True)
class Feed:
    """A registered feed."""

    contract: FeedContract

    @property
    def connector(self) -> Connector:
        """How it is asked and read."""
        return CONNECTORS[self.contract.connector]

    def fetch(self, period: date, slice_: str, at: datetime) -> Reply:
        """Ask the source for one period (named by its first day) of one slice, through the contract's Airflow connection.

        ``at`` is the instant (aware) that the run stands for.

        Raises:
            BadInput: no such slice, no first day of a period, or a feed that is not asked in one request.
            ConfigurationError: the connection is missing or unusable.
            SourceError: the source failed or refused, by kind; see :mod:`trade_exposure.errors`.
        """
        self.check(period, slice_)
        if self.connector.fetch is None:
            raise BadInput(
                f"{self.contract.feed_id} is not asked in one request; it is walked, or its files are dropped."
            )
        return self.connector.fetch(self.contract, period, slice_, at)

    def walk(self, period: date, slice_: str, journal: Journal) -> None:
        """Ask the source for one period of one slice in many requests, each answer into the journal.

        Raises:
            BadInput, ConfigurationError, SourceError: as for :meth:`fetch`.
        """
        self.check(period, slice_)
        if self.connector.walk is None:
            raise BadInput(f"{self.contract.feed_id} is not walked; its connector asks in one request or takes files.")
        self.connector.walk(self.contract, period, slice_, journal)

    def parse(self, parts: Sequence[Part], period: date, slice_: str, out: Path) -> ParsedFiles:
        """Typed rows of what arrived, fetched, dropped or saved by hand, as Parquet files in the folder ``out``.

        Raises:
            BadInput: no such slice.
            ReplyUnreadable: the bytes are cut off or of no known shape.
            LayoutRefused: a file is not laid out as the contract says.
            SourceError: the bytes are an error reply of the source.
        """
        self.check(period, slice_)
        return self.connector.parse(self.contract, parts, period, slice_, out)

    def check(self, period: date, slice_: str) -> None:
        """Whether there can be such a load.

        Raises:
            BadInput: no such slice, or no first day of a period.
        """
        contract = self.contract
        if slice_ not in contract.slices:
            raise BadInput(f"{contract.feed_id} has no slice {slice_!r}; it has {', '.join(contract.slices)}.")
        if contract.arrival == "api" and period != periods.start_of(period, contract.period_kind):
            raise BadInput(
                f"{period} begins no period of {contract.feed_id}; give the first day of the {contract.period_kind}."
            )


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
