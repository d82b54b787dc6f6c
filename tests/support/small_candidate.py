"""A candidate small enough to audit by hand, and the ledger that it agrees with."""

from __future__ import annotations

from typing import Any

import duckdb
from support.candidate_lake import MEASURES
from support.ledger import record, totals

from trade_exposure.landing.ledger import LoadRecord
from trade_exposure.warehouse import audit, conversions

TABLES = """
create schema core; create schema marts; create schema lake;
create table lake.feed (feed_id varchar, table_name varchar);
insert into lake.feed values ('customs_country_trade', 'customs_country_trade'), ('fx_daily_rate', 'fx_daily_rate'),
    ('insurance_claim_event', 'insurance_claim_event'), ('second_insurer_claim', 'insurance_claim_event'),
    ('stranger', 'nobody_s_table');
create table core.fct_trade_month (
    load_id varchar, trade_month date, exports_usd decimal(20,0), imports_usd decimal(20,0), is_latest_vintage boolean);
insert into core.fct_trade_month values
    ('january', '2026-01-01', 60, 6, true), ('january', '2026-01-01', 40, 4, true),
    ('december-first', '2025-12-01', 1, 1, false), ('december-revised', '2025-12-01', 2, 1, true);
create table core.fct_fx_rate (
    load_id varchar, quoted_krw decimal(18,6), currency varchar, rate_on date, krw_per_unit decimal(18,8), known_at timestamptz,
    is_latest_vintage boolean);
insert into core.fct_fx_rate (load_id, quoted_krw) values ('dollar', 1440.5), ('dollar', 1441.250001);
create table core.dim_market_definition (definition_id varchar);
insert into core.dim_market_definition values ('official'), ('wide');
create table marts.mart_market_exports (
    definition_id varchar, trade_month date, country_key varchar, exports_usd decimal(20,0), imports_usd decimal(20,0),
    exports_krw decimal(28,0), usd_krw_rate decimal(18,8));
insert into marts.mart_market_exports
    select definition_id, month, country, exports, imports, exports * 1441, 1441 from core.dim_market_definition cross join (values
        (date '2026-01-01', 'VNM', 60, 6), (date '2026-01-01', 'NAM', 40, 4), (date '2025-12-01', 'VNM', 2, 1)
    ) as r(month, country, exports, imports);
"""


def recorded(load_id: str, feed_id: str, rows: int, amounts: dict[str, str], outcome: str = "accepted") -> LoadRecord:
    about: dict[str, Any] = {"source_rows": rows, "accepted_rows": rows, "control_totals": totals(amounts)}
    return record(load_id, feed_id=feed_id, outcome=outcome, **about)


def trade(load_id: str, rows: int, exports: str, imports: str) -> LoadRecord:
    return recorded(load_id, "customs_country_trade", rows, {"exports_usd": exports, "imports_usd": imports})


LEDGER = [
    trade("january", 2, "100", "10"),
    trade("december-first", 1, "1", "1"),
    trade("december-revised", 1, "2", "1"),
    recorded("dollar", "fx_daily_rate", 2, {"quoted_krw": "2881.750001"}),
    recorded("march", "customs_country_trade", 0, {}, outcome="not_published"),
    recorded("claims", "insurance_claim_event", 2, {"amount": "7.50"}),
    recorded("claims-of-another", "second_insurer_claim", 1, {"amount": "0"}),
]


def other_tables() -> dict[str, dict[str, str]]:
    """Columns that the audit reads of the tables that the small candidate leaves empty."""
    tables: dict[str, dict[str, str]] = {}
    for table, fact in audit.FACTS.items():
        measures = dict.fromkeys(MEASURES[table], "decimal(24,2)")
        tables[f"core.{fact}"] = {"load_id": "varchar", **measures}
    for item in conversions.CONVERSIONS:
        amounts = {item.amount: "decimal(24,2)", item.krw: "decimal(28,0)", item.rate: "decimal(18,8)"}
        days = {"currency": "varchar", "fx_source": "varchar", "fx_rate_on": "date", item.day or "event_on": "date"}
        tables.setdefault(item.table, {}).update(amounts | days)
    rates = {"currency": "varchar", "rate_on": "date", "krw_per_unit": "decimal(18,8)", "known_at": "timestamptz"}
    tables["core.fct_fx_rate_eximbank"].update(rates | {"is_latest_vintage": "boolean"})
    for table in ("core.fct_trade_month", "core.fct_fx_rate", "marts.mart_market_exports"):
        tables.pop(table, None)
    return tables


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the candidate's tables, with the rows that the ledger tells of."""
    connection.execute(TABLES)
    for table, columns in other_tables().items():
        connection.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    connection.execute(
        "insert into core.fct_claim_event (load_id, currency, amount, amount_krw, fx_rate, fx_source) values "
        "('claims', 'KRW', 10, 10, 1, 'NONE_NEEDED'), ('claims', 'KRW', -2.5, -3, 1, 'NONE_NEEDED'), "
        "('claims-of-another', 'KRW', null, null, 1, 'NONE_NEEDED')"
    )
