"""Judges synthetic customs rows by the full suite inside DuckDB, and by the same suite on Great Expectations' pandas path.

``python -m bench.quality_at_scale [--rows 5000000]``. Every measurement runs in a process of its own; time counts from after
the imports, processor seconds with them (they do not suffer from a busy machine), memory is the peak resident set of the whole process. Three runs:

- *duckdb, rules of both engines*: the rules that pandas has too, by the product's engine, over the Parquet file;
- *pandas, rules of both engines*: the same by ``pandas.read_parquet``, with the amounts as 64-bit integers in a file of its own:
  the pandas path takes milliseconds for each decimal (it walks the call stack to convert one), which no suite could wait for;
- *duckdb, whole judgement*: all rules on exact decimals, and accepted rows and quarantine written.

A month has at most 936 codes, so the rows are spread over days instead of months and the month's own rule is widened to them.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from trade_exposure.quality.suite import Suite, load_suite

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "dbt_project" / "seeds"
MEMORY_LIMIT = "1GB"
AMOUNTS = ("exports_usd", "imports_usd", "trade_balance_usd")
RUNS = {
    "duckdb": "duckdb, rules of both engines",
    "pandas": "pandas, rules of both engines",
    "judge": "duckdb, whole judgement",
}


def full_suite() -> Suite:
    """The committed suite of the customs feed, with the month's rule widened to every day that the rows have."""
    suite = load_suite(ROOT / "expectations" / "customs_country_trade" / "suite.json")
    rules = tuple(
        replace(rule, type="expect_column_values_to_not_be_in_set", kwargs={**rule.kwargs, "value_set": ["1900-01-01"]})
        if rule.rule == "month_is_the_one_asked_for"
        else rule
        for rule in suite.rules
    )
    return Suite(suite.name, rules, suite.sha256)


def shared_suite() -> Suite:
    """The rules that both engines have: none in SQL, and no comparison of dates with text."""
    suite = full_suite()
    rules = tuple(
        rule
        for rule in suite.rules
        if rule.type != "unexpected_rows_expectation" and rule.rule != "month_is_the_one_asked_for"
    )
    return Suite(suite.name, rules, suite.sha256)


def write_rows(path: Path, rows: int) -> None:
    """One row per code and day with about 100 billion dollars in all; one row in 1,000 breaks one of five rules."""
    import duckdb

    codes = f"(select customs_code from read_csv('{SEEDS}/country.csv', all_varchar = true, nullstr = '') where customs_code is not null)"
    duckdb.sql(
        f"""
        copy (
            with codes as (
                select customs_code, row_number() over (order by customs_code) - 1 as place, count(*) over () as many from {codes}
            ),
            numbered as (
                select range + 1 as source_row, range // many as day, customs_code,
                    case when range % 1000 = 0 then range // 1000 % 5 else -1 end as fault,
                    ({100_000_000_000 // rows} + range % 1000)::decimal(20, 0) as exports, (range % 7919)::decimal(20, 0) as imports
                from range({rows}) inner join codes on range % many = place
            )
            select
                source_row::bigint as source_row,
                (date '1960-01-01' + day::integer)::date as reference_month,
                case fault when 0 then 'k1' else customs_code end as customs_code,
                '나라' as customs_name_ko,
                case fault when 1 then -exports else exports end as exports_usd,
                case fault when 2 then null else imports end as imports_usd,
                case fault when 1 then -exports else exports end - imports + case fault when 3 then 1 else 0 end
                    as trade_balance_usd,
                case fault when 4 then -1 else 12 end::bigint as export_declarations,
                34::bigint as import_declarations
            from numbered order by source_row
        ) to '{path}' (format parquet, compression zstd)
        """
    )
    casts = ", ".join(f"{amount}::bigint as {amount}" for amount in AMOUNTS)
    duckdb.sql(
        f"copy (select * replace ({casts}) from read_parquet('{path}')) to '{integers(path)}' (compression zstd)"
    )


def integers(path: Path) -> Path:
    """The same rows with amounts as 64-bit integers."""
    return path.with_suffix(".integers.parquet")


def run_duckdb(path: Path) -> dict[str, Any]:
    """The shared rules on the product's engine."""
    from trade_exposure.quality import duckdb_engine  # noqa: F401  the import is not part of the measurement
    from trade_exposure.quality.validation import open_session

    started = time.perf_counter()
    with open_session(MEMORY_LIMIT) as session:
        session.sql(f"create view parsed as select * from read_parquet('{path}')")
        findings, _ = session.run(shared_suite())
    return {
        "seconds": time.perf_counter() - started,
        "failed": {f.rule.rule: f.failed_rows for f in findings if not f.success},
    }


