"""Names and texts as parts of an SQL statement."""

from __future__ import annotations

from pathlib import Path


def identifier(name: str) -> str:
    """A name, quoted."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text, quoted."""
    return "'" + str(text).replace("'", "''") + "'"
