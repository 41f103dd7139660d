"""Photos of people: one each, in the size in which it was sent."""

from __future__ import annotations

import re
from typing import Any

from rsvpd.commands import directory
from rsvpd.dialects.microsoft.exchange import control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.preferences import Metadata
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, NotEmulated, PhotoNotFound, TooLarge, UnsupportedMedia
from rsvpd.mail.picture import jpeg_size
from rsvpd.mail.profile import Photo
from rsvpd.query.algebra import Page

_MOST_BYTES = 4 * 2**20
_JPEG = ("image/jpeg", "image/jpg")
_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})", re.IGNORECASE)


async def get_photo(call: Call) -> Response:
    """Answer what is known of a photo."""
    photo = await _photo(call)
    return replies.entity(call, _members(call, photo), context=_context(call, "photo/$entity"))


async def list_photos(call: Call) -> Response:
    """Answer the sizes in which there is a photo: that in which it was sent. Raises PhotoNotFound."""
    photo = await _photo(call)
    page = Page(items=[photo])
    return replies.collection(call, [_members(call, photo)], page, context=_context(call, "photos"))


async def get_content(call: Call) -> Response:
    """Answer the bytes of a photo."""
    photo = await _photo(call)
    return Response(status=200, headers=(("Content-Type", photo.media_type),), body=photo.content)


async def set_content(call: Call) -> Response:
    """Put a photo in the place of another one: JPEG, 4 MB at most."""
    media = (call.request.headers.get("content-type") or _JPEG[0]).partition(";")[0].strip().lower()
    if media not in _JPEG:
        raise UnsupportedMedia(f"A photo of type '{media[:80]}' is not read here; send image/jpeg.")
    content = call.request.body
    if len(content) > _MOST_BYTES:
        raise TooLarge("A photo has 4 MB at most.")
    size = jpeg_size(content)
    if size is None:
        raise InvalidProperty("The body is not a JPEG picture.", target="photo")
    photo = Photo(width=size[0], height=size[1], media_type=_JPEG[0], content=content)
    await call.door(directory.set_photo, call.who, photo)
    return replies.ok(call)


async def delete_content(call: Call) -> Response:
    """Take a photo away. Raises PhotoNotFound."""
    await call.door(directory.set_photo, call.who, None)
    return replies.no_content(call)


async def _photo(call: Call) -> Photo:
    """Return the photo, in the size that the path names. Raises PhotoNotFound, NotEmulated for a smaller one."""
    photo = await call.door(directory.get_photo, call.who)
    named = call.keys.get("photo")
    match = _SIZE.fullmatch(named) if named is not None else None
    if named is None or (match and (int(match[1]), int(match[2])) == (photo.width, photo.height)):
        return photo
    if match and int(match[1]) <= photo.width and int(match[2]) <= photo.height:
        raise NotEmulated(
            f"A photo in a smaller size is not emulated by rsvpd: it is to be had as it was sent, {photo.width}x"
            f"{photo.height}, at {call.profile.mount}/me/{call.profile.segment('photo')}/$value."
        )
    raise PhotoNotFound


def _members(call: Call, photo: Photo) -> dict[str, Any]:
    named = call.profile.member
    typed = {} if call.preferences.metadata is Metadata.NONE else {"@odata.mediaContentType": photo.media_type}
    return {
        **typed,
        named("id"): f"{photo.width}X{photo.height}",
        named("width"): photo.width,
        named("height"): photo.height,
    }


def _context(call: Call, way: str) -> dict[str, str]:
    return dict(control_info.context_of(call, f"{call.profile.context_root(call.me)}/{way}"))
