"""What is said about a meeting: accept, tentatively accept, decline; calling it off, passing it on."""

from __future__ import annotations

from rsvpd.calendar.event import Answer
from rsvpd.commands import calendar as commands
from rsvpd.commands import forward as passing
from rsvpd.commands.references import EventRef
from rsvpd.dialects.microsoft.exchange import body, hints, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources import messages
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.resources.events import event_ref
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import Mailbox
from rsvpd.mail.message import TimeSlot


async def accept(call: Call) -> Response:
    """Accept. There is no parameter for another time in it; one that is sent is passed over."""
    return await _respond(call, Answer.ACCEPTED, None)


async def tentatively_accept(call: Call) -> Response:
    """Accept tentatively, perhaps proposing another time."""
    return await _respond(call, Answer.TENTATIVE, _proposal(call))


async def decline(call: Call) -> Response:
    """Decline, perhaps proposing another time."""
    return await _respond(call, Answer.DECLINED, _proposal(call))


async def cancel(call: Call) -> Response:
    """Call a meeting off."""
    comment = body.text(call.body, "comment")
    ref = await _target(call)
    done = await call.door(commands.cancel_event, call.who, ref, comment=comment or "")
    return replies.accepted(call, done.hints)


async def forward(call: Call) -> Response:
    """Pass a meeting on to others."""
    recipients = read_recipients(call)
    comment = body.text(call.body, "comment")
    ref = await _target(call)
    done = await call.door(passing.forward_event, call.who, ref, recipients, comment=comment or "")
    path = hints.event_path(call.profile, call.request.path) if done.hints else ""
    return replies.accepted(call, done.hints, event=path)


async def _respond(call: Call, answer: Answer, proposal: TimeSlot | None) -> Response:
    comment = body.text(call.body, "comment")
    send = body.flag(call.body, "sendResponse", default=True)
    ref = await _target(call)
    done = await call.door(
        commands.answer_event, call.who, ref, answer, comment=comment, send=send, proposal=proposal
    )
    old = (Hint(HintCode.INVITATION_OUT_OF_DATE),) if call.is_out_of_date else ()
    found = (*done.hints, *old)
    path = hints.event_path(call.profile, call.request.path) if found else ""
    return replies.accepted(call, found, event=path)


async def _target(call: Call) -> EventRef:
    """Return the event that is meant: by its own id, or as the event of a message."""
    if "event" not in call.keys:
        return EventRef(item=await messages.event_of(call))
    await check_calendar(call)
    return event_ref(call)


def read_recipients(call: Call) -> tuple[Mailbox, ...]:
    """Return the parameter `toRecipients`, empty where it is not sent. Raises InvalidProperty."""
    value = body.parameter(call.body, "toRecipients")
    try:
        found: tuple[Mailbox, ...] = call.profile.tables.types.recipients.read(value, call.ctx)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise InvalidProperty(f"ToRecipients: {wrong}", target="ToRecipients") from None
    return found


def _proposal(call: Call) -> TimeSlot | None:
    value = body.parameter(call.body, "proposedNewTime")
    if value is None:
        return None
    try:
        slot = call.profile.tables.types.time_slot.read(value, call.ctx)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise InvalidProperty(f"ProposedNewTime: {wrong}", target="ProposedNewTime") from None
    return TimeSlot(*slot)
