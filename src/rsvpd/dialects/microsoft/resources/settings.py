"""The settings of a mailbox, all of them and one by one."""

from __future__ import annotations

from msgspec import UNSET

from rsvpd.commands import settings as commands
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.wire import Response
from rsvpd.errors import UnknownSegment
from rsvpd.hints import Hint, ignored_property_hints
from rsvpd.mail.settings import SettingsDraft, SettingsView


async def get_settings(call: Call) -> Response:
    """Answer the mailbox settings."""
    return _response(call, await call.door(commands.get_settings, call.who))


async def update_settings(call: Call) -> Response:
    """Change settings and answer all of them; what only the server says is passed over."""
    fields, ignored = call.profile.mailbox_settings.read(call.body, call.ctx, strict=True)
    delivery = fields.pop("delivery", UNSET)
    done = await call.door(commands.update_settings, call.who, SettingsDraft(**fields), delivery=delivery)
    hints = ignored_property_hints(ignored)
    return _response(call, done.value, hints)


async def get_setting(call: Call) -> Response:
    """Answer one member of the mailbox settings alone."""
    prop = call.profile.mailbox_settings.find(call.trail[-1].name)
    if prop is None:
        raise UnknownSegment(f"Resource not found for the segment '{call.trail[-1].name}'.")
    view = await call.door(commands.get_settings, call.who)
    one = call.profile.mailbox_settings.write(view, call.ctx, frozenset((prop.name,)))[prop.name]
    fragment = f"{_place(call)}/{prop.name}"
    if isinstance(one, dict):
        return replies.entity(call, one, context=control_info.context_of(call, fragment))
    return replies.value(call, fragment, one)


def _response(call: Call, view: SettingsView, hints: tuple[Hint, ...] = ()) -> Response:
    select = listing.selection(call, [call.profile.mailbox_settings])
    members = call.profile.mailbox_settings.write(view, call.ctx, select)
    context = control_info.context_of(call, _place(call))
    return replies.entity(call, members, context=context, hints=replies.hint_headers(call, hints))


def _place(call: Call) -> str:
    return f"{call.profile.context_root(call.me)}/{call.profile.segment('mailboxSettings')}"
