"""Every case has a test that names it, or a dialogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CASES = (
    "google_zone_names",
    "google_timed_to_all_day",
    "google_words_of_refusals",
    "addresses_with_something_around",
    "exdate_of_the_other_type",
    "until_with_time_all_day",
    "rules_people_write",
    "google_series_without_zone",
    "google_missing_hour",
    "hour_that_comes_twice",
    "instance_ids_are_unique",
    "google_restore_instance",
    "google_finite_series",
    "google_zone_of_a_single_event",
    "google_token_in_the_query",
    "series_called_off",
    "google_id_of_a_deleted_event",
    "recurrence_written_back",
    "body_written_back",
    "room_added_with_recurrence_null",
    "all_day_is_midnight",
    "guest_added_to_one_date",
    "accepting_makes_no_exception",
    "forwarded_guest_dropped",
    "html_read_as_text",
    "names_and_long_texts",
    "zones_and_ends_in_what_leaves",
    "address_with_umlauts",
    "delete_with_a_body",
    "original_start",
    "offset_in_the_time",
    "rule_01_order_after_a_restart",
    "rule_02_series_times_written_back",
    "rule_03_date_of_a_declined_series_accepted",
    "rule_04_date_of_a_declined_series_moved",
    "rule_05_series_accepted_again",
    "rule_06_permission_none",
    "rule_07_role_in_getschedule",
    "rule_08_comment_is_for_the_organizer",
    "rule_09_own_move_of_a_series",
    "rule_10_exdate_is_a_cancellation",
    "rule_11_restored_date",
    "rule_12_cancelled_date_stays_free",
    "rule_13_additional_guests_agree",
    "rule_14_cancel_is_a_later_revision",
    "rule_15_reply_to_an_organizer_outside",
    "rule_16_body_of_series_written_back",
    "rule_17_no_exception_for_others",
    "rule_18_pattern_for_one_date",
    "rule_19_long_series_many_answers",
    "rule_26_date_struck_out_and_back",
    "rule_27_two_changes_in_one_second",
)
TESTS = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def names() -> set[str]:
    files = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    tests = {name for path in files for name in re.findall(r"^def test_(\w+)", path.read_text("utf-8"), re.M)}
    return tests | {path.stem for path in (TESTS / "dialogues").glob("*.txt")}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_test(case: str, names: set[str]) -> None:
    assert any(name.startswith(case) for name in names)
