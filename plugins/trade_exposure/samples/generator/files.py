"""Writes rows as the files that would be dropped: CSV or JSON Lines, in one of several encodings and languages."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trade_exposure.samples.generator.layouts import Field

Row = Sequence[Any]


@dataclass(frozen=True)
class Style:
    """How one file is written. ``is_padded`` fills amounts with blanks on the left; ``has_names`` adds the name columns."""

    language: Literal["english", "korean"] = "english"
    encoding: Literal["utf-8", "utf-8-sig", "cp949"] = "utf-8"
    newline: Literal["\n", "\r\n"] = "\n"
    is_padded: bool = False
    has_names: bool = False
    has_sidecar: bool = True


KOREAN_OFFICE = Style("korean", "cp949", "\r\n", is_padded=True)
KOREAN_BOM = Style("korean", "utf-8-sig", "\r\n", has_names=True)
ENGLISH = Style()
ENGLISH_NAMES = Style(has_names=True)


def grouped(hundredths: int) -> str:
    """``-1,234.50``."""
    sign, rest = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{rest // 100:,}.{rest % 100:02d}"


def plain(hundredths: int) -> str:
    """``-1234.50``."""
    sign, rest = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{rest // 100}.{rest % 100:02d}"


def write_csv(path: Path, fields: Sequence[Field], rows: Sequence[Row], style: Style) -> None:
    """A CSV file, and its sidecar if the style has one. Rows hold one value a field; None is an empty cell."""
    kept = [place for place, field in enumerate(fields) if style.has_names or not field.is_name]
    writers = [_writer(fields[place], style) for place in kept]
    text = io.StringIO()
    out = csv.writer(text, lineterminator=style.newline)
    out.writerow([getattr(fields[place], style.language) for place in kept])
    # Column by column, which is twice as fast as row by row.
    out.writerows(zip(*(_texts(rows, place, write) for place, write in zip(kept, writers, strict=True)), strict=True))
    _write(path, text.getvalue().encode(style.encoding), fields, rows, has_sidecar=style.has_sidecar)


def write_json_lines(path: Path, fields: Sequence[Field], rows: Sequence[Row], style: Style) -> None:
    """A JSON Lines file; amounts are decimal texts without group signs, numbers are numbers, absent values null."""
    kept = [place for place, field in enumerate(fields) if style.has_names or not field.is_name]
    names = [getattr(fields[place], style.language) for place in kept]
    writers: list[Callable[[Any], Any]] = []
    for place in kept:
        kind = fields[place].kind
        writers.append(plain if kind == "money" else int if kind == "number" else _writer(fields[place], style))
    lines = []
    for row in rows:
        values = (None if row[place] is None else write(row[place]) for place, write in zip(kept, writers, strict=True))
        lines.append(json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, separators=(",", ":")))
    body = "".join(line + "\n" for line in lines).encode("utf-8")
    _write(path, body, fields, rows, has_sidecar=style.has_sidecar)


def _texts(rows: Sequence[Row], place: int, write: Callable[[Any], str]) -> list[str]:
    return ["" if (value := row[place]) is None else write(value) for row in rows]


def _writer(field: Field, style: Style) -> Callable[[Any], str]:
    width = 20 if style.is_padded else 0
    if field.kind == "money":
        return lambda hundredths: grouped(hundredths).rjust(width)
    if field.kind == "signed":  # the accountant's way: (1,234.50) is less than nothing
        return lambda hundredths: f"({grouped(-hundredths)})" if hundredths < 0 else grouped(hundredths).rjust(width)
    if field.kind == "won":
        return lambda whole: f"{whole:,}".rjust(width)
    if field.kind == "share":
        return lambda permille: f"{permille // 10}.{permille % 10}%".replace(".0%", "%")
    if field.kind == "instant":
        return lambda instant: str(instant.isoformat())
    if field.kind == "flag":
        return lambda is_so: "Y" if is_so else "N"
    if field.kind == "month":
        return lambda month: f"{month:%Y%m}" if style.language == "korean" else f"{month:%Y-%m}"
    if field.kind == "word" and style.language == "korean" and field.words is not None:
        return field.words.__getitem__
    return str


def _write(path: Path, body: bytes, fields: Sequence[Field], rows: Sequence[Row], *, has_sidecar: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    if not has_sidecar:
        return
    sums = {}
    for place, field in enumerate(fields):
        if field.measure:
            total = sum(row[place] for row in rows if row[place] is not None)
            sums[field.measure] = str(total) if field.kind == "won" else plain(total)
    told = {"rows": len(rows), "sums": sums, "sha256": hashlib.sha256(body).hexdigest()}
    path.with_name(path.name + ".control.json").write_bytes((json.dumps(told, ensure_ascii=False) + "\n").encode())
