"""Rules of the inbox, and overrides of the focused inbox."""

from __future__ import annotations

from typing import Any

from rsvpd.commands import people
from rsvpd.commands import rules as commands
from rsvpd.dialects.microsoft.exchange import access, control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    check_options,
    no_place,
    short,
    show,
    show_changed,
    write_inside,
)
from rsvpd.dialects.microsoft.resources.folder_paths import folder_in_path, resolve_folder
from rsvpd.dialects.microsoft.tables import scopes
from rsvpd.dialects.microsoft.tables.queries import OVERRIDE_FIELDS, RULE_FIELDS
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, MissingProperty, NotAllowed
from rsvpd.hints import ignored_property_hints
from rsvpd.mail.folder import Folder
from rsvpd.mail.person import Person
from rsvpd.mail.rule import Actions, RuleDraft, SenderOverride
from rsvpd.mail.view import FolderView, OverrideView, RuleView

# --- rules


async def get_rule(call: Call) -> Response:
    """Answer one rule."""
    await _inbox(call)
    return await show(call, RULES, await call.door(commands.get_rule, call.who, call.item("rule")))


async def create_rule(call: Call) -> Response:
    """Make a rule."""
    check_options(call, RULES)
    await _inbox(call)
    done = await call.door(commands.create_rule, call.who, await _draft(call))
    location = ("Location", control_info.rule_url(call, done.value))
    hints = replies.hint_headers(call, done.hints)
    return await show_changed(call, RULES, done.value, status=201, headers=(location,), hints=hints)


async def update_rule(call: Call) -> Response:
    """Change members of a rule, each as a whole."""
    check_options(call, RULES)
    await _inbox(call)
    done = await call.door(commands.update_rule, call.who, call.item("rule"), await _draft(call))
    return await show_changed(call, RULES, done.value, hints=replies.hint_headers(call, done.hints))


async def delete_rule(call: Call) -> Response:
    """Remove a rule."""
    await _inbox(call)
    await call.door(commands.delete_rule, call.who, call.item("rule"))
    return replies.no_content(call)


async def _draft(call: Call) -> RuleDraft:
    """Return what a client wants a rule to be, the folders that its actions name found."""
    fields, ignored = call.profile.rule.read(call.body, call.ctx, creating=True, strict=True)
    named: Actions[str] | None = fields.pop("actions", None)
    if named is not None:
        fields["actions"] = named.with_folders({one: await resolve_folder(call, one) for one in named.folders})
    names = tuple(name for name in ignored if call.body[name] not in (None, False))
    return RuleDraft(**fields, ignored=names)


async def _inbox(call: Call) -> int:
    """Return the folder in the path. Raises NotAllowed for another one than the inbox, which alone has rules."""
    folder = await folder_in_path(call)
    if folder != Folder.INBOX:
        raise NotAllowed("Your request can't be completed. The inbox alone has rules.", target="messageRules")
    return folder


async def _rules(call: Call, _: int) -> list[RuleView]:
    return await call.door(commands.list_rules, call.who)


def _rule_to_wire(call: Call, view: RuleView, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_rule(call, view), **call.profile.rule.write(view, call.ctx, select)}


RULES: Collection[RuleView, int] = Collection(
    place=_inbox,
    find=short(_rules, RULE_FIELDS),
    shapes=lambda profile: (profile.rule,),
    lookup=lambda profile: profile.lookups.rule,
    write=lambda call, select: lambda view: _rule_to_wire(call, view, select),
)


async def show_rules(call: Call, folder: FolderView, one: Expand) -> dict[str, Any]:
    """Return the rules of a folder as they stand inside it: the inbox alone has any. Raises ScopeMissing."""
    access.check_beside(call, scopes.READ_SETTINGS)
    inner = call.with_options(one.options)
    name, asked = call.profile.member("messageRules"), listing.query(inner, call.profile.lookups.rule)
    if folder.folder.number != Folder.INBOX:
        return {name: []}
    page = await RULES.find(inner, Folder.INBOX, asked)
    return {name: await write_inside(call, RULES, page.items, one)}


