"""Access rules of a calendar: the same permissions that the Outlook services show, in Google's words.

Rule 1: a rule is named by its scope: `user:somebody@example.com`; `domain:` and the owner's own domain stands
        for everybody here.
Rule 2: a role of Google's stands for several of ours; the same role written once more changes nothing.
Rule 3: the owner of a calendar is in the list, and cannot be changed.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView
from rsvpd.commands import calendars
from rsvpd.commands import permissions as commands
from rsvpd.commands.permissions import PermissionView
from rsvpd.dialects.google.exchange import body as bodies
from rsvpd.dialects.google.exchange import short, sync
from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.tables.roles import ROLES
from rsvpd.dialects.google.vocabulary.etags import list_etag
from rsvpd.dialects.google.vocabulary.refusals import SCOPE_WITHOUT_TYPE, Refusal
from rsvpd.errors import CalendarNotFound, InvalidProperty, ItemNotFound, MissingProperty, NotAllowed, NotEmulated
from rsvpd.mail.address import check_address, is_same

NAMES = ("kind", "etag", "id", "scope", "role")
_OWNER = "owner"
# The least that each of Google's roles means.
_MEANT = {word: role for role, word in reversed(ROLES.items())}


class Scope(Struct, frozen=True):
    """Whom a rule is for: one address, or everybody of the owner's domain."""

    kind: str
    value: str

    @property
    def id(self) -> str:
        """Return the id of the rule."""
        return f"{self.kind}:{self.value}"


async def list_rules(call: Call) -> Reply:
    """acl.list: the owner, then everybody with a permission; a rule that is taken back since has the role none."""
    sync.check(call.options, shown=("showDeleted",))
    views = await call.door(commands.list_permissions, call.who)
    owner = views[0].owner
    rules = [_rule(Scope("user", owner.address), _OWNER), *(_to_wire(one) for one in views if _is_rule(one))]
    etag = list_etag(rule["etag"] for rule in rules)
    entries = [short.Entry(rule["id"], rule["role"], rule) for rule in rules]
    asked = sync.question(call, owner.number, "acl", *_of_second(views[0]))
    found = short.list_of(call, asked, entries, gone=_taken_back)
    return Reply(body={"kind": "calendar#acl", "etag": etag, **found}, etag=etag)


async def get_rule(call: Call) -> Reply:
    """acl.get."""
    calendar = await own_calendar(call)
    scope = _scope_of_path(call, calendar)
    if _is_owner(scope, calendar):
        return _reply(_rule(scope, _OWNER))
    return _reply(_to_wire(await _find_rule(call, scope)))


async def insert(call: Call) -> Reply:
    """acl.insert: a rule that is there already gets the role."""
    body = bodies.read(call.request)
    calendar = await own_calendar(call)
    scope = body.get("scope")
    if not isinstance(scope, dict) or not isinstance(scope.get("type"), str):
        raise Refusal(SCOPE_WITHOUT_TYPE, target="scope")
    return await _put(call, calendar, _scope(str(scope["type"]), scope.get("value"), calendar), body)


async def change(call: Call) -> Reply:
    """acl.patch and acl.update: of a rule only the role can change."""
    body = bodies.read(call.request)
    calendar = await own_calendar(call)
    scope = _scope_of_path(call, calendar)
    if not _is_owner(scope, calendar):
        await _find_rule(call, scope)
    if call.request.method == "PATCH" and "role" not in body:
        return await get_rule(call)
    return await _put(call, calendar, scope, body)


async def delete(call: Call) -> Reply:
    """acl.delete."""
    calendar = await own_calendar(call)
    scope = _scope_of_path(call, calendar)
    if _is_owner(scope, calendar):
        raise NotAllowed("The owner of a calendar cannot be removed from it.")
    view = await _find_rule(call, scope)
    if view.person is None:
        await call.door(commands.change_role, call.who, commands.EVERYBODY, view.usual)
    else:
        await call.door(commands.revoke, call.who, view.person.number)
    return Reply()


async def own_calendar(call: Call) -> CalendarView:
    """Return the calendar whose rules are asked for. Raises CalendarNotFound for everybody but its owner."""
    calendar = await call.door(calendars.get_calendar, call.who)
    if calendar.role is not CalendarRole.OWNER:
        raise CalendarNotFound("Not Found")
    return calendar


