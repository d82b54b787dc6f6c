"""Contracts joined to connectors."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from trade_exposure.errors import BadInput, ConfigurationError
from trade_exposure.feeds import registry
from trade_exposure.settings import get_settings

AT = datetime(2026, 11, 16, tzinfo=UTC)


def test_every_contract_names_a_connector_and_every_connector_is_named() -> None:
    named = {contract.connector for contract in registry.contracts().values()}
    assert named == set(registry.CONNECTORS)
    assert len(named) > 6


def test_a_connector_asks_in_one_way_and_a_drop_in_none() -> None:
    asked = {
        name: (connector.fetch is not None) + (connector.walk is not None)
        for name, connector in registry.CONNECTORS.items()
    }
    assert asked.pop(registry.DROP_CONNECTOR) == 0
    assert set(asked.values()) == {1}


def test_an_unknown_feed_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        BadInput, match=r"no feed 'weather'; the registered feeds are .*customs_country_trade, .*fx_daily"
    ):
        registry.feed("weather")


def test_a_slice_that_the_feed_does_not_have_is_refused() -> None:
    with pytest.raises(BadInput, match="has no slice 'GBP'; it has USD, JPY, EUR, CNY"):
        registry.feed("fx_daily_rate").fetch(date(2026, 1, 1), "GBP", AT)


@pytest.mark.parametrize(
    ("feed_id", "slice_", "day", "kind"),
    [
        ("customs_country_trade", "all", date(2026, 5, 2), "month"),
        ("fx_daily_rate", "USD", date(2026, 5, 1), "year"),
    ],
)
def test_a_day_that_begins_no_period_is_refused(
    feed_id: str, slice_: str, day: date, kind: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=f"first day of the {kind}"):
        registry.feed(feed_id).parse([], day, slice_, tmp_path)


def test_a_feed_is_asked_in_its_own_way_alone(journal) -> None:
    with pytest.raises(BadInput, match="not asked in one request"):
        registry.feed("customs_item_country_trade").fetch(date(2026, 1, 1), "all", AT)
    with pytest.raises(BadInput, match="is not walked"):
        registry.feed("customs_country_trade").walk(date(2026, 1, 1), "all", journal(AT))


def test_a_contract_with_an_unknown_connector_is_refused(tmp_path: Path) -> None:
    text = (get_settings().expectations_dir / "fx_daily_rate" / "contract.yaml").read_text(encoding="utf-8")
    (tmp_path / "fx_daily_rate").mkdir()
    changed = text.replace("value: ecos_daily_rate", "value: telegraph")
    (tmp_path / "fx_daily_rate" / "contract.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="unknown connector 'telegraph'"):
        registry._contracts(tmp_path)
