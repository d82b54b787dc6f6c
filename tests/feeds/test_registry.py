"""Contracts joined to connectors."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.feeds import registry
from trade_exposure.settings import get_settings


def test_every_contract_names_a_connector_and_every_connector_is_named() -> None:
    named = {contract.connector for contract in registry.contracts().values()}
    assert named == set(registry.CONNECTORS)
    assert named


def test_an_unknown_feed_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        BadInput, match="no feed 'weather'; the registered feeds are customs_country_trade, fx_daily_rate"
    ):
        registry.feed("weather")


def test_a_slice_that_the_feed_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match="has no slice 'GBP'; it has USD, JPY, EUR"):
        registry.feed("fx_daily_rate").fetch(date(2026, 5, 1), "GBP")


def test_a_day_that_is_not_the_first_names_no_month() -> None:
    with pytest.raises(BadInput, match="first day of the month"):
        registry.feed("fx_daily_rate").parse(b"", date(2026, 5, 2), "USD")


def test_a_contract_with_an_unknown_connector_is_refused(tmp_path: Path) -> None:
    text = (get_settings().expectations_dir / "fx_daily_rate" / "contract.yaml").read_text(encoding="utf-8")
    (tmp_path / "fx_daily_rate").mkdir()
    changed = text.replace("value: ecos_daily_rate", "value: telegraph")
    (tmp_path / "fx_daily_rate" / "contract.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="unknown connector 'telegraph'"):
        registry._contracts(tmp_path)
