"""Who matters to somebody, for those who pick people.

Rule 1: the own list is made of the own letters and meetings, and of the organization.
Rule 2: in somebody else's only those are who are above, below or beside that person in the organization: with whom
        people have to do besides is theirs (learn.microsoft.com/graph/people-insights-overview).
Rule 3: who is hidden from address lists is in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from rsvpd.calendar.event import State
from rsvpd.calendar.series import span
from rsvpd.clock import Instant
from rsvpd.commands.directory import subject_of
from rsvpd.commands.door import Who, reads
from rsvpd.errors import ItemNotFound
from rsvpd.mail.address import fold
from rsvpd.mail.folder import Folder
from rsvpd.mail.person import Person
from rsvpd.mail.profile import UserView
from rsvpd.mail.relevance import (
    Contact,
    RelevantPerson,
    Tie,
    contacts_of_letter,
    contacts_of_meeting,
    rank,
)
from rsvpd.store import correspondence, directory, events, folders, people
from rsvpd.store.tx import Tx
from rsvpd.work import Exhausted

# As many are told; and what is looked at for that: the newest letters that were sent, that came, and meetings.
MOST = 1000
_MOST_LETTERS, _MOST_MEETINGS = 250, 250
# Steps of which each of the three may take so many: then it is left at what was seen.
_MOST_STEPS = 100_000
# More than that is no group in which people know each other.
_MOST_TIED = 30
_NOT_READ = (Folder.ROOT, Folder.DRAFTS, Folder.DELETED, Folder.JUNK, Folder.OUTBOX, Folder.SENT)
_NEWEST = f"ORDER BY item DESC LIMIT {_MOST_MEETINGS:d}"


@reads
def list_relevant(tx: Tx, who: Who) -> list[RelevantPerson]:
    """Return those who matter to whom the path names, or to who asks, the most relevant first; at most `MOST`."""
    subject, is_own = subject_of(tx, who)
    ties = dict(_ties(tx, subject))
    of_ties = [Contact(view.person.mailbox, who.now, float(tie)) for view, tie in ties.values()]
    found = rank((*_contacts(tx, subject, who.now), *of_ties), subject, now=who.now, most=MOST)
    shown = found if is_own else [one for one in found if fold(one.other.address) in ties]
    known = _directory_views(tx, [one.other.address for one in shown])
    views = (
        RelevantPerson(owner=subject, other=one.other, score=one.score, known=known.get(one.other.address))
        for one in shown
    )
    return [one for one in views if one.known is None or one.known.profile.show_in_address_list is not False]


@reads
def get_relevant(tx: Tx, who: Who, id: str) -> RelevantPerson:
    """Return one of those who matter. Raises ItemNotFound for everybody else."""
    found = next((one for one in list_relevant(tx, who) if one.id == id.lower()), None)
    if found is None:
        raise ItemNotFound("The specified object was not found in the store.")
    return found


def _directory_views(tx: Tx, addresses: Iterable[str]) -> dict[str, UserView]:
    """Return what the directory knows, by address."""
    here = {address: person.number for address in addresses if (person := people.by_address(tx, address))}
    views = directory.views(tx, here.values())
    return {address: views[number] for address, number in here.items()}


def _contacts(tx: Tx, owner: Person, now: Instant) -> list[Contact]:
    number = owner.number
    made = folders.numbers(tx, number)
    received = [*(int(one) for one in Folder if one not in _NOT_READ), *made]
    found: list[Contact] = []
    for source in (_letters(tx, owner, [int(Folder.SENT)]), _letters(tx, owner, received), _meetings(tx, owner, now)):
        with suppress(Exhausted), tx.work.within(_MOST_STEPS):
            for contact in source:
                tx.work.spend(1)
                found.append(contact)
    return found


def _letters(tx: Tx, owner: Person, of_folders: list[int]) -> Iterator[Contact]:
    for letter in correspondence.newest(tx, owner.number, of_folders, most=_MOST_LETTERS):
        yield from contacts_of_letter(letter, owner)


def _meetings(tx: Tx, owner: Person, now: Instant) -> Iterator[Contact]:
    # What is deleted is passed over here: to look for what is not could take long.
    for key in list(events.keys(tx, owner.number, "1 = 1", _NEWEST)):
        row = events.in_state(tx, owner.number, key)
        if row.state is not State.DELETED:
            last = span(row.meeting)[1]
            yield from contacts_of_meeting(row.meeting, now if last is None else min(now, last))


def _ties(tx: Tx, person: Person) -> Iterator[tuple[str, tuple[UserView, Tie]]]:
    """Yield by address who is beside, below and above somebody; who is several of that is the last."""
    above = directory.manager(tx, person.number)
    manager = None if above is None else directory.view(tx, above)
    peers = [] if manager is None else directory.reports(tx, manager.person.number, most=_MOST_TIED)
    reports = directory.reports(tx, person.number, most=_MOST_TIED)
    tied = (*((one, Tie.PEER) for one in peers), *((one, Tie.REPORT) for one in reports))
    for view, tie in (*tied, *(((manager, Tie.MANAGER),) if manager is not None else ())):
        if view.person != person:
            yield fold(view.person.address), (view, tie)
