"""The content words of a question or a sentence, stemmed, with their weight as evidence."""

import re
from functools import lru_cache
from threading import Lock

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")
_STEMMING = Lock()
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['-][^\W\d_]+)*\d*|\w+")

FUNCTION_WORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each else ever few for from
    further had has have having he her here hers herself him himself his how i if in into is it its
    itself just may me might more most much many must my myself no nor not now of off on once only
    or other our ours out over own same shall she should so some such than that the their theirs
    them themselves then there these they this those through to too under until up upon very was we
    were what when where whether which while who whom whose why will with within without would yes
    you your yours one's according name called exactly already still actually really yet even
    currently""".split()
)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball stem of `word` in lower case, without a possessive: joins "produces" and "produced"."""
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    with _STEMMING:  # the stemmer works on a state of its own, and the app asks from several threads
        return str(_STEMMER.stemWord(word))


def terms(text: str) -> dict[str, float]:
    """Stems of the content words and their weight: names and numbers 2, other words 1.

    A name is a capitalised word that does not open the text. Source: own choice, not measured by itself.
    """
    found: dict[str, float] = {}
    for match in _WORD.finditer(text):
        word = match[0]
        if word.lower() in FUNCTION_WORDS:
            continue
        special = (
            word[0].isdigit() or (word[0].isupper() and match.start() > 0) or word[1:] != word[1:].lower()
        )
        key = stem(word)
        found[key] = max(found.get(key, 0.0), 2.0 if special else 1.0)
    return found
