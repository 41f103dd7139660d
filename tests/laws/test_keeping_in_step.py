"""Whoever keeps in step by what changed has exactly what a full read shows, whatever happened meanwhile.

The lives of meetings (test_life_of_meetings.py), with messages that are moved, copied and deleted, drafts that are
made, changed and sent, folders that are made, renamed, moved, copied and deleted with what is in them, series whose
rule changes, events that are moved between calendars, and changes that are forgotten; followers read on when they
like, a page or all of it.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from rsvpd.commands import folders
from rsvpd.commands.door import writes
from rsvpd.store import changes
from rsvpd.store.tx import Tx
from support.following import Follower, Items
from support.laws.life import NAMES, PROFILE, Life

VIEW = "startDateTime=2027-03-28T00:00:00Z&endDateTime=2027-04-20T00:00:00Z"
FOLLOWED: dict[str, tuple[str, str, str]] = {
    "inbox": ("/v1.0/me/mailFolders/inbox/messages", "", ""),
    "messages": ("/v1.0/me/messages", "", ""),
    "drafts": ("/v1.0/me/mailFolders/drafts/messages", "", ""),
    "sent": ("/v1.0/me/mailFolders/sentitems/messages", "", ""),
    "lasting sent": ("/v1.0/me/mailFolders/sentitems/messages", "", 'IdType="ImmutableId"'),
    "lasting ids": ("/v1.0/me/mailFolders/deleteditems/messages", "", 'IdType="ImmutableId"'),
    "folders": ("/v1.0/me/mailFolders", "", ""),
    "outlook folders": ("/api/v2.0/me/MailFolders", "", ""),
    "made": ("/v1.0/me/mailFolders/{made}/messages", "", ""),
    "lasting made": ("/v1.0/me/mailFolders/{made}/messages", "", 'IdType="ImmutableId"'),
    "outlook messages": ("/api/v2.0/me/messages", "", ""),
    "events": ("/v1.0/me/events", "", ""),
    "view": ("/v1.0/me/calendarView", VIEW, ""),
    "second events": ("/v1.0/me/calendars/{second}/events", "", ""),
    "second view": ("/v1.0/me/calendars/{second}/calendarView", VIEW, ""),
    "outlook second view": ("/api/v2.0/me/calendars/{second}/calendarview", VIEW, ""),
    "outlook view": ("/api/v2.0/me/calendarview", VIEW, ""),
    "outlook inbox": ("/api/v1.0/me/folders/inbox/messages", "", ""),
}
PATTERNS: tuple[dict[str, Any], ...] = (
    {"type": "daily", "interval": 1},
    {"type": "daily", "interval": 3},
    {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "sunday"},
)
DATES = (("2027-03-25", 12), ("2027-03-30", 4), ("2027-04-12", 20))
a_person = st.sampled_from(NAMES)


@writes
def forget(tx: Tx) -> None:
    """Keep of each mailbox no more than the newest changes."""
    while changes.trim(tx, 3):
        pass


class KeepingInStep(Life):
    """The same lives, and somebody who follows each list of each of these people."""

    def __init__(self) -> None:
        super().__init__()
        made = {who: self._make(who, "Made", "") for who in NAMES}  # these stay
        self.made = made
        self.seconds = {who: self._make_calendar(who) for who in NAMES}  # ids in Graph and in Google
        self.followers = {
            (who, name): Follower(self.world, who, self._filled(path, who), query, prefer=prefer)
            for who in NAMES
            for name, (path, query, prefer) in FOLLOWED.items()
        }
        self.series: dict[str, str] = {}  # by owner: one of the own, whose rule changes

    def laws_hold(self) -> None:
        """Look at nothing but what followers have."""

    @initialize()
    def follows_first(self) -> None:
        for one in self.followers.values():
            one.sync()

    @rule(who=a_person, name=st.sampled_from(sorted(FOLLOWED)), size=st.sampled_from((1, 3, 50)))
    def follows(self, who: str, name: str, size: int) -> None:
        follower = self.followers[who, name]
        self._finish()
        assert follower.sync(size=size)
        self._is_in_step(who, name, follower)

    @rule(who=a_person, name=st.sampled_from(sorted(FOLLOWED)), pages=st.integers(1, 2))
    def follows_a_little(self, who: str, name: str, pages: int) -> None:
        self.followers[who, name].sync(pages=pages, size=1)

    @rule(who=a_person, pattern=st.sampled_from(PATTERNS), dates=st.sampled_from(DATES), hour=st.integers(9, 11))
    def plans_a_series(self, who: str, pattern: dict[str, Any], dates: tuple[str, int], hour: int) -> None:
        first, count = dates
        start, end = ({"dateTime": f"{first}T{one:02}:00:00", "timeZone": "UTC"} for one in (hour, hour + 1))
        guests = [{"emailAddress": {"address": f"{one}@example.com"}} for one in NAMES if one != who][:2]
        lasts = {"type": "numbered", "startDate": first, "numberOfOccurrences": count}
        recurrence = {"pattern": pattern, "range": lasts}
        body = {"subject": "Standup", "start": start, "end": end, "attendees": guests, "recurrence": recurrence}
        if who in self.series:
            reply = self.world.request(who, "PATCH", f"/v1.0/me/events/{self.series[who]}", body)
            assert reply.status == 200, reply.body
        else:
            reply = self.world.request(who, "POST", "/v1.0/me/events", body)
            assert reply.status == 201, reply.body
            self.series[who] = reply.json["id"]

    def _filled(self, path: str, who: str) -> str:
        return path.format(made=self.made[who], second=self.seconds[who][0])

    def _make_calendar(self, who: str) -> tuple[str, str]:
        made = self.world.request(who, "POST", "/v1.0/me/calendars", {"name": "Second"})
        listed = self.world.request(who, "GET", "/calendar/v3/users/me/calendarList").json["items"]
        return str(made.json["id"]), str(listed[1]["id"])

    @rule(who=a_person, place=st.integers(0, 5), is_back=st.booleans())
    def moves_to_another_calendar(self, who: str, place: int, is_back: bool) -> None:
        second = self.seconds[who][1]
        source, target = (second, "primary") if is_back else ("primary", second)
        listed = self.world.request(who, "GET", f"/calendar/v3/calendars/{source}/events").json["items"]
        own = [one for one in listed if "recurringEventId" not in one and one["organizer"].get("self")]
        if own:
            path = f"/calendar/v3/calendars/{source}/events/{own[place % len(own)]['id']}/move?destination={target}"
            reply = self.world.request(who, "POST", path)
            assert reply.status == 200, reply.body

    @rule(who=a_person, hour=st.integers(9, 11))
    def plans_in_a_second_calendar(self, who: str, hour: int) -> None:
        start, end = ({"dateTime": f"2027-03-30T{one:02}:00:00", "timeZone": "UTC"} for one in (hour, hour + 1))
        guests = [{"emailAddress": {"address": f"{one}@example.com"}} for one in NAMES if one != who][:1]
        body = {"subject": "Race", "start": start, "end": end, "attendees": guests}
        reply = self.world.request(who, "POST", f"/v1.0/me/calendars/{self.seconds[who][0]}/events", body)
        assert reply.status == 201, reply.body

    def _make(self, who: str, name: str, parent: str) -> str:
        path = f"/v1.0/me/mailFolders/{parent}/childFolders" if parent else "/v1.0/me/mailFolders"
        reply = self.world.request(who, "POST", path, {"displayName": name})
        return str(reply.json["id"]) if reply.status == 201 else ""

    def _folders(self, who: str) -> list[str]:
        """Return the folders that somebody made."""
        full = self.followers[who, "folders"].full()
        known = {"Archive", "Deleted Items", "Drafts", "Inbox", "Junk Email", "Outbox", "Sent Items"}
        return [name for name, one in sorted(full.items()) if one["displayName"] not in known]

    @rule(who=a_person, name=st.sampled_from(("A", "B", "C")), place=st.integers(0, 7))
    def makes_a_folder(self, who: str, name: str, place: int) -> None:
        places = ["", "inbox", *self._folders(who)]
        self._make(who, name, places[place % len(places)])

    @rule(
        who=a_person, place=st.integers(0, 7), to=st.integers(0, 7),
        action=st.sampled_from(("move", "copy", "rename", "delete", "permanentDelete")),
    )  # fmt: skip
    def arranges_folders(self, who: str, place: int, to: int, action: str) -> None:
        found = self._folders(who)
        folder, other = found[place % len(found)], ("msgfolderroot", "archive", *found)[to % (len(found) + 2)]
        path = f"/v1.0/me/mailFolders/{folder}"
        # All that is in a folder which is deleted goes with it.
        if action in ("delete", "permanentDelete") and self._is_within(who, self.made[who], folder):
            return
        method, path, body = {
            "move": ("POST", f"{path}/move", {"destinationId": other}),
            "copy": ("POST", f"{path}/copy", {"destinationId": other}),
            "rename": ("PATCH", path, {"displayName": f"Name {to}"}),
            "delete": ("DELETE", path, None),
            "permanentDelete": ("POST", f"{path}/permanentDelete", None),
        }[action]
        reply = self.world.request(who, method, path, body)
        assert reply.status in (200, 201, 204, 400, 409), reply.body

    def _is_within(self, who: str, folder: str, other: str) -> bool:
        full = self.followers[who, "folders"].full()
        while folder in full:
            if folder == other:
                return True
            folder = full[folder]["parentFolderId"]
        return False

    @rule()
    def works(self) -> None:
        self.world.store.run(folders.go_on_next)

    @rule(who=a_person, place=st.integers(0, 5), to=st.sampled_from(("inbox", "archive", "deleteditems", "made", "")))
    def tidies(self, who: str, place: int, to: str) -> None:
        to = self.made[who] if to == "made" else to
        found = self.world.request(who, "GET", "/v1.0/me/messages?$top=20").json["value"]
        if found:
            path = f"/v1.0/me/messages/{found[place % len(found)]['id']}"
            reply = (
                self.world.request(who, "POST", f"{path}/move", {"destinationId": to})
                if to
                else self.world.request(who, "DELETE", path)
            )
            assert reply.status in (201, 204), reply.body

    @rule(who=a_person, place=st.integers(0, 5), to=st.sampled_from(("inbox", "drafts", "archive", "made")))
    def copies(self, who: str, place: int, to: str) -> None:
        to = self.made[who] if to == "made" else to
        found = self.world.request(who, "GET", "/v1.0/me/messages?$top=20").json["value"]
        if found:
            path = f"/v1.0/me/messages/{found[place % len(found)]['id']}"
            reply = self.world.request(who, "POST", f"{path}/copy", {"destinationId": to})
            assert reply.status == 201, reply.body

    @rule(who=a_person, folder=st.sampled_from(("", "/mailFolders/inbox", "/mailFolders/archive")))
    def writes_a_draft(self, who: str, folder: str) -> None:
        reply = self.world.request(who, "POST", f"/v1.0/me{folder}/messages", {"subject": "Draft"})
        assert reply.status == 201, reply.body

    @rule(who=a_person, place=st.integers(0, 5), action=st.sampled_from(("createReply", "createForward", "reply")))
    def replies(self, who: str, place: int, action: str) -> None:
        found = self.world.request(who, "GET", "/v1.0/me/mailFolders/inbox/messages?$top=20").json["value"]
        if found:
            path = f"/v1.0/me/messages/{found[place % len(found)]['id']}"
            reply = self.world.request(who, "POST", f"{path}/{action}", {"comment": "Fine"})
            assert reply.status in (201, 202), reply.body

    @rule(
        who=a_person, other=a_person, place=st.integers(0, 5), changes_it=st.booleans(), sends_it=st.booleans()
    )
    def finishes_a_draft(self, who: str, other: str, place: int, changes_it: bool, sends_it: bool) -> None:
        found = self.world.request(who, "GET", "/v1.0/me/messages?$filter=isDraft eq true&$top=20".replace(" ", "%20"))
        drafts = found.json["value"]
        if not drafts:
            return
        path = f"/v1.0/me/messages/{drafts[place % len(drafts)]['id']}"
        if changes_it or sends_it:
            to = [{"emailAddress": {"address": f"{other}@example.com"}}]
            reply = self.world.request(who, "PATCH", path, {"subject": f"For {other}", "toRecipients": to})
            assert reply.status == 200, reply.body
        if sends_it:
            assert self.world.request(who, "POST", f"{path}/send").status == 202

    @rule()
    def forgets(self) -> None:
        self.world.store.run(forget)

    def _finish(self) -> None:
        """Let nothing be left of what takes longer: until then messages may be gone of which nobody was told."""
        while self.world.store.run(folders.go_on_next):
            pass

    def teardown(self) -> None:
        self._finish()
        for (who, name), one in self.followers.items():
            one.sync()
            self._is_in_step(who, name, one)
        super().teardown()

    def _is_in_step(self, who: str, name: str, follower: Follower) -> None:
        kept, full = _states(follower.items), _states(follower.full())
        other = [key for key in {*kept, *full} if kept.get(key) != full.get(key)]
        assert not other, (who, name, [(key, kept.get(key), full.get(key)) for key in other][:3])


def _states(items: Items) -> dict[str, Any]:
    """Return what is compared: of a message its state alone, as what is said in it of its event is another's."""
    return {key: _state(one) for key, one in items.items()}


def _state(one: dict[str, Any]) -> Any:
    is_message = "isRead" in one or "IsRead" in one
    return one["@odata.etag"] if is_message else one


@pytest.mark.slow
def test_whoever_keeps_in_step_has_what_a_full_read_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "SLICE", 2)
    run_state_machine_as_test(KeepingInStep, settings=PROFILE)
