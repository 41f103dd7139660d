"""Google's scopes: URLs, and the three words of OpenID Connect (Google Identity: OAuth 2.0 scopes for Google APIs)."""

from __future__ import annotations

from rsvpd.signin.google.errors import NO_SCOPE, invalid_scopes

OPENID = "openid"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"
# Kept beside the scopes of a grant: the application asked for a refresh token (`access_type=offline`).
OFFLINE = "offline_access"

_WORDS = {"openid": OPENID, "email": EMAIL, "profile": PROFILE}
_PREFIX = "https://www.googleapis.com/auth/"
_OTHERS = frozenset({"https://mail.google.com/", "https://www.google.com/calendar/feeds", "https://www.google.com/m8/feeds"})
_MOST = 100


def read(text: str) -> tuple[str, ...]:
    """Return the scopes that are asked for, in their full form, each once.

    Those of Google's other services are taken: an application that asks for them too signs in all the same, and
    they open nothing here. Raises GoogleError.
    """
    names = list(dict.fromkeys(text.split()))
    if not names:
        raise NO_SCOPE()
    full = [_WORDS.get(name, name) for name in names[:_MOST]]
    unknown = [name for name in full if not (name == OPENID or name in _OTHERS or _is_of_google(name))]
    if unknown or len(names) > _MOST:
        raise invalid_scopes(unknown or names[_MOST:])
    return tuple(dict.fromkeys(full))


def _is_of_google(name: str) -> bool:
    rest = name.removeprefix(_PREFIX)
    return rest != name and rest.replace(".", "").replace("_", "").replace("-", "").isalnum() and rest.isascii()
