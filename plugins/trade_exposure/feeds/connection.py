"""From an Airflow connection to an endpoint: base URL, key and limits. Keys come from nowhere else."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from trade_exposure.errors import ConfigurationError, ReplyUnreadable
from trade_exposure.feeds.http import Answer, Limits, get, is_loopback
from trade_exposure.feeds.model import Reply
from trade_exposure.feeds.redaction import MASK, Secret, redact


@dataclass(frozen=True)
class Endpoint:
    """Where a source is, and with which key it is asked."""

    source: str
    base_url: str
    secret: Secret
    limits: Limits

    def ask(self, target: str) -> Answer:
        """One GET of ``target`` (path and query below the base URL, ``{key}`` where the key belongs).

        Raises:
            SourceUnavailable, ReplyUnreadable: see :func:`trade_exposure.feeds.http.get`.
        """
        return get(self.base_url + target, self.secret, source=self.source, limits=self.limits)

    def reply(self, answer: Answer, target: str) -> Reply:
        """A successful answer as the reply to keep; its URL has a mask in the place of the key.

        Raises:
            ReplyUnreadable: the body repeats our key, and so must not be stored.
        """
        if self.secret.occurs_in(answer.body.decode("utf-8", errors="replace")):
            raise ReplyUnreadable(f"The reply of {self.source} repeats our key, so it is not stored; ask again.")
        said = answer.says_synthetic
        is_synthetic = is_loopback(self.base_url) if said is None else said.strip().lower() != "false"
        return Reply(
            body=answer.body,
            media_type=answer.media_type,
            url=redact(self.base_url + target.replace(Secret.PLACE, MASK)),
            status=answer.status,
            is_synthetic=is_synthetic,
        )


def endpoint(
    connection_id: str, *, conn_type: str, source: str, default_base: str, key_name: str, public_key: str | None = None
) -> Endpoint:
    """The endpoint that an Airflow connection describes.

    The host may carry a scheme or not (``https`` then, ``http`` on loopback) and defaults to ``default_base``; the port is
    honoured; the key is the password; ``{"timeout_seconds": 5}`` among the extras shortens the time-outs.

    Raises:
        ConfigurationError: the connection is missing, has no key, or an unusable host or extra.
    """
    how = (
        f"add it with `airflow connections add {connection_id} --conn-type {conn_type} --conn-password <{key_name}>` "
        f"or in the environment variable AIRFLOW_CONN_{connection_id.upper()}"
    )
    try:
        connection = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise ConfigurationError(f"The Airflow connection {connection_id} is missing; {how}.") from None
    password = connection.password or ""
    secret = Secret(password, is_public=password.strip() == public_key)
    if not secret:
        raise ConfigurationError(f"The Airflow connection {connection_id} holds no key; {how}.")
    return Endpoint(
        source=source,
        base_url=_base_url(connection_id, connection.host, connection.port, default_base),
        secret=secret,
        limits=_limits(connection_id, connection.extra_dejson),
    )


def _base_url(connection_id: str, host: str | None, port: int | None, default_base: str) -> str:
    given = (host or "").strip() or default_base
    if "://" not in given:
        given = f"{'http' if is_loopback(f'http://{given}') else 'https'}://{given}"
    try:
        parts = urlsplit(given)
        own_port = parts.port
    except ValueError:
        parts, own_port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ConfigurationError(
            f"The host of the Airflow connection {connection_id} is no base URL; write it like {default_base}."
        )
    if parts.scheme == "http" and parts.hostname == urlsplit(default_base).hostname:
        raise ConfigurationError(
            f"The Airflow connection {connection_id} would send its key unencrypted; write the host as {default_base}."
        )
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    number = port or own_port
    return f"{parts.scheme}://{name}{f':{number}' if number else ''}{parts.path.rstrip('/')}"


def _limits(connection_id: str, extra: dict[str, Any]) -> Limits:
    if "timeout_seconds" not in extra:
        return Limits()
    try:
        seconds = float(extra["timeout_seconds"])
    except (TypeError, ValueError):
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise ConfigurationError(
            f"The extra timeout_seconds of the Airflow connection {connection_id} must be a number of seconds up to 3600."
        )
    return dataclasses.replace(Limits(), connect_seconds=min(seconds, 10), read_seconds=seconds, total_seconds=seconds)
