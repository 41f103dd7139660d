"""What the administrator asks a running server, below `/_rsvpd`: the commands of the terminal and scripts.

`GET /ready` is for anybody. Everything else needs the control token of this run, which stands in the
sidecar of the data file and is readable only by the user who started the server.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from msgspec import UNSET
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rsvpd import __version__
from rsvpd.clock import Clock, to_datetime
from rsvpd.commands import directory, people
from rsvpd.commands import outbox as mail
from rsvpd.commands.places import change_room_place, get_room_place
from rsvpd.commands.rooms import get_room, set_room
from rsvpd.commands.subscriptions import all_subscriptions
from rsvpd.control import backup, doctor, outbox, profiles, rooms, subscriptions, work
from rsvpd.control.people import NewPerson, PersonAccounts, find, newcomer
from rsvpd.errors import AlreadyExists, DomainError, Missing, RsvpdError, StorageFull, Unavailable
from rsvpd.store.database import Store
from rsvpd.store.engine import CopyError

_MAX_BODY_BYTES = 65_536
_MAX_LIST_BYTES = 4_194_304
_STATUS: dict[type[RsvpdError], int] = {
    Missing: 404, AlreadyExists: 409, DomainError: 400, StorageFull: 507, Unavailable: 503,
}

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


def make_control(
    store: Store,
    accounts: PersonAccounts,
    *,
    clock: Clock,
    token: str,
    service_account: Callable[[str], Awaitable[object]],
) -> Starlette:
    """Return the application behind `/_rsvpd`.

    `service_account` returns the key file of the service account that every server has, for those who reach it
    under an origin.
    """

    async def list_people(request: Request) -> Response:
        now = clock()
        chosen = await store(directory.chosen_passwords)
        everybody = {one.address: accounts.of(one, now, chosen) for one in await store(people.people)}
        return _json({"now": to_datetime(now).isoformat(), "people": everybody})

    async def show_person(request: Request) -> Response:
        person = find(await store(people.people), request.path_params["address"])
        return _json(accounts.of(person, clock(), await store(directory.chosen_passwords)))

    async def show_profile(request: Request) -> Response:
        person = find(await store(people.people), request.path_params["address"])
        return _json(profiles.known(await store(directory.get_known, person)))

    async def change_profile(request: Request) -> Response:
        asked = await _body(request, dict[str, str], "what is to be known")
        everybody = await store(people.people)
        person = find(everybody, request.path_params["address"])
        change = profiles.change_of(asked, everybody)
        found = await store(
            directory.change_profile, person, change.changes, manager=change.manager, is_managed=change.is_managed
        )
        return _json(profiles.known(found))

    async def add_person(request: Request) -> Response:
        new = newcomer(await _body(request, NewPerson, "a person"))
        now = clock()
        person = await store(
            people.add_person, new.address, name=new.name, zone=new.zone, kind=new.kind, now=now
        )
        return _json(accounts.of(person, now), 201)

    async def add_people(request: Request) -> Response:
        news = await _body(request, list[NewPerson], "a list of people", limit=_MAX_LIST_BYTES)
        now = clock()
        added = await work.run_between(work.addition(news, now), store)
        return _json(await run_in_threadpool(lambda: [accounts.of(one, now) for one in added]), 201)

    async def remove_person(request: Request) -> Response:
        cancels = request.query_params.get("cancel") == "true"
        removal = work.removal(request.path_params["address"], cancels=cancels, now=clock())
        return _json(await work.run_between(removal, store))

    async def show_room(request: Request) -> Response:
        room = find(await store(people.people), request.path_params["address"])
        return _json(rooms.mailbox(await store(get_room, room.address), await store(get_room_place, room)))

    async def change_room(request: Request) -> Response:
        asked = await _body(request, rooms.PolicyChange, "the policy of a room")
        everybody = await store(people.people)
        room = find(everybody, request.path_params["address"])
        known = rooms.place_changes(asked)
        policy = rooms.changes(asked, everybody)
        await store(set_room, room.address, policy)
        place = await store(change_room_place, room, known, None if asked.lists is UNSET else asked.lists)
        return _json(rooms.mailbox(await store(get_room, room.address), place))

    async def list_outbox(request: Request) -> Response:
        rows = await store(mail.waiting, after=_number(request.query_params.get("after", "0")))
        return _json([outbox.summary(row) for row in rows])

    async def show_outgoing(request: Request) -> Response:
        row = await store(mail.waiting_message, _number(request.path_params["number"]))
        return _json(await run_in_threadpool(outbox.outgoing, row))

    async def list_subscriptions(request: Request) -> Response:
        wanted = request.query_params.get("mailbox", "")
        address = find(await store(people.people), wanted).address if wanted else ""
        found = await store(all_subscriptions, mailbox=address)
        return _json([subscriptions.told(view, pending) for view, pending in found])

    async def make_backup(request: Request) -> Response:
        wanted = await _body(request, backup.BackupRequest, "what to copy where")
        try:
            made = await run_in_threadpool(backup.of_store, store, wanted)
        except CopyError as wrong:
            raise HTTPException(409, str(wrong)) from None
        return _json(made, 201)

    async def show_service_account(request: Request) -> Response:
        return _json(await service_account(request.query_params.get("origin", "")))

    async def report(request: Request) -> Response:
        health = await run_in_threadpool(store.health)
        is_deep = request.query_params.get("deep") == "true"
        return _json(doctor.report(health, await work.run_between(work.examination(), store) if is_deep else ()))

    return Starlette(
        routes=[
            Route("/ready", _ready),
            Route("/people", _kept(token, list_people), methods=["GET"]),
            Route("/people", _kept(token, add_person), methods=["POST"]),
            Route("/people/batch", _kept(token, add_people), methods=["POST"]),
            Route("/people/{address}", _kept(token, show_person), methods=["GET"]),
            Route("/people/{address}", _kept(token, remove_person), methods=["DELETE"]),
            Route("/people/{address}/profile", _kept(token, show_profile), methods=["GET"]),
            Route("/people/{address}/profile", _kept(token, change_profile), methods=["PATCH"]),
            Route("/rooms/{address}", _kept(token, show_room), methods=["GET"]),
            Route("/rooms/{address}", _kept(token, change_room), methods=["PATCH"]),
            Route("/outbox", _kept(token, list_outbox), methods=["GET"]),
            Route("/outbox/{number}", _kept(token, show_outgoing), methods=["GET"]),
            Route("/subscriptions", _kept(token, list_subscriptions), methods=["GET"]),
            Route("/backup", _kept(token, make_backup), methods=["POST"]),
            Route("/service-account", _kept(token, show_service_account), methods=["GET"]),
            Route("/doctor", _kept(token, report), methods=["GET"]),
        ],
        exception_handlers={RsvpdError: _refused, HTTPException: _http_error},
    )


async def _ready(request: Request) -> Response:
    return _json({"status": "ready", "version": __version__})


def _kept(token: str, handler: Handler) -> Handler:
    """Return `handler` behind the control token."""
    wanted = f"Bearer {token}".encode()

    async def guarded(request: Request) -> Response:
        shown = request.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(shown, wanted):
            raise HTTPException(401, "This needs the control token of the running server.")
        return await handler(request)

    return guarded


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise HTTPException(400, "This is not the number of a message.")
    return int(text)


async def _body(request: Request, kind: type[T], name: str, *, limit: int = _MAX_BODY_BYTES) -> T:
    raw = b""
    try:
        async for part in request.stream():
            raw += part
            if len(raw) > limit:
                raise HTTPException(413, "The body is too large.")
    except ClientDisconnect:
        raise HTTPException(400, "The body is not complete.") from None
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise HTTPException(400, f"The body is not {name}: {wrong}") from None


def _refused(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, (DomainError, Unavailable))
    status = next(_STATUS[kind] for kind in type(wrong).__mro__ if kind in _STATUS)
    headers = {"Retry-After": str(wrong.retry_after)} if isinstance(wrong, Unavailable) else None
    return _error(status, type(wrong).__name__, wrong.message, headers)


def _http_error(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    return _error(wrong.status_code, "RequestNotPossible", wrong.detail)


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return _json({"error": {"code": code, "message": message}}, status, headers)


def _json(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
