"""The assets that connect the DAGs: what a feed has committed, and the publication."""

from __future__ import annotations

from airflow.sdk import Asset

PUBLICATION = Asset(name="publication", uri="exposure://warehouse/publication", group="publication")


def asset_of(feed_id: str) -> Asset:
    """The asset that stands for a feed's accepted rows."""
    return Asset(name=feed_id, uri=f"exposure://lake/accepted/{feed_id}", group="feed")
