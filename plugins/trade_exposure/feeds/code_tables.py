"""Code tables for the lookups of contracts: a source's code or name of a country, currency, product … to our own key.

They are the CSV files among dbt's seeds, so that the warehouse and the parsers cannot know different countries. Names are
compared without blanks and case; codes exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from trade_exposure.errors import ConfigurationError
from trade_exposure.sql import literal


class CodeTable(NamedTuple):
    """How one lookup is read.

    ``queries`` give pairs of a text and our key, with ``{name}`` for the seed of that name; ``kind`` is what is unknown when a
    text is in none of them. ``is_by_name``: texts are names, compared without blanks and case.
    """

    kind: str
    is_by_name: bool
    queries: tuple[str, ...]


CODE_TABLES = {
    "country_iso2": CodeTable("country", False, ("select iso2, iso2 from {country}",)),
    "country_iso3": CodeTable("country", False, ("select iso3, iso2 from {country}",)),
    "country_customs": CodeTable("country", False, ("select customs_code, iso2 from {country}",)),
    "country_ksight": CodeTable("country", False, ("select ksight_code, iso2 from {ksight_country}",)),
    "country_name_ko": CodeTable(
        "country",
        True,
        (
            "select name_ko, iso2 from {country}",
            "select customs_name_ko, iso2 from {country}",
            "select alias, iso2 from {country_alias} where scheme = 'NAME_KO'",
        ),
    ),
    "country_name_en": CodeTable(
        "country",
        True,
        (
            "select name_en, iso2 from {country}",
            "select alias, iso2 from {country_alias} where scheme = 'NAME_EN'",
        ),
    ),
    "currency": CodeTable("currency", False, ("select currency, currency from {currency}",)),
    "product": CodeTable(
        "product",
        True,
        (
            "select product_code, product_code from {insurance_product}",
            "select name_ko, product_code from {insurance_product}",
            "select name_en, product_code from {insurance_product}",
            "select alias, product_code from {product_alias}",
        ),
    ),
    "region_name_ko": CodeTable(
        "region",
        True,
        (
            "select name_ko, region_key from {korean_region}",
            "select alias, region_key from {region_alias}",
        ),
    ),
    "center": CodeTable("center", False, ("select center_code, center_code from {trade_center}",)),
}


def key_of(lookup: str, text: str) -> str:
    """The form in which a text of ``lookup`` is compared."""
    return "".join(text.lower().split()) if CODE_TABLES[lookup].is_by_name else text.strip()


def code_table(lookup: str, seeds: Path) -> Mapping[str, str]:
    """Our key by the form (:func:`key_of`) of each known text.

    Raises:
        ConfigurationError: a seed is missing or unreadable, or a text stands for two keys.
    """
    paths = tuple(sorted(seeds.glob("*.csv")))
    return _code_table(lookup, seeds, tuple((path.name, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=64)
def _code_table(lookup: str, seeds: Path, _state: tuple[tuple[str, int], ...]) -> Mapping[str, str]:
    import duckdb

    sources = {path.stem: _read(path) for path in seeds.glob("*.csv")}
    try:
        queries = [query.format_map(sources) for query in CODE_TABLES[lookup].queries]
        with duckdb.connect(config={"threads": 1}) as connection:
            pairs = [pair for query in queries for pair in connection.execute(query).fetchall() if all(pair)]
    except KeyError as error:
        raise ConfigurationError(f"The code table {error.args[0]}.csv is missing in {seeds}; restore it.") from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise ConfigurationError(f"The code tables of {lookup} in {seeds} cannot be read: {reason}.") from None
    found: dict[str, str] = {}
    for text, key in pairs:
        if found.setdefault(key_of(lookup, text), key) != key:
            raise ConfigurationError(
                f"In the code tables of {lookup} in {seeds} {text!r} stands for {found[key_of(lookup, text)]} and for {key}; keep one."
            )
    if not found:
        raise ConfigurationError(f"The code tables of {lookup} in {seeds} are empty; restore them.")
    return found


def _read(path: Path) -> str:
    return f"read_csv({literal(path)}, header = true, all_varchar = true, nullstr = '', delim = ',', quote = '\"', escape = '\"')"
