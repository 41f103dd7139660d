"""What subscribing has in common in Microsoft Graph and Outlook REST: what can be heard of, and that a receiver agrees.

Rule 1: a receiver is asked before anything is stored, and has to give back what it was sent, as plain text.
Rule 2: a person subscribes to the own mailbox; an application to those that it may read. What one application made,
        in the name of one person or its own, no other sees.
"""

from __future__ import annotations

import http
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from rsvpd.commands.subscriptions import Holder, mailbox_of
from rsvpd.dialects.microsoft.exchange import access
from rsvpd.dialects.microsoft.exchange.call import Call, owner_named
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.tables import scopes
from rsvpd.dialects.microsoft.tables.scopes import Needs
from rsvpd.dialects.odata.url import Routes, Row, parse
from rsvpd.dialects.push import Push, Undelivered, UnusableUrl, origin_of
from rsvpd.errors import InvalidId, InvalidSubscription, MissingProperty, NotEmulated, UnknownSegment
from rsvpd.mail.subscription import Topic

_FAILED = "Subscription validation request failed."
_PLAIN_TEXT = ("Content-Type", "text/plain; charset=utf-8")


class Handshake(Struct, frozen=True, kw_only=True):
    """How a receiver is asked: the option and what it is given there, headers, and for how long an answer may take.

    `target` is the member that names the receiver, for refusals.
    """

    option: str
    token: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 10.0


class SubscribedResource(Struct, frozen=True):
    """A resource that can be heard of: what it is of, and the query after it."""

    topic: Topic
    query: str


class _Place(Struct, frozen=True):
    """What a resource is of, and what a token has to carry for it."""

    topic: Topic
    needs: Needs


_EVENTS = _Place(Topic.EVENTS, scopes.READ_CALENDARS)
_MAIL = _Place(Topic.MESSAGES, scopes.READ_MAIL_BASIC)
_PLACES: Routes[_Place] = Routes(
    Row("GET", f"{user}/{below}", place)
    for user in ("me", "users/{user}")
    for below, place in (
        ("events", _EVENTS),
        ("calendar/events", _EVENTS),
        ("calendars/{calendar}/events", _EVENTS),
        ("messages", _MAIL),
        ("mailFolders/{folder}/messages", _MAIL),
    )
)


def check_required(fields: Mapping[str, Any], required: Iterable[tuple[str, str]]) -> None:
    """Raise MissingProperty where one of the fields, each with its name on the wire, is not there."""
    for field, name in required:
        if fields.get(field) is None:
            raise MissingProperty(f"{name} is a required property for subscription creation.", target=name)


async def open_resource(call: Call, resource: str, *, target: str) -> SubscribedResource:
    """Return what a resource below the root is of, and let the call be about it.

    Raises InvalidSubscription, NotEmulated, and what access raises.
    """
    path, _, query = resource.partition("?")
    try:
        found = _PLACES.resolve(parse(path), "GET", synonyms=call.profile.synonyms)
    except (UnknownSegment, InvalidId):
        if _is_elsewhere(call, path):
            raise NotEmulated(f"Subscriptions to '{path[:80]}' are not emulated by rsvpd.", target=target) from None
        raise InvalidSubscription(f"The resource '{path[:80]}' cannot be subscribed to.", target=target) from None
    await access.check_body(call, found.handler.needs, owner_named(found.keys.get("user")))
    call.keys = found.keys
    await check_calendar(call)
    if call.calendar is not None and call.calendar.lister is not None:
        raise NotEmulated("Subscriptions to calendars that others share are not emulated by rsvpd.", target=target)
    return SubscribedResource(found.handler.topic, query)


def origin_of_receiver(url: str, loss_url: str | None = None, *, target: str) -> str:
    """Return the origin of a receiver. Raises InvalidSubscription where nothing can be sent there."""
    try:
        origin = origin_of(url)
        if loss_url:
            origin_of(loss_url)
    except UnusableUrl as wrong:
        words = f"The notification endpoint cannot be used. {wrong}"
        raise InvalidSubscription(words, target=target) from None
    return origin


async def ask_receiver(call: Call, url: str, handshake: Handshake) -> None:
    """Ask a receiver to agree. Raises InvalidSubscription."""
    option = f"{handshake.option}={quote(handshake.token, safe='')}"
    asked = f"{url}{'&' if '?' in url else '?'}{option}"
    push = Push(url=asked, headers=(_PLAIN_TEXT, *handshake.headers), seconds=handshake.seconds)
    try:
        answer = await call.send(push)
    except Undelivered as fault:
        raise InvalidSubscription(_UNREACHED[str(fault)], target=handshake.target) from None
    if answer.status != 200:
        said = "".join(http.HTTPStatus(answer.status).phrase.split()) if answer.status in _STATUSES else answer.status
        raise InvalidSubscription(
            f"{_FAILED} HTTP status code is '{said}'."
            " Notification endpoint must respond with 200 OK to validation request.",
            target=handshake.target,
        )
    media = answer.content_type.partition(";")[0].strip().lower()
    if media != "text/plain" or answer.body.decode("utf-8", "replace").strip() != handshake.token:
        raise InvalidSubscription(
            f"{_FAILED} Response must exactly match {handshake.option} query parameter.", target=handshake.target
        )


def holder_of(call: Call, dialect: str) -> Holder:
    """Return whose a subscription is: an application's and, if it asks for somebody, that person's."""
    person = "" if call.claims.is_application else call.claims.oid
    return Holder(dialect, f"{call.claims.app_id}/{person}")


def subscription_key(call: Call) -> tuple[int, str]:
    """Return the mailbox and the name of the subscription in the path. Raises SubscriptionNotFound."""
    name = call.keys["subscription"].lower()
    return mailbox_of(name), name


def _is_elsewhere(call: Call, path: str) -> bool:
    """Return whether a path is published, and one that the service lets people subscribe to, as far as anybody knows.

    Below a user these are items of some kinds; of what stands outside mailboxes everything.
    """
    try:
        segments = parse(path)
        is_published = bool(call.profile.published.methods(segments, call.profile.synonyms))
    except (UnknownSegment, InvalidId):
        return False
    words = [segment.word.lower() for segment in segments]
    below = words[1:] if words[:1] == ["me"] else words[2:] if words[:1] == ["users"] else None
    is_subscribable = not below or below[0] in _OF_OTHERS or below[-1] in _ITEMS
    return is_published and words != ["me"] and (below is None or is_subscribable)


# learn.microsoft.com/graph/api/resources/change-notifications-api-overview: what can be subscribed to below a user.
_ITEMS = frozenset(("contacts", "events", "messages", "tasks"))
_OF_OTHERS = frozenset(("chats", "drive", "onlinemeetings", "presence", "todo"))
_STATUSES = frozenset(http.HTTPStatus)
_UNREACHED = {
    "timeout": "Subscription validation request timed out.",
    "refused": f"{_FAILED} The notification endpoint gives no answer.",
    "forbidden": f"{_FAILED} This server sends nothing to the address of the notification endpoint;"
    " see the setting push_private_addresses.",
}
