"""Four times the input costs four times the work, in each reader that sees what strangers send.

What is counted are lines of Python; that no pattern goes back is proved in `test_patterns.py`, and that no HTML
is laid before a parser that would is proved in `tests/unit/mail/test_markup.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from rsvpd import ids
from rsvpd.calendar.event import Timed
from rsvpd.dialects.google.exchange import body as google_body
from rsvpd.dialects.google.exchange import partial
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.times import read_instant
from rsvpd.dialects.microsoft.exchange import body, preferences
from rsvpd.dialects.microsoft.vocabulary import codecs, search
from rsvpd.dialects.microsoft.vocabulary.times import parse_stamp
from rsvpd.dialects.odata import options, syntax, url
from rsvpd.dialects.wire import Request
from rsvpd.ical import rrule, text
from rsvpd.mail import address, content, mime
from rsvpd.query import page
from rsvpd.timezones import zone
from support.steps import lines_run

SIZE = 200
SIZE_OF_HTML = 500  # what is short is read in another way
START = Timed(datetime.fromisoformat("2026-12-01T09:00:00"), "Europe/Berlin")


def request(body: str = "", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body.encode()
    return Request(
        method="GET", origin="http://x", mount="", path="", query="", headers=named, body=raw, now=0, request_id=""
    )


def html(text: str) -> content.Body:
    return content.Body(text, content.BodyKind.HTML)


READERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "path": (url.parse, ("x(a=%20{}", "x({}", "x('{}", "x(a='{}')", "/{}", "%{}", "x(a={}", "('{}')")),
    "query": (options.parse, ("{}", "$select={}", "$expand={}", "$orderby={}", "$filter={}", "$top={}", "a={}")),
    "filter": (syntax.parse, ("{}", "not {}", "({}", "'{}", "a in ({}", "a/{}", "contains({}", "1{}", "a eq {}")),
    "Prefer": (lambda said: preferences.preferences(request(prefer=said)), ("{}", 'aaa{}"', 'a="{}', "a=b;{}", "a={}")),
    "Accept": (lambda said: preferences.preferences(request(accept=said)), ("odata{}", "odata={}")),
    "If-Match": (lambda said: preferences.if_match(request(if_match=said).headers), ("{}", '"{}', 'W/"{}')),
    "$search": (search.condition, ("{}", '"{}', "subject:{}")),
    "moment": (parse_stamp, ("{}", "2026-12-01T10:00:00.{}")),
    "number": (codecs.read_number, ("{}", "-{}", "1{}")),
    "instant": (codecs.read_instant, ("{}",)),
    "fields": (partial.parse, ("{}", "a({}", "a/{}")),
    "parameters": (lambda said: Options(said).number("maxResults"), ("{}", "maxResults={}", "timeMin={}")),
    "RFC 3339": (read_instant, ("{}", "2026-12-01T10:00:00.{}")),
    "Google id": (identifiers.read, ("{}", "a{}", "rsvpu{}", "_{}")),
    "recurrence": (
        lambda said: rrule.read_lines([said], START), ("{}", "RRULE:FREQ=DAILY;{}", 'EXDATE;A="{}', "RDATE:{}")
    ),
    "JSON": (lambda said: body.read_object(request(body=said)), ("{}", '{{"a":{}', '{{"a":"{}"}}')),
    "Google JSON": (lambda said: google_body.read(request(body=said)), ("{}", '{{"a":{}')),
    "id": (ids.decode, ("{}",)),
    "change key": (ids.change_number, ("{}",)),
    "page token": (page.decode, ("{}",)),
    "zone": (zone.find, ("{}",)),
    "address": (address.parse_address, ("{}", "a@{}")),
    "content line": (lambda said: text.fold(text.line("X", text.escape(said), CN=said)), ("{}",)),
    "header": (mime.one_line, ("{}",)),
    "HTML as text": (lambda said: content.as_text(html(said)), ("{}", "<table>{}", "<pre>{}")),
    "HTML": (lambda said: content.as_html(html(said)), ("{}", "<a {}", "<p><b>{}")),
    "preview": (lambda said: content.preview(html(said)), ("{}", "<body>{}")),
}
UNITS = (
    " ", "a", "1", "'", "''", '"', '\\"', "(", ")", ",", ";", "/", "=", "a=", "a='b',", "a,", "a/", "a(", "not ",
    "and ", "1,", "a eq 1 or ", "%20", "+", "&", "a&", "&amp;", "[", '{"a":', "<", "<a", "<a>", "<b>", "</b>", "<p>",
    "<div>", "<td>", "<li>", "<br>", "<!--", "<table><tr><td>", "&#1", "20261201,", "BYDAY=MO;", "é", "\ud800", "\0",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(READERS))
def test_four_times_the_input_is_four_times_the_work(name: str):
    read, frames = READERS[name]
    size = SIZE_OF_HTML if name in ("HTML", "HTML as text", "preview") else SIZE
    grown = {}
    for frame in frames:
        for unit in UNITS:
            few, many = (lines_run(lambda: read(frame.format(unit * times))) for times in (size, 4 * size))  # noqa: B023 - called at once
            if many > 4.5 * few + 200:
                grown[frame.format(unit)] = (few, many)
    assert grown == {}


def test_dates_beyond_what_a_series_may_have_are_not_read():
    lines = ("RDATE:" + "20261201," * 2_000, "RDATE:" + "20261201," * 8_000)
    few, many = (lines_run(lambda: rrule.read_lines([line], START)) for line in lines)  # noqa: B023 - called at once
    assert many == few < 100


@pytest.mark.slow
def test_the_count_sees_work_that_grows_with_the_square():
    """A reader that goes back to the start for each letter, built as the project's own code is counted."""
    half = lines_run(lambda: [list(syntax._tokens("a " * size)) for size in range(100)])
    whole = lines_run(lambda: [list(syntax._tokens("a " * size)) for size in range(400)])
    assert whole > 12 * half
