"""What is compared between two states beside events and messages, each kind in words: a title and members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.permission import CalendarRole
from rsvpd.clock import Instant, to_text
from rsvpd.commands.door import reads
from rsvpd.mail.settings import ReplyStatus, Settings
from rsvpd.store import (
    calendars,
    directory,
    folders,
    outbox,
    people,
    permissions,
    personas,
    places,
    rooms,
    rules,
    settings,
    subscriptions,
)
from rsvpd.store.difference import Place
from rsvpd.store.tx import Tx

_LONGEST = 80
_MINUTE = 60
EVERYBODY = "everybody"
_MAY = {
    CalendarRole.NONE: "nothing", CalendarRole.FREE_BUSY: "free-busy", CalendarRole.LIMITED: "titles",
    CalendarRole.READ: "read", CalendarRole.WRITE: "write", CalendarRole.DELEGATE: "delegate",
    CalendarRole.PRIVATE_DELEGATE: "private-delegate", CalendarRole.OWNER: "owner",
}  # fmt: skip
# What nobody is to read in a report of a fault: of these only is told that they changed.
_SECRET = frozenset({"password"})


class Described(Struct, frozen=True):
    """One row in words: whose it is (a number, 0: all of them), what it is called, and its members."""

    mailbox: int
    title: str
    members: Mapping[str, str] = {}


def quote(text: str) -> str:
    """Return a text in quotes, on one line and not too long."""
    return f'"{shorten(text)}"'


def shorten(text: str) -> str:
    """Return a text on one line, and not too long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text[: _LONGEST + 1])
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def members_of(value: object, without: Iterable[str] = ()) -> dict[str, str]:
    """Return the members of a structure that say something, each as a short text; of those below, by both names."""
    found: dict[str, str] = {}
    _gather(found, "", msgspec.to_builtins(value))
    return {name: text for name, text in found.items() if name not in without}


@reads
def describe_rows(tx: Tx, kind: str, some: Sequence[Place]) -> dict[Place, Described]:
    """Return what there is of some rows of a kind, by their keys."""
    found = ((place, _KINDS[kind](tx, place)) for place in some)
    return {place: one for place, one in found if one is not None}


