"""Rules that come and go while requests are under way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from msgspec import structs
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from rsvpd.control.faults import fault_of
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.app import Edge, make_app
from rsvpd.edge.faults import FaultDoer
from rsvpd.faults import Faults, KnownRoute
from support.fakes import NOW, Fake, settings

MANY = 1000
ROUTES = (KnownRoute("graph", "GET", "me"), KnownRoute("graph", "GET", "me/events"))


class Gate:
    """What many wait for, and how many do."""

    def __init__(self) -> None:
        self.waiting = 0
        self.opened = asyncio.Event()

    async def __call__(self, seconds: float = 0.0) -> None:
        self.waiting += 1
        await self.opened.wait()

    async def is_full(self, count: int) -> None:
        while self.waiting < count:
            await asyncio.sleep(0)


def app_of(board: Faults, gate: Callable[[float], Awaitable[None]], *, is_held: bool = False, **more: Any) -> Edge:
    async def answer(request: Request) -> Response:
        if is_held:
            await gate(0.0)
        return Response(status=200, body=b"ok")

    dialect = structs.replace(Fake("/v1", dialect_answer=answer).dialect, interface="graph")
    doer = FaultDoer(board, sleep=gate)
    return make_app([dialect], settings(**more), clock=lambda: NOW, faults=doer, control=desk())


def desk() -> Starlette:
    return Starlette(routes=[Route("/faults", lambda request: JSONResponse([]), methods=["GET", "DELETE"])])


def client(app: Edge) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost")


def add(board: Faults, **rule: Any) -> None:
    board.add(fault_of({"name": "f"} | rule), NOW)


def test_a_fault_that_is_set_while_a_thousand_are_under_way_meets_those_that_come_after() -> None:
    async def go() -> None:
        board, gate = Faults(lambda: ROUTES), Gate()
        async with client(app_of(board, gate, is_held=True)) as http:
            before = [asyncio.create_task(http.get("/v1/me")) for _ in range(MANY)]
            await gate.is_full(MANY)
            add(board, effect="answer", status=503, times=MANY)
            after = await asyncio.gather(*(http.get("/v1/me") for _ in range(MANY)))
            beyond = asyncio.create_task(http.get("/v1/me"))
            gate.opened.set()
            assert {one.status_code for one in await asyncio.gather(*before, beyond)} == {200}
            assert {one.headers.get("x-rsvpd-fault") for one in after} == {"f"}
            assert board.rules()[0].made == MANY

    asyncio.run(go())


def test_those_who_wait_already_wait_to_the_end_when_all_faults_are_taken_away() -> None:
    async def go() -> None:
        board, gate = Faults(lambda: ROUTES), Gate()
        add(board, effect="delay", seconds=600)
        async with client(app_of(board, gate)) as http:
            waiting = [asyncio.create_task(http.get("/v1/me")) for _ in range(10)]
            await gate.is_full(10)
            board.clear()
            assert "x-rsvpd-fault" not in (await http.get("/v1/me")).headers
            gate.opened.set()
            found = await asyncio.gather(*waiting)
            assert {(one.status_code, one.headers["x-rsvpd-fault"]) for one in found} == {(200, "f")}

    asyncio.run(go())


def test_a_limit_that_is_taken_away_meanwhile_is_counted_down_all_the_same() -> None:
    async def go() -> None:
        board, gate = Faults(lambda: ROUTES), Gate()
        add(board, effect="limit", concurrent=2, status=429)
        async with client(app_of(board, gate, is_held=True)) as http:
            waiting = [asyncio.create_task(http.get("/v1/me")) for _ in range(2)]
            await gate.is_full(2)
            assert (await http.get("/v1/me")).headers["x-rsvpd-fault"] == "f"
            board.remove("f")
            add(board, effect="limit", concurrent=1, status=429)
            gate.opened.set()
            await asyncio.gather(*waiting)
            assert [(await http.get("/v1/me")).status_code for _ in range(3)] == [200] * 3

    asyncio.run(go())


def test_no_fault_meets_the_desk_nor_signing_in() -> None:
    async def go() -> None:
        board, gate = Faults(lambda: ROUTES), Gate()
        add(board, effect="drop")
        sign_in = Route("/oauth2/token", lambda request: JSONResponse({}))
        dialect = structs.replace(Fake("/v1").dialect, interface="graph")
        app = make_app(
            [dialect], settings(), clock=lambda: NOW, faults=FaultDoer(board, sleep=gate), control=desk(),
            sign_in=[sign_in],
        )  # fmt: skip
        async with client(app) as http:
            found = [await http.request(*one) for one in (
                ("GET", "/_rsvpd/faults"), ("DELETE", "/_rsvpd/faults"), ("GET", "/oauth2/token"), ("GET", "/health"),
            )]  # fmt: skip
            assert [one.status_code for one in found] == [200] * 4
            assert not any("x-rsvpd-fault" in one.headers for one in found)
            assert json.loads(found[0].content) == []

    asyncio.run(go())
