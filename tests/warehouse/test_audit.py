"""The reconciliation finds every row and every dollar that went astray between ledger, facts and marts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.small_candidate import LEDGER, fill, recorded, trade

from trade_exposure.errors import AuditFailed
from trade_exposure.settings import get_settings
from trade_exposure.warehouse import audit, conversions


@pytest.fixture
def candidate(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small candidate that agrees with ``LEDGER``."""
    with duckdb.connect(str(tmp_path / "exposure.duckdb")) as connection:
        fill(connection)
        yield connection


def test_a_candidate_that_holds_what_the_ledger_says_passes(candidate: duckdb.DuckDBPyConnection) -> None:
    assert audit.ledger_to_facts(candidate, LEDGER) == (6, [])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(
            "delete from core.fct_trade_month where load_id = 'january' and exports_usd = 40",
            "load january (customs_country_trade/2026-01/all) has rows and sums 2, 100, 10 in the ledger and 1, 60, 6 in fct_trade_month",
            id="a missing row",
        ),
        pytest.param(
            "insert into core.fct_trade_month select * from core.fct_trade_month where exports_usd = 40",
            "2, 100, 10 in the ledger and 3, 140, 14 in fct_trade_month",
            id="a doubled row",
        ),
        pytest.param(
            "update core.fct_trade_month set exports_usd = 61 where exports_usd = 60",
            "2, 100, 10 in the ledger and 2, 101, 10 in fct_trade_month",
            id="a changed dollar",
        ),
        pytest.param(
            "update core.fct_trade_month set imports_usd = 5 where imports_usd = 6",
            "2, 100, 10 in the ledger and 2, 100, 9 in fct_trade_month",
            id="a changed dollar of imports",
        ),
        pytest.param(
            "delete from core.fct_trade_month where load_id = 'december-first'",
            "load december-first (customs_country_trade/2026-01/all) has rows and sums 1, 1, 1 in the ledger and none in fct_trade_month",
            id="a load left out",
        ),
        pytest.param(
            "insert into core.fct_trade_month values ('foreign', '2026-01-01', 0, 0, false)",
            "fct_trade_month holds load foreign, which no ledger record names",
            id="a foreign load",
        ),
        pytest.param(
            "insert into core.fct_trade_month values ('march', '2026-03-01', 0, 0, true)",
            "fct_trade_month holds load march, which no ledger record names",
            id="rows of a month that is not published",
        ),
        pytest.param(
            "update core.fct_fx_rate set quoted_krw = 1441.25 where quoted_krw = 1441.250001",
            "2, 2881.750001 in the ledger and 2, 2881.750000 in fct_fx_rate",
            id="a millionth of a won",
        ),
        pytest.param(
            "update core.fct_claim_event set amount = 1 where load_id = 'claims-of-another'",
            "load claims-of-another (second_insurer_claim/2026-01/all) has rows and sums 1, 0 in the ledger and 1, 1.00 in",
            id="an amount where there was none",
        ),
        pytest.param(
            "delete from core.fct_claim_event where amount = 10",
            "load claims (insurance_claim_event/2026-01/all) has rows and sums 2, 7.50 in the ledger and 1, -2.50 in fct_claim_event",
            id="a row of one of two feeds of a table",
        ),
    ],
)
def test_what_went_astray_between_ledger_and_facts_is_named(
    candidate: duckdb.DuckDBPyConnection, damage: str, told: str
) -> None:
    candidate.execute(damage)
    _, failures = audit.ledger_to_facts(candidate, LEDGER)
    assert len(failures) == 1
    assert told in failures[0]


def test_rows_of_a_load_that_went_to_quarantine_whole_are_found(candidate: duckdb.DuckDBPyConnection) -> None:
    ledger = [*LEDGER, trade("all-held", 0, "0", "0")]
    assert audit.ledger_to_facts(candidate, ledger) == (7, [])
    candidate.execute("insert into core.fct_trade_month values ('all-held', '2026-01-01', 0, 0, false)")
    assert len(audit.ledger_to_facts(candidate, ledger)[1]) == 1


