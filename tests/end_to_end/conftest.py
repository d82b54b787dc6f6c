"""The command line as a person runs it, in a process of its own, on a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Exposure = Callable[..., subprocess.CompletedProcess[str]]


def _run(home: Path, *arguments: str, timeout: float = 1500, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EXPOSURE_", "AIRFLOW", "DBT_"))}
    return subprocess.run(
        [str(Path(sys.executable).parent / "exposure"), *arguments],
        env={**kept, "EXPOSURE_HOME": str(home), "COLUMNS": "160", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture(scope="session")
def exposure() -> Exposure:
    """Run ``exposure`` with a home, arguments and environment variables."""
    return _run
