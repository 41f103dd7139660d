"""`rsvpd timeline`: what happened with a meeting, in the order of time, and what each calendar has now."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rsvpd.cli.asking import ask_server
from rsvpd.cli.screen import print_json
from rsvpd.cli.tables import LEAST, Column, print_table
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.timeline import Moment, Timeline

ABOUT = """\
Each request, message, delivery and answer of a meeting, in the order of time,
and what each calendar has now. Requests are those of the journal of a running
server; the rest is stored.

  rsvpd timeline 'Project kickoff'
  rsvpd timeline UID --json > report.json     one file for a report of a fault
"""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command its flags."""
    parser.description = ABOUT
    parser.add_argument("meeting", metavar="UID_OR_SUBJECT", help="the meeting: its iCalendar UID, or its subject")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(args: argparse.Namespace, config: Config) -> None:
    """Print the timeline of a meeting."""
    from rsvpd.control.verbs import meetings

    found: Timeline = ask_server(config, meetings.show_timeline, uid=args.meeting)
    if args.json:
        print_json(found)
        return
    print(f"{found.uid}, of {found.organizer}\n")
    if found.moments:
        print_table(_moments(found.moments))
        print()
    print_table(_copies(found))


def _moments(found: list[Moment]) -> list[Column]:
    return [
        Column("UTC", tuple(one.at[:19].replace("T", " ") for one in found)),
        Column("WHAT", tuple(one.kind for one in found)),
        Column("WHO", tuple(one.who.partition("@")[0] for one in found), LEAST),
        Column("SEQ", tuple("" if one.sequence is None else str(one.sequence) for one in found)),
        Column("", tuple(_words(one) for one in found), LEAST),
    ]


def _words(one: Moment) -> str:
    from rsvpd.control.meeting_words import through

    status = f"{one.status} {'? ' if one.hint else ''}" if one.status else ""
    given = f", {through(one.interface)}" if one.kind == "answer" and one.interface else ""
    return f"{status}{one.what}{given}"


def _copies(found: Timeline) -> list[Column]:
    return [
        Column("MAILBOX", tuple(one.mailbox for one in found.copies), LEAST),
        Column("STATE", tuple(one.state for one in found.copies)),
        Column("ANSWER", tuple("organizer" if one.is_organizer else one.answer for one in found.copies)),
        Column("SEQ", tuple(str(one.sequence) for one in found.copies)),
        Column("START", tuple(one.start for one in found.copies), LEAST),
    ]
