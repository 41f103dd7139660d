"""`rsvpd user`: people with a mailbox; one, or many at once from a list, a table or a number."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import count
from typing import TYPE_CHECKING

from rsvpd.cli.progress import progress
from rsvpd.cli.screen import print_json
from rsvpd.cli.tables import LEAST, Column, print_table
from rsvpd.cli.usage import UsageError, pair
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.cli.reach import Administration
    from rsvpd.control.people import Kind, NewPerson, Online, PersonAccount

Command = Callable[..., argparse.ArgumentParser]

_NUMBERED = "user@example.com"
_MOST = 100_000
_LISTED = ("address", "name", "time_zone", "kind", "oid")
_ONLINE: dict[str, Online] = {
    "teams": "teamsForBusiness", "skype": "skypeForBusiness", "skype-consumer": "skypeForConsumer", "none": "none"
}  # fmt: skip
_ADD = """\
Give people a mailbox: one, several, those of a table, or as many as you want.

  rsvpd user add erin@example.com --name 'Erin Evans' --time-zone Europe/Berlin
  rsvpd user add erin@example.com frank@example.com
  rsvpd user add --file people.csv
  rsvpd user add --count 50 guest@example.com     guest1@, guest2@, … guest50@
"""
_FILE = """\
A table is a file in CSV with a line of titles: address, and where known name,
time_zone, kind (user or room). Without titles the columns are these, in this
order. Further columns are what `rsvpd user set` sets: jobTitle, manager and so
on. Either all of the people are added or none. A data file that is not there
yet is made, with nobody else in it unless --seed says so.
"""
_REMOVE = """\
Take a mailbox away, with everything in it. What others have stays theirs: their
copies of the person's meetings and the messages that were sent. Make a copy of
the data file before (rsvpd backup); there is no way back.
"""


_SET = """\
Set what the directory knows of somebody, in the names of Microsoft Graph;
without a NAME=VALUE it is shown. An empty value takes one away, lists have
commas.

  rsvpd user set bob jobTitle=Engineer department=Research manager=alice
  rsvpd user set bob skills=planning,odata officeLocation= accountEnabled=no
  rsvpd user set alice administrator=yes   may change other users
