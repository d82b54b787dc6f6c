"""Replies in JSON of data.go.kr services that page (``pageNo``, ``numOfRows``, ``_type=json``).

Header texts and item fields were seen; the outer ``response`` and the names of the paging fields are the portal's usual
shape. So a reply is taken with and without ``response``, and ``item`` as an object, a list or an empty text.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from trade_exposure.errors import ReplyUnreadable
from trade_exposure.feeds.data_go_kr_replies import check_result, plain_text, raise_for_gateway, success_root
from trade_exposure.feeds.strict_json import mapping, read_json

_SUCCESS = ("0", "00")
_NO_DATA = ("3", "03")  # seen in another operation of the same agency: 데이터 없음


class Page(NamedTuple):
    """One page: its items as sent, numbers as texts, and how many the source says there are on all pages."""

    items: list[dict[str, Any]]
    total: int


def page_of(body: bytes, *, status: int = 200) -> Page:
    """The page that a successful reply holds; no item where the source says that it has no data.

    Raises:
        KeyRejected, RequestRefused, Throttled, DailyQuotaExhausted, SourceUnavailable: the body is an error, by its code.
        ReplyUnreadable: the body is cut off or of no known shape.
    """
    told = read_json(body)
    raise_for_gateway(told)
    reply = mapping(mapping(told).get("response")) or mapping(told)
    header = mapping(reply.get("header"))
    if not header or status >= 400:
        # An error in XML or plain text, or told by its status alone.
        success_root(body, status=status, success=_SUCCESS + _NO_DATA)
        raise ReplyUnreadable("data.go.kr answered in XML although JSON was asked for; ask again.")
    code = plain_text(header.get("resultCode"))
    check_result(code, plain_text(header.get("resultMsg")), success=_SUCCESS + _NO_DATA)
    if code in _NO_DATA:
        return Page([], 0)
    return _page(mapping(reply.get("body")))


def _page(body: dict[str, Any]) -> Page:
    total = plain_text(body.get("totalCount"))
    if total is None or not (total.isascii() and total.isdecimal() and len(total) < 10):
        raise ReplyUnreadable("The reply of data.go.kr does not say how many rows there are (totalCount); ask again.")
    items = body.get("items")
    if isinstance(items, dict):
        items = items.get("item")
    if items in ("", None):
        items = []
    if isinstance(items, dict):
        items = [items]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ReplyUnreadable("The reply of data.go.kr holds no list of items; ask again.")
    return Page(items, int(total))
