"""Dropped CSV files to judged Parquet, held against a bare DuckDB ``read_csv`` + ``COPY`` of the same file.

``python -m bench.insurance_csv [--rows 2000000] [--repeats 3] [--memory-rows 1000000 10000000]``. One file of underwriting
events and one of trade-centre contracts, under their committed contracts, a row in a thousand of them bad. Every measurement
runs in a process of its own; time counts from after the imports.

- *product*: encoding, layout, typing, keyed hashes, code tables, control totals, the whole suite, accepted rows and quarantine;
- *bare DuckDB*: ``copy (from read_csv(file)) to file (format parquet, compression zstd)``: types guessed, nothing checked;
- *pandas*: ``read_csv`` and ``to_parquet``: the same, what a user would pick instead.

The goals: no more than twice the bare time, and the same memory for ten times the rows.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from bench._measure import ROOT, Measured, fastest_of_each, in_a_process, report, timed

SEEDS = ROOT / "dbt_project" / "seeds"
MODULE = "bench.insurance_csv"
FILES = {
    "insurance_underwriting_event": ("underwriting_2026.csv", "all"),
    "center_contract_event": ("contracts_AITC01_2026.csv", "AITC01"),
}
_DAY = "strftime(date '2026-01-01' + (i % 300)::integer, '%Y-%m-%d')"
_UPDATED = f"{_DAY} || 'T09:' || lpad((i % 60)::varchar, 2, '0') || ':00+09:00'"
_COUNTRY = "['US','VN','ID','IN','NA','BR','MX'][1 + i % 7]"
COLUMNS = {
    "insurance_underwriting_event": f"""
        'EV' || lpad(i::varchar, 10, '0') as event_id, 'P' || lpad((i // 3)::varchar, 9, '0') as policy_no,
        1 + i % 3 as deal_sequence, ['APPLICATION','APPROVAL','ISSUE','SHIPMENT','DRAWDOWN','RENEWAL'][1 + i % 6] as event_type,
        null as amends_event_id, {_DAY} as event_on, {_DAY} as decided_on,
        case when i % 2 = 0 then {_DAY} end as cover_starts_on, case when i % 2 = 0 then '2027-12-31' end as cover_ends_on,
        ['ST_SPEC','ST_COMP','ECG_POST','ECG_NEGO','IMP_FIN'][1 + i % 5] as product_code,
        ['신용','비상','신용+비상'][1 + i % 3] as risk_kind,
        'C' || hash(i) % 20000 as insured_party_id, '회사 ' || i % 1000 || ', 주식회사' as insured_party_name,
        'B' || hash(i + 1) % 50000 as obligor_id, 'Buyer ' || i % 5000 as obligor_name,
        ['LARGE','MID','SME'][1 + i % 3] as company_size, '서울' as region, 'C26' as industry_code,
        case when i % 10 = 0 then '방산' end as strategic_industry, '8542' || lpad((i % 100)::varchar, 2, '0') as hs_code,
        {_COUNTRY} as destination_country, {_COUNTRY} as buyer_country, {_COUNTRY} as paying_country,
        null as guarantor_country, null as project_country, 'KNOWN' as country_attribution,
        ['USD','EUR','KRW'][1 + i % 3] as currency, format('{{:,}}', 20000000 + i % 100000 * 100) || '.00' as insured_value,
        '95%' as cover_ratio, format('{{:,}}', 19000000 + i % 100000 * 95) || '.00' as insured_amount,
        case when i % 1000 = 0 then 'x' else format('{{:,}}', i % 100000) end as premium_krw, 90 as term_days,
        null as center_contract_no, 1 as record_version, 'N' as is_cancelled, {_UPDATED} as updated_at
    """,
    "center_contract_event": f"""
        'CE' || lpad(i::varchar, 10, '0') as event_id, 1 as schema_version, {_UPDATED} as event_ts, 'AITC01' as center_code,
        '서울 AI무역지원센터' as center_name, '회사 ' || i % 1000 || ', 주식회사' as company_name, 'Buyer ' || i % 5000 as buyer_name,
        ['상담','인콰이어리','계약체결','선적'][1 + i % 4] as event_type, hash(i) % 20000 as company_id,
        {_COUNTRY} as buyer_country_iso2, 'B' || hash(i + 1) % 50000 as buyer_id,
        '8542' || lpad((i % 100)::varchar, 2, '0') as hs_code, 'CN' || i // 4 as contract_no,
        case when i % 4 = 2 then format('{{:,}}', 20000 + i % 100000) || '.50' end as contract_amount,
        case when i % 1000 = 0 then 'XBT' else 'USD' end as currency, 'FOB' as incoterms, 'T/T' as payment_terms,
        90 as tenor_days, case when i % 4 = 2 then {_DAY} end as signed_at, case when i % 4 = 2 then '2027-01-31' end as ship_by,
        null as esign_status, case when i % 8 = 2 then 'P' || i end as ksure_policy_ref, 1 as record_version,
        {_UPDATED} as updated_at
    """,
}


def write_file(feed_id: str, path: Path, rows: int) -> None:
    """A file of the feed's layout."""
    import duckdb

    duckdb.sql(
        f"copy (select {COLUMNS[feed_id]} from range(1, {rows + 1}) as numbers(i)) to '{path}' (header, delimiter ',')"
    )


def run_product(feed_id: str, path: Path, out: Path) -> Measured:
    """The whole way of a dropped file, from its bytes to the judged files."""
    # The salt of the keyed hashes of made-up values.
    os.environ["AIRFLOW_CONN_EXPOSURE_PRIVACY"] = json.dumps({"conn_type": "generic", "password": "only for the bench"})
    from trade_exposure.feeds.model import Part
    from trade_exposure.feeds.registry import feed
    from trade_exposure.quality import duckdb_engine  # noqa: F401
    from trade_exposure.quality.judge import judge
    from trade_exposure.quality.suite import load_suite

    registered = feed(feed_id)
    contract = registered.contract
    name, slice_ = FILES[feed_id]

    def work(part: Part) -> Measured:
        parsed = registered.parse([part], date(2026, 1, 1), slice_, out)
        verdict = judge(
            parsed.rows,
            suite=load_suite(contract.suite_path),
            measures=contract.measures,
            rejects=parsed.rejects,
            announced_rows=parsed.announced_rows,
            announced_totals=parsed.announced_totals,
            max_quarantined_share=contract.max_quarantined_share,
            accepted=out / "accepted.parquet",
            quarantine=out / "quarantine.parquet",
            constants={"load_id": "bench", "source_file": name, "source_sha256": part.sha256, "is_synthetic": True},
            reference_dir=SEEDS,
            variables={"period_start": "2026-01-01", "period_end": "2026-12-31", "slice": slice_},
        )
        if verdict.stopped:
            raise SystemExit(f"The bench's load was stopped: {verdict.reasons}")
        return {"rows": verdict.accepted_rows + verdict.quarantined_rows, "held": verdict.quarantined_rows}

    with path.open("rb") as file:
        few = b"".join(next(file) for _ in range(100))
    work(
        Part(name, "0" * 64, len(few), lambda: io.BytesIO(few))
    )  # for the imports, of which many are made on first use
    return timed(partial(work, Part(name, "0" * 64, path.stat().st_size, lambda: path.open("rb"))))


def run_bare(_feed_id: str, path: Path, out: Path) -> Measured:
    """What DuckDB does by itself."""
    import duckdb

    def work() -> Measured:
        duckdb.sql(f"copy (from read_csv('{path}')) to '{out}/bare.parquet' (format parquet, compression zstd)")
        return {"rows": duckdb.sql(f"select count(*) from '{out}/bare.parquet'").fetchall()[0][0], "held": 0}

    return timed(work)


def run_pandas(_feed_id: str, path: Path, out: Path) -> Measured:
    """What pandas does by itself."""
    import pandas as pd
    import pyarrow.parquet  # noqa: F401  pandas would import it while time counts

    def work() -> Measured:
        frame = pd.read_csv(path)
        frame.to_parquet(out / "pandas.parquet", compression="zstd")
        return {"rows": len(frame), "held": 0}

    return timed(work)


RUNS: dict[str, Callable[[str, Path, Path], Measured]] = {
    "product": run_product,
    "bare DuckDB": run_bare,
    "pandas": run_pandas,
}


def child(run: str, feed_id: str, path: Path) -> None:
    """One measurement in this process."""
    with tempfile.TemporaryDirectory(dir=path.parent) as out:
        report(RUNS[run](feed_id, path, Path(out)))


def _measured(run: str, feed_id: str, path: Path) -> Measured:
    return in_a_process(MODULE, "--child", run, "--feed", feed_id, "--path", str(path))


def compare(feed_id: str, folder: Path, rows: int, repeats: int) -> None:
    """Speed of one feed against its peers, as a table."""
    path = folder / FILES[feed_id][0]
    print(f"{feed_id}: writing {rows:,} rows", file=sys.stderr)
    write_file(feed_id, path, rows)
    size = path.stat().st_size / (1 << 20)
    found = fastest_of_each({run: partial(_measured, run, feed_id, path) for run in RUNS}, repeats)
    path.unlink()
    if {measured["rows"] for measured in found.values()} != {rows}:
        raise SystemExit(f"Not every run saw {rows} rows: {found}.")
    bare = found["bare DuckDB"]
    print(f"\n{feed_id}: {rows:,} rows, {size:.0f} MiB, {found['product']['held']:,} held by the product")
    print(
        f"{'run':<14}{'seconds':>9}{'rows/s':>11}{'processor s':>13}{'peak MiB':>10}{'x bare time':>13}{'x bare processor':>18}"
    )
    for run, told in found.items():
        ratios = (told[part] / bare[part] for part in ("seconds", "processor_seconds"))
        time_ratio, processor_ratio = ratios
        print(
            f"{run:<14}{told['seconds']:>9.1f}{rows / told['seconds']:>11,.0f}{told['processor_seconds']:>13.1f}"
            f"{told['peak_mib']:>10.0f}{time_ratio:>13.2f}{processor_ratio:>18.2f}"
        )


def memory(folder: Path, sizes: list[int]) -> None:
    """Peak of memory of the product at different numbers of rows, as a table."""
    feed_id = "insurance_underwriting_event"
    found: list[tuple[int, dict[str, Any]]] = []
    for rows in sizes:
        path = folder / FILES[feed_id][0]
        print(f"memory: writing and reading {rows:,} rows", file=sys.stderr)
        write_file(feed_id, path, rows)
        found.append((rows, _measured("product", feed_id, path)))
        path.unlink()
    print(f"\n{feed_id}: memory of the product")
    print(f"{'rows':>12}{'seconds':>9}{'peak MiB':>10}{'x first':>9}")
    for rows, told in found:
        print(
            f"{rows:>12,}{told['seconds']:>9.1f}{told['peak_mib']:>10.0f}{told['peak_mib'] / found[0][1]['peak_mib']:>9.2f}"
        )


def main() -> None:
    """Write the files, measure, compare, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory-rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--child", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--feed", choices=FILES, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.feed, arguments.path)
        return
    with tempfile.TemporaryDirectory(prefix="exposure-bench-") as folder:
        for feed_id in FILES:
            compare(feed_id, Path(folder), arguments.rows, arguments.repeats)
        memory(Path(folder), arguments.memory_rows)


if __name__ == "__main__":
    main()
