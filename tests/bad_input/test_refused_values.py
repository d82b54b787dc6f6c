"""Values that cannot be: each row goes to quarantine with its rule and one sentence, and the sound rows are taken."""

from __future__ import annotations

from decimal import Decimal

from bad_input.conftest import Bring
from bad_input.files import CENTRE, CLAIMS, NAMES, UNDERWRITING, Row, centre, claims, csv_of, json_lines, underwriting

GROUPED_24 = "which is no number in the style grouped that fits DECIMAL(24,2)"
PERCENT = "which is no number in the style percent that fits DECIMAL(9,6)"
NO_DAY = "which is no date of the form yyyy-MM-dd"
FORMULA = "which begins like a spreadsheet formula"

# Column, value, rule, and what the sentence says of the value.
CASES: tuple[tuple[str, str, str, str], ...] = (
    ("destination_country", "XX", "unknown_country", "which is no known country (country_iso2)"),
    ("buyer_country", "Atlantis", "unknown_country", "which is no known country (country_iso2)"),
    ("currency", "XBT", "unknown_currency", "which is no known currency (currency)"),
    ("currency", "원", "unknown_currency", "which is no known currency (currency)"),
    ("product_code", "ST_NEW", "unknown_product", "which is no known product (product)"),
    ("event_type", "SHIPPED?", "unknown_value", "which is no word of the contract"),
    ("is_cancelled", "maybe", "unknown_value", "which is no word of the contract"),
    ("event_on", "3023-10-05", "implausible_date", "which is not between the years 1900 and 2199"),
    ("event_on", "2150-10-05", "out_of_range", "which is above 2100-12-31"),
    ("event_on", "1959-12-31", "out_of_range", "which is below 1960-01-01"),
    ("event_on", "2026-02-30", "unreadable_date", NO_DAY),
    ("event_on", "2026-13-01", "unreadable_date", NO_DAY),
    ("event_on", "05/10/2026", "unreadable_date", NO_DAY),
    ("event_on", "2026-10-5", "unreadable_date", NO_DAY),
    (
        "updated_at",
        "2026-10-06T09:00:00",
        "unreadable_date",
        "which is no instant with an offset, such as 2026-05-01T09:00:00+09:00",
    ),
    ("insured_amount", "-190,000,000", "out_of_range", "which is below 0"),
    ("insured_amount", "19O,000,000", "unreadable_number", GROUPED_24),
    ("insured_amount", "190,00,0000", "unreadable_number", GROUPED_24),
    ("insured_amount", "1.9e8", "unreadable_number", GROUPED_24),
    ("insured_amount", "NaN", "unreadable_number", GROUPED_24),
    ("insured_amount", "Infinity", "unreadable_number", GROUPED_24),
    ("insured_amount", "190000000.005", "unreadable_number", GROUPED_24),
    ("insured_amount", "9" * 23, "unreadable_number", GROUPED_24),
    ("insured_amount", "(190,000,000)", "unreadable_number", GROUPED_24),
    ("insured_amount", "\uff11\uff19\uff10", "unreadable_number", GROUPED_24),
    ("insured_amount", "USD 190", "unreadable_number", GROUPED_24),
    ("cover_ratio", "95", "unreadable_number", PERCENT),
    ("cover_ratio", "100.0001%", "out_of_range", "which is above 1"),
    ("cover_ratio", "-5%", "out_of_range", "which is below 0"),
    ("term_days", "60.5", "unreadable_number", "which is no BIGINT"),
    ("term_days", "20000", "out_of_range", "which is above 18300"),
    ("record_version", "0", "out_of_range", "which is below 1"),
    ("hs_code", "85-42", "malformed_code", "which does not match ^[0-9]{4,10}$"),
    ("industry_code", "=cmd|' /C calc'!A0", "formula_in_text", FORMULA),
    ("industry_code", "+82", "formula_in_text", FORMULA),
    ("industry_code", "-1+1", "formula_in_text", FORMULA),
    ("industry_code", "@SUM(A1)", "formula_in_text", FORMULA),
    ("industry_code", "\t=1+1", "formula_in_text", FORMULA),
    ("industry_code", "C\x0726", "unreadable_text", "which holds characters that are no text"),
)
MISSING = ("event_id", "policy_no", "event_type", "event_on", "product_code", "currency", "is_cancelled", "updated_at")


