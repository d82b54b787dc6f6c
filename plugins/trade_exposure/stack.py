"""Airflow's four processes on this machine: start, wait until healthy, end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import requests

from trade_exposure import airflow_env
from trade_exposure.errors import BadInput, ExposureError
from trade_exposure.settings import get_settings

_PATIENCE = 180.0
_COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


def _pid_file() -> Path:
    return get_settings().root / "airflow" / "standalone.pid"


def _log_file() -> Path:
    return get_settings().root / "logs" / "airflow.log"


def is_up() -> bool:
    """Whether the processes that `up` started are running."""
    return bool(_members())


def _members() -> list[psutil.Process]:
    """Living processes of the group that `up` started; none when the number belongs to somebody else's by now."""
    try:
        group = int(_pid_file().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return []
    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members if any("airflow" in " ".join(_command(process)) for process in members) else []


def _command(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return list(process.cmdline())
    return []


def up(port: int, *, patience: float = _PATIENCE) -> str:
    """Start scheduler, API server, DAG processor and triggerer; returns what to tell the person.

    Raises:
        BadInput: the port is taken. ConfigurationError: Airflow's database cannot be used.
        ExposureError: Airflow did not become healthy in time; the sentence names the log file.
    """
    url = f"http://127.0.0.1:{port}"
    if is_up():
        return f"Airflow is up already. `make down` ends it; its log is {_log_file()}."
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise BadInput(
                f"Port {port} is in use by another program; choose another with --port (or `make up PORT=…`)."
            )
    airflow_env.prepare()
    log = _log_file()
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        # `airflow standalone` starts its parts by the bare name `airflow`.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
    }
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", "standalone"],
            env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
    _pid_file().write_text(str(process.pid), encoding="ascii")
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if _is_healthy(url):
            return (
                f"Airflow is up: {url}\nUser admin, password in {_password_file()}\nLog: {log}\n"
                "Korean: choose 한국어 in the user menu. `make down` ends it."
            )
        time.sleep(1)
    down()
    raise ExposureError(f"Airflow did not become healthy within {patience:.0f} s; its log {log} tells why.")


def down(*, patience: float = 30.0) -> str:
    """End the process group that `up` started; returns what to tell the person."""
    if not is_up():
        _pid_file().unlink(missing_ok=True)
        return "Airflow is not running."
    for sign in (signal.SIGTERM, signal.SIGKILL):
        members = _members()
        for process in members:
            with contextlib.suppress(psutil.Error):
                process.send_signal(sign)
        psutil.wait_procs(members, timeout=patience)
        if not is_up():
            break
    _pid_file().unlink(missing_ok=True)
    return "Airflow has ended."


def _is_healthy(url: str) -> bool:
    try:
        told = requests.get(f"{url}/api/v2/monitor/health", timeout=5).json()
    except (requests.RequestException, json.JSONDecodeError):
        return False
    return all((told.get(part) or {}).get("status") == "healthy" for part in _COMPONENTS)


def _password_file() -> Path:
    return Path(os.environ["AIRFLOW_HOME"]) / "simple_auth_manager_passwords.json.generated"
