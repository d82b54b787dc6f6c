"""Judges one parsed batch, or one table of a candidate: what is accepted, what is held, and whether the whole is stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from pathlib import Path
from types import MappingProxyType

import sqlalchemy as sa

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.quality import split
from trade_exposure.quality.suite import Suite
from trade_exposure.quality.validation import RELATION, ROW_KEY, Finding, Session, first_line, open_session
from trade_exposure.quality.verdict import ControlTotal, RuleOutcome, TableVerdict, Verdict
from trade_exposure.sql import identifier, literal

NOTHING: Mapping[str, Decimal] = MappingProxyType({})
_HELD = f"{RELATION} inner join quarantined using ({ROW_KEY})"


def judge(
    parsed: Path,
    *,
    suite: Suite,
    measures: Sequence[str],
    rejects: Path,
    announced_rows: int,
    announced_totals: Mapping[str, Decimal],
    max_quarantined_share: Decimal,
    accepted: Path,
    quarantine: Path,
    constants: Mapping[str, object],
    reference_dir: Path | None,
    variables: Mapping[str, str],
    baselines: Mapping[str, Decimal] = NOTHING,
    scale_jump_limit: Decimal | None = None,
    memory_limit: str = "700MB",
) -> Verdict:
    """Judge one parsed batch and split it into the Parquet files ``accepted`` and ``quarantine``.

    ``parsed`` is a Parquet file with a column ``source_row``; ``announced_*`` are the source's own count and totals, in
    the unit of each measure, and hold the ``amounts`` of the rejects; ``max_quarantined_share`` is a share of 1, held against rows and against each measure's
    absolute amounts. ``constants`` become columns of both files. The CSV files of ``reference_dir`` are tables
    ``reference.<name>`` for the rules, all text, empty meaning null. ``variables`` replace ``$name`` in the rules.

    ``rejects`` is Parquet as :class:`~trade_exposure.feeds.model.ParsedFiles` says. ``baselines`` tell what one amount of a
    measure usually is: a batch whose median is more than ``scale_jump_limit`` times larger or smaller is stopped.

    A stopped batch leaves no accepted file; its quarantine is written all the same, to be looked at.

    Raises:
        BadInput: nothing was announced, or the parsed file cannot be used.
        ConfigurationError: a rule cannot be evaluated or traced to rows, or a measure is not an exact number.
    """
    if announced_rows <= 0:
        raise BadInput(f"The batch {parsed} announces no rows: it is not published, and there is nothing to judge.")
    ready = suite.with_variables(variables)
    with open_session(memory_limit) as session, split.staged(accepted) as kept, split.staged(quarantine) as held:
        split.read_batch(session, parsed, rejects, constants)
        _check_measures(session, measures, announced_totals, parsed)
        _load_reference(session, reference_dir, ready)
        findings, validation = session.run(ready)
        row_findings = [finding for finding in findings if finding.rule.quarantines]
        split.collect_failures(session, row_findings)
        split.write_accepted(session, constants, kept)
        split.write_quarantine(session, row_findings, constants, held)

        accepted_rows, accepted_totals = split.totals(session, measures, f"read_parquet({literal(kept)})")
        quarantined_rows, _ = split.totals(session, (), f"read_parquet({literal(held)})")
        _, held_totals = split.totals(session, measures, _HELD)
        rejected = split.reject_totals(session, measures)
        totals = {
            measure: ControlTotal(
                announced_totals[measure], accepted_totals[measure], held_totals[measure] + rejected[measure][0]
            )
            for measure in measures
        }
        typical = split.typical_amounts(session, measures)
        reasons = (
            *(finding.sentence for finding in findings if finding.rule.stops and not finding.success),
            *_broken_conservation(announced_rows, accepted_rows, quarantined_rows, totals),
            *_too_much_held(session, announced_rows, quarantined_rows, rejected, max_quarantined_share),
            *_out_of_scale(typical, baselines, scale_jump_limit),
        )
        split.publish(held, quarantine)
        if not reasons:
            split.publish(kept, accepted)
        return Verdict(
            stopped=bool(reasons),
            reasons=reasons,
            source_rows=announced_rows,
            accepted_rows=accepted_rows,
            quarantined_rows=quarantined_rows,
            control_totals=totals,
            typical_amounts=typical,
            rules=(*(_outcome(finding) for finding in findings), *_reject_outcomes(session)),
            warnings=_warnings(findings),
            suite_sha256=suite.sha256,
            validation=validation,
        )


def judge_table(database: Path, table: str, suite: Suite, memory_limit: str = "700MB") -> TableVerdict:
    """Audit ``table`` (``schema.name``) of a closed DuckDB file, which is opened for reading only.

    The rules see the whole file as the database ``audited``. Every rule looks at the table as a whole.

    Raises:
        ConfigurationError: the file or table cannot be read, the suite has a row rule, or a rule cannot be evaluated.
    """
    row_rules = [rule.rule for rule in suite.rules if rule.scope == "row"]
    if row_rules:
        raise ConfigurationError(
            f"The suite {suite.name} audits a table, but its rule {row_rules[0]} has the scope row."
        )
    name = ".".join(identifier(part) for part in table.split("."))
    with open_session(memory_limit) as session:
        try:
            session.sql(f"attach {literal(database)} as audited (read_only)")
            session.sql(f"create view {RELATION} as select * from audited.{name}")
        except sa.exc.SQLAlchemyError as error:
            raise ConfigurationError(f"The table {table} of {database} cannot be read: {first_line(error)}.") from None
        findings, validation = session.run(suite.with_variables({}))
        rows, _ = split.totals(session, (), RELATION)
    reasons = tuple(finding.sentence for finding in findings if finding.rule.stops and not finding.success)
    return TableVerdict(
        table=table,
        failed=bool(reasons),
        reasons=reasons,
        rows=rows,
        rules=tuple(_outcome(finding) for finding in findings),
        warnings=_warnings(findings),
        suite_sha256=suite.sha256,
        validation=validation,
    )


def _check_measures(
    session: Session, measures: Sequence[str], announced_totals: Mapping[str, Decimal], parsed: Path
) -> None:
    types = split.columns(session)
    for measure in measures:
        if measure not in announced_totals:
            raise BadInput(f"The source's total of {measure} was not handed in with {parsed}.")
        if not types.get(measure, "").startswith(("DECIMAL", "BIGINT", "INTEGER", "HUGEINT")):
            found = types.get(measure, "missing")
            raise ConfigurationError(f"The measure {measure} of {parsed} must be an exact number, but it is {found}.")


def _load_reference(session: Session, folder: Path | None, suite: Suite) -> None:
    session.sql("create schema reference")
    told = " ".join(str(rule.kwargs) for rule in suite.rules)
    for path in sorted(folder.glob("*.csv")) if folder else ():
        if f"reference.{path.stem}" not in told:  # reading every table takes longer than judging a small load
            continue
        read = f"read_csv({literal(path)}, header = true, all_varchar = true, nullstr = '', delim = ',', quote = '\"', escape = '\"')"
        try:
            session.sql(f"create table reference.{identifier(path.stem)} as from {read}")
        except sa.exc.SQLAlchemyError as error:
            raise ConfigurationError(f"The reference table {path} cannot be read: {first_line(error)}.") from None


def _broken_conservation(
    announced_rows: int, accepted_rows: int, quarantined_rows: int, totals: Mapping[str, ControlTotal]
) -> list[str]:
    broken = []
    if announced_rows != accepted_rows + quarantined_rows:
        broken.append(
            f"The source announced {announced_rows} rows, but {accepted_rows} were accepted and {quarantined_rows} quarantined."
        )
    for measure, total in totals.items():
        with localcontext(prec=76):  # twice DuckDB's widest decimal: the sum is never rounded
            conserved = total.source == total.accepted + total.quarantined
        if not conserved:
            broken.append(
                f"The source announced {total.source:f} of {measure}, but {total.accepted:f} was accepted"
                f" and {total.quarantined:f} quarantined."
            )
    return broken


def _too_much_held(
    session: Session,
    announced_rows: int,
    quarantined_rows: int,
    rejected: Mapping[str, tuple[Decimal, Decimal]],
    limit: Decimal,
) -> list[str]:
    parts = [("rows", Decimal(quarantined_rows), Decimal(announced_rows))]
    held, every = (split.absolute_totals(session, tuple(rejected), relation) for relation in (_HELD, RELATION))
    for measure, (_, without_sign) in rejected.items():
        parts.append((measure, held[measure] + without_sign, every[measure] + without_sign))
    return [
        f"Of {name}, {part:f} of {whole:f} went to quarantine, which is more than the share {limit:f} that is allowed."
        for name, part, whole in parts
        if part > limit * whole
    ]


def _out_of_scale(typical: Mapping[str, Decimal], baselines: Mapping[str, Decimal], limit: Decimal | None) -> list[str]:
    """Amounts in another unit than before: a thousandfold jump of what one amount usually is."""
    return [
        f"One amount of {measure} is {amount:f} in the middle of this batch, where {baselines[measure]:f} is usual: "
        f"more than {limit:f} times {'as much' if amount > baselines[measure] else 'less'}; check the unit of the amounts."
        for measure, amount in typical.items()
        if limit is not None
        and baselines.get(measure)
        and not baselines[measure] / limit <= amount <= baselines[measure] * limit
    ]


def _outcome(finding: Finding) -> RuleOutcome:
    rule = finding.rule
    return RuleOutcome(
        rule=rule.rule,
        severity=rule.severity,
        dimension=rule.dimension,
        scope=rule.scope,
        success=finding.success,
        failed_rows=finding.failed_rows,
        quarantined_rows=finding.failed_rows if rule.quarantines else 0,
    )


def _reject_outcomes(session: Session) -> list[RuleOutcome]:
    counts = session.sql("select rule, count(distinct source_row) from reject group by rule order by rule")
    return [RuleOutcome(str(rule), "critical", "conformity", "row", False, rows, rows) for rule, rows in counts]


def _warnings(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(f.sentence for f in findings if f.rule.severity == "warning" and not f.success)
