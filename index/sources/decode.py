"""The bytes of a text become characters, or are refused: a wrong guess would misquote every source."""

import codecs
import re
import unicodedata
from collections import Counter

from index.errors import SourceRefused

# UTF-32 stands before UTF-16, whose little-endian mark is the beginning of UTF-32's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What browsers read under these names. Source: WHATWG Encoding Standard, "Names and labels".
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}

# Letters beyond ASCII of the languages that are written in cp1252. A text that mixes letters of several of
# these alphabets is far more likely Czech, Polish, Turkish … in another single-byte encoding.
_WESTERN = tuple(
    frozenset(letters + "ªºµ")
    for letters in (
        "äöüßé",  # German
        "àâæçéèêëîïôœùûüÿ",  # French
        "áéíóúüñ",  # Spanish
        "ãáàâçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "àçèéíïòóúü",  # Catalan
        "åäöéü",  # Swedish, Finnish
        "åøæéòóôê",  # Danish, Norwegian
        "áðéíóúýþæö",  # Icelandic
        "ëéèïöüçáíóú",  # Dutch
    )
)
# Apostrophe, the Catalan point, the soft hyphen.
_INSIDE_WORDS = frozenset("’·\xad")
_MULTIBYTE = frozenset(
    {"cp949", "euc_kr", "johab", "cp932", "shift_jis", "euc_jp", "gb18030", "gbk", "gb2312", "big5"}
)
_ADVICE = "save it as UTF-8 and add it again"


def decode(data: bytes, *, declared: str | None = None) -> str:
    """The characters of `data`; a byte order mark is dropped.

    In turn: the encoding that a byte order mark names; UTF-8; `declared`, a charset stated by a page or a
    server; a legacy encoding, when only one can be meant. Raises SourceRefused for NUL bytes, and for bytes
    that are in none of these, naming the first that is not UTF-8.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise SourceRefused(
                    f"begins like {encoding.upper()} but byte {len(mark) + error.start} is invalid: {_ADVICE}"
                ) from error
    if (nul := data.find(b"\0")) >= 0:
        raise SourceRefused(
            f"holds a NUL byte (byte {nul}), so it is binary, or UTF-16 without a byte order mark: {_ADVICE} "
            "if it is text"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = _find_declared(data, declared) or _legacy(data)
        if text is None:
            raise SourceRefused(
                f"invalid UTF-8 at byte {error.start} (0x{data[error.start]:02x}), and no other encoding is "
                f"certain: {_ADVICE}"
            ) from error
        return text


def _find_declared(data: bytes, declared: str | None) -> str | None:
    try:
        name = codecs.lookup(declared or "utf-8").name
        return data.decode(_WIDER.get(name, name))
    except (LookupError, UnicodeError, ValueError):
        return None


def _legacy(data: bytes) -> str | None:
    """The text in the one legacy encoding that fits; None when none or several do."""
    if re.search(rb"[\x01-\x08\x0e-\x19\x1c-\x1f]", data) or _is_damaged_utf8(data):
        return None
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        pass
    else:
        if _is_western(text):
            return text
    return _other_script(data)


def _beyond_ascii(text: str) -> Counter[str]:
    return Counter(re.sub(r"[\x00-\x7f]+", "", text))


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether whole UTF-8 sequences outnumber stray bytes: any other reading of such data is garbled."""
    counts = _beyond_ascii(data.decode("utf-8", "surrogateescape"))
    stray = sum(count for character, count in counts.items() if "\ud800" <= character <= "\udfff")
    return counts.total() - stray >= stray


def _is_western(text: str) -> bool:
    counts = _beyond_ascii(text)
    letters = Counter[str]()
    for character, count in counts.items():
        if character.isalpha():
            letters[character.lower()] += count
    foreign = min(sum(letters[letter] for letter in letters.keys() - alphabet) for alphabet in _WESTERN)
    # A tenth leaves room for names from elsewhere: "Škoda" in a German text.
    if foreign * 10 > letters.total():
        return False
    # "z³oty", "K”nig", "ni–o": a sign inside a word is a letter of another encoding.
    signs = "".join(c for c in counts if not (c.isalpha() or c.isspace() or c in _INSIDE_WORDS))
    return not signs or not any(
        _is_inside_word(text, match.start()) for match in re.finditer(f"[{re.escape(signs)}]", text)
    )


def _is_inside_word(text: str, at: int) -> bool:
    """Whether the sign at `at` stands where a letter would."""
    joins_words = text[at] in "–—…" and text[at + 2 : at + 3].isalpha()  # "cost–benefit"
    return text[at - 1 : at].isalpha() and text[at + 1 : at + 2].isalpha() and not joins_words


def _other_script(data: bytes) -> str | None:
    """The text if it is surely Cyrillic, Greek, Arabic, Hebrew, Thai, Chinese, Japanese or Korean.

    Source of the thresholds: our measurement on news sentences in 13 encodings: right readings had a chaos of
    at most 0.02, and a coherence of at least 0.32 where each byte is one letter; wrong ones failed either.
    """
    from charset_normalizer import from_bytes  # slow, and seldom needed

    matches = list(from_bytes(data))
    if not matches:
        return None
    best = matches[0]
    if best.chaos > 0.05 or (best.encoding not in _MULTIBYTE and best.coherence < 0.3):
        return None
    rivals = [
        match for match in matches[1:] if (match.chaos, match.coherence) == (best.chaos, best.coherence)
    ]
    try:
        text = data.decode(best.encoding)
        if any(data.decode(rival.encoding) != text for rival in rivals):
            return None
    except (UnicodeError, LookupError):
        return None
    counts = _beyond_ascii(text)
    letters = Counter({character: count for character, count in counts.items() if character.isalpha()})
    latin = sum(
        count
        for character, count in letters.items()
        if unicodedata.name(character, "LATIN").startswith("LATIN")
    )
    # Signs that outnumber letters ("B〉germeisterin", "Br…ke") are no writing.
    return text if letters.total() * 2 > counts.total() and latin * 20 <= letters.total() else None
