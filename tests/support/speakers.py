"""The same moves said in each dialect, and the same questions asked in each.

A test that uses a `Speaker` does not know which dialect it speaks: that is what the matrix and
the dialogues are made of.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from support.world import Reply, World

ANSWERS = ("accepted", "tentative", "declined")

# The words of `change`: shared ones and, last, those that are private to a copy. `start` is a wall time
# and stands with `minutes` and `zone`. Google has no importance.
CHANGES = ("subject", "body", "place", "importance", "start", "guests", "reminder", "show_as")


class Seen(Struct, frozen=True, kw_only=True):
    """A meeting as one person sees it, in words that all dialects share. Times are UTC.

    `answers` are the tracked answers of everybody but the viewer and the organizer, `none` included.
    `original` is when an occurrence stood at first (Outlook v1.0 does not say). What a dialect
    cannot say is None.
    """

    subject: str
    start: datetime
    end: datetime
    is_organizer: bool
    cancelled: bool
    own_answer: str
    answers: dict[str, str]
    guests: frozenset[str]
    id: str
    uid: str = ""
    original: datetime | None = None
    body: str = ""
    place: str = ""
    importance: str | None = None
    show_as: str = ""
    reminder: int | None = None
    proposals: dict[str, datetime] | None = None


class Note(Struct, frozen=True, kw_only=True):
    """A message in an inbox."""

    kind: str
    subject: str
    sender: str
    text: str
    id: str


class Microsoft:
    """One of the three Microsoft profiles."""

    tells_rooms_answers = True

    def __init__(self, world: World, name: str, mount: str) -> None:
        self.world = world
        self.name = name
        self.mount = mount
        self.pascal = mount != "/v1.0"
        self.offsets = mount == "/api/v1.0"

    def word(self, camel: str) -> str:
        return camel[:1].upper() + camel[1:] if self.pascal and not camel.startswith("iCal") else camel

    def get(self, body: Any, *path: str) -> Any:
        for one in path:
            body = body[self.word(one)]
        return body

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        return self.world.request(who, method, self.mount + path, body, headers=headers)

    def invite(
        self, who: str, subject: str, start: str, minutes: int, zone: str, guests: list[str], **more: Any
    ) -> Reply:
        begin = datetime.fromisoformat(start)
        body = {
            "subject": subject,
            **self._times(begin, begin + timedelta(minutes=minutes), zone),
            "attendees": [
                {"emailAddress": {"address": f"{one}@example.com", "name": one.title()}, "type": "required"}
                for one in guests
            ],
            **more,
        }
        return self.call(who, "POST", "/me/events", _cased(body, self.word))

    def daily(self, start: str, times: int) -> dict[str, Any]:
        """Return what makes an invitation a series of `times` days."""
        pattern = {"type": self.word("daily"), "interval": 1}
        bounds = {"type": self.word("numbered"), "startDate": start[:10], "numberOfOccurrences": times}
        return {"recurrence": {"pattern": pattern, "range": bounds}}

    def answer(
        self,
        who: str,
        uid: str,
        answer: str,
        *,
        comment: str | None = None,
        send: bool = True,
        at: datetime | None = None,
        proposal: tuple[str, int] | None = None,
    ) -> Reply:
        """Answer; `at` names an occurrence by its original start, `proposal` another time in UTC and its minutes."""
        action = {"accepted": "accept", "tentative": "tentativelyAccept", "declined": "decline"}[answer]
        body: dict[str, Any] = {"sendResponse": send}
        if comment is not None:
            body["comment"] = comment
        if proposal is not None:
            begin = datetime.fromisoformat(proposal[0])
            end = begin + timedelta(minutes=proposal[1])
            body["proposedNewTime"] = {
                "start": {"dateTime": begin.isoformat(), "timeZone": "UTC"},
                "end": {"dateTime": end.isoformat(), "timeZone": "UTC"},
            }
        path = f"/me/events/{self._id(who, uid, at)}/{action}"
        return self.call(who, "POST", path, _cased(body, self.word))

    def change(self, who: str, uid: str, *, at: datetime | None = None, tell: bool = True, **words: Any) -> Reply:
        """Change an event, or the occurrence that stood `at` first. See `CHANGES` for the words.

        Here nobody can choose whom to `tell`.
        """
        body: dict[str, Any] = {}
        if "start" in words:
            begin = datetime.fromisoformat(words["start"])
            body |= self._times(begin, begin + timedelta(minutes=words["minutes"]), words["zone"])
        if "guests" in words:
            body["attendees"] = [{"emailAddress": {"address": f"{one}@example.com"}} for one in words["guests"]]
        if "body" in words:
            body["body"] = {"contentType": self.word("text"), "content": words["body"]}
        if "place" in words:
            body["location"] = {"displayName": words["place"]}
        if "reminder" in words:
            body["reminder" if self.offsets else "reminderMinutesBeforeStart"] = words["reminder"]
        if "importance" in words:
            body["importance"] = self.word(words["importance"])
        if "show_as" in words:
            body["showAs"] = self.word(words["show_as"])
        if "subject" in words:
            body["subject"] = words["subject"]
        return self.call(who, "PATCH", f"/me/events/{self._id(who, uid, at)}", _cased(body, self.word))

    def move(self, who: str, uid: str, start: str, minutes: int, zone: str) -> Reply:
        return self.change(who, uid, start=start, minutes=minutes, zone=zone)

    def rename(self, who: str, uid: str, subject: str) -> Reply:
        return self.change(who, uid, subject=subject)

    def reinvite(self, who: str, uid: str, guests: list[str]) -> Reply:
        return self.change(who, uid, guests=guests)

    def cancel(self, who: str, uid: str, comment: str = "", *, at: datetime | None = None) -> Reply:
        body = _cased({"comment": comment}, self.word)
        return self.call(who, "POST", f"/me/events/{self._id(who, uid, at)}/cancel", body)

    def remove(self, who: str, uid: str, *, at: datetime | None = None, tell: bool = True) -> Reply:
        return self.call(who, "DELETE", f"/me/events/{self._id(who, uid, at)}")

    def calendar(self, who: str, first: str, last: str) -> list[Seen]:
        """Return what happens from `first` to `last` (UTC), occurrences one by one."""
        path = f"/me/calendarView?startDateTime={first}Z&endDateTime={last}Z&$top=500"
        page = self.call(who, "GET", path, prefer='outlook.body-content-type="text"')
        assert page.status == 200, page.body
        assert "@odata.nextLink" not in page.json
        return [self.seen(who, one) for one in page.json["value"]]

    def see(self, who: str, uid: str) -> Seen | None:
        found = self._find(who, uid)
        return None if found is None else self.seen(who, found)

    def seen(self, who: str, event: Any) -> Seen:
        organizer = self.get(event, "organizer", "emailAddress", "address")
        status = self.get(event, "responseStatus", "response")
        skipped = {organizer, f"{who}@example.com"}
        attendees = {
            self.get(one, "emailAddress", "address"): _common(self.get(one, "status", "response"))
            for one in self.get(event, "attendees")
        }
        proposed = self.word("proposedNewTime")
        proposals = {
            self.get(one, "emailAddress", "address"): self._instant(self.get(one[proposed], "start"))
            for one in self.get(event, "attendees")
            if proposed in one
        }
        original = event.get(self.word("originalStart"))
        return Seen(
            subject=self.get(event, "subject"),
            start=self._instant(self.get(event, "start")),
            end=self._instant(self.get(event, "end")),
            is_organizer=self.get(event, "isOrganizer"),
            cancelled=self.get(event, "isCancelled"),
            own_answer=_common(status),
            answers={who: answer for who, answer in attendees.items() if who not in skipped},
            guests=frozenset(one.partition("@")[0] for one in attendees if one != organizer),
            id=self.get(event, "id"),
            uid=self.get(event, "iCalUId").partition("_")[0],
            original=datetime.fromisoformat(original) if original else None,
            body=self.get(event, "body", "content").strip(),
            place=self.get(event, "location", "displayName"),
            importance=self.get(event, "importance").lower(),
            show_as=self.get(event, "showAs").lower(),
            reminder=event["Reminder"] if self.offsets else self.get(event, "reminderMinutesBeforeStart"),
            proposals=proposals if self.name == "graph" else None,
        )

    def inbox(self, who: str) -> list[Note]:
        """Return the meeting messages, oldest first."""
        folder = "mailFolders" if self.mount != "/api/v1.0" else "Folders"
        page = self.call(who, "GET", f"/me/{folder}/Inbox/messages?$top=200", prefer='outlook.body-content-type="text"')
        assert page.status == 200, page.body
        notes = [
            Note(
                kind=self.get(one, "meetingMessageType")[0].lower() + self.get(one, "meetingMessageType")[1:],
                subject=self.get(one, "subject"),
                sender=self.get(one, "from", "emailAddress", "address").partition("@")[0],
                text=self.get(one, "body", "content").strip(),
                id=self.get(one, "id"),
            )
            for one in page.json["value"]
            if self.word("meetingMessageType") in one
        ]
        return notes[::-1]

    def uid_of(self, reply: Reply) -> str:
        return str(reply.json["iCalUId"])

    def _times(self, begin: datetime, end: datetime, zone: str) -> dict[str, Any]:
        if not self.offsets:
            return {
                "start": {"dateTime": begin.isoformat(), "timeZone": zone},
                "end": {"dateTime": end.isoformat(), "timeZone": zone},
            }
        from zoneinfo import ZoneInfo

        there = ZoneInfo(zone)
        return {
            "start": begin.replace(tzinfo=there).isoformat(),
            "end": end.replace(tzinfo=there).isoformat(),
            "startTimeZone": zone,
            "endTimeZone": zone,
        }

    def _find(self, who: str, uid: str) -> Any | None:
        page = self.call(who, "GET", f"/me/events?$filter=iCalUId%20eq%20'{quote(uid)}'")
        assert page.status == 200, page.body
        return page.json["value"][0] if page.json["value"] else None

    def _id(self, who: str, uid: str, at: datetime | None = None) -> str:
        found = self._find(who, uid)
        if not found:
            return "missing"
        found_id: str = self.get(found, "id")
        return found_id if at is None else self._occurrence(who, found_id, at)

    def _occurrence(self, who: str, series: str, at: datetime) -> str:
        # Asked in Graph's words: ids are the same, and Outlook v1.0 does not say where an occurrence stood.
        first, last = at - timedelta(days=40), at + timedelta(days=40)
        window = f"startDateTime={first:%Y-%m-%dT%H:%M:%SZ}&endDateTime={last:%Y-%m-%dT%H:%M:%SZ}&$top=500"
        page = self.world.request(who, "GET", f"/v1.0/me/events/{series}/instances?{window}")
        assert page.status == 200, page.body
        there = (one["id"] for one in page.json["value"] if datetime.fromisoformat(one["originalStart"]) == at)
        return next(there, "missing")

    def _instant(self, when: Any) -> datetime:
        if self.offsets:
            return datetime.fromisoformat(when).astimezone(UTC)
        assert when[self.word("timeZone")] == "UTC"
        return datetime.fromisoformat(when[self.word("dateTime")][:19]).replace(tzinfo=UTC)


class Google:
    """Google Calendar v3."""

    name = "google"

    def __init__(self, world: World) -> None:
        self.world = world

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        return self.world.request(who, method, "/calendar/v3" + path, body, headers=headers)

    def invite(
        self, who: str, subject: str, start: str, minutes: int, zone: str, guests: list[str], **more: Any
    ) -> Reply:
        begin = datetime.fromisoformat(start)
        body = {
            "summary": subject,
            **self._times(begin, begin + timedelta(minutes=minutes), zone),
            "attendees": [{"email": f"{one}@example.com", "displayName": one.title()} for one in guests],
            **more,
        }
        return self.call(who, "POST", "/calendars/primary/events?sendUpdates=all", body)

    def daily(self, start: str, times: int) -> dict[str, Any]:
        """Return what makes an invitation a series of `times` days."""
        return {"recurrence": [f"RRULE:FREQ=DAILY;COUNT={times}"]}

    def answer(
        self,
        who: str,
        uid: str,
        answer: str,
        *,
        comment: str | None = None,
        send: bool = True,
        at: datetime | None = None,
    ) -> Reply:
        entry = {"email": f"{who}@example.com", "responseStatus": answer}
        if comment is not None:
            entry["comment"] = comment
        updates = "all" if send else "none"
        path = f"/calendars/primary/events/{self._id(who, uid, at)}?sendUpdates={updates}"
        return self.call(who, "PATCH", path, {"attendeesOmitted": True, "attendees": [entry]})

    def change(self, who: str, uid: str, *, at: datetime | None = None, tell: bool = True, **words: Any) -> Reply:
        """Change an event, or the occurrence that stood `at` first. See `CHANGES` for the words."""
        names = {"subject": "summary", "body": "description", "place": "location"}
        body: dict[str, Any] = {names[word]: value for word, value in words.items() if word in names}
        if "start" in words:
            begin = datetime.fromisoformat(words["start"])
            body |= self._times(begin, begin + timedelta(minutes=words["minutes"]), words["zone"])
        if "guests" in words:
            body["attendees"] = [{"email": f"{one}@example.com"} for one in words["guests"]]
        if "reminder" in words:
            popup = {"method": "popup", "minutes": words["reminder"]}
            body["reminders"] = {"useDefault": False, "overrides": [popup]}
        if "show_as" in words:
            body["transparency"] = "transparent" if words["show_as"] == "free" else "opaque"
        return self._patch(who, uid, body, at=at, tell=tell)

    def move(self, who: str, uid: str, start: str, minutes: int, zone: str) -> Reply:
        return self.change(who, uid, start=start, minutes=minutes, zone=zone)

    def rename(self, who: str, uid: str, subject: str) -> Reply:
        return self.change(who, uid, subject=subject)

    def reinvite(self, who: str, uid: str, guests: list[str]) -> Reply:
        return self.change(who, uid, guests=guests)

    def cancel(self, who: str, uid: str, comment: str = "", *, at: datetime | None = None) -> Reply:
        return self.remove(who, uid, at=at)

    def remove(self, who: str, uid: str, *, at: datetime | None = None, tell: bool = True) -> Reply:
        updates = "all" if tell else "none"
        path = f"/calendars/primary/events/{self._id(who, uid, at)}?sendUpdates={updates}"
        return self.call(who, "DELETE", path)

    def calendar(self, who: str, first: str, last: str) -> list[Seen]:
        """Return what happens from `first` to `last` (UTC), occurrences one by one."""
        path = f"/calendars/primary/events?singleEvents=true&timeMin={first}Z&timeMax={last}Z"
        page = self.call(who, "GET", path)
        assert page.status == 200, page.body
        assert "nextPageToken" not in page.json
        return [self.seen(who, one) for one in page.json["items"]]

    def see(self, who: str, uid: str) -> Seen | None:
        found = self._find(who, uid)
        return None if found is None else self.seen(who, found)

    def seen(self, who: str, event: Any) -> Seen:
        entries = event.get("attendees", [])
        own = next((one for one in entries if one.get("self")), {})
        organizer = event["organizer"]["email"]
        others = [one for one in entries if not one.get("self") and not one.get("organizer")]
        is_organizer = bool(event["organizer"].get("self"))
        answer = "organizer" if is_organizer else own.get("responseStatus", "needsAction")
        original = event.get("originalStartTime")
        popups = [one["minutes"] for one in event["reminders"].get("overrides", []) if one["method"] == "popup"]
        return Seen(
            subject=event.get("summary", ""),
            start=datetime.fromisoformat(event["start"]["dateTime"]).astimezone(UTC),
            end=datetime.fromisoformat(event["end"]["dateTime"]).astimezone(UTC),
            is_organizer=is_organizer,
            cancelled=event["status"] == "cancelled",
            own_answer=_common(answer),
            answers={one["email"]: _common(one["responseStatus"]) for one in others},
            guests=frozenset(one["email"].partition("@")[0] for one in entries if one["email"] != organizer),
            id=event["id"],
            uid=event["iCalUID"],
            original=datetime.fromisoformat(original["dateTime"]).astimezone(UTC) if original else None,
            body=event.get("description", ""),
            place=event.get("location", ""),
            show_as="free" if event.get("transparency") == "transparent" else "busy",
            reminder=15 if event["reminders"]["useDefault"] else min(popups, default=None),
        )

    def uid_of(self, reply: Reply) -> str:
        return str(reply.json["iCalUID"])

    def _patch(
        self, who: str, uid: str, body: Any, *, at: datetime | None = None, tell: bool = True
    ) -> Reply:
        updates = "all" if tell else "none"
        path = f"/calendars/primary/events/{self._id(who, uid, at)}?sendUpdates={updates}"
        return self.call(who, "PATCH", path, body)

    def _times(self, begin: datetime, end: datetime, zone: str) -> dict[str, Any]:
        return {
            "start": {"dateTime": begin.isoformat(), "timeZone": zone},
            "end": {"dateTime": end.isoformat(), "timeZone": zone},
        }

    def _find(self, who: str, uid: str) -> Any | None:
        path = f"/calendars/primary/events?showDeleted=true&iCalUID={quote(uid)}"
        page = self.call(who, "GET", path)
        assert page.status == 200, page.body
        return page.json["items"][0] if page.json["items"] else None

    def _id(self, who: str, uid: str, at: datetime | None = None) -> str:
        found = self._find(who, uid)
        occurrence = "" if at is None else f"_{at:%Y%m%dT%H%M%SZ}"
        return f"{found['id']}{occurrence}" if found else "missing"


Speaker = Microsoft | Google


def speakers(world: World) -> dict[str, Speaker]:
    """Return one speaker for each dialect."""
    return {
        "graph": Microsoft(world, "graph", "/v1.0"),
        "outlook-v2": Microsoft(world, "outlook-v2", "/api/v2.0"),
        "outlook-v1": Microsoft(world, "outlook-v1", "/api/v1.0"),
        "google": Google(world),
    }


DIALECTS = ("graph", "outlook-v2", "outlook-v1", "google")


def _common(word: str) -> str:
    """Return one word for the same answer in every dialect."""
    lower = word[:1].lower() + word[1:]
    same = {"notResponded": "none", "needsAction": "none", "tentativelyAccepted": "tentative"}
    return same.get(lower, lower)


def _cased(value: Any, word: Any) -> Any:
    if isinstance(value, dict):
        return {word(name): _cased(one, word) for name, one in value.items()}
    return [_cased(one, word) for one in value] if isinstance(value, list) else value
