"""The environment in which the product runs Airflow: its home, folders and manners, all below ``EXPOSURE_HOME``.

A variable that is set already is left as it is, so a deployment switches executor, database or log folder by the
ordinary ``AIRFLOW__…`` variables and nothing else.
"""

from __future__ import annotations

import json
import os

from trade_exposure.errors import ConfigurationError
from trade_exposure.settings import get_settings

WRITER_POOL = "duckdb_writer"


def defaults() -> dict[str, str]:
    """Variables with the product's defaults (no secrets)."""
    settings = get_settings()
    home = settings.root / "airflow"
    lineage = {"type": "file", "log_file_path": str(settings.root / "lineage" / "events.jsonl"), "append": True}
    return {
        "EXPOSURE_HOME": str(settings.root),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.dags_dir),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "trade-exposure",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(lineage),
        "DO_NOT_TRACK": "1",
    }


def apply() -> None:
    """Set the defaults in this process. Has to come before the first import of Airflow."""
    for name, value in defaults().items():
        os.environ.setdefault(name, value)


def prepare() -> None:
    """Create or upgrade Airflow's database and the writer's pool; does nothing new the second time.

    Raises:
        ConfigurationError: the database cannot be reached or upgraded.
    """
    apply()
    for folder in ("airflow", "lineage"):
        (get_settings().root / folder).mkdir(parents=True, exist_ok=True)
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb
    from sqlalchemy.exc import SQLAlchemyError

    try:
        initdb()
        Pool.create_or_update_pool(WRITER_POOL, 1, "One writing process per DuckDB file", include_deferred=False)
    except SQLAlchemyError as error:
        raise ConfigurationError(
            f"Airflow's database cannot be used ({type(error).__name__}); check AIRFLOW__DATABASE__SQL_ALCHEMY_CONN."
        ) from None
