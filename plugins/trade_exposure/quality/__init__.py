"""Quality: Great Expectations pushed down into DuckDB, and the quarantine."""

import logging

# At level INFO it tells of hundreds of its own internals for every load.
logging.getLogger("great_expectations").setLevel(logging.WARNING)