def said(heading: str, value: str, what: str) -> str:
    shown = "".join("?" if ord(character) < ord(" ") else character for character in value.strip(" \t"))
    return f"{heading} is '{shown}', {what}."


def test_every_value_that_cannot_be_is_held_with_its_rule_and_sentence(bring: Bring) -> None:
    bad: dict[int, Row] = {10 * (n + 1): {column: value} for n, (column, value, _, _) in enumerate(CASES)}
    start = 10 * len(CASES)
    bad |= {start + 10 * (n + 1): {column: " \t"} for n, column in enumerate(MISSING)}
    count = 25 * (len(CASES) + len(MISSING))
    outcome = bring(UNDERWRITING, NAMES[UNDERWRITING], csv_of(underwriting(count, bad)))
    expected = {
        10 * (n + 1): (rule, f"Row {10 * (n + 1)}: {said(column, value, what)}")
        for n, (column, value, rule, what) in enumerate(CASES)
    } | {
        start + 10 * (n + 1): ("missing_value", f"Row {start + 10 * (n + 1)}: {column} is missing or empty.")
        for n, column in enumerate(MISSING)
    }
    assert outcome.held == expected
    assert len(outcome.accepted) == count - len(expected) > 1000
    assert {row["source_file"] for row in outcome.quarantine} == {NAMES[UNDERWRITING]}
    unread = sum(column == "insured_amount" and rule == "unreadable_number" for column, _, rule, _ in CASES)
    announced = outcome.record.control_totals["insured_amount"]
    assert announced.source == 190_000_000 * (count - unread - 1) - 190_000_000, "money of held rows is counted too"


def test_rows_with_too_many_or_too_few_fields_are_held_without_their_texts(bring: Bring) -> None:
    lines = csv_of(underwriting(80)).splitlines(keepends=True)
    lines[7] = lines[7].replace(b"\n", b",extra\n")
    lines[9] = lines[9].rsplit(b",", 3)[0] + b"\n"
    lines[80] = b"E-80\n"
    outcome = bring(UNDERWRITING, NAMES[UNDERWRITING], b"".join(lines))
    assert outcome.held == {
        7: ("wrong_number_of_fields", "Row 7: it has 37 fields where the header has 36."),
        9: ("wrong_number_of_fields", "Row 9: it has 33 fields where the header has 36."),
        80: ("wrong_number_of_fields", "Row 80: it has 1 fields where the header has 36."),
    }
    assert [row["row_json"] for row in outcome.quarantine] == [
        '{"number_of_fields": "37"}',
        '{"number_of_fields": "33"}',
        '{"number_of_fields": "1"}',
    ]


def test_only_a_recovery_may_be_negative(bring: Bring) -> None:
    changes = {3: {"amount": "(50,000,000)"}, 4: {"event_type": "RECOVERY", "amount": "-50,000,000"}}
    outcome = bring(CLAIMS, NAMES[CLAIMS], csv_of(claims(40, changes)))
    assert outcome.held == {
        3: ("negative_only_for_recoveries", "The amount is negative, which only that of a recovery may be")
    }
    assert outcome.accepted[2]["source_row"] == 4
    assert outcome.accepted[2]["amount"] == Decimal(-50_000_000)


def test_more_bad_rows_than_a_contract_allows_stop_the_load(bring: Bring) -> None:
    bad = {row: {"currency": "XBT"} for row in range(1, 4)}
    outcome = bring(UNDERWRITING, NAMES[UNDERWRITING], csv_of(underwriting(40, bad)))
    assert outcome.record.reasons[0] == (
        "Of rows, 3 of 40 went to quarantine, which is more than the share 0.05 that is allowed."
    )


