"""The command line: one sentence and a non-zero exit for bad input, never a traceback."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trade_exposure.cli import main
from trade_exposure.settings import get_settings

Cli = Callable[..., tuple[int, str, str]]
REPLY = Path("getNationtradeList_202610_all.xml")  # in the folder that the fixture `cli` works in
FEED = "customs_country_trade"


@pytest.fixture
def cli(home: Path, sample: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the command beside the sample's customs replies; exit code, standard output, standard error."""
    monkeypatch.chdir(sample / "replies" / "customs")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["exposure", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_saved_reply_is_landed_once(cli: Cli) -> None:
    code, said, _ = cli("ingest", FEED, "--file", str(REPLY), "--period", "2026-10", "--synthetic")
    assert code == 0
    assert "customs_country_trade 2026-10 all: accepted as load" in said
    rows = REPLY.read_bytes().count(b"<item>")
    assert f"{rows} of {rows} rows accepted, 0 in quarantine" in said
    code, said, _ = cli("ingest", FEED, "--file", str(REPLY), "--period", "2026-10", "--synthetic")
    assert code == 0
    assert "Nothing new" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ingest", "no_such_feed", "--file", str(REPLY), "--period", "2026-10"), "There is no feed 'no_such_feed'"),
        (("ingest", FEED, "--file", "/nowhere.xml", "--period", "2026-10"), "/nowhere.xml cannot be read"),
        (("ingest", FEED, "--file", str(REPLY), "--period", "2026-13"), "'2026-13' is no period"),
        (("ingest", FEED, "--file", str(REPLY), "--period", "2026-10", "--slice", "USD"), "has no slice 'USD'"),
        (("ingest", FEED, "--file", str(REPLY), "--period", "2026-10", "--known-at", "now"), "--known-at is 'now'"),
        (("ingest", FEED, "--file", str(REPLY), "--period", "2026-10", "--known-at", "2026-11-16"), "with its zone"),
        (
            ("ingest", "fx_daily_rate", "--file", str(REPLY), "--period", "2026-10"),
            "say which one the file is with --slice",
        ),
        (("run", "--feeds", "dead"), "--feeds is 'dead'"),
        (("feeds", "serve", "--replies", "/nowhere"), "/nowhere"),
        (("feeds", "serve", "--fault", "meteor"), "meteor"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_code_2(cli: Cli, arguments: tuple[str, ...], sentence: str) -> None:
    code, said, err = cli(*arguments)
    assert code == 2
    assert sentence in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in said + err


def test_an_error_page_saved_by_mistake_is_refused_and_leaves_nothing(cli: Cli, home: Path, tmp_path: Path) -> None:
    page = tmp_path / "reply.xml"
    page.write_text(
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>LIMITED</returnAuthMsg>"
        "<returnReasonCode>22</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
    )
    code, _, err = cli("ingest", FEED, "--file", str(page), "--period", "2026-10")
    assert code == 1
    assert "code 22" in err
    assert not list(home.rglob("*.zst"))


def test_an_empty_file_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.xml").touch()
    code, _, err = cli("ingest", FEED, "--file", str(tmp_path / "empty.xml"), "--period", "2026-10")
    assert code == 2
    assert "is empty" in err


def test_building_from_an_empty_ledger_says_what_to_do(cli: Cli) -> None:
    code, _, err = cli("build")
    assert code == 1
    assert "no accepted load yet" in err


def test_publishing_without_a_candidate_says_what_to_do(cli: Cli) -> None:
    code, _, err = cli("publish")
    assert code == 1
    assert "run `exposure build` first" in err


def test_status_before_the_first_publication(cli: Cli) -> None:
    code, said, _ = cli("status")
    assert code == 0
    assert "Nothing is published yet" in said
    code, said, _ = cli("status", "--json")
    told = json.loads(said)
    assert told["publication"] is None
    assert told["tables"] == {}
    assert told["feeds"][FEED]["is_late"] is True


def test_a_setting_that_cannot_be_used_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPOSURE_CLOCK", "yesterday")
    get_settings.cache_clear()
    code, _, err = cli("status")
    assert code == 1
    assert "EXPOSURE_CLOCK cannot be used" in err


def test_the_doctor_names_each_missing_connection_and_fails(cli: Cli) -> None:
    code, said, _ = cli("doctor")
    assert code == 1
    problems = [line for line in said.splitlines() if line.startswith("PROBLEM")]
    missing = ("data_go_kr_default", "ecos_default", "eximbank_default")
    assert [f"{name} is missing" in problem for name, problem in zip(missing, problems, strict=True)] == [True] * 3


def test_the_doctor_is_content_when_all_is_there(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA_GO_KR", "ECOS", "EXIMBANK"):
        monkeypatch.setenv(
            f"AIRFLOW_CONN_{name}_DEFAULT", json.dumps({"conn_type": name.lower(), "password": "k" * 20})
        )
    code, said, _ = cli("doctor")
    assert (code, "PROBLEM" in said) == (0, False), said
    assert "k" * 20 not in said


def test_the_doctor_names_a_dag_file_that_cannot_be_imported(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkout = get_settings().code
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "broken.py").write_text("from airflow.sdk import dag\nimport nothing_of_that_name\n")
    for folder in ("dbt_project", "expectations"):
        (tmp_path / folder).symlink_to(checkout / folder)
    monkeypatch.setenv("EXPOSURE_CODE", str(tmp_path))
    get_settings.cache_clear()
    code, said, _ = cli("doctor")
    assert code == 1
    assert "broken.py cannot be used: ModuleNotFoundError: No module named 'nothing_of_that_name'." in said


def test_the_secrets_of_private_feeds_are_made_fresh_each_time(cli: Cli) -> None:
    (code, once, _), (_, again, _) = cli("keys"), cli("keys")
    assert code == 0
    assert once != again
    assert [line.split("=")[0] for line in once.splitlines()] == [
        "AIRFLOW_CONN_EXPOSURE_PRIVACY",
        "AIRFLOW_CONN_EXPOSURE_ARCHIVE",
    ]


def test_the_doctor_wants_the_secrets_of_private_feeds(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_EXPOSURE_ARCHIVE")
    code, said, _ = cli("doctor")
    assert code == 1
    assert "exposure_archive is missing" in said


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("EXPOSURE_LAKE", "carrier-pigeon://coop", "carrier-pigeon://, which cannot be opened"),
        ("EXPOSURE_CODE", "/nowhere", "set EXPOSURE_CODE to the checkout"),
        ("EXPOSURE_HOME", "/proc/nowhere", "set EXPOSURE_HOME to a folder that can"),
        ("DO_NOT_TRACK", "0", "Telemetry is on"),
    ],
)
def test_the_doctor_names_what_is_misconfigured(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    code, said, err = cli("doctor")
    assert code == 1
    assert sentence in said + err
    assert "Traceback" not in said + err
