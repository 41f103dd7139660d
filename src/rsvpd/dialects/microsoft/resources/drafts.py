"""Drafts, replies and forwards: made, and sent."""

from __future__ import annotations

from msgspec import UNSET, structs

from rsvpd.commands import drafts as commands
from rsvpd.commands.drafts import ReplyDraft
from rsvpd.dialects.microsoft.exchange import body, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import check_options
from rsvpd.dialects.microsoft.resources import messages
from rsvpd.dialects.microsoft.resources.folder_paths import folder_of_path
from rsvpd.dialects.microsoft.resources.responses import read_recipients
from rsvpd.dialects.microsoft.tables.drafts import read_message
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, NotAllowed
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.extended import drafted_custom_data
from rsvpd.mail.folder import Folder
from rsvpd.mail.reply import ReplyKind


async def create_message(call: Call) -> Response:
    """Create a draft: in Drafts, or in the folder that the path names."""
    check_options(call, messages.MESSAGES)
    folder = await folder_of_path(call)
    draft = messages.read_as_mime(call) or _read_draft(call)
    place = int(Folder.DRAFTS) if folder is None else folder
    done = await call.door(commands.create_draft, call.who, draft, folder=place)
    return await messages.created_message_response(call, done, sent=drafted_custom_data(draft.extended))


async def send_message(call: Call) -> Response:
    """Send a draft."""
    await messages.check_folder(call)
    done = await call.door(commands.send_draft, call.who, call.item("message"))
    return replies.accepted(call, done.hints)


async def reply(call: Call) -> Response:
    """Reply to the sender of a message."""
    return await _send_reply(call, ReplyKind.REPLY)


async def reply_all(call: Call) -> Response:
    """Reply to the sender and the other recipients of a message."""
    return await _send_reply(call, ReplyKind.REPLY_ALL)


async def forward(call: Call) -> Response:
    """Forward a message."""
    return await _send_reply(call, ReplyKind.FORWARD)


async def create_reply(call: Call) -> Response:
    """Make a draft of a reply to the sender of a message."""
    return await _create_reply(call, ReplyKind.REPLY)


async def create_reply_all(call: Call) -> Response:
    """Make a draft of a reply to the sender and the other recipients of a message."""
    return await _create_reply(call, ReplyKind.REPLY_ALL)


async def create_forward(call: Call) -> Response:
    """Make a draft that forwards a message."""
    return await _create_reply(call, ReplyKind.FORWARD)


async def _send_reply(call: Call, kind: ReplyKind) -> Response:
    draft = _read_reply(call, kind)
    await messages.check_folder(call)
    done = await call.door(commands.send_reply, call.who, call.item("message"), draft)
    return replies.accepted(call, done.hints)


async def _create_reply(call: Call, kind: ReplyKind) -> Response:
    check_options(call, messages.MESSAGES)
    draft = _read_reply(call, kind)
    await messages.check_folder(call)
    done = await call.door(commands.create_reply, call.who, call.item("message"), draft)
    return await messages.created_message_response(call, done)


def _read_draft(call: Call) -> MessageDraft:
    if "eventmessage" in str(call.body.get("@odata.type", "")).lower():
        # Outlook mail REST reference: an event message cannot be created.
        raise NotAllowed("Your request can't be completed. A meeting message comes of its meeting alone.")
    return read_message(call.profile, call.body, call.ctx, creating=True)


def _read_reply(call: Call, kind: ReplyKind) -> ReplyDraft:
    """Return what the parameters of an action say. Raises InvalidProperty where two of them say the same."""
    written = messages.read_as_mime(call)
    if written is not None:
        return ReplyDraft(kind=kind, message=_without_blanks(written))
    given = body.parameter(call.body, "message")
    message = MessageDraft() if given is None else read_message(call.profile, given, call.ctx, creating=True)
    comment = body.text(call.body, "comment") or ""
    if comment and message.body is not UNSET:
        raise InvalidProperty("Either Comment or the Body of Message can be specified, not both.", target="Comment")
    to = read_recipients(call) if kind is ReplyKind.FORWARD else ()
    if to and message.to is not UNSET:
        text = "Either ToRecipients or the ToRecipients of Message can be specified, not both."
        raise InvalidProperty(text, target="ToRecipients")
    message = structs.replace(message, to=to) if to else message
    return ReplyDraft(kind=kind, comment=comment, message=message, zone=call.preferences.zone or "UTC")


def _without_blanks(message: MessageDraft) -> MessageDraft:
    """Return a reply that was written as MIME: whom it does not name it goes to as any other, in the same thread."""
    unsaid = {name: UNSET for name in ("to", "cc", "bcc", "reply_to", "subject") if not getattr(message, name)}
    return structs.replace(message, **unsaid, references=UNSET)
