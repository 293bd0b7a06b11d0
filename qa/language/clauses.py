"""The plain clause that a sentence states, where grammar surely finds it: subject, finite verb, and the rest.

"On Friday, police said that the ferry Aurora carried 45 people, more than ever" states, without what leads
up to it, reports it or comes after it: the ferry Aurora | carried | 45 people. Precision first: of what is
doubtful there is no clause.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.language.dates import read_periods
from qa.language.verbs import BASE_OF_PAST, BASE_OF_PRESENT, BASES, is_participle

BE = frozenset("is are was were".split())
HAVE = frozenset("has have had".split())
DO = frozenset("do does did".split())
AUXILIARY = BE | HAVE | DO | frozenset("will would can could should".split())

PREPOSITIONS = frozenset(
    """about above across after against along amid among around as at before behind below beneath beside
    besides between beyond by despite down during for from in inside into like near of off on onto out outside
    over past per since through throughout to toward towards under until up upon via with within without
    according""".split()
)
_SUBORDINATE = frozenset(
    """that which who whom whose what when where why how while whereas although though because since if unless
    once than whether as so being having whoever whatever whichever wherever whenever""".split()
)
# These begin what can be left out; what the others begin belongs to a verb or a noun.
_ADVERBIAL = frozenset("because although though while whereas since once when unless".split())
_ADVERBS = frozenset(
    "not never ever already just now only long since always often also still soon again".split()
)
_PRONOUNS = frozenset(
    """i you he she it we they me him them us my your our his her its their mine yours ours theirs this these
    those there here one ones another others himself herself itself themselves such same both either neither
    each latter former""".split()
)
# Of whoever is the subject, where that is a name: "Norwind has sold its mill".
_POSSESSIVES = frozenset("its their his her".split())
# What only joins a sentence to the one before it, or says that it is told: the question is asked without.
_JOINING = frozenset(
    """also too however meanwhile therefore thus then instead moreover furthermore nevertheless nonetheless
    reportedly allegedly apparently and but or so yet still""".split()
)
# After these a clause may stand without "that".
_TELLING = frozenset("said says believes believed thinks thought claims claimed adds added".split())
_COORDINATE = frozenset("and but or".split())

_PARENTHESIS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_OPENING = re.compile(
    rf"(?i:{'|'.join(sorted(PREPOSITIONS))})\b[^,]{{2,60}}, "
    r"(?=[A-Z\d]|(?:the|an?|all|no|most|some|many|its|their)\b)"
)
_JOINED = re.compile(rf"(?i:{'|'.join(sorted(_JOINING))})\b,? ")
# A comma ends the clause, but for one between a day and its year.
_END = re.compile(r",(?= (?!\d{4}\b))|[;…]|:(?= )| [—–-] |—")
_UNUSABLE = re.compile(r"[?!\"“”«»*_#@|/\\<>{}]|\bhttps?\b|\bn['’]t\b")
_CONTRACTED = re.compile(r"\b(is|are|was|were|has|have|had|would|could|should|do|does|did)n['’]t\b")

# Of a list, or of a day told by the minute.
_LABEL = re.compile(r"\d+(?:[.:]\d*)+")
_SUBJECT_WORDS, _REST_WORDS = 9, 16
_DETERMINERS = frozenset("the a an no all some any more its their his her".split())


@dataclass(frozen=True, slots=True)
class Clause:
    """Words of a sentence, in order; `opening` led up to it ("On Friday"), `after` is what follows."""

    subject: tuple[str, ...]
    verb: str
    rest: tuple[str, ...]
    opening: str = ""
    after: str = ""

    @property
    def is_auxiliary(self) -> bool:
        """Whether the verb alone goes before the subject in a question: "has" of "has sold its mill"."""
        if self.verb in HAVE:
            return is_participle(_first_but_adverbs(self.rest))
        return self.verb in AUXILIARY

    @property
    def is_negative(self) -> bool:
        """Whether it is denied by a word of grammar."""
        return any(word.lower() in _POSITIVE or word == "not" for word in (*self.subject, *self.rest))


def main_clause(sentence: str) -> Clause | None:
    """What the sentence, in plain letters, states in one clause; None where that is not sure."""
    text = _PARENTHESIS.sub("", " ".join(sentence.split())).rstrip(" .")
    text = _CONTRACTED.sub(r"\1 not", text).replace("cannot", "can not")
    opening = ""
    while (joined := _JOINED.match(text)) or (led := _OPENING.match(text)):
        match = joined or led
        assert match is not None
        opening = opening if joined else match[0].rstrip(", ")
        text = text[match.end() :]
    ended = _END.search(text)
    stated, after = (text[: ended.start()], text[ended.start() :]) if ended else (text, "")
    if _UNUSABLE.search(stated):
        return None
    found = _clause(stated.split())
    return (
        None if found is None else replace(found, opening=opening, after=(found.after + after).lstrip(" ,"))
    )


def opens_with_pronoun(sentence: str) -> bool:
    """Whether what it is about was named before: "It had started", "They say"."""
    first = re.match(r"[^\w]*(\w+)", sentence)
    return first is not None and first[1].lower() in _PRONOUNS - {"there"}  # "There were 11 on board"


def _clause(words: Sequence[str]) -> Clause | None:
    for at, word in enumerate(words[: _SUBJECT_WORDS + 1]):
        if word.lower() in _SUBORDINATE:
            return None
        if at and _is_finite(words, at):
            told = _read_reported(words, at) if word in _TELLING or "that" in words[at : at + 7] else None
            if told is not None or word in _TELLING:
                return told
            if word == "had" and is_participle(_first_but_adverbs(words[at + 1 :])):
                return None  # before something else that is told
            found = _make_clause(words[:at], word, words[at + 1 :])
            if found is not None or not _may_be_else(word):
                return found
    return None


def _read_reported(words: Sequence[str], at: int) -> Clause | None:
    """The clause that is said, after "said", "that" or both; None where there is none."""
    rest = words[at + 1 :]
    if "that" in rest[:6]:
        return _clause(rest[rest.index("that") + 1 :])
    return _clause(rest)


def _is_finite(words: Sequence[str], at: int) -> bool:
    word, before = words[at], words[at - 1].lower()
    if _surely_finite(words, at):
        return before not in _COORDINATE  # its subject is that of another verb
    if word in AUXILIARY:
        return False
    # "the sold tickets", "a found ship": what opens a noun phrase is no verb.
    if before in ("the", "a", "an", "of", "by", "and", "to") or before in AUXILIARY:
        return False
    return word in BASE_OF_PAST or word in BASE_OF_PRESENT


def _may_be_else(word: str) -> bool:
    """Whether a word that looks like a finite verb may be a participle or a noun."""
    return word in BASE_OF_PRESENT or is_participle(word)


def _make_clause(subject: Sequence[str], verb: str, rest: Sequence[str]) -> Clause | None:
    """The clause of these parts; None where one is no whole, or is understood from other sentences only."""
    trimmed = _trim(rest)
    named, kept = _unjoin(subject), _unjoin(trimmed)
    if not named or not kept or not _is_whole(named, verb, kept) or not _stands_alone(named, kept):
        return None
    return Clause(named, verb, kept, after=" ".join(rest[len(trimmed) :]))


def _is_whole(subject: Sequence[str], verb: str, rest: Sequence[str]) -> bool:
    """Whether it is one clause: the verb is its verb, and neither part holds or lacks another one."""
    first = _first_but_adverbs(rest)
    complete = (
        verb in BE
        or (verb in HAVE and first not in PREPOSITIONS)  # not "has since May been"
        or (verb in DO and first in BASES)
        or (verb in AUXILIARY - HAVE - DO)
        or (verb not in DO and not _may_be_else(verb))  # not "did 3,100 an hour"
        or (verb not in AUXILIARY and _has_object(rest))
    )
    return (
        complete
        and len(rest) <= _REST_WORDS
        and subject[0].lower() not in PREPOSITIONS
        and not is_participle(subject[0].lower())
        and not _SUBORDINATE.intersection(word.lower() for word in subject)
        and not any(_surely_finite(part, at) for part in (subject, rest) for at in range(len(part)))
        and not ("not" in rest and "but" in rest)  # "not by … but by"
    )


def _stands_alone(subject: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether it is understood without the sentences around it: no pronoun, no "25 are back", no list."""
    named = len(subject) == 1 or any(word[:1].isupper() for word in subject[1:])
    owned = _POSSESSIVES if named else frozenset()
    listed = len(subject) > 1 and _LABEL.fullmatch(subject[0]) and subject[1][0].isupper()
    counting = all(word[0].isdigit() or word in ("per", "cent", "percent") for word in subject)
    timed = any(period.start == 0 for period in read_periods(" ".join(subject), published=None))
    return not (
        listed
        or counting
        or timed
        or _PRONOUNS.intersection(_small(subject))
        or (_PRONOUNS - owned).intersection(_small(rest))
    )


