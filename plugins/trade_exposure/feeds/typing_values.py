"""From a source's text to a value, as SQL: one expression per column, exact, without a double anywhere.

Every number is checked by a regular expression first and then read by a cast of the very text; a scale that is a power of
ten moves the decimal point in the text. What does not fit gives null, which the caller reports.
"""

from __future__ import annotations

from decimal import Decimal

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import Column, decimal_shape
from trade_exposure.sql import literal

BLANKS = " \t\r\n\v\f\u00a0\u3000\ufeff"
"""Characters that are cut off both ends of a value; the last three are the no-break, the ideographic and the zero-width blank."""

_BIGINT_DIGITS = 18
_FAST_DIGITS = 18
_GROUPED = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,38})"
_GROUPED_EUROPEAN = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,38})"

# A date format's grammar, and where year, month and day begin in it; None for what is always the first.
_DATES: dict[str, tuple[str, int, int | None, int | None]] = {
    "yyyy": ("[0-9]{4}", 1, None, None),
    "yyyyMM": ("[0-9]{6}", 1, 5, None),
    "yyyy-MM": ("[0-9]{4}-[0-9]{2}", 1, 6, None),
    "yyyy.MM": (r"[0-9]{4}\.[0-9]{2}", 1, 6, None),
    "yyyyMMdd": ("[0-9]{8}", 1, 5, 7),
    "yyyy.MM.dd": (r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}", 1, 6, 9),
    "yyyy/MM/dd": ("[0-9]{4}/[0-9]{2}/[0-9]{2}", 1, 6, 9),
    "dd.MM.yyyy": (r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}", 7, 4, 1),
    "MM/dd/yyyy": ("[0-9]{2}/[0-9]{2}/[0-9]{4}", 7, 1, 4),
}
_DAY_AND_MINUTE = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]"
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)"
_INSTANT = rf"{_DAY_AND_MINUTE}:[0-5][0-9](?:\.[0-9]{{1,6}})?{_OFFSET}"
_INSTANT_WITHOUT_SECONDS = _DAY_AND_MINUTE + _OFFSET


def value_sql(column: Column, text: str) -> str:
    """The column's value from the SQL text ``text`` (trimmed; null where there is none); null where it cannot be read."""
    if column.type == "VARCHAR":
        return text
    if column.type == "BOOLEAN":
        return f"case {text} when 'true' then true when 'false' then false end"
    if column.type == "DATE":
        return _date(column, text)
    if column.type == "TIMESTAMP WITH TIME ZONE":
        return _instant(text)
    return _number(column, text)


def shape(column: Column) -> tuple[int, int]:
    """Digits in all and digits after the point that the column's type holds."""
    return decimal_shape(column.type) or (_BIGINT_DIGITS, 0)


def moved_places(column: Column) -> int:
    """Places by which the point moves right between the source's text and our value.

    Raises:
        ConfigurationError: the scale is no power of ten, or the column's type cannot hold the source's fraction.
    """
    places = -2 if column.number_style == "percent" else 0
    scale = column.scale.normalize()
    if scale.as_tuple().digits != (1,):
        raise ConfigurationError(
            f"The scale {column.scale} of the column {column.name} is no power of ten; convert such amounts in the warehouse."
        )
    places += scale.adjusted()
    if shape(column)[1] + places < 0:
        raise ConfigurationError(
            f"The column {column.name} has too few decimals in {column.type} for its scale and number style; widen the type."
        )
    return places


def _instant(text: str) -> str:
    shapes = f"when regexp_full_match({text}, {literal(_INSTANT)}) then {text}"
    # The cast wants seconds.
    whole = f"left({text}, 16) || ':00' || substr({text}, 17)"
    shapes += f" when regexp_full_match({text}, {literal(_INSTANT_WITHOUT_SECONDS)}) then {whole}"
    return f"try_cast(case {shapes} end as timestamptz)"


def _date(column: Column, text: str) -> str:
    return f"coalesce({', '.join(_date_of(known, text) for known in (column.date_format or '').split('|'))})"


