"""The tree of the folders of a mailbox."""

from __future__ import annotations

import pytest

from rsvpd.errors import FolderExists, FolderInsideItself, FolderNotFound, InvalidProperty, NotAllowed
from rsvpd.mail.folder import DEEPEST, MADE, MOST, Folder, FolderTree, MailFolder, by_name, check_folder_name


def made(number: int, parent: int, name: str, *, is_hidden: bool = False) -> MailFolder:
    return MailFolder(number=MADE + number, parent=parent, name=name, is_hidden=is_hidden)


CLIENTS, ACME, OLD = made(1, Folder.INBOX, "Clients"), made(2, MADE + 1, "Acme"), made(3, MADE + 2, "Old")
TREE = FolderTree((OLD, ACME, CLIENTS, made(4, Folder.ROOT, "Zebra"), made(5, Folder.ROOT, "apple", is_hidden=True)))


def test_folders_are_listed_by_name() -> None:
    names = [one.name for one in TREE.children(Folder.ROOT)]
    assert names == ["Archive", "Deleted Items", "Drafts", "Inbox", "Junk Email", "Outbox", "Sent Items", "Zebra"]
    assert TREE.children(Folder.ROOT, with_hidden=True)[0].name == "apple"


def test_a_walk_comes_to_each_after_the_one_it_stands_in() -> None:
    assert [one.name for one in TREE.walk(Folder.INBOX)] == ["Inbox", "Clients", "Acme", "Old"]
    assert {one.number for one in TREE.walk(Folder.ROOT)} == {*TREE.numbers} - {Folder.SEARCHES}
    assert (TREE.is_within(OLD.number, CLIENTS.number), TREE.is_within(CLIENTS.number, OLD.number)) == (True, False)
    assert TREE.is_within(OLD.number, OLD.number)


def test_a_folder_goes_nowhere_into_itself_nor_beside_its_name() -> None:
    with pytest.raises(FolderInsideItself):
        TREE.check_move(CLIENTS.number, OLD.number)
    with pytest.raises(FolderInsideItself):
        TREE.check_copy(CLIENTS.number, CLIENTS.number)
    with pytest.raises(FolderExists):
        TREE.check_new(Folder.ROOT, "INBOX")
    with pytest.raises(FolderExists):
        TREE.check_copy(ACME.number, CLIENTS.number)
    TREE.check_move(ACME.number, CLIENTS.number)
    TREE.check_name(MADE + 1, "ACME", of=ACME.number)
    with pytest.raises(FolderNotFound):
        TREE.get(MADE + 99)
    assert TREE.find(99) is None


def test_a_free_name_has_a_number_where_it_is_taken() -> None:
    tree = FolderTree((made(1, Folder.DELETED, "Old"), made(2, Folder.DELETED, "old1")))
    assert tree.free_name(Folder.DELETED, "Old") == "Old2"
    assert tree.free_name(Folder.DELETED, "New") == "New"
    long = "x" * 255
    assert len(FolderTree((made(1, Folder.DELETED, long),)).free_name(Folder.DELETED, long)) <= 255


def test_trees_are_bounded() -> None:
    chain = [made(1, Folder.ROOT, "1"), *(made(number, MADE + number - 1, "1") for number in range(2, DEEPEST))]
    tree = FolderTree((*chain, made(100, Folder.ROOT, "a"), made(101, MADE + 100, "b")))
    tree.check_new(chain[-1].number, "more")
    tree.check_move(MADE + 101, chain[-1].number)
    for check in (tree.check_move, tree.check_copy):
        with pytest.raises(NotAllowed):
            check(MADE + 100, chain[-1].number)
    full = FolderTree(made(number, Folder.ROOT, str(number)) for number in range(1, MOST + 1))
    with pytest.raises(NotAllowed):
        full.check_new(Folder.ROOT, "more")
    FolderTree(made(number, Folder.ROOT, str(number)) for number in range(1, MOST)).check_new(Folder.ROOT, "more")


@pytest.mark.parametrize("name", ["", " ", "a\tb", "a\u202eb", "x" * 256, None])
def test_impossible_names(name: str | None) -> None:
    with pytest.raises(InvalidProperty):
        check_folder_name(name)


def test_names_that_are_possible() -> None:
    assert (check_folder_name(" Ä / Ö "), check_folder_name("x" * 255)) == ("Ä / Ö", "x" * 255)
    assert by_name("InBox") is Folder.INBOX
