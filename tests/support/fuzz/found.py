"""What a running server has: ids for the variables of paths, tokens that lists gave, where attachments go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from rsvpd.dialects.microsoft import routes as microsoft
from rsvpd.dialects.odata.url import Gap
from support.fuzz.corpus import FIRST, GOOGLE, LAST, PEOPLE, Ask, Found
from support.fuzz.line import Line
from support.running import Running

_MOST_PARENTS = 3
_WINDOW = f"startDateTime={FIRST}&endDateTime={LAST}"
# Lists that give tokens: of the next page, and of the next round.
_LISTS = (
    "/v1.0/me/messages?$top=1", "/v1.0/me/events?$top=1", f"/v1.0/me/calendarView?{_WINDOW}&$top=1",
    "/v1.0/me/mailFolders/inbox/messages/delta", "/v1.0/me/mailFolders/delta", f"/v1.0/me/calendarView/delta?{_WINDOW}",
    f"{GOOGLE}/calendars/primary/events?maxResults=1", f"{GOOGLE}/calendars/primary/events?maxResults=2500",
    f"{GOOGLE}/users/me/calendarList", f"{GOOGLE}/users/me/settings", f"{GOOGLE}/calendars/primary/acl",
)  # fmt: skip
_TOKENS = (
    ("$skiptoken", re.compile(rb"[$]skiptoken=([^&\"]+)")), ("$deltatoken", re.compile(rb"[$]deltatoken=([^&\"]+)")),
    ("pageToken", re.compile(rb'"nextPageToken": ?"([^"]+)"')),
    ("syncToken", re.compile(rb'"nextSyncToken": ?"([^"]+)"')),
)  # fmt: skip
_UPLOAD = {"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": 4_000_000}}


def find(server: Running, line: Line, receiver: str) -> Found:
    """Ask a server what is there."""
    people = {name: _Person(line, name, server.token(name)) for name in PEOPLE}
    usual = {name: one.usual_keys() for name, one in people.items()}
    return Found(
        tokens={name: one.token for name, one in people.items()},
        keys={name: usual[name] | one.other_keys(usual[name]) for name, one in people.items()},
        options={name: one.options() for name, one in people.items()},
        uploads={name: list(one.uploads()) for name, one in people.items()},
        receiver=receiver,
    )


def find_again(found: Found, line: Line) -> Found:
    """Ask what events and messages are there now; the rest stays as it was."""
    keys = {name: one | _Person(line, name, found.tokens[name]).usual_keys() for name, one in found.keys.items()}
    return replace(found, keys=keys)


class _Person:
    def __init__(self, line: Line, name: str, token: str) -> None:
        self.line = line
        self.name = name
        self.token = token

    def ask(self, path: str, method: str = "GET", value: Any = None) -> tuple[int, bytes]:
        ask = Ask("", self.name, method, path, token=self.token, value=value, has_body=value is not None)
        answer = self.line.ask(ask.bytes(target=path), method)
        return answer.status, answer.body

    def ids(self, path: str, member: str = "value") -> list[str]:
        _, body = self.ask(path)
        try:
            found = msgspec.json.decode(body).get(member, [])
            return [str(one.get("id") or one["Id"]) for one in found]
        except (msgspec.DecodeError, AttributeError, KeyError, TypeError):
            return []

    def usual_keys(self) -> dict[str, list[str]]:
        events = self.ids("/v1.0/me/events?$top=50")
        return {
            "user": [f"{self.name}@example.com"] * 9 + ["nobody@example.com"],
            "event": events + self.ids(f"/v1.0/me/calendarView?{_WINDOW}"),
            "series": events,
            "message": self.ids("/v1.0/me/messages?$top=50"),
            "folder": ["inbox", "archive", *self.ids("/v1.0/me/mailFolders")],
            "parent": ["msgfolderroot", "inbox"],
            "calendar": self.ids("/v1.0/me/calendars"),
            "calendarId": ["primary"] * 4 + [f"{self.name}@example.com", "alice@example.com"],
            "eventId": self.ids(f"{GOOGLE}/calendars/primary/events", "items")
            + self.ids(f"{GOOGLE}/calendars/primary/events?singleEvents=true&timeMin={FIRST}&timeMax={LAST}", "items"),
            "ruleId": self.ids(f"{GOOGLE}/calendars/primary/acl", "items"),
            "setting": ["timezone", "locale"],
        }

    def other_keys(self, usual: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return what fills the other variables of paths, found where their collections are."""
        keys: dict[str, list[str]] = {}
        for name, parents in _COLLECTIONS.items():
            if name not in usual:
                places = (path for parent in parents[:_MOST_PARENTS] for path in self._filled(parent, usual | keys))
                keys[name] = [id for path in places for id in self.ids(path)]
        return keys

    def _filled(self, pattern: str, keys: dict[str, list[str]]) -> Iterator[str]:
        """Yield a pattern of a collection with the first ids that are known for its variables."""
        names = re.findall(r"\{(\w+)\}", pattern)
        if all(keys.get(name) for name in names):
            path = re.sub(r"\{(\w+)\}", lambda match: quote(keys[match[1]][0], safe="@"), pattern)
            yield from (f"{mount}/{path}" for mount in ("/v1.0", "/api/v2.0"))

    def options(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {name: [] for name, _ in _TOKENS}
        for path in _LISTS:
            _, body = self.ask(path)
            for name, pattern in _TOKENS:
                found[name] += [unquote(one.decode()) for one in pattern.findall(body)]
        return found

    def uploads(self) -> Iterator[str]:
        """Yield where an attachment of a draft may be put, where that is emulated."""
        status, body = self.ask("/v1.0/me/messages", "POST", {"subject": "With a large file"})
        if status == 201:
            place = f"/v1.0/me/messages/{msgspec.json.decode(body)['id']}/attachments/createUploadSession"
            status, body = self.ask(place, "POST", _UPLOAD)
            if status in (200, 201):
                url = urlsplit(msgspec.json.decode(body)["uploadUrl"])
                yield f"{url.path}?{url.query}" if url.query else url.path


def _collections() -> dict[str, list[str]]:
    """Return where ids of a variable are listed, those of an own mailbox, by the variable."""
    found: dict[str, list[str]] = {}
    for row in microsoft.rows():
        parent, _, last = row.pattern.rpartition("/")
        is_own = not parent.startswith("users/")
        if row.method == "GET" and last.startswith("{") and is_own and not isinstance(row.handler, Gap):
            found.setdefault(last[1:-1], []).append(parent)
    return found


_COLLECTIONS = _collections()
