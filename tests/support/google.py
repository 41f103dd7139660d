"""The moves and questions of a meeting, said in Google Calendar v3."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from support.grammar import Series, Slot
from support.seen import Seen, common, named, short
from support.world import Reply, World

_EVENTS = "/calendars/primary/events"
_UNSAYABLE = {"importance", "categories", "response_requested", "allow_proposals", "transaction", "online"}


class Google:
    """Google Calendar v3."""

    name = "google"

    def __init__(self, world: World) -> None:
        self.world = world
        self.known: dict[tuple[str, str, str], str] = {}

    def call(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        return self.world.request(who, method, "/calendar/v3" + path, body, headers=headers)

    # --- moves

    def plan(
        self, who: str, subject: str, slot: Slot, guests: list[str], series: Series | None = None, **settings: Any
    ) -> Reply:
        settings |= {"subject": subject, "slot": slot, "guests": guests, "series": series}
        return self.call(who, "POST", f"{_EVENTS}?sendUpdates=all", self._body(**settings))

    def absent(self, who: str, slot: Slot, series: Series | None, mode: str, message: str | None) -> Reply:
        """Be away for a time, which declines invitations: only new ones, or all."""
        declining = {"autoDeclineMode": mode, "declineMessage": message or ""}
        body = self._body(subject="Away", slot=slot, series=series, guests=[])
        body |= {"eventType": "outOfOffice", "outOfOfficeProperties": declining}
        body.pop("attendees", None)
        return self.call(who, "POST", _EVENTS, body)

    def invite(
        self, who: str, subject: str, start: str, minutes: int, zone: str, guests: list[str], **more: Any
    ) -> Reply:
        begin = datetime.fromisoformat(start)
        slot = Slot(begin, begin + timedelta(minutes=minutes), zone)
        body = self._body(subject=subject, slot=slot, guests=guests)
        return self.call(who, "POST", f"{_EVENTS}?sendUpdates=all", body | more)

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
        headers = {"if-match": etag} if etag else {}
        path = f"{_EVENTS}/{self.id_of(who, uid, on)}{_asking(updates)}"
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
        brings: int | None = None,
        form: str = "entry",
        event: dict[str, Any] | None = None,
        etag: str | None = None,
    ) -> Reply:
        """Answer by the own entry alone, by the whole list, or by the whole `event` (the one looked at)."""
        assert proposal is None, "Google has no proposals"
        own: dict[str, Any] = {"email": f"{who}@example.com", "responseStatus": answer}
        own |= {"comment": comment} if comment is not None else {}
        own |= {"additionalGuests": brings} if brings is not None else {}
        path = f"{_EVENTS}/{id or self.id_of(who, uid, on)}"
        headers = {"if-match": etag} if etag else {}
        if form == "entry":
            body: dict[str, Any] = {"attendeesOmitted": True, "attendees": [own]}
        else:
            before = event or self.call(who, "GET", path).json
            entries = [one | own if one["email"] == own["email"] else one for one in before["attendees"]]
            body = before | {"attendees": entries} if form == "event" else {"attendees": entries}
        verb = "PUT" if form == "event" else "PATCH"
        return self.call(who, verb, path + _asking(updates if send else "none"), body, **headers)

    def claim(self, who: str, uid: str, whose: str, answer: str) -> Reply:
        """Write somebody's answer into the guest list, as those do who do not know better."""
        path = f"{_EVENTS}/{self.id_of(who, uid)}"
        entries = self.call(who, "GET", path).json["attendees"]
        said = [one | {"responseStatus": answer} if one["email"] == named(whose)[0] else one for one in entries]
        return self.call(who, "PATCH", f"{path}?sendUpdates=all", {"attendees": said})

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
        return self.remove(who, uid, on=on, updates=updates)

    def remove(
        self, who: str, uid: str, *, on: str | None = None, etag: str | None = None, updates: str = "all"
    ) -> Reply:
        headers = {"if-match": etag} if etag else {}
        return self.call(who, "DELETE", f"{_EVENTS}/{self.id_of(who, uid, on)}{_asking(updates)}", **headers)

    def forward(
        self, who: str, uid: str, guests: list[str], comment: str = "", *, on: str | None = None, updates: str = "all"
    ) -> Reply:
        """Add entries to the list, which is how a guest passes a meeting on here."""
        path = f"{_EVENTS}/{self.id_of(who, uid, on)}"
        listed = self.call(who, "GET", path).json.get("attendees", [])
        body = {"attendees": [*listed, *map(_invited, guests)]}
        return self.call(who, "PATCH", path + _asking(updates), body)

    # --- questions

    def see(self, who: str, uid: str, on: str | None = None) -> Seen | None:
        found = self._find(who, uid, on)
        return None if found is None else self.seen(who, found)

    def seen(self, who: str, event: Any) -> Seen:
        entries = event.get("attendees", [])
        own = next((one for one in entries if one.get("self")), {})
        organizer = event["organizer"]["email"]
        others = [one for one in entries if not one.get("self") and not one.get("organizer")]
        is_organizer = bool(event["organizer"].get("self"))
        answer = "organizer" if is_organizer else own.get("responseStatus", "needsAction")
        visibility = event.get("visibility", "default")
        return Seen(
            subject=event.get("summary", ""),
            start=_instant(event["start"]),
            end=_instant(event["end"]),
            is_organizer=is_organizer,
            cancelled=event["status"] == "cancelled",
            own_answer=common(answer),
            answers={one["email"]: common(one["responseStatus"]) for one in others},
            guests=frozenset(short(one["email"]) for one in entries if one["email"] != organizer),
            id=event["id"],
            etag=event["etag"],
            all_day="date" in event["start"],
            location=event.get("location", ""),
            body=event.get("description", "").strip(),
            sensitivity="normal" if visibility in ("default", "public") else visibility,
            show_as="free" if event.get("transparency") == "transparent" else "opaque",
            reminder=_reminder(event["reminders"]),
            brings={short(one["email"]): one.get("additionalGuests", 0) for one in entries},
            comments={short(one["email"]): one.get("comment", "") for one in entries},
            sequence=event["sequence"],
            raw=event,
        )

    def calendar(self, who: str, first: str, last: str, zone: str) -> list[Seen]:
        """Return what takes place between two days of a zone, as calendars show it."""
        start, end = (datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)) for day in (first, last))
        window = f"timeMin={quote(start.isoformat())}&timeMax={quote(end.isoformat())}&timeZone={quote(zone)}"
        page = self.call(who, "GET", f"{_EVENTS}?singleEvents=true&orderBy=startTime&maxResults=500&{window}")
        assert page.status == 200, page.body
        return [self.seen(who, one) for one in page.json["items"]]

    def uids(self, who: str, subject: str) -> list[str]:
        """Return the UIDs of the events with this subject."""
        page = self.call(who, "GET", f"{_EVENTS}?maxResults=500")
        return [one["iCalUID"] for one in page.json["items"] if one.get("summary") == subject]

    def uid_of(self, reply: Reply) -> str:
        return str(reply.json["iCalUID"])

    def code_of(self, reply: Reply) -> str:
        return str(reply.json["error"]["errors"][0]["reason"])

    def id_of(self, who: str, uid: str, on: str | None = None) -> str:
        """Return the id of a meeting or occurrence, the last known one where it is gone."""
        found = self._find(who, uid, on)
        known = self.known.get((who, uid, on or ""), "missing")
        self.known[who, uid, on or ""] = str(found["id"]) if found else known
        return self.known[who, uid, on or ""]

    # --- bodies

    def _body(self, *, changing: bool = False, **settings: Any) -> dict[str, Any]:
        assert not _UNSAYABLE & settings.keys(), f"Google cannot say {sorted(_UNSAYABLE & settings.keys())}"
        wire = {"subject": "summary", "location": "location", "body": "description"}
        body: dict[str, Any] = {wire[name]: value for name, value in settings.items() if name in wire}
        slot: Slot | None = settings.get("slot")
        if slot is not None:
            body |= _times(slot, changing=changing)
        if "uid" in settings:
            body["iCalUID"] = settings["uid"]
        if "status" in settings:
            body["status"] = settings["status"]
        if "sensitivity" in settings:
            normal = settings["sensitivity"] == "normal"
            body["visibility"] = "default" if normal else settings["sensitivity"]
        if "show_as" in settings:
            body["transparency"] = "transparent" if settings["show_as"] == "free" else "opaque"
        if "reminder" in settings:
            body["reminders"] = _reminding(settings["reminder"])
        if "guests_modify" in settings:
            body["guestsCanModify"] = settings["guests_modify"]
        if "guests_invite" in settings:
            body["guestsCanInviteOthers"] = settings["guests_invite"]
        if "hide_attendees" in settings:
            body["guestsCanSeeOtherGuests"] = not settings["hide_attendees"]
        if "organizer" in settings:
            body["organizer"] = {"email": named(settings["organizer"])[0]}
        if settings.get("guests") is not None:
            body["attendees"] = [_invited(one) for one in settings["guests"]]
        if "series" in settings:
            series: Series | None = settings["series"]
            if series is not None:
                body["recurrence"] = [series.rule(slot or settings["at"])]
            elif changing:
                body["recurrence"] = None
        return body

    # --- reading

    def _find(self, who: str, uid: str, on: str | None) -> Any | None:
        page = self.call(who, "GET", f"{_EVENTS}?showDeleted=true&iCalUID={quote(uid)}")
        assert page.status == 200, page.body
        whole = [one for one in page.json["items"] if "recurringEventId" not in one]
        if on is None:
            return (whole or page.json["items"] or [None])[0]
        if whole:
            path = f"{_EVENTS}/{whole[0]['id']}/instances?showDeleted=true&maxResults=500"
        else:  # invited to single occurrences
            path = f"{_EVENTS}?singleEvents=true&showDeleted=true&iCalUID={quote(uid)}&maxResults=500"
        page = self.call(who, "GET", path)
        assert page.status == 200, page.body
        originals = [(_instant(one["originalStartTime"]), one) for one in page.json["items"]]
        return next((one for at, one in originals if at.isoformat().startswith(on)), None)


