"""Reads a contract file (Open Data Contract Standard v3) and says in one sentence what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import yaml  # type: ignore[import-untyped]
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, Team
from pydantic import ValidationError

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import DROP_CONNECTOR, Column, FeedContract
from trade_exposure.feeds.contract_columns import read_column
from trade_exposure.feeds.contract_drops import FILE_PROPERTIES, file_rules
from trade_exposure.feeds.periods import KINDS

_OWN_PROPERTIES = {
    "connector",
    "connectionId",
    "timezone",
    "licence",
    "trailingPeriods",
    "growsWithinPeriod",
    "slices",
    "measures",
    *FILE_PROPERTIES,
}


def read_contract(path: Path) -> FeedContract:
    """The contract in ``path``; see :func:`trade_exposure.feeds.contract.load_contract`."""
    return Reader(path).contract()


class Reader:
    """One file being read; every complaint names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.odcs = self._load()
        self.custom = {entry.property or "": entry.value for entry in self.odcs.customProperties or []}
        self.sla = {entry.property or "": entry for entry in self.odcs.slaProperties or []}

    def _load(self) -> OpenDataContractStandard:
        try:
            return OpenDataContractStandard.from_string(self.path.read_text(encoding="utf-8"))
        except OSError as error:
            self.fail(f"cannot be read ({error.strerror})")
        except ValidationError as error:
            first = error.errors()[0]
            self.fail(f"has an unusable {'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
        except (yaml.YAMLError, TypeError, ValueError) as error:
            self.fail(f"is no YAML mapping ({type(error).__name__})")

    def fail(self, what: str) -> NoReturn:
        """Raise the one sentence."""
        raise ConfigurationError(f"The contract {self.path} {what}.") from None

    def need(self, value: Any, field: str) -> Any:
        """``value``, unless it is missing or empty."""
        if value is None or value == "" or value == []:
            self.fail(f"lacks {field}")
        return value

    def text(self, value: Any, field: str) -> str:
        """A text that must be there."""
        if not isinstance(self.need(value, field), str):
            self.fail(f"needs a text as {field}, not {value!r}")
        return " ".join(str(value).split())

    def count(self, value: Any, field: str, *, least: int) -> int:
        """A whole number that must be there."""
        if isinstance(self.need(value, field), bool) or not isinstance(value, int) or value < least:
            self.fail(f"needs a whole number of at least {least} as {field}, not {value!r}")
        return value

    def texts(self, value: Any, field: str) -> tuple[str, ...]:
        """A list of texts, perhaps empty."""
        if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
            self.fail(f"needs a list of texts at {field}")
        self._no_repeats(value, field)
        return tuple(value)

    def contract(self) -> FeedContract:
        """Every field, checked."""
        odcs = self.odcs
        if odcs.kind != "DataContract" or not (odcs.apiVersion or "").startswith("v3."):
            self.fail("needs kind DataContract and an apiVersion of v3")
        feed_id = self.text(odcs.id, "id")
        if feed_id != self.path.parent.name:
            self.fail(f"has the id {feed_id!r}, which must be the name of its folder")
        table = self._table()
        columns = tuple(read_column(self, prop, number) for number, prop in enumerate(table.properties or [], start=1))
        slices = self._slices()
        owns = self.custom.items()
        connector = self.text(self.custom.get("connector"), "customProperties.connector")
        return FeedContract(
            feed_id=feed_id,
            version=self.text(odcs.version, "version"),
            title_en=self.text(odcs.name, "name"),
            title_ko=self.text(table.businessName, "schema.businessName"),
            owner=self._owner(),
            licence=self.text(self.custom.get("licence"), "customProperties.licence"),
            schedule=self._schedule(),
            timezone=self._timezone(),
            trailing_periods=self.count(
                self.custom.get("trailingPeriods"), "customProperties.trailingPeriods", least=1
            ),
            expected_lag_days=self._sla_days("latency"),
            freshness_limit_days=self._sla_days("freshness"),
            grows_within_period=self.flag("growsWithinPeriod"),
            slices=tuple(slices),
            columns=columns,
            measures=self._measures(columns),
            key=self._key(table),
            max_quarantined_share=self._max_quarantined_share(table),
            connection_id=""
            if connector == DROP_CONNECTOR
            else self.text(self.custom.get("connectionId"), "customProperties.connectionId"),
            connector=connector,
            path=self.path,
            table=self.text(table.name, "schema.name"),
            period_kind=self._period_kind(),
            suite_file=self._suite_file(table),
            **file_rules(self, columns, is_dropped=connector == DROP_CONNECTOR),
            options={name: str(value) for name, value in owns if name not in _OWN_PROPERTIES},
            slice_options=slices,
        )

    def _table(self) -> SchemaObject:
        tables = self.need(self.odcs.schema_, "schema")
        if len(tables) != 1:
            self.fail(f"needs exactly one table under schema, not {len(tables)}")
        table: SchemaObject = tables[0]
        self.need(table.properties, "schema.properties")
        return table

    def _owner(self) -> str:
        team = self.odcs.team
        members = (team.members if isinstance(team, Team) else team) or []
        owners = [member.username for member in members if member.role == "owner"]
        return self.text(owners[0] if owners else None, "a member with the role owner under team.members")

    def _schedule(self) -> str:
        entry = self.need(self.sla.get("frequency"), "slaProperties.frequency")
        schedule = self.text(entry.schedule, "slaProperties.frequency.schedule")
        if entry.scheduler != "cron" or len(schedule.split()) != 5:
            self.fail("needs slaProperties.frequency with the scheduler cron and a schedule of five fields")
        return schedule

    def _sla_days(self, name: str) -> int:
        entry = self.need(self.sla.get(name), f"slaProperties.{name}")
        if entry.unit != "d":
            self.fail(f"needs the unit d at slaProperties.{name}")
        return self.count(entry.value, f"slaProperties.{name}.value", least=0)

    def _timezone(self) -> str:
        name = self.text(self.custom.get("timezone"), "customProperties.timezone")
        try:
            return ZoneInfo(name).key
        except (ValueError, OSError, KeyError):
            self.fail(f"names an unknown time zone {name!r} at customProperties.timezone")

    def _period_kind(self) -> Any:
        kind = self.custom.get("periodKind", "month")
        if kind not in KINDS:
            self.fail(f"needs one of {', '.join(KINDS)} at customProperties.periodKind, not {kind!r}")
        return kind

    def _suite_file(self, table: SchemaObject) -> str:
        found = [rule for rule in table.quality or [] if rule.id == "suite"]
        return self.text(found[0].implementation if found else None, "a schema.quality entry suite with implementation")

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """A custom property that is true or false."""
        value = self.custom.get(name, default)
        if not isinstance(value, bool):
            self.fail(f"needs true or false at customProperties.{name}")
        return value

    def _slices(self) -> dict[str, Mapping[str, str]]:
        entries = self.need(self.custom.get("slices"), "customProperties.slices")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fail("needs a list of mappings at customProperties.slices")
        names = [self.text(entry.get("name"), "name of an entry of customProperties.slices") for entry in entries]
        self._no_repeats(names, "customProperties.slices")
        return {
            name: {key: str(value) for key, value in entry.items() if key != "name"}
            for name, entry in zip(names, entries, strict=True)
        }

    def _measures(self, columns: tuple[Column, ...]) -> tuple[str, ...]:
        names = self.need(self.custom.get("measures"), "customProperties.measures")
        amounts = {column.name for column in columns if column.type.startswith("DECIMAL") and column.source_column}
        if not isinstance(names, list) or not all(isinstance(name, str) and name in amounts for name in names):
            self.fail(f"needs names of DECIMAL columns with a source at customProperties.measures, not {names!r}")
        return tuple(names)

    def _key(self, table: SchemaObject) -> tuple[str, ...]:
        parts = sorted(
            (prop.primaryKeyPosition or 0, prop.name or "") for prop in table.properties or [] if prop.primaryKey
        )
        return tuple(name for _, name in self.need(parts, "primaryKey on any column"))

    def _max_quarantined_share(self, table: SchemaObject) -> Decimal:
        found = [rule for rule in table.quality or [] if rule.id == "max_quarantined_share" and rule.unit == "percent"]
        percent = found[0].mustBeLessOrEqualTo if found else None
        if percent is None or not 0 <= percent <= 100:
            self.fail(
                "needs a schema.quality entry max_quarantined_share in percent, mustBeLessOrEqualTo between 0 and 100"
            )
        return Decimal(str(percent)) / 100

    def _no_repeats(self, names: Iterable[str], field: str) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.fail(f"repeats {name!r} in {field}")
            seen.add(name)