def _date_of(date_format: str, text: str) -> str:
    if date_format == "yyyy-MM-dd":
        # Faster than a grammar, and as strict: the cast takes more than this form, but writes nothing else.
        return f"case when cast(try_cast({text} as date) as varchar) = {text} then try_cast({text} as date) end"
    grammar, year, month, day = _DATES[date_format]
    pieces = [f"substr({text}, {year}, 4)"]
    pieces += [f"substr({text}, {at}, 2)" if at else "'01'" for at in (month, day)]
    iso = " || '-' || ".join(pieces)
    return f"try_cast(case when regexp_full_match({text}, {literal(grammar)}) then {iso} end as date)"


def _number(column: Column, text: str) -> str:
    precision, scale = shape(column)
    places = moved_places(column)
    fraction = scale + places
    grammar, plain = _style(column.number_style, fraction, text)
    if not places and column.number_style == "plain":
        grammar = f"-?[0-9]{{1,{precision - scale}}}" + _fraction(r"\.", fraction)
    number = f"case when regexp_full_match({text}, {literal(grammar)}) then {plain} end"
    slow = _moved(number, fraction, scale) if places else number
    if precision <= _FAST_DIGITS and not places:
        return f"try_cast({number} as {column.type})"
    # DuckDB casts text to a decimal of more than 18 digits three hundred times more slowly than to a smaller one.
    fast = f"try_cast({number} as decimal({_FAST_DIGITS},{fraction}))" if fraction <= _FAST_DIGITS else "null"
    if places:
        # More than 18 digits: DuckDB multiplies two smaller decimals in 64 bits and raises when the product needs more.
        factor = format(Decimal(1).scaleb(places), "f")
        fast = f"{fast} * cast({factor} as decimal({_FAST_DIGITS + 1},{max(-places, 0)}))"
    return f"coalesce(try_cast({fast} as {column.type}), try_cast({slow} as {column.type}))"


def _fraction(point: str, digits: int) -> str:
    return f"(?:{point}[0-9]{{1,{digits}}})?" if digits else ""


def _style(style: str, fraction: int, text: str) -> tuple[str, str]:
    """Grammar of a number style, and SQL that makes a matching text a plain number."""
    end = _fraction(r"\.", fraction)
    if style == "grouped":
        return f"-?{_GROUPED}{end}", f"replace({text}, ',', '')"
    if style == "parentheses":
        return (
            rf"-?{_GROUPED}{end}|\({_GROUPED}{end}\)",
            f"replace(replace(replace({text}, ',', ''), '(', '-'), ')', '')",
        )
    if style == "european":
        return (
            f"-?{_GROUPED_EUROPEAN}{_fraction(',', fraction)}",
            f"replace(replace({text}, '.', ''), ',', '.')",
        )
    if style == "percent":
        return rf"-?[0-9]{{1,38}}{end} ?%", f"left({text}, -1)"
    return f"-?[0-9]{{1,38}}{end}", text


def _moved(plain: str, fraction: int, scale: int) -> str:
    """``plain`` with the point moved so that its ``fraction`` digits become ``scale`` digits."""
    digits = f"split_part(ltrim({plain}, '-'), '.', 1) || rpad(trim(split_part({plain}, '.', 2)), {fraction}, '0')"
    digits = f"replace({digits}, ' ', '')"
    if scale:
        padded = f"lpad({digits}, greatest(length({digits}), {scale + 1})::integer, '0')"
        digits = f"left({padded}, -{scale}) || '.' || right({padded}, {scale})"
    return f"case when {plain} like '-%' then '-' else '' end || {digits}"


def bound_sql(column: Column, bound: str) -> str:
    """A minimum or maximum of the contract as SQL of the column's type.

    Raises:
        ConfigurationError: the type cannot hold it.
    """
    if column.type in ("DATE", "TIMESTAMP WITH TIME ZONE"):
        return f"cast({literal(bound)} as {column.type})"
    precision, scale = shape(column)
    number = Decimal(bound)
    exponent = number.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > scale or (number and number.adjusted() >= precision - scale):
        raise ConfigurationError(f"The bound {bound} of the column {column.name} does not fit into {column.type}.")
    return f"cast({literal(bound)} as {column.type})"
