"""`rsvpd user`, `token` and `doctor`: through the server that holds the file, or on the file itself."""

from __future__ import annotations

import pytest

from support.running import Running, rsvpd


@pytest.fixture(params=["through the server", "on the file"])
def place(request, server) -> Running:
    if request.param == "on the file":
        server.stop()
    return server


def test_user_add(place):
    reply = place.cli("user", "add", "Erin@Example.com", "--name", "Erin E", "--time-zone", "Pacific Standard Time")
    assert reply.returncode == 0, reply.stderr
    assert "Erin E" in reply.stdout
    assert "America/Los_Angeles" in reply.stdout
    token = reply.stdout.split()[-1]
    if place.process.poll() is not None:
        place.start()
        assert "Erin@Example.com" in place.people
    me = place.ask("GET", "/v1.0/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (me["mail"], me["displayName"]) == ("Erin@Example.com", "Erin E")


def test_user_add_gives_a_name(place):
    reply = place.cli("user", "add", "frank.o.ford@example.com", "--room")
    assert "Frank O Ford" in reply.stdout
    assert "(room)" in reply.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["bob@example.com"], "has a mailbox already"),
        (["nobody"], "not a mail address"),
        (["erin@example.com", "--time-zone", "Mars/Base"], "Mars/Base"),
    ],
)
def test_user_add_refuses_in_one_line(place, args, said):
    reply = place.cli("user", "add", *args)
    assert reply.returncode == 1
    assert said in reply.stderr
    assert len(reply.stderr.splitlines()) == 1


def test_token(place):
    reply = place.cli("token", "BOB@example.com")
    assert reply.returncode == 0, reply.stderr
    if place.process.poll() is not None:
        place.start()
    me = place.ask("GET", "/v1.0/me", headers={"Authorization": f"Bearer {reply.stdout.strip()}"})
    assert me.json()["mail"] == "bob@example.com"


@pytest.mark.parametrize("who", ["bob", "Bob", "bob@example.com"])
def test_what_stands_before_the_at_is_enough_where_it_is_clear(place, who):
    assert place.cli("token", who).returncode == 0
    place.cli("user", "add", "bob@else.test")
    reply = place.cli("token", who)
    if "@" in who:
        assert reply.returncode == 0, reply.stderr
    else:
        assert (reply.returncode, reply.stdout) == (1, "")
        assert f"'{who}' could be any of bob@example.com, bob@else.test; give the whole address" in reply.stderr


def test_rooms_and_their_delegates_have_short_names_too(place):
    reply = place.cli("room", "orion", "--delegate", "alice", "--delegate", "zoe@else.test")
    assert reply.returncode == 0, reply.stderr
    assert "alice@example.com, zoe@else.test" in reply.stdout
    reply = place.cli("room", "orion", "--delegate", "eve")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "nobody here is called eve" in reply.stderr
    assert "is a person, not a room" in place.cli("room", "bob").stderr
    assert "nobody here is called roin; did you mean orion? Here are alice" in place.cli("room", "roin").stderr


def test_token_of_nobody(place):
    reply = place.cli("token", "nobody@example.com")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "nobody@example.com" in reply.stderr


def test_doctor(place):
    reply = place.cli("doctor")
    assert reply.returncode == 0, reply.stderr
    assert place.place[-1].rpartition("@")[2] in reply.stdout
    assert "none" in reply.stdout.splitlines()[-1]
    for word in ("yes", "partly", "no"):
        assert f"  {word} " in reply.stdout


def test_without_a_data_file(tmp_path):
    data = str(tmp_path / "none.db")
    reply = rsvpd("token", "bob@example.com", "--data", data)
    assert reply.returncode == 1
    assert "rsvpd up" in reply.stderr
    reply = rsvpd("doctor", "--data", data)
    assert reply.returncode == 0
    assert "none yet" in reply.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_data_file(tmp_path):
    data = tmp_path / "letter.txt"
    data.write_text("Dear bob, this is not a database. " * 100)
    reply = rsvpd("doctor", "--data", str(data))
    assert reply.returncode == 1
    assert len(reply.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "args", [[], ["fly"], ["up", "--port", "many"], ["up", "--clock", "noon"], ["user"], ["up", "--config", "/none"]]
)
def test_a_wrong_command_is_exit_code_2(args):
    reply = rsvpd(*args)
    assert reply.returncode == 2
    assert reply.stderr


@pytest.mark.parametrize("args", [["--help"], ["up", "--help"], ["user", "add", "--help"], ["--version"]])
def test_help_teaches(args):
    assert rsvpd(*args).returncode == 0
