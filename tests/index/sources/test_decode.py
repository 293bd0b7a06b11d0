"""Bytes to characters: what is certain is read, what is not is refused."""

import codecs

import pytest

from index.errors import SourceRefused
from index.sources.decode import decode

KOREAN = "삼성전자가 메타로부터 10조원 규모의 수주를 받았다고 업계 관계자가 밝혔다."
RUSSIAN = "Компания сообщила в пятницу, что получила заказ на сумму десять миллиардов."
GERMAN = "Die Bürgermeisterin sagte, dass die Brücke für Wochen geschlossen bleibt: „Wir müssen prüfen“."
SPANISH = "El niño comió piña en la montaña; según fuentes, costó 5 €. La compañía no respondió."
CZECH = "Premiér uvedl, že stát příští rok postaví nový most přes řeku. Opoziční poslanci návrh kritizovali."


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_names_the_encoding_and_is_dropped(mark: bytes, encoding: str) -> None:
    assert decode(mark + KOREAN.encode(encoding)) == KOREAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (SPANISH, "cp1252"),
        ("The company’s chief said “we’ve won” — a £3 million order.", "cp1252"),
        (KOREAN, "euc-kr"),
        ("サムスン電子は、メタから10兆ウォン規模の受注を獲得したと業界関係者が明らかにした。", "shift_jis"),
        ("三星电子获得了来自Meta的十万亿韩元订单，业内人士表示。该公司没有对此报道发表评论。", "gb18030"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
    ],
)
def test_a_legacy_encoding_that_is_certain_is_read_exactly(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(CZECH, "cp1250"), (CZECH, "iso8859-2"), (GERMAN.replace("„", '"').replace("“", '"'), "cp850")],
)
def test_single_byte_encodings_that_cannot_be_told_apart_are_refused(text: str, encoding: str) -> None:
    with pytest.raises(SourceRefused, match="no other encoding is certain: save it as UTF-8"):
        decode(text.encode(encoding))


def test_a_stated_charset_settles_what_could_not_be_told() -> None:
    assert decode(CZECH.encode("cp1250"), declared="windows-1250") == CZECH


def test_a_stated_charset_that_is_unknown_or_wrong_changes_nothing() -> None:
    assert decode(KOREAN.encode(), declared="klingon-8") == KOREAN
    assert decode(KOREAN.encode(), declared="latin-1") == KOREAN
    assert decode(GERMAN.encode("cp1252"), declared="no such charset") == GERMAN


def test_damaged_utf8_is_refused_with_the_byte_and_never_read_as_something_else() -> None:
    damaged = KOREAN.encode()[:40] + b"\xff" + KOREAN.encode()[42:]
    with pytest.raises(SourceRefused, match=r"invalid UTF-8 at byte 40 \(0xff\)"):
        decode(damaged)


def test_nul_bytes_are_refused_with_their_place() -> None:
    with pytest.raises(SourceRefused, match=r"NUL byte \(byte 5\), so it is binary, or UTF-16 without"):
        decode(b"Hello\0world")
    with pytest.raises(SourceRefused, match=r"NUL byte \(byte 1\)"):
        decode("Hello".encode("utf-16-le"))


def test_a_text_cut_in_the_middle_of_utf16_is_refused() -> None:
    with pytest.raises(SourceRefused, match="begins like UTF-16-LE but byte 6 is invalid"):
        decode(codecs.BOM_UTF16_LE + b"H\0i\0!")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(SourceRefused, match="invalid UTF-8 at byte 0"):
        decode(bytes(range(250, 0, -1)) * 3)
