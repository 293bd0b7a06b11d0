"""One parser for each format: the text as published, what is stated, and a refusal for what cannot be read."""

import io
import json
import zipfile
from pathlib import Path

import docx
import pytest
from fpdf import FPDF

from index.errors import SourceRefused
from index.records import Outcome
from index.sources.formats import parse
from index.sources.load import Loaded, load
from index.sources.metadata import Document, Metadata


def one(extension: str, data: bytes | str, *, max_bytes: int = 1_000_000) -> Document:
    found = many(extension, data, max_bytes=max_bytes)
    assert len(found) == 1
    assert isinstance(found[0], Document), found
    return found[0]


def many(extension: str, data: bytes | str, *, max_bytes: int = 1_000_000) -> list[Document | SourceRefused]:
    return parse(extension, data.encode() if isinstance(data, str) else data, max_bytes=max_bytes)


# Markdown


def test_markdown_stays_as_published_and_its_first_heading_is_the_title() -> None:
    text = "Intro.\n\n```sh\n# a comment\n```\n\n# **Acme** wins a [large](https://x.org) order #\n\n- one\n"
    document = one(".md", text)
    assert document.text == text
    assert document.stated == Metadata(title="Acme wins a large order")


def test_front_matter_is_read_and_taken_off() -> None:
    document = one(
        ".md",
        "---\ntitle: 'Acme''s order'\nAuthor:\n  - Ann Lee\n  - Bo Ray\ndate: 2026-07-03 # as printed\n"
        'source: "The Herald"\nlink: https://example.org/a\ntags: [x, y]\n---\n\n# Another heading\nText.\n',
    )
    assert document.text == "\n# Another heading\nText.\n"
    assert document.stated == Metadata(
        title="Acme's order",
        publisher="The Herald",
        author="Ann Lee, Bo Ray",
        published="2026-07-03",
        url="https://example.org/a",
    )


def test_toml_front_matter_is_read_too() -> None:
    document = one(".markdown", '+++\ntitle = "Order"\ndate = 2026-07-03T16:37:00Z\n+++\nText.')
    assert document == Document("Text.", Metadata(title="Order", published="2026-07-03"))


@pytest.mark.parametrize(
    "text",
    [
        "---\nA line between two rules is no front matter.\n---\nText.",
        "---\ntitle: never closed\n\nText.",
        "+++\nnot toml\n+++\nText.",
        "Text.\n---\ntitle: too late\n---\n",
    ],
)
def test_what_only_looks_like_front_matter_stays_in_the_text(text: str) -> None:
    assert one(".md", text) == Document(text)


def test_a_plain_text_keeps_what_stands_above_it() -> None:
    text = "---\ntitle: A\n---\n# B\nBy Ann Lee, 2026-07-03"
    assert one(".txt", text) == Document(text)  # `load` reads the lines


# PDF


def pdf(*pages: str, title: str = "", password: str | None = None) -> bytes:
    made = FPDF()
    made.set_font("Helvetica", size=12)
    if password is not None:
        made.set_encryption(owner_password="owner", user_password=password)
    if title:
        made.set_title(title)
        made.set_author("Ann Lee")
    for text in pages:
        made.add_page()
        if text:
            made.multi_cell(0, 8, text)
    return bytes(made.output())


def test_a_pdf_is_read_page_by_page_with_hyphens_as_they_stand() -> None:
    data = pdf("Acme starts pro-\nduction in June.\nSecond line.", "Page two.", title="Acme's order")
    document = one(".pdf", data)
    assert document.text == "Acme starts pro-\nduction in June.\nSecond line.\nPage two."
    assert document.stated == Metadata(title="Acme's order", author="Ann Lee")


@pytest.mark.parametrize("title", ["report_final.docx", "Microsoft Word - draft 3", "Untitled-1"])
def test_a_pdf_title_that_is_a_file_name_is_none(title: str) -> None:
    assert one(".pdf", pdf("Text.", title=title)).stated.title is None


def test_an_encrypted_pdf_is_refused_and_one_that_anyone_may_open_is_read() -> None:
    with pytest.raises(SourceRefused, match="is encrypted: save it without a password"):
        many(".pdf", pdf("Text.", password="secret"))
    assert one(".pdf", pdf("Text.", password="")).text == "Text."


def test_a_pdf_without_a_text_layer_is_refused_with_the_advice_to_run_ocr() -> None:
    with pytest.raises(SourceRefused, match=r"has no text layer in its 2 page\(s\), .* run OCR"):
        many(".pdf", pdf("", ""))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", pdf("Text.")[:300], b"<html>"])
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(SourceRefused, match=r"is not a readable PDF .*: open it and save it anew"):
        many(".pdf", data)


