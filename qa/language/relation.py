"""The content words of a text as they are compared: synonyms made one, each with what it weighs."""

import re
from functools import lru_cache

from qa.language.terms import FUNCTION_WORDS, stem

WORD = re.compile(r"\d+(?:-| ?)(?:nm|nanomet(?:er|re)s?)\b|\d+(?:[.,]\d+)*\w*|[^\W\d_]+(?:['-][^\W\d_]+)*\d*")
# Words that may stand for each other when relations are compared.
_GROUPS = (
    "use uses used using utilize utilizing utilise utilising utilization employ",
    "make makes made making manufacture manufacturing manufactured produce produces production fabricate",
    "build builds built building construct construction constructed",
    "buy buys bought buying acquire acquisition acquired purchase purchased takeover pay pays paid",
    "meet meets met meeting",
    "win wins won winning",
    "hold holds held",
    "lose loses lost losing",
    "leave leaves left leaving",
    "take takes took taken",
    "choose chose chosen",
    "find found",
    "speak spoke spoken",
    "give gave given",
    "come came",
    "go went gone",
    "send sent",
    "receive receives received get gets got",
    "earn earns earned",
    "talks talk discuss discussion discussions negotiate negotiation contact contacted",
    "begin begins began begun start starts started launch launched",
    "kill kills killed dead death deaths die died dies fatalities toll",
    "injure injured injuries hurt wounded",
    "order orders contract contracts deal deals agreement",
    "evaluate evaluating consider considering explore exploring weigh weighing mull",
    "employee employees worker workers staff",
    "cost costs price priced",
    "sell sells sold selling sale",
    "invest investment investing investments spend spending",
    "worth value valued",
    "release released releases unveil unveiled",
    "grow grew growth increase increased rise rose",
    "fall fell decline declined drop dropped",
    "collaborate collaboration cooperate cooperating cooperation partner partnership",
    "big large size",
    "deploy deploys deployed deployment",
    "chip chips semiconductor semiconductors",
)
_SYNONYMS = {stem(word): stem(group.split()[0]) for group in _GROUPS for word in group.split()}
_DULL = frozenset(
    stem(word)
    for word in """said say told report reported reach reached expect expected total approximately
    nearly almost around
    roughly year years month day time million billion trillion thousand new company companies people
    number including
    according percent currently also long-term term next last first latest earlier following amount many
    much""".split()
)


@lru_cache(maxsize=65_536)
def key(word: str) -> str:
    """What a content word is compared by: its stem, or the stem of the word that stands for its synonyms."""
    lower = word.lower().removesuffix("'s").removesuffix("s")
    if lower.endswith(("er", "or")) and len(lower) > 5 and stem(lower) != lower:
        return lower  # "developer" is no "develop": who does a thing is not the doing
    found = stem(word)
    return _SYNONYMS.get(found, found)


def content_words(text: str, *, keep: bool = False) -> tuple[str, ...]:
    """The keys of the content words of `text`, or with `keep` the words themselves."""
    words = [match[0] for match in WORD.finditer(text) if match[0].lower() not in FUNCTION_WORDS]
    return tuple(words) if keep else tuple(key(piece) for word in words for piece in pieces(word))


def pieces(word: str) -> list[str]:
    """A hyphened word and its halves, "2nm" beside "2-nanometer" as one."""
    unit = re.fullmatch(r"(\d+)[- ]?(?:nm|nanomet(?:er|re)s?)", word.lower())
    if unit:
        return [f"{unit[1]}nm"]
    halves = [half for half in word.split("-") if len(half) > 2] if "-" in word else []
    if word.lower().startswith(("self-", "non-", "pre-")):
        halves = []  # "self-developed" describes; nothing is developed here
    return [word, *halves]


def weight(word: str) -> float:
    """How much a shared content word says: little for "reach" or "total"."""
    return 0.25 if word in _DULL or word[0].isdigit() else 1.0
