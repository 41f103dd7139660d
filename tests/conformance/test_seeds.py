"""Worlds that a file describes: what Graph and Google show of them afterwards; and what is refused."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.calendar.event import Answer
from rsvpd.commands.people import people
from rsvpd.control.seed import seed
from rsvpd.control.seeds.files import starter
from rsvpd.control.seeds.reading import tell_seed
from rsvpd.errors import DomainError
from support.world import World

PAGE = Path(__file__).parents[2] / "docs" / "seeds.md"
EXAMPLES = re.findall(r"^```(?:yaml|json)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
GRAPH, GOOGLE = "/v1.0", "/calendar/v3"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty server on a Wednesday, at noon in Berlin."""
    world = World(tmp_path, now="2026-11-25T11:00:00")
    yield world
    world.close()


def tell(world: World, text: str) -> Any:
    told = world.store.run(tell_seed, text, world.now)
    world.know(*(one.address.partition("@")[0] for one in world.store.run(people)))
    return told


def ask(world: World, who: str, path: str) -> Any:
    found = world.request(who, "GET", path)
    assert found.status == 200, found.body
    return found.json


def events(world: World, who: str) -> dict[str, Any]:
    return {one["subject"]: one for one in ask(world, who, f"{GRAPH}/me/events?$top=50")["value"]}


def inbox(world: World, who: str) -> list[dict[str, Any]]:
    return ask(world, who, f"{GRAPH}/me/mailFolders/inbox/messages?$top=50&$orderby=receivedDateTime")["value"]


def answers(event: Any) -> dict[str, str]:
    return {one["emailAddress"]["address"].partition("@")[0]: one["status"]["response"] for one in event["attendees"]}


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_of_the_page_are_told(world: World, number: int) -> None:
    assert tell(world, EXAMPLES[number]).people > 0


def test_people_have_what_the_directory_knows_and_their_hours(world: World) -> None:
    tell(world, EXAMPLES[0])
    erin = ask(world, "erin", f"{GRAPH}/me?$select=displayName,jobTitle,department,businessPhones")
    assert (erin["displayName"], erin["jobTitle"], erin["department"]) == ("Erin Evans", "Engineer", "Research")
    assert erin["businessPhones"] == ["+49 30 23125 014"]
    hours = ask(world, "erin", f"{GRAPH}/me/mailboxSettings")["workingHours"]
    assert hours["daysOfWeek"] == ["monday", "tuesday", "wednesday", "thursday"]
    assert (hours["startTime"][:5], hours["endTime"][:5]) == ("09:00", "16:30")
    assert ask(world, "frank", f"{GRAPH}/me/manager")["mail"] == "erin@example.com"


def test_calendars_stand_in_their_groups_and_are_shared(world: World) -> None:
    tell(world, EXAMPLES[2])
    groups = {one["name"]: one["id"] for one in ask(world, "erin", f"{GRAPH}/me/calendarGroups")["value"]}
    (launch,) = ask(world, "erin", f"{GRAPH}/me/calendarGroups/{groups['Projects']}/calendars")["value"]
    assert (launch["name"], launch["color"]) == ("Launch", "lightGreen")
    listed = ask(world, "frank", f"{GOOGLE}/users/me/calendarList")["items"]
    shared = {one["summary"]: one["accessRole"] for one in listed}
    assert shared["Launch"] == "writer"


def test_a_meeting_is_answered_tracked_and_has_its_room(world: World) -> None:
    tell(world, EXAMPLES[3])
    review = events(world, "erin")["Design review"]
    assert answers(review) == {
        "frank": "accepted", "grace": "tentativelyAccepted", "vera": "none", "orion": "accepted"
    }  # fmt: skip
    assert review["start"]["dateTime"].startswith("2026-11-27T09:00")
    assert (review["importance"], review["categories"], review["reminderMinutesBeforeStart"]) == (
        "high", ["Red category"], 30
    )  # fmt: skip
    assert review["isOnlineMeeting"] is True
    types = {one["emailAddress"]["name"]: one["type"] for one in review["attendees"]}
    assert types["Vera"] == "required"
    assert "optional" in types.values()
    found = ask(world, "frank", f"{GOOGLE}/calendars/primary/events?q=Design")["items"]
    assert {one["email"]: one["responseStatus"] for one in found[0]["attendees"]}["frank@example.com"] == "accepted"


