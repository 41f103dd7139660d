"""For the tests of the Microsoft dialects: bob's client, and a door that leads to plain functions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import structs

from rsvpd import clock, ids
from rsvpd.calendar.event import Attendee, Event, EventKind, Meeting, State, Timed
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.commands import calendar, calendars, directory, folders, mail, people, permissions, settings
from rsvpd.commands.door import Done, Who
from rsvpd.commands.fragments import ItemWriter
from rsvpd.commands.indexing import is_behind
from rsvpd.dialects.microsoft.serve import Microsoft
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import DirectoryObjectNotFound, ItemNotFound
from rsvpd.hints import Hint, HintCode
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.folder import Folder, FolderTree
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote, Message, RequestKind
from rsvpd.mail.person import Person
from rsvpd.mail.profile import NOBODY_KNOWN, UserView
from rsvpd.mail.settings import SettingsView
from rsvpd.mail.view import FolderView, MessageView
from rsvpd.query.algebra import Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import FOLDER_FIELDS, Fields
from rsvpd.query.page import cut, cut_few
from support.forgetful import Forgetful

NOW = clock.parse_instant("2026-11-23T08:00:00")
TENANT = "7d9f6c4e-0000-4000-8000-00000000aaaa"
BASE = "http://rsvpd.test"
BOB = Person(
    number=2,
    oid="b0b00000-0000-4000-8000-000000000002",
    address="bob@example.com",
    name="Bob",
    zone="Europe/Berlin",
)
SETTINGS = SettingsView(**structs.asdict(BOB))
ALICE = Person(
    number=1,
    oid="a11ce000-0000-4000-8000-000000000001",
    address="alice@example.com",
    name="Alice",
    zone="UTC",
)

TOKENS = Tokens(b"k" * 32, TENANT)


def at(text: str, zone: str = "Europe/Berlin") -> Timed:
    return Timed(datetime.fromisoformat(text), zone)


START, END = at("2026-12-01T10:00"), at("2026-12-01T11:00")

EVENT = EventView(
    is_namesake=False,
    owner=BOB,
    item=7,
    change=42,
    state=State.LIVE,
    kind=EventKind.SINGLE,
    meeting=Meeting(
        uid="UID1",
        organizer=ALICE.mailbox,
        is_organizer=False,
        event=(
            event := Event(start=START, end=END, subject="Plans", attendees=(Attendee(address=BOB.address),))
        ),
    ),
    event=event,
)
INVITATION = MessageView(
    owner=BOB,
    item=9,
    change=43,
    kind=MeetingKind.REQUEST,
    event_id=EVENT.id,
    message=Message(
        folder=Folder.INBOX,
        received=NOW,
        created=NOW,
        modified=NOW,
        event=7,
        letter=Letter(
            subject="Plans",
            body=Body("hello", BodyKind.TEXT),
            sender=ALICE.mailbox,
            from_=ALICE.mailbox,
            to=(BOB.mailbox,),
            note=MeetingNote(
                kind=MeetingKind.REQUEST, uid="UID1", start=START, end=END, request=RequestKind.NEW
            ),
        ),
    ),
)
PLAIN = MessageView(
    owner=BOB,
    item=10,
    change=44,
    message=Message(
        folder=Folder.INBOX, received=NOW, created=NOW, modified=NOW,
        letter=Letter(subject="Lunch", sender=ALICE.mailbox, from_=ALICE.mailbox),
    ),
)  # fmt: skip
CALENDAR = CalendarView(owner=BOB, number=1, change=50)
SHARED = permissions.PermissionView(owner=BOB, person=ALICE, role=CalendarRole.READ)
FOLDERS = [
    FolderView(owner=BOB, folder=FolderTree().get(Folder.INBOX), total=2, unread=1),
    FolderView(owner=BOB, folder=FolderTree().get(Folder.SENT)),
]


class FakeDoor(Forgetful):
    """Answers commands with values, or with what a function of their arguments returns or raises.

    Where the items of a page are to be written, they are.
    """

    def __init__(self, answers: dict[Callable[..., Any], Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    async def __call__(self, command: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.asked.append((command, args, kwargs))
        answer = self.answers[command]
        found = answer(*args, **kwargs) if callable(answer) else answer
        writer: ItemWriter[Any] | None = kwargs.get("writer")
        return found if writer is None else structs.replace(found, items=list(map(writer.write, found.items)))

    @property
    def last(self) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        return self.asked[-1]


def an_event(who: Any, ref: Any, **_: Any) -> EventView:
    if ref.item != ids.decode(EVENT.id):
        raise ItemNotFound(hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return EVENT


def a_calendar(who: Any, item: ids.ItemId | None = None) -> CalendarView:
    return CALENDAR


def the_message(
    who: Any, message: ids.ItemId, *, folder: int | None = None, with_event: bool = False
) -> MessageView:
    found = {9: INVITATION, 10: PLAIN}[message.item]
    if folder not in (None, found.message.folder):
        raise ItemNotFound
    return structs.replace(found, event=EVENT if with_event and found.event_id else None)


def the_messages(who: Any, query: Any, *, with_event: bool = False, **_: Any) -> Page[MessageView]:
    shown = structs.replace(INVITATION, event=EVENT if with_event else None)
    return Page(items=[shown, PLAIN], total=2 if query.count else None)


USERS = [UserView(person=one, profile=NOBODY_KNOWN, created=NOW) for one in (ALICE, BOB)]


def a_user(who: Who) -> UserView:
    name = (who.owner or BOB.oid).lower()
    for one in USERS:
        if name == one.person.oid or one.person.answers_to(name):
            return one
    raise DirectoryObjectNotFound


def the_users(who: Who, query: Query, fields: Fields) -> Page[UserView]:
    found = [one for one in USERS if query.where is None or matches(query.where, one, fields)]
    return cut(found, query, fields, lambda one: (one.person.number,))


ANSWERS: dict[Callable[..., Any], Any] = {
    is_behind: False,
    calendar.get_event: an_event,
    calendar.find_events: Page(items=[EVENT]),
    calendar.write_events: Page(items=[EVENT]),
    calendar.instances: Page(items=[EVENT]),
    calendar.create_event: Done(EVENT),
    calendar.update_event: Done(EVENT, (Hint(HintCode.ATTENDEE_STATUS_IGNORED),)),
    calendar.answer_event: Done(None),
    calendar.cancel_event: Done(None),
    calendar.delete_event: Done(None),
    calendars.get_calendar: a_calendar,
    calendars.list_calendars: [CALENDAR],
    mail.find_messages: the_messages,
    mail.write_messages: the_messages,
    mail.get_message: the_message,
    mail.update_message: lambda *args, **kwargs: Done(INVITATION),
    mail.move_message: Done(structs.replace(PLAIN, item=11)),
    mail.delete_message: Done(None),
    mail.send_mail: Done(None),
    folders.list_folders: lambda who, asked, **_: cut_few(FOLDERS, asked, FOLDER_FIELDS),
    folders.get_folder: FOLDERS[0],
    folders.check_path: None,
    people.whoami: BOB,
    settings.get_settings: SETTINGS,
    settings.update_settings: Done(SETTINGS),
    permissions.list_permissions: [SHARED],
    permissions.get_permission: SHARED,
    permissions.grant: Done(SHARED),
    permissions.change_role: Done(SHARED),
    permissions.revoke: Done(None),
    directory.get_user: a_user,
    directory.find_users: the_users,
}


class Client:
    """bob's client in one profile."""

    def __init__(self, profile: Profile, **answers: Any) -> None:
        self.profile = profile
        self.door = FakeDoor(ANSWERS | {getattr(calendar, name): one for name, one in answers.items()})
        self.microsoft = Microsoft(self.door, TOKENS)

    def __call__(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        token: bool = True,
        **headers: str,
    ) -> Response:
        path, _, query = url.partition("?")
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {TOKENS.issue(BOB, now=NOW)}"
        request = Request(
            method=method, origin=BASE, mount=self.profile.mount, path=path, query=query, headers=sent,
            body=content, now=NOW, request_id="r1",
        )  # fmt: skip
        return asyncio.run(self.microsoft(self.profile, request))

    def json(self, method: str, url: str, body: Any = None, **more: Any) -> Any:
        return json.loads(self(method, url, body, **more).body)


def header(response: Response, name: str) -> str | None:
    return next((value for key, value in response.headers if key.lower() == name.lower()), None)
