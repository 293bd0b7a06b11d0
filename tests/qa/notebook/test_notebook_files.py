"""A notebook taken home, and read back as others read it: Word, Markdown, JSON; and the command that does it."""

import hashlib
import io
import json
import posixpath
import zipfile
from datetime import date
from xml.etree import ElementTree

import mammoth
import pytest
from markdown_it import MarkdownIt

from index.errors import LibraryError
from qa.cli import main
from qa.export.file_names import attachment, file_name
from qa.library import Library
from qa.notebook.document import document, to_json, to_markdown
from qa.notebook.files import FORMATS, write_file
from qa.records import Citation, Conflict
from tests.shelf import EMBEDDER

EVIL = "# 1. <script>alert(1)</script> ![x](javascript:alert(1)) **bold** =cmd() {HYPERLINK x} &amp; \x07 told it."
PLAIN = "The ferry carried 45 people, police said."


@pytest.fixture
def library(tmp_path):
    for name, text, more in (
        ("evil", EVIL, {"title": "<b>T</b>", "publisher": "[P](x)", "url": "https://evil.example/a?b=1&c=2"}),
        ("plain", PLAIN, {"title": "Police", "publisher": "Evening News", "published": "2026-07-04"}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps({"text": text, **more}))
    with Library.open(tmp_path / "My libråry", embedder=EMBEDDER, chunk_tokens=60) as opened:
        opened.add(tmp_path / "evil.json", tmp_path / "plain.json")
        yield opened


@pytest.fixture
def filled(library):
    """A disagreement with a note beside it, and a note alone."""

    def cite(article) -> Citation:
        end = len(article.text)
        return Citation(
            article.id, article.title, article.publisher, article.published, article.uri, 0, end, article.text,
            article.text, 0, end, 1.0, article.name,
        )  # fmt: skip

    one, other = sorted(map(cite, library.articles()), key=lambda said: said.publisher)
    dispute = Conflict("number", "one against other", (one, other), 0.9, sides=(0, 1), tier="may_disagree")
    own = library.notebook.keep(dispute, question="How many? <i>", by="ida").id
    library.notebook.comment(own, "Ask <b>both</b>\n- by Friday")
    library.notebook.add_note("To do")
    return document(library.notebook, library="My libråry")


def test_json_names_every_place_and_the_checksum_of_the_text_that_it_is_in(library, filled):
    told = json.loads(to_json(filled))
    assert (told["format"], told["format_version"], told["library"]) == ("whosays notebook", 1, "My libråry")
    assert [one["kind"] for one in told["clippings"]] == ["disagreement", "note"]
    sources = {one["id"]: one for one in told["sources"]}
    said = told["clippings"][0]["conflicts"][0]["statements"]
    assert len(said) == 2
    for one in said:
        text = library.article(one["article_id"]).text
        assert text[one["start"] : one["end"]] == one["quote"]
        assert one["state"] == "stands"
        assert sources[one["article_id"]]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert sources[one["article_id"]]["characters"] == len(text)
    assert told["clippings"][0]["conflicts"][0]["tier"] == "may_disagree"


def test_markdown_shows_the_words_as_they_are_and_nothing_of_them_as_markup(filled):
    text = to_markdown(filled)
    tokens = MarkdownIt("commonmark").parse(text)
    kinds = {child.type for token in tokens for child in token.children or ()}
    assert not kinds & {"html_inline", "link_open", "image"}
    assert "html_block" not in {token.type for token in tokens}
    shown = " ".join(
        "".join(child.content for child in token.children or () if child.type == "text") for token in tokens
    )
    for words in (
        "How many? <i>",
        PLAIN,
        "<script>alert(1)</script>",
        "Ask <b>both</b>",
        "- by Friday",
        "To do",
    ):
        assert words in shown
    assert "They may disagree, different numbers" in shown


def test_word_holds_headings_quotes_notes_and_links_and_no_fields(filled, tmp_path):
    file = write_file(filled, tmp_path, "docx")
    with file.open("rb") as opened:
        page = mammoth.convert_to_html(opened).value
    assert "<h1>1. How many? &lt;i&gt;</h1>" in page
    assert "<h2>They may disagree, different numbers</h2>" in page
    assert f"<p>{PLAIN}</p>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<p>Ask &lt;b&gt;both&lt;/b&gt;</p><p>- by Friday</p>" in page
    assert '<a href="https://evil.example/a?b=1&amp;c=2">https://evil.example/a?b=1&amp;c=2</a>' in page
    with zipfile.ZipFile(file) as parts:
        body = parts.read("word/document.xml").decode()
        facts = parts.read("docProps/core.xml").decode()
    assert "instrText" not in body
    assert "fldSimple" not in body
    assert "Notebook: My libråry" in facts
    assert "python-docx" not in facts


# What may follow what in these elements, as Word demands. Source: ECMA-376, part 1, CT_PPr, CT_RPr, CT_Style.
ORDERS = {
    "pPr": """pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs
        suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd
        snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment
        textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange""",
    "rPr": """rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid
        vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em
        lang eastAsianLayout specVanish oMath""",
    "style": """name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked
        personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr""",
}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def test_word_gets_parts_styles_links_and_an_order_of_elements_as_it_demands(filled, tmp_path):
    with zipfile.ZipFile(write_file(filled, tmp_path, "docx")) as parts:
        assert parts.testzip() is None
        read = {name: parts.read(name) for name in parts.namelist()}
    assert len(read) == len(set(read))
    types = ElementTree.fromstring(read["[Content_Types].xml"])
    known = {one.get("PartName") for one in types} | {f".{one.get('Extension')}" for one in types}
    assert {
        name for name in read if f"/{name}" not in known and f".{name.rpartition('.')[2]}" not in known
    } == (set())
    body, styles = (ElementTree.fromstring(read[f"word/{name}.xml"]) for name in ("document", "styles"))
    defined = [one.get(f"{W}styleId") for one in styles.iter(f"{W}style")]
    assert len(defined) == len(set(defined))
    used = {one.get(f"{W}val") for tag in ("pStyle", "rStyle") for one in body.iter(f"{W}{tag}")}
    based = {one.get(f"{W}val") for tag in ("basedOn", "next", "link") for one in styles.iter(f"{W}{tag}")}
    assert used | based <= set(defined)
    assert {"Keptside", "Reference", "Facts", "Ownnote"} <= used
    relations = {one.get("Id"): one for one in ElementTree.fromstring(read["word/_rels/document.xml.rels"])}
    links = [one.get(RELATION) for one in body.iter(f"{W}hyperlink")]
    assert {relations[one].get("TargetMode") for one in links} == {"External"}
    inner = [one.get("Target") for one in relations.values() if one.get("TargetMode") != "External"]
    assert {posixpath.normpath(f"word/{one}") for one in inner} <= set(read)
    for tree in (body, styles):
        for name, order in ORDERS.items():
            places = order.split()
            for one in tree.iter(f"{W}{name}"):
                held = [places.index(child.tag.removeprefix(W)) for child in one]
                assert held == sorted(held), ElementTree.tostring(one)


def test_a_quote_whose_article_is_gone_is_told_so_in_every_format(library, filled):
    library.remove(filled.clippings[0].clipping.conflicts[0].statements[0].article_id)
    now = document(library.notebook, library="x")
    assert to_markdown(now).count("its article is no longer in the library") == 1
    told = json.loads(to_json(now))["clippings"][0]["conflicts"][0]["statements"]
    assert [one["state"] for one in told] == ["gone", "stands"]
    with zipfile.ZipFile(io.BytesIO(FORMATS["docx"].write(now))) as parts:
        assert parts.read("word/document.xml").decode().count("its article is no longer in the library") == 1


def test_files_say_what_they_are_of_which_library_and_of_which_day():
    day = date(2026, 11, 26)
    assert (
        file_name("notebook", "My libråry (2)", "docx", day)
        == "whosays-notebook-my-libråry-2-2026-11-26.docx"
    )
    assert file_name("rulings", "../../etc", "jsonl", day) == "whosays-rulings-etc-2026-11-26.jsonl"
    assert file_name("conversation", "", "md", day) == "whosays-conversation-2026-11-26.md"
    assert file_name("notebook", "x" * 300, "md", day) == f"whosays-notebook-{'x' * 60}-2026-11-26.md"
    assert attachment('å".md') == "attachment; filename=\"a.md\"; filename*=UTF-8''%C3%A5%22.md"


def test_no_file_is_written_over_and_a_format_must_be_known(filled, tmp_path):
    file = tmp_path / "own.md"
    file.write_text("mine")
    with pytest.raises(LibraryError, match="is there already"):
        write_file(filled, file)
    assert file.read_text() == "mine"
    with pytest.raises(LibraryError, match=r"says no format: .* \.docx, \.md, \.json"):
        write_file(filled, tmp_path / "own.pdf")


def test_the_command_lists_writes_notes_and_exports(tmp_path, capsys):
    source = tmp_path / "note.txt"
    source.write_text(PLAIN)
    shelf = str(tmp_path / "news")
    assert main(["add", str(source), "--library", shelf]) == 0
    capsys.readouterr()
    assert main(["notebook", "--library", shelf]) == 0
    assert capsys.readouterr().out == "nothing is kept yet\n"
    assert main(["notebook", "--library", shelf, "--note", "Call the pier"]) == 0
    assert "1. Note\n   Note, written 20" in capsys.readouterr().out
    assert main(["notebook", "--library", shelf, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clippings"][0]["note"] == "Call the pier"
    assert main(["notebook", "--library", shelf, "--export", str(tmp_path), "--format", "docx"]) == 0
    (file,) = tmp_path.glob("whosays-notebook-news-*.docx")
    assert capsys.readouterr().out == f"notebook {file}\n"
    with file.open("rb") as opened:
        assert "Call the pier" in mammoth.extract_raw_text(opened).value
    assert main(["notebook", "--library", shelf, "--note", " "]) == 2
