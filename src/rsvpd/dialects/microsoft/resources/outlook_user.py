"""What Graph has at `outlook`: the zones that a mailbox may be in; and ids of items in their other form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from rsvpd import ids
from rsvpd.clock import from_datetime, to_datetime
from rsvpd.commands import directory, mail
from rsvpd.dialects.microsoft.exchange import body, control_info, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.odata import url
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidId, InvalidProperty, NotEmulated
from rsvpd.mail.language import LANGUAGES
from rsvpd.query.algebra import Page
from rsvpd.timezones.zone import all_iana_names, all_windows_names, find, offset

MOST_IDS = 1000
_NAMES = {"windows": all_windows_names, "iana": all_iana_names}
_FORMS = {"restid": False, "restimmutableentryid": True}  # whether an id lasts
_OTHER_FORMS = frozenset(("entryid", "ewsid", "immutableentryid"))
_MALFORMED = {"code": "ErrorInvalidIdMalformed", "message": "Id is malformed."}
_NOT_FOUND = {"code": "ErrorItemNotFound", "message": "The specified object was not found in the store."}


async def list_zones(call: Call) -> Response:
    """Answer the names of all zones, as Windows has them or, where that is asked for, IANA."""
    await call.door(directory.get_user, call.who)
    text = url.parse(call.request.path)[-1].arguments.get("timezonestandard", "Windows")
    # microsoft.graph.timeZoneStandard'Iana', as the metadata has it, or the word alone.
    standard = text.strip("'").rpartition("'")[2]
    if standard.lower() not in _NAMES:
        raise InvalidProperty("TimeZoneStandard is Windows or Iana.", target="TimeZoneStandard")
    member = call.profile.member
    values = [
        {member("alias"): name, member("displayName"): shown}
        for name, shown in _zones(standard.lower(), to_datetime(call.request.now).year)
    ]
    context = control_info.context_of(call, f"Collection({call.profile.namespace}.timeZoneInformation)")
    return replies.collection(call, values, Page(items=values), context=context)


async def get_outlook(call: Call) -> Response:
    """Answer what stands around the list of categories: nothing but an id, that of whose it is."""
    view = await call.door(directory.get_user, call.who)
    return replies.entity(call, {call.profile.member("id"): view.person.oid})


async def list_languages(call: Call) -> Response:
    """Answer the languages in which a mailbox may be, with their countries."""
    await call.door(directory.get_user, call.who)
    locale, shown = call.profile.member("locale"), call.profile.member("displayName")
    values = [{locale: one.tag, shown: one.name} for one in LANGUAGES.values()]
    context = control_info.context_of(call, f"Collection({call.profile.namespace}.localeInfo)")
    return replies.collection(call, values, Page(items=values), context=context)


async def translate_ids(call: Call) -> Response:
    """Answer ids in another form: those of messages either change when these are moved, or last."""
    given = body.parameter(call.body, "inputIds")
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given) or len(given) > MOST_IDS:
        raise InvalidProperty(f"InputIds is a list of at most {MOST_IDS} ids.", target="InputIds")
    _form(call, "sourceIdType")
    lasting = _form(call, "targetIdType")
    decoded = [_decode_id(one) for one in given]
    known = [one for one in decoded if one is not None]
    found = dict(zip(known, await call.door(mail.ids_in_form, call.who, known, lasting=lasting), strict=True))
    values = [_result(text, one, found.get(one) if one else None) for text, one in zip(given, decoded, strict=True)]
    context = control_info.context_of(call, f"Collection({call.profile.namespace}.convertIdResult)")
    return replies.collection(call, values, Page(items=values), context=context)


def _form(call: Call, name: str) -> bool:
    """Return whether ids of a form last. Raises InvalidProperty, and NotEmulated for those of other protocols."""
    form = (body.text(call.body, name) or "").lower()
    if form in _OTHER_FORMS:
        raise NotEmulated(f"Ids of the form {form} are not emulated by rsvpd; restId and restImmutableEntryId are.")
    if form not in _FORMS:
        raise InvalidProperty(f"{name} is restId or restImmutableEntryId.", target=name)
    return _FORMS[form]


def _decode_id(text: str) -> ids.ItemId | None:
    try:
        return ids.decode(text)
    except InvalidId:
        return None


def _result(text: str, one: ids.ItemId | None, found: ids.ItemId | None) -> dict[str, Any]:
    if found is None:
        return {"sourceId": text, "errorDetails": _MALFORMED if one is None else _NOT_FOUND}
    return {"sourceId": text, "targetId": ids.encode(found)}


@lru_cache(maxsize=8)
def _zones(standard: str, year: int) -> tuple[tuple[str, str], ...]:
    """Return all zones with what is shown of them, by how far they are ahead of UTC when clocks are not put forward."""
    days = [from_datetime(datetime(year, month, 1, tzinfo=UTC)) for month in (1, 7)]
    found = []
    for name in _NAMES[standard]():
        zone = find(name)
        found.append((min(offset(day, zone) for day in days), name))
    return tuple((name, f"(UTC{_offset_text(ahead)}) {name}") for ahead, name in sorted(found))


def _offset_text(ahead: timedelta) -> str:
    minutes = int(ahead.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else ""
