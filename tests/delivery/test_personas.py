"""People who answer by themselves, over both engines: when, how, once, and as everybody else answers."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.clock import SteeredClock, to_text
from rsvpd.commands import outbox
from rsvpd.commands.people import remove_person
from rsvpd.commands.personas import drop_persona, get_persona, set_persona
from rsvpd.commands.story import story
from rsvpd.control.clock import Advanced, Timekeeper
from rsvpd.control.timeline import timeline
from rsvpd.delivery.personas import Answering
from rsvpd.errors import InvalidProperty, NotAllowed
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.persona import Habit, Persona
from rsvpd.store.tx import Tx
from support.world import SECOND, World

HOUR = 3600 * SECOND


class Company:
    """A world under a clock, and who answers in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = SteeredClock(lambda: world.now, lambda: world.now)
        self.answering = Answering(world.store, self.clock)
        self.keeper = Timekeeper(world.store, self.clock, settle=self._settle, machine=lambda: world.now)

    def let(self, name: str, does: Habit, **more: Any) -> None:
        """Let somebody answer."""
        self.world.store.run(set_persona, self.world.people[name], Persona(does=does, **more))

    def go_on(self) -> None:
        """Let everybody do what is due."""
        self.world.wait(self.answering.act())

    def advance(self, by: str) -> Advanced:
        """Let time pass, and the world go by the clock."""
        found: Advanced = self.world.wait(self.keeper.advance(by))
        self.world.now = self.clock()
        return found

    def waiting(self, name: str) -> int:
        """Return how many invitations somebody has still to answer."""
        return self.world.store.run(get_persona, self.world.people[name]).waiting

    def invite(self, *guests: str, hour: int = 10, day: int = 1, by: str = "alice", **more: Any) -> str:
        """Let somebody invite; return the id of the event."""
        body = _slot(day, hour) | {"subject": "Kickoff", "attendees": [_guest(one) for one in guests]} | more
        reply = self.world.request(by, "POST", "/v1.0/me/events", body)
        assert reply.status == 201, reply.body
        return str(reply.json["id"])

    def answers(self, event: str) -> dict[str, str]:
        """Return what the organizer tracks."""
        found = self.world.request("alice", "GET", f"/v1.0/me/events/{event}").json["attendees"]
        return {one["emailAddress"]["address"].split("@")[0]: one["status"]["response"] for one in found}

    def inbox(self, name: str = "alice") -> list[Any]:
        """Return the messages in somebody's inbox."""
        found = self.world.request(name, "GET", "/v1.0/me/mailFolders/inbox/messages?$top=100").json["value"]
        return list(found)

    async def _settle(self) -> list[str]:
        await self.answering.act()
        return self.answering.take()


def _slot(day: int, hour: int) -> dict[str, Any]:
    return {
        "start": {"dateTime": f"2026-12-{day:02}T{hour:02}:00:00", "timeZone": "UTC"},
        "end": {"dateTime": f"2026-12-{day:02}T{hour + 1:02}:00:00", "timeZone": "UTC"},
    }


def _guest(name: str) -> dict[str, Any]:
    return {"emailAddress": {"address": f"{name}@example.com"}}


@pytest.fixture
def company(world: World) -> Company:
    for name in ("carol", "dave"):
        world.add(name)
    return Company(world)


def test_nobody_answers_by_itself_unless_told(company: Company) -> None:
    event = company.invite("bob")
    company.go_on()
    assert company.answers(event) == {"bob": "none"}


@pytest.mark.parametrize(
    ("habit", "answer", "says"),
    [
        (Habit.ACCEPTS, "accepted", ""),
        (Habit.TENTATIVE, "tentativelyAccepted", ""),
        (Habit.DECLINES, "declined", ""),
        (Habit.AWAY, "declined", "I am out of the office."),
        (Habit.DECLINES_ON_CONFLICT, "accepted", ""),
        (Habit.PROPOSES, "accepted", ""),
    ],
)
def test_the_organizer_learns_of_it_as_of_every_answer(
    company: Company, habit: Habit, answer: str, says: str
) -> None:
    company.let("bob", habit)
    event = company.invite("bob", "carol")
    company.go_on()
    assert company.answers(event) == {"bob": answer, "carol": "none"}
    (message,) = company.inbox()
    assert says in message["bodyPreview"]
    company.go_on()
    assert len(company.inbox()) == 1


