"""What a test asks of its server: who lives there, who is invited, who answered, and the verbs of the control desk."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from rsvpd.cli.environment import Place, variables
from rsvpd.testing.desk import ControlDesk, NotOnThisServer, Refused, refusal, segment
from rsvpd.testing.tracking import Tracking, answer_word, explain, find_tracking, quote, reasons

_SECONDS = 30.0
_LOOK_SECONDS = 0.05
_TEN_O_CLOCK = 10
_NOT_KEPT = 400
_REASONS = 3
_REFUSED = 400
_MOST_REQUESTS = 1_000
# What this tenant calls itself where it asks as somebody to look around.
OWN_CLIENT = "rsvpd.testing"
# The server is asked over plain HTTP; reading the system's certificates takes longer than a request.
_WITHOUT_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Tenant:
    """A server with its people. People are named by address, or by what stands before its `@`: "bob".

    `url` is where it listens; `graph`, `outlook` and `google` are the root URLs of its interfaces. Whatever the server
    refuses raises rsvpd.testing.Refused. Answers are JSON in the words of Microsoft Graph.
    """

    def __init__(self, place: Place, folder: Path) -> None:
        self.url = place.server.url
        self.graph = f"{self.url}/v1.0"
        self.outlook = f"{self.url}/api/v2.0"
        self.google = f"{self.url}/calendar/v3"
        self._place = place
        self._folder = folder
        self._desk = ControlDesk(self.url, place.server.control_token)
        self._http = _client(self.graph, {"User-Agent": OWN_CLIENT})
        self._clients: list[httpx.Client] = [self._http]
        self._forgets = ["/requests", "/faults"]

    def environment(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return what `rsvpd run` sets for a program that calls the real services: its host names, certificates and
        credentials lead here. `environ` is the program's environment otherwise, and is added to."""
        given = environ or {}
        return {**given, **variables(self._place, self._folder, given)}

    # --- people

    def people(self) -> dict[str, dict[str, Any]]:
        """Return everybody by address: name, time_zone, kind, token, password."""
        found: dict[str, dict[str, Any]] = self._desk.ask("GET", "/people")["people"]
        return found

    def add_person(self, address: str, **more: object) -> dict[str, Any]:
        """Give somebody a mailbox; `more` are name, time_zone ("Europe/Berlin"), kind ("user" or "room")."""
        made: dict[str, Any] = self._desk.ask("POST", "/people", body={"address": address, **more})
        return made

    def address(self, who: str) -> str:
        """Return the whole address of somebody."""
        return str(self._person(who)["address"])

    def token(self, who: str) -> str:
        """Return a fresh bearer token of somebody, for all interfaces."""
        return str(self._person(who)["token"])

    def as_(self, who: str, *, token: str = "") -> httpx.Client:
        """Return a client that asks Graph as somebody: `as_("bob").get("/me/events")`. It ends with the tenant.

        It has a fresh token, unless one is given, and keeps that.
        """
        made = _client(self.graph, {"Authorization": f"Bearer {token or self.token(who)}"})
        self._clients.append(made)
        return made

    # --- meetings

    def now(self) -> datetime:
        """Return what time it is on the server's clock, in UTC."""
        return datetime.fromisoformat(self._desk.ask("GET", "/people")["now"])

    def invite(
        self,
        subject: str,
        *,
        to: str | Iterable[str] = "bob",
        by: str = "alice",
        start: str | datetime | None = None,
        minutes: int = 60,
        **more: object,
    ) -> dict[str, Any]:
        """Send an invitation, and return the organizer's event.

        `start` is in UTC; without it, it is tomorrow at 10:00 by the server's clock. `more` are members of Graph's
        event, as they are: location, recurrence, isAllDay.
        """
        begin = datetime.fromisoformat(start) if isinstance(start, str) else start or self._tomorrow()
        guests = [to] if isinstance(to, str) else to
        body = {
            "subject": subject,
            "start": _utc(begin),
            "end": _utc(begin + timedelta(minutes=minutes)),
            "attendees": [{"emailAddress": {"address": self._guest(one)}, "type": "required"} for one in guests],
            **more,
        }
        made: dict[str, Any] = self._ask(by, "POST", "/me/events", json=body)
        return made

    def inbox(self, who: str) -> list[dict[str, Any]]:
        """Return the messages in somebody's inbox, the newest first, 100 at most; invitations with their `event`."""
        path = "/me/mailFolders/inbox/messages?$top=100&$orderby=receivedDateTime desc"
        return self._list(who, f"{path}&$expand=microsoft.graph.eventMessage/event")

    def events(self, who: str, subject: str) -> list[dict[str, Any]]:
        """Return the events of this subject in somebody's calendar, 100 at most."""
        return self._list(who, f"/me/events?$top=100&$filter=subject eq {quote(subject)}")

    def event(self, who: str, subject: str) -> dict[str, Any]:
        """Return the one event of this subject in somebody's calendar. Raises AssertionError where that is not one."""
        found = self.events(who, subject)
        if len(found) != 1:
            has = sorted({str(one["subject"]) for one in self._list(who, "/me/events?$top=100&$select=subject")})
            raise AssertionError(f"{who}'s calendar has {len(found)} events called {subject!r}; it has {has}")
        return found[0]

    def assert_answered(self, who: str, subject: str, answer: str, *, within: float = 0.0) -> None:
        """Fail unless the organizer was told this answer of somebody: accepted, declined, tentative, or none.

        What counts is what stands in the organizer's event, of a series for the whole of it. `within` is for how many
        seconds to wait for an application that answers by itself.
        """
        __tracebackhide__ = True  # pytest shows the test's line instead
        wanted, until = answer_word(answer), time.monotonic() + within
        while (found := self.tracking(who, subject)).told != wanted:
            if time.monotonic() >= until:
                raise AssertionError("\n".join([explain(found, wanted), *self._reasons(found.who)]))
            time.sleep(_LOOK_SECONDS)

    def tracking(self, who: str, subject: str) -> Tracking:
        """Return what the organizer knows of somebody's answer, and what somebody's own copy says."""
        return find_tracking(self.address(who), subject, self._list)

    # --- the control desk: its verbs by their names

    def snapshot(self, name: str) -> None:
        """Save all there is under a name, also where one is called so."""
        self._desk.ask("POST", "/snapshots", body={"name": name, "overwrite": True})

    def restore(self, name: str) -> None:
        """Put a snapshot in the place of all there is. Tokens stay good."""
        self._desk.ask("POST", f"/snapshots/{segment(name)}/restore")

    def begin_again(self, name: str) -> None:
        """Put a snapshot back, and forget the faults that were set and the requests that were made since."""
        self.restore(name)
        for path in tuple(self._forgets):
            try:
                self._desk.ask("DELETE", path)
            except Refused as wrong:  # it keeps none
                if not isinstance(wrong, NotOnThisServer) and wrong.status != _NOT_KEPT:
                    raise
                self._forgets.remove(path)

    def diff(self, name: str, other: str = "") -> dict[str, Any]:
        """Return in words and by person what differs from a snapshot to another one, or to now."""
        found: dict[str, Any] = self._desk.ask("GET", f"/snapshots/{segment(name)}/diff", other=other or None)
        return found

    def remove_snapshot(self, name: str) -> None:
        """Delete a snapshot."""
        self._desk.ask("DELETE", f"/snapshots/{segment(name)}")

    def reset(self, *, story: bool = True) -> None:
        """Begin anew, with the sample people and their meetings or with nobody."""
        self._desk.ask("POST", "/reset", body={"story": story})

    def advance(self, by: str) -> dict[str, Any]:
        """Let time pass on the server's clock ("2h", "1d12h", "90s"): what falls due happens, in order, and is told."""
        passed: dict[str, Any] = self._desk.ask("POST", "/clock/advance", body={"by": by})
        return passed

    def freeze(self, at: str = "", *, back: bool = False) -> dict[str, Any]:
        """Let the server's clock stand: as it is, at an ISO 8601 instant, or later ("+2h"); with `back` also before."""
        body = {"frozen": True, "back": back, **({"now": at} if at else {})}
        shown: dict[str, Any] = self._desk.ask("PUT", "/clock", body=body)
        return shown

    def requests(self, *, limit: int = 100, **filters: object) -> list[dict[str, Any]]:
        """Return what was asked of the server, the newest first, without what this tenant asks to look around.

        `filters` are person, method, path, status ("4xx"), interface, hint, and meeting.
        """
        found: list[dict[str, Any]] = self._desk.ask("GET", "/requests", limit=_MOST_REQUESTS, **filters)
        return [one for one in found if one["client"] != OWN_CLIENT][:limit]

    def explain(self, id: str) -> dict[str, Any]:
        """Return in words what a request of `requests` did not do: a summary, and sentences with rule and page."""
        found: dict[str, Any] = self._desk.ask("GET", f"/requests/{segment(id)}/explanation")
        return found

    def seed(self, text: str) -> dict[str, Any]:
        """Let what a text in YAML or JSON says have happened (`rsvpd init` writes a commented one)."""
        told: dict[str, Any] = self._desk.ask("POST", "/seed", body=text)
        return told

    def timeline(self, meeting: str) -> dict[str, Any]:
        """Return all that happened with a meeting, which its UID names, or its subject where only one has that."""
        found: dict[str, Any] = self._desk.ask("GET", f"/meetings/{segment(meeting)}/timeline")
        return found

    def persona(self, who: str, does: str, *, after: str = "", **more: object) -> None:
        """Have somebody answer invitations without being asked, by the server's clock; `more` are comment and to.

        What there is `rsvpd persona --help` says; "off" lets somebody be.
        """
        path = f"/people/{segment(who)}/persona"
        if does == "off":
            self._desk.ask("DELETE", path)
        else:
            self._desk.ask("PUT", path, body={"does": does, "after": after, **more})

    def fault(self, **rule: object) -> dict[str, Any]:
        """Have answers go wrong by a rule of the control desk (`POST /_rsvpd/faults`), and return it as it holds."""
        made: dict[str, Any] = self._desk.ask("POST", "/faults", body=rule)
        return made

    def clear_faults(self) -> None:
        """Have nothing go wrong any more."""
        self._desk.ask("DELETE", "/faults")

    def desk(self, method: str, path: str, *, body: object = None, **options: object) -> Any:
        """Ask for any verb of the control desk; `path` is below `/_rsvpd`, `options` go into the query."""
        return self._desk.ask(method, path, body=body, **options)

    def close(self) -> None:
        """Close all connections."""
        for one in self._clients:
            one.close()
        self._clients.clear()
        self._desk.close()

    def __enter__(self) -> Tenant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _person(self, who: str) -> dict[str, Any]:
        found: dict[str, Any] = self._desk.ask("GET", f"/people/{segment(who)}")
        return found

    def _guest(self, who: str) -> str:
        return who if "@" in who else self.address(who)  # somebody outside has no mailbox here

    def _reasons(self, who: str) -> list[str]:
        """Return what the last requests of somebody did not do, and what to call instead, where a journal is kept."""
        try:
            found = [one for one in self.requests(person=who) if one["hint"] or not 0 < one["status"] < _REFUSED]
            told = [(one, self.explain(one["id"])) for one in found[:_REASONS]]
        except Refused:
            return []
        return [line for one, why in told for line in reasons(one, why)]

    def _tomorrow(self) -> datetime:
        return (self.now() + timedelta(days=1)).replace(hour=_TEN_O_CLOCK, minute=0, second=0, microsecond=0)

    def _list(self, who: str, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask(who, "GET", path)["value"]
        return found

    def _ask(self, who: str, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token(who)}"}
        reply = self._http.request(method, path, headers=headers, **more)
        if reply.is_error:
            raise refusal(reply, f"{method} {path} as {who}")
        return reply.json()


def _client(base: str, headers: Mapping[str, str]) -> httpx.Client:
    return httpx.Client(
        base_url=base, headers=headers, trust_env=False, timeout=_SECONDS, verify=_WITHOUT_CERTIFICATES
    )  # fmt: skip


def _utc(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.replace(tzinfo=None).isoformat(timespec="seconds"), "timeZone": "UTC"}
