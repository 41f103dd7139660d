"""Passwords: stored as scrypt, the first one made from the data file's key."""

from __future__ import annotations

import re

import pytest

from rsvpd.identity import passwords

SALT = b"s" * 16


def test_only_the_password_matches_what_was_stored():
    stored = passwords.hashed("geheim é", salt=SALT)
    assert passwords.matches("geheim é", stored)
    assert not passwords.matches("geheim e", stored)
    assert not passwords.matches("", stored)


def test_the_parameters_stand_in_the_text_and_the_password_does_not():
    stored = passwords.hashed("secret-word", salt=SALT)
    assert re.fullmatch(r"scrypt\$16384\$8\$1\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+", stored)
    assert "secret" not in stored


def test_another_salt_gives_another_text():
    assert passwords.hashed("x", salt=SALT) != passwords.hashed("x", salt=b"t" * 16)


@pytest.mark.parametrize(
    "stored",
    ["", "scrypt", "plain$x", "scrypt$a$8$1$eA==$eA==", "scrypt$3$8$1$eA==$eA==", "md5$1$1$1$eA==$eA=="],
)
def test_a_text_that_cannot_be_read_matches_nothing(stored):
    assert not passwords.matches("x", stored)


def test_the_first_password_hangs_on_key_and_address_only():
    first = passwords.initial(b"k" * 32, "bob@example.com")
    assert re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", first)
    assert first == passwords.initial(b"k" * 32, "BOB@Example.com")
    assert first != passwords.initial(b"k" * 32, "alice@example.com")
    assert first != passwords.initial(b"l" * 32, "bob@example.com")
