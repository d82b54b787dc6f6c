"""Run as a program: feeds bytes to the tokenisers of CSV and JSON Lines, led by coverage; any other error than ours ends it.

``python fuzz_tokens.py [--planted] -runs=N …``: ``--planted`` adds a defect of its own, which a working run must find.
"""

from __future__ import annotations

import hashlib
import io
import sys
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["trade_exposure.feeds.t", "trade_exposure.feeds.file_layout"]):
    from trade_exposure.feeds import tabular, text_encoding, tokens_csv, tokens_jsonl, tokens_survey

from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from bad_input.files import CEILING, CENTRE, rows_in

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.registry import contracts

if TYPE_CHECKING:
    import pyarrow as pa

CONTRACTS = contracts()
LOADS = {"csv": (CEILING, date(2026, 1, 1), "all"), "jsonl": (CENTRE, date(2026, 10, 20), "AITC01")}
MAGIC = 0x7B


class Drained(Exception):
    """In the place of typed rows: the numbers of the rows that the tokeniser gave."""


def drain(_contract: object, batches: pa.RecordBatchReader, *_more: object, **_named: object) -> Any:
    raise Drained([number for batch in batches for number in batch["source_row"].to_pylist()])


def read(data: bytes) -> None:
    """One input: its first byte tells the kind of file; what the tokeniser gives must be all rows that are there."""
    if "--planted" in sys.argv and MAGIC in data:
        raise RuntimeError("the planted defect")
    kind, body = "csv" if data[:1] < b"\x80" else "jsonl", data[1:]
    part = Part(f"file.{kind}", hashlib.sha256(body).hexdigest(), len(body), lambda: io.BytesIO(body))
    feed_id, period, slice_ = LOADS[kind]
    try:
        tabular.parse(CONTRACTS[feed_id], [part], period, slice_, Path("never written"))
    except LayoutRefused:
        return
    except Drained as drained:
        (numbers,) = drained.args
        if sorted(numbers) != list(range(1, rows_in(body, kind) + 1)):
            raise AssertionError(f"{numbers} are not all of {rows_in(body, kind)} rows") from None
        return
    raise AssertionError("nothing was read and nothing refused")


if __name__ == "__main__":
    for module in (tabular, text_encoding, tokens_csv, tokens_jsonl, tokens_survey):
        assert module.__name__ in sys.modules
    tabular.type_rows = drain
    atheris.Setup([word for word in sys.argv if word != "--planted"], read)
    atheris.Fuzz()
