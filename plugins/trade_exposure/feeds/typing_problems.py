"""What can be wrong with a value, as SQL conditions with their rule and their sentence, in the order in which they count."""

from __future__ import annotations

from typing import NamedTuple

from trade_exposure.feeds.code_tables import CODE_TABLES
from trade_exposure.feeds.contract import Column
from trade_exposure.feeds.typing_values import bound_sql
from trade_exposure.feeds.typing_words import FORMULA_MARK, FORMULA_STARTS, MALFORMED_MARK, UNKNOWN
from trade_exposure.sql import identifier, literal

_SHOWN_CHARACTERS = 40
_UNPRINTABLE = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F\ufffd]"
_TIMES = ("DATE", "TIMESTAMP WITH TIME ZONE")


class Check(NamedTuple):
    """Rows for which ``condition_sql``, over the typed columns, is true are rejected by ``rule``.

    ``reason_sql`` gives what follows "Row N: ", without the full stop.
    """

    condition_sql: str
    rule: str
    reason_sql: str


class Problem(NamedTuple):
    """A condition over one row; ``rule`` and ``reason`` are SQL texts too."""

    condition: str
    rule: str
    reason: str


def row_reason(what_sql: str) -> str:
    """SQL of the whole sentence."""
    return f"'Row ' || source_row || ': ' || {what_sql} || '.'"


def column_problems(column: Column, heading: str, text: str, word: str | None, is_odd: str | None) -> list[Problem]:
    """Everything that can be wrong with one column.

    ``text`` is the SQL name of its trimmed text, ``word`` that of its word if it has a vocabulary, ``is_odd`` a condition
    that is false where no text of the chunk has odd characters; None where the source lacks the column.
    """
    found = [
        Problem(condition, literal(rule), row_reason(_told(column, heading, text, which)))
        for condition, rule, which in (*_of_words(column, text, word), *_of_texts(column, text, word, is_odd))
    ]
    if not column.nullable:
        # Before the rest: a number that is not there is missing and not unreadable.
        missing = row_reason(literal(f"{heading} is missing or empty"))
        found.insert(0, Problem(f"{text if word is None else word} is null", "'missing_value'", missing))
    found += [
        Problem(condition, literal(rule), row_reason(_told(column, heading, text, which)))
        for condition, rule, which in (*_of_values(column, text, word), *_of_bounds(column))
    ]
    return found


def _told(column: Column, heading: str, text: str, which: str) -> str:
    if column.is_hashed:
        return literal(f"{heading} holds a private value {which}")
    shown = f"left(regexp_replace({text}, '[[:cntrl:]]', '?', 'g'), {_SHOWN_CHARACTERS})"
    shown += f" || case when length({text}) > {_SHOWN_CHARACTERS} then '…' else '' end"
    return f"{literal(f'{heading} is ' + chr(39))} || {shown} || {literal(f'{chr(39)}, {which}')}"


def _of_words(column: Column, text: str, word: str | None) -> list[tuple[str, str, str]]:
    if word is not None:
        kind = CODE_TABLES[column.lookup].kind if column.lookup else "value"
        which = f"which is no known {kind} ({column.lookup})" if column.lookup else "which is no word of the contract"
        return [(f"{word} = chr({ord(UNKNOWN)})", f"unknown_{kind}", which)]
    if column.type == "BOOLEAN":
        return [(f"{text} not in ('true', 'false')", "unknown_value", "which is neither true nor false")]
    return []


def _of_texts(column: Column, text: str, word: str | None, is_odd: str | None) -> list[tuple[str, str, str]]:
    if column.type != "VARCHAR" or word is not None or is_odd is None:
        return []
    no_formula, no_match = "which begins like a spreadsheet formula", f"which does not match {column.pattern}"
    if column.is_hashed:
        return [
            (f"starts_with({text}, '{FORMULA_MARK}')", "formula_in_text", no_formula),
            (f"starts_with({text}, '{MALFORMED_MARK}')", "malformed_code", no_match),
        ]
    starts = f"ascii({text}) in ({', '.join(str(ord(start)) for start in FORMULA_STARTS)}) and {text} <> '-'"
    found = []
    if column.pattern is None:
        found.append((starts, "formula_in_text", no_formula))
    else:
        fits = f"regexp_full_match({text}, {literal(column.pattern)})"
        found.append((f"{starts} and not {fits}", "formula_in_text", no_formula))
        found.append((f"not {fits}", "malformed_code", no_match))
    unprintable = f"case when {is_odd} then regexp_matches({text}, {literal(_UNPRINTABLE)}) else false end"
    found.append((unprintable, "unreadable_text", "which holds characters that are no text"))
    return found


def _of_values(column: Column, text: str, word: str | None) -> list[tuple[str, str, str]]:
    name = identifier(column.name)
    unread = f"{text if word is None else word} is not null and {name} is null"
    if column.type == "DATE":
        return [(unread, "unreadable_date", f"which is no date of the form {column.date_format}")]
    if column.type == "TIMESTAMP WITH TIME ZONE":
        which = "which is no instant with an offset, such as 2026-05-01T09:00:00+09:00"
        return [(unread, "unreadable_date", which)]
    if column.type in ("VARCHAR", "BOOLEAN"):
        return []
    which = f"which is no {column.type}"
    if column.number_style != "plain":
        which = f"which is no number in the style {column.number_style} that fits {column.type}"
    return [(unread, "unreadable_number", which)]


def _of_bounds(column: Column) -> list[tuple[str, str, str]]:
    name, found = identifier(column.name), []
    if column.type in _TIMES:
        span = f"cast('1900-01-01' as {column.type}) and cast('2199-12-31' as {column.type})"
        found.append((f"{name} not between {span}", "implausible_date", "which is not between the years 1900 and 2199"))
    if column.minimum is not None:
        found.append(
            (f"{name} < {bound_sql(column, column.minimum)}", "out_of_range", f"which is below {column.minimum}")
        )
    if column.maximum is not None:
        found.append(
            (f"{name} > {bound_sql(column, column.maximum)}", "out_of_range", f"which is above {column.maximum}")
        )
    return found
