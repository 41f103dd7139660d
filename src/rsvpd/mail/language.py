"""Languages with their countries: what they are called in English, and how dates and times are written there.

The formats are those of Windows for short dates and times, in the letters of .NET
(learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings).
"""

from __future__ import annotations

from msgspec import Struct


class Language(Struct, frozen=True):
    """A language tag (BCP 47) with the English name, and the formats that are usual there."""

    tag: str
    name: str
    date: str
    time: str


_TWELVE, _TWENTY_FOUR = "h:mm tt", "HH:mm"
_MONTH_FIRST, _DAY_FIRST, _DOTS, _LONG_DOTS = "M/d/yyyy", "dd/MM/yyyy", "dd.MM.yyyy", "d.M.yyyy"
_YEAR_FIRST, _DASHES = "yyyy-MM-dd", "dd-MM-yyyy"

_ALL = (
    ("af-ZA", "Afrikaans (South Africa)", _YEAR_FIRST, _TWENTY_FOUR),
    ("am-ET", "Amharic (Ethiopia)", _DAY_FIRST, _TWELVE),
    ("ar-AE", "Arabic (United Arab Emirates)", _DAY_FIRST, "hh:mm tt"),
    ("ar-EG", "Arabic (Egypt)", _DAY_FIRST, "hh:mm tt"),
    ("ar-SA", "Arabic (Saudi Arabia)", "dd/MM/yy", "hh:mm tt"),
    ("az-Latn-AZ", "Azerbaijani (Latin, Azerbaijan)", _DOTS, _TWENTY_FOUR),
    ("be-BY", "Belarusian (Belarus)", "dd.MM.yy", _TWENTY_FOUR),
    ("bg-BG", "Bulgarian (Bulgaria)", "d.M.yyyy 'г.'", "H:mm"),
    ("bn-BD", "Bangla (Bangladesh)", "d/M/yyyy", _TWELVE),
    ("bn-IN", "Bangla (India)", _DASHES, "HH.mm"),
    ("bs-Latn-BA", "Bosnian (Latin, Bosnia & Herzegovina)", "d.M.yyyy.", _TWENTY_FOUR),
    ("ca-ES", "Catalan (Catalan)", "d/M/yyyy", "H:mm"),
    ("cs-CZ", "Czech (Czechia)", _DOTS, "H:mm"),
    ("cy-GB", "Welsh (United Kingdom)", _DAY_FIRST, _TWENTY_FOUR),
    ("da-DK", "Danish (Denmark)", _DASHES, _TWENTY_FOUR),
    ("de-AT", "German (Austria)", _DOTS, _TWENTY_FOUR),
    ("de-CH", "German (Switzerland)", _DOTS, _TWENTY_FOUR),
    ("de-DE", "German (Germany)", _DOTS, _TWENTY_FOUR),
    ("de-LU", "German (Luxembourg)", _DOTS, _TWENTY_FOUR),
    ("el-GR", "Greek (Greece)", "d/M/yyyy", _TWELVE),
    ("en-AU", "English (Australia)", "d/MM/yyyy", _TWELVE),
    ("en-CA", "English (Canada)", _YEAR_FIRST, _TWELVE),
    ("en-GB", "English (United Kingdom)", _DAY_FIRST, _TWENTY_FOUR),
    ("en-HK", "English (Hong Kong SAR)", "d/M/yyyy", _TWELVE),
    ("en-IE", "English (Ireland)", _DAY_FIRST, _TWENTY_FOUR),
    ("en-IN", "English (India)", _DASHES, _TWENTY_FOUR),
    ("en-MY", "English (Malaysia)", "d/M/yyyy", _TWELVE),
    ("en-NZ", "English (New Zealand)", "d/MM/yyyy", _TWELVE),
    ("en-PH", "English (Philippines)", _DAY_FIRST, _TWELVE),
    ("en-SG", "English (Singapore)", "d/M/yyyy", _TWELVE),
    ("en-US", "English (United States)", _MONTH_FIRST, _TWELVE),
    ("en-ZA", "English (South Africa)", "yyyy/MM/dd", _TWENTY_FOUR),
    ("es-AR", "Spanish (Argentina)", "d/M/yyyy", _TWENTY_FOUR),
    ("es-CL", "Spanish (Chile)", _DASHES, _TWENTY_FOUR),
    ("es-CO", "Spanish (Colombia)", "d/MM/yyyy", _TWELVE),
    ("es-ES", "Spanish (Spain)", _DAY_FIRST, "H:mm"),
    ("es-MX", "Spanish (Mexico)", _DAY_FIRST, "hh:mm tt"),
    ("es-PE", "Spanish (Peru)", "d/MM/yyyy", _TWENTY_FOUR),
    ("es-US", "Spanish (United States)", _MONTH_FIRST, _TWELVE),
    ("es-VE", "Spanish (Venezuela)", "d/M/yyyy", _TWELVE),
    ("et-EE", "Estonian (Estonia)", _DOTS, _TWENTY_FOUR),
    ("eu-ES", "Basque (Basque)", "yyyy/M/d", _TWENTY_FOUR),
    ("fa-IR", "Persian (Iran)", _DAY_FIRST, "hh:mm tt"),
    ("fi-FI", "Finnish (Finland)", _LONG_DOTS, "H.mm"),
    ("fil-PH", "Filipino (Philippines)", _MONTH_FIRST, _TWELVE),
    ("fr-BE", "French (Belgium)", "dd-MM-yy", _TWENTY_FOUR),
    ("fr-CA", "French (Canada)", _YEAR_FIRST, _TWENTY_FOUR),
    ("fr-CH", "French (Switzerland)", _DOTS, _TWENTY_FOUR),
    ("fr-FR", "French (France)", _DAY_FIRST, _TWENTY_FOUR),
    ("fr-LU", "French (Luxembourg)", _DAY_FIRST, _TWENTY_FOUR),
    ("ga-IE", "Irish (Ireland)", _DAY_FIRST, _TWENTY_FOUR),
    ("gl-ES", "Galician (Galician)", _DAY_FIRST, _TWENTY_FOUR),
    ("gu-IN", "Gujarati (India)", _DASHES, "HH:mm"),
    ("he-IL", "Hebrew (Israel)", _DAY_FIRST, _TWENTY_FOUR),
    ("hi-IN", "Hindi (India)", _DASHES, _TWENTY_FOUR),
    ("hr-HR", "Croatian (Croatia)", "d.M.yyyy.", _TWENTY_FOUR),
    ("hu-HU", "Hungarian (Hungary)", "yyyy. MM. dd.", "H:mm"),
    ("hy-AM", "Armenian (Armenia)", _DOTS, _TWENTY_FOUR),
    ("id-ID", "Indonesian (Indonesia)", _DAY_FIRST, "HH.mm"),
    ("is-IS", "Icelandic (Iceland)", _LONG_DOTS, _TWENTY_FOUR),
    ("it-CH", "Italian (Switzerland)", _DOTS, _TWENTY_FOUR),
    ("it-IT", "Italian (Italy)", _DAY_FIRST, _TWENTY_FOUR),
    ("ja-JP", "Japanese (Japan)", "yyyy/MM/dd", "H:mm"),
    ("ka-GE", "Georgian (Georgia)", _DOTS, _TWENTY_FOUR),
    ("kk-KZ", "Kazakh (Kazakhstan)", _DOTS, _TWENTY_FOUR),
    ("km-KH", "Khmer (Cambodia)", "dd/MM/yy", _TWELVE),
    ("kn-IN", "Kannada (India)", "dd-MM-yy", _TWENTY_FOUR),
    ("ko-KR", "Korean (Korea)", _YEAR_FIRST, "tt h:mm"),
    ("ky-KG", "Kyrgyz (Kyrgyzstan)", "d-MMM yy", _TWENTY_FOUR),
    ("lb-LU", "Luxembourgish (Luxembourg)", "dd.MM.yy", _TWENTY_FOUR),
    ("lo-LA", "Lao (Laos)", "d/M/yyyy", "H:mm"),
    ("lt-LT", "Lithuanian (Lithuania)", _YEAR_FIRST, _TWENTY_FOUR),
    ("lv-LV", "Latvian (Latvia)", _DOTS, _TWENTY_FOUR),
    ("mk-MK", "Macedonian (North Macedonia)", "dd.M.yyyy", _TWENTY_FOUR),
    ("ml-IN", "Malayalam (India)", "d/M/yyyy", _TWELVE),
    ("mn-MN", "Mongolian (Mongolia)", "yyyy.MM.dd", _TWENTY_FOUR),
    ("mr-IN", "Marathi (India)", _DASHES, "HH:mm"),
    ("ms-MY", "Malay (Malaysia)", "d/MM/yyyy", _TWELVE),
    ("mt-MT", "Maltese (Malta)", _DAY_FIRST, _TWENTY_FOUR),
    ("nb-NO", "Norwegian Bokmål (Norway)", _DOTS, _TWENTY_FOUR),
    ("ne-NP", "Nepali (Nepal)", _MONTH_FIRST, _TWELVE),
    ("nl-BE", "Dutch (Belgium)", "d/MM/yyyy", _TWENTY_FOUR),
    ("nl-NL", "Dutch (Netherlands)", _DASHES, _TWENTY_FOUR),
    ("nn-NO", "Norwegian Nynorsk (Norway)", _DOTS, _TWENTY_FOUR),
    ("pa-IN", "Punjabi (India)", "dd-MM-yy", _TWELVE),
    ("pl-PL", "Polish (Poland)", _DOTS, _TWENTY_FOUR),
    ("pt-BR", "Portuguese (Brazil)", _DAY_FIRST, _TWENTY_FOUR),
    ("pt-PT", "Portuguese (Portugal)", _DAY_FIRST, _TWENTY_FOUR),
    ("ro-RO", "Romanian (Romania)", _DOTS, _TWENTY_FOUR),
    ("ru-RU", "Russian (Russia)", _DOTS, "H:mm"),
    ("sk-SK", "Slovak (Slovakia)", _LONG_DOTS, "H:mm"),
    ("sl-SI", "Slovenian (Slovenia)", "d. MM. yyyy", _TWENTY_FOUR),
    ("sq-AL", "Albanian (Albania)", "d.M.yyyy", "h:mm tt"),
    ("sr-Cyrl-RS", "Serbian (Cyrillic, Serbia)", "d.M.yyyy.", _TWENTY_FOUR),
    ("sr-Latn-RS", "Serbian (Latin, Serbia)", "d.M.yyyy.", _TWENTY_FOUR),
    ("sv-FI", "Swedish (Finland)", _DASHES, _TWENTY_FOUR),
    ("sv-SE", "Swedish (Sweden)", _YEAR_FIRST, _TWENTY_FOUR),
    ("sw-KE", "Kiswahili (Kenya)", _DAY_FIRST, _TWELVE),
    ("ta-IN", "Tamil (India)", _DASHES, "HH:mm"),
    ("te-IN", "Telugu (India)", _DASHES, "HH:mm"),
    ("th-TH", "Thai (Thailand)", "d/M/yyyy", _TWENTY_FOUR),
    ("tr-TR", "Turkish (Türkiye)", "d.MM.yyyy", _TWENTY_FOUR),
    ("uk-UA", "Ukrainian (Ukraine)", _DOTS, "H:mm"),
    ("ur-PK", "Urdu (Pakistan)", _DAY_FIRST, _TWELVE),
    ("uz-Latn-UZ", "Uzbek (Latin, Uzbekistan)", _DAY_FIRST, _TWENTY_FOUR),
    ("vi-VN", "Vietnamese (Vietnam)", _DAY_FIRST, _TWELVE),
    ("zh-CN", "Chinese (Simplified, China)", "yyyy/M/d", "H:mm"),
    ("zh-HK", "Chinese (Traditional, Hong Kong SAR)", "d/M/yyyy", "H:mm"),
    ("zh-SG", "Chinese (Simplified, Singapore)", "d/M/yyyy", "tt h:mm"),
    ("zh-TW", "Chinese (Traditional, Taiwan)", "yyyy/M/d", "tt hh:mm"),
)

LANGUAGES: dict[str, Language] = {tag.casefold(): Language(tag, *rest) for tag, *rest in _ALL}
DEFAULT = LANGUAGES["en-us"]


def find(tag: str) -> Language | None:
    """Return the language with this tag in any case, `en_US` as well, or None."""
    return LANGUAGES.get(tag.replace("_", "-").casefold())
