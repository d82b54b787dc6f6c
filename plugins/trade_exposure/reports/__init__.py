"""Reports: data-quality pages and the status of feeds and publication."""
