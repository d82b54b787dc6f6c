"""Runs dbt on a candidate database, in a process of its own, so that the file's lock ends with the command."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from trade_exposure.errors import AuditFailed, ExposureError
from trade_exposure.settings import get_settings

log = logging.getLogger(__name__)

_SOURCES = ("models", "macros", "seeds", "tests")
_FAILED = ("error", "fail", "runtime error")

# The pipe to its standard input ends with this process, so that no dbt goes on writing after a killed one.
_ENDS_WITH_ITS_PARENT = """
import os, threading
threading.Thread(target=lambda: os._exit(len(os.read(0, 1)) + 1), daemon=True).start()
from dbt.cli.main import cli
cli()
"""


def code_sha256() -> str:
    """Hash of every file that decides what the tables hold and how they are judged: dbt project, contracts, suites."""
    settings = get_settings()
    digest = hashlib.sha256((settings.dbt_dir / "dbt_project.yml").read_bytes())
    folders = [*(settings.dbt_dir / name for name in _SOURCES), settings.expectations_dir]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(settings.code)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run(database: Path, *arguments: str) -> dict[str, Any]:
    """Run one dbt command on ``database`` and return its ``run_results.json``.

    Raises:
        AuditFailed: a data test failed.
        ExposureError: dbt ended with an error; the sentence names the first failing node.
    """
    state = get_settings().warehouse_dir / "dbt"
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        # A command and a scheduled build may meet: they share the folder of what dbt has parsed and of its results.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _run(state, database, *arguments)


def _run(state: Path, database: Path, *arguments: str) -> dict[str, Any]:
    settings = get_settings()
    target = state / "target"
    target.mkdir(parents=True, exist_ok=True)
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "EXPOSURE_CANDIDATE": str(database),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(state / "logs"),
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    command = [
        sys.executable, "-c", _ENDS_WITH_ITS_PARENT, "--no-use-colors", "--no-version-check", *arguments,
        "--project-dir", str(settings.dbt_dir), "--profiles-dir", str(settings.dbt_dir),
    ]  # fmt: skip
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=environment,
    ) as process:
        last = ""
        for line in process.stdout or ():
            last = line.strip() or last
            log.info("dbt: %s", line.rstrip())
    told: dict[str, Any] = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {"results": []}
    if process.returncode:
        raise _failure(told, last, state / "logs" / "dbt.log")
    return told


def _failure(told: dict[str, Any], last_line: str, log_file: Path) -> ExposureError:
    failed = [result for result in told["results"] if result["status"] in _FAILED]
    if not failed:
        return ExposureError(f"dbt could not run: {last_line} The whole story is in {log_file}.")
    first = failed[0]
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    if first["unique_id"].startswith("test."):
        return AuditFailed(
            f"The data test {first['unique_id'].split('.')[2]}{more} failed ({first['message']}); "
            f"the last publication stays. The failing rows' query is in {log_file}."
        )
    message = " ".join(str(first["message"]).split())
    return ExposureError(
        f"dbt could not build {first['unique_id'].split('.')[-1]}{more}: {message} The whole story is in {log_file}."
    )
