"""What looks odd but is well formed comes in, unchanged to the last character: refusing it would lose good rows."""

from __future__ import annotations

from typing import Any

import pytest
from bad_input.conftest import Bring, Outcome
from bad_input.files import NAMES, UNDERWRITING, csv_of, underwriting

NAME = NAMES[UNDERWRITING]
ROWS = underwriting(3)
PLAIN = csv_of(ROWS)
WORDS = {"SHIPMENT": "수출통지", "SME": "중소", "KNOWN": "특정", "COMMERCIAL": "신용"}
IN_KOREAN = csv_of([{name: WORDS.get(text, text) for name, text in row.items()} for row in ROWS], korean=True)
SPELLINGS = {
    "CRLF": csv_of(ROWS, newline="\r\n"),
    "LF and CRLF": PLAIN.replace(b"\n", b"\r\n", 2),
    "a byte order mark": b"\xef\xbb\xbf" + PLAIN,
    "blank lines": b"\n\r\n" + PLAIN.replace(b"\n", b"\n\n\r\n"),
    "no line end after the last row": PLAIN.rstrip(),
    "every field quoted": b"\n".join(
        b",".join(b'"' + field + b'"' for field in line.replace(b'"', b"").replace(b",000", b"").split(b","))
        for line in PLAIN.splitlines()
    ).replace(b'"190"', b'"190,000,000"').replace(b'"200"', b'"200,000,000"').replace(b'"665"', b'"665,000"'),
    "blanks around values": PLAIN.replace(b",KRW,", b", KRW\t,").replace(b"event_on,", b" event_on ,"),
    "Korean headings and words": IN_KOREAN,
    "Korean headings in CP949": IN_KOREAN.decode().encode("cp949"),
}  # fmt: skip


def taken(outcome: Outcome) -> list[dict[str, Any]]:
    assert outcome.record.outcome == "accepted"
    added = ("load_id", "source_sha256")
    return [{name: value for name, value in row.items() if name not in added} for row in outcome.accepted]


def test_every_spelling_of_a_file_gives_the_same_rows(bring: Bring) -> None:
    expected = taken(bring(UNDERWRITING, NAME, PLAIN))
    assert len(expected) == 3
    for name, body in SPELLINGS.items():
        assert body != PLAIN, name
        assert taken(bring(UNDERWRITING, NAME, body)) == expected, name


@pytest.mark.parametrize(
    "text",
    ["C,26", "C\n26", "C\r\n26", 'C "26"', "C'26", "C;26", "=".join("C26"), pytest.param("C" * 900_000, id="long")],
)
def test_a_quoted_text_comes_through_as_it_is(bring: Bring, text: str) -> None:
    outcome = bring(UNDERWRITING, NAME, csv_of(underwriting(3, {2: {"industry_code": text}})))
    assert [row["industry_code"] for row in outcome.accepted] == ["C26", text, "C26"]