def test_what_somebody_said_meanwhile_stays(company: Company) -> None:
    company.let("bob", Habit.ACCEPTS, after_seconds=7200)
    event = company.invite("bob")
    theirs = company.world.request("bob", "GET", "/v1.0/me/events").json["value"][0]["id"]
    assert company.world.request("bob", "POST", f"/v1.0/me/events/{theirs}/decline", {}).status == 202
    company.advance("3h")
    assert company.answers(event) == {"bob": "declined"}
    assert company.waiting("bob") == 0


def test_a_while_after_is_by_the_servers_clock_and_survives_a_restart(company: Company) -> None:
    company.let("bob", Habit.ACCEPTS, after_seconds=7200)
    company.let("carol", Habit.DECLINES, after_seconds=3600)
    company.world.pace = 0
    company.world.wait(company.keeper.set(None, frozen=True, back=False))
    begin = company.world.now
    event = company.invite("bob", "carol")
    company.advance("59m")
    assert company.answers(event) == {"bob": "none", "carol": "none"}
    assert (company.waiting("bob"), company.waiting("carol")) == (1, 1)
    found = company.advance("3h")
    assert [(one.at, one.text) for one in found.happened] == [
        (to_text(begin + HOUR), "carol@example.com answered Kickoff: declined."),
        (to_text(begin + 2 * HOUR), "bob@example.com answered Kickoff: accepted."),
    ]
    assert company.answers(event) == {"bob": "accepted", "carol": "declined"}
    theirs = company.world.request("bob", "GET", "/v1.0/me/events").json["value"][0]
    assert theirs["responseStatus"]["time"] == to_text(begin + 2 * HOUR).replace("Z", ".0000000Z")


def test_what_is_taken_is_declined_and_what_is_tentative_is_not_taken(company: Company) -> None:
    company.let("bob", Habit.DECLINES_ON_CONFLICT)
    company.invite(by="bob", hour=10)
    first, second, third = company.invite("bob", hour=10), company.invite("bob", hour=12), company.invite("bob", day=2)
    company.go_on()
    found = [company.answers(one)["bob"] for one in (first, second, third)]
    assert found == ["declined", "accepted", "accepted"]


def test_of_a_series_the_dates_that_are_taken_are_declined(company: Company) -> None:
    company.let("bob", Habit.DECLINES_ON_CONFLICT)
    company.invite(by="bob", day=2)
    every_day = {"type": "daily", "interval": 1}
    lasts = {"type": "numbered", "numberOfOccurrences": 3, "startDate": "2026-12-01"}
    event = company.invite("bob", recurrence={"pattern": every_day, "range": lasts})
    company.go_on()
    assert company.answering.take() == ["bob@example.com answered Kickoff: accepted, and 1 of its dates: declined."]
    assert company.answers(event) == {"bob": "accepted"}
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-09T00:00:00Z"
    found = company.world.request("bob", "GET", f"/v1.0/me/calendarView?{window}&$orderby=start/dateTime").json["value"]
    kickoffs = [one["start"]["dateTime"][:10] for one in found if not one["isOrganizer"]]
    assert kickoffs == ["2026-12-01", "2026-12-03"]


def test_another_time_is_proposed_where_the_calendar_is_free(company: Company) -> None:
    company.let("bob", Habit.PROPOSES)
    for hour in (10, 11):
        company.invite(by="bob", hour=hour)
    event = company.invite("bob", hour=10)
    refuses = company.invite("bob", hour=10, allowNewTimeProposals=False)
    late = company.invite("bob", hour=16)
    company.invite(by="bob", hour=17, day=4)
    company.go_on()
    (attendee,) = company.world.request("alice", "GET", f"/v1.0/me/events/{event}").json["attendees"]
    assert attendee["status"]["response"] == "tentativelyAccepted"
    assert attendee["proposedNewTime"]["start"]["dateTime"].startswith("2026-12-01T12:00:00")
    assert company.answers(refuses) == {"bob": "declined"}
    assert company.answers(late) == {"bob": "accepted"}