def _asking(updates: str) -> str:
    return "" if updates == "default" else f"?sendUpdates={updates}"


def _invited(guest: str) -> dict[str, Any]:
    address, role = named(guest)
    more = {"optional": True} if role == "optional" else {"resource": True} if role == "resource" else {}
    return {"email": address, "displayName": short(address).title(), **more}


def _times(slot: Slot, *, changing: bool) -> dict[str, Any]:
    if slot.all_day:
        return {
            "start": {"date": slot.begin.date().isoformat()},
            "end": {"date": slot.end.date().isoformat()},
        }
    return {
        "start": {"dateTime": slot.begin.isoformat(), "timeZone": slot.zone},
        "end": {"dateTime": slot.end.isoformat(), "timeZone": slot.zone},
    }


def _instant(when: dict[str, str]) -> datetime:
    if "date" in when:
        return datetime.fromisoformat(when["date"]).replace(tzinfo=UTC)
    return datetime.fromisoformat(when["dateTime"]).astimezone(UTC)


def _reminding(minutes: int | None) -> dict[str, Any]:
    overrides = [] if minutes is None else [{"method": "popup", "minutes": minutes}]
    return {"useDefault": False, "overrides": overrides}


def _reminder(reminders: dict[str, Any]) -> str:
    if reminders["useDefault"]:
        return "15"
    return str(next((one["minutes"] for one in reminders.get("overrides", [])), "none"))
