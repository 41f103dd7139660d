"""Upload sessions: a file is attached in parts, at an address that carries its own authorization.

The address is below Outlook REST, as the service's is (learn.microsoft.com/graph/outlook-large-attachments), on this
server. Whoever has it needs no token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

import msgspec

from rsvpd import ids
from rsvpd.commands import uploads as commands
from rsvpd.commands.door import Door
from rsvpd.commands.uploads import Progress, UploadDraft, UploadSession
from rsvpd.dialects.microsoft.exchange import body, control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call, Handler
from rsvpd.dialects.microsoft.exchange.preferences import VERSION
from rsvpd.dialects.microsoft.resources.attachments import FindPlace
from rsvpd.dialects.microsoft.tables.profiles import OUTLOOK_V2
from rsvpd.dialects.microsoft.vocabulary.codecs import precise
from rsvpd.dialects.odata.url import key_text
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import InvalidProperty, MethodNotAllowed, MissingProperty, NotEmulated, TokenMalformed
from rsvpd.identity.seal import Seal
from rsvpd.mail.view import Parent

PURPOSE = "attachment upload"
_SESSION = re.compile(r"/users\('[^']{1,200}'\)/(?:messages|events)\('[^']{1,200}'\)/attachmentsessions\(", re.I)
_TOKEN = re.compile(r"(?:\A|&)authtoken=([\w-]{1,200})(?:&|\Z)", re.I | re.ASCII)
_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_encode = msgspec.json.Encoder().encode


# --- where it begins


async def create(find_place: FindPlace, call: Call) -> Response:
    """Begin an upload, and answer where its parts are to be sent."""
    place = await find_place(call)
    done = await call.door(commands.begin_upload, call.who, place, _draft(call))
    name = call.profile.member
    return replies.entity(
        call,
        {
            name("uploadUrl"): _address(call, done.value),
            name("expirationDateTime"): precise(done.value.expires),
            name("nextExpectedRanges"): ["0-"],
        },
        status=201,
        context=control_info.context_of(call, f"{call.profile.namespace}.{call.profile.style.type('uploadSession')}"),
    )


def creator(find_place: FindPlace) -> Handler:
    """Return who begins uploads there."""
    return partial(create, find_place)


def _draft(call: Call) -> UploadDraft:
    item = body.parameter(call.body, "attachmentItem")
    if not isinstance(item, dict):
        raise MissingProperty("The parameter 'AttachmentItem' is required.", target="AttachmentItem")
    kind, name, size = (body.parameter(item, one) for one in ("attachmentType", "name", "size"))
    if isinstance(kind, str) and kind.lower() in ("item", "reference"):
        raise NotEmulated("Only files are uploaded in parts.", target="attachmentType")
    if not isinstance(kind, str) or kind.lower() != "file":
        raise InvalidProperty("attachmentType: 'file' is expected.", target="attachmentType")
    if not isinstance(name, str) or not name or len(name) > 1_000:
        raise InvalidProperty("name: a name is expected.", target="name")
    if isinstance(size, str) and size.isdecimal() and len(size) < 16:  # an Int64 may stand as text
        size = int(size)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InvalidProperty("size: a number of bytes is expected.", target="size")
    return UploadDraft(
        name=name,
        size=size,
        content_type=(body.text(item, "contentType") or "")[:1_000],
        is_inline=body.flag(item, "isInline", default=False),
        content_id=(body.text(item, "contentId") or "")[:1_000],
    )


def _address(call: Call, begun: UploadSession) -> str:
    token = call.seal(PURPOSE).close(begun.secret)
    item, session = _item(call.claims.tid, begun.parent, begun.item), key_text(token[:32])
    return f"{call.request.origin}{OUTLOOK_V2.mount}{item}/AttachmentSessions{session}?authtoken={token}"


def _item(tenant: str, parent: Parent, item: str) -> str:
    """Return the path of an item below Outlook REST."""
    segment = "Events" if parent.kind is ids.Kind.EVENT else "Messages"
    return f"/Users{key_text(OUTLOOK_V2.user_key(parent.owner, tenant))}/{segment}{key_text(item)}"


# --- where its parts come in


def secret_of(request: Request, seal: Seal) -> bytes | None:
    """Return the secret that an address of an upload carries, None for any other address.

    Raises TokenMalformed where it carries none, or one that is not of this server.
    """
    if "attachmentsessions" not in request.path.lower() or _SESSION.match(unquote(request.path)) is None:
        return None
    found = _TOKEN.search(request.query)
    secret = seal.open(found[1]) if found else None
    if secret is None:
        raise TokenMalformed("The address of the upload is not of this server.")
    return secret


async def answer(door: Door, tenant: str, request: Request, secret: bytes) -> Response:
    """Answer what is asked of an upload: PUT takes the next part, GET says how much has come, DELETE ends it."""
    match request.method:
        case "PUT":
            begin, end, total = _range(request.headers)
            if end - begin + 1 != len(request.body):
                wrong = f"The range has {end - begin + 1} bytes, the body {len(request.body)}."
                raise InvalidProperty(wrong, target="Content-Range")
            done = await door(commands.put_range, request.now, secret, begin, request.body, total)
            view = done.value.attachment
            if view is None:
                return _progress(request, done.value)
            place = f"{request.base}{_item(tenant, view.parent, done.value.item)}/Attachments{key_text(view.id)}"
            return Response(status=201, headers=(VERSION, ("Location", place)))
        case "GET":
            return _progress(request, await door(commands.upload_progress, request.now, secret))
        case "DELETE":
            await door(commands.cancel_upload, request.now, secret)
            return Response(status=204, headers=(VERSION,))
    raise MethodNotAllowed(f"The method {request.method[:20]} is not allowed here.", target=METHODS)


METHODS = "GET, PUT, DELETE"


def _range(headers: Mapping[str, str]) -> tuple[int, int, int]:
    found = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None:
        raise InvalidProperty("Content-Range: 'bytes first-last/length' is expected.", target="Content-Range")
    return int(found[1]), int(found[2]), int(found[3])


def _progress(request: Request, progress: Progress) -> Response:
    where = unquote(request.path).partition("(")[0].strip("/")
    members: dict[str, Any] = {
        "@odata.context": f"{request.base}/$metadata#{where}/AttachmentSessions/$entity",
        "expirationDateTime": precise(progress.expires),
        "nextExpectedRanges": [str(progress.received)],
    }
    return Response(status=200, headers=(("Content-Type", "application/json"), VERSION), body=_encode(members))
