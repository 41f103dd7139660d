"""Users: the directory, who is whose manager, and what is changed of them."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from rsvpd.commands import delta, directory
from rsvpd.dialects.microsoft.exchange import advanced, control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.body import parameter
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    Feed,
    check_options,
    no_place,
    show,
    show_changed,
)
from rsvpd.dialects.microsoft.exchange.preferences import Metadata
from rsvpd.dialects.microsoft.tables.user import PERSON_FIELDS
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx, read_flag, read_object, read_text
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Access, Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidDirectoryValue, InvalidProperty, InvalidQuery, NotEmulated
from rsvpd.hints import Hint, HintCode
from rsvpd.identity import passwords
from rsvpd.mail.profile import Profile, UserView
from rsvpd.query.algebra import Cmp, In, Node, Op, Or, Order, Page, Query

_REQUIRED = ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName")
_PASSWORD = "passwordprofile"
# Organizers and guests of meetings are found by the address, which these three say.
_KNOWN_BY = frozenset(("userPrincipalName", "mail", "identities"))
_CLASSES = re.compile(r"([a-z])|([A-Z])|([0-9])|([^a-zA-Z0-9])")
_WEAK = (
    "The specified password does not comply with password complexity requirements. Please provide a different password."
)
_MOST_FOLLOWED = 50
_MOST_LEVELS = 1000


async def get_user(call: Call) -> Response:
    """Answer the signed-in user, or anybody in the directory; that opens no mailbox."""
    view = await call.door(directory.get_user, call.who)
    return await show(call, USERS, view, context=control_info.user_context(call, call.options.select))


async def update_user(call: Call) -> Response:
    """Change what is known of somebody; everybody changes a little of the own profile."""
    changes = await _changes(call, await _without_same(call), creating=False)
    await call.door(directory.update_user, call.who, changes)
    return replies.no_content(call)


async def create_user(call: Call) -> Response:
    """Give somebody a mailbox."""
    check_options(call, USERS)
    for name in _REQUIRED:
        if parameter(call.body, name) is None:
            raise InvalidDirectoryValue(
                f"A value is required for property '{name}' of resource 'User'.", target=name
            )
    changes = await _changes(call, call.body, creating=True)
    mail = parameter(call.body, "mail")
    if mail is not None and mail != changes["address"]:
        raise NotEmulated("A 'mail' beside the userPrincipalName is not emulated by rsvpd.", target="mail")
    address, name = changes.pop("address"), changes.pop("name")
    view = await call.door(directory.create_user, call.who, address, name, Profile(**changes))
    return await show_changed(call, USERS, view, status=201, context=control_info.user_context(call))


async def delete_user(call: Call) -> Response:
    """Take somebody's mailbox away; what was in it is deleted beside what others ask (delivery/remover.py)."""
    await call.door(directory.delete_user, call.who)
    return replies.no_content(call)


# --- what is written


async def _without_same(call: Call) -> dict[str, Any]:
    """Return the body without what mail knows somebody by, where that is written back as it was read."""
    named = {name: prop for name in call.body if (prop := call.profile.user.find(name)) and prop.name in _KNOWN_BY}
    if not named:
        return call.body
    view = await call.door(directory.get_user, call.who)
    shown = call.profile.user.write(view, call.ctx, frozenset(prop.name for prop in named.values()))
    same = {name for name, prop in named.items() if call.body[name] == shown[prop.name]}
    return {name: value for name, value in call.body.items() if name not in same}


async def _changes(call: Call, sent: dict[str, Any], *, creating: bool) -> dict[str, Any]:
    """Return what a body says of a profile. Raises InvalidDirectoryValue, NotEmulated."""
    body = {name: value for name, value in sent.items() if name.lower() != _PASSWORD}
    _check_names(call, body, creating=creating)
    try:
        changes, _ = call.profile.user.read(body, call.ctx, creating=creating)
    except InvalidProperty as wrong:
        message = f"Invalid value specified for property '{wrong.target}' of resource 'User'."
        hint = Hint(HintCode.REFUSED_BECAUSE, wrong.message)
        raise InvalidDirectoryValue(message, target=wrong.target, hint=hint) from None
    password = parameter(sent, "passwordProfile")
    return changes if password is None else changes | await _new_password(call, password, changes)


def _check_names(call: Call, body: Mapping[str, object], *, creating: bool) -> None:
    for name in body:
        prop = call.profile.user.find(name)
        if "@" in name:
            continue
        if prop is None and name.lower() in call.profile.unknown_of_users:
            raise NotEmulated(f"The member '{name}' of users is not emulated by rsvpd.", target=name)
        if prop is None:
            raise InvalidDirectoryValue(f"Invalid property '{name[:80]}'.", target=name)
        if prop.name == "identities" or (prop.name in _KNOWN_BY and not creating):
            raise NotEmulated(f"Changing '{prop.name}' of a user is not emulated by rsvpd: mail knows people by it.")
        if prop.access is Access.READ_ONLY and prop.name != "mail":
            raise InvalidDirectoryValue(f"Property '{prop.name}' is read-only and cannot be set.", target=prop.name)


