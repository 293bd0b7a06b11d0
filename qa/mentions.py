"""Who and what a conversation has spoken of, and whom or what a pronoun or "the company" means.

Nobody can tell a person's gender or a firm from a person by the name alone. So the order decides, the number
of the pronoun, what the same pronoun meant before, and whom the answer to "who" named.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.terms import FUNCTION_WORDS

_CAPITALS = re.compile(
    r"(?<![\w’'])(?:[A-Z][\w&.’'-]*[\w]|[A-Z]\.(?=\s[A-Z])|[A-Z]\b|[a-z]{1,2}[A-Z]\w+)"
    r"(?:\s+(?:of|the|and|de|der|van|von|la|del|di|du|bin|al|for|&)\s+(?:(?:the|der|la)\s+)?(?=[A-Z])|\s+(?=[A-Z]))?"
)
_LABEL = re.compile(r"\s+\d{1,4}\b(?!\s*(?:%|percent|million|billion|years?|days?))")
_JOINED = re.compile(r" and (?:the )?")
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,60})[\"”]")

# Capitalised words that name nobody: what opens a request, and when something was.
_NO_NAMES = FUNCTION_WORDS | frozenset(
    """tell name list describe explain give show compare say please let's what's who's where's when's how's
    why's that's there's it's he's she's isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't
    didn't won't wouldn't can't couldn't shouldn't anything anyone anybody something someone besides
    aside apart following including upon interesting okay ok thanks thank really another others else do
    does did regarding concerning despite january february march april june july august september
    october november december monday tuesday wednesday thursday friday saturday sunday today yesterday
    tomorrow""".split()
)

_FORMS = {"him": "he", "his": "he", "her": "she", "them": "they", "their": "they", "its": "it"}
_NO_PERSON = re.compile(
    r"""\b(?:the|inc|corp|co|ltd|llc|plc|ag|group|bank|university|college|company|party|union|ministry|council|
    court|association|committee|agency|institute|museum|city|county|river|island|north|south|east|west|street|
    times|post|news|electronics|motors|airlines|technologies|systems|energy|league|cup|games|war|act|treaty|
    agreement|department|office|records|festival|prize|awards?|championship|house|senate|congress|states|kingdom)\b""",
    re.IGNORECASE | re.VERBOSE,
)
# What a talk calls an organisation or a person whom it has named before.
_ORGANISATIONS = (
    "company|firm|group|band|team|club|bank|chip ?maker|car ?maker|manufacturer|supplier|maker|agency|"
    "airline|party|government|organi[sz]ation|union|university|startup|start-up|foundry|retailer|developer|"
    "country|city|town|state|region|newspaper|studio|museum|duo|trio"
)
_PEOPLE = (
    "man|woman|singer|actor|actress|president|minister|prime minister|mayor|senator|governor|executive|chief "
    "executive|ceo|founder|author|writer|director|player|coach|engineer|researcher|candidate|boss|artist|boy|girl"
)
_THINGS = (
    "album|song|film|movie|book|show|product|model|chip|plant|factory|bridge|ship|law|bill|treaty|device|app"
)
# What goes by a name that stands before it, even where a verb may follow: "will the Kestrel Gap line reopen".
_HEADS = (
    f"{_THINGS}|line|dam|train|contract|deal|family|mine|port|mill|road|project|crash|breach|outbreak|fund|"
    "derailment|plan|talks|strike"
)
DESCRIPTION = re.compile(
    rf"\bthe (?:(?P<organisation>{_ORGANISATIONS})|(?P<person>{_PEOPLE})|(?P<thing>{_THINGS}))\b"
    r"(?=['’]s\b|\W*$| (?!of\b|in\b|that\b|which\b|who\b|for\b|behind\b|from\b|with\b))",
    re.IGNORECASE,
)


# A name after these is where, when or with whom something was, seldom what the question is of.
_ASIDE = re.compile(
    r"\b(?P<word>in|on|at|off|near|outside|with|from|for|by|against|during|than|into|of)(?: the| an?)? $",
    re.IGNORECASE,
)
# "the Lisbon treaty" is a treaty; in "did the Fed raise" what follows the name is a verb.
_MODIFIER = re.compile(
    r"(?<!\bdid )(?<!\bdoes )(?<!\bwill )(?<!\bwould )(?<!\bcan )(?<!\bcould )(?<!\bshould )\bthe $", re.I
)
_HEAD = re.compile(rf" (?:{_HEADS})\b")
# Only someone does these: "it" is the company, not its chip.
_DOES = re.compile(
    r"\W+(?:\w+ly )?(?:say|said|announce|claim|promise|den(?:y|ied)|confirm|admit|plan|expect|want|hope|hire|"
    r"agree|refuse|intend|pay|buy|spend|invest|employ|own|lay)",
    re.IGNORECASE,
)
_VERB_COMES = re.compile(r"\b(?:did|do|does|will|would|can|could|should|may|might) (?:the )?$", re.IGNORECASE)
# A question for a name, and the most words of an answer that is little more than the name.
_ASKS_A_NAME = re.compile(
    r"(?:and )?(?:which|what (?:is|was|are|were)|who(?!se)|"
    r"what (?!did|do|does|will|has|have|else|happen)\w+)\b",
    re.IGNORECASE,
)
_SHORT_ANSWER_WORDS = 7


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it stands in a text, from `start` to `end`, without a possessive."""

    text: str
    start: int
    end: int

    @property
    def plural(self) -> bool:
        """Two joined by "and"."""
        return bool(_JOINED.search(self.text))


