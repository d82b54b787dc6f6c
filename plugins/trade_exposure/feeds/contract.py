"""The contract of a feed: what its file under ``expectations/<feed_id>/contract.yaml`` promises, as Python values.

The file follows the Open Data Contract Standard v3; what the standard has no place for is a ``customProperties`` entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from trade_exposure.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa

_DECIMAL = re.compile(r"DECIMAL\(([0-9]+),\s*([0-9]+)\)")
_PLAIN_TYPES = ("BIGINT", "VARCHAR", "DATE")


def decimal_shape(duckdb_type: str) -> tuple[int, int] | None:
    """Precision and scale of a ``DECIMAL(p,s)``, None for any other type."""
    match = _DECIMAL.fullmatch(duckdb_type)
    return (int(match[1]), int(match[2])) if match else None


def is_known_type(duckdb_type: str) -> bool:
    """True for the column types that a feed may have: BIGINT, VARCHAR, DATE, DECIMAL(p,s) with p up to 38."""
    shape = decimal_shape(duckdb_type)
    return duckdb_type in _PLAIN_TYPES if shape is None else 0 < shape[0] <= 38 and shape[1] <= shape[0]


@dataclass(frozen=True)
class Column:
    """One column of the typed rows.

    ``source_column`` is the source's field, None for a column that is worked out (then ``derivation`` says how).
    ``pattern`` is a regular expression that a text must match as a whole, ``date_format`` how the source writes a date
    (``yyyy.MM`` or ``yyyyMMdd``); both None where they do not apply.
    """

    name: str
    type: str
    unit: str
    description: str
    source_column: str | None
    title_ko: str
    nullable: bool
    derivation: str | None = None
    pattern: str | None = None
    date_format: str | None = None
    currency: str | None = None
    price_basis: str | None = None


@dataclass(frozen=True)
class FeedContract:
    """One feed's contract. Periods are months, named by their first day.

    ``trailing_periods`` months are asked for on every run. ``expected_lag_days`` after a month's end it is expected whole;
    the newest data may be ``freshness_limit_days`` old. ``options`` and ``slice_options`` hold what only the feed's
    connector understands (request path, item codes, quote units).
    """

    feed_id: str
    version: str
    title_en: str
    title_ko: str
    owner: str
    licence: str
    schedule: str
    timezone: str
    trailing_periods: int
    expected_lag_days: int
    freshness_limit_days: int
    grows_within_period: bool
    slices: tuple[str, ...]
    columns: tuple[Column, ...]
    measures: tuple[str, ...]
    key: tuple[str, ...]
    max_quarantined_share: Decimal
    connection_id: str
    connector: str
    path: Path
    options: Mapping[str, str] = field(default_factory=dict)
    slice_options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def due_at(self, period: date) -> datetime:
        """The UTC instant at which the whole month is expected: midnight in the feed's zone, the lag after its end."""
        day = first_of_next_month(period) + timedelta(days=self.expected_lag_days)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)

    def latest_due_period(self, at: datetime) -> date:
        """The newest month of which data are expected at ``at`` (aware).

        For a feed that grows within the month that is the running month in the feed's zone, although the whole of it is
        due only later; for any other feed the newest month whose ``due_at`` has come.
        """
        running = at.astimezone(ZoneInfo(self.timezone)).date().replace(day=1)
        if self.grows_within_period:
            return running
        period = running
        while self.due_at(period) > at:
            period = (period - timedelta(days=1)).replace(day=1)
        return period

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the typed rows: the contract's columns in its order."""
        import pyarrow as pa

        plain = {"BIGINT": pa.int64(), "VARCHAR": pa.string(), "DATE": pa.date32()}
        fields = []
        for column in self.columns:
            shape = decimal_shape(column.type)
            fields.append(
                pa.field(column.name, pa.decimal128(*shape) if shape else plain[column.type], column.nullable)
            )
        return pa.schema(fields)

    def option(self, name: str) -> str:
        """A setting of the connector.

        Raises:
            ConfigurationError: the contract has no such custom property.
        """
        if name not in self.options:
            raise ConfigurationError(f"{self.path} lacks customProperties.{name}; add it, its connector needs it.")
        return self.options[name]

    def slice_option(self, slice_: str, name: str) -> str:
        """A setting of one slice.

        Raises:
            ConfigurationError: the slice has no such setting.
        """
        options = self.slice_options.get(slice_, {})
        if name not in options:
            raise ConfigurationError(f"{self.path} lacks {name} of slice {slice_} in customProperties.slices; add it.")
        return options[name]


def first_of_next_month(day: date) -> date:
    """First day of the month after ``day``'s."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def load_contract(path: Path) -> FeedContract:
    """Read one contract file.

    Raises:
        ConfigurationError: the file is missing, is no ODCS v3 contract, or lacks something; the sentence names file and field.
    """
    from trade_exposure.feeds.contract_file import read_contract

    return read_contract(path)


def load_contracts(directory: Path) -> dict[str, FeedContract]:
    """Every ``<feed_id>/contract.yaml`` in a directory, by feed id in alphabetical order.

    Raises:
        ConfigurationError: there is none, or one of them cannot be used.
    """
    paths = sorted(directory.glob("*/contract.yaml"))
    if not paths:
        raise ConfigurationError(f"{directory} holds no <feed>/contract.yaml; point EXPOSURE_CODE at the checkout.")
    contracts = [load_contract(path) for path in paths]
    return {contract.feed_id: contract for contract in contracts}
