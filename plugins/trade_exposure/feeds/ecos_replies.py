"""Reads replies of the Bank of Korea's ECOS service and tells its errors from success and from "no data".

Errors come with HTTP 200 under another root key; only their CODE counts, the wording is not documented.
"""

from __future__ import annotations

from typing import Any

from trade_exposure.errors import (
    KeyRejected,
    ReplyUnreadable,
    RequestRefused,
    SourceError,
    SourceUnavailable,
    Throttled,
)
from trade_exposure.feeds.redaction import redact
from trade_exposure.feeds.strict_json import mapping, read_json
from trade_exposure.feeds.xml import child, read_xml, text_of

_NO_DATA = "INFO-200"
_CODES: dict[str, tuple[type[SourceError], str]] = {
    "INFO-100": (KeyRejected, "check the key in the Airflow connection"),
    # Sources disagree whether this means an unregistered key or a used-up allowance; neither is cured by asking again soon.
    "INFO-300": (KeyRejected, "the key is not registered or its allowance is used up; check it on the ECOS site"),
    **dict.fromkeys(
        ("ERROR-100", "ERROR-101", "ERROR-200", "ERROR-300", "ERROR-301"),
        (RequestRefused, "check series, item and slice in the feed's contract"),
    ),
    **dict.fromkeys(("ERROR-400", "ERROR-500", "ERROR-600", "ERROR-601"), (SourceUnavailable, "ask again later")),
    "ERROR-602": (Throttled, "ask again, more slowly"),
}

Row = dict[str, Any]


def rows_of(body: bytes, *, status: int = 200) -> list[Row]:
    """The rows of a reply, numbers as the texts they were sent as; none for "no data" (INFO-200).

    Raises:
        KeyRejected, RequestRefused, Throttled, SourceUnavailable: the body is an error, by its code.
        ReplyUnreadable: the body is cut off or of no known shape.
    """
    told = _load(body)
    result = told.get("RESULT")
    if isinstance(result, dict) and isinstance(result.get("CODE"), str):
        if result["CODE"] == _NO_DATA:
            return []
        raise _error(result["CODE"], str(result.get("MESSAGE", "")))
    if status >= 400:
        raise _by_status(status)
    search = mapping(told.get("StatisticSearch"))
    rows = search.get("row")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ReplyUnreadable(
            "The reply is cut off or no reply of ECOS (neither its rows nor one of its errors); ask again."
        )
    if not str(search.get("list_total_count", "")).isdecimal():
        raise ReplyUnreadable("The reply of ECOS does not say how many rows there are (list_total_count); ask again.")
    return rows


def _load(body: bytes) -> dict[str, Any]:
    told = mapping(read_json(body))
    if told:
        return told
    root = read_xml(body.strip())
    if root is not None and root.tag == "RESULT":
        return {"RESULT": {"CODE": text_of(child(root, "CODE")), "MESSAGE": text_of(child(root, "MESSAGE"))}}
    return {}


def _error(code: str, message: str) -> SourceError:
    kind, advice = _CODES.get(code, (SourceUnavailable, "ask again later"))
    said = redact(" ".join(f"{code} {message}".split()))[:200]
    return kind(f"ECOS refused with {said}; {advice}.")


def _by_status(status: int) -> SourceError:
    if status in (401, 403):
        return KeyRejected(f"ECOS refused the key (HTTP {status}); check the key in the Airflow connection.")
    if status == 429:
        return Throttled("ECOS was asked too often (HTTP 429); ask again, more slowly.")
    if status >= 500:
        return SourceUnavailable(f"ECOS failed (HTTP {status}); ask again later.")
    return RequestRefused(f"ECOS refused the request (HTTP {status}); check the host of the Airflow connection.")