def test_a_load_that_no_fact_is_known_for_is_named(candidate: duckdb.DuckDBPyConnection) -> None:
    strangers = [recorded("x", "stranger", 1, {}), recorded("y", "unregistered", 1, {})]
    assert audit.ledger_to_facts(candidate, [*LEDGER, *strangers])[1] == [
        "no fact table is known for the accepted loads of stranger",
        "no fact table is known for the accepted loads of unregistered",
    ]


def test_every_fact_that_dbt_builds_has_its_table_in_the_reconciliation() -> None:
    from trade_exposure.feeds.registry import contracts

    # These hold the present state of what is in others; dbt's own data tests hold them to their origin.
    derived = {
        "fct_country_grade", "fct_center_contract", "fct_underwriting", "fct_premium", "fct_claim", "fct_recovery",
        "fct_fx_clawback",
    }  # fmt: skip
    facts = {path.stem for path in (get_settings().dbt_dir / "models" / "core").glob("fct_*.sql")}
    assert facts == set(audit.FACTS.values()) | derived
    assert set(audit.FACTS) == {contract.table for contract in contracts().values()}


def test_marts_that_hold_what_the_facts_hold_pass(candidate: duckdb.DuckDBPyConnection) -> None:
    assert audit.facts_to_marts(candidate) == (4, [])


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        pytest.param(
            "update marts.mart_market_exports set exports_usd = 41 where definition_id = 'wide' and country_key = 'NAM'",
            ["wide 2026-01: the fact holds exports 100 and imports 10 USD, the mart 101 and 10"],
            id="a changed dollar",
        ),
        pytest.param(
            "update marts.mart_market_exports set imports_usd = 5 where definition_id = 'wide' and country_key = 'NAM'",
            ["wide 2026-01: the fact holds exports 100 and imports 10 USD, the mart 100 and 11"],
            id="a changed dollar of imports",
        ),
        pytest.param(
            "delete from marts.mart_market_exports where country_key = 'NAM' and definition_id = 'official'",
            ["official 2026-01: the fact holds exports 100 and imports 10 USD, the mart 60 and 6"],
            id="a missing country",
        ),
        pytest.param(
            "delete from marts.mart_market_exports where definition_id = 'official'",
            [
                "official 2025-12: the fact holds exports 2 and imports 1 USD, the mart None and None",
                "official 2026-01: the fact holds exports 100 and imports 10 USD, the mart None and None",
            ],
            id="a missing definition",
        ),
        pytest.param(
            "delete from marts.mart_market_exports where trade_month = '2025-12-01'",
            [
                "official 2025-12: the fact holds exports 2 and imports 1 USD, the mart None and None",
                "wide 2025-12: the fact holds exports 2 and imports 1 USD, the mart None and None",
            ],
            id="a missing month",
        ),
        pytest.param(
            "insert into marts.mart_market_exports values ('wide', '2026-02-01', 'VNM', 1, 1, null, null)",
            ["wide 2026-02: the fact holds exports None and imports None USD, the mart 1 and 1"],
            id="a month that no fact holds",
        ),
        pytest.param(
            "insert into marts.mart_market_exports values ('new', '2026-01-01', 'VNM', 100, 10, null, null)",
            ["new 2026-01: the fact holds exports None and imports None USD, the mart 100 and 10"],
            id="a definition that nobody made",
        ),
        pytest.param(
            "update core.fct_trade_month set is_latest_vintage = true",
            [
                "official 2025-12: the fact holds exports 3 and imports 2 USD, the mart 2 and 1",
                "wide 2025-12: the fact holds exports 3 and imports 2 USD, the mart 2 and 1",
            ],
            id="two vintages at once",
        ),
        pytest.param(
            "truncate marts.mart_market_exports",
            [
                "official 2025-12: the fact holds exports 2 and imports 1 USD, the mart None and None",
                "official 2026-01: the fact holds exports 100 and imports 10 USD, the mart None and None",
                "wide 2025-12: the fact holds exports 2 and imports 1 USD, the mart None and None",
                "wide 2026-01: the fact holds exports 100 and imports 10 USD, the mart None and None",
            ],
            id="an empty mart",
        ),
    ],
)
def test_what_went_astray_between_facts_and_marts_is_named(
    candidate: duckdb.DuckDBPyConnection, damage: str, told: list[str]
) -> None:
    candidate.execute(damage)
    assert audit.facts_to_marts(candidate)[1] == told


