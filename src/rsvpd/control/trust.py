"""Lists of authorities as clients read them: those that a client trusts anyhow, and the server's own one."""

from __future__ import annotations

import re
import ssl
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning

JAVA_PASSWORD = "changeit"  # what everybody's store has: nothing in it is secret

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]{1,100000}+-----END CERTIFICATE-----")
# Where Debian, Red Hat, Alpine and SUSE keep theirs, for a Python that was built elsewhere.
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
_MOST_FILES = 2000


def bundle(base: bytes, own: bytes) -> bytes:
    """Return `base` with the certificate `own` at its end, once. Both are PEM."""
    parts = [part.strip() for part in (base, own) if part.strip()]
    return b"\n".join([*(parts[:1] if own.strip() in base else parts), b""])


def authorities_in(place: str | None) -> bytes:
    """Return the PEM text of a file, or of the files of a folder, that a variable names; else the system's list.

    A place that cannot be read has nothing, as for the client that was told of it.
    """
    if not place:
        return system_authorities()
    return b"\n".join(block for file in _files(Path(place)) for block in _blocks(file))


def _files(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir())[:_MOST_FILES]
    except NotADirectoryError:
        return [place]
    except OSError:
        return []


def system_authorities() -> bytes:
    """Return the authorities that this machine trusts, as PEM, or Mozilla's list where it has none."""
    default = ssl.get_default_verify_paths().cafile
    for place in (default, *_SYSTEM, certifi.where()):
        if place and (found := _blocks(Path(place))):
            return b"\n".join(found)
    return b""


def java_store(bundled: bytes) -> bytes:
    """Return a trust store for Java, PKCS12, of every certificate in a PEM text.

    Java looks for an attribute that marks an entry as trusted, which other PKCS12 files do not have
    (JDK, sun.security.pkcs12.PKCS12KeyStore).
    """
    entries = [
        pkcs12.PKCS12Certificate(certificate, f"authority-{number}".encode())
        for number, certificate in enumerate(_certificates(bundled))
    ]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(JAVA_PASSWORD.encode()))


def _blocks(file: Path) -> list[bytes]:
    try:
        return _BLOCK.findall(file.read_bytes())
    except OSError:
        return []


def _certificates(bundled: bytes) -> Iterator[x509.Certificate]:
    """One that cannot be parsed is left out; of some old roots, whose serial number is odd, it is only told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for block in dict.fromkeys(_BLOCK.findall(bundled)):
            with suppress(ValueError):
                yield x509.load_pem_x509_certificate(block)
