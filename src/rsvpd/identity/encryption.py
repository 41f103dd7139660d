"""Contents that only the holder of a certificate's key can read, as Microsoft Graph encrypts resource data
(learn.microsoft.com/graph/change-notifications-with-resource-data).

Each content has a key of its own, which the certificate's key encrypts: AES-256 in CBC mode with PKCS #7 padding, the
first 16 octets of the key as initialization vector; HMAC-SHA256 over what came of it; RSA-OAEP with SHA-1 for the key.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from msgspec import Struct

LONGEST_CERTIFICATE = 16_384  # letters of base64; one of 4,096 bits has about 2,500
LEAST_BITS, MOST_BITS = 2_048, 4_096
_KEY_OCTETS, _BLOCK_OCTETS = 32, 16
_PEM = b"-----BEGIN"
_OAEP = rsa_padding.OAEP(mgf=rsa_padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)


class UnusableCertificate(ValueError):
    """A certificate that nothing is encrypted for; the text says why."""


class EncryptionCertificate(Struct, frozen=True):
    """The public key of a certificate, and the thumbprint by which it is known: SHA-1 in hexadecimal."""

    key: RSAPublicKey
    thumbprint: str


class EncryptedContent(Struct, frozen=True):
    """A content as it is sent, each part in base64."""

    data: str
    key: str
    signature: str


@lru_cache(maxsize=256)
def read_certificate(text: str) -> EncryptionCertificate:
    """Return a certificate from the base64 of its DER or PEM form. Raises UnusableCertificate."""
    if len(text) > LONGEST_CERTIFICATE:
        raise UnusableCertificate("It is too long.")
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
        load = x509.load_pem_x509_certificate if raw.startswith(_PEM) else x509.load_der_x509_certificate
        certificate = load(raw)
        key = certificate.public_key()
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise UnusableCertificate("Cannot find the requested object.") from None
    if not isinstance(key, RSAPublicKey) or not LEAST_BITS <= key.key_size <= MOST_BITS:
        raise UnusableCertificate(f"The key has to be RSA, of {LEAST_BITS} to {MOST_BITS} bits.")
    return EncryptionCertificate(key, certificate.fingerprint(hashes.SHA1()).hex().upper())


def encrypt(content: bytes, certificate: EncryptionCertificate) -> EncryptedContent:
    """Return a content that the holder of the certificate's private key can read."""
    key = os.urandom(_KEY_OCTETS)
    padder = padding.PKCS7(_BLOCK_OCTETS * 8).padder()
    encryptor = Cipher(AES256(key), CBC(key[:_BLOCK_OCTETS])).encryptor()
    data = encryptor.update(padder.update(content) + padder.finalize()) + encryptor.finalize()
    signature = hmac.digest(key, data, "sha256")
    return EncryptedContent(
        data=_text(data), key=_text(certificate.key.encrypt(key, _OAEP)), signature=_text(signature)
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
