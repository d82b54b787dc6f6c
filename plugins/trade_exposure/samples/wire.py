"""The wire formats of the sources, as bytes: success, the sources' own errors, and the faults."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trade_exposure.samples.tables import BankRate

_PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_XML = "application/xml"  # the real service names no character set
_JSON = "application/json;charset=UTF-8"
_GATEWAY = {
    "04": (200, "HTTP_ERROR", "HTTP 에러"),
    "10": (200, "INVALID_REQUEST_PARAMETER_ERROR", "잘못된 요청 파라메터 에러"),
    "12": (400, "NO_OPENAPI_SERVICE_ERROR", "해당 오픈API서비스가 없거나 폐기됨"),
    "20": (401, "SERVICE_ACCESS_DENIED_ERROR", "서비스 접근거부"),
    "22": (200, "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR", "서비스 요청제한횟수 초과에러"),
    "23": (200, "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR", "초당 서비스 요청제한횟수 초과에러"),
    "30": (403, "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "등록되지 않은 서비스키"),
}
_ECOS_WORDS = {
    "INFO-100": "인증키가 유효하지 않습니다. 인증키를 확인하십시오.",
    "INFO-200": "해당하는 데이터가 없습니다.",
    "INFO-300": "인증키 사용이 제한되었습니다.",
    "ERROR-100": "필수 값이 누락되어 있습니다.",
    "ERROR-101": "주기와 다른 형식의 날짜 형식입니다.",
    "ERROR-200": "파일타입 값이 누락 혹은 유효하지 않습니다.",
    "ERROR-301": "조회건수 값의 타입이 유효하지 않습니다.",
    "ERROR-602": "과도한 호출로 이용이 제한되었습니다.",
}


@dataclass(frozen=True)
class Told:
    """One answer of the server."""

    status: int
    media_type: str
    body: bytes
    is_success: bool = False


def customs_reply(items: Iterable[bytes]) -> Told:
    """A success of the customs service: one line, possibly without items."""
    listed = b"".join(items)
    body = b"<items>" + listed + b"</items>" if listed else b"<items/>"
    head = f"{_PROLOGUE}<response><header><resultCode>00</resultCode><resultMsg>정상서비스.</resultMsg></header><body>"
    return customs_verbatim(head.encode() + body + b"</body></response>")


def customs_verbatim(body: bytes) -> Told:
    """A recorded success, byte for byte."""
    return Told(200, _XML, body, is_success=True)


def customs_refusal(message: str) -> Told:
    """The customs service's own error 99, without a body element."""
    header = f"<header><resultCode>99</resultCode><resultMsg>{message}</resultMsg></header>"
    return Told(200, _XML, f"{_PROLOGUE}<response>{header}</response>".encode())


def gateway_error(code: str, *, as_json: bool = False) -> Told:
    """An error of the data.go.kr gateway, with the HTTP status measured for its code (200 where none is known)."""
    status, constant, words = _GATEWAY[code]
    fields = {"errMsg": constant, "returnAuthMsg": words, "returnReasonCode": code}
    if as_json:
        told = json.dumps(
            {"OpenAPI_ServiceResponse": {"cmmMsgHeader": fields}}, ensure_ascii=False, separators=(",", ":")
        )
        return Told(status, _JSON, told.encode())
    lines = "".join(f"  <{name}>{value}</{name}>\n" for name, value in fields.items())
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenAPI_ServiceResponse>\n'
        f"<cmmMsgHeader>\n{lines}</cmmMsgHeader>\n</OpenAPI_ServiceResponse>\n"
    )
    return Told(status, _XML, text.encode())


def ecos_reply(total: int, rows: list[dict[str, Any]]) -> Told:
    """A success of ECOS: the number of all rows, and those of the asked page."""
    told = json.dumps(
        {"StatisticSearch": {"list_total_count": total, "row": rows}}, ensure_ascii=False, separators=(",", ":")
    )
    return Told(200, _JSON, told.encode(), is_success=True)


def ecos_result(code: str) -> Told:
    """An error of ECOS, or its "no data", with HTTP 200."""
    told = json.dumps(
        {"RESULT": {"CODE": code, "MESSAGE": _ECOS_WORDS[code]}}, ensure_ascii=False, separators=(",", ":")
    )
    return Told(200, _JSON, told.encode())


def grades_reply(grades: list[dict[str, str]], page: int, count: int, total: int) -> Told:
    """A page of K-SURE's country grades: several items are a list, one is an object, none is an empty text."""
    listed: object = grades if len(grades) > 1 else grades[0] if grades else ""
    told = {
        "response": {
            "header": {"resultCode": "0", "resultMsg": "NORMAL SERVICE."},
            "body": {
                "items": {"item": listed} if grades else "",
                "numOfRows": count,
                "pageNo": page,
                "totalCount": total,
            },
        }
    }
    return Told(200, _JSON, json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), is_success=True)


def eximbank_reply(rates: list[BankRate], *, is_null: bool) -> Told:
    """A day's rates of Korea Eximbank; without any, an empty list or nothing at all."""
    if not rates:
        return Told(200, _JSON, b"null" if is_null else b"[]", is_success=True)
    told = [_bank_item(rate) for rate in rates]
    return Told(200, _JSON, json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), is_success=True)


def eximbank_result(result: int) -> Told:
    """An error of Korea Eximbank: 2 for the kind of data, 3 for the key, 4 for the day's calls; HTTP 200."""
    names = (
        "cur_unit",
        "ttb",
        "tts",
        "deal_bas_r",
        "bkpr",
        "yy_efee_r",
        "ten_dd_efee_r",
        "kftc_bkpr",
        "kftc_deal_bas_r",
    )
    told = [{"result": result, **dict.fromkeys((*names, "cur_nm"))}]
    return Told(200, _JSON, json.dumps(told, separators=(",", ":")).encode())


def _bank_item(rate: BankRate) -> dict[str, Any]:
    hundredths = int(Decimal(rate.rate.replace(",", "")) * 100)
    whole = f"{hundredths // 100:,}"
    spread = 0 if rate.unit == "KRW" else hundredths // 100
    ends = [("0" if rate.unit == "KRW" else _two_places(hundredths + part)) for part in (-spread, spread)]
    return {
        "result": 1,
        "cur_unit": rate.unit,
        "ttb": ends[0],
        "tts": ends[1],
        "deal_bas_r": rate.rate,
        "bkpr": whole,
        "yy_efee_r": "0",
        "ten_dd_efee_r": "0",
        "kftc_bkpr": whole,
        "kftc_deal_bas_r": rate.rate,
        "cur_nm": rate.name,
    }


def _two_places(hundredths: int) -> str:
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"


def too_many_requests() -> Told:
    """What a web server answers to a client that asks too often."""
    return Told(429, "text/plain", b"Too Many Requests")


def server_failure() -> Told:
    """What a web server in front of a broken service answers."""
    return Told(500, "text/html", b"<html><body><h1>500 Internal Server Error</h1></body></html>")
