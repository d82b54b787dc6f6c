"""No key in a log record, a message, a traceback or a stored URL, in any form."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from urllib.parse import quote

import pytest

from trade_exposure.errors import ExposureError, ReplyUnreadable
from trade_exposure.feeds.data_go_kr import DataGoKrHook
from trade_exposure.feeds.ecos import EcosHook
from trade_exposure.feeds.eximbank import EximbankHook
from trade_exposure.feeds.redaction import RedactingFilter, Secret, redact
from trade_exposure.samples.faults import FAULTS
from trade_exposure.samples.server import FeedServer

KEY = "c2VjcmV0+a/b=Zq9W%+/=="  # every kind of character that an encoding changes, a percent sign too
MAY = date(2026, 5, 1)
FormsOf = Callable[[str], list[str]]


def _ask_all(connect: Callable[..., None], url: str, **more: object) -> list[ExposureError]:
    connect("data_go_kr_default", conn_type="data_go_kr", host=url, password=KEY, **more)
    connect("ecos_default", conn_type="ecos", host=url, password=KEY, **more)
    connect("eximbank_default", conn_type="eximbank", host=url, password=KEY, **more)
    errors = []
    for ask in (
        lambda: DataGoKrHook().country_trade(MAY, MAY),
        lambda: EcosHook().statistic("731Y001", "D", MAY, date(2026, 5, 31), "0000001"),
        lambda: EximbankHook().rates(date(2026, 5, 12)),
    ):
        try:
            ask()
        except ExposureError as error:
            errors.append(error)
    return errors


def _logged(caplog: pytest.LogCaptureFixture) -> str:
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(formatter.format(record) + repr(record.args) for record in caplog.records)


def test_no_key_is_logged_at_debug_level(connect, caplog, forms_of: FormsOf, sample) -> None:
    with FeedServer(sample / "replies", key=KEY) as server, caplog.at_level(logging.DEBUG):
        assert _ask_all(connect, server.url) == []
        assert not any(form in line for form in forms_of(KEY) for line in server.requests)
    logged = _logged(caplog)
    assert "urllib3.connectionpool" in logged
    assert "/api/StatisticSearch/***/json" in logged
    assert not [form for form in forms_of(KEY) if form in logged]


def test_without_the_filter_the_same_requests_would_log_the_key(connect, caplog, forms_of: FormsOf, sample) -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    with FeedServer(sample / "replies", key=KEY) as server, caplog.at_level(logging.DEBUG):
        _ask_all(connect, server.url)
        caplog.clear()
        filters = logger.filters[:]
        secret = Secret(KEY)
        for one in filters:
            logger.removeFilter(one)
        try:
            logger.debug("%s", secret.put_into("/api/StatisticSearch/{key}/json"))
        finally:
            for one in filters:
                logger.addFilter(one)
    assert [form for form in forms_of(KEY) if form in _logged(caplog)]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "slow"])
def test_no_failure_shows_the_key_in_message_chain_or_traceback(
    fault, connect, caplog, told_by, forms_of: FormsOf, sample
) -> None:
    with FeedServer(sample / "replies", key=KEY, faults=[fault]) as server, caplog.at_level(logging.DEBUG):
        errors = _ask_all(connect, server.url, extra={"timeout_seconds": 0.3})
    assert len(errors) == 3
    for error in errors:
        assert not [form for form in forms_of(KEY) if form in told_by(error)]
    assert not [form for form in forms_of(KEY) if form in _logged(caplog)]


@pytest.mark.parametrize("host", ["http://127.0.0.1:9", "no-such-host.invalid"])
def test_no_broken_connection_shows_the_key(host, connect, caplog, told_by, forms_of: FormsOf) -> None:
    with caplog.at_level(logging.DEBUG):
        errors = _ask_all(connect, host, extra={"timeout_seconds": 2})
    assert len(errors) == 3
    for error in errors:
        assert not [form for form in forms_of(KEY) if form in told_by(error) + _logged(caplog)]


def test_the_search_finds_a_key_in_a_chained_exception(told_by) -> None:
    def leak() -> None:
        try:
            raise ValueError(KEY)
        except ValueError:
            raise RuntimeError("harmless") from None

    with pytest.raises(RuntimeError) as leaked:
        leak()
    assert KEY in told_by(leaked.value)


def test_an_error_message_that_repeats_the_key_is_masked(canned, connect, told_by, forms_of: FormsOf) -> None:
    message = f"bad {quote(KEY, safe='')} {KEY}"
    canned.body = (
        f"<response><header><resultCode>99</resultCode><resultMsg>{message}</resultMsg></header></response>".encode()
    )
    errors = _ask_all(connect, canned.url)
    assert "bad *** ***" in str(errors[0])
    assert not [form for form in forms_of(KEY) if form in told_by(errors[0], with_variables=False)]


def test_a_reply_that_repeats_the_key_is_not_handed_on(canned, connect, customs_reply, customs_item) -> None:
    canned.body = customs_reply(customs_item(statCdCntnKor1=quote(KEY, safe="").lower()))
    connect("data_go_kr_default", conn_type="data_go_kr", host=canned.url, password=KEY)
    with pytest.raises(ReplyUnreadable, match="repeats our key"):
        DataGoKrHook().country_trade(MAY, MAY)


def test_every_mixture_of_plain_and_encoded_characters_is_masked(forms_of: FormsOf) -> None:
    Secret(KEY)
    mixtures = [*forms_of(KEY), KEY.replace("+", "%2b"), quote(quote(quote(KEY, safe=""), safe=""), safe="")]
    for form in mixtures:
        assert redact(f"before {form} after") == "before *** after"
    assert redact("before c2VjcmV0 after") == "before c2VjcmV0 after"


def test_a_secret_does_not_show_itself() -> None:
    assert KEY not in f"{Secret(KEY)!r} {Secret(KEY)!s}"


def test_the_public_key_of_ecos_is_no_secret() -> None:
    public = Secret("sample", is_public=True)
    assert not public.occurs_in("sample")
    assert redact("a sample of words") == "a sample of words"


def test_a_record_with_an_exception_is_masked_too() -> None:
    Secret(KEY)
    try:
        raise ValueError(f"at /x?serviceKey={KEY}")
    except ValueError as error:
        record = logging.LogRecord("urllib3", logging.DEBUG, "f", 1, "asked %s", (KEY,), (ValueError, error, None))
    assert RedactingFilter().filter(record)
    assert "asked ***" in logging.Formatter().format(record)
    assert KEY not in logging.Formatter().format(record)


def test_airflow_masks_the_key_in_its_own_logs() -> None:
    from airflow.sdk.log import redact as airflow_redact

    Secret(KEY)
    for form in (KEY, quote(KEY, safe="")):
        assert form not in str(airflow_redact(f"asked with {form}"))
