"""Every failure the product knows, by kind.

The message of an :class:`ExposureError` is one sentence for a person: what happened, where, what to do. It never holds a
secret. The command line prints it and exits with the class's ``exit_code``; the DAGs choose retry or stop by the class.
"""

from __future__ import annotations


class ExposureError(Exception):
    """A failure that one sentence explains."""

    exit_code = 1


class ConfigurationError(ExposureError):
    """A setting, connection or file of the installation is missing or wrong."""


class BadInput(ExposureError):
    """What a person or a feed handed in cannot be used as it is."""

    exit_code = 2


class SourceError(ExposureError):
    """A feed's source answered with a failure, or did not answer."""


class KeyRejected(SourceError):
    """The source refuses our key; asking again cannot help."""


class RequestRefused(SourceError):
    """The source says that the request itself is wrong; asking again cannot help."""


class Throttled(SourceError):
    """Too many calls a second; ask again, more slowly."""


class DailyQuotaExhausted(SourceError):
    """The day's calls are used up; ask again tomorrow (Asia/Seoul)."""


class SourceUnavailable(SourceError):
    """Time-out, broken connection or server fault; ask again."""


class ReplyUnreadable(SourceError):
    """The reply is cut off or not of any known shape; ask again, it may have been a fault on the way."""


class LayoutRefused(SourceError):
    """A file cannot be taken as it is: its layout, encoding or completeness is not what the contract says."""


class LoadStopped(ExposureError):
    """A batch-level critical rule failed, or rows and money do not add up: the load is not committed."""


class AuditFailed(ExposureError):
    """The candidate did not pass its audit: the last good publication stays."""
