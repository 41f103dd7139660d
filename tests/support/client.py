"""A client of one Microsoft profile that says exactly what a test wants said, in the profile's own spelling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.world import Reply, World

MOUNTS = {"graph": "/v1.0", "v2": "/api/v2.0", "v1": "/api/v1.0"}
# What Outlook v1.0 calls otherwise.
_V1 = {
    "createdDateTime": "DateTimeCreated",
    "lastModifiedDateTime": "DateTimeLastModified",
    "receivedDateTime": "DateTimeReceived",
    "sentDateTime": "DateTimeSent",
    "reminderMinutesBeforeStart": "Reminder",
    "mailFolders": "Folders",
}


class Client:
    """Requests of `who` in one profile. Paths and bodies are given in Graph's words."""

    def __init__(self, world: World, who: str, profile: str) -> None:
        self.world = world
        self.who = who
        self.profile = profile
        self.mount = MOUNTS[profile]

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        url = path if path.startswith("http") else self.mount + path
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.request(self.who, method, url.replace(" ", "%20"), self.cased(body), headers=sent)

    def word(self, graph: str) -> str:
        """Return a member name or a word as this profile spells it."""
        if self.profile == "graph" or graph == "iCalUId" or "@" in graph:
            return graph
        return (_V1.get(graph) if self.profile == "v1" else None) or graph[:1].upper() + graph[1:]

    def cased(self, body: Any) -> Any:
        """Return a body with its members in this profile's spelling."""
        if isinstance(body, dict):
            return {self.word(name): self.cased(one) for name, one in body.items()}
        return [self.cased(one) for one in body] if isinstance(body, list) else body

    def get(self, path: str, **headers: str) -> Any:
        """Return what a GET answers, in Graph's words."""
        reply = self("GET", path, **headers)
        assert reply.status == 200, reply.body
        return plain(reply.json)

    def error(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Return status and code of a refusal."""
        reply = self(method, path, body, **headers)
        return reply.status, reply.json["error"]["code"]

    def create(self, subject: str, start: str, end: str, *guests: str, zone: str = "UTC", **more: Any) -> Any:
        """Create an event (times are wall times in `zone`) and return it in Graph's words."""
        body = {
            "subject": subject,
            **self.times(start, end, zone),
            "attendees": [{"emailAddress": {"address": f"{guest}@example.com"}} for guest in guests],
            **more,
        }
        reply = self("POST", "/me/events", body)
        assert reply.status == 201, reply.body
        return plain(reply.json)

    def times(self, start: str, end: str, zone: str = "UTC") -> dict[str, Any]:
        """Return the members that say when an event is."""
        if self.profile == "v1":
            return {"start": start, "startTimeZone": zone, "end": end, "endTimeZone": zone}
        return {
            "start": {"dateTime": start, "timeZone": zone},
            "end": {"dateTime": end, "timeZone": zone},
        }

    def pages(self, path: str, **headers: str) -> Iterator[list[Any]]:
        """Yield the pages of a list to its end, following the links as they are."""
        url: str | None = path
        while url is not None:
            page = self.get(url, **headers)
            yield page["value"]
            url = page.get("@odata.nextLink")


def plain(answer: Any) -> Any:
    """Return an answer with its members in Graph's spelling; words and values stay as they are."""
    if isinstance(answer, dict):
        return {_plain(name): plain(one) for name, one in answer.items()}
    return [plain(one) for one in answer] if isinstance(answer, list) else answer


def _plain(name: str) -> str:
    if "@" in name:
        return name
    graph = next((graph for graph, older in _V1.items() if older == name), name)
    return graph[:1].lower() + graph[1:]


def wall(event: Any) -> str:
    """Return when an event of any profile starts, to the minute."""
    start = event["start"]
    return str(start if isinstance(start, str) else start["dateTime"])[:16]
