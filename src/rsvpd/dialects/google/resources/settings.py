"""Settings and colors: what programs read of a user's preferences.

Zone, language and formats are those of the mailbox, which Microsoft's interfaces change. Nobody can set anything else
here, so that has the default that the reference documents (Settings).
"""

from __future__ import annotations

from rsvpd.commands import settings as commands
from rsvpd.dialects.google.exchange import short, sync
from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.tables.palette import COLORS
from rsvpd.dialects.google.vocabulary.etags import list_etag
from rsvpd.errors import ItemNotFound
from rsvpd.mail.settings import SettingsView, has_24_hours, order_of_date

_DEFAULTS = {
    "autoAddHangouts": "false",
    "defaultEventLength": "60",
    "hideInvitations": "false",
    "hideWeekends": "false",
    "remindOnRespondedEventsOnly": "false",
    "showDeclinedEvents": "true",
    "useKeyboardShortcuts": "true",
    "weekStart": "0",
}
_ORDERS = ("MDY", "DMY", "YMD")
# The reference lists the languages of Google Calendar; some have names of their own, or one for each country.
_LANGUAGES = frozenset((
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "hi", "hr", "hu", "it", "ja", "ko", "lt",
    "lv", "nl", "pl", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi",
))  # fmt: skip
_OTHERWISE = {
    "en-GB": "en_GB", "fil-PH": "tl", "he-IL": "iw", "id-ID": "in", "nb-NO": "no", "nn-NO": "no", "pt-BR": "pt_BR",
    "pt-PT": "pt_PT", "zh-CN": "zh_CN", "zh-HK": "zh_TW", "zh-SG": "zh_CN", "zh-TW": "zh_TW",
    **dict.fromkeys(("es-AR", "es-CL", "es-CO", "es-MX", "es-PE", "es-US", "es-VE"), "es_419"),
}  # fmt: skip


async def list_settings(call: Call) -> Reply:
    """settings.list."""
    owner = await call.door(commands.get_settings, call.who)
    settings = _settings(owner)
    entries = [short.Entry(name, value, _to_wire(name, value)) for name, value in settings.items()]
    found = short.list_of(call, sync.question(call, owner.number, "settings"), entries, gone=_unset)
    etag = list_etag(value for value in settings.values())
    return Reply(body={"kind": "calendar#settings", "etag": etag, **found}, etag=etag)


async def get_setting(call: Call) -> Reply:
    """settings.get."""
    settings = _settings(await call.door(commands.get_settings, call.who))
    name = call.names["setting"]
    if name not in settings:
        raise ItemNotFound("Not Found")
    setting = _to_wire(name, settings[name])
    return Reply(body=setting, etag=setting["etag"])


async def get_colors(call: Call) -> Reply:
    """colors.get."""
    return Reply(body=dict(COLORS))


def _settings(owner: SettingsView) -> dict[str, str]:
    """Return all settings of a user, by id in order."""
    order = order_of_date(owner.settings.date_format)
    own = {
        "dateFieldOrder": order if order in _ORDERS else _ORDERS[0],
        "format24HourTime": "true" if has_24_hours(owner.settings.time_format) else "false",
        "locale": _locale(owner.settings.tag),
        "timezone": owner.zone,
    }
    return dict(sorted({**_DEFAULTS, **own}.items()))


def _locale(tag: str) -> str:
    """Return a language as Google names it, English where it has no such language."""
    word = tag.partition("-")[0]
    return _OTHERWISE.get(tag) or (word if word in _LANGUAGES else "en")


def _to_wire(name: str, value: str) -> dict[str, str]:
    return {"kind": "calendar#setting", "etag": list_etag([name, value]), "id": name, "value": value}


def _unset(name: str) -> dict[str, str]:
    """Return a setting that a later version knows and this one does not."""
    return _to_wire(name, "")
