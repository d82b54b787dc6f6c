"""The main job from end to end: real DAGs, real wire formats, real files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from trade_exposure.cli import main
from trade_exposure.feeds.registry import contracts
from trade_exposure.publishing import publication
from trade_exposure.settings import get_settings
from trade_exposure.warehouse import dbt

Exposure = Callable[..., subprocess.CompletedProcess[str]]
PUBLISHED = "warehouse/published/exposure.duckdb"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("main_job")


@pytest.fixture(scope="module")
def first_run(exposure: Exposure, home: Path) -> subprocess.CompletedProcess[str]:
    done = exposure(home, "run")
    logs = "\n".join(path.read_text(encoding="utf-8")[-3000:] for path in (home / "logs").glob("*.log"))
    assert done.returncode == 0, done.stdout + done.stderr + logs
    return done


def hashes(exposure: Exposure, home: Path) -> dict[str, str]:
    told = exposure(home, "status", "--json")
    assert told.returncode == 0, told.stderr
    tables: dict[str, dict[str, Any]] = json.loads(told.stdout)["tables"]
    return {name: table["content_hash"] for name, table in tables.items()}


def test_the_run_ends_with_headline_date_and_paths(first_run: subprocess.CompletedProcess[str], home: Path) -> None:
    said = first_run.stdout
    assert "SYNTHETIC SAMPLE DATA" in said
    assert "Exports to partner markets, 2026-10: USD" in said
    assert "KR_PARTNER_REGIONS_V0 (proposal, not confirmed by K-SURE)" in said
    assert "13 definitions side by side" in said
    assert "Published 20" in said
    for label in ("Database", "Parquet", "Reports", "Docs"):
        line = next(line for line in said.splitlines() if line.startswith(label))
        assert Path(line.split(maxsplit=1)[1]).exists(), line
    assert "Traceback" not in said + first_run.stderr


def test_every_published_row_is_marked_synthetic(first_run: object, home: Path) -> None:
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns where column_name = 'is_synthetic'"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            if table == "core.fct_country_grade":  # the public OECD list lies beside the made-up grades
                continue
            rows, marked = connection.execute(
                f"select count(*), count(*) filter (where is_synthetic) from {table}"
            ).fetchall()[0]
            assert rows > 0
            assert rows == marked, table


def test_nothing_but_core_and_marts_is_published(first_run: object, home: Path) -> None:
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        schemas = connection.execute(
            "select distinct table_schema from information_schema.tables where table_catalog = current_database()"
        ).fetchall()
        kinds = connection.execute("select distinct table_type from information_schema.tables").fetchall()
    assert {schema for (schema,) in schemas} == {"core", "marts"}
    assert kinds == [("BASE TABLE",)]


IDENTITY = r"[0-9]{3}-[0-9]{2}-[0-9]{5}|가상(기업|은행|바이어)|B-SYN-|P[0-9]{9}"
"""Registration numbers, names, buyer and policy numbers of the sample, as its files hold them."""


def texts(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """Columns of a table or query in which an identity of the sample stands."""
    columns = [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
    found = " union all ".join(
        f"select '{column}' from {source} where regexp_matches(cast(\"{column}\" as varchar), '{IDENTITY}')"
        for column in columns
    )
    return sorted({row[0] for row in connection.execute(found).fetchall()})


def test_no_identity_of_a_firm_buyer_or_policy_is_published(first_run: object, home: Path) -> None:
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        assert len(tables) > 20
        leaking = {table: texts(connection, f"{schema}.{table}") for schema, table in tables}
    assert {table: columns for table, columns in leaking.items() if columns} == {}


def test_no_identity_passes_the_parser_and_private_bytes_lie_sealed(first_run: object, home: Path) -> None:
    private = [contract.feed_id for contract in contracts().values() if contract.is_private]
    assert len(private) > 3
    for feed_id in private:
        raw = list((home / "lake" / "raw" / feed_id).rglob("*.zst*"))
        assert raw, feed_id
        assert all(path.name.endswith(".zst.age") for path in raw)
        for kept in ("accepted", "quarantine"):
            for path in (home / "lake" / kept / feed_id).rglob("*.parquet"):
                assert texts(duckdb.connect(), f"read_parquet('{path}')") == [], path


def test_that_search_finds_the_identities_in_the_files_that_were_dropped(first_run: object, home: Path) -> None:
    dropped = home / "sample" / "drops" / "insurance_claim_event" / "claims_202610.csv"
    assert texts(duckdb.connect(), f"read_csv('{dropped}', all_varchar = true)") != []


def test_support_of_2025_and_its_part_in_partner_markets_are_the_published_figures(
    first_run: object, home: Path
) -> None:
    """268 tn in all, 62 tn in emerging markets (K-SURE on 2026-01-28): what the made-up sample is made to meet."""
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        whole, partners = connection.execute(
            """
            select sum(volume_gross_krw), sum(volume_gross_krw) filter (attributed_country_iso2 in (
                select iso2 from core.dim_country inner join core.bridge_market_membership using (country_key)
                where definition_id = 'KR_PARTNER_REGIONS_V0' and is_member
            )) from core.fct_underwriting where creates_volume and year(event_on) = 2025
            """
        ).fetchall()[0]
        unconverted = connection.execute(
            "select count(*) from core.fct_underwriting where krw_status in ('NO_RATE', 'STALE_RATE')"
        ).fetchall()
    assert unconverted == [(0,)]
    assert abs(whole / Decimal(10**12) - 268) < 2
    assert abs(partners / Decimal(10**12) - 62) < 1


def test_each_converted_amount_names_its_rate_its_day_and_its_source(first_run: object, home: Path) -> None:
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        sources = connection.execute(
            "select fx_source, count(*), count(fx_rate), count(fx_rate_on), max(event_on - fx_rate_on) "
            "from core.fct_underwriting where krw_status = 'CONVERTED' group by fx_source order by fx_source"
        ).fetchall()
        gap = connection.execute(
            "select distinct fx_source from core.fct_underwriting where currency = 'USD' and krw_status = 'CONVERTED' "
            "and event_on between date '2026-10-13' and date '2026-10-15'"
        ).fetchall()
    assert [source for source, *_ in sources] == ["ECOS", "EXIMBANK"]
    for _, rows, rates, days, oldest in sources:
        assert rows == rates == days > 0
        assert 0 <= oldest <= 10
    assert gap == [("EXIMBANK",)], "in the sample ECOS has no rates for these three days"


def test_every_dropped_file_is_a_load_and_none_is_left_waiting(
    exposure: Exposure, first_run: object, home: Path
) -> None:
    drops = home / "sample" / "drops"
    told = exposure(home, "feeds", "drops", EXPOSURE_DROPS=str(drops)).stdout
    files: dict[str, int] = {}
    for contract in contracts().values():
        if contract.arrival == "drop":
            names = [path.name for path in (drops / contract.feed_id).iterdir()]
            files[contract.feed_id] = sum(not name.endswith(".control.json") for name in names)
            assert f"{contract.feed_id}: 0 to take, {files[contract.feed_id]} taken before\n" in told
    assert "waiting" not in told
    assert "not ours" not in told
    state = json.loads(exposure(home, "status", "--json").stdout)["feeds"]
    assert {feed_id: state[feed_id]["loads"] for feed_id in files} == files
    assert sum(files.values()) > 100


def test_every_row_of_a_dropped_file_names_the_file(first_run: object, home: Path) -> None:
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        for table in ("fct_center_event", "fct_underwriting_event", "fct_exposure_month_end", "fct_claim_event"):
            files, unnamed = connection.execute(
                f"select count(distinct source_file), count(*) filter (source_file is null) from core.{table}"
            ).fetchall()[0]
            assert files > 10, table
            assert unnamed == 0, table


def test_krw_is_the_dollar_amount_at_the_rate_beside_it(first_run: object, home: Path) -> None:
    with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
        rows = connection.execute(
            "select exports_usd, usd_krw_rate, exports_krw from marts.mart_market_exports where exports_krw is not null"
        ).fetchall()
    assert len(rows) > 1000
    for dollars, rate, won in rows:
        assert abs(dollars * rate - won) <= Decimal("0.5")


def test_the_example_in_the_readme_runs(
    first_run: object, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (get_settings().code / "README.md").read_text(encoding="utf-8")
    example = readme.split("```python\n")[1].split("```")[0]
    (tmp_path / "var").symlink_to(home)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    assert "KR_PARTNER_REGIONS_V0" in capsys.readouterr().out


def test_a_second_run_changes_no_content_hash(exposure: Exposure, first_run: object, home: Path) -> None:
    before = hashes(exposure, home)
    assert before, "no published tables"
    again = exposure(home, "run")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "skipped" in again.stdout
    assert hashes(exposure, home) == before


def test_a_failing_audit_leaves_the_publication_untouched_while_it_is_read(
    first_run: object,
    home: Path,
    tmp_path: Path,
    exposure: Exposure,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The candidate is the publication over again (dbt is left out: nothing is new); a suite asks for the impossible."""
    before = hashes(exposure, home)
    for folder in ("dags", "dbt_project", "expectations"):
        shutil.copytree(
            get_settings().code / folder, tmp_path / folder, ignore=shutil.ignore_patterns("target", "logs")
        )
    suite = tmp_path / "expectations/marts/mart_market_exports.json"
    told = json.loads(suite.read_text(encoding="utf-8"))
    impossible = next(one for one in told["expectations"] if one["type"] == "expect_table_row_count_to_be_between")
    impossible["kwargs"] = {"min_value": 10**12}
    suite.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    monkeypatch.setenv("EXPOSURE_HOME", str(home))
    monkeypatch.setenv("EXPOSURE_CODE", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["exposure", "build"])
    get_settings.cache_clear()
    current = publication.current()
    assert current is not None
    monkeypatch.setattr(dbt, "code_sha256", lambda: current.manifest["code_sha256"])
    monkeypatch.setattr(dbt, "run", lambda *_: {"results": []})
    monkeypatch.setattr(publication, "considered", lambda: None)
    seen: set[int] = set()
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            with duckdb.connect(str(home / PUBLISHED), read_only=True) as connection:
                seen.add(connection.execute("select count(*) from marts.mart_market_exports").fetchall()[0][0])

    reader = threading.Thread(target=read)
    reader.start()
    with pytest.raises(SystemExit) as ended:
        main()
    over.set()
    reader.join()
    get_settings.cache_clear()
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "The audit failed and the last publication stays" in said.err
    assert "Traceback" not in said.err
    assert len(seen) == 1
    assert hashes(exposure, home) == before


