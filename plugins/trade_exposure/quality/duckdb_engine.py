"""A DuckDB engine for Great Expectations: suites run as SQL inside DuckDB, within a fixed amount of memory.

Great Expectations 1.24 has none, and its generic SQL source does not work on DuckDB: it gives the connection back before
it fetches, and DuckDB drops an open result when its connection is given back. The engine here keeps one connection,
knows DuckDB's regular expressions, and is registered in the same way as the library's own SQLite source.

It also spares work that cannot change a result: examples of failing rows are not searched where none fails, and the
configuration of an expectation, which the library works out anew for every argument, is worked out once per run.

What it leans on beyond the documented interface: ``SqlAlchemyExecutionEngine.get_connection`` is the one place that hands
out connections; ``SQLDatasource`` builds its engine in ``_create_engine``; metric providers are looked up by engine class,
then by its bases; the examples of a rule are the metric ``<name>.unexpected_values`` beside ``<name>.unexpected_count``, and
``unexpected_rows_query.table`` beside ``unexpected_rows_query.row_count``.
``tests/quality/test_duckdb_engine.py`` fails when any of it changes.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from duckdb_engine import Dialect
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.validator.metric_configuration import MetricConfiguration
from sqlalchemy.dialects import registry
from sqlalchemy.pool import StaticPool


class AutocommitDialect(Dialect):
    """DuckDB without transactions around statements: a failed statement must not abort the ones after it."""

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """Each statement stands for itself."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Nothing is open."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Nothing is open."""


_COUNTS = {".unexpected_values": ".unexpected_count", "unexpected_rows_query.table": "unexpected_rows_query.row_count"}

registry.register("duckdb.autocommit", __name__, AutocommitDialect.__name__)


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs every metric on one connection that stays open until :meth:`close`."""

    _kept_connection: sa.Connection | None = None

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """The one connection; it is not closed on leaving the block, because results are fetched afterwards."""
        if self._kept_connection is None:
            self._kept_connection = self.engine.connect()
        yield self._kept_connection

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """Counts first: where no row fails, its examples are an empty list, and the table is not read for them.

        Examples whose count is still to come are left for the next round; the library asks until nothing is left.
        """
        wanted = list(metrics_to_resolve)
        examples = {metric: count for metric in wanted if (count := _count_of(metric)) is not None}
        others = [metric for metric in wanted if metric not in examples]
        resolved = super().resolve_metrics(others, metrics, runtime_configuration) if others else {}
        known = {**(metrics or {}), **resolved}
        resolved |= {metric.id: [] for metric, count in examples.items() if known.get(count) == 0}
        searched = [metric for metric, count in examples.items() if known.get(count, 0 if others else 1) != 0]
        if searched:
            resolved |= super().resolve_metrics(searched, metrics, runtime_configuration)
        return resolved

    def close(self) -> None:
        """Close the connection; an in-memory database is gone with it."""
        if self._kept_connection is not None:
            self._kept_connection.close()
            self._kept_connection = None
        super().close()


def _count_of(metric: MetricConfiguration) -> Any:
    """The id under which the number of failing rows will be known, of which ``metric`` are examples; else None."""
    for ending, count in _COUNTS.items():
        if metric.metric_name.endswith(ending):
            settings = {key: value for key, value in metric.metric_value_kwargs.items() if key != "result_format"}
            name = metric.metric_name.removesuffix(ending) + count
            return MetricConfiguration(name, metric.metric_domain_kwargs, settings).id
    return None


@contextmanager
def settled_configurations() -> Iterator[None]:
    """While the block runs, each expectation works out its configuration once; nothing changes it meanwhile."""
    worked_out = Expectation.configuration
    known: dict[int, tuple[Expectation, Any]] = {}

    def configuration(self: Expectation) -> Any:
        if id(self) not in known:
            known[id(self)] = (self, worked_out.fget(self))  # type: ignore[attr-defined]
        return known[id(self)][1]

    Expectation.configuration = property(configuration)  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Expectation.configuration = worked_out  # type: ignore[method-assign]


class DuckDBDatasource(SQLDatasource):
    """``context.data_sources.add_duckdb(name, …)``: one in-memory DuckDB; attach files or define views on its connection.

    ``memory_limit`` is DuckDB's (``1GB``); what does not fit goes to ``temp_directory``. ``threads`` 0 means every core.
    """

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    connection_string: str = "duckdb+autocommit:///:memory:"
    memory_limit: str
    temp_directory: str
    threads: int = 0

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """The engine of this source."""
        return DuckDBExecutionEngine

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """The one execution engine, on the same database that assets are checked against."""
        if self._execution_engine is None:
            self._execution_engine = DuckDBExecutionEngine(engine=self.get_engine(), create_temp_table=False)
        return self._execution_engine

    def _create_engine(self) -> sa.Engine:
        config: dict[str, str] = {
            "memory_limit": self.memory_limit,
            "temp_directory": self.temp_directory,
            "autoinstall_known_extensions": "false",
        }
        if self.threads:
            config["threads"] = str(self.threads)
        return sa.create_engine(self.connection_string, poolclass=StaticPool, connect_args={"config": config})


class _MatchRegex(ColumnMapMetricProvider):
    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:
        return sa.func.regexp_matches(column, regex)


class _NotMatchRegex(ColumnMapMetricProvider):
    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:
        return sa.not_(sa.func.regexp_matches(column, regex))
