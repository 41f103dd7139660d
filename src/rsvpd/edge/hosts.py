"""Which hosts this server answers for, and where a client sees it: the beginning of every link.

Rule 1: a host is loopback, the address that the connection reached, or a configured name. A page on any
other name that resolves to this machine (DNS rebinding) is not answered, and no link names such a host.
Rule 2: what a proxy says of the client counts from configured peers only, and its last word counts:
whatever stands before it may have come from the client (RFC 7239 8.1).
Rule 3: for the hosts of the vendors this server answers on connections of its own TLS alone. A client that came
there was led here on purpose, and has checked that our certificate speaks for the host.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from starlette.types import Scope

from rsvpd.addresses import is_loopback, read_address
from rsvpd.errors import InvalidHost, MisdirectedRequest

_AUTHORITY = re.compile(r"(?:([A-Za-z0-9._~-]{1,255})|\[([0-9A-Fa-f:.]{2,64})\])(?::(\d{1,5}))?")
VENDOR_HOSTS = (
    "graph.microsoft.com",
    "login.microsoftonline.com",
    "login.windows.net",
    "outlook.office.com",
    "outlook.office365.com",
    "www.googleapis.com",
    "calendar.googleapis.com",
    "oauth2.googleapis.com",
    "openidconnect.googleapis.com",
    "accounts.google.com",
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_REMEMBERED = 256


class ForwardedHeaders(Struct, frozen=True):
    """What a proxy says of the request it passes on; None where it is silent."""

    proto: str | None = None
    host: str | None = None
    port: str | None = None


class Hosts:
    """The names of this server. `names` may begin with `*.`; `proxies` are networks."""

    def __init__(self, names: Iterable[str], proxies: Iterable[str]) -> None:
        self._names = frozenset(one for one in names if not one.startswith("*."))
        self._below = tuple(one.removeprefix("*") for one in names if one.startswith("*."))
        self._proxies = tuple(ipaddress.ip_network(one) for one in proxies)
        self._origins: dict[tuple[object, ...], str] = {}

    def origin(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Return scheme and host as the client sees them, without a slash at the end.

        Raises InvalidHost where no host or more than one is named (RFC 9112 3.2), and
        MisdirectedRequest where it is not one of this server's (RFC 9110 15.5.20).
        """
        forwarded = read_forwarded(headers) if self._proxies and self._is_proxy(scope.get("client")) else None
        host = headers.get("host")
        if host is None and scope["http_version"] == "1.0":
            return self.local_origin(scope)  # HTTP/1.0 knows no Host; not remembered, since HTTP/1.1 needs one
        key = (host, scope["scheme"], scope["server"], forwarded)
        origin = self._origins.get(key)
        if origin is None:
            origin = self._make_origin(scope, host, forwarded or ForwardedHeaders())
            if len(self._origins) >= _REMEMBERED:
                self._origins.clear()
            self._origins[key] = origin
        return origin

    def peer(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Return the address that a request comes from, which a proxy in front of this server says of its client."""
        client = scope.get("client")
        forwarded = read_forwarded_for(headers) if self._proxies and self._is_proxy(client) else None
        return forwarded or (client[0] if client else "")

    def _make_origin(self, scope: Scope, host: str | None, forwarded: ForwardedHeaders) -> str:
        authorities = [self._authority(host or "", scope)]
        if forwarded.host:
            authorities.append(self._authority(forwarded.host, scope))
        scheme = forwarded.proto if forwarded.proto in _DEFAULT_PORTS else scope["scheme"]
        authority = authorities[-1]
        if forwarded.port and not authority.endswith(f":{forwarded.port}") and forwarded.port != _DEFAULT_PORTS[scheme]:
            authority = f"{_without_port(authority)}:{forwarded.port}"
        return f"{scheme}://{authority}"

    @staticmethod
    def local_origin(scope: Scope) -> str:
        """Return the origin by the address that the connection reached."""
        address, port = scope.get("server") or ("127.0.0.1", None)
        name = f"[{address}]" if ":" in address else address
        return f"{scope['scheme']}://{name}:{port}" if port else f"{scope['scheme']}://{name}"

    def _authority(self, text: str, scope: Scope) -> str:
        """Return host and port as they were written, if the host is one of ours."""
        found = _AUTHORITY.fullmatch(text.strip())
        if found is None:
            raise InvalidHost("The Host header has to name one host.", target="Host")
        name = (found[1] or found[2]).lower().rstrip(".")
        if not (is_loopback(name) or self._is_known(name) or _is_reached(name, scope) or _is_stood_in(name, scope)):
            raise MisdirectedRequest(
                f"This server is not known as {name[:80]}; the setting 'hosts' (RSVPD_HOSTS) names what it"
                " is known as besides localhost and its address.",
                target="Host",
            )
        return text.strip()

    def _is_known(self, name: str) -> bool:
        return _normal(name) in self._names or name.endswith(self._below)

    def _is_proxy(self, client: tuple[str, int] | None) -> bool:
        if client is None:
            return False
        address = read_address(client[0])
        return address is not None and any(address in network for network in self._proxies)


def read_forwarded(headers: Mapping[str, str]) -> ForwardedHeaders:
    """Return what the nearest proxy says, in the standard header if it is there, else in the older ones."""
    standard = headers.get("forwarded")
    if standard is not None:
        pairs = (part.partition("=") for part in standard.rpartition(",")[2].split(";"))
        forwarded = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
        return ForwardedHeaders(proto=forwarded.get("proto", "").lower() or None, host=forwarded.get("host") or None)
    port = _last(headers.get("x-forwarded-port"))
    return ForwardedHeaders(
        proto=(_last(headers.get("x-forwarded-proto")) or "").lower() or None,
        host=_last(headers.get("x-forwarded-host")),
        port=port if port and port.isdecimal() and port.isascii() and len(port) <= 5 else None,
    )


def read_forwarded_for(headers: Mapping[str, str]) -> str | None:
    """Return the address that the nearest proxy says of its client, None where it says none (RFC 7239 5.2)."""
    standard = headers.get("forwarded")
    if standard is None:
        text = _last(headers.get("x-forwarded-for")) or ""
    else:
        pairs = (part.partition("=") for part in standard.rpartition(",")[2].split(";"))
        text = next((value.strip().strip('"') for name, _, value in pairs if name.strip().lower() == "for"), "")
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    address = read_address(bare) or read_address(bare.partition(":")[0])
    return str(address) if address else None


def _is_reached(name: str, scope: Scope) -> bool:
    server = scope.get("server")
    return server is not None and _normal(name) == _normal(server[0])


def _is_stood_in(name: str, scope: Scope) -> bool:
    return scope["scheme"] == "https" and name in VENDOR_HOSTS


def _normal(name: str) -> str:
    """Return an address in its shortest form, a name as it is."""
    address = read_address(name)
    return str(address) if address else name


def _without_port(authority: str) -> str:
    head, _, port = authority.rpartition(":")
    return head if port.isdecimal() and head else authority


def _last(values: str | None) -> str | None:
    return values.rpartition(",")[2].strip() or None if values else None
