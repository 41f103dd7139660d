"""Subscriptions of Microsoft Graph: who is told of what, and that the receiver agreed to hear of it.

Rule 1: a receiver is asked before anything is stored, and has to give back what it was sent, as plain text
        (learn.microsoft.com/graph/change-notifications-delivery-webhooks).
Rule 2: a person subscribes to the own mailbox; an application to those that it may read. What one application made,
        in the name of one person or its own, no other sees.
"""

from __future__ import annotations

import http
from typing import Any
from urllib.parse import quote

from msgspec import Struct, structs

from rsvpd.clock import Instant
from rsvpd.commands import subscriptions as commands
from rsvpd.commands.subscriptions import NewSubscription, SubscriptionView, mailbox_of
from rsvpd.dialects.microsoft.exchange import access, control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call, owner_named
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.resources.folders import folder_of_path
from rsvpd.dialects.microsoft.tables import scopes
from rsvpd.dialects.microsoft.tables.scopes import Needs
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.url import Routes, Row, parse
from rsvpd.dialects.push import Push, Undelivered, UnusableUrl, origin_of
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import (
    InvalidId,
    InvalidSubscription,
    MissingProperty,
    NotEmulated,
    SubscriptionTooLong,
    UnknownSegment,
)
from rsvpd.mail.subscription import Subscription, Terms, Topic
from rsvpd.query.algebra import Page

DIALECT = "graph"
_MINUTE = 60_000_000
# learn.microsoft.com/graph/api/resources/subscription: under seven days for Outlook; what is shorter than the
# least becomes that.
LONGEST_MINUTES, SHORTEST_MINUTES = 10_080, 45
_REQUIRED = (
    ("occasions", "changeType"), ("url", "notificationUrl"), ("resource", "resource"),
    ("expires", "expirationDateTime"),
)  # fmt: skip
_FAILED = "Subscription validation request failed."


class _Place(Struct, frozen=True):
    """What a resource is of, and what a token has to carry for it."""

    topic: Topic
    needs: Needs


class _Shown(Struct, frozen=True):
    """A subscription as its table shows it; `creator` is a directory GUID."""

    stored: Subscription
    creator: str


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


async def create(call: Call) -> Response:
    """Subscribe, once the receiver has agreed."""
    fields, _ = _table(call).read(call.body, call.ctx, creating=True, strict=True)
    for field, name in _REQUIRED:
        if fields.get(field) is None:
            raise MissingProperty(f"{name} is a required property for subscription creation.", target=name)
    if fields.pop("has_content", None) or "encryptioncertificate" in {name.lower() for name in call.body}:
        raise NotEmulated("Notifications with resource data are not emulated by rsvpd; read what the id names.")
    expires = _expiry(call, fields.pop("expires"))
    origin = _origins(fields["url"], fields.get("loss_url"))
    topic = await _open_resource(call, fields["resource"])
    terms = Terms(
        topic=topic,
        folder=await folder_of_path(call),
        has_lasting_ids=call.preferences.lasting_ids,
        application=call.claims.app_id,
        **{name: value for name, value in fields.items() if value is not None},
    )
    await call.door(commands.may_subscribe, call.who, topic, call.request.now)
    for url in (terms.url, terms.loss_url):
        await _validate(call, url)
    new = NewSubscription(dialect=DIALECT, holder=_holder(call), origin=origin, expires=expires, terms=terms)
    done = await call.door(commands.subscribe, call.who, new)
    location = f"{call.request.base}/subscriptions('{done.value.stored.id}')"
    return _response(call, done.value, status=201, headers=(("Location", location),))


async def list_all(call: Call) -> Response:
    """Answer what this application subscribed to, for this person or for itself."""
    select = listing.selection(call, [_table(call)])
    found = await call.door(commands.list_subscriptions, _holder(call), DIALECT, call.request.now)
    values = [_table(call).write(_shown(call, one), call.ctx, select) for one in found]
    context = control_info.context_of(call, "subscriptions")
    return replies.collection(call, values, Page(items=values), context=context)


async def get(call: Call) -> Response:
    """Answer one."""
    found = await call.door(commands.get_subscription, _holder(call), *_named(call), call.request.now)
    return _response(call, found)


async def update(call: Call) -> Response:
    """Renew it, or send to another receiver from now on, which has to agree first."""
    fields, ignored = _table(call).read(call.body, call.ctx, strict=True)
    if ignored:
        raise InvalidSubscription(f"{ignored[0]} cannot be changed.", target=ignored[0])
    expires = fields.get("expires")
    until = None if expires is None else _expiry(call, expires)
    url = fields.get("url")
    found = await call.door(commands.get_subscription, _holder(call), *_named(call), call.request.now)
    if url is not None:
        origin = _origins(url, found.stored.terms.loss_url)
        await _validate(call, url)

    def change(one: Subscription) -> Subscription:
        if until is not None:
            one = structs.replace(one, expires=until)
        if url is not None:
            one = structs.replace(one, origin=origin, terms=structs.replace(one.terms, url=url))
        return one

    done = await call.door(
        commands.change_subscription, _holder(call), *_named(call), call.request.now, change
    )  # fmt: skip
    return _response(call, done.value)