def test_live_feeds_without_connections_are_refused_in_one_sentence(exposure: Exposure, tmp_path: Path) -> None:
    refused = exposure(tmp_path, "run", "--feeds", "live")
    assert refused.returncode == 1
    assert "The Airflow connection data_go_kr_default is missing" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr


def test_real_data_are_not_mixed_into_a_sample_lake(
    exposure: Exposure, first_run: object, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "customs").mkdir()
    mixed = exposure(home, "run", "--replies", str(tmp_path), "--real")
    assert mixed.returncode == 1
    assert "holds made-up sample data" in mixed.stdout


def test_the_real_month_arrives_whole(
    exposure: Exposure, first_run: object, home: Path, recorded_replies: Path, tmp_path: Path
) -> None:
    for prepared in ("airflow/airflow.db", "reports/dbt_docs"):  # the same for every home, and dear to make
        source = home / prepared
        target = tmp_path / prepared
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    window = ("--from-period", "2016-01", "--to-period", "2016-01")
    done = exposure(tmp_path, "run", "--replies", str(recorded_replies), "--real", *window)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SYNTHETIC" not in done.stdout
    with duckdb.connect(str(tmp_path / PUBLISHED), read_only=True) as connection:
        totals = connection.execute(
            "select definition_id, count(*), sum(exports_usd), sum(imports_usd), bool_or(is_synthetic), count(exports_krw) "
            "from marts.mart_market_exports group by definition_id"
        ).fetchall()
        namibia = connection.execute(
            "select count(*) from core.fct_trade_month where customs_code = 'NA' and country_key = 'NAM'"
        ).fetchall()[0][0]
    assert len(totals) == 13
    for definition, countries, exports, imports, synthetic, converted in totals:
        assert (countries, exports, imports) == (224, Decimal("36260420221.00"), Decimal("31321900755.00")), definition
        assert synthetic is False
        assert converted == 0, "no exchange rate of that month is known, so none may be guessed"
    assert namibia == 1