def test_an_invitation_is_passed_on_once_even_in_a_circle(company: Company) -> None:
    company.let("bob", Habit.FORWARDS, to="carol@example.com")
    company.let("carol", Habit.FORWARDS, to="bob@example.com")
    event = company.invite("bob")
    company.go_on()
    assert company.answers(event) == {"bob": "none", "carol": "none"}
    assert (company.waiting("bob"), company.waiting("carol")) == (0, 0)
    before = len(company.inbox("bob"))
    company.go_on()
    assert len(company.inbox("bob")) == before


def test_who_never_answers_and_who_is_let_alone_has_nothing_waiting(company: Company) -> None:
    company.let("bob", Habit.NEVER)
    company.let("carol", Habit.ACCEPTS, after_seconds=60)
    event = company.invite("bob", "carol")
    assert (company.waiting("bob"), company.waiting("carol")) == (0, 1)
    company.world.store.run(drop_persona, company.world.people["carol"])
    company.advance("1h")
    assert company.answers(event) == {"bob": "none", "carol": "none"}


def test_what_is_called_off_or_deleted_is_left_alone(company: Company) -> None:
    company.let("bob", Habit.ACCEPTS, after_seconds=60)
    gone = company.invite("bob")
    assert company.world.request("alice", "POST", f"/v1.0/me/events/{gone}/cancel", {}).status == 202
    company.invite("bob", day=3)
    theirs = company.world.request("bob", "GET", "/v1.0/me/events?$filter=isCancelled eq false").json["value"]
    assert company.world.request("bob", "DELETE", f"/v1.0/me/events/{theirs[0]['id']}").status == 204
    before = len(company.inbox())
    company.advance("1h")
    assert company.waiting("bob") == 0
    assert len(company.inbox()) == before


def test_who_is_asked_anew_answers_anew(company: Company) -> None:
    company.let("bob", Habit.ACCEPTS)
    event = company.invite("bob")
    company.go_on()
    assert company.world.request("alice", "PATCH", f"/v1.0/me/events/{event}", _slot(5, 14)).status == 200
    assert company.answers(event) == {"bob": "notResponded"}
    company.go_on()
    assert company.answers(event) == {"bob": "accepted"}


def test_a_mailbox_that_goes_takes_it_along(company: Company) -> None:
    company.let("bob", Habit.ACCEPTS, after_seconds=60)
    company.invite("bob")
    company.world.store.run(remove_person, "bob@example.com")

    def left(tx: Tx) -> int:
        found = tx.row("SELECT (SELECT count(*) FROM persona) + (SELECT count(*) FROM persona_due)")
        return int(found[0]) if found else -1

    assert company.world.store.engine.run(left, writes=False) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        Persona(does=Habit.FORWARDS),
        Persona(does=Habit.ACCEPTS, to="carol@example.com"),
        Persona(does=Habit.FORWARDS, to="bob@example.com"),
        Persona(does=Habit.FORWARDS, to="nobody"),
        Persona(does=Habit.ACCEPTS, after_seconds=-1),
        Persona(does=Habit.ACCEPTS, after_seconds=10**9),
    ],
)
def test_what_cannot_be_done_is_refused(company: Company, wrong: Persona) -> None:
    with pytest.raises(InvalidProperty):
        company.world.store.run(set_persona, company.world.people["bob"], wrong)
    assert company.world.store.run(get_persona, company.world.people["bob"]).persona is None


def test_a_room_answers_by_its_own_policy(company: Company) -> None:
    company.world.add("orion", kind=PersonKind.ROOM)
    with pytest.raises(NotAllowed, match="rsvpd room"):
        company.let("orion", Habit.ACCEPTS)


# --- whatever they are asked


DAILY = {
    "pattern": {"type": "daily", "interval": 1},
    "range": {"type": "numbered", "numberOfOccurrences": 3, "startDate": "2026-12-01"},
}


def _dates(company: Company, name: str) -> dict[str, str]:
    """Return what somebody's calendar shows of meetings of others: the answer, by day and hour."""
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-20T00:00:00Z"
    found = company.world.request(name, "GET", f"/v1.0/me/calendarView?{window}").json["value"]
    return {
        one["start"]["dateTime"][8:13]: one["responseStatus"]["response"] for one in found if not one["isOrganizer"]
    }


