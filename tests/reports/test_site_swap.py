from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from trade_exposure.errors import BadInput
from trade_exposure.reports.site_swap import new_generation


def put(site: Path, text: str) -> None:
    with new_generation(site) as folder:
        (folder / "one.html").write_text(text)
        (folder / "two.html").write_text(text)


def test_a_reader_never_sees_a_half_or_missing_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put(site, "0")
    stop, seen, faults = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            folder = site.resolve()
            try:
                seen.append(((folder / "one.html").read_text(), (folder / "two.html").read_text()))
            except FileNotFoundError as error:
                faults.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 40):
        put(site, str(number))
        # The folder before the current one is kept, so a reader may lag one swap: let it finish what it began before.
        enough = len(seen) + 2
        while len(seen) < enough and not faults:
            time.sleep(0.0005)
    stop.set()
    reader.join()
    assert not faults
    assert len(set(seen)) > 10
    assert all(one == two for one, two in seen)


def test_a_failure_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put(site, "good")

    def fail_half_way() -> None:
        with new_generation(site) as folder:
            (folder / "one.html").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert (site / "one.html").read_text() == "good"
    assert len(list(tmp_path.glob(".site-*"))) == 1


def test_a_killed_builder_leaves_the_site_whole_and_its_rest_is_removed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    put(site, "good")
    program = f"""
        import os, signal
        from pathlib import Path
        from trade_exposure.reports.site_swap import new_generation
        with new_generation(Path({str(site)!r})) as folder:
            (folder / "one.html").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert killed.returncode == -9
    assert (site / "one.html").read_text() == "good"
    assert len(list(tmp_path.glob(".site-*"))) == 2
    put(site, "better")
    assert (site / "two.html").read_text() == "better"
    put(site, "best")
    assert sorted((folder / "one.html").read_text() for folder in tmp_path.glob(".site-*")) == ["best", "better"]


def test_something_else_at_the_place_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="something else lies there"):
        put(tmp_path / "site", "x")
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["mine.txt"]
