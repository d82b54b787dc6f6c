"""What only the suite can see: records told twice, and amounts in another unit than the month before."""

from __future__ import annotations

from bad_input.conftest import Bring
from bad_input.files import CEILING, NAMES, UNDERWRITING, ceiling, csv_of, underwriting

NAME = NAMES[UNDERWRITING]


def test_one_key_with_two_amounts_is_held_whole_and_an_exact_copy_is_taken_with_a_warning(bring: Bring) -> None:
    rows = underwriting(60)
    rows[10] = {**rows[9], "insured_amount": "190,000,001"}
    rows[20] = dict(rows[19])
    outcome = bring(UNDERWRITING, NAME, csv_of(rows))
    reason = "The same version of an event occurs more than once with different figures"
    assert outcome.held == {10: ("repeated_with_other_figures", reason), 11: ("repeated_with_other_figures", reason)}
    assert len(outcome.accepted) == 58
    assert {rule.rule: rule.failed_rows for rule in outcome.record.rules if not rule.success} == {
        "repeated_with_other_figures": 2,
        "repeated_unchanged": 1,
    }


def test_one_key_with_two_amounts_stops_a_feed_that_may_hold_nothing(bring: Bring) -> None:
    row = '2026,TOTAL,"{}",2026-01-02,1,2026-01-02T09:00:00+09:00\n'
    outcome = bring(CEILING, NAMES[CEILING], ceiling(row.format("3,100,000"), row.format("3,200,000")))
    assert [told.partition(" went")[0] for told in outcome.record.reasons[-2:]] == [
        "Of rows, 2 of 2",
        "Of ceiling_amount_krw, 630000000000000 of 630000000000000",
    ]


def test_amounts_off_by_the_unit_stop_the_load_and_name_measure_and_unit(bring: Bring) -> None:
    def month(digits: str, premium: str, value: str) -> bytes:
        amounts = {"insured_amount": digits, "premium_krw": premium, "insured_value": value, "event_on": "2026-09-05"}
        return csv_of(underwriting(12, dict.fromkeys(range(1, 13), amounts)))

    normal, thousands = ("190000000", "665000", "200000000"), ("190000", "665", "200000")
    assert bring(UNDERWRITING, "underwriting_202609.csv", month(*normal)).record.outcome == "accepted"
    smaller = "in the middle of this batch, where {} is usual: more than 50 times less; check the unit of the amounts."
    assert bring(UNDERWRITING, NAME, month(*thousands)).record.reasons == (
        f"One amount of insured_amount is 190000.00 {smaller.format('190000000.00')}",
        f"One amount of premium_krw is 665 {smaller.format('665000')}",
    )
    larger = month("190000000000", "665000", "200000000000")
    assert bring(UNDERWRITING, NAME, larger).reason == (
        "One amount of insured_amount is 190000000000.00 in the middle of this batch, where 190000000.00 is usual: more "
        "than 50 times as much; check the unit of the amounts."
    )
    assert bring(UNDERWRITING, NAME, month(*normal)).record.outcome == "accepted"


def test_a_first_month_off_by_the_unit_is_stopped_by_the_suite(bring: Bring) -> None:
    thousands = {"insured_amount": "190000", "premium_krw": "665", "insured_value": "200000"}
    told = bring(UNDERWRITING, NAME, csv_of(underwriting(20, dict.fromkeys(range(1, 21), thousands)))).reason
    assert "won" in told, told