def test_every_bad_line_of_json_is_held_with_its_rule_and_sentence(bring: Bring) -> None:
    good = json_lines(centre(1)).strip()
    lines = (
        (good.replace(b'"CN-1"', b"[" * 100_000 + b"]" * 100_000), "unreadable_json", "it is nested too deeply."),
        (b'{"event_id": ' + b"[" * 200_000, "unreadable_json", "it is nested too deeply."),
        (b'{"event_id": "K-9"', "unreadable_json", "it is no JSON."),
        (b'["K-9"]', "unreadable_json", "it is no JSON object."),
        (b"E-1,P-1,2026-10-20", "unreadable_json", "it is no JSON."),
        (good.replace(b"{", b'{"event_id": "K-8", ', 1), "repeated_field", "event_id is given twice."),
        (good.replace(b"{", '{"이벤트번호": "K-8", '.encode(), 1), "repeated_field", "event_id is given twice."),
        (json_lines(centre(9, incoterms=["FOB"])).strip(), "nested_value", "incoterms is a list or an object, where a plain value belongs."),
        (json_lines(centre(9, incoterms={"a": 1})).strip(), "nested_value", "incoterms is a list or an object, where a plain value belongs."),
        (good.replace(b'"124000.50"', b"NaN"), "unreadable_number", "NaN is no number that JSON knows."),
        (good.replace(b'"124000.50"', b"-Infinity"), "unreadable_number", "-Infinity is no number that JSON knows."),
        (good.replace(b'"124000.50"', b"1e5"), "unreadable_number", "contract_amount is '1e5', which is no number in the style grouped that fits DECIMAL(20,2)."),
        (good.replace(b'"CN-1"', b'"\\ud800"'), "unreadable_text", "contract_no is no valid Unicode text."),
        (good.replace(b'"CN-1"', b'"C\\u0000N"'), "unreadable_text", "contract_no is 'C?N', which holds characters that are no text."),
        (json_lines(centre(9, buyer_country_iso2="ZZ")).strip(), "unknown_country", "buyer_country_iso2 is 'ZZ', which is no known country (country_iso2)."),
        (json_lines(centre(9, event_type="DREAM")).strip(), "unknown_value", "event_type is 'DREAM', which is no word of the contract."),
        (json_lines(centre(9, center_code="AITC02")).strip(), "row_of_another_slice", "center_code is AITC02, but the file is of AITC01."),
        (json_lines(centre(9, event_id=None)).strip(), "missing_value", "event_id is missing or empty."),
        (json_lines({k: v for k, v in centre(9).items() if k != "company_id"}).strip(), "missing_value", "company_id is missing or empty."),
    )  # fmt: skip
    sound = [centre(100 + number) for number in range(60)]
    outcome = bring(CENTRE, NAMES[CENTRE], json_lines(*sound, *(line for line, _, _ in lines)))
    assert outcome.held == {
        row: (rule, f"Row {row}: {what}") for row, (_, rule, what) in enumerate(lines, start=len(sound) + 1)
    }
    assert len(outcome.accepted) == len(sound)


def test_numbers_in_json_stay_exact_to_the_last_digit(bring: Bring) -> None:
    amounts = ["0.1", "0.2", "0.30", "123456789012345678.91", "999999999999999999.99", "100000000000000000.01"]
    lines = [
        json_lines(centre(number, currency="KRW")).replace(b'"124000.50"', amount.encode()).strip()
        for number, amount in enumerate(amounts, start=1)
    ]
    outcome = bring(CENTRE, NAMES[CENTRE], json_lines(*lines))
    assert [row["contract_amount"] for row in outcome.accepted] == [Decimal(amount) for amount in amounts]
    total = outcome.record.control_totals["contract_amount"]
    assert str(total.accepted) == "1223456789012345679.51"
    assert total.source == sum(map(Decimal, amounts))