def test_one_date_is_declined_somebody_is_added_and_what_is_called_off_is_gone(world: World) -> None:
    tell(world, EXAMPLES[3])
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-03T00:00:00Z&$top=50"
    days = ask(world, "erin", f"{GRAPH}/me/calendarView?{window}")["value"]
    said = {one["start"]["dateTime"][:10]: answers(one)["grace"] for one in days if one["subject"] == "Stand-up"}
    assert said == {"2026-12-01": "declined", "2026-12-02": "none"}
    assert "Stand-up" in [one["subject"] for one in inbox(world, "heidi")]
    assert "Offsite" not in events(world, "frank")
    assert [one["subject"] for one in inbox(world, "frank")][-1].endswith("Offsite")


def test_mail_came_when_it_says_and_who_is_away_has_answered(world: World) -> None:
    tell(world, EXAMPLES[4])
    (numbers,) = inbox(world, "frank")
    assert numbers["receivedDateTime"] == "2026-11-24T15:00:00Z"
    assert (numbers["subject"], numbers["importance"], numbers["hasAttachments"]) == ("Numbers", "high", True)
    attached = ask(world, "frank", f"{GRAPH}/me/messages/{numbers['id']}/attachments")["value"]
    contents = {one["name"]: base64.b64decode(one["contentBytes"]) for one in attached}
    assert contents == {"numbers.csv": b"month,amount\nMay,12\n", "dot.png": b"\x89PNG\r\n\x1a\n"}
    (reply,) = inbox(world, "erin")
    assert reply["from"]["emailAddress"]["address"] == "frank@example.com"
    assert "travelling" in reply["bodyPreview"]
    drafts = ask(world, "erin", f"{GRAPH}/me/mailFolders/drafts/messages")["value"]
    assert [one["subject"] for one in drafts] == ["Not sent yet"]


def test_the_starter_tells_the_sample_story(world: World, tmp_path: Path) -> None:
    """`rsvpd init` writes what `rsvpd up` begins with: the same people, meetings, answers and words."""
    tell(world, starter())
    folder = tmp_path / "other"
    folder.mkdir()
    sample = World(folder, now="2026-11-25T11:00:00")
    try:
        seed(sample.store.run, sample.now)
        sample.know("alice", "bob", "carol", "dave", "orion")
        assert told(world) == told(sample)
    finally:
        sample.close()


def told(world: World) -> Any:
    """Return what the story says, but for its dates."""
    members = "displayName,jobTitle,department,officeLocation,businessPhones,companyName"
    found: dict[str, Any] = {}
    for who in ("alice", "bob", "carol", "dave"):
        user = ask(world, who, f"{GRAPH}/me?$select={members}")
        meetings = {
            one["subject"]: (answers(one), one["responseStatus"]["response"], one["location"], one["bodyPreview"])
            for one in events(world, who).values()
        }
        letters = [(one["subject"], one["from"]["emailAddress"], one["bodyPreview"]) for one in inbox(world, who)]
        zone = ask(world, who, f"{GRAPH}/me/mailboxSettings")["timeZone"]
        known = {name: one for name, one in user.items() if name != "id" and name[0] != "@"}
        found[who] = known, meetings, sorted(letters, key=str), zone
    return found


