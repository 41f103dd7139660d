"""What arrives is new to its reader, whole, and written by somebody, unless it is said."""

from __future__ import annotations

from rsvpd.calendar.event import State
from rsvpd.mail.folder import Folder
from rsvpd.scheduling.effects import FileLetter, Post, PutCopy
from support.meetings import BOB, bobs, letter, single


def test_a_message_arrives_unread_and_whole_for_the_owner_of_the_mailbox() -> None:
    filed = FileLetter(mailbox=BOB.number, folder=Folder.INBOX, letter=letter())
    assert (filed.is_read, filed.is_draft, filed.principal) == (False, False, 0)
    assert (filed.about, filed.item, filed.stored) == (None, None, None)


def test_a_copy_that_replaces_none_is_live() -> None:
    new = PutCopy(mailbox=BOB.number, copy=bobs(single()))
    assert (new.item, new.state) == (None, State.LIVE)


def test_mail_is_written_by_somebody_and_sent_once_to_each_recipient() -> None:
    """RFC 3834: what answers by itself says so, and nothing else does."""
    posts = [Post(mailbox=1, recipient=one, letter=letter()) for one in ("a@else.example", "b@else.example")]
    assert not any(one.is_automatic for one in posts)
    assert [one.key for one in posts] == [f"{letter().internet_message_id} {one.recipient}" for one in posts]
    assert {(one.method, one.meeting, one.reply, one.in_reply_to) for one in posts} == {(None, None, None, "")}
