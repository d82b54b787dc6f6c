"""One home for the whole test session, away from the checkout, and a fresh one for every test that asks."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyrage import x25519

SESSION_HOME = Path(tempfile.mkdtemp(prefix="exposure-tests-"))
for name in [name for name in os.environ if name.startswith(("EXPOSURE_", "AIRFLOW", "DBT_"))]:
    if name != "EXPOSURE_ARTEFACTS":
        del os.environ[name]
os.environ["EXPOSURE_HOME"] = str(SESSION_HOME)
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"

from trade_exposure import airflow_env  # noqa: E402 - Airflow reads the environment when it is imported
from trade_exposure.settings import get_settings  # noqa: E402

airflow_env.apply()

TEST_SALT = "a salt that only tests use"
os.environ["AIRFLOW_CONN_EXPOSURE_PRIVACY"] = json.dumps({"conn_type": "generic", "password": TEST_SALT})
os.environ["AIRFLOW_CONN_EXPOSURE_ARCHIVE"] = json.dumps(
    {"conn_type": "generic", "password": str(x25519.Identity.generate())}
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh home with a fixed clock; Airflow's own home stays the session's."""
    monkeypatch.setenv("EXPOSURE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EXPOSURE_CLOCK", "2026-11-16T00:00:00+00:00")
    get_settings.cache_clear()
    yield tmp_path / "home"
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole made-up sample, made once for all processes of the test run; ``replies/`` and ``drops/`` lie in it."""
    from trade_exposure.samples import make_sample

    base = tmp_path_factory.getbasetemp()
    return make_sample((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample")


@pytest.fixture(scope="session")
def recorded_replies() -> Path:
    """The folder of recorded real replies."""
    folder = os.environ.get("RECORDED_REPLIES")
    if not folder:
        pytest.skip("RECORDED_REPLIES names no folder of recorded replies")
    return Path(folder)


LONG = ("end_to_end/test_main_job", "end_to_end/test_scheduler", "warehouse", "faults", "browser")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long groups start first, and what shares costly fixtures stays in one process."""

    def group(item: pytest.Item) -> str:
        path = item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix()
        return next((name for name in LONG if path.startswith(name)), path)

    items.sort(key=lambda item: LONG.index(group(item)) if group(item) in LONG else len(LONG))
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group(item)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    shutil.rmtree(SESSION_HOME, ignore_errors=True)
