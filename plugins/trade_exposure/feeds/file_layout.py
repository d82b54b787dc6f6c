"""Which field of a dropped file is which column of the contract; what the contract does not know is refused, not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds.contract import Column, FeedContract
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.typing_sql import ROW, heading_of

_SHOWN_CHARACTERS = 40
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Layout:
    """Which field is which column.

    ``columns`` gives the file's own field for each column of ours; ``fields`` every known field, with one of the columns
    that read it, None for a field that is known and never read.
    """

    columns: Mapping[str, str]
    fields: Mapping[str, str | None]

    @property
    def names(self) -> list[str]:
        """The fields that are read, each once, in the contract's order."""
        return list(dict.fromkeys(self.columns.values()))

    def renamed(self, first: Layout) -> dict[str, str | None]:
        """By field of this file the field of the load's first file, which may have other headings for the same columns."""
        return {field: None if column is None else first.columns[column] for field, column in self.fields.items()}


def csv_layout(contract: FeedContract, part: Part, headings: Sequence[str]) -> Layout:
    """The layout of a file with these headings.

    Raises:
        LayoutRefused: there is no header, or a heading is missing, unknown or given twice.
    """
    sourced = _sourced(contract)
    known = {source for column in sourced for source in column.sources} | set(contract.never_read)
    if not known & set(headings):  # a row of values, perhaps private ones: it must not be quoted
        raise LayoutRefused(f"{part.name} has no header: its first row has none of the contract's headings; add them.")
    twice = [heading for heading in dict.fromkeys(headings) if headings.count(heading) > 1]
    if twice:
        raise LayoutRefused(f"{part.name} has the heading {_quoted(twice[0])} more than once; keep one of them.")
    found = {column.name: heading_of(column, headings) for column in sourced}
    columns = {name: heading for name, heading in found.items() if heading is not None}
    readers = {heading: name for name, heading in columns.items()}
    missing = [" or ".join(map(_quoted, column.sources)) for column in sourced if found[column.name] is None]
    unknown = [
        _quoted(heading) for heading in headings if heading not in readers and heading not in contract.never_read
    ]
    if missing or unknown:
        said = [f"{what} {_some(names)}" for what, names in (("lacks", missing), ("has the unknown", unknown)) if names]
        raise LayoutRefused(
            f"The header of {part.name} {' and '.join(said)}; correct the file, or name the headings in {contract.path}."
        )
    return Layout(columns, {heading: readers.get(heading) for heading in headings})


def jsonl_layout(contract: FeedContract, fields: Sequence[str]) -> Layout:
    """The layout of a file whose first object has these fields; an object may leave out what may be empty."""
    columns = {column.name: heading_of(column, fields) or column.sources[0] for column in _sourced(contract)}
    known: dict[str, str | None] = dict.fromkeys(contract.never_read)
    for column in _sourced(contract):
        known |= {source: column.name for source in column.sources if source not in columns.values()}
    known |= {field: name for name, field in columns.items()}
    return Layout(columns, known)


def _sourced(contract: FeedContract) -> list[Column]:
    return [column for column in contract.columns if column.sources and column.name != ROW]


def _quoted(heading: str) -> str:
    return repr(heading[:_SHOWN_CHARACTERS])


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(names[:_MOST_SHOWN]) + more
