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
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds import periods
from trade_exposure.feeds.periods import Kind

if TYPE_CHECKING:
    import pyarrow as pa

DROP_CONNECTOR = "file_drop"
_DECIMAL = re.compile(r"DECIMAL\(([0-9]+),\s*([0-9]+)\)")
_PLAIN_TYPES = ("BIGINT", "VARCHAR", "DATE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE")


def decimal_shape(duckdb_type: str) -> tuple[int, int] | None:
    """Precision and scale of a ``DECIMAL(p,s)``, None for any other type."""
    match = _DECIMAL.fullmatch(duckdb_type)
    return (int(match[1]), int(match[2])) if match else None


def is_known_type(duckdb_type: str) -> bool:
    """True for the column types that a feed may have, DECIMAL(p,s) with p up to 38 among them."""
    shape = decimal_shape(duckdb_type)
    return duckdb_type in _PLAIN_TYPES if shape is None else 0 < shape[0] <= 38 and shape[1] <= shape[0]


@dataclass(frozen=True)
class Column:
    """One column of the typed rows.

    ``sources`` are the names that the source's field may have, the first that a file has is used; empty for a column that
    is worked out (then ``derivation`` says how). How a text becomes a value, in this order: ``null_words`` are no value;
    ``value_map`` replaces the source's words (``value_default`` stands for the words that it lacks, else they are refused;
    the empty text means no value); ``lookup`` names the code table that the text must be in; numbers are read by
    ``number_style`` and multiplied by ``scale``; dates by ``date_format`` (alternatives with ``|``); a text must match
    ``pattern`` as a whole; ``minimum`` and ``maximum`` bound numbers (after scaling) and dates. ``is_hashed`` columns hold
    the keyed hash of the text and never the text.
    """

    name: str
    type: str
    unit: str
    description: str
    sources: tuple[str, ...]
    title_ko: str
    nullable: bool
    derivation: str | None = None
    pattern: str | None = None
    date_format: str | None = None
    currency: str | None = None
    price_basis: str | None = None
    code_scheme: str | None = None
    number_style: str = "plain"
    scale: Decimal = Decimal(1)
    null_words: tuple[str, ...] = ()
    value_map: Mapping[str, str] = field(default_factory=dict)
    value_default: str | None = None
    lookup: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    is_hashed: bool = False

    @property
    def source_column(self) -> str | None:
        """The first name of the source's field, None for a column that is worked out."""
        return self.sources[0] if self.sources else None


@dataclass(frozen=True)
class FeedContract:
    """One feed's contract. Periods are days, months or years, named by their first day.

    ``table`` is the canonical table that the rows belong to: the feed's own, or one that several layouts fill. For an API
    ``trailing_periods`` periods are asked for on every run. ``expected_lag_days`` after a period's end it is expected whole;
    the newest data may be ``freshness_limit_days`` old. For dropped files ``file_names`` are regular expressions with the
    groups ``period`` (8, 6 or 4 digits) and perhaps ``slice``; a file without sidecar is complete when it has not changed for
    ``settle_seconds``. Source fields in ``never_read`` are known and never read. ``options`` and ``slice_options`` hold what
    only the feed's connector understands.
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
    table: str = ""
    period_kind: Kind = "month"
    is_private: bool = False
    file_names: tuple[str, ...] = ()
    encodings: tuple[str, ...] = ("utf-8-sig",)
    delimiter: str = ","
    settle_seconds: int = 60
    never_read: tuple[str, ...] = ()
    version_column: str | None = None
    cancellation_column: str | None = None
    scale_jump_limit: Decimal | None = None
    suite_file: str = "suite.json"
    options: Mapping[str, str] = field(default_factory=dict)
    slice_options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def arrival(self) -> Literal["api", "drop"]:
        """Whether the feed is asked for or its files are dropped."""
        return "drop" if self.connector == DROP_CONNECTOR else "api"

    @property
    def suite_path(self) -> Path:
        """The suite that judges the feed's loads."""
        return (self.path.parent / self.suite_file).resolve()

    def due_at(self, period: date) -> datetime:
        """The UTC instant at which the whole period is expected: midnight in the feed's zone, the lag after its end."""
        return self.due_after(periods.after(period, self.period_kind))

    def due_after(self, end: date) -> datetime:
        """The UTC instant at which what ended before ``end`` is expected."""
        day = end + timedelta(days=self.expected_lag_days)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)

    def latest_due_period(self, at: datetime) -> date:
        """The newest period of which data are expected at ``at`` (aware).

        For a feed that grows within its period that is the running one in the feed's zone, although the whole of it is due
        only later; for any other feed the newest period whose ``due_at`` has come.
        """
        running = periods.start_of(at.astimezone(ZoneInfo(self.timezone)).date(), self.period_kind)
        if self.grows_within_period:
            return running
        period = running
        while self.due_at(period) > at:
            period = periods.before(period, self.period_kind, 1)
        return period

    def latest_due_month(self, at: datetime) -> date:
        """The newest whole month of which data are expected at ``at`` (aware), whatever the feed's period."""
        month = at.astimezone(ZoneInfo(self.timezone)).date().replace(day=1)
        while self.due_after(first_of_next_month(month)) > at:
            month = periods.before(month, "month", 1)
        return month

    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the typed rows: the contract's columns in its order."""
        import pyarrow as pa

        plain = {
            "BIGINT": pa.int64(),
            "VARCHAR": pa.string(),
            "DATE": pa.date32(),
            "BOOLEAN": pa.bool_(),
            "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
        }
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
    return periods.after(day.replace(day=1), "month")


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
