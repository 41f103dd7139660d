"""The client and the command against our own server, over HTTP, through every interface."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rsvpd import clock
from rsvpd.client import Answer, Client, Invitation, NotFound, NotSignedIn, Provider, Refused
from rsvpd.client.local import MOUNTS
from support.recorded import Terminal
from support.running import Running

pytestmark = pytest.mark.slow  # a server of its own

PROVIDERS = pytest.mark.parametrize("provider", list(Provider), ids=lambda one: one.value)
MICROSOFT = pytest.mark.parametrize(
    "provider", [Provider.GRAPH, Provider.OUTLOOK_V1, Provider.OUTLOOK_V2], ids=lambda one: one.value
)
ANSWERS = [
    (Answer.ACCEPTED, "accepted", "meetingAccepted"),
    (Answer.TENTATIVE, "tentativelyAccepted", "meetingTenativelyAccepted"),
    (Answer.DECLINED, "declined", "meetingDeclined"),
]
NOW = clock.parse_instant("2026-11-23T08:00:00")
TOMORROW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def utc(moment: datetime) -> dict[str, str]:
    """Return an instant as Graph takes it."""
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def midnight(day: date) -> dict[str, str]:
    """Return the beginning of a day as Graph takes it."""
    return {"dateTime": f"{day}T00:00:00", "timeZone": "Europe/Berlin"}


class Party:
    """A server on which alice invites, each time to something of its own."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.count = 0

    def client(self, provider: Provider, name: str = "bob") -> Client:
        """Return somebody's client."""
        base = self.server.url + MOUNTS[provider]
        return Client(provider, self.server.token(name), base=base, clock=clock.fixed_clock(NOW))

    def invite(self, *guests: str, at: datetime = TOMORROW, **more: Any) -> dict[str, Any]:
        """Let alice make a meeting and return it."""
        self.count += 1
        body = {
            "subject": f"Party {self.count} {id(self)}",
            "start": utc(at),
            "end": utc(at + timedelta(hours=1)),
            "location": {"displayName": "Garden"},
            "attendees": [{"emailAddress": {"address": f"{one}@example.com"}} for one in guests or ("bob",)],
            **more,
        }
        return self.ask("POST", "/me/events", json=body)

    def answers(self, event: dict[str, Any]) -> dict[str, str]:
        """Return what alice knows of each guest's answer."""
        found = self.ask("GET", f"/me/events/{event['id']}?$select=attendees")["attendees"]
        return {one["emailAddress"]["address"]: one["status"]["response"] for one in found}

    def letters(self, event: dict[str, Any]) -> list[tuple[str, str]]:
        """Return kind and words of the answers to a meeting in alice's inbox."""
        found = self.ask("GET", "/me/mailFolders/inbox/messages?$top=200")["value"]
        return [
            (one["meetingMessageType"], one["bodyPreview"])
            for one in found
            if event["subject"] in one["subject"] and one.get("meetingMessageType")
        ]

    def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """Ask Graph as alice."""
        response = self.server.ask(method, f"/v1.0{path}", "alice", **more)
        assert response.status_code < 300, response.text
        found: dict[str, Any] = response.json()
        return found


@pytest.fixture(scope="module")
def party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    """A server that is shared by these tests; each looks only at its own meetings."""
    running = Running(tmp_path_factory.mktemp("party"), "--clock", "2026-11-23T08:00:00Z")
    yield Party(running)
    running.kill()


def of(event: dict[str, Any], client: Client, **more: Any) -> list[Invitation]:
    """Return the invitations of one meeting."""
    return [one for one in client.invitations(**more) if one.subject == event["subject"]]


@PROVIDERS
def test_an_invitation_looks_the_same_through_every_interface(party: Party, provider: Provider) -> None:
    event = party.invite("bob", "carol")
    with party.client(provider) as client:
        (found,) = of(event, client)
        assert client.invitation(found.id).id == found.id
        assert client.address() == "bob@example.com"
    assert (found.start, found.end) == (TOMORROW, TOMORROW + timedelta(hours=1))
    assert (found.location, found.all_day, found.is_series, found.is_waiting) == (
        "Garden",
        False,
        False,
        True,
    )
    assert found.organizer.address == "alice@example.com"
    assert found.received is not None
    assert timedelta(0) <= found.received - datetime(2026, 11, 23, 8, tzinfo=UTC) < timedelta(hours=1)
    assert found.provider is provider
    assert found.invited_as == ("bob@example.com" if provider is Provider.GOOGLE else None)


@PROVIDERS
@pytest.mark.parametrize(("answer", "word", "kind"), ANSWERS)
def test_the_organizer_gets_the_answer(party: Party, provider: Provider, answer: Answer, word: str, kind: str) -> None:
    event = party.invite("bob", "carol")
    with party.client(provider) as client:
        (found,) = of(event, client)
        done = client.answer(found, answer, comment="I will be there!")
        assert done.sent
        assert of(event, client) == []
    assert party.answers(event) == {"bob@example.com": word, "carol@example.com": "none"}
    assert party.letters(event) == [(kind, "I will be there!")]