@dataclass(frozen=True, slots=True)
class Asked:
    """An earlier turn: its question as asked, the same made standalone, and its answer.

    `meant`: what its pronoun stood for, or "".
    """

    question: str
    understood: str
    answer: str
    meant: str = ""


def names(text: str) -> list[Name]:
    """Runs of capitalised words, joined by "of" or "and", in order; no word that only opens a question."""
    found: list[Name] = []
    for match in _CAPITALS.finditer(text):
        word = match[0].strip()
        start, end = match.start(), match.start() + len(word)
        first = word.split()[0]
        if first.lower() in _NO_NAMES and first != "US":
            continue
        if found and text[found[-1].end : start].isspace() and not found[-1].text.endswith(("'s", "’s")):
            start = found.pop().start
        found.append(Name(text[start:end], start, end))
    return [_trimmed(name, text) for name in found]


def _trimmed(name: Name, text: str) -> Name:
    """Without a possessive and a joining word at the end; with a number that labels it: "Falcon 9"."""
    bare = re.sub(r"(?:['’]s?|\s+(?:of|the|and|de|van|von|for|&))+$", "", name.text)
    end = name.start + len(bare)
    label = _LABEL.match(text, end)
    end = label.end() if label else end
    return Name(text[name.start : end], name.start, end)


def speaks_of(question: str, talk: Sequence[Asked]) -> bool:
    """Whether a question names something: by capitals, in quotes, or by a word of a name said before."""
    if names(question) or _QUOTED.search(question):
        return True
    said = set(re.findall(r"[\w-]{4,}", question.lower()))
    return any(
        word.lower() in said
        for asked in talk
        for name in names(asked.understood)
        for word in name.text.split()
        if word[0].isupper()
    )


def focus(talk: Sequence[Asked]) -> str | None:
    """What the talk is about by now: the subject of the last question that has one."""
    return next((subjects(asked)[0] for asked in reversed(talk) if subjects(asked)), None)


def subjects(asked: Asked) -> list[str]:
    """Whom or what a question asks of: what its pronoun stood for, else its names, not "in Leeds"."""
    if asked.meant:
        return [asked.meant]
    found = names(asked.understood)
    own = [one for one in found if not is_aside(one, asked.understood, of=False)]
    return [one.text for one in own or found]


def is_aside(name: Name, text: str, *, of: bool = True) -> bool:
    """Whether the name only tells where or with whom: "in Leeds"; with `of` also "the mayor of Leeds"."""
    match = _ASIDE.search(text[: name.start])
    return match is not None and (of or match["word"].lower() != "of")


def modifies(name: Name, text: str) -> bool:
    """Whether a noun follows that the name goes with: "the Lisbon treaty"."""
    before, after = text[: name.start], text[name.end :]
    if re.search(r"\bthe $", before, re.IGNORECASE) and _HEAD.match(after):
        return True
    return bool(_MODIFIER.search(before) and re.match(r" [a-z]", after))


def meant_by(pronoun: str, talk: Sequence[Asked], *, then: str = "") -> str | None:
    """The name that a pronoun of a new question stands for, a verbatim piece of the talk.

    `then`: what follows the pronoun. None where there is no name, or no telling which.
    """
    word = _FORMS.get(pronoun.lower(), pronoun.lower())
    if word == "it":
        return _thing(talk, then, any_name=pronoun.lower() == "its")
    if word in ("he", "she"):
        return _person(word, talk)
    return _several(talk)


def described(match: re.Match[str], talk: Sequence[Asked]) -> str | None:
    """The name that `match` of DESCRIPTION means; None where the talk does not tell."""
    noun = match[0].split()[-1]
    for asked in reversed(talk):
        for one in names(asked.understood):
            if " " in one.text and re.search(rf"\b{noun}\b", one.text, re.IGNORECASE):
                return one.text
    meant = focus(talk)
    if meant is None or match["thing"]:
        return None
    person = meant in _known_persons(talk) or (" " in meant and may_be_person(meant))
    return meant if person == bool(match["person"]) else None


