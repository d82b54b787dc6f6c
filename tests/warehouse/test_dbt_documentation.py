"""Every table and column of the project says in its own words what it is, in English and by a Korean title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

HANGUL = re.compile("[가-힣]|^(ISO|M49)")
PUBLISHED = {
    "core.bridge_market_membership",
    "core.dim_country",
    "core.dim_market_definition",
    "core.fct_fx_rate",
    "core.fct_trade_month",
    "marts.mart_data_quality",
    "marts.mart_market_exports",
}


def described(manifest: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """``(name, description, Korean title)`` of every model, seed and source table and of their columns."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    for node in [*nodes, *manifest["sources"].values()]:
        name = f"{node['schema']}.{node['name']}"
        yield name, node["description"], node["config"]["meta"].get("title_ko", "")
        for column in node["columns"].values():
            yield f"{name}.{column['name']}", column["description"], column["config"]["meta"].get("title_ko", "")


def undocumented(entries: list[tuple[str, str, str]]) -> list[str]:
    """Names whose description is missing or somebody else's, or whose title is not Korean."""
    uses = Counter(" ".join(description.lower().split()) for _, description, _ in entries)
    return [
        name
        for name, description, title in entries
        if not description.strip() or uses[" ".join(description.lower().split())] > 1 or not HANGUL.search(title)
    ]


@pytest.fixture(scope="module")
def manifest(later_build: Any) -> dict[str, Any]:
    return dict(later_build.artefact("manifest"))


def test_every_description_is_there_and_is_its_own(manifest: dict[str, Any]) -> None:
    entries = list(described(manifest))
    assert len(entries) > 250
    assert undocumented(entries) == []


def test_a_copied_or_missing_description_or_title_is_found() -> None:
    entries = [
        ("a.one", "The month.", "월"),
        ("a.two", "the  month.", "월"),
        ("a.three", " ", "값"),
        ("a.four", "Own words.", "Month"),
        ("a.five", "More own words.", "월"),
    ]
    assert undocumented(entries) == ["a.one", "a.two", "a.three", "a.four"]


def test_the_documented_columns_are_the_columns_of_the_table_in_order(
    manifest: dict[str, Any], later_build: Any
) -> None:
    found: dict[str, list[str]] = {}
    for schema, table, column in later_build.query(
        "select table_schema, table_name, column_name from information_schema.columns order by table_schema, table_name, ordinal_position"
    ):
        found.setdefault(f"{schema}.{table}", []).append(column)
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    documented = {
        f"{node['schema']}.{node['name']}": [column["name"] for column in node["columns"].values()]
        for node in [*nodes, *manifest["sources"].values()]
    }
    # The order of the lake's columns is the parsers' affair.
    assert {name: sorted(columns) if name.startswith("lake.") else columns for name, columns in documented.items()} == {
        name: sorted(columns) if name.startswith("lake.") else columns for name, columns in found.items()
    }


def test_every_published_column_has_an_enforced_type(manifest: dict[str, Any]) -> None:
    published = [
        node
        for node in manifest["nodes"].values()
        if node["schema"] in ("core", "marts") and node["resource_type"] == "model"
    ]
    assert {f"{node['schema']}.{node['name']}" for node in published} == PUBLISHED
    for node in published:
        assert node["contract"]["enforced"], node["name"]
        untyped = [column["name"] for column in node["columns"].values() if not column["data_type"]]
        assert untyped == [], node["name"]


def test_money_is_decimal_in_every_published_table(later_build: Any) -> None:
    types = dict(
        later_build.query(
            "select table_name || '.' || column_name, data_type from information_schema.columns where table_schema in ('core', 'marts') "
            "and (column_name like '%\\_usd' escape '\\' or column_name like '%krw%') and column_name not in ('krw_status')"
        )
    )
    assert types == {
        "fct_fx_rate.krw_per_unit": "DECIMAL(18,8)",
        "fct_fx_rate.quoted_krw": "DECIMAL(18,6)",
        "fct_trade_month.exports_usd": "DECIMAL(28,2)",
        "fct_trade_month.imports_usd": "DECIMAL(28,2)",
        "fct_trade_month.trade_balance_usd": "DECIMAL(28,2)",
        "mart_market_exports.exports_krw": "DECIMAL(28,0)",
        "mart_market_exports.exports_usd": "DECIMAL(28,2)",
        "mart_market_exports.imports_usd": "DECIMAL(28,2)",
        "mart_market_exports.usd_krw_rate": "DECIMAL(18,8)",
    }
