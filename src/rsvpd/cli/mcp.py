"""`rsvpd mcp`: the control desk and invitations as tools of a coding agent (Model Context Protocol, over stdio).

https://modelcontextprotocol.io/specification. The SDK is an extra of its own, `rsvpd[mcp]`.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, ParamSpec, TypeVar

from msgspec import structs

from rsvpd.cli.reach import Unreachable
from rsvpd.cli.run import own_server
from rsvpd.config import Config
from rsvpd.control import sidecar

_MISSING = "`rsvpd mcp` needs the extra 'mcp', which is not installed: pip install 'rsvpd[mcp]'"
_INSTRUCTIONS = """\
rsvpd is a local Microsoft 365 and Google Calendar in which invitations and answers truly travel. Where no server runs,
`rsvpd up` starts one; show_server says where it listens. People are named by address or by what stands before its @.
An answer counts when the organizer's event has it: list_meetings of the organizer shows that. Save a snapshot before
you change anything, and restore it afterwards.
"""

P = ParamSpec("P")
T = TypeVar("T")


def run(args: argparse.Namespace, config: Config) -> None:
    """Serve until standard input ends. Raises Unreachable where the SDK is not installed."""
    if find_spec("mcp") is None:
        raise Unreachable(_MISSING)
    if args.start and sidecar.find_server(config.data) is None:
        with own_server(args, shows_log=False) as place:
            _serve(structs.replace(config, data=place.data, database=""))
    else:
        _serve(config)


def _serve(config: Config) -> None:
    from mcp.server.fastmcp import FastMCP
    from mcp.types import ToolAnnotations

    from rsvpd.cli.mcp_tools import Tools

    server = FastMCP("rsvpd", instructions=_INSTRUCTIONS, log_level="WARNING")
    tools = Tools(config)
    for only_looks, some in ((True, tools.reading_tools()), (False, tools.writing_tools())):
        for one in some:
            told = ToolAnnotations(readOnlyHint=only_looks, openWorldHint=False)
            server.tool(description=inspect.getdoc(one), annotations=told)(_in_thread(one))
    with _streams_of_its_own():
        server.run("stdio")


@contextmanager
def _streams_of_its_own() -> Iterator[None]:
    """The SDK closes the streams that it speaks on; this process flushes its own at its end."""
    kept = sys.stdin, sys.stdout
    with os.fdopen(os.dup(kept[0].fileno())) as given, os.fdopen(os.dup(kept[1].fileno()), "w") as answers:
        sys.stdin, sys.stdout = given, answers
        try:
            yield
        finally:
            sys.stdin, sys.stdout = kept


def _in_thread(does: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return a tool that leaves the loop free while it waits for the server."""
    from anyio.to_thread import run_sync

    @functools.wraps(does)
    async def tool(*args: P.args, **given: P.kwargs) -> T:
        def work() -> T:
            return does(*args, **given)

        return await run_sync(work)

    tool.__annotations__ = _annotations(does)
    return tool


def _annotations(does: Callable[..., object]) -> dict[str, Any]:
    from typing import get_type_hints

    return get_type_hints(does)
