"""A notebook as a Word document, by python-docx: headings to move by, quotes, notes, and links that open."""

import io
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

from index.sources.metadata import web_address
from qa.export.text import article_beside, source_of
from qa.notebook.checked import STATES
from qa.notebook.document import NotebookDocument, about, facts
from qa.notebook.outline import ClippingBlock, KeptQuote, blocks, title

if TYPE_CHECKING:
    from docx.document import Document

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SERIF, _SANS = "Georgia", "Calibri"
_INK, _SOFT, _LINK, _NOTE = "1D1C1A", "5C5852", "1F4F7D", "FBF3DC"
_QUOTE, _SIDE, _REFERENCE, _FACTS, _COMMENT = "Kept quote", "Kept side", "Reference", "Facts", "Own note"


def to_word(of: NotebookDocument) -> bytes:
    """The file's bytes. Words of articles and visitors are text in it, never fields, links or macros."""
    import docx  # takes a tenth of a second, and only this needs it

    page = docx.Document()
    _describe(page, of)
    _add_styles(page)
    page.add_heading(_text(f"Notebook: {of.library}" if of.library else "Notebook"), level=0)
    page.add_paragraph(_text(about(of)), style=_FACTS)
    for number, one in enumerate(of.clippings, 1):
        page.add_heading(_text(f"{number}. {title(one)}"), level=1)
        page.add_paragraph(_text(facts(one.clipping)), style=_FACTS)
        for part in one.clipping.note.splitlines():
            page.add_paragraph(_text(part), style=_COMMENT)
        for block in blocks(one):
            _add_block(page, block)
        if one.clipping.compared:
            page.add_paragraph(_text(one.clipping.compared), style=_FACTS)
    if of.sources:
        page.add_heading("Articles", level=1)
        for source in of.sources:
            paragraph = page.add_paragraph(style="List Bullet")
            paragraph.add_run(_text(source_of(source))).bold = True
            known = [article_beside(source), source.published or "undated"]
            paragraph.add_run(_text("".join(f", {part}" for part in known if part)))
            _add_link(paragraph, source.uri)
            checksum = (
                f"SHA-256 of its text: {source.sha256}" if source.sha256 else "no longer in the library"
            )
            paragraph.add_run(_text(f". Article {source.id}; {checksum}"))
    held = io.BytesIO()
    page.save(held)
    return held.getvalue()


def _describe(page: "Document", of: NotebookDocument) -> None:
    facts = page.core_properties
    facts.title = _text(f"Notebook: {of.library}" if of.library else "Notebook")
    facts.author = facts.last_modified_by = "Whosays"
    facts.comments = ""
    facts.created = facts.modified = datetime.fromisoformat(of.exported).replace(tzinfo=None)


def _add_block(page: "Document", block: ClippingBlock) -> None:
    if block.heading:
        page.add_heading(_text(block.heading), level=2)
    if block.told:
        page.add_paragraph(_text(block.told), style=_FACTS)
    for number, side in enumerate(block.sides):
        if number:
            page.add_paragraph("against", style=_FACTS)
        for one in side:
            _add_quote(page, one, _SIDE if len(block.sides) > 1 else _QUOTE)


def _add_quote(page: "Document", one: KeptQuote, style: str) -> None:
    """The sentence with what is quoted of it in bold, then who says so, when and where."""
    said = one.citation
    quoted = page.add_paragraph(style=style)
    first, last = said.start - said.sentence_start, said.end - said.sentence_start
    whole = said.quote == said.sentence
    for at, (start, end) in enumerate(((0, first), (first, last), (last, len(said.sentence)))):
        if start < end:
            quoted.add_run(_text(said.sentence[start:end])).bold = True if at == 1 and not whole else None
    reference = page.add_paragraph(style=_REFERENCE)
    reference.add_run(_text(f"— {source_of(said)}")).bold = True
    known = [
        article_beside(said),
        said.published or "undated",
        f"updated {said.updated}" if said.updated else "",
        f"according to {said.according_to}" if said.according_to else "",
        f"characters {said.start}–{said.end}",
    ]
    reference.add_run(_text("".join(f", {part}" for part in known if part)))
    _add_link(reference, said.uri)
    if one.copies:
        page.add_paragraph(
            _text(f"Also in: {', '.join(source_of(copy) for copy in one.copies)}"), style=_REFERENCE
        )
    if one.state != "stands":
        page.add_paragraph(STATES[one.state], style=_REFERENCE).runs[0].italic = True


def _add_link(paragraph: Any, uri: str) -> None:
    """The article's address after a comma, as a link; nothing for what is no address of the web."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    address = web_address(uri)
    if not address:
        return
    paragraph.add_run(", ")
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"), paragraph.part.relate_to(_text(address), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    )
    run = paragraph.add_run(_text(address))
    _colour(run.font, _LINK)
    run.font.underline = True
    link.append(run._r)  # python-docx makes no links of its own
    paragraph._p.append(link)


def _add_styles(page: "Document") -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    normal = page.styles["Normal"]
    _set(normal, _SANS, 11, _INK, before=0, after=6)
    for name, size in (("Title", 26), ("Heading 1", 15), ("Heading 2", 11.5)):
        _set(page.styles[name], _SERIF if name != "Heading 2" else _SANS, size, _INK, before=18, after=4)
    for name, font, size, colour, indent in (
        (_QUOTE, _SERIF, 12.5, _INK, 0),
        (_SIDE, _SERIF, 11.5, _INK, 18),
        (_REFERENCE, _SANS, 9.5, _SOFT, 18),
        (_FACTS, _SANS, 9.5, _SOFT, 0),
        (_COMMENT, _SANS, 11, _INK, 0),
    ):
        style = page.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _set(style, font, size, colour, before=2, after=4)
        style.paragraph_format.left_indent = Pt(indent)
        style.paragraph_format.keep_with_next = name in (_QUOTE, _SIDE)
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", _NOTE)):
        shade.set(qn(f"w:{key}"), value)
    # Word demands it before spacing and indent, which stand there by now.
    page.styles[_COMMENT].element.get_or_add_pPr().insert_element_before(shade, "w:spacing", "w:ind")


def _set(style: Any, font: str, size: float, colour: str, *, before: int, after: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = font, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # they would win over the name
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:hAnsi"), font)
    _colour(style.font, colour)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _colour(font: Any, colour: str) -> None:
    from docx.shared import RGBColor

    font.color.rgb = RGBColor.from_string(colour)


def _text(text: str) -> str:
    """What XML can hold: control characters as spaces, half a character as the sign for a lost one."""
    held = "".join(
        {"Cc": " ", "Cs": "\N{REPLACEMENT CHARACTER}"}.get(unicodedata.category(one), one) for one in text
    )
    return held.replace("\ufffe", " ").replace("\uffff", " ")
