from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from trade_exposure.reports.pages import ASSETS

OWN = {"report.css", "icon.svg", "vendored.json"}


def asset_faults(assets: Path) -> list[str]:
    """What is wrong with the vendored files: changed, unlisted, missing, or without their licence text."""
    listed = json.loads((assets / "vendored.json").read_text())
    faults = []
    for entry in listed:
        path, licence = assets / entry["file"], assets / entry["licence_file"]
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            faults.append(f"{entry['file']} is not the file of {entry['package']} {entry['version']}")
        if not licence.is_file() or "Copyright" not in licence.read_text():
            faults.append(f"{entry['file']} has no licence text")
    known = OWN | {entry["file"] for entry in listed} | {entry["licence_file"] for entry in listed}
    present = {path.relative_to(assets).as_posix() for path in assets.rglob("*") if path.is_file()}
    return faults + sorted(f"{name} is not listed" for name in present - known)


def test_vendored_files_are_the_listed_ones_with_their_licences() -> None:
    assert len(json.loads((ASSETS / "vendored.json").read_text())) == 3
    assert asset_faults(ASSETS) == []


def test_a_changed_an_unlisted_and_an_unlicensed_file_are_reported(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    shutil.copytree(ASSETS, assets)
    (assets / "bootstrap" / "bootstrap.min.css").write_text("changed")
    (assets / "fontawesome" / "LICENSE.txt").unlink()
    (assets / "stray.js").write_text("")
    assert asset_faults(assets) == [
        "bootstrap/bootstrap.min.css is not the file of bootstrap 4.6.2",
        "fontawesome/fontawesome.min.css has no licence text",
        "fontawesome/fa-solid-900.woff2 has no licence text",
        "stray.js is not listed",
    ]


def test_the_assets_are_small() -> None:
    assert sum(path.stat().st_size for path in ASSETS.rglob("*") if path.is_file()) < 500_000
