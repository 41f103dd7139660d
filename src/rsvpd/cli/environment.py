"""The variables that lead an unchanged program to a server, and the files that they name.

Each stack obeys other ones, so all of them are set at once. What somebody has there already goes on working: lists
of authorities are copied and added to, options and paths are added to, and whatever was first stays first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from rsvpd.control import trust
from rsvpd.control.credentials import credentials_file
from rsvpd.control.sidecar import Sidecar
from rsvpd.edge.hosts import VENDOR_HOSTS
from rsvpd.identity.clients import LOCAL_CLIENT, LOCAL_SECRET, LOCAL_TENANT

PRELOAD = Path(__file__).parents[1] / "preload"

# requests; curl and requests; OpenSSL, Go and httpx; httplib2
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTPLIB2_CA_CERTS")
_NODE_BUNDLE = "NODE_EXTRA_CA_CERTS"
_DIRECT = ("localhost", "127.0.0.1", "::1")


class Place(Struct, frozen=True, kw_only=True):
    """A server, the data file that it has open, the certificate to trust (PEM), and its ready file if there is one."""

    server: Sidecar
    data: Path
    authority: bytes
    ready_file: Path | None = None


def variables(place: Place, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is to be set for a program whose environment is `environ`; the files go into `folder`."""
    return {
        **_where(place),
        **_proxy(place.server, environ),
        **_bundles(place, folder, environ),
        **_preloads(environ),
        "JAVA_TOOL_OPTIONS": _java(place, folder, environ.get("JAVA_TOOL_OPTIONS", "")),
        **_credentials(place, folder),
    }


def _where(place: Place) -> dict[str, str]:
    found = {
        "RSVPD_URL": place.server.url,
        "RSVPD_HTTPS_URL": place.server.https_url,
        "RSVPD_PROXY_URL": place.server.proxy_url,
        "RSVPD_VENDOR_HOSTS": ",".join(VENDOR_HOSTS),
        "RSVPD_DATA": str(place.data),
    }
    return found | ({"RSVPD_READY_FILE": str(place.ready_file)} if place.ready_file else {})


def _proxy(server: Sidecar, environ: Mapping[str, str]) -> dict[str, str]:
    """Both spellings, since programs differ in which they read and in which comes first."""
    given = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    direct = ",".join(dict.fromkeys([*filter(_is_direct, map(str.strip, given.split(","))), *_DIRECT]))
    return {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), server.proxy_url),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), direct),
    }


def _is_direct(entry: str) -> bool:
    """Return whether an entry may stay: one that covers a vendor's host would lead past this server."""
    name = entry.lower().lstrip("*.").partition(":")[0]
    return bool(name) and not any(host == name or host.endswith(f".{name}") for host in VENDOR_HOSTS)


def _bundles(place: Place, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in _BUNDLES:
        given = environ.get(name)
        file = folder / (f"{name.lower()}.pem" if given else "bundle.pem")
        file.write_bytes(trust.bundle(trust.authorities_in(given), place.authority))
        found[name] = str(file)
    given = environ.get(_NODE_BUNDLE)
    file = folder / "node.pem"  # these are added to what Node has by itself
    file.write_bytes(trust.bundle(trust.authorities_in(given) if given else b"", place.authority))
    return found | {_NODE_BUNDLE: str(file)}


def _preloads(environ: Mapping[str, str]) -> dict[str, str]:
    paths = [one for one in environ.get("PYTHONPATH", "").split(os.pathsep) if one and one != str(PRELOAD)]
    return {
        "PYTHONPATH": os.pathsep.join([str(PRELOAD), *paths]),
        "NODE_OPTIONS": _append(environ.get("NODE_OPTIONS", ""), f'--require "{_escape(PRELOAD / "node.cjs")}"'),
    }


def _escape(path: Path) -> str:
    """Return a path as it stands between quotes in NODE_OPTIONS (Node.js, Command-line API)."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _java(place: Place, folder: Path, given: str) -> str:
    """Of an option that is given twice Java takes the last."""
    store = folder / "truststore.p12"
    store.write_bytes(trust.java_store(trust.bundle(trust.system_authorities(), place.authority)))
    host, _, port = place.server.proxy_url.partition("//")[2].rpartition(":")
    options = {
        "javax.net.ssl.trustStore": str(store),
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": trust.JAVA_PASSWORD,
        "https.proxyHost": host.strip("[]"),
        "https.proxyPort": port,
    }
    return _append(given, " ".join(_quote(f"-D{name}={value}") for name, value in options.items()))


def _quote(option: str) -> str:
    return f'"{option}"' if " " in option else option


def _append(given: str, more: str) -> str:
    return given if given.endswith(more) else f"{given} {more}".strip()


def _credentials(place: Place, folder: Path) -> dict[str, str]:
    """Return what azure-identity and google-auth find by themselves (EnvironmentCredential, application default)."""
    google = credentials_file(place.server, folder)
    return {
        "AZURE_TENANT_ID": LOCAL_TENANT,
        "AZURE_CLIENT_ID": LOCAL_CLIENT,
        "AZURE_CLIENT_SECRET": LOCAL_SECRET,
        **({"GOOGLE_APPLICATION_CREDENTIALS": str(google)} if google else {}),
    }