def test_a_pdf_that_unpacks_to_too_much_text_is_refused() -> None:
    with pytest.raises(SourceRefused, match="more than the limit of 40 characters by page 2"):
        many(".pdf", pdf("x " * 15, "y " * 15), max_bytes=40)


# Word


def word(title: str = "", author: str = "") -> bytes:
    made = docx.Document()
    made.core_properties.title = title
    made.core_properties.author = author
    made.add_heading("Acme wins", 1)
    made.add_paragraph("First paragraph.\nAfter a break.")
    made.add_paragraph("one", style="List Bullet")
    made.add_paragraph("two", style="List Bullet")
    made.add_paragraph("After the list & <more>.")
    table = made.add_table(2, 2)
    for row, column, text in ((0, 0, "year"), (0, 1, "orders"), (1, 0, "2026"), (1, 1, "50")):
        table.cell(row, column).text = text
    made.add_paragraph("End.")
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_a_word_document_keeps_its_breaks() -> None:
    document = one(".docx", word(title="The order", author="Ann Lee"))
    assert document.text == (
        "Acme wins\n\nFirst paragraph.\nAfter a break.\n\n- one\n- two\n\nAfter the list & <more>.\n\n"
        "year\torders\n2026\t50\n\nEnd."
    )
    assert document.stated == Metadata(title="The order", author="Ann Lee")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("# The ferry ## {#top}  ", "The ferry"),
        ("#  The ferry #", "The ferry"),
        ("# The ferry {#top} left {#end}", "The ferry"),
        ("# {#top} ##", "{#top}"),
        ("# C# and F#", "C# and F#"),
        ("# ##", "##"),
    ],
)
def test_a_heading_is_read_without_its_name_and_without_the_marks_that_close_it(
    line: str, title: str
) -> None:
    assert one(".md", f"{line}\nText.".encode()).stated.title == title


def test_front_matter_that_no_parser_can_take_is_text() -> None:
    nested = f"+++\na = {'[' * 5_000}\n+++\nThe ferry left."
    long = f"---\ntitle: A\nnote: {'x' * 30_000}\n---\nThe ferry left."
    assert [one(".md", text.encode()).text for text in (nested, long)] == [nested, long]


def test_a_word_document_without_a_title_has_that_of_its_first_heading() -> None:
    assert one(".docx", word()).stated == Metadata(title="Acme wins")


def test_an_encrypted_or_old_word_document_is_refused() -> None:
    with pytest.raises(SourceRefused, match=r"is encrypted, or an old \.doc under a new name"):
        many(".docx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600)


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return stream.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = repacked(word(), "word/document.xml", b" " * 3_000_000)
    assert len(data) < 60_000
    with pytest.raises(SourceRefused, match="bytes of XML, more than the limit of 1,000,000"):
        many(".docx", data)


def test_a_word_document_with_entities_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(SourceRefused, match=r"declares a DTD in docProps/core.xml"):
        many(".docx", repacked(word(), "docProps/core.xml", bomb))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 nothing",
        word()[:2000],
        repacked(word(), "word/document.xml", b"<not xml"),
    ],
)
def test_a_broken_word_document_is_refused(data: bytes) -> None:
    with pytest.raises(SourceRefused, match=r"is not a readable Word document|holds no text"):
        many(".docx", data)


# Records


def test_json_keys_are_known_by_several_names_in_any_case() -> None:
    record = {
        "Content": "Text.\r\nMore.",
        "Title": "T",
        "source": {"id": None, "name": "The Herald"},
        "byline": ["Ann Lee", {"name": "Bo Ray"}],
        "published_at": "Fri, 03 Jul 2026 16:37:00 +0900",
        "link": "https://example.org/a",
    }
    stated = Metadata("T", "The Herald", "Ann Lee, Bo Ray", "2026-07-03", "https://example.org/a")
    assert one(".json", json.dumps(record)) == Document("Text.\r\nMore.", stated)


