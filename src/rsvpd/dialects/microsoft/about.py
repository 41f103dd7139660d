"""What anybody may read without a token: the service document and the metadata document."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rsvpd.dialects.microsoft.exchange.preferences import VERSION, Metadata, content_type
from rsvpd.dialects.microsoft.tables.metadata import document
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.wire import Request, Response


def service_document(profile: Profile, request: Request) -> Response:
    """Answer what stands at the root (OData JSON 4.0, 5)."""
    me, users = profile.segment("me"), profile.segment("users")
    body = {
        "@odata.context": f"{request.base}/$metadata",
        "value": [
            {"name": me, "kind": "Singleton", "url": me},
            {"name": users, "kind": "EntitySet", "url": users},
        ],
    }
    media = ("Content-Type", content_type(Metadata.MINIMAL))
    return Response(status=200, headers=(media, VERSION), body=msgspec.json.encode(body))


def metadata(profile: Profile, request: Request) -> Response:
    """Answer the description of the service's types and actions."""
    media = ("Content-Type", "application/xml")
    return Response(status=200, headers=(media, VERSION), body=document(profile))


# By the words of the path.
PAGES: dict[tuple[str, ...], Callable[[Profile, Request], Response]] = {
    (): service_document,
    ("$metadata",): metadata,
}
