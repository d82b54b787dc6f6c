"""The two secrets of private feeds, each from an Airflow connection: the salt of the keyed hashes, and the archive's key."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from trade_exposure.errors import ConfigurationError

if TYPE_CHECKING:
    from pyrage.x25519 import Identity

SALT_CONNECTION = "exposure_privacy"
ARCHIVE_CONNECTION = "exposure_archive"
MIN_SALT = 16
_SHOWN_DIGITS = 32


def salt() -> bytes:
    """The secret salt under which identifiers of companies, buyers and policies are hashed.

    Raises:
        ConfigurationError: the connection ``exposure_privacy`` is missing or its password is too short to be a secret.
    """
    secret = _password(SALT_CONNECTION)
    if len(secret) < MIN_SALT:
        raise ConfigurationError(
            f"The Airflow connection {SALT_CONNECTION} holds a salt of fewer than {MIN_SALT} characters; "
            "`exposure keys` makes a strong one."
        )
    return secret.encode()


def keyed_hash(text: str, secret: bytes) -> str:
    """``h:`` and the first 32 hexadecimal digits of the HMAC-SHA-256 of a text: the same for the same text and secret."""
    return "h:" + hmac.new(secret, text.encode("utf-8", "backslashreplace"), hashlib.sha256).hexdigest()[:_SHOWN_DIGITS]


def archive_identities() -> list[Identity]:
    """The age identities that open the private part of the raw archive; the first one also seals it.

    Several stand in the connection's password, parted by blanks, after a change of key.

    Raises:
        ConfigurationError: the connection ``exposure_archive`` is missing or holds no age identity.
    """
    from pyrage import IdentityError, x25519

    try:
        found = [x25519.Identity.from_str(word) for word in _password(ARCHIVE_CONNECTION).split()]
    except IdentityError:
        found = []
    if not found:
        raise ConfigurationError(
            f"The Airflow connection {ARCHIVE_CONNECTION} holds no age identity (AGE-SECRET-KEY-1…); `exposure keys` makes one."
        )
    return found


def new_secrets() -> dict[str, str]:
    """A fresh salt and a fresh archive key, by the connection that each belongs to."""
    import secrets

    from pyrage import x25519

    return {SALT_CONNECTION: secrets.token_urlsafe(32), ARCHIVE_CONNECTION: str(x25519.Identity.generate())}


def _password(connection_id: str) -> str:
    try:
        password = BaseHook.get_connection(connection_id).password
    except AirflowNotFoundException:
        password = None
    if not password:
        raise ConfigurationError(
            f"The Airflow connection {connection_id}, which private feeds need, is missing or empty; `exposure keys` makes "
            f"what it holds, and AIRFLOW_CONN_{connection_id.upper()} or `exposure airflow connections add {connection_id} "
            "--conn-type generic --conn-password …` sets it."
        )
    return str(password)
