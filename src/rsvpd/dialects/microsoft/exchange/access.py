"""Whether a token is for what is asked: scopes, roles, the mailbox an application may touch.

Rule 1: a person's token is for the own mailbox, and with a `.Shared` scope for those that others share; what of
these is open, the sharing decides (commands/access.py).
Rule 2: an application by itself has no `/me`; where its roles and the policy of its mailboxes let it in, it works
as the owner does (learn.microsoft.com/graph/auth-limit-mailbox-access).
Rule 3: what a basic permission leaves out is not shown, and whoever asks for it by name is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import structs

from rsvpd.commands import people
from rsvpd.commands.door import Who
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.traps import members
from rsvpd.dialects.microsoft.tables.scopes import WITHHELD, AnyOf, Needs, fold_scopes
from rsvpd.dialects.odata.options import Options, Steps, without_casts
from rsvpd.dialects.odata.syntax import parse
from rsvpd.errors import AccessDenied, DirectoryScopeMissing, MailboxOutOfPolicy, PersonRequired, ScopeMissing
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person

_A_PERSON = "a token of a person (delegated); an application names the mailbox, /users/ID"


async def check(call: Call) -> None:
    """Raise ScopeMissing, PersonRequired or MailboxOutOfPolicy where the token is not for this call."""
    claims, needs = call.claims, call.needs
    if claims.is_application:
        if call.trail[0].name == "me":
            raise PersonRequired(hint=_hint(_A_PERSON))
        _require(call, needs.application)
        await _open(call)
    else:
        _require(call, needs.delegated if is_own(call) else needs.shared)
    check_named(call)


def check_named(call: Call) -> None:
    """Leave out what a basic permission leaves out. Raises ScopeMissing where the options ask for it by name."""
    whole = call.needs.whole
    if whole is not None and not whole.suffices(_scopes_of(call)):
        call.is_basic = True
        _check_named(call, whole)


def go_on(call: Call, owner: Person, *, lister: Person) -> None:
    """Let the rest of a call be about the mailbox of `owner`, of which something is shared with `lister`."""
    if call.claims.is_application:
        _check_mailbox(call, owner)
        call.who = Who(lister.oid, owner.oid, call.who.now, interface=call.profile.interface)
        return
    _require(call, call.needs.shared)
    call.who = structs.replace(call.who, owner=owner.oid, is_application=False, calendar=None)


async def check_body(call: Call, needs: Needs, owner: str | None) -> None:
    """Let the rest of a call be about the mailbox that its body names, None for the own one, by what that needs.

    Raises what `check` raises; AccessDenied for a person in somebody else's mailbox, whatever is shared there.
    """
    call.needs, call.who = needs, structs.replace(call.who, owner=owner, calendar=None)
    if call.claims.is_application:
        if owner is None:
            raise PersonRequired(hint=_hint(_A_PERSON))
        _require(call, needs.application)
        await _open(call)
        return
    check_own(call)
    _require(call, needs.delegated)


def check_own(call: Call) -> None:
    """Raise AccessDenied for a person in somebody else's mailbox, whatever is shared there."""
    if not call.claims.is_application and not is_own(call):
        # learn.microsoft.com/graph/api/subscription-post-subscriptions: delegated permission does not reach others'.
        raise AccessDenied(hint=_hint("a token of an application, for somebody else's mailbox"))


def check_beside(call: Call, needs: Needs) -> None:
    """Raise ScopeMissing where the token does not open what is to be shown inside an answer, which `needs` more."""
    own = needs.delegated if is_own(call) else needs.shared
    _require(call, needs.application if call.claims.is_application else own)


def readable_members(call: Call, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the members of an event or a message that the token lets through."""
    if not call.is_basic:
        return values
    return {name: value for name, value in values.items() if name.lower() not in WITHHELD}


def _scopes_of(call: Call) -> frozenset[str]:
    claims = call.claims
    return fold_scopes(claims.roles if claims.is_application else claims.scopes)


def is_own(call: Call) -> bool:
    """Return whether a call is about the mailbox of who asks."""
    owner = call.who.owner
    return owner is None or owner.lower() == call.claims.oid or fold(owner) == fold(call.claims.upn)


def _require(call: Call, wanted: AnyOf) -> None:
    if wanted.suffices(_scopes_of(call)):
        return
    kind = DirectoryScopeMissing if call.needs.is_directory else ScopeMissing
    asked = "application" if call.claims.is_application else "delegated"
    least = f"the {asked} permission {wanted.names[0]}" if wanted.names else "a token of a person (delegated)"
    raise kind(hint=_hint(least), wanted=wanted.names)


def _hint(least: str) -> Hint:
    return Hint(HintCode.SCOPE_MISSING, least)


async def _open(call: Call) -> None:
    """Let an application into the mailbox that the path names, if there is one and the policy allows it."""
    if call.needs.is_directory or not call.needs.names_mailbox:
        return
    call.me = await call.door(people.whoami, call.who)
    _check_mailbox(call, call.me)


def _check_mailbox(call: Call, owner: Person) -> None:
    if not call.clients.may_touch(call.claims.app_id, owner.address):
        raise MailboxOutOfPolicy(hint=_hint("a mailbox that the client's own setting 'mailboxes' names"))


def _check_named(call: Call, whole: AnyOf) -> None:
    """Raise ScopeMissing where a member is asked for by name that is to be left out."""
    if not call.request.query:
        return
    asked = sorted(WITHHELD.intersection(_heads(call.options)))
    if call.options.search is not None:
        asked.append("$search")
    if asked:
        raise ScopeMissing(hint=_hint(f"the permission {whole.names[0]} ({', '.join(asked)})"), wanted=whole.names)


def _heads(options: Options) -> Iterator[str]:
    """Yield the members at the heads of all paths in the options, in lower case."""
    yield from (_head(path) for path in options.select or ())
    yield from (_head(one.path) for one in options.orderby)
    if options.filter is not None:
        yield from (member.partition("/")[0] for member in members(parse(options.filter)))
    for one in options.expand:
        yield _head(one.path)
        yield from _heads(one.options)


def _head(path: Steps) -> str:
    return (without_casts(path) or path)[0].lower()
