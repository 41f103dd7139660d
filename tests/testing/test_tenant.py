"""What a test suite asks of its server: invitations, inboxes, whether an answer arrived, snapshots; and refusals."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from rsvpd import testing
from support.running import PATIENCE_SECONDS

pytestmark = pytest.mark.slow  # a server in a process of its own

KICKOFF = "Bob's kickoff"
ROOM = {"displayName": "Room B"}


def answer(tenant: testing.Tenant, who: str, how: str, **body: object) -> None:
    event = tenant.event(who, KICKOFF)["id"]
    assert tenant.as_(who).post(f"/me/events/{event}/{how}", json=body).status_code == 202


def test_an_invitation_is_sent_and_its_answer_arrives(rsvpd: testing.Tenant) -> None:
    event = rsvpd.invite(KICKOFF, to=["bob", "carol"], start="2031-05-06T09:30", minutes=30, location=ROOM)
    assert (event["end"]["dateTime"][:16], event["location"]["displayName"]) == ("2031-05-06T10:00", "Room B")
    newest = rsvpd.inbox("bob")[0]
    assert (newest["subject"], newest["event"]["subject"]) == (KICKOFF, KICKOFF)
    rsvpd.assert_answered("bob", KICKOFF, "none")
    answer(rsvpd, "bob", "accept", comment="With pleasure")
    answer(rsvpd, "carol@example.com", "decline")
    rsvpd.assert_answered("bob", KICKOFF, "accepted")
    rsvpd.assert_answered("carol", KICKOFF, "declined")
    assert rsvpd.inbox("alice")[0]["subject"] == f"Declined: {KICKOFF}"


def test_without_a_start_it_is_tomorrow_at_ten_by_the_servers_clock(rsvpd: testing.Tenant) -> None:
    start = datetime.fromisoformat(rsvpd.invite(KICKOFF)["start"]["dateTime"][:19])
    tomorrow = rsvpd.now().astimezone(UTC).date() + timedelta(days=1)
    assert (start.date(), start.hour, start.minute) == (tomorrow, 10, 0)


def test_what_did_not_arrive_is_explained(rsvpd: testing.Tenant) -> None:
    def failure(who: str) -> str:
        with pytest.raises(AssertionError) as failed:
            rsvpd.assert_answered(who, KICKOFF, "accepted")
        return str(failed.value)

    assert "bob@example.com was not invited" in failure("bob")
    assert "Weekly planning" in failure("bob")
    rsvpd.invite(KICKOFF, to=["bob", "carol", "dave"])
    assert "Nothing was answered yet" in failure("bob")
    answer(rsvpd, "bob", "accept", sendResponse=False)
    assert "/accept tells the organizer" in failure("bob")
    answer(rsvpd, "carol", "decline", sendResponse=False)
    assert "was not told" in failure("carol")
    answer(rsvpd, "dave", "tentativelyAccept")
    assert "says 'tentativelyAccepted'" in failure("dave")
    with pytest.raises(ValueError, match="is no answer"):
        rsvpd.assert_answered("dave", KICKOFF, "acepted")


def test_what_the_server_refuses_is_said_in_its_words(rsvpd: testing.Tenant) -> None:
    with pytest.raises(testing.Refused, match="did you mean bob"):
        rsvpd.token("bobb")
    with pytest.raises(testing.Refused, match="There is no snapshot 'monday'"):
        rsvpd.restore("monday")
    with pytest.raises(testing.NotOnThisServer, match="has no POST /_rsvpd/tea"):
        rsvpd.desk("POST", "/tea")
    with pytest.raises(testing.Refused, match="as alice: 400"):
        rsvpd.invite(KICKOFF, start="2031-05-06T09:30", minutes=-30)
    with pytest.raises(AssertionError, match="0 events called"):
        rsvpd.event("bob", "Nothing")


@pytest.mark.parametrize("name", ["monday", "2030.first-week"])
def test_a_snapshot_is_put_back_and_tokens_stay_good(rsvpd: testing.Tenant, name: str) -> None:
    bob = rsvpd.as_("bob")
    rsvpd.snapshot(name)
    rsvpd.invite(KICKOFF)
    rsvpd.add_person("erin@example.com", name="Erin", time_zone="Asia/Tokyo")
    assert rsvpd.people()["erin@example.com"]["time_zone"] == "Asia/Tokyo"
    rsvpd.restore(name)
    assert rsvpd.events("bob", KICKOFF) == []
    assert "erin@example.com" not in rsvpd.people()
    assert bob.get("/me").status_code == 200
    rsvpd.snapshot(name)  # takes the place of the other
    rsvpd.remove_snapshot(name)


def test_time_passes_people_answer_by_themselves_and_faults_end_with_the_test(rsvpd: testing.Tenant) -> None:
    rsvpd.persona("bob", "accepts", after="2h", comment="Later")
    rsvpd.invite(KICKOFF)
    rsvpd.assert_answered("bob", KICKOFF, "none")
    rsvpd.advance("3h")
    rsvpd.assert_answered("bob", KICKOFF, "accepted")
    rsvpd.fault(name="busy", effect="answer", status=429, person="bob")
    assert rsvpd.as_("bob").get("/me").status_code == 429
    assert [one["status"] for one in rsvpd.requests(person="bob", limit=1)] == [429]
    rsvpd.snapshot("now")
    rsvpd.begin_again("now")
    assert rsvpd.as_("bob").get("/me").status_code == 200
    assert [one["status"] for one in rsvpd.requests(person="bob")] == [200]
    rsvpd.inbox("bob")
    assert len(rsvpd.requests(person="bob")) == 1
    rsvpd.fault(name="down", effect="answer", status=503, person="bob")
    with pytest.raises(testing.Refused, match="503 by the fault 'down', which a test set"):
        rsvpd.inbox("bob")
    rsvpd.clear_faults()
    rsvpd.inbox("bob")
    rsvpd.remove_snapshot("now")


def test_the_clock_stands_a_persona_ends_and_what_was_is_told(rsvpd: testing.Tenant) -> None:
    assert rsvpd.freeze("2033-03-03T08:00:00Z")["now"] == rsvpd.freeze()["now"]
    rsvpd.snapshot("quiet")
    for does in ("declines", "off"):
        rsvpd.persona("bob", does)
    rsvpd.invite(KICKOFF)
    happened = rsvpd.advance("25h45m")["happened"]
    reminders = [one["text"] for one in happened if one["what"] == "reminder" and KICKOFF in one["text"]]
    assert [one.partition(" ")[0] for one in reminders] == ["alice@example.com", "bob@example.com"]
    rsvpd.assert_answered("bob", KICKOFF, "none")
    assert [one["kind"] for one in rsvpd.timeline(KICKOFF)["moments"]].count("delivered") == 1
    assert "alice@example.com" in str(rsvpd.diff("quiet"))
    rsvpd.remove_snapshot("quiet")


def test_a_seed_says_who_there_is(rsvpd: testing.Tenant) -> None:
    rsvpd.reset(story=False)
    rsvpd.seed("people:\n  - address: erin@example.com\n    name: Erin Evans\n")
    assert rsvpd.people()["erin@example.com"]["name"] == "Erin Evans"


def test_the_classic_mistake_is_named_where_the_answer_is_missed(rsvpd: testing.Tenant) -> None:
    rsvpd.invite(KICKOFF)
    guest = {"emailAddress": {"address": "bob@example.com"}, "status": {"response": "accepted"}}
    event = rsvpd.event("bob", KICKOFF)["id"]
    assert rsvpd.as_("bob").patch(f"/me/events/{event}", json={"attendees": [guest]}).status_code == 200
    assert rsvpd.as_("bob").post(f"/me/events/{event}/acept").status_code == 400
    with pytest.raises(AssertionError) as failed:
        rsvpd.assert_answered("bob", KICKOFF, "accepted")
    refused, changed = str(failed.value).split("\nPATCH ")
    assert "POST /v1.0/me/events/" in refused
    assert "/acept was answered 400" in refused
    assert " was answered 200: " in changed
    assert "POST accept, tentativelyAccept or decline on the attendee's own event" in changed
    (told,) = rsvpd.requests(person="bob", hint=True)
    assert rsvpd.explain(told["id"])["sentences"]


def test_all_begins_anew(rsvpd: testing.Tenant) -> None:
    rsvpd.invite(KICKOFF)
    rsvpd.reset()
    assert rsvpd.events("bob", KICKOFF) == []
    rsvpd.reset(story=False)
    assert rsvpd.people() == {}


def test_programs_that_call_the_real_hosts_come_here(rsvpd: testing.Tenant) -> None:
    program = (
        "import json, os, urllib.request as r\n"
        "asked = r.Request('https://graph.microsoft.com/v1.0/me', headers={'Authorization': os.environ['WHO']})\n"
        "print(json.load(r.urlopen(asked))['mail'])\n"
    )
    environ = rsvpd.environment({"WHO": f"Bearer {rsvpd.token('bob')}"})
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert (done.stdout, done.stderr) == ("bob@example.com\n", "")


def test_a_server_has_its_own_settings_and_not_those_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSVPD_DATABASE", "postgresql://production/mail")
    monkeypatch.setenv("RSVPD_TOKEN_LIFETIME_SECONDS", "nonsense")
    with testing.server(seed=False, clock="2030-01-07T08:00:00Z", settings={"request_log": False}) as tenant:
        assert tenant.people() == {}
        assert tenant.now().date().isoformat() == "2030-01-07"
        tenant.add_person("zoe@example.com")
        tenant.invite(KICKOFF, by="zoe", to="someone@elsewhere.example")
