"""Replies and forwards as letters: subject, recipients, and what stands of the original in them.

The words are those that Outlook writes: `RE: ` or `FW: ` once, and above the original a block that says who wrote it,
when, to whom and about what.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from html import escape

from msgspec import structs

from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.attachment import Attachments
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.timezones.zone import to_wall


class ReplyKind(enum.Enum):
    """What is made of a message."""

    REPLY = "reply"
    REPLY_ALL = "replyAll"
    FORWARD = "forward"


_PREFIX = {ReplyKind.REPLY: "RE: ", ReplyKind.REPLY_ALL: "RE: ", ReplyKind.FORWARD: "FW: "}

# RFC 5322 3.6.5, and the words of Outlook.
_PREFIXES = re.compile(r"\A(?:(?:re|fw|fwd):[ \t]*+)++", re.I)
# It ends before the next tag: whatever is left open is looked at once.
_BODY_TAG = re.compile(r"<body(?:[\t\n\f\r /][^<>]*+)?>", re.I)
_LINE_ENDS = re.compile(r"\r\n?+")
# As many ids as a message names of those before it, the first of the conversation and the last.
_MOST_REFERENCES = 50
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_LINE = "_" * 32
_RULE = '<hr tabindex="-1" style="display:inline-block; width:98%">'


def reply(kind: ReplyKind, original: Letter, blank: Letter, owner: Person, *, comment: str, zone: str) -> Letter:
    """Return what `owner` replies to `original`, or forwards of it, beginning with a `blank` letter of the owner's.

    `comment` is plain text; the time at which the original was sent is told in `zone`. A reply goes to whom the
    original asks for (RFC 5322 3.6.2), one to all also to its other recipients but the owner, and a forward to nobody
    yet.
    """
    to, cc = _recipients(kind, original, owner)
    return structs.replace(
        blank,
        subject=subject_of(kind, original),
        body=_body(original, comment, zone),
        to=to,
        cc=cc,
        conversation=original.conversation,
        references=references_after(original),
        attachments=_attachments_for(kind, original),
    )


def subject_of(kind: ReplyKind, original: Letter) -> str:
    """Return the subject of a reply or a forward: with one prefix, whatever there was."""
    return _PREFIX[kind] + _PREFIXES.sub("", original.subject)


def references_after(original: Letter) -> tuple[str, ...]:
    """Return the ids that a message which follows `original` names (RFC 5322 3.6.4)."""
    followed = (*original.references, original.internet_message_id)
    if len(followed) > _MOST_REFERENCES:
        followed = (followed[0], *followed[1 - _MOST_REFERENCES :])
    return followed


def _attachments_for(kind: ReplyKind, original: Letter) -> Attachments:
    """Return what goes along: all of it, or with a reply what the body shows inside."""
    return tuple(one for one in original.attachments if kind is ReplyKind.FORWARD or one.is_inline)


def _recipients(kind: ReplyKind, original: Letter, owner: Person) -> tuple[tuple[Mailbox, ...], tuple[Mailbox, ...]]:
    if kind is ReplyKind.FORWARD:
        return (), ()
    wanted = original.reply_to or (original.from_,)
    if kind is ReplyKind.REPLY:
        return wanted, ()
    own = {fold(owner.address)}
    # Whoever replies to all of what was the own message writes to those it was to.
    to = tuple(_other_mailboxes((*wanted, *original.to), own)) or wanted
    return to, tuple(_other_mailboxes(original.cc, own | {fold(one.address) for one in to}))


def _other_mailboxes(boxes: Iterable[Mailbox], known: set[str]) -> Iterator[Mailbox]:
    """Yield each address once, and none that is `known`."""
    seen = set(known)
    for box in boxes:
        if fold(box.address) not in seen:
            seen.add(fold(box.address))
            yield box


def _body(original: Letter, comment: str, zone: str) -> Body:
    """Return the comment, and below it the original in its own language."""
    text, facts = original.body.text, _facts(original, zone)
    if original.body.kind is BodyKind.TEXT:
        head = "\n".join(f"{name}: {value}" for name, value in facts)
        return Body(f"{comment}\n\n{_LINE}\n{head}\n\n{text}", BodyKind.TEXT)
    head = "<br>\n".join(f"<b>{name}:</b> {escape(value, quote=False)}" for name, value in facts)
    said = escape(_LINE_ENDS.sub("\n", comment), quote=False).replace("\n", "<br>\n")
    above = f'<div>{said}</div>\n{_RULE}\n<div id="divRplyFwdMsg" dir="ltr">{head}<div>&nbsp;</div></div>\n'
    # What the sender of the original wrote is not looked into: it is shown as any other body is.
    begin = _BODY_TAG.search(text)
    at = begin.end() if begin else 0
    return Body(text[:at] + above + text[at:], BodyKind.HTML)


def _facts(original: Letter, zone: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox_list((original.from_,))
    moment = to_wall(original.sent, zone)
    clock = f"{(moment.hour + 11) % 12 + 1}:{moment:%M:%S} {'AM' if moment.hour < 12 else 'PM'}"
    yield "Sent", f"{_DAYS[moment.weekday()]}, {_MONTHS[moment.month - 1]} {moment.day}, {moment.year} {clock}"
    for name, boxes in (("To", original.to), ("Cc", original.cc)):
        if boxes:
            yield name, _mailbox_list(boxes)
    yield "Subject", original.subject


def _mailbox_list(boxes: Iterable[Mailbox]) -> str:
    return "; ".join(f"{box.name} <{box.address}>" if box.name else box.address for box in boxes)
