"""Who matters to somebody: what counts, and how much."""

from __future__ import annotations

import pytest

from rsvpd.mail.address import Mailbox
from rsvpd.mail.message import AutoSubmitted
from rsvpd.mail.person import Person
from rsvpd.mail.relevance import HALF_LIFE, Contact, Correspondence, contacts_of_letter, rank

DAY = 86_400 * 1_000_000
NOW = 1_000 * DAY
ALICE = Person(
    number=1, oid="11111111-0000-4000-8000-000000000001", address="Alice@example.com", name="Alice", zone="UTC"
)
BOB, CAROL = Mailbox("bob@example.com", "Bob"), Mailbox("carol@example.com")


def boxes(count: int) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(f"p{number}@example.com") for number in range(count))


def weights(letter: Correspondence) -> dict[str, float]:
    return {one.other.address: one.weight for one in contacts_of_letter(letter, ALICE)}


def test_letters_that_were_sent_count_for_who_got_them() -> None:
    letter = Correspondence(from_=Mailbox("alice@EXAMPLE.com"), to=(BOB,), cc=(CAROL,), bcc=boxes(1))
    assert weights(letter) == {"bob@example.com": 4, "carol@example.com": 1, "p0@example.com": 1}


def test_letters_that_came_count_for_who_wrote_them() -> None:
    assert weights(Correspondence(from_=BOB, to=(ALICE.mailbox, CAROL))) == {"bob@example.com": 2}


@pytest.mark.parametrize(("many", "each"), [(8, 4), (16, 2), (100, 0.32)])
def test_what_many_share_counts_less_for_each(many: int, each: float) -> None:
    found = weights(Correspondence(from_=ALICE.mailbox, to=boxes(many)))
    assert len(found) == many
    assert set(found.values()) == {each}


@pytest.mark.parametrize(
    "letter",
    [
        Correspondence(from_=ALICE.mailbox, to=boxes(101)),
        Correspondence(from_=BOB, auto_submitted=AutoSubmitted.REPLIED),
        Correspondence(from_=BOB, note={}),
    ],
)
def test_circulars_machines_and_invitations_say_nothing(letter: Correspondence) -> None:
    assert not weights(letter)


def order(*contacts: Contact, most: int = 10) -> list[tuple[str, float]]:
    return [(one.other.address, one.score) for one in rank(contacts, ALICE, now=NOW, most=most)]


def test_half_of_it_is_gone_after_a_while_and_what_is_to_come_counts_in_full() -> None:
    old = Contact(BOB, NOW - HALF_LIFE * DAY, 4)
    assert order(old, Contact(CAROL, NOW + DAY, 3)) == [("carol@example.com", 3), ("bob@example.com", 2)]


def test_addresses_are_one_person_in_any_case_and_oneself_is_none() -> None:
    shouted = Contact(Mailbox("BOB@example.com"), NOW, 1)
    (found,) = rank((Contact(BOB, NOW - DAY, 1), shouted, Contact(ALICE.mailbox, NOW, 9)), ALICE, now=NOW, most=10)
    assert found.other.name == "Bob"
    assert found.score == pytest.approx(1.98)


def test_of_equal_ones_the_later_comes_first_and_no_more_than_are_wanted() -> None:
    contacts = (Contact(BOB, NOW - 2, 1), Contact(CAROL, NOW - 1, 1), *(Contact(one, NOW - 2, 1) for one in boxes(2)))
    assert [address for address, _ in order(*contacts, most=3)] == [
        "carol@example.com", "bob@example.com", "p0@example.com",
    ]  # fmt: skip
