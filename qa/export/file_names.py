"""What a file that leaves Whosays is called: what it is, of which library, of which day."""

import unicodedata
from datetime import date
from urllib.parse import quote

NAME_CHARS = 60  # of the library's name


def file_name(kind: str, library: str, ending: str, day: date | None = None) -> str:
    """ "whosays-notebook-my-articles-2026-11-26.docx"; `day` is today where none is given.

    Of the library's name letters and digits stay, in any script; what else it holds becomes one hyphen.
    """
    plain = unicodedata.normalize("NFC", library).casefold()
    kept = "".join(one if one.isalnum() or unicodedata.combining(one) else " " for one in plain)
    own = "-".join(kept.split())[:NAME_CHARS].strip("-")
    parts = ["whosays", kind, own, (day or date.today()).isoformat()]  # the day where the reader is
    return f"{'-'.join(part for part in parts if part)}.{ending}"


def attachment(name: str) -> str:
    """The header Content-Disposition that makes a browser save a file by this name.

    Source: RFC 6266, with the name in UTF-8 as RFC 8187 writes it, and in ASCII for who does not read that.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace('"', "")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
