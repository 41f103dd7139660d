"""The dialects that are served, and under which names people know them."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import cache

from msgspec import structs

from rsvpd.clock import Clock
from rsvpd.commands.door import Door
from rsvpd.commands.notifications import Notification
from rsvpd.dialects.google import routes as google_routes
from rsvpd.dialects.google.discovery import PATHS
from rsvpd.dialects.google.resources import channels
from rsvpd.dialects.google.resources.channels import google_publisher
from rsvpd.dialects.google.serve import BATCH, MOUNT, Google
from rsvpd.dialects.microsoft import routes as microsoft_routes
from rsvpd.dialects.microsoft.resources import push_subscriptions, subscriptions
from rsvpd.dialects.microsoft.resources.notifications import Reading, Signing, graph_publisher, outlook_publisher
from rsvpd.dialects.microsoft.resources.resource_data import claims_of, request_of
from rsvpd.dialects.microsoft.serve import Microsoft
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, Profile
from rsvpd.dialects.push import Publisher, Sender, discard
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.app import Dialect
from rsvpd.errors import RsvpdError
from rsvpd.faults import KnownRoute
from rsvpd.identity.clients import Clients
from rsvpd.identity.tokens import Tokens

BETA = "/beta"

_BETA_NOTICE = (
    f"Answered as {GRAPH.mount}, which this server has in the place of {BETA}: members and calls of {BETA}"
    f" alone are missing, and links and contexts lead to {GRAPH.mount}."
)
TITLES = {
    OUTLOOK_V1.mount: "Outlook REST v1.0",
    OUTLOOK_V2.mount: "Outlook REST v2.0",
    GRAPH.mount: "Microsoft Graph v1.0",
    MOUNT: "Google Calendar v3",
}

INTERFACES = {GRAPH.mount: "graph", OUTLOOK_V2.mount: "outlook-v2", OUTLOOK_V1.mount: "outlook-v1"}
GOOGLE = "google"


def all_dialects(
    door: Door, tokens: Tokens, clients: Clients | None = None, send: Sender = discard
) -> tuple[Dialect, ...]:
    """Return every dialect over one door. `clients` are the registered applications; the local one without them.

    `send` reaches receivers of notifications; without it nobody is reached.
    """
    microsoft, google = Microsoft(door, tokens, clients, send), Google(door, tokens)
    graph = _profile(microsoft, GRAPH)
    calendar = Dialect(
        prefix=MOUNT, title=TITLES[MOUNT], answer=google.__call__, refuse=google.refuse,
        authenticate=google.authenticate, methods=google.methods, interface=GOOGLE,
    )
    return (
        *(_profile(microsoft, profile) for profile in (OUTLOOK_V1, OUTLOOK_V2)),
        graph,
        # The links are those of what really answers: whoever follows one leaves /beta and loses nothing.
        structs.replace(graph, prefix=BETA, mount=GRAPH.mount, notice=_BETA_NOTICE, is_listed=False),
        calendar,
        structs.replace(
            calendar, prefix=BATCH, title="Google batch", answer=google.batch, methods=lambda request: "POST",
            is_listed=False, path="$batch",
        ),
        *(
            structs.replace(
                calendar, prefix=path, title="Google discovery", answer=google.describe, methods=lambda request: "GET",
                is_listed=False,
            )
            for path in PATHS
        ),
    )


def publishers(
    door: Door, tokens: Tokens, clients: Clients | None = None, *, sign: Signing, clock: Clock
) -> dict[str, Publisher]:
    """Return how each dialect tells its subscribers, over the same door; `sign` is what makes Graph known to them."""
    microsoft, tenant = Microsoft(door, tokens, clients), tokens.tenant

    def reading(profile: Profile) -> Reading:
        async def read(told: Notification, name: str, id: str) -> bytes | None:
            request = request_of(told, name, id, profile, now=clock())
            answer = await microsoft.answer_as(profile, claims_of(told, tenant), request)
            return answer.body if answer.status == 200 else None

        return read

    return {
        subscriptions.DIALECT: graph_publisher(tenant, reading(GRAPH), sign),
        push_subscriptions.DIALECT: outlook_publisher(tenant, reading(OUTLOOK_V2)),
        channels.DIALECT: google_publisher(),
    }


def _profile(microsoft: Microsoft, profile: Profile) -> Dialect:
    def answer(request: Request) -> Awaitable[Response]:
        return microsoft(profile, request)

    def refuse(request: Request, error: RsvpdError) -> Response:
        return microsoft.refuse(profile, request, error)

    def methods(request: Request) -> str:
        return microsoft.methods(profile, request)

    return Dialect(
        prefix=profile.mount, title=TITLES[profile.mount], answer=answer, refuse=refuse,
        authenticate=microsoft.admit, methods=methods, interface=INTERFACES[profile.mount],
    )


@cache
def all_routes() -> tuple[KnownRoute, ...]:
    """Return every route by the name of its interface, in the words of that."""
    return (
        *(
            KnownRoute(INTERFACES[profile.mount], method, path)
            for profile in (GRAPH, OUTLOOK_V2, OUTLOOK_V1) for method, path in microsoft_routes.routes_of(profile)
        ),
        *(KnownRoute(GOOGLE, route.method, route.template) for route in google_routes.ROUTES),
        KnownRoute(GOOGLE, "POST", "$batch"),
    )
