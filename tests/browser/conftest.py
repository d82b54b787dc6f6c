"""A real browser that records what a page asks for, is refused, complains of and overflows by."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from trade_exposure.reports.data_docs import build_data_docs
from trade_exposure.reports.index import IndexEntry, PublicationSummary, write_index

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
_NOT_LOCAL = re.compile(r"^(?!file:|data:|about:|https?://(127\.0\.0\.1|localhost|\[::1\])[:/])")


@dataclass
class Visit:
    """One page as a person would have it on the screen, and everything that went wrong on the way."""

    page: Page
    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Addresses asked for that are neither on disk nor on this machine."""
        return [url for url in self.requests if not _is_local(url)]

    @property
    def overflow_px(self) -> int:
        """Pixels by which the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width

    @property
    def icons_drawn(self) -> bool:
        """Whether the page's icon font arrived and an icon takes its place on the screen."""
        fonts: list[str] = self.page.evaluate("[...document.fonts].map(font => font.status)")
        box = self.page.locator("main i.fas").first.bounding_box()
        named = "Font Awesome" in self.style("main i.fas", "font-family", "::before")
        glyph = self.style("main i.fas", "content", "::before") not in {"none", "normal", '""'}
        return fonts == ["loaded"] and named and glyph and box is not None and box["width"] > 5

    def style(self, selector: str, name: str, pseudo: str | None = None) -> str:
        """A computed style of the first element that matches."""
        script = "([s, n, p]) => getComputedStyle(document.querySelector(s), p).getPropertyValue(n)"
        value: str = self.page.evaluate(script, [selector, name, pseudo])
        return value

    def faults(self) -> list[str]:
        """Everything that a page of ours must not do, as sentences; empty is a pass."""
        return (
            [f"asked a foreign host: {url}" for url in self.foreign]
            + [f"did not get: {url}" for url in self.failed]
            + [f"console: {text}" for text in self.console_errors]
            + ([f"is {self.overflow_px} px wider than the window"] if self.overflow_px > 0 else [])
        )


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    # On a page from disk, an address such as //host/x becomes file://host/x: meant for a host all the same.
    return parts.scheme in {"data", "about"} or (
        parts.hostname in _LOOPBACK if parts.scheme != "file" else not parts.netloc
    )


def _chromium() -> str:
    named = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if Path(named).is_file():
        return named
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return _not_to_be_had(
            f"no Chromium at {named}, and only root with apt-get could install it; set CHROMIUM to one"
        )
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
    for command, limit_seconds in ((["apt-get", "update", "-qq"], 120), (install, 480)):
        try:
            subprocess.run(command, env=quiet, check=True, timeout=limit_seconds, capture_output=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            return _not_to_be_had(f"no Chromium at {named}, and {' '.join(command[:2])} failed: {error}")
    return "/usr/bin/chromium"


def _not_to_be_had(reason: str) -> str:
    if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def find_chromium() -> Callable[[], str]:
    """The search that ``browser`` starts with."""
    return _chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, installed if need be; the tests are skipped, or in CI fail, where it cannot be had."""
    executable = _chromium()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str, int], Visit]]:
    """Opens an address in a window of a width, with every host but this machine cut off and every request recorded."""
    contexts = []

    def open_page(url: str, width_px: int = 1440) -> Visit:
        context = browser.new_context(viewport={"width": width_px, "height": 900})
        contexts.append(context)
        context.route(_NOT_LOCAL, lambda route: route.abort())
        seen = Visit(context.new_page())

        def on_failed(request: Request) -> None:
            seen.failed.append(request.url)

        def on_console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                seen.console_errors.append(message.text)

        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("requestfailed", on_failed)
        seen.page.on("console", on_console)
        seen.page.on("pageerror", lambda error: seen.console_errors.append(str(error)))
        seen.page.goto(url, wait_until="load")
        seen.page.evaluate("document.fonts.ready")
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def keep_screenshot(tmp_path: Path) -> Callable[[Visit, str], Path]:
    """Keeps a picture of the whole page, under EXPOSURE_ARTEFACTS where that is set."""

    def keep(seen: Visit, name: str) -> Path:
        path = Path(os.environ.get("EXPOSURE_ARTEFACTS") or tmp_path) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        seen.page.screenshot(path=path, full_page=True)
        return path

    return keep


@pytest.fixture(scope="session")
def samples() -> ModuleType:
    """The judgements that tests/reports/sample_results.py makes; tests have no packages, so it is loaded by path."""
    name = "sample_results_of_reports"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "reports" / "sample_results.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def reports(samples: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reports: the start page and the Data Docs of five loads, two of them synthetic and stopped."""
    root = tmp_path_factory.mktemp("reports")
    records = [samples.trade_record(month, is_synthetic=True) for month in (1, 2)]
    build_data_docs([*records, *(samples.rate_record(month) for month in (1, 2, 3))], root / "data_docs")
    entries = [
        IndexEntry(
            "Data quality", "데이터 품질", "What every load was judged by, and what was found.", "data_docs/index.html"
        ),
        IndexEntry("Newest judgement", "최근 판정", "The load that was judged last.", f"data_docs/{records[1].page}"),
    ]
    publication = PublicationSummary(
        publication_id="20261102T003000Z-4be1f02a",
        published_at=datetime(2026, 11, 2, 0, 30, tzinfo=UTC),
        verdict="Passed its audit: 62 checks, 1 warning.",
        is_good=False,
        is_synthetic=True,
        why_not_newer="The build of 2026-11-03 failed its audit (2 checks); this is the last good publication.",
    )
    write_index(root, entries, publication)
    return root


@pytest.fixture
def served(reports: Path) -> Iterator[str]:
    """The address of the same folder behind a web server on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(reports)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
