"""Files whose bytes are no text of the contract's layout: the load is stopped with one sentence, the bytes stay."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from bad_input.conftest import Bring
from bad_input.files import (
    CENTRE,
    CLAIMS,
    COMPANY,
    NAMES,
    SECRETS,
    UNDERWRITING,
    centre,
    claims,
    csv_of,
    json_lines,
    renamed,
    underwriting,
    without,
)

from trade_exposure.errors import LayoutRefused
from trade_exposure.feeds import tabular
from trade_exposure.feeds.model import Part
from trade_exposure.feeds.registry import contracts

NAME = NAMES[UNDERWRITING]
GOOD = csv_of(underwriting(3))
HEADER = GOOD.splitlines(keepends=True)[0]
CONTRACT = contracts()[UNDERWRITING].path
KOREAN = csv_of(underwriting(3, {2: {"event_type": "수출통지", "currency": "KRW"}}), korean=True)


def zipped(inner: str, body: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(inner, body)
    return whole.getvalue()


def noise() -> bytes:
    return b"\x81\xff" + b"".join(hashlib.sha256(bytes([number])).digest() for number in range(99))


NO_TEXT = "not a text file in the encoding of its contract; save it as text and drop it again."


def no_text(**line_of: int) -> str:
    """The sentence on a file that is in no encoding of its contract, with the first wrong line for each."""
    tried = " nor ".join(f"{name.replace('UTF8', 'UTF-8')} (see line {line})" for name, line in line_of.items())
    return f"{NAME} is no text in {tried}; save it in the encoding of its contract and drop it again."


AGAIN = "drop the whole file again"
STRAY = (
    "has a quotation mark inside a field, so nobody can tell where the row ends; "
    "quote the whole field and double the mark inside it."
)

WRONG_BYTES = {
    "UTF-16 with a mark": (KOREAN.decode().encode("utf-16"), f"{NAME} is text in UTF-16, {NO_TEXT}"),
    "UTF-16 without a mark": (
        GOOD.decode().encode("utf-16-le"),
        no_text(UTF8=2, CP949=2),
    ),
    "random bytes": (noise(), no_text(UTF8=1, CP949=1)),
    "one byte of another encoding": (
        GOOD.replace(COMPANY.encode(), b"Example").replace(b"P-77-2", b"P-77-\xff"),
        no_text(UTF8=3, CP949=3),
    ),
    "a ZIP archive": (zipped("u.csv", GOOD), f"{NAME} is a ZIP archive or an Excel workbook, {NO_TEXT}"),
    "a workbook": (
        zipped("[Content_Types].xml", b"<Types/>"),
        f"{NAME} is a ZIP archive or an Excel workbook, {NO_TEXT}",
    ),
    "a ZIP bomb": (zipped("u.csv", bytes(30_000_000)), f"{NAME} is a ZIP archive or an Excel workbook, {NO_TEXT}"),
    "gzip": (gzip.compress(GOOD, mtime=0), f"{NAME} is compressed with gzip, {NO_TEXT}"),
    "a gzip bomb": (gzip.compress(bytes(30_000_000), mtime=0), f"{NAME} is compressed with gzip, {NO_TEXT}"),
    "NUL bytes": (
        GOOD.replace(b"C26", b"C\x006", 1),
        f"{NAME} holds NUL bytes at or after row 0: it is no text, or was cut while it was written; drop it again.",
    ),
    "a file of zeros": (
        bytes(4096),
        f"{NAME} holds NUL bytes at or after row 0: it is no text, or was cut while it was written; drop it again.",
    ),
    "nothing": (b"", f"{NAME} is empty; {AGAIN}, or a sidecar that announces 0 rows with it."),
    "a mark alone": (b"\xef\xbb\xbf", f"{NAME} is empty; {AGAIN}, or a sidecar that announces 0 rows with it."),
    "blank lines alone": (b"\n\r\n\n", f"{NAME} is empty; {AGAIN}, or a sidecar that announces 0 rows with it."),
    "a header alone": (
        HEADER,
        f"{NAME} has a header and no rows; {AGAIN}, or a sidecar that announces 0 rows with it.",
    ),
    "a header without its line end": (
        HEADER.rstrip(),
        f"{NAME} has a header and no rows; {AGAIN}, or a sidecar that announces 0 rows with it.",
    ),
    "an end in the middle of a row": (
        GOOD[: GOOD.index(b"E-3") + 10],
        f"{NAME} is half-written: it ends in the middle of row 3, after 2 of 36 fields; {AGAIN}.",
    ),
    "an end inside quotation marks": (
        GOOD[: GOOD.rindex(b'"190,') + 5],
        f"{NAME} is half-written: in row 3 a quotation mark never closes; {AGAIN}.",
    ),
    "carriage returns alone": (
        csv_of(underwriting(3), newline="\r"),
        f"{NAME}: the header has a carriage return without a line feed; save the file with LF or CRLF line ends.",
    ),
    "one carriage return alone": (
        GOOD.replace(b"E-2,", b"E-2\r,"),
        f"{NAME}: row 2 has a carriage return without a line feed; save the file with LF or CRLF line ends.",
    ),
    "a quotation mark inside a field": (
        GOOD.replace(b"E-2,", b'E-2" x,'),
        f"{NAME}: row 2 {STRAY}",
    ),
    "a field of 2 MiB": (
        GOOD.replace(b"C26", b"C" * (2 << 20), 1),
        f"{NAME}: row 1 is longer than 1 MiB; no row of this feed is, so the file is damaged.",
    ),
    "a quotation mark that closes much later": (
        GOOD.replace(b"C26", b'"C26', 1) + GOOD * 400,
        f"{NAME}: row 1 {STRAY}",
    ),
}

WRONG_HEADERS = {
    "a missing column": (without(underwriting(3), "currency"), "lacks 'currency' or '통화'"),
    "an extra column": ([{**row, "note": "n"} for row in underwriting(3)], "has the unknown 'note'"),
    "a renamed column": (
        renamed(underwriting(3), "insured_amount", "amount_insured"),
        "lacks 'insured_amount' or '보험금액' and has the unknown 'amount_insured'",
    ),
    "a column in both languages": ([{**row, "통화": "KRW"} for row in underwriting(3)], "has the unknown '통화'"),
    "a header cut in the middle": (
        [{"event_id": "E-1", "policy_no": "P-1", "deal_seq": "1"}],
        (
            "lacks 'deal_sequence' or '갱신차수', 'event_type' or '업무구분', 'amends_event_id' or '원이벤트번호', 'event_on' or "
            "'발생일', 'decided_on' or '인수결정일' and 27 more and has the unknown 'deal_seq'"
        ),
    ),
    "a heading in capitals": (
        renamed(underwriting(3), "currency", "CURRENCY"),
        "lacks 'currency' or '통화' and has the unknown 'CURRENCY'",
    ),
    "a column without heading": ([{**row, "": ""} for row in underwriting(3)], "has the unknown ''"),
}


@pytest.mark.parametrize(("body", "sentence"), WRONG_BYTES.values(), ids=WRONG_BYTES)
def test_wrong_bytes_stop_the_load_with_one_sentence(bring: Bring, body: bytes, sentence: str) -> None:
    assert bring(UNDERWRITING, NAME, body).reason == sentence


@pytest.mark.parametrize(("rows", "what"), WRONG_HEADERS.values(), ids=WRONG_HEADERS)
def test_a_wrong_header_stops_the_load_with_one_sentence(bring: Bring, rows: list[dict[str, str]], what: str) -> None:
    told = bring(UNDERWRITING, NAME, csv_of(rows)).reason
    assert told == f"The header of {NAME} {what}; correct the file, or name the headings in {CONTRACT}."


def test_a_heading_given_twice_stops_the_load(bring: Bring) -> None:
    twice = GOOD.replace(b"premium_krw", b"insured_amount", 1)
    assert bring(UNDERWRITING, NAME, twice).reason == (
        f"{NAME} has the heading 'insured_amount' more than once; keep one of them."
    )


def test_semicolons_instead_of_commas_stop_the_load(bring: Bring) -> None:
    plain = csv_of(claims(2, {row: {"amount": "5"} for row in (1, 2)}))
    told = bring(CLAIMS, NAMES[CLAIMS], plain.replace(b",", b";")).reason
    assert NAMES[CLAIMS] in told
    assert "header" in told


def test_cp949_where_the_contract_allows_only_utf8_is_refused(tmp_path: Path) -> None:
    both = contracts()[UNDERWRITING]
    only = replace(both, encodings=("utf-8-sig",))
    body = KOREAN.decode().encode("cp949")
    part = Part(NAME, hashlib.sha256(body).hexdigest(), len(body), lambda: io.BytesIO(body))
    assert tabular.parse(both, [part], date(2026, 10, 1), "all", tmp_path / "both").announced_rows == 3
    with pytest.raises(LayoutRefused) as refused:
        tabular.parse(only, [part], date(2026, 10, 1), "all", tmp_path / "only")
    assert str(refused.value) == no_text(UTF8=1)


def test_two_encodings_in_one_file_stop_the_load(bring: Bring) -> None:
    rows = csv_of(underwriting(3), korean=True).splitlines(keepends=True)
    rows[2] = rows[2].replace("가나다무역".encode(), "가나다무역".encode("cp949"))
    told = bring(UNDERWRITING, NAME, b"".join(rows)).reason
    assert told == no_text(UTF8=3, CP949=1)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            csv_of(underwriting(2)),
            "is no JSON Lines file: its first line is no JSON object; write one object per line.",
        ),
        (b"[" * 500_000, "is no JSON Lines file: its first line is no JSON object; write one object per line."),
        (
            json_lines(centre(1), centre(2))[:-20],
            f"is half-written: it ends in the middle of row 2; {AGAIN}.",
        ),
        (b"\n  \n", f"is empty; {AGAIN}, or a sidecar that announces 0 rows with it."),
        (
            json_lines(centre(1)) + bytes(512),
            "holds NUL bytes at or after row 0: it is no text, or was cut while it was written; drop it again.",
        ),
        (gzip.compress(json_lines(centre(1)), mtime=0), f"is compressed with gzip, {NO_TEXT}"),
    ],
    ids=["CSV", "a bomb of brackets", "cut in a line", "blank lines", "NUL bytes", "gzip"],
)
def test_no_json_lines_stop_the_load_with_one_sentence(bring: Bring, body: bytes, what: str) -> None:
    assert bring(CENTRE, NAMES[CENTRE], body).reason == f"{NAMES[CENTRE]} {what}"


def test_a_json_line_of_2_mib_stops_the_load(bring: Bring) -> None:
    told = bring(CENTRE, NAMES[CENTRE], json_lines(centre(1), centre(2, contract_no="9" * (2 << 20)))).reason
    assert told == f"{NAMES[CENTRE]}: row 2 is longer than 1 MiB; no row of this feed is, so the file is damaged."


def test_a_field_that_no_contract_knows_stops_a_json_file(bring: Bring) -> None:
    told = bring(CENTRE, NAMES[CENTRE], json_lines(centre(1), centre(2, discount="5"))).reason
    assert told == (
        f"{NAMES[CENTRE]}: row 2 has the field 'discount', which the contract does not know; add it to the contract or leave it out."
    )


def test_a_file_cut_between_two_rows_is_noticed_by_its_sidecar(bring: Bring) -> None:
    cut = csv_of(underwriting(40)).rsplit(b"\n", 2)[0] + b"\n"
    told = bring(UNDERWRITING, NAME, cut, control='{"rows": 40}').reason
    assert told == "The source announced 40 rows, but 39 were accepted and 0 quarantined."


def test_a_header_alone_whose_sidecar_announces_no_rows_is_no_failure(bring: Bring) -> None:
    assert bring(UNDERWRITING, NAME, HEADER, control='{"rows": 0}').record.outcome == "not_published"


def test_a_file_without_header_shows_no_private_value(bring: Bring) -> None:
    row = {**claims(1)[0], "paying_country": "US", "recovery_source": "OBLIGOR", "record_version": "2"}
    values = list(row.values())
    assert len(values) == len(set(values)), "so that it is not refused for a heading given twice"
    outcome = bring(CLAIMS, NAMES[CLAIMS], csv_of([row] * 2).split(b"\n", 1)[1])
    assert "claims_202610.csv" in outcome.reason
    assert [secret for secret in SECRETS if secret in outcome.told] == []
