"""`rsvpd up`: puts the house together around one data file and serves until told to stop."""

from __future__ import annotations

import os
import secrets
import socket
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from functools import partial

import msgspec

from rsvpd import log
from rsvpd.addresses import is_loopback
from rsvpd.cli import welcome
from rsvpd.cli.reach import accounts_of
from rsvpd.cli.secure import open_secure_sockets
from rsvpd.cli.usage import UsageError
from rsvpd.cli.workers import supervise
from rsvpd.clock import Clock, SteeredClock, system_clock, to_text
from rsvpd.commands import people
from rsvpd.commands.clock import stored_steering
from rsvpd.config import Config
from rsvpd.control import everywhere, sidecar
from rsvpd.control.api import make_control
from rsvpd.control.clock import Timekeeper
from rsvpd.control.datafile import open_data
from rsvpd.control.desk import Desk
from rsvpd.control.live import Live
from rsvpd.control.people import PersonAccount, PersonAccounts
from rsvpd.control.shared_clock import CommonClock, SharedClock
from rsvpd.control.workers import Workers, WorkerSockets
from rsvpd.delivery.background import Background
from rsvpd.delivery.faults import FaultySender
from rsvpd.delivery.notifier import Clocks
from rsvpd.delivery.sender import HttpSender
from rsvpd.edge.app import Dialect, make_app
from rsvpd.edge.dialects import all_dialects, all_routes, publishers
from rsvpd.edge.faults import FaultDoer
from rsvpd.edge.request_log import request_log
from rsvpd.edge.serve import SecureSockets, bind, serve, url_of
from rsvpd.edge.shared_faults import CommonRules, SharedFaults
from rsvpd.faults import Faults
from rsvpd.files import write_secret
from rsvpd.identity.clients import Clients
from rsvpd.identity.tokens import Tokens
from rsvpd.journal import MOST_BYTES, Journal
from rsvpd.signin.entra.validation import validation_tokens
from rsvpd.signin.provider import Provider, Rules
from rsvpd.signin.routes import routes
from rsvpd.store.database import Store
from rsvpd.store.shared import SharedNumbers
from rsvpd.tally import Tally

_log = log.get(__name__)

# So many requests are kept where only this machine asks.
_JOURNAL = 1000


class Common:
    """What the processes of one server have in common; made before they are."""

    def __init__(self, workers: int) -> None:
        self.numbers = SharedNumbers()
        self.rules = CommonRules()
        self.clock = CommonClock()
        self.sockets = WorkerSockets(workers)


def up(config: Config, clock: Clock) -> None:
    """Serve `config.data`, or the database, until SIGINT or SIGTERM.

    Raises BindError, DataFileInUse, DataFileError or UsageError before that.
    """
    if config.stop_at_eof and not _is_held():
        raise UsageError("--stop-at-eof: standard input is no pipe that somebody holds open, so it would stop at once")
    with (
        sidecar.hold(config.data) as lock,
        bind(config.host, config.port, allow_public=config.allow_public_bind) as bound,
        open_secure_sockets(config) as secure,
    ):
        if config.ready_file and config.ready_file.is_file():
            config.ready_file.unlink()  # of an earlier run: nobody shall take it for this one
        here = sidecar.Sidecar(
            os.getpid(), url_of(bound), secrets.token_urlsafe(32),
            https_url=secure.https_url if secure else "", proxy_url=secure.proxy_url if secure else "",
        )  # fmt: skip
        common = Common(config.workers) if config.workers > 1 else None
        serves = partial(_serve, config, clock, lock, bound, secure, here, common)
        try:
            if config.workers > 1:
                supervise(config.workers, serves)
            else:
                serves(0)
        finally:
            sidecar.remove(config.data)
            if common:
                common.sockets.close()
    _log.info("server.stopped")


