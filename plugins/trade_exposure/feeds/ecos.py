"""The Airflow hook for ECOS, the Bank of Korea's statistics service. Its key is a segment of the URL's path."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from airflow.sdk import BaseHook

from trade_exposure.errors import ExposureError, RequestRefused
from trade_exposure.feeds.connection import Endpoint, endpoint
from trade_exposure.feeds.ecos_replies import rows_of
from trade_exposure.feeds.model import Reply

MAX_ROWS = 400  # a year of days; clients ask for up to 10,000, the real limit is not documented
PUBLIC_KEY = "sample"


class EcosHook(BaseHook):
    """Asks ECOS with the key of an Airflow connection (type ``ecos``, the key as password)."""

    conn_name_attr = "ecos_conn_id"
    default_conn_name = "ecos_default"
    conn_type = "ecos"
    hook_name = "ECOS (Bank of Korea)"

    def __init__(self, ecos_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.ecos_conn_id = ecos_conn_id

    def get_conn(self) -> Endpoint:
        """Base URL, key and limits of the connection.

        Raises:
            ConfigurationError: the connection is missing or unusable.
        """
        return endpoint(
            self.ecos_conn_id,
            conn_type=self.conn_type,
            source="ECOS",
            default_base="https://ecos.bok.or.kr",
            key_name="ECOS key",
            public_key=PUBLIC_KEY,
        )

    def statistic(self, code: str, cycle: str, start: date, end: date, item: str) -> Reply:
        """One item of a daily series from ``start`` to ``end``, both counted, at most 400 days; possibly without rows.

        The public key ``sample`` gets ten rows at most, while the reply announces all of them.

        Raises:
            RequestRefused: the range cannot be asked for in one request (nothing is sent then), or the source refuses it.
            ConfigurationError, SourceError: see :mod:`trade_exposure.errors`.
        """
        days = (end - start).days + 1
        if not 1 <= days <= MAX_ROWS:
            raise RequestRefused(
                f"ECOS is asked for 1 to {MAX_ROWS} days at a time, not for {days} ({start} to {end})."
            )
        parts = (code, cycle, f"{start:%Y%m%d}", f"{end:%Y%m%d}", item)
        target = f"/api/StatisticSearch/{{key}}/json/kr/1/{MAX_ROWS}/" + "/".join(
            quote(part, safe="") for part in parts
        )
        conn = self.get_conn()
        answer = conn.ask(target)
        rows_of(answer.body, status=answer.status)
        return conn.reply(answer, target)

    def test_connection(self) -> tuple[bool, str]:
        """Ask for one day of the dollar; True and a sentence when the key works, False and the reason when not."""
        try:
            self.statistic("731Y001", "D", date(2024, 6, 12), date(2024, 6, 12), "0000001")
        except ExposureError as error:
            return False, str(error)
        return True, "ECOS accepts the key for daily exchange rates."
