"""Faults that the local feed server can play, each for its first calls or for every call."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from trade_exposure.errors import BadInput

FAULTS = ("throttle", "daily-quota", "key-not-registered", "truncated", "time-out", "http-500", "slow")
_WRITTEN = re.compile(r"([a-z0-9-]+)(?::([0-9]{1,6}))?")


@dataclass(frozen=True)
class Fault:
    """One fault; ``times`` counts the calls that meet it, None means every call."""

    name: str
    times: int | None = None

    @classmethod
    def parse(cls, text: str) -> Fault:
        """``name`` or ``name:times``, for example ``throttle:2``.

        Raises:
            BadInput: no such fault, or the number of times is none.
        """
        written = _WRITTEN.fullmatch(text.strip())
        if not written or written[1] not in FAULTS or written[2] == "0":
            raise BadInput(f"{text!r} is no fault; write {', '.join(FAULTS)}, each with :N for its first N calls only.")
        return cls(written[1], int(written[2]) if written[2] else None)


class FaultPlan:
    """Hands out the faults in their order; safe for threads."""

    def __init__(self, faults: Iterable[Fault | str]) -> None:
        given = [fault if isinstance(fault, Fault) else Fault.parse(fault) for fault in faults]
        self._left: list[tuple[str, int | None]] = [(fault.name, fault.times) for fault in given]
        self._lock = threading.Lock()

    def next(self) -> str | None:
        """The fault of this call, None when it is to succeed."""
        with self._lock:
            for position, (name, left) in enumerate(self._left):
                if left is None:
                    return name
                if left > 0:
                    self._left[position] = (name, left - 1)
                    return name
            return None
