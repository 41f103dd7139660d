"""The dialects that are served, and under which names people know them."""

from __future__ import annotations

from collections.abc import Awaitable

from msgspec import structs

from rsvpd.commands.door import Door
from rsvpd.dialects.google.serve import BATCH, MOUNT, Google
from rsvpd.dialects.microsoft.serve import Microsoft
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, Profile
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.app import Dialect
from rsvpd.errors import RsvpdError
from rsvpd.identity.tokens import Tokens

_TITLES = {
    OUTLOOK_V1.mount: "Outlook REST v1.0",
    OUTLOOK_V2.mount: "Outlook REST v2.0",
    GRAPH.mount: "Microsoft Graph v1.0",
}


def all_dialects(door: Door, tokens: Tokens) -> tuple[Dialect, ...]:
    """Return every dialect over one door."""
    microsoft, google = Microsoft(door, tokens), Google(door, tokens)
    calendar = Dialect(
        prefix=MOUNT, title="Google Calendar v3", answer=google.__call__, refuse=google.refuse,
        authenticate=google.authenticate,
    )
    return (
        *(_profile(microsoft, profile) for profile in (OUTLOOK_V1, OUTLOOK_V2, GRAPH)),
        calendar,
        structs.replace(
            calendar, prefix=BATCH, title="Google batch", answer=google.batch, is_listed=False,
        ),
    )


def _profile(microsoft: Microsoft, profile: Profile) -> Dialect:
    def answer(request: Request) -> Awaitable[Response]:
        return microsoft(profile, request)

    def refuse(request: Request, error: RsvpdError) -> Response:
        return microsoft.refuse(profile, request, error)

    return Dialect(
        prefix=profile.mount, title=_TITLES[profile.mount], answer=answer, refuse=refuse,
        authenticate=microsoft.authenticate,
    )
