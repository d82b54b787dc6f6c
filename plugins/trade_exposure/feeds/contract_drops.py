"""Reads what a contract file says of dropped files: names, encodings, completeness, privacy, versions."""

from __future__ import annotations

import codecs
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from trade_exposure.feeds.contract import Column

if TYPE_CHECKING:
    from trade_exposure.feeds.contract_file import Reader

FILE_PROPERTIES = {
    "periodKind", "private", "fileNames", "encodings", "delimiter", "settleSeconds", "neverRead", "versionColumn",
    "cancellationColumn", "scaleJumpLimit",
}  # fmt: skip


def file_rules(reader: Reader, columns: tuple[Column, ...], *, is_dropped: bool) -> dict[str, Any]:
    """The fields of a contract that concern dropped files and records, checked."""
    custom = reader.custom
    names = reader.texts(custom.get("fileNames", []), "customProperties.fileNames")
    if is_dropped:
        reader.need(list(names), "customProperties.fileNames")
    for name in names:
        _check_file_name(reader, name)
    encodings = reader.texts(custom.get("encodings", ["utf-8-sig"]), "customProperties.encodings")
    for encoding in encodings:
        try:
            codecs.lookup(encoding)
        except LookupError:
            reader.fail(f"names the unknown encoding {encoding!r} at customProperties.encodings")
    delimiter = custom.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        reader.fail("needs one character at customProperties.delimiter")
    is_private = reader.flag("private", default=False)
    if any(column.is_hashed for column in columns) and not is_private:
        reader.fail("has columns with keyed hashes and so needs true at customProperties.private")
    return {
        "is_private": is_private,
        "file_names": names,
        "encodings": encodings,
        "delimiter": delimiter,
        "settle_seconds": reader.count(custom.get("settleSeconds", 60), "customProperties.settleSeconds", least=0),
        "never_read": reader.texts(custom.get("neverRead", []), "customProperties.neverRead"),
        "version_column": _column_name(reader, columns, "versionColumn"),
        "cancellation_column": _column_name(reader, columns, "cancellationColumn"),
        "scale_jump_limit": _limit(reader),
    }


def _check_file_name(reader: Reader, name: str) -> None:
    try:
        groups = re.compile(name).groupindex
    except re.error:
        reader.fail(f"has an unusable regular expression {name!r} at customProperties.fileNames")
    if "period" not in groups or not groups.keys() <= {"period", "slice"}:
        reader.fail(f"needs the group period, and besides it only slice, in {name!r} at customProperties.fileNames")


def _column_name(reader: Reader, columns: tuple[Column, ...], field: str) -> str | None:
    name = reader.custom.get(field)
    if name is not None and name not in {column.name for column in columns}:
        reader.fail(f"names {name!r} at customProperties.{field}, which is no column")
    return name


def _limit(reader: Reader) -> Decimal | None:
    value = reader.custom.get("scaleJumpLimit")
    if value is None:
        return None
    try:
        limit = Decimal(str(value))
    except InvalidOperation:
        limit = Decimal(0)
    if isinstance(value, bool) or not limit.is_finite() or limit <= 1:
        reader.fail(f"needs a number above 1 at customProperties.scaleJumpLimit, not {value!r}")
    return limit
