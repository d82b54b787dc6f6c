"""Measurements in processes of their own: seconds after the imports, processor seconds, and the peak of memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Measured = dict[str, Any]


def timed(work: Callable[[], Measured]) -> Measured:
    """What ``work`` says, with the seconds and processor seconds that it took."""
    started, used = time.perf_counter(), time.process_time()
    told = work()
    return {**told, "seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - used}


def peak_mib() -> float:
    """The most memory that this process ever held; ``getrusage`` would count its parent's before the start."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024)


def report(measured: Measured) -> None:
    """End of a child process: its measurement as JSON on standard output."""
    print(json.dumps({**measured, "peak_mib": peak_mib()}))


def in_a_process(module: str, *arguments: str) -> Measured:
    """Run a module as a child process and return what it reported.

    Raises:
        CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    return found


def fastest_of_each(runs: dict[str, Callable[[], Measured]], repeats: int) -> dict[str, Measured]:
    """Every run ``repeats`` times, in turns, so that a busy minute of the machine hits all of them; the fastest counts."""
    best: dict[str, Measured] = {}
    for turn in range(repeats):
        for name, run in runs.items():
            print(f"  {name}, {turn + 1} of {repeats} ...", end="", file=sys.stderr, flush=True)
            found = run()
            print(f" {found['seconds']:.1f} s", file=sys.stderr)
            if name not in best or found["seconds"] < best[name]["seconds"]:
                best[name] = found
    return best
