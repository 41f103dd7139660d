"""Clients that keep a copy of a list by what changed since they read it."""

from __future__ import annotations

from typing import Any

from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from support.world import Reply, World

Items = dict[str, dict[str, Any]]


class Follower:
    """Somebody's copy of a list of Graph (`delta`) or Outlook REST (`Prefer: odata.track-changes`).

    `items` are as they were told, by id; `resets` counts how often all had to be read again.
    """

    def __init__(self, world: World, who: str, path: str, query: str = "", *, prefer: str = "") -> None:
        self._world, self._who, self._prefer = world, who, prefer
        self._is_graph = path.startswith(GRAPH.mount)
        self._list = f"{path}?{query}"
        self._first = f"{path}/delta?{query}" if self._is_graph else self._list
        self._next: str | None = None
        self.items: Items = {}
        self.resets = 0

    def sync(self, *, pages: int = 1000, size: int = 10) -> bool:
        """Read on, at most so many pages; return whether the copy is up to date."""
        # The list may end with an empty page; what changed while it was read comes after that.
        ends = 0
        for _ in range(pages):
            ends = ends + 1 if self._read(size) else 0
            if ends == 2:
                return True
        return False

    def full(self) -> Items:
        """Return what a full read shows."""
        joint = "" if self._list.endswith("?") else "&"
        reply = self._ask(f"{self._list}{joint}$top=1000", self._prefer)
        assert reply.status == 200, reply.body
        found = {_id_of(one): one for one in reply.json["value"]}
        return found | self._below(found) if self._list.lower().endswith("folders?") else found

    def _below(self, folders: Items) -> Items:
        """Return the folders below some."""
        found: Items = {}
        for name in folders:
            reply = self._ask(f"{self._list[:-1]}/{name}/childFolders?$top=1000", self._prefer)
            assert reply.status == 200, reply.body
            inside = {_id_of(one): one for one in reply.json["value"]}
            found |= inside | self._below(inside)
        return found

    def _read(self, size: int) -> bool:
        """Read a page; return whether it was the last one and empty."""
        is_first = self._next is None
        tracking = "" if self._is_graph else "odata.track-changes"
        prefer = ", ".join(filter(None, (self._prefer, tracking, f"odata.maxpagesize={size}")))
        reply = self._ask(self._next or self._first, prefer)
        if reply.status == 410:
            assert not is_first
            self._next, self.items = None, {}
            self.resets += 1
            return False
        assert reply.status == 200, reply.body
        for one in reply.json["value"]:
            if "@removed" in one or "reason" in one:
                self.items.pop(one["id"].rpartition("('")[2].removesuffix("')"), None)
            else:
                self.items[_id_of(one)] = one
        last = reply.json.get("@odata.deltaLink")
        self._next = last or reply.json["@odata.nextLink"]
        return last is not None and not reply.json["value"]

    def _ask(self, url: str, prefer: str) -> Reply:
        return self._world.request(self._who, "GET", url, headers={"prefer": prefer} if prefer else None)


def _id_of(one: dict[str, Any]) -> str:
    return str(one.get("id") or one["Id"])
