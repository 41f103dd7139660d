"""What receivers are sent: by Microsoft Graph (learn.microsoft.com/graph/api/resources/changenotification) and by
Outlook REST v2.0 (its push notifications reference, notify-rest-operations)."""

from __future__ import annotations

from typing import Any

import msgspec

from rsvpd import ids
from rsvpd.commands.notifications import Notification
from rsvpd.dialects.microsoft.exchange import control_info
from rsvpd.dialects.microsoft.tables.profiles import OUTLOOK_V2
from rsvpd.dialects.microsoft.tables.subscription import word_of
from rsvpd.dialects.microsoft.vocabulary.codecs import precise
from rsvpd.dialects.odata.url import key_text
from rsvpd.dialects.push import Publisher, Push
from rsvpd.mail.subscription import Beside, Notice, Topic, Verdict

_HEADERS = (("Content-Type", "application/json; charset=utf-8"),)
_KINDS = {Topic.EVENTS: (ids.Kind.EVENT, "Event"), Topic.MESSAGES: (ids.Kind.MESSAGE, "Message")}

_encode = msgspec.json.Encoder().encode


def graph_publisher(tenant: str) -> Publisher:
    """Return how subscribers of Graph are told."""

    def push(told: Notification) -> Push:
        stored = told.subscription
        common = {
            "subscriptionId": stored.id,
            "subscriptionExpirationDateTime": precise(stored.expires),
            "clientState": stored.terms.state,
            "tenantId": tenant,
        }
        if stored.beside is Beside.LOSS:
            # learn.microsoft.com/graph/change-notifications-lifecycle-events
            return _push(stored.terms.loss_url, [common | {"lifecycleEvent": "missed"}])
        return _push(stored.terms.url, [common | _change(told, one, tenant) for one in told.notices])

    return Publisher(push, _verdict)


def outlook_publisher(tenant: str) -> Publisher:
    """Return how subscribers of Outlook REST are told."""

    def push(told: Notification) -> Push:
        stored = told.subscription
        numbered = enumerate(told.notices, stored.sent + 1)
        values = [_pushed(told, number, _pushed_change(told, one, tenant)) for number, one in numbered]
        if stored.beside is Beside.LOSS:
            values = [_pushed(told, stored.sent + 1, {"ChangeType": "Missed"})]
        # Who told is known by what the subscriber chose.
        state = () if stored.terms.state is None else (("ClientState", stored.terms.state),)
        return Push(url=stored.terms.url, headers=(*_HEADERS, *state), body=_encode({"value": values}))

    return Publisher(push, _verdict)


def _pushed(told: Notification, number: int, members: dict[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": f"#{OUTLOOK_V2.namespace}.Notification",
        "Id": None,
        "SubscriptionId": told.subscription.id,
        "SubscriptionExpirationDateTime": precise(told.subscription.expires),
        "SequenceNumber": number,
        **members,
    }


def _pushed_change(told: Notification, one: Notice, tenant: str) -> dict[str, Any]:
    name, id = _named(told, one)
    user = f"{told.subscription.terms.base}/Users{key_text(OUTLOOK_V2.user_key(told.owner, tenant))}"
    place = f"{user}/{name}s{key_text(id)}"
    return {
        "ChangeType": OUTLOOK_V2.word(word_of(one.occasion)),
        "Resource": place,
        "ResourceData": {
            "@odata.type": f"#{OUTLOOK_V2.namespace}.{name}",
            "@odata.id": place,
            "@odata.etag": control_info.etag(told.owner.number, one.change),
            "Id": id,
        },
    }


def _named(told: Notification, one: Notice) -> tuple[str, str]:
    """Return the type of an item and its id, as it was when this happened."""
    terms = told.subscription.terms
    kind, name = _KINDS[terms.topic]
    slot = 0
    if kind is ids.Kind.MESSAGE:
        slot = ids.ANYWHERE if terms.has_lasting_ids else one.moves % ids.ANYWHERE
    return name, ids.encode(ids.ItemId(kind, told.owner.number, one.item, slot=slot))


def _change(told: Notification, one: Notice, tenant: str) -> dict[str, Any]:
    name, id = _named(told, one)
    place = f"Users/{told.owner.oid}@{tenant}/{name}s/{id}"
    return {
        "changeType": word_of(one.occasion),
        "resource": place,
        "resourceData": {
            "@odata.type": f"#Microsoft.Graph.{name}",
            "@odata.id": place,
            "@odata.etag": control_info.etag(told.owner.number, one.change),
            "id": id,
        },
    }


def _push(url: str, values: list[dict[str, Any]]) -> Push:
    return Push(url=url, headers=_HEADERS, body=_encode({"value": values}))


def _verdict(status: int | None) -> Verdict:
    """Return that a message is sent again, for four hours, unless its receiver says that it was taken."""
    return Verdict.ARRIVED if status is not None and 200 <= status < 300 else Verdict.AGAIN
