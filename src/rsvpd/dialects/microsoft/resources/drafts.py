"""Drafts: made, and sent."""

from __future__ import annotations

from rsvpd.commands import drafts as commands
from rsvpd.dialects.microsoft.exchange import replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources import messages
from rsvpd.dialects.microsoft.resources.folders import folder_of_path
from rsvpd.dialects.microsoft.tables.drafts import read_message
from rsvpd.dialects.wire import Response
from rsvpd.errors import NotAllowed
from rsvpd.mail.folder import Folder


async def create_message(call: Call) -> Response:
    """Create a draft: in Drafts, or in the folder that the path names."""
    select = messages.chosen(call)
    folder = await folder_of_path(call)
    if "eventmessage" in str(call.body.get("@odata.type", "")).lower():
        # Outlook mail REST reference: an event message cannot be created.
        raise NotAllowed("Your request can't be completed. A meeting message comes of its meeting alone.")
    draft = read_message(call.profile, call.body, call.ctx, creating=True)
    place = Folder.DRAFTS if folder is None else folder
    done = await call.door(commands.create_draft, call.who, draft, folder=place)
    return messages.created(call, done, select)


async def send_message(call: Call) -> Response:
    """Send a draft."""
    await messages.check_folder(call)
    done = await call.door(commands.send_draft, call.who, call.item("message"))
    return replies.accepted(call, done.hints)
