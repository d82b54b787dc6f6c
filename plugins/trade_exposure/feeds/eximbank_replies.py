"""Reads replies of the Export-Import Bank of Korea and tells its errors from rates and from a day without any.

A success is a bare array. Each of its rows says ``result`` 1; the other results are errors, told as a row or, for what is
known, as an object of their own.
"""

from __future__ import annotations

from typing import Any

from trade_exposure.errors import (
    DailyQuotaExhausted,
    KeyRejected,
    ReplyUnreadable,
    RequestRefused,
    SourceError,
    SourceUnavailable,
    Throttled,
)
from trade_exposure.feeds.redaction import redact
from trade_exposure.feeds.strict_json import read_json

_SUCCESS = "1"
_RESULTS: dict[str, tuple[type[SourceError], str, str]] = {
    "2": (RequestRefused, "wrong data code", "check the feed's connector"),
    "3": (KeyRejected, "wrong authentication key", "check the key in the Airflow connection"),
    "4": (DailyQuotaExhausted, "the day's calls are used up", "ask again after midnight in Seoul"),
}

Rate = dict[str, Any]


def rates_of(body: bytes, *, status: int = 200) -> list[Rate]:
    """The rows of a reply, numbers as the texts they were sent as; none for ``[]`` and ``null``, a day without rates.

    Raises:
        KeyRejected, RequestRefused, DailyQuotaExhausted, SourceUnavailable: the body is an error, by its result.
        ReplyUnreadable: the body is cut off or of no known shape.
    """
    told = read_json(body)
    rows = [told] if isinstance(told, dict) else told
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        for row in rows:
            if row.get("result") not in (None, _SUCCESS):
                raise _error(redact(str(row["result"])))
    if status >= 400:
        raise _by_status(status)
    if told is None:
        return []
    if not isinstance(told, list) or not all(isinstance(row, dict) and row.get("result") == _SUCCESS for row in told):
        raise ReplyUnreadable(
            "The reply is cut off or no reply of Korea Eximbank (neither a list of rates nor one of its errors); ask again."
        )
    return told


def _error(result: str) -> SourceError:
    kind, words, advice = _RESULTS.get(result, (SourceUnavailable, "an unknown fault", "ask again later"))
    return kind(f"Korea Eximbank refused with result {result[:20]} ({words}); {advice}.")


def _by_status(status: int) -> SourceError:
    if status in (401, 403):
        return KeyRejected(f"Korea Eximbank refused the key (HTTP {status}); check the key in the Airflow connection.")
    if status == 429:
        return Throttled("Korea Eximbank was asked too often (HTTP 429); ask again, more slowly.")
    if status >= 500:
        return SourceUnavailable(f"Korea Eximbank failed (HTTP {status}); ask again later.")
    return RequestRefused(
        f"Korea Eximbank refused the request (HTTP {status}); check the host of the Airflow connection."
    )
