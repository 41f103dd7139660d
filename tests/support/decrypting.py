"""A receiver's certificate, and what it does with the resource data it is sent: the steps of
learn.microsoft.com/graph/change-notifications-with-resource-data, by another library's primitives than ours where
there is a choice."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID

_BEGINNING = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


class Opener:
    """A certificate and its private key."""

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self.key = key
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
        made = x509.CertificateBuilder(name, name, key.public_key(), 1, _BEGINNING, _BEGINNING.replace(year=2036))
        self.certificate = made.sign(key, hashes.SHA256())

    def text(self, form: serialization.Encoding = serialization.Encoding.DER) -> str:
        """Return the certificate as `encryptionCertificate` takes it."""
        return base64.b64encode(self.certificate.public_bytes(form)).decode()

    @property
    def thumbprint(self) -> str:
        """Return what it is known by."""
        return hashlib.sha1(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest().upper()

    def open(self, content: dict[str, str]) -> Any:
        """Return the resource data inside an `encryptedContent`; fail where its signature is wrong."""
        assert isinstance(self.key, rsa.RSAPrivateKey)
        data = base64.b64decode(content["data"])
        padding = OAEP(mgf=MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
        key = self.key.decrypt(base64.b64decode(content["dataKey"]), padding)
        assert len(key) == 32
        signature = base64.b64encode(hmac.digest(key, data, "sha256")).decode()
        assert hmac.compare_digest(signature, content["dataSignature"])
        decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        padded = decryptor.update(data) + decryptor.finalize()
        return json.loads(padded[: -padded[-1]])


@cache
def opener(bits: int = 2048, number: int = 0) -> Opener:
    """Return a certificate with an RSA key of so many bits, the same each time."""
    return Opener(rsa.generate_private_key(public_exponent=65_537, key_size=bits))
