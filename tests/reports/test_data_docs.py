from __future__ import annotations

import copy
import dataclasses
import time
from pathlib import Path
from types import ModuleType

import pytest

from trade_exposure.errors import BadInput, ExposureError
from trade_exposure.reports import pages
from trade_exposure.reports.data_docs import build_data_docs
from trade_exposure.reports.records import ValidationRecord
from trade_exposure.reports.self_contained import site_problems


def contents(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


def test_every_run_is_listed_newest_first(site: Path, samples: ModuleType) -> None:
    text = (site / "index.html").read_text()
    links = [samples.rate_record(month).page_link for month in (3, 2, 1)]
    assert all(text.count(f'href="{link}"') == 1 for link in links)
    assert [text.index(link) for link in links] == sorted(text.index(link) for link in links)


def test_the_pages_stand_alone(site: Path) -> None:
    assert len(list(site.rglob("*.html"))) == 8
    assert site_problems(site) == []


def test_a_page_names_its_feed_period_slice_load_and_verdict(site: Path, samples: ModuleType) -> None:
    record = samples.rate_record(2)
    text = (site / record.page).read_text()
    title, foot = text.split("<title>")[1].split("</title>")[0], text.split("<footer")[1]
    for part in ("2016-02", "USD", record.load_id):
        assert part in title
        assert part in foot
    assert record.verdict in text
    assert "2026-11-04 01:00:00 UTC" in text


def test_a_failed_rule_shows_its_reason_and_severity(site: Path, samples: ModuleType) -> None:
    text = (site / samples.trade_record(1).page).read_text()
    assert "The country code is missing / 국가코드가 없음" in text
    assert "critical · completeness" in text
    assert "code_<wbr>present" in text
    assert "The country code is missing" not in (site / samples.rate_record(1).page).read_text()


def test_a_sum_of_money_is_shown_to_the_last_digit(site: Path, samples: ModuleType) -> None:
    assert "36,260,420,386" in (site / samples.trade_record(1).page).read_text()


def test_only_synthetic_records_carry_the_banner_and_the_list_carries_it_for_all(
    site: Path, samples: ModuleType
) -> None:
    banner = "합성 표본 데이터"
    assert banner in (site / samples.trade_record(1).page).read_text()
    assert banner in (site / "expectations/customs_country_trade.html").read_text()
    assert banner in (site / "index.html").read_text()
    assert banner not in (site / samples.rate_record(1).page).read_text()


def test_values_that_try_to_be_markup_are_shown_as_text(site: Path, samples: ModuleType) -> None:
    text = (site / samples.trade_record(1).page).read_text()
    assert "&lt;img src=" in text
    assert "<img" not in text
    assert "Republic of $column" in text


def test_great_expectations_alone_would_obey_the_markup(samples: ModuleType) -> None:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    result = ExpectationSuiteValidationResultSchema().load(copy.deepcopy(samples.trade_result()))
    assert samples.HOSTILE_CODE in DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(result))


def test_no_traceback_and_no_path_of_this_machine_reaches_a_page(site: Path, samples: ModuleType) -> None:
    assert "Traceback (most recent call last)" in str(samples.trade_result())
    text = (site / samples.trade_record(1).page).read_text()
    assert "does not exist" in text
    assert "Traceback (most" not in text
    assert "site-packages" not in text


def test_a_chart_is_drawn_as_its_values(site: Path, samples: ModuleType) -> None:
    assert "graph-values" in (site / samples.rate_record(1).page).read_text()


def test_details_that_great_expectations_fails_to_draw_are_announced(samples: ModuleType, tmp_path: Path) -> None:
    result = copy.deepcopy(samples.trade_result())
    broken = next(one for one in result["results"] if one["result"].get("unexpected_percent"))
    del broken["result"]["element_count"]
    record = dataclasses.replace(samples.trade_record(), result=result)
    build_data_docs([record, samples.rate_record()], tmp_path / "site")
    assert "failed to draw 1 detail(s)" in (tmp_path / "site" / record.page).read_text()
    assert "failed to draw" not in (tmp_path / "site" / samples.rate_record().page).read_text()


def test_the_same_results_give_the_same_bytes(samples: ModuleType, tmp_path: Path) -> None:
    records = [samples.trade_record(), samples.rate_record()]
    before = copy.deepcopy(records)
    build_data_docs(records, tmp_path / "one")
    build_data_docs(list(reversed(records)), tmp_path / "two")
    first = contents(tmp_path / "one")
    assert len(first) > 8
    assert first == contents(tmp_path / "two")
    build_data_docs(records, tmp_path / "one")
    assert contents(tmp_path / "one") == first
    assert records == before


def test_sixty_results_are_drawn_in_half_a_minute_and_then_taken_over(
    samples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [dataclasses.replace(samples.trade_record(), load_id=f"load-{number}") for number in range(60)]
    started = time.monotonic()
    build_data_docs(records, tmp_path / "site")
    assert time.monotonic() - started < 30

    drawn: list[str] = []
    draw = pages.draw_validation
    monkeypatch.setattr(pages, "draw_validation", lambda record: drawn.append(record.load_id) or draw(record))
    damaged, fresh = tmp_path / "site" / records[7].page, samples.rate_record()
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:100])
    build_data_docs([*records, fresh], tmp_path / "site")
    assert sorted(drawn) == sorted([records[7].load_id, fresh.load_id])
    assert damaged.read_bytes() == whole


def test_a_changed_verdict_is_drawn_anew(samples: ModuleType, tmp_path: Path) -> None:
    record = samples.rate_record()
    build_data_docs([record], tmp_path / "site")
    build_data_docs([dataclasses.replace(record, verdict="Withdrawn.")], tmp_path / "site")
    assert "Withdrawn." in (tmp_path / "site" / record.page).read_text()


def test_no_result_gives_a_page_that_says_so(tmp_path: Path) -> None:
    index = build_data_docs([], tmp_path / "site")
    assert "No load has been judged yet." in index.read_text()


def test_two_results_for_one_page_are_refused(samples: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="hand in one"):
        build_data_docs([samples.rate_record(), samples.rate_record()], tmp_path / "site")


def test_a_page_that_reaches_out_stops_the_build_and_the_old_pages_stay(
    samples: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_data_docs([samples.rate_record()], tmp_path / "site")
    before = contents(tmp_path / "site")

    def leaky(record: ValidationRecord) -> str:
        return '<html><script src="https://cdn.example/x.js"></script></html>'

    monkeypatch.setattr(pages, "draw_validation", leaky)
    with pytest.raises(ExposureError, match="would not stand alone"):
        build_data_docs([samples.trade_record()], tmp_path / "site")
    assert contents(tmp_path / "site") == before
