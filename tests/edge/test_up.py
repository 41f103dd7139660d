"""`rsvpd up` in a process of its own: what it writes, what it prints, how it ends and starts again."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import jwt
import pytest

from support.running import PATIENCE_SECONDS, Running, rsvpd

PEOPLE = [f"{name}@example.com" for name in ("alice", "bob", "carol", "dave", "orion")]
WHERE = ["/api/v1.0/me", "/api/v2.0/me", "/v1.0/me", "/calendar/v3/users/me/calendarList"]
CONFIGURATION = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
INBOX = "/v1.0/me/mailFolders/inbox/messages"


def requests_in(server: Running, name: str) -> list[dict]:
    """Return the invitations in somebody's inbox, newest first."""
    found = server.ask("GET", INBOX, name, params={"$top": "50"}).json()["value"]
    return [one for one in found if one.get("meetingMessageType") == "meetingRequest"]


def test_the_ready_file(server):
    ready = json.loads(server.ready_file.read_bytes())
    (page,) = re.findall(r"^```json\n(.*?)^```$", CONFIGURATION, re.M | re.S)
    documented = json.loads(page)
    assert set(ready) == set(documented)
    assert set(ready["people"]["bob@example.com"]) == set(documented["people"]["bob@example.com"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", ready["url"])
    assert list(ready["people"]) == PEOPLE
    assert all(set(one) == {"token", "password", "name"} for one in ready["people"].values())
    for file in (server.ready_file, server.data, server.data.with_name("t.db.server")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("path", WHERE)
def test_every_interface_takes_the_tokens(shared_server, path):
    assert shared_server.ask("GET", path, "bob").status_code == 200


@pytest.mark.parametrize("path", WHERE)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x.y.z", "Basic Ym9iOng="])
def test_every_interface_refuses_anything_else(shared_server, path, header):
    reply = shared_server.ask("GET", path, headers={"Authorization": header} if header else {})
    assert reply.status_code == 401
    assert reply.json()["error"]
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert reply.headers["request-id"]
    assert reply.headers["date"]


def test_the_newest_message_of_bob_is_the_invitation_that_waits(server):
    newest = server.ask("GET", INBOX, "bob").json()["value"][0]
    assert newest["meetingMessageType"] == "meetingRequest"
    assert newest["subject"] == "Project kickoff"
    assert newest["from"]["emailAddress"]["address"] == "alice@example.com"


def test_the_story_has_a_past(server):
    params = {"$expand": "microsoft.graph.eventMessage/event", "$top": "50"}
    found = server.ask("GET", INBOX, "bob", params=params).json()["value"]
    events = {one["subject"]: one["event"] for one in found if one.get("event")}
    answers = {subject: event["responseStatus"]["response"] for subject, event in events.items()}
    assert answers == {"Project kickoff": "notResponded", "Retrospective": "accepted", "Weekly planning": "accepted"}
    assert events["Weekly planning"]["type"] == "seriesMaster"


def lines_to_paste(server: Running) -> tuple[str, list[str]]:
    """Return the line that comes first, and the curl lines, each with its continuations."""
    found = re.findall(r"^curl .*(?:\n  .*)*", server.said, re.M)
    return re.search(r"export RSVPD_DATA=.*", server.said)[0], found


def pasted(*lines: str) -> str:
    shell = ["bash", "-ec", "\n".join(lines)]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("turn", [1, -1], ids=["in order", "in reverse"])
def test_every_curl_line_works_when_pasted(server, turn):
    first, curls = lines_to_paste(server)
    assert len(curls) == 3
    (accept,) = [one for one in curls if "/accept" in one]
    for one in curls[::turn]:
        said = pasted(first, one)
        if one == accept:
            assert said.startswith("HTTP/1.1 202")
        else:
            assert "error" not in json.loads(said)
    (newest,) = json.loads(pasted(first, curls[-1]))["value"]
    assert newest["meetingMessageType"] == "meetingAccepted"
    assert "I will be there!" in newest["bodyPreview"]
    assert newest["from"]["emailAddress"]["address"] == "bob@example.com"


def test_it_prints_where_it_is_and_who_is_there(server):
    for mount in ("/api/v1.0", "/api/v2.0", "/v1.0", "/calendar/v3"):
        assert server.url + mount in server.said
    assert "People: alice, bob, carol, dave; rooms: orion (@example.com)" in server.said
    for address in PEOPLE:
        assert server.ask("GET", "/v1.0/me", headers=server.auth(address)).json()["mail"] == address


def test_it_fits_a_terminal_and_tells_no_token(server, tmp_path):
    lines = server.said.splitlines()
    assert len(lines) <= 25
    assert not re.search(r"eyJ[\w-]{20}", server.said)
    paths = (str(tmp_path), str(Path(sys.executable).parent))
    assert [line for line in lines if len(line) > 80 and not any(path in line for path in paths)] == []


def test_many_people_do_not_make_it_longer(server):
    for number in range(30):
        server.cli("user", "add", f"person.number.{number}@example.com")
    server.restart()
    assert len(server.said.splitlines()) <= 27
    assert "and 22 more" in server.said


def test_stop_and_start_finds_everything_as_it_was(server):
    first, curls = lines_to_paste(server)
    pasted(first, next(one for one in curls if "/accept" in one))
    people = {address: one["password"] for address, one in server.people.items()}
    before, token = server.ask("GET", INBOX, "alice").json()["value"], server.token("alice")
    assert server.stop() == 0
    assert not server.data.with_name("t.db.server").exists()
    server.start()
    after = server.ask("GET", INBOX, headers={"Authorization": f"Bearer {token}"}).json()["value"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert {address: one["password"] for address, one in server.people.items()} == people
    first, curls = lines_to_paste(server)
    assert all(pasted(first, one) for one in curls)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_gracefully(server, number):
    server.process.send_signal(number)
    assert server.process.wait(PATIENCE_SECONDS) == 0
    assert "Traceback" not in server.logged


def test_after_a_kill_it_starts_again(server):
    server.kill()
    assert server.data.with_name("t.db.server").exists()
    reply = server.cli("token", "bob@example.com")
    assert reply.returncode == 0, reply.stderr
    server.start()
    assert requests_in(server, "bob")


def test_two_servers_never_share_a_file(server):
    reply = rsvpd("up", "--port", "0", "--data", str(server.data))
    assert reply.returncode == 1
    assert str(server.process.pid) in reply.stderr
    assert len(reply.stderr.splitlines()) == 1


def test_without_a_seed_nobody_is_there(start_server):
    server = start_server("--no-seed")
    assert server.people == {}
    assert "rsvpd user add" in server.said
    server.restart()
    assert server.people == {}


def test_the_clock_is_where_it_was_set(start_server):
    server = start_server("--clock", "2030-05-06T23:30:00Z")
    claims = jwt.decode(server.token("bob"), options={"verify_signature": False})
    assert 0 <= claims["iat"] - 1_904_340_600 < 600
    newest = requests_in(server, "bob")[0]
    assert newest["receivedDateTime"].startswith("2030-05-06T23:")
    assert newest["startDateTime"]["dateTime"].startswith("2030-05-08T08:00")  # tomorrow in Berlin, at 10:00


def test_other_addresses_are_refused_unless_asked_for(tmp_path):
    reply = rsvpd("up", "--port", "0", "--host", "0.0.0.0", "--data", str(tmp_path / "t.db"))
    assert reply.returncode == 1
    assert "--allow-public-bind" in reply.stderr


def test_a_large_body_is_refused_in_the_shape_of_the_dialect(start_server):
    server = start_server(environ={"RSVPD_MAX_BODY_BYTES": "2048"})
    for path in ("/api/v1.0/me/events", "/v1.0/me/events", "/calendar/v3/calendars/primary/events"):
        reply = server.ask("POST", path, "bob", content=b" " * 2049, headers={"Content-Type": "application/json"})
        assert reply.status_code == 413
        assert reply.json()["error"]["code"]


def test_the_control_interface_is_the_administrators(server):
    token = json.loads(server.data.with_name("t.db.server").read_bytes())["control_token"]
    administrator = {"Authorization": f"Bearer {token}"}
    assert server.ask("GET", "/_rsvpd/ready").json()["status"] == "ready"
    assert list(server.ask("GET", "/_rsvpd/people").json()["people"]) == PEOPLE  # of this machine, in local mode
    page, proxied = {"Origin": "http://pages.example"}, {"X-Forwarded-For": "192.0.2.7"}
    for headers in (page, proxied, server.auth("alice"), {"Authorization": "Bearer ü".encode()}):
        assert server.ask("GET", "/_rsvpd/people", headers=headers).status_code == 401
    found = server.ask("GET", "/_rsvpd/people", headers=administrator).json()["people"]
    assert list(found) == PEOPLE
    assert found["orion@example.com"]["kind"] == "room"
    assert server.ask("GET", "/_rsvpd/people/nobody@example.com", headers=administrator).status_code == 404
    for body in (b"", b"[]", b'{"address": 1}', b'{"address": "x"}', b'{"address":"e@x.de","time_zone":"Mars"}'):
        reply = server.ask("POST", "/_rsvpd/people", headers=administrator, content=body)
        assert reply.status_code == 400
        assert reply.json()["error"]["message"]
    assert server.ask("POST", "/_rsvpd/people", headers=administrator, content=b" " * 70_000).status_code == 413
    assert server.ask("GET", "/_rsvpd/nothing", headers=administrator).status_code == 404


def test_it_says_how_to_go_on(server, tmp_path, monkeypatch):
    for folder in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{folder}_HOME", str(tmp_path / folder))
    first, _ = lines_to_paste(server)
    token = re.search(r"^A token, good for 24 h: (.+)$", server.said, re.M)[1]
    invites = re.search(r"^Or: (.+)$", server.said, re.M)[1]
    assert pasted(first, token).startswith("ey")
    assert "Project kickoff" in pasted(first, invites)


def test_a_second_server_is_told_of_the_first(server):
    reply = rsvpd("up", "--port", "0", "--data", str(server.data))
    assert (reply.returncode, reply.stdout) == (1, "")
    assert f"process {server.process.pid} (a server at {server.url})" in reply.stderr


def test_who_is_not_here_is_told_who_is(server):
    reply = server.cli("token", "eve")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "nobody here is called eve. Here are alice@example.com, bob@example.com" in reply.stderr
