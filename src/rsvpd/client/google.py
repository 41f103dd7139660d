"""Invitations in a Google calendar (Calendar API v3).

The list is asked for from now on, without an end and with series as one event each (`singleEvents=false`);
dates of a series that differ come as events of their own. `maxAttendees=1` leaves of the guests only the own
entry (`self`), which is all that is needed. A series that is listed is asked for its next date.

There is no call to answer: the own entry of `attendees` is patched. `attendeesOmitted` says that the list is
not the whole list, so that nobody else's answer is touched. The organizer sees the answer in any case;
`sendUpdates` only decides whether Google writes mail about it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from rsvpd.calendar.event import Answer
from rsvpd.client.errors import Forbidden, NotFound, Refused, Unreadable
from rsvpd.client.requests import Plan, check, decode, fetch, get, objects, pages, segment, send, unreadable_event
from rsvpd.client.values import Answered, Invitation, Organizer, Provider, in_order
from rsvpd.dialects.google.vocabulary.codecs import ANSWER_WORDS, ANSWERS

MOST_ASKED_AGAIN = 50
PAGE = 250


class Candidate(Struct, frozen=True, kw_only=True):
    """An event as it was read: the invitation it would be, and what decides whether it is one."""

    invitation: Invitation
    master: str | None
    is_invitation: bool


class Google:
    """The plans for one calendar. `base` ends in `/calendar/v3`; without `mailbox` it is the primary one."""

    def __init__(self, base: str, mailbox: str | None = None) -> None:
        self._mailbox = mailbox
        self._calendar = f"{base}/calendars/{segment(mailbox or 'primary')}"

    def address(self) -> Plan[str | None]:
        """Ask whose calendar it is; the primary one's id is the address. None where that is forbidden."""
        try:
            found = (yield from fetch(get(self._calendar))).get("id")
        except Forbidden:
            return None
        return str(found) if found else None

    def invitations(
        self, now: datetime, *, days: int, include_answered: bool = False, with_messages: bool = False
    ) -> Plan[list[Invitation]]:
        """Ask for the invitations that wait, and with `include_answered` for those that do not.

        `days` and `with_messages` mean nothing here: the list has no end, and there is no mailbox.
        """
        query = {"timeMin": f"{now:%Y-%m-%dT%H:%M:%SZ}", "singleEvents": "false", "maxAttendees": "1"}
        query["maxResults"] = str(PAGE)
        items = yield from self._pages(query)
        candidates = [one for one in map(self._candidate, filter(_is_whole, items)) if one.is_invitation]
        found = list[Invitation]()
        for number, one in enumerate(_invitations_of(candidates, include_answered=include_answered)):
            ask = one.is_series and number < MOST_ASKED_AGAIN
            dated = (yield from self._at_next_date(one, now)) if ask else one
            found += [dated] if dated else []
        return in_order(found)

    def invitation(self, event: str, now: datetime) -> Plan[Invitation]:
        """Ask for one event, whatever was answered, and of a series for its next date. Raises NotFound."""
        item = yield from fetch(get(self._event(event), {"maxAttendees": "1"}))
        if not _is_whole(item):
            raise NotFound("This event has been deleted.", code="deleted")
        found = self._candidate(item).invitation
        following = (yield from self._at_next_date(found, now)) if found.is_series else None
        return following or found

    def answer(self, invitation: Invitation, answer: Answer, *, comment: str | None, send_it: bool) -> Plan[Answered]:
        """Answer, and see that the service took it."""
        if invitation.invited_as is None:
            raise Refused(
                "You organize this event or are not on its guest list, so there is nothing to answer.",
                code="notInvited",
            )
        own = {"email": invitation.invited_as, "responseStatus": ANSWER_WORDS[answer]}
        if comment:
            own["comment"] = comment
        updates = "all" if send_it else "none"
        url = f"{self._event(invitation.id)}?sendUpdates={updates}&maxAttendees=1"
        response = check((yield send("PATCH", url, {"attendeesOmitted": True, "attendees": [own]})))
        taken = self._candidate(decode(response)).invitation
        if taken.my_answer is not answer:
            raise Unreadable("The service took the request, but the answer it shows is not the one that was sent.")
        return Answered(invitation=invitation, answer=answer, sent=send_it, hint=response.hint)

    # --- the steps

    def _pages(self, query: dict[str, str]) -> Plan[list[dict[str, Any]]]:
        url = f"{self._calendar}/events"

        def next_page(page: dict[str, Any]) -> str | None:
            token = page.get("nextPageToken")
            return get(url, query | {"pageToken": str(token)}).url if token else None

        return (yield from pages(get(url, query), next_page, items="items"))

    def _at_next_date(self, series: Invitation, now: datetime) -> Plan[Invitation | None]:
        """Ask when a series happens next; None where it does not any more."""
        query = {"timeMin": f"{now:%Y-%m-%dT%H:%M:%SZ}", "maxResults": "1", "maxAttendees": "1"}
        response = yield get(f"{self._event(series.id)}/instances", query)
        if response.status in (404, 410):
            return None
        items = [one for one in objects(decode(check(response)).get("items", [])) if _is_whole(one)]
        if not items:
            return None
        first = self._candidate(items[0]).invitation
        return replace(series, start=first.start, end=first.end, all_day=first.all_day)

    def _event(self, event: str) -> str:
        return f"{self._calendar}/events/{segment(event)}"

    def _candidate(self, item: dict[str, Any]) -> Candidate:
        try:
            return read(item, self._mailbox)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
            raise unreadable_event(wrong) from None


