"""`$search` of people: which words fit which names and addresses, and how well."""

from __future__ import annotations

import pytest

from rsvpd.dialects.microsoft.vocabulary.people_search import Nearness, is_one_slip, nearness, words_of

NAME, ADDRESS = "Tyler van Lee", "tylerle@example.com"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("t", Nearness.EXACT),
        ('"tyler"', Nearness.EXACT),
        ('"tylerle"', Nearness.EXACT),
        ('"tylerle@example.com"', Nearness.EXACT),
        ('"LEE tyler"', Nearness.EXACT),
        ('"tiler"', Nearness.NEARLY),
        ('"lee tiler"', Nearness.NEARLY),
        ('"yler"', Nearness.NEARLY),
        ('"lea"', None),
        ('"tilar"', None),
        ('"tyler smith"', None),
    ],
)
def test_what_fits(text: str, how: Nearness | None) -> None:
    assert nearness(words_of(text), NAME, ADDRESS) is how


@pytest.mark.parametrize(
    ("other", "is_near"),
    [("irene", True), ("irenne", True), ("iren", True), ("rieen", False), ("ierne", True), ("trene", True),
     ("irena", True), ("", False), ("ireneus", False), ("irnee", True), ("inere", False)],
)  # fmt: skip
def test_one_slip(other: str, is_near: bool) -> None:
    assert is_one_slip("irene", other) is is_near
    assert is_one_slip(other, "irene") is is_near
