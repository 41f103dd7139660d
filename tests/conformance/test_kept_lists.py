"""What a server keeps of the lists it wrote never shows: a list is what a server answers that has kept nothing.

Elsewhere every list is written anew and compared (support/checked.py); here it comes from what was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.door import reads, writes
from rsvpd.commands.fragments import ItemWriter, write_items
from rsvpd.commands.people import remove_person
from rsvpd.commands.rooms import set_room
from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.mail.person import PersonKind
from rsvpd.query.algebra import Page
from rsvpd.store.fragments import Fragments
from rsvpd.store.tx import Tx
from support.client import MOUNTS, Client
from support.world import World

AT, UNTIL = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
WINDOW = "startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-12-20T00:00:00Z"
WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "sunday"},
    "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3},
}
EVENTS, VIEW, MESSAGES = "/me/events", f"/me/calendarView?{WINDOW}", "/me/messages"
ALICE = "/users/alice@example.com"


class Lists:
    """alice, bob and carol in one profile, each with a client."""

    def __init__(self, world: World, profile: str) -> None:
        self.world = world
        self.alice, self.bob, self.carol = (Client(world, name, profile) for name in ("alice", "bob", "carol"))
        self.owner = Client(world, "alice", "graph")  # v1.0 cannot share

    def named(self, who: Client, subject: str) -> str:
        """Return the id of somebody's event."""
        return next(one["id"] for one in who.get(EVENTS)["value"] if one["subject"] == subject)

    def accept(self, who: Client, subject: str) -> None:
        assert who("POST", f"/me/events/{self.named(who, subject)}/accept", {}).status == 202

    def rename(self, who: Client, subject: str) -> None:
        path = f"/me/events/{self.named(who, subject)}"
        assert who("PATCH", path, {"subject": "Other", "body": {"content": "new", "contentType": "text"}}).status == 200

    def share(self, role: str) -> str:
        body = {"emailAddress": {"address": "carol@example.com"}, "role": role}
        reply = self.owner("POST", "/me/calendar/calendarPermissions", body)
        assert reply.status == 201, reply.body
        return f"/me/calendar/calendarPermissions/{reply.json['id']}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, fragments=Fragments)
    for name in ("alice", "bob", "carol"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture(params=MOUNTS)
def lists(world: World, request: pytest.FixtureRequest) -> Lists:
    lists = Lists(world, request.param)
    lists.alice.create("Single", AT, UNTIL, "bob", "carol")
    lists.alice.create("Series", AT, UNTIL, "bob", recurrence=lists.alice.cased(WEEKLY))
    return lists


def read(who: Client, path: str, **headers: str) -> bytes:
    reply = who("GET", path, **headers)
    assert reply.status == 200, reply.body
    return reply.body


def rename_by_organizer(lists: Lists) -> None:
    lists.rename(lists.alice, "Single")
    lists.rename(lists.alice, "Series")


def rename_of_a_date(lists: Lists) -> None:
    dates = lists.alice.get(f"{EVENTS}/{lists.named(lists.alice, 'Series')}/instances?{WINDOW}")["value"]
    assert lists.alice("PATCH", f"{EVENTS}/{dates[1]['id']}", {"subject": "Other"}).status == 200


def deletion_of_a_date(lists: Lists) -> None:
    dates = lists.alice.get(f"{EVENTS}/{lists.named(lists.alice, 'Series')}/instances?{WINDOW}")["value"]
    assert lists.alice("DELETE", f"{EVENTS}/{dates[1]['id']}").status == 204


def answer_of_a_guest(lists: Lists) -> None:
    lists.accept(lists.bob, "Single")
    lists.accept(lists.bob, "Series")


def own_decline(lists: Lists) -> None:
    assert lists.bob("POST", f"/me/events/{lists.named(lists.bob, 'Single')}/decline", {}).status == 202


def change_in_another_profile(lists: Lists) -> None:
    other = Client(lists.world, "bob", "v2" if lists.bob.profile == "graph" else "graph")
    for subject in ("Single", "Series"):
        event = lists.named(lists.bob, subject)
        assert other("PATCH", f"/me/events/{event}", {"categories": ["Blue"]}).status == 200


def change_in_google(lists: Lists) -> None:
    root = "/calendar/v3/calendars/primary/events"
    for one in lists.world.request("bob", "GET", root).json["items"]:
        answer = {"attendees": [{"email": "bob@example.com", "responseStatus": "tentative"}]}
        assert lists.world.request("bob", "PATCH", f"{root}/{one['id']}", answer).status == 200


def message_read(lists: Lists) -> None:
    for one in lists.bob.get(MESSAGES)["value"]:
        assert lists.bob("PATCH", f"{MESSAGES}/{one['id']}", {"isRead": True}).status == 200


CHANGES: tuple[tuple[Callable[[Lists], None], str, tuple[str, ...]], ...] = (
    (rename_by_organizer, "bob", (EVENTS, VIEW, MESSAGES)),
    (rename_of_a_date, "bob", (VIEW,)),
    (deletion_of_a_date, "bob", (VIEW,)),
    (answer_of_a_guest, "alice", (EVENTS, VIEW)),
    (answer_of_a_guest, "bob", (EVENTS, VIEW)),
    (own_decline, "bob", (EVENTS, VIEW)),
    (change_in_another_profile, "bob", (EVENTS, VIEW)),
    (change_in_google, "bob", (EVENTS, VIEW)),
    (message_read, "bob", (MESSAGES,)),
)


@pytest.mark.parametrize(("change", "name", "paths"), CHANGES, ids=lambda one: getattr(one, "__name__", None))
def test_a_change_is_in_the_next_list(
    lists: Lists, change: Callable[[Lists], None], name: str, paths: tuple[str, ...]
) -> None:
    who: Client = getattr(lists, name)
    before = {path: read(who, path) for path in paths}
    change(lists)
    after = {path: read(who, path) for path in paths}
    lists.world.reopen()
    assert after == {path: read(who, path) for path in paths}
    assert not [path for path in paths if after[path] == before[path]]


def test_whose_event_a_message_is_about_is_told_as_it_is_now(lists: Lists) -> None:
    """Outlook links a request to its event, while that stands in the calendar; Graph says whether it is out of date."""
    before = read(lists.bob, MESSAGES)
    lists.rename(lists.alice, "Single")
    own_event = lists.named(lists.bob, "Other")
    assert lists.bob("POST", f"/me/events/{own_event}/decline", {}).status == 202
    after = read(lists.bob, MESSAGES)
    lists.world.reopen()
    assert after == read(lists.bob, MESSAGES) != before
    if lists.bob.profile == "graph":
        assert [one["isOutOfDate"] for one in lists.bob.get(MESSAGES)["value"] if one["subject"] == "Single"] == [True]
    else:
        assert own_event.encode() in before
        assert own_event.encode() not in after


def test_what_a_role_sees_is_seen_by_that_role_alone(lists: Lists) -> None:
    path = f"{ALICE}/events"
    permission = lists.share("read")
    read(lists.alice, path)
    found = []
    for role in ("limitedRead", "read", "freeBusyRead", "delegateWithPrivateEventAccess"):
        assert lists.owner("PATCH", permission, {"role": role}).status == 200
        found.append(read(lists.carol, path))
    lists.world.reopen()
    for role, kept in zip(("limitedRead", "read"), found, strict=False):
        assert lists.owner("PATCH", permission, {"role": role}).status == 200
        assert read(lists.carol, path) == kept
    assert len(set(found[:3])) == 3
    assert lists.owner("DELETE", permission).status == 204
    assert lists.carol("GET", path).status == 403


def test_two_calendars_of_which_each_item_has_the_same_number(world: World) -> None:
    carol = Client(world, "carol", "graph")
    for name in ("dora", "emma"):
        world.add(name)
        owner = Client(world, name, "graph")
        owner.create(f"Of {name}", AT, UNTIL)
        body = {"emailAddress": {"address": "carol@example.com"}, "role": "read"}
        assert owner("POST", "/me/calendar/calendarPermissions", body).status == 201
    for path in ("events", f"calendarView?{WINDOW}"):
        shown = [carol.get(f"/users/{name}@example.com/{path}")["value"] for name in ("dora", "emma")]
        assert [[one["subject"] for one in each] for each in shown] == [["Of dora"], ["Of emma"]]


def test_a_day_is_in_a_window_where_its_owner_has_it(world: World) -> None:
    """What is timed stands at an instant, which SQL knows; a date stands at midnight in the zone of its owner."""
    world.add("nora", zone="America/New_York")
    nora = Client(world, "nora", "graph")
    nora.create("Day", "2026-12-01T00:00:00", "2026-12-02T00:00:00", isAllDay=True)
    nora.create("Timed", "2026-12-01T00:00:00", "2026-12-02T00:00:00")
    for window, subjects in (
        ("startDateTime=2026-12-02T00:30:00Z&endDateTime=2026-12-02T04:00:00Z", ["Day"]),
        ("startDateTime=2026-12-01T00:30:00Z&endDateTime=2026-12-01T04:00:00Z", ["Timed"]),
        ("startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-03T00:00:00Z", ["Day", "Timed"]),
    ):
        assert [one["subject"] for one in nora.get(f"/me/calendarView?{window}")["value"]] == subjects


def test_single_events_stand_among_all_others(world: World) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    for hour in range(0, 24, 3):
        alice.create(f"At {hour:02}", f"2026-12-01T{hour:02}:00:00", f"2026-12-01T{hour:02}:30:00", "bob")
    alice.create("Also at 03", "2026-12-01T03:00:00", "2026-12-01T04:00:00")
    daily = {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 2}
    alice.create(
        "Twice", "2026-12-01T10:30:00", "2026-12-01T11:00:00",
        recurrence={"pattern": {"type": "daily", "interval": 1}, "range": daily},
    )  # fmt: skip
    alice.create("Day", "2026-12-01T00:00:00", "2026-12-02T00:00:00", isAllDay=True)
    alice.create("Long", "2026-12-01T13:00:00", "2026-12-05T14:00:00")
    series = alice.create(
        "Partly", "2026-11-30T16:00:00", "2026-11-30T17:00:00",
        recurrence={"pattern": {"type": "daily", "interval": 1}, "range": daily | {"startDate": "2026-11-30"}},
    )  # fmt: skip
    (_, second) = alice.get(f"{EVENTS}/{series['id']}/instances?{WINDOW}")["value"]
    guests = {"attendees": [{"emailAddress": {"address": "bob@example.com"}}]}
    assert alice("PATCH", f"{EVENTS}/{second['id']}", guests).status == 200
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-03T00:00:00Z"
    for who, names in (
        (alice, "At 00 Day At 03 Also at 03 At 06 At 09 Twice At 12 Long At 15 Partly At 18 At 21 Twice"),
        (bob, "At 00 At 03 At 06 At 09 At 12 At 15 Partly At 18 At 21"),
    ):
        whole = who.get(f"/me/calendarView?{window}&$top=50")["value"]
        assert " ".join(one["subject"] for one in whole) == names
        for top in (1, 2, 3, 5):
            assert [one for page in who.pages(f"/me/calendarView?{window}&$top={top}") for one in page] == whole


def test_two_mailboxes_of_which_each_message_has_the_same_number(world: World) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    for room in ("orion", "lyra"):
        world.add(room, kind=PersonKind.ROOM)
        world.store.run(set_room, f"{room}@example.com", {"delegates": ("bob@example.com",)})
        to = [{"emailAddress": {"address": f"{room}@example.com"}}]
        assert alice("POST", "/me/sendMail", {"message": {"subject": f"To {room}", "toRecipients": to}}).status == 202
    shown = [bob.get(f"/users/{room}@example.com/messages")["value"] for room in ("orion", "lyra")]
    assert [[one["subject"] for one in each] for each in shown] == [["To orion"], ["To lyra"]]


def test_each_line_is_what_its_id_names(lists: Lists) -> None:
    rename_of_a_date(lists)
    for path in (EVENTS, VIEW):
        for one in (*lists.bob.get(path)["value"], *lists.bob.get(path)["value"]):
            alone = lists.bob.get(f"{EVENTS}/{one['id']}")
            assert {name: value for name, value in alone.items() if name != "@odata.context"} == one


def test_what_came_to_a_delegate_leads_to_the_event_while_the_calendar_is_open(lists: Lists) -> None:
    permission = lists.share("delegateWithoutPrivateEventAccess")
    lists.bob.create("For alice", AT, UNTIL, "alice")
    assert lists.carol.get(MESSAGES)["value"][0]["subject"] == "For alice"
    before = read(lists.carol, MESSAGES)
    assert lists.owner("DELETE", permission).status == 204
    after = read(lists.carol, MESSAGES)
    lists.world.reopen()
    assert after == read(lists.carol, MESSAGES)
    if lists.carol.profile != "graph":
        assert after != before, "there was a link to the event"


WAYS: tuple[dict[str, str], ...] = (
    {},
    {"prefer": 'outlook.timezone="W. Europe Standard Time"'},
    {"prefer": 'outlook.timezone="Europe/Berlin"'},
    {"prefer": 'outlook.timezone="europe/berlin"'},
    {"prefer": 'outlook.body-content-type="text"'},
    {"prefer": 'IdType="ImmutableId"'},
    {"prefer": "outlook.allow-unsafe-html"},
    {"accept": "application/json;odata.metadata=none"},
    {"accept": "application/json;odata.metadata=full"},
)


@pytest.mark.parametrize("path", [EVENTS, VIEW, MESSAGES])
def test_what_is_asked_for_is_what_is_shown(lists: Lists, path: str) -> None:
    script = {"contentType": "html", "content": "<p>Read <b>this</b></p><script>x()</script>"}
    lists.alice.create("Script", AT, UNTIL, "bob", body=lists.alice.cased(script))
    mark = "&" if "?" in path else "?"
    asked = [
        (f"{path}{mark}{select}" if select else path, way)
        for way in WAYS
        for select in ("", f"$select={lists.bob.word('subject')}", f"$select={lists.bob.word('body')}")
    ]
    kept = [read(lists.bob, url, **way) for _ in range(2) for url, way in asked][len(asked) :]
    for (url, way), one in zip(asked, kept, strict=True):
        lists.world.reopen()
        assert read(lists.bob, url, **way) == one, (url, way)


@pytest.mark.data_file
@pytest.mark.parametrize("path", [EVENTS, VIEW, MESSAGES])
def test_what_has_not_changed_is_not_read_again(lists: Lists, path: str) -> None:
    def answer() -> tuple[bytes, bool]:
        return read(lists.bob, path), lists.world.commands > 0

    (first, has_read), (second, has_read_again) = answer(), answer()
    assert (first, has_read, has_read_again) == (second, True, False)
    lists.rename(lists.alice, "Single")
    (first, has_read), (second, has_read_again) = answer(), answer()
    assert (first, has_read, has_read_again) == (second, True, False)
    named = path.replace("/me/", "/users/bob@example.com/")
    assert lists.bob.get(named)["value"] == lists.bob.get(named)["value"]
    assert lists.world.commands == 0


def test_a_reply_that_is_kept_tells_each_client_the_id_of_its_own_request(lists: Lists) -> None:
    ids = ("one", "two", None)
    replies = [lists.bob("GET", EVENTS, **({"client-request-id": one} if one else {})) for one in ids]
    assert tuple(one.headers.get("client-request-id") for one in replies) == ids
    assert len({one.body for one in replies}) == 1


def test_an_application_reads_each_mailbox_as_it_is_now(lists: Lists) -> None:
    world = lists.world
    token = world.tokens.issue_to_application(LOCAL_CLIENT, "the-app", roles=("Calendars.Read",), now=world.now)
    as_application = {"authorization": f"Bearer {token}"}

    def subjects(name: str) -> set[str]:
        url = f"{MOUNTS[lists.bob.profile]}/users/{name}@example.com/events"
        found = world.request(None, "GET", url, headers=as_application).json["value"]
        return {one[lists.bob.word("subject")] for one in found}

    assert subjects("bob") == subjects("bob") == {"Single", "Series"}
    assert subjects("carol") == {"Single"}
    lists.rename(lists.alice, "Single")
    assert subjects("bob") == {"Other", "Series"}
    assert subjects("carol") == {"Other"}
    world.store.run(remove_person, "carol@example.com")
    assert world.request(None, "GET", "/v1.0/users/carol@example.com/events", headers=as_application).status == 404
    assert lists.carol("GET", EVENTS).status == 401


def test_words_are_looked_for_on_the_day_of_the_request(lists: Lists) -> None:
    if lists.bob.profile != "graph":
        return
    path = f'{MESSAGES}?$search="received:today"'
    assert len(lists.bob.get(path)["value"]) == 2
    lists.world.now += 86_400_000_000
    assert lists.bob.get(path)["value"] == []


def test_a_basic_permission_shows_no_body_that_was_shown_before(lists: Lists) -> None:
    bob, now = lists.world.people["bob"], lists.world.now
    basic = lists.world.tokens.issue(bob, now=now, scopes=("Calendars.ReadBasic",), app_id=LOCAL_CLIENT)
    whole, least = read(lists.bob, EVENTS), read(lists.bob, EVENTS, authorization=f"Bearer {basic}")
    assert lists.bob.word("bodyPreview").encode() in whole
    assert lists.bob.word("bodyPreview").encode() not in least
    assert read(lists.bob, EVENTS) == whole


@pytest.mark.data_file
def test_a_restored_file_has_no_older_lists(lists: Lists) -> None:
    """In a file of yesterday the next change has the number that another change had."""
    world = lists.world
    world.reopen()
    yesterday = world.path.read_bytes()
    lists.rename(lists.alice, "Single")
    read(lists.alice, EVENTS)
    world.reopen(file=yesterday)
    event = lists.named(lists.alice, "Single")
    assert lists.alice("PATCH", f"/me/events/{event}", {"subject": "Restored"}).status == 200
    assert "Restored" in [one["subject"] for one in lists.alice.get(EVENTS)["value"]]


class _RolledBackError(Exception):
    """What ends a command."""


def _list(tx: Tx, who: object, text: bytes) -> Page[bytes]:
    writer: ItemWriter[bytes] = ItemWriter("plain", lambda view: view)
    return Page(items=write_items(tx, writer, None, [text], key=lambda line: 1, view=lambda line: line))


def test_what_was_rolled_back_is_not_kept(world: World) -> None:
    @writes
    def fail(tx: Tx, who: object) -> None:
        _list(tx, who, b"never")
        raise _RolledBackError

    with pytest.raises(_RolledBackError):
        world.store.run(fail, None)
    listing: Any = reads(_list)
    assert world.store.run(listing, None, b"first").items == [b"first"]
    assert world.store.run(listing, None, b"not read").items == [b"first"]
