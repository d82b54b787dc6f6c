"""The headline figures are sums over the members of the headline definition in the newest month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from trade_exposure.publishing.headline import headline
from trade_exposure.publishing.publication import Publication

MART = """
create schema marts;
create table marts.mart_market_exports (definition_id varchar, trade_month date, exports_usd decimal(20,0),
    exports_krw decimal(38,8), is_member boolean, krw_status varchar, usd_krw_rate decimal(18,8));
insert into marts.mart_market_exports values
    ('official', '2026-01-01', 100, 144050.5, true, 'FINAL', 1440.505), ('official', '2026-01-01', 50, 72025.25, true, 'FINAL', 1440.505),
    ('official', '2026-01-01', 250, 360126.25, false, 'FINAL', 1440.505), ('official', '2025-12-01', 999, 999, true, 'FINAL', 1),
    ('wide', '2026-01-01', 400, 576202, true, 'FINAL', 1440.505), ('nobody', '2026-01-01', 400, 576202, false, 'FINAL', 1440.505);
create table marts.mart_data_quality (feed_id varchar, outcome varchar, accepted_rows bigint, quarantined_rows bigint, warning_count int);
insert into marts.mart_data_quality values ('trade', 'accepted', 60, 1, 2), ('trade', 'accepted', 61, 0, 1), ('trade', 'not_published', 0, 0, 0);
"""


def figures(folder: Path, change: str = "select 1", definition: str = "official") -> dict[str, Any]:
    with duckdb.connect(str(folder / "exposure.duckdb")) as connection:
        connection.execute(MART)
        connection.execute(change)
    manifest = {"headline_definition": {"definition_id": definition, "status": "proposed"}}
    return headline(Publication(folder, manifest))


def test_the_newest_month_s_members_are_added_up_exactly(tmp_path: Path) -> None:
    told = figures(tmp_path)
    assert (told["definition_id"], told["definition_status"], told["trade_month"]) == (
        "official",
        "proposed",
        date(2026, 1, 1),
    )
    assert (told["exports_usd"], told["world_exports_usd"], told["members"]) == (150, 400, 2)
    assert told["exports_krw"] == Decimal("216075.75")
    assert told["share"] == Decimal("0.375")
    assert told["usd_krw_rate"] == Decimal("1440.505")


def test_every_definition_is_told_beside_the_headline_one(tmp_path: Path) -> None:
    assert figures(tmp_path)["by_definition"] == [
        ("wide", 400, 1),
        ("official", 150, Decimal("0.375")),
        ("nobody", 0, 0),
    ]


@pytest.mark.parametrize("country", ["100", "50"])
def test_a_member_without_a_rate_leaves_no_amount_in_won(tmp_path: Path, country: str) -> None:
    change = f"update marts.mart_market_exports set exports_krw = null where definition_id = 'official' and exports_usd = {country}"
    told = figures(tmp_path, change)
    assert told["exports_krw"] is None
    assert told["exports_usd"] == 150


def test_a_country_without_a_rate_that_is_no_member_does_not_matter(tmp_path: Path) -> None:
    told = figures(tmp_path, "update marts.mart_market_exports set exports_krw = null where not is_member")
    assert told["exports_krw"] == Decimal("216075.75")


def test_a_definition_without_members_has_a_share_of_zero(tmp_path: Path) -> None:
    told = figures(tmp_path, definition="nobody")
    assert (told["exports_usd"], told["share"], told["members"]) == (0, 0, 0)


def test_a_month_without_exports_has_no_share(tmp_path: Path) -> None:
    assert figures(tmp_path, "update marts.mart_market_exports set exports_usd = 0")["share"] is None


def test_loads_are_counted_by_feed(tmp_path: Path) -> None:
    assert figures(tmp_path)["feeds"] == [
        {"feed": "trade", "loads": 2, "accepted_rows": 121, "quarantined_rows": 1, "warnings": 3}
    ]
