"""Proof Key for Code Exchange (RFC 7636)."""

from __future__ import annotations

import hashlib
import hmac
import re

from rsvpd.identity.jose import base64url

S256, PLAIN = "S256", "plain"
_TEXT = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_well_formed(text: str) -> bool:
    """Return whether `text` can be a verifier or a challenge (RFC 7636 4.1, 4.2)."""
    return _TEXT.fullmatch(text) is not None


def is_verifier_of(verifier: str, challenge: str, method: str) -> bool:
    """Return whether `challenge` was made from `verifier`."""
    if not is_well_formed(verifier):
        return False
    made = challenge_of(verifier) if method == S256 else verifier
    return hmac.compare_digest(made, challenge)


def challenge_of(verifier: str) -> str:
    """Return the challenge of a verifier by S256."""
    return base64url(hashlib.sha256(verifier.encode("ascii")).digest())