def _gather(found: dict[str, str], name: str, value: Any) -> None:
    if isinstance(value, dict):
        for member, below in value.items():
            _gather(found, f"{name} {member}".strip().replace("_", " "), below)
    elif isinstance(value, list | tuple):
        found[name] = shorten(", ".join(_text(one) for one in value))
    elif value is not None:
        found[name] = "…" if name in _SECRET else shorten(_text(value))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(_text(one) for one in value.values())
    if isinstance(value, list | tuple):
        return " ".join(map(_text, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


# --- each kind


def _person(tx: Tx, key: Place) -> Described | None:
    one = people.by_number(tx, key[0])
    if one is None:
        return None
    return Described(one.number, "", {"name": one.name, "zone": one.zone, "address": one.address})


def _profile(tx: Tx, key: Place) -> Described | None:
    manager = directory.manager(tx, key[0])
    of_manager = {"manager": _address(tx, manager)} if manager else {}
    return Described(key[0], "profile", members_of(directory.profile(tx, key[0])) | of_manager)


def _photo(tx: Tx, key: Place) -> Described | None:
    return Described(key[0], "photo")


def _room(tx: Tx, key: Place) -> Described | None:
    return Described(key[0], "what the room answers", members_of(rooms.settings(tx, key[0])))


def _place(tx: Tx, key: Place) -> Described | None:
    one = places.room(tx, key[0])
    return None if one is None else Described(key[0], "what is known of the room", members_of(one.place))


def _room_list(tx: Tx, key: Place) -> Described | None:
    one = next((one for one in places.room_lists(tx) if one.number == key[0]), None)
    if one is None:
        return None
    return Described(0, f"list of rooms {one.address}", {"name": one.name} | members_of(one.place))


def _listed_room(tx: Tx, key: Place) -> Described | None:
    one = _room_list(tx, key)
    return None if one is None else Described(key[1], f"in {one.title}")


def _calendar(tx: Tx, key: Place) -> Described | None:
    one = calendars.one(tx, *key)
    if one is None:
        return None
    group = calendars.groups(tx, key[0]).get(one.group, "")
    return Described(key[0], _calendar_name(tx, *key), members_of(one.properties) | ({"group": group} if group else {}))


def _calendar_group(tx: Tx, key: Place) -> Described | None:
    name = calendars.groups(tx, key[0]).get(key[1], "")
    return Described(key[0], quote(name), {"name": name})


def _entry(tx: Tx, key: Place) -> Described | None:
    mailbox, owner, calendar = key
    whose = "" if mailbox == owner else f" of {_address(tx, owner)}"
    listed = members_of(calendars.entry(tx, *key))
    return Described(mailbox, f"{_calendar_name(tx, owner, calendar)}{whose} in the list of calendars", listed)


def _permission(tx: Tx, key: Place) -> Described | None:
    mailbox, calendar, grantee = key
    role = permissions.own_role_of(tx, mailbox, calendar, grantee)
    who = _address(tx, grantee) if grantee else EVERYBODY
    may = {} if role is None else {"may": _MAY[role]}
    return Described(mailbox, f"{who} in {_calendar_name(tx, mailbox, calendar)}", may)


def _delegation(tx: Tx, key: Place) -> Described | None:
    goes = permissions.delivery(tx, key[0]).name.lower().replace("_", " ")
    return Described(key[0], "meeting messages while there are delegates", {"go to": goes})


def _settings(tx: Tx, key: Place) -> Described | None:
    return Described(key[0], "", _settings_members(settings.of(tx, key[0])))


def _settings_members(one: Settings) -> dict[str, str]:
    hours, replies = one.hours, one.replies
    by_day = (f"{period.day.name.lower()} {_clock(period.start)}-{_clock(period.end)}" for period in hours.by_day)
    zone = f" {hours.zone}" if isinstance(hours.zone, str) else " in a zone of its own" if hours.zone else ""
    listed = one.categories
    return {
        "automatic replies": replies.status.value + _span_text(replies.start, replies.end, replies.status),
        "reply to colleagues": shorten(replies.internal),
        "reply to others": f"{replies.audience.value} {shorten(replies.external)}".strip(),
        "working hours": ", ".join(by_day) + zone,
        "language": one.tag,
        "dates are written": one.date_format,
        "times are written": one.time_format,
        "name of the zone": one.zone_name or "",
        "categories": "as they come" if listed is None else _categories(listed),
    }


def _categories(listed: Iterable[Any]) -> str:
    return ", ".join(f"{shorten(one.name)} ({one.color})" for one in listed)


def _span_text(start: Instant | None, end: Instant | None, status: ReplyStatus) -> str:
    if status is not ReplyStatus.SCHEDULED or start is None or end is None:
        return ""
    return f" {to_text(start)} to {to_text(end)}"


def _persona(tx: Tx, key: Place) -> Described | None:
    one = personas.one(tx, key[0])
    return None if one is None else Described(key[0], "answers by itself", members_of(one))


def _folder(tx: Tx, key: Place) -> Described | None:
    tree = folders.tree(tx, key[0])
    one = tree.find(key[1])
    if one is None:
        return None
    above = tree.find(one.parent) if one.parent is not None else None
    members = {"name": one.name, "hidden": "yes" if one.is_hidden else "no", "in": above.name if above else "the root"}
    if one.search is not None:
        members["search"] = shorten(one.search.filter)
    return Described(key[0], quote(one.name), members)


def _rule(tx: Tx, key: Place) -> Described | None:
    one = next((row.rule for row in rules.of_mailbox(tx, key[0]) if row.number == key[1]), None)
    return None if one is None else Described(key[0], quote(one.name), members_of(one))


def _override(tx: Tx, key: Place) -> Described | None:
    one = next((row.override for row in rules.overrides(tx, key[0]) if row.number == key[1]), None)
    return None if one is None else Described(key[0], one.sender.address, {"goes to": one.classify_as.name.lower()})


def _subscription(tx: Tx, key: Place) -> Described | None:
    one = subscriptions.one(tx, key[0], str(key[1]))
    if one is None:
        return None
    return Described(key[0], quote(one.terms.resource), {"until": to_text(one.expires), "to": one.terms.url})


def _post(tx: Tx, key: Place) -> Described | None:
    one = outbox.by_number(tx, key[0])
    return None if one is None else Described(one.mailbox, f"{quote(one.post.letter.subject)} to {one.post.recipient}")


def _of_key(tx: Tx, key: Place) -> Described | None:
    return Described(key[0], " ".join(str(part) for part in key[1:] if part != ""))


_KINDS: dict[str, Callable[[Tx, Place], Described | None]] = {
    "people": _person, "profiles": _profile, "photos": _photo, "rooms": _room, "places": _place,
    "room lists": _room_list, "rooms in lists": _listed_room, "calendars": _calendar,
    "groups of calendars": _calendar_group, "listed calendars": _entry, "permissions": _permission,
    "delegations": _delegation, "settings": _settings, "people who answer by themselves": _persona,
    "folders": _folder, "rules": _rule, "focused senders": _override, "extended properties": _of_key,
    "subscriptions": _subscription, "messages that wait to leave": _post, "consents": _of_key,
    "senders who got an automatic reply": _of_key,
}  # fmt: skip


def _address(tx: Tx, number: int) -> str:
    one = people.by_number(tx, number)
    return one.address if one else f"mailbox {number}"


def _calendar_name(tx: Tx, mailbox: int, number: int) -> str:
    one = calendars.one(tx, mailbox, number)
    name = one.properties.name if one else ""
    return quote(name) if name else "the calendar" if number == DEFAULT_CALENDAR else f"calendar {number}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // _MINUTE % 60:02d}"
