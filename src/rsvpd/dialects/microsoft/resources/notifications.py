"""What receivers of Microsoft Graph are sent (learn.microsoft.com/graph/api/resources/changenotification)."""

from __future__ import annotations

from typing import Any

import msgspec

from rsvpd import ids
from rsvpd.commands.notifications import Notification
from rsvpd.dialects.microsoft.exchange import control_info
from rsvpd.dialects.microsoft.tables.subscription import word_of
from rsvpd.dialects.microsoft.vocabulary.codecs import precise
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


def _change(told: Notification, one: Notice, tenant: str) -> dict[str, Any]:
    terms = told.subscription.terms
    kind, name = _KINDS[terms.topic]
    slot = 0
    if kind is ids.Kind.MESSAGE:
        slot = ids.ANYWHERE if terms.has_lasting_ids else one.moves % ids.ANYWHERE
    id = ids.encode(ids.ItemId(kind, told.owner.number, one.item, slot=slot))
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
