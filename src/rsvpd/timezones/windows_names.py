"""Windows zone names and the IANA zones they stand for: the CLDR table, as `tzlocal` ships it.

Beside it stand two short tables: names Windows has retired but old mailboxes still send, and
IANA names that are older spellings of a zone of the CLDR table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tzlocal.windows_tz import tz_win, win_tz

_RETIRED = {
    "Armenian Standard Time": "Asia/Yerevan",
    "Kamchatka Standard Time": "Asia/Kamchatka",
    "Mexico Standard Time": "America/Mexico_City",
    "Mexico Standard Time 2": "America/Chihuahua",
    "Mid-Atlantic Standard Time": "Etc/GMT+2",
}
_OLD_SPELLINGS = {
    "CST6CDT": "Central Standard Time",
    "EST5EDT": "Eastern Standard Time",
    "Europe/Uzhgorod": "FLE Standard Time",
    "Europe/Zaporozhye": "FLE Standard Time",
    "GMT": "UTC",
    "MST7MDT": "Mountain Standard Time",
    "PST8PDT": "Pacific Standard Time",
    "US/East-Indiana": "US Eastern Standard Time",
}

# Windows name -> IANA name; `UTC` is called so on both sides.
TO_IANA: Mapping[str, str] = MappingProxyType({**win_tz, **_RETIRED, "UTC": "UTC"})
# IANA name -> Windows name. Several IANA zones share one Windows zone.
FROM_IANA: Mapping[str, str] = MappingProxyType({**tz_win, **_OLD_SPELLINGS})
# The names Windows has today, sorted.
CURRENT = tuple(sorted(win_tz))
