"""Reads JSON of a source that is not to be trusted: numbers stay texts, no name is given twice in an object, no NaN."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def read_json(body: bytes) -> Any:
    """The value of UTF-8 JSON with every number as the text it was sent as; :data:`UNREADABLE` for any other bytes."""
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=_refuse, object_pairs_hook=_object
        )
    except (ValueError, RecursionError):
        return UNREADABLE


UNREADABLE = object()


def mapping(value: Any) -> dict[str, Any]:
    """``value`` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def record(row: Mapping[str, Any]) -> dict[str, list[str | None]]:
    """A JSON object as a row of texts; a value that is neither text nor number is no text."""
    return {name: [value if isinstance(value, str) else None] for name, value in row.items()}


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice in one object")
    return found
