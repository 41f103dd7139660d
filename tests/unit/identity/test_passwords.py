"""Passwords: made from the data file's key."""

from __future__ import annotations

import re

from rsvpd.identity import passwords


def test_the_first_password_hangs_on_key_and_address_only():
    first = passwords.initial_password(b"k" * 32, "bob@example.com")
    assert re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", first)
    assert first == passwords.initial_password(b"k" * 32, "BOB@Example.com")
    assert first != passwords.initial_password(b"k" * 32, "alice@example.com")
    assert first != passwords.initial_password(b"l" * 32, "bob@example.com")
