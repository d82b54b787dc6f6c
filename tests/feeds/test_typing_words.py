"""Words and keyed hashes: the same as one by one, remembered within bounds, and no secret anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds import typing_words
from trade_exposure.feeds.contract import Column
from trade_exposure.feeds.privacy import keyed_hash
from trade_exposure.feeds.typing_incoming import has_blank_ends, has_odd_bytes
from trade_exposure.feeds.typing_values import BLANKS
from trade_exposure.feeds.typing_words import FORMULA_STARTS, Words, hashes, vocabulary

SECRET = b"a secret of sixteen or more"


def column(**settings: Any) -> Column:
    return Column("company_id", "VARCHAR", "code", "Of a test.", ("company",), "기업", True, is_hashed=True, **settings)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.none(), max_size=30),
    st.binary(min_size=16, max_size=100),
)
def test_a_column_is_hashed_as_one_text_is(texts: list[str | None], secret: bytes) -> None:
    found = hashes(column(), secret).of(pa.chunked_array([pa.array(texts, pa.string())])).to_pylist()
    for text, digest in zip(texts, found, strict=True):
        value = (text or "").strip(BLANKS)
        if not value:
            assert digest is None
        else:
            assert digest is not None
            starts_a_formula = value.startswith(FORMULA_STARTS) and value != "-"
            assert digest[:2] == ("f:" if starts_a_formula else "h:")
            assert digest[2:] == keyed_hash(value, secret)[2:]


def test_a_text_that_does_not_match_its_pattern_is_marked() -> None:
    found = hashes(column(pattern="[0-9]+"), SECRET).of(pa.chunked_array([["12", "x", "=1"]])).to_pylist()
    assert [digest[:2] for digest in found] == ["h:", "m:", "m:"]


def test_words_for_nothing_are_not_hashed() -> None:
    assert hashes(column(null_words=("-",)), SECRET).of(pa.chunked_array([["-", " - "]])).to_pylist() == [None, None]


def test_each_distinct_text_is_resolved_once_while_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_words, "_MOST_REMEMBERED", 3)
    asked: list[str] = []

    def resolve(text: str) -> str:
        asked.append(text)
        return text.upper()

    words = Words(resolve)
    assert words.of(pa.chunked_array([["a", "b", None, "a"], ["b"]])).to_pylist() == ["A", "B", None, "A", "B"]
    assert words.of(pa.chunked_array([["b", "c", "d"]])).to_pylist() == ["B", "C", "D"]
    assert asked == ["a", "b", "c", "d"]
    words.of(pa.chunked_array([["a"]]))  # four are remembered, more than three: they are forgotten after this
    words.of(pa.chunked_array([["b"]]))
    assert asked == ["a", "b", "c", "d", "b"]


def test_no_error_tells_the_salt(told_by: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise ConfigurationError("The column cannot be hashed.")

    words = hashes(column(), SECRET)
    monkeypatch.setattr(pa, "array", fail)
    with pytest.raises(ConfigurationError) as caught:
        words.of(pa.chunked_array([["a"]], pa.string()))
    assert SECRET.decode() not in told_by(caught.value)


def test_a_lookup_without_seeds_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from trade_exposure.settings import get_settings

    monkeypatch.setenv("EXPOSURE_CODE", str(tmp_path))
    get_settings.cache_clear()
    try:
        with pytest.raises(
            ConfigurationError, match=r"The code table currency\.csv is missing in .*seeds; restore it\."
        ):
            vocabulary(Column("x", "VARCHAR", "c", "d", ("x",), "t", True, lookup="currency"))
    finally:
        get_settings.cache_clear()


@given(
    st.lists(
        st.text(st.sampled_from([*BLANKS, "가", "나", "a", "\u0280", "\uf8ff"]), max_size=5) | st.none(), max_size=9
    )
)
def test_blank_ends_are_found_exactly(texts: list[str | None]) -> None:
    expected = any(text is not None and text != text.strip(BLANKS) for text in texts)
    whole = pa.array(texts, pa.string())
    assert has_blank_ends(whole) == expected
    padded = pa.array([" ", *texts, " "], pa.string()).slice(1, len(texts))
    assert has_blank_ends(padded) == expected


@pytest.mark.parametrize(
    ("text", "odd"), [("가나 abc", False), ("a\x00", True), ("\x7f", True), ("a\ufffd", True), ("", False)]
)
def test_odd_bytes_are_found(text: str, odd: bool) -> None:
    assert has_odd_bytes(pa.array(["abc", text])) is odd
