"""The contract files, and what a contract says about time."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds import periods
from trade_exposure.feeds.contract import load_contract, load_contracts
from trade_exposure.settings import get_settings

EXPECTATIONS = get_settings().expectations_dir
FEEDS = (
    "center_contract_event",
    "customs_country_trade",
    "customs_item_country_trade",
    "customs_region_trade",
    "fx_daily_rate",
    "fx_eximbank_rate",
    "insurance_claim_event",
    "insurance_contract_ceiling",
    "insurance_country_limit",
    "insurance_exposure_month_end",
    "insurance_underwriting_event",
    "ksure_country_grade",
)
ALL = [load_contract(EXPECTATIONS / feed / "contract.yaml") for feed in FEEDS]
CUSTOMS, FX, CLAIMS = (
    ALL[FEEDS.index(name)] for name in ("customs_country_trade", "fx_daily_rate", "insurance_claim_event")
)


def test_every_feed_is_registered_by_its_contract_file() -> None:
    assert list(load_contracts(EXPECTATIONS)) == list(FEEDS)


def test_what_a_contract_says_of_dropped_files_and_their_texts() -> None:
    assert (CLAIMS.arrival, CLAIMS.connection_id, CLAIMS.is_private) == ("drop", "", True)
    assert CLAIMS.encodings == ("utf-8-sig", "cp949")
    assert CLAIMS.version_column == "record_version"
    columns = {column.name: column for column in CLAIMS.columns}
    assert columns["amount"].number_style == "parentheses"
    assert columns["policy_id"].is_hashed
    assert columns["event_type"].value_map["회수"] == columns["event_type"].value_map["RECOVERY"] == "RECOVERY"
    assert len(columns["event_type"].sources) == 2
    limit = next(c for c in ALL[FEEDS.index("insurance_country_limit")].columns if c.name == "limit_amount_krw")
    assert (limit.scale, limit.number_style) == (Decimal(100_000_000), "grouped")
    assert (CUSTOMS.arrival, CUSTOMS.is_private, CUSTOMS.file_names) == ("api", False, ())


def test_the_typed_columns_of_customs_trade_are_the_agreed_ones() -> None:
    assert [(column.name, column.type) for column in CUSTOMS.columns] == [
        ("source_row", "BIGINT"),
        ("reference_month", "DATE"),
        ("customs_code", "VARCHAR"),
        ("customs_name_ko", "VARCHAR"),
        ("exports_usd", "DECIMAL(20,0)"),
        ("imports_usd", "DECIMAL(20,0)"),
        ("trade_balance_usd", "DECIMAL(20,0)"),
        ("export_declarations", "BIGINT"),
        ("import_declarations", "BIGINT"),
    ]
    assert CUSTOMS.measures == ("exports_usd", "imports_usd")
    assert CUSTOMS.key == ("reference_month", "customs_code")
    assert {column.name: column.price_basis for column in CUSTOMS.columns if column.price_basis} == {
        "exports_usd": "FOB",
        "imports_usd": "CIF",
        "trade_balance_usd": "FOB-CIF",
    }


def test_the_typed_columns_of_exchange_rates_are_the_agreed_ones() -> None:
    assert [(column.name, column.type) for column in FX.columns] == [
        ("source_row", "BIGINT"),
        ("rate_on", "DATE"),
        ("currency", "VARCHAR"),
        ("quote_units", "BIGINT"),
        ("quoted_krw", "DECIMAL(18,6)"),
        ("krw_per_unit", "DECIMAL(18,8)"),
        ("item_code", "VARCHAR"),
        ("item_name_ko", "VARCHAR"),
        ("unit_name_ko", "VARCHAR"),
    ]
    assert FX.slices == ("USD", "JPY", "EUR", "CNY")
    assert [FX.slice_option(name, "quoteUnits") for name in FX.slices] == ["1", "100", "1", "1"]
    items = [FX.slice_option(name, "itemCode") for name in FX.slices]
    assert items == ["0000001", "0000002", "0000003", "0000053"]


@pytest.mark.parametrize("contract", ALL, ids=FEEDS)
def test_the_arrow_schema_follows_the_contract(contract: Any) -> None:
    schema = contract.arrow_schema()
    assert schema.names == [column.name for column in contract.columns]
    assert [field.nullable for field in schema] == [column.nullable for column in contract.columns]
    for column in contract.columns:
        if column.type.startswith("DECIMAL"):
            assert (
                str(schema.field(column.name).type)
                == f"decimal128{column.type.removeprefix('DECIMAL').replace(',', ', ')}"
            )


@pytest.mark.parametrize("contract", ALL, ids=FEEDS)
def test_no_two_columns_share_a_description_or_a_korean_title(contract: Any) -> None:
    for words in ([c.description for c in contract.columns], [c.title_ko for c in contract.columns]):
        assert len(set(words)) == len(words) > 4


def test_rates_of_ecos_are_not_said_to_be_free_to_pass_on() -> None:
    assert "unknown" in FX.licence
    assert "이용허락범위 제한 없음" in CUSTOMS.licence


def test_a_customs_month_is_due_when_the_fifteenth_of_the_next_month_has_passed_in_seoul() -> None:
    assert CUSTOMS.due_at(date(2026, 10, 1)) == datetime(2026, 11, 15, 15, tzinfo=UTC)
    assert CUSTOMS.due_at(date(2026, 12, 1)) == datetime(2027, 1, 15, 15, tzinfo=UTC)


def test_the_newest_due_customs_month_changes_at_the_due_instant_and_not_before() -> None:
    due = CUSTOMS.due_at(date(2026, 10, 1))
    assert CUSTOMS.latest_due_period(due) == date(2026, 10, 1)
    assert CUSTOMS.latest_due_period(due - timedelta(seconds=1)) == date(2026, 9, 1)


def test_the_newest_year_of_rates_is_the_running_one_in_seoul() -> None:
    first_minute_in_seoul = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert FX.latest_due_period(first_minute_in_seoul) == date(2027, 1, 1)
    assert FX.latest_due_period(first_minute_in_seoul - timedelta(seconds=1)) == date(2026, 1, 1)
    assert FX.due_at(date(2026, 1, 1)) == datetime(2027, 1, 1, 15, tzinfo=UTC)


def test_the_newest_whole_month_that_is_due_is_told_of_a_yearly_feed_too() -> None:
    items = ALL[FEEDS.index("customs_item_country_trade")]
    due = datetime(2026, 11, 15, 15, tzinfo=UTC)
    assert items.latest_due_month(due) == date(2026, 10, 1)
    assert items.latest_due_month(due - timedelta(seconds=1)) == date(2026, 9, 1)


def test_the_rates_reach_back_over_every_month_that_customs_asks_for_again() -> None:
    at = CUSTOMS.due_at(date(2026, 10, 1))
    oldest = [periods.before(c.latest_due_period(at), c.period_kind, c.trailing_periods - 1) for c in (CUSTOMS, FX)]
    assert oldest[1] <= oldest[0] == date(2025, 10, 1)


@pytest.mark.parametrize("feed_id", FEEDS)
def test_the_contract_file_keeps_to_the_standard_word_for_word(feed_id: str) -> None:
    document = yaml.safe_load((EXPECTATIONS / feed_id / "contract.yaml").read_text(encoding="utf-8"))
    schema = json.loads(OpenDataContractStandard.json_schema())
    jsonschema.Draft201909Validator(schema).validate(document)
    broken = copy.deepcopy(document)
    broken["slaProperties"][0]["surprise"] = 1
    assert not jsonschema.Draft201909Validator(schema).is_valid(broken)


def _drop(*keys: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for key in keys[:-1]:
            inner = inner[key]
        del inner[keys[-1]]

    return change


def _put(value: Any, *keys: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value

    return change


def _without_custom(name: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["customProperties"] = [entry for entry in document["customProperties"] if entry["property"] != name]

    return change


def _custom(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        next(entry for entry in document["customProperties"] if entry["property"] == name)["value"] = value

    return change


PROPERTY = ("schema", 0, "properties")
BROKEN: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("kind DataContract", _put("Something", "kind")),
    ("apiVersion of v3", _put("v2.2.2", "apiVersion")),
    ("surprise", _put(1, "surprise")),
    ("name of its folder", _put("another_feed", "id")),
    ("lacks version", _drop("version")),
    ("lacks name", _drop("name")),
    ("lacks schema", _drop("schema")),
    ("lacks schema.properties", _drop("schema", 0, "properties")),
    ("lacks schema.businessName", _drop("schema", 0, "businessName")),
    ("role owner", _put("reader", "team", "members", 0, "role")),
    ("slaProperties.frequency", _drop("slaProperties", 0)),
    ("five fields", _put("0 7 16", "slaProperties", 0, "schedule")),
    ("slaProperties.latency", _drop("slaProperties", 1)),
    ("unit d", _put("h", "slaProperties", 1, "unit")),
    ("slaProperties.latency.value", _put("soon", "slaProperties", 1, "value")),
    ("slaProperties.freshness", _drop("slaProperties", 2)),
    ("customProperties.connector", _without_custom("connector")),
    ("customProperties.connectionId", _without_custom("connectionId")),
    ("customProperties.licence", _without_custom("licence")),
    ("customProperties.timezone", _without_custom("timezone")),
    ("unknown time zone 'Asia/Nowhere'", _custom("timezone", "Asia/Nowhere")),
    ("customProperties.trailingPeriods", _without_custom("trailingPeriods")),
    ("at least 1", _custom("trailingPeriods", 0)),
    ("customProperties.growsWithinPeriod", _custom("growsWithinPeriod", "perhaps")),
    ("customProperties.slices", _without_custom("slices")),
    ("list of mappings", _custom("slices", ["all"])),
    ("repeats 'all'", _custom("slices", [{"name": "all"}, {"name": "all"}])),
    ("customProperties.measures", _without_custom("measures")),
    ("customProperties.measures", _custom("measures", ["customs_code"])),
    ("max_quarantined_share", _drop("schema", 0, "quality", 0)),
    ("between 0 and 100", _put(101, "schema", 0, "quality", 0, "mustBeLessOrEqualTo")),
    ("schema.properties[2].name", _drop(*PROPERTY, 1, "name")),
    ("reference_month.physicalType", _drop(*PROPERTY, 1, "physicalType")),
    ("physicalType 'FLOAT'", _put("FLOAT", *PROPERTY, 4, "physicalType")),
    ("reference_month.logicalType", _drop(*PROPERTY, 1, "logicalType")),
    ("reference_month.logicalTypeOptions.format", _drop(*PROPERTY, 1, "logicalTypeOptions")),
    ("regular expression", _put("[", *PROPERTY, 2, "logicalTypeOptions", "pattern")),
    ("exports_usd.customProperties.unit", _put([], *PROPERTY, 4, "customProperties")),
    ("exports_usd.description", _drop(*PROPERTY, 4, "description")),
    ("exports_usd.businessName", _drop(*PROPERTY, 4, "businessName")),
    ("transformLogic", _drop(*PROPERTY, 4, "transformSourceObjects")),
]


def _of_property(name: str, value: Any, number: int = 4) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["schema"][0]["properties"][number]["customProperties"].append({"property": name, "value": value})

    return change


def _added(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["customProperties"].append({"property": name, "value": value})

    return change


BROKEN += [
    ("unknown property 'surprise' at schema.properties.exports_usd", _of_property("surprise", 1)),
    ("exports_usd numberStyle 'roman'", _of_property("numberStyle", "roman")),
    ("above 0 at schema.properties.exports_usd.customProperties.scale", _of_property("scale", 0)),
    ("exports_usd.customProperties.nullWords", _of_property("nullWords", "-")),
    ("mapping at schema.properties.customs_code.customProperties.valueMap", _of_property("valueMap", ["a"], 2)),
    ("customs_code lookup 'star_sign'", _of_property("lookup", "star_sign", 2)),
    ("customs_code privacy 'rot13'", _of_property("privacy", "rot13", 2)),
    ("true at customProperties.private", _of_property("privacy", "keyed_hash", 2)),
    ("unusable minimum or maximum 'low'", _put({"minimum": "low"}, *PROPERTY, 4, "logicalTypeOptions")),
    ("customProperties.periodKind", _added("periodKind", "week")),
    ("customProperties.fileNames", _custom("connector", "file_drop")),
    ("group period", _added("fileNames", [r"a_([0-9]{6})\.csv"])),
    ("unusable regular expression '['", _added("fileNames", ["["])),
    ("unknown encoding 'cp9490'", _added("encodings", ["cp9490"])),
    ("one character at customProperties.delimiter", _added("delimiter", "tab")),
    ("customProperties.settleSeconds", _added("settleSeconds", -1)),
    ("customProperties.neverRead", _added("neverRead", "name")),
    ("customProperties.versionColumn, which is no column", _added("versionColumn", "version")),
    ("above 1 at customProperties.scaleJumpLimit", _added("scaleJumpLimit", 1)),
    ("schema.quality entry suite", _drop("schema", 0, "quality", 1)),
]


@pytest.mark.parametrize(("named", "change"), BROKEN, ids=[f"{n}-{named}" for n, (named, _) in enumerate(BROKEN)])
def test_a_contract_that_lacks_something_is_refused_by_file_and_field(
    named: str, change: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    document = yaml.safe_load((EXPECTATIONS / "customs_country_trade" / "contract.yaml").read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "customs_country_trade" / "contract.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_contract(path)
    sentence = str(refused.value)
    assert str(path) in sentence
    assert named in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("text", ["", "- a list", "key: [unclosed"])
def test_a_contract_that_is_no_yaml_mapping_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"no YAML mapping"):
        load_contract(path)


def test_a_missing_contract_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/contract\.yaml cannot be read"):
        load_contract(tmp_path / "nowhere" / "contract.yaml")


def test_a_folder_without_contracts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="EXPOSURE_CODE"):
        load_contracts(tmp_path)


def test_a_setting_that_the_connector_misses_is_named_with_the_file() -> None:
    with pytest.raises(ConfigurationError, match=r"contract\.yaml lacks customProperties\.surprise"):
        CUSTOMS.option("surprise")
    with pytest.raises(ConfigurationError, match=r"lacks itemCode of slice GBP"):
        FX.slice_option("GBP", "itemCode")


def test_the_share_that_may_be_quarantined_is_an_exact_decimal() -> None:
    assert CUSTOMS.max_quarantined_share == Decimal("0.02")
    assert FX.max_quarantined_share == Decimal("0.02")
