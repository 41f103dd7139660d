"""What owners want done with mail that comes in: rules of the inbox, and overrides of the focused inbox."""

from __future__ import annotations

from msgspec import UNSET, structs

from rsvpd import ids
from rsvpd.commands.access import NOT_FOUND, open_mailbox, own_item
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.outgoing import set_or_kept
from rsvpd.errors import FolderNotFound, InvalidRule, ItemNotFound, MissingProperty, NotAllowed
from rsvpd.hints import ignored_property_hints
from rsvpd.mail import folder as mail_folder
from rsvpd.mail.folder import FolderTree
from rsvpd.mail.message import Inference
from rsvpd.mail.person import Person
from rsvpd.mail.rule import Actions, MessageRule, RuleDraft, SenderOverride
from rsvpd.mail.view import OverrideView, RuleView
from rsvpd.store import folders, rules
from rsvpd.store.rules import RuleRow
from rsvpd.store.tx import Tx

# Exchange keeps 256 KB of rules in a mailbox; all of them are read whenever mail comes in.
MOST_RULES, MOST_BYTES = 100, 65_536
# learn.microsoft.com/graph/api/resources/inferenceclassificationoverride: "a maximum of 1000 unique SMTP addresses".
MOST_OVERRIDES = 1_000
# To how many one rule passes mail on.
MOST_RECIPIENTS = 10
_HIGHEST = 2**31 - 1


@reads
def list_rules(tx: Tx, who: Who) -> list[RuleView]:
    """Return the rules of the inbox in their order."""
    owner = open_mailbox(tx, who)
    tree = folders.tree(tx, owner.number)
    return [_view(owner, tree, row) for row in rules.of_mailbox(tx, owner.number)]


@reads
def get_rule(tx: Tx, who: Who, rule: ids.ItemId) -> RuleView:
    """Return a rule. Raises ItemNotFound."""
    owner = open_mailbox(tx, who)
    return _view(owner, folders.tree(tx, owner.number), _find(tx, owner, rule))


@writes
def create_rule(tx: Tx, who: Who, draft: RuleDraft) -> Done[RuleView]:
    """Make a rule; where its place is not said, it is the last.

    Raises MissingProperty without a name or actions, InvalidRule, FolderNotFound, NotAllowed for too many.
    """
    owner = open_mailbox(tx, who)
    for value, name in ((draft.name, "displayName"), (draft.actions, "actions")):
        if value is UNSET or value is None:
            raise MissingProperty(f"The property '{name}' is required.", target=name)
    others = [row.rule for row in rules.of_mailbox(tx, owner.number)]
    if len(others) >= MOST_RULES:
        raise NotAllowed(f"There are {MOST_RULES} rules in this mailbox already.")
    last = max((one.sequence for one in others), default=0)
    rule = _apply_draft(MessageRule(name="", sequence=min(last + 1, _HIGHEST)), draft)
    tree = folders.tree(tx, owner.number)
    _check(rule, tree, others)
    number = rules.create(tx, owner.number, rule)
    return Done(_view(owner, tree, RuleRow(number, rule)), ignored_property_hints(draft.ignored))


@writes
def update_rule(tx: Tx, who: Who, rule: ids.ItemId, draft: RuleDraft) -> Done[RuleView]:
    """Change members of a rule, each as a whole. Raises what `create_rule` raises, and ItemNotFound."""
    owner = open_mailbox(tx, who)
    before = _find(tx, owner, rule)
    changed = _apply_draft(before.rule, draft)
    tree = folders.tree(tx, owner.number)
    others = [row.rule for row in rules.of_mailbox(tx, owner.number) if row.number != before.number]
    if changed != before.rule:
        _check(changed, tree, others)
        rules.update(tx, owner.number, before.number, changed)
    return Done(_view(owner, tree, RuleRow(before.number, changed)), ignored_property_hints(draft.ignored))


@writes
def delete_rule(tx: Tx, who: Who, rule: ids.ItemId) -> Done[None]:
    """Remove a rule. Raises ItemNotFound."""
    owner = open_mailbox(tx, who)
    rules.delete(tx, owner.number, _find(tx, owner, rule).number)
    return Done(None)


@reads
def list_overrides(tx: Tx, who: Who) -> list[OverrideView]:
    """Return the overrides of the focused inbox."""
    owner = open_mailbox(tx, who)
    found = rules.overrides(tx, owner.number)
    return [OverrideView(owner=owner, number=row.number, override=row.override) for row in found]


