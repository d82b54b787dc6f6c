"""Cuts flat items out of the bytes of a reply without building a tree: the fast way for what services send in bulk.

A list of items that all have the same fields, each with nothing but text, is a row of texts and of the tags between them. The
bytes are cut at every ``<`` and ``>``, and the way is taken only where everything between two texts is, byte for byte, the tags
that must stand there. That leaves no room for attributes, comments, sections, instructions or a missing field, and no meaning
that a parser of XML could give the bytes besides this one. In any doubt the answer is None, and the caller builds a tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK_BYTES = 8 * 1024 * 1024
_FIRST_ITEM = re.compile(rb"<item>((?:<[A-Za-z_][A-Za-z0-9_]*>[^<>]*</[A-Za-z_][A-Za-z0-9_]*>)+)</item>")
_FIELD = re.compile(rb"<([^<>/]+)>[^<>]*</([^<>]+)>")
_END = b"</item>"
_WORD = 8
_STRANGE_REFERENCE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]")  # forbidden in XML although UTF-8 has them
_REFERENCES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def split_list(body: bytes) -> tuple[bytes, bytes] | None:
    """The reply with an empty list, and the bytes of the list's items; None where they cannot be told apart for sure."""
    start, end = body.find(b"<items>"), body.rfind(b"</items>")
    if not 0 <= start < end:
        return None
    frame = body[:start] + b"<items/>" + body[end + len(b"</items>") :]
    is_sure = b"<!" not in frame and frame.count(b"<items") == 1
    return (frame, body[start + len(b"<items>") : end]) if is_sure else None


def flat_columns(items: bytes, fields: Sequence[str]) -> list[dict[str, pa.Array]] | None:
    """Chunks of text columns, one for each of ``fields`` that the items have.

    None where the items are not flat and alike, or have none of the fields.
    """
    first = _FIRST_ITEM.match(items)
    pairs = _FIELD.findall(first[1]) if first else []
    names = [opened for opened, _ in pairs]
    if len(set(names)) < len(names) or any(opened != closed for opened, closed in pairs):
        return None
    if not any(name.decode() in fields for name in names):
        return None
    if _STRANGE_REFERENCE.search(items) or (b"\xef" in items and _NO_CHARACTER.search(items)):
        return None
    chunks, start = [], 0
    while start < len(items):
        end = items.find(_END, start + _CHUNK_BYTES)
        end = len(items) if end < 0 else end + len(_END)
        columns = _cut(items[start:end], names, fields)
        if columns is None:
            return None
        chunks.append(columns)
        start = end
    return chunks


def _cut(items: bytes, names: list[bytes], fields: Sequence[str]) -> dict[str, pa.Array] | None:
    import numpy as np
    import pyarrow as pa

    characters = np.frombuffer(items, np.uint8)
    controls = characters[characters < ord(" ")]
    if ((controls != ord("\t")) & (controls != ord("\n"))).any():
        return None  # forbidden in XML, or a carriage return, which XML changes
    opened, closed = np.flatnonzero(characters == ord("<")), np.flatnonzero(characters == ord(">"))
    tags, width = 2 * len(names) + 2, len(names)
    rows, left = divmod(len(opened), tags)
    if left or len(closed) != len(opened) or not items.startswith(b"<item><" + names[0] + b">"):
        return None
    # Of an item's tags the second, fourth … open a field; its text runs to the tag after it.
    starts = closed.reshape(rows, tags)[:, 1:-1:2] + 1
    ends = opened.reshape(rows, tags)[:, 2::2]
    nexts = np.append(starts.ravel()[1:], len(items)).reshape(rows, width)
    for place, name in enumerate(names):
        is_last = place + 1 == width
        between = b"</" + name + (b"></item><item><" + names[0] if is_last else b"><" + names[place + 1]) + b">"
        rows_here = rows - is_last
        if not _stand_at(items, between, ends[:rows_here, place], nexts[:rows_here, place]):
            return None
    if items[ends[-1, -1] :] != b"</" + names[-1] + b">" + _END:
        return None
    # Texts and what stands between them alternate, so that all of them are one array over the bytes as they lie.
    edges = np.stack([starts, ends], axis=-1).astype(np.int32).ravel()
    pieces = pa.Array.from_buffers(pa.binary(), len(edges) - 1, [None, pa.py_buffer(edges), pa.py_buffer(items)])
    columns = {}
    for place, name in enumerate(names):
        try:
            texts = pieces.take(pa.array(np.arange(2 * place, len(edges), 2 * width))).cast(pa.string())
        except pa.ArrowInvalid:  # no UTF-8, which counts in a field that nobody wants too
            return None
        if name.decode() in fields:
            columns[name.decode()] = _without_references(texts) if b"&" in items else texts
    return columns


def _stand_at(items: bytes, expected: bytes, starts: Any, ends: Any) -> bool:
    """Whether ``expected``, of eight bytes or more, is what stands from each of ``starts`` to its end, eight bytes at a time."""
    import numpy as np

    if len(expected) < _WORD or (ends - starts != len(expected)).any():
        return False
    words = np.ndarray((len(items) - _WORD + 1,), "<u8", items, strides=(1,))
    places = {*range(0, len(expected) - _WORD, _WORD), len(expected) - _WORD}
    return all(
        (words[starts + place] == int.from_bytes(expected[place : place + _WORD], "little")).all() for place in places
    )


def _without_references(texts: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    if pc.any(pc.match_substring(texts, "&")).as_py():
        for reference, character in _REFERENCES:
            texts = pc.replace_substring(texts, reference, character)
    return texts
