"""A seed is read: from what stands in a file to a world that can be told. docs/seeds.md describes the format.

All of it is read before anything is told, and what is wrong is told by line.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import UNSET

from rsvpd.calendar.calendars import PropertiesDraft
from rsvpd.calendar.event import AllDay, Timed
from rsvpd.calendar.permission import CalendarRole, roles_for
from rsvpd.clock import Instant
from rsvpd.commands.door import writes
from rsvpd.commands.people import people
from rsvpd.control.reports import Report
from rsvpd.control.seeds.dates import MINUTE, Base
from rsvpd.control.seeds.fields import Directory, Faults, Fields, at_line, word
from rsvpd.control.seeds.meetings import IMPORTANCE, MEETING, body_of, check_past, read_meeting
from rsvpd.control.seeds.newcomers import Newcomers
from rsvpd.control.seeds.nodes import Members, Node, Text, parse, quote, wrong
from rsvpd.control.seeds.tell import Told, tell
from rsvpd.control.seeds.world import Absence, Happening, Mail, NewCalendar, Share, World
from rsvpd.dialects.microsoft.tables.folder import HEX_COLORS
from rsvpd.mail.address import Mailbox
from rsvpd.mail.attachment import AttachmentKind, content_of, type_of_file
from rsvpd.mail.draft import AttachmentDraft, MessageDraft
from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.settings import RepliesDraft, ReplyStatus
from rsvpd.store.tx import Tx
from rsvpd.timezones import zone as zones

T = TypeVar("T")

PARTS = ("people", "rooms", "calendars", "sharing", "meetings", "mail", "replies")
_CALENDAR = ("owner", "name", "group", "color", "zone", "description", "shared_with")
_SHARING = ("owner", "calendar", "with")
_MAIL = ("from", "to", "cc", "bcc", "subject", "text", "html", "at", "importance", "attachments", "draft")
_ATTACHMENT = ("name", "text", "base64", "type")
_REPLIES = ("who", "text", "outside", "from", "until")
_ROLES = {
    "none": CalendarRole.NONE, "free-busy": CalendarRole.FREE_BUSY, "titles": CalendarRole.LIMITED,
    "read": CalendarRole.READ, "write": CalendarRole.WRITE, "delegate": CalendarRole.DELEGATE,
    "private-delegate": CalendarRole.PRIVATE_DELEGATE,
}  # fmt: skip
_COLORS = {name: name for name in ("auto", *HEX_COLORS)}
_EVERYBODY = "everybody"
_SOON = 30 * MINUTE
_DAY = 24 * 60 * MINUTE


def read_seed(text: str, now: Instant, known: Sequence[Person]) -> World:
    """Return what a seed says; `known` are those who have a mailbox already. Raises InvalidProperty."""
    return _Reader(now, known).read(Fields(parse(text), PARTS, "a seed"))


@writes
def tell_seed(tx: Tx, text: str, now: Instant, report: Report = lambda progress: None) -> Told:
    """Read a seed and let it be, all of it or nothing. Raises InvalidProperty, which names the line."""
    return tell(tx, read_seed(text, now, people(tx)), now, report)


class _Reader:
    """Reads the parts of a seed, people first, whom all the others name."""

    def __init__(self, now: Instant, known: Sequence[Person]) -> None:
        self._now = now
        self._faults = Faults()
        self._directory = Directory()
        for one in known:
            self._directory.add(one.address, one.name, one.zone, is_room=one.kind is PersonKind.ROOM)

    def read(self, top: Fields) -> World:
        newcomers = Newcomers(self._directory)
        named = [
            *self._each(top.items("people"), newcomers.person), *self._each(top.items("rooms"), newcomers.room)
        ]  # fmt: skip
        everybody = self._each(named, newcomers.with_names)
        calendars = self._each(top.items("calendars"), self._calendar)
        shares = self._each(top.items("sharing"), self._sharing)
        meetings = self._each(list(enumerate(top.items("meetings"))), self._meeting)
        mail = self._each(top.items("mail"), self._mail)
        replies = self._each(top.items("replies"), self._absence)
        self._faults.check()
        return World(
            people=tuple(everybody),
            calendars=tuple(one for one, _ in calendars),
            shares=tuple(one for found in (*(own for _, own in calendars), *shares) for one in found),
            happenings=(*(one for found in meetings for one in found), *mail, *replies),
        )

    def _each(self, items: Sequence[Any], read: Callable[[Any], T]) -> list[T]:
        """Return what each of some things is read as; what cannot be read is kept to be told."""
        found: list[T] = []
        for one in items:
            with self._faults.collect():
                found.append(read(one))
        return found

    def _meeting(self, numbered: tuple[int, Node]) -> list[Happening]:
        number, node = numbered
        return read_meeting(Fields(node, MEETING, "a meeting"), number, self._directory, self._now)

    # --- calendars

    def _calendar(self, node: Node) -> tuple[NewCalendar, list[Share]]:
        fields = Fields(node, _CALENDAR, "a calendar")
        owner = self._directory.one(fields.required_text("owner", "alice"))
        name = fields.required_text("name", "Team").value
        zone, group, about = fields.text("zone"), fields.text("group"), fields.text("description")
        with at_line(zone.line if zone else fields.line):
            own = zones.find(zone.value) if zone else UNSET
        draft = PropertiesDraft(
            name=name, color=fields.word("color", _COLORS) or UNSET, zone=own,
            description=about.value if about else UNSET,
        )  # fmt: skip
        shares = self._shares(fields, "shared_with", owner, name)
        return NewCalendar(owner=owner, draft=draft, group=group.value if group else "", line=fields.line), shares

    def _sharing(self, node: Node) -> list[Share]:
        fields = Fields(node, _SHARING, "what is shared")
        owner = self._directory.one(fields.required_text("owner", "alice"))
        calendar = fields.text("calendar")
        fields.node("with") or fields.required_text("with", "{bob: read}")
        return self._shares(fields, "with", owner, calendar.value if calendar else "")

    def _shares(self, fields: Fields, name: str, owner: str, calendar: str) -> list[Share]:
        node = fields.node(name)
        if node is None:
            return []
        if not isinstance(node, Members):
            raise wrong(node.line, f"{name} says who may do what; write '{name}: {{bob: read, everybody: free-busy}}'")
        return [
            self._share(Text(who, node.lines[who]), role, owner, calendar) for who, role in node.members.items()
        ]

    def _share(self, name: Text, role: Node, owner: str, calendar: str) -> Share:
        if not isinstance(role, Text):
            raise wrong(role.line, f"what {quote(name.value)} may do is a word: {', '.join(_ROLES)}")
        who = None if name.value == _EVERYBODY else self._directory.one(name)
        wanted = word(role, f"what {name.value} may do", _ROLES)
        possible = roles_for(everybody=who is None, is_default=not calendar)
        if wanted not in possible:
            words = ", ".join(one for one, meant in _ROLES.items() if meant in possible)
            raise wrong(role.line, f"{name.value} cannot have {quote(role.value)} here; it is {words}")
        if who == owner:
            raise wrong(name.line, f"{owner} owns the calendar and needs no permission; leave it out")
        return Share(owner=owner, calendar=calendar, who=who, role=wanted, line=name.line)

    # --- mail

    def _mail(self, node: Node) -> Mail:
        fields = Fields(node, _MAIL, "a message")
        sender = fields.required_text("from", "alice")
        if "@" in sender.value and self._is_outside(sender):
            raise wrong(sender.line, f"{quote(sender.value)} has no mailbox here, and mail is sent by people here")
        address = self._directory.one(sender)
        subject = fields.text("subject")
        draft = MessageDraft(
            to=self._boxes(fields, "to"), cc=self._boxes(fields, "cc"), bcc=self._boxes(fields, "bcc"),
            subject=subject.value if subject else UNSET,
            body=body_of(fields, "text") or UNSET,
            importance=fields.word("importance", IMPORTANCE) or UNSET,
            attachments=tuple(map(_attachment, fields.items("attachments"))) or UNSET,
        )  # fmt: skip
        is_sent = not fields.flag("draft")
        if is_sent and not (draft.to or draft.cc or draft.bcc):
            raise wrong(fields.line, "a message goes to somebody; write 'to: bob', or 'draft: yes'")
        at = fields.instant("at", Base(self._now, self._directory.zones[address]))
        at = self._now - _SOON if at is None else at
        check_past(fields, "at", at, self._now)
        return Mail(at=at, line=fields.line, sender=address, draft=draft, is_sent=is_sent)

    def _is_outside(self, text: Text) -> bool:
        return self._directory.anybody(text) not in self._directory.zones

    def _boxes(self, fields: Fields, name: str) -> tuple[Mailbox, ...]:
        found = [self._directory.anybody(one) for one in fields.texts(name)]
        return tuple(Mailbox(one, self._directory.names.get(one, "")) for one in found)

    # --- automatic replies

    def _absence(self, node: Node) -> Absence:
        fields = Fields(node, _REPLIES, "an automatic reply")
        who = self._directory.one(fields.required_text("who", "dave"))
        text, outside = fields.required_text("text", "I am back on Monday.").value, fields.text("outside")
        base = Base(self._now, self._directory.zones[who])
        start, end = (self._edge(fields, name, base) for name in ("from", "until"))
        if (start is None) != (end is None):
            raise wrong(fields.line, "replies have 'from' and 'until' both, or none of them to be always sent")
        external = outside.value if outside else text
        if start is None or end is None:
            replies = RepliesDraft(status=ReplyStatus.ALWAYS, internal=text, external=external)
            return Absence(at=self._now - _DAY, line=fields.line, who=who, replies=replies)
        if end <= start:
            raise wrong(fields.line_of("until"), "this is before 'from'; write a later date")
        replies = RepliesDraft(status=ReplyStatus.SCHEDULED, start=start, end=end, internal=text, external=external)
        return Absence(at=min(start - _DAY, self._now), line=fields.line, who=who, replies=replies)

    def _edge(self, fields: Fields, name: str, base: Base) -> Instant | None:
        """Return from when, or until when; a day alone begins with it, or ends after it."""
        found = fields.moment(name, base)
        if found is None:
            return None
        if isinstance(found.start, AllDay):
            midnight = zones.to_instant(found.start, floating=base.zone)
            return midnight + _DAY if name == "until" else midnight
        assert isinstance(found.start, Timed)
        return found.instant


def _attachment(node: Node) -> AttachmentDraft:
    fields = Fields(node, _ATTACHMENT, "an attachment")
    name, text, coded = fields.required_text("name", "notes.txt").value, fields.text("text"), fields.text("base64")
    if (text is None) == (coded is None):
        raise wrong(fields.line, f"the attachment {quote(name)} has either 'text' or 'base64'")
    data = text.value.encode() if text else _decode_base64(coded)
    kind = fields.text("type")
    return AttachmentDraft(
        kind=AttachmentKind.FILE, name=name, content_type=kind.value if kind else type_of_file(name),
        content=content_of(data),
    )  # fmt: skip


def _decode_base64(coded: Text | None) -> bytes:
    assert coded is not None
    try:
        return base64.b64decode("".join(coded.value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise wrong(coded.line, "this is not base64; `base64 FILE` makes it of a file") from None


