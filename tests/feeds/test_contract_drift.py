"""The contracts and whatever repeats them say the same, held in both directions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from open_data_contract_standard.model import OpenDataContractStandard

from trade_exposure.feeds.code_tables import CODE_TABLES
from trade_exposure.feeds.contract import FeedContract, load_contracts
from trade_exposure.landing.lake import open_lake
from trade_exposure.quality.suite import Suite, load_suite
from trade_exposure.reports import data_dictionary, feed_pages
from trade_exposure.settings import get_settings
from trade_exposure.warehouse.inputs import write_lake_schema

SETTINGS = get_settings()
CONTRACTS = load_contracts(SETTINGS.expectations_dir)
TABLES = {contract.table: contract for contract in CONTRACTS.values()}
LEDGER = {"feed", "load", "load_control_total", "load_rule"}
VARIABLES = {"period_start": "2026-01-01", "period_end": "2026-12-31", "slice": "all"}
PRIVATE = {
    "center_contract_event",
    "insurance_underwriting_event",
    "insurance_exposure_month_end",
    "insurance_claim_event",
    "insurance_country_limit",
}


def common() -> dict[str, str]:
    return {name: kind for name, (kind, _, _) in data_dictionary.COMMON.items()}


def columns_of(contract: FeedContract) -> dict[str, str]:
    return {column.name: column.type for column in contract.columns}


def named(kind: str) -> str:
    """A type's name, however it is written."""
    kind = re.sub(r"\s*,\s*", ",", kind.strip().upper())
    return {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "TEXT": "VARCHAR"}.get(kind, kind)


def binder(contract: FeedContract) -> duckdb.DuckDBPyConnection:
    """An empty relation ``parsed`` with the contract's columns, and the seeds as the rules see them."""
    connection = duckdb.connect()
    typed = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in columns_of(contract).items())
    connection.execute(f"create table parsed as select {typed} where false")
    connection.execute("create schema reference")
    for seed in sorted((SETTINGS.dbt_dir / "seeds").glob("*.csv")):
        connection.execute(f"create view reference.{seed.stem} as from read_csv('{seed}', all_varchar = true)")
    return connection


def unbound_rules(contract: FeedContract, suite: Suite) -> list[str]:
    """Rules that name a column which the contract does not have."""
    known, found = set(columns_of(contract)), []
    connection = binder(contract)
    for rule in suite.with_variables(VARIABLES).rules:
        names = {rule.kwargs.get("column"), *rule.kwargs.get("column_list", ())} - {None}
        query = str(rule.kwargs.get("unexpected_rows_query", "select 1")).format(batch="parsed")
        try:
            connection.execute(f"explain {query}")
        except duckdb.BinderException as error:
            names.add(str(error))
        found += [rule.rule] * bool(names - known)
    return found


