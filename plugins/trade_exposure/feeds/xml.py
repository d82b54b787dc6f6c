"""Reads XML of a source that is not to be trusted: no entity, no document type, no network, bounded size."""

from __future__ import annotations

from lxml import etree


def read_xml(body: bytes) -> etree._Element | None:
    """The root element of UTF-8 XML, or None where the bytes are no such XML."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        body.decode("utf-8")
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        return None
    return root if root.getroottree().docinfo.internalDTD is None else None


def children(element: etree._Element) -> list[etree._Element]:
    """Child elements, without comments and processing instructions."""
    return [child for child in element if isinstance(child.tag, str)]


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first descendant along a path of tags, None where the path ends early."""
    for tag in path:
        element = None if element is None else element.find(tag)
    return element


def text_of(element: etree._Element | None) -> str | None:
    """The text of an element that has nothing but text, stripped; None for a missing or structured one."""
    if element is None or len(element):
        return None
    return (element.text or "").strip()
