"""`rsvpd init` and `rsvpd seed`: with a server and without, into new data and into those there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from support.running import Running, rsvpd

LUNCH = """\
people:
  - {address: zoe@example.com, name: Zoe, zone: Europe/Berlin}
meetings:
  - {organizer: zoe, subject: Lunch, when: tomorrow 12:00, attendees: bob}
"""


def subjects(server: Running, who: str) -> list[str]:
    found = server.ask("GET", "/v1.0/me/events?$top=50&$select=subject", who).json()["value"]
    return [one["subject"] for one in found]


def test_a_running_server_is_seeded_and_what_is_wrong_is_told_by_line(server: Running, tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(LUNCH.replace("attendees: bob", "attendees: bbo"))
    refused = server.cli("seed", str(file))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "seed.yaml: line 4: nobody here is called 'bbo'; did you mean bob?" in refused.stderr
    assert "Lunch" not in subjects(server, "bob")
    file.write_text(LUNCH)
    assert server.cli("seed", str(file)).stdout == "There are now 1 more people, 1 more meetings.\n"
    assert "Lunch" in subjects(server, "bob")
    again = server.cli("seed", str(file), "--json")
    assert "line 2: zoe@example.com has a mailbox already" in again.stderr
    assert subjects(server, "bob").count("Lunch") == 1
    missing = server.cli("seed", str(tmp_path / "missing.yaml"))
    assert missing.stderr.endswith("cannot be read (No such file or directory)\n")


def test_the_verb_takes_yaml_and_json(server: Running) -> None:
    told = server.ask("POST", "/_rsvpd/seed", content=LUNCH)
    assert told.status_code == 201
    assert told.json() == {
        "people": 1, "rooms": 0, "calendars": 0, "meetings": 1, "answers": 0, "messages": 0
    }  # fmt: skip
    text = json.dumps({"mail": [{"from": "zoe", "to": "bob", "subject": "Menu", "text": "Soup"}]})
    assert server.ask("POST", "/_rsvpd/seed", content=text).json()["messages"] == 1
    wrong = server.ask("POST", "/_rsvpd/seed", content="meals: []")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "InvalidProperty")
    assert server.ask("POST", "/_rsvpd/seed", content=b"x" * 5_000_000).status_code == 413
    described = server.ask("GET", "/_rsvpd/openapi.json").json()["paths"]["/_rsvpd/seed"]["post"]
    assert described["requestBody"]["content"]["text/plain"]["schema"] == {"type": "string"}


def test_a_company_is_made_up_beside_who_is_there(server: Running) -> None:
    told = server.cli("seed", "--people", "12", "--meetings", "10", "--seed", "7")
    assert told.stdout.startswith("There are now 12 more people, "), told.stderr
    everybody = server.ask("GET", "/_rsvpd/people").json()["people"]
    assert "bob@example.com" in everybody
    assert sum(one.endswith("@company.example") and "." in one.partition("@")[0] for one in everybody) >= 12
    again = server.cli("seed", "--people", "12", "--meetings", "10", "--seed", "7")
    assert "has a mailbox already" in again.stderr
    for words in (["--people", "1"], ["--meetings", "5"], ["seed.yaml", "--people", "5"], ["--people", "many"]):
        assert server.cli("seed", *words).returncode == 2


MENU = b"mail:\n  - {from: alice, to: bob, subject: Menu, text: Soup}\n"
BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
LARGE = b"# " + b"x" * 100 + b"\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe" + MENU.decode().encode("utf-16-le"), "is not UTF-8; save it as that"),
        (MENU.replace(b"Soup", b"So\x00up"), "This is no text"),
        (MENU.replace(b"  - {", b"\t- {"), "line 2: this is no YAML: a tab stands where blanks belong"),
        (BOMB, "line 2: *a stands for something else; write it out"),
        (MENU.replace(b"Soup", b"[1, 2]"), "line 2: text is one text"),
        (b"mail: 5\n", "line 1: "),
        (LARGE * 1_000_000, "A seed has at most 4 MiB; cut it in several files."),
    ],
    ids=["utf-16", "nul", "tab", "bomb", "list", "number", "100 MB"],
)
def test_files_that_are_no_seeds(
    shared_server: Running, tmp_path: Path, content: bytes, said: str
) -> None:
    server, file = shared_server, tmp_path / "seed.yaml"
    file.write_bytes(content)
    refused = server.cli("seed", str(file))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1), refused.stderr
    assert said in refused.stderr
    posted = server.ask("POST", "/_rsvpd/seed", content=content[:5_000_000])
    assert posted.status_code in (400, 413), posted.text
    assert "Menu" not in str(server.ask("GET", "/v1.0/me/messages?$select=subject", "bob").json())


def test_a_mark_of_the_encoding_and_nothing_are_read(shared_server: Running, tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + MENU.replace(b"Menu", b"Marked"))
    assert shared_server.cli("seed", str(file)).stdout == "There are now 1 more messages.\n"
    file.write_bytes(b"")
    empty = shared_server.cli("seed", str(file))
    assert (empty.returncode, empty.stderr) == (0, "")
    assert shared_server.cli("seed", str(tmp_path)).stderr.endswith("cannot be read (Is a directory)\n")


LINES = {"Accept": "application/x-ndjson"}
COMPANY = {"people": 60, "meetings": 40, "seed": 3}


def test_it_is_told_how_far_it_has_come(server: Running) -> None:
    told = server.ask("POST", "/_rsvpd/seed/company", json=COMPANY, headers=LINES)
    assert told.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in told.text.splitlines()]
    reports = [line["progress"] for line in lines[:-1]]
    assert len(reports) > 50
    assert reports[-1]["done"]["people"] == reports[0]["of"]["people"] > 60
    assert [one["done"]["meetings"] for one in reports] == sorted(one["done"]["meetings"] for one in reports)
    assert lines[-1]["result"]["meetings"] == 40
    wrong = server.ask("POST", "/_rsvpd/seed", content="meals: []", headers=LINES)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "InvalidProperty")
    late = LUNCH + "  - {organizer: zoe, subject: Dinner, when: tomorrow 18:00, online: teams}\n"
    ended = server.ask("POST", "/_rsvpd/seed", content=late, headers=LINES).text.splitlines()
    assert "line 5: nobody provides online meetings" in json.loads(ended[-1])["error"]["message"]
    assert "Lunch" not in subjects(server, "bob")


def test_who_goes_away_leaves_nothing_behind_and_others_read_meanwhile(server: Running) -> None:
    before = server.ask("GET", "/_rsvpd/people").json()["people"]
    with (
        httpx.Client(base_url=server.url, trust_env=False, timeout=60) as http,
        http.stream("POST", "/_rsvpd/seed/company", json={"people": 400, "meetings": 800}, headers=LINES) as told,
    ):
        lines = told.iter_lines()
        assert "progress" in json.loads(next(lines))
        assert "Lunch" not in subjects(server, "bob")
        while json.loads(next(lines))["progress"]["done"]["meetings"] < 10:
            pass
    # Who writes waits until it is over.
    assert server.ask("POST", "/_rsvpd/seed", content=LUNCH).status_code == 201
    assert server.ask("GET", "/_rsvpd/people").json()["people"].keys() == {*before, "zoe@example.com"}


@pytest.mark.data_file
def test_the_starter_begins_a_new_data_file(
    tmp_path: Path, start_server: Callable[..., Running]
) -> None:
    file = tmp_path / "seed.yaml"
    assert "is written" in rsvpd("init", str(file)).stdout
    assert rsvpd("init", str(file)).returncode == 2
    assert rsvpd("init").stdout == file.read_text("utf-8")
    server = start_server("--seed-file", str(file))
    assert sorted(set(subjects(server, "bob"))) == ["Project kickoff", "Retrospective", "Weekly planning"]
    assert server.cli("reset").returncode == 0
    assert "Project kickoff" in subjects(server, "bob")


@pytest.mark.data_file
def test_without_a_server_a_new_data_file_has_nobody_else(tmp_path: Path) -> None:
    file, data = tmp_path / "seed.yaml", tmp_path / "new.db"
    file.write_text(LUNCH.replace(", attendees: bob", ""))
    told = rsvpd("seed", str(file), "--data", str(data), "--json")
    assert json.loads(told.stdout)["people"] == 1, told.stderr
    assert [one["address"] for one in json.loads(rsvpd("user", "list", "--data", str(data), "--json").stdout)] == [
        "zoe@example.com"
    ]


@pytest.mark.data_file
def test_a_seed_that_cannot_be_makes_no_data_file(tmp_path: Path) -> None:
    file, data = tmp_path / "seed.yaml", tmp_path / "new.db"
    file.write_text("people:\n  - address: zoe\n")
    ended = rsvpd("up", "--port", "0", "--data", str(data), "--seed-file", str(file))
    assert ended.returncode == 1
    assert "seed.yaml: line 2: 'zoe' is not a mail address" in ended.stderr
    assert not data.exists()
