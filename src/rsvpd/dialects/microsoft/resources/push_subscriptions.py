"""Push subscriptions of Outlook REST v2.0, below a user (learn.microsoft.com/previous-versions/office/office-365-api:
notify-rest-operations of version 2.0; version 1.0 has none).

They differ from those of Graph in their words, in when they end, in how a receiver is asked, and in that losses are
told to the receiver itself.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from msgspec import structs

from rsvpd.clock import Instant
from rsvpd.commands import subscriptions as commands
from rsvpd.commands.subscriptions import NewSubscription, SubscriptionView
from rsvpd.dialects.microsoft.exchange import access, control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources.folder_paths import folder_of_path
from rsvpd.dialects.microsoft.resources.resource_data import check_query
from rsvpd.dialects.microsoft.resources.subscribing import (
    Handshake,
    ask_receiver,
    check_required,
    holder_of,
    open_resource,
    origin_of_receiver,
    subscription_key,
)
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.url import strip_namespace
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidSubscription, MissingProperty, NotEmulated, SubscriptionNotFound
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person
from rsvpd.mail.subscription import Subscription, Terms
from rsvpd.query.algebra import Page

DIALECT = "outlook"
_MINUTE = 60_000_000
LONGEST_MINUTES, SHORTEST_MINUTES = 3 * 24 * 60, 45
HANDSHAKE_SECONDS = 5.0
# A resource may be named by the services' own URL, whatever this server is called.
_HOSTS = frozenset(("outlook.office.com", "outlook.office365.com"))
_URL, _RESOURCE, _STATE, _TYPE = "NotificationURL", "Resource", "ClientState", "@odata.type"
_REQUIRED = (("occasions", "ChangeType"), ("url", _URL), ("resource", _RESOURCE))


async def create(call: Call) -> Response:
    """Subscribe, once the receiver has agreed."""
    access.check_own(call)
    mailbox = call.who.owner
    _check_type(call)
    fields, _ = _table(call).read(call.body, call.ctx, creating=True, strict=True)
    check_required(fields, _REQUIRED)
    expires = _expiry(call, fields.pop("expires", None))
    origin = origin_of_receiver(fields["url"], target=_URL)
    opened = await open_resource(call, _below_root(call, fields["resource"]), target=_RESOURCE)
    options = check_query(call, opened.query, opened.topic, target=_RESOURCE)
    terms = Terms(
        topic=opened.topic,
        folder=await folder_of_path(call),
        has_lasting_ids=call.preferences.lasting_ids,
        application=call.claims.app_id,
        loss_url=fields["url"],
        base=call.request.base,
        has_content=options.select is not None or bool(options.expand),
        content=opened.query,
        **{name: value for name, value in fields.items() if value is not None},
    )
    owner = await call.door(
        commands.may_subscribe, call.who, opened.topic, call.request.now, folder=terms.folder
    )  # fmt: skip
    if not _is_named(call, mailbox, owner):
        raise InvalidSubscription("The resource is in another mailbox than the subscription.", target=_RESOURCE)
    await ask_receiver(call, terms.url, _handshake(call, terms))
    new = NewSubscription(holder=holder_of(call, DIALECT), origin=origin, expires=expires, terms=terms)
    done = await call.door(commands.subscribe, call.who, new)
    return _response(call, done.value, status=201, shows_state=True)


async def list_all(call: Call) -> Response:
    """Answer what this application subscribed to in this mailbox."""
    access.check_own(call)
    select = listing.selection(call, [_table(call)])
    found = await call.door(commands.list_subscriptions, holder_of(call, DIALECT), call.request.now)
    values = [_members(call, one, select) for one in found if _is_named(call, call.who.owner, one.owner)]
    return replies.collection(call, values, Page(items=values))


async def get(call: Call) -> Response:
    """Answer one, without what it is known by to its receiver."""
    return _response(call, await _get_subscription(call))


async def renew(call: Call) -> Response:
    """Renew it until when is asked, or for as long as possible."""
    _check_type(call)
    fields, ignored = _table(call).read(call.body, call.ctx, strict=True)
    if ignored:
        raise InvalidSubscription(f"{ignored[0]} cannot be changed.", target=ignored[0])
    until = _expiry(call, fields.get("expires"))
    await _get_subscription(call)

    def change(one: Subscription) -> Subscription:
        return structs.replace(one, expires=until)

    asked = (holder_of(call, DIALECT), *subscription_key(call), call.request.now)
    done = await call.door(commands.change_subscription, *asked, change)
    return _response(call, done.value, shows_state=True)


async def delete(call: Call) -> Response:
    """End it."""
    await _get_subscription(call)
    await call.door(commands.unsubscribe, holder_of(call, DIALECT), *subscription_key(call), call.request.now)
    return replies.no_content(call)


async def _get_subscription(call: Call) -> SubscriptionView:
    access.check_own(call)
    found: SubscriptionView = await call.door(
        commands.get_subscription, holder_of(call, DIALECT), *subscription_key(call), call.request.now
    )
    if not _is_named(call, call.who.owner, found.owner):
        raise SubscriptionNotFound("The object was not found.")
    return found


def _is_named(call: Call, mailbox: str | None, owner: Person) -> bool:
    """Return whether a mailbox, None for the own one, is that of `owner`."""
    name = mailbox or call.claims.oid
    return name.lower() == owner.oid or fold(name) == fold(owner.address)


def _check_type(call: Call) -> None:
    """Raise where a body is not said to be a push subscription: it has to say so, with or without its `#`."""
    said = call.body.get(_TYPE)
    if said is None:
        if call.request.method == "POST":
            raise MissingProperty(f"{_TYPE} is a required property for subscription creation.", target=_TYPE)
        return
    word, _ = strip_namespace(str(said).removeprefix("#"))
    if word.lower() == "streamingsubscription":
        raise NotEmulated("Streaming subscriptions were in beta alone, and are not emulated by rsvpd.", target=_TYPE)
    if word.lower() != _table(call).name.lower():
        raise InvalidSubscription(f"The type '{str(said)[:80]}' is no subscription.", target=_TYPE)


def _below_root(call: Call, resource: str) -> str:
    """Return a resource below the root of this interface; it may be an absolute URL. Raises InvalidSubscription."""
    if not resource.lower().startswith(("http://", "https://")):
        return resource
    path, mark, query = resource.partition("?")
    try:
        parts = urlsplit(path)
        host = parts.hostname
    except ValueError:
        raise InvalidSubscription("The resource is no URL.", target=_RESOURCE) from None
    own = urlsplit(call.request.origin)
    is_here = parts.netloc.lower() == own.netloc.lower() or host in _HOSTS
    root, below = parts.path[: len(call.profile.mount)], parts.path[len(call.profile.mount) :]
    if not is_here or root.lower() != call.profile.mount or not below.startswith("/"):
        raise InvalidSubscription(f"The resource '{resource[:80]}' is not of this service.", target=_RESOURCE)
    return f"{below}{mark}{query}"


def _expiry(call: Call, wanted: Instant | None) -> Instant:
    """Return when a subscription ends: what is later than possible, or not said, is as late as possible."""
    now = call.request.now
    latest = now + LONGEST_MINUTES * _MINUTE
    return latest if wanted is None else min(latest, max(wanted, now + SHORTEST_MINUTES * _MINUTE))


def _handshake(call: Call, terms: Terms) -> Handshake:
    return Handshake(
        option="validationtoken",
        token=call.request.request_id,
        target=_URL,
        headers=() if terms.state is None else (("ClientState", terms.state),),
        seconds=HANDSHAKE_SECONDS,
    )


def _table(call: Call) -> Shape[Ctx]:
    table = call.profile.tables.push_subscription
    assert table is not None  # routes lead here in Outlook REST v2.0 alone
    return table


def _members(
    call: Call, view: SubscriptionView, select: frozenset[str] | None, *, shows_state: bool = False
) -> dict[str, Any]:
    """Return a subscription as it is written; the secret of its receiver only to who just sent it, or renewed it."""
    values = _table(call).write(view.stored, call.ctx, select)
    if not shows_state:
        values.pop(_STATE, None)
    return {**control_info.of_push_subscription(call, view.owner, view.stored.id), **values}


def _response(
    call: Call, view: SubscriptionView, *, status: int = 200, shows_state: bool = False
) -> Response:
    members = _members(call, view, listing.selection(call, [_table(call)]), shows_state=shows_state)
    context = control_info.context_of(call, f"{call.profile.context_root(view.owner)}/Subscriptions/$entity")
    headers = (("Location", members["@odata.id"]),) if status == 201 and "@odata.id" in members else ()
    return replies.entity(call, members, status=status, context=context, headers=headers)
