"""People as the administrator adds and sees them."""

from __future__ import annotations

import pytest

from rsvpd.control.people import NewPerson, find, newcomer
from rsvpd.errors import InvalidProperty, InvalidTimeZone, PersonNotFound
from rsvpd.mail.person import Person, PersonKind


@pytest.mark.parametrize(
    ("address", "name"),
    [("erin@example.com", "Erin"), ("frank.o_ford@x.de", "Frank O Ford"), ("mcDuck@x.de", "McDuck")],
)
def test_the_address_gives_a_name(address, name):
    assert newcomer(NewPerson(address=address)).name == name


def test_zone_names_are_read_in_every_spelling():
    new = newcomer(NewPerson(address=" e@x.de ", name=" E ", time_zone="w. europe standard time", kind="room"))
    assert (new.address, new.name, new.zone, new.kind) == ("e@x.de", "E", "Europe/Berlin", PersonKind.ROOM)


def test_what_cannot_be():
    with pytest.raises(InvalidProperty):
        newcomer(NewPerson(address="e"))
    with pytest.raises(InvalidTimeZone):
        newcomer(NewPerson(address="e@x.de", time_zone="Mars"))


def test_people_are_found_in_any_case():
    bob = Person(number=1, oid="o", address="Bob@x.de", name="B", zone="UTC")
    assert find([bob], "bob@X.de") is bob
    with pytest.raises(PersonNotFound):
        find([bob], "alice@x.de")
