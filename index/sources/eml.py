"""A mail as programs save it (.eml): the text of its body, its subject, date and sender."""

import email
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from index.errors import SourceRefused, describe_error
from index.sources.decode import decode
from index.sources.html import read_page
from index.sources.metadata import Document, Metadata, clean_author, clean_title, iso_date, one_line

# What the parser lets through on headers and bodies that are no mail's: found by damaging files.
_MALFORMED = (
    *(MessageError, AttributeError, IndexError, LookupError, OverflowError, TypeError, ValueError),
    RecursionError,
)


def read_eml(data: bytes, max_bytes: int) -> Document:  # noqa: ARG001  # a parser's signature
    """The plain text of a mail, else the main text of its page; attachments are not read.

    Raises SourceRefused for what is no mail, and for a mail without a text.
    """
    try:
        message = email.message_from_bytes(data, policy=default)
        assert isinstance(message, EmailMessage)
        stated = _read_headers(message)
        body = message.get_body(("plain", "html"))
        text, kind = (_text(body), body.get_content_subtype()) if isinstance(body, EmailMessage) else ("", "")
    except _MALFORMED as error:
        raise SourceRefused(
            f"is not a readable mail ({describe_error(error)}): save its text as a .txt file"
        ) from error
    if stated == Metadata() and not message.keys():
        raise SourceRefused("has no header of a mail: give the file the extension of what it is")
    if kind == "html" and text.strip():
        text = read_page(text).text
    if not text.strip():
        raise SourceRefused("holds no text: save what is attached to it, and add that")
    return Document(text.replace("\r\n", "\n").replace("\r", "\n"), stated)


def _read_headers(message: EmailMessage) -> Metadata:
    name, address = parseaddr(_header(message, "From"))
    return Metadata(
        title=clean_title(_header(message, "Subject") or None),
        author=clean_author(one_line(name) or one_line(address)),
        published=iso_date(_header(message, "Date")),
    )


def _header(message: EmailMessage, name: str) -> str:
    """As it is written; "" where it is missing, or so damaged that it cannot be read: the text still can."""
    try:
        return str(message.get(name, ""))
    except _MALFORMED:
        return ""


def _text(part: EmailMessage) -> str:
    """The characters of a part; its charset is a claim, as that of any page."""
    data = part.get_payload(decode=True)
    return decode(data, declared=part.get_content_charset()) if isinstance(data, bytes) else ""
