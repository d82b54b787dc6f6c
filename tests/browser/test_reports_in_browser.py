from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(900)  # installing a browser takes minutes

Visiting = Callable[..., Any]
WIDTHS = [390, 1440]
PAGES = {
    "start": "index.html",
    "overview": "data_docs/index.html",
    "stopped-load": "data_docs/validations/customs_country_trade/2016-01/all/9f2c41d07be35a1c0001.html",
    "accepted-load": "data_docs/validations/fx_daily_rate/2016-03/USD/17aa0c93d2e8b6f40003.html",
    "suite": "data_docs/expectations/customs_country_trade.html",
}
STOPPED = PAGES["stopped-load"]
OWN_RED = "rgb(179, 38, 30)"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opened_from_disk_asks_nobody_and_fits_the_window(
    visit: Visiting, reports: Path, keep_screenshot: Visiting, name: str, width: int
) -> None:
    seen = visit((reports / PAGES[name]).as_uri(), width)
    assert len(seen.requests) >= (1 if name == "start" else 4)
    assert seen.faults() == []
    assert keep_screenshot(seen, f"{name}-{width}").stat().st_size > 5_000


@pytest.mark.parametrize("name", PAGES)
def test_a_page_behind_a_web_server_works_the_same(visit: Visiting, served: str, name: str) -> None:
    seen = visit(f"{served}/{PAGES[name]}")
    assert len(seen.requests) >= (1 if name == "start" else 4)
    assert seen.faults() == []


def test_the_stylesheets_are_applied_and_the_icons_drawn(visit: Visiting, reports: Path) -> None:
    seen = visit((reports / STOPPED).as_uri())
    assert seen.style(".head", "border-left-color") == OWN_RED, "our own sheet"
    assert seen.style(".badge", "display") == "inline-block", "Bootstrap"
    assert seen.style(".synthetic-banner", "font-weight") == "700"
    assert seen.icons_drawn


def test_missing_stylesheets_and_a_missing_font_are_noticed(visit: Visiting, reports: Path, tmp_path: Path) -> None:
    shutil.copytree(reports, tmp_path / "copy")
    (tmp_path / "copy" / "data_docs" / "static" / "fontawesome" / "fa-solid-900.woff2").unlink()
    seen = visit((tmp_path / "copy" / STOPPED).as_uri())
    assert not seen.icons_drawn
    assert any("fa-solid-900.woff2" in fault for fault in seen.faults())
    shutil.rmtree(tmp_path / "copy" / "data_docs" / "static")
    seen = visit((tmp_path / "copy" / STOPPED).as_uri())
    assert seen.style(".head", "border-left-color") != OWN_RED
    assert seen.style(".badge", "display") != "inline-block"
    assert any("report.css" in fault for fault in seen.faults())


def test_a_failed_expectation_is_on_the_screen_with_its_reason(visit: Visiting, reports: Path) -> None:
    page = visit((reports / STOPPED).as_uri(), 390).page
    for text in (
        "The country code is missing / 국가코드가 없음",
        "values must never be null.",
        "critical · completeness",
    ):
        assert page.get_by_text(text).first.is_visible()
    assert page.get_by_text("Synthetic sample data / 합성 표본 데이터").is_visible()


def test_the_filter_leaves_only_what_failed(visit: Visiting, reports: Path) -> None:
    page = visit((reports / STOPPED).as_uri()).page
    passed, failed = page.get_by_text("is a required field."), page.get_by_text("values must never be null.")
    assert passed.is_visible()
    assert failed.is_visible()
    page.get_by_label("Failed only").check()
    assert not passed.is_visible()
    assert failed.is_visible()
    assert not page.get_by_role("heading", name="source_row").is_visible(), "a section where everything passed"


def test_a_person_gets_from_the_start_page_to_a_judgement_and_back(visit: Visiting, reports: Path) -> None:
    seen = visit((reports / "index.html").as_uri())
    seen.page.get_by_role("link", name="Data quality").click()
    seen.page.get_by_role("link", name="Failed").last.click()
    assert "2016-01" in seen.page.title()
    seen.page.get_by_role("link", name="customs_code").click()
    seen.page.get_by_role("link", name="Data quality").click()
    assert seen.page.url.endswith("data_docs/index.html")
    assert seen.foreign == []
    assert seen.console_errors == []


def test_pages_of_great_expectations_alone_are_caught_asking_foreign_hosts(
    visit: Visiting, samples: ModuleType, tmp_path: Path
) -> None:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    result = ExpectationSuiteValidationResultSchema().load(copy.deepcopy(samples.trade_result()))
    page = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(result))
    (tmp_path / "raw.html").write_text(page, encoding="utf-8")
    seen = visit((tmp_path / "raw.html").as_uri())
    asked = "\n".join(seen.foreign)
    assert "maxcdn.bootstrapcdn.com" in asked
    assert "great-expectations-web-assets" in asked
    assert "collector.example" in asked
    assert any(fault.startswith("asked a foreign host") for fault in seen.faults())


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<div style="width: 3000px">wide</div>', "wider than the window"),
        ('<link rel="stylesheet" href="gone.css">', "did not get"),
        ('<script src="//cdn.example/x.js"></script>', "asked a foreign host: file://cdn.example/x.js"),
        ('<img src="http://cdn.example/x.png">', "asked a foreign host: http://cdn.example/x.png"),
        ("<script>console.error('broken')</script>", "console: broken"),
        ("<script>throw new Error('broken')</script>", "console: broken"),
        (
            '<meta http-equiv="Content-Security-Policy" content="img-src \'none\'"><img src="//example.org/x">',
            "console: ",
        ),
    ],
)
def test_each_fault_of_a_page_is_reported(visit: Visiting, tmp_path: Path, body: str, fault: str) -> None:
    (tmp_path / "bad.html").write_text(f"<!DOCTYPE html><html><body>{body}</body></html>", encoding="utf-8")
    faults = visit((tmp_path / "bad.html").as_uri()).faults()
    assert any(fault in one for one in faults), faults


def test_without_a_chromium_the_tests_are_skipped_but_fail_in_ci(
    find_chromium: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium at /nowhere/chromium"):
        find_chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium at /nowhere/chromium"):
        find_chromium()
