"""Whether a token is for what is asked, and how much of it.

Rule 1: a scope counts for the methods that the published description of the API names it for, and for nothing else.
Rule 2: without a person there is no calendar: an application by itself is refused, a service account that acts for
somebody (domain-wide delegation) has that person's token.
Rule 3: who may know only when events are is shown no more, and may not ask by what is hidden.
"""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.calendars import ADDRESS_DOMAIN
from rsvpd.commands.calendars import ownership
from rsvpd.commands.door import Door, Who
from rsvpd.dialects.google.exchange.options import Options
from rsvpd.dialects.google.tables.scopes import Needs, Reach
from rsvpd.errors import ScopeMissing
from rsvpd.hints import Hint, HintCode
from rsvpd.identity.tokens import Claims
from rsvpd.mail.address import fold

# What the times of an event are told in.
_TIMES = frozenset((
    "kind", "etag", "id", "status", "start", "end", "endTimeUnspecified", "recurrence", "recurringEventId",
    "originalStartTime", "transparency", "visibility", "iCalUID", "sequence", "eventType", "updated",
))  # fmt: skip
_LIST = frozenset(("kind", "etag", "summary", "updated", "timeZone", "nextPageToken", "nextSyncToken"))
# Questions that what is hidden would answer.
_TELLING = ("q", "privateExtendedProperty", "sharedExtendedProperty")
_NOBODY = "a token of a person; a service account acts for one by domain-wide delegation (sub)"


async def reach_of(door: Door, claims: Claims, needs: Needs, method: str, who: Who) -> Reach | None:
    """Return what of a calendar, as `who` names it, a token opens for a method; None for nothing. Raises ScopeMissing.

    `method` is the id of the published method.
    """
    if claims.is_application:
        raise _missing_scope(needs, method, _NOBODY)
    granted = claims.scopes
    if not needs.whole.isdisjoint(granted):
        return Reach.WHOLE
    narrow = {reach for names, reach in ((needs.owned, Reach.OWNED), (needs.created, Reach.CREATED))
              if not names.isdisjoint(granted)}  # fmt: skip
    if who.owner is None or fold(who.owner) == fold(claims.upn):
        if Reach.OWNED in narrow or (Reach.CREATED in narrow and who.calendar is None):
            return Reach.WHOLE
    elif narrow and fold(who.owner).endswith(ADDRESS_DOMAIN):
        found = await door(ownership, who)
        is_made = Reach.CREATED in narrow and found.maker == claims.app_id
        if found.is_own and (Reach.OWNED in narrow or is_made):
            return Reach.WHOLE
    return None if needs.times.isdisjoint(granted) else Reach.TIMES


def is_times_only(reach: Reach | None, needs: Needs, method: str, options: Options) -> bool:
    """Return whether no more than the times of events is to be shown. Raises ScopeMissing."""
    if reach is Reach.WHOLE:
        return False
    if reach is None or any(options.texts(name) for name in _TELLING):
        raise _missing_scope(needs, method, f"the scope {needs.names[0]}")
    return True


def times(body: dict[str, Any]) -> dict[str, Any]:
    """Return of an event, or of a list of them, no more than when they are."""
    if "items" not in body:
        return {name: value for name, value in body.items() if name in _TIMES}
    members = {name: value for name, value in body.items() if name in _LIST}
    items = [times(one) for one in body["items"]]
    return {**members, "accessRole": "freeBusyReader", "defaultReminders": [], "items": items}


def _missing_scope(needs: Needs, method: str, least: str) -> ScopeMissing:
    return ScopeMissing(target=method, hint=Hint(HintCode.SCOPE_MISSING, least), wanted=needs.names)