def _unjoin(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word.lower() not in _JOINING - _COORDINATE)


def _trim(rest: Sequence[str]) -> list[str]:
    """The rest up to where another clause begins; empty where that belongs to the verb."""
    kept = list(rest)
    for at, word in enumerate(rest):
        after = rest[at + 1 : at + 6]
        joins = word in _COORDINATE and any(one in AUXILIARY or one in BASE_OF_PAST for one in after)
        if joins or word in _ADVERBIAL:
            kept = kept[:at]
            break
        if word in _SUBORDINATE and word not in ("as", "than", "so", "being", "having"):
            return []
    # What ends the whole belongs to the verb: "has taken over".
    while len(kept) < len(rest) and kept and (kept[-1] in PREPOSITIONS or kept[-1] in _COORDINATE):
        kept.pop()
    return kept


def _surely_finite(words: Sequence[str], at: int) -> bool:
    word = words[at]
    if word in ("have", "do") and at and (words[at - 1] == "to" or words[at - 1] in AUXILIARY):
        return False
    return word in AUXILIARY or (word in BASE_OF_PAST and not is_participle(word))


def _small(words: Sequence[str]) -> list[str]:
    """In small letters; of "they've" and "he's" the pronoun."""
    begun = ((word.lower(), re.split("['’]", word.lower())[0]) for word in words)
    return [begins if begins in _PRONOUNS else whole for whole, begins in begun]


