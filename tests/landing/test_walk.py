"""A walk of many requests goes on where it stopped, and starts anew on another day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from trade_exposure.errors import DailyQuotaExhausted, ReplyUnreadable
from trade_exposure.feeds.model import Reply
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import LoadKey, arrivals, parts_of
from trade_exposure.landing.walk import WalkJournal

KEY = LoadKey(feed_id="customs_item_country_trade", period=date(2026, 1, 1), slice="all", kind="year")
AT = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)


class Source:
    """A source that answers a number of calls and then no more."""

    def __init__(self, calls: int, *, word: bytes = b"answer ") -> None:
        self.calls = calls
        self.asked: list[str] = []
        self.word = word

    def ask(self, name: str, *, is_synthetic: bool = True) -> Reply:
        if len(self.asked) == self.calls:
            raise DailyQuotaExhausted("The day's calls are used up; ask again tomorrow.")
        self.asked.append(name)
        return Reply(self.word + name.encode(), "application/xml", f"https://host/{name}", 200, is_synthetic)


def walk(lake: Lake, source: Source, *, at: datetime = AT, names: str = "abcde") -> WalkJournal:
    journal = WalkJournal(lake, KEY, at, is_sealed=False)
    for name in names:
        assert journal.part(name, lambda name=name: source.ask(name)) == source.word + name.encode()
    return journal


def test_a_walk_that_was_cut_asks_only_for_what_is_missing(lake: Lake) -> None:
    cut, rest = Source(3), Source(9)
    with pytest.raises(DailyQuotaExhausted):
        walk(lake, cut)
    journal = walk(lake, rest, at=AT + timedelta(hours=9))
    assert (cut.asked, rest.asked) == (["a", "b", "c"], ["d", "e"])
    arrival = journal.archive(media_type="application/xml", known_at=AT)
    assert [part.read() for part in parts_of(lake, arrival)] == [b"answer " + name.encode() for name in "abcde"]
    assert [part.name for part in arrival.parts] == list("abcde")
    assert lake.list_files("work/walks", "") == []


def test_a_walk_of_another_day_asks_anew(lake: Lake) -> None:
    with pytest.raises(DailyQuotaExhausted):
        walk(lake, Source(3))
    later = Source(9)
    walk(lake, later, at=AT + timedelta(days=1)).archive(media_type="application/xml", known_at=AT)
    assert later.asked == list("abcde")


def test_the_same_answers_again_are_no_new_arrival_and_other_answers_are_a_revision(local_lake: Lake) -> None:
    for day, word in ((0, b"answer "), (1, b"answer "), (2, b"revised ")):
        source = Source(9, word=word)
        walk(local_lake, source, at=AT + timedelta(days=day)).archive(
            media_type="application/xml", known_at=AT + timedelta(days=day)
        )
        assert source.asked == list("abcde")
    found = arrivals(local_lake, KEY)
    assert [known.sequence for known in found] == [1, 2]
    assert parts_of(local_lake, found[1])[0].read() == b"revised a"


def test_a_walk_without_an_answer_or_with_made_up_and_real_ones_is_no_arrival(local_lake: Lake) -> None:
    with pytest.raises(ReplyUnreadable, match="no answer"):
        walk(local_lake, Source(9), names="").archive(media_type="application/xml", known_at=AT)
    source, journal = Source(9), WalkJournal(local_lake, KEY, AT, is_sealed=False)
    journal.part("a", lambda: source.ask("a"))
    journal.part("b", lambda: source.ask("b", is_synthetic=False))
    with pytest.raises(ReplyUnreadable, match="mixed"):
        journal.archive(media_type="application/xml", known_at=AT)
    assert arrivals(local_lake, KEY) == []
