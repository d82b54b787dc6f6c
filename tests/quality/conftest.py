"""One small batch, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trade_exposure.quality.judge import judge
from trade_exposure.quality.suite import Rule, Suite
from trade_exposure.quality.verdict import Verdict

SCHEMA = pa.schema(
    [("source_row", pa.int64()), ("code", pa.string()), ("amount", pa.decimal128(20, 2)), ("kind", pa.int64())]
)
REJECTS = pa.schema(
    [
        ("source_row", pa.int64()), ("rule", pa.string()), ("reason", pa.string()), ("raw", pa.string()),
        ("amounts", pa.map_(pa.string(), pa.decimal128(38, 6))),
    ]
)  # fmt: skip
ROWS = [(1, "NA", "10.50", 1), (2, None, "-1.00", 1), (3, "US", "5.25", 2), (4, "KR", "-2.00", 2)]
Judge = Callable[..., Verdict]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """Judge ``ROWS``, or others; what is not said is what makes the batch sound.

    Rejects are (source_row, rule, reason, raw) and perhaps the amounts that could be read.
    """

    def run(
        *rules: Rule,
        rows: list[tuple[Any, ...]] = ROWS,
        more: tuple[Any, ...] = (),
        rejects: tuple[tuple[Any, ...], ...] = (),
        **changes: Any,
    ) -> Verdict:
        rows = [*rows, *more]
        table = pa.Table.from_pylist(
            [dict(zip(SCHEMA.names, (n, c, Decimal(a), k), strict=True)) for n, c, a, k in rows], schema=SCHEMA
        )
        pq.write_table(table, tmp_path / "parsed.parquet")
        refused = [dict(zip(REJECTS.names, (*told, {})[:5], strict=True)) for told in rejects]
        pq.write_table(pa.Table.from_pylist(refused, schema=REJECTS), tmp_path / "rejects.parquet")
        announced = sum((Decimal(row[2]) for row in rows), Decimal(0))
        arguments: dict[str, Any] = {
            "suite": Suite("tests", rules, "f" * 64),
            "measures": ("amount",),
            "rejects": tmp_path / "rejects.parquet",
            "announced_rows": len(rows) + len(rejects),
            "announced_totals": {"amount": announced},
            "max_quarantined_share": Decimal(1),
            "accepted": tmp_path / "out" / "accepted.parquet",
            "quarantine": tmp_path / "out" / "quarantine.parquet",
            "constants": {"load_id": "load-1", "is_synthetic": True},
            "reference_dir": None,
            "variables": {},
            "memory_limit": "256MB",
        }
        return judge(changes.pop("parsed", tmp_path / "parsed.parquet"), **(arguments | changes))

    return run
