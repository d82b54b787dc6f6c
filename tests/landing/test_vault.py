"""Private bytes lie sealed in the archive, come back byte for byte, and never touch a disk in plain."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyrage import decrypt, x25519

from trade_exposure.errors import ConfigurationError, ExposureError
from trade_exposure.landing import vault
from trade_exposure.landing.lake import Lake
from trade_exposure.landing.raw import LoadKey, archive, arrivals, parts_of

KEY = LoadKey(feed_id="insurance_claim_event", period=date(2026, 1, 1), slice="all")
NAME = "가상기업 0001".encode()


def sealed(lake: Lake, body: bytes | Path, day: int = 16) -> None:
    archive(
        lake, KEY, body, media_type="text/csv", origin="claims_202601.csv", arrival="file",
        known_at=datetime(2026, 2, day, tzinfo=UTC), is_synthetic=True, is_sealed=True,
    )  # fmt: skip


def use_key(monkeypatch: pytest.MonkeyPatch, *identities: x25519.Identity) -> None:
    password = " ".join(str(identity) for identity in identities)
    told = json.dumps({"conn_type": "generic", "password": password})
    monkeypatch.setenv("AIRFLOW_CONN_EXPOSURE_ARCHIVE", told)


def test_a_sealed_file_shows_nothing_of_its_content_and_opens_with_the_key(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = x25519.Identity.generate()
    use_key(monkeypatch, identity)
    sealed(lake, NAME * 50)
    (path,) = lake.list_files("raw", ".zst.age")
    kept = lake.read(path)
    assert kept.startswith(b"age-encryption.org/v1")
    assert NAME not in kept
    assert decrypt(kept, [identity]).startswith(b"\x28\xb5\x2f\xfd")  # zstandard's mark: compressed, then sealed
    (part,) = parts_of(lake, arrivals(lake, KEY)[0])
    assert part.read() == NAME * 50


def test_after_a_change_of_key_old_files_open_with_the_old_one_and_new_files_with_the_new_one(
    local_lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = x25519.Identity.generate(), x25519.Identity.generate()
    use_key(monkeypatch, old)
    sealed(local_lake, b"before")
    use_key(monkeypatch, new, old)
    sealed(local_lake, b"after", day=17)
    assert [parts_of(local_lake, known)[0].read() for known in arrivals(local_lake, KEY)] == [b"before", b"after"]
    use_key(monkeypatch, new)
    with pytest.raises(ExposureError, match="the key in the connection exposure_archive is not the one"):
        parts_of(local_lake, arrivals(local_lake, KEY)[0])[0].read()
    assert parts_of(local_lake, arrivals(local_lake, KEY)[1])[0].read() == b"after"


def test_without_a_key_nothing_private_is_archived(local_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for held in (None, json.dumps({"conn_type": "generic", "password": "no age identity"})):
        if held is None:
            monkeypatch.delenv("AIRFLOW_CONN_EXPOSURE_ARCHIVE")
        else:
            monkeypatch.setenv("AIRFLOW_CONN_EXPOSURE_ARCHIVE", held)
        with pytest.raises(ConfigurationError, match=r"exposure_archive.*exposure keys"):
            sealed(local_lake, b"private")
        assert local_lake.list_files("raw", "") == []


def test_a_damaged_sealed_file_is_noticed(local_lake: Lake) -> None:
    sealed(local_lake, NAME * 1000)
    (path,) = local_lake.list_files("raw", ".zst.age")
    file = local_lake.local(path)
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ExposureError, match="no longer has the content"):
        parts_of(local_lake, arrivals(local_lake, KEY)[0])[0].read()


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_large_file_is_stored_and_read_in_pieces(local_lake: Lake, tmp_path: Path, *, is_sealed: bool) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        for number in range(64):
            file.write(bytes([number]) * (1 << 20))
    path = f"raw/large{vault.SEALED if is_sealed else vault.PLAIN}"
    digest, size = vault.digest_of(large)
    tracemalloc.start()
    vault.store(local_lake, path, large, is_sealed=is_sealed)
    read = 0
    with vault.unseal(local_lake, path, digest) as stream:
        while piece := stream.read(1 << 16):
            read += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read == size == 64 << 20
    assert peak < 16 << 20


def test_a_reader_may_stop_in_the_middle(local_lake: Lake) -> None:
    sealed(local_lake, bytes(range(256)) * 40_000)
    (part,) = parts_of(local_lake, arrivals(local_lake, KEY)[0])
    for _ in range(3):
        with part.open() as stream:
            assert stream.read(4) == b"\x00\x01\x02\x03"
