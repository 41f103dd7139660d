"""The tables of messages and of the three kinds of event messages, in the order of the service's answers.

An event message shows the meeting as it was when the message was sent; a plain message carries
none of those members, because clients tell the two apart by them.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from msgspec import UNSET

from rsvpd.calendar.event import AllDay
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.event import write_recurrence
from rsvpd.dialects.microsoft.tables.internet_headers import internet_headers
from rsvpd.dialects.microsoft.tables.item import CHANGE_KEY, HAS_ATTACHMENTS, ID, categories, web_link
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, TEXT, WHOLE, Ctx, read_flag, read_only
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown
from rsvpd.mail.content import preview
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote, Message, TimeSlot
from rsvpd.mail.view import MessageView, folder_id

WRITE, CREATE = Access.WRITE, Access.CREATE
NOTE = "message.letter.note"
LETTER = "message.letter"


def message_table(t: Types) -> Shape[Ctx]:
    """Return the table of plain messages."""
    return Shape("message", (*_head(t), *_tail(t)), base="outlookItem")


def event_message_table(t: Types) -> Shape[Ctx]:
    """Return the table of event messages that are neither invitation nor answer."""
    return _meeting_table(t, "eventMessage", (), (), base="message")


def event_message_request_table(t: Types) -> Shape[Ctx]:
    """Return the table of invitations and updates."""
    head, tail = _request_head(t), _request_tail(t)
    return _meeting_table(t, "eventMessageRequest", head, tail, base="eventMessage")


def event_message_response_table(t: Types) -> Shape[Ctx]:
    """Return the table of answers."""
    head, tail = _response_head(t), _response_tail(t)
    return _meeting_table(t, "eventMessageResponse", head, tail, base="eventMessage")


def _meeting_table(
    t: Types, name: str, head: tuple[Prop[Ctx], ...], tail: tuple[Prop[Ctx], ...], *, base: str
) -> Shape[Ctx]:
    first = (*_head(t), *_meeting_head(t), *head, _recurrence(t))
    return Shape(name, (*first, *_tail(t), *_meeting_tail(t), *tail), base=base)


# --- every message


def _head(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        ID,
        Prop(name="createdDateTime", source="message.created", codec=WHOLE, query="created"),
        Prop(name="lastModifiedDateTime", source="message.modified", codec=WHOLE, query="modified"),
        CHANGE_KEY,
        categories("message.categories"),
        Prop(name="receivedDateTime", source="message.received", codec=WHOLE, query="received"),
        Prop(name="sentDateTime", source=f"{LETTER}.sent", codec=WHOLE, query="sent"),
        Prop(
            name="hasAttachments",
            source=f"{LETTER}.attachments",
            codec=HAS_ATTACHMENTS,
            query="has_attachments",
        ),
        Prop(
            name="internetMessageId",
            source=f"{LETTER}.internet_message_id",
            codec=TEXT,
            access=CREATE,
            query="internet_message_id",
        ),
        Prop(name="subject", source=f"{LETTER}.subject", codec=TEXT, access=CREATE, query="subject"),
        Prop(
            name="bodyPreview",
            source=f"{LETTER}.body",
            codec=read_only("Edm.String", lambda body, _: preview(body)),
            query="body",
        ),
        Prop(
            name="importance",
            source="message",
            codec=_importance(t),
            access=WRITE,
            field="importance",
            query="importance",
        ),
        Prop(name="parentFolderId", source="", codec=read_only("Edm.String", _parent_folder)),
        Prop(name="conversationId", source=f"{LETTER}.conversation", codec=TEXT, query="conversation"),
        Prop(name="conversationIndex", source=LETTER, codec=THREAD_INDEX),
        Prop(
            name="isDeliveryReceiptRequested",
            source=f"{LETTER}.receipts.delivery",
            codec=FLAG,
            access=CREATE,
            field="delivery_receipt",
        ),
        Prop(
            name="isReadReceiptRequested",
            source=f"{LETTER}.receipts.read",
            codec=FLAG_OR_NOT,
            access=CREATE,
            field="read_receipt",
        ),
        Prop(name="isRead", source="message.is_read", codec=FLAG, access=WRITE, query="is_read"),
        Prop(name="isDraft", source="message.is_draft", codec=FLAG, query="is_draft"),
        Prop(name="webLink", source="", codec=web_link("ItemID={}&exvsurl=1&viewmodel=ReadMessageItem")),
        Prop(
            name="inferenceClassification",
            source="message.inference",
            codec=t.word(words.INFERENCE_CLASSIFICATION),
            access=WRITE,
            query="inference",
        ),
    )


def _tail(t: Types) -> tuple[Prop[Ctx], ...]:
    who = Codec(t.recipient.edm, t.recipient.write, lambda value, ctx: t.recipient.read(value, ctx) or UNSET)
    return (
        Prop(name="body", source=f"{LETTER}.body", codec=t.body, access=CREATE),
        Prop(name="uniqueBody", source=f"{LETTER}.body", codec=t.body, shown=Shown.SELECTED),
        Prop(name="sender", source=f"{LETTER}.sender", codec=who, access=CREATE, query="sender"),
        Prop(name="from", source=f"{LETTER}.from_", codec=who, access=CREATE, query="from"),
        Prop(
            name="toRecipients",
            source=f"{LETTER}.to",
            codec=t.recipients,
            access=CREATE,
            field="to",
            query="to",
        ),
        Prop(
            name="ccRecipients",
            source=f"{LETTER}.cc",
            codec=t.recipients,
            access=CREATE,
            field="cc",
            query="cc",
        ),
        Prop(
            name="bccRecipients",
            source=f"{LETTER}.bcc",
            codec=t.recipients,
            access=CREATE,
            field="bcc",
            query="bcc",
        ),
        Prop(name="replyTo", source=f"{LETTER}.reply_to", codec=t.recipients, access=CREATE),
        Prop(name="flag", source="message.flag", codec=t.flag, access=WRITE, query="flag"),
        Prop(
            name="internetMessageHeaders",
            source="message",
            codec=internet_headers(t),
            access=CREATE,
            field="headers",
            shown=Shown.SELECTED,
        ),
    )


# --- event messages


def _meeting_head(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        Prop(
            name="meetingMessageType",
            source="kind",
            codec=t.word(words.MEETING_MESSAGE_TYPE),
            query="meeting",
        ),
        Prop(name="type", source=f"{NOTE}.event_kind", codec=t.word(words.EVENT_TYPE)),
        Prop(name="isOutOfDate", source="is_out_of_date", codec=FLAG),
        Prop(name="isAllDay", source=f"{NOTE}.start", codec=ALL_DAY),
        Prop(name="isDelegated", source="is_delegated", codec=FLAG),
    )


def _recurrence(t: Types) -> Prop[Ctx]:
    def pattern(note: MeetingNote, _: Ctx) -> Any:
        return write_recurrence(t, note.recurrence, note.start) if note.recurrence else None

    return Prop(name="recurrence", source=NOTE, codec=read_only(t.edm("patternedRecurrence"), pattern))


def _meeting_tail(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        Prop(name="startDateTime", source=f"{NOTE}.start", codec=t.date_time_time_zone),
        Prop(name="endDateTime", source=f"{NOTE}.end", codec=t.date_time_time_zone),
        Prop(name="location", source=f"{NOTE}.location", codec=t.location),
    )


def _request_head(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        Prop(name="meetingRequestType", source=f"{NOTE}.request", codec=t.word(words.MEETING_REQUEST_TYPE)),
        Prop(name="allowNewTimeProposals", source=f"{NOTE}.allow_proposals", codec=FLAG),
        Prop(name="responseRequested", source=f"{NOTE}.response_requested", codec=FLAG),
    )


def _request_tail(t: Types) -> tuple[Prop[Ctx], ...]:
    def place(location: Any, ctx: Ctx) -> Any:
        return t.location.write(location, ctx) if location is not None else None

    return (
        Prop(name="previousLocation", source=f"{NOTE}.previous_location", codec=read_only(t.location.edm, place)),
        Prop(name="previousStartDateTime", source=f"{NOTE}.previous_start", codec=t.date_time_time_zone),
        Prop(name="previousEndDateTime", source=f"{NOTE}.previous_end", codec=t.date_time_time_zone),
    )


def _response_head(t: Types) -> tuple[Prop[Ctx], ...]:
    spelled = {kind: t.style.word(word) for kind, word in ANSWERED.items()}
    codec = read_only(t.edm("responseType"), lambda kind, _: spelled[kind])
    return (Prop(name="responseType", source="kind", codec=codec),)


def _response_tail(t: Types) -> tuple[Prop[Ctx], ...]:
    def write_proposal(slot: TimeSlot, ctx: Ctx) -> Any:
        return t.time_slot_brief.write((slot.start, slot.end), ctx)

    codec = read_only(t.edm("timeSlot"), write_proposal)
    return (Prop(name="proposedNewTime", source=f"{NOTE}.proposed", codec=codec, absent_when=None),)


# --- codecs of these tables alone

ANSWERED = {
    MeetingKind.ACCEPTED: "accepted",
    MeetingKind.TENTATIVE: "tentativelyAccepted",
    MeetingKind.DECLINED: "declined",
}
FLAG_OR_NOT: Codec[Ctx] = Codec("Edm.Boolean", lambda value, _: bool(value), read_flag)
ALL_DAY: Codec[Ctx] = read_only("Edm.Boolean", lambda start, _: isinstance(start, AllDay))
_FILETIME_EPOCH = 11_644_473_600 * 10_000_000


def thread_index(letter: Letter) -> str:
    """Return a conversation index: the mark 1, five bytes of time, sixteen that name the thread."""
    ticks = letter.sent * 10 + _FILETIME_EPOCH
    name = hashlib.blake2s(letter.conversation.encode(), digest_size=16).digest()
    return base64.b64encode(b"\x01" + ticks.to_bytes(8, "big")[:5] + name).decode()


THREAD_INDEX: Codec[Ctx] = read_only("Edm.Binary", lambda letter, _: thread_index(letter))


def _parent_folder(view: MessageView, _: Ctx) -> str:
    return folder_id(view.owner, view.message.folder)


def _importance(t: Types) -> Codec[Ctx]:
    """Return the codec of the importance: the owner's own mark, else the sender's."""
    codec = t.word(words.IMPORTANCE)

    def write(message: Message, ctx: Ctx) -> Any:
        return codec.write(message.importance or message.letter.importance, ctx)

    return Codec(codec.edm, write, codec.read)