"""


def add_commands(user: argparse.ArgumentParser, command: Command) -> None:
    """Give `user` its commands."""
    verbs = user.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_add(command(verbs, "add", run_add, "give people a mailbox"))
    listed = command(verbs, "list", run_list, "list everybody who has a mailbox")
    known = command(verbs, "set", run_set, "set or show what the directory knows of somebody")
    known.description = _SET
    known.add_argument("address", metavar="WHO", help="the address, or what is before its @: bob")
    known.add_argument("values", nargs="*", metavar="NAME=VALUE", help="what is to be known: jobTitle=Engineer")
    password = command(verbs, "password", run_password, "print the first password of somebody, to sign in with")
    password.add_argument("address", metavar="WHO", help="the address, or what is before its @: bob")
    remove = command(verbs, "remove", run_remove, "take a mailbox away, with everything in it")
    remove.description = _REMOVE
    remove.add_argument("addresses", nargs="+", metavar="WHO", help="the address, or what is before its @: bob")
    remove.add_argument(
        "--cancel-meetings", action="store_true",
        help="first cancel the meetings of that person that are not over; those invited are told",
    )
    for verb in (listed, known, remove):
        verb.add_argument("--json", action="store_true", help="write JSON")


def _add_add(add: argparse.ArgumentParser) -> None:
    add.description, add.epilog = _ADD, _FILE
    add.add_argument("addresses", nargs="*", metavar="ADDRESS", help="the mail address, like erin@example.com")
    add.add_argument("--name", default="", help="the name shown to others (default: made from the address)")
    add.add_argument("--time-zone", default="UTC", metavar="Z", help="IANA or Windows name (default: UTC)")
    add.add_argument("--room", action="store_true", help="a meeting room, not a person")
    add.add_argument(
        "--online-meetings", choices=_ONLINE, help="whose online meetings it has beside Google's; none: not even those"
    )
    add.add_argument("--file", metavar="FILE", help="a table of people in CSV, - for standard input")
    add.add_argument("--count", type=_number, metavar="N", help=f"N people, numbered (default: {_NUMBERED})")
    add.add_argument("--seed", action="store_true", help="put the sample people into a data file that is made new")
    add.add_argument("--json", action="store_true", help="write JSON, with a token of each")


def run_add(args: argparse.Namespace, config: Config) -> None:
    """Add people and print who they are; of one the token as well."""
    _check(args)
    news = _newcomers(args)
    from rsvpd.control.verbs import people

    with _open_administration(config) as admin:
        if args.count is not None:
            known = {address.casefold() for address in admin.ask(people.list_people).people}
            news = _numbered_people(news[0], args.count, known)
        with progress(f"Adding {len(news)} people"):
            accounts = admin.ask(people.add_people, body=news)
    if args.json:
        print_json(accounts)
    elif len(accounts) == 1:
        _print_one(accounts[0])
    else:
        print_table([*_columns(accounts), Column("PASSWORD", tuple(one.password for one in accounts))])
        print(f"\n{len(accounts)} people were added; `rsvpd token ADDRESS` prints a token of one.")


def run_list(args: argparse.Namespace, config: Config) -> None:
    """Print who has a mailbox."""
    from rsvpd.control.verbs import people

    with _open_administration(config, make=False) as admin:
        accounts = list(admin.ask(people.list_people).people.values())
    if args.json:
        print_json([{name: getattr(one, name) for name in _LISTED} for one in accounts])
    elif accounts:
        print_table(_columns(accounts))
    else:
        print("Nobody lives here yet; `rsvpd user add ADDRESS` gives somebody a mailbox.")


def run_password(args: argparse.Namespace, config: Config) -> None:
    """Print with what somebody signs in. Raises Unreachable where that was chosen by somebody: then nobody knows it."""
    from rsvpd.cli.reach import Unreachable
    from rsvpd.control.verbs import people

    with _open_administration(config, make=False) as admin:
        account = admin.ask(people.show_person, address=args.address)
    if not account.password:
        raise Unreachable(f"{account.address} has a password that was chosen, which is not kept as it is")
    print(account.password)


def run_set(args: argparse.Namespace, config: Config) -> None:
    """Set what was given and print all that is known."""
    from rsvpd.control.verbs import people

    asked = dict(pair(one) for one in args.values)
    with _open_administration(config, make=False) as admin:
        if asked:
            found = admin.ask(people.change_profile, address=args.address, body=asked)
        else:
            found = admin.ask(people.show_profile, address=args.address)
    if args.json:
        print_json(found)
        return
    from rsvpd.cli.report import print_known

    print_known(found)


def run_remove(args: argparse.Namespace, config: Config) -> None:
    """Remove people, one after the other."""
    from rsvpd.control.verbs import people

    removed = []
    with _open_administration(config, make=False) as admin:
        for address in args.addresses:
            with progress(f"Removing {address}"):
                removed.append(admin.ask(people.remove_person, address=address, cancel=args.cancel_meetings))
            if not args.json:
                print(_removal_text(removed[-1].address, removed[-1].cancelled))
    if args.json:
        print_json(removed)


def _removal_text(address: str, cancelled: int) -> str:
    first = f"{cancelled} of the meetings were cancelled, then " if cancelled else ""
    return f"{first}{address} was removed, with everything in the mailbox."


def _print_one(account: PersonAccount) -> None:
    print(f"{account.address}  {account.name}  {account.time_zone}  ({account.kind})")
    print(f"password  {account.password}")
    print(f"token     {account.token}")


def _columns(accounts: Sequence[PersonAccount]) -> list[Column]:
    return [
        Column("ADDRESS", tuple(one.address for one in accounts), LEAST),
        Column("NAME", tuple(one.name for one in accounts), LEAST),
        Column("TIME ZONE", tuple(one.time_zone for one in accounts), LEAST),
        Column("KIND", tuple(one.kind for one in accounts)),
    ]


def _check(args: argparse.Namespace) -> None:
    """Raise UsageError for what does not go together."""
    if args.file and (args.addresses or args.count is not None or args.name):
        raise UsageError("--file names everybody: it goes with no ADDRESS, --count or --name")
    if args.count is not None and len(args.addresses) > 1:
        raise UsageError("--count numbers one ADDRESS")
    if args.name and len(args.addresses) > 1:
        raise UsageError("--name names one person; a table names several (--file)")
    if not (args.addresses or args.file or args.count is not None):
        raise UsageError("whom? Give an ADDRESS, --file FILE or --count N")


def _newcomers(args: argparse.Namespace) -> list[NewPerson]:
    """Return whom the command names, checked before anything is opened or made. Raises InvalidProperty."""
    from msgspec.structs import replace

    from rsvpd.control.people import NewPerson, check_newcomers
    from rsvpd.control.roster import read_people

    if args.file:
        news = read_people(args.file, time_zone=args.time_zone, kind=_kind(args))
    else:
        addresses = args.addresses or [_NUMBERED]
        news = [
            NewPerson(address=one, name=args.name, time_zone=args.time_zone, kind=_kind(args)) for one in addresses
        ]
    if args.online_meetings:
        news = [replace(one, online_meetings=_ONLINE[args.online_meetings]) for one in news]
    check_newcomers(news, ())
    return news


def _numbered_people(pattern: NewPerson, wanted: int, taken: set[str]) -> list[NewPerson]:
    """Return people like `pattern` with numbers behind name and local part; addresses that are taken are left out."""
    from msgspec.structs import replace

    local, at, domain = pattern.address.strip().partition("@")
    found: list[NewPerson] = []
    for number in count(1):
        if len(found) == wanted:
            break
        address = f"{local}{number}{at}{domain}"
        if address.casefold() not in taken:
            name = f"{pattern.name} {number}" if pattern.name else ""
            found.append(replace(pattern, address=address, name=name))
    return found


def _kind(args: argparse.Namespace) -> Kind:
    return "room" if args.room else "user"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _MOST):
        raise argparse.ArgumentTypeError(f"'{text[:20]}' is not a number from 1 to {_MOST}")
    return int(text)


def _open_administration(config: Config, *, make: bool = True) -> AbstractContextManager[Administration]:
    from rsvpd.cli.reach import open_administration

    return open_administration(config, make=make)
