"""What is a mail address, what is around one, and when two are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.errors import InvalidProperty
from rsvpd.mail.address import ascii_domain, check_address, fold, is_same, parse_address, uri

ALONE = (
    "bob@example.com",
    "Bob.O'Neil+tag=x@sub.example.com",
    "c_188abc@resource.calendar.google.com",
    "bob@localhost",
    "bob@münchen.example",
    "zoë@例え.jp",
)
# What stands around bob's address, and which of it can be taken away.
AROUND = {
    " bob@example.com ": True,
    "\tbob@example.com\r\n": True,
    "\u200bbob@example.com\ufeff": True,
    "\u202ebob@example.com": True,
    "mailto:bob@example.com": True,
    "MAILTO: bob@example.com": True,
    "mailto:bob@example.com?subject=Hi&body=x": True,
    "smtp:bob@example.com": True,
    "bob@example.com?subject=Hi": False,
    "bob\u200b@example.com": False,
    "bob@exam\u00adple.com": False,
    "Bob <bob@example.com>": False,
    "'bob@example.com'": False,
    "bob@example.com;": False,
    "bob@example.com, carol@example.com": False,
}
NEVER = (
    "", "bob", "@example.com", "bob@", "bob@@", "first last@example.com", "Bob(2002)@example.com", ".bob@example.com",
    "bob.@example.com", "b..b@example.com", "bob@-example.com", "bob@example..com", "bob@[127.0.0.1]", "bob\x00@x.com",
    "bob\ud800@example.com", "bob@\ud800.com", "x" * 65 + "@example.com", "bob@" + "a" * 64 + ".com", "a@" * 100_000,
    "bob@" + "ü" * 300, "mailto:", "mailto:mailto:bob@example.com",
)  # fmt: skip


@pytest.mark.parametrize("address", ALONE, ids=ascii)
def test_an_address_alone_stays_as_it_was_written(address: str) -> None:
    assert check_address(address) == parse_address(address) == address


@pytest.mark.parametrize(("text", "can_be_cleaned"), AROUND.items(), ids=ascii)
def test_what_is_around_an_address_never_becomes_part_of_it(text: str, can_be_cleaned: bool) -> None:
    with pytest.raises(InvalidProperty):
        check_address(text)
    if can_be_cleaned:
        assert parse_address(text) == "bob@example.com"
    else:
        with pytest.raises(InvalidProperty):
            parse_address(text)


@pytest.mark.parametrize("text", NEVER, ids=lambda text: ascii(text[:30]))
def test_what_is_no_address(text: str) -> None:
    for read in (check_address, parse_address):
        with pytest.raises(InvalidProperty) as caught:
            read(text)
        assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bob@Example.COM", " bob@example.com"),
        ("bob@MÜNCHEN.example", "bob@xn--mnchen-3ya.example"),
        ("bob@bücher.example", "bob@bu\u0308cher.example"),
        ("Zoe\u0308@example.com", "zoë@example.com"),
    ],
)
def test_the_same_mailbox(one: str, other: str) -> None:
    assert is_same(one, other)


def test_others_are_others() -> None:
    assert not is_same("bob@example.com", "mailto:bob@example.com")
    assert not is_same("bob@munchen.example", "bob@münchen.example")


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("bob@example.com", "mailto:bob@example.com"),
        ("bob@münchen.example", "mailto:bob@xn--mnchen-3ya.example"),
        ("zoë+a%b?c#d@例え.jp", "mailto:zo%C3%AB+a%25b%3Fc%23d@xn--r8jz45g.jp"),
    ],
)
def test_a_calendar_address_is_ascii(address: str, written: str) -> None:
    assert uri(address) == written


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        found = parse_address(text)
    except InvalidProperty:
        return
    assert check_address(found) == found
    assert uri(found).isascii()
    assert ascii_domain(found.rpartition("@")[2])
    assert fold(fold(found)) == fold(found)