@writes
def create_override(tx: Tx, who: Who, override: SenderOverride) -> Done[OverrideView]:
    """Say where messages of a sender go from now on; where that was said before, it is changed.

    Raises NotAllowed for too many.
    """
    owner = open_mailbox(tx, who)
    number = rules.override_of(tx, owner.number, override.sender.address)
    if number is not None:
        rules.update_override(tx, owner.number, number, override)
    elif len(rules.overrides(tx, owner.number)) >= MOST_OVERRIDES:
        raise NotAllowed(f"There are {MOST_OVERRIDES} overrides in this mailbox already.")
    else:
        number = rules.create_override(tx, owner.number, override)
    return Done(OverrideView(owner=owner, number=number, override=override))


@reads
def get_override(tx: Tx, who: Who, override: ids.ItemId) -> OverrideView:
    """Return an override. Raises ItemNotFound."""
    return _find_override(tx, open_mailbox(tx, who), override)


@writes
def update_override(tx: Tx, who: Who, override: ids.ItemId, classify_as: Inference) -> Done[OverrideView]:
    """Say anew where messages of a sender go. Raises ItemNotFound."""
    view = _find_override(tx, open_mailbox(tx, who), override)
    changed = structs.replace(view.override, classify_as=classify_as)
    if changed != view.override:
        rules.update_override(tx, view.owner.number, view.number, changed)
    return Done(structs.replace(view, override=changed))


@writes
def delete_override(tx: Tx, who: Who, override: ids.ItemId) -> Done[None]:
    """Remove an override; messages stay where they are. Raises ItemNotFound."""
    view = _find_override(tx, open_mailbox(tx, who), override)
    rules.delete_override(tx, view.owner.number, view.number)
    return Done(None)


def _find(tx: Tx, owner: Person, rule: ids.ItemId) -> RuleRow:
    number = own_item(owner, rule, ids.Kind.RULE)
    found = next((row for row in rules.of_mailbox(tx, owner.number) if row.number == number), None)
    if found is None:
        raise ItemNotFound(NOT_FOUND)
    return found


def _find_override(tx: Tx, owner: Person, override: ids.ItemId) -> OverrideView:
    number = own_item(owner, override, ids.Kind.OVERRIDE)
    found = next((row for row in rules.overrides(tx, owner.number) if row.number == number), None)
    if found is None:
        raise ItemNotFound(NOT_FOUND)
    return OverrideView(owner=owner, number=number, override=found.override)


def _apply_draft(rule: MessageRule, draft: RuleDraft) -> MessageRule:
    return MessageRule(
        name=set_or_kept(draft.name, rule.name, default=""),
        sequence=set_or_kept(draft.sequence, rule.sequence, default=rule.sequence),
        is_enabled=set_or_kept(draft.is_enabled, rule.is_enabled, default=True),
        conditions=set_or_kept(draft.conditions, rule.conditions, default=None),
        exceptions=set_or_kept(draft.exceptions, rule.exceptions, default=None),
        actions=set_or_kept(draft.actions, rule.actions, default=Actions()),
    )


def _check(rule: MessageRule, tree: FolderTree, others: list[MessageRule]) -> None:
    """Raise InvalidRule for a rule that nobody could follow, NotAllowed where there is too much of them,
    FolderNotFound and InvalidFolderType for a folder that takes no mail.
    """
    if not rule.name.strip() or len(rule.name) > mail_folder.LONGEST_NAME:
        raise InvalidRule("A rule needs a name.", target="displayName")
    if rule.actions == Actions():
        raise InvalidRule("A rule needs an action.", target="actions")
    if not 1 <= rule.sequence <= _HIGHEST:
        raise InvalidRule("The sequence of a rule is 1 or more.", target="sequence")
    if len(rule.actions.recipients) > MOST_RECIPIENTS:
        raise InvalidRule(f"A rule passes mail on to {MOST_RECIPIENTS} at most.", target="actions")
    sizes = [one.within_size_range for one in (rule.conditions, rule.exceptions) if one is not None]
    for size in filter(None, sizes):
        if (size.minimum or 0) < 0 or (size.maximum is not None and size.maximum < (size.minimum or 0)):
            raise InvalidRule("The size range is empty.", target="withinSizeRange")
    for folder in rule.actions.folders:
        if folder == mail_folder.Folder.ROOT or tree.find(folder) is None:
            raise FolderNotFound(mail_folder.NOT_FOUND, target="actions")
        mail_folder.check_holds_messages(folder, is_search=tree.get(folder).search is not None)
    if rules.size((*others, rule)) > MOST_BYTES:
        raise NotAllowed(f"All rules of a mailbox take {MOST_BYTES} bytes at most.")


def _view(owner: Person, tree: FolderTree, row: RuleRow) -> RuleView:
    has_error = any(tree.find(folder) is None for folder in row.rule.actions.folders)
    return RuleView(owner=owner, number=row.number, rule=row.rule, has_error=has_error)
