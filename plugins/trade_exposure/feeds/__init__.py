"""Feeds: contracts, connectors and parsers."""