def _first_but_adverbs(words: Sequence[str]) -> str:
    return next((word for word in words if word not in _ADVERBS and not word.endswith("ly")), "")


def _has_object(rest: Sequence[str]) -> bool:
    """Whether what follows a verb follows no participle and no noun: an object, or "to"."""
    first = rest[0]  # a name, a number, a sum, or a word that opens a noun phrase
    return not first[0].islower() or first in _DETERMINERS or first in ("to", "about", "nearly")


_POSITIVE = {
    "no": "any",
    "none": "any",
    "never": "ever",
    "nobody": "anybody",
    "nothing": "anything",
}


def invert(clause: Clause, rest: Sequence[str] | None = None) -> list[str]:
    """The clause in the order of a question: "did the ferry carry 45 people"; `rest` in place of its own."""
    kept = list(clause.rest if rest is None else rest)
    if clause.is_auxiliary:
        return [clause.verb, *clause.subject, *kept]
    if clause.verb in HAVE:
        return [{"has": "does", "have": "do", "had": "did"}[clause.verb], *clause.subject, "have", *kept]
    if clause.verb in BASE_OF_PAST:
        return ["did", *clause.subject, BASE_OF_PAST[clause.verb], *kept]
    return ["does", *clause.subject, BASE_OF_PRESENT[clause.verb], *kept]


def affirm(words: Sequence[str]) -> list[str]:
    """Without what denies, as people ask: "sold no mill" is asked for by "sold any mill"."""
    return [_POSITIVE.get(word.lower(), word) for word in words if word != "not"]