def _person(word: str, talk: Sequence[Asked]) -> str | None:
    """Whom the last answer to "who" named; else the newest name that may be a person's.

    "Who are his parents?" leaves "he" with him of whom it asked.
    """
    last = talk[-1]
    uses_word = re.compile(
        rf"\b(?:{'|'.join(form for form, of in _FORMS.items() if of == word)}|{word})\b", re.I
    )
    uses_other = re.compile(r"\bshe\b|\bher\b" if word == "he" else r"\bhe\b|\bhis\b|\bhim\b", re.I)
    if re.match(r"(?:and )?who(?!se)\b", last.understood, re.IGNORECASE) and not uses_word.search(
        last.question
    ):
        inside = [one.text for one in names(last.understood)]
        named = [one.text for one in names(last.answer) if " " in one.text and may_be_person(one.text)]
        new = [one for one in named if not any(one in name or name in one for name in inside)]
        if new:
            return new[0]
    called = answered_name(last)
    if called and " " in called and may_be_person(called) and not _speaks_of_person(talk):
        # "What is the driver called?", but not "Which team did Ana Lima join?".
        return called
    not_meant: set[str] = set()
    for asked in reversed(talk):
        inside = subjects(asked)
        if uses_other.search(asked.question) and not uses_word.search(asked.question):
            not_meant.update(inside[:1])
        persons = [one for one in inside if may_be_person(one) and one not in not_meant]
        likely = [one for one in persons if " " in one]
        if persons and (likely or uses_word.search(asked.question)):
            return (likely or persons)[0]
    return focus(talk)


def _thing(talk: Sequence[Asked], then: str, *, any_name: bool) -> str | None:
    """What the last answer names, to a question that asks for it; else what the last question names.

    With what it is said to have ("OpenAI's chip"), unless it does what only someone does. Never whom "he" or
    "she" has meant. Of two names none, but for `any_name` the first.
    """
    last = talk[-1]
    text = last.understood
    persons = _known_persons(talk)
    called = answered_name(last)
    inside = [one for one in names(text) if not one.plural]
    does = bool(_DOES.match(then))
    # Who released Jalapeño is someone: "it" is Jalapeño, unless it does what only someone does.
    of_someone = re.match(r"(?:and )?who\b", text, re.IGNORECASE) and not does
    of_someone = of_someone and any(not is_aside(one, text) and one.text not in persons for one in inside)
    if called and called not in persons and not of_someone and not _JOINED.search(called):
        return called
    for one in inside:
        owned = None if does else owned_by(one, text)
        if owned:
            return owned
        if modifies(one, text) and not is_aside(one, text):
            noun = re.match(r" [a-z-]+", text[one.end :])
            return "the " + one.text + (noun[0] if noun else "")
    things = [one for one in inside if not is_aside(one, text) and one.text not in persons]
    if len({one.text for one in things}) > 1 and not (does or any_name):
        return None
    if not inside:
        things = [one for one in names(last.answer) or names(text) if one.text not in persons]
    return things[0].text if things else None


def _several(talk: Sequence[Asked]) -> str | None:
    """The first name of the last question that has one; else the first of its answer."""
    called = answered_name(talk[-1])
    if called:
        return called
    return focus(talk) or next((one.text for asked in reversed(talk) for one in names(asked.answer)), None)


def answered_name(asked: Asked) -> str | None:
    """The name that a short answer gives to a question for one: "Which company …", "What is it called?"."""
    if not _ASKS_A_NAME.match(asked.understood) or len(asked.answer.split()) > _SHORT_ANSWER_WORDS:
        return None
    said, length = asked.understood.lower(), len(asked.answer.split())
    found = [one.text for one in names(asked.answer) if one.text.lower() not in said]
    return found[0] if found and 2 * len(found[0].split()) >= length else None


def _speaks_of_person(talk: Sequence[Asked]) -> bool:
    """Whether a question has named what may be a person, by two words or more."""
    said = (one for asked in talk for one in names(asked.understood))
    return any(" " in one.text and may_be_person(one.text) for one in said)


def _known_persons(talk: Sequence[Asked]) -> set[str]:
    """Names that "he" or "she" has stood for."""
    found = set()
    for asked in talk:
        if re.search(r"\b(?:he|she|his|her|him)\b", asked.question, re.IGNORECASE):
            found.update(subjects(asked)[:1])
    return found


def owned_by(name: Name, text: str) -> str | None:
    """The name with what it is said to have: "OpenAI's chip"."""
    owned = re.match(
        r"['’]s?(?: (?!was\b|is\b|has\b|been\b|called\b|were\b|are\b|to\b|in\b|on\b|for\b|of\b|at\b|by\b|"
        r"and\b|with\b|from\b)[a-z-]+){1,3}",
        text[name.end :],
    )
    if owned is None:
        return None
    held = text[name.start : name.end + owned.end()]
    # After "did" or "will" the last word is the verb: "Norwind's hangar cost".
    verb_comes = _VERB_COMES.search(text[: name.start])
    ends = re.match(r"\W*$| (?:to|in|on|for|of|at|by|and|with|from)\b", text[name.end + owned.end() :])
    return held.rsplit(" ", 1)[0] if verb_comes and ends and owned[0].count(" ") > 1 else held


def may_be_person(name: str) -> bool:
    return not (_NO_PERSON.search(name) or _JOINED.search(name) or (name.isupper() and len(name) > 1))
