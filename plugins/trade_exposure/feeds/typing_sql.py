"""One SQL statement per contract: from the source's texts to typed columns, or to a rejected row with rule and reason.

The statement has one layer per step: texts (blanks cut, words for nothing), values, worked-out columns, and the first problem
of each row. A second form of it says what only a rejected row needs: reason, raw fields, readable amounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trade_exposure.errors import ConfigurationError
from trade_exposure.feeds.contract import Column, FeedContract
from trade_exposure.feeds.typing_problems import Check, Problem, column_problems, row_reason
from trade_exposure.feeds.typing_values import BLANKS, moved_places, shape, value_sql
from trade_exposure.feeds.typing_words import UNKNOWN, has_vocabulary
from trade_exposure.sql import identifier, literal

ROW = "source_row"
INCOMING = "incoming"
PROBLEM_COLUMNS = ("problem_rule", "problem_reason", "problem_raw")
AMOUNT = "decimal(38,6)"
MASK_WIDTH = 62
"""Columns per mask: bit ``n`` of ``blanks0`` says that some text of ``c<n>`` in the chunk has blanks at its ends, of
``odd0`` that some has characters that may be no text. Looking at every row would cost more than all the rest."""

_AMOUNT_DIGITS, _AMOUNT_DECIMALS = 32, 6


def heading_of(column: Column, headings: Sequence[str]) -> str | None:
    """The first of the column's source headings that the source has."""
    return next((heading for heading in column.sources if heading in headings), None)


class Statement(NamedTuple):
    """Two queries over ``incoming`` for one contract and one source's headings.

    ``incoming`` has ``source_row``, :data:`PROBLEM_COLUMNS`, the masks, the texts ``c0`` … in the order of the headings, and the
    words ``w:<column>`` of columns with a vocabulary. ``values`` gives ``source_row``, the columns that are not ``ready`` and
    ``problem``, null for a good row. ``ready`` are columns that ``incoming`` holds as they are, by name. ``explanation`` gives
    for bad rows ``source_row, rule, reason, raw, amounts``.
    """

    values: str
    ready: Mapping[str, str]
    explanation: str


def build(
    contract: FeedContract, headings: Sequence[str], derived: Mapping[str, str], checks: Sequence[Check]
) -> Statement:
    """The statement for a source with ``headings``.

    Raises:
        ConfigurationError: a column's settings contradict each other.
    """
    _check_settings(contract, derived)
    columns = [column for column in contract.columns if column.name != ROW]
    texts, values, worked_out = [], [], []
    ready: dict[str, str] = {}
    problems = [Problem("problem_rule is not null", "problem_rule", "problem_reason")]
    for k, column in enumerate(columns):
        name = identifier(column.name)
        if column.name in derived:
            worked_out.append(f"try_cast({derived[column.name]} as {column.type}) as {name}")
            continue
        heading = heading_of(column, headings)
        source = None if heading is None else list(headings).index(heading)
        word = f"w{k}" if source is not None and has_vocabulary(column) else None
        texts.append(f"{'cast(null as varchar)' if source is None else _text(column, source)} as t{k}")
        if word is not None:
            texts.append(f"{identifier(f'w:{column.name}')} as {word}")
        if source is not None and column.type == "VARCHAR" and (word or column.is_hashed):
            ready[column.name] = f"w:{column.name}" if word else f"c{source}"
        known = f"t{k}" if word is None else f"nullif({word}, chr({ord(UNKNOWN)}))"
        values.append(f"{value_sql(column, known)} as {name}")
        is_odd = None if source is None else f"{_flag('odd', source)} <> 0"
        problems += column_problems(column, heading or column.sources[0], f"t{k}", word, is_odd)
    problems += [
        Problem(
            f"{identifier(c.name)} is null", "'missing_value'", row_reason(literal(f"{c.name} could not be worked out"))
        )
        for c in columns
        if c.name in derived and not c.nullable
    ]
    problems += [Problem(f"({c.condition_sql})", literal(c.rule), row_reason(c.reason_sql)) for c in checks]
    numbered = list(enumerate(problems, start=1))
    masks = [f"odd{number}" for number in range(-(-len(headings) // MASK_WIDTH))]
    carried = [ROW, *PROBLEM_COLUMNS, *masks, *(f"c{number}" for number in range(len(headings)))]
    judged = f"""(
        select *, case {" ".join(f"when {p.condition} then {n}" for n, p in numbered)} end as problem
        from (
            select *{_listed(worked_out)}
            from (select *{_listed(values)} from (select {", ".join(carried)}{_listed(texts)} from {INCOMING}) as texts) as typed
        ) as worked_out
    ) as judged"""
    own = "".join(f"{identifier(column.name)}, " for column in columns if column.name not in ready)
    return Statement(
        values=f"select {ROW}, {own}problem from {judged}",
        ready=ready,
        explanation=f"""
            select
                {ROW},
                case problem {" ".join(f"when {n} then {p.rule}" for n, p in numbered)} end as rule,
                case problem {" ".join(f"when {n} then {p.reason}" for n, p in numbered)} end as reason,
                {_raw(contract, headings)} as raw,
                {_amounts(contract)} as amounts
            from {judged} where problem is not null
        """,
    )


def _listed(expressions: Sequence[str]) -> str:
    return "".join(f", {expression}" for expression in expressions)


def _text(column: Column, source: int) -> str:
    if column.is_hashed:
        return f"c{source}"  # blanks and words for nothing went before the hash was taken
    flag = _flag("blanks", source)
    text = f"nullif(case when {flag} = 0 then c{source} else trim(c{source}, {literal(BLANKS)}) end, '')"
    if column.null_words:
        return f"case when {text} in ({', '.join(map(literal, column.null_words))}) then null else {text} end"
    return text


def _flag(mask: str, source: int) -> str:
    return f"{mask}{source // MASK_WIDTH} & {1 << source % MASK_WIDTH}"


def _raw(contract: FeedContract, headings: Sequence[str]) -> str:
    hashed = {heading_of(column, headings) for column in contract.columns if column.is_hashed}
    texts = [f"'h:' || substr(c{n}, 3)" if heading in hashed else f"c{n}" for n, heading in enumerate(headings)]
    pairs = ", ".join(f"{literal(heading)}, {text}" for heading, text in zip(headings, texts, strict=True))
    # The patch leaves out what is null: a field that the source did not have.
    return f"coalesce(problem_raw, cast(json_merge_patch('{{}}', json_object({pairs})) as varchar))"


def _amounts(contract: FeedContract) -> str:
    pairs = ", ".join(f"{{'key': {literal(m)}, 'value': cast({identifier(m)} as {AMOUNT})}}" for m in contract.measures)
    if not pairs:
        return f"map([]::varchar[], []::{AMOUNT}[])"
    return f"map_from_entries(list_filter([{pairs}], lambda pair: pair.value is not null))"


def _check_settings(contract: FeedContract, derived: Mapping[str, str]) -> None:
    for column in contract.columns:
        where = f"The column {column.name} of {contract.path}"
        if column.is_hashed and (column.type != "VARCHAR" or has_vocabulary(column)):
            raise ConfigurationError(
                f"{where} is hashed and so cannot be other than VARCHAR, nor have a lookup or value map."
            )
        if column.lookup and column.type != "VARCHAR":
            raise ConfigurationError(f"{where} has a lookup and so must be VARCHAR.")
        if not column.sources and column.name != ROW and column.name not in derived:
            raise ConfigurationError(f"{where} has no source, and its connector does not work it out.")
        if column.type == "BIGINT" or column.type.startswith("DECIMAL"):
            moved_places(column)
        if column.name in contract.measures:
            precision, scale = shape(column)
            if scale > _AMOUNT_DECIMALS or precision - scale > _AMOUNT_DIGITS:
                raise ConfigurationError(
                    f"{where} is {column.type}, but a measure has at most {_AMOUNT_DIGITS} digits before the point and "
                    f"{_AMOUNT_DECIMALS} after it."
                )
