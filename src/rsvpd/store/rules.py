"""What owners want done with mail that comes in, in the data file: rules, and overrides of the focused inbox."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from rsvpd.mail.address import fold
from rsvpd.mail.message import Inference
from rsvpd.mail.rule import MessageRule, SenderOverride
from rsvpd.store import changes
from rsvpd.store.changes import ChangeKind
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(MessageRule).decode
_decode_override = msgspec.msgpack.Decoder(SenderOverride).decode

# What reading one costs, in steps.
_READ = 20
_ALL = "SELECT number, data FROM message_rule WHERE mailbox = :mailbox ORDER BY number"
_KEEP = (
    "INSERT INTO message_rule (mailbox, number, data) VALUES (:mailbox, :number, :data)"
    " ON CONFLICT (mailbox, number) DO UPDATE SET data = excluded.data"
)
_DROP = "DELETE FROM message_rule WHERE mailbox = :mailbox AND number = :number"
_OVERRIDES = "SELECT number, data FROM sender_override WHERE mailbox = :mailbox ORDER BY number"
_OVERRIDE_OF = "SELECT number FROM sender_override WHERE mailbox = :mailbox AND fold = :fold"
_KEEP_OVERRIDE = (
    "INSERT INTO sender_override (mailbox, number, fold, data) VALUES (:mailbox, :number, :fold, :data)"
    " ON CONFLICT (mailbox, number) DO UPDATE SET fold = excluded.fold, data = excluded.data"
)
_DROP_OVERRIDE = "DELETE FROM sender_override WHERE mailbox = :mailbox AND number = :number"
# Both at once: it is asked whenever mail comes in.
_WANTED = (
    "SELECT mailbox, number, 0 AS is_override, data FROM json_each(:mailboxes) AS one CROSS JOIN message_rule"
    " WHERE mailbox = one.value UNION ALL"
    " SELECT mailbox, number, 1, data FROM json_each(:mailboxes) AS one CROSS JOIN sender_override"
    " WHERE mailbox = one.value AND instr(:senders, ' ' || fold || ' ') > 0 ORDER BY 1, 2"
)


class RuleRow(Struct, frozen=True):
    """A stored rule and its number."""

    number: int
    rule: MessageRule


class OverrideRow(Struct, frozen=True):
    """A stored override and its number."""

    number: int
    override: SenderOverride


class MailboxRules(Struct, frozen=True):
    """What the owner of a mailbox wants: rules in their order, and where senders go, by their folded addresses."""

    rules: tuple[MessageRule, ...] = ()
    sides: dict[str, Inference] = {}


def of_mailbox(tx: Tx, mailbox: int) -> list[RuleRow]:
    """Return the rules of a mailbox in their order."""
    rows = [RuleRow(int(number), _decode(data)) for number, data in tx.rows(_ALL, mailbox=mailbox)]
    tx.work.spend(_READ * len(rows))
    return sorted(rows, key=_order)


def create(tx: Tx, mailbox: int, rule: MessageRule) -> int:
    """Keep a new rule; return its number."""
    number = changes.record_created(tx, mailbox, ChangeKind.RULE_CREATED)
    tx.write(_KEEP, mailbox=mailbox, number=number, data=_encode(rule))
    return number


def update(tx: Tx, mailbox: int, number: int, rule: MessageRule) -> None:
    """Write a rule over."""
    changes.record_change(tx, mailbox, number, ChangeKind.RULE_UPDATED)
    tx.write(_KEEP, mailbox=mailbox, number=number, data=_encode(rule))


def delete(tx: Tx, mailbox: int, number: int) -> None:
    """Remove a rule."""
    changes.record_change(tx, mailbox, number, ChangeKind.RULE_REMOVED)
    tx.write(_DROP, mailbox=mailbox, number=number)


def size(rules: Iterable[MessageRule]) -> int:
    """Return how many bytes some rules take."""
    return sum(len(_encode(rule)) for rule in rules)


def overrides(tx: Tx, mailbox: int) -> list[OverrideRow]:
    """Return the overrides of a mailbox, the oldest first."""
    rows = tx.rows(_OVERRIDES, mailbox=mailbox)
    tx.work.spend(_READ * len(rows))
    return [OverrideRow(int(number), _decode_override(data)) for number, data in rows]


def override_of(tx: Tx, mailbox: int, address: str) -> int | None:
    """Return the number of the override of a sender, or None."""
    row = tx.row(_OVERRIDE_OF, mailbox=mailbox, fold=fold(address))
    return int(row[0]) if row else None


def create_override(tx: Tx, mailbox: int, override: SenderOverride) -> int:
    """Keep a new override; return its number."""
    number = changes.record_created(tx, mailbox, ChangeKind.OVERRIDE_CREATED)
    _keep_override(tx, mailbox, number, override)
    return number


def update_override(tx: Tx, mailbox: int, number: int, override: SenderOverride) -> None:
    """Write an override over."""
    changes.record_change(tx, mailbox, number, ChangeKind.OVERRIDE_UPDATED)
    _keep_override(tx, mailbox, number, override)


def delete_override(tx: Tx, mailbox: int, number: int) -> None:
    """Remove an override."""
    changes.record_change(tx, mailbox, number, ChangeKind.OVERRIDE_REMOVED)
    tx.write(_DROP_OVERRIDE, mailbox=mailbox, number=number)


def rules_for_senders(tx: Tx, mailboxes: Iterable[int], senders: Iterable[str]) -> dict[int, MailboxRules]:
    """Return what the owners of these mailboxes want done with mail of these senders (folded addresses).

    Who wants nothing is left out.
    """
    rows = tx.rows(_WANTED, mailboxes=json.dumps(sorted(mailboxes)), senders=f" {' '.join(sorted(senders))} ")
    tx.work.spend(_READ * len(rows))
    rules: dict[int, list[RuleRow]] = defaultdict(list)
    sides: dict[int, dict[str, Inference]] = defaultdict(dict)
    for mailbox, number, is_override, data in rows:
        if is_override:
            override = _decode_override(data)
            sides[mailbox][fold(override.sender.address)] = override.classify_as
        else:
            rules[mailbox].append(RuleRow(number, _decode(data)))
    return {
        mailbox: MailboxRules(tuple(row.rule for row in sorted(rules[mailbox], key=_order)), sides[mailbox])
        for mailbox in {*rules, *sides}
    }


def _order(row: RuleRow) -> tuple[int, int]:
    return row.rule.sequence, row.number


def _keep_override(tx: Tx, mailbox: int, number: int, override: SenderOverride) -> None:
    tx.write(
        _KEEP_OVERRIDE, mailbox=mailbox, number=number, fold=fold(override.sender.address), data=_encode(override)
    )  # fmt: skip
