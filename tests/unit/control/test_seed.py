"""The story: what every mailbox holds, wherever the clock stands; and that it is told once and whole."""

from __future__ import annotations

from datetime import time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rsvpd.calendar.event import Answer, Role, ShowAs
from rsvpd.clock import Instant, parse_instant
from rsvpd.commands.calendar import find_events
from rsvpd.commands.directory import get_known
from rsvpd.commands.door import Who
from rsvpd.commands.mail import find_messages
from rsvpd.commands.people import people
from rsvpd.config import Config
from rsvpd.control import datafile
from rsvpd.control.datafile import open_data
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind
from rsvpd.query.algebra import Order, Query
from rsvpd.timezones import zone

ALL = Query(order=(Order("received", descending=True),), top=50)


@pytest.fixture(
    params=[
        "2026-12-07T08:00:00Z",
        "2027-01-01T00:10:00+01:00",
        "2028-02-28T23:59:00Z",
        "2026-10-25T00:30:00Z",  # the night summer time ends in Berlin
        "2026-03-28T23:30:00Z",  # the night it begins
    ]
)
def now(request):
    return parse_instant(request.param)


@cache
def told(now: Instant) -> bytes:
    """Return a data file in which the story is told. It is made once: telling it takes as long as five tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.db"
        open_data(Config(data=path), now).close()
        return path.read_bytes()


@pytest.fixture
def story(now, tmp_path):
    (tmp_path / "t.db").write_bytes(told(now))
    store = open_data(Config(data=tmp_path / "t.db"), now)
    yield Told(store, now)
    store.close()


class Told:
    """A seeded store and its people by first name."""

    def __init__(self, store, now):
        self.store, self.now = store, now
        self.people = {one.address.partition("@")[0]: one for one in store.run(people)}

    def who(self, name):
        return Who(self.people[name].oid, None, self.now)

    def inbox(self, name):
        return self.store.run(find_messages, self.who(name), ALL, folder=Folder.INBOX, with_event=True).items

    def event(self, name, subject):
        found = self.store.run(find_events, self.who(name), Query(top=50)).items
        return next(view for view in found if view.event.subject == subject)


def answers(view):
    people = [one for one in view.event.attendees if one.role is not Role.RESOURCE]
    return {one.address.partition("@")[0]: one.answer for one in people}


def test_who_lives_there(story):
    assert {name: one.zone for name, one in story.people.items()} == {
        "alice": "Europe/Berlin",
        "bob": "America/New_York",
        "carol": "Europe/London",
        "dave": "Asia/Kolkata",
        "orion": "Europe/Berlin",
    }


@pytest.mark.parametrize("name", ["bob", "carol"])
def test_the_newest_message_waits_for_an_answer(story, name):
    newest = story.inbox(name)[0]
    assert newest.kind is MeetingKind.REQUEST
    assert newest.event.event.answer is Answer.NONE
    assert newest.event.event.subject == "Project kickoff"
    assert newest.message.received < story.now
    waiting = [one for one in story.inbox(name) if one.event and one.event.event.answer is Answer.NONE]
    assert len(waiting) == 1


def test_it_is_tomorrow_at_ten_where_alice_is(story):
    start = story.event("alice", "Project kickoff").event.start
    today = zone.to_wall(story.now, "Europe/Berlin").date()
    assert start.zone == "Europe/Berlin"
    assert (start.wall.date(), start.wall.time()) == (today + timedelta(days=1), time(10))


def test_the_room_is_invited_and_the_place(story):
    event = story.event("alice", "Project kickoff").event
    assert event.locations[0].mailbox == "orion@example.com"
    assert [one.address for one in event.attendees if one.role is Role.RESOURCE] == ["orion@example.com"]


def test_every_kind_of_answer_has_been_given(story):
    past = story.event("alice", "Retrospective")
    assert zone.to_instant(past.event.end) < story.now
    assert answers(past) == {"bob": Answer.ACCEPTED, "carol": Answer.TENTATIVE, "dave": Answer.DECLINED}
    invited = past.meeting.created
    assert all(invited < one.answered < zone.to_instant(past.event.start) for one in past.event.attendees)


def test_a_series_is_running(story):
    series = story.event("alice", "Weekly planning")
    assert series.meeting.recurrence
    assert zone.to_instant(series.event.start) < story.now
    assert Answer.NONE not in answers(series).values()


def test_alice_has_the_answers_in_her_inbox(story):
    inbox = story.inbox("alice")
    assert [one.kind for one in inbox[:4]] == [
        MeetingKind.ACCEPTED, MeetingKind.DECLINED, MeetingKind.TENTATIVE, MeetingKind.ACCEPTED
    ]  # fmt: skip
    assert len(inbox) == 7


def test_the_room_has_accepted_by_itself(story):
    assert story.inbox("alice")[0].message.letter.from_.address == "orion@example.com"
    event = story.event("alice", "Project kickoff").event
    assert [one.answer for one in event.attendees if one.role is Role.RESOURCE] == [Answer.ACCEPTED]
    assert story.event("orion", "Project kickoff").event.show_as is ShowAs.BUSY


def test_it_is_told_once(now, tmp_path):
    config = Config(data=tmp_path / "t.db")
    open_data(config, now).close()
    store = open_data(config, now)
    assert len(store.run(people)) == 5
    store.close()


def test_a_story_cut_short_leaves_nothing_half_told(now, tmp_path, monkeypatch):
    config = Config(data=tmp_path / "t.db")

    def cut(run, now):
        tell(run, now)
        raise KeyboardInterrupt

    tell = datafile.seed
    monkeypatch.setattr(datafile, "seed", cut)
    with pytest.raises(KeyboardInterrupt):
        open_data(config, now)
    assert not config.data.exists()
    monkeypatch.undo()
    store = open_data(config, now)
    assert len(store.run(people)) == 5
    store.close()
    assert [one.name for one in tmp_path.iterdir()] == ["t.db"]


def test_an_empty_file_is_a_new_one(now, tmp_path):
    config = Config(data=tmp_path / "t.db")
    config.data.touch()
    store = open_data(config, now)
    assert len(store.run(people)) == 5
    store.close()


def test_the_directory_knows_what_they_do_and_for_whom(story):
    known = {name: story.store.run(get_known, person) for name, person in story.people.items()}
    assert {name: one.view.profile.job_title for name, one in known.items() if name != "orion"} == {
        "alice": "Head of Product", "bob": "Engineer", "carol": "Designer", "dave": "Engineer",
    }  # fmt: skip
    managers = {name: one.manager and one.manager.address for name, one in known.items()}
    assert managers == {**dict.fromkeys(("bob", "carol", "dave"), "alice@example.com"), "alice": None, "orion": None}


def test_without_a_story_nobody_is_there(now, tmp_path):
    store = open_data(Config(data=tmp_path / "t.db", seed=False), now)
    assert store.run(people) == []
    store.close()


@pytest.mark.parametrize(("fate", "stays"), [("keep", True), ("delete", False)])
def test_what_becomes_of_an_answered_invitation_is_a_setting(now, tmp_path, fate, stays):
    store = open_data(Config(data=tmp_path / "t.db", invitation_after_answer_user=fate), now)
    subjects = [one.message.letter.subject for one in Told(store, now).inbox("bob")]
    assert ("Retrospective" in subjects) is stays
    assert "Project kickoff" in subjects
    store.close()
