"""The data dictionary, drawn from the contracts: ``python -m trade_exposure.reports.data_dictionary`` writes it and the feeds' pages.

``docs/data_dictionary.md`` tells every column of every table that feeds fill; ``docs/feeds.md`` is drawn by
:mod:`trade_exposure.reports.feed_pages`. A test draws both again and compares, so that they cannot fall behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from trade_exposure.feeds.contract import Column, FeedContract
from trade_exposure.reports.feed_pages import draw_pages, schema_of, table
from trade_exposure.settings import get_settings

HEAD = """# Data dictionary · 자료 사전

Drawn from the contracts in `expectations/`; do not edit it, run `python -m trade_exposure.reports.data_dictionary`.
Tables of the lake; the published tables are described in the dbt docs and in [marts](marts.md). Feeds one by one: [feeds](feeds.md).
"""
COMMON: Mapping[str, tuple[str, str, str]] = {
    "load_id": ("VARCHAR", "적재 번호", "The load that accepted the row."),
    "source_sha256": ("VARCHAR", "원본 해시", "SHA-256 of the reply or file that the row came in."),
    "source_file": ("VARCHAR", "원본 파일명", "Name of the dropped file; none for a feed that is asked."),
    "feed_id": ("VARCHAR", "피드", "Feed that brought the row; several feeds may fill one table."),
    "is_synthetic": ("BOOLEAN", "합성 데이터 여부", "True when the row is made up."),
}
"""Columns that every table has besides its own: type, Korean title, meaning."""


def draw_dictionary(contracts: Iterable[FeedContract]) -> str:
    """The data dictionary as Markdown."""
    feeds: dict[str, list[FeedContract]] = {}
    for contract in contracts:
        feeds.setdefault(contract.table, []).append(contract)
    overview = [
        (f"[`{name}`](#{name})", of[0].title_ko, ", ".join(f"`{feed.feed_id}`" for feed in of), _grain(of[0]))
        for name, of in sorted(feeds.items())
    ]
    parts = [HEAD, table(("table", "한국어", "filled by", "one row for each"), overview), _common()]
    parts += [_section(name, of) for name, of in sorted(feeds.items())]
    return "\n".join(parts)


def write(folder: Path, contracts: Sequence[FeedContract]) -> list[Path]:
    """Write both documents into ``folder`` and return their paths."""
    written = []
    for name, text in (("data_dictionary.md", draw_dictionary(contracts)), ("feeds.md", draw_pages(contracts))):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def _common() -> str:
    rows = [(f"`{name}`", title, kind, meaning) for name, (kind, title, meaning) in COMMON.items()]
    return f"## Columns of every table\n\n{table(('column', '한국어', 'type', 'meaning'), rows)}"


def _section(name: str, feeds: list[FeedContract]) -> str:
    first = feeds[0]
    parts = [f"## {name}\n", f"{first.title_ko}. One row for each {_grain(first)}. {_identity(first)}\n"]
    head = ("column", "한국어", "type", "unit", "may be empty", "from", "how it is read", "meaning")
    for feed in feeds:
        if len(feeds) > 1:
            parts.append(f"### As filled by {feed.feed_id}\n")
        parts.append(table(head, [_row(feed, column) for column in feed.columns]))
        words = [row for column in feed.columns for row in _words(column)]
        if words:
            parts.append(table(("column", "word here", "words in the source"), words))
    return "\n".join(parts)


def _grain(contract: FeedContract) -> str:
    return str(schema_of(contract).dataGranularityDescription)


def _identity(contract: FeedContract) -> str:
    told = f"Key: {', '.join(f'`{name}`' for name in contract.key)}."
    if contract.version_column:
        told += f" A higher `{contract.version_column}` replaces a lower one."
    if contract.cancellation_column:
        told += f" `{contract.cancellation_column}` takes the record back."
    return told


def _row(contract: FeedContract, column: Column) -> tuple[str, ...]:
    unit = " ".join(dict.fromkeys(word for word in (column.unit, column.currency, column.price_basis) if word))
    return (
        f"**`{column.name}`**" if column.name in contract.key else f"`{column.name}`",
        column.title_ko,
        column.type,
        unit,
        "yes" if column.nullable else "no",
        ", ".join(f"`{source}`" for source in column.sources) or f"worked out: {column.derivation}",
        "; ".join(_reading(column)),
        column.description,
    )


def _reading(column: Column) -> list[str]:
    """What is done with the source's text, in the order in which it is done."""
    told = []
    if column.is_hashed:
        told.append("keyed hash, the text is not kept")
    if column.null_words:
        told.append(f"nothing is told as {', '.join(f'`{word}`' for word in column.null_words)}")
    if column.value_map:
        told.append("words as below")
    if column.lookup:
        told.append(f"code table `{column.lookup}`")
    if column.number_style != "plain":
        told.append(f"numbers {column.number_style}")
    if column.scale != 1:
        told.append(f"times {column.scale:,f}")
    if column.date_format:
        told.append(" or ".join(f"`{shape}`" for shape in column.date_format.split("|")))
    if column.pattern:
        told.append(f"must match `{column.pattern}`")
    told += [f"at least {column.minimum}"] * (column.minimum is not None)
    told += [f"at most {column.maximum}"] * (column.maximum is not None)
    if column.code_scheme:
        told.append(column.code_scheme)
    return told


def _words(column: Column) -> list[tuple[str, ...]]:
    ours: dict[str, list[str]] = {}
    for word, meant in column.value_map.items():
        ours.setdefault(meant, []).append(word)
    rows: list[tuple[str, ...]] = [
        (f"`{column.name}`", f"`{meant}`" if meant else "(nothing)", ", ".join(f"`{word}`" for word in words))
        for meant, words in ours.items()
    ]
    if column.value_default is not None:
        rows.append(
            (f"`{column.name}`", f"`{column.value_default}`" if column.value_default else "(nothing)", "any other word")
        )
    return rows


def main() -> None:
    """Write both documents into the checkout's ``docs/``."""
    from trade_exposure.feeds.registry import contracts

    write(get_settings().code / "docs", list(contracts().values()))


if __name__ == "__main__":
    main()
