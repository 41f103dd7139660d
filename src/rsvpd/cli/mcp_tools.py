"""What a coding agent can ask for: verbs of the control desk, and invitations as people see them.

Each public method of Tools is a tool. Its docstring is what the agent reads; its parameters are checked by the SDK.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from rsvpd.cli.reach import Unreachable, open_administration
from rsvpd.client import Answer, Client, ClientError, Invitation
from rsvpd.config import Config
from rsvpd.control import sidecar
from rsvpd.control.desk import Desk
from rsvpd.control.people import NewPerson
from rsvpd.control.verbs import clock, faults, meetings, people, personas, requests, seeds, snapshots
from rsvpd.edge.dialects import GOOGLE, INTERFACES, TITLES
from rsvpd.scheduling.persona import Habit

Found = dict[str, Any]
Word = Literal["accept", "decline", "tentative"]

P = ParamSpec("P")
T = TypeVar("T")

_ANSWERS = {"accept": Answer.ACCEPTED, "decline": Answer.DECLINED, "tentative": Answer.TENTATIVE}
_SECONDS = 30.0
_MEMBERS = "id,subject,start,end,location,isOrganizer,isCancelled,organizer,attendees,responseStatus"


class Tools:
    """Asks the server that has the data file open."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def reading_tools(self) -> list[Callable[..., object]]:
        """Return the tools that change nothing."""
        return [
            self.show_server, self.list_people, self.get_token, self.list_invitations, self.list_meetings,
            self.show_timeline, self.list_requests, self.show_request, self.explain_request, self.list_snapshots,
            self.compare_snapshots, self.show_clock, self.list_faults,
        ]  # fmt: skip

    def writing_tools(self) -> list[Callable[..., object]]:
        """Return the others."""
        return [
            self.answer_invitation, self.create_meeting, self.add_person, self.set_persona, self.seed,
            self.save_snapshot, self.restore_snapshot, self.reset, self.set_clock, self.advance_clock,
            self.add_fault, self.clear_faults,
        ]  # fmt: skip

    def show_server(self) -> Found:
        """Return the root URLs of the interfaces, which take a token of get_token, and of the page for a browser."""
        url = self._server().url
        return {"page": url} | {INTERFACES.get(mount, GOOGLE): url + mount for mount in TITLES}

    def list_people(self) -> Found:
        """List everybody with a mailbox: address, name, time zone, user or room; and what time it is on the server."""
        found = self._ask(people.list_people)
        return {"now": found.now, "people": [_without_secrets(one) for one in found.people.values()]}

    def get_token(self, who: str) -> str:
        """Return a bearer token of somebody, for all interfaces of the server."""
        return self._ask(people.show_person, address=who).token

    def add_person(self, address: str, name: str = "", time_zone: str = "UTC", kind: Literal["user", "room"] = "user"
                   ) -> Found:  # fmt: skip
        """Give somebody a mailbox, or make a room; time_zone like Europe/Berlin."""
        new = NewPerson(address=address, name=name, time_zone=time_zone, kind=kind)
        return _without_secrets(self._ask(people.add_person, body=new))

    def list_invitations(self, who: str, include_answered: bool = False) -> list[Found]:
        """List the invitations of somebody to what is still to come; those that wait for an answer first."""
        with self._client(who) as client:
            return [_invitation_members(one) for one in client.invitations(include_answered=include_answered)]

    def answer_invitation(self, who: str, invitation: str, answer: Word, comment: str = "", send: bool = True) -> Found:
        """Answer an invitation as somebody. `invitation` is an id of list_invitations, or the subject.

        Without `send` the organizer is not told.
        """
        with self._client(who) as client:
            named = [one for one in client.invitations(include_answered=True) if one.subject == invitation]
            if len(named) > 1:
                raise Unreachable(f"{who} has {len(named)} invitations called {invitation!r}; name one by its id")
            target = named[0] if named else invitation
            try:
                done = client.answer(target, _ANSWERS[answer], comment=comment or None, send=send)
            except ClientError as wrong:
                told = "" if named else f" list_invitations has the ids and subjects of {who}'s invitations."
                raise Unreachable(f"{wrong}{told}") from None
        return {"subject": done.invitation.subject, "answer": done.answer.value, "sent": done.sent, "hint": done.hint}

    def create_meeting(
        self, organizer: str, subject: str, start: str, end: str, guests: list[str], location: str = "",
        time_zone: str = "UTC",
    ) -> Found:  # fmt: skip
        """Send an invitation as somebody; start and end like 2031-01-06T10:00:00. Rooms are guests too."""
        body = {
            "subject": subject,
            "start": {"dateTime": start, "timeZone": time_zone},
            "end": {"dateTime": end, "timeZone": time_zone},
            "attendees": [{"emailAddress": {"address": self._address(one)}} for one in guests],
            **({"location": {"displayName": location}} if location else {}),
        }
        made = self._graph(organizer, "POST", "/me/events", json=body)
        return {name: made[name] for name in _MEMBERS.split(",")}

    def list_meetings(self, who: str, subject: str = "") -> list[Found]:
        """List the newest events in somebody's calendar, 50 at most, with each guest's answer as that person sees it.

        What the organizer sees there is what counts.
        """
        narrowed = "&$filter=subject eq " + quote("'" + subject.replace("'", "''") + "'") if subject else ""
        path = f"/me/events?$top=50&$orderby=createdDateTime desc&$select={_MEMBERS}{narrowed}"
        found: list[Found] = self._graph(who, "GET", path)["value"]
        return found

    def show_timeline(self, meeting: str) -> Found:
        """Tell what happened with a meeting, and when: requests, messages, deliveries, answers, and each copy now.

        `meeting` is its iCalUId, or its subject where only one meeting has that.
        """
        return _plain(self._ask(meetings.show_timeline, uid=meeting))

    def set_persona(
        self, who: str, does: Habit | Literal["off"], after: str = "", comment: str = "", to: str = ""
    ) -> Found:
        """Let somebody answer by itself the invitations that come from now on, at once or after a while (like 2h).

        `to` is to whom somebody who forwards passes them on.
        """
        if does == "off":
            self._ask(personas.remove_persona, address=who)
            return _plain(self._ask(personas.show_persona, address=who))
        wanted = personas.PersonaSetting(does=does, after=after, comment=comment, to=to)
        return _plain(self._ask(personas.set_persona, address=who, body=wanted))

    def seed(self, text: str) -> Found:
        """Let what a text in YAML says have happened, all of it or nothing: people, rooms, meetings with their answers,
        mail. `rsvpd docs seeds` and `rsvpd init` say how it is written; dates may be like `tomorrow 10:00`.
        """
        return _plain(self._ask(seeds.seed, body=text))

    def list_snapshots(self) -> list[Found]:
        """List the saved copies of all there is."""
        return [_plain(one) for one in self._ask(snapshots.list_snapshots)]

    def save_snapshot(self, name: str, overwrite: bool = False) -> Found:
        """Save all there is under a name, while the server goes on."""
        return _plain(self._ask(snapshots.save_snapshot, body=snapshots.NewSnapshot(name=name, overwrite=overwrite)))

    def restore_snapshot(self, name: str) -> Found:
        """Put a snapshot in the place of all there is. Tokens stay good."""
        return _plain(self._ask(snapshots.restore_snapshot, name=name))

    def compare_snapshots(self, name: str, other: str = "") -> Found:
        """Say in words what differs from a snapshot to another one, or to now: who answered what, what was moved."""
        return _plain(self._ask(snapshots.compare_snapshots, name=name, other=other))

    def reset(self, sample_people: bool = True) -> Found:
        """Begin anew, with the sample people and their meetings or with nobody. What was there is gone."""
        return _plain(self._ask(snapshots.reset, body=snapshots.Beginning(story=sample_people)))

    def show_clock(self) -> Found:
        """Return what the server's clock shows, and how it goes."""
        return _plain(self._ask(clock.show_clock))

    def set_clock(self, now: str = "", frozen: bool | None = None, back: bool = False) -> Found:
        """Set the server's clock to an ISO 8601 instant, or freeze it; it goes back only with `back`."""
        wanted = clock.ClockSetting(now=now or None, frozen=frozen, back=back)
        return _plain(self._ask(clock.set_clock, body=wanted))

    def advance_clock(self, by: str) -> Found:
        """Let time pass (2h, 1d12h, 90s): what falls due happens in its order, and is told."""
        return _plain(self._ask(clock.advance_clock, body=clock.Passage(by=by)))

    def add_fault(self, rule: Found) -> Found:
        """Have answers go wrong on purpose. A rule like {"name": "busy", "effect": "answer", "status": 429,
        "retry_after": 7, "times": 2, "person": "bob", "path": "/me/events/{event}/accept"}; effects are answer,
        expired-token, delay, drop, drop-answer, cut, trickle, limit.
        """
        return _plain(self._ask(faults.add_fault, body=rule))

    def list_faults(self) -> list[Found]:
        """List the faults that are set, with how often each was made."""
        return [_plain(one) for one in self._ask(faults.list_faults)]

    def clear_faults(self) -> list[Found]:
        """Take all faults away; returns those that there were."""
        return [_plain(one) for one in self._ask(faults.clear_faults)]

    def list_requests(self, person: str = "", status: str = "", hint: bool | None = None, limit: int = 20
                      ) -> list[Found]:  # fmt: skip
        """List the last requests that programs made, the newest first: of a person, a status like 4xx, with a hint."""
        if hint is None:
            found = self._ask(requests.list_requests, person=person, status=status, limit=limit)
        else:
            found = self._ask(requests.list_requests, person=person, status=status, hint=hint, limit=limit)
        return [_plain(one) for one in found]

    def show_request(self, id: str) -> Found:
        """Return a request with its answer, and the same call as curl and as a test."""
        return _plain(self._ask(requests.show_request, id=id))

    def explain_request(self, id: str) -> Found:
        """Say in words what a request did not do: what was ignored, refused or changed, by which rule."""
        return _plain(self._ask(requests.explain_request, id=id))

    def _ask(self, does: Callable[Concatenate[Desk, P], Awaitable[T]], /, *args: P.args, **given: P.kwargs) -> T:
        with open_administration(self._config, make=False, asks_server=True) as admin:
            return admin.ask(does, *args, **given)

    def _client(self, who: str) -> Client:
        return Client.local(self._address(who), data=self._config.data)

    def _address(self, who: str) -> str:
        return who if "@" in who else self._ask(people.show_person, address=who).address

    def _server(self) -> sidecar.Sidecar:
        server = sidecar.find_server(self._config.data)
        if server is None:
            raise Unreachable(f"no server has {self._config.data} open; `rsvpd up` starts one")
        return server

    def _graph(self, who: str, method: str, path: str, **more: Any) -> Any:
        url = self.show_server()["graph"] + path
        headers = {"Authorization": f"Bearer {self.get_token(who)}"}
        reply = httpx.request(method, url, headers=headers, trust_env=False, timeout=_SECONDS, **more)
        if reply.is_error:
            raise Unreachable(f"{reply.status_code}: {reply.json()['error']['message']}")
        return reply.json()


def _plain(value: object) -> Found:
    found: Found = msgspec.to_builtins(value)
    return found


def _without_secrets(person: object) -> Found:
    return {name: one for name, one in _plain(person).items() if name not in ("token", "password", "oid")}


def _invitation_members(one: Invitation) -> Found:
    return {
        "id": one.id, "subject": one.subject, "organizer": one.organizer.address, "start": one.start.isoformat(),
        "end": one.end.isoformat(), "location": one.location, "my_answer": one.my_answer.value,
        "is_series": one.is_series,
    }  # fmt: skip