def test_a_record_without_text_is_its_own_refusal_and_the_others_go_on(tmp_path: Path) -> None:
    file = tmp_path / "news.json"
    records = [{"text": "One."}, {"title": "no text"}, 7, {"body": " "}, {"text": "\ud800"}, {"text": "Six."}]
    file.write_text(json.dumps(records), encoding="utf-8")
    found = list(load(file))
    assert [(x.place, x.origin, x.article.text) for x in found if isinstance(x, Loaded)] == [
        (f"{file}#1", str(file), "One."),
        (f"{file}#6", str(file), "Six."),
    ]
    assert [(x.source, x.reason) for x in found if isinstance(x, Outcome)] == [
        (
            f"{file}#2",
            "record 2: has no text; known keys for it are text, content or body, here are title",
        ),
        (f"{file}#3", 'record 3: is int where an object with "text, content or body" is needed'),
        (f"{file}#4", "record 4: is empty: there is nothing to add"),
        (
            f"{file}#5",
            "record 5: holds half a character (character 0, a lone surrogate): save it as UTF-8 anew",
        ),
    ]


def test_a_file_of_one_record_has_the_place_of_the_file(tmp_path: Path) -> None:
    for name, text in (
        ("a.json", '[{"text": "A"}]'),
        ("b.jsonl", '\n{"text": "A"}\n'),
        ("c.csv", "text\nA\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    places = [x.place for x in load(tmp_path) if isinstance(x, Loaded)]
    assert places == [str(tmp_path / name) for name in ("a.json", "b.jsonl", "c.csv")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"text": "a"', "is not valid JSON at line 1, column 13"),
        ("[]", "holds no records"),
        ('"text"', "holds no records"),
        ("[" * 100_000, "is JSON with brackets nested too deeply"),
        ('{"text": "a", "n": ' + "1" * 5000 + "}", "is JSON with a number of thousands of digits"),
    ],
)
def test_json_that_holds_no_records_is_refused(text: str, reason: str) -> None:
    with pytest.raises(SourceRefused, match=reason):
        many(".json", text)


def test_a_broken_line_of_jsonl_is_refused_in_its_place() -> None:
    first, second, third = many(".jsonl", '{"text": "One."}\n\n{"text": "Two."\n{"text": "Three."}')
    assert first == Document("One.")
    assert str(second) == "is not valid JSON at line 3, column 16: Expecting ',' delimiter"
    assert third == Document("Three.")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_with_the_separator_of_its_header(separator: str) -> None:
    rows = [["Title", "Body", "Date", "n"], ["T", f'"One{separator} two\nlines."', "2026-07", "1"]]
    text = "\n".join(separator.join(row) for row in rows) + "\n\n"
    assert one(".csv", text) == Document(
        f"One{separator} two\nlines.", Metadata(title="T", published="2026-07")
    )


def test_a_csv_cell_may_be_large() -> None:
    assert one(".csv", "text\n" + "x" * 200_000).text == "x" * 200_000


def test_csv_rows_that_cannot_be_read_are_refused_in_their_place() -> None:
    found = many(".csv", 'title,text\nA,One\nB,Two,too many\nC\nD,Four\nE,"never closed\nF,lost')
    assert found[0] == Document("One", Metadata(title="A"))
    assert str(found[1]).startswith("line 3: 3 cells under 2 headings")
    assert str(found[2]).startswith("has no text; known keys")
    assert found[3] == Document("Four", Metadata(title="D"))
    assert "unexpected end of data; the rows from here on were not read" in str(found[4])
    assert len(found) == 5


def test_csv_without_a_text_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match='no column text, content or body in the first line "a,b"'):
        many(".csv", "a,b\n1,2\n")
    (tmp_path / "only_header.csv").write_text("title,text\n", encoding="utf-8")
    assert [x.reason for x in load(tmp_path) if isinstance(x, Outcome)] == [
        "holds no records: there is nothing to add"
    ]


@pytest.mark.parametrize("name", ["a.bin", "word/media/a.png", "a"])
@pytest.mark.parametrize(
    ("inside", "said"),
    [("x" * 400_000, "bytes of XML, more than the limit"), ("<!DOCTYPE a>", "declares a DTD")],
)
def test_a_word_documents_text_is_held_to_its_limits_in_a_part_of_any_name(name, inside, said):
    main = "http://schemas.openxmlformats.org"
    types = f'<Types xmlns="{main}/package/2006/content-types"><Default Extension="x" ContentType="application/xml"/></Types>'
    link = f"{main}/officeDocument/2006/relationships/officeDocument"
    document = f'<w:document xmlns:w="{main}/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>@</w:t></w:r></w:p></w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", types)
        packed.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{main}/package/2006/relationships"><Relationship Id="a" Type="{link}" Target="{name}"/></Relationships>',
        )
        text = inside if inside[0] == "x" else "The ferry came in."
        prolog = "" if inside[0] == "x" else inside
        packed.writestr(name, prolog + document.replace("@", text))
    with pytest.raises(SourceRefused, match=said):
        parse(".docx", file.getvalue(), max_bytes=100_000)
