"""`rsvp invites`, `accept`, `maybe` and `decline`: finding the invitation that is meant, and answering it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from rsvpd import clock as clocks
from rsvpd.calendar.event import Answer
from rsvpd.cli import last_list, show
from rsvpd.cli.accounts import resolve_accounts
from rsvpd.cli.outcome import as_document, error_document, exit_code
from rsvpd.cli.screen import one_line
from rsvpd.cli.usage import UsageError
from rsvpd.cli.world import World
from rsvpd.client.accounts import Account
from rsvpd.client.client import DEFAULT_DAYS
from rsvpd.client.errors import ClientError, NotFound
from rsvpd.client.values import Answered, Invitation, order

LONGEST_NUMBER = 4
_VERBS = {Answer.ACCEPTED: "accept", Answer.TENTATIVE: "maybe", Answer.DECLINED: "decline"}
_FILES = (".ics", ".ical", ".ifb", ".vcs", ".eml", ".msg")
_ALL = "`rsvp invites --all` shows those already answered."
_AS_BEFORE = "This was the answer already, so nothing was sent; with a comment it is sent again."
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
    on = _layout(args, world)
    accounts = resolve_accounts(world, args.account)
    listed, failed = gather(world, accounts, include_answered=args.all, days=args.days, with_messages=args.messages)
    _present(args, world, accounts, listed, failed, on)
    for one in () if args.json else failed:
        world.warn(f"rsvp: {one.account.name}: {one_line(one.error.message)}")
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
    with world.account_opener() as open_account:
        for account in accounts:
            try:
                with open_account(account) as client:
                    found = client.invitations(
                        include_answered=include_answered, days=days, with_messages=with_messages
                    )
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
    on: show.Layout,
) -> None:
    """Write the list, and keep its numbers."""
    lines = [_line(one) for one in listed]
    last_list.remember(world.state, accounts, lines, now=world.clock())
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
        _draw(world, accounts, listed, on)
    elif args.all:
        world.tell("There is no invitation to anything that is still to come.")
    else:
        world.tell(f"No invitation waits for an answer. {_ALL}")


def _draw(world: World, accounts: Sequence[Account], listed: Sequence[Listed], on: show.Layout) -> None:
    rows = [(one.account.name, one.invitation) for one in listed]
    names = [one.name for one in accounts]
    world.draw(show.invitations(rows, on, of_several=len(accounts) > 1, accounts=names))
    world.say("")
    if any(one.invitation.is_series for one in listed):
        world.tell(show.SERIES_NOTE)
    world.tell(f"Times are those of {on.zone}.")
    world.tell("Answer with: rsvp accept|maybe|decline NUMBER [-m COMMENT]")


def _line(one: Listed) -> last_list.Line:
    found = one.invitation
    return last_list.Line(
        account=one.account.name, id=found.id, subject=found.subject, is_waiting=found.is_waiting,
        organizer=found.organizer.name or found.organizer.address,
    )  # fmt: skip


# --- rsvp accept, maybe, decline


def answer(args: argparse.Namespace, world: World, answer: Answer) -> int:
    """Answer one invitation."""
    if args.comment and args.no_send:
        raise UsageError(_NO_COMMENT)
    if _is_file(args.which):
        raise UsageError(
            f"'{args.which}' is a file. rsvp answers what is in a calendar: `rsvp invites` lists it, with a number "
            "to answer by. It cannot answer the invitation in a file."
        )
    on, accounts = _layout(args, world), resolve_accounts(world, args.account)
    target = _target(args, world, accounts, on, answer)
    name = target.account.name if len(accounts) > 1 else None
    if target.invitation.my_answer is answer and not args.comment:
        done = Answered(invitation=target.invitation, answer=answer, sent=False, hint=_AS_BEFORE)
        _report(args, world, target.account, done, show.unchanged_answer(target.invitation, on, name=name))
        return 0
    with world.account_opener() as open_account, open_account(target.account) as client:
        done = client.answer(target.invitation, answer, comment=args.comment or None, send=not args.no_send)
    last_list.note(world.state, target.account, target.invitation.id, answer)
    _report(args, world, target.account, done, show.answer_sentence(done, on, name=name))
    if done.hint and not args.json and not args.no_send:  # who asked for silence need not be told that there was
        world.warn(f"Hint: {one_line(done.hint)}")
    return 0


def _is_file(word: str | None) -> bool:
    """Return whether an invitation was named by a file; ids never end so, and rarely are paths."""
    if word is None:
        return False
    return word.lower().endswith(_FILES) or (os.sep in word and Path(word).is_file())


def _report(args: argparse.Namespace, world: World, account: Account, done: Answered, sentence: str) -> None:
    if not args.json:
        world.tell(sentence)
        return
    world.give(
        {
            "account": account.name,
            "answer": done.answer.value,
            "sent": done.sent,
            "comment": args.comment or None,
            "hint": done.hint,
            "invitation": as_document(msgspec.structs.replace(done.invitation, my_answer=done.answer)),
        }
    )


def _target(
    args: argparse.Namespace, world: World, accounts: Sequence[Account], on: show.Layout, answer: Answer
) -> Listed:
    """Return the invitation that is meant: by number, by id, or the only one that waits."""
    if args.which is None:
        return _only(args, world, accounts, on)
    if args.which.isdecimal() and len(args.which) <= LONGEST_NUMBER:
        return _find_by_number(world, accounts, int(args.which), answer)
    return _find_by_id(world, accounts, args.which)


def _only(args: argparse.Namespace, world: World, accounts: Sequence[Account], on: show.Layout) -> Listed:
    listed = _gather_waiting(world, accounts)
    if len(listed) == 1:
        return listed[0]
    if not listed:
        raise UsageError(f"No invitation waits for an answer. {_ALL}")
    _present(args, world, accounts, listed, (), on)
    raise UsageError(f"{len(listed)} invitations wait, so say which one: give its number.")


def _find_by_number(world: World, accounts: Sequence[Account], number: int, answer: Answer) -> Listed:
    lines = last_list.recall(world.state, accounts, now=world.clock())
    if lines is None:
        listed = _gather_waiting(world, accounts)
        if 1 <= number <= len(listed):
            return listed[number - 1]
        waiting = f"{len(listed)} wait. See: `rsvp invites`" if listed else f"none waits. {_ALL}"
        raise UsageError(f"There is no invitation number {number}; {waiting}")
    if not 1 <= number <= len(lines):
        raise UsageError(f"The list you last saw has no number {number}. See what waits now: `rsvp invites`")
    line = lines[number - 1]
    name = f"number {number} of the list you last saw, '{one_line(line.subject)}'"
    try:
        found = _ask(world, next(one for one in accounts if one.name == line.account), line.id)
    except NotFound as gone:
        raise _not_found_error(gone, name, line) from None
    if line.is_waiting and found.invitation.my_answer not in (Answer.NONE, answer):
        raise UsageError(
            f"{name[:1].upper()}{name[1:]}, is answered already ({show.WORDS[found.invitation.my_answer]}). "
            f"If you changed your mind: `rsvp {_VERBS[answer]} {line.id}`"
        )
    return found


def _not_found_error(gone: NotFound, name: str, line: last_list.Line) -> NotFound:
    """Return what to say of an event that was listed and is not in the calendar any more."""
    if line.answer == Answer.DECLINED.value:
        return NotFound(
            f"You declined {name}. On this service a declined meeting leaves the calendar, and the answer cannot be "
            f"changed: ask {one_line(line.organizer) or 'the organizer'} to invite you again.",
            code=gone.code,
            status=gone.status,
        )
    text = f"{name[:1].upper()}{name[1:]}, is not in the calendar any more. See what waits now: `rsvp invites`"
    return NotFound(text, code=gone.code, hint=gone.hint, status=gone.status)


def _find_by_id(world: World, accounts: Sequence[Account], event: str) -> Listed:
    if len(accounts) == 1:
        return _ask(world, accounts[0], event)
    lines = last_list.recall(world.state, accounts, now=world.clock()) or ()
    owners = {line.account for line in lines if line.id == event}
    if not owners:
        listed, failed = gather(world, accounts, include_answered=True)
        if failed:
            raise failed[0].error
        owners = {one.account.name for one in listed if one.invitation.id == event}
    if len(owners) == 1:
        return _ask(world, next(one for one in accounts if one.name in owners), event)
    if not owners:
        raise NotFound(f"No account has an invitation with the id {event}. See: `rsvp invites`", code="unknownId")
    raise UsageError(f"Several accounts have that event ({', '.join(sorted(owners))}); say whose: --account.")


def _ask(world: World, account: Account, event: str) -> Listed:
    with world.account_opener() as open_account, open_account(account) as client:
        return Listed(account, client.invitation(event))


def _gather_waiting(world: World, accounts: Sequence[Account]) -> list[Listed]:
    """Return what waits in every account. To choose from a part would be guessing, so failures are raised."""
    listed, failed = gather(world, accounts)
    if failed:
        raise failed[0].error
    return listed


def _layout(args: argparse.Namespace, world: World) -> show.Layout:
    try:
        zone = show.find_zone(args.time_zone)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from None
    return show.layout(world.out, world.environ, zone=zone, now=clocks.to_datetime(world.clock()))
