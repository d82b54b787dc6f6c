"""Texts to values, exactly: every number style, scale and date format, against what Python's own decimals and dates say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import Column
from trade_exposure.feeds.contract_columns import DATE_FORMATS, NUMBER_STYLES
from trade_exposure.feeds.typing_values import bound_sql, moved_places, value_sql

MANY = settings(max_examples=300, deadline=None)
CONNECTION = duckdb.connect(config={"threads": 1})


def column(type_: str, **settings_: Any) -> Column:
    return Column("amount", type_, "test", "Of a test.", ("amount",), "금액", True, **settings_)


def value(text: str | None, typed: Column) -> Any:
    query = f"select {value_sql(typed, 't')} from (select cast($1 as varchar) as t)"
    return CONNECTION.execute(query, [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("style", "scale", "type_", "text", "expected"),
    [
        ("plain", 1, "BIGINT", "-12", -12),
        ("plain", 1, "BIGINT", "999999999999999999", 999999999999999999),
        ("plain", 1, "BIGINT", "9999999999999999999", None),
        ("plain", 1, "BIGINT", "1.0", None),
        ("plain", 1, "DECIMAL(20,2)", "-0.5", "-0.50"),
        ("plain", 1, "DECIMAL(20,2)", "0.505", None),
        ("plain", 1, "DECIMAL(20,2)", "123456789012345678.99", "123456789012345678.99"),
        ("plain", 1, "DECIMAL(20,2)", "1234567890123456789.9", None),
        ("plain", 1, "DECIMAL(38,6)", "12345678901234567890123456789012.000001", "12345678901234567890123456789012.000001"),
        *(("plain", 1, "DECIMAL(20,2)", text, None) for text in ("1,000", "+1", "1e3", ".5", "5.", "1_000", "٣", "", "-", "NaN", "0x1", "1 000", "--1", "1.2.3", "½")),
        ("grouped", 1, "DECIMAL(20,2)", "-1,234,567.8", "-1234567.80"),
        ("grouped", 1, "DECIMAL(20,2)", "1234567.89", "1234567.89"),
        *(("grouped", 1, "DECIMAL(20,2)", text, None) for text in ("1,23", "1234,567", ",123", "1,234,", "1,2345", "1.234,5", "(1)", "1,234.567")),
        ("parentheses", 1, "DECIMAL(24,2)", "(1,234)", "-1234.00"),
        ("parentheses", 1, "DECIMAL(24,2)", "1,234.5", "1234.50"),
        ("parentheses", 1, "DECIMAL(24,2)", "-1,234.5", "-1234.50"),
        *(("parentheses", 1, "DECIMAL(24,2)", text, None) for text in ("(1,234", "1,234)", "(-1)", "-(1)", "()", "((1))")),
        ("european", 1, "DECIMAL(20,2)", "-1.234.567,8", "-1234567.80"),
        ("european", 1, "DECIMAL(20,2)", "1.234", "1234.00"),
        ("european", 1, "DECIMAL(20,2)", "1234,5", "1234.50"),
        *(("european", 1, "DECIMAL(20,2)", text, None) for text in ("1,234.5", "1.23", "1,234", "1.2345,6")),
        ("percent", 1, "DECIMAL(9,6)", "12.5%", "0.125000"),
        ("percent", 1, "DECIMAL(9,6)", "100 %", "1.000000"),
        ("percent", 1, "DECIMAL(9,6)", "-0.0001%", "-0.000001"),
        *(("percent", 1, "DECIMAL(9,6)", text, None) for text in ("12.5", "0.00001%", "%", "12.5%%", "12,5%", "100000%")),
        ("plain", "1E+8", "DECIMAL(24,0)", "1.5", "150000000"),
        ("plain", "1E+8", "DECIMAL(24,0)", "0.00000001", "1"),
        ("plain", "1E+8", "DECIMAL(24,0)", "0.000000001", None),
        ("plain", "1E+8", "DECIMAL(24,0)", "9999999999999999.99999999", "999999999999999999999999"),
        ("plain", "1E+8", "DECIMAL(24,0)", "10000000000000000", None),
        ("grouped", 1000, "DECIMAL(38,2)", "-123,456,789,012,345,678,901,234,567,890,123.45678", "-123456789012345678901234567890123456.78"),
        ("grouped", 1000, "BIGINT", "1,234.567", 1234567),
        ("plain", "0.01", "DECIMAL(10,2)", "12345", "123.45"),
        ("plain", "0.01", "DECIMAL(10,2)", "-5", "-0.05"),
        ("plain", "0.01", "DECIMAL(10,2)", "0.5", None),
    ],
)  # fmt: skip
def test_a_number_is_read_exactly_or_not_at_all(
    style: str, scale: Any, type_: str, text: str, expected: str | int | None
) -> None:
    found = value(text, column(type_, number_style=style, scale=Decimal(scale)))
    assert found == (Decimal(expected) if isinstance(expected, str) else expected)


def spoken(text: str, style: str) -> Decimal | None:
    """What a text means in a style, by Python alone."""
    sign = ""
    if style == "percent":
        if not text.endswith("%"):
            return None
        text = text[:-1].removesuffix(" ")
    elif style == "european":
        text = text.translate(str.maketrans(".,", ",."))
    elif style == "parentheses" and text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1], "-"
        if text.startswith("-"):
            return None
    grouped = style in ("grouped", "parentheses", "european")
    whole = r"(\d{1,3}(,\d{3})+|\d+)" if grouped else r"\d+"
    if not re.fullmatch(rf"-?{whole}(\.\d+)?", text, re.ASCII):
        return None
    return Decimal(sign + text.replace(",", "")).scaleb(-2 if style == "percent" else 0)


_DIGITS = st.text(alphabet="0123456789", min_size=1, max_size=12)
_NUMBERS = st.builds(
    lambda sign, whole, end, mark: f"{sign}{whole}{end}{mark}",
    st.sampled_from(["", "-", "("]),
    st.one_of(_DIGITS, st.integers(0, 10**12).map("{:,}".format), st.integers(0, 10**12).map(lambda n: f"{n:,}".replace(",", "."))),
    st.one_of(st.just(""), _DIGITS.map(".".__add__), _DIGITS.map(",".__add__)),
    st.sampled_from(["", ")", "%", " %"]),
)  # fmt: skip


@MANY
@given(
    text=_NUMBERS | st.text(alphabet="0123456789.,-()% e+_", max_size=14),
    style=st.sampled_from(NUMBER_STYLES),
    places=st.integers(-2, 9),
    shape=st.sampled_from([(9, 4), (18, 6), (20, 4), (24, 4), (38, 10)]),
)
def test_any_text_means_in_sql_what_it_means_in_python(
    text: str, style: str, places: int, shape: tuple[int, int]
) -> None:
    typed = column(f"DECIMAL({shape[0]},{shape[1]})", number_style=style, scale=Decimal(1).scaleb(places))
    meant = spoken(text, style)
    found = value(text, typed)
    if meant is None:
        assert found is None
        return
    meant = meant.scaleb(places)
    digits = meant.as_tuple()
    assert isinstance(digits.exponent, int)
    fits = -digits.exponent <= shape[1] and abs(meant) < Decimal(10) ** (shape[0] - shape[1])
    assert found == (meant if fits else None)


@pytest.mark.parametrize(
    ("scale", "type_", "style", "complaint"),
    [
        ("3", "DECIMAL(20,2)", "plain", "The scale 3 of the column amount is no power of ten"),
        ("0.001", "DECIMAL(20,2)", "plain", "has too few decimals"),
        ("1", "DECIMAL(20,1)", "percent", "has too few decimals"),
    ],
)
def test_a_scale_that_could_not_be_exact_is_refused(scale: str, type_: str, style: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        moved_places(column(type_, scale=Decimal(scale), number_style=style))


@pytest.mark.parametrize(
    ("bound", "fits"), [("0", True), ("1.25", True), ("1.255", False), ("100", False), ("-99.99", True)]
)
def test_a_bound_must_fit_the_type(bound: str, fits: bool) -> None:
    typed = column("DECIMAL(4,2)")
    if fits:
        assert CONNECTION.execute(f"select {bound_sql(typed, bound)}").fetchall() == [(Decimal(bound),)]
    else:
        with pytest.raises(ConfigurationError, match=re.escape(bound)):
            bound_sql(typed, bound)


DAY = date(2026, 2, 3)
WRITTEN = {
    "yyyy": "2026", "yyyyMM": "202602", "yyyy-MM": "2026-02", "yyyy.MM": "2026.02", "yyyyMMdd": "20260203",
    "yyyy-MM-dd": "2026-02-03", "yyyy.MM.dd": "2026.02.03", "yyyy/MM/dd": "2026/02/03", "dd.MM.yyyy": "03.02.2026",
    "MM/dd/yyyy": "02/03/2026",
}  # fmt: skip


@pytest.mark.parametrize("date_format", DATE_FORMATS)
def test_a_date_is_read_in_its_own_format_and_in_no_other(date_format: str) -> None:
    typed = column("DATE", date_format=date_format)
    meant = DAY if "d" in date_format else DAY.replace(day=1) if "M" in date_format else DAY.replace(month=1, day=1)
    assert value(WRITTEN[date_format], typed) == meant
    assert len(WRITTEN) == len(DATE_FORMATS)
    for other, text in WRITTEN.items():
        if other != date_format:
            assert value(text, typed) is None, other
    for text in ("", "-", "2026-13-01", "20261301", "2026-02-30", "30.02.2026", "02/30/2026", "2026-2-3", "٢٠٢٦-٠٢-٠٣"):
        assert value(text, typed) is None, text


def test_the_first_format_that_fits_is_used() -> None:
    typed = column("DATE", date_format="yyyyMM|yyyy-MM-dd|yyyy")
    assert [value(text, typed) for text in ("202602", "2026-02-03", "2026", "2026-02")] == [
        date(2026, 2, 1), DAY, date(2026, 1, 1), None,
    ]  # fmt: skip


@MANY
@given(
    st.dates().map(date.isoformat).flatmap(
        lambda text: st.tuples(st.just(text), st.integers(0, 9), st.sampled_from("0123456789-+/ Tx٣"))
    )
)  # fmt: skip
def test_a_day_with_one_character_changed_is_the_day_it_says_or_none(change: tuple[str, int, str]) -> None:
    text, place, character = change
    text = text[:place] + character + text[place + 1 :]
    try:
        meant = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        meant = None
    assert value(text, column("DATE", date_format="yyyy-MM-dd")) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-05-01T09:30:00+09:00", datetime(2026, 5, 1, 0, 30, tzinfo=UTC)),
        ("2026-05-01T09:30:00+0900", datetime(2026, 5, 1, 0, 30, tzinfo=UTC)),
        ("2026-05-01 09:30:00+09", datetime(2026, 5, 1, 0, 30, tzinfo=UTC)),
        ("2026-05-01T00:30Z", datetime(2026, 5, 1, 0, 30, tzinfo=UTC)),
        ("2026-05-01T00:30:00.123456-03:30", datetime(2026, 5, 1, 4, 0, 0, 123456, tzinfo=UTC)),
        *((text, None) for text in (
            "2026-05-01T09:30:00", "2026-05-01", "20260501T093000Z", "2026-05-01T09:30:00 KST", "2026-05-01T24:00:00Z",
            "2026-05-01T09:60:00Z", "2026-05-01T09:30:00+99:00", "2026-02-30T09:30:00Z", "2026-05-01T 9:30:00Z", "now",
        )),
    ],
)  # fmt: skip
def test_an_instant_needs_its_offset(text: str, meant: datetime | None) -> None:
    found = value(text, column("TIMESTAMP WITH TIME ZONE"))
    assert found == meant
