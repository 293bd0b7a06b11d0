"""Noun phrases, as far as word order tells: runs of words that are neither grammar nor a verb's form."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from qa.language.clauses import PREPOSITIONS
from qa.language.terms import FUNCTION_WORDS
from qa.language.verbs import BASE_OF_PAST, BASE_OF_PRESENT, PAST_OF_PARTICIPLE

LEADS = frozenset("the a an this that these those his her its their our my your".split())
"""What leads up to a noun."""

_WORD = re.compile(r"\w+(?:['’.&-]\w+)*")
_FORMS = frozenset((*BASE_OF_PAST, *BASE_OF_PRESENT, *PAST_OF_PARTICIPLE))
_BASES = frozenset((*BASE_OF_PAST.values(), *BASE_OF_PRESENT.values()))
_ING = frozenset(f"{base.removesuffix('e')}ing" for base in _BASES)
_ASIDE = frozenset("better many much least less largest also please like".split())


def _is_object(after: re.Match[str] | None) -> bool:
    """Whether an object begins here: an article, a name or a number."""
    return after is not None and (
        after[0].lower() in LEADS or after[0][:1].isupper() or after[0][:1].isdigit()
    )


def noun_phrases(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand, in order: "the order", "Samsung's backlog", "3 months" without what leads up to them.

    A verb's form is one unless an article, a preposition or a possessive stands before it. A plain form
    ("order", "use") is one only inside a run, before its object, or at the end behind a name: "OpenAI use the
    chips", "does Aarup employ", but not "the turbine order".
    """
    run: list[re.Match[str]] = []
    before = ""
    found = list(_WORD.finditer(text))
    for match, after in zip_longest(found, found[1:]):
        word = match[0].lower()
        led = before in LEADS or before in PREPOSITIONS or before.endswith(("'s", "’s", "s'"))
        capital = match[0][:1].isupper() and match.start() > 0
        verb = (
            not led
            and not capital
            and (
                word in _FORMS
                or word in _ING
                or (
                    word in _BASES
                    and bool(run)
                    and (_is_object(after) or (after is None and run[-1][0][:1].isupper()))
                )
            )
        )
        usable = word not in FUNCTION_WORDS and word not in _ASIDE and not verb
        touching = not run or text[run[-1].end() : match.start()] == " "
        if run and not (usable and touching):
            yield run[0].start(), run[-1].end()
            run = []
        if usable:
            run.append(match)
        before = word
    if run:
        yield run[0].start(), run[-1].end()
