"""What `rsvpd up` prints: where the interfaces are, who lives here, and lines to paste.

Every curl line stands for itself: it carries its whole token and the real ids, and works in any
order with the others.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sysconfig
from collections.abc import Mapping, Sequence

from msgspec import Struct

from rsvpd import __version__
from rsvpd.calendar.event import Answer
from rsvpd.clock import Instant
from rsvpd.commands.calendar import get_event
from rsvpd.commands.door import Who
from rsvpd.commands.mail import find_messages
from rsvpd.commands.references import EventRef
from rsvpd.config import Config, default_data
from rsvpd.control.people import Card
from rsvpd.errors import DomainError
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Cmp, Op, Order, Query
from rsvpd.store.database import Store

_REQUEST = MeetingKind.REQUEST.name.lower()
_NEWEST_REQUESTS = Query(where=Cmp("meeting", Op.EQ, _REQUEST), order=(Order("received", True),), top=5)
_V1 = "/api/v1.0"
_INBOX = "/Me/Folders('Inbox')/Messages?%24top=3&%24select=Subject,From,MeetingMessageType,BodyPreview"
_ACCEPT = (
    "-i -X POST -H 'Content-Type: application/json' "
    """-d '{"Comment": "I will be there!", "SendResponse": true}' """
)
_SECONDS_PER_HOUR = 3600


class Example(Struct, frozen=True, kw_only=True):
    """An invitation to show things with: the guest's event, and the organizer's where there is one here."""

    guest: str
    event_id: str
    organizer: str | None = None
    organizer_event_id: str | None = None


async def example(store: Store, people: Sequence[Person], now: Instant) -> Example | None:
    """Return the newest invitation that waits for an answer, else the newest that was answered, or None."""
    found: list[MessageView] = []
    for person in people:
        if person.kind is PersonKind.USER:
            who = Who(person.oid, None, now)
            page = await store(
                find_messages, who, _NEWEST_REQUESTS, folder=Folder.INBOX, with_event=True
            )
            found += [view for view in page.items if view.event_id and view.event]
    if not found:
        return None
    view = max(found, key=lambda one: (_waits(one), one.message.received, -one.owner.number))
    return await _with_organizer(store, people, view, now)


def _waits(view: MessageView) -> bool:
    return view.event is not None and view.event.event.answer is Answer.NONE


async def _with_organizer(
    store: Store, people: Sequence[Person], view: MessageView, now: Instant
) -> Example:
    assert view.event
    assert view.event_id
    meeting = view.event.meeting
    for person in people:
        if person.answers_to(meeting.organizer.address):
            try:
                own = await store(get_event, Who(person.oid, None, now), EventRef(uid=meeting.uid))
            except DomainError:
                break
            return Example(
                guest=view.owner.address, event_id=view.event_id,
                organizer=person.address, organizer_event_id=own.id,
            )
    return Example(guest=view.owner.address, event_id=view.event_id)


def text(
    url: str, places: Mapping[str, str], people: Sequence[Card], shown: Example | None, config: Config
) -> str:
    """Return the whole page."""
    tokens = {one.address: one.token for one in people}
    lines = [f"rsvpd {__version__} answers at {url}", f"Data file: {config.data}", ""]
    width = max(len(title) for title in places)
    lines += [f"  {title:<{width}}  {place}" for title, place in places.items()]
    lines += ["", *_people(people, config)]
    if shown:
        lines += ["Try it: every line works as it stands, in any order.", "", *_curls(url, tokens, shown)]
        lines += [f"Or in another terminal: {_command('rsvp', config)} invites", ""]
    return "\n".join([*lines, "Ctrl-C stops the server; everything stays in the data file."])


def _people(people: Sequence[Card], config: Config) -> list[str]:
    if not people:
        return [f"Nobody lives here yet: {_command('rsvpd', config)} user add erin@example.com", ""]
    hours = max(1, config.token_lifetime_seconds // _SECONDS_PER_HOUR)
    lines = [f"People, with tokens for {hours} h (a fresh one: {_command('rsvpd', config)} token ADDRESS)", ""]
    for one in people:
        about = f"{one.name}, {one.time_zone}" + (" (room)" if one.kind == "room" else "")
        lines += [f"  {one.address}  {about}", f"  {one.token}", ""]
    return lines


def _curls(url: str, tokens: Mapping[str, str], shown: Example) -> list[str]:
    base, guest, token = url + _V1, _first_name(shown.guest), tokens[shown.guest]
    event = f"{base}/Me/Events('{shown.event_id}')"
    lines = [
        *_curl(f"{guest}'s inbox", token, base + _INBOX),
        *_curl(f"{guest}'s copy of the meeting", token, event),
        *_curl(f"{guest} accepts", token, f"{event}/Accept", options=_ACCEPT),
    ]
    if shown.organizer:
        host, token = _first_name(shown.organizer), tokens[shown.organizer]
        own = f"{base}/Me/Events('{shown.organizer_event_id}')?%24select=Subject,Attendees"
        lines += _curl(f"{host}'s inbox, where the answer arrives", token, base + _INBOX)
        lines += _curl(f"{host}'s event: who said what", token, own)
    return lines


def _curl(words: str, token: str, place: str, *, options: str = "") -> list[str]:
    """Return one line to paste with words above it; nothing in `place` means anything to a shell."""
    return [f"  {words}", f"""curl -sS {options}-H 'Authorization: Bearer {token}' "{place}\"""", ""]


def _command(name: str, config: Config) -> str:
    """Return how to call one of our commands from here, so that it finds this server.

    By its name where the shell finds it, else by its place; a data file of one's own has to be named.
    """
    place = os.path.join(sysconfig.get_path("scripts"), name)
    found = shutil.which(name)
    if os.path.exists(place) and not (found and os.path.samefile(found, place)):
        near = os.path.relpath(place)
        name = shlex.quote(place if near.startswith(os.pardir) else near)
    if config.data == default_data(os.environ):
        return name
    return f"RSVPD_DATA={shlex.quote(str(config.data.absolute()))} {name}"


def _first_name(address: str) -> str:
    return address.partition("@")[0]
