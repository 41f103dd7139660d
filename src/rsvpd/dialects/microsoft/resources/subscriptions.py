"""Subscriptions of Microsoft Graph (learn.microsoft.com/graph/change-notifications-delivery-webhooks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

from rsvpd.clock import Instant
from rsvpd.commands import subscriptions as commands
from rsvpd.commands.subscriptions import NewSubscription, SubscriptionView
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources.folder_paths import folder_of_path
from rsvpd.dialects.microsoft.resources.resource_data import check_places, check_query, check_selection
from rsvpd.dialects.microsoft.resources.subscribing import (
    Handshake,
    ask_receiver,
    check_required,
    holder_of,
    open_resource,
    origin_of_receiver,
    subscription_key,
)
from rsvpd.dialects.microsoft.tables.subscription import TLS_VERSIONS
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx, pascal_word
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidSubscription, SubscriptionTooLong
from rsvpd.identity.encryption import UnusableCertificate, read_certificate
from rsvpd.mail.subscription import Subscription, Terms, first_challenge
from rsvpd.query.algebra import Page

DIALECT = "graph"
_MINUTE = 60_000_000
# learn.microsoft.com/graph/api/resources/subscription: under seven days for Outlook; what is shorter than the
# least becomes that.
LONGEST_MINUTES, SHORTEST_MINUTES = 10_080, 45
# learn.microsoft.com/graph/outlook-change-notifications-overview: a day where items themselves are told.
LONGEST_MINUTES_WITH_CONTENT = 1_440
_REQUIRED = (
    ("occasions", "changeType"), ("url", "notificationUrl"), ("resource", "resource"),
    ("expires", "expirationDateTime"),
)  # fmt: skip
_URL, _RESOURCE = "notificationUrl", "resource"
_TLS, _CERTIFICATE, _QUERY_OPTIONS = "latestSupportedTlsVersion", "encryptionCertificate", "notificationQueryOptions"


class _SubscriptionRow(Struct, frozen=True):
    """A subscription as its table shows it; `creator` is a directory GUID."""

    stored: Subscription
    creator: str


async def create(call: Call) -> Response:
    """Subscribe, once the receiver has agreed."""
    fields, _ = _table(call).read(call.body, call.ctx, creating=True, strict=True)
    check_required(fields, _REQUIRED)
    _check_values(fields)
    expires = _expiry(call, fields.pop("expires"), has_content=bool(fields.get("has_content")))
    origin = origin_of_receiver(fields["url"], fields.get("loss_url"), target=_URL)
    opened = await open_resource(call, fields["resource"], target=_RESOURCE)
    options = check_query(call, opened.query, opened.topic, target=_RESOURCE)
    check_places(options, target=_RESOURCE)
    terms = Terms(
        topic=opened.topic,
        folder=await folder_of_path(call),
        has_lasting_ids=call.preferences.lasting_ids,
        application=call.claims.app_id,
        base=call.request.base,
        content=opened.query,
        has_lifecycle=True,
        **{name: value for name, value in fields.items() if value is not None},
    )
    _check_encryption(terms)
    if terms.has_content:
        check_selection(options, target=_RESOURCE)
    await call.door(
        commands.may_subscribe, call.who, opened.topic, call.request.now, folder=terms.folder
    )  # fmt: skip
    for url in (terms.url, terms.loss_url):
        await _validate(call, url)
    new = NewSubscription(
        holder=holder_of(call, DIALECT), origin=origin, expires=expires, terms=terms, authorized=call.claims.expires
    )  # fmt: skip
    done = await call.door(commands.subscribe, call.who, new)
    location = f"{call.request.base}/subscriptions('{done.value.stored.id}')"
    return _response(call, done.value, status=201, headers=(("Location", location),))


async def list_all(call: Call) -> Response:
    """Answer what this application subscribed to, for this person or for itself."""
    select = listing.selection(call, [_table(call)])
    found = await call.door(commands.list_subscriptions, holder_of(call, DIALECT), call.request.now)
    values = [_table(call).write(_subscription_row(call, one), call.ctx, select) for one in found]
    context = control_info.context_of(call, "subscriptions")
    return replies.collection(call, values, Page(items=values), context=context)


async def get(call: Call) -> Response:
    """Answer one."""
    return _response(call, await _get_subscription(call))


async def update(call: Call) -> Response:
    """Renew it, encrypt for another certificate, or send to another receiver from now on, which has to agree first."""
    fields, ignored = _table(call).read(call.body, call.ctx, strict=True)
    if ignored:
        raise InvalidSubscription(f"{ignored[0]} cannot be changed.", target=ignored[0])
    found = await _get_subscription(call)
    terms = found.stored.terms
    expires = fields.get("expires")
    until = None if expires is None else _expiry(call, expires, has_content=terms.has_content)
    encryption = {name: fields[name] or "" for name in ("certificate", "certificate_id") if name in fields}
    _check_encryption(structs.replace(terms, **encryption))
    url = fields.get("url")
    if url is not None:
        origin = origin_of_receiver(url, terms.loss_url, target=_URL)
        await _validate(call, url)

    def change(one: Subscription) -> Subscription:
        one = _with_challenge(call, one, until or one.expires)
        if until is not None:
            one = structs.replace(one, expires=until)
        if url is not None:
            one = structs.replace(one, origin=origin, terms=structs.replace(one.terms, url=url))
        return structs.replace(one, terms=structs.replace(one.terms, **encryption))

    asked = (holder_of(call, DIALECT), *subscription_key(call), call.request.now)
    done = await call.door(commands.change_subscription, *asked, change)
    return _response(call, done.value)


async def delete(call: Call) -> Response:
    """End it."""
    await call.door(commands.unsubscribe, holder_of(call, DIALECT), *subscription_key(call), call.request.now)
    return replies.no_content(call)


async def reauthorize(call: Call) -> Response:
    """Note until when it is authorized by now; it ends when it did."""
    asked = (holder_of(call, DIALECT), *subscription_key(call), call.request.now)
    await call.door(commands.change_subscription, *asked, lambda one: _with_challenge(call, one, one.expires))
    return replies.no_content(call)


def _with_challenge(call: Call, one: Subscription, until: Instant) -> Subscription:
    """Return a subscription that ends then, and whose receiver is asked to show again that it may in good time."""
    if not one.terms.tells_lifecycle:
        return one
    return structs.replace(one, challenge=first_challenge(call.request.now, call.claims.expires, until))


async def _get_subscription(call: Call) -> SubscriptionView:
    found: SubscriptionView = await call.door(
        commands.get_subscription, holder_of(call, DIALECT), *subscription_key(call), call.request.now
    )
    return found


def _check_values(fields: Mapping[str, Any]) -> None:
    """Raise InvalidSubscription for values that no subscription of mail and calendars has."""
    if (tls := fields.get("tls")) is not None and tls not in TLS_VERSIONS:
        # The words are those of microsoftgraph/aspnetcore-webhooks-sample#400.
        raise InvalidSubscription(f"Invalid property value for {pascal_word(_TLS)}", target=_TLS)
    if fields.get("query_options") is not None:
        raise InvalidSubscription(f"{_QUERY_OPTIONS} is not supported for the resource.", target=_QUERY_OPTIONS)


def _check_encryption(terms: Terms) -> None:
    """Raise InvalidSubscription where items cannot be encrypted as these terms say."""
    for name, value in ((_CERTIFICATE, terms.certificate), (f"{_CERTIFICATE}Id", terms.certificate_id)):
        if terms.has_content and not value:
            raise InvalidSubscription(f"{name} is required where includeResourceData is true.", target=name)
    if not terms.certificate:
        return
    try:
        read_certificate(terms.certificate)
    except UnusableCertificate as wrong:
        # The beginning is that of microsoftgraph/microsoft-graph-docs#9081.
        raise InvalidSubscription(f"Certificate validation error: {wrong}", target=_CERTIFICATE) from None


def _expiry(call: Call, wanted: Instant, *, has_content: bool) -> Instant:
    """Return when a subscription ends. Raises SubscriptionTooLong."""
    now, most = call.request.now, LONGEST_MINUTES_WITH_CONTENT if has_content else LONGEST_MINUTES
    if wanted > now + most * _MINUTE:
        raise SubscriptionTooLong(
            f"Subscription expiration can only be {most} minutes in the future.", target="expirationDateTime"
        )
    return max(wanted, now + SHORTEST_MINUTES * _MINUTE)


async def _validate(call: Call, url: str) -> None:
    """Ask a receiver to agree, where there is one. Raises InvalidSubscription."""
    # Of several words, so that nobody takes it for one (microsoftgraph/microsoft-graph-docs#21160).
    token = f"Validation: Testing client application reachability for subscription. {call.request.request_id}"
    if url:
        await ask_receiver(call, url, Handshake(option="validationToken", token=token, target=_URL))


def _table(call: Call) -> Shape[Ctx]:
    table = call.profile.tables.subscription
    assert table is not None  # routes lead here in Graph alone
    return table


def _subscription_row(call: Call, view: SubscriptionView) -> _SubscriptionRow:
    return _SubscriptionRow(view.stored, call.claims.oid)


def _response(
    call: Call, view: SubscriptionView, *, status: int = 200, headers: replies.Headers = ()
) -> Response:
    select: Any = listing.selection(call, [_table(call)])
    members = _table(call).write(_subscription_row(call, view), call.ctx, select)
    context = control_info.context_of(call, "subscriptions/$entity")
    return replies.entity(call, members, status=status, context=context, headers=headers)
