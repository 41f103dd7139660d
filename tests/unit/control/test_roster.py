"""Tables of people, as spreadsheets and directories write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsvpd.control.people import NewPerson
from rsvpd.control.roster import read_people
from rsvpd.errors import InvalidProperty

ERIN = NewPerson(address="erin@x.org", name="Erin, E.", time_zone="Europe/Berlin", kind="user")
ROOM = NewPerson(address="vega@x.org", name="", time_zone="UTC", kind="room")
KNOWN = NewPerson(address="erin@x.org", members={"jobTitle": "Engineer", "manager": "alice"})
BARE = NewPerson(address="erin@x.org", name="", time_zone="UTC", kind="user")


def read(folder: Path, content: str | bytes) -> list[NewPerson]:
    file = folder / "people.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_people(str(file), time_zone="UTC", kind="user")


@pytest.mark.parametrize(
    ("content", "people"),
    [
        ('address,name,time_zone,kind\nerin@x.org,"Erin, E.",Europe/Berlin,user\nvega@x.org,,,room\n', [ERIN, ROOM]),
        ('Name;Zone;E-Mail\r\n"Erin, E.";Europe/Berlin; erin@x.org \r\n', [ERIN]),
        ("Display Name\tEmail Address\tTime Zone\nErin, E.\terin@x.org\tEurope/Berlin", [ERIN]),
        ('erin@x.org,"Erin, E.",Europe/Berlin\nvega@x.org,,,ROOM', [ERIN, ROOM]),
        ("erin@x.org", [BARE]),
        ("\ufeffaddress\nerin@x.org\n\n,\n", [BARE]),
        ("\n\naddress\nerin@x.org", [BARE]),
        ("Mail,Job Title,department,Manager\nerin@x.org,Engineer,,alice\n", [KNOWN]),
    ],
)
def test_it_is_read(tmp_path: Path, content: str, people: list[NewPerson]) -> None:
    assert read(tmp_path, content) == people


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "names nobody"),
        ("address,name\n", "names nobody"),
        ("name\nErin", "one column address"),
        ("address,mail\nerin@x.org,e@x.org", "one column address"),
        ("address,shoe size\nerin@x.org,38", "no column 'shoe size'; there are address, name, time_zone, kind"),
        ("address\nerin@x.org,more", "line 2: more cells"),
        ("address,kind\nerin@x.org,user\nvega@x.org,chair", "line 3: kind is user or room, not 'chair'"),
        ('address\n"erin@x.org', "line 2"),
        ("address,accountEnabled\nerin@x.org,yes\nvega@x.org,perhaps", "line 3: accountEnabled is yes or no"),
        (f"address,jobTitle\nerin@x.org,{'x' * 200}", "line 2: jobTitle: at most 128"),
        (b"address\n\xff@x.org", "is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_says_where(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(InvalidProperty) as wrong:
        read(tmp_path, content)
    assert said in wrong.value.message
    assert wrong.value.message.startswith(str(tmp_path / "people.csv"))
    assert "\n" not in wrong.value.message
