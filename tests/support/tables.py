"""The tables of the store: those of one mailbox, those of all, and how a statement says which mailbox it asks."""

from __future__ import annotations

import re

# Tables of all: what they are for.
OF_ALL = {
    "person": "who is here; small, and asked from everywhere",
    "profile": "what the directory knows of people, with them",
    "photo": "of people, with them",
    "place": "of rooms, with them",
    "room_list": "lists of rooms, which are few",
    "listed_room": "which rooms are in which list",
    "former_person": "who was here, for who keeps in step with the directory",
    "meta": "secrets of these data, and how far work on all of them has come",
    "meeting": "what names a meeting in all mailboxes that have it",
    "revision": "what an organizer says, once for all guests",
    "letter": "what was sent, once for everybody who has it",
    "content": "what is attached, once for everybody who has it",
    "content_piece": "the bytes of that",
    "content_holder": "who refers to it",
    "upload": "found by secrets, which know no mailbox",
    "delivery": "what is under way, for whoever takes it up",
    "folder_work": "copies and removals of folders under way, for whoever takes them up",
    "outbox": "what is to leave, for whoever sends it",
    "sign_in": "found by secrets, which know no mailbox",
    "grant_secret": "found by themselves",
    "device_code": "found by themselves, before anybody has signed in",
    "lease": "which server is the only one; one row, asked by servers, not by statements of the store",
}
OF_MAILBOXES = {
    "event", "response", "own_date", "former_dates", "message", "extended", "change", "change_number", "room",
    "permission", "delegation", "consent", "subscription", "mailbox_settings", "answered_sender",
    "mail_folder", "message_rule", "sender_override", "item_terms", "term_index",
    "calendar", "calendar_group", "calendar_entry", "calendar_emptying", "persona", "persona_due",
}  # fmt: skip
# `mailbox = :mailbox`, or the same in other words; rows that are inserted lead with theirs.
BY_MAILBOX = re.compile(r"\bmailbox = :(?:mailbox|number)\b(?! OR )|INSERT INTO \w+ \((?:key, due_us, )?mailbox\b")
TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE) (\w+)")
