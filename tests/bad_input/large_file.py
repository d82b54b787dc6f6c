"""Run as a program: parses and judges one CSV file of underwriting events and prints rows and peak memory as JSON.

``python large_file.py FILE SCRATCH``
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path

from trade_exposure.feeds import tabular
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.registry import contracts
from trade_exposure.quality.judge import judge
from trade_exposure.quality.suite import load_suite
from trade_exposure.settings import get_settings


def peak_bytes() -> int:
    """The most memory that this process ever held; ``getrusage`` counts what its parent held before the start too."""
    status = Path("/proc/self/status")
    if status.exists():
        kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kilobytes) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def run(file: Path, scratch: Path) -> dict[str, object]:
    contract = contracts()["insurance_underwriting_event"]
    digest = "0" * 64  # nothing here looks at it
    part = Part(file.name, digest, file.stat().st_size, lambda: file.open("rb"))
    started = time.monotonic()
    parsed = tabular.parse(contract, [part], date(2026, 10, 1), "all", scratch)
    parsed_at = time.monotonic()
    after_parsing = peak_bytes()
    verdict = judge(
        parsed.rows,
        suite=load_suite(contract.suite_path),
        measures=contract.measures,
        rejects=parsed.rejects,
        announced_rows=parsed.announced_rows,
        announced_totals=parsed.announced_totals,
        max_quarantined_share=contract.max_quarantined_share,
        accepted=scratch / "accepted.parquet",
        quarantine=scratch / "quarantine.parquet",
        constants={"load_id": "large", "source_file": file.name, "source_sha256": digest, "is_synthetic": True},
        reference_dir=get_settings().dbt_dir / "seeds",
        variables={"period_start": "2026-10-01", "period_end": "2026-10-31", "slice": "all"},
    )
    return {
        "stopped": verdict.stopped,
        "reasons": verdict.reasons,
        "source_rows": verdict.source_rows,
        "accepted_rows": verdict.accepted_rows,
        "quarantined_rows": verdict.quarantined_rows,
        "insured_amount": str(verdict.control_totals["insured_amount"].source),
        "peak_after_parsing": after_parsing,
        "peak": peak_bytes(),
        "seconds": [parsed_at - started, time.monotonic() - parsed_at],
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))))
