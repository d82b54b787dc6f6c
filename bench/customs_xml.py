"""Customs XML to judged Parquet, held against a bare lxml + pyarrow loop and against ``pandas.read_xml`` on the same file.

``python -m bench.customs_xml [--rows 280000]``. The file is one answer for a heading of the HS with its total row, in the source's
wire format (280,000 rows are 100 MB; a year of all goods has several times as many rows, in 1,230 such answers). Every measurement runs in a process of its own;
time and processor seconds count from after the imports, memory is the peak resident set of the whole process.

- *product, parse*: the registered parser, from bytes to typed rows, rejects and control totals;
- *product, parse and judge*: and then the whole judgement by the feed's suite, accepted rows and quarantine written;
- *bare lxml + pyarrow*: a loop over items and fields into lists, written as a Parquet file of texts; nothing typed or checked;
- *pandas.read_xml*: the same table of texts by pandas, not even written.

The goals: judged rows at no less than 0.7 times the bare loop's rate, and at no less than ten times that of pandas.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "dbt_project" / "seeds"
YEAR = date(2026, 1, 1)
HEADING = "8542"
MEMORY_LIMIT = "1GB"
RUNS = {
    "parse": "product, parse",
    "judge": "product, parse and judge",
    "bare": "bare lxml + pyarrow",
    "pandas": "pandas.read_xml",
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header><resultCode>00</resultCode>'
    "<resultMsg>정상서비스.</resultMsg></header><body><items>"
)
_TAIL = "</items></body></response>"


def _item(code: str, country: str, month: str, exports: int, imports: int, name: str = "메모리") -> str:
    return (
        f"<item><balPayments>{exports - imports}</balPayments><expDlr>{exports}</expDlr><expWgt>{exports // 400}</expWgt>"
        f"<hsCd>{code}</hsCd><impDlr>{imports}</impDlr><impWgt>{imports // 300}</impWgt><statCd>{country}</statCd>"
        f"<statCdCntnKor1>나라 {country}</statCdCntnKor1><statKor>{name}</statKor><year>{month}</year></item>"
    )


def write_replies(folder: Path, rows: int) -> None:
    """The answer for one heading with ``rows`` rows, and those for the 97 chapters, each in a file named as its part."""
    import duckdb

    found = duckdb.sql(
        f"select customs_code from read_csv('{SEEDS}/country.csv', all_varchar = true, nullstr = '') "
        "where customs_code is not null order by 1"
    ).fetchall()
    countries = [country for (country,) in found]
    months = [f"2026.{number:02}" for number in range(1, 13)]
    most = 100 * len(countries) * len(months)
    if not 0 < rows <= most:
        raise SystemExit(f"A heading has up to {most:,} rows; --rows {rows} is not among them.")
    items, exported, imported = [], 0, 0
    for number in range(rows):
        place, month = divmod(number, len(months))
        code, country = divmod(place, len(countries))
        exports, imports = 3_000_000 + number % 7919, number % 104_729
        exported, imported = exported + exports, imported + imports
        name = f"프로세서와 컨트롤러[메모리ㆍ변환기ㆍ논리회로ㆍ증폭기 &amp; 그 밖의 회로] {code}"
        items.append(_item(f"{HEADING}{code:02}", countries[country], months[month], exports, imports, name))
    total = _item("-", "-", "총계", exported, imported, "-")
    (folder / f"hs4={HEADING}").write_text(_HEAD + "".join(items) + total + _TAIL, encoding="utf-8")
    for chapter in (f"{number:02}" for number in range(1, 98)):
        rows_of_chapter = _item(HEADING, "CN", months[0], exported, imported) if HEADING.startswith(chapter) else ""
        (folder / f"hs2={chapter}").write_text(_HEAD + rows_of_chapter + _TAIL, encoding="utf-8")


def _load(folder: Path) -> tuple[Any, Any]:
    from trade_exposure.feeds.model import Part

    registered = _registered()
    parts = []
    for path in sorted(folder.glob("hs*")):
        body = path.read_bytes()
        parts.append(Part(path.name, hashlib.sha256(body).hexdigest(), len(body), lambda body=body: io.BytesIO(body)))  # type: ignore[misc]
    return registered.contract, registered.parse(parts, YEAR, "all", folder / "parsed")


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(started: tuple[float, float]) -> dict[str, Any]:
    seconds, processor = (now - then for now, then in zip(_clocks(), started, strict=True))
    return {"seconds": seconds, "processor_seconds": processor}


def _registered() -> Any:
    from trade_exposure.feeds.registry import feed

    return feed("customs_item_country_trade")


def _warm_up() -> None:
    """Imports, which the product does where it needs them, and the reading of the contracts: no part of the measurement."""
    for module in (
        "duckdb",
        "numpy",
        "lxml.etree",
        "pyarrow.compute",
        "pyarrow.parquet",
        "trade_exposure.feeds.registry",
    ):
        importlib.import_module(module)
    _registered()


def run_parse(folder: Path) -> dict[str, Any]:
    """The registered parser."""
    _warm_up()
    started = _clocks()
    _, parsed = _load(folder)
    return {**_since(started), "rows": parsed.announced_rows}


def run_judge(folder: Path) -> dict[str, Any]:
    """The registered parser and the whole judgement."""
    from trade_exposure.quality import duckdb_engine  # noqa: F401  the import is not part of the measurement
    from trade_exposure.quality.judge import judge
    from trade_exposure.quality.suite import load_suite

    _warm_up()
    started = _clocks()
    contract, parsed = _load(folder)
    verdict = judge(
        parsed.rows,
        suite=load_suite(contract.suite_path),
        measures=contract.measures,
        rejects=parsed.rejects,
        announced_rows=parsed.announced_rows,
        announced_totals=parsed.announced_totals,
        max_quarantined_share=contract.max_quarantined_share,
        accepted=folder / "accepted.parquet",
        quarantine=folder / "quarantine.parquet",
        constants={"load_id": "bench", "is_synthetic": True},
        reference_dir=SEEDS,
        variables={"period_start": "2026-01-01", "period_end": "2026-12-31", "slice": "all"},
        memory_limit=MEMORY_LIMIT,
    )
    measured = _since(started)
    if verdict.stopped or verdict.quarantined_rows:
        raise SystemExit(f"The bench's load did not pass: {verdict.reasons}")
    return {**measured, "rows": verdict.accepted_rows}


def run_bare(folder: Path) -> dict[str, Any]:
    """What a user would write with lxml and pyarrow."""
    import pandas as pd  # noqa: F401  pyarrow would import it while time counts
    import pyarrow as pa
    import pyarrow.parquet as pq
    from lxml import etree

    started = _clocks()
    root = etree.fromstring((folder / f"hs4={HEADING}").read_bytes())
    columns: dict[str, list[str | None]] = {}
    for item in root.iter("item"):
        for field in item:
            columns.setdefault(str(field.tag), []).append(field.text)
    table = pa.table(columns)
    pq.write_table(table, folder / "bare.parquet", compression="zstd")
    return {**_since(started), "rows": table.num_rows - 1}


def run_pandas(folder: Path) -> dict[str, Any]:
    """What a user would write with pandas."""
    import pandas as pd

    started = _clocks()
    frame = pd.read_xml(folder / f"hs4={HEADING}", xpath="./body/items/item", dtype=str)
    return {**_since(started), "rows": len(frame) - 1}


def child(run: str, folder: Path) -> None:
    """One measurement, as JSON on standard output."""
    measured = {"parse": run_parse, "judge": run_judge, "bare": run_bare, "pandas": run_pandas}[run](folder)
    measured["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(measured))


def measure(run: str, folder: Path, repeats: int) -> dict[str, Any]:
    """Run one measurement in a process of its own, ``repeats`` times; the fastest counts."""
    print(f"  {RUNS[run]} ...", end="", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "bench.customs_xml", "--child", run, "--path", str(folder)]
    found: list[dict[str, Any]] = []
    for _ in range(repeats):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    fastest = min(found, key=lambda measured: float(measured["seconds"]))
    print(f" {fastest['seconds']:.2f} s", file=sys.stderr)
    return fastest


def main() -> None:
    """Write the replies, measure, compare, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=280_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.path)
        return
    with tempfile.TemporaryDirectory(prefix="exposure-bench-") as name:
        folder = Path(name)
        print(f"writing {arguments.rows:,} rows", file=sys.stderr)
        write_replies(folder, arguments.rows)
        size = (folder / f"hs4={HEADING}").stat().st_size
        measured = {run: measure(run, folder, arguments.repeats) for run in RUNS}
    if {found["rows"] for found in measured.values()} != {arguments.rows}:
        raise SystemExit(
            f"The ways disagree about the rows: { {run: found['rows'] for run, found in measured.items()} }"
        )
    rates = {run: arguments.rows / float(found["seconds"]) for run, found in measured.items()}
    print(f"{arguments.rows:,} rows, {size / 1e6:.0f} MB of XML, fastest of {arguments.repeats}")
    print(f"{'run':<28}{'seconds':>9}{'rows/s':>10}{'processor s':>13}{'peak MiB':>10}{'x bare':>8}{'x pandas':>10}")
    for run, title in RUNS.items():
        seconds, processor, peak = (measured[run][part] for part in ("seconds", "processor_seconds", "peak_mib"))
        ratios = f"{rates[run] / rates['bare']:>8.2f}{rates[run] / rates['pandas']:>10.1f}"
        print(f"{title:<28}{seconds:>9.2f}{rates[run]:>10,.0f}{processor:>13.1f}{peak:>10.0f}{ratios}")


if __name__ == "__main__":
    main()