def _date(company: Company, event: str, day: int) -> str:
    """Return the id of a date of the organizer's series."""
    window = f"startDateTime=2026-12-{day:02}T00:00:00Z&endDateTime=2026-12-{day:02}T23:00:00Z"
    (found,) = company.world.request("alice", "GET", f"/v1.0/me/events/{event}/instances?{window}").json["value"]
    return str(found["id"])


def test_one_date_that_is_moved_is_answered_by_itself(company: Company) -> None:
    company.let("bob", Habit.DECLINES_ON_CONFLICT)
    company.invite(by="bob", day=3, hour=15)
    event = company.invite("bob", recurrence=DAILY)
    company.go_on()
    assert _dates(company, "bob") == {"01T10": "accepted", "02T10": "accepted", "03T10": "accepted"}
    for day, hour in ((2, 14), (3, 15)):
        moved = _date(company, event, day)
        assert company.world.request("alice", "PATCH", f"/v1.0/me/events/{moved}", _slot(day, hour)).status == 200
        company.go_on()
    assert _dates(company, "bob") == {"01T10": "accepted", "02T14": "accepted"}
    assert company.answers(event) == {"bob": "accepted"}
    assert company.answers(_date(company, event, 3)) == {"bob": "declined"}


def test_what_waits_for_the_whole_and_for_a_date_is_answered_once(company: Company) -> None:
    company.let("bob", Habit.ACCEPTS, after_seconds=60)
    event = company.invite("bob", recurrence=DAILY)
    company.world.request("alice", "PATCH", f"/v1.0/me/events/{_date(company, event, 2)}", _slot(2, 14))
    gone = _date(company, event, 3)
    assert company.world.request("alice", "POST", f"/v1.0/me/events/{gone}/cancel", {}).status == 202
    before = len(company.inbox())
    company.advance("1h")
    assert company.waiting("bob") == 0
    shown = _dates(company, "bob")
    assert (shown["01T10"], shown["02T14"]) == ("accepted", "accepted")
    assert len(company.inbox()) - before <= 2


def test_all_of_a_day(company: Company) -> None:
    company.let("bob", Habit.PROPOSES)
    company.let("carol", Habit.DECLINES_ON_CONFLICT)
    company.invite(by="bob", hour=10)
    day = {
        "isAllDay": True, "start": {"dateTime": "2026-12-01T00:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-02T00:00:00", "timeZone": "UTC"},
    }  # fmt: skip
    event = company.invite("bob", "carol", **day)
    company.go_on()
    assert company.answers(event) == {"bob": "declined", "carol": "accepted"}


def test_who_organizes_answers_only_what_others_organize(company: Company) -> None:
    company.let("alice", Habit.ACCEPTS)
    company.let("bob", Habit.ACCEPTS)
    event = company.invite("bob", "alice")
    company.invite("alice", by="bob", hour=12)
    company.go_on()
    assert company.answers(event)["bob"] == "accepted"
    assert _dates(company, "alice") == {"01T12": "accepted"}
    assert (company.waiting("alice"), company.waiting("bob")) == (0, 0)


def test_two_who_propose_to_each_other_come_to_an_end(company: Company) -> None:
    for name in ("alice", "bob"):
        company.let(name, Habit.PROPOSES)
    company.invite(by="bob", hour=10)
    event = company.invite("bob", hour=10)
    company.invite("alice", by="bob", hour=10, day=1)
    company.go_on()
    letters = len(company.inbox("alice")) + len(company.inbox("bob"))
    company.go_on()
    assert len(company.inbox("alice")) + len(company.inbox("bob")) == letters
    assert company.answers(event) == {"bob": "tentativelyAccepted"}
    assert (company.waiting("alice"), company.waiting("bob")) == (0, 0)


