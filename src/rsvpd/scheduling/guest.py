"""A guest edits the own copy.

Rule 1: what is private to the copy (reminder, categories, show-as, …) is the guest's to change.
Rule 2: what is shared belongs to the organizer. Outlook lets a guest write it into the own copy,
        and tells nobody; Google refuses it.
Rule 3: nobody answers for anybody else. In Outlook an attendee list written by a guest changes
        nothing; in Google the guest's own entry in it is the answer.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, structs

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import PRIVATE, SHARED, CommentReaders, Event, Meeting
from rsvpd.calendar.series import Frame, component, is_partial, pattern_start, wall_of
from rsvpd.clock import Instant
from rsvpd.errors import SharedPropertyByGuest
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.content import Body
from rsvpd.mail.person import Person
from rsvpd.scheduling.answer import Given, Tell
from rsvpd.scheduling.component import with_component
from rsvpd.scheduling.draft import claims, laid_over
from rsvpd.timezones.zone import to_instant

# What Outlook keeps on a guest's copy; the rest of the shared part does not even change there.
_LOCAL = ("subject", "body", "start", "end", "locations", "importance")
_TIMES = ("start", "end")
_DRAFTED = frozenset(EventDraft.__struct_fields__)


class Edited(Struct, frozen=True, kw_only=True):
    """The guest's copy afterwards, the answer found in the edit, and what was not done."""

    meeting: Meeting
    given: Given | None = None
    hints: tuple[Hint, ...] = ()


class Beyond(Struct, frozen=True, kw_only=True):
    """What a guest does to the organizer's meeting: `changes` of the members `changed`, and whom to invite."""

    changes: EventDraft
    changed: tuple[str, ...] = ()
    newcomers: tuple[AttendeeDraft, ...] = ()


def edit_locally(meeting: Meeting, recurrence_id: str | None, draft: EventDraft, *, now: Instant) -> Edited:
    """Return the guest's copy with `draft` laid over it the way Outlook does: nobody is told."""
    old = component(meeting, recurrence_id)
    local = EventDraft(**{name: getattr(draft, name) for name in (*_LOCAL, *PRIVATE) if name in _DRAFTED})
    new = laid_over(old, local, meeting.organizer)
    hints = tuple(hint for hint in (_list_hint(old, draft), _shared_hint(old, new)) if hint)
    return Edited(meeting=_changed(meeting, recurrence_id, old, new, now), hints=hints)


def edit_as_answer(
    meeting: Meeting, recurrence_id: str | None, draft: EventDraft, *, owner: Person, tell: Tell, now: Instant
) -> Edited:
    """Return the guest's copy with the private part of `draft`, and the answer in the own attendee entry."""
    old = component(meeting, recurrence_id)
    private = EventDraft(**{name: getattr(draft, name) for name in PRIVATE if name in _DRAFTED})
    new = laid_over(old, private, meeting.organizer)
    return Edited(
        meeting=_changed(meeting, recurrence_id, old, new, now),
        given=_given(old, draft, owner, tell),
    )


def beyond_own(meeting: Meeting, recurrence_id: str | None, draft: EventDraft) -> Beyond:
    """Return what `draft` wants of the organizer's meeting. Raises SharedPropertyByGuest where that is not allowed."""
    old = component(meeting, recurrence_id)
    changed = _changed_shared(old, draft, meeting)
    if changed and not old.guests_can_modify:
        raise SharedPropertyByGuest(target=changed[0])
    newcomers = _newcomers(old, draft, meeting.organizer.address)
    if newcomers and not (old.guests_can_invite or old.guests_can_modify):
        raise SharedPropertyByGuest(target="attendees")
    names = (*changed, "deleted") if "recurrence" in changed else changed
    changes = EventDraft(**{name: getattr(draft, name) for name in names})
    return Beyond(changes=changes, changed=changed, newcomers=newcomers)


def _changed(meeting: Meeting, recurrence_id: str | None, old: Event, new: Event, now: Instant) -> Meeting:
    if new == old:
        return meeting
    if recurrence_id is None and meeting.recurrence is not None and not is_partial(meeting):
        changed = _changed_series(meeting, new)
    else:
        changed = with_component(meeting, recurrence_id, new)
    return structs.replace(changed, modified=now)