def run_pandas(path: Path) -> dict[str, Any]:
    """The shared rules on Great Expectations' pandas path, reading included."""
    import great_expectations as gx
    import pandas as pd

    suite = shared_suite()
    expectations = [{"type": r.type, "kwargs": dict(r.kwargs), "meta": {"rule": r.rule}} for r in suite.rules]
    started = time.perf_counter()
    frame = pd.read_parquet(integers(path))
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    known = context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=expectations))
    batch = (
        context.data_sources.add_pandas("pandas")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("all")
    )
    definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=known)
    result = definition.run(batch_parameters={"dataframe": frame}, result_format="SUMMARY")
    seconds = time.perf_counter() - started
    failed = {}
    for single in result.results:
        if "'raised_exception': True" in str(single.exception_info):
            raise SystemExit(f"pandas could not evaluate a rule: {single.exception_info}")
        if not single.success and single.expectation_config is not None:
            failed[single.expectation_config.meta["rule"]] = int(single.result.get("unexpected_count", 0))
    return {"seconds": seconds, "failed": failed}


def run_judge(path: Path) -> dict[str, Any]:
    """Everything that happens to a load: all rules, conservation, both files written."""
    import duckdb
    import pyarrow.parquet as pq

    from trade_exposure.feeds.typing_sinks import reject_schema
    from trade_exposure.quality import duckdb_engine  # noqa: F401  the import is not part of the measurement
    from trade_exposure.quality.judge import judge

    rejects = path.parent / "rejects.parquet"
    pq.write_table(reject_schema().empty_table(), rejects)
    rows, exports, imports = duckdb.sql(
        f"select count(*), sum(exports_usd), sum(imports_usd) from read_parquet('{path}')"
    ).fetchall()[0]
    started = time.perf_counter()
    verdict = judge(
        path,
        suite=full_suite(),
        measures=("exports_usd", "imports_usd"),
        rejects=rejects,
        announced_rows=rows,
        announced_totals={"exports_usd": exports, "imports_usd": imports},
        max_quarantined_share=Decimal("0.01"),
        accepted=path.parent / "accepted.parquet",
        quarantine=path.parent / "quarantine.parquet",
        constants={"load_id": "bench", "is_synthetic": True},
        reference_dir=SEEDS,
        variables={},
        memory_limit=MEMORY_LIMIT,
    )
    seconds = time.perf_counter() - started
    if verdict.stopped:
        raise SystemExit(f"The bench's batch was stopped: {verdict.reasons}")
    return {"seconds": seconds, "failed": {o.rule: o.failed_rows for o in verdict.rules if not o.success}}


def child(run: str, path: Path) -> None:
    """One measurement, as JSON on standard output."""
    measured = {"duckdb": run_duckdb, "pandas": run_pandas, "judge": run_judge}[run](path)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    measured["peak_mib"] = usage.ru_maxrss / 1024
    measured["processor_seconds"] = usage.ru_utime + usage.ru_stime
    print(json.dumps(measured))


def measure(run: str, path: Path) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    print(f"  {RUNS[run]} ...", end="", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "bench.quality_at_scale", "--child", run, "--path", str(path)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f" {measured['seconds']:.1f} s", file=sys.stderr)
    return measured


def main() -> None:
    """Write the rows, measure, compare, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--child", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.path)
        return
    with tempfile.TemporaryDirectory(prefix="exposure-bench-") as folder:
        path = Path(folder) / "parsed.parquet"
        print(f"writing {arguments.rows:,} rows", file=sys.stderr)
        write_rows(path, arguments.rows)
        measured = {run: measure(run, path) for run in RUNS}
    if measured["pandas"]["failed"] != measured["duckdb"]["failed"]:
        raise SystemExit(f"The engines disagree: {measured['pandas']['failed']} and {measured['duckdb']['failed']}.")
    base = measured["duckdb"]
    print(
        f"{arguments.rows:,} rows, {len(shared_suite().rules)} rules of both engines, {len(full_suite().rules)} in all"
    )
    print(f"{'run':<32}{'seconds':>10}{'processor s':>13}{'peak MiB':>10}{'x time':>9}{'x memory':>10}")
    for run, title in RUNS.items():
        seconds, processor, peak = (measured[run][part] for part in ("seconds", "processor_seconds", "peak_mib"))
        ratios = f"{seconds / base['seconds']:>9.1f}{peak / base['peak_mib']:>10.1f}"
        print(f"{title:<32}{seconds:>10.1f}{processor:>13.1f}{peak:>10.0f}{ratios}")


if __name__ == "__main__":
    main()
