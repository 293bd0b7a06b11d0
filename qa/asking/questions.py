"""The questions that a statement answers, made of its own words by grammar.

"The ferry Aurora carried 45 people on Friday" answers when, how many, and whether. What a question asks for
is left out of it: a date, a number, a reason, who did it. Source: Heilman and Smith 2010, "Good Question!
Statistical Ranking for Question Generation", which makes many and then chooses; here those are chosen that
the reader answers.
"""

from collections.abc import Iterable, Iterator, Sequence, Set

from qa.language.clauses import AUXILIARY, BE, PREPOSITIONS, Clause, affirm, invert, main_clause
from qa.language.dates import read_periods
from qa.language.phrases import LEADS
from qa.language.quantities import Quantity, read_quantities
from qa.language.terms import FUNCTION_WORDS, terms
from qa.language.units import CURRENCY_SIGNS, NUMBER_WORDS
from qa.language.verbs import PAST_OF_PARTICIPLE

LEAST_TERMS = 2  # content words: fewer say too little of what is asked
MOST_WORDS = 18
_AT_A_TIME = frozenset(("on", "in", "at"))
_REASON = ("because ", "due to ", "owing to ")
# In the place of a noun that an earlier sentence names.
_STAND_INS = frozenset(
    "one ones some others another none first second third fourth fifth last latter former rest".split()
)
_JOINING = frozenset("and or but may might must shall that than as".split())
_ENDING = '.!?:"”’)'  # before a word that opens a sentence
_CURRENCIES = frozenset(CURRENCY_SIGNS.values())


def questions_from(sentence: str, common: Set[str] = frozenset()) -> list[str]:
    """The questions, the more telling first; none where the sentence states nothing surely enough.

    `sentence` is in plain letters. `common` are words that are no names, in small letters: the first word of
    a sentence is a name unless it is one.
    """
    clause = main_clause(sentence)
    if clause is None or not _is_whole(clause):
        return []
    found = [*_why(clause), *_how_many(clause), *_who(clause), *_when(clause), *_whether(clause)]
    first = clause.subject[0]
    small = first[:1].lower() + first[1:]
    asked = [
        _to_question([small if word == first and _is_common(first, common) else word for word in words])
        for words in found
    ]
    return [one for one in dict.fromkeys(asked) if _says_enough(one)]


def whether_true(sentence: str, common: Set[str] = frozenset()) -> str:
    """Whether the sentence holds, in its own words: for one of which nothing else can be asked."""
    first, space, others = sentence.partition(" ")
    opening = first[:1].lower() + first[1:] if _is_common(first, common) else first
    return f"Is it true that {opening}{space}{others.rstrip('.')}?"


def common_words(texts: Iterable[str], vocabulary: Set[str]) -> frozenset[str]:
    """Words that are no names: texts write them in small letters, or every text might and these do not.

    The latter are words of the vocabulary that stand nowhere with a capital but where they open a sentence,
    and there before no other capital: "Pine Mobile" is a name.
    """
    small, named = set(), set()
    for text in texts:
        words = text.split()
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
            plain = word.strip(".,;:!?()[]\"'“”‘’")
            if word.islower():
                small.add(plain)
            elif (before and before[-1] not in _ENDING) or after[:1].isupper():
                named.add(plain.removesuffix("'s").removesuffix("’s").lower())
    return frozenset(small | (vocabulary - named))


def _is_whole(clause: Clause) -> bool:
    """Whether it names what it speaks of: not "all", nor "the fourth"; and breaks off nowhere: "bought two".

    "A can of soda" has no subject where "can" is taken for the verb.
    """
    subject = [word.lower() for word in clause.subject if word.lower() not in LEADS]
    last = clause.rest[-1].lower() if clause.rest else ""
    named = any(word not in FUNCTION_WORDS and word not in _STAND_INS for word in subject)
    return named and last not in NUMBER_WORDS and last not in AUXILIARY and last not in _JOINING