def _is_held() -> bool:
    """Return whether standard input is something that ends when another process lets go of it."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)


def _serve(
    config: Config,
    clock: Clock,
    lock: sidecar.Lock,
    bound: socket.socket,
    secure: SecureSockets | None,
    here: sidecar.Sidecar,
    common: Common | None,
    number: int,
) -> None:
    """Serve in this process, the one with this number; the first says that requests are answered."""
    store = open_data(config, clock(), put=lock.put, shared=common.numbers if common else None)
    try:
        clock = _steered_clock(store, clock, config, common)
        accounts = accounts_of(store, config)
        tokens = Tokens(store.signing_key, store.tenant)
        provider = _provider(store, tokens, config, clock)
        faults = SharedFaults(common.rules, number, all_routes) if common else Faults(all_routes)
        workers = Workers(common.sockets, number) if common else None
        sender = HttpSender(reaches_private=_reaches_private(config))
        send = FaultySender(sender, faults, clock, close=sender.close)
        dialects = all_dialects(store, tokens, provider.clients, send)
        clocks = Clocks(clock, system_clock)
        told_by = publishers(
            store, tokens, provider.clients, sign=validation_tokens(provider), clock=clock
        )  # fmt: skip
        background = Background(store, told_by, send, clocks)
        time = Timekeeper(
            store, clock, settle=background.settle if config.workers == 1 else None, expired=tokens.expired_tokens
        )  # fmt: skip
        requests = request_log(config, sys.stderr)
        journal, tally = _journal(config, workers), Tally()
        live = Live(store, tokens, clock)
        desk = Desk(
            config=config, store=store, accounts=accounts, clock=clock, time=time, journal=journal, live=live,
            tally=tally, token=here.control_token, service_account=provider.service_account_file,
            is_local=_is_local(config), faults=faults, workers=workers,
        )  # fmt: skip
        app = make_app(
            dialects, config, clock=clock, control=make_control(desk), lifespan=lambda _: _beside(background, desk),
            requests=requests,
            journal=journal,
            tally=tally,
            sign_in=routes(provider),
            faults=FaultDoer(faults),
        )  # fmt: skip
        ready = _announcer(config, clock, store, accounts, dialects, here)
        with closing(requests) if requests else nullcontext():
            on_ready = ready if number == 0 else _say_nothing
            serve(app, bound, config, on_ready=on_ready, on_stop=live.close, secure=secure)
    finally:
        store.close()


def _steered_clock(store: Store, clock: Clock, config: Config, common: Common | None) -> SteeredClock:
    """Return the server's clock, which goes on as somebody steered it."""
    steered = SharedClock(common.clock, clock) if common else SteeredClock(clock)
    steered.steer(store.run(stored_steering))
    if steered.steered is not None:
        _log.info("clock.steered", now=to_text(steered()), setting_is_overruled=config.clock is not None)
    return steered


@asynccontextmanager
async def _beside(background: Background, desk: Desk) -> AsyncIterator[None]:
    """Let everything go on that goes on beside the answers."""
    others = desk.workers.answering(partial(everywhere.answer, desk)) if desk.workers else nullcontext()
    async with background.under_way(), desk.time.follow_commits(), others:
        yield


async def _say_nothing() -> None:
    """The first process says it."""


def _provider(store: Store, tokens: Tokens, config: Config, clock: Clock) -> Provider:
    """Return who signs people in. Its public secrets and its list of people are for this machine alone."""
    is_local = _is_local(config)
    with_local = is_local if config.local_client is None else config.local_client
    rules = Rules(
        is_local=is_local,
        token_lifetime_seconds=config.token_lifetime_seconds,
        key_rotation_days=config.key_rotation_days,
    )
    return Provider(
        store, tokens, Clients(config.clients, with_local=with_local), rules=rules, key=store.signing_key,
        tenant=store.tenant, clock=clock, wall_clock=system_clock,
    )  # fmt: skip


def _journal(config: Config, workers: Workers | None) -> Journal | None:
    """Return the journal of requests as it is set. Where others reach the server nobody's words are kept unasked."""
    unasked = _JOURNAL if _is_local(config) else 0
    most = unasked if config.journal is None else config.journal
    if not most or workers is None:
        return Journal(most) if most else None
    sockets = workers.sockets
    return Journal(
        most, most_bytes=MOST_BYTES // sockets.count, next_number=partial(sockets.next_number, workers.number),
        newest_number=sockets.newest,
    )  # fmt: skip


def _is_local(config: Config) -> bool:
    """Return whether only this machine reaches the server."""
    return is_loopback(config.host) and not config.trusted_proxies and not config.hosts


def _reaches_private(config: Config) -> bool:
    return _is_local(config) if config.push_private_addresses is None else config.push_private_addresses


def _announcer(
    config: Config,
    clock: Clock,
    store: Store,
    accounts: PersonAccounts,
    dialects: tuple[Dialect, ...],
    here: sidecar.Sidecar,
) -> Callable[[], Awaitable[None]]:
    """Return what is done once requests are answered; the ready file, which scripts wait for, comes last."""

    async def announce() -> None:
        now = clock()
        everyone = await store(people.people)
        sidecar.write(config.data, here)
        example = await welcome.example(store, everyone, now)
        places = {one.title: here.url + one.prefix for one in dialects if one.is_listed}
        with suppress(OSError):  # whoever started us may have stopped listening
            page = welcome.text(here.url, places, everyone, example, config, https_url=here.https_url)
            print(page, flush=True)
        if config.ready_file:
            write_secret(config.ready_file, ready_text(here, [accounts.of(one, now) for one in everyone]))
        _log.info("server.ready", url=here.url, people=len(everyone))

    return announce


def ready_text(here: sidecar.Sidecar, everyone: list[PersonAccount]) -> bytes:
    """Return what stands in the ready file: the URLs, and by address token, password and name."""
    found = {one.address: {"token": one.token, "password": one.password, "name": one.name} for one in everyone}
    urls = {"url": here.url, "https_url": here.https_url, "proxy_url": here.proxy_url}
    document = {name: url for name, url in urls.items() if url} | {"people": found}
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"