@cache
def dbt_sources() -> dict[str, dict[str, Any]]:
    """The tables of the dbt source ``lake``, by name."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((SETTINGS.dbt_dir / "models").rglob("*.yml")):
        for source in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("sources", []):
            if source["name"] == "lake":
                found |= {table["name"]: table for table in source["tables"]}
    return found


def test_every_feed_of_the_issue_has_its_contract() -> None:
    assert len(CONTRACTS) >= 12
    assert {name for name, contract in CONTRACTS.items() if contract.is_private} == PRIVATE
    assert {contract.arrival for contract in CONTRACTS.values()} == {"api", "drop"}


@pytest.mark.parametrize("feed_id", CONTRACTS)
def test_every_contract_keeps_to_the_standard_word_for_word(feed_id: str) -> None:
    schema = json.loads(OpenDataContractStandard.json_schema())
    document = yaml.safe_load(CONTRACTS[feed_id].path.read_text(encoding="utf-8"))
    jsonschema.Draft201909Validator(schema).validate(document)
    document["customProperties"][0]["surprise"] = 1
    assert not jsonschema.Draft201909Validator(schema).is_valid(document)


@pytest.mark.parametrize("feed_id", CONTRACTS)
def test_no_two_columns_share_a_description_or_a_korean_title(feed_id: str) -> None:
    columns = CONTRACTS[feed_id].columns
    for words in ([column.description for column in columns], [column.title_ko for column in columns]):
        assert len(set(words)) == len(words) > 4


@pytest.mark.parametrize("feed_id", sorted(PRIVATE | {"insurance_contract_ceiling"}))
def test_a_layout_of_ours_says_that_it_is_a_proposal_and_takes_both_languages(feed_id: str) -> None:
    contract = CONTRACTS[feed_id]
    assert "proposed layout" in contract.licence
    assert OpenDataContractStandard.from_string(contract.path.read_text(encoding="utf-8")).status == "proposed"
    for column in contract.columns:
        if column.sources:
            english, korean = column.sources
            assert english.isascii()
            assert not korean.isascii()
    assert contract.encodings == ("utf-8-sig", "cp949")


def test_every_contract_has_an_ingestion_and_every_ingestion_a_contract() -> None:
    bag = DagBag(str(SETTINGS.dags_dir))
    assert not bag.import_errors
    ingestions = {dag_id: dag for dag_id, dag in bag.dags.items() if dag_id.startswith("ingest_")}
    assert set(ingestions) == {f"ingest_{feed_id}" for feed_id in CONTRACTS}
    for feed_id, contract in CONTRACTS.items():
        dag = ingestions[f"ingest_{feed_id}"]
        assert dag.schedule == contract.schedule
        assert str(dag.timezone) == contract.timezone
        assert dag.owner == contract.owner


def test_every_contract_has_a_suite_and_every_suite_a_contract() -> None:
    judging = {contract.suite_path for contract in CONTRACTS.values()}
    assert all(path.is_file() for path in judging)
    assert judging == set(SETTINGS.expectations_dir.glob("*/suite.json"))


@pytest.mark.parametrize("feed_id", CONTRACTS)
def test_rules_name_columns_of_the_contract_and_keys_and_measures_have_rules(feed_id: str) -> None:
    contract = CONTRACTS[feed_id]
    suite = load_suite(contract.suite_path)
    assert len(suite.rules) > 4
    assert unbound_rules(contract, suite) == []
    wording = json.dumps([dict(rule.kwargs) for rule in suite.rules])
    for name in (*contract.key, *contract.measures):
        assert re.search(rf"\b{name}\b", wording), f"no rule of {feed_id} looks at {name}"


def test_a_rule_about_a_column_that_does_not_exist_is_found(tmp_path: Path) -> None:
    suite = json.loads((SETTINGS.expectations_dir / "insurance_claim_event" / "suite.json").read_text(encoding="utf-8"))
    rules = {rule["meta"]["rule"]: rule["kwargs"] for rule in suite["expectations"]}
    rules["negative_only_for_recoveries"]["unexpected_rows_query"] = "select source_row from {batch} where amont < 0"
    (tmp_path / "suite.json").write_text(json.dumps(suite), encoding="utf-8")
    assert unbound_rules(CONTRACTS["insurance_claim_event"], load_suite(tmp_path / "suite.json")) == [
        "negative_only_for_recoveries"
    ]
    fx = json.loads((SETTINGS.expectations_dir / "fx_daily_rate" / "suite.json").read_text(encoding="utf-8"))
    fx["expectations"] = [rule for rule in fx["expectations"] if "column" in rule["kwargs"]][:2]
    fx["expectations"][1]["kwargs"]["column"] = "rate"
    (tmp_path / "suite.json").write_text(json.dumps(fx), encoding="utf-8")
    assert len(unbound_rules(CONTRACTS["fx_daily_rate"], load_suite(tmp_path / "suite.json"))) == 1


def test_the_lake_shows_dbt_exactly_the_contracts_columns(home: Path) -> None:
    connection = duckdb.connect()
    write_lake_schema(connection, open_lake(), CONTRACTS, [], None)
    shown: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'lake'"
    ).fetchall():
        shown.setdefault(table, {})[column] = named(kind)
    assert set(shown) == set(TABLES) | LEDGER
    for table, contract in TABLES.items():
        assert shown[table] == {name: named(kind) for name, kind in columns_of(contract).items()} | common()


def test_the_lake_tells_every_contracts_cadence_and_freshness(home: Path) -> None:
    connection = duckdb.connect()
    write_lake_schema(connection, open_lake(), CONTRACTS, [], None)
    told = connection.execute(
        "select feed_id, table_name, cadence, expected_lag_days, freshness_limit_days, is_private from lake.feed"
    ).fetchall()
    assert sorted(told) == [
        (
            feed_id,
            contract.table,
            f"{contract.schedule} {contract.timezone}",
            contract.expected_lag_days,
            contract.freshness_limit_days,
            contract.is_private,
        )
        for feed_id, contract in sorted(CONTRACTS.items())
    ]


def test_the_dbt_sources_are_the_contracts_tables_and_the_ledger() -> None:
    assert set(dbt_sources()) == set(TABLES) | LEDGER


@pytest.mark.parametrize("table", TABLES)
def test_a_dbt_source_has_every_column_of_its_contract_and_no_other(table: str) -> None:
    declared = {column["name"]: named(column["data_type"]) for column in dbt_sources()[table]["columns"]}
    assert declared == {name: named(kind) for name, kind in columns_of(TABLES[table]).items()} | common()
    assert len(declared) > 8


def seed(name: str) -> Iterator[dict[str, str]]:
    path = SETTINGS.dbt_dir / "seeds" / f"{name}.csv"
    relation = duckdb.sql(f"from read_csv('{path}', all_varchar = true)")
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    assert rows, f"the seed {name} is empty"
    yield from rows


def test_the_centres_of_the_contract_are_those_of_the_seed() -> None:
    codes = [row["center_code"] for row in seed("trade_center")]
    assert list(CONTRACTS["center_contract_event"].slices) == codes
    assert len(codes) == 20


def test_every_code_table_that_a_contract_names_exists() -> None:
    used = {column.lookup for contract in CONTRACTS.values() for column in contract.columns if column.lookup}
    assert {"country_iso2", "country_name_ko", "product", "currency", "region_name_ko", "center"} <= used
    assert used <= set(CODE_TABLES)


def words(feed_id: str, column: str) -> set[str]:
    found = next(c for c in CONTRACTS[feed_id].columns if c.name == column)
    return set(found.value_map.values())


def test_the_seeds_rules_speak_the_words_of_the_contracts() -> None:
    events = words("insurance_underwriting_event", "event_type")
    assert {row["event_type"] for row in seed("volume_rule")} <= events
    attributions = words("insurance_underwriting_event", "country_attribution")
    assert attributions == {"KNOWN", "MULTI", "DOMESTIC", "NONE", "UNALLOCATED"}
    roles = {name.removesuffix("_country_iso2").upper() for name in columns_of(TABLES["insurance_underwriting_event"])}
    assert {row["country_role"] for row in seed("attribution_rule")} <= roles | attributions
    groups = words("insurance_contract_ceiling", "product_group")
    assert {row["ceiling_group"] for row in seed("insurance_product")} <= groups
    for feed_id in ("insurance_exposure_month_end", "insurance_claim_event"):
        assert words(feed_id, "country_attribution") == attributions


@pytest.mark.parametrize(
    ("name", "draw"),
    [("data_dictionary.md", data_dictionary.draw_dictionary), ("feeds.md", feed_pages.draw_pages)],
)
def test_the_drawn_documents_are_those_in_the_docs(name: str, draw: Any) -> None:
    drawn = draw(CONTRACTS.values())
    assert (SETTINGS.code / "docs" / name).read_text(encoding="utf-8") == drawn, (
        f"docs/{name} is out of date; run python -m trade_exposure.reports.data_dictionary"
    )
    for contract in CONTRACTS.values():
        assert f"](#{contract.table if name.startswith('data') else contract.feed_id})" in drawn


def test_a_changed_contract_changes_the_drawn_documents(tmp_path: Path) -> None:
    ceiling = CONTRACTS["insurance_contract_ceiling"]
    before = data_dictionary.draw_dictionary([ceiling]), feed_pages.draw_pages([ceiling])
    folder = tmp_path / "insurance_contract_ceiling"
    folder.mkdir()
    text = ceiling.path.read_text(encoding="utf-8").replace("scale, value: 100000000", "scale, value: 1000000")
    (folder / "contract.yaml").write_text(text.replace("25 8-20 * * *", "26 8-20 * * *"), encoding="utf-8")
    (folder / "suite.json").symlink_to(ceiling.suite_path)
    changed = list(load_contracts(tmp_path).values())
    written = [path.read_text(encoding="utf-8") for path in data_dictionary.write(tmp_path, changed)]
    assert all(old != new for old, new in zip(before, written, strict=True))
