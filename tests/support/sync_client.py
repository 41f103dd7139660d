"""A small client of Google Calendar that keeps in step by sync tokens alone, as the guide to synchronization says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from support.world import Reply, World

Item = dict[str, Any]


class SyncClient:
    """What one client keeps of one list: `items` by id, the token to go on with, how often it had to begin anew."""

    def __init__(self, world: World, who: str, path: str, *, page: int = 100, **params: str) -> None:
        self._world, self._who, self._path, self._page, self._params = world, who, path, page, params
        self.items: dict[str, Item] = {}
        self.token: str | None = None
        self.begun = 0
        self.received: list[Item] = []  # by the last synchronization

    def sync(self) -> None:
        """Come up to date: by what changed, or by everything where the server says so."""
        self.received = []
        if self.token is not None and self._read({"syncToken": self.token}).status == 410:
            self.token = None
        if self.token is None:
            self.items, self.received = {}, []
            self.begun += 1
            assert self._read({}).status == 200

    def full(self) -> dict[str, Item]:
        """Return what a client has that reads everything now."""
        other = SyncClient(self._world, self._who, self._path, page=2500, **self._params)
        other.sync()
        return other.items

    def _read(self, more: dict[str, str]) -> Reply:
        self.token, sent = None, {**self._params, "maxResults": str(self._page), **more}
        while True:
            reply = self._world.request(self._who, "GET", f"/calendar/v3{self._path}?{urlencode(sent)}")
            assert reply.status in (200, 410), reply.body
            if reply.status == 410:
                return reply
            body = reply.json
            assert len(body["items"]) <= self._page
            assert ("nextPageToken" in body) is not ("nextSyncToken" in body)
            for one in body["items"]:
                self._keep(one)
            if "nextSyncToken" in body:
                self.token = body["nextSyncToken"]
                return reply
            sent["pageToken"] = body["nextPageToken"]

    def _keep(self, item: Item) -> None:
        self.received.append(item)
        is_gone = item.get("status") == "cancelled" or item.get("deleted") or item.get("role") == "none"
        if not is_gone:
            self.items[item["id"]] = item
        elif "recurringEventId" in item and self._params.get("singleEvents") != "true":
            self.items[item["id"]] = item  # a hole: for the lifetime of the series
        else:
            self.items.pop(item["id"], None)
        if is_gone and "recurringEventId" not in item:
            self.items = {one: kept for one, kept in self.items.items() if kept.get("recurringEventId") != item["id"]}
