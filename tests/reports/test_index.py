from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trade_exposure.errors import BadInput
from trade_exposure.reports.index import IndexEntry, PublicationSummary, write_index
from trade_exposure.reports.self_contained import site_problems

ENTRY = IndexEntry("Data quality", "데이터 품질", "What every load was judged by.", "data_docs/index.html")
PUBLICATION = PublicationSummary(
    publication_id="20261102-4be1",
    published_at=datetime(2026, 11, 2, 15, 30, tzinfo=UTC),
    verdict="Passed its audit: 62 checks.",
    is_good=True,
    is_synthetic=False,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data_docs").mkdir()
    (tmp_path / "data_docs" / "index.html").write_text(
        '<html><head><meta http-equiv="Content-Security-Policy" content="default-src \'none\';"></head></html>'
    )
    return tmp_path


def test_the_start_page_names_the_publication_and_links_the_reports(root: Path) -> None:
    text = write_index(root, [ENTRY], PUBLICATION).read_text()
    for part in ("20261102-4be1", "2026-11-02 15:30 UTC", "2026-11-03 00:30 Seoul", "Passed its audit", "데이터 품질"):
        assert part in text
    assert 'href="data_docs/index.html"' in text
    assert site_problems(root) == []


def test_the_banner_is_there_only_for_synthetic_data(root: Path) -> None:
    assert "합성 표본 데이터" not in write_index(root, [ENTRY], PUBLICATION).read_text()
    synthetic = dataclasses.replace(PUBLICATION, is_synthetic=True)
    assert "합성 표본 데이터" in write_index(root, [ENTRY], synthetic).read_text()


def test_an_old_publication_says_why_it_is_old(root: Path) -> None:
    held = dataclasses.replace(PUBLICATION, why_not_newer="The build of 2026-11-03 failed its audit.")
    text = write_index(root, [ENTRY], held).read_text()
    assert "The build of 2026-11-03 failed its audit." in text
    assert "published warn" in text


def test_before_the_first_publication_the_page_says_so(root: Path) -> None:
    assert "Nothing has been published yet." in write_index(root, [ENTRY], None).read_text()


def test_markup_in_any_text_is_shown_as_text(root: Path) -> None:
    evil = "<script>alert(1)</script>"
    entry = dataclasses.replace(ENTRY, title_en=evil, title_ko=evil, description=evil)
    held = dataclasses.replace(PUBLICATION, publication_id=evil, verdict=evil, why_not_newer=evil)
    text = write_index(root, [entry], held).read_text()
    assert evil not in text
    assert text.count("&lt;script&gt;") == 7
    assert site_problems(root) == []


@pytest.mark.parametrize("path", ["dbt/index.html", "../secret.html", "/etc/hostname", "data_docs"])
def test_a_link_that_leads_nowhere_is_refused_and_the_old_page_stays(root: Path, path: str) -> None:
    before = write_index(root, [ENTRY], PUBLICATION).read_bytes()
    with pytest.raises(BadInput, match="cannot link to"):
        write_index(root, [ENTRY, dataclasses.replace(ENTRY, path=path)], PUBLICATION)
    assert (root / "index.html").read_bytes() == before


def test_a_publication_time_without_zone_is_refused(root: Path) -> None:
    with pytest.raises(BadInput, match="no zone"):
        write_index(root, [ENTRY], dataclasses.replace(PUBLICATION, published_at=datetime(2026, 1, 1)))  # noqa: DTZ001