def read(item: dict[str, Any], mailbox: str | None = None) -> Candidate:
    """Return one event. Raises ValueError, LookupError or TypeError for what no event looks like."""
    own = _own_entry(item.get("attendees") or [], mailbox)
    organizer = item.get("organizer") or {}
    is_own = own is None or bool(own.get("organizer")) or bool(organizer.get("self"))
    created = item.get("created")
    invitation = Invitation(
        id=str(item["id"]),
        subject=str(item.get("summary") or ""),
        organizer=Organizer(str(organizer.get("email") or ""), str(organizer.get("displayName") or "")),
        start=_moment(item["start"]),
        end=_moment(item["end"]),
        all_day="date" in item["start"],
        location=str(item.get("location") or ""),
        my_answer=ANSWERS.get(str((own or {}).get("responseStatus")), Answer.NONE),
        received=_instant(created) if created else None,
        is_series=bool(item.get("recurrence")),
        provider=Provider.GOOGLE,
        invited_as=None if is_own or own is None else str(own["email"]),
    )
    master = str(item.get("recurringEventId") or "") or None
    return Candidate(invitation=invitation, master=master, is_invitation=not is_own)


def _own_entry(attendees: list[dict[str, Any]], mailbox: str | None) -> dict[str, Any] | None:
    """Return the entry of the calendar's owner: marked `self`, or else under the address asked for."""
    address = (mailbox or "").casefold()
    for one in attendees:
        if one.get("self") or (address and str(one.get("email")).casefold() == address):
            return one
    return None


def _is_whole(item: dict[str, Any]) -> bool:
    """Return whether the event takes place; of a cancelled one little more than the id is there."""
    return item.get("status") != "cancelled"


def _invitations_of(candidates: list[Candidate], *, include_answered: bool) -> list[Invitation]:
    """Return what is an invitation of its own: not the changed dates of a series that is listed itself."""
    wanted = [one for one in candidates if include_answered or one.invitation.is_waiting]
    series = {one.invitation.id: one.invitation for one in wanted if one.invitation.is_series}
    return [one.invitation for one in wanted if not _goes_with(one.invitation, series.get(one.master or ""))]


def _goes_with(part: Invitation, whole: Invitation | None) -> bool:
    return whole is not None and (whole.is_waiting or not part.is_waiting)


def _moment(value: dict[str, Any]) -> datetime | date:
    """Return `{date}` or `{dateTime}`, which has an offset."""
    return date.fromisoformat(value["date"]) if "date" in value else _instant(value["dateTime"])


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
