"""How every token is opened: PyJWT checks the signature, and nothing else.

It would ask the machine's clock, and have its own idea of an audience; whoever opens a token compares times with
the instant of the request, and names with its own.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

SIGNATURE_ONLY: Any = {
    "verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    "verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip


def base64url(raw: bytes) -> str:
    """Return bytes in base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def half_hash(text: str) -> str:
    """Return what an ID token says of a code or of an access token (OpenID Connect Core 3.1.3.6, 3.3.2.11)."""
    return base64url(hashlib.sha256(text.encode()).digest()[:16])
