"""Answers requests as the sources would: the same checks in the same order, from a folder of replies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import parse_qs, unquote

from trade_exposure.samples import customs_tables, wire
from trade_exposure.samples.folder import ReplyFolder
from trade_exposure.samples.tables import Tables
from trade_exposure.samples.wire import Told

Source = Literal["gateway", "ecos", "eximbank"]

_BY_COUNTRY = "/1220000/nationtrade/getNationtradeList"
_BY_ITEM = "/1220000/nitemtrade/getNitemtradeList"
_BY_PROVINCE = "/1220000/sidotrade/getSidotradeList"
_GRADES = "/B552696/countrygrade/credit-grade"
_PATHS = (_BY_COUNTRY, _BY_ITEM, _BY_PROVINCE, _GRADES)
_EXIMBANK = "/site/program/financial/exchangeJSON"
_MONTH = re.compile(r"[0-9]{4}(0[1-9]|1[0-2])")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_PUBLIC_KEY = "sample"
_PUBLIC_ROWS = 10
_MAX_MONTHS = 12
_MOST_ROWS = 1_000


def source_of(path: str) -> Source:
    """Which of the sources a request's path belongs to; whatever is unknown belongs to the gateway."""
    if path.startswith("/api/"):
        return "ecos"
    return "eximbank" if path == _EXIMBANK else "gateway"


def api_of(path: str) -> str:
    """The name under which a source counts a day's calls: the gateway counts each of its services by itself."""
    source = source_of(path)
    return path if source == "gateway" else source


class Sources:
    """All sources behind one server. ``is_revised`` lets the customs service give months as amended later."""

    def __init__(self, folder: ReplyFolder, key: str | None) -> None:
        self.is_revised = False
        self._folder = folder
        self._tables = Tables(folder.path)
        self._key = key

    def answer(self, path: str, query: str) -> Told:
        """The reply to one request."""
        source = source_of(path)
        if source == "ecos":
            return self._ecos(path)
        params = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        return self._eximbank(params) if source == "eximbank" else self._gateway(path, params)

    def _gateway(self, path: str, params: dict[str, str]) -> Told:
        """The data.go.kr gateway, with the customs and the grade service behind it."""
        if path not in _PATHS:
            return wire.gateway_error("12")
        key = params.get("serviceKey", "")
        if not key:
            return wire.gateway_error("20")
        if self._is_wrong(key):
            return wire.gateway_error("30")
        if path == _GRADES:
            return self._grades(params)
        if params.get("_type") == "json":
            return wire.gateway_error("04", as_json=True)
        first, last, country = params.get("strtYymm", ""), params.get("endYymm", ""), params.get("cntyCd")
        refusal = _refused_window(first, last)
        if refusal is None and country is not None and not re.fullmatch("[A-Z][A-Z0-9]", country):
            refusal = "존재하지 않는 국가코드입니다."
        if refusal is not None:
            return wire.customs_refusal(refusal)
        if path == _BY_ITEM:
            return customs_tables.by_item(self._tables, params.get("hsSgn"), first, last, country)
        if path == _BY_PROVINCE:
            return customs_tables.by_province(self._tables, first, last)
        return self._by_country(path.rsplit("/", 1)[1], first, last, country)

    def _by_country(self, operation: str, first: str, last: str, country: str | None) -> Told:
        if first == last and country is None:
            later = self._folder.revised.get((operation, first)) if self.is_revised else None
            exact = later or self._folder.exact.get((operation, first))
            if exact is not None:
                return wire.customs_verbatim(exact)
        return wire.customs_reply(self._folder.items(operation, first, last, country))

    def _grades(self, params: dict[str, str]) -> Told:
        """A page of K-SURE's country grades; only JSON has ever been seen of this service."""
        page, count = params.get("pageNo", "1"), params.get("numOfRows", "10")
        if not (page.isdecimal() and count.isdecimal()) or int(page) < 1 or not 1 <= int(count) <= _MOST_ROWS:
            return wire.gateway_error("10")
        grades = self._tables.grades
        begin = (int(page) - 1) * int(count)
        return wire.grades_reply(grades[begin : begin + int(count)], int(page), int(count), len(grades))

    def _eximbank(self, params: dict[str, str]) -> Told:
        """Korea Eximbank: no rates of a day are ``[]`` on some days and ``null`` on others."""
        if not params.get("authkey") or self._is_wrong(params["authkey"]):
            return wire.eximbank_result(3)
        if params.get("data") != "AP01":
            return wire.eximbank_result(2)
        day = params.get("searchdate", "").replace("-", "")
        return wire.eximbank_reply(self._tables.bank_rates.get(day, []), is_null=day[-1:] in tuple("13579"))

    def _ecos(self, path: str) -> Told:
        """The Bank of Korea's ECOS service; the key is the path's third segment."""
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

    def _is_wrong(self, key: str) -> bool:
        # A blank is a plus that was not encoded, a percent sign a key that was encoded twice.
        return " " in key or bool(_ENCODED.search(key)) or (self._key is not None and key != self._key)


def _refused_window(first: str, last: str) -> str | None:
    """The customs service's words for a window of months that it does not take."""
    if not first or not last:
        return "필수 요청변수가 누락되었습니다."
    if not _MONTH.fullmatch(first):
        return "시작년월 형식이 맞지 않습니다."
    if not _MONTH.fullmatch(last):
        return "종료년월 형식이 맞지 않습니다."
    if last < first:
        return "종료년월이 시작년월보다 크거나 같아야 합니다."
    if (int(last[:4]) - int(first[:4])) * 12 + int(last[4:]) - int(first[4:]) + 1 > _MAX_MONTHS:
        return "시작과 종료의 조회기간은 1년이내 기간만 가능합니다."
    return None


def fault_answer(fault: str, *, source: Source, answer: Callable[[], Told]) -> Told:
    """What a faulty source answers instead; ``answer`` gives the right reply, which some faults only spoil."""
    if fault == "http-500":
        return wire.server_failure()
    codes = {
        "throttle": ("23", "ERROR-602", None),  # the Eximbank is not known to tell of calls a second
        "daily-quota": ("22", "INFO-300", 4),
        "key-not-registered": ("30", "INFO-100", 3),
    }
    if fault not in codes:
        return answer()
    gateway, ecos, eximbank = codes[fault]
    if source == "eximbank":
        return wire.too_many_requests() if eximbank is None else wire.eximbank_result(eximbank)
    return wire.ecos_result(ecos) if source == "ecos" else wire.gateway_error(gateway)
