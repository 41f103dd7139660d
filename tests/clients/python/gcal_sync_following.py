"""gcal-sync, Home Assistant's library: keeps bob's calendar by sync tokens while alice changes it."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import aiohttp
from gcal_sync.api import GoogleCalendarService
from gcal_sync.auth import AbstractAuth
from gcal_sync.store import InMemoryCalendarStore
from gcal_sync.sync import CalendarEventSyncManager, CalendarListSyncManager
from story import ALICE, BEGIN, BOB, END, LATER_BEGIN, LATER_END, SUBJECT, ZONE, same, step, token


class Auth(AbstractAuth):
    async def async_get_access_token(self) -> str:
        return token(BOB)


def alice(method: str, path: str, body: object = None):
    """Ask Google's interface as alice, by hand."""
    request = Request(
        f"{os.environ['RSVPD_URL']}/calendar/v3/calendars/primary/events{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token(ALICE)}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def at(text: str) -> dict[str, str]:
    return {"dateTime": text, "timeZone": ZONE}


async def main() -> None:
    async with aiohttp.ClientSession(trust_env=True) as session:
        service, store = GoogleCalendarService(Auth(session)), InMemoryCalendarStore()
        lists = CalendarListSyncManager(service, store)
        with step("the list of calendars is read, and again by its token"):
            await lists.run()
            await lists.run()
            found = await lists.store_service.async_list_calendars()
            same([one.summary for one in found.calendars], [BOB])
        manager = CalendarEventSyncManager(service, calendar_id="primary", store=store)

        async def subjects() -> dict[str, str]:
            await manager.run()
            timeline = await manager.store_service.async_get_timeline()
            shown = timeline.overlapping(datetime(2030, 2, 1, tzinfo=UTC), datetime(2030, 4, 1, tzinfo=UTC))
            return {one.summary: f"{one.start.value.astimezone(ZoneInfo(ZONE)):%Y-%m-%dT%H:%M:%S}" for one in shown}

        with step("bob's events are read"):
            before = await subjects()
        with step("alice invites bob, and the next synchronization has it"):
            body = {"summary": SUBJECT, "attendees": [{"email": BOB}], "start": at(BEGIN), "end": at(END)}
            made = await asyncio.to_thread(alice, "POST", "", body)
            same(await subjects(), before | {SUBJECT: BEGIN})
        with step("she moves it, and the next synchronization has it there"):
            await asyncio.to_thread(
                alice, "PATCH", f"/{made['id']}", {"start": at(LATER_BEGIN), "end": at(LATER_END)}
            )
            same(await subjects(), before | {SUBJECT: LATER_BEGIN})
        with step("she calls it off, and the next synchronization takes it away"):
            await asyncio.to_thread(alice, "DELETE", f"/{made['id']}?sendUpdates=all")
            same(await subjects(), before)


asyncio.run(main())
