"""Opaque texts that a client keeps for us: nobody else can make one, and one that was cut or changed is none of ours.

They are signed, not hidden: nothing may stand in them that their holder may not know.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_SIGNATURE = 12  # bytes, of which nobody guesses any


class Seal:
    """Signs for one purpose, with a key that is made of the data file's for that alone."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = hmac.digest(key, f"rsvpd {purpose}".encode(), hashlib.sha256)

    def close(self, content: bytes) -> str:
        """Return a text, safe in a URL, that `open` finds the content in."""
        return base64.urlsafe_b64encode(self._sign(content) + content).rstrip(b"=").decode()

    def open(self, text: str) -> bytes | None:
        """Return the content of a text that `close` made; None for any other."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        content = raw[_SIGNATURE:]
        # One text for one content: spare bits at the end say nothing, and so may not be there.
        is_ours = hmac.compare_digest(self._sign(content), raw[:_SIGNATURE]) and self.close(content) == text
        return content if is_ours else None

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)[:_SIGNATURE]