@pytest.fixture
def audited(
    candidate: duckdb.DuckDBPyConnection, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Audits the small candidate, with one suite of the test's own."""

    def run(expectation: dict[str, Any], severity: str, damage: str = "") -> dict[str, Any]:
        marts = tmp_path / "code" / "expectations" / "marts"
        marts.mkdir(parents=True)
        meta = {
            "rule": "the_rule",
            "dimension": "accuracy",
            "owner": "data engineering",
            "scope": "batch",
            "reason_en": "It is so",
            "reason_ko": "그러함",
        }
        suite = {
            "name": "core.fct_trade_month",
            "meta": {},
            "expectations": [{**expectation, "severity": severity, "meta": meta}],
        }
        (marts / "fct_trade_month.json").write_text(json.dumps(suite), encoding="utf-8")
        (tmp_path / "code" / "dbt_project").mkdir()
        (tmp_path / "code" / "dbt_project" / "dbt_project.yml").write_text("vars: {fx_staleness_limit_days: 10}")
        monkeypatch.setenv("EXPOSURE_CODE", str(tmp_path / "code"))
        get_settings.cache_clear()
        candidate.execute(damage or "select 1")
        candidate.close()
        return audit.run(tmp_path / "exposure.duckdb", LEDGER)

    return run


ROWS = {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}
NO_ROWS = {"type": "expect_table_row_count_to_be_between", "kwargs": {"max_value": 0}}


def test_a_sound_candidate_passes_and_says_how_much_was_checked(audited: Any) -> None:
    told = audited(ROWS, "critical")
    rated = sum(item.day is not None for item in conversions.CONVERSIONS)
    checks = 1 + 6 + 4 + len(conversions.CONVERSIONS) + rated
    assert (told["verdict"], told["checks"], told["warnings"]) == ("passed", checks, [])
    assert [validation["table"] for validation in told["validations"]] == ["core.fct_trade_month"]


def test_a_critical_rule_of_a_table_fails_the_audit(audited: Any) -> None:
    with pytest.raises(
        AuditFailed, match=r"the last publication stays: core\.fct_trade_month: Rule the_rule failed: It is so"
    ):
        audited(NO_ROWS, "critical")


def test_a_warning_of_a_table_is_told_and_stops_nothing(audited: Any) -> None:
    told = audited(NO_ROWS, "warning")
    assert told["verdict"] == "passed with warnings"
    assert "the_rule" in told["warnings"][0]


def test_a_note_of_a_table_is_no_warning(audited: Any) -> None:
    assert audited(NO_ROWS, "info")["verdict"] == "passed"


def test_every_failure_is_in_the_one_sentence(audited: Any) -> None:
    with pytest.raises(AuditFailed) as failed:
        audited(
            NO_ROWS,
            "critical",
            "update core.fct_trade_month set exports_usd = 61 where exports_usd = 60; "
            "update core.fct_claim_event set amount_krw = -2 where amount_krw = -3",
        )
    told = str(failed.value)
    assert all(
        part in told
        for part in ("the_rule", "load january", "official 2026-01", "wide 2026-01", "amount_krw of 1 rows")
    )


def test_every_published_table_that_has_a_suite_is_named_by_it() -> None:
    suites = sorted((get_settings().expectations_dir / "marts").glob("*.json"))
    assert len(suites) >= 4
    for path in suites:
        name = json.loads(path.read_text(encoding="utf-8"))["name"]
        schema, table = name.split(".")
        assert schema in ("core", "marts")
        assert table == path.stem
