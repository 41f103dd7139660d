"""`rsvp invites`, `accept`, `maybe` and `decline`: finding the invitation that is meant, and answering it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from rsvpd import clock as clocks
from rsvpd.calendar.event import Answer
from rsvpd.cli import show, shown
from rsvpd.cli.accounts import chosen
from rsvpd.cli.outcome import as_document, error_document, exit_code
from rsvpd.cli.world import UsageError, World
from rsvpd.client.accounts import Account
from rsvpd.client.client import DEFAULT_DAYS
from rsvpd.client.errors import ClientError, NotFound
from rsvpd.client.values import Answered, Invitation, order

LONGEST_NUMBER = 4
_NO_COMMENT = (
    "A comment travels in the answer to the organizer, and --no-send sends none (the services refuse the two "
    "together): leave out either -m or --no-send."
)


class Listed(Struct, frozen=True):
    """An invitation and the account it is for."""

    account: Account
    invitation: Invitation


class Failed(Struct, frozen=True):
    """An account that could not be asked."""

    account: Account
    error: ClientError


# --- rsvp invites


def invites(args: argparse.Namespace, world: World) -> int:
    """List what waits for an answer."""
    on = _paper(args, world)
    accounts = chosen(world, args.account)
    listed, failed = gather(world, accounts, include_answered=args.all, days=args.days, with_messages=args.messages)
    _present(args, world, accounts, listed, failed, on)
    for one in () if args.json else failed:
        world.warn(f"rsvp: {one.account.name}: {show.clean(one.error.message)}")
    return exit_code(failed[0].error) if failed else 0


def gather(
    world: World,
    accounts: Sequence[Account],
    *,
    include_answered: bool = False,
    days: int = DEFAULT_DAYS,
    with_messages: bool = False,
) -> tuple[list[Listed], list[Failed]]:
    """Ask every account; one that fails does not hide the others."""
    listed, failed = list[Listed](), list[Failed]()
    for account in accounts:
        try:
            with world.opening.open(account) as client:
                found = client.invitations(include_answered=include_answered, days=days, with_messages=with_messages)
        except ClientError as error:
            failed.append(Failed(account, error))
        else:
            listed += [Listed(account, one) for one in found]
    return sorted(listed, key=lambda one: (order(one.invitation), one.account.name)), failed


def _present(
    args: argparse.Namespace,
    world: World,
    accounts: Sequence[Account],
    listed: Sequence[Listed],
    failed: Sequence[Failed],
    on: show.Paper,
) -> None:
    """Write the list, and keep its numbers."""
    lines = [_line(one) for one in listed]
    shown.remember(world.state, accounts, lines, now=world.clock())
    if args.json:
        world.give(
            {
                "invitations": [
                    {"number": number, "account": one.account.name, **as_document(one.invitation)}
                    for number, one in enumerate(listed, 1)
                ],
                "failed": [{"account": one.account.name, "error": error_document(one.error)} for one in failed],
            }
        )
    elif listed:
        rows = [(one.account.name, one.invitation) for one in listed]
        world.say(show.invitations(rows, on, of_several=len(accounts) > 1))
        world.say(f"\nTimes are those of {on.zone}. Answer with: rsvp accept|maybe|decline NUMBER [-m COMMENT]")
    else:
        world.say("No invitation waits for an answer.")


def _line(one: Listed) -> shown.Line:
    found = one.invitation
    return shown.Line(account=one.account.name, id=found.id, subject=found.subject, is_waiting=found.is_waiting)


# --- rsvp accept, maybe, decline


def answer(args: argparse.Namespace, world: World, said: Answer) -> int:
    """Answer one invitation."""
    if args.comment and args.no_send:
        raise UsageError(_NO_COMMENT)
    on, accounts = _paper(args, world), chosen(world, args.account)
    target = _target(args, world, accounts, on)
    with world.opening.open(target.account) as client:
        done = client.answer(target.invitation, said, comment=args.comment or None, send=not args.no_send)
    _report(args, world, target.account.name, done, on, of_several=len(accounts) > 1)
    return 0


def _report(
    args: argparse.Namespace, world: World, name: str, done: Answered, on: show.Paper, *, of_several: bool
) -> None:
    if args.json:
        world.give(
            {
                "account": name,
                "answer": done.answer.value,
                "sent": done.sent,
                "comment": args.comment or None,
                "hint": done.hint,
                "invitation": as_document(msgspec.structs.replace(done.invitation, my_answer=done.answer)),
            }
        )
        return
    world.say(show.answered(done, on, name=name if of_several else None))
    if done.hint and not args.no_send:  # who asked for silence need not be told that there was
        world.warn(f"Hint: {show.clean(done.hint)}")


def _target(args: argparse.Namespace, world: World, accounts: Sequence[Account], on: show.Paper) -> Listed:
    """Return the invitation that is meant: by number, by id, or the only one that waits."""
    if args.which is None:
        return _only(args, world, accounts, on)
    if args.which.isdecimal() and len(args.which) <= LONGEST_NUMBER:
        return _numbered(world, accounts, int(args.which))
    return _identified(world, accounts, args.which)


def _only(args: argparse.Namespace, world: World, accounts: Sequence[Account], on: show.Paper) -> Listed:
    listed = _all_waiting(world, accounts)
    if len(listed) == 1:
        return listed[0]
    if not listed:
        raise UsageError("No invitation waits for an answer. `rsvp invites --all` shows those already answered.")
    _present(args, world, accounts, listed, (), on)
    raise UsageError(f"{len(listed)} invitations wait, so say which one: give its number.")


def _numbered(world: World, accounts: Sequence[Account], number: int) -> Listed:
    lines = shown.recall(world.state, accounts, now=world.clock())
    if lines is None:
        listed = _all_waiting(world, accounts)
        if 1 <= number <= len(listed):
            return listed[number - 1]
        raise UsageError(f"There is no invitation number {number}; {len(listed)} wait. See: rsvp invites")
    if not 1 <= number <= len(lines):
        raise UsageError(f"The list you last saw has no number {number}. See what waits now: rsvp invites")
    line = lines[number - 1]
    try:
        found = _ask(world, next(one for one in accounts if one.name == line.account), line.id)
    except NotFound as gone:
        raise NotFound(
            f"Number {number} of the list you last saw, '{show.clean(line.subject)}', is not in the calendar "
            "any more. See what waits now: rsvp invites",
            code=gone.code,
            hint=gone.hint,
            status=gone.status,
        ) from None
    if line.is_waiting and not found.invitation.is_waiting:
        raise UsageError(
            f"Number {number} of the list you last saw, '{show.clean(line.subject)}', has been answered "
            f"meanwhile ({show.WORDS[found.invitation.my_answer]}). See what waits now: rsvp invites. To "
            f"change that answer, name its id instead of the number: {line.id}"
        )
    return found


def _identified(world: World, accounts: Sequence[Account], event: str) -> Listed:
    if len(accounts) == 1:
        return _ask(world, accounts[0], event)
    lines = shown.recall(world.state, accounts, now=world.clock()) or ()
    owners = {line.account for line in lines if line.id == event}
    if not owners:
        listed, failed = gather(world, accounts, include_answered=True)
        if failed:
            raise failed[0].error
        owners = {one.account.name for one in listed if one.invitation.id == event}
    if len(owners) == 1:
        return _ask(world, next(one for one in accounts if one.name in owners), event)
    if not owners:
        raise NotFound(f"No account has an invitation with the id {event}.", code="unknownId")
    raise UsageError(f"Several accounts have that event ({', '.join(sorted(owners))}); say whose: --account.")


def _ask(world: World, account: Account, event: str) -> Listed:
    with world.opening.open(account) as client:
        return Listed(account, client.invitation(event))


def _all_waiting(world: World, accounts: Sequence[Account]) -> list[Listed]:
    """Return what waits in every account. To choose from a part would be guessing, so failures are raised."""
    listed, failed = gather(world, accounts)
    if failed:
        raise failed[0].error
    return listed


def _paper(args: argparse.Namespace, world: World) -> show.Paper:
    try:
        zone = show.zone_named(args.time_zone)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    return show.paper(world.out, world.environ, zone=zone, now=clocks.to_datetime(world.clock()))
