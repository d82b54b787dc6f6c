"""Reads a contract file (Open Data Contract Standard v3) and says in one sentence what it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import yaml  # type: ignore[import-untyped]
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty, Team
from pydantic import ValidationError

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import Column, FeedContract, is_known_type

_OWN_PROPERTIES = {
    "connector",
    "connectionId",
    "timezone",
    "licence",
    "trailingPeriods",
    "growsWithinPeriod",
    "slices",
    "measures",
}
_DATE_FORMATS = ("yyyy.MM", "yyyyMMdd")


def read_contract(path: Path) -> FeedContract:
    """The contract in ``path``; see :func:`trade_exposure.feeds.contract.load_contract`."""
    return _Reader(path).contract()


class _Reader:
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

    def contract(self) -> FeedContract:
        """Every field, checked."""
        odcs = self.odcs
        if odcs.kind != "DataContract" or not (odcs.apiVersion or "").startswith("v3."):
            self.fail("needs kind DataContract and an apiVersion of v3")
        feed_id = self.text(odcs.id, "id")
        if feed_id != self.path.parent.name:
            self.fail(f"has the id {feed_id!r}, which must be the name of its folder")
        table = self._table()
        columns = tuple(self._column(prop, number) for number, prop in enumerate(table.properties or [], start=1))
        slices = self._slices()
        owns = self.custom.items()
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
            grows_within_period=self._flag("growsWithinPeriod"),
            slices=tuple(slices),
            columns=columns,
            measures=self._measures(columns),
            key=self._key(table),
            max_quarantined_share=self._max_quarantined_share(table),
            connection_id=self.text(self.custom.get("connectionId"), "customProperties.connectionId"),
            connector=self.text(self.custom.get("connector"), "customProperties.connector"),
            path=self.path,
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

    def _column(self, prop: SchemaProperty, number: int) -> Column:
        name = self.text(prop.name, f"schema.properties[{number}].name")
        where = f"schema.properties.{name}"
        duckdb_type = self.text(prop.physicalType, f"{where}.physicalType")
        if not is_known_type(duckdb_type):
            self.fail(f"has the physicalType {duckdb_type!r} at {where}; use BIGINT, VARCHAR, DATE or DECIMAL(p,s)")
        custom = {entry.property: entry.value for entry in prop.customProperties or []}
        options = prop.logicalTypeOptions or {}
        sources = prop.transformSourceObjects or []
        if len(sources) > 1 or (not sources and not prop.transformLogic):
            self.fail(f"needs one transformSourceObjects entry or a transformLogic at {where}")
        self.text(prop.logicalType, f"{where}.logicalType")
        if duckdb_type == "DATE" and sources and options.get("format") not in _DATE_FORMATS:
            self.fail(f"needs {where}.logicalTypeOptions.format as one of {', '.join(_DATE_FORMATS)}")
        return Column(
            name=name,
            type=duckdb_type,
            unit=self.text(custom.get("unit"), f"{where}.customProperties.unit"),
            description=self.text(prop.description, f"{where}.description"),
            source_column=self.text(sources[0], f"{where}.transformSourceObjects") if sources else None,
            title_ko=self.text(prop.businessName, f"{where}.businessName"),
            nullable=not prop.required,
            derivation=prop.transformLogic,
            pattern=self._pattern(options.get("pattern"), where),
            date_format=options.get("format"),
            currency=custom.get("currency"),
            price_basis=custom.get("priceBasis"),
        )

    def _pattern(self, pattern: Any, where: str) -> str | None:
        try:
            return None if pattern is None else re.compile(pattern).pattern
        except (re.error, TypeError):
            self.fail(f"has an unusable regular expression at {where}.logicalTypeOptions.pattern")

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

    def _flag(self, name: str) -> bool:
        value = self.custom.get(name)
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
