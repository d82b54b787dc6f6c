"""Makes the sample folder: everything that a run without accounts needs, made once and used again."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from trade_exposure.errors import BadInput
from trade_exposure.samples.generator import drops, geography, grades, items, provinces, trade
from trade_exposure.samples.generator.calendar import LAST_DAY, SEOUL, newest_month
from trade_exposure.samples.generator.centers import Centers
from trade_exposure.samples.generator.claims import Claims
from trade_exposure.samples.generator.exposure import outstanding
from trade_exposure.samples.generator.limits import make_limits
from trade_exposure.samples.generator.policies import Market
from trade_exposure.samples.generator.rates import Rates
from trade_exposure.samples.generator.underwriting import Underwriting
from trade_exposure.settings import get_settings

DEFAULT_SEED = 20260128
SAMPLE_AS_OF = datetime(2026, 11, 16, 7, tzinfo=SEOUL)
MANIFEST = "manifest.json"
SYNTHETIC = "SYNTHETIC"
_GENERATOR = 1
_MADE_BY = ".made_by"  # of which code and seeds the folder was made; beside the manifest, so that a comment does not change that
_EARLIEST = date(2025, 1, 16)
_README = """Made up. Every amount, name and number in this folder was drawn by chance, but for the few published figures to which the
sums were calibrated and the published yearly ceilings. Not for any use as data.
"""


def sample_as_of() -> datetime:
    """The instant at which the sample is complete and nothing in it is late (aware, Asia/Seoul)."""
    return SAMPLE_AS_OF


def make_sample(folder: Path, *, seed: int = DEFAULT_SEED, as_of: datetime = SAMPLE_AS_OF) -> Path:
    """The sample in ``folder``: ``replies/`` for the feed server, ``drops/`` for the drop folder, ``manifest.json``.

    The same seed and instant give the same bytes on every machine. A finished folder of the same kind is used again; one of
    another kind is replaced. Several processes may ask at once: one makes it, the others wait.

    Args:
        folder: where it shall be; its parent is made if need be.
        seed: names the streams of chance.
        as_of: the instant (aware) that the sample stands for: monthly data end with the month that is due then, daily data
            the day before.

    Returns:
        ``folder``.

    Raises:
        BadInput: ``as_of`` lies outside 2025-01-16 to 2026-12-31, has no zone, or ``folder`` holds something else.
    """
    if as_of.tzinfo is None or not _EARLIEST <= as_of.astimezone(SEOUL).date() <= LAST_DAY:
        raise BadInput(
            f"A sample cannot stand for {as_of.isoformat()}; give an instant with zone from {_EARLIEST} to {LAST_DAY}."
        )
    seeds = get_settings().dbt_dir / "seeds"
    wanted = {"generator": _GENERATOR, "seed": seed, "as_of": as_of.astimezone(SEOUL).isoformat()}
    made_by = _made_by(seeds)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if _is_finished(folder, wanted, made_by):
            return folder
        if folder.exists() and any(folder.iterdir()) and not (folder / MANIFEST).exists():
            raise BadInput(
                f"{folder} holds files that are no sample; name an empty folder or one that is not there yet."
            )
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            _make(new, seeds, seed, as_of)
            _write_manifest(new, wanted)
            # As old as what they stand for: a file that changed just now would not be taken yet.
            for file in (new / "drops").rglob("*"):
                os.utime(file, (as_of.timestamp(), as_of.timestamp()))
            (new / _MADE_BY).write_text(made_by, encoding="utf-8")
            new.chmod(0o755)
            if folder.exists():
                shutil.rmtree(folder)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return folder


def _make(folder: Path, seeds: Path, seed: int, as_of: datetime) -> None:
    newest = newest_month(as_of)
    yesterday = as_of.astimezone(SEOUL).date() - timedelta(days=1)
    replies, dropped = folder / "replies", folder / "drops"
    for name in ("customs", "fx", "ksure"):
        (replies / name).mkdir(parents=True)
    dropped.mkdir()
    (folder / "README.md").write_text(_README, encoding="utf-8")
    (dropped / SYNTHETIC).write_text(_README, encoding="utf-8")

    countries = geography.read_countries(seeds, seed)
    rates = Rates(seed)
    rates.write(replies / "fx", seed, as_of)
    months = trade.make_trade(countries, geography.special_codes(seeds), seed, newest)
    trade.write_trade(replies / "customs", months, seed)
    items.write_items(replies / "customs", months, seed)
    provinces.write_provinces(replies / "customs", months, seed)
    graded = grades.make_grades(countries, seed)
    grades.write_grades(replies / "ksure", countries, graded, seed, as_of)

    market = Market(countries, seed)
    book = Underwriting(market, rates, graded, seed)
    book.run(newest)
    stock = outstanding(book.policies, newest)
    claims = Claims(rates, seed)
    claims.run(book.recorder.volume, book.old, newest)
    limits, changes = make_limits(stock, rates, graded, seed)
    centers = Centers(market, rates, book.linked, seed, yesterday)
    names = {country.code: grades.KSURE_NAMES.get(country.code, country.name_ko) for country in countries}
    drops.write_underwriting(dropped / "insurance_underwriting_event", book.recorder.events, market, newest)
    drops.write_exposure(dropped / "insurance_exposure_month_end", stock, market, newest)
    drops.write_claims(dropped / "insurance_claim_event", claims.events, newest)
    drops.write_limits(dropped / "insurance_country_limit", limits, changes, names, newest)
    drops.write_ceilings(dropped / "insurance_contract_ceiling", newest)
    drops.write_centers(dropped / "center_contract_event", centers.events, as_of)


def _write_manifest(folder: Path, wanted: dict[str, Any]) -> None:
    files = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        body = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        files[name] = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    told = {**wanted, "is_synthetic": True, "files": files}
    (folder / MANIFEST).write_bytes((json.dumps(told, indent=1) + "\n").encode())


def _is_finished(folder: Path, wanted: dict[str, Any], made_by: str) -> bool:
    """Whether the folder holds the sample that is wanted, every file in its length, made by this very code."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        if (folder / _MADE_BY).read_text(encoding="utf-8") != made_by:
            return False
        is_same = all(told[name] == value for name, value in wanted.items())
        return is_same and all((folder / name).stat().st_size == file["bytes"] for name, file in told["files"].items())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _made_by(seeds: Path) -> str:
    """A digest of the code and the seeds that decide what is in the folder."""
    code = sorted(Path(__file__).parent.glob("generator/*.py"))
    digest = hashlib.sha256()
    for path in (Path(__file__), *code, *(seeds / name for name in geography.READS)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process makes the same folder meanwhile."""
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