def test_the_time_that_was_proposed_is_accepted_when_it_is_taken_up(company: Company) -> None:
    company.let("bob", Habit.PROPOSES)
    company.invite(by="bob", hour=10)
    event = company.invite("bob", hour=10)
    company.go_on()
    (guest,) = company.world.request("alice", "GET", f"/v1.0/me/events/{event}").json["attendees"]
    proposed = guest["proposedNewTime"]
    times = {name: {"dateTime": one["dateTime"][:19], "timeZone": one["timeZone"]} for name, one in proposed.items()}
    assert company.world.request("alice", "PATCH", f"/v1.0/me/events/{event}", times).status == 200
    company.go_on()
    assert company.answers(event) == {"bob": "accepted"}


def test_who_declined_declines_again_what_is_moved(company: Company) -> None:
    company.let("bob", Habit.AWAY)
    event = company.invite("bob")
    company.go_on()
    assert company.world.request("alice", "PATCH", f"/v1.0/me/events/{event}", {"subject": "Renamed"}).status == 200
    company.go_on()
    assert company.answers(event) == {"bob": "declined"}
    assert company.world.request("alice", "PATCH", f"/v1.0/me/events/{event}", _slot(5, 14)).status == 200
    company.go_on()
    assert company.answers(event) == {"bob": "declined"}
    assert _dates(company, "bob") == {}


@pytest.mark.parametrize("assistant", ["assistant@elsewhere.example", "nobody@example.com"])
def test_an_assistant_who_has_no_mailbox_here_is_written_to(company: Company, assistant: str) -> None:
    company.let("bob", Habit.FORWARDS, to=assistant)
    event = company.invite("bob")
    company.go_on()
    attendees = company.world.request("alice", "GET", f"/v1.0/me/events/{event}").json["attendees"]
    assert {one["emailAddress"]["address"] for one in attendees} == {"bob@example.com", assistant}
    assert assistant in {one.post.recipient for one in company.world.store.run(outbox.list_messages, after=0)}
    assert company.waiting("bob") == 0


def test_to_pass_on_what_may_not_be_passed_on_is_left(company: Company) -> None:
    company.let("bob", Habit.FORWARDS, to="carol@example.com")
    event = company.invite("bob", hideAttendees=True, recurrence=DAILY)
    company.go_on()
    assert company.waiting("bob") == 0
    assert company.answers(event)["bob"] == "none"


def test_what_google_asks_is_answered_too_and_the_answer_says_who_gave_it(company: Company) -> None:
    company.let("bob", Habit.TENTATIVE, comment="Perhaps")
    body = {
        "summary": "Offsite", "attendees": [{"email": "bob@example.com"}],
        "start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"},
    }  # fmt: skip
    made = company.world.request("alice", "POST", "/calendar/v3/calendars/primary/events?sendUpdates=all", body)
    company.go_on()
    shown = company.world.request("alice", "GET", f"/calendar/v3/calendars/primary/events/{made.json['id']}").json
    (bob,) = (one for one in shown["attendees"] if one["email"] == "bob@example.com")
    assert (bob["responseStatus"], bob["comment"]) == ("tentative", "Perhaps")
    copies = company.world.store.run(story, made.json["iCalUID"])
    told = [one for one in timeline(copies, [], company.world.now).moments if one.kind == "answer"]
    assert [(one.who, one.interface) for one in told] == [("bob@example.com", "persona tentative")]
    path = "/v1.0/me/mailFolders/inbox/messages?$select=internetMessageHeaders"
    (letter,) = company.world.request("alice", "GET", path).json["value"]
    assert {"name": "X-Rsvpd-Persona", "value": "tentative"} in letter["internetMessageHeaders"]


def test_the_same_company_does_the_same_again(company: Company) -> None:
    company.world.pace = 0
    company.world.wait(company.keeper.set(None, frozen=True, back=False))
    for name, habit in (("bob", Habit.PROPOSES), ("carol", Habit.DECLINES_ON_CONFLICT), ("dave", Habit.ACCEPTS)):
        company.let(name, habit, after_seconds=60)
    for hour in (10, 10, 11):
        company.invite("dave", "carol", "bob", hour=hour)
    found = [one.text for one in company.advance("1h").happened if one.what == "persona"]
    people = [one.partition("@")[0] for one in found]
    assert people == ["bob"] * 3 + ["carol"] * 3 + ["dave"] * 3
    assert sum("proposed another time" in one for one in found) == 1
