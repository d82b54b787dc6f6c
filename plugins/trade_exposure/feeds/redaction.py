"""Keeps keys out of texts: messages, stored URLs and the log records of the HTTP libraries.

A key counts in any mixture of plain and percent-encoded characters, encoded once or more often, in either case.
"""

from __future__ import annotations

import logging
import re
from urllib.parse import quote, unquote

MASK = "***"
_LOGGERS = (
    "requests",
    "requests.sessions",
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_patterns: dict[str, re.Pattern[str]] = {}


class Secret:
    """A source's key. Its text shows up nowhere but in :meth:`put_into`, whose result only the wire may see.

    A key stored in the portal's percent-encoded form is decoded first, so that it is encoded exactly once. With
    ``is_public`` the key is one that everybody knows, and is not masked.
    """

    PLACE = "{key}"
    __slots__ = ("_plain", "is_public")

    def __init__(self, text: str, *, is_public: bool = False) -> None:
        plain = text.strip()
        while _ENCODED.search(plain) and unquote(plain) != plain:
            plain = unquote(plain)
        self._plain = plain
        self.is_public = is_public
        if plain and not is_public:
            _register(plain)

    def __bool__(self) -> bool:
        return bool(self._plain)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def put_into(self, url: str) -> str:
        """``url`` with the key in the place of ``{key}``, percent-encoded once, every reserved character included."""
        return url.replace(self.PLACE, quote(self._plain, safe=""))

    def occurs_in(self, text: str) -> bool:
        """True when a key that is not public stands in ``text`` in any form."""
        return bool(self._plain) and not self.is_public and bool(_patterns[self._plain].search(text))


def redact(text: str) -> str:
    """``text`` with every key of this process masked."""
    for pattern in list(_patterns.values()):
        text = pattern.sub(MASK, text)
    return text


class RedactingFilter(logging.Filter):
    """Rewrites a log record so that no key is left in its message, arguments or exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keeps the record, redacted."""
        record.msg = redact(record.getMessage())
        record.args = ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


_FILTER = RedactingFilter()


def _register(plain: str) -> None:
    """Mask this key from now on, in our texts, in the HTTP libraries' records and in Airflow's logs."""
    if plain not in _patterns:
        from airflow.sdk.log import mask_secret  # Airflow takes seconds to import; reading a saved file needs no key

        _patterns[plain] = _pattern(plain)
        mask_secret(plain)
        mask_secret(quote(plain, safe=""))
    for name in _LOGGERS:
        # A logger's filter sees only what that very logger emits, so the parent alone would not do.
        logging.getLogger(name).addFilter(_FILTER)


def _pattern(plain: str) -> re.Pattern[str]:
    return re.compile("".join(f"(?:{re.escape(char)}|{_encoded_pattern(char)})" for char in plain), re.IGNORECASE)


def _encoded_pattern(char: str) -> str:
    return "".join(f"%(?:25)*{byte:02X}" for byte in char.encode())
