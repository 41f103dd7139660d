"""The tables of getMailTips."""

from __future__ import annotations

from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.settings import moment
from rsvpd.dialects.microsoft.vocabulary.codecs import TEXT, Ctx, always_null, constant, read_only
from rsvpd.dialects.shape import Codec, Prop, Shape
from rsvpd.mail.tips import MailTips

# The flags that ask for tips, and the members that tell them (Graph: mailTipsType).
OPTIONS = {
    "automaticReplies": "automaticReplies",
    "mailboxFullStatus": "mailboxFull",
    "customMailTip": "customMailTip",
    "externalMemberCount": "externalMemberCount",
    "totalMemberCount": "totalMemberCount",
    "maxMessageSize": "maxMessageSize",
    "deliveryRestriction": "deliveryRestricted",
    "moderationStatus": "isModerated",
    "recipientScope": "recipientScope",
    "recipientSuggestions": "recipientSuggestions",
}
ALWAYS = ("emailAddress", "error")


def mail_tips_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the table of the tips about one recipient, and those it is made of."""
    replies = _table(
        t,
        "automaticRepliesMailTips",
        Prop(name="message", source="message", codec=TEXT),
        Prop(name="messageLanguage", source="language", codec=_language(t), absent_when=None),
        Prop(name="scheduledStartTime", source="start", codec=moment(t), absent_when=None),
        Prop(name="scheduledEndTime", source="end", codec=moment(t), absent_when=None),
    )
    problem = _table(
        t,
        "mailTipsError",
        Prop(name="message", source="message", codec=TEXT),
        Prop(name="code", source="code", codec=TEXT),
    )
    tips = _table(
        t,
        "mailTips",
        Prop(name="emailAddress", source="address", codec=_address(t)),
        Prop(
            name="automaticReplies", source="replies", codec=read_only(replies.name, replies.write), absent_when=None
        ),
        Prop(name="mailboxFull", source="", codec=constant("Edm.Boolean", False)),
        Prop(name="customMailTip", source="", codec=constant("Edm.String", "")),
        Prop(name="externalMemberCount", source="is_internal", codec=read_only("Edm.Int32", lambda own, _: 1 - own)),
        Prop(name="totalMemberCount", source="", codec=constant("Edm.Int32", 1)),
        Prop(name="deliveryRestricted", source="", codec=constant("Edm.Boolean", False)),
        Prop(name="isModerated", source="", codec=constant("Edm.Boolean", False)),
        Prop(name="recipientScope", source="is_internal", codec=_scope(t)),
        Prop(name="recipientSuggestions", source="suggestions", codec=t.recipients),
        Prop(name="maxMessageSize", source="", codec=always_null("Edm.Int32")),
        Prop(name="error", source="problem", codec=read_only(problem.name, problem.write), absent_when=None),
    )
    return tips, replies, problem


def members(tips: MailTips, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the members (in Graph's words) that are told of what was asked for.

    Of somebody of whom nothing can be told that is the error; of somebody outside what only a mailbox has is left out.
    """
    if tips.problem is not None:
        return ALWAYS
    if tips.is_internal:
        return (*ALWAYS, *asked)
    return (*ALWAYS, *(one for one in asked if one not in _OF_MAILBOXES))


_OF_MAILBOXES = frozenset((
    "automaticReplies", "mailboxFull", "customMailTip", "deliveryRestricted", "isModerated", "maxMessageSize",
))  # fmt: skip


def _address(t: Types) -> Codec[Ctx]:
    name, address = t.style.names("name", "address")
    return read_only(t.edm("emailAddress"), lambda text, _: {name: "", address: text})


def _scope(t: Types) -> Codec[Ctx]:
    inside, outside = t.style.word("internal"), t.style.word("external")
    return read_only(t.edm("recipientScopeType"), lambda own, _: inside if own else outside)


def _language(t: Types) -> Codec[Ctx]:
    locale, name = t.style.names("locale", "displayName")
    return read_only(t.edm("localeInfo"), lambda language, _: {locale: language.tag, name: language.name})


def _table(t: Types, name: str, *props: Prop[Ctx]) -> Shape[Ctx]:
    return Shape(name, props).derive(t.edm(name), case=t.style.name)
