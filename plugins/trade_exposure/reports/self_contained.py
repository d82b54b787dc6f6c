"""The proof that a folder of pages needs nothing but itself.

Reported for every page and stylesheet:

* a *foreign reference*: anything a browser would fetch by itself from another host (``src``, ``href`` of a ``<link>``,
  ``url()``, ``@import``, ``srcset``, a refresh, a form's target ...), with or without a scheme;
* a *script*: any ``<script>``, event attribute or ``javascript:`` address, since our pages need none;
* a *missing file*: a relative address, also of a text link, that leads to no file of the folder;
* a *missing policy*: a page without the Content-Security-Policy that forbids the browser foreign requests.

A plain text link (``<a href="https://…">``) is not a reference: a browser follows it only when a person clicks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from lxml import html

ProblemKind = Literal["foreign reference", "script", "missing file", "missing policy"]

_ADDRESSES = frozenset(
    {"src", "href", "xlink:href", "data", "poster", "background", "action", "formaction", "manifest", "ping", "cite"}
    | {"srcset", "imagesrcset"}
)
_TEXT_LINKS = frozenset({"a", "area"})
_CSS_ADDRESS = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"]*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class SiteProblem:
    """One thing that keeps a folder of pages from standing alone. ``file`` is relative to the folder."""

    file: str
    kind: ProblemKind
    detail: str


def site_problems(site: Path) -> list[SiteProblem]:
    """Every problem of the pages (``*.html``) and stylesheets (``*.css``) under ``site``; an empty list is a pass."""
    problems: list[SiteProblem] = []
    for path in sorted(site.rglob("*")):
        if path.suffix == ".html":
            problems += _of_page(site, path)
        elif path.suffix == ".css":
            problems += _of_css(site, path, path.read_text(encoding="utf-8"))
    return problems


def _of_page(site: Path, path: Path) -> Iterator[SiteProblem]:
    name = path.relative_to(site).as_posix()
    page = html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    if not any(_is_closed_policy(meta) for meta in page.iter("meta")):
        yield SiteProblem(name, "missing policy", "no Content-Security-Policy that begins with default-src 'none'")
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script":
            yield SiteProblem(name, "script", "<script>")
        if element.tag == "style":
            yield from _of_css(site, path, "".join(str(part) for part in element.itertext()))
        for attribute, value in element.attrib.items():
            yield from _of_attribute(site, path, str(element.tag), str(attribute).lower(), str(value))


def _of_attribute(site: Path, path: Path, tag: str, attribute: str, value: str) -> Iterator[SiteProblem]:
    name = path.relative_to(site).as_posix()
    if attribute.startswith("on") or value.strip().lower().startswith("javascript:"):
        yield SiteProblem(name, "script", f"<{tag} {attribute}>")
    elif attribute == "style":
        yield from _of_css(site, path, value)
    elif attribute == "srcdoc" or (
        tag == "meta" and attribute == "content" and re.search(r"url\s*=", value, re.IGNORECASE)
    ):
        yield SiteProblem(name, "foreign reference", f"<{tag} {attribute}={value!r}>")
    elif attribute in _ADDRESSES:
        addresses = [part.split()[0] for part in value.split(",") if part.strip()] if "srcset" in attribute else [value]
        for address in addresses:
            is_text_link = tag in _TEXT_LINKS and attribute == "href"
            yield from _of_address(site, path, address, f"<{tag} {attribute}={address!r}>", is_text_link=is_text_link)


def _of_css(site: Path, path: Path, css: str) -> Iterator[SiteProblem]:
    for match in _CSS_ADDRESS.finditer(_CSS_COMMENT.sub("", css)):
        address = next((group for group in match.groups() if group is not None), "")
        yield from _of_address(site, path, address, match.group(0)[:120], is_text_link=False)


def _of_address(site: Path, path: Path, address: str, detail: str, *, is_text_link: bool) -> Iterator[SiteProblem]:
    name = path.relative_to(site).as_posix()
    # Browsers drop line breaks and read a backslash as a slash before they look at an address.
    plain = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    try:
        parts = urlsplit(plain)
    except ValueError:
        yield SiteProblem(name, "foreign reference", detail)
        return
    if parts.scheme in {"data", "about"} or not plain:
        return
    if parts.scheme or parts.netloc or plain.startswith("//"):
        if not (is_text_link and parts.scheme in {"http", "https", "mailto"}):
            yield SiteProblem(name, "foreign reference", detail)
        return
    root = site.resolve()
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
    if plain.startswith("/") or not target.is_relative_to(root) or not target.is_file():
        yield SiteProblem(name, "missing file", detail)


def _is_closed_policy(meta: Any) -> bool:
    name = (meta.get("http-equiv") or "").lower()
    return name == "content-security-policy" and (meta.get("content") or "").startswith("default-src 'none';")
