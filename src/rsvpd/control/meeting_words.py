"""What differs between two states of one event or message, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, Status, When
from rsvpd.clock import Instant, to_datetime
from rsvpd.control.described import quote, shorten
from rsvpd.mail.address import fold
from rsvpd.mail.message import Message

# What an answer came through, by the name that is stored with it.
_THROUGH = {
    "graph": "by Graph", "outlook-v2": "by Outlook REST v2.0", "outlook-v1": "by Outlook REST v1.0",
    "google": "by Google", "room": "by the room itself", "persona": "by a persona",
    "automatic": "by an event that declines", "seed": "by a seed",
}  # fmt: skip
_FOLLOWS = "shown as"  # goes with the answer
_MEMBERS: dict[str, Callable[[Event], str]] = {
    "place": lambda one: quote("; ".join(place.name or place.mailbox or "" for place in one.locations)),
    _FOLLOWS: lambda one: one.show_as.value,
    "sensitivity": lambda one: one.sensitivity.value,
    "importance": lambda one: one.importance.value,
    "categories": lambda one: quote(", ".join(one.categories)),
    "reminder": lambda one: f"{one.reminder_minutes} minutes before" if one.reminder_on else "none",
    "online meeting": lambda one: quote(one.conference.url or "one") if one.conference else "none",
    "attachments": lambda one: quote(", ".join(attached.name for attached in one.attachments)),
    "answers are asked for": lambda one: _yes(one.response_requested),
    "other times may be proposed": lambda one: _yes(one.allow_proposals),
    "guests are hidden": lambda one: _yes(one.hide_attendees),
    "guests may change it": lambda one: _yes(one.guests_can_modify),
    "guests may invite": lambda one: _yes(one.guests_can_invite),
}
_OF_MESSAGES: dict[str, Callable[[Message], str]] = {
    "subject": lambda one: quote(one.letter.subject),
    "flag": lambda one: one.flag.status.value,
    "categories": lambda one: quote(", ".join(one.categories)),
    "importance": lambda one: (one.importance or one.letter.importance).value,
    "in the inbox": lambda one: one.inference.name.lower(),
    "to": lambda one: shorten(", ".join(to.address for to in one.letter.to)),
    "attachments": lambda one: quote(", ".join(attached.name for attached in one.letter.attachments)),
}


def through(interface: str) -> str:
    """Return in words through which interface an answer was given; nothing where that is not known."""
    kind, _, which = interface.partition(" ")
    known = _THROUGH.get(kind, f"by {kind}" if kind else "")
    return f"{known} ({which})" if which else known


def message_words(before: tuple[Message, str], after: tuple[Message, str]) -> str:
    """Return in words what differs between two states of a message, each with the name of its folder."""
    (old, was_in), (new, is_in) = before, after
    words = [
        f"moved from {was_in} to {is_in}" if was_in != is_in else "",
        ("read" if new.is_read else "unread") if old.is_read != new.is_read else "",
        "sent" if old.is_draft and not new.is_draft else "",
        *(f"{name} {of(old)} -> {of(new)}" for name, of in _OF_MESSAGES.items() if of(old) != of(new)),
        "another text" if old.letter.body != new.letter.body else "",
    ]
    return f"{quote(new.letter.subject)}: {', '.join(filter(None, words)) or 'changed'}"


def meeting_words(before: Meeting, after: Meeting, now: Instant) -> list[str]:
    """Return in words what differs between two states of one event: of the whole, then of its single dates.

    Times of the day of `now`, in UTC, are told without their date.
    """
    name = quote(after.event.subject)
    found = event_words(name, before.event, after.event, now, is_own=not after.is_organizer)
    if before.recurrence != after.recurrence:
        found.append(f"{name}: another recurrence")
    for date in sorted({*before.exceptions, *after.exceptions}):
        old, new = before.exceptions.get(date, before.event), after.exceptions.get(date, after.event)
        if date in before.exceptions and date in after.exceptions and old == new:
            continue
        moved = (date not in before.exceptions or date not in after.exceptions) and old.start != new.start
        plain = event_words(f"{name} of {date}", old, new, now, is_own=not after.is_organizer, with_times=not moved)
        found += plain or [f"{name} of {date}: changed"]
    found += [f"{name} of {date}: does not take place" for date in after.deleted if date not in before.deleted]
    return found or [f"{name}: changed"]


def event_words(
    name: str, old: Event, new: Event, now: Instant, *, is_own: bool, with_times: bool = True
) -> list[str]:
    """Return in words what differs between two states of an event; `is_own`: its owner is a guest, who answers it."""
    is_answered = is_own and (old.answer, old.answered) != (new.answer, new.answered)
    members = {what: of for what, of in _MEMBERS.items() if not (is_answered and what == _FOLLOWS)}
    words = [
        f"title {quote(old.subject)} -> {quote(new.subject)}" if old.subject != new.subject else "",
        f"time {times(old)} -> {times(new)}" if with_times and times(old) != times(new) else "",
        "cancelled" if new.status is Status.CANCELLED and old.status is not Status.CANCELLED else "",
        *(f"{what} {of(old)} -> {of(new)}" for what, of in members.items() if of(old) != of(new)),
        "another text" if old.body != new.body else "",
    ]
    found = [f"{name}: {word}" for word in words if word]
    if is_answered:
        given = _answer_facts(new.answered, new.answered_through, now)
        found.append(f"{name}: own answer {old.answer.value} -> {new.answer.value}{given}")
    return found + list(_answers(name, old, new, now))


def _answers(name: str, old: Event, new: Event, now: Instant) -> Iterator[str]:
    were = {fold(one.address): one for one in old.attendees}
    are = {fold(one.address): one for one in new.attendees}
    for address in dict.fromkeys((*were, *are)):
        before, after = were.get(address), are.get(address)
        if before is None and after is not None:
            given = _answer_facts(after.answered, after.answered_through, now)
            answer = "" if after.answer is Answer.NONE else f", who said {after.answer.value}{given}"
            yield f"{name}: {address} is invited{answer}"
        elif before is not None and after is None:
            yield f"{name}: {address} is not invited any more"
        elif before is not None and after is not None:
            if (before.answer, before.answered) != (after.answer, after.answered):
                given = _answer_facts(after.answered, after.answered_through, now)
                yield f"{address}'s answer to {name}: {before.answer.value} -> {after.answer.value}{given}"
            if after.proposal is not None and after.proposal != before.proposal:
                yield f"{address} proposes {_span(*after.proposal)} for {name}"


def _answer_facts(answered: Instant, interface: str, now: Instant) -> str:
    """Return through what and when an answer was given, as far as that is known."""
    parts = [through(interface), moment(answered, now) if answered else ""]
    return "".join(f", {part}" for part in parts if part)


def moment(at: Instant, now: Instant) -> str:
    """Return a time of the day of `now`, or a time with its date, in UTC."""
    then = to_datetime(at)
    return f"{then:%H:%M}" if then.date() == to_datetime(now).date() else f"{then:%Y-%m-%d %H:%M}"


def outline(meeting: Meeting) -> str:
    """Return what an event is called, when it is and who invited, in words."""
    event = meeting.event
    series = "series " if meeting.recurrence is not None else ""
    who = "" if meeting.is_organizer else f", invited by {meeting.organizer.address}"
    return f"{series}{quote(event.subject)}, {times(event)}{who}"


def times(event: Event) -> str:
    """Return when an event is, by the clock of its zone."""
    return _span(event.start, event.end)


def _span(start: When, end: When) -> str:
    if isinstance(start, AllDay) or isinstance(end, AllDay):
        return f"{_when(start)} to {_when(end)}"
    until = f"{end.wall:%H:%M}" if end.wall.date() == start.wall.date() else f"{end.wall:%Y-%m-%d %H:%M}"
    return f"{start.wall:%Y-%m-%d %H:%M}-{until} {start.zone}"


def _when(time: When) -> str:
    return time.day.isoformat() if isinstance(time, AllDay) else f"{time.wall:%Y-%m-%d %H:%M} {time.zone}"


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
