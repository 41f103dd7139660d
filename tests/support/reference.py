"""What the pages of Microsoft's reference show, as blocks of text, and a tenant in which each can be sent.

A block is the name of a page, a request, lines of headers, its JSON, then the status with the kind of answer, and
members of it: `path = value`, or a path that has to be there. `{name}` stands for what the tenant has by that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from rsvpd.commands.directory import change_profile
from rsvpd.edge.dialects import all_dialects
from rsvpd.identity.clients import Clients
from rsvpd.identity.tokens import SCOPES
from rsvpd.mail.person import PersonKind
from support.client import Client
from support.decrypting import opener
from support.listening import Receivers
from support.town import JPEG
from support.undoing import Undoing
from support.world import Reply, World

FOLDER = Path(__file__).parents[1] / "conformance" / "reference"
KINDS = ("entity", "value", "nothing", "bytes", "error")
FUN = "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Fun"
SEARCH = {
    "@odata.type": "microsoft.graph.mailSearchFolder", "displayName": "Digests", "sourceFolderIds": ["inbox"],
    "filterQuery": "contains(subject, 'digest')",
}  # fmt: skip


class Block(Struct, frozen=True, kw_only=True):
    """One example: where it stands, what is sent and what comes back."""

    page: str
    place: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    kind: str
    members: tuple[str, ...]


def blocks() -> Iterator[Block]:
    """Yield all examples."""
    for file in sorted(FOLDER.glob("*.txt")):
        lines = file.read_text("utf-8").splitlines()
        begin = 0
        for end in (*(number for number, line in enumerate(lines) if not line), len(lines)):
            part = [line for line in lines[begin:end] if line and not line.startswith("#")]
            if part:
                yield _block(part, f"{file.stem}:{begin + 1}")
            begin = end + 1


def _block(lines: list[str], place: str) -> Block:
    page, request, *rest = lines
    method, _, path = request.partition(" ")
    headers = {}
    while rest and (match := re.fullmatch(r"([A-Z][A-Za-z-]+): (.*)", rest[0])):
        headers[match[1].lower()] = match[2]
        del rest[0]
    answer = next(number for number, line in enumerate(rest) if re.fullmatch(rf"\d{{3}} ({'|'.join(KINDS)})", line))
    status, _, kind = rest[answer].partition(" ")
    return Block(
        page=page, place=place, method=method, path=path, headers=headers, body="\n".join(rest[:answer]),
        status=int(status), kind=kind, members=tuple(rest[answer + 1 :]),
    )  # fmt: skip


class Tenant:
    """Alice, who has one of everything, and the people around her. `names` are ids by what the examples call them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names: dict[str, str] = {}
        world.send = Receivers()
        for name in ("alice", "bob", "carol", "dora"):
            world.add(name)
        world.add("room", kind=PersonKind.ROOM)
        world.store.run(change_profile, world.people["alice"], {"is_administrator": True})
        self.alice, self.bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
        self.names |= {"user": world.people["bob"].oid, "carol": world.people["carol"].oid, "room": "room@example.com"}
        self._fill_calendars()
        self._fill_mail()
        self._fill_settings()

    def _fill_calendars(self) -> None:
        event = self.alice.create(
            "Kickoff", "2026-12-01T09:00:00", "2026-12-01T10:00:00", "bob", "carol",
            singleValueExtendedProperties=[{"id": FUN, "value": "Food"}],
        )  # fmt: skip
        daily = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}
        series = self.alice.create("Standup", "2026-12-01T08:00:00", "2026-12-01T08:15:00", "bob", recurrence=daily)
        window = "startDateTime=2026-12-02T00:00:00Z&endDateTime=2026-12-03T00:00:00Z"
        occurrence = self.alice.get(f"/me/events/{series['id']}/instances?{window}")["value"][0]["id"]
        self.bob.create("Review", "2026-12-03T10:00:00", "2026-12-03T11:00:00", "alice")
        invitation = self.alice.get("/me/events?$filter=subject eq 'Review'")["value"][0]["id"]
        self.names |= {"event": event["id"], "series": series["id"], "occurrence": occurrence, "invitation": invitation}
        self._make("calendar", "/me/calendars", {"name": "Choir"})
        self._make("group", "/me/calendarGroups", {"name": "Music"})
        self._make("empty_group", "/me/calendarGroups", {"name": "Empty"})
        self._make("quartet", f"/me/calendarGroups/{self.names['group']}/calendars", {"name": "Quartet"})
        given = {"emailAddress": {"address": "bob@example.com"}, "role": "write"}
        self._make("permission", "/me/calendar/calendarPermissions", given)
        file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "agenda.txt", "contentBytes": "YWdlbmRh"}
        self._make("event_attachment", f"/me/events/{event['id']}/attachments", file)
        extension = {"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": "com.example.referral"}
        self._make("extension", f"/me/events/{event['id']}/extensions", extension)

    def _fill_mail(self) -> None:
        file = {
            "@odata.type": "#microsoft.graph.fileAttachment", "name": "minutes.txt", "contentType": "text/plain",
            "contentBytes": "bWludXRlcw==",
        }  # fmt: skip
        mail = {
            "subject": "Minutes", "body": {"contentType": "html", "content": "<p>Of the <b>meeting</b></p>"},
            "toRecipients": [{"emailAddress": {"address": f"{who}@example.com"}} for who in ("alice", "carol")],
            "attachments": [file],
        }  # fmt: skip
        assert self.bob("POST", "/me/sendMail", {"message": mail}).status == 202
        inbox = {one["subject"]: one["id"] for one in self.alice.get("/me/mailFolders/inbox/messages")["value"]}
        self.names |= {"message": inbox["Minutes"], "request": inbox["Review"]}
        there = self.alice.get(f"/me/messages/{self.names['message']}/attachments")["value"]
        self.names |= {"attachment": there[0]["id"], "inbox": self.alice.get("/me/mailFolders/inbox")["id"]}
        to = [{"emailAddress": {"address": "bob@example.com"}}]
        self._make("draft", "/me/messages", {"subject": "Draft", "toRecipients": to})
        self._make("draft_attachment", f"/me/messages/{self.names['draft']}/attachments", file)
        self._make("folder", "/me/mailFolders", {"displayName": "Projects"})
        self._make("child", f"/me/mailFolders/{self.names['folder']}/childFolders", {"displayName": "Year 2026"})
        self._make("search", "/me/mailFolders/searchfolders/childFolders", SEARCH)
        rule = {
            "displayName": "From the shop", "sequence": 1, "isEnabled": True,
            "conditions": {"senderContains": ["shop"]}, "actions": {"markAsRead": True},
        }  # fmt: skip
        self._make("rule", "/me/mailFolders/inbox/messageRules", rule)
        override = {"classifyAs": "focused", "senderEmailAddress": {"address": "bob@example.com"}}
        self._make("override", "/me/inferenceClassification/overrides", override)

    def _fill_settings(self) -> None:
        self._make("category", "/me/outlook/masterCategories", {"displayName": "Choir", "color": "preset1"})
        wanted = {
            "changeType": "updated", "notificationUrl": "https://receiver.example/hook", "resource": "me/events",
            "expirationDateTime": "2026-11-24T08:00:00Z",
        }  # fmt: skip
        self._make("subscription", "/subscriptions", wanted)
        self.names["certificate"] = opener().text()
        url = f"https://graph.microsoft.com/v1.0/users/{self.names['carol']}"
        manager = self.alice("PUT", "/users/alice@example.com/manager/$ref", {"@odata.id": url}, **self.signed())
        assert manager.status == 204, manager.body
        photo = self.world.request(
            "alice", "PUT", "/v1.0/me/photo/$value", raw=JPEG, headers={"content-type": "image/jpeg"}
        )
        assert photo.status in (200, 204), photo.body

    def _make(self, name: str, path: str, body: dict[str, Any]) -> None:
        reply = self.alice("POST", path, body)
        assert reply.status == 201, (path, reply.body)
        self.names[name] = reply.json["id"]

    def keep(self) -> None:
        """Let nothing that is done from now on stay done."""
        dialects = all_dialects(Undoing(self.world), self.world.tokens, Clients(), self.world.send)
        self.world.dialects = sorted(dialects, key=lambda one: -len(one.prefix))

    def send(self, block: Block) -> Reply:
        """Send an example."""
        url = "/v1.0" + self.fill(block.path).replace(" ", "%20").replace('"', "%22")
        headers = {"content-type": "application/json"} if block.body else {}
        raw = self.fill(block.body).encode() if block.body else None
        return self.world.request(
            "alice", block.method, url, raw=raw, headers=self.signed() | headers | block.headers
        )

    def signed(self) -> dict[str, str]:
        """Return the header of a token with which alice may administer the directory as well."""
        scopes = (*SCOPES, "User.ReadWrite.All", "Place.ReadWrite.All")
        token = self.world.tokens.issue(self.world.people["alice"], now=self.world.now, scopes=scopes)
        return {"authorization": f"Bearer {token}"}

    def fill(self, text: str) -> str:
        """Return a text with what stands for its names."""
        return re.sub(r"\{(\w+)\}", lambda match: self.names.get(match[1], match[0]), text)


def check(block: Block, reply: Reply, tenant: Tenant) -> None:
    """Check that an answer is what the page says."""
    assert reply.status == block.status, reply.body
    if block.kind == "nothing":
        assert reply.body == b""
        return
    if block.kind == "bytes":
        assert reply.body
        return
    answer = json.loads(reply.body)
    if block.kind == "error":
        assert answer["error"]["code"]
        return
    assert "value" in answer if block.kind == "value" else isinstance(answer, dict)
    for line in block.members:
        path, _, value = line.partition(" = ")
        found = at(answer, path)
        if value:
            assert (found if isinstance(found, str) else json.dumps(found)) == tenant.fill(value), line


def at(answer: Any, path: str) -> Any:
    """Return what stands at a path of names and numbers. A name may hold a slash nowhere."""
    for step in path.split("/"):
        answer = answer[int(step)] if isinstance(answer, list) else answer[step]
    return answer
