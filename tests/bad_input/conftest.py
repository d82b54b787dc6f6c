"""One way to drop a file and run its load from first step to last, which at every end looks whether anything was lost."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from trade_exposure.errors import LoadStopped
from trade_exposure.landing import arrive, ledger, steps
from trade_exposure.landing.lake import Lake, open_lake

Bring = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What became of one dropped file. ``told`` is everything that the error says, where there was one."""

    record: ledger.LoadRecord
    accepted: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    told: str

    @property
    def held(self) -> dict[int, tuple[str, str]]:
        """Rule and reason of every quarantined row, by its number; a row that breaks several rules shows them all."""
        return {row["source_row"]: (", ".join(row["rules"]), " ".join(row["reasons"])) for row in self.quarantine}

    @property
    def reason(self) -> str:
        """The one sentence for which the load was stopped."""
        assert self.record.outcome == "stopped"
        (sentence,) = self.record.reasons
        return sentence


@pytest.fixture
def bring(home: Path) -> Bring:
    """Drops bytes as a file of a feed and runs all steps: ``bring(feed_id, file name, bytes)``."""
    (home / "drops").mkdir(parents=True)
    (home / "drops" / "SYNTHETIC").touch()

    ages = count(1)

    def brought(feed_id: str, name: str, body: bytes, *, control: str | None = None) -> Outcome:
        path = home / "drops" / feed_id / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
        changed = next(ages)  # or a second file of the same size would be the first one again
        os.utime(path, (changed, changed))
        if control is not None:
            path.with_name(f"{name}.control.json").write_text(control, encoding="utf-8")
        lake = open_lake()
        before = {record.path for record in ledger.all_records(lake)}
        taken = steps.land(arrive.take_drop(feed_id, name))
        told = ""
        try:
            steps.commit(steps.judge(steps.parse(taken)))
        except LoadStopped as error:
            told = "".join(traceback.format_exception(error))
        (record,) = (record for record in ledger.all_records(lake) if record.path not in before)
        outcome = Outcome(record, _rows(lake, record.accepted_path), _rows(lake, record.quarantine_path), told)
        _nothing_is_lost(outcome, name, path, body)
        return outcome

    return brought


def _rows(lake: Lake, path: str | None) -> list[dict[str, Any]]:
    return pq.read_table(lake.local(path)).to_pylist() if path else []


def _nothing_is_lost(outcome: Outcome, name: str, path: Path, body: bytes) -> None:
    record = outcome.record
    (part,) = arrive.opened(record.arrival)
    assert part.read() == body == path.read_bytes(), "the bytes lie in the archive and in the drop folder"
    assert record.arrival.file_name == name
    if record.outcome == "stopped":
        assert record.reasons
        assert all(sentence in outcome.told for sentence in record.reasons)
        assert (record.accepted_path, record.quarantine_path) == (None, None)
        return
    assert outcome.told == ""
    numbers = [row["source_row"] for row in (*outcome.accepted, *outcome.quarantine)]
    assert sorted(numbers) == list(range(1, record.source_rows + 1))
    assert (record.accepted_rows, record.quarantined_rows) == (len(outcome.accepted), len(outcome.quarantine))
    assert {row["source_file"] for row in (*outcome.accepted, *outcome.quarantine)} <= {name}
    assert all(total.source == total.accepted + total.quarantined for total in record.control_totals.values())
