"""Lakes of three kinds, made-up replies of the customs service, and one way to run a load from first step to last."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from trade_exposure.landing import arrive, steps
from trade_exposure.landing.lake import Lake, open_lake
from trade_exposure.settings import get_settings

JANUARY = date(2026, 1, 1)
BUCKET = "trade-lake"
COUNTRIES = (("US", 9_000_000_000, 6_000_000_000), ("VN", 4_000_000_000, 2_000_000_000), ("NA", 1_234_567, 89))

Row = tuple[str, int, int]
Load = Callable[..., dict[str, Any] | None]


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The URL of an empty bucket behind a server that speaks S3's wire on loopback."""
    import boto3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    server.stop()


@pytest.fixture(params=["local", "memory", "s3"])
def lake(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """An empty lake of each kind, which is also the lake of the settings."""
    if request.param == "memory":
        monkeypatch.setenv("EXPOSURE_LAKE", f"memory://lake-{uuid.uuid4().hex}")
    elif request.param == "s3":
        monkeypatch.setenv("EXPOSURE_LAKE", f"{request.getfixturevalue('s3')}/{uuid.uuid4().hex}")
    get_settings.cache_clear()
    return open_lake()


@pytest.fixture
def local_lake(home: Path) -> Lake:
    """An empty lake on this machine's disk."""
    return open_lake()


def country_item(row: Row, month: date) -> str:
    code, exports, imports = row
    return (
        f"<item><balPayments>{exports - imports}</balPayments><expCnt>3</expCnt><expDlr>{exports}</expDlr><impCnt>2</impCnt>"
        f"<impDlr>{imports}</impDlr><statCd>{code}</statCd><statCdCntnKor1>나라</statCdCntnKor1>"
        f"<year>{month:%Y.%m}</year></item>"
    )


@pytest.fixture
def reply() -> Callable[..., bytes]:
    """Makes a reply of the customs service: ``reply(rows, month)``, rows being (code, exports_usd, imports_usd)."""

    def make(rows: Sequence[Row] = COUNTRIES, month: date = JANUARY) -> bytes:
        items = "".join(country_item(row, month) for row in rows)
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header><resultCode>00</resultCode>'
            f"<resultMsg>정상서비스.</resultMsg></header><body><items>{items}</items></body></response>"
        ).encode()

    return make


@pytest.fixture
def take(tmp_path: Path, home: Path) -> Callable[..., dict[str, Any]]:
    """Puts bytes into the raw archive as a saved file would be; returns what the next step gets."""

    def taken(
        body: bytes,
        *,
        period: date = JANUARY,
        feed_id: str = "customs_country_trade",
        slice_: str = "all",
        known_at: datetime | None = None,
    ) -> dict[str, Any]:
        file = tmp_path / "reply"
        file.write_bytes(body)
        return arrive.take_file(feed_id, period, slice_, file, known_at=known_at, is_synthetic=True)

    return taken


@pytest.fixture
def load(take: Callable[..., dict[str, Any]]) -> Load:
    """Runs every step on some bytes; returns the commit's summary, or None when the bytes were nothing new."""

    def loaded(body: bytes, **about: Any) -> dict[str, Any] | None:
        landed = steps.land(through_json(take(body, **about)))
        if not landed["is_new"]:
            return None
        return steps.commit(through_json(steps.judge(through_json(steps.parse(through_json(landed))))))

    return loaded


def through_json(baton: dict[str, Any]) -> dict[str, Any]:
    """What the next task gets when the scheduler has handed the dict on as JSON."""
    return dict(json.loads(json.dumps(baton)))


@pytest.fixture
def hand_on() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Hands a step's result to the next one as the scheduler does."""
    return through_json


@pytest.fixture
def contents() -> Callable[[Lake], dict[str, str]]:
    """Path to SHA-256 of every file of a lake apart from ``work/``."""

    def of(lake: Lake) -> dict[str, str]:
        return {
            path: hashlib.sha256(lake.read(path)).hexdigest()
            for path in lake.list_files("", "")
            if not path.startswith("work/")
        }

    return of
