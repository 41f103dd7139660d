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

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import OVERLAID, Copy, Overlay
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import PRIVATE, SHARED, CommentReaders, Event, Meeting
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.errors import SharedPropertyByGuest
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.content import Body
from rsvpd.mail.person import Person
from rsvpd.scheduling.answer import Given, Tell
from rsvpd.scheduling.component import with_own_changes, with_private
from rsvpd.scheduling.draft import apply_draft
from rsvpd.timezones.zone import to_instant

_DRAFTED = frozenset(EventDraft.__struct_fields__)


class GuestEdit(Struct, frozen=True, kw_only=True):
    """The guest's copy afterwards, the answer found in the edit, and what was not done."""

    copy: Copy
    given: Given | None = None
    hints: tuple[Hint, ...] = ()


class GuestChange(Struct, frozen=True, kw_only=True):
    """What a guest does to the organizer's meeting: `changes` of the members `changed`, and whom to invite."""

    changes: EventDraft
    changed: tuple[str, ...] = ()
    newcomers: tuple[AttendeeDraft, ...] = ()


def edit_locally(copy: Copy, recurrence_id: str | None, draft: EventDraft, *, now: Instant) -> GuestEdit:
    """Return the guest's copy with `draft` applied to it the way Outlook does: nobody is told.

    The dates of a series stay those of the organizer's pattern, wherever the guest moves it in the own copy.
    """
    meeting = compose(copy)
    old = component(meeting, recurrence_id)
    local = EventDraft(**{name: getattr(draft, name) for name in (*OVERLAID, *PRIVATE) if name in _DRAFTED})
    new = apply_draft(old, local, copy.revision.organizer)
    hints = tuple(hint for hint in (_list_hint(draft), _shared_hint(old, new)) if hint)
    edited = with_overlay(with_own_changes(copy, recurrence_id, old, new), recurrence_id, old, new)
    return GuestEdit(copy=_with_modified(copy, edited, now), hints=hints)


def edit_as_answer(
    copy: Copy, recurrence_id: str | None, draft: EventDraft, *, owner: Person, tell: Tell, now: Instant
) -> GuestEdit:
    """Return the guest's copy with the private part of `draft`, and the answer in the own attendee entry."""
    old = component(compose(copy), recurrence_id)
    private = EventDraft(**{name: getattr(draft, name) for name in PRIVATE if name in _DRAFTED})
    new = apply_draft(old, private, copy.revision.organizer)
    edited = with_own_changes(copy, recurrence_id, old, new)
    return GuestEdit(copy=_with_modified(copy, edited, now), given=_answer_in(old, draft, owner, tell))


def change_by_guest(meeting: Meeting, recurrence_id: str | None, draft: EventDraft) -> GuestChange:
    """Return what `draft` wants of the organizer's meeting. Raises SharedPropertyByGuest where that is not allowed."""
    old = component(meeting, recurrence_id)
    changed = _shared_changes(old, draft, meeting)
    if changed and not old.guests_can_modify:
        raise SharedPropertyByGuest(target=changed[0])
    newcomers = _newcomers(old, draft, meeting.organizer.address)
    if newcomers and not (old.guests_can_invite or old.guests_can_modify):
        raise SharedPropertyByGuest(target="attendees")
    names = (*changed, "deleted") if "recurrence" in changed else changed
    changes = EventDraft(**{name: getattr(draft, name) for name in names})
    return GuestChange(changes=changes, changed=changed, newcomers=newcomers)


def with_overlay(copy: Copy, recurrence_id: str | None, old: Event, new: Event) -> Copy:
    """Return a guest's copy that keeps what in `new` differs from `old` of the organizer's members."""
    changes = {name: getattr(new, name) for name in OVERLAID if getattr(new, name) != getattr(old, name)}
    if not changes:
        return copy
    private = copy.private(recurrence_id)
    overlay = structs.replace(private.overlay or Overlay(), **changes)
    return with_private(copy, recurrence_id, structs.replace(private, overlay=overlay))


def _with_modified(copy: Copy, edited: Copy, now: Instant) -> Copy:
    return copy if edited is copy else structs.replace(edited, modified=now)


def _list_hint(draft: EventDraft) -> Hint | None:
    if draft.attendees is UNSET:
        return None
    answers = any(one.answer is not UNSET for one in draft.attendees or ())
    return Hint(HintCode.ATTENDEE_STATUS_IGNORED if answers else HintCode.ATTENDEE_LIST_IGNORED)


def _shared_hint(old: Event, new: Event) -> Hint | None:
    changed = [name for name in OVERLAID if getattr(old, name) != getattr(new, name)]
    return Hint(HintCode.SHARED_PROPERTY_LOCAL, ", ".join(changed)) if changed else None


def _shared_changes(old: Event, draft: EventDraft, meeting: Meeting) -> tuple[str, ...]:
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


def _answer_in(old: Event, draft: EventDraft, owner: Person, tell: Tell) -> Given | None:
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
        is_written_back=len(draft.attendees) > 1 or not _is_list_alone(draft),
    )


def _is_list_alone(draft: EventDraft) -> bool:
    """Return whether a draft that holds a guest list holds nothing else."""
    names = {name for name in _DRAFTED - {"attendees_omitted", "ignored"} if getattr(draft, name) is not UNSET}
    return names == {"attendees"}
