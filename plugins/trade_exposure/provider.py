"""Registers the product's connection types with Airflow, so that they show up in its connection form."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any


def get_provider_info() -> dict[str, Any]:
    """Airflow's provider description: name, version and the connection types with their form fields."""
    hide = ["schema", "login", "port"]
    return {
        "package-name": "trade-exposure",
        "name": "Trade exposure",
        "description": "Connections to Korean public trade statistics and exchange rates",
        "versions": [version("trade-exposure")],
        "connection-types": [
            {
                "connection-type": "data_go_kr",
                "hook-class-name": "trade_exposure.feeds.data_go_kr.DataGoKrHook",
                "ui-field-behaviour": {
                    "hidden-fields": hide,
                    "relabeling": {"password": "Service key (decoded form)", "host": "Base URL"},
                    "placeholders": {"host": "https://apis.data.go.kr"},
                },
            },
            {
                "connection-type": "ecos",
                "hook-class-name": "trade_exposure.feeds.ecos.EcosHook",
                "ui-field-behaviour": {
                    "hidden-fields": hide,
                    "relabeling": {"password": "ECOS key", "host": "Base URL"},
                    "placeholders": {"host": "https://ecos.bok.or.kr"},
                },
            },
            {
                "connection-type": "eximbank",
                "hook-class-name": "trade_exposure.feeds.eximbank.EximbankHook",
                "ui-field-behaviour": {
                    "hidden-fields": hide,
                    "relabeling": {"password": "Authentication key", "host": "Base URL"},
                    "placeholders": {"host": "https://oapi.koreaexim.go.kr"},
                },
            },
        ],
    }
