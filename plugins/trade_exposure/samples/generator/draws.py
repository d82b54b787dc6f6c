"""Chance that is the same everywhere: every topic has a stream of its own, so that one part never moves another."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Draw:
    """A stream of chance, named by the seed and a topic.

    Only ``Random.random`` is used: the one method whose numbers Python promises to keep from version to version.
    """

    def __init__(self, seed: int, *topic: str | int) -> None:
        self.unit = random.Random("/".join(map(str, (seed, *topic)))).random  # noqa: S311 - a sample, no secret

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1."""
        return int(self.unit() * limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both counted."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, permille: int) -> bool:
        """True so often in a thousand."""
        return self.unit() * 1000 < permille

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, each as likely as the next."""
        return values[int(self.unit() * len(values))]

    def heavy(self) -> int:
        """A size: mostly small, now and then thirty times as large (hundreds to thousands)."""
        return int(100 / (self.unit() + 0.03))

    def around(self, spread: int) -> int:
        """A factor in per mille: 1000, give or take ``spread``, the middle likelier than the ends."""
        return 1000 + int((self.unit() + self.unit() - 1) * spread)


class Chances(Generic[T]):
    """Values with whole-number weights."""

    def __init__(self, weights: Mapping[T, int]) -> None:
        self._values = list(weights)
        self._sums = list(accumulate(weights.values()))

    def pick(self, draw: Draw) -> T:
        """One of the values, as often as its weight says."""
        return self._values[bisect_right(self._sums, draw.unit() * self._sums[-1])]


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number by weights; the parts add up to it exactly. Without any weight all parts are 0."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts, done, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = total * seen // whole
        parts.append(upto - done)
        done = upto
    return parts
