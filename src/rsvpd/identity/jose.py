"""How every token is opened: PyJWT checks the signature, and nothing else.

It would ask the machine's clock, and have its own idea of an audience; whoever opens a token compares times with
the instant of the request, and names with its own.
"""

from __future__ import annotations

from typing import Any

SIGNATURE_ONLY: Any = {
    "verify_signature": True, "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    "verify_aud": False, "verify_iss": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip
