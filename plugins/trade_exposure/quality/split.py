"""Splits a judged batch into two Parquet files: the accepted rows, and the quarantine with rule and reason per row.

Both files are sorted by ``source_row``, compressed with zstd, and
have the same bytes for the same input.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.parquet import ParquetSink
from trade_exposure.quality.validation import RELATION, ROW_KEY, Finding, Session, first_line
from trade_exposure.sql import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator


_SMALL_ROWS = 100_000
_MOST_IN_A_MEDIAN = 1_000_000


def read_batch(session: Session, parsed: Path, rejects: Path, constants: Mapping[str, object]) -> None:
    """Define ``parsed``, ``reject`` (one row per problem), ``rejected`` (one per row) and ``constants`` in the session.

    Raises:
        BadInput: the file cannot be read, or a row has no number of its own: each item of the source must be either one
            parsed row or one reject.
        ConfigurationError: a constant has the name of a parsed column.
    """
    try:
        # A small file is read once; a large one is read per rule, column by column, within the memory limit.
        rows = session.sql(f"select sum(num_rows) from parquet_file_metadata({literal(parsed)})")[0][0]
        kind = "table" if rows <= _SMALL_ROWS else "view"
        session.sql(f"create {kind} {RELATION} as select * from read_parquet({literal(parsed)})")
    except sa.exc.SQLAlchemyError as error:
        raise BadInput(f"The parsed file {parsed} cannot be read as Parquet: {first_line(error)}.") from None
    session.source = parsed
    taken = sorted(set(columns(session)) & set(constants))
    if taken:
        raise ConfigurationError(
            f"The parsed file {parsed} already has the column {taken[0]}, which is added at acceptance."
        )
    names = (
        ", ".join(f"${number} as {identifier(name)}" for number, name in enumerate(constants, start=1))
        or "1 as nothing"
    )
    session.sql(f"create temp table constants as select {names}", *constants.values())
    try:
        session.sql(f"create view reject as select * from read_parquet({literal(rejects)})")
    except sa.exc.SQLAlchemyError as error:
        raise BadInput(f"The rejects {rejects} cannot be read as Parquet: {first_line(error)}.") from None
    session.sql(
        f"""
        create temp view rejected as
        select {ROW_KEY}, list(rule order by rule) as rules, list(reason order by rule) as reasons, min(raw) as row_json
        from reject group by {ROW_KEY}
        """
    )
    unsound = _repeated_number(session)
    if unsound:
        raise BadInput(f"In the parsed file {parsed} the row number {unsound[0][0]} stands for {unsound[0][1]} rows.")


def _repeated_number(session: Session) -> list[tuple[Any, ...]]:
    """A row number that is null or stands for several rows, if there is one, with the number of its rows."""
    before = f"lag({ROW_KEY}, 1, {-(1 << 63)}) over ()"
    disorder = f"select 1 from (select {ROW_KEY} > {before} as rises from {RELATION}) where rises is not true limit 1"
    session.is_in_order = not session.sql(disorder)
    if session.is_in_order:  # and so without repetition: what is left is a number among the rejects too
        shared = f"select {ROW_KEY}, 2 from {RELATION} semi join reject using ({ROW_KEY}) order by 1 limit 1"
        missing = f"select {ROW_KEY}, count(*) from reject where {ROW_KEY} is null group by 1"
        return session.sql(shared) or session.sql(missing)
    return session.sql(
        f"""
        select {ROW_KEY}, count(*) from (
            select {ROW_KEY} from {RELATION} union all select {ROW_KEY} from rejected
        ) group by 1 having count(*) > 1 or {ROW_KEY} is null order by 1 limit 1
        """
    )


def columns(session: Session) -> dict[str, str]:
    """Columns of ``parsed`` with their DuckDB types, in order."""
    return {str(row[0]): str(row[1]) for row in session.sql(f"describe {RELATION}")}


def collect_failures(session: Session, findings: Sequence[Finding]) -> None:
    """Define ``quarantined``: ``source_row`` and the numbers of the rules, by position in ``findings``, that it fails."""
    failures = [
        f"select distinct {ROW_KEY}, {number} as number from {session.failing_rows(finding)}"
        for number, finding in enumerate(findings, start=1)
        if not finding.success
    ]
    source = " union all ".join(failures) or f"select {ROW_KEY}, 0 as number from {RELATION} where false"
    session.sql(
        f"create temp table quarantined as select {ROW_KEY}, list(number order by number) as numbers from ({source}) group by 1"
    )


def write_quarantine(
    session: Session, findings: Sequence[Finding], constants: Mapping[str, object], path: Path
) -> None:
    """Write rows and rejects that were not accepted: ``source_row, rules[], reasons[], row_json`` and the constants."""
    row_json = ", ".join(f"{literal(name)}: cast({identifier(name)} as varchar)" for name in columns(session))
    rules = ", ".join(literal(finding.rule.rule) for finding in findings)
    reasons = ", ".join(literal(finding.rule.reason_en) for finding in findings)
    added = "".join(f", constants.{identifier(name)}" for name in constants)
    _copy(
        session,
        f"""
        select held.*{added} from (
            select
                {ROW_KEY},
                [([{rules}]::varchar[])[number] for number in numbers] as rules,
                [([{reasons}]::varchar[])[number] for number in numbers] as reasons,
                cast(to_json({{{row_json}}}) as varchar) as row_json
            from {RELATION} inner join quarantined using ({ROW_KEY})
            union all
            select {ROW_KEY}, rules, reasons, row_json from rejected
        ) as held cross join constants order by held.{ROW_KEY}
        """,
        path,
    )


def write_accepted(session: Session, constants: Mapping[str, object], path: Path) -> None:
    """Write the rows that fail no critical row rule: all their columns and the constants."""
    if session.is_in_order:
        _write_rest(session, constants, path)
        return
    added = "".join(f", constants.{identifier(name)}" for name in constants)
    _copy(
        session,
        f"""
        select {RELATION}.*{added} from {RELATION} anti join quarantined using ({ROW_KEY}) cross join constants
        order by {ROW_KEY}
        """,
        path,
    )


def _write_rest(session: Session, constants: Mapping[str, object], path: Path) -> None:
    """The same for rows in order: the parsed file goes by once, a row group at a time, and nothing is sorted."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    held = np.array(session.sql(f"select {ROW_KEY} from quarantined order by 1"), np.int64).ravel()
    values = {name: pa.array([value]) for name, value in constants.items()}
    with pq.ParquetFile(session.source) as source:
        added = [pa.field(name, pa.dictionary(pa.int32(), value.type)) for name, value in values.items()]
        with ParquetSink(path, pa.schema([*source.schema_arrow, *added])) as sink:
            for group in range(source.num_row_groups):  # not by iter_batches, which keeps what it read ahead
                table = source.read_row_group(group)
                if len(held):
                    numbers = table[ROW_KEY].to_numpy()
                    places = np.searchsorted(held, numbers)
                    table = table.filter(pa.array(held[np.minimum(places, len(held) - 1)] != numbers))
                zeros = pa.array(np.zeros(len(table), np.int32))
                for name, value in values.items():
                    table = table.append_column(name, pa.DictionaryArray.from_arrays(zeros, value))
                sink.add(table)


def totals(session: Session, measures: Sequence[str], relation: str) -> tuple[int, dict[str, Decimal]]:
    """Rows and the exact sum of each measure over one relation or ``FROM`` clause."""
    sums = "".join(f", coalesce(sum({identifier(measure)}), 0)" for measure in measures)
    row = session.sql(f"select count(*){sums} from {relation}")[0]
    return int(row[0]), {measure: Decimal(amount) for measure, amount in zip(measures, row[1:], strict=True)}


def reject_totals(session: Session, measures: Sequence[str]) -> dict[str, tuple[Decimal, Decimal]]:
    """Of each measure over the rejects: the sum of the amounts that could be read, and the sum without their signs."""
    found, types = {}, columns(session)
    for measure in measures:
        amount = f"cast(map_extract(amounts, {literal(measure)})[1] as {types[measure]})"
        row = session.sql(f"select coalesce(sum({amount}), 0), coalesce(sum(abs({amount})), 0) from reject")[0]
        found[measure] = (Decimal(row[0]), Decimal(row[1]))
    return found


def absolute_totals(session: Session, measures: Sequence[str], relation: str) -> dict[str, Decimal]:
    """The exact sum of each measure without signs over one relation or ``FROM`` clause."""
    if not measures:
        return {}
    sums = ", ".join(f"coalesce(sum(abs({identifier(measure)})), 0)" for measure in measures)
    return dict(zip(measures, map(Decimal, session.sql(f"select {sums} from {relation}")[0]), strict=True))


def typical_amounts(session: Session, measures: Sequence[str]) -> dict[str, Decimal]:
    """The median of each measure's amounts without sign, zeros left out; a measure without amounts is absent.

    Of many rows each n-th is taken: a median keeps all its values in memory.
    """
    if not measures:
        return {}
    rows = session.sql(f"select count(*) from {RELATION}")[0][0]
    sample = f"{ROW_KEY} % {1 + rows // _MOST_IN_A_MEDIAN} = 0" if rows > _MOST_IN_A_MEDIAN else "true"
    medians = ", ".join(
        f"quantile_disc(abs({identifier(measure)}), 0.5) filter (where {identifier(measure)} <> 0)"
        for measure in measures
    )
    found = session.sql(f"select {medians} from {RELATION} where {sample}")[0]
    return {measure: Decimal(amount) for measure, amount in zip(measures, found, strict=True) if amount is not None}


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to, the same on a rerun; removed on leaving unless :func:`publish` took it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.partial")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def publish(temporary: Path, path: Path) -> None:
    """Let the finished file appear under its name, whole or not at all."""
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    temporary.replace(path)


def _copy(session: Session, query: str, path: Path) -> None:
    session.sql(f"copy ({query}) to {literal(path)} (format parquet, compression zstd)")
