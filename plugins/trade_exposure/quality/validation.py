"""Runs a suite on one DuckDB relation, and finds exactly the rows that fail a row rule."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from trade_exposure.errors import ConfigurationError
from trade_exposure.quality.suite import Rule, Suite

if TYPE_CHECKING:
    from trade_exposure.quality.duckdb_engine import DuckDBDatasource

RELATION = "parsed"
ROW_KEY = "source_row"
UNEXPECTED_ROWS = "unexpected_rows_expectation"

_MEMORY_LIMIT = re.compile(r"[0-9]+(\.[0-9]+)?\s*([KMGT]i?B)")


@dataclass(frozen=True)
class Finding:
    """What Great Expectations says of one rule: ``failed_rows`` is 0 for a rule about a figure of the whole batch."""

    rule: Rule
    success: bool
    failed_rows: int
    observed: str

    @property
    def sentence(self) -> str:
        """The rule, its reason and what was seen."""
        return f"Rule {self.rule.rule} failed: {self.rule.reason_en}{self.observed}."


@dataclass
class Session:
    """One in-memory DuckDB with Great Expectations on it. The relation to judge is the table or view ``parsed``.

    ``source`` is the Parquet file that it was read from; ``is_in_order`` tells whether its row numbers rise.
    """

    connection: sa.Connection
    datasource: DuckDBDatasource
    context: Any
    spill: Path
    source: Path = Path()
    is_in_order: bool = False
    _findings: dict[str, Any] = field(default_factory=dict)

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement; ``$1`` and on are the parameters. Rows of a statement that returns any."""
        result = self.connection.exec_driver_sql(statement, parameters)
        return [tuple(row) for row in result.fetchall()] if result.returns_rows else []

    def run(self, suite: Suite) -> tuple[tuple[Finding, ...], dict[str, Any]]:
        """Validate ``parsed``: a finding per rule in the suite's order, and the result in Great Expectations' own JSON.

        Raises:
            ConfigurationError: an expectation could not be built or raised; such a rule neither passed nor failed.
        """
        import great_expectations as gx
        from great_expectations.exceptions.exceptions import GreatExpectationsError

        from trade_exposure.quality.duckdb_engine import settled_configurations

        expectations = [
            {
                "type": rule.type,
                "kwargs": dict(rule.kwargs),
                "severity": rule.severity,
                "meta": {
                    name: getattr(rule, name)
                    for name in ("rule", "dimension", "scope", "owner", "reason_en", "reason_ko")
                },
            }
            for rule in suite.rules
        ]
        try:
            known = gx.ExpectationSuite(name=suite.name, expectations=expectations)
            batch = self.datasource.add_table_asset(RELATION).add_batch_definition_whole_table("whole").get_batch()
        except (GreatExpectationsError, ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(f"The suite {suite.name} cannot be built: {first_line(error)}.") from None
        with settled_configurations():
            # Not by a ValidationDefinition, which stores suite and result in the context: nobody reads them there.
            result: Any = batch.validate(known, result_format="SUMMARY")
        for single in result.results:
            if single.expectation_config is not None:
                self._findings[single.expectation_config.meta["rule"]] = single
        return tuple(self._finding(rule) for rule in suite.rules), result.to_json_dict()

    def _finding(self, rule: Rule) -> Finding:
        single = self._findings.get(rule.rule)
        if single is None:
            raise ConfigurationError(f"Great Expectations returned no result for the rule {rule.rule}.")
        message = _raised(single.exception_info)
        if message is not None or single.success is None:
            raise ConfigurationError(f"The rule {rule.rule} ({rule.type}) could not be evaluated: {message}.")
        result = single.result or {}
        seen = result.get("observed_value")
        counted = seen if rule.type == UNEXPECTED_ROWS else result.get("unexpected_count")
        if counted is not None:
            return Finding(rule, single.success, int(counted), f" ({counted} rows)")
        if rule.scope == "row":
            raise ConfigurationError(
                f"The rule {rule.rule} ({rule.type}) counts no rows and cannot have the scope row."
            )
        return Finding(rule, single.success, 0, f" (observed {seen})")

    def failing_rows(self, finding: Finding) -> str:
        """Name of a temporary table with the ``source_row`` of every row that fails the finding's rule.

        The rows come from the very condition by which Great Expectations counted, row condition included, selected inside
        DuckDB; their number must equal the count.

        Raises:
            ConfigurationError: the rule cannot be traced to rows, or the number of rows found is not the number counted.
        """
        rule = finding.rule
        table = f"failing_{rule.rule}"
        try:
            if rule.type == UNEXPECTED_ROWS:
                query = str(rule.kwargs["unexpected_rows_query"]).format(batch=RELATION)
                self.sql(f"create temp table {table} as select {ROW_KEY} from ({query}\n) as found")
            else:
                self.sql(f"create temp table {table} ({ROW_KEY} bigint)")
                target = sa.table(table, sa.column(ROW_KEY))
                self.connection.execute(target.insert().from_select([ROW_KEY], self._failing_rows_query(rule)))
        except (sa.exc.SQLAlchemyError, AttributeError) as error:
            raise ConfigurationError(
                f"The rule {rule.rule} ({rule.type}) cannot be traced to rows by {ROW_KEY}: {first_line(error)}."
            ) from None
        found = self.sql(f"select count(distinct {ROW_KEY}) from {table}")[0][0]
        if found != finding.failed_rows:
            raise ConfigurationError(
                f"The rule {rule.rule} failed for {finding.failed_rows} rows, but {found} rows were found for it."
            )
        return table

    def _failing_rows_query(self, rule: Rule) -> sa.Select[Any]:
        from great_expectations.expectations.metrics.map_metric_provider.is_sqlalchemy_metric_selectable import (
            SQLALCHEMY_SELECTABLE_METRICS,
        )
        from great_expectations.expectations.registry import get_metric_kwargs
        from great_expectations.util import get_sqlalchemy_selectable
        from great_expectations.validator.metric_configuration import MetricConfiguration
        from great_expectations.validator.metrics_calculator import MetricsCalculator

        configuration = self._findings[rule.rule].expectation_config
        metric = configuration.to_domain_obj().map_metric
        kwargs = get_metric_kwargs(f"{metric}.condition", configuration=configuration)
        engine = self.datasource.get_execution_engine()
        condition, compute_domain, accessor_domain = MetricsCalculator(engine).get_metric(
            MetricConfiguration(
                f"{metric}.condition",
                metric_domain_kwargs=kwargs["metric_domain_kwargs"],
                metric_value_kwargs=kwargs["metric_value_kwargs"],
            )
        )
        query: sa.Select[Any] = sa.select(sa.column(ROW_KEY)).where(condition)
        if metric in SQLALCHEMY_SELECTABLE_METRICS:
            return query  # the condition brings its own FROM with it
        records: Any = engine.get_domain_records({**compute_domain, **accessor_domain})
        selectable: Any = get_sqlalchemy_selectable(records)
        return query.select_from(selectable)


@contextmanager
def open_session(memory_limit: str) -> Iterator[Session]:
    """An empty session that keeps to ``memory_limit`` (DuckDB's wording, ``1GB``) and spills to a temporary directory.

    Raises:
        ConfigurationError: the memory limit cannot be read.
    """
    if not _MEMORY_LIMIT.fullmatch(memory_limit):
        raise ConfigurationError(f"The memory limit {memory_limit!r} is not a size such as 512MB or 1GB.")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from trade_exposure.quality import duckdb_engine  # noqa: F401  registers the source

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.variables.analytics_enabled = False
    with tempfile.TemporaryDirectory(prefix="exposure-judge-") as spill:
        datasource = context.data_sources.add_duckdb("duckdb", memory_limit=memory_limit, temp_directory=spill)
        engine = datasource.get_execution_engine()
        try:
            with engine.get_connection() as connection:
                yield Session(connection, datasource, context, Path(spill))
        finally:
            engine.close()


def _raised(exception_info: Any) -> str | None:
    """The message of the first exception in the nested form that Great Expectations uses, or None."""
    if not isinstance(exception_info, Mapping):
        return None
    if exception_info.get("raised_exception"):
        return first_line(exception_info.get("exception_message"))
    for inner in exception_info.values():
        message = _raised(inner)
        if message is not None:
            return message
    return None


def first_line(error: object) -> str:
    """The first line of a message, without its full stop."""
    return (str(error).strip().splitlines() or ["no message"])[0].rstrip(".")