# --- overrides


async def get_override(call: Call) -> Response:
    """Answer one override."""
    return await show(call, OVERRIDES, await call.door(commands.get_override, call.who, call.item("override")))


async def create_override(call: Call) -> Response:
    """Say where messages of a sender go."""
    check_options(call, OVERRIDES)
    fields, _ = _table(call).read(call.body, call.ctx, creating=True, strict=True)
    sender, side = fields.get("sender"), fields.get("classify_as")
    if sender is None:
        raise MissingProperty("The property 'senderEmailAddress' is required.", target="senderEmailAddress")
    if side is None:
        raise MissingProperty("The property 'classifyAs' is required.", target="classifyAs")
    done = await call.door(commands.create_override, call.who, SenderOverride(sender, side))
    location = ("Location", control_info.override_url(call, done.value))
    return await show_changed(call, OVERRIDES, done.value, status=201, headers=(location,))


async def update_override(call: Call) -> Response:
    """Say anew where messages of a sender go; nothing else of an override can be changed."""
    check_options(call, OVERRIDES)
    fields, ignored = _table(call).read(call.body, call.ctx, strict=True)
    side = fields.get("classify_as")
    if side is None:
        raise InvalidProperty("classifyAs: focused or other is expected.", target="classifyAs")
    done = await call.door(commands.update_override, call.who, call.item("override"), side)
    hints = ignored_property_hints(ignored)
    return await show_changed(call, OVERRIDES, done.value, hints=replies.hint_headers(call, hints))


async def delete_override(call: Call) -> Response:
    """Remove an override."""
    await call.door(commands.delete_override, call.who, call.item("override"))
    return replies.no_content(call)


def _table(call: Call) -> Shape[Ctx]:
    return call.profile.override


async def _overrides(call: Call, _: None) -> list[OverrideView]:
    return await call.door(commands.list_overrides, call.who)


def _override_to_wire(call: Call, view: OverrideView, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_override(call, view), **_table(call).write(view, call.ctx, select)}


OVERRIDES: Collection[OverrideView, None] = Collection(
    place=no_place,
    find=short(_overrides, OVERRIDE_FIELDS),
    shapes=lambda profile: (profile.override,),
    lookup=lambda profile: profile.lookups.override,
    write=lambda call, select: lambda view: _override_to_wire(call, view, select),
)


# --- the focused inbox as a whole


async def get_classification(call: Call) -> Response:
    """Answer what stands around the overrides: nothing but an id, that of whose it is."""
    return await show(call, CLASSIFICATION, await call.door(people.whoami, call.who))


async def _no_people(_: Call, __: None) -> list[Person]:
    return []


async def _show_overrides(call: Call, _: Person, one: Expand) -> dict[str, Any]:
    inner = call.with_options(one.options)
    page = await OVERRIDES.find(inner, None, listing.query(inner, call.profile.lookups.override))
    return {call.profile.member("overrides"): await write_inside(call, OVERRIDES, page.items, one)}


def _classification_to_wire(call: Call, owner: Person, select: frozenset[str] | None) -> dict[str, Any]:
    table = call.profile.tables.classification
    assert table is not None  # the route is refused where a service has none
    return {**control_info.of_classification(call, owner), **table.write(owner, call.ctx, select)}


# There is one of it, which stands in no list.
CLASSIFICATION: Collection[Person, None] = Collection(
    place=no_place,
    find=short(_no_people, {}),
    shapes=lambda profile: tuple(filter(None, (profile.tables.classification,))),
    lookup=lambda profile: profile.lookups.override,
    write=lambda call, select: lambda owner: _classification_to_wire(call, owner, select),
    expand={"overrides": Expansion(show=_show_overrides, shapes=lambda profile: (profile.override,))},
)
