"""Settings and colors: what programs read of a user's preferences.

Nobody can set anything here, so all but the time zone has the default that the reference documents (Settings).
"""

from __future__ import annotations

from rsvpd.commands import calendar as commands
from rsvpd.dialects.google.exchange import short, sync
from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.tables.palette import COLORS
from rsvpd.dialects.google.vocabulary.etags import list_etag
from rsvpd.errors import ItemNotFound
from rsvpd.mail.person import Person

_DEFAULTS = {
    "autoAddHangouts": "false",
    "dateFieldOrder": "MDY",
    "defaultEventLength": "60",
    "format24HourTime": "false",
    "hideInvitations": "false",
    "hideWeekends": "false",
    "locale": "en",
    "remindOnRespondedEventsOnly": "false",
    "showDeclinedEvents": "true",
    "useKeyboardShortcuts": "true",
    "weekStart": "0",
}


async def list_settings(call: Call) -> Reply:
    """settings.list."""
    owner = (await call.door(commands.get_calendar, call.who)).owner
    settings = _settings(owner)
    entries = [short.Entry(name, value, _to_wire(name, value)) for name, value in settings.items()]
    found = short.list_of(call, sync.question(call, owner.number, "settings"), entries, gone=_unset)
    etag = list_etag(value for value in settings.values())
    return Reply(body={"kind": "calendar#settings", "etag": etag, **found}, etag=etag)


async def get_setting(call: Call) -> Reply:
    """settings.get."""
    settings = _settings((await call.door(commands.get_calendar, call.who)).owner)
    name = call.names["setting"]
    if name not in settings:
        raise ItemNotFound("Not Found")
    setting = _to_wire(name, settings[name])
    return Reply(body=setting, etag=setting["etag"])


async def get_colors(call: Call) -> Reply:
    """colors.get."""
    return Reply(body=dict(COLORS))


def _settings(owner: Person) -> dict[str, str]:
    """Return all settings of a user, by id in order."""
    return dict(sorted({**_DEFAULTS, "timezone": owner.zone}.items()))


def _to_wire(name: str, value: str) -> dict[str, str]:
    return {"kind": "calendar#setting", "etag": list_etag([name, value]), "id": name, "value": value}


def _unset(name: str) -> dict[str, str]:
    """Return a setting that a later version knows and this one does not."""
    return _to_wire(name, "")
