from __future__ import annotations

from pathlib import Path

import pytest

from trade_exposure.reports.pages import POLICY
from trade_exposure.reports.self_contained import site_problems

HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'


def problems(tmp_path: Path, body: str, css: str = "") -> list[tuple[str, str]]:
    (tmp_path / "there.html").write_text(f"<html><head>{HEAD}</head><body>there</body></html>")
    (tmp_path / "look.css").write_text(css)
    (tmp_path / "page.html").write_text(f"<html><head>{HEAD}</head><body>{body}</body></html>", encoding="utf-8")
    return [(problem.file, problem.kind) for problem in site_problems(tmp_path)]


def test_local_references_and_foreign_text_links_pass(tmp_path: Path) -> None:
    body = """<link rel="stylesheet" href="look.css"><a href="there.html#part">there</a> <a href="#here">here</a>
      <a href="https://example.org/about">a text link</a> <img src="data:image/png;base64,AA==">
      <p style="color: red">https://example.org as plain text</p> <style>p { color: red }</style>"""
    assert problems(tmp_path, body, css="/* url(https://example.org) */ p { background: url('data:,') }") == []


@pytest.mark.parametrize(
    "body",
    [
        '<img src="https://example.org/x.png">',
        '<img src="//example.org/x.png">',
        r'<img src="\\example.org/x.png">',
        r'<img src="/\example.org/x.png">',
        '<img src="ht\ntps://example.org/x.png">',
        '<img srcset="there.html 1x, https://example.org/x.png 2x">',
        '<link rel="stylesheet" href="HTTP://example.org/x.css">',
        '<link rel="preconnect" href="https://example.org">',
        '<iframe src="https://example.org"></iframe>',
        '<iframe srcdoc="&lt;img src=//example.org&gt;"></iframe>',
        '<object data="https://example.org/x"></object>',
        '<video poster="https://example.org/x.png"></video>',
        '<form action="https://example.org"></form>',
        '<a href="there.html" ping="https://example.org">x</a>',
        '<a href="ftp://example.org/x">x</a>',
        '<meta http-equiv="refresh" content="0; url=https://example.org">',
        '<svg><image xlink:href="https://example.org/x.png"/></svg>',
        '<p style="background: url(https://example.org/x.png)">x</p>',
        '<style>@import "https://example.org/x.css";</style>',
        '<style>@font-face { src: url( "//example.org/x.woff2" ) }</style>',
    ],
)
def test_a_reference_to_a_foreign_host_is_reported(tmp_path: Path, body: str) -> None:
    assert problems(tmp_path, body) == [("page.html", "foreign reference")]


def test_a_foreign_address_in_a_stylesheet_is_reported(tmp_path: Path) -> None:
    assert problems(tmp_path, "", css="p { background: URL(https://example.org/x) }") == [
        ("look.css", "foreign reference")
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<script>1</script>",
        '<p onclick="x()">x</p>',
        '<a href=" javascript:x()">x</a>',
        '<script src="there.html"></script>',
    ],
)
def test_a_script_is_reported(tmp_path: Path, body: str) -> None:
    assert problems(tmp_path, body) == [("page.html", "script")]


@pytest.mark.parametrize("address", ["gone.html", "../outside.html", "/there.html", "gone.css?v=1"])
def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path, address: str) -> None:
    assert problems(tmp_path, f'<a href="{address}">x</a>') == [("page.html", "missing file")]


def test_a_page_without_a_closed_policy_is_reported(tmp_path: Path) -> None:
    (tmp_path / "none.html").write_text("<html><body>no policy</body></html>")
    (tmp_path / "open.html").write_text(f"<html><head>{HEAD.replace('none', 'self', 1)}</head></html>")
    found = [(problem.file, problem.kind) for problem in site_problems(tmp_path)]
    assert found == [("none.html", "missing policy"), ("open.html", "missing policy")]