def _is_common(word: str, common: Set[str]) -> bool:
    small = word.lower()
    begins = small.partition("-")[0]
    known = small in FUNCTION_WORDS or begins in NUMBER_WORDS
    return known or (word[1:] == small[1:] and bool({small, begins, small.removesuffix("s")} & common))


def _to_question(words: Sequence[str]) -> str:
    text = " ".join(words)
    return text[:1].upper() + text[1:] + "?"


def _says_enough(question: str) -> bool:
    return len(terms(question.lower())) >= LEAST_TERMS and len(question.split()) <= MOST_WORDS


def _whether(clause: Clause) -> Iterator[list[str]]:
    yield affirm(invert(clause))


def _why(clause: Clause) -> Iterator[list[str]]:
    """Where a reason follows: it is asked for."""
    if clause.after.startswith(_REASON):
        yield ["why", *invert(clause)]


def _when(clause: Clause) -> Iterator[list[str]]:
    """Where a date ends the clause, or led up to it."""
    if clause.is_negative:
        return
    rest = " ".join(clause.rest)
    for period in read_periods(rest, published=None):
        before = rest[: period.start].split()
        if period.end == len(rest) and before and before[-1] in _AT_A_TIME:
            kept = before[:-1]
            if kept or clause.verb not in BE:
                yield ["when", *invert(clause, kept)]
                return
    led = clause.opening
    for period in read_periods(led, published=None):
        if period.end == len(led) and led[: period.start].strip().lower() in _AT_A_TIME:
            yield ["when", *invert(clause)]
            return


def _how_many(clause: Clause) -> Iterator[list[str]]:
    """Where a number opens the subject, or what follows the verb."""
    if clause.is_negative:
        return
    subject, rest = " ".join(clause.subject), " ".join(clause.rest)
    number = _opening_number(subject)
    if number is not None and (counted := _split_counted(subject, number)):
        noun, others = counted
        yield ["how many", *noun, *others, clause.verb, *clause.rest]
        return
    number = _opening_number(rest)
    if number is None:
        return
    if clause.verb in BE:
        if number.dimension in _CURRENCIES and len(rest[number.end :].split()) <= 2:
            yield ["what", *invert(clause, ())]
        return
    if clause.is_auxiliary:
        return
    if number.dimension in _CURRENCIES:
        yield ["how much", *invert(clause, rest[number.end :].split())]
    elif counted := _split_counted(rest, number):
        noun, others = counted
        yield ["how many", *noun, *invert(clause, others)]


def _opening_number(text: str) -> Quantity | None:
    found = read_quantities(text, [(one.start, one.end) for one in read_periods(text, published=None)])
    return found[0] if found and found[0].start == 0 else None


def _split_counted(text: str, number: Quantity) -> tuple[list[str], list[str]] | None:
    """What is counted, "people" of "45 people on board", and the words after it; None for an amount."""
    after = text[number.end :].split()
    if number.dimension == "percent" or number.dimension in _CURRENCIES:
        return None
    if number.dimension != "count":
        unit = number.text.split()[-1]
        return ([unit], after) if unit.isalpha() else None
    end = next((place for place, word in enumerate(after) if word in PREPOSITIONS), len(after))
    noun = after[:end]
    return (
        (noun, after[end:]) if 0 < len(noun) <= 3 and noun[-1].endswith("s") and noun[-1].islower() else None
    )


def _who(clause: Clause) -> Iterator[list[str]]:
    """Where the clause says by whom: "was built by Norwind" answers "who built"."""
    rest = clause.rest
    if clause.is_negative or "by" not in rest or clause.verb not in ("was", "were"):
        return
    at = rest.index("by")
    agent = rest[at + 1 :]
    if at != 1 or not agent or not agent[0][:1].isupper() or rest[0] not in PAST_OF_PARTICIPLE:
        return
    if read_periods(" ".join(agent), published=None):
        return
    end = next((place for place, word in enumerate(agent) if word in PREPOSITIONS), len(agent))
    yield ["who", PAST_OF_PARTICIPLE[rest[0]], *clause.subject, *agent[end:]]
