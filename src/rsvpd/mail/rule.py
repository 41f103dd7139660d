"""What owners want done with mail that comes in: rules of the inbox, and who is focused. Pure.

Rule 1: rules that are enabled count in their order. All that a rule's conditions name has to hold, and nothing that its
        exceptions name; of several words or people in one condition any one will do.
Rule 2: the first rule that moves or deletes a message says where it goes; a later one that moves it puts a copy there.
        Categories add up. After a rule that stops the processing nothing more is looked at.
Rule 3: what a rule passes on names the mailboxes that passed it on before; none does so twice, and together they do it
        no more than `MOST_HOPS` times.

https://learn.microsoft.com/graph/api/resources/messagerule
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.calendar.event import Sensitivity
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.attachment import Presence, presence, total_size
from rsvpd.mail.content import Importance, as_text
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import AutoSubmitted, Inference, Letter, MeetingKind
from rsvpd.mail.person import Person

F = TypeVar("F")
G = TypeVar("G")
MOST_HOPS = 4
# As much of a body is looked at for words.
_LONGEST_BODY = 32_768
_KILOBYTE = 1024


class SizeRange(Struct, frozen=True, omit_defaults=True):
    """From and to how many kilobytes; None is open."""

    minimum: int | None = None
    maximum: int | None = None


class Predicates(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a rule asks of a message; what is empty or false asks nothing."""

    body_contains: tuple[str, ...] = ()
    body_or_subject_contains: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    from_addresses: tuple[Mailbox, ...] = ()
    has_attachments: bool = False
    header_contains: tuple[str, ...] = ()
    importance: Importance | None = None
    is_approval_request: bool = False
    is_automatic_forward: bool = False
    is_automatic_reply: bool = False
    is_encrypted: bool = False
    is_meeting_request: bool = False
    is_meeting_response: bool = False
    is_non_delivery_report: bool = False
    is_permission_controlled: bool = False
    is_read_receipt: bool = False
    is_signed: bool = False
    is_voicemail: bool = False
    message_action_flag: str | None = None
    not_sent_to_me: bool = False
    recipient_contains: tuple[str, ...] = ()
    sender_contains: tuple[str, ...] = ()
    sensitivity: Sensitivity | None = None
    sent_cc_me: bool = False
    sent_only_to_me: bool = False
    sent_to_addresses: tuple[Mailbox, ...] = ()
    sent_to_me: bool = False
    sent_to_or_cc_me: bool = False
    subject_contains: tuple[str, ...] = ()
    within_size_range: SizeRange | None = None


class Actions(Struct, Generic[F], frozen=True, omit_defaults=True, kw_only=True):
    """What a rule does; folders are named by an F: their numbers where it is stored."""

    assign_categories: tuple[str, ...] = ()
    copy_to_folder: F | None = None
    delete: bool = False
    forward_as_attachment_to: tuple[Mailbox, ...] = ()
    forward_to: tuple[Mailbox, ...] = ()
    mark_as_read: bool = False
    mark_importance: Importance | None = None
    move_to_folder: F | None = None
    permanent_delete: bool = False
    redirect_to: tuple[Mailbox, ...] = ()
    stop_processing_rules: bool = False

    @property
    def folders(self) -> tuple[F, ...]:
        """Return the folders that are named."""
        return tuple(one for one in (self.copy_to_folder, self.move_to_folder) if one is not None)

    def with_folders(self, names: Mapping[F, G]) -> Actions[G]:
        """Return the same with the folders under other names."""
        members: dict[str, Any] = {name: getattr(self, name) for name in self.__struct_fields__}
        for place in ("copy_to_folder", "move_to_folder"):
            folder: F | None = members[place]
            members[place] = None if folder is None else names[folder]
        return Actions(**members)

    @property
    def recipients(self) -> tuple[Mailbox, ...]:
        """Return whom the message is passed on to."""
        return (*self.forward_to, *self.forward_as_attachment_to, *self.redirect_to)


