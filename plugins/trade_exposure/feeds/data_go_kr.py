"""The Airflow hook for services behind data.go.kr, the Korean government's data portal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import quote

from airflow.sdk import BaseHook

from trade_exposure.errors import ExposureError, RequestRefused
from trade_exposure.feeds.connection import Endpoint, endpoint
from trade_exposure.feeds.contract import first_of_next_month
from trade_exposure.feeds.data_go_kr_json import page_of
from trade_exposure.feeds.data_go_kr_replies import success_root
from trade_exposure.feeds.model import Reply

MAX_MONTHS = 12
_NEVER_SENT = ("_type", "numOfRows", "pageNo", "serviceKey")
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]")
_HS_CODE = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{10}")
_COUNTRY_TRADE = "/1220000/nationtrade/getNationtradeList"


def months_between(start: date, end: date) -> int:
    """Number of months from ``start`` to ``end``, both counted; zero or less where the end comes first."""
    return (end.year - start.year) * 12 + end.month - start.month + 1


def windows(start: date, end: date, *, months: int = MAX_MONTHS) -> list[tuple[date, date]]:
    """Cut a range of months into windows that the customs service accepts, oldest first, both ends counted.

    Raises:
        RequestRefused: the end lies before the start.
    """
    if months_between(start, end) < 1:
        raise RequestRefused(f"The last month {end:%Y-%m} lies before the first month {start:%Y-%m}; swap them.")
    found: list[tuple[date, date]] = []
    first = last = start.replace(day=1)
    while first <= end:
        while months_between(first, last) < months and first_of_next_month(last) <= end:
            last = first_of_next_month(last)
        found.append((first, last))
        first = last = first_of_next_month(last)
    return found


class DataGoKrHook(BaseHook):
    """Asks services of data.go.kr with the key of an Airflow connection (type ``data_go_kr``, the key as password)."""

    conn_name_attr = "data_go_kr_conn_id"
    default_conn_name = "data_go_kr_default"
    conn_type = "data_go_kr"
    hook_name = "data.go.kr (Korean open data portal)"

    def __init__(self, data_go_kr_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.data_go_kr_conn_id = data_go_kr_conn_id

    def get_conn(self) -> Endpoint:
        """Base URL, key and limits of the connection.

        Raises:
            ConfigurationError: the connection is missing or unusable.
        """
        return endpoint(
            self.data_go_kr_conn_id,
            conn_type=self.conn_type,
            source="data.go.kr",
            default_base="https://apis.data.go.kr",
            key_name="service key",
        )

    def ask(self, path: str, **params: str) -> Reply:
        """One request of the customs service; the reply is a success of both layers, possibly without rows.

        Raises:
            RequestRefused: a parameter that the gateway ignores or breaks on; or the source refuses the request.
            ConfigurationError, SourceError: see :mod:`trade_exposure.errors`.
        """
        for name in _NEVER_SENT:
            if name in params:
                raise RequestRefused(f"The parameter {name} must not be sent to data.go.kr; leave it out.")
        return self._ask(path, params, success_root)

    def ask_page(self, path: str, page: int, rows: int) -> Reply:
        """One page, counted from 1, of a service that pages and answers in JSON; a success, possibly without rows.

        Raises:
            ConfigurationError, SourceError: see :mod:`trade_exposure.errors`.
        """
        return self._ask(path, {"pageNo": str(page), "numOfRows": str(rows), "_type": "json"}, page_of)

    def _ask(self, path: str, params: Mapping[str, str], check: Callable[..., object]) -> Reply:
        query = "".join(f"&{name}={quote(value, safe='')}" for name, value in params.items())
        target = f"{quote(path)}?serviceKey={{key}}{query}"
        conn = self.get_conn()
        answer = conn.ask(target)
        check(answer.body, status=answer.status)
        return conn.reply(answer, target)

    def country_trade(
        self, start: date, end: date, *, country_code: str | None = None, path: str = _COUNTRY_TRADE
    ) -> Reply:
        """Trade by country for the months from ``start`` to ``end``, both counted, at most twelve.

        Raises:
            RequestRefused: the window or the country code cannot be asked for (nothing is sent then).
            ConfigurationError, SourceError: see :meth:`ask`.
        """
        params = _window(start, end)
        if country_code is not None:
            if not _COUNTRY.fullmatch(country_code):
                raise RequestRefused(f"{country_code!r} is no customs country code; give two upper-case characters.")
            params["cntyCd"] = country_code
        return self.ask(path, **params)

    def item_trade(self, path: str, start: date, end: date, hs_code: str) -> Reply:
        """Trade of every country in the goods below an HS code; a chapter is told by heading, a heading by HS6 code.

        That every country is told where no ``cntyCd`` is sent follows from the service's own rule that one of ``hsSgn`` and
        ``cntyCd`` is enough; it was not seen recorded.

        Raises:
            RequestRefused: the window or the code cannot be asked for (nothing is sent then).
            ConfigurationError, SourceError: see :meth:`ask`.
        """
        if not _HS_CODE.fullmatch(hs_code):
            raise RequestRefused(f"{hs_code!r} is no HS code; give 2, 4, 6 or 10 digits.")
        return self.ask(path, **_window(start, end), hsSgn=hs_code)

    def region_trade(self, path: str, start: date, end: date) -> Reply:
        """Trade of every province in the months from ``start`` to ``end``, both counted, at most twelve.

        Raises:
            RequestRefused: the window cannot be asked for (nothing is sent then).
            ConfigurationError, SourceError: see :meth:`ask`.
        """
        return self.ask(path, **_window(start, end))

    def test_connection(self) -> tuple[bool, str]:
        """Ask for one country in one month; True and a sentence when the key works, False and the reason when not."""
        try:
            self.country_trade(date(2016, 1, 1), date(2016, 1, 1), country_code="US")
        except ExposureError as error:
            return False, str(error)
        return True, "data.go.kr accepts the key for trade by country."


def _window(start: date, end: date) -> dict[str, str]:
    asked = months_between(start, end)
    if not 1 <= asked <= MAX_MONTHS:
        raise RequestRefused(
            f"The customs service answers for 1 to {MAX_MONTHS} months, not for {asked} ({start:%Y-%m} to {end:%Y-%m}); "
            "ask in windows."
        )
    return {"strtYymm": f"{start:%Y%m}", "endYymm": f"{end:%Y%m}"}