@PROVIDERS
def test_nobody_elses_answer_is_touched(party: Party, provider: Provider) -> None:
    event = party.invite("bob", "carol", "dave")
    with party.client(provider, "carol") as client:
        client.answer(of(event, client)[0], Answer.TENTATIVE)
    with party.client(provider) as client:
        client.answer(of(event, client)[0], Answer.ACCEPTED)
    assert party.answers(event) == {
        "bob@example.com": "accepted",
        "carol@example.com": "tentativelyAccepted",
        "dave@example.com": "none",
    }


@PROVIDERS
def test_in_silence(party: Party, provider: Provider) -> None:
    event = party.invite()
    with party.client(provider) as client:
        done = client.answer(of(event, client)[0], Answer.ACCEPTED, send=False)
        assert not done.sent
        (found,) = of(event, client, include_answered=True)
    assert found.my_answer is Answer.ACCEPTED
    # Google has no answer that its organizer does not see.
    told = "accepted" if provider is Provider.GOOGLE else "none"
    assert party.answers(event) == {"bob@example.com": told}
    assert party.letters(event) == []


@PROVIDERS
def test_a_mind_can_be_changed(party: Party, provider: Provider) -> None:
    event = party.invite()
    with party.client(provider) as client:
        (found,) = of(event, client)
        client.answer(found, Answer.TENTATIVE)
        client.answer(found.id, Answer.ACCEPTED)
    assert party.answers(event) == {"bob@example.com": "accepted"}


@MICROSOFT
def test_where_no_answers_are_wanted(party: Party, provider: Provider) -> None:
    event = party.invite(responseRequested=False)
    with party.client(provider) as client:
        done = client.answer(of(event, client)[0], Answer.ACCEPTED)
        assert not done.sent
        (found,) = of(event, client, include_answered=True)
    assert found.my_answer is Answer.ACCEPTED


@PROVIDERS
def test_all_day(party: Party, provider: Provider) -> None:
    day = (TOMORROW + timedelta(days=3)).date()
    event = party.invite(isAllDay=True, start=midnight(day), end=midnight(day + timedelta(days=1)))
    with party.client(provider) as client:
        (found,) = of(event, client)
    assert (found.start, found.end, found.all_day) == (day, day + timedelta(days=1), True)


def weekly(start: datetime, times: int = 5) -> dict[str, Any]:
    """Return a recurrence on the weekday of `start`."""
    return {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": [f"{start:%A}".lower()]},
        "range": {"type": "numbered", "startDate": f"{start:%Y-%m-%d}", "numberOfOccurrences": times},
    }


@PROVIDERS
def test_a_series_is_one_invitation_at_its_next_date(party: Party, provider: Provider) -> None:
    start = TOMORROW - timedelta(days=14)
    event = party.invite(at=start, recurrence=weekly(start))
    with party.client(provider) as client:
        (found,) = of(event, client)
        assert (found.is_series, found.start) == (True, TOMORROW)
        client.answer(found, Answer.ACCEPTED)
        assert of(event, client) == []
        (found,) = of(event, client, include_answered=True)
        assert (found.is_series, found.my_answer) == (True, Answer.ACCEPTED)
    assert party.answers(event) == {"bob@example.com": "accepted"}


@PROVIDERS
def test_a_moved_date_of_an_answered_series_waits_on_its_own(party: Party, provider: Provider) -> None:
    event = party.invite(recurrence=weekly(TOMORROW))
    window = f"startDateTime={TOMORROW:%Y-%m-%d}&endDateTime={TOMORROW + timedelta(days=30):%Y-%m-%d}"
    with party.client(provider) as client:
        client.answer(of(event, client)[0], Answer.ACCEPTED)
        second = party.ask("GET", f"/me/events/{event['id']}/instances?{window}")["value"][1]
        moved = TOMORROW + timedelta(days=7, hours=2)
        times = {"start": utc(moved), "end": utc(moved + timedelta(hours=1))}
        party.ask("PATCH", f"/me/events/{second['id']}", json=times)
        (found,) = of(event, client)
        assert (found.is_series, found.start) == (False, moved)
        client.answer(found, Answer.DECLINED, comment="Not then")
        assert of(event, client) == []
    assert party.answers(second) == {"bob@example.com": "declined"}
    assert party.answers(event) == {"bob@example.com": "accepted"}


@PROVIDERS
def test_what_begins_in_a_year_waits_today(party: Party, provider: Provider) -> None:
    event = party.invite(at=TOMORROW + timedelta(days=364))
    with party.client(provider) as client:
        (found,) = of(event, client)
    assert found.start == TOMORROW + timedelta(days=364)


@PROVIDERS
def test_many_invitations_come_in_pages(party: Party, provider: Provider) -> None:
    for _ in range(12):
        party.invite("dave")
    with party.client(provider, "dave") as client:
        assert len(client.invitations()) >= 12


@PROVIDERS
def test_the_organizer_is_refused(party: Party, provider: Provider) -> None:
    event = party.invite()
    with party.client(provider, "alice") as client:
        assert of(event, client) == []
        mine = event["id"] if provider is not Provider.GOOGLE else google_id(party, event)
        with pytest.raises(Refused) as caught:
            client.answer(mine, Answer.ACCEPTED)
    assert caught.value.message


