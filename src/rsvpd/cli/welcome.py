"""What `rsvpd up` prints: where the interfaces are, who lives here, and lines to paste.

It fits a terminal of 80 columns and 25 lines. The curl lines take tokens from `rsvpd token`, so they stay good as
long as the server runs, and work in any order.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sysconfig
from collections.abc import Mapping, Sequence
from textwrap import shorten, wrap
from urllib.parse import urlsplit

from msgspec import Struct

from rsvpd import __version__
from rsvpd.calendar.event import Answer
from rsvpd.clock import Instant
from rsvpd.commands.door import Who
from rsvpd.commands.mail import find_messages
from rsvpd.config import Config, default_data
from rsvpd.mail.address import short_names
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Cmp, Op, Order, Query
from rsvpd.store.database import Store

_REQUEST = MeetingKind.REQUEST.name.lower()
_NEWEST_REQUESTS = Query(where=Cmp("meeting", Op.EQ, _REQUEST), order=(Order("received", True),), top=5)
_INBOX = "/v1.0/me/mailFolders/inbox/messages?$top=1"
_ACCEPT = """-d '{"comment": "I will be there!"}' -H 'Content-Type: application/json' \\"""
_SECONDS_PER_HOUR = 3600
_NAMED, _WIDTH = 12, 80


class Example(Struct, frozen=True, kw_only=True):
    """An invitation to show things with: the guest and the guest's event, and the organizer where that is somebody
    here."""

    subject: str
    guest: str
    event_id: str
    organizer: str | None = None


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
    view = max(found, key=lambda one: (_is_waiting(one), one.message.received, -one.owner.number))
    assert view.event
    assert view.event_id
    organizer = view.event.meeting.organizer.address
    host = next((one.address for one in people if one.answers_to(organizer)), None)
    return Example(
        subject=view.event.event.subject, guest=view.owner.address, event_id=view.event_id, organizer=host
    )


def _is_waiting(view: MessageView) -> bool:
    return view.event is not None and view.event.event.answer is Answer.NONE


def text(
    url: str,
    places: Mapping[str, str],
    people: Sequence[Person],
    example: Example | None,
    config: Config,
    *,
    https_url: str = "",
) -> str:
    """Return the whole page; `https_url` is empty where no HTTPS is spoken."""
    width = max(len(title) for title in places)
    urls = f"{url}, {https_url}" if https_url else url
    lines = [f"rsvpd {__version__} at {urls} (Ctrl-C stops it)", _story(people, example), _where(config)]
    lines += [f"  {title:<{width}}  {place}" for title, place in places.items()]
    lines += ["", *_people(people, config)]
    if example:
        lines += ["", *_lines_to_paste(url, people, example, config), "", f"Or: {_command('rsvp')} invites"]
    return "\n".join(lines)


def _story(people: Sequence[Person], example: Example | None) -> str:
    """Return what there is to see in a browser."""
    if example is None:
        return "Open it in a browser, or call an interface."
    names = short_names(one.address for one in people)
    guest, host = names[example.guest], names.get(example.organizer or "")
    invited = f"{host} invited {guest}" if host else f"{guest} was invited"
    return shorten(f'Open it in a browser: {invited} to "{example.subject}".', _WIDTH, placeholder="…")


def _where(config: Config) -> str:
    """Return what holds the data; of a database not who connects to it, nor by what password."""
    if not config.database:
        return f"Data file: {config.data}"
    parts = urlsplit(config.database)
    workers = f", {config.workers} workers" if config.workers > 1 else ""
    return f"Database: {parts.hostname or 'local'}{parts.path}{workers}"


def _people(people: Sequence[Person], config: Config) -> list[str]:
    if not people:
        return [*_settings(config), f"Nobody lives here yet: {_command('rsvpd')} user add erin@example.com"]
    hours = max(1, config.token_lifetime_seconds // _SECONDS_PER_HOUR)
    domains = {one.address.rpartition("@")[2] for one in people}
    where = f" (@{domains.pop()})" if len(domains) == 1 else ""
    names = short_names(one.address for one in people)
    groups = [
        f"{title}: {_first_few([names[one.address] for one in people if one.kind is kind])}"
        for title, kind in (("People", PersonKind.USER), ("rooms", PersonKind.ROOM))
        if any(one.kind is kind for one in people)
    ]
    first = names[people[0].address]
    return [
        *wrap("; ".join(groups) + where, _WIDTH, break_long_words=False, break_on_hyphens=False),
        *_settings(config),
        f"A token, good for {hours} h: {_command('rsvpd')} token {first}",
    ]


def _first_few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _settings(config: Config) -> list[str]:
    """What another terminal has to be told: a data file of one's own, and commands that no shell finds."""
    wanted = [] if _is_found() or _is_near() else [f"PATH={shlex.quote(_scripts())}:$PATH"]
    if config.database or config.data != default_data(os.environ):
        wanted.insert(0, f"RSVPD_DATA={shlex.quote(str(config.data.absolute()))}")
    if config.database:
        is_open = urlsplit(config.database).password is None
        database = shlex.quote(config.database) if is_open else "…, as it is here"
        return ["In another terminal:", f"export {' '.join(wanted)}", f"export RSVPD_DATABASE={database}"]
    return [f"In another terminal: export {' '.join(wanted)}"] if wanted else []


def _lines_to_paste(url: str, people: Sequence[Person], example: Example, config: Config) -> list[str]:
    names = short_names(one.address for one in people)
    guest, host = names[example.guest], names.get(example.organizer or "")
    title = f"In another terminal: {guest}'s inbox, {guest}'s answer" + (f", {host}'s inbox" if host else "")
    lines = [f"{title}:", "", _curl("-sS", guest), f"  '{url}{_INBOX}'", ""]
    lines += [_curl("-sSi", guest), f"  {_ACCEPT}", f"  {url}/v1.0/me/events/{example.event_id}/accept"]
    return lines + (["", _curl("-sS", host), f"  '{url}{_INBOX}'"] if host else [])


def _curl(options: str, who: str) -> str:
    return f"""curl {options} -H "Authorization: Bearer $({_command('rsvpd')} token {shlex.quote(who)})" \\"""


def _command(name: str) -> str:
    """Return how to call one of our commands from another terminal: by its place where only that is short."""
    return shlex.quote(os.path.join(os.path.relpath(_scripts()), name)) if _is_near() and not _is_found() else name


def _scripts() -> str:
    return sysconfig.get_path("scripts")


def _is_found() -> bool:
    """Return whether every shell finds our commands. Those of `uvx rsvpd up` are in the PATH of this process alone."""
    ours = os.path.join(_scripts(), "rsvpd")
    elsewhere = [one for one in os.get_exec_path() if "UV" not in os.environ or one != _scripts()]
    found = shutil.which("rsvpd", path=os.pathsep.join(elsewhere))
    return not os.path.exists(ours) or bool(found and os.path.samefile(found, ours))


def _is_near() -> bool:
    return not os.path.relpath(_scripts()).startswith(os.pardir)
