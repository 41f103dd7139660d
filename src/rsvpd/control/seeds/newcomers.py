"""People and rooms of a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import time
from typing import Any, Literal

from msgspec import UNSET, UnsetType, structs

from rsvpd.calendar.rule import Weekday
from rsvpd.control.people import Kind, NewPerson, Online, newcomer
from rsvpd.control.profiles import MANAGER, check_members, member_names
from rsvpd.control.rooms import PLACE_NAMES, PolicyChange, place_changes
from rsvpd.control.seeds.dates import DAYS, read_time
from rsvpd.control.seeds.fields import Directory, Fields, at_line
from rsvpd.control.seeds.nodes import Items, Node, Text, quote, wrong
from rsvpd.control.seeds.world import Newcomer
from rsvpd.mail import language
from rsvpd.mail.address import fold
from rsvpd.mail.settings import HoursDraft, SettingsDraft
from rsvpd.timezones import zone as zones

_PERSON = ("address", "name", "zone", "hours", "language", "online_meetings")
_ROOM = (
    "address", "name", "zone", "auto", "horizon_days", "recurring", "max_minutes", "max_conflicts",
    "conflict_percentage", "capacity", "delegates", "lists",
)  # fmt: skip
_ONLINE: dict[str, Online] = {
    "teams": "teamsForBusiness", "skype": "skypeForBusiness", "skype-consumer": "skypeForConsumer", "none": "none"
}  # fmt: skip
_AUTO: dict[str, Literal["accept", "tentative", "none"]] = {
    "accept": "accept", "tentative": "tentative", "none": "none"
}  # fmt: skip
_NUMBERS = ("horizon_days", "max_minutes", "max_conflicts", "conflict_percentage", "capacity")
_HOURS_HELP = "write it like 'mon-fri 09:00-17:30' or 'mon, tue, thu 10:00-16:00'"
_MOST_NUMBER = 1_000_000


class Newcomers:
    """Reads people and rooms. Whom they name may come later in the file, and so names are looked up in the end."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._lines: dict[str, int] = {}
        self._later: dict[str, Callable[[Newcomer], Newcomer]] = {}

    def person(self, node: Node) -> Newcomer:
        """Return somebody. Raises InvalidProperty."""
        names = member_names()
        fields = Fields(node, (*_PERSON, *names, MANAGER, "administrator"), "a person")
        new = self._new(fields, "user")
        members = {name: text for name in (*names, "administrator") if (text := _member(fields, name)) is not None}
        for name, text in members.items():
            with at_line(fields.line_of(name)):
                check_members({name: text})
        manager = fields.text(MANAGER)
        if manager is not None:
            self._later[new.address] = lambda one: _with_manager(one, self._directory.one(manager))
        new = structs.replace(new, members=members, online_meetings=fields.word("online_meetings", _ONLINE) or "")
        return Newcomer(new=new, settings=_settings(fields), line=fields.line)

    def room(self, node: Node) -> Newcomer:
        """Return a room. Raises InvalidProperty."""
        places = [one for one in PLACE_NAMES if one != "displayName"]
        fields = Fields(node, (*_ROOM, *places), "a room")
        new = self._new(fields, "room")
        changes: dict[str, Any] = {
            name: value for name in _NUMBERS if (value := fields.number(name, most=_MOST_NUMBER)) is not None
        }
        if (auto := fields.word("auto", _AUTO)) is not None:
            changes["auto"] = auto
        if (recurring := fields.flag("recurring")) is not None:
            changes["recurring"] = recurring
        if "lists" in fields:
            changes["lists"] = tuple(one.value for one in fields.texts("lists"))
        known = {name: text for name in places if (text := _member(fields, name)) is not None}
        for name, text in known.items():
            with at_line(fields.line_of(name)):
                place_changes(PolicyChange(place={name: text}))
        policy = PolicyChange(**changes, place=known or UNSET)
        delegates = fields.texts("delegates")
        if delegates:
            self._later[new.address] = lambda one: _with_delegates(one, [self._directory.anybody(d) for d in delegates])
        return Newcomer(new=new, policy=policy, line=fields.line)

    def with_names(self, one: Newcomer) -> Newcomer:
        """Return somebody with those who are named there, now that everybody is known. Raises InvalidProperty."""
        look_up = self._later.get(one.new.address)
        return look_up(one) if look_up else one

    def _new(self, fields: Fields, kind: Kind) -> NewPerson:
        address = fields.required_text("address", "erin@example.com")
        zone, name = fields.text("zone"), fields.text("name")
        with at_line(zone.line if zone else address.line):
            own = zones.find(zone.value) if zone else "UTC"
        named = name.value if name else ""
        with at_line(address.line):
            checked = newcomer(NewPerson(address=address.value, name=named, kind=kind))
        plain = checked.address
        first = self._lines.get(fold(plain))
        if first is not None:
            raise wrong(address.line, f"{plain} stands in line {first} already; leave one of them out")
        self._lines[fold(plain)] = address.line
        self._directory.add(plain, checked.name, own, is_room=kind == "room")
        return NewPerson(address=plain, name=named, time_zone=own, kind=kind)


def _with_manager(one: Newcomer, manager: str) -> Newcomer:
    return structs.replace(one, new=structs.replace(one.new, members={**one.new.members, MANAGER: manager}))


def _with_delegates(one: Newcomer, delegates: Sequence[str]) -> Newcomer:
    assert one.policy is not None
    return structs.replace(one, policy=structs.replace(one.policy, delegates=tuple(delegates)))


def _member(fields: Fields, name: str) -> str | None:
    """Return a member of the directory as a text; a list is one with commas."""
    if isinstance(fields.node(name), Items):
        return ",".join(one.value for one in fields.texts(name))
    found = fields.text(name)
    return None if found is None else found.value


def _settings(fields: Fields) -> SettingsDraft | None:
    hours, tag = fields.text("hours"), fields.text("language")
    if hours is None and tag is None:
        return None
    spoken: str | UnsetType = UNSET
    if tag is not None:
        if language.find(tag.value) is None:
            raise wrong(tag.line, f"{quote(tag.value)} is no language with a country; write it like de-DE")
        spoken = tag.value
    return SettingsDraft(hours=UNSET if hours is None else _hours(hours), tag=spoken)


def _hours(text: Text) -> HoursDraft:
    *names, span = text.value.lower().split() or [""]
    first, dash, last = span.partition("-")
    if not dash:
        raise wrong(text.line, f"{quote(text.value)} are no working hours; {_HOURS_HELP}")
    with at_line(text.line):
        start, end = (_seconds(read_time(one)) for one in (first, last))
    if start >= end:
        raise wrong(text.line, f"{quote(text.value)} end before they begin; {_HOURS_HELP}")
    days = _days(text, names) if names else UNSET
    return HoursDraft(days=days, start=start, end=end)


def _days(text: Text, names: Sequence[str]) -> tuple[Weekday, ...]:
    days: set[Weekday] = set()
    for part in (one for one in " ".join(names).replace(",", " ").split() if one != "and"):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise wrong(text.line, f"{quote(part)} is no day of the week; {_HOURS_HELP}")
        begin, end = DAYS[first], DAYS[last if dash else first]
        days |= {Weekday((begin + step) % 7) for step in range((end - begin) % 7 + 1)}
    return tuple(sorted(days))


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60
