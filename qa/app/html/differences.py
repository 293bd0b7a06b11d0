"""Where two statements differ: the words of one that the other does not hold in any form.

A number, an amount or a day in another form is the same, and so is a word in another spelling: what is
compared are the values that `qa.language` reads, and words without case, accents, hyphens and possessives.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import isinf

from index.records import Span
from index.text.clean import one_to_one
from qa.language import dates, quantities
from qa.language.dates import Period, read_periods
from qa.language.quantities import Quantity, comparable, read_quantities, same_value
from qa.records import ConflictKind

Value = Period | Quantity

# Figures stay whole ("10.5", "2nm", "-3"), and so do words with an apostrophe and abbreviations with points.
_WORD = re.compile(r"[-+]?[$€£]?\d[\w.,]*\w%?|\w+(?:['’.]\w+)*[%]?", re.UNICODE)
_BETWEEN_SPACES = re.compile(r"\S+")
_CLAUSE = re.compile(r"[,;:.!?()\[\]“”\"–—]")
# Words that differ without the statements differing.
_SLIGHT = frozenset(
    "a an the of in on at to for from by with as and or that this these those it its he she they".split()
)
# British and American spellings of one word, by how it ends. Orthography: of 47,299 English words (those of
# the embedder's vocabulary, of the stories and of the news) they join 124 pairs, four of which are not one
# word in two spellings: "enter" and "entre", "faber" and "fabre", "fence" and "fense", "ister" and "istre".
_SPELLINGS = tuple(
    (re.compile(ending), same)
    for ending, same in (
        (r"(?<=\w{3})is(?=(?:e[drs]?|ing|ations?)$)", "iz"),
        (r"(?<=\w\w[bdghilmnv])our(?=(?:s|ed|ing|ers?|ful|less|able|ably|ites?|ists?)?$)", "or"),
        (r"(?<=\w[tb])re(?=s?$)", "er"),
        (r"(?<=[ef]en)ce(?=s?$)", "se"),
        (r"(?<=\wg)ramme(?=s?$)", "ram"),
        (r"^(\w*[aeiou]\w*[aeiou])ll(?=(?:ed|ing|er|ers)$)", r"\1l"),
    )
)
# With fewer words in common, two statements are put too differently to be compared word by word.
LEAST_SHARED = 0.4
# A clause that one of them merely adds ("Earlier that day it was reported that …") is no difference either.
MOST_ADDED_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, or all words of a value; `key` is equal where the words mean the same."""

    span: Span
    key: str
    value: Value | None = None


def find_differences(
    text: str,
    other: str,
    published: tuple[str | None, str | None] = (None, None),
    *,
    kind: ConflictKind | None = None,
) -> tuple[Span, ...]:
    """The stretches of `text` whose words differ from those of `other`, in order, apart from each other.

    `published` are the dates of both articles, which "yesterday" is held against. Of statements that have few
    words in common only a value is told that the other gives otherwise, where it is one alone; empty where it
    is not, and where both say the same. Where the `kind` of their conflict is known, nothing is told beside
    numbers or days that make it, and no day beside words that do.
    """
    own, others = _tokens(text, published[0]), _tokens(other, published[1])
    mine, theirs = _keys(own, others), [token.key for token in others]
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.ratio() < LEAST_SHARED:
        told = [token for token in own if _is_otherwise(token.value, others)]
        return tuple(_narrow(text, told, other, others)) if len(told) == 1 else ()
    # A word that merely stands elsewhere in the other statement is no difference.
    elsewhere = frozenset(theirs) | _SLIGHT
    runs: list[list[_Token]] = []
    for change, start, end, first, last in matcher.get_opcodes():
        if change == "equal" or (change == "delete" and end - start > MOST_ADDED_WORDS):
            continue
        if "".join(mine[start:end]) == "".join(theirs[first:last]):
            continue  # "data centre", "datacentre"
        runs.append([own[at] for at in range(start, end) if mine[at] not in elsewhere])
    runs = _of_kind(runs, kind)
    return tuple(span for run in runs for span in _join(text, _narrow(text, run, other, others)))


def _of_kind(runs: Sequence[Sequence[_Token]], kind: ConflictKind | None) -> list[list[_Token]]:
    """The words that make a conflict of that kind; all, where none does."""

    def makes_it(token: _Token) -> bool:
        if kind == "number":
            return isinstance(token.value, Quantity)
        return isinstance(token.value, Period) is (kind == "date")

    some = kind is not None and any(makes_it(token) for run in runs for token in run)
    return [[token for token in run if makes_it(token) or not some] for run in runs]


