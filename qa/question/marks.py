"""A question without marks that came into it by accident: a stray slash, half a pair of quotation marks."""

import re

_DOUBLE = re.compile(r'["“”„«»]')
# An apostrophe is one inside a word, and after an s; elsewhere a single quotation mark that stands alone.
_SINGLE = re.compile(r"(?<!\w)['‘’`](?=\s|$|\w)|(?<![\ws])['’`](?!\w)")
# Between two letters or figures a slash means something: "and/or", "24/7", an address.
_SLASH = re.compile(r"(?<![\w/:.])[/\\|]+|[/\\|]+(?![\w/])")
_ENDS = re.compile(r"\s+([?!.,;])")


def drop_stray_marks(question: str) -> str:
    """The question without them; a pair of quotation marks stays, unless it holds all of the question.

    Of a question that is nothing but marks all stay, so that it is refused in its own words.
    """
    text = _SLASH.sub(" ", question)
    if len(_DOUBLE.findall(text)) % 2 or _holds_all(text):
        text = _DOUBLE.sub(" ", text)
    if len(_SINGLE.findall(text)) % 2:
        text = _SINGLE.sub(" ", text)
    text = _ENDS.sub(r"\1", " ".join(text.split()))
    return text if any(map(str.isalnum, text)) else question


def _holds_all(text: str) -> bool:
    bare = text.strip()
    marks = _DOUBLE.findall(bare)
    return len(marks) == 2 and bool(_DOUBLE.match(bare)) and bare.rstrip("?!. ")[-1:] in '"”“»«'
