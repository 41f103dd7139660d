"""What events and messages have in common: identity, times of change, links."""

from __future__ import annotations

from typing import Any, Protocol

from rsvpd import ids
from rsvpd.dialects.microsoft.vocabulary.codecs import TEXT, TEXTS, Ctx, read_only
from rsvpd.dialects.shape import Access, Codec, Prop, Shown
from rsvpd.mail.attachment import Presence, presence
from rsvpd.mail.person import Person


class Item(Protocol):
    """An event or message as its owner has it."""

    @property
    def id(self) -> str: ...
    @property
    def owner(self) -> Person: ...
    @property
    def change(self) -> int: ...


def change_key(view: Any) -> str:
    """Return the change key of an event, message or calendar; it is also the payload of its etag."""
    return ids.change_key(view.owner.number, view.change)


def web_link(path: str) -> Codec[Ctx]:
    """Return the codec of the address at which a browser would show the item."""

    def write(view: Item, ctx: Ctx) -> str:
        origin = ctx.base.removesuffix(ctx.mount)
        return f"{origin}/owa/?{path.format(view.id.replace('=', '%3D'))}"

    return read_only("Edm.String", write)


KEY: Codec[Ctx] = read_only("Edm.String", lambda view, _: change_key(view))
ID: Prop[Ctx] = Prop(name="id", source="id", codec=TEXT, shown=Shown.ALWAYS)
HAS_ATTACHMENTS: Codec[Ctx] = read_only("Edm.Boolean", lambda all_, _: presence(all_) is Presence.ATTACHED)
CHANGE_KEY: Prop[Ctx] = Prop(name="changeKey", source="", codec=KEY)


def categories(source: str) -> Prop[Ctx]:
    """Return the row of the owner's own labels."""
    return Prop(name="categories", source=source, codec=TEXTS, access=Access.WRITE, query="categories")
