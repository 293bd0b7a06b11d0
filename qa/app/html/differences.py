"""Where two statements differ: the words of one that the other does not hold."""

import re
from difflib import SequenceMatcher

from index.records import Span

# Amounts stay whole ("10.5", "2nm", "-3"), and so do words with an apostrophe or a hyphen.
_WORD = re.compile(r"[-+]?[$€£]?\d[\w.,]*\w%?|\w+(?:['’.-]\w+)*[%]?", re.UNICODE)
# Words that differ without the statements differing.
_SLIGHT = frozenset(
    "a an the of in on at to for from by with as and or that this these those it its he she they".split()
)
# With fewer words in common, two statements are put too differently to be compared word by word.
LEAST_SHARED = 0.4
# A clause that one of them merely adds ("Earlier that day it was reported that …") is no difference either.
MOST_ADDED_WORDS = 4


def differing(text: str, other: str) -> tuple[Span, ...]:
    """The stretches of `text` whose words differ from those of `other`, in order, apart from each other.

    Empty where the two hold the same words, and where so few are common that nearly all would be marked.
    """
    own = list(_WORD.finditer(text))
    words = [one[0].casefold() for one in own]
    others = [one.casefold() for one in _WORD.findall(other)]
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    if matcher.ratio() < LEAST_SHARED:
        return ()
    # A word that merely stands elsewhere in the other statement is no difference.
    elsewhere = frozenset(others) | _SLIGHT
    found = []
    for kind, start, end, *_ in matcher.get_opcodes():
        if kind == "equal" or (kind == "delete" and end - start > MOST_ADDED_WORDS):
            continue
        run = [at for at in range(start, end) if words[at] not in elsewhere]
        if run:
            found.append(Span(own[run[0]].start(), own[run[-1]].end()))
    return tuple(found)
