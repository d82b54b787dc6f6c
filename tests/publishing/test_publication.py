"""A publication is one folder that changes hands in one instant."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from trade_exposure.landing.lake import file_sha256
from trade_exposure.publishing import publication
from trade_exposure.publishing.publication import Publication
from trade_exposure.settings import get_settings
from trade_exposure.warehouse.hashes import content_hash

Publish = Callable[..., Publication]


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    """Path to inode and time of change of every file, link and folder."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_ino, path.lstat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


def test_before_the_first_publication_there_is_none(home: Path) -> None:
    assert publication.current() is None
    assert publication.versions() == []


def test_readers_get_database_parquet_and_manifest_under_stable_names(publish: Publish) -> None:
    published = publish(3)
    home = publication.home()
    assert (home / "exposure.duckdb").resolve() == published.database
    assert (home / "parquet").resolve() == published.folder / "parquet"
    assert json.loads((home / "manifest.json").read_text(encoding="utf-8")) == published.manifest
    assert publication.current() == published


def test_a_publication_moves_database_parquet_and_manifest_at_once(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(1)
    seen: list[tuple[Path, ...]] = []
    swap = publication._swap
    names = ("exposure.duckdb", "manifest.json", "parquet")

    def watched(version: Path) -> None:
        seen.append(tuple((publication.home() / name).resolve().parent for name in names))
        swap(version)
        seen.append(tuple((publication.home() / name).resolve().parent for name in names))

    monkeypatch.setattr(publication, "_swap", watched)
    second = publish(2)
    assert seen == [(first.folder,) * 3, (second.folder,) * 3]
    assert first.folder != second.folder
    assert first.folder.exists(), "earlier versions stay for going back"
    assert publication.versions() == sorted([first, second], key=lambda version: version.folder.name)


def test_the_manifest_s_hashes_are_those_of_the_files(publish: Publish) -> None:
    published = publish(3)
    tables = published.manifest["tables"]
    assert sorted(tables) == ["core.dim_market_definition", "core.fct_trade_month", "marts.mart_market_exports"]
    assert published.manifest["database_sha256"] == file_sha256(published.database)
    with duckdb.connect(str(published.database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, told in tables.items():
            file = published.folder / told["parquet"]
            assert told["parquet_sha256"] == file_sha256(file)
            assert (told["rows"], told["content_hash"]) == content_hash(connection, *name.split("."))
            kept = connection.execute(f"select count(*) from ((from {name}) except all (from '{file}'))").fetchall()
            added = connection.execute(f"select count(*) from ((from '{file}') except all (from {name}))").fetchall()
            assert kept == added == [(0,)]
    assert len(list((published.folder / "parquet").iterdir())) == len(tables)


def test_a_file_that_was_touched_no_longer_has_the_manifest_s_hash(publish: Publish) -> None:
    published = publish(3)
    file = published.folder / published.manifest["tables"]["core.fct_trade_month"]["parquet"]
    file.write_bytes(file.read_bytes() + b" ")
    assert published.manifest["tables"]["core.fct_trade_month"]["parquet_sha256"] != file_sha256(file)


def test_the_published_database_is_the_audited_file_itself(candidate: Any, records: Any) -> None:
    database = candidate(1)
    audited = database.stat().st_ino
    published = publication.publish(database, {"verdict": "passed"}, [records("load-a")], code_sha256="code")
    assert published.database.stat().st_ino == audited


def test_the_published_database_cannot_be_written(publish: Publish) -> None:
    published = publish(1)
    assert published.database.stat().st_mode & 0o222 == 0
    with (
        duckdb.connect(str(published.database), read_only=True) as reader,
        pytest.raises(duckdb.InvalidInputException, match="read-only"),
    ):
        reader.execute("insert into core.dim_market_definition values ('x', 'x', false)")


def test_the_same_tables_from_the_same_code_move_nothing(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(1)
    before = files_below(publication.home())
    monkeypatch.setenv("EXPOSURE_CLOCK", "2026-12-16T00:00:00+00:00")
    get_settings.cache_clear()
    assert publish(1) == first
    assert files_below(publication.home()) == before


@pytest.mark.parametrize("changed", [{"generation": 2}, {"generation": 1, "code": "other"}], ids=["tables", "code"])
def test_other_tables_or_other_code_make_a_new_version(publish: Publish, changed: dict[str, Any]) -> None:
    first = publish(1)
    second = publish(**changed)
    assert second.manifest["publication_id"] != first.manifest["publication_id"]
    assert publication.current() == second


def test_going_back_to_earlier_tables_moves_the_link_back(publish: Publish) -> None:
    first, _, third = publish(1), publish(2), publish(1)
    assert third == first
    assert publication.current() == first
    assert len(publication.versions()) == 2


def test_the_manifest_says_what_the_figures_rest_on(publish: Publish, records: Any) -> None:
    ledger = [records("load-b", is_synthetic=False), records("load-a", is_synthetic=False, day=20)]
    unpublished = records("asked-in-vain", day=28, outcome="not_published")
    manifest = publish(
        1, records=[*ledger, unpublished], verdict={"verdict": "passed", "checks": 9, "warnings": []}
    ).manifest
    assert manifest["accepted_load_ids"] == ["load-a", "load-b"]
    assert manifest["known_until"] == "2026-02-28T00:00:00+00:00"
    assert manifest["published_at"] == "2026-11-16T00:00:00+00:00"
    assert manifest["is_synthetic"] is False
    assert manifest["audit"] == {"verdict": "passed", "checks": 9, "warnings": []}
    assert manifest["headline_definition"] == {"definition_id": "official", "status": "published"}


def test_one_synthetic_load_marks_the_whole_publication(publish: Publish, records: Any) -> None:
    ledger = [records("real", is_synthetic=False), records("made-up")]
    assert publish(1, records=ledger).manifest["is_synthetic"] is True


def test_the_suites_results_lie_beside_the_manifest(publish: Publish) -> None:
    found = [{"table": "core.fct_trade_month", "validation": {"success": True}}]
    published = publish(1, verdict={"verdict": "passed", "checks": 1, "warnings": [], "validations": found})
    assert published.validations() == found
    assert "validations" not in published.manifest["audit"]


def test_the_asset_event_carries_figures_and_no_table(publish: Publish) -> None:
    told = publication.told(publish(3))
    assert told["rows"]["core.fct_trade_month"] == 4
    assert told["audit"] == "passed"
    assert len(json.dumps(told)) < 1000


@pytest.mark.parametrize("moment", ["file_sha256", "_flush", "_swap"])
def test_a_publication_that_fails_on_the_way_leaves_the_last_one_and_is_made_up_for(
    publish: Publish, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    first = publish(1)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(publication, moment, full)
        with pytest.raises(OSError, match="No space left"):
            publish(2)
    assert publication.current() == first
    second = publish(2)
    assert publication.current() == second
    assert [path.name for path in (publication.home() / "versions").glob(".unfinished-*")] == []


def test_a_stable_name_that_was_lost_comes_back(publish: Publish) -> None:
    publish(1)
    (publication.home() / "exposure.duckdb").unlink()
    publish(1)
    assert (publication.home() / "exposure.duckdb").exists()


def test_a_home_with_a_quote_in_its_name_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, publish: Publish
) -> None:
    monkeypatch.setenv("EXPOSURE_HOME", str(tmp_path / "the analyst's home"))
    get_settings.cache_clear()
    (tmp_path / "the analyst's home" / "warehouse").mkdir(parents=True)
    assert publish(1).database.is_relative_to(tmp_path / "the analyst's home")
    assert os.path.realpath(publication.home() / "current").startswith(str(tmp_path / "the analyst's home"))
