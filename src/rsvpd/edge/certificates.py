"""Which certificate a client is shown: one for the host that it asks for by SNI (RFC 6066 3), made when asked."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from msgspec import Struct

from rsvpd import log
from rsvpd.addresses import is_loopback
from rsvpd.edge.authority import Authority, OwnNames
from rsvpd.edge.hosts import VENDOR_HOSTS

_log = log.get(__name__)

_REMEMBERED = 64
_OWN = ""
_LOOPBACK = (x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")))


class _ServerContext(Struct, frozen=True):
    context: ssl.SSLContext
    good_until: dt.datetime


class Certificates:
    """The TLS contexts of a server, one for each name."""

    def __init__(self, authority: Authority, own: OwnNames, *, clock: Callable[[], dt.datetime]) -> None:
        self._authority = authority
        self._own = own
        self._clock = clock
        self._made: dict[str, _ServerContext] = {}

    def context(self) -> ssl.SSLContext:
        """Return the context to listen with; it turns to that of the name a client asks for."""
        base = self._make([*_LOOPBACK]).context
        base.sni_callback = self._pick
        return base

    def _pick(self, connection: ssl.SSLObject, name: str | None, base: ssl.SSLContext) -> int | None:
        """Return the alert that refuses a name, or None; whatever is raised here Python would print."""
        try:
            wanted = self._certificate_name(name.lower().rstrip(".") if name else None)
            if wanted is None:
                _log.debug("tls.name_refused", name=name)
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self.context_for(wanted)
        except Exception as wrong:
            _log.failure("tls.failed", wrong)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None

    def _certificate_name(self, name: str | None) -> str | None:
        """Return the name that a certificate is made for, or None for a host that is not ours.

        Clients that use an address name no host (RFC 6066 3).
        """
        if name is None or (is_loopback(name) and not name.endswith(".localhost")) or name in self._own.dns:
            return _OWN
        below = tuple(one[1:] for one in self._own.dns if one.startswith("*."))
        return name if name in VENDOR_HOSTS or name.endswith((".localhost", *below)) else None

    def context_for(self, name: str) -> ssl.SSLContext:
        """Return the context of a name that a certificate is made for, `""` for the own names."""
        made = self._made.get(name)
        if made is None or made.good_until <= self._clock():
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            made = self._made[name] = self._make(self._names(name))
        return made.context

    def _names(self, name: str) -> list[x509.GeneralName]:
        if name != _OWN:
            return [x509.DNSName(name)]
        return [*_LOOPBACK, *map(x509.DNSName, self._own.dns), *map(x509.IPAddress, self._own.addresses)]

    def _make(self, names: list[x509.GeneralName]) -> _ServerContext:
        leaf = self._authority.issue(names, self._clock())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        _load(context, leaf.pem, self._authority.folder)
        return _ServerContext(context, leaf.good_until)


def _load(context: ssl.SSLContext, pem: bytes, folder: Path) -> None:
    """Python's ssl takes a key from a file only; nobody else can read this one, and it is gone at once."""
    handle, name = tempfile.mkstemp(prefix=".leaf.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(pem)
        context.load_cert_chain(name)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)
