"""The headline figures of a publication, read from its marts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb

from trade_exposure.publishing.publication import Publication


def headline(publication: Publication) -> dict[str, Any]:
    """Latest month's exports to member markets under the headline definition, and the span over all definitions.

    USD and KRW are exact decimals; ``exports_krw`` is None when a rate is missing. Shares are of world exports that month.
    """
    with duckdb.connect(str(publication.database), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                definition_id, trade_month,
                sum(exports_usd) as world_usd,
                sum(exports_usd) filter (where is_member) as members_usd,
                sum(exports_krw) filter (where is_member) as members_krw,
                count(*) filter (where is_member) as members,
                count(*) filter (where is_member and exports_krw is null) as unconverted,
                any_value(krw_status) as krw_status,
                any_value(usd_krw_rate) as usd_krw_rate
            from marts.mart_market_exports
            where trade_month = (select max(trade_month) from marts.mart_market_exports)
            group by all
            order by members_usd desc nulls last
            """
        ).fetchall()
        loads = connection.execute(
            """
            select feed_id, count(*) filter (where outcome = 'accepted'), coalesce(sum(accepted_rows), 0),
                coalesce(sum(quarantined_rows), 0), coalesce(sum(warning_count), 0)
            from marts.mart_data_quality group by feed_id order by feed_id
            """
        ).fetchall()
    definition = publication.manifest["headline_definition"]
    by_definition = [
        (row[0], row[3] or Decimal(0), (row[3] or Decimal(0)) / row[2] if row[2] else None) for row in rows
    ]
    chosen = next(row for row in rows if row[0] == definition["definition_id"])
    return {
        "definition_id": definition["definition_id"],
        "definition_status": definition["status"],
        "trade_month": chosen[1],
        "world_exports_usd": chosen[2],
        "exports_usd": chosen[3] or Decimal(0),
        "exports_krw": None if chosen[6] else chosen[4],
        "members": chosen[5],
        "krw_status": chosen[7],
        "usd_krw_rate": chosen[8],
        "share": (chosen[3] or Decimal(0)) / chosen[2] if chosen[2] else None,
        "by_definition": by_definition,
        "feeds": [
            dict(zip(("feed", "loads", "accepted_rows", "quarantined_rows", "warnings"), row, strict=True))
            for row in loads
        ],
    }