def google_id(party: Party, event: dict[str, Any]) -> str:
    """Return the id of alice's event in Google's interface."""
    answer = party.server.ask(
        "GET", "/calendar/v3/calendars/primary/events", "alice", params={"iCalUID": event["iCalUId"]}
    )
    return str(answer.json()["items"][0]["id"])


@MICROSOFT
def test_the_organizers_id_is_no_use_to_a_guest(party: Party, provider: Provider) -> None:
    event = party.invite()
    with party.client(provider) as client, pytest.raises(NotFound) as caught:
        client.answer(event["id"], Answer.ACCEPTED)
    assert caught.value.code == "ErrorItemNotFound"
    assert caught.value.hint


@MICROSOFT
def test_the_message_of_an_invitation(party: Party, provider: Provider) -> None:
    event = party.invite()
    with party.client(provider) as client:
        (found,) = of(event, client, with_messages=True)
    message = party.server.ask("GET", f"/v1.0/me/messages/{found.message_id}", "bob").json()
    assert event["subject"] in message["subject"]


@PROVIDERS
def test_a_token_that_is_not_taken(party: Party, provider: Provider) -> None:
    with (
        Client(provider, "nonsense", base=party.server.url + MOUNTS[provider]) as client,
        pytest.raises(NotSignedIn) as caught,
    ):
        client.invitations()
    assert caught.value.message


# --- the command


@pytest.fixture
def terminal(server: Running, tmp_path: Path) -> Terminal:
    """A terminal on the machine of a fresh server, without any configuration but where the data file is."""
    made = Terminal(tmp_path / "home")
    made.recording = None
    made.clock = clock.system_clock
    made.environ["RSVPD_DATA"] = str(server.data)
    return made


def test_the_command_finds_the_server_by_itself(terminal: Terminal, server: Running) -> None:
    assert terminal("accounts", "--json") == 0
    assert {one["name"] for one in terminal.json["accounts"]} == set(server.people)
    assert terminal("invites", "--json") == 0
    listed = terminal.json["invitations"]
    assert [(one["number"], one["account"]) for one in listed] == [
        (1, "bob@example.com"),
        (2, "carol@example.com"),
    ]
    assert terminal("accept") == 2
    assert terminal("accept", "--account", "bob", "-m", "I will be there!") == 0, terminal.err
    assert "Alice Ahlers gets your answer." in terminal.out
    assert terminal("decline", listed[1]["id"], "--json") == 0
    assert (terminal.json["account"], terminal.json["answer"]) == ("carol@example.com", "declined")
    assert terminal("invites") == 0
    assert "rsvp invites --all" in terminal.out


@PROVIDERS
def test_the_command_through_every_interface(terminal: Terminal, server: Running, provider: Provider) -> None:
    assert terminal("login", "rsvpd", "--as", "bob", "--through", provider.value) == 0, terminal.err
    assert terminal("accounts", "--json") == 0
    assert (terminal.json["accounts"][0]["provider"], terminal.json["accounts"][0]["configured"]) == (
        provider.value,
        True,
    )
    assert terminal("invites") == 0
    assert len(terminal.out.splitlines()) == 5
    assert terminal("maybe", "1", "-m", "Train may be late", "--json") == 0, terminal.err
    assert (terminal.json["answer"], terminal.json["sent"]) == ("tentative", True)
    assert terminal("invites", "--all") == 0
    assert "maybe" in terminal.out
    server.restart()
    assert terminal("decline", terminal_id(terminal)) == 0, terminal.err


def terminal_id(terminal: Terminal) -> str:
    """Return the id of the answered invitation."""
    terminal("invites", "--all", "--json")
    found = [one for one in terminal.json["invitations"] if one["my_answer"] == "tentative"]
    return str(found[0]["id"])


def test_the_command_with_a_token(terminal: Terminal, server: Running) -> None:
    terminal.environ["RSVPD_DATA"] = "/nowhere/x.db"
    url = server.url
    terminal.typed = server.token("bob") + "\n"
    assert terminal("login", "outlook", "--base", f"{url}/api/v1.0", "--token", "-") == 0, terminal.err
    assert terminal("login", "google", "--base", f"{url}/calendar/v3", "--token", server.token("carol")) == 0
    assert terminal("login", "rsvpd", "--url", url, "--token", server.token("dave")) == 0
    assert terminal("invites", "--json") == 0
    assert [(one["account"], one["provider"]) for one in terminal.json["invitations"]] == [
        ("bob@example.com", "outlook-v1"),
        ("carol@example.com", "google"),
    ]
    assert terminal("accept", "2") == 0
    assert terminal("accept", "--account", "bob") == 0
    assert terminal("logout", "dave") == 0


def test_a_server_that_stopped_is_said_so(terminal: Terminal, server: Running) -> None:
    assert terminal("login", "rsvpd", "--as", "bob") == 0
    server.kill()
    assert terminal("invites") == 4
    assert "rsvpd up" in terminal.err
    assert terminal("logout", "bob") == 0
    assert terminal("invites") == 3
