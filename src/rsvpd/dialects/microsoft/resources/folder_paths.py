"""Folders as paths and bodies name them: by their well-known names, in any case, or by their ids."""

from __future__ import annotations

from rsvpd import ids
from rsvpd.commands import folders as commands
from rsvpd.commands import people
from rsvpd.dialects.microsoft.exchange import body
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.errors import FolderNotFound, InvalidId, MissingProperty
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.folder import NOT_FOUND, by_name

# Names the services know besides; a mailbox here has no such folder.
_ELSEWHERE = frozenset(
    (
        "clutter", "conflicts", "conversationhistory", "localfailures", "recoverableitemsdeletions",
        "scheduled", "searchfolders", "serverfailures", "syncissues",
    )
)
_STEPS = ("mailFolders", "childFolders")


async def folder_of_path(call: Call) -> int | None:
    """Return the number of the folder that the path names, or None where it names none.

    Raises FolderNotFound where a folder does not stand in the one named before it.
    """
    if "folder" not in call.keys:
        return None
    named = [step.key for step in call.trail if step.name in _STEPS and step.key is not None]
    path = [await resolve_folder(call, name) for name in named or [call.keys["folder"]]]
    if len(path) > 1:
        await call.door(commands.check_path, call.who, tuple(path))
    return path[-1]


async def folder_in_path(call: Call) -> int:
    """Return the number of the folder that the path names. Raises FolderNotFound."""
    folder = await folder_of_path(call)
    if folder is None:
        raise FolderNotFound(NOT_FOUND)
    return folder


async def destination_of(call: Call) -> int:
    """Return the folder that the body of an action names as its destination. Raises MissingProperty too."""
    name = body.text(call.body, "destinationId")
    if not name:
        raise MissingProperty("The parameter 'DestinationId' is required.", target="DestinationId")
    return await resolve_folder(call, name)


async def resolve_folder(call: Call, name: str) -> int:
    """Return the number of the folder under a well-known name or an id, which may not be there any more.

    Raises FolderNotFound or InvalidId.
    """
    known = by_name(name)
    if known is not None:
        return int(known)
    if name.lower() in _ELSEWHERE:
        raise FolderNotFound(NOT_FOUND)
    item = ids.decode(name)
    if item.kind is not ids.Kind.FOLDER:
        raise InvalidId("Id is malformed.")
    owner = await call.door(people.whoami, call.who)
    if item.mailbox != owner.number:
        raise FolderNotFound(NOT_FOUND, hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return item.item
