"""Which statements look beyond one mailbox: a short list, each with its reason.

All others stay where the rows of one mailbox are, so that tables can be spread over machines by mailbox.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rsvpd.store
from support.tables import BY_MAILBOX, OF_ALL, OF_MAILBOXES, TABLES

BEYOND_ONE = {
    ("changes", "_NEWEST_OF"): "how far the organizers of somebody's meetings have come, each by its own mailbox",
    ("changes", "_GIVEN"): "the newest change of each mailbox, when a snapshot is put back",
    ("changes", "_TO_TRIM"): "which mailbox keeps too much, at a start",
    ("checks", "_MAILBOXES"): "which mailboxes there are, for the doctor",
    ("events", "_BY_KEYS"): "the copies of a meeting in some mailboxes, each by its own",
    ("events", "_DROP_NAME"): "whether anybody has a copy yet, after a mailbox was removed",
    ("messages", "_IN_A_MAILBOX"): "whether anybody else has a letter with attachments, by an index of its own",
    ("permissions", "_SHARED"): "which calendars others share with somebody, by an index of its own",
    ("permissions", "_WITH_DELEGATES"): "for which guests somebody acts, each by the own mailbox",
    ("calendars", "_BY_ADDRESS"): "which calendar has an address, by an index of its own",
    ("calendars", "_DROP_ENTRIES"): "in whose lists a calendar stood that is deleted, by an index of its own",
    ("calendars", "_NEXT_EMPTYING"): "which calendar is to be emptied next, few rows at most",
    ("ownership", "_COPIES"): "who has a copy of a meeting that comes to another organizer, by an index of its own",
    ("ownership", "_ENTRIES"): "in whose lists a calendar stands that comes to somebody else, by an index of its own",
    ("personas", "_OF"): "which of those who are invited answer by themselves, each by the own mailbox",
    ("personas", "_DUE"): "who is to answer by itself next, by an index of its own",
    ("personas", "_NEXT"): "when somebody is to answer by itself next, by an index of its own",
    ("places", "_ROOMS"): "the rooms there are, with the policy of each",
    ("places", "_ALL_ROOMS"): "the rooms there are, with the policy of each",
    ("places", "_ONE_ROOM"): "a room, with its own policy",
    ("places", "_ROOMS_OF"): "the rooms of a list, with the policy of each",
    ("removal", "_OF_OTHERS_TOO"): "what others let somebody do, or list, who is removed, by indexes of their own",
    ("removal", "_ORPHANS"): "which letters nobody has, after a mailbox was removed",
    ("rules", "_WANTED"): "what those who get mail want done with it, each by the own mailbox",
    ("settings", "_BOUNDED"): "whose automatic replies begin or end, while an administrator lets time pass",
    ("settings", "_REPLYING"): "which of those who get mail answer it automatically, each by the own mailbox",
    ("story", "_UIDS"): "which meetings have a title, for the administrator, few at most",
    ("story", "_COPIES"): "who has a copy of a meeting, for the administrator, by an index of its own",
    ("subscriptions", "_OF_HOLDER"): "what an application subscribed to in all mailboxes, by an index of its own",
    ("subscriptions", "_TAKEN"): "whether the name of a channel is taken, by an index of its own",
    ("subscriptions", "_ALL"): "all subscriptions, for the administrator",
    ("subscriptions", "_LISTENED"): "which mailboxes have something to tell, now and then",
    ("subscriptions", "_EXPIRED"): "which have ended, while an administrator lets time pass",
    ("subscriptions", "_NEXT_EXPIRY"): "which ends next, while an administrator lets time pass",
    ("subscriptions", "_CHALLENGED"): "which are asked to be authorized again, while an administrator lets time pass",
    ("subscriptions", "_NEXT_CHALLENGE"): "which is asked that next, while an administrator lets time pass",
    ("subscriptions", "_NEXT_TRY"): "which is told again next, while an administrator lets time pass",
    ("subscriptions", "_TRIED"): "which were told meanwhile, while an administrator lets time pass",
    ("subscriptions", "_HASTEN"): "those that are told again, while an administrator lets time pass",
    ("subscriptions", "_FREE_ALL"): "whom a process that is gone was telling, at a start of a data file",
    ("windows", "_DECLINING"): "which of those who are invited may decline by themselves, each by the own mailbox",
    ("revisions", "_DROP"): "whether anybody holds what was superseded, by an index of its own",
}
FOLDER = Path(rsvpd.store.__path__[0])
MODULES = sorted({one.stem for one in FOLDER.glob("*.py")} - {"__init__", "transfer"})


def statements() -> Iterator[tuple[str, str, str]]:
    """Yield module, name and text of every statement."""
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"rsvpd.store.{module}")).items():
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, str) and re.match(r"(SELECT|INSERT|UPDATE|DELETE)\b", one):
                    yield module, name, one


STATEMENTS = sorted(set(statements()))


def test_there_are_some() -> None:
    assert len(STATEMENTS) > 80


@pytest.mark.parametrize(("module", "name", "sql"), STATEMENTS, ids=lambda one: one[:40])
def test_it_stays_in_one_mailbox_or_says_why(module: str, name: str, sql: str) -> None:
    tables = set(TABLES.findall(sql)) & (OF_MAILBOXES | set(OF_ALL))
    goes_beyond = bool(tables & OF_MAILBOXES) and BY_MAILBOX.search(sql) is None
    assert goes_beyond == ((module, name) in BEYOND_ONE), sql


def test_every_reason_is_needed() -> None:
    assert set(BEYOND_ONE) <= {(module, name) for module, name, _ in STATEMENTS}


def test_every_table_is_of_a_mailbox_or_of_all(tmp_path: Path) -> None:
    script = "".join(one.read_text() for one in (FOLDER / "schema" / "postgres").iterdir())
    made = dict(re.findall(r"CREATE TABLE (\w+) \(\n  (\w+)", script))
    assert set(made) == OF_MAILBOXES | set(OF_ALL)
    assert {made[name] for name in OF_MAILBOXES} == {"mailbox"}


def test_the_tables_that_could_be_spread_are_told_as_they_are() -> None:
    told = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text()
    copied, of_mailboxes = (set(one.split(",")) for one in re.findall(r"'{([\w,]+)}'\s*::", told))
    alone = set(re.findall(r"create_distributed_table\('(\w+)', 'mailbox'\)", told))
    spread = set(re.findall(r"create_distributed_table\('(\w+)', 'number'\)", told))
    (rest,) = re.findall(r"The tables ((?:`\w+`(?:, | and ))+`\w+`) would stay", told)
    assert alone | of_mailboxes == OF_MAILBOXES
    assert copied | spread | set(re.findall(r"\w+", rest)) - {"and"} == set(OF_ALL)
