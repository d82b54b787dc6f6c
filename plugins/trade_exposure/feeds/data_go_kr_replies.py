"""Tells the errors of data.go.kr services from success, by the body before the status.

Two layers can fail. The gateway answers in ``OpenAPI_ServiceResponse`` (XML or JSON, HTTP 200 or not) or in plain text;
its code is ``returnReasonCode``. The service behind it answers with a ``resultCode`` other than ``00``. Codes and plain
texts: the portal's tables of errors (data.go.kr/data/15149662 and /15160272).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from lxml import etree

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
from trade_exposure.feeds.strict_json import mapping
from trade_exposure.feeds.xml import child, read_xml, text_of

_UNAVAILABLE = "ask again later"
_CODES: dict[str, tuple[type[SourceError], str]] = {
    "01": (SourceUnavailable, _UNAVAILABLE),
    "04": (SourceUnavailable, _UNAVAILABLE),
    "05": (SourceUnavailable, _UNAVAILABLE),
    "10": (RequestRefused, "correct the request"),
    "12": (RequestRefused, "check the request path in the feed's contract, capital letters included"),
    "20": (KeyRejected, "check the key in the Airflow connection"),
    "22": (DailyQuotaExhausted, "ask again after midnight in Seoul"),
    "23": (Throttled, "ask again, more slowly"),
    "29": (KeyRejected, "this machine's address is blocked; ask the portal to release it"),
    "30": (KeyRejected, "apply for this very API on the portal and check the key (approval takes about an hour)"),
    "31": (KeyRejected, "the key has expired; extend its use on the portal"),
    "32": (KeyRejected, "register this machine's address on the portal"),
}
SUCCESS = ("00",)
_SERVICE_REFUSED = "99"
_LONGEST_ERROR = 64 * 1024  # an error in JSON or plain text is far shorter, a success far longer
_PLAIN_TEXTS: dict[str, tuple[type[SourceError], str]] = {
    "unauthorized": _CODES["20"],
    "forbidden": _CODES["30"],
    "api not found": _CODES["12"],
    "api rate limit exceeded": _CODES["23"],
    "api token quota exceeded": _CODES["22"],
    "unexpected error": _CODES["01"],
}


def success_root(body: bytes, *, status: int = 200, success: Collection[str] = SUCCESS) -> etree._Element:
    """The ``response`` element of a successful reply in XML; ``success`` are the result codes that mean success.

    Raises:
        KeyRejected, RequestRefused, Throttled, DailyQuotaExhausted, SourceUnavailable: the body is an error, by its code.
        ReplyUnreadable: the body is of no known shape.
    """
    text = body[:_LONGEST_ERROR].decode("utf-8", errors="replace").lstrip("\ufeff").strip()
    if text.startswith("{"):
        text = _raise_for_json(text, success)
    root = read_xml(body.lstrip())
    if root is not None and root.tag == "OpenAPI_ServiceResponse":
        header = child(root, "cmmMsgHeader")
        raise _gateway_error(
            {name: text_of(child(header, name)) for name in ("returnReasonCode", "errMsg", "returnAuthMsg")}
        )
    if root is not None and root.tag == "response":
        header = child(root, "header")
        check_result(text_of(child(header, "resultCode")), text_of(child(header, "resultMsg")), success=success)
        if status < 400:
            return root
    for known, (kind, advice) in _PLAIN_TEXTS.items():
        if text.lower().rstrip(".") == known:
            raise kind(f"data.go.kr answered {known!r}; {advice}.")
    raise _by_status(status)


def _raise_for_json(text: str, success: Collection[str]) -> str:
    """Raise for an error in JSON; else give back its ``message``, or the text as it is."""
    try:
        told: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text
    raise_for_gateway(told)
    header = mapping(mapping(mapping(told).get("response")).get("header"))
    if header:
        check_result(plain_text(header.get("resultCode")), plain_text(header.get("resultMsg")), success=success)
    return plain_text(mapping(told).get("message")) or text


def raise_for_gateway(told: Any) -> None:
    """Raise for an error of the gateway in JSON; anything else passes."""
    header = mapping(mapping(mapping(told).get("OpenAPI_ServiceResponse")).get("cmmMsgHeader"))
    if header:
        raise _gateway_error(header)


def _gateway_error(header: dict[str, Any]) -> SourceError:
    code = (plain_text(header.get("returnReasonCode")) or "").zfill(2)
    words = " / ".join(filter(None, (plain_text(header.get(name)) for name in ("errMsg", "returnAuthMsg"))))
    return _error("gateway", code, words, SourceUnavailable)


def check_result(code: str | None, message: str | None, *, success: Collection[str] = SUCCESS) -> None:
    """Raise for a service's result code that is not among ``success``.

    Raises:
        RequestRefused, SourceUnavailable or another SourceError: by the code.
        ReplyUnreadable: there is no code.
    """
    if code is None:
        raise ReplyUnreadable("data.go.kr sent a reply without a result code; ask again.")
    if code in success:
        return
    if code == "" and not message:
        raise ReplyUnreadable("data.go.kr sent a reply with an empty result code and no message; ask again.")
    # An empty code with a message was seen in the wild for a refused request.
    refused = code in ("", _SERVICE_REFUSED)
    raise _error("service", code, message or "", RequestRefused if refused else SourceUnavailable)


def _error(layer: str, code: str, words: str, otherwise: type[SourceError]) -> SourceError:
    kind, advice = _CODES.get(code, (otherwise, "correct the request" if otherwise is RequestRefused else _UNAVAILABLE))
    said = redact(" ".join(words.split()))[:200]
    return kind(f"data.go.kr refused at its {layer} with code {code or '(empty)'}: {said or 'no message'}; {advice}.")


def _by_status(status: int) -> SourceError:
    if status in (401, 403):
        return KeyRejected(f"data.go.kr refused the key (HTTP {status}); check the key in the Airflow connection.")
    if status == 429:
        return Throttled("data.go.kr was asked too often (HTTP 429); ask again, more slowly.")
    if status >= 500:
        return SourceUnavailable(f"data.go.kr failed (HTTP {status}); ask again later.")
    if status >= 400:
        return RequestRefused(
            f"data.go.kr refused the request (HTTP {status}); check the request path in the feed's contract."
        )
    return ReplyUnreadable(
        "The reply is cut off or no reply of data.go.kr (neither its XML nor one of its errors); ask again."
    )


def plain_text(value: Any) -> str | None:
    """A text or number as stripped text, None for anything else."""
    return str(value).strip() if isinstance(value, str | int) else None
