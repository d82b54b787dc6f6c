"""Answers requests as the two sources would: the same checks in the same order, from a folder of replies."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote

from trade_exposure.samples import wire
from trade_exposure.samples.folder import ReplyFolder
from trade_exposure.samples.wire import Told

_OPERATIONS = {"/1220000/nationtrade/getNationtradeList": "getNationtradeList"}
_ECOS_ROOT = "/api/"
_MONTH = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_PUBLIC_KEY = "sample"
_PUBLIC_ROWS = 10
_MAX_MONTHS = 12


def is_ecos(path: str) -> bool:
    """True when a request path belongs to ECOS."""
    return path.startswith(_ECOS_ROOT)


class Customs:
    """The data.go.kr gateway with the customs service behind it."""

    def __init__(self, folder: ReplyFolder, key: str | None) -> None:
        self._folder = folder
        self._key = key

    def answer(self, path: str, query: str) -> Told:
        """The reply to one request."""
        operation = _OPERATIONS.get(path)
        if operation is None:
            return wire.gateway_error("12")
        params = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        key = params.get("serviceKey", "")
        if not key:
            return wire.gateway_error("20")
        # A blank is a plus that was not encoded, a percent sign a key that was encoded twice.
        if " " in key or _ENCODED.search(key) or (self._key is not None and key != self._key):
            return wire.gateway_error("30")
        if params.get("_type") == "json":
            return wire.gateway_error("04", as_json=True)
        return self._trade(operation, params.get("strtYymm", ""), params.get("endYymm", ""), params.get("cntyCd"))

    def _trade(self, operation: str, first: str, last: str, country: str | None) -> Told:
        if not first or not last:
            return wire.customs_refusal("필수 요청변수가 누락되었습니다.")
        if not _MONTH.fullmatch(first):
            return wire.customs_refusal("시작년월 형식이 맞지 않습니다.")
        if not _MONTH.fullmatch(last):
            return wire.customs_refusal("종료년월 형식이 맞지 않습니다.")
        if last < first:
            return wire.customs_refusal("종료년월이 시작년월보다 크거나 같아야 합니다.")
        if (int(last[:4]) - int(first[:4])) * 12 + int(last[4:]) - int(first[4:]) + 1 > _MAX_MONTHS:
            return wire.customs_refusal("시작과 종료의 조회기간은 1년이내 기간만 가능합니다.")
        if country is not None and not re.fullmatch("[A-Z][A-Z0-9]", country):
            return wire.customs_refusal("존재하지 않는 국가코드입니다.")
        exact = self._folder.exact.get((operation, first)) if first == last and country is None else None
        if exact is not None:
            return wire.customs_verbatim(exact)
        return wire.customs_reply(self._folder.items(operation, first, last, country))


class Ecos:
    """The Bank of Korea's ECOS service."""

    def __init__(self, folder: ReplyFolder, key: str | None) -> None:
        self._folder = folder
        self._key = key

    def answer(self, path: str) -> Told:
        """The reply to one request; the key is the path's third segment."""
        segments = [unquote(segment) for segment in path.split("/")[2:]]
        if len(segments) < 10 or segments[0] != "StatisticSearch":
            return wire.ecos_result("ERROR-100")
        _, key, file_type, _language, start, end, series, cycle, first, last, *items = segments
        if not key or _ENCODED.search(key) or (self._key is not None and key not in (self._key, _PUBLIC_KEY)):
            return wire.ecos_result("INFO-100")
        if file_type != "json":
            return wire.ecos_result("ERROR-200")
        if not (start.isdecimal() and end.isdecimal()) or not 1 <= int(start) <= int(end):
            return wire.ecos_result("ERROR-301")
        if cycle != "D" or not all(re.fullmatch("[0-9]{8}", day) for day in (first, last)):
            return wire.ecos_result("ERROR-101")
        rows = self._folder.rates(series, items[0] if items else "", first, last)
        if not rows:
            return wire.ecos_result("INFO-200")
        most = _PUBLIC_ROWS if key == _PUBLIC_KEY else len(rows)
        return wire.ecos_reply(len(rows), rows[int(start) - 1 : int(end)][:most])


def fault_answer(fault: str, *, is_for_ecos: bool, answer: Callable[[], Told]) -> Told:
    """What a faulty source answers instead; ``answer`` gives the right reply, which some faults only spoil."""
    if fault == "http-500":
        return wire.server_failure()
    codes = {
        "throttle": ("23", "ERROR-602"),
        "daily-quota": ("22", "INFO-300"),
        "key-not-registered": ("30", "INFO-100"),
    }
    if fault in codes:
        gateway, ecos = codes[fault]
        return wire.ecos_result(ecos) if is_for_ecos else wire.gateway_error(gateway)
    return answer()
