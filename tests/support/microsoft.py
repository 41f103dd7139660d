"""The moves and questions of a meeting, said in the three Microsoft profiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from rsvpd.timezones.zone import find
from support.grammar import Series, Slot
from support.seen import Note, Seen, common, minute, named, short, small
from support.world import Reply, World

_PLAIN = {
    "subject": "subject",
    "importance": "importance",
    "sensitivity": "sensitivity",
    "show_as": "showAs",
    "categories": "categories",
    "response_requested": "responseRequested",
    "allow_proposals": "allowNewTimeProposals",
    "hide_attendees": "hideAttendees",
    "transaction": "transactionId",
    "online": "isOnlineMeeting",
    "all_day": "isAllDay",
}
_NOT_IN_V1 = {"allow_proposals", "hide_attendees", "transaction"}
_TEXT = 'outlook.body-content-type="text"'
_ACTIONS = {"accepted": "accept", "tentative": "tentativelyAccept", "declined": "decline"}


class Microsoft:
    """One of the three Microsoft profiles."""

    def __init__(self, world: World, name: str, mount: str) -> None:
        self.world = world
        self.name = name
        self.mount = mount
        self.pascal = mount != "/v1.0"
        self.offsets = mount == "/api/v1.0"
        self.known: dict[tuple[str, str, str], str] = {}

    def word(self, camel: str) -> str:
        return camel[:1].upper() + camel[1:] if self.pascal and not camel.startswith("iCal") else camel

    def get(self, body: Any, *path: str) -> Any:
        for one in path:
            body = body[self.word(one)]
        return body

    def maybe(self, body: Any, *path: str) -> Any:
        """Return a member, or None where this profile or this object has none."""
        for one in path:
            body = (body or {}).get(self.word(one))
        return body

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        return self.world.request(who, method, self.mount + path, body, headers=headers)

    # --- moves

    def plan(
        self, who: str, subject: str, slot: Slot, guests: list[str], series: Series | None = None, **settings: Any
    ) -> Reply:
        settings |= {"subject": subject, "slot": slot, "guests": guests, "series": series}
        return self.call(who, "POST", "/me/events", self._body(**settings))

    def invite(
        self, who: str, subject: str, start: str, minutes: int, zone: str, guests: list[str], **more: Any
    ) -> Reply:
        begin = datetime.fromisoformat(start)
        slot = Slot(begin, begin + timedelta(minutes=minutes), zone)
        body = self._body(subject=subject, slot=slot, guests=guests)
        return self.call(who, "POST", "/me/events", body | _cased(more, self.word))

    def change(
        self,
        who: str,
        uid: str,
        *,
        on: str | None = None,
        etag: str | None = None,
        updates: str = "all",
        **settings: Any,
    ) -> Reply:
        assert updates in ("all", "default"), "updates of Microsoft are always sent"
        headers = {"if-match": etag} if etag else {}
        path = f"/me/events/{self.id_of(who, uid, on)}"
        return self.call(who, "PATCH", path, self._body(changing=True, **settings), **headers)

    def answer(
        self,
        who: str,
        uid: str,
        answer: str,
        *,
        comment: str | None = None,
        send: bool = True,
        on: str | None = None,
        proposal: Slot | None = None,
        id: str | None = None,
        updates: str = "all",
    ) -> Reply:
        body: dict[str, Any] | None = {"sendResponse": send and updates != "none"}
        if updates == "default":
            body = {}
        if comment is not None:
            body["comment"] = comment
        if proposal is not None:
            ends = {"start": proposal.begin, "end": proposal.end}
            body["proposedNewTime"] = {
                name: {"dateTime": at.isoformat(), "timeZone": proposal.zone} for name, at in ends.items()
            }
        path = f"/me/events/{id or self.id_of(who, uid, on)}/{_ACTIONS[answer]}"
        return self.call(who, "POST", path, _cased(body, self.word) or None)

    def claim(self, who: str, uid: str, whose: str, answer: str) -> Reply:
        """Write somebody's answer into the guest list, as those do who do not know better."""
        entries = self.get(self._find(who, uid, None), "attendees")
        said = {"response": "tentativelyAccepted" if answer == "tentative" else answer}
        for one in entries:
            if self.get(one, "emailAddress", "address") == named(whose)[0]:
                one[self.word("status")] = _cased(said, self.word)
        return self.call(who, "PATCH", f"/me/events/{self.id_of(who, uid)}", {self.word("attendees"): entries})

    def claim_status(self, who: str, uid: str, answer: str) -> Reply:
        """Write the own response status, which is read-only."""
        body = _cased({"responseStatus": {"response": answer}}, self.word)
        return self.call(who, "PATCH", f"/me/events/{self.id_of(who, uid)}", body)

    def answer_message(self, who: str, answer: str) -> Reply:
        """Answer the newest message of the inbox, which is no event."""
        return self.call(who, "POST", f"/me/messages/{self.inbox(who)[-1].id}/{_ACTIONS[answer]}")

    def delete_message(self, who: str, subject: str) -> Reply:
        note = next(one for one in self.inbox(who) if one.subject == subject)
        return self.call(who, "DELETE", f"/me/messages/{note.id}")

    def event_of_message(self, who: str) -> Any | None:
        """Return the event that the newest message of the inbox leads to, as the references say it."""
        space = "Microsoft.OutlookServices" if self.pascal else "microsoft.graph"
        member = self.word("event")
        path = f"/me/messages/{self.inbox(who)[-1].id}?$expand={space}.{self.word('eventMessage')}/{member}"
        reply = self.call(who, "GET", path)
        assert reply.status == 200, reply.body
        return reply.json.get(member)

    def move(self, who: str, uid: str, start: str, minutes: int, zone: str) -> Reply:
        begin = datetime.fromisoformat(start)
        return self.change(who, uid, slot=Slot(begin, begin + timedelta(minutes=minutes), zone))

    def rename(self, who: str, uid: str, subject: str) -> Reply:
        return self.change(who, uid, subject=subject)

    def reinvite(self, who: str, uid: str, guests: list[str]) -> Reply:
        return self.change(who, uid, guests=guests)

    def cancel(
        self, who: str, uid: str, comment: str = "", *, on: str | None = None, updates: str = "all"
    ) -> Reply:
        body = _cased({"comment": comment}, self.word)
        return self.call(who, "POST", f"/me/events/{self.id_of(who, uid, on)}/cancel", body)

    def remove(
        self, who: str, uid: str, *, on: str | None = None, etag: str | None = None, updates: str = "all"
    ) -> Reply:
        headers = {"if-match": etag} if etag else {}
        return self.call(who, "DELETE", f"/me/events/{self.id_of(who, uid, on)}", **headers)

    def forward(
        self, who: str, uid: str, guests: list[str], comment: str = "", *, on: str | None = None, updates: str = "all"
    ) -> Reply:
        recipients = [{"emailAddress": {"address": named(one)[0]}} for one in guests]
        body = _cased({"toRecipients": recipients, "comment": comment}, self.word)
        return self.call(who, "POST", f"/me/events/{self.id_of(who, uid, on)}/forward", body)

    def dismiss(self, who: str, uid: str, *, on: str | None = None) -> Reply:
        return self.call(who, "POST", f"/me/events/{self.id_of(who, uid, on)}/dismissReminder")

    def snooze(self, who: str, uid: str, until: datetime, *, on: str | None = None) -> Reply:
        body = _cased({"newReminderTime": {"dateTime": until.isoformat(), "timeZone": "UTC"}}, self.word)
        return self.call(who, "POST", f"/me/events/{self.id_of(who, uid, on)}/snoozeReminder", body)

    # --- questions

    def reminders(self, who: str, first: str, last: str) -> list[str]:
        """Return when reminders of what happens between two days fire, and of what."""
        page = self.call(who, "GET", f"/me/reminderView(startDateTime='{first}',endDateTime='{last}')")
        assert page.status == 200, page.body
        found = [(self._instant(self.get(one, "reminderFireTime")), one) for one in page.json["value"]]
        return [f'{at:%m-%d %H:%M} "{self.get(one, "eventSubject")}"' for at, one in found]

    def see(self, who: str, uid: str, on: str | None = None) -> Seen | None:
        found = self._find(who, uid, on)
        return None if found is None else self.seen(who, found)

    def seen(self, who: str, event: Any) -> Seen:
        organizer = self.get(event, "organizer", "emailAddress", "address")
        skipped = {organizer, f"{who}@example.com"}
        entries = {self.get(one, "emailAddress", "address"): one for one in self.get(event, "attendees")}
        answers = {who: common(self.get(one, "status", "response")) for who, one in entries.items()}
        words = {short(who): self._status(self.get(one, "status")) for who, one in entries.items()}
        return Seen(
            subject=self.get(event, "subject"),
            start=self._edge_of(event, "start"),
            end=self._edge_of(event, "end"),
            is_organizer=self.get(event, "isOrganizer"),
            cancelled=self.get(event, "isCancelled"),
            own_answer=common(self.get(event, "responseStatus", "response")),
            answers={who: answer for who, answer in answers.items() if who not in skipped},
            guests=frozenset(short(one) for one in entries if one != organizer),
            id=self.get(event, "id"),
            etag=event["@odata.etag"],
            all_day=self.get(event, "isAllDay"),
            location=self.get(event, "location", "displayName"),
            body=self.get(event, "body", "content").strip(),
            sensitivity=small(self.get(event, "sensitivity")),
            show_as=small(self.get(event, "showAs")),
            kind=small(self.get(event, "type")),
            reminder=self._reminder(event),
            importance=small(self.get(event, "importance")),
            categories=tuple(self.get(event, "categories")),
            words=words | {"own": self._status(self.get(event, "responseStatus"))},
            roles={short(who): small(self.get(one, "type")) for who, one in entries.items()},
            proposals=None if self.offsets else self._proposals(entries),
            raw=event,
        )

    def inbox(self, who: str) -> list[Note]:
        """Return the messages of the inbox, oldest first."""
        return self.folder(who, "Inbox")

    def folder(self, who: str, name: str) -> list[Note]:
        """Return the messages of a folder, oldest first."""
        folders = "mailFolders" if self.mount != "/api/v1.0" else "Folders"
        page = self.call(who, "GET", f"/me/{folders}/{name}/messages?$top=200", prefer=_TEXT)
        assert page.status == 200, page.body
        notes = [
            Note(
                kind=small(one.get(self.word("meetingMessageType"), "message")),
                subject=self.get(one, "subject"),
                sender=self.get(one, "from", "emailAddress", "address").partition("@")[0],
                text=self.get(one, "body", "content").strip(),
                id=self.get(one, "id"),
                conversation=self.get(one, "conversationId"),
                facts=frozenset(self._facts(one) if self.word("meetingMessageType") in one else ()),
            )
            for one in page.json["value"]
        ]
        return notes[::-1]

    def calendar(self, who: str, first: str, last: str, zone: str) -> list[Seen]:
        """Return what takes place between two days of a zone, as calendars show it."""
        start, end = (quote(f"{day}T00:00:00{_offset(day, zone)}") for day in (first, last))
        path = f"/me/calendarView?startDateTime={start}&endDateTime={end}&$top=500"
        prefer = "" if self.offsets else f', outlook.timezone="{zone}"'
        page = self.call(who, "GET", path, prefer=_TEXT + prefer)
        assert page.status == 200, page.body
        return [self.seen(who, one) for one in page.json["value"]]

    def uids(self, who: str, subject: str) -> list[str]:
        """Return the UIDs of the events with this subject."""
        page = self.call(who, "GET", "/me/events?$top=500")
        return [one["iCalUId"] for one in page.json["value"] if self.get(one, "subject") == subject]

    def uid_of(self, reply: Reply) -> str:
        return str(reply.json["iCalUId"])

    def code_of(self, reply: Reply) -> str:
        return str(reply.json["error"]["code"])

    def id_of(self, who: str, uid: str, on: str | None = None) -> str:
        """Return the id of a meeting or occurrence in this mailbox, the last known one where it is gone."""
        found = self._found_id(who, uid, on)
        known = self.known.get((who, uid, on or ""), "missing")
        self.known[who, uid, on or ""] = found or known
        return found or known

    # --- bodies

    def _body(self, *, changing: bool = False, **settings: Any) -> dict[str, Any]:
        assert not self.offsets or not _NOT_IN_V1 & settings.keys(), "Outlook REST v1.0 cannot say this"
        body: dict[str, Any] = {_PLAIN[name]: value for name, value in settings.items() if name in _PLAIN}
        slot: Slot | None = settings.get("slot")
        if slot is not None:
            body |= self._times(slot)
            if slot.all_day or changing:
                body["isAllDay"] = slot.all_day
        if "location" in settings:
            body["location"] = {"displayName": settings["location"]}
        if "body" in settings:
            body["body"] = {"contentType": "text", "content": settings["body"]}
        if "reminder" in settings:
            body |= self._reminding(settings["reminder"])
        if "organizer" in settings:
            body["organizer"] = {"emailAddress": {"address": named(settings["organizer"])[0]}}
        if settings.get("guests") is not None:
            body["attendees"] = [_invited(one) for one in settings["guests"]]
        if "series" in settings:
            series: Series | None = settings["series"]
            if series is not None:
                body["recurrence"] = series.pattern(slot or settings["at"])
            elif changing:
                body["recurrence"] = None
        return _cased(body, self.word)

    def _reminding(self, minutes: int | None) -> dict[str, Any]:
        if self.offsets:
            assert minutes is not None, "Outlook REST v1.0 has no meeting without a reminder"
            return {"reminder": minutes}
        if minutes is None:
            return {"isReminderOn": False}
        return {"isReminderOn": True, "reminderMinutesBeforeStart": minutes}

    def _times(self, slot: Slot) -> dict[str, Any]:
        if not self.offsets:
            return {
                "start": {"dateTime": slot.begin.isoformat(), "timeZone": slot.zone},
                "end": {"dateTime": slot.end.isoformat(), "timeZone": slot.zone},
            }
        there = ZoneInfo(find(slot.zone))
        return {
            "start": slot.begin.replace(tzinfo=there).isoformat(),
            "end": slot.end.replace(tzinfo=there).isoformat(),
            "startTimeZone": slot.zone,
            "endTimeZone": slot.zone,
        }

    # --- reading

    def _find(self, who: str, uid: str, on: str | None) -> Any | None:
        found = self._found_id(who, uid, on)
        if found is None:
            return None
        page = self.call(who, "GET", f"/me/events/{found}", prefer=_TEXT)
        assert page.status == 200, page.body
        return page.json

    def _found_id(self, who: str, uid: str, on: str | None) -> str | None:
        members = f"{self.word('id')},{self.word('type')}"
        page = self.call(who, "GET", f"/me/events?$filter=iCalUId%20eq%20'{quote(uid)}'&$select={members}")
        assert page.status == 200, page.body
        if not page.json["value"]:
            return None
        own = str(self.get(page.json["value"][0], "id"))
        if on is None:
            return own
        # Ids are the same in the three profiles; Outlook REST v1.0 does not tell original starts.
        around = [(datetime.fromisoformat(on) + timedelta(days=days)).isoformat() for days in (-60, 60)]
        # Whoever is invited to single occurrences has no series that could be asked for its instances.
        is_series = small(self.get(page.json["value"][0], "type")) == "seriesMaster"
        place = f"events/{own}/instances" if is_series else "calendarView"
        window = f"startDateTime={around[0]}&endDateTime={around[1]}"
        path = f"/v1.0/me/{place}?{window}&$top=500&$select=id,iCalUId,originalStart"
        page = self.world.request(who, "GET", path)
        assert page.status == 200, page.body
        own_ones = (one for one in page.json["value"] if one["iCalUId"].startswith(uid))
        return next((one["id"] for one in own_ones if one.get("originalStart", "").startswith(on)), None)

    def _edge_of(self, event: Any, name: str) -> datetime:
        """Return an instant, and for whole days the date, which is the same from every zone."""
        when = self.get(event, name)
        if not self.get(event, "isAllDay"):
            return self._instant(when)
        wall = when if self.offsets else self.get(when, "dateTime")
        return datetime.fromisoformat(wall[:19]).replace(tzinfo=UTC)

    def _instant(self, when: Any) -> datetime:
        if self.offsets:
            return datetime.fromisoformat(when).astimezone(UTC)
        zone = ZoneInfo(find(when[self.word("timeZone")]))
        return datetime.fromisoformat(when[self.word("dateTime")][:19]).replace(tzinfo=zone).astimezone(UTC)

    def _status(self, status: Any) -> tuple[str, str]:
        return small(self.get(status, "response")), self.get(status, "time")[:10]

    def _reminder(self, event: Any) -> str | None:
        if self.offsets:
            return str(self.get(event, "reminder"))
        return str(self.get(event, "reminderMinutesBeforeStart")) if self.get(event, "isReminderOn") else "none"

    def _proposals(self, entries: dict[str, Any]) -> dict[str, str]:
        proposed = {who: self.maybe(one, "proposedNewTime", "start") for who, one in entries.items()}
        return {short(who): minute(self._instant(start)) for who, start in proposed.items() if start}

    def _facts(self, message: Any) -> list[str]:
        """Return what else a message says, in the words of dialogues."""
        facts = [small(self.get(message, "type")), small(self.get(message, "importance"))] if not self.pascal else []
        recipients = self.get(message, "toRecipients"), self.get(message, "ccRecipients")
        to, cc = (" ".join(short(self.get(one, "emailAddress", "address")) for one in box) for box in recipients)
        facts += [f"to {to}"] if to else []
        facts += [f"cc {cc}"] if cc else []
        facts.append("read" if self.get(message, "isRead") else "unread")
        if self.pascal:
            return facts
        facts.append("out of date" if message["isOutOfDate"] else "up to date")
        facts += [message[one] for one in ("meetingRequestType", "responseType") if one in message]
        facts += ["all day"] if message["isAllDay"] else []
        facts += ["series"] if message["recurrence"] else []
        facts += ["responses not requested"] if message.get("responseRequested") is False else []
        facts += ["proposals not allowed"] if message.get("allowNewTimeProposals") is False else []
        for word, value in (
            ("at", message["startDateTime"]),
            ("was", message.get("previousStartDateTime")),
            ("proposes", (message.get("proposedNewTime") or {}).get("start")),
        ):
            facts += [f"{word} {minute(self._instant(value))}"] if value else []
        facts.append("in " + message["location"]["displayName"])
        before = message.get("previousLocation")
        return [*facts, *(["was in " + before["displayName"]] if before else [])]


def _invited(guest: str) -> dict[str, Any]:
    address, role = named(guest)
    return {"emailAddress": {"address": address, "name": short(address).title()}, "type": role}


def _offset(day: str, zone: str) -> str:
    there = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    return there.isoformat()[-6:]


def _cased(value: Any, word: Any) -> Any:
    if isinstance(value, dict):
        return {word(name): _cased(one, word) for name, one in value.items()}
    return [_cased(one, word) for one in value] if isinstance(value, list) else value