def _changed_series(meeting: Meeting, new: Event) -> Meeting:
    """Return the own copy of a series with `new` as its master: the dates stay those of the organizer's pattern."""
    begins = pattern_start(meeting)
    copy = structs.replace(meeting, event=new, pattern_start=None if begins == new.start else begins)
    before, after = Frame(meeting), Frame(copy)
    exceptions = {rid: _followed(rid, event, before, after) for rid, event in meeting.exceptions.items()}
    return structs.replace(copy, exceptions=exceptions)


def _followed(recurrence_id: str, event: Event, before: Frame, after: Frame) -> Event:
    """Return an exception after a change of its series: what was the series' follows it, what differed stays."""
    wall = wall_of(before.meeting, recurrence_id)
    if wall is None:
        return event
    old, new = before.event(wall), after.event(wall)
    stays = (event.start, event.end) != (old.start, old.end)
    names = (name for name in _LOCAL if getattr(event, name) == getattr(old, name) and not (stays and name in _TIMES))
    return structs.replace(event, **{name: getattr(new, name) for name in names})


def _list_hint(old: Event, draft: EventDraft) -> Hint | None:
    if draft.attendees is UNSET:
        return None
    said = any(one.answer is not UNSET for one in draft.attendees or ())
    if said:
        return claims(old.attendees, draft) or Hint(HintCode.ATTENDEE_STATUS_IGNORED)
    return Hint(HintCode.ATTENDEE_LIST_IGNORED)


def _shared_hint(old: Event, new: Event) -> Hint | None:
    changed = [name for name in _LOCAL if getattr(old, name) != getattr(new, name)]
    return Hint(HintCode.SHARED_PROPERTY_LOCAL, ", ".join(changed)) if changed else None


def _changed_shared(old: Event, draft: EventDraft, meeting: Meeting) -> tuple[str, ...]:
    """Return which members of what all share the draft would change."""
    changed = [
        name
        for name in SHARED
        if name in _DRAFTED
        and name != "attendees"
        and (value := getattr(draft, name)) is not UNSET
        and not _is_same(old, name, value)
    ]
    excluded = () if draft.deleted is UNSET else draft.deleted
    if draft.recurrence is not UNSET and (draft.recurrence != meeting.recurrence or {*excluded} - {*meeting.deleted}):
        changed.append("recurrence")
    return tuple(changed)


def _is_same(old: Event, name: str, value: Any) -> bool:
    before = getattr(old, name)
    if name in ("start", "end"):
        return type(before) is type(value) and to_instant(before) == to_instant(value)
    if name == "body":
        return bool(before.text.strip() == (value or Body()).text.strip())
    if name == "locations":
        return [place.name for place in before] == [place.name for place in value or ()]
    return bool(before == value or (value is None and not before))


def _newcomers(old: Event, draft: EventDraft, organizer: str) -> tuple[AttendeeDraft, ...]:
    if not draft.attendees or draft.attendees_omitted:
        return ()
    known = {fold(organizer), *(fold(one.address) for one in old.attendees)}
    return tuple(one for one in draft.attendees if fold(one.address) not in known)


def _given(old: Event, draft: EventDraft, owner: Person, tell: Tell) -> Given | None:
    if draft.attendees is UNSET or draft.attendees is None:
        return None
    own = next((one for one in draft.attendees if owner.answers_to(one.address)), None)
    if own is None or (own.answer is UNSET and own.comment is UNSET and own.guests is UNSET):
        return None
    comment = old.comment if own.comment is UNSET else own.comment
    return Given(
        answer=old.answer if own.answer is UNSET else own.answer,
        comment=comment,
        # Words of an earlier answer that are only written back are still for whom they were.
        comment_readers=old.comment_readers if comment == old.comment else CommentReaders.GUESTS,
        guests=None if own.guests is UNSET else own.guests,
        tell=tell,
        is_written_back=not _is_own_entry_alone(draft),
    )


def _is_own_entry_alone(draft: EventDraft) -> bool:
    """Return whether a draft that holds the own entry holds nothing else."""
    said = {name for name in _DRAFTED - {"attendees_omitted", "ignored"} if getattr(draft, name) is not UNSET}
    return said == {"attendees"} and len(draft.attendees or ()) == 1