PEOPLE = """\
people:
  - address: alice@example.com
    zone: Europe/Berlin
  - address: bob@example.com
rooms:
  - address: orion@example.com
"""
MEETING = (
    PEOPLE
    + """\
meetings:
  - subject: Kickoff
    organizer: alice
    when: tomorrow 10:00
    attendees: bob
"""
)
BAD = [
    ("a list", "- alice", "line 1: a seed has members"),
    ("a part nobody knows", "peopel: []", "line 1: a seed has no 'peopel'; did you mean people?"),
    ("no YAML", "people: [\n", "is no YAML"),
    ("a tab", "people:\n\t- address: a@b.example\n", "line 2: this is no YAML"),
    (
        "a member twice",
        "people:\n  - address: a@b.example\n    name: A\n    name: B\n",
        "line 4: 'name' stands in line 3",
    ),
    ("an alias", "people: &all\n  - address: a@b.example\nrooms: *all\n", "line 3: *all stands for something else"),
    ("a tag", "people: !!python/object:os.system x", "line 1: the tag"),
    ("two documents", "people: []\n---\nrooms: []\n", "line 2: a second document"),
    ("too deep", "people: " + "[" * 50 + "]" * 50, "levels deep"),
    ("no address", "people:\n  - name: Alice\n", "line 2: a person has no address; write 'address: erin@example.com'"),
    ("an address that is none", "people:\n  - address: alice\n", "line 2: 'alice' is not a mail address"),
    (
        "an unknown member",
        PEOPLE.replace("zone:", "jobtitel:"),
        "line 3: a person has no 'jobtitel'; did you mean jobTitle",
    ),
    ("an unknown zone", PEOPLE.replace("Berlin", "Berln"), "line 3: The time zone 'Europe/Berln' is not known"),
    (
        "hours backwards",
        PEOPLE.replace("zone: Europe/Berlin", "hours: 17:00-09:00"),
        "line 3: '17:00-09:00' end before",
    ),
    ("a day that is none", PEOPLE.replace("zone: Europe/Berlin", "hours: foo 9:00-17:00"), "line 3: 'foo' is no day"),
    ("a language", PEOPLE.replace("zone: Europe/Berlin", "language: German"), "line 3: 'German' is no language"),
    ("people twice", PEOPLE.replace("bob@", "Alice@"), "line 4: Alice@example.com stands in line 2 already"),
    ("a room as somebody", PEOPLE.replace("orion@", "bob@"), "line 6: bob@example.com stands in line 4 already"),
    (
        "a manager nobody knows",
        PEOPLE.replace("zone: Europe/Berlin", "manager: bbo"),
        "line 3: nobody here is called 'bbo'",
    ),
    ("a room's word", PEOPLE + "    auto: maybe\n", "line 7: auto cannot be 'maybe'; it is accept, tentative, none"),
    ("a room's number", PEOPLE + "    capacity: many\n", "line 7: capacity is a number"),
    ("no when", MEETING.replace("    when: tomorrow 10:00\n", ""), "line 8: a meeting has no when; write 'when:"),
    ("no subject", MEETING.replace("subject: Kickoff", "place: Here"), "line 8: a meeting has no subject"),
    ("a date that cannot be", MEETING.replace("tomorrow", "2026-02-30"), "line 10: there is no 2026-02-30"),
    ("nobody invited so", MEETING.replace("attendees: bob", "attendees: bbo"), "line 11: nobody here is called 'bbo'"),
    (
        "nobody in this domain",
        MEETING.replace("attendees: bob", "attendees: bbo@example.com"),
        "line 11: bbo@example.com has no mailbox",
    ),
    (
        "invited twice",
        MEETING.replace("attendees: bob", "attendees: bob, bob@example.com"),
        "line 11: bob@example.com is invited already",
    ),
    (
        "inviting oneself",
        MEETING.replace("attendees: bob", "attendees: alice"),
        "line 11: alice@example.com is the organizer",
    ),
    (
        "a room as a guest",
        MEETING.replace("attendees: bob", "attendees: orion"),
        "line 11: orion@example.com is a room; write 'room: orion'",
    ),
    ("a guest as a room", MEETING + "    room: bob\n", "line 12: bob@example.com is a person, no room"),
    (
        "a room that invites",
        MEETING.replace("organizer: alice", "organizer: orion"),
        "line 9: orion@example.com is a room",
    ),
    ("an end twice", MEETING + "    minutes: 5\n    days: 1\n", "line 10: the end is said twice"),
    ("the end first", MEETING + "    until: today 10:00\n", "line 12: it ends before it begins"),
    ("sent in future", MEETING + "    sent: +1h\n", "line 12: this is still to come"),
    ("repeating oddly", MEETING + "    repeats: every blue moon\n", "line 12: 'every blue moon' is no way to repeat"),
    ("an uninvited answer", MEETING + "    answers: {orion: yes}\n", "line 12: orion@example.com is not invited"),
    ("the own answer", MEETING + "    answers: {alice: yes}\n", "line 12: alice@example.com is the organizer"),
    ("an answer that is none", MEETING + "    answers: {bob: perhaps}\n", "line 12: says cannot be 'perhaps'"),
    (
        "an answer too early",
        MEETING + "    answers:\n      - {who: bob, says: yes, at: -9d}\n",
        "line 13: this is before",
    ),
    ("a date of no series", MEETING + "    cancelled: {date: tomorrow}\n", "line 12: date is one of a series"),
    (
        "a date that the series has not",
        MEETING + "    repeats: every thursday\n    cancelled: {date: 2026-12-04}\n",
        "line 13: 2026-12-04 is no date of the series; the next one is 2026-12-10",
    ),
    ("a change of nothing", MEETING + "    changes:\n      - {at: -1m}\n", "line 13: a change says what is changed"),
    (
        "nobody to remove",
        MEETING + "    changes:\n      - {remove: orion}\n",
        "line 13: orion@example.com is not invited",
    ),
    ("no online meetings", MEETING + "    online: teams\n", "line 8: nobody provides online meetings"),
    ("a calendar that is not", MEETING + "    calendar: Team\n", "line 8: alice@example.com has no calendar 'Team'"),
    ("mail to nobody", PEOPLE + "mail:\n  - {from: alice, subject: Hi}\n", "line 8: a message goes to somebody"),
    (
        "mail from outside",
        PEOPLE + "mail:\n  - {from: eve@x.example, to: bob}\n",
        "line 8: 'eve@x.example' has no mailbox",
    ),
    (
        "an attachment that is none",
        PEOPLE + "mail:\n  - from: alice\n    to: bob\n    attachments: {name: a, base64: '*'}\n",
        "line 10: this is not base64",
    ),
    (
        "half an absence",
        PEOPLE + "replies:\n  - {who: bob, text: Hi, from: today}\n",
        "line 8: replies have 'from' and",
    ),
    (
        "a role",
        PEOPLE + "sharing:\n  - {owner: alice, with: {bob: boss}}\n",
        "line 8: what bob may do cannot be 'boss'",
    ),
    (
        "sharing with oneself",
        PEOPLE + "sharing:\n  - {owner: bob, with: {bob: read}}\n",
        "line 8: bob@example.com owns",
    ),
]


