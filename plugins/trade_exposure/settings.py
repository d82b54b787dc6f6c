"""Where things are. Everything is switched by environment variables with the prefix ``EXPOSURE_``.

``EXPOSURE_HOME``   the one home of all state, default ``./var``
``EXPOSURE_LAKE``   root of the lake: a path or any fsspec URL, default ``<home>/lake``
``EXPOSURE_DROPS``  folder of dropped files, one folder per feed in it, default ``<home>/drops``
``EXPOSURE_CODE``   the checkout that holds ``dags/``, ``dbt_project/`` and ``expectations/``
``EXPOSURE_CLOCK``  a fixed instant (ISO 8601 with zone) instead of the wall clock, to replay a run exactly
``EXPOSURE_KNOWN_AT``  the instant at which fetched replies count as known, instead of now; sample runs use the sample's own
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import AwareDatetime, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from trade_exposure.errors import ConfigurationError

_CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """The product's settings, read from the environment once per process."""

    model_config = SettingsConfigDict(env_prefix="EXPOSURE_", frozen=True, env_ignore_empty=True)

    home: Path = Path("var")
    lake: str | None = None
    drops: Path | None = None
    code: Path = _CHECKOUT
    clock: AwareDatetime | None = None
    known_at: AwareDatetime | None = None

    @property
    def root(self) -> Path:
        """Absolute home of all state."""
        return self.home.expanduser().resolve()

    @property
    def lake_url(self) -> str:
        """Root of the lake, as a path or fsspec URL."""
        return self.lake or str(self.root / "lake")

    @property
    def drops_dir(self) -> Path:
        """Where files are dropped: ``<feed_id>/<file>``."""
        return self.drops.expanduser().resolve() if self.drops else self.root / "drops"

    @property
    def warehouse_dir(self) -> Path:
        """Candidates, the local copy of remote lake files and the publications."""
        return self.root / "warehouse"

    @property
    def reports_dir(self) -> Path:
        """Data-quality reports and dbt docs."""
        return self.root / "reports"

    @property
    def expectations_dir(self) -> Path:
        """Contracts and suites."""
        return self.code / "expectations"

    @property
    def dbt_dir(self) -> Path:
        """The dbt project."""
        return self.code / "dbt_project"

    @property
    def dags_dir(self) -> Path:
        """Airflow's DAG folder."""
        return self.code / "dags"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Settings of this process.

    Raises:
        ConfigurationError: a variable has a value that cannot be used; the sentence names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "EXPOSURE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"The environment variable {name} cannot be used: {first['msg']}.") from None
