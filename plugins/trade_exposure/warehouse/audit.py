"""The audit of a candidate: suites of the published tables, and the reconciliation with the ledger.

The reconciliation follows every accepted row and every unit of money: from the ledger's record to the fact table, and from
the latest vintages to the mart, under each definition; won amounts are computed once more. Sums are compared exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml  # type: ignore[import-untyped]

from trade_exposure.errors import AuditFailed
from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.quality.judge import judge_table
from trade_exposure.quality.suite import load_suite
from trade_exposure.settings import get_settings
from trade_exposure.sql import identifier
from trade_exposure.warehouse import conversions

FACTS = {
    "customs_country_trade": "fct_trade_month",
    "customs_item_country_trade": "fct_trade_item_month",
    "customs_region_trade": "fct_region_trade",
    "fx_daily_rate": "fct_fx_rate",
    "fx_eximbank_rate": "fct_fx_rate_eximbank",
    "ksure_country_grade": "fct_country_grade_snapshot",
    "center_contract_event": "fct_center_event",
    "insurance_underwriting_event": "fct_underwriting_event",
    "insurance_exposure_month_end": "fct_exposure_month_end",
    "insurance_claim_event": "fct_claim_event",
    "insurance_country_limit": "fct_country_limit",
    "insurance_contract_ceiling": "fct_contract_ceiling",
}
"""The fact that holds the accepted rows of each table of the lake, one row for one, measures under the same names. Several
feeds may fill one table."""


def run(database: Path, records: Sequence[LoadRecord]) -> dict[str, Any]:
    """Audit the candidate.

    Returns:
        verdict ("passed" or "passed with warnings"), the number of checks, the warnings, and each suite's result under
        ``validations``.

    Raises:
        AuditFailed: a critical check failed; the sentence names each.
    """
    failures: list[str] = []
    warnings: list[str] = []
    validations: list[dict[str, Any]] = []
    checks = 0
    suites = sorted((get_settings().expectations_dir / "marts").glob("*.json"))
    for path in suites:
        suite = load_suite(path)
        judged = judge_table(database, suite.name, suite)
        checks += len(judged.rules)
        failures += [f"{suite.name}: {sentence.rstrip('.')}" for sentence in judged.reasons]
        warnings += [f"{suite.name}: {sentence}" for sentence in judged.warnings]
        validations.append({"table": suite.name, "validation": judged.validation})
    with duckdb.connect(str(database), read_only=True) as connection:
        for told in (
            ledger_to_facts(connection, records),
            facts_to_marts(connection),
            conversions.products(connection),
            conversions.rates_in_force(connection, staleness_limit_days()),
        ):
            checks += told[0]
            failures += told[1]
    if failures:
        raise AuditFailed(f"The audit failed and the last publication stays: {'; '.join(failures)}.")
    return {
        "verdict": "passed with warnings" if warnings else "passed",
        "checks": checks,
        "warnings": warnings,
        "validations": validations,
    }


def ledger_to_facts(connection: duckdb.DuckDBPyConnection, records: Sequence[LoadRecord]) -> tuple[int, list[str]]:
    """Rows and every control total of each accepted load against the fact table: (checks made, failures)."""
    tables = dict(connection.execute("select feed_id, table_name from lake.feed").fetchall())
    strangers = sorted(
        {r.key.feed_id for r in records if r.outcome == "accepted" and tables.get(r.key.feed_id) not in FACTS}
    )
    failures = [f"no fact table is known for the accepted loads of {feed_id}" for feed_id in strangers]
    checks = len(strangers)
    for table, fact in FACTS.items():
        accepted = {r.load_id: r for r in records if tables.get(r.key.feed_id) == table and r.outcome == "accepted"}
        measures = sorted({measure for record in accepted.values() for measure in record.control_totals})
        # A measure that is empty on every row of a load sums to nothing, which is 0 in the ledger.
        sums = "".join(f", coalesce(sum({identifier(measure)}), 0)" for measure in measures)
        found = {
            row[0]: row[1:]
            for row in connection.execute(
                f"select load_id, count(*){sums} from core.{fact} group by load_id"
            ).fetchall()
        }
        for load_id in sorted(accepted.keys() | found.keys()):
            checks += 1
            if load_id not in accepted:
                failures.append(f"{fact} holds load {load_id}, which no ledger record names")
                continue
            record = accepted[load_id]
            announced = (record.accepted_rows, *(_accepted(record, measure) for measure in measures))
            nothing = (0,) * len(announced)  # a load of which every row went to quarantine leaves no row in the fact
            if found.get(load_id, nothing) != announced:
                failures.append(
                    f"load {load_id} ({record.key.folder}) has rows and sums {_told(announced)} in the ledger "
                    f"and {_told(found.get(load_id))} in {fact}"
                )
    return checks, failures


def staleness_limit_days() -> int:
    """How old a rate may be, as the dbt project says."""
    project = yaml.safe_load((get_settings().dbt_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    return int(project["vars"]["fx_staleness_limit_days"])


def facts_to_marts(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """World totals per month, fact's latest vintage against the mart under every definition: (checks made, failures)."""
    definitions = connection.execute("select count(*) from core.dim_market_definition").fetchall()[0][0]
    differing = connection.execute(
        """
        with fact as (
            select trade_month, sum(exports_usd) as exports_usd, sum(imports_usd) as imports_usd
            from core.fct_trade_month where is_latest_vintage group by trade_month
        ),
        expected as (select d.definition_id, f.* from core.dim_market_definition as d cross join fact as f),
        mart as (
            select definition_id, trade_month, sum(exports_usd) as exports_usd, sum(imports_usd) as imports_usd
            from marts.mart_market_exports group by definition_id, trade_month
        )
        select definition_id, trade_month, e.exports_usd, m.exports_usd, e.imports_usd, m.imports_usd
        from expected as e full outer join mart as m using (definition_id, trade_month)
        where e.exports_usd is distinct from m.exports_usd or e.imports_usd is distinct from m.imports_usd
        order by all
        """
    ).fetchall()
    months = connection.execute("select count(distinct trade_month) from core.fct_trade_month").fetchall()[0][0]
    failures = [
        f"{row[0]} {row[1]:%Y-%m}: the fact holds exports {row[2]} and imports {row[4]} USD, the mart {row[3]} and {row[5]}"
        for row in differing
    ]
    return int(definitions) * int(months), failures


def _accepted(record: LoadRecord, measure: str) -> Decimal:
    return record.control_totals[measure].accepted if measure in record.control_totals else Decimal(0)


def _told(figures: tuple[Any, ...] | None) -> str:
    return "none" if figures is None else ", ".join(str(figure) for figure in figures)
