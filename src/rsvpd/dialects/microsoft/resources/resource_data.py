"""What subscribers are told of items themselves: the query that says how much, and how it is read when it is sent
(learn.microsoft.com/graph/outlook-change-notifications-overview; Outlook REST: notify-rest-operations).

Rule: what is read is what whoever subscribed would be answered at that moment, by the same writer.
"""

from __future__ import annotations

import uuid
from urllib.parse import quote

from rsvpd.clock import Instant
from rsvpd.commands.notifications import Notification
from rsvpd.dialects.microsoft.exchange import access
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import check_options
from rsvpd.dialects.microsoft.resources.events import EVENTS
from rsvpd.dialects.microsoft.resources.messages import MESSAGES
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.odata.options import Options, without_casts
from rsvpd.dialects.wire import Request
from rsvpd.errors import NotEmulated, UnsupportedSubscriptionQuery
from rsvpd.identity.clients import ALL_ROLES
from rsvpd.identity.tokens import ALL_SCOPES, Claims
from rsvpd.mail.subscription import Topic

_EXTENDED = frozenset(("singlevalueextendedproperties", "multivalueextendedproperties"))
_BODIES = frozenset(("body", "uniquebody"))
_FOREVER = 2**62
# learn.microsoft.com/graph/outlook-change-notifications-overview; its words are those of
# microsoftgraph/microsoft-graph-docs#17004.
_NOT_THERE = (
    "$top, $skip, $orderby, $select=body,uniqueBody and $expand other than"
    " singleValueExtendedProperties,multiValueExtendedProperties are not supported in subscription resource Url."
)
_NOTHING_NAMED = "$select is required in subscription resource Url where resource data is included."


def check_query(call: Call, query: str, topic: Topic, *, target: str) -> Options:
    """Return the options of a resource that is subscribed to.

    Raises InvalidQuery for members that an item of this topic has not, ScopeMissing for those that the token does not
    let through, NotEmulated for a filter.
    """
    asked = call.with_query(query)
    options = asked.options
    if options.filter is not None:
        raise NotEmulated(f"Subscriptions by $filter (in '{target}') are not emulated by rsvpd.", target=target)
    access.check_named(asked)
    if topic is Topic.EVENTS:
        check_options(asked, EVENTS)
    else:
        check_options(asked, MESSAGES)
    return options


def check_places(options: Options, *, target: str) -> None:
    """Raise UnsupportedSubscriptionQuery for options that no resource of a subscription of Graph has."""
    heads = {(without_casts(path) or path)[0].lower() for path in options.select or ()}
    expanded = {(without_casts(one.path) or one.path)[0].lower() for one in options.expand}
    has_others = options.top is not None or options.skip is not None or options.orderby or options.count
    if has_others or options.search is not None or heads & _BODIES or expanded - _EXTENDED:
        raise _refusal(_NOT_THERE, target)


def check_selection(options: Options, *, target: str) -> None:
    """Raise UnsupportedSubscriptionQuery where nothing says which members of an item are to be told."""
    if options.select is None:
        raise _refusal(_NOTHING_NAMED, target)


def claims_of(told: Notification, tenant: str) -> Claims:
    """Return in whose name an item is read: the owner's, or that of the application that subscribed by itself.

    The token that it subscribed with has let the members through that are read (`check_query`).
    """
    terms, owner = told.subscription.terms, told.owner
    if terms.creator:
        return Claims(
            oid=owner.oid, upn=owner.address, name=owner.name, tid=tenant, scopes=frozenset((ALL_SCOPES,)),
            expires=_FOREVER, app_id=terms.application,
        )  # fmt: skip
    return Claims(
        oid=terms.application, upn="", name="", tid=tenant, scopes=frozenset(), expires=_FOREVER,
        roles=frozenset(ALL_ROLES), app_id=terms.application,
    )  # fmt: skip


def request_of(told: Notification, name: str, id: str, profile: Profile, *, now: Instant) -> Request:
    """Return what asks for an item of this type as the subscription says."""
    terms = told.subscription.terms
    return Request(
        method="GET",
        origin=terms.base.removesuffix(profile.mount),
        mount=profile.mount,
        path=f"/users/{told.owner.oid}/{name.lower()}s/{quote(id, safe='')}",
        query=terms.content,
        headers={"prefer": 'IdType="ImmutableId"'} if terms.has_lasting_ids else {},
        body=b"",
        now=now,
        request_id=str(uuid.uuid4()),
    )


def _refusal(reason: str, target: str) -> UnsupportedSubscriptionQuery:
    words = f"Operation: Create; Exception: [Status Code: BadRequest; Reason: {reason}]"
    return UnsupportedSubscriptionQuery(words, target=target)
