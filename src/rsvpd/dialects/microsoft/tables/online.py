"""Online meetings of events in Graph's words.

Rules (Graph: event resource, event-update).
1. `isOnlineMeeting`, or a provider, makes an online meeting once; from then on neither is changed.
2. A body written without how to join ends it, unless the same request says that it is one.
"""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.conference import Conference, Provider, Wish, is_ended_by
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx, read_flag, read_only
from rsvpd.dialects.shape import Codec

_UNKNOWN = "unknown"
# Graph's word for each provider it has one for.
_WORDS = {one: one.value for one in (Provider.TEAMS, Provider.SKYPE, Provider.CONSUMER)}
_MEMBERS = ("joinUrl", "conferenceId", "tollNumber", "tollFreeNumbers", "quickDial", "phones")


def _url(conference: Conference | None, _: Ctx) -> str | None:
    return conference.url if conference is not None and conference.provider is Provider.SKYPE else None


IS_ONLINE: Codec[Ctx] = Codec("Edm.Boolean", lambda conference, _: conference is not None, read_flag)
URL: Codec[Ctx] = read_only("Edm.String", _url)


def provider(t: Types) -> Codec[Ctx]:
    """Return the codec of whose online meeting it is."""
    word = t.word(words.ONLINE_MEETING_PROVIDER)

    def write(conference: Conference | None, ctx: Ctx) -> Any:
        return word.write(_UNKNOWN if conference is None else _WORDS.get(conference.provider, _UNKNOWN), ctx)

    return Codec(word.edm, write, word.read)


def info(t: Types) -> Codec[Ctx]:
    """Return the codec of how to join. There are no telephones here."""
    names = t.style.names(*_MEMBERS)

    def write(conference: Conference | None, _: Ctx) -> dict[str, Any] | None:
        if conference is None:
            return None
        return dict(zip(names, (conference.url or None, conference.id or None, None, [], None, []), strict=True))

    return read_only(t.edm("onlineMeetingInfo"), write)


def read_online(fields: dict[str, Any], stored: EventView | None) -> None:
    """Let what a client wrote become a wish for an online meeting, or the end of the one there is."""
    is_wanted, named = fields.pop("is_online", None), fields.pop("online_provider", None)
    before = stored.event.conference if stored is not None else None
    if stored is None or before is None:
        if is_wanted or named not in (None, _UNKNOWN):
            fields["conference"] = Wish(provider=None if named in (None, _UNKNOWN) else Provider(named))
        return
    body = fields.get("body")
    is_own = stored.meeting.is_organizer and before.provider in _WORDS
    if is_own and not is_wanted and body is not None and is_ended_by(before, stored.event.body, body):
        fields["conference"] = None
