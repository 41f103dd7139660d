"""Whether an answer arrived: what the organizer's event says of a guest, and where else it got stuck."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

_WORDS: Mapping[str, str] = {
    "accepted": "accepted", "yes": "accepted",
    "declined": "declined", "no": "declined",
    "tentativelyaccepted": "tentativelyAccepted", "tentative": "tentativelyAccepted", "maybe": "tentativelyAccepted",
    "none": "none", "notresponded": "none", "needsaction": "none",
}  # fmt: skip
_CALLS: Mapping[str, str] = {
    "accepted": "accept", "declined": "decline", "tentativelyAccepted": "tentativelyAccept",
}  # fmt: skip

# Returns a list of Graph as somebody: who, and the path.
Lister = Callable[[str, str], list[dict[str, Any]]]


class Tracking(Struct, frozen=True, kw_only=True):
    """An answer as it stands: `told` in the organizer's event, `own` in the guest's copy, None where there is none.

    Both are in Graph's words: none, accepted, tentativelyAccepted, declined. `is_invited` says whether anything tells
    of an invitation, and `seen` names what the guest's calendar and inbox have.
    """

    who: str
    subject: str
    organizer: str | None
    told: str | None
    own: str | None
    is_invited: bool
    seen: tuple[str, ...] = ()


def answer_word(answer: str) -> str:
    """Return an answer in Graph's word. Raises ValueError for what is none."""
    found = _WORDS.get(answer.casefold())
    if found is None:
        raise ValueError(f"{answer!r} is no answer; there are accepted, declined, tentative and none")
    return found


def find_tracking(who: str, subject: str, ask: Lister) -> Tracking:
    """Return what is known of the answer of the address `who` to the newest invitation of this subject.

    A copy that its owner declined is gone from the calendar; the invitation still says who organizes.
    """
    named = f"$filter=subject eq {quote(subject)}"
    copies = [one for one in ask(who, f"/me/events?$top=100&{named}") if not one["isOrganizer"]]
    copy = max(copies, key=lambda one: str(one["createdDateTime"]), default=None)
    letters = [] if copy else ask(who, f"/me/messages?$top=100&{named}")
    organizer = _address(copy["organizer"]) if copy else _sender(letters)
    held = [
        one for one in (ask(organizer, f"/me/events?$top=100&{named}") if organizer else [])
        if one["isOrganizer"] and (copy is None or one["iCalUId"] == copy["iCalUId"])
    ]  # fmt: skip
    told = [
        str(guest["status"]["response"])
        for one in sorted(held, key=lambda each: str(each["createdDateTime"]))
        for guest in one["attendees"] if _address(guest) == who.casefold()
    ]  # fmt: skip
    return Tracking(
        who=who,
        subject=subject,
        organizer=organizer,
        told=_none(told[-1]) if told else None,
        own=_none(str(copy["responseStatus"]["response"])) if copy else None,
        is_invited=bool(copy or organizer),
        seen=() if organizer else _subjects_of(who, ask),
    )


def explain(found: Tracking, wanted: str) -> str:
    """Return in words why this is not the answer that was wanted, and what to look at."""
    if not found.is_invited:
        has = ", ".join(found.seen) or "nothing"
        return f"{found.who} was not invited to {found.subject!r}; the calendar and the inbox have: {has}"
    told = f"{found.organizer}'s event says {found.told!r}" if found.told else f"{found.organizer} has no such event"
    own = f"the own copy says {found.own!r}" if found.own else "there is no own copy (any more)"
    lines = [f"{found.who} has not answered {wanted!r} to {found.subject!r}: {told}, {own}."]
    if found.own == wanted != "none":
        lines.append(
            "The answer stands in the own copy alone: it was given without a response (sendResponse: false), or"
            f" written into the event. POST /me/events/{{id}}/{_CALLS[wanted]} tells the organizer."
        )
    elif found.told == "none" and found.own is None:
        lines.append(
            "It was deleted, or declined without a response (sendResponse: false), and the organizer was not told."
        )
    elif found.told == "none" and found.own == "none":
        lines.append(f"Nothing was answered yet. POST /me/events/{{id}}/{_CALLS.get(wanted, 'accept')} answers.")
    return "\n".join(lines)


def reasons(request: Mapping[str, Any], explained: Mapping[str, Any]) -> list[str]:
    """Return what a request did not do: by whom it was answered how, what happened, and what to call instead."""
    asked = f"{request['method']} {request['path']} was answered {request['status']}"
    told = [f"    {one['what']} {one['instead']} ({one['page']})" for one in explained["sentences"]]
    fault = f" by the fault {request['fault']!r}" if request["fault"] else ""
    hint = f": {request['hint']}" if request["hint"] else "."
    return [f"{asked}{fault}{hint}", *told]


def _none(response: str) -> str:
    """Return the word of a guest who has not answered: Graph has two for that."""
    return "none" if response == "notResponded" else response


def _sender(letters: list[dict[str, Any]]) -> str | None:
    """Return who sent the newest invitation among messages."""
    asked = [one for one in letters if one.get("meetingMessageType") == "meetingRequest"]
    newest = max(asked, key=lambda one: str(one["receivedDateTime"]), default=None)
    return _address(newest["from"]) if newest else None


def _subjects_of(who: str, ask: Lister) -> tuple[str, ...]:
    events = ask(who, "/me/events?$top=20&$select=subject")
    letters = ask(who, "/me/mailFolders/inbox/messages?$top=20&$select=subject")
    return tuple(dict.fromkeys(repr(one["subject"]) for one in (*events, *letters)))


def _address(person: Mapping[str, Any]) -> str:
    return str(person["emailAddress"]["address"]).casefold()


def quote(text: str) -> str:
    """Return a text as it stands in `$filter` (OData 4.01, URL Conventions 5.1.1.6.1)."""
    return "'" + text.replace("'", "''") + "'"
