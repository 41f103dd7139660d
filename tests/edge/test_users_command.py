"""`rsvpd user`: one person or many, through the server that holds the file or on the file itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.running import Running, rsvpd

CAST = ["alice@example.com", "bob@example.com", "carol@example.com", "dave@example.com", "orion@example.com"]
TABLE = "Email;Display Name;Time Zone;Kind\nerin@example.com;Erin Evans;Europe/Berlin;\nvega@example.com;;;room\n"


@pytest.fixture(params=["through the server", "on the file"])
def place(request, server) -> Running:
    if request.param == "on the file":
        server.stop()
    return server


def listed(place: Running) -> list[dict[str, str]]:
    return json.loads(place.cli("user", "list", "--json").stdout)


def addresses(place: Running) -> list[str]:
    return [one["address"] for one in listed(place)]


def test_several_at_once(place):
    reply = place.cli("user", "add", "erin@example.com", "frank@example.com", "--time-zone", "Europe/Berlin")
    assert reply.returncode == 0, reply.stderr
    assert addresses(place) == [*CAST, "erin@example.com", "frank@example.com"]
    assert {one["time_zone"] for one in listed(place)[-2:]} == {"Europe/Berlin"}


def test_a_table(place):
    file = place.folder / "people.csv"
    file.write_text(TABLE, "utf-8")
    reply = place.cli("user", "add", "--file", str(file), "--json")
    assert reply.returncode == 0, reply.stderr
    made = json.loads(reply.stdout)
    assert [(one["address"], one["name"], one["time_zone"], one["kind"]) for one in made] == [
        ("erin@example.com", "Erin Evans", "Europe/Berlin", "user"),
        ("vega@example.com", "Vega", "UTC", "room"),
    ]
    if place.process.poll() is None:
        headers = {"Authorization": f"Bearer {made[0]['token']}"}
        assert place.ask("GET", "/v1.0/me", headers=headers).json()["displayName"] == "Erin Evans"


def test_the_first_password(place):
    made = place.cli("user", "add", "erin@example.com", "--json")
    (erin,) = json.loads(made.stdout)
    assert place.cli("user", "password", "erin").stdout == f"{erin['password']}\n"
    reply = place.cli("user", "password", "eve")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "nobody here is called eve" in reply.stderr


def test_a_password_that_was_chosen_is_not_known(server):
    assert server.cli("user", "set", "alice", "administrator=yes").returncode == 0
    chosen = {"passwordProfile": {"password": "Secret-123", "forceChangePasswordNextSignIn": False}}
    assert server.ask("PATCH", "/v1.0/users/bob@example.com", "alice", json=chosen).status_code == 204
    reply = server.cli("user", "password", "bob")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "was chosen" in reply.stderr


def test_a_number_of_them(place):
    place.cli("user", "add", "guest2@example.com")
    reply = place.cli("user", "add", "--count", "3", "guest@example.com", "--name", "Guest")
    assert reply.returncode == 0, reply.stderr
    assert [(one["address"], one["name"]) for one in listed(place)[-3:]] == [
        ("guest1@example.com", "Guest 1"), ("guest3@example.com", "Guest 3"), ("guest4@example.com", "Guest 4"),
    ]  # fmt: skip
    place.cli("user", "add", "--count", "450")
    assert addresses(place)[-1] == "user450@example.com"


def test_all_of_them_or_none(place):
    for args, said in (
        (["erin@example.com", "BOB@example.com"], "BOB@example.com: has a mailbox already"),
        (["erin@example.com", "erin@example.com"], "named twice"),
        (["erin@example.com", "nobody"], "not a mail address"),
        (["erin@example.com", "frank@example.com", "--time-zone", "Mars"], "Mars"),
        (["--count", "2", "nobody"], "not a mail address"),
        (["--file", "none.csv"], "none.csv: cannot be read"),
    ):
        reply = place.cli("user", "add", *args)
        assert (reply.returncode, reply.stdout) == (1, "")
        assert said in reply.stderr
        assert len(reply.stderr.splitlines()) == 1
    assert addresses(place) == CAST


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--count", "0"],
        ["--count", "many"],
        ["--count", "-1"],
        ["--count", "2", "a@x.org", "b@x.org"],
        ["--file", "people.csv", "a@x.org"],
        ["--file", "people.csv", "--count", "2"],
        ["a@x.org", "b@x.org", "--name", "Both"],
    ],
)
def test_what_does_not_go_together_is_exit_code_2(tmp_path, args):
    reply = rsvpd("user", "add", *args, "--data", str(tmp_path / "t.db"))
    assert (reply.returncode, reply.stdout) == (2, "")
    assert reply.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("args", [["nobody"], ["erin@x.org", "--time-zone", "Mars"], ["--file", "none.csv"]])
def test_what_is_refused_makes_no_file(tmp_path, args):
    reply = rsvpd("user", "add", *args, "--data", str(tmp_path / "t.db"))
    assert reply.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_new_file_is_not_seeded_unless_that_is_said(tmp_path):
    for name, flags, people in (("t.db", [], 1), ("told.db", ["--seed"], 6)):
        data = ["--data", str(tmp_path / name)]
        assert rsvpd("user", "add", "erin@example.com", *flags, *data).returncode == 0
        assert len(json.loads(rsvpd("user", "list", "--json", *data).stdout)) == people


def test_the_variable_does_not_seed_either(tmp_path):
    data = tmp_path / "t.db"
    environ = {"RSVPD_SEED": "true", "RSVPD_DATA": str(data), "HOME": str(tmp_path)}
    assert rsvpd("user", "add", "erin@example.com", environ=environ).returncode == 0
    assert len(json.loads(rsvpd("user", "list", "--json", environ=environ).stdout)) == 1


def test_the_list(place):
    reply = place.cli("user", "list")
    assert reply.returncode == 0, reply.stderr
    titles, *rows = reply.stdout.splitlines()
    assert titles.split() == ["ADDRESS", "NAME", "TIME", "ZONE", "KIND"]
    assert [row.split()[0] for row in rows] == CAST
    assert rows[-1].split()[-1] == "room"
    assert "ey" not in reply.stdout, "no token"


@pytest.mark.slow
def test_the_list_of_nobody(tmp_path):
    data = ["--data", str(tmp_path / "t.db")]
    rsvpd("user", "add", "erin@example.com", *data)
    rsvpd("user", "remove", "erin", *data)
    assert "rsvpd user add" in rsvpd("user", "list", *data).stdout
    assert json.loads(rsvpd("user", "list", "--json", *data).stdout) == []


def test_what_is_known_of_somebody(place):
    reply = place.cli("user", "set", "bob", "jobTitle=Engineer", "skills=a, b", "manager=alice", "administrator=yes")
    assert reply.returncode == 0, reply.stderr
    place.cli("user", "set", "bob", "skills=", "Department=Research")
    found = json.loads(place.cli("user", "set", "bob", "--json").stdout)
    assert (found["manager"], found["is_administrator"]) == ("alice@example.com", True)
    members = found["members"]
    assert (members["jobTitle"], members["department"], "skills" in members) == ("Engineer", "Research", False)
    if place.process.poll() is None:
        assert place.ask("GET", "/v1.0/me", "bob").json()["jobTitle"] == "Engineer"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("jobTitel=x", "did you mean jobTitle?"),
        ("birthday=soon", "birthday"),
        ("manager=erin", "nobody here is called erin"),
        ("administrator=maybe", "yes or no"),
    ],
)
def test_what_cannot_be_known(place, value, words):
    reply = place.cli("user", "set", "bob", value)
    assert (reply.returncode, reply.stdout) == (1, "")
    assert words in " ".join(reply.stderr.split())


def test_remove(place):
    reply = place.cli("user", "remove", "bob@example.com", "carol", "--json")
    assert reply.returncode == 0, reply.stderr
    assert [one["address"] for one in json.loads(reply.stdout)] == ["bob@example.com", "carol@example.com"]
    assert addresses(place) == ["alice@example.com", "dave@example.com", "orion@example.com"]
    assert place.cli("token", "bob@example.com").returncode == 1
    if place.process.poll() is None:
        assert place.ask("GET", "/v1.0/me", "bob").status_code == 401
        assert place.ask("GET", "/v1.0/me/events", "alice").status_code == 200


def test_remove_with_the_meetings(place):
    reply = place.cli("user", "remove", "alice", "--cancel-meetings")
    assert reply.returncode == 0, reply.stderr
    assert reply.stdout.startswith("2 of the meetings were cancelled")
    if place.process.poll() is not None:
        place.start()
    inbox = place.ask("GET", "/v1.0/me/mailFolders/inbox/messages", "bob").json()["value"]
    assert [one.get("meetingMessageType") for one in inbox].count("meetingCancelled") == 2


def test_remove_somebody_who_is_not_there(place):
    reply = place.cli("user", "remove", "erin")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "alice@example.com" in reply.stderr
    assert addresses(place) == CAST


@pytest.mark.parametrize("verb", [["list"], ["remove", "bob"]])
def test_without_a_data_file(tmp_path: Path, verb):
    reply = rsvpd("user", *verb, "--data", str(tmp_path / "none.db"))
    assert reply.returncode == 1
    assert "rsvpd up" in reply.stderr
    assert list(tmp_path.iterdir()) == []
