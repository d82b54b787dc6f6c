"""Days, months and years as periods."""

from __future__ import annotations

from datetime import date

import pytest

from trade_exposure.errors import BadInput
from trade_exposure.feeds import periods
from trade_exposure.feeds.periods import KINDS, Kind


@pytest.mark.parametrize(
    ("kind", "start", "following", "label"),
    [
        ("day", date(2024, 2, 29), date(2024, 3, 1), "2024-02-29"),
        ("month", date(2024, 2, 1), date(2024, 3, 1), "2024-02"),
        ("month", date(2023, 12, 1), date(2024, 1, 1), "2023-12"),
        ("year", date(2024, 1, 1), date(2025, 1, 1), "2024"),
    ],
)
def test_a_period_has_a_start_an_end_and_a_label_that_reads_back(
    kind: Kind, start: date, following: date, label: str
) -> None:
    assert periods.start_of(following.replace(day=1) if kind == "day" else start, kind) == (
        following if kind == "day" else start
    )
    assert periods.after(start, kind) == following
    assert periods.before(following, kind, 1) == start
    assert periods.label(start, kind) == label
    assert periods.parse_label(label) == (start, kind)
    assert periods.between(start, following, kind) == [start, following]


def test_the_start_of_a_period_is_its_first_day() -> None:
    day = date(2026, 10, 20)
    assert [periods.start_of(day, kind) for kind in KINDS] == [day, date(2026, 10, 1), date(2026, 1, 1)]
    assert periods.before(date(2026, 1, 1), "month", 13) == date(2024, 12, 1)
    assert periods.between(date(2026, 2, 1), date(2026, 1, 1), "month") == []


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-1", "2026-02-30", "2026/01", "2026-01-01T00", "3026"])
def test_what_is_no_period_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="is no period; write a year, a month or a day"):
        periods.parse_label(text)
