"""The words of a yes/no question found in a statement, in their order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.proposition import Proposition, Token, tokens
from qa.relation import key

# What a company's name may go with or without.
COMPANY_WORDS = tuple("inc corp corporation ltd plc group co company electronics holdings ag".split())

_OPPOSITES = """win lose; rise fall; increase decrease; accept reject; approve reject; pass fail;
alive dead; guilty innocent; guilty acquitted; legal illegal; safe unsafe; true false; support oppose;
convict acquit; possible impossible; succeed fail; allow ban; allow forbid; married unmarried;
strengthen weaken; expand shrink; grow shrink; raise cut; raise lower"""
_OPPOSITE = {frozenset(key(word) for word in pair.split()) for pair in _OPPOSITES.split(";")}


@dataclass(frozen=True, slots=True)
class Laid:
    """The question's words, each with the statement's; `opposite`: the verb was met by its opposite."""

    met: tuple[tuple[Token, Token], ...]
    opposite: bool

    @property
    def first(self) -> Token:
        """The statement's first word that was met."""
        return self.met[0][1]

    @property
    def last(self) -> Token:
        """The statement's last word that was met."""
        return self.met[-1][1]


def lay(asked: Proposition, text: str) -> list[Laid]:
    """Each way to find the question's words in the statement in their order, the closest first."""
    found = tokens(text)
    laid = [_lay_from(asked, text, found[start:]) for start in range(len(found))]
    return sorted(
        (one for one in laid if one), key=lambda one: (one.last.end - one.first.start, one.first.start)
    )


def _lay_from(asked: Proposition, text: str, found: Sequence[Token]) -> Laid | None:
    """The question's words from the first of `found` on, each at its next place."""
    met: list[tuple[Token, Token]] = []
    opposite, at = False, 0
    for place, token in enumerate(asked.tokens):
        there = next((n for n in range(at, len(found)) if token.key in found[n].keys), None)
        if there is None and place == asked.verb:
            there = next((n for n in range(at, len(found)) if _opposed(found[n], token)), None)
            opposite = there is not None
        if not met and there:
            if not asked.surname:
                return None  # it begins at `found[0]`, or not here
            there = None  # a first name further on is another's
        if there is None:
            if not _may_miss(asked, place, before=text[: found[0].start]):
                return None
            continue
        met.append((token, found[there]))
        at = there + 1
    return Laid(tuple(met), opposite)


def _may_miss(asked: Proposition, place: int, *, before: str) -> bool:
    """Whether a statement, of which `before` stands before the words met, may leave out this word."""
    if place == 0:
        return asked.surname and not re.search(r"[A-Z][\w.]*\W*$", before)
    return asked.tokens[place].text.lower() in COMPANY_WORDS


def _opposed(one: Token, other: Token) -> bool:
    return any(frozenset({first, second}) in _OPPOSITE for first in one.keys for second in other.keys)
