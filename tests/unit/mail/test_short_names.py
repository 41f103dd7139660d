"""What stands before the `@` of an address, as a name for it."""

from __future__ import annotations

import pytest

from rsvpd.mail.address import matching_addresses, short_names

KNOWN = ["Bob@Example.com", "bob@else.test", "carol@example.com", "dave@x@example.com", "x"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("bob@example.com", ["Bob@Example.com"]),
        (" mailto:BOB@else.test ", ["bob@else.test"]),
        ("bob", ["Bob@Example.com", "bob@else.test"]),
        ("CAROL", ["carol@example.com"]),
        ("car", []),
        ("carol@", []),
        ("@example.com", []),
        ("", []),
        ("x", ["x"]),
        ("dave@x", ["dave@x@example.com"]),
    ],
)
def test_whom_a_name_means(wanted: str, found: list[str]) -> None:
    assert matching_addresses(wanted, KNOWN) == found


def test_short_names_mean_whom_they_stand_for() -> None:
    names = short_names(KNOWN)
    assert names == {"carol@example.com": "carol", "dave@x@example.com": "dave@x"} | {
        one: one for one in ("Bob@Example.com", "bob@else.test", "x")
    }
    assert all(matching_addresses(name, KNOWN) == [address] for address, name in names.items())
