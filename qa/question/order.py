"""In which order the sources of an answer are wanted, where the question says so at its end."""

import re

from qa.records import SourceOrder

_NEWEST = r"(?:newest|latest|most recent) (?:one |ones |sources? |articles? )?first"
_OLDEST = (
    r"(?:oldest|earliest) (?:one |ones |sources? |articles? )?first|in (?:chronological order|order of time)"
)
_WANTED = re.compile(
    rf"^(?P<rest>.*\w.*?)(?P<asks>\?)?[\s,;:.(–—-]+(?:(?P<newest>{_NEWEST})|(?P<oldest>{_OLDEST}))\W*$",
    re.IGNORECASE | re.DOTALL,
)


def read_order(question: str) -> tuple[str, SourceOrder]:
    """The question without "newest first" or the like at its end, and the order: "best" for none."""
    found = _WANTED.match(question)
    if found is None:
        return question, "best"
    asks = found["asks"] or ("?" if question.rstrip(" )\"'”").endswith("?") else "")
    return found["rest"].rstrip() + asks, "newest" if found["newest"] else "oldest"
