"""The tables of what owners want done with mail that comes in: rules of the inbox, overrides of the focused inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rsvpd.dialects.microsoft.tables.builder import as_mailbox, mailbox_writer, member, reader
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.item import ID
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, NUMBER, TEXT, TEXTS, Ctx, constant
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown
from rsvpd.mail.rule import Actions, Predicates, SizeRange

WRITE = Access.WRITE
_FLAGS_ASKED = (
    "hasAttachments", "isApprovalRequest", "isAutomaticForward", "isAutomaticReply", "isEncrypted", "isMeetingRequest",
    "isMeetingResponse", "isNonDeliveryReport", "isPermissionControlled", "isReadReceipt", "isSigned", "isVoicemail",
    "notSentToMe", "sentCcMe", "sentOnlyToMe", "sentToMe", "sentToOrCcMe",
)  # fmt: skip
_TEXTS_ASKED = (
    "bodyContains", "bodyOrSubjectContains", "categories", "headerContains", "recipientContains", "senderContains",
    "subjectContains",
)  # fmt: skip
_FLAGS_DONE = ("delete", "markAsRead", "permanentDelete", "stopProcessingRules")
_PASSED_ON = ("forwardAsAttachmentTo", "forwardTo", "redirectTo")


def rule_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the table of a rule, and those it is made of."""
    size = _part(t, "sizeRange", (_member("maximumSize", NUMBER, "maximum"), _member("minimumSize", NUMBER, "minimum")))
    asked = _part(t, "messageRulePredicates", _predicate_members(t, _codec(size, SizeRange)))
    done = _part(t, "messageRuleActions", _done(t))
    conditions = _codec(asked, Predicates)
    rule: Shape[Ctx] = Shape(
        "messageRule",
        (
            ID,
            Prop(name="displayName", source="rule.name", codec=TEXT, access=WRITE, query="name"),
            Prop(name="sequence", source="rule.sequence", codec=NUMBER, access=WRITE, query="sequence"),
            Prop(name="conditions", source="rule.conditions", codec=conditions, access=WRITE, absent_when=None),
            Prop(name="actions", source="actions", codec=_codec(done, Actions), access=WRITE),
            Prop(name="exceptions", source="rule.exceptions", codec=conditions, access=WRITE, absent_when=None),
            Prop(name="isEnabled", source="rule.is_enabled", codec=FLAG, access=WRITE, query="is_enabled"),
            Prop(name="hasError", source="has_error", codec=FLAG, query="has_error"),
            Prop(name="isReadOnly", source="", codec=constant("Edm.Boolean", False)),
        ),
        base="entity",
    )
    return rule, asked, done, size


def override_table(t: Types) -> Shape[Ctx]:
    """Return the table of overrides."""
    side, write = t.word(words.INFERENCE_CLASSIFICATION), mailbox_writer(t.style)
    read = reader(t.tables["emailAddress"], as_mailbox)
    sender: Codec[Ctx] = Codec(t.edm("emailAddress"), lambda box, _: write(box.name, box.address), read)
    return Shape(
        "inferenceClassificationOverride",
        (
            ID,
            Prop(name="classifyAs", source="override.classify_as", codec=side, access=WRITE, query="side"),
            Prop(name="senderEmailAddress", source="override.sender", codec=sender, access=Access.CREATE),
        ),
        base="entity",
    )


def classification_table() -> Shape[Ctx]:
    """Return the table of the focused inbox as a whole; what is of it is a way from it."""
    id_: Prop[Ctx] = Prop(name="id", source="oid", codec=TEXT, shown=Shown.ALWAYS)
    return Shape("inferenceClassification", (id_,), base="entity")


def _predicate_members(t: Types, size: Codec[Ctx]) -> tuple[Prop[Ctx], ...]:
    people = t.recipients
    rows = {
        **{name: _member(name, TEXTS, absent_when=()) for name in _TEXTS_ASKED},
        **{name: _member(name, FLAG, absent_when=False) for name in _FLAGS_ASKED},
        **{name: _member(name, people, absent_when=()) for name in ("fromAddresses", "sentToAddresses")},
        "importance": _member("importance", t.word(words.IMPORTANCE)),
        "messageActionFlag": _member("messageActionFlag", t.word(words.MESSAGE_ACTION_FLAG)),
        "sensitivity": _member("sensitivity", t.word(words.SENSITIVITY)),
        "withinSizeRange": _member("withinSizeRange", size),
    }
    return tuple(rows[name] for name in sorted(rows))


def _done(t: Types) -> tuple[Prop[Ctx], ...]:
    rows = {
        "assignCategories": _member("assignCategories", TEXTS, absent_when=()),
        **{name: _member(name, TEXT) for name in ("copyToFolder", "moveToFolder")},
        **{name: _member(name, FLAG, absent_when=False) for name in _FLAGS_DONE},
        **{name: _member(name, t.recipients, absent_when=()) for name in _PASSED_ON},
        "markImportance": _member("markImportance", t.word(words.IMPORTANCE)),
    }
    return tuple(rows[name] for name in sorted(rows))


def _member(name: str, codec: Codec[Ctx], source: str = "", *, absent_when: Any = None) -> Prop[Ctx]:
    """Return a member that is shown where it says something; its source is the name in other letters."""
    return member(name, codec, source or _snake(name), absent_when=absent_when)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _part(t: Types, name: str, props: tuple[Prop[Ctx], ...]) -> Shape[Ctx]:
    shape: Shape[Ctx] = Shape(name, props)
    return shape.derive(t.edm(name), case=t.style.name)


def _codec(shape: Shape[Ctx], make: Callable[..., Any]) -> Codec[Ctx]:
    """Return the codec of a complex type; a member that is null says nothing."""

    def without_nulls(**members: Any) -> Any:
        return make(**{name: one for name, one in members.items() if one is not None})

    read_members = reader(shape, without_nulls)

    def read(value: Any, ctx: Ctx) -> Any:
        if isinstance(value, Mapping):
            for name in value:
                if "@" not in name and shape.find(name) is None:
                    raise ValueError(f"The property '{name[:64]}' does not exist on type '{shape.name}'.")
        return read_members(value, ctx)

    return Codec(shape.name, shape.write, read)
