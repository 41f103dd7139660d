"""Series and their dates: what is written back, excluded or repeated, in each dialect."""

from __future__ import annotations

from typing import Any

import pytest

from support.calendar_v3 import EVENTS, CalendarV3
from support.client import Client, plain, wall
from support.tuesdays import (
    ANSWERS,
    BERLIN,
    MARCH,
    TIMES,
    WEEKS,
    answer_of,
    answers,
    dates,
    mine,
    of_google,
    posts,
    said,
    series,
    subjects,
    weekly,
    written_back,
)


def accepted_but_for_one_date(guest: Client) -> None:
    own = mine(guest)
    assert guest("POST", f"/me/events/{own['id']}/accept", {"sendResponse": True}).status == 202
    second = dates(guest, own["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/decline", {"sendResponse": True}).status == 202


# --- rule_02_series_times_written_back

KEPT = ("type", "recurrence", "originalStartTimeZone", "originalEndTimeZone", "start", "end")


@pytest.mark.parametrize("prefer", [None, BERLIN, "Tokyo Standard Time"])
@pytest.mark.parametrize("more", [(), ("recurrence",), ("subject", "body", "recurrence")], ids=len)
def test_rule_02_series_times_written_back(
    organizer: Client, guest: Client, prefer: str | None, more: tuple[str, ...]
) -> None:
    made = series(organizer, "bob")
    accepted_but_for_one_date(guest)
    path, before = f"/me/events/{made['id']}", dates(organizer, made["id"])
    shown = {} if prefer is None else {"prefer": f'outlook.timezone="{prefer}"'}
    read = organizer.get(path, **shown)
    assert organizer("PATCH", path, written_back(read, *TIMES, *more)).status == 200
    after = organizer.get(path)
    assert written_back(after, *KEPT) == written_back(made, *KEPT)
    assert answers(after) == ["accepted"]
    assert dates(organizer, made["id"]) == before
    assert subjects(guest) == ["x"]
    assert [answer_of(one) for one in dates(guest, mine(guest)["id"])] == ["accepted"] * 3


def test_rule_02_series_times_written_back_as_a_series_that_moves(organizer: Client, guest: Client) -> None:
    # What is sent in UTC, as it was read, is still an hour of Berlin: 08:00 UTC is 09:00 before clocks change.
    made = series(organizer, "bob")
    times = organizer.times("2027-03-16T08:00:00", "2027-03-16T08:30:00")
    moved = plain(organizer("PATCH", f"/me/events/{made['id']}", times).json)
    assert moved["recurrence"] == made["recurrence"]
    instants = ["2027-03-16T08:00", "2027-03-23T08:00", "2027-03-30T07:00", "2027-04-06T07:00"]
    assert [wall(one) for one in dates(organizer, made["id"])] == instants
    assert [wall(one) for one in dates(guest, mine(guest)["id"])] == instants
    assert subjects(guest) == ["x", "x"]


def test_rule_02_series_times_written_back_in_a_zone_that_is_a_wish(organizer: Client) -> None:
    made = series(organizer)
    times = organizer.times("2027-03-16T19:00:00", "2027-03-16T19:30:00", "Tokyo Standard Time")
    assert organizer("PATCH", f"/me/events/{made['id']}", times).status == 200
    assert {wall(one)[11:] for one in dates(organizer, made["id"])} == {"10:00"}


def test_rule_02_series_times_written_back_by_a_guest(organizer: Client, guest: Client) -> None:
    series(organizer, "bob")
    accepted_but_for_one_date(guest)
    own = mine(guest)
    before = dates(guest, own["id"])
    reply = guest("PATCH", f"/me/events/{own['id']}", written_back(own, *TIMES, "recurrence"))
    assert (reply.status, reply.hint) == (200, "")
    assert dates(guest, own["id"]) == before


def test_rule_02_series_times_written_back_by_a_delegate(organizer: Client, guest: Client) -> None:
    carol = Client(organizer.world, "carol", organizer.profile)
    share = {"emailAddress": {"address": "carol@example.com"}, "role": "write"}
    assert organizer("POST", "/me/calendar/calendarPermissions", share).status == 201
    made = series(organizer, "bob")
    before = dates(organizer, made["id"])
    theirs = f"/users/alice@example.com/events/{made['id']}"
    assert carol("PATCH", theirs, written_back(carol.get(theirs), *TIMES)).status == 200
    assert dates(organizer, made["id"]) == before
    assert subjects(guest) == ["x"]


@pytest.mark.parametrize("verb", ["PATCH", "PUT"])
def test_rule_02_series_times_written_back_google(alice: CalendarV3, bob: CalendarV3, verb: str) -> None:
    made = of_google(alice)
    path = f"{EVENTS}/{made['id']}"
    bob.patch(made["id"], said("accepted"), "sendUpdates=all")
    read = alice.get(f"{path}?timeZone=UTC")
    body = read if verb == "PUT" else {name: read[name] for name in ("start", "end")}
    assert alice(verb, f"{path}?sendUpdates=all", body).status == 200
    after = alice.get(path)
    assert [after[name] for name in ("start", "end", "recurrence")] == [
        made[name] for name in ("start", "end", "recurrence")
    ]
    assert after["attendees"][0]["responseStatus"] == "accepted"
    assert subjects(Client(bob.world, "bob", "graph")) == ["x"]


# --- rule_18_pattern_for_one_date


def test_rule_18_pattern_for_one_date(organizer: Client, guest: Client) -> None:
    made = series(organizer, "bob")
    before = dates(organizer, made["id"])
    for body in ({"recurrence": weekly(9)}, {"recurrence": made["recurrence"], "subject": "y"}):
        reply = organizer("PATCH", f"/me/events/{before[1]['id']}", body)
        assert reply.status == 200
        assert f"Left out, as read-only: {organizer.word('recurrence')}." in reply.hint
        assert plain(reply.json)["recurrence"] is None
    after = dates(organizer, made["id"])
    assert [one["subject"] for one in after] == ["x", "y", "x", "x"]
    assert [one["start"] for one in after] == [one["start"] for one in before]
    assert subjects(guest) == ["y", "x"]


def test_rule_18_pattern_for_one_date_written_back_as_read(organizer: Client) -> None:
    made = series(organizer, "bob")
    second = dates(organizer, made["id"])[1]
    reply = organizer("PATCH", f"/me/events/{second['id']}", {"recurrence": second["recurrence"], "subject": "y"})
    assert (reply.status, reply.hint) == (200, "")


@pytest.mark.parametrize("is_series", [True, False])
def test_rule_18_pattern_for_one_date_or_by_a_guest(organizer: Client, guest: Client, is_series: bool) -> None:
    series(organizer, "bob", recurrence=weekly() if is_series else None)
    own = mine(guest)
    reply = guest("PATCH", f"/me/events/{own['id']}", {"recurrence": weekly(9)})
    assert (reply.status, plain(reply.json)["recurrence"]) == (200, own["recurrence"])
    assert guest.word("recurrence") in reply.hint


@pytest.mark.parametrize("verb", ["PATCH", "PUT"])
def test_rule_18_pattern_for_one_date_google(alice: CalendarV3, verb: str) -> None:
    made = of_google(alice)
    second = alice.get(f"{EVENTS}/{made['id']}/instances")["items"][1]
    body = {**second, "recurrence": ["RRULE:FREQ=DAILY;COUNT=9"]}
    reply = alice(verb, f"{EVENTS}/{second['id']}", body)
    assert reply.status == 200
    assert "recurrence" in reply.hint
    assert len(alice.get(f"{EVENTS}/{made['id']}/instances")["items"]) == 4


# --- rule_17_no_exception_for_others


@pytest.mark.parametrize("answer", ANSWERS)
def test_rule_17_no_exception_for_others(organizer: Client, guest: Client, answer: str) -> None:
    carol = Client(organizer.world, "carol", organizer.profile)
    made = series(organizer, "bob", "carol", "orion")
    second = dates(guest, mine(guest)["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/{answer}", {"comment": "me"}).status == 202
    for change in ({"subject": "new"}, {"location": {"displayName": "Attic"}}, {"recurrence": weekly(5)}):
        assert organizer("PATCH", f"/me/events/{made['id']}", change).status == 200
        assert {one["type"].lower() for one in dates(carol, mine(carol)["id"])} == {"occurrence"}
    google = CalendarV3(carol.world, "carol")
    assert [one["summary"] for one in google.get(EVENTS)["items"]] == ["new"]
    room = Client(organizer.world, "orion", organizer.profile)
    assert {one["type"].lower() for one in dates(room, mine(room)["id"])} == {"occurrence"}


@pytest.mark.parametrize("answer", ANSWERS)
def test_rule_17_no_exception_for_others_and_the_own_answer_stays(
    organizer: Client, guest: Client, answer: str
) -> None:
    made = series(organizer, "bob", "carol")
    second = dates(guest, mine(guest)["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/{answer}", {}).status == 202
    assert organizer("PATCH", f"/me/events/{made['id']}", {"subject": "new"}).status == 200
    own = {one["subject"]: answer_of(one) for one in dates(guest, mine(guest)["id"])}
    assert set(own) == {"new"}
    shown = [answer_of(one) for one in dates(guest, mine(guest)["id"])]
    given = {"accept": ["accepted"], "tentativelyAccept": ["tentativelyaccepted"], "decline": []}[answer]
    assert shown == ["notresponded", *given, "notresponded", "notresponded"]
    assert answers(dates(organizer, made["id"])[1]) != ["none", "none"]


def test_rule_17_no_exception_for_others_by_what_the_organizer_keeps(organizer: Client, guest: Client) -> None:
    made = series(organizer, "bob")
    second = dates(organizer, made["id"])[1]
    assert organizer("PATCH", f"/me/events/{second['id']}", {"categories": ["Mine"]}).status == 200
    assert organizer("PATCH", f"/me/events/{made['id']}", {"subject": "new"}).status == 200
    assert {one["type"].lower() for one in dates(guest, mine(guest)["id"])} == {"occurrence"}
    # What others see differ makes one, for whoever comes later as well.
    assert organizer("PATCH", f"/me/events/{second['id']}", {"subject": "other"}).status == 200
    everybody = [{"emailAddress": {"address": f"{who}@example.com"}} for who in ("bob", "carol")]
    assert organizer("PATCH", f"/me/events/{made['id']}", {"attendees": everybody}).status == 200
    carol = Client(organizer.world, "carol", organizer.profile)
    for who in (guest, carol):
        kinds = [(one["type"].lower(), one["subject"]) for one in dates(who, mine(who)["id"])]
        assert kinds == [("occurrence", "new"), ("exception", "other"), ("occurrence", "new"), ("occurrence", "new")]


def test_rule_17_no_exception_for_others_outside(graph: Client) -> None:
    guest = Client(graph.world, "bob", "graph")
    outsider = {"emailAddress": {"address": "erin@example.org"}}
    made = series(graph, "bob")
    assert graph("PATCH", f"/me/events/{made['id']}", {"attendees": [*made["attendees"], outsider]}).status == 200
    second = dates(guest, mine(guest)["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/accept", {}).status == 202
    assert graph("PATCH", f"/me/events/{made['id']}", {"subject": "new"}).status == 200
    sent = [post.meeting.exceptions for post in posts(graph)]
    assert sent == [{}, {}]


def test_rule_17_no_exception_for_others_by_a_forward(organizer: Client, guest: Client) -> None:
    series(organizer, "bob")
    own = mine(guest)
    second = dates(guest, own["id"])[1]
    assert guest("POST", f"/me/events/{second['id']}/accept", {}).status == 202
    to = [{"emailAddress": {"address": "carol@example.com"}}]
    assert guest("POST", f"/me/events/{own['id']}/forward", {"toRecipients": to}).status == 202
    carol = Client(organizer.world, "carol", organizer.profile)
    assert [one["type"].lower() for one in dates(carol, mine(carol)["id"])] == ["occurrence"] * 4


# --- rule_10_exdate_is_a_cancellation

RULE, EXCLUDED = "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20270323T090000Z"


def exdate(alice: CalendarV3, made: Any, *lines: str, verb: str = "PATCH", query: str = "sendUpdates=all") -> None:
    body: dict[str, Any] = {"recurrence": [RULE, *lines]}
    path = f"{EVENTS}/{made['id']}"
    if verb == "PUT":
        body = {**alice.get(path), **body}
    assert alice(verb, f"{path}?{query}", body).status == 200


def of_kind(who: Client, kind: str) -> list[str]:
    """Return the dates on which the messages of this kind in an inbox are, the first one first."""
    found = who.get("/me/mailFolders/inbox/messages")["value"]
    return sorted(one["startDateTime"]["dateTime"][:10] for one in found if one.get("meetingMessageType") == kind)


@pytest.mark.parametrize("verb", ["PATCH", "PUT"])
@pytest.mark.parametrize("answer", ["accepted", "tentative", "needsAction"])
def test_rule_10_exdate_is_a_cancellation(alice: CalendarV3, bob: CalendarV3, answer: str, verb: str) -> None:
    made = of_google(alice)
    bob.patch(made["id"], said(answer), "sendUpdates=all")
    before = alice.get(f"{EVENTS}/{made['id']}")
    exdate(alice, made, EXCLUDED, verb=verb)
    guest = Client(bob.world, "bob", "graph")
    assert subjects(guest) == ["Canceled: x", "x"]
    assert of_kind(guest, "meetingCancelled") == ["2027-03-23"]
    shown = [(wall(one)[:10], one["isCancelled"], one["showAs"]) for one in dates(guest, mine(guest)["id"])]
    usual = "busy" if answer == "accepted" else "tentative"
    assert shown == [(day, day == WEEKS[1], "free" if day == WEEKS[1] else usual) for day in WEEKS]
    after = alice.get(f"{EVENTS}/{made['id']}")
    assert after["attendees"] == before["attendees"]
    assert after["sequence"] == before["sequence"] + 1
    left = alice.get(f"{EVENTS}/{made['id']}/instances")["items"]
    assert [one["start"]["dateTime"][:10] for one in left] == [WEEKS[0], *WEEKS[2:]]


def test_rule_10_exdate_is_a_cancellation_as_a_deletion_is(alice: CalendarV3, bob: CalendarV3) -> None:
    guest, seen = Client(bob.world, "bob", "graph"), []
    for number in (0, 1):
        made = of_google(alice)
        if number:
            exdate(alice, made, EXCLUDED)
        else:
            second = alice.get(f"{EVENTS}/{made['id']}/instances")["items"][1]
            assert alice("DELETE", f"{EVENTS}/{second['id']}?sendUpdates=all").status == 204
        one = next(one for one in guest.get("/me/events")["value"] if one["iCalUId"] == made["iCalUID"])
        keys = ("subject", "start", "isCancelled", "showAs", "type", "responseStatus", "attendees")
        seen.append([written_back(date, *keys) for date in dates(guest, one["id"])])
        path = f"{EVENTS}/{made['id']}/instances?showDeleted=true"
        seen[-1] += [(date["status"], date["start"]) for date in bob.get(path)["items"]]
    assert seen[0] == seen[1]
    assert subjects(guest) == ["Canceled: x", "x"] * 2


def test_rule_10_exdate_is_a_cancellation_with_new_words_and_once(alice: CalendarV3, bob: CalendarV3) -> None:
    made = of_google(alice)
    body = {"recurrence": [RULE, EXCLUDED, "EXDATE:20270330T080000Z"], "summary": "y"}
    alice.patch(made["id"], body, "sendUpdates=all")
    guest = Client(bob.world, "bob", "graph")
    assert sorted(subjects(guest)) == ["Canceled: x", "Canceled: x", "x", "y"]
    assert of_kind(guest, "meetingCancelled") == ["2027-03-23", "2027-03-30"]
    shown = [(one["subject"], one["isCancelled"]) for one in dates(guest, mine(guest)["id"])]
    assert shown == [("y", False), ("Canceled: x", True), ("Canceled: x", True), ("y", False)]
    assert alice.get(f"{EVENTS}/{made['id']}")["sequence"] == made["sequence"] + 1
    exdate(alice, made, EXCLUDED, "EXDATE:20270330T080000Z")  # the same again
    assert len(subjects(guest)) == 4


def test_rule_10_exdate_is_a_cancellation_for_a_guest_of_that_date(alice: CalendarV3) -> None:
    made = of_google(alice)
    second = alice.get(f"{EVENTS}/{made['id']}/instances")["items"][1]
    everybody = [{"email": f"{name}@example.com"} for name in ("bob", "carol", "orion")]
    alice.patch(second["id"], {"attendees": everybody}, "sendUpdates=all")
    body = {"recurrence": [RULE, EXCLUDED], "summary": "y"}
    alice.patch(made["id"], body, "sendUpdates=all")
    carol = Client(alice.world, "carol", "graph")
    assert subjects(carol) == ["Canceled: x", "x"]
    assert mine(carol)["isCancelled"] is True
    room = Client(alice.world, "orion", "graph")
    assert room.get(f"/me/calendarView?{MARCH}")["value"] == []


def test_rule_10_exdate_is_a_cancellation_outside_and_in_silence(alice: CalendarV3, graph: Client) -> None:
    made = of_google(alice)
    alice.patch(made["id"], {"attendees": [{"email": "erin@example.org"}]}, "sendUpdates=all")
    exdate(alice, made, EXCLUDED)
    (_, post) = posts(graph)
    assert (post.method.value, post.recurrence_id) == ("CANCEL", "20270323T100000")
    exdate(alice, made, EXCLUDED, "EXDATE:20270330T080000Z", query="sendUpdates=none")
    assert len(posts(graph)) == 2


def test_rule_10_exdate_is_a_cancellation_of_an_all_day_series(alice: CalendarV3, bob: CalendarV3) -> None:
    start, end = {"date": "2027-03-16"}, {"date": "2027-03-17"}
    made = alice.insert(start, end, "bob", query="sendUpdates=all", recurrence=[RULE])
    exdate(alice, made, "EXDATE;VALUE=DATE:20270323")
    guest = Client(bob.world, "bob", "graph")
    assert subjects(guest) == ["Canceled: x", "x"]
    assert [one["isCancelled"] for one in dates(guest, mine(guest)["id"])] == [False, True, False, False]


def test_rule_10_exdate_is_a_cancellation_by_a_guest(alice: CalendarV3, bob: CalendarV3) -> None:
    made = of_google(alice)
    third = bob.get(f"{EVENTS}/{made['id']}/instances")["items"][2]
    assert bob("DELETE", f"{EVENTS}/{third['id']}?sendUpdates=all").status == 204
    lines = [RULE, EXCLUDED, "EXDATE:20270330T080000Z"]
    refused = bob.refused("PATCH", f"{EVENTS}/{made['id']}", {"recurrence": lines})
    assert refused[:2] == (403, "forbiddenForNonOrganizer")
    alice.patch(made["id"], {"guestsCanModify": True}, "sendUpdates=all")
    bob.patch(made["id"], {"recurrence": lines}, "sendUpdates=all")
    left = alice.get(f"{EVENTS}/{made['id']}/instances")["items"]
    assert [one["start"]["dateTime"][:10] for one in left] == [WEEKS[0], *WEEKS[2:]]


# --- rule_16_body_of_series_written_back

UNSAFE = "outlook.allow-unsafe-html"
BODIES = {
    "entities": ("html", "<p>Agenda &amp; more</p>"),
    "bare": ("html", "Fish & chips < 5 &euro;&nbsp;<br>&quot;now&quot;"),
    "lines": ("html", "<p>one</p>\r\n<p>two</p>\n"),
    "document": ("html", "<html><head><style>p {color: red}</style></head><body><p>a &lt; b</p></body></html>"),
    "unsafe": ("html", "<p onclick=\"go()\">a &amp; b</p><script>go()</script>"),
    "text": ("text", "a < b & c\n\n  d"),
}
READ = {"html": {}, "text": {"prefer": 'outlook.body-content-type="text"'}, "unsafe": {"prefer": UNSAFE}}


@pytest.mark.parametrize("read", READ)
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("is_series", [True, False])
def test_rule_16_body_of_series_written_back(
    organizer: Client, guest: Client, body: str, read: str, is_series: bool
) -> None:
    kind, content = BODIES[body]
    recurrence = weekly() if is_series else None
    made = series(organizer, "bob", body={"contentType": kind, "content": content}, recurrence=recurrence)
    path = f"/me/events/{made['id']}"
    shown = organizer.get(path, **READ[read])
    for members in (("body",), ("body", "subject", "location", *TIMES, "recurrence")):
        reply = organizer("PATCH", path, written_back(shown, *members))
        assert (reply.status, reply.hint) == (200, "")
    assert organizer.get(path, **READ[read])["body"] == shown["body"]
    assert subjects(guest) == ["x"]
    if is_series:
        assert {one["type"].lower() for one in dates(guest, mine(guest)["id"])} == {"occurrence"}


def test_rule_16_body_of_series_written_back_to_one_date(organizer: Client, guest: Client) -> None:
    kind, content = BODIES["entities"]
    made = series(organizer, "bob", body={"contentType": kind, "content": content})
    second = dates(organizer, made["id"])[1]
    assert organizer("PATCH", f"/me/events/{second['id']}", {"body": second["body"]}).status == 200
    assert {one["type"].lower() for one in dates(organizer, made["id"])} == {"occurrence"}
    assert subjects(guest) == ["x"]


@pytest.mark.parametrize("body", BODIES)
def test_rule_16_body_of_series_written_back_google(alice: CalendarV3, graph: Client, body: str) -> None:
    kind, content = BODIES[body]
    made = series(graph, "bob", body={"contentType": kind, "content": content})
    (read,) = alice.get(EVENTS)["items"]
    alice.patch(read["id"], {"description": read["description"]}, "sendUpdates=all")
    assert alice("PUT", f"{EVENTS}/{read['id']}?sendUpdates=all", read).status == 200
    assert graph.get(f"/me/events/{made['id']}")["body"] == made["body"]
    assert subjects(Client(graph.world, "bob", "graph")) == ["x"]
