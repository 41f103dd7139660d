"""Leads connections of a Python program to the hosts of the vendors to rsvpd; `rsvpd run` puts this on PYTHONPATH.

Only where a connection goes is changed: the name in TLS stays, and so does its verification. It runs in whatever
Python the program has, so it uses the standard library alone, and no syntax that is new. A `sitecustomize` that the
program had before runs afterwards as if this one were not there.
"""

import importlib.machinery
import importlib.util
import os
import socket
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_HTTPS = frozenset([443, "443", "https", b"443", b"https"])


def _text(host):
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    return host.lower().rstrip(".") if isinstance(host, str) else ""


def _lead(hosts, address):
    """Have every way to open a connection in this process ask `target_of` where to go."""

    def target_of(host, port):
        try:
            is_led = port in _HTTPS and _text(host) in hosts
        except TypeError:
            is_led = False
        return address if is_led else (host, port)

    resolve = socket.getaddrinfo
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def getaddrinfo(host, port, *more, **named):
        return resolve(*target_of(host, port), *more, **named)

    def lead(call):
        def connect_to_target(self, where):
            if isinstance(where, tuple) and len(where) >= 2:
                where = target_of(where[0], where[1]) + where[2:]
            return call(self, where)

        return connect_to_target

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect = lead(connect)
    socket.socket.connect_ex = lead(connect_ex)
    sys.meta_path.insert(0, _Resolvers(target_of))


class _Resolvers:
    """Waits for the modules that resolve names past `socket`, and has them ask `target_of` too."""

    def __init__(self, target_of):
        self._target_of = target_of
        self._awaited = {"uvloop": _lead_uvloop, "aiodns": _lead_aiodns}

    def find_spec(self, name, path=None, target=None):
        lead = self._awaited.pop(name, None)
        spec = importlib.util.find_spec(name) if lead else None
        if spec is not None and spec.loader is not None:
            self._wrap(spec.loader, lead)
        return spec

    def _wrap(self, loader, lead):
        execute, target_of = loader.exec_module, self._target_of

        def exec_module(module):
            execute(module)
            lead(module, target_of)

        loader.exec_module = exec_module


def _lead_uvloop(uvloop, target_of):
    loop = uvloop.Loop
    resolve, connect = loop.getaddrinfo, loop.create_connection

    async def getaddrinfo(self, host, port, **named):
        return await resolve(self, *target_of(host, port), **named)

    async def create_connection(self, protocol, host=None, port=None, **named):
        where = target_of(host, port)
        if named.get("ssl") and where != (host, port) and named.get("server_hostname") is None:
            named["server_hostname"] = host
        return await connect(self, protocol, *where, **named)

    loop.getaddrinfo, loop.create_connection = getaddrinfo, create_connection


def _lead_aiodns(aiodns, target_of):
    """aiohttp resolves by it wherever it is installed."""
    resolve = aiodns.DNSResolver.getaddrinfo

    def getaddrinfo(self, host, family=0, port=None, **named):
        host, port = target_of(host, port)
        return resolve(self, host, family, port, **named)

    aiodns.DNSResolver.getaddrinfo = getaddrinfo


def _vendor_hosts():
    """Return the hosts and where they are, as `rsvpd run` says."""
    hosts = frozenset(one for one in os.environ.get("RSVPD_VENDOR_HOSTS", "").split(",") if one)
    host, _, port = os.environ.get("RSVPD_HTTPS_URL", "").rpartition("//")[2].rpartition(":")
    return hosts, (host.strip("[]"), int(port)) if port.isdigit() else None


def _run_next():
    """Run the `sitecustomize` that stands further down the path, if there is one."""
    further = [one for one in sys.path if os.path.abspath(one or os.curdir) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", further)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_hosts, _address = _vendor_hosts()
if _hosts and _address:
    _lead(_hosts, _address)
_run_next()
