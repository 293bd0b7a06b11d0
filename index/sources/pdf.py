"""The text of a PDF file, through PDFium."""

import threading
from collections.abc import Mapping

from index.errors import SourceRefused
from index.sources.metadata import Document, Metadata, clean_author, clean_title

# PDFium keeps global state: one thread at a time. Source: pypdfium2's README, "Thread incompatibility".
_PDFIUM = threading.Lock()
_PDF_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD


def read_pdf(data: bytes, max_bytes: int) -> Document:
    """The text layer, page by page, as it stands: also the hyphens at line ends.

    Raises SourceRefused for an encrypted or damaged file, one without a text layer, and one whose text is
    longer than `max_bytes` characters.
    """
    import pypdfium2  # type: ignore[import-untyped]  # slow

    pages: list[str] = []
    size = 0
    with _PDFIUM:
        try:
            with pypdfium2.PdfDocument(data) as document:
                stated = _read_metadata(document.get_metadata_dict())
                for number in range(len(document)):
                    pages.append(_page(document, number))
                    size += len(pages[-1])
                    if size > max_bytes:
                        raise SourceRefused(
                            f"its text unpacks to more than the limit of {max_bytes:,} characters by page "
                            f"{number + 1}: raise max_bytes (setting max_file_mb) if it is trusted"
                        )
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == _PDF_PASSWORD_ERROR:
                raise SourceRefused("is encrypted: save it without a password and add it again") from error
            raise SourceRefused(f"is not a readable PDF ({error}): open it and save it anew") from error
    if not any(text.strip() for text in pages):
        raise SourceRefused(
            f"has no text layer in its {len(pages)} page(s), as scans have none: run OCR over it first "
            "(for example ocrmypdf)"
        )
    return Document("\n".join(pages), stated)


def _page(document: "pypdfium2.PdfDocument", number: int) -> str:  # type: ignore[name-defined]  # noqa: F821
    page = document[number]
    try:
        layer = page.get_textpage()
        try:
            text = str(layer.get_text_range())
        finally:
            layer.close()
    finally:
        page.close()
    # PDFium puts U+FFFE for a hyphen and the line break after it.
    return text.replace("\ufffe", "-\n").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def _read_metadata(information: Mapping[str, str]) -> Metadata:
    """Title and author. The creation date is the file's, not the article's."""
    return Metadata(
        title=clean_title(information.get("Title")), author=clean_author(information.get("Author"))
    )
