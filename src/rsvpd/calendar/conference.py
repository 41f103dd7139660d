"""Online meetings: where those who are invited join, whatever service it is of."""

from __future__ import annotations

import enum
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from rsvpd.mail.content import Body, BodyKind, as_document


class Provider(enum.Enum):
    """Whose online meetings they are."""

    MEET = "hangoutsMeet"
    TEAMS = "teamsForBusiness"
    SKYPE = "skypeForBusiness"
    CONSUMER = "skypeForConsumer"
    OTHER = "addOn"


class Conference(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """An online meeting. `request_id` is what a client called its wish for it.

    `data` is all there is of one that a program wrote in Google's words, checked.
    """

    provider: Provider
    id: str = ""
    url: str = ""
    request_id: str = ""
    data: dict[str, Any] = {}


class Wish(Struct, frozen=True, kw_only=True):
    """What a client wants: an online meeting of a provider, or of the mailbox's own."""

    provider: Provider | None = None
    request_id: str = ""


# How many random bytes an online meeting is made of.
ENTROPY = 16
NAMES = {
    Provider.MEET: "Google Meet",
    Provider.TEAMS: "Microsoft Teams Meeting",
    Provider.SKYPE: "Skype for Business Meeting",
    Provider.CONSUMER: "Skype Meeting",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_RULE = "_" * 80


def new_conference(provider: Provider, organizer: str, entropy: bytes, request_id: str = "") -> Conference:
    """Return a new online meeting, with an address of the form that such a provider gives. Nobody answers there."""
    number, hexadecimal = int.from_bytes(entropy, "big"), entropy.hex()
    digits = str(number % 10**9).zfill(9)
    match provider:
        case Provider.MEET:
            word = "".join(_LETTERS[byte % 26] for byte in entropy[:10])
            name = f"{word[:3]}-{word[3:7]}-{word[7:]}"
            url = f"https://meet.google.com/{name}"
        case Provider.TEAMS:
            name, thread = digits, quote(f"19:meeting_{hexadecimal}@thread.v2", safe="")
            url = f"https://teams.microsoft.com/l/meetup-join/{thread}/0?context={quote(_context(organizer), safe='')}"
        case Provider.SKYPE:
            name, url = digits, f"https://meet.lync.com/rsvpd/{hexadecimal[:12]}/{hexadecimal[12:20].upper()}"
        case _:
            name, url = digits, f"https://join.skype.com/{hexadecimal[:12]}"
    return Conference(provider=provider, id=name, url=url, request_id=request_id)


def with_join_block(body: Body, conference: Conference) -> Body:
    """Return a body that ends with how to join, as Exchange writes it into the bodies of online meetings."""
    if conference.url in body.text:
        return body
    whole = as_document(body)
    at = whole.lower().rfind("</body>")
    at = len(whole) if at < 0 else at
    return Body(whole[:at] + _block(conference) + whole[at:], BodyKind.HTML)


def is_ended_by(conference: Conference, before: Body, after: Body) -> bool:
    """Return whether a body that is written over `before` lacks how to join, which ends the online meeting."""
    return conference.url in before.text and conference.url not in after.text


def _context(organizer: str) -> str:
    return f'{{"Tid":"{organizer}","Oid":"{organizer}"}}'


def _block(conference: Conference) -> str:
    return (
        f'<br>\r\n<div>{_RULE}</div>\r\n<div><b>{NAMES.get(conference.provider, "Online meeting")}</b></div>\r\n'
        f'<div><a href="{conference.url}">Click here to join the meeting</a></div>\r\n<div>{_RULE}</div>\r\n'
    )
