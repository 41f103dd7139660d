"""Verbs about the server and its data."""

from __future__ import annotations

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from rsvpd import __version__
from rsvpd.control import backup, doctor, work
from rsvpd.control.desk import Desk, Verb


class Readiness(Struct, frozen=True):
    """That requests are answered, and by which version."""

    status: str
    version: str


async def show_readiness(desk: Desk) -> Readiness:
    """Return that requests are answered."""
    return Readiness("ready", __version__)


async def make_backup(desk: Desk, body: backup.BackupRequest) -> backup.Backup:
    """Copy all there is into a data file, while others read and write."""
    return await run_in_threadpool(backup.of_store, desk.store, body)


async def show_service_account(desk: Desk, origin: str = "") -> object:
    """Return the key file of the service account that every server has."""
    return await desk.service_account(origin)


async def report(desk: Desk, deep: bool = False) -> doctor.Report:
    """Return what is emulated and how the data are; with `deep` what must hold between the tables too."""
    health = await run_in_threadpool(desk.store.health)
    return doctor.report(health, await work.run_between(work.examination(), desk.store) if deep else ())


VERBS = (
    Verb("GET", "/ready", show_readiness, is_open=True),
    Verb("POST", "/backup", make_backup, 201, patience_seconds=None),
    Verb("GET", "/service-account", show_service_account),
    Verb("GET", "/doctor", report, patience_seconds=None),
)
