"""The Airflow hook for the exchange rates of the Export-Import Bank of Korea (수출입은행)."""

from __future__ import annotations

from datetime import date

from airflow.sdk import BaseHook

from trade_exposure.errors import ExposureError
from trade_exposure.feeds.connection import Endpoint, endpoint
from trade_exposure.feeds.eximbank_replies import rates_of
from trade_exposure.feeds.model import Reply

_RATES = "/site/program/financial/exchangeJSON"


class EximbankHook(BaseHook):
    """Asks the bank with the key of an Airflow connection (type ``eximbank``, the key as password)."""

    conn_name_attr = "eximbank_conn_id"
    default_conn_name = "eximbank_default"
    conn_type = "eximbank"
    hook_name = "Korea Eximbank exchange rates"

    def __init__(self, eximbank_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.eximbank_conn_id = eximbank_conn_id

    def get_conn(self) -> Endpoint:
        """Base URL, key and limits of the connection.

        Raises:
            ConfigurationError: the connection is missing or unusable.
        """
        return endpoint(
            self.eximbank_conn_id,
            conn_type=self.conn_type,
            source="Korea Eximbank",
            default_base="https://oapi.koreaexim.go.kr",
            key_name="authentication key",
        )

    def rates(self, day: date, *, path: str = _RATES) -> Reply:
        """The rates of one day (``data=AP01``); without rows on a day without business, and before about 11:00 in Seoul.

        Raises:
            ConfigurationError, SourceError: see :mod:`trade_exposure.errors`.
        """
        target = f"{path}?authkey={{key}}&searchdate={day:%Y%m%d}&data=AP01"
        conn = self.get_conn()
        answer = conn.ask(target)
        rates_of(answer.body, status=answer.status)
        return conn.reply(answer, target)

    def test_connection(self) -> tuple[bool, str]:
        """Ask for one day; True and a sentence when the key works, False and the reason when not."""
        try:
            self.rates(date(2024, 6, 12))
        except ExposureError as error:
            return False, str(error)
        return True, "Korea Eximbank accepts the key for exchange rates."
