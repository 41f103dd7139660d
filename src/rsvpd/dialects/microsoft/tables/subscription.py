"""The tables of subscriptions: Graph's (learn.microsoft.com/graph/api/resources/subscription), and the one of push
subscriptions of Outlook REST v2.0 (notify-rest-operations of that version).
"""

from __future__ import annotations

from typing import Any

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, PRECISE, TEXT, Ctx, pascal_word
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.mail.subscription import Occasion

_WORDS = {Occasion.CREATED: "created", Occasion.UPDATED: "updated", Occasion.REMOVED: "deleted"}
_OCCASIONS = {word: occasion for occasion, word in _WORDS.items()}
LONGEST_STATE, LONGEST_STATE_IN_A_HEADER = 128, 255
LONGEST_CERTIFICATE_ID = LONGEST_APPLICATION = 128
TLS_VERSIONS = ("v1_0", "v1_1", "v1_2", "v1_3")
_USUAL_TLS = "v1_2"


def word_of(occasion: Occasion) -> str:
    """Return what a change is called."""
    return _WORDS[occasion]


def subscription_table(_: Types) -> Shape[Ctx]:
    """Return the table of subscriptions."""
    return Shape(
        "subscription",
        (
            Prop(name="id", source="stored.id", codec=TEXT),
            Prop(name="resource", source="stored.terms.resource", codec=TEXT, access=Access.CREATE, field="resource"),
            Prop(name="applicationId", source="stored.terms.application", codec=_NAMED),
            Prop(name="changeType", source="stored.terms.occasions", codec=_CHANGES, access=Access.CREATE,
                 field="occasions"),
            Prop(name="clientState", source="stored.terms.state", codec=_STATE, access=Access.CREATE, field="state"),
            Prop(name="notificationUrl", source="stored.terms.url", codec=TEXT, access=Access.WRITE, field="url"),
            Prop(name="notificationQueryOptions", source="", codec=Codec("Edm.String", _null, TEXT.read),
                 access=Access.CREATE, field="query_options"),
            Prop(name="lifecycleNotificationUrl", source="stored.terms.loss_url", codec=_NAMED, access=Access.CREATE,
                 field="loss_url"),
            Prop(name="expirationDateTime", source="stored.expires", codec=PRECISE, access=Access.WRITE,
                 field="expires"),
            Prop(name="creatorId", source="creator", codec=TEXT),
            Prop(name="includeResourceData", source="stored.terms.has_content", codec=_INCLUDED, access=Access.CREATE,
                 field="has_content"),
            Prop(name="latestSupportedTlsVersion", source="stored.terms.tls", codec=_TLS, access=Access.CREATE,
                 field="tls"),
            Prop(name="encryptionCertificate", source="stored.terms.certificate", codec=_NAMED, access=Access.WRITE,
                 field="certificate"),
            Prop(name="encryptionCertificateId", source="stored.terms.certificate_id", codec=_CERTIFICATE_ID,
                 access=Access.WRITE, field="certificate_id"),
            Prop(name="notificationUrlAppId", source="stored.terms.url_application", codec=_APPLICATION,
                 access=Access.CREATE, field="url_application"),
        ),
        base="entity",
    )  # fmt: skip


def push_subscription_table(_: Types) -> Shape[Ctx]:
    """Return the table of push subscriptions."""
    return Shape(
        "PushSubscription",
        (
            Prop(name="Id", source="id", codec=TEXT),
            Prop(name="Resource", source="terms.resource", codec=TEXT, access=Access.CREATE, field="resource"),
            Prop(name="ChangeType", source="terms.occasions", codec=_PUSHED_CHANGES, access=Access.CREATE,
                 field="occasions"),
            Prop(name="ClientState", source="terms.state", codec=_HEADER, access=Access.CREATE, field="state"),
            Prop(name="NotificationURL", source="terms.url", codec=TEXT, access=Access.CREATE, field="url"),
            Prop(name="SubscriptionExpirationDateTime", source="expires", codec=PRECISE, access=Access.WRITE,
                 field="expires"),
        ),
        base="Entity",
    )  # fmt: skip


def _null(value: Any, _: Ctx) -> None:
    return None


def _read_changes(value: Any, _: Ctx) -> tuple[Occasion, ...]:
    return _occasions([one.strip().lower() for one in TEXT.read(value, _).split(",")] if value is not None else [""])


def _read_pushed_changes(value: Any, ctx: Ctx) -> tuple[Occasion, ...]:
    """Read the words, and those that the service adds, where somebody gives back what was answered."""
    names = [one.strip().lower() for one in TEXT.read(value, ctx).split(",")] if value is not None else [""]
    return _occasions([one for one in names if one not in ("missed", "acknowledgment")])


def _write_pushed_changes(found: tuple[Occasion, ...], ctx: Ctx) -> str:
    # Losses are always told, and the service says so.
    return ", ".join((*(pascal_word(word_of(one)) for one in found), "Missed"))


def _occasions(names: list[str]) -> tuple[Occasion, ...]:
    wrong = next((one for one in names if one not in _OCCASIONS), None)
    if wrong is not None:
        raise ValueError(f"'{wrong[:40]}' is none of created, updated and deleted.")
    if not names:
        raise ValueError("one of created, updated and deleted is expected.")
    found = {_OCCASIONS[one] for one in names}
    return tuple(one for one in Occasion if one in found)


def _text(most: int) -> Codec[Ctx]:
    """Return the codec of a text of so many letters; nothing is written as null."""

    def read(value: Any, ctx: Ctx) -> str | None:
        text: str | None = TEXT.read(value, ctx)
        if text is not None and len(text) > most:
            raise ValueError(f"at most {most} letters are possible.")
        return text

    return Codec("Edm.String", lambda text, _: text or None, read)


def _read_header(value: Any, ctx: Ctx) -> str | None:
    text: str | None = TEXT.read(value, ctx)
    if text is not None and (len(text) > LONGEST_STATE_IN_A_HEADER or not all(" " <= one <= "~" for one in text)):
        raise ValueError(f"at most {LONGEST_STATE_IN_A_HEADER} letters of ASCII are possible: it goes into a header.")
    return text


_CHANGES: Codec[Ctx] = Codec("Edm.String", lambda found, _: ",".join(map(word_of, found)), _read_changes)
_PUSHED_CHANGES: Codec[Ctx] = Codec("Edm.String", _write_pushed_changes, _read_pushed_changes)
_HEADER: Codec[Ctx] = Codec("Edm.String", lambda text, _: text, _read_header)
_STATE, _CERTIFICATE_ID, _APPLICATION = _text(LONGEST_STATE), _text(LONGEST_CERTIFICATE_ID), _text(LONGEST_APPLICATION)
_TLS: Codec[Ctx] = Codec("Edm.String", lambda text, _: text or _USUAL_TLS, TEXT.read)
_INCLUDED: Codec[Ctx] = Codec("Edm.Boolean", lambda value, _: value or None, FLAG.read)
_NAMED: Codec[Ctx] = Codec("Edm.String", lambda text, _: text or None, TEXT.read)