async def _put(call: Call, calendar: CalendarView, scope: Scope, body: dict[str, Any]) -> Reply:
    word = body.get("role")
    if word is None:
        raise MissingProperty("Missing role.", target="role")
    if word == _OWNER and not _is_owner(scope, calendar):
        raise NotEmulated("A second owner of a calendar is not emulated yet; the nearest role is writer.")
    if word not in ROLES.values():
        raise InvalidProperty("role: Invalid Value", target="role")
    if _is_owner(scope, calendar):
        if word != _OWNER:
            raise NotAllowed("The owner of a calendar cannot change the own access level.")
        return _reply(_rule(scope, _OWNER))
    stored = await _permission_or_none(call, scope)
    if stored is not None and ROLES[stored.role] == word:
        return _reply(_to_wire(stored))
    if word == "none" and scope.kind == "user":
        if stored is not None and stored.person is not None:
            await call.door(commands.revoke, call.who, stored.person.number)
        return _reply(_rule(scope, "none"))
    address = scope.value if scope.kind == "user" else None
    done = await call.door(commands.grant, call.who, address, _MEANT[word], again=True)
    return _reply(_to_wire(done.value))


async def _find_rule(call: Call, scope: Scope) -> PermissionView:
    view = await _permission_or_none(call, scope)
    if view is None or not _is_rule(view):
        raise ItemNotFound("Not Found")
    return view


async def _permission_or_none(call: Call, scope: Scope) -> PermissionView | None:
    try:
        if scope.kind == "domain":
            return await call.door(commands.get_permission, call.who, commands.EVERYBODY)
        return await call.door(commands.permission_of, call.who, scope.value)
    except ItemNotFound:
        return None


def _scope_of_path(call: Call, calendar: CalendarView) -> Scope:
    kind, _, value = call.names["ruleId"].partition(":")
    if kind not in ("user", "domain", "group", "default"):
        raise ItemNotFound("Not Found")
    try:
        return _scope(kind, value, calendar)
    except InvalidProperty:
        raise ItemNotFound("Not Found") from None


def _scope(kind: str, value: Any, calendar: CalendarView) -> Scope:
    """Return whom a rule is for. Raises NotEmulated for groups, the public and other domains, InvalidProperty."""
    if kind not in ("user", "domain", "group", "default"):
        raise InvalidProperty("scope.type: Invalid Value", target="scope")
    if kind in ("group", "default"):
        raise NotEmulated(f"Rules for the scope {kind} are not emulated yet; share with a user.")
    if not isinstance(value, str) or not value:
        raise MissingProperty("Missing scope value.", target="scope")
    if kind == "user":
        check_address(value, target="scope")
    if kind == "domain" and not is_same(value, _domain(calendar.owner.address)):
        raise NotEmulated("Rules for other domains are not emulated yet; share with a user.")
    return Scope(kind, value.lower())


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _is_owner(scope: Scope, calendar: CalendarView) -> bool:
    return scope.kind == "user" and calendar.owner.answers_to(scope.value)


def _is_rule(view: PermissionView) -> bool:
    """Return whether there is a rule for this permission: what everybody has who was given nothing is none."""
    return view.person is not None or view.role > view.usual


def _of_second(view: PermissionView) -> tuple[int, ...]:
    """Return what tells the list of a second calendar from that of the primary one."""
    return () if view.calendar == DEFAULT_CALENDAR else (view.calendar,)


def _to_wire(view: PermissionView) -> dict[str, Any]:
    if view.person is None:
        return _rule(Scope("domain", _domain(view.owner.address)), ROLES[view.role])
    return _rule(Scope("user", view.person.address), ROLES[view.role])


def _rule(scope: Scope, role: str) -> dict[str, Any]:
    return {
        "kind": "calendar#aclRule",
        "etag": list_etag([scope.id, role]),
        "id": scope.id,
        "scope": {"type": scope.kind, "value": scope.value},
        "role": role,
    }


def _taken_back(rule_id: str) -> dict[str, Any]:
    kind, _, value = rule_id.partition(":")
    return _rule(Scope(kind, value), ROLES[CalendarRole.NONE])


def _reply(rule: dict[str, Any]) -> Reply:
    return Reply(body=rule, etag=rule["etag"])
