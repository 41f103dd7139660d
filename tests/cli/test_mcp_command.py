"""`rsvpd mcp` as a coding agent has it: the SDK's own client over stdio."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from support.running import PATIENCE_SECONDS, Running, clean_environ

pytestmark = [pytest.mark.slow, pytest.mark.data_file]


@asynccontextmanager
async def agent(server: Running) -> AsyncIterator[ClientSession]:
    async with started_by(server.environ, *server.place) as session:
        yield session


@asynccontextmanager
async def started_by(environ: dict[str, str], *flags: str) -> AsyncIterator[ClientSession]:
    command = ["-m", "rsvpd.cli.rsvpd", "mcp", *flags]
    started = StdioServerParameters(command=sys.executable, args=command, env=environ)
    async with stdio_client(started) as streams, ClientSession(*streams) as session:
        await session.initialize()
        yield session


async def call(session: ClientSession, tool: str, **given: Any) -> Any:
    """Return what a tool gives; an error as its text."""
    done = await session.call_tool(tool, given)
    texts = [json.loads(one.text) if one.text[:1] in "{[" else one.text for one in done.content if one.type == "text"]
    if done.isError:
        return texts[0]
    return (done.structuredContent or {}).get("result", texts[0] if texts else None)


def test_a_meeting_is_sent_and_answered(server: Running) -> None:
    async def play() -> None:
        async with agent(server) as session:
            found = await call(session, "list_people")
            assert "bob@example.com" in [one["address"] for one in found["people"]]
            assert "token" not in found["people"][0]
            await call(session, "save_snapshot", name="before")
            await call(session, "add_person", address="erin@example.com", time_zone="Asia/Tokyo")
            made = await call(
                session, "create_meeting", organizer="alice", subject="Kickoff", start="2031-01-06T10:00:00",
                end="2031-01-06T11:00:00", guests=["erin", "bob"], location="Hall",
            )  # fmt: skip
            assert made["location"]["displayName"] == "Hall"
            waiting = await call(session, "list_invitations", who="erin")
            assert [(one["subject"], one["organizer"]) for one in waiting] == [("Kickoff", "alice@example.com")]
            done = await call(
                session, "answer_invitation", who="erin", invitation="Kickoff", answer="accept", comment="Gladly"
            )
            assert (done["answer"], done["sent"]) == ("accepted", True)
            await call(session, "answer_invitation", who="bob", invitation="Kickoff", answer="decline")
            (held,) = await call(session, "list_meetings", who="alice", subject="Kickoff")
            answers = {one["emailAddress"]["address"]: one["status"]["response"] for one in held["attendees"]}
            assert answers == {"erin@example.com": "accepted", "bob@example.com": "declined"}
            said = json.dumps(await call(session, "compare_snapshots", name="before"))
            assert "Kickoff" in said
            await call(session, "restore_snapshot", name="before")
            assert await call(session, "list_meetings", who="alice", subject="Kickoff") == []

    anyio.run(play)


def test_time_passes_and_requests_are_seen(server: Running) -> None:
    async def play() -> None:
        async with agent(server) as session:
            before = (await call(session, "show_clock"))["now"]
            passed = await call(session, "advance_clock", by="2h")
            assert passed["now"] > before
            token = await call(session, "get_token", who="bob")
            assert token == server.token("bob") or token.count(".") == server.token("bob").count(".")
            assert server.ask("GET", "/v1.0/me/nothing", "bob").status_code == 400
            newest = (await call(session, "list_requests", status="4xx", limit=1))[0]
            assert newest["path"] == "/v1.0/me/nothing"
            explained = await call(session, "explain_request", id=newest["id"])
            assert explained["request"]["path"] == newest["path"]
            rule = {"name": "busy", "effect": "answer", "status": 429, "times": 1, "person": "bob"}
            assert (await call(session, "add_fault", rule=rule))["fault"]["name"] == "busy"
            assert [server.ask("GET", "/v1.0/me", "bob").status_code for _ in range(2)] == [429, 200]
            await call(session, "clear_faults")
            assert await call(session, "list_faults") == []

    anyio.run(play)


def test_people_answer_by_themselves_and_seeds_are_told(server: Running) -> None:
    async def play() -> None:
        async with agent(server) as session:
            roots = await call(session, "show_server")
            assert (roots["page"], roots["graph"]) == (server.url, server.url + "/v1.0")
            told = await call(session, "seed", text="people:\n  - address: zoe@example.com\n")
            assert told["people"] == 1
            assert "line 2" in await call(session, "seed", text="people:\n  - adress: zoe@example.com\n")
            persona = await call(session, "set_persona", who="zoe", does="accepts", after="2h")
            assert (persona["does"], persona["after_seconds"]) == ("accepts", 7200)
            await call(
                session, "create_meeting", organizer="alice", subject="Demo", start="2031-01-06T10:00:00",
                end="2031-01-06T11:00:00", guests=["zoe"],
            )  # fmt: skip
            await call(session, "advance_clock", by="3h")
            moments = (await call(session, "show_timeline", meeting="Demo"))["moments"]
            assert [one["who"] for one in moments if one["kind"] == "answer"] == ["zoe@example.com"]
            assert (await call(session, "set_persona", who="zoe", does="off"))["does"] is None

    anyio.run(play)


def test_it_starts_a_server_where_none_runs(tmp_path: Path) -> None:
    async def play() -> None:
        async with started_by(clean_environ() | {"RSVPD_DATA": str(tmp_path / "t.db")}, "--start") as session:
            waiting = await call(session, "list_invitations", who="bob")
            assert [one["subject"] for one in waiting] == ["Project kickoff"]
            url = (await call(session, "show_server"))["page"]
            assert httpx.get(url, trust_env=False).status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, trust_env=False)

    anyio.run(play)
    assert list(tmp_path.iterdir()) == [], "what it had is gone, and nothing of somebody's was touched"


def test_with_a_server_it_starts_none(server: Running) -> None:
    async def play() -> None:
        async with started_by(server.environ, *server.place, "--start") as session:
            assert (await call(session, "show_server"))["page"] == server.url

    anyio.run(play)


def test_what_cannot_be_is_said_to_the_agent(server: Running) -> None:
    async def play() -> None:
        async with agent(server) as session:
            assert "did you mean bob" in await call(session, "list_invitations", who="bobb")
            assert "There is no snapshot" in await call(session, "restore_snapshot", name="nothing")
            answered = await call(session, "answer_invitation", who="bob", invitation="Nothing", answer="accept")
            assert "list_invitations has the ids" in answered
            server.stop()
            assert "rsvpd up" in await call(session, "list_meetings", who="alice")

    anyio.run(play)


def test_every_tool_says_what_it_does(server: Running) -> None:
    async def play() -> None:
        async with agent(server) as session:
            tools = (await session.list_tools()).tools
            assert len(tools) > 10
            assert [one.name for one in tools if not one.description or "\n  " in one.description] == []
            looking = {one.name for one in tools if one.annotations and one.annotations.readOnlyHint}
            assert {"show_server", "list_invitations", "explain_request"} <= looking
            assert not {"answer_invitation", "reset", "seed", "add_fault"} & looking

    anyio.run(play)


def test_without_the_extra_it_says_what_to_install(server: Running) -> None:
    without = "import sys; sys.modules['mcp'] = None\nfrom rsvpd.cli.rsvpd import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", without, "mcp", *server.place],
        env=server.environ, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 1
    assert "pip install 'rsvpd[mcp]'" in done.stderr
