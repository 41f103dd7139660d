"""What receivers are sent: by Microsoft Graph (learn.microsoft.com/graph/api/resources/changenotification) and by
Outlook REST v2.0 (its push notifications reference, notify-rest-operations).

Where somebody wants to be told of the items themselves, each is read when it is sent, as whoever subscribed would read
it. One that is gone, or that nobody may read any more, is told without: its receiver finds out when it asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.identity.encryption import encrypt, read_certificate
from rsvpd.mail.subscription import Beside, Notice, Occasion, Terms, Topic, Verdict

_HEADERS = (("Content-Type", "application/json; charset=utf-8"),)
# learn.microsoft.com/graph/change-notifications-lifecycle-events
_LIFECYCLE = {
    Beside.LOSS: "missed", Beside.CHALLENGE: "reauthorizationRequired", Beside.REMOVAL: "subscriptionRemoved",
}  # fmt: skip
_KINDS = {Topic.EVENTS: (ids.Kind.EVENT, "Event"), Topic.MESSAGES: (ids.Kind.MESSAGE, "Message")}

# So much of items travels in one message; of those after that the receiver is told their ids.
MOST_CONTENT_BYTES = 4 * 2**20

_encode = msgspec.json.Encoder().encode

# Reads the item of a type and an id, as JSON; None where it cannot be read.
Reading = Callable[[Notification, str, str], Awaitable[bytes | None]]
# Signs that this server tells an application something.
Signing = Callable[[str], Awaitable[str]]


def graph_publisher(tenant: str, read: Reading, sign: Signing) -> Publisher:
    """Return how subscribers of Graph are told."""

    async def push(told: Notification) -> Push:
        stored = told.subscription
        common = {
            "subscriptionId": stored.id,
            "subscriptionExpirationDateTime": precise(stored.expires),
            "clientState": stored.terms.state,
            "tenantId": tenant,
        }
        if stored.beside in _LIFECYCLE:
            return _push(stored.terms.loss_url, [common | {"lifecycleEvent": _LIFECYCLE[stored.beside]}])
        values = [common | _change(told, one, tenant) for one in told.notices]
        if not stored.terms.has_content:
            return _push(stored.terms.url, values)
        for value, content in zip(values, await _contents(told, read), strict=True):
            value |= _encrypted_content(stored.terms, content)
        audience = stored.terms.url_application or stored.terms.application or LOCAL_CLIENT
        return _push(stored.terms.url, values, validationTokens=[await sign(audience)])

    return Publisher(push, _verdict)


def outlook_publisher(tenant: str, read: Reading) -> Publisher:
    """Return how subscribers of Outlook REST are told."""

    async def push(told: Notification) -> Push:
        stored = told.subscription
        changes = [_change_notification(told, one, tenant) for one in told.notices]
        if stored.terms.has_content:
            for change, content in zip(changes, await _contents(told, read), strict=True):
                change["ResourceData"] = _members(content) | change["ResourceData"]
        values = [_notification_members(told, number, change) for number, change in enumerate(changes, stored.sent + 1)]
        if stored.beside is Beside.LOSS:
            values = [_notification_members(told, stored.sent + 1, {"ChangeType": "Missed"})]
        # Who told is known by what the subscriber chose.
        state = () if stored.terms.state is None else (("ClientState", stored.terms.state),)
        return Push(url=stored.terms.url, headers=(*_HEADERS, *state), body=_encode({"value": values}))

    return Publisher(push, _verdict)


def _notification_members(told: Notification, number: int, members: dict[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": f"#{OUTLOOK_V2.namespace}.Notification",
        "Id": None,
        "SubscriptionId": told.subscription.id,
        "SubscriptionExpirationDateTime": precise(told.subscription.expires),
        "SequenceNumber": number,
        **members,
    }


def _change_notification(told: Notification, one: Notice, tenant: str) -> dict[str, Any]:
    name, id = _type_and_id(told, one)
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


def _type_and_id(told: Notification, one: Notice) -> tuple[str, str]:
    """Return the type of an item and its id, as it was when this happened."""
    terms = told.subscription.terms
    kind, name = _KINDS[terms.topic]
    slot = 0
    if kind is ids.Kind.MESSAGE:
        slot = ids.ANYWHERE if terms.has_lasting_ids else one.moves % ids.ANYWHERE
    return name, ids.encode(ids.ItemId(kind, told.owner.number, one.item, slot=slot))


def _change(told: Notification, one: Notice, tenant: str) -> dict[str, Any]:
    name, id = _type_and_id(told, one)
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


async def _contents(told: Notification, read: Reading) -> list[bytes | None]:
    """Return the items of a message as they are by now: None for what is gone, and for what would make it too large."""
    found: list[bytes | None] = []
    left = MOST_CONTENT_BYTES
    for one in told.notices:
        is_read = one.occasion is not Occasion.REMOVED and left > 0
        found.append(await read(told, *_type_and_id(told, one)) if is_read else None)
        left -= len(found[-1] or b"")
    return found


def _encrypted_content(terms: Terms, content: bytes | None) -> dict[str, Any]:
    """Return the member that holds an item for who has the private key of the subscriber's certificate."""
    if content is None:
        return {}
    certificate = read_certificate(terms.certificate)
    encrypted = encrypt(content, certificate)
    return {
        "encryptedContent": {
            "data": encrypted.data,
            "dataKey": encrypted.key,
            "dataSignature": encrypted.signature,
            "encryptionCertificateId": terms.certificate_id,
            "encryptionCertificateThumbprint": certificate.thumbprint,
        }
    }


def _members(content: bytes | None) -> dict[str, Any]:
    """Return the members of an item without what is said about them: a notification says that itself."""
    if content is None:
        return {}
    members: dict[str, Any] = msgspec.json.decode(content)
    return {name: value for name, value in members.items() if "@" not in name}


def _push(url: str, values: list[dict[str, Any]], **more: list[str]) -> Push:
    return Push(url=url, headers=_HEADERS, body=_encode({"value": values, **more}))


def _verdict(status: int | None) -> Verdict:
    """Return that a message is sent again, for four hours, unless its receiver says that it was taken."""
    return Verdict.ARRIVED if status is not None and 200 <= status < 300 else Verdict.AGAIN
