"""Invitations in a Microsoft mailbox: Graph v1.0 and Outlook REST v1.0 and v2.0.

Where they are looked for. Exchange puts a meeting into the invitee's calendar when the invitation arrives,
and the calendar knows what was answered. The message in the inbox may have been read, moved by a rule or
deleted, needs a permission of its own (Mail.Read), and no `$filter` finds invitations reliably. So the
calendar is asked:

1. `calendarView` of the next weeks: everything that happens then, series as occurrences.
2. `events` that begin after that: a filter on the start, which all three services document.
3. each waiting event once more by its id. For occurrences that is the master: where the series itself waits
   it is one invitation; where it is answered, only the occurrences that wait on their own are. The view of
   Graph does not tell when an event was made (`createdDateTime` cannot be selected there); the event itself
   does.

Times are asked for in UTC (`Prefer: outlook.timezone`); Outlook REST v1.0 writes offsets and knows no such
header. Members are read in any case, so one reader serves the three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from rsvpd.calendar.event import Answer, EventKind
from rsvpd.client.errors import NotFound, Refused
from rsvpd.client.requests import Plan, check, decode, fetch, get, objects, pages, segment, send, unreadable_event
from rsvpd.client.values import Answered, Invitation, Organizer, Provider, in_order
from rsvpd.dialects.microsoft.tables.resources import GRAPH_TABLES, V1_NAMES, V1_TABLES, V2_TABLES, Tables
from rsvpd.dialects.microsoft.vocabulary.codecs import CAMEL, PASCAL, Ctx, Style
from rsvpd.dialects.microsoft.vocabulary.words import EVENT_TYPE, RESPONSE_TYPE, Words
from rsvpd.dialects.shape import Shape
from rsvpd.errors import InvalidTimeZone
from rsvpd.timezones.zone import find

NAMESPACES = {CAMEL: "microsoft.graph", PASCAL: "Microsoft.OutlookServices"}
ACTIONS = {Answer.ACCEPTED: "accept", Answer.TENTATIVE: "tentativelyAccept", Answer.DECLINED: "decline"}
MOST_ASKED_AGAIN = 50
NEAR_DAYS, LONGEST_DAYS = 60, 1825  # a calendar view of Exchange spans five years at most
NOT_REQUESTED = "The organizer asked for no answers, so none was sent; your own calendar has it."

_CREATED = "createdDateTime"
_WANTED = (
    "id",
    "subject",
    "organizer",
    "start",
    "end",
    "isAllDay",
    "location",
    "responseStatus",
    "type",
    "seriesMasterId",
    "isOrganizer",
    "isCancelled",
    "responseRequested",
)


class Service(Struct, frozen=True, kw_only=True):
    """How one of the three spells what is asked of it: the server's own tables, and what is no property.

    `starts_after` is the filter of step 2 with `{}` for the instant, `page` what `$top` may be. `prefer` is
    sent with every read.
    """

    provider: Provider
    style: Style
    tables: Tables
    address: tuple[str, ...]
    inbox: str
    starts_after: str
    page: int
    renamed: Mapping[str, str] = {}
    prefer: str = 'outlook.timezone="UTC", outlook.body-content-type="text"'

    def wire_name(self, name: str, shape: Shape[Ctx] | None = None) -> str:
        """Return what a property of Graph's events (or of `shape`) is called here."""
        found = (shape or self.tables.event).find(self.renamed.get(name, name))
        if found is None:
            raise LookupError(f"{self.provider.value} has no {name}")
        return found.name

    def select(self, *more: str) -> str:
        """Return a `$select` of events."""
        return ",".join(map(self.wire_name, (*_WANTED, *more)))

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of reads."""
        return {"Prefer": self.prefer} if self.prefer else {}


SERVICES = {
    one.provider: one
    for one in (
        Service(
            provider=Provider.GRAPH,
            style=CAMEL,
            tables=GRAPH_TABLES,
            address=("mail", "userPrincipalName"),
            inbox="mailFolders/inbox",
            starts_after="start/dateTime ge '{:%Y-%m-%dT%H:%M:%S}'",
            page=100,
        ),
        Service(
            provider=Provider.OUTLOOK_V2,
            style=PASCAL,
            tables=V2_TABLES,
            address=("EmailAddress",),
            inbox="MailFolders/Inbox",
            starts_after="Start/DateTime ge '{:%Y-%m-%dT%H:%M:%S}'",
            page=50,
        ),
        Service(
            provider=Provider.OUTLOOK_V1,
            style=PASCAL,
            tables=V1_TABLES,
            renamed=V1_NAMES,
            address=("EmailAddress",),
            inbox="Folders/Inbox",
            starts_after="Start ge {:%Y-%m-%dT%H:%M:%SZ}",
            page=50,
            prefer="",
        ),
    )
}


class Candidate(Struct, frozen=True, kw_only=True):
    """An event as it was read: the invitation it would be, and what decides whether it is one."""

    invitation: Invitation
    kind: EventKind
    master: str | None
    is_invitation: bool


class Microsoft:
    """The plans for one mailbox of one service. `base` has no slash at the end; `mailbox` None means `me`."""

    def __init__(self, service: Service, base: str, mailbox: str | None = None) -> None:
        self._service = service
        self._owner = base + (f"/users/{segment(mailbox)}" if mailbox else "/me")

    def address(self) -> Plan[str | None]:
        """Ask whose mailbox it is."""
        person = _fold_names((yield from fetch(get(self._owner))))
        found = (person.get(name.lower()) for name in self._service.address)
        return next((str(one) for one in found if one), None)

    def invitations(
        self, now: datetime, *, days: int, include_answered: bool = False, with_messages: bool = False
    ) -> Plan[list[Invitation]]:
        """Ask for the invitations that wait, and with `include_answered` for those that do not."""
        edge = now + timedelta(days=days)
        view = yield from self._view(now, edge)
        later = yield from self._later(edge)
        candidates = [one for one in _each_once(view + later) if one.is_invitation]
        found = yield from self._waiting_invitations(candidates)
        if include_answered:
            found += _answered_invitations(candidates, {one.id for one in found})
        if with_messages and found:
            messages = yield from self._messages()
            found = [replace(one, message_id=messages.get(one.id)) for one in found]
        return in_order(found)

    def invitation(self, event: str, now: datetime) -> Plan[Invitation]:
        """Ask for one event, whatever was answered, and of a series for its next date. Raises NotFound."""
        found = yield from self._one(event)
        if found.kind is not EventKind.MASTER:
            return found.invitation
        following = yield from self._next(event, now)
        return _as_series(following or found.invitation, event, found)

    def answer(self, invitation: Invitation, answer: Answer, *, comment: str | None, send_it: bool) -> Plan[Answered]:
        """Answer; where the organizer wants no answers only the own calendar changes, the service insists."""
        sent = send_it and invitation.wants_response
        if comment and not sent:
            raise Refused(
                "The organizer asked for no answers, so the comment would reach nobody; answer without it.",
                code="responseNotRequested",
            )
        name = self._service.style.name
        body: dict[str, Any] = {name("sendResponse"): sent}
        if comment:
            body[name("comment")] = comment
        response = check((yield send("POST", f"{self._event(invitation.id)}/{ACTIONS[answer]}", body)))
        hint = response.hint or (NOT_REQUESTED if send_it and not sent else None)
        return Answered(invitation=invitation, answer=answer, sent=sent, hint=hint)

    # --- the steps

    def _view(self, start: datetime, end: datetime) -> Plan[list[Candidate]]:
        query = {
            "startDateTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "endDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "$select": self._service.select(),
            "$top": str(self._service.page),
        }
        return (yield from self._events("calendarView", query))

    def _later(self, edge: datetime) -> Plan[list[Candidate]]:
        query = {
            "$filter": self._service.starts_after.format(edge),
            "$select": self._service.select(),
            "$top": str(self._service.page),
        }
        return (yield from self._events("events", query))

    def _events(self, path: str, query: dict[str, str]) -> Plan[list[Candidate]]:
        first = get(f"{self._owner}/{path}", query, headers=self._service.headers)
        found = yield from pages(first, lambda page: page.get("@odata.nextLink"), items="value")
        return [self._candidate(item) for item in found]

    def _one(self, event: str) -> Plan[Candidate]:
        query = {"$select": self._service.select(_CREATED)}
        return self._candidate((yield from fetch(get(self._event(event), query, headers=self._service.headers))))

    def _next(self, series: str, now: datetime) -> Plan[Invitation | None]:
        """Ask when a series happens next; None where it does not any more, as far as the services look ahead."""
        for days in (NEAR_DAYS, LONGEST_DAYS):
            query = {
                "startDateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                "endDateTime": f"{now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
                "$select": self._service.select(),
                "$top": str(self._service.page),
            }
            ask = get(f"{self._event(series)}/instances", query, headers=self._service.headers)
            response = yield ask
            if response.status in (400, 404):  # it has just been read: only the date cannot be told
                return None
            items = objects(decode(check(response)).get("value"))
            dates = [one.invitation for one in map(self._candidate, items) if one.is_invitation]
            if dates:
                return min(dates, key=lambda one: one.start.isoformat())
        return None

    def _one_or_none(self, event: str) -> Plan[Candidate | None]:
        """Ask for one event that may have gone since the list was made."""
        try:
            return (yield from self._one(event))
        except NotFound:
            return None

    def _waiting_invitations(self, candidates: list[Candidate]) -> Plan[list[Invitation]]:
        """Ask for each waiting event by its id (step 3) and return what waits."""
        found = list[Invitation]()
        for number, (target, parts) in enumerate(_by_target(candidates).items()):
            if number >= MOST_ASKED_AGAIN:
                found.append(_as_series(parts[0].invitation, target, parts[0]))
                continue
            now = yield from self._one_or_none(target)
            if now is None or not now.is_invitation:
                continue
            if now.invitation.is_waiting:
                found.append(_as_series(parts[0].invitation, target, now))
            elif now.kind is EventKind.MASTER:
                found += [part.invitation for part in parts]
        return found

    def _messages(self) -> Plan[dict[str, str]]:
        """Ask which of the newest messages invites to which event; nothing where mail may not be read."""
        cast = f"{NAMESPACES[self._service.style]}.{self._service.style.word('eventMessage')}"
        received = self._service.wire_name("receivedDateTime", self._service.tables.message)
        query = {
            "$top": "50",
            "$orderby": f"{received} desc",
            "$expand": f"{cast}/{self._service.style.name('event')}",
        }
        response = yield get(f"{self._owner}/{self._service.inbox}/messages", query, headers=self._service.headers)
        if response.status == 403:
            return {}
        newest_last = [_fold_names(one) for one in reversed(objects(decode(check(response)).get("value")))]
        return {event: str(one["id"]) for one in newest_last if (event := _event_of(one)) and one.get("id")}

    def _event(self, event: str) -> str:
        return f"{self._owner}/events/{segment(event)}"

    def _candidate(self, item: dict[str, Any]) -> Candidate:
        try:
            return read(_fold_names(item), self._service)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, InvalidTimeZone) as wrong:
            raise unreadable_event(wrong) from None


# --- reading: member names arrive lower-cased


def read(item: dict[str, Any], service: Service) -> Candidate:
    """Return one event. Raises ValueError, LookupError or TypeError for what no event looks like."""
    all_day = bool(item.get("isallday"))
    response = str((item.get("responsestatus") or {}).get("response") or "none")
    kind = _meaning(EVENT_TYPE, item.get("type"), EventKind.SINGLE)
    organizer = (item.get("organizer") or {}).get("emailaddress") or {}
    is_own = bool(item.get("isorganizer")) or response.lower() == "organizer"
    created = item.get(service.wire_name(_CREATED).lower())
    invitation = Invitation(
        id=str(item["id"]),
        subject=str(item.get("subject") or ""),
        organizer=Organizer(str(organizer.get("address") or ""), str(organizer.get("name") or "")),
        start=_moment(item["start"], all_day=all_day),
        end=_moment(item["end"], all_day=all_day),
        all_day=all_day,
        location=str((item.get("location") or {}).get("displayname") or ""),
        my_answer=_meaning(RESPONSE_TYPE, response, Answer.NONE),
        received=_instant(created) if created else None,
        is_series=kind is EventKind.MASTER,
        provider=service.provider,
        wants_response=item.get("responserequested") is not False,
    )
    return Candidate(
        invitation=invitation,
        kind=kind,
        master=str(item.get("seriesmasterid") or "") or None,
        is_invitation=not is_own and not item.get("iscancelled"),
    )


def _fold_names(value: Any) -> Any:
    """Return a JSON value with every member name in lower case."""
    if isinstance(value, dict):
        return {name.lower(): _fold_names(one) for name, one in value.items()}
    return [_fold_names(one) for one in value] if isinstance(value, list) else value


def _meaning(words: Words, word: object, otherwise: Any) -> Any:
    known = {name.lower(): value for value, name in words.meaning.items()} | dict(words.also)
    return known.get(str(word).lower()) or otherwise


def _moment(value: Any, *, all_day: bool) -> datetime | date:
    """Return `{dateTime, timeZone}` or a text with an offset as an instant, or as the date it falls on."""
    text = value if isinstance(value, str) else value["datetime"]
    if all_day:
        return date.fromisoformat(text[:10])
    zone = "UTC" if isinstance(value, str) else value.get("timezone") or "UTC"
    return _instant(text, zone)


def _instant(text: str, zone: str = "UTC") -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC if zone.upper() == "UTC" else ZoneInfo(find(zone)))
    return moment.astimezone(UTC)


def _event_of(message: dict[str, Any]) -> str | None:
    """Return the id of the event a message invites to: expanded, or from the link Outlook REST gives."""
    kind = str(message.get("meetingmessagetype") or "").lower()
    if kind != "meetingrequest":
        return None
    event, link = message.get("event"), message.get("event@odata.navigationlink")
    if isinstance(event, dict) and event.get("id"):
        return str(event["id"])
    last = unquote(str(link)).partition("?")[0].rstrip("/").rpartition("/")[2] if link else ""
    return last.partition("('")[2].removesuffix("')") or last or None


# --- putting together


def _each_once(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    ids = set[str]()
    for one in candidates:
        if one.invitation.id not in ids:
            ids.add(one.invitation.id)
            yield one


def _by_target(candidates: list[Candidate]) -> dict[str, list[Candidate]]:
    """Return what waits, soonest first, by the event to ask for: the master of occurrences, or itself."""
    targets = dict[str, list[Candidate]]()
    for one in sorted(candidates, key=lambda one: one.invitation.start.isoformat()):
        if one.invitation.is_waiting:
            targets.setdefault(one.master or one.invitation.id, []).append(one)
    return targets


def _as_series(part: Invitation, target: str, whole: Candidate) -> Invitation:
    """Return the invitation `whole` at the time of `part`, its next occurrence."""
    return replace(
        whole.invitation,
        id=target,
        start=part.start,
        end=part.end,
        all_day=part.all_day,
        is_series=whole.invitation.is_series or target != part.id,
    )


def _answered_invitations(candidates: list[Candidate], listed: set[str]) -> list[Invitation]:
    """Return what is answered already: single events, and each series once, at its next occurrence."""
    found = dict[str, Invitation]()
    for one in sorted(candidates, key=lambda one: one.invitation.start.isoformat()):
        target = one.master or one.invitation.id
        if not one.invitation.is_waiting and target not in listed:
            found.setdefault(target, _as_series(one.invitation, target, one))
    return list(found.values())
