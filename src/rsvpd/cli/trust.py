"""`rsvpd trust`: what each client needs to trust a server's HTTPS."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shlex
from pathlib import Path

from rsvpd import locks
from rsvpd.cli.reach import Unreachable
from rsvpd.config import Config
from rsvpd.control import trust
from rsvpd.edge.authority import Authority, folder_of, open_authority, own_names, read_authority
from rsvpd.files import write_secret

_AUTHORITY, _BUNDLE, _STORE = "authority.pem", "bundle.pem", "truststore.p12"


def run(args: argparse.Namespace, config: Config) -> None:
    """Print what to set for which client."""
    folder = Path(os.path.abspath(os.path.expanduser(args.write))) if args.write else None
    authority = _authority(config, makes=folder is not None)
    if folder:
        _write(authority, folder)
    print(_recipe(folder or authority.folder, authority, has_files=folder is not None))


def _authority(config: Config, *, makes: bool) -> Authority:
    folder = folder_of(locks.resolve(config.data))
    if makes:
        return open_authority(folder, own_names(config), dt.datetime.now(dt.UTC))
    found = read_authority(folder)
    if found is None:
        raise Unreachable(f"there is no authority for {config.data} yet; `rsvpd trust --write DIR` makes one")
    return found


def _write(authority: Authority, folder: Path) -> None:
    """Nothing in these files is secret; they are written in one piece, since programs may be reading them."""
    bundled = trust.bundle(trust.system_authorities(), authority.pem)
    files = {_AUTHORITY: authority.pem, _BUNDLE: bundled, _STORE: trust.java_store(bundled)}
    for name, content in files.items():
        write_secret(folder / name, content)
        (folder / name).chmod(0o644)


def _recipe(folder: Path, authority: Authority, *, has_files: bool) -> str:
    one, bundle, store = (shlex.quote(str(folder / name)) for name in (_AUTHORITY, _BUNDLE, _STORE))
    lines = [
        f"The authority of {authority.folder.name.removesuffix('.tls')}: {one}",
        f"Good until {authority.certificate.not_valid_after_utc:%Y-%m-%d}.",
        "",
        f"  Node           NODE_EXTRA_CA_CERTS={one}",
        f"  curl, once     curl --cacert {one}",
    ]
    if not has_files:
        return "\n".join([*lines, "", "The files that the others need: rsvpd trust --write DIR"])
    return "\n".join([
        *lines,
        f"  curl           CURL_CA_BUNDLE={bundle}",
        f"  requests       REQUESTS_CA_BUNDLE={bundle}",
        "  httpx, aiohttp, urllib, Go, .NET, Ruby",
        f"                 SSL_CERT_FILE={bundle}",
        f"  httplib2       HTTPLIB2_CA_CERTS={bundle}",
        f"  Java           -Djavax.net.ssl.trustStore={store}",
        f"                 -Djavax.net.ssl.trustStorePassword={trust.JAVA_PASSWORD}",
    ])