async def _new_password(call: Call, value: object, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a password profile changes. The password is kept as a digest, which takes its time."""
    try:
        given = read_object(value) or {}
        password = read_text(parameter(dict(given), "password"))
        has_to_change = read_flag(parameter(dict(given), "forceChangePasswordNextSignIn"))
    except ValueError as wrong:
        raise InvalidDirectoryValue(f"passwordProfile: {wrong}", target="passwordProfile") from None
    out: dict[str, Any] = {} if has_to_change is None else {"must_change_password": has_to_change}
    if password is None:
        return out
    kinds = len({found.lastindex for found in _CLASSES.finditer(password)})
    is_lax = "DisableStrongPassword" in (changes.get("password_policies") or "")
    if not 8 <= len(password) <= 256 or (kinds < 3 and not is_lax):
        raise InvalidDirectoryValue(_WEAK, target="passwordProfile")
    digest = await asyncio.to_thread(passwords.digest_of, password, secrets.token_bytes(passwords.SALT_BYTES))
    return out | {"password": digest, "password_changed": call.request.now}


# --- the collection


def _select(call: Call, shapes: Sequence[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members that `$select` names. Raises NotEmulated for one of which nothing is known here."""
    for path in call.options.select or ():
        if path[0].lower() in call.profile.unknown_of_users:
            raise NotEmulated(f"The member '{path[0]}' of users is not emulated by rsvpd.", target="$select")
    return listing.selection(call, shapes)


def to_wire(call: Call, view: UserView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return a user as it stands on the wire."""
    return {**control_info.of_user(call, view.person), **call.profile.user.write(view, call.ctx, select)}


def directory_object(call: Call, view: UserView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return a user among objects of the directory, so that it says of which type it is."""
    kind = f"#{call.profile.namespace}.{call.profile.user.name}"
    of_type = {} if call.preferences.metadata is Metadata.NONE else {"@odata.type": kind}
    return {**of_type, **to_wire(call, view, select)}


async def _show_manager(call: Call, view: UserView, one: Expand) -> dict[str, Any]:
    """Return the manager as it stands inside, with those above as far as `$levels` says."""
    text = one.options.others.get("$levels", "1").lower()
    if not (text == "max" or (text.isascii() and text.isdigit() and 0 < int(text[:5]) <= _MOST_LEVELS)):
        raise InvalidQuery(f"$levels is a number from 1 to {_MOST_LEVELS}, or max.", target="$expand")
    who = structs.replace(call.who, owner=view.person.oid)
    above = await call.door(directory.managers_above, who, _MOST_LEVELS if text == "max" else int(text))
    select = listing.names(call, one.options.select, [call.profile.user])
    inside: dict[str, Any] = {}
    for manager in reversed(above):
        inside = {"manager": {**directory_object(call, manager, select), **inside}}
    return inside


async def _find(call: Call, _: None, asked: Query) -> Page[UserView]:
    return await call.door(directory.find_users, call.who, asked, PERSON_FIELDS)


def _delta_condition(call: Call) -> Node | None:
    """Return the condition that goes with changes: some people by their ids. Raises InvalidQuery for another one."""
    where = listing.condition(call, call.profile.lookups.user)
    if where is not None and not 1 <= len(_ids(where)) <= _MOST_FOLLOWED:
        raise InvalidQuery(
            f"With change tracking, $filter names users by their id, {_MOST_FOLLOWED} at most.", target="$filter"
        )
    return where


def _ids(where: Node) -> frozenset[str]:
    match where:
        case Cmp("oid", Op.EQ, str(oid)):
            return frozenset((oid.lower(),))
        case In("oid", values):
            return frozenset(str(one).lower() for one in values)
        case Or(parts):
            found = [_ids(part) for part in parts]
            return frozenset().union(*found) if all(found) else frozenset()
    return frozenset()


async def _since(call: Call, _: None, number: int, size: int) -> delta.Round[UserView]:
    where = _delta_condition(call)
    return await call.door(delta.users_since, call.who, number, size, None if where is None else _ids(where))


USERS: Collection[UserView, None] = Collection(
    place=no_place,
    find=_find,
    shapes=lambda profile: (profile.user,),
    select=_select,
    lookup=lambda profile: profile.lookups.user,
    order=(Order("address"),),
    question=advanced.question,
    write=lambda call, select: lambda view: to_wire(call, view, select),
    expand={"manager": Expansion(show=_show_manager, shapes=lambda profile: (profile.user,))},
    feed=Feed(
        name="Users",
        refuses=("$orderby", "$search", "$skip", "$count", "$expand"),
        since=_since,
        where=_delta_condition,
        by_header=False,
    ),
)
