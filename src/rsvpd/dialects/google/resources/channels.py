"""Notification channels: that something changed, said to an address (developers.google.com/calendar/api/guides/push).

A message says that there is something to ask for, never what. The first one says that the channel is there. None has a
body, whether or not `payload` asks for one.
"""

from __future__ import annotations

import re
from email.utils import format_datetime
from typing import Any

from rsvpd import ids
from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.clock import Instant, to_datetime
from rsvpd.commands import subscriptions as commands
from rsvpd.commands.notifications import Notification
from rsvpd.commands.subscriptions import Holder, NewSubscription, SubscriptionView, name_of
from rsvpd.dialects.google.exchange import body as bodies
from rsvpd.dialects.google.exchange.call import Call, Reply, readable_calendar
from rsvpd.dialects.google.resources.acl import own_calendar
from rsvpd.dialects.google.vocabulary.refusals import Refusal, channel_not_found, channel_taken, webhook_without_tls
from rsvpd.dialects.push import Publisher, Push, UnusableUrl, origin_of
from rsvpd.errors import AlreadyExists, InvalidId, InvalidProperty, MissingProperty, SubscriptionNotFound
from rsvpd.hints import ignored_property_hints
from rsvpd.mail.subscription import Beside, Terms, Topic, Verdict

DIALECT = "google"
NAMES = ("kind", "id", "resourceId", "resourceUri", "token", "expiration")
LONGEST_ID, LONGEST_TOKEN = 64, 256
# developers.google.com/calendar/api/v3/reference/events/watch: params.ttl; the greatest is nowhere said.
USUAL_SECONDS, LONGEST_SECONDS = 604_800, 2_592_000
_SECOND, _MILLISECOND = 1_000_000, 1_000
_ID = re.compile(r"[A-Za-z0-9\-_+/=]++")
_KINDS = ("web_hook", "webhook")
_ARRIVED = frozenset((102, 200, 201, 202, 204))
_AGAIN = frozenset((500, 502, 503, 504))


async def watch_events(call: Call) -> Reply:
    """events.watch."""
    await readable_calendar(call)
    return await _watch(call, Topic.EVENTS)


async def watch_rules(call: Call) -> Reply:
    """acl.watch: for the owner of a calendar."""
    await own_calendar(call)
    return await _watch(call, Topic.PERMISSIONS)


async def watch_settings(call: Call) -> Reply:
    """settings.watch."""
    return await _watch(call, Topic.SETTINGS)


async def watch_calendars(call: Call) -> Reply:
    """calendarList.watch."""
    return await _watch(call, Topic.CALENDARS)


async def stop(call: Call) -> Reply:
    """channels.stop: by the application and the person that opened the channel."""
    body = bodies.read(call.request)
    id, resource = _text(body, "id", most=LONGEST_ID), _text(body, "resourceId", most=LONGEST_ID)
    if not id or not resource:
        raise MissingProperty("Required", target="resourceId" if id else "id")
    try:
        mailbox = ids.decode(resource).mailbox
        await call.door(commands.unsubscribe, _holder(call), mailbox, name_of(call.application, id), call.who.now)
    except (InvalidId, SubscriptionNotFound):
        raise Refusal(channel_not_found(id, call.application)) from None
    return Reply()


def google_publisher() -> Publisher:
    """Return how subscribers of Google Calendar are told."""
    return Publisher(_push, _verdict)


async def _watch(call: Call, topic: Topic) -> Reply:
    body = bodies.read(call.request)
    id, kind, address = (_text(body, name, most=4_096) for name in ("id", "type", "address"))
    for name, value in (("id", id), ("type", kind), ("address", address)):
        if not value:
            raise MissingProperty("Required", target=name)
    if len(id) > LONGEST_ID or not _ID.fullmatch(id):
        raise InvalidProperty("id: at most 64 of A-Z a-z 0-9 - _ + / =", target="id")
    if kind not in _KINDS:
        raise InvalidProperty(f"type: {kind[:40]} is not emulated; web_hook is.", target="type")
    wants_payload = body.get("payload")
    if not isinstance(wants_payload, bool | None):
        raise InvalidProperty("payload: true or false is expected.", target="payload")
    place = call.request.path.removesuffix("/watch")
    terms = Terms(
        topic=topic,
        shows_declined=True,
        application=call.application,
        url=address,
        resource=f"{call.request.base}{place}?alt=json",
        state=_token(body),
        label=id,
    )
    new = NewSubscription(
        holder=_holder(call),
        origin=_origin(address),
        expires=_expiry(call, body),
        beside=Beside.BEGINNING,
        id=name_of(call.application, id),
        terms=terms,
    )
    try:
        done = await call.door(commands.subscribe, call.who, new)
    except AlreadyExists:
        raise Refusal(channel_taken(id)) from None
    hints = ignored_property_hints(("payload",) if wants_payload else ())
    return Reply(body=_to_wire(done.value), hints=hints)


