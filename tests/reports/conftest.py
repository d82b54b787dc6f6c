from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from trade_exposure.reports.data_docs import build_data_docs


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The module ``sample_results.py``: tests have no packages, so it is loaded by its path."""
    name = "sample_results_of_reports"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("sample_results.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def site(samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built site: two synthetic stopped loads of one feed, three real accepted loads of the other."""
    site = tmp_path_factory.mktemp("reports") / "data_docs"
    records = [samples.trade_record(month, is_synthetic=True) for month in (1, 2)]
    records += [samples.rate_record(month) for month in (1, 2, 3)]
    build_data_docs(records, site)
    return site