@pytest.mark.parametrize(("text", "said"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_what_cannot_be_is_refused_with_its_line_and_nothing_is_done(world: World, text: str, said: str) -> None:
    with pytest.raises(DomainError) as refused:
        world.store.run(tell_seed, text, world.now)
    assert said in refused.value.message
    assert world.store.run(people) == []


def test_what_else_is_wrong_is_told_by_line(world: World) -> None:
    text = MEETING.replace("tomorrow", "tomorow") + "mail:\n  - {from: alice}\n  - {from: bbo}\n"
    with pytest.raises(DomainError, match=r"line 10: .*did you mean tomorrow.*\(and 2 more: line 13, 14\)"):
        world.store.run(tell_seed, text, world.now)


def test_of_many_faults_the_first_are_told(world: World) -> None:
    names = "".join(f"  - {{from: nobody{number}, to: bob}}\n" for number in range(3000))
    with pytest.raises(DomainError, match=r"line 8: .*\(and 9 more: "):
        world.store.run(tell_seed, f"{PEOPLE}mail:\n{names}", world.now)


def test_who_is_there_already_can_be_named_and_not_added(world: World) -> None:
    tell(world, PEOPLE)
    tell(world, MEETING.removeprefix(PEOPLE))
    assert answers(events(world, "alice")["Kickoff"]) == {"bob": Answer.NONE.value}
    with pytest.raises(DomainError, match=r"line 2: alice@example\.com has a mailbox already"):
        tell(world, PEOPLE)


def test_everybody_of_a_large_meeting_has_it_and_can_answer(world: World) -> None:
    names = [f"user{number}" for number in range(150)]
    rows = "".join(f"  - {{address: {name}@example.com}}\n" for name in names)
    text = (
        f"people:\n{rows}meetings:\n  - subject: All hands\n    organizer: user0\n    when: tomorrow 10:00\n"
        f"    attendees: [{', '.join(names[1:])}]\n    answers: {{user149: yes, user1: no}}\n"
    )
    tell(world, text)
    said = answers(events(world, "user0")["All hands"])
    assert (said["user149"], said["user1"], said["user2"]) == ("accepted", "declined", "none")
    assert [one["subject"] for one in inbox(world, "user77")] == ["All hands"]


@pytest.mark.parametrize("text", ['{"people":\t[{"address":\n\t"a@b.example", "name": "\\ud83d\\ude00 \\u00e9\\/"}]}'])
def test_json_is_read_with_its_tabs_and_its_escapes(world: World, text: str) -> None:
    world.store.run(tell_seed, text, world.now)
    assert [one.name for one in world.store.run(people)] == ["\U0001f600 é/"]
