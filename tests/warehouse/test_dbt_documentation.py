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
    "core.fct_center_contract",
    "core.fct_center_event",
    "core.fct_claim",
    "core.fct_claim_event",
    "core.fct_contract_ceiling",
    "core.fct_country_grade",
    "core.fct_country_grade_snapshot",
    "core.fct_country_limit",
    "core.fct_exposure_month_end",
    "core.fct_fx_clawback",
    "core.fct_fx_rate",
    "core.fct_fx_rate_eximbank",
    "core.fct_premium",
    "core.fct_recovery",
    "core.fct_region_trade",
    "core.fct_trade_item_month",
    "core.fct_trade_month",
    "core.fct_underwriting",
    "core.fct_underwriting_event",
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
    assert len(entries) > 1000
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


def expected_type(column: str) -> str | None:
    """Type of a column that holds money, by its name; None for other columns. Amounts of a feed keep the feed's width."""
    if column in ("krw_per_unit", "usd_krw_rate", "fx_rate"):
        return "DECIMAL(18,8)"
    if column == "quoted_krw":
        return "DECIMAL(18,6)"
    if column.endswith("_krw"):
        return "DECIMAL(28,0)"
    if column.endswith("_usd"):
        return "DECIMAL(28,2)"
    if column in ("amount", "insured_value") or column.endswith("_amount"):
        return "DECIMAL(24,2)"
    return None


def test_money_is_decimal_in_every_published_table(later_build: Any) -> None:
    types = later_build.query(
        "select table_name, column_name, data_type from information_schema.columns where table_schema in ('core', 'marts')"
    )
    money = [(table, column, kind) for table, column, kind in types if expected_type(column)]
    assert len(money) == 58
    assert [row for row in money if row[2] != expected_type(row[1])] == []
    assert [
        (table, column) for table, column, kind in types if kind in ("DOUBLE", "FLOAT") and "share" not in column
    ] == []
