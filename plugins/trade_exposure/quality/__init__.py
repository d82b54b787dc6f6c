"""Quality: Great Expectations pushed down into DuckDB, and the quarantine."""
