"""Searches and filters find with an index of words exactly what they find without, whatever happened to a mailbox."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from support.world import World

WORDS = ("budget", "Budgets", "Straße", "strasse", "会議", "会", "o'neill", "q3-plan", "re:", "2027", "naïve", "x" * 50)
SEARCHES = (
    '"budget"', '"budg*"', '"subject:budget"', '"STRASSE"', '"会"', '"from:alice"', '"to:bob AND body:q3"',
    '"NOT budget"', '"budget OR 2027"', '"category:red"', '"isRead:false"', r'"\"q3 plan\""', '"neill -budget"',
    '"importance:high"', '"attachment:txt"', '"attachment:budget OR hasAttachments:true"',
    '"' + "x" * 50 + '"', '"' + "x" * 45 + '*"',
)  # fmt: skip
FILTERS = (
    "subject eq 'budget'", "startswith(subject,'bud')", "contains(subject,'会議')", "endswith(subject,'2027')",
    "isRead eq false", "not (isRead eq false)", "categories/any(c:c eq 'Red')", "importance eq 'high'",
    "from/emailAddress/address eq 'alice@example.com'", "contains(body/content,'q3-plan')",
    "subject in ('2027','strasse')", "flag/flagStatus eq 'flagged' or isRead",
    "toRecipients/any(r:r/emailAddress/address eq 'bob@example.com')",
)  # fmt: skip
EVENT_FILTERS = (
    "subject eq 'budget'", "startswith(subject,'bud')", "contains(subject,'会議')", "showAs eq 'free'",
    "categories/any(c:c eq 'Red')", "location/displayName eq 'Orion 2027'", "sensitivity eq 'private'",
    "contains(body/content,'q3-plan') or importance eq 'high'",
)  # fmt: skip
FROM, TO = "2026-11-01T00:00:00Z", "2027-02-01T00:00:00Z"
WINDOW = f"startDateTime={FROM}&endDateTime={TO}&$top=200"
GOOGLE = f"/calendar/v3/calendars/primary/events?maxResults=200&timeMin={FROM}&timeMax={TO}"


class Life:
    """Things that happen to the mailboxes of alice and bob."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        reply = self.world.request(who, method, "/v1.0/me" + path, body)
        assert reply.status < 300, (method, path, reply.body)
        return reply.json if reply.body else None

    def words(self, most: int = 4) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randint(1, most)))

    def one(self, who: str, path: str) -> str | None:
        found = self.call(who, "GET", f"{path}?$select=id&$top=100")["value"]
        return self.random.choice(found)["id"] if found else None

    def message(self) -> dict[str, Any]:
        to = [{"emailAddress": {"address": f"{self.random.choice(['alice', 'bob'])}@example.com"}}]
        return {
            "subject": self.words(), "body": {"contentType": "text", "content": self.words(9)}, "toRecipients": to,
            "importance": self.random.choice(["normal", "high"]),
        }  # fmt: skip

    def event(self) -> dict[str, Any]:
        day = self.random.randint(1, 28)
        start, end = ({"dateTime": f"2026-12-{day:02}T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
        guests = [{"emailAddress": {"address": "bob@example.com"}}] if self.random.random() < 0.5 else []
        body: dict[str, Any] = {
            "subject": self.words(), "body": {"contentType": "text", "content": self.words(9)}, "attendees": guests,
            "showAs": self.random.choice(["busy", "free"]), "location": {"displayName": f"Orion {self.words(1)}"},
            "start": start, "end": end,
        }  # fmt: skip
        if self.random.random() < 0.4:
            limits = {"type": "numbered", "startDate": f"2026-12-{day:02}", "numberOfOccurrences": 4}
            body["recurrence"] = {"pattern": {"type": "daily", "interval": 1}, "range": limits}
        return body

    def happen(self) -> None:
        who = self.random.choice(["alice", "bob"])
        move = self.random.choice([
            self.send, self.send, self.draft, self.mark, self.file_away, self.remove, self.plan, self.plan, self.reword,
            self.reword_one, self.drop,
        ])  # fmt: skip
        move(who)

    def send(self, who: str) -> None:
        self.call(who, "POST", "/sendMail", {"message": self.message()})

    def draft(self, who: str) -> None:
        made = self.call(who, "POST", "/messages", self.message())["id"]
        self.call(who, "PATCH", f"/messages/{made}", {"subject": self.words()})
        if self.random.random() < 0.7:
            file = {"@odata.type": "#microsoft.graph.fileAttachment", "contentBytes": "SGk="}
            self.call(who, "POST", f"/messages/{made}/attachments", file | {"name": f"{self.words(2)}.txt"})
        if self.random.random() < 0.5:
            self.call(who, "POST", f"/messages/{made}/send")

    def mark(self, who: str) -> None:
        if found := self.one(who, "/messages"):
            changes = {"isRead": self.random.random() < 0.5, "categories": self.random.choice([[], ["Red"]])}
            self.call(who, "PATCH", f"/messages/{found}", changes)

    def file_away(self, who: str) -> None:
        if found := self.one(who, "/messages"):
            self.call(who, "POST", f"/messages/{found}/move", {"destinationId": "archive"})

    def remove(self, who: str) -> None:
        if found := self.one(who, "/messages"):
            self.call(who, "DELETE", f"/messages/{found}")

    def plan(self, who: str) -> None:
        self.call(who, "POST", "/events", self.event())

    def reword(self, who: str) -> None:
        if found := self.one(who, "/events"):
            categories = self.random.choice([[], ["Red"]])
            self.call(who, "PATCH", f"/events/{found}", {"subject": self.words(), "categories": categories})

    def reword_one(self, who: str) -> None:
        shown = self.call(who, "GET", f"/calendarView?{WINDOW}&$filter=type eq 'occurrence'&$select=id")["value"]
        if shown:
            self.call(who, "PATCH", f"/events/{self.random.choice(shown)['id']}", {"subject": self.words()})

    def drop(self, who: str) -> None:
        if found := self.one(who, "/events"):
            self.call(who, "DELETE", f"/events/{found}")


def questions() -> Iterator[str]:
    """Yield what is asked."""
    for text in SEARCHES:
        yield f"/v1.0/me/messages?$search={quote(text)}&$top=100&$select=subject"
        yield f"/v1.0/me/mailFolders/archive/messages?$search={quote(text)}&$top=3&$count=true&$select=subject"
    for text in FILTERS:
        yield f"/v1.0/me/messages?$filter={quote(text)}&$top=100&$select=subject"
        yield f"/v1.0/me/messages/$count?$filter={quote(text)}"
    for text in EVENT_FILTERS:
        yield f"/v1.0/me/events?$filter={quote(text)}&$top=100&$select=subject"
        yield f"/v1.0/me/events?$filter={quote(text)}&$orderby=subject desc&$top=2&$count=true&$select=subject"
        yield f"/v1.0/me/calendarView?{WINDOW}&$filter={quote(text)}&$select=subject,start"
        yield f"/v1.0/me/calendarView?{WINDOW}&$filter={quote(text)}&$orderby=start/dateTime desc&$select=subject"
    for word in ("budget", "bud", "会", "alice", "orion 2027", "bob@example.com"):
        yield f"{GOOGLE}&q={quote(word)}"
        yield f"{GOOGLE}&q={quote(word)}&singleEvents=true&orderBy=startTime"


QUESTIONS = tuple(questions())


def answer(world: World, who: str, path: str) -> Any:
    reply = world.request(who, "GET", path)
    assert reply.status == 200, (path, reply.body)
    if not reply.body.startswith(b"{"):
        return reply.body
    body = reply.json
    rows = body.get("value", body.get("items"))
    return [(row["id"], row.get("subject", row.get("summary"))) for row in rows], body.get("@odata.count")


@pytest.mark.parametrize(("seed", "lag", "few"), [(1, 0, 500), (2, 3, 2), (3, 40, 5)])
def test_an_index_changes_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, lag: int, few: int
) -> None:
    # Few are looked up one by one, little is read as it comes: so every way to an answer is taken.
    monkeypatch.setattr("rsvpd.commands.narrowing._FEW", few)
    monkeypatch.setattr("rsvpd.commands.narrowing._READ", few)
    monkeypatch.setattr("rsvpd.commands.narrowing._DOUBT", 1)
    monkeypatch.setattr("rsvpd.commands.indexing.SMALL", 20)
    monkeypatch.setattr("rsvpd.commands.indexing.LAG", lag)
    monkeypatch.setattr("rsvpd.commands.indexing.SLICE", 7)
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    life = Life(world, seed)
    found = 0
    for _ in range(12):
        for _ in range(10):
            life.happen()
        for path in life.random.sample(QUESTIONS, 12):
            who = life.random.choice(["alice", "bob"])
            indexed = answer(world, who, path)
            with monkeypatch.context() as without:
                without.setattr("rsvpd.commands.narrowing.narrow", lambda *_: None)
                assert indexed == answer(world, who, path), path
            found += indexed not in (([], None), ([], 0), b"0")
    assert found > 40
    world.close()