def _to_wire(view: SubscriptionView) -> dict[str, Any]:
    terms = view.stored.terms
    values = {
        "kind": "api#channel",
        "id": terms.label,
        "resourceId": _resource_id(view.owner.number, terms),
        "resourceUri": terms.resource,
        "token": terms.state,
        "expiration": str(view.stored.expires // _MILLISECOND),
    }
    return {name: value for name, value in values.items() if value is not None}


async def _push(told: Notification) -> Push:
    stored = told.subscription
    terms = stored.terms
    headers = [
        ("Content-Type", "application/json; utf-8"),
        ("X-Goog-Channel-ID", terms.label),
        ("X-Goog-Channel-Expiration", format_datetime(to_datetime(stored.expires), usegmt=True)),
        ("X-Goog-Resource-ID", _resource_id(told.owner.number, terms)),
        ("X-Goog-Resource-URI", terms.resource),
        ("X-Goog-Resource-State", "sync" if stored.beside is Beside.BEGINNING else "exists"),
        ("X-Goog-Message-Number", str(stored.sent + 1)),
    ]
    if terms.state is not None:
        headers.append(("X-Goog-Channel-Token", terms.state))
    return Push(url=terms.url, headers=tuple(headers))


def _verdict(status: int | None) -> Verdict:
    if status is None or status in _AGAIN:
        return Verdict.AGAIN
    return Verdict.ARRIVED if status in _ARRIVED else Verdict.GIVEN_UP


def _resource_id(mailbox: int, terms: Terms) -> str:
    """Return what names the watched list: which kind of which calendar."""
    topic = int(terms.topic)
    if terms.calendar == DEFAULT_CALENDAR:
        return ids.encode(ids.ItemId(ids.Kind.CALENDAR, mailbox, topic))
    return ids.encode(ids.ItemId(ids.Kind.CALENDAR, mailbox, terms.calendar, slot=topic))


def _holder(call: Call) -> Holder:
    return Holder(DIALECT, f"{call.application}/{call.who.actor}")


def _origin(address: str) -> str:
    try:
        return origin_of(address)
    except UnusableUrl:
        raise Refusal(webhook_without_tls(address[:200])) from None


def _expiry(call: Call, body: dict[str, Any]) -> Instant:
    """Return when a channel ends: `expiration` in milliseconds, else `params.ttl` in seconds, both as JSON has them."""
    now = call.who.now
    params = body.get("params")
    given, ttl = body.get("expiration"), params.get("ttl") if isinstance(params, dict) else None
    if given is not None:
        until = _number(given, "expiration") * _MILLISECOND
    else:
        until = now + (USUAL_SECONDS if ttl is None else _number(ttl, "params.ttl")) * _SECOND
    if until <= now:
        raise InvalidProperty("expiration: it is over already.", target="expiration")
    return min(until, now + LONGEST_SECONDS * _SECOND)


def _number(value: Any, name: str) -> int:
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidProperty(f"{name}: a whole number is expected.", target=name)
    return int(text)


def _token(body: dict[str, Any]) -> str | None:
    text = _text(body, "token", most=LONGEST_TOKEN)
    if not all(" " <= letter <= "~" for letter in text):  # it travels in a header
        raise InvalidProperty("token: letters of ASCII are expected.", target="token")
    return text.strip() if "token" in body and body["token"] is not None else None


def _text(body: dict[str, Any], name: str, *, most: int) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise InvalidProperty(f"{name}: a text of at most {most} letters is expected.", target=name)
    return value