async def delete(call: Call) -> Response:
    """End it."""
    await call.door(commands.unsubscribe, _holder(call), *_named(call), call.request.now)
    return replies.no_content(call)


async def reauthorize(call: Call) -> Response:
    """Answer that it may go on: here a subscription does not end with the token that made it."""
    await call.door(commands.get_subscription, _holder(call), *_named(call), call.request.now)
    return replies.no_content(call)


async def _open_resource(call: Call, resource: str) -> Topic:
    """Return what a resource is of, and let the call be about it. Raises what `_place` and access raise."""
    path, _, query = resource.partition("?")
    if query:
        raise NotEmulated("Subscriptions to a part of a resource (a query in 'resource') are not emulated by rsvpd.")
    try:
        segments = parse(path)
        found = _PLACES.resolve(segments, "GET")
    except (UnknownSegment, InvalidId):
        if _is_published(call, path):
            raise NotEmulated(f"Subscriptions to '{path[:80]}' are not emulated by rsvpd.", target="resource") from None
        raise InvalidSubscription(f"The resource '{path[:80]}' cannot be subscribed to.", target="resource") from None
    await access.check_body(call, found.handler.needs, owner_named(found.keys.get("user")))
    call.keys = found.keys
    await check_calendar(call)
    if call.calendar is not None and call.calendar.lister is not None:
        raise NotEmulated("Subscriptions to calendars that others share are not emulated by rsvpd.", target="resource")
    return found.handler.topic


def _is_published(call: Call, path: str) -> bool:
    try:
        return bool(call.profile.published.methods(parse(path), call.profile.synonyms))
    except (UnknownSegment, InvalidId):
        return False


def _expiry(call: Call, wanted: Instant) -> Instant:
    """Return when a subscription ends. Raises SubscriptionTooLong."""
    now = call.request.now
    if wanted > now + LONGEST_MINUTES * _MINUTE:
        raise SubscriptionTooLong(
            f"Subscription expiration can only be {LONGEST_MINUTES} minutes in the future.", target="expirationDateTime"
        )
    return max(wanted, now + SHORTEST_MINUTES * _MINUTE)


def _origins(url: str, loss_url: str | None) -> str:
    """Return the origin of a receiver. Raises InvalidSubscription where nothing can be sent there."""
    try:
        origin = origin_of(url)
        if loss_url:
            origin_of(loss_url)
    except UnusableUrl as wrong:
        words = f"The notification endpoint cannot be used. {wrong}"
        raise InvalidSubscription(words, target="notificationUrl") from None
    return origin


async def _validate(call: Call, url: str) -> None:
    """Ask a receiver to agree. Raises InvalidSubscription."""
    if not url:
        return
    # Of several words, so that nobody takes it for one (microsoftgraph/microsoft-graph-docs#21160).
    token = f"Validation: Testing client application reachability for subscription. {call.request.request_id}"
    asked = f"{url}{'&' if '?' in url else '?'}validationToken={quote(token, safe='')}"
    try:
        answer = await call.send(Push(url=asked, headers=(("Content-Type", "text/plain; charset=utf-8"),)))
    except Undelivered as fault:
        raise InvalidSubscription(_UNREACHED[str(fault)], target="notificationUrl") from None
    if answer.status != 200:
        said = "".join(http.HTTPStatus(answer.status).phrase.split()) if answer.status in _STATUSES else answer.status
        raise InvalidSubscription(
            f"{_FAILED} HTTP status code is '{said}'."
            " Notification endpoint must respond with 200 OK to validation request.",
            target="notificationUrl",
        )
    media = answer.content_type.partition(";")[0].strip().lower()
    if media != "text/plain" or answer.body.decode("utf-8", "replace").strip() != token:
        raise InvalidSubscription(
            f"{_FAILED} Response must exactly match validationToken query parameter.", target="notificationUrl"
        )


_STATUSES = frozenset(http.HTTPStatus)
_UNREACHED = {
    "timeout": "Subscription validation request timed out.",
    "refused": f"{_FAILED} The notification endpoint gives no answer.",
    "forbidden": f"{_FAILED} This server sends nothing to the address of the notification endpoint;"
    " see the setting push_private_addresses.",
}


def _holder(call: Call) -> str:
    """Return whose a subscription is: an application's and, if it asks for somebody, that person's."""
    return f"{call.claims.app_id}/{'' if call.claims.is_application else call.claims.oid}"


def _named(call: Call) -> tuple[int, str]:
    name = call.keys["subscription"].lower()
    return mailbox_of(name), name


def _table(call: Call) -> Shape[Ctx]:
    table = call.profile.tables.subscription
    assert table is not None  # routes lead here in Graph alone
    return table


def _shown(call: Call, view: SubscriptionView) -> _Shown:
    return _Shown(view.stored, call.claims.oid)


def _response(
    call: Call, view: SubscriptionView, *, status: int = 200, headers: replies.Headers = ()
) -> Response:
    select: Any = listing.selection(call, [_table(call)])
    members = _table(call).write(_shown(call, view), call.ctx, select)
    context = control_info.context_of(call, "subscriptions/$entity")
    return replies.entity(call, members, status=status, context=context, headers=headers)