def _join(text: str, spans: Sequence[Span]) -> list[Span]:
    """Neighbours as one, where nothing that ends a clause stands between."""
    found: list[Span] = []
    for span in spans:
        if found and not _CLAUSE.search(text, found[-1].end, span.start):
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(span)
    return found


def _narrow(text: str, tokens: Sequence[_Token], other: str, others: Sequence[_Token]) -> list[Span]:
    """Their stretches; of a value what the other's has not: "23" of "23 people" against "40 people"."""
    found = []
    for token in tokens:
        against = next((one for one in others if _is_comparable(token.value, one.value)), None)
        span = token.span if against is None else _trim_shared(text, token.span, other, against.span)
        found += [span] if span else []
    return found


def _trim_shared(text: str, span: Span, other: str, against: Span) -> Span | None:
    """`span` without the words at either end that `against` has there, too; None where none is left."""
    own = [Span(*match.span()) for match in _BETWEEN_SPACES.finditer(text, span.start, span.end)]
    mine = [_fold(text[one.start : one.end]) for one in own]
    theirs = [_fold(one) for one in _BETWEEN_SPACES.findall(other, against.start, against.end)]
    common = min(len(mine), len(theirs))
    first = next((at for at in range(common) if mine[at] != theirs[at]), common)
    common -= first
    last = next((at for at in range(common) if mine[-1 - at] != theirs[-1 - at]), common)
    return Span(own[first].start, own[-1 - last].end) if first < len(own) - last else None


def _tokens(text: str, published: str | None) -> list[_Token]:
    """Values and, between them, words; in order."""
    plain = one_to_one(text).translate({0: " ", 9: " ", 10: " ", 13: " "})
    periods = read_periods(plain, published=published)
    amounts = read_quantities(plain, [(one.start, one.end) for one in periods])
    values: list[Value] = sorted([*periods, *amounts], key=lambda one: one.start)
    found: list[_Token] = []
    at = 0
    for value in values:
        found += _words(plain, at, value.start)
        found.append(_Token(Span(value.start, value.end), _fold(plain[value.start : value.end]), value))
        at = value.end
    return [*found, *_words(plain, at, len(plain))]


def _words(text: str, start: int, end: int) -> list[_Token]:
    found = _WORD.finditer(text, start, end)
    return [_Token(Span(*match.span()), _fold(match[0])) for match in found]


def _fold(word: str) -> str:
    """One form for the spellings of a word: case, accents, possessive, points, and British or American."""
    letters = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    plain = plain.removesuffix("'s").removesuffix("'")
    if plain.isalpha():
        for ending, same in _SPELLINGS:
            plain = ending.sub(same, plain)
    return plain if plain[:1].isdigit() else plain.replace(".", "")


def _keys(own: Sequence[_Token], others: Sequence[_Token]) -> list[str]:
    """Those of `own`; a value that the other holds in another form gets the other's."""
    held = [token for token in others if token.value is not None]
    return [next((one.key for one in held if _is_same(token.value, one.value)), token.key) for token in own]


def _is_same(one: Value | None, other: Value | None) -> bool:
    """Whether two values are one in two forms: "2nm", "2-nanometer"; "3 July", "July 3, 2026"."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        open_ends = [(isinf(value.low), isinf(value.high)) for value in (one, other)]
        return open_ends[0] == open_ends[1] and same_value(one, other)
    if isinstance(one, Period) and isinstance(other, Period):
        resolved = one.resolved and other.resolved
        return resolved and dates.agree(one, other) and _length(one) == _length(other)
    return False


def _is_comparable(one: Value | None, other: Value | None) -> bool:
    """Whether two values are of one sort."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return comparable(one, other)
    return isinstance(one, Period) and isinstance(other, Period)


def _length(period: Period) -> int | None:
    known = period.first is not None and period.last is not None
    return (period.last - period.first).days if known else None  # type: ignore[operator]


def _is_otherwise(value: Value | None, others: Sequence[_Token]) -> bool:
    """Whether the other gives values of that sort, none of which agrees."""
    alike = [one.value for one in others if _is_comparable(value, one.value)]
    return bool(alike) and not any(_agree(value, one) for one in alike)


def _agree(one: Value | None, other: Value | None) -> bool:
    """Whether both values of one sort can hold; what is not known to differ can."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return quantities.agree(one, other)
    if isinstance(one, Period) and isinstance(other, Period):
        return not (one.resolved and other.resolved) or dates.agree(one, other)
    return True
