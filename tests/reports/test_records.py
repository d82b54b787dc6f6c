from __future__ import annotations

import copy
import dataclasses
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest

from trade_exposure.errors import BadInput


def test_the_tone_is_that_of_the_worst_failed_expectation(samples: ModuleType) -> None:
    record = samples.trade_record()
    result = copy.deepcopy(record.result)
    assert record.tone == "failed"
    assert record.failed_count == 6
    for one in result["results"]:
        if one["expectation_config"]["severity"] == "critical":
            one["success"] = True
    assert dataclasses.replace(record, result=result).tone == "warned"
    assert samples.rate_record().tone == "passed"


def test_a_critical_rule_on_rows_does_not_fail_a_load_that_was_not_stopped(samples: ModuleType) -> None:
    failed = {"success": False, "expectation_config": {"severity": "critical", "meta": {"scope": "row"}}}
    record = dataclasses.replace(samples.rate_record(), result={"results": [failed]})
    assert record.tone == "warned"
    assert dataclasses.replace(record, is_stopped=True).tone == "failed"
    failed["expectation_config"]["meta"]["scope"] = "batch"
    assert record.tone == "failed"


def test_a_failed_expectation_without_a_severity_counts_as_critical(samples: ModuleType) -> None:
    record = dataclasses.replace(
        samples.rate_record(), result={"results": [{"success": False, "expectation_config": {}}]}
    )
    assert record.tone == "failed"


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "a b"])
def test_a_name_that_cannot_be_a_file_name_is_refused(samples: ModuleType, name: str) -> None:
    with pytest.raises(BadInput, match="plain name"):
        dataclasses.replace(samples.rate_record(), load_id=name)


@pytest.mark.parametrize("result", [{}, {"results": None}, {"results": ["passed"]}, {"results": [{}]}])
def test_what_is_no_suite_result_is_refused(samples: ModuleType, result: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="whole suite result"):
        dataclasses.replace(samples.rate_record(), result=result)


def test_a_time_without_zone_is_refused(samples: ModuleType) -> None:
    with pytest.raises(BadInput, match="no zone"):
        dataclasses.replace(samples.rate_record(), run_at=datetime(2026, 1, 1))  # noqa: DTZ001
