"""Content lines: folded, escaped, and read back as they were."""

from __future__ import annotations

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.ical.text import clean, document, escape, fold, line, mailto, parameter

TEXT = st.text(st.characters(codec=None), max_size=200)
# The parser takes a backslash in a parameter for an escape, which RFC 5545 3.2 does not know.
NAME = st.text(st.characters(codec=None, exclude_characters="\\"), max_size=200)


@given(TEXT)
def test_any_line_is_folded_at_75_octets_and_unfolds_to_itself(text):
    one = clean(text).replace("\n", " ")
    octets = fold(one)
    assert octets.endswith(b"\r\n")
    pieces = octets[:-2].split(b"\r\n")
    assert all(len(piece) <= 75 for piece in pieces)
    assert all(piece.decode() is not None for piece in pieces)
    assert octets[:-2].replace(b"\r\n ", b"") == one.encode()


@settings(deadline=None)
@given(TEXT, NAME)
def test_any_text_and_name_is_read_back(text, name):
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", f"SUMMARY:{escape(text)}"]
    lines += [line("ATTENDEE", mailto("zoe@else.test"), CN="x" + name + "x"), "END:VEVENT", "END:VCALENDAR"]
    (event,) = icalendar.Calendar.from_ical(document(lines)).walk("VEVENT")
    assert str(event["SUMMARY"]) == clean(text)
    assert event["ATTENDEE"].params["CN"] == "x" + clean(name).replace("\t", " ") + "x"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a,b;c\\d", r"a\,b\;c\\d"),
        ("one\r\ntwo\rthree\nfour", r"one\ntwo\nthree\nfour"),
        ("a\x00b\x1bc\x7f", "abc"),
        ("line\u2028break\x85", r"line\nbreak\n"),
        ("tab\tstays", "tab\tstays"),
        ("\ud800", "\ufffd"),
        ("BEGIN:VALARM\r\nX:1", r"BEGIN:VALARM\nX:1"),
    ],
)
def test_text_values(text, written):
    assert escape(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Zoë Out", "Zoë Out"),
        ("Out, Zoë", '"Out, Zoë"'),
        ('Zoë "Z" Out', "Zoë ^'Z^' Out"),
        ("a^b", "a^^b"),
        ("a\\", '"a\\"'),
        ("a\nb:c", '"a^nb:c"'),
    ],
)
def test_parameters(text, written):
    assert parameter(text) == written


def test_addresses_are_uris():
    assert mailto("zoë@münchen.example") == "mailto:zo%C3%AB@xn--mnchen-3ya.example"
    assert mailto("a+b%c?d#e@x.test") == "mailto:a+b%25c%3Fd%23e@x.test"
    assert mailto("a@x.test\r\nX:1") == "mailto:a@x.testX%3A1"
