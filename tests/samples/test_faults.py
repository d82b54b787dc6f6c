"""Faults by name, for some calls or for all."""

from __future__ import annotations

import pytest

from trade_exposure.errors import BadInput
from trade_exposure.samples.faults import FAULTS, Fault, FaultPlan


def test_a_fault_is_written_as_name_or_name_and_times() -> None:
    assert Fault.parse("throttle") == Fault("throttle", None)
    assert Fault.parse(" time-out:3 ") == Fault("time-out", 3)
    assert [Fault.parse(name).name for name in FAULTS] == list(FAULTS)


@pytest.mark.parametrize(
    "text", ["", "flood", "throttle:", "throttle:0", "throttle:-1", "throttle:two", "throttle:1:2"]
)
def test_anything_else_is_refused_with_the_known_names(text: str) -> None:
    with pytest.raises(
        BadInput, match="write throttle, daily-quota, key-not-registered, truncated, time-out, http-500, slow"
    ):
        Fault.parse(text)


def test_faults_come_in_their_order_and_end() -> None:
    plan = FaultPlan(["throttle:2", Fault("slow", 1)])
    assert [plan.next() for _ in range(5)] == ["throttle", "throttle", "slow", None, None]


def test_a_fault_without_times_never_ends() -> None:
    plan = FaultPlan(["http-500:1", "throttle"])
    assert [plan.next() for _ in range(4)] == ["http-500", "throttle", "throttle", "throttle"]
