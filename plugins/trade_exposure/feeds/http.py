"""One GET request, with limits: time, size of the body, no redirect, no retry of its own, no key in any message.

Retrying is Airflow's business, by kind of failure; see :mod:`trade_exposure.feeds.retries`.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError, ReadTimeoutError

from trade_exposure.errors import ExposureError, ReplyUnreadable, SourceUnavailable
from trade_exposure.feeds.redaction import Secret

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """What one answer may take. The largest real reply seen (six months, every country) has 0.3 MB."""

    connect_seconds: float = 10
    read_seconds: float = 75  # ECOS gives up by itself, with a readable error, after 60
    total_seconds: float = 180
    max_body_bytes: int = 64 * 1024 * 1024


class Answer(NamedTuple):
    """An HTTP answer, whatever its status. ``says_synthetic`` is the X-Data-Synthetic header, None when absent."""

    status: int
    media_type: str
    body: bytes
    says_synthetic: str | None


def is_loopback(url: str) -> bool:
    """True when the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def get(url: str, secret: Secret, *, source: str, limits: Limits) -> Answer:
    """Ask ``url`` once, with the key put in the place of ``{key}``; ``source`` names the asked party in messages.

    Raises:
        SourceUnavailable: no connection, time-out, or a redirect.
        ReplyUnreadable: the body ended before its announced length, or is larger than allowed.
    """
    outcome = _attempt(url, secret, source, limits)
    if isinstance(outcome, ExposureError):
        # Raised here and not where it was caught: the library's own exception holds the URL with the key, and would
        # stay attached as the context. No frame on this stack has the full URL in a variable either.
        raise outcome
    return outcome


def _attempt(url: str, secret: Secret, source: str, limits: Limits) -> Answer | ExposureError:
    deadline = time.monotonic() + limits.total_seconds
    late = SourceUnavailable(f"{source} did not answer in time; ask again later.")
    with requests.Session() as session:
        session.trust_env = not is_loopback(url)  # a proxy of the environment cannot reach this machine's loopback
        try:
            with session.get(
                secret.put_into(url),
                timeout=(limits.connect_seconds, limits.read_seconds),
                stream=True,
                allow_redirects=False,
            ) as response:
                return _read(response, source, limits, deadline)
        except (requests.Timeout, ReadTimeoutError):
            return late
        except (ProtocolError, DecodeError):
            return ReplyUnreadable(f"{source} broke off its reply before the end; ask again.")
        except requests.exceptions.SSLError:
            return SourceUnavailable(
                f"{source} shows no valid certificate; check this machine's clock and certificates."
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return SourceUnavailable(
                f"{source} cannot be reached ({type(error).__name__}); check network and host, or ask again later."
            )


def _read(response: requests.Response, source: str, limits: Limits, deadline: float) -> Answer | ExposureError:
    if 300 <= response.status_code < 400:
        return SourceUnavailable(
            f"{source} answered with a redirect, which is not followed; check the connection's host."
        )
    body = bytearray()
    # read1 returns what has come so far, so that a source which drips a byte at a time meets the deadline too.
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > limits.max_body_bytes:
            return ReplyUnreadable(
                f"{source} sent more than {limits.max_body_bytes} bytes, more than a reply can have."
            )
        if time.monotonic() > deadline:
            return SourceUnavailable(f"{source} took more than {limits.total_seconds:g} seconds; ask again later.")
    return Answer(
        status=response.status_code,
        media_type=response.headers.get("Content-Type", "application/octet-stream"),
        body=bytes(body),
        says_synthetic=response.headers.get("X-Data-Synthetic"),
    )
