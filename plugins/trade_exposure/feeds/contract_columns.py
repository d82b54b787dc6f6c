"""Reads one column of a contract file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from open_data_contract_standard.model import SchemaProperty

from trade_exposure.feeds.contract import Column, is_known_type

if TYPE_CHECKING:
    from trade_exposure.feeds.contract_file import Reader

DATE_FORMATS = (
    "yyyy.MM", "yyyyMM", "yyyy-MM", "yyyy", "yyyyMMdd", "yyyy-MM-dd", "yyyy.MM.dd", "yyyy/MM/dd", "dd.MM.yyyy", "MM/dd/yyyy",
)  # fmt: skip
NUMBER_STYLES = ("plain", "grouped", "parentheses", "european", "percent")
LOOKUPS = (
    "country_iso2", "country_iso3", "country_customs", "country_ksight", "country_name_ko", "country_name_en",
    "currency", "product", "region_name_ko", "center",
)  # fmt: skip
_OWN = {
    "unit", "codeScheme", "currency", "priceBasis", "numberStyle", "scale", "nullWords", "valueMap", "valueDefault",
    "lookup", "privacy",
}  # fmt: skip


def read_column(reader: Reader, prop: SchemaProperty, number: int) -> Column:
    """The ``number``-th property of the table, checked; complaints name the file and the property."""
    name = reader.text(prop.name, f"schema.properties[{number}].name")
    where = f"schema.properties.{name}"
    duckdb_type = reader.text(prop.physicalType, f"{where}.physicalType")
    if not is_known_type(duckdb_type):
        reader.fail(
            f"has the physicalType {duckdb_type!r} at {where}; use BIGINT, VARCHAR, DATE, BOOLEAN, "
            "TIMESTAMP WITH TIME ZONE or DECIMAL(p,s)"
        )
    custom = {entry.property or "": entry.value for entry in prop.customProperties or []}
    unknown = sorted(custom.keys() - _OWN)
    if unknown:
        reader.fail(f"has the unknown property {unknown[0]!r} at {where}.customProperties")
    options = prop.logicalTypeOptions or {}
    sources = prop.transformSourceObjects or []
    if not sources and not prop.transformLogic:
        reader.fail(f"needs a transformSourceObjects entry or a transformLogic at {where}")
    reader.text(prop.logicalType, f"{where}.logicalType")
    if duckdb_type == "DATE" and sources:
        formats = str(options.get("format") or "").split("|")
        if any(known not in DATE_FORMATS for known in formats):
            reader.fail(f"needs {where}.logicalTypeOptions.format as one of {', '.join(DATE_FORMATS)}")
    value_map = _value_map(reader, custom.get("valueMap"), where)
    if duckdb_type == "BOOLEAN" and sources and not {*value_map.values()} <= {"true", "false", ""}:
        reader.fail(f"needs true or false as values of {where}.customProperties.valueMap")
    return Column(
        name=name,
        type=duckdb_type,
        unit=reader.text(custom.get("unit"), f"{where}.customProperties.unit"),
        description=reader.text(prop.description, f"{where}.description"),
        sources=tuple(reader.text(source, f"{where}.transformSourceObjects") for source in sources),
        title_ko=reader.text(prop.businessName, f"{where}.businessName"),
        nullable=not prop.required,
        derivation=prop.transformLogic,
        pattern=_pattern(reader, options.get("pattern"), where),
        date_format=options.get("format"),
        currency=custom.get("currency"),
        price_basis=custom.get("priceBasis"),
        code_scheme=custom.get("codeScheme"),
        number_style=_one_of(reader, custom.get("numberStyle", "plain"), NUMBER_STYLES, f"{where} numberStyle"),
        scale=_scale(reader, custom.get("scale", 1), where),
        null_words=reader.texts(custom.get("nullWords", []), f"{where}.customProperties.nullWords"),
        value_map=value_map,
        value_default=None if custom.get("valueDefault") is None else str(custom["valueDefault"]),
        lookup=_one_of(reader, custom.get("lookup"), (None, *LOOKUPS), f"{where} lookup"),
        minimum=_bound(reader, options.get("minimum"), duckdb_type, where),
        maximum=_bound(reader, options.get("maximum"), duckdb_type, where),
        is_hashed=_one_of(reader, custom.get("privacy"), (None, "keyed_hash"), f"{where} privacy") is not None,
    )


def _pattern(reader: Reader, pattern: Any, where: str) -> str | None:
    try:
        return None if pattern is None else re.compile(pattern).pattern
    except (re.error, TypeError):
        reader.fail(f"has an unusable regular expression at {where}.logicalTypeOptions.pattern")


def _one_of(reader: Reader, value: Any, known: tuple[Any, ...], where: str) -> Any:
    if value not in known:
        reader.fail(f"has an unknown {where} {value!r}; use {', '.join(str(word) for word in known if word)}")
    return value


def _scale(reader: Reader, value: Any, where: str) -> Decimal:
    try:
        scale = Decimal(str(value))
    except InvalidOperation:
        scale = Decimal(0)
    if isinstance(value, bool) or not scale.is_finite() or scale <= 0:
        reader.fail(f"needs a number above 0 at {where}.customProperties.scale, not {value!r}")
    return scale


def _bound(reader: Reader, value: Any, duckdb_type: str, where: str) -> str | None:
    if value is None:
        return None
    try:
        if duckdb_type == "DATE":
            return date.fromisoformat(str(value)).isoformat()
        return format(Decimal(str(value)), "f")
    except (ValueError, InvalidOperation):
        reader.fail(f"has an unusable minimum or maximum {value!r} at {where}.logicalTypeOptions")


def _value_map(reader: Reader, value: Any, where: str) -> Mapping[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not value:
        reader.fail(f"needs a mapping at {where}.customProperties.valueMap")
    return {_word(word): _word(ours) for word, ours in value.items()}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
