"""The TLS side of a server: its authority, its certificates, the ports it listens on."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rsvpd import locks, log
from rsvpd.config import Config
from rsvpd.edge.authority import folder_of, open_authority, own_names
from rsvpd.edge.certificates import Certificates
from rsvpd.edge.serve import BindError, SecureSockets, bind

_log = log.get(__name__)

_STANDARD_PORT = 443
_PROXY_HOST = "127.0.0.1"


@contextmanager
def open_secure_sockets(config: Config) -> Iterator[SecureSockets | None]:
    """Hold what HTTPS is spoken with while inside, None where it is not wanted. Raises BindError, AuthorityError.

    Certificates go by the clock of the machine whatever the server's is set to: clients check them by theirs.
    """
    if not config.https:
        yield None
        return
    with ExitStack() as held:
        names = own_names(config)
        authority = open_authority(folder_of(locks.resolve(config.data)), names, _now())
        own = held.enter_context(_bind(config, config.host, config.https_port, "--https-port"))
        proxy = held.enter_context(_bind(config, _proxy_host(config), config.proxy_port, "--proxy-port"))
        standard = _standard(config)
        context = Certificates(authority, names, clock=_now).context()
        yield SecureSockets(context, (own, *map(held.enter_context, standard)), proxy)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _bind(config: Config, host: str, port: int, flag: str) -> socket.socket:
    return bind(host, port, allow_public=config.allow_public_bind, flag=flag)


def _standard(config: Config) -> list[socket.socket]:
    """Return port 443 where this user may have it and nobody else does: clients led here by name need no more."""
    if not config.https_standard_port or config.https_port == _STANDARD_PORT:
        return []
    try:
        bound = _bind(config, config.host, _STANDARD_PORT, "--https-port")
    except BindError as wrong:
        _log.debug("https.no_standard_port", reason=str(wrong))
        return []
    try:
        bound.listen()  # two servers that start at once can both bind; only one of them listens
    except OSError as wrong:
        bound.close()
        _log.debug("https.no_standard_port", reason=str(wrong.strerror))
        return []
    return [bound]


def _proxy_host(config: Config) -> str:
    """The proxy is for programs of this machine, wherever the server listens."""
    try:
        return config.host if ipaddress.ip_address(config.host).is_loopback else _PROXY_HOST
    except ValueError:
        return _PROXY_HOST