class MessageRule(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A rule of an inbox. Stored."""

    name: str
    sequence: int
    is_enabled: bool = True
    conditions: Predicates | None = None
    exceptions: Predicates | None = None
    actions: Actions[int] = Actions()


class RuleDraft(Struct, frozen=True, kw_only=True):
    """The members of a rule that a client sent. `ignored` names those that have no effect."""

    name: str | UnsetType | None = UNSET
    sequence: int | UnsetType | None = UNSET
    is_enabled: bool | UnsetType | None = UNSET
    conditions: Predicates | UnsetType | None = UNSET
    exceptions: Predicates | UnsetType | None = UNSET
    actions: Actions[int] | UnsetType | None = UNSET
    ignored: tuple[str, ...] = ()


class SenderOverride(Struct, frozen=True):
    """Where messages of a sender go in a focused inbox, whatever else there is. Stored."""

    sender: Mailbox
    classify_as: Inference


class Incoming:
    """A letter on its way into the inbox of `owner`, and what rules so far made of it there."""

    def __init__(self, letter: Letter, owner: Person) -> None:
        self.letter = letter
        self.importance = letter.importance
        self.categories: tuple[str, ...] = ()
        self._own = fold(owner.address)

    @cached_property
    def to(self) -> frozenset[str]:
        """Return the folded addresses that it is to."""
        return frozenset(fold(box.address) for box in self.letter.to)

    @cached_property
    def cc(self) -> frozenset[str]:
        """Return the folded addresses that get a copy."""
        return frozenset(fold(box.address) for box in self.letter.cc)

    @property
    def is_to_owner(self) -> bool:
        """Return whether it is to the owner."""
        return self._own in self.to

    @property
    def is_copy_to_owner(self) -> bool:
        """Return whether the owner gets a copy."""
        return self._own in self.cc

    @cached_property
    def subject(self) -> str:
        """Return the folded subject."""
        return self.letter.subject.casefold()

    @cached_property
    def body(self) -> str:
        """Return the folded beginning of the text."""
        return as_text(self.letter.body)[:_LONGEST_BODY].casefold()

    @cached_property
    def sender(self) -> str:
        """Return the folded name and address of who it is from."""
        return _words_of((self.letter.from_,))

    @cached_property
    def recipients(self) -> str:
        """Return the folded names and addresses of everybody who gets it."""
        return _words_of((*self.letter.to, *self.letter.cc))

    @cached_property
    def headers(self) -> str:
        """Return the folded headers that say who, what and when."""
        letter = self.letter
        lines = (
            ("From", self.sender), ("To", _words_of(letter.to)), ("Cc", _words_of(letter.cc)),
            ("Subject", self.subject), ("Message-ID", letter.internet_message_id),
            ("References", " ".join(letter.references)), ("Importance", letter.importance.value),
            ("Auto-Submitted", letter.auto_submitted.value), *((one.name, one.value) for one in letter.headers),
        )  # fmt: skip
        return "\n".join(f"{name}: {value}" for name, value in lines).casefold()

    @cached_property
    def size(self) -> int:
        """Return how many bytes it takes."""
        said = (self.letter.subject, self.letter.body.text, self.sender, self.recipients)
        return sum(len(text.encode("utf-8", "replace")) for text in said) + total_size(self.letter.attachments)


class Outcome(Struct, frozen=True, kw_only=True):
    """What becomes of a letter in one mailbox. `folder` is None where it is not kept at all."""

    folder: int | None = int(Folder.INBOX)
    copies: tuple[int, ...] = ()
    is_read: bool = False
    importance: Importance | None = None
    categories: tuple[str, ...] = ()
    forward_to: tuple[Mailbox, ...] = ()
    forward_as_attachment_to: tuple[Mailbox, ...] = ()
    redirect_to: tuple[Mailbox, ...] = ()


def decide(rules: Iterable[MessageRule], letter: Letter, owner: Person) -> Outcome:
    """Return what the rules of `owner`, in their order, make of a letter."""
    incoming, outcome = Incoming(letter, owner), Outcome()
    is_placed = False
    for rule in rules:
        if not rule.is_enabled or not applies(rule, incoming):
            continue
        actions = rule.actions
        place = _place(actions)
        if place is not _STAYS and not is_placed:
            outcome, is_placed = structs.replace(outcome, folder=place), True
        elif isinstance(place, int) and place != Folder.DELETED:
            outcome = structs.replace(outcome, copies=(*outcome.copies, place))
        outcome = _apply_actions(outcome, actions)
        incoming.categories = outcome.categories
        incoming.importance = outcome.importance or incoming.importance
        if actions.stop_processing_rules:
            break
    return outcome


def applies(rule: MessageRule, incoming: Incoming) -> bool:
    """Return whether a rule is about this letter."""
    if rule.exceptions is not None and any(_tests(rule.exceptions, incoming)):
        return False
    return rule.conditions is None or all(_tests(rule.conditions, incoming))


def may_pass_on(letter: Letter, owner: Person) -> bool:
    """Return whether a rule of `owner` may pass a letter on (rule 3)."""
    return len(letter.passed_on_by) < MOST_HOPS and fold(owner.address) not in letter.passed_on_by


_STAYS: Any = object()


def _place(actions: Actions[int]) -> int | None:
    """Return where a rule puts a message, None for nowhere; `_STAYS` where it says nothing of that."""
    if actions.permanent_delete:
        return None
    if actions.delete:
        return int(Folder.DELETED)
    place: int = _STAYS if actions.move_to_folder is None else actions.move_to_folder
    return place


def _apply_actions(outcome: Outcome, actions: Actions[int]) -> Outcome:
    copies = () if actions.copy_to_folder is None else (actions.copy_to_folder,)
    return structs.replace(
        outcome,
        copies=(*outcome.copies, *copies),
        is_read=outcome.is_read or actions.mark_as_read,
        importance=actions.mark_importance or outcome.importance,
        categories=tuple(dict.fromkeys((*outcome.categories, *actions.assign_categories))),
        forward_to=_people(outcome.forward_to, actions.forward_to),
        forward_as_attachment_to=_people(outcome.forward_as_attachment_to, actions.forward_as_attachment_to),
        redirect_to=_people(outcome.redirect_to, actions.redirect_to),
    )


def _people(known: tuple[Mailbox, ...], more: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
    return tuple({fold(one.address): one for one in (*known, *more)}.values())


def _words_of(boxes: Iterable[Mailbox]) -> str:
    return " ".join(f"{box.name} {box.address}" for box in boxes).casefold()


# --- what is asked


def _tests(predicates: Predicates, incoming: Incoming) -> Iterable[bool]:
    """Yield whether each thing holds that is asked."""
    for name, test in _TESTS.items():
        wanted = getattr(predicates, name)
        if wanted not in _ASKS_NOTHING:
            yield test(incoming, wanted)


_ASKS_NOTHING: tuple[Any, ...] = ((), False, None)
Test = Callable[[Incoming, Any], bool]


def _contains(text: Callable[[Incoming], str]) -> Test:
    return lambda incoming, words: any(word.casefold() in text(incoming) for word in words)


def _any_of(addresses: Callable[[Incoming], Iterable[str]]) -> Test:
    return lambda incoming, boxes: not {fold(box.address) for box in boxes}.isdisjoint(addresses(incoming))


def _is(fact: Callable[[Incoming], bool]) -> Test:
    return lambda incoming, _: fact(incoming)


def _never(_: Incoming, __: Any) -> bool:
    """Say no: no mail of this server is anything of the kind."""
    return False


def _kind(incoming: Incoming) -> MeetingKind:
    note = incoming.letter.note
    return MeetingKind.NONE if note is None else note.kind


def _is_within(incoming: Incoming, sizes: SizeRange) -> bool:
    least, most = sizes.minimum or 0, sizes.maximum
    return incoming.size >= least * _KILOBYTE and (most is None or incoming.size <= most * _KILOBYTE)


_RESPONSES = (MeetingKind.ACCEPTED, MeetingKind.TENTATIVE, MeetingKind.DECLINED)
_TESTS: Mapping[str, Test] = {
    "sent_to_me": _is(lambda one: one.is_to_owner),
    "sent_cc_me": _is(lambda one: one.is_copy_to_owner),
    "sent_to_or_cc_me": _is(lambda one: one.is_to_owner or one.is_copy_to_owner),
    "sent_only_to_me": _is(lambda one: one.is_to_owner and len(one.to | one.cc) == 1),
    "not_sent_to_me": _is(lambda one: not one.is_to_owner),
    "from_addresses": _any_of(lambda one: (fold(one.letter.from_.address),)),
    "sent_to_addresses": _any_of(lambda one: one.to | one.cc),
    "importance": lambda one, wanted: one.importance is wanted,
    "sensitivity": lambda one, wanted: one.letter.sensitivity is wanted,
    "categories": lambda one, wanted: not set(wanted).isdisjoint(one.categories),
    "is_meeting_request": _is(lambda one: _kind(one) is MeetingKind.REQUEST),
    "is_meeting_response": _is(lambda one: _kind(one) in _RESPONSES),
    "is_automatic_forward": _is(lambda one: bool(one.letter.passed_on_by)),
    "is_automatic_reply": _is(lambda one: one.letter.auto_submitted is AutoSubmitted.REPLIED),
    "has_attachments": _is(lambda one: presence(one.letter.attachments) is Presence.ATTACHED),
    "within_size_range": _is_within,
    "sender_contains": _contains(lambda one: one.sender),
    "recipient_contains": _contains(lambda one: one.recipients),
    "subject_contains": _contains(lambda one: one.subject),
    "header_contains": _contains(lambda one: one.headers),
    "body_or_subject_contains": _contains(lambda one: f"{one.subject}\n{one.body}"),
    "body_contains": _contains(lambda one: one.body),
    "message_action_flag": _never,
    "is_approval_request": _never,
    "is_encrypted": _never,
    "is_non_delivery_report": _never,
    "is_permission_controlled": _never,
    "is_read_receipt": _never,
    "is_signed": _never,
    "is_voicemail": _never,
}
