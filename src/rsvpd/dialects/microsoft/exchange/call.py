"""One request on its way to a command: who asks, what was found in the path, what is preferred."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from functools import cached_property

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.view import CalendarView
from rsvpd.commands.door import Door, Who
from rsvpd.dialects.microsoft.exchange.body import read_object
from rsvpd.dialects.microsoft.exchange.preferences import NO_STATE, Preferences, if_match
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.tables.scopes import Needs
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.options import Options, parse
from rsvpd.dialects.odata.url import Step
from rsvpd.dialects.push import Sender
from rsvpd.dialects.wire import Request, Response
from rsvpd.identity.clients import Clients
from rsvpd.identity.seal import Seal
from rsvpd.identity.tokens import Claims
from rsvpd.mail.person import Person
from rsvpd.work import Work

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# Outlook REST v2.0 names a user `{user GUID}@{tenant GUID}`.
_USER_AT_TENANT = re.compile(rf"({_GUID})@{_GUID}")


# How many bytes of files stand inside the items of one answer.
MOST_EXPANDED_BYTES = 64 * 2**20
# How many times something is looked for to be shown inside an item, at whatever depth.
MOST_SHOWN = 20_000


class Call:
    """What a handler is given."""

    def __init__(
        self,
        *,
        door: Door,
        profile: Profile,
        request: Request,
        claims: Claims,
        preferences: Preferences,
        keys: Mapping[str, str],
        trail: tuple[Step, ...],
        needs: Needs,
        clients: Clients,
        send: Sender,
        seal: Callable[[str], Seal],
    ) -> None:
        self.door = door
        self.profile = profile
        self.request = request
        self.claims = claims
        self.preferences = preferences
        self.keys = keys
        self.trail = trail
        self.needs = needs
        self.clients = clients
        self.send = send
        self.seal = seal
        self.expanded = Work(MOST_EXPANDED_BYTES)
        self.shown = Work(MOST_SHOWN)
        self.calendar: CalendarView | None = None  # the one whose id stands in the path, once it is found
        self.is_out_of_date = False  # the invitation that led to the event
        self.is_basic = False  # the token lets through no more than the basics (exchange/access.py)
        self.who = Who(
            claims.oid, owner_named(keys.get("user")), request.now, claims.is_application, interface=profile.interface
        )

    @cached_property
    def me(self) -> Person:
        """Return the owner as the token knows it; what needs the mailbox itself asks a command.

        An application has no mailbox: there it is whoever the path names (exchange/access.py).
        """
        claims = self.claims
        return Person(number=0, oid=claims.oid, address=claims.upn, name=claims.name, zone="UTC")

    @cached_property
    def ctx(self) -> Ctx:
        """Return what the codecs need to know."""
        preferences = self.preferences
        return self.profile.ctx(
            base=self.request.base,
            tenant=self.claims.tid,
            owner=self.me,
            zone=preferences.zone,
            zone_name=preferences.zone_name,
            body_kind=preferences.body_kind,
            active_html=preferences.active_html,
        )

    @cached_property
    def options(self) -> Options:
        """Return the query options. Raises InvalidQuery."""
        return parse(self.request.query)

    @cached_property
    def body(self) -> dict[str, object]:
        """Return the JSON object that was sent; nothing is the empty one. Raises MalformedBody."""
        return read_object(self.request)

    def with_query(self, query: str) -> Call:
        """Return the same call with another query string."""
        other = copy(self)
        other.request = structs.replace(self.request, query=query)
        other.__dict__.pop("options", None)
        return other

    def with_options(self, options: Options) -> Call:
        """Return the same call with other query options: those of something that is shown inside."""
        other = copy(self)
        other.__dict__["options"] = options
        return other

    def item(self, name: str) -> ids.ItemId:
        """Return the id in the path under this name. Raises InvalidId."""
        return ids.decode(self.keys[name])

    async def expected_change(self, change: Callable[[], Awaitable[int]]) -> int | None:
        """Return the change number that `If-Match` allows, or None where every state will do.

        Where it names several, `change` is asked which state there is now.
        """
        allowed = if_match(self.request.headers)
        if allowed is None or len(allowed) == 1:
            return allowed and allowed[0]
        current = await change()
        return current if current in allowed else NO_STATE


Handler = Callable[[Call], Awaitable[Response]]


def owner_named(text: str | None) -> str | None:
    """Return the GUID or address by which a path names a mailbox."""
    match = _USER_AT_TENANT.fullmatch(text or "")
    return match[1] if match else text
