"""One call, from a request that is understood to an answer that is ready to be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.commands import calendars as commands
from rsvpd.commands.door import Door, Who
from rsvpd.commands.references import EventRef, Notify
from rsvpd.dialects.google.exchange import hints
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.exchange.partial import Selection, pick
from rsvpd.dialects.google.tables import conference, labels
from rsvpd.dialects.google.tables.reminders import default_minutes
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.etags import is_named
from rsvpd.dialects.google.vocabulary.identifiers import calendar_id
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import CalendarNotFound, InvalidProperty
from rsvpd.hints import HEADER as HINT_HEADER
from rsvpd.hints import Hint
from rsvpd.identity.seal import Seal
from rsvpd.mail.address import check_address

JSON = "application/json; charset=UTF-8"

_NOTIFY = {"all": Notify.ALL, "externalOnly": Notify.EXTERNAL, "none": Notify.NONE}
_encode = msgspec.json.Encoder().encode


class Call(Struct, frozen=True, kw_only=True):
    """A request with its route found and its sender known. `names` are the words of the path's variables.

    `application` is the client id in the token.
    """

    door: Door
    who: Who
    request: Request
    options: Options
    names: Mapping[str, str]
    mint: Callable[[], str]
    seal: Seal
    application: str = ""
    selection: Selection | None = None
    is_times_only: bool = False

    def context(self, calendar: CalendarView, *, stored: EventView | None = None) -> Context:
        """Return the circumstances of reading and writing events in a calendar."""
        return Context(
            me=calendar.owner.address,
            calendar_zone=calendar.zone,
            calendar_id=calendar_id(calendar),
            calendar_name=calendar.name,
            is_second=bool(calendar.address),
            default_minutes=default_minutes(calendar),
            origin=self.request.origin,
            zone=self.options.zone("timeZone") or calendar.zone,
            max_attendees=self.options.number("maxAttendees"),
            stored=stored,
            labels=labels.ids(calendar),
            conferences=conference.allowed_providers(calendar),
            unread=self._unsupported_members(),
        )

    def plain_context(self) -> Context:
        """Return the circumstances of reading what is no event."""
        return Context(me="", calendar_zone="")

    def who_in_calendar(self, calendar: str) -> Who:
        """Return who asks, in the calendar that an id names. Raises CalendarNotFound for what can be no id."""
        return structs.replace(self.who, owner=owner_named(calendar), calendar=DEFAULT_CALENDAR)

    def event(self) -> EventRef:
        """Return the event that the path names. Raises ItemNotFound for what can be no id."""
        named = identifiers.read(self.names["eventId"])
        return EventRef(uid=named.uid, organizer=named.organizer, original=named.original)

    def notify(self) -> Notify:
        """Return who is told of a change; no guest unless asked for (the published default is false)."""
        word = self.options.word("sendUpdates", tuple(_NOTIFY))
        if word is not None:
            return _NOTIFY[word]
        if self.options.text("sendNotifications") is None:
            return Notify.UNSTATED
        return Notify.ALL if self.options.flag("sendNotifications") else Notify.NONE

    def _unsupported_members(self) -> frozenset[str]:
        has_labels = self.options.word("eventLabelVersion", ("0", "1")) == "1"
        asked = {
            "conferenceData": bool(self.options.number("conferenceDataVersion", least=0)),
            "eventLabelId": has_labels,
            "colorId": not has_labels,
            "attachments": self.options.flag("supportsAttachments"),
        }
        return frozenset(name for name, is_asked in asked.items() if not is_asked)


def owner_named(calendar: str) -> str | None:
    """Return the address that a calendar's id is, None for the own primary one. Raises CalendarNotFound."""
    if calendar == "primary":
        return None
    try:
        return check_address(calendar)
    except InvalidProperty:
        raise CalendarNotFound("Not Found") from None


async def readable_calendar(call: Call) -> CalendarView:
    """Return the calendar whose events are asked for. Raises CalendarNotFound for who may only know when it is busy."""
    calendar = await call.door(commands.get_calendar, call.who)
    if calendar.role < CalendarRole.READ:
        raise CalendarNotFound("Not Found")
    return calendar


class Reply(Struct, frozen=True, kw_only=True):
    """An answer before it is bytes. Without a body it is 204."""

    body: dict[str, Any] | None = None
    etag: str | None = None
    hints: tuple[Hint, ...] = ()


def response(call: Call, reply: Reply) -> Response:
    """Return `reply` as it goes out: partial where asked for, 304 where the client has it already."""
    headers = _headers(reply)
    if reply.body is None:
        return Response(status=204, headers=headers)
    known = call.request.headers.get("if-none-match")
    if known and reply.etag and call.request.method == "GET" and is_named(reply.etag, known):
        return Response(status=304, headers=headers)
    body = reply.body if call.selection is None else pick(reply.body, call.selection)
    return Response(
        status=200,
        headers=(("Content-Type", JSON), *headers),
        body=encode(body, call.options.flag("prettyPrint", default=True)),
    )


def encode(body: dict[str, Any], pretty: bool) -> bytes:
    """Return JSON; `pretty` is the published default, with one blank per level."""
    raw = _encode(body)
    return msgspec.json.format(raw, indent=1) if pretty else raw


def _headers(reply: Reply) -> tuple[tuple[str, str], ...]:
    hint = hints.header(reply.hints)
    return (
        ("Cache-Control", "private, max-age=0, must-revalidate"),
        ("Vary", "Authorization"),
        *((("ETag", reply.etag),) if reply.etag else ()),
        *(((HINT_HEADER, hint),) if hint else ()),
    )
