"""Questions that a context does not answer, made from those that it does; hard ones, close to the original.

A word from elsewhere gives a made question away, so what is put in comes from the context itself (another
name, number or year), or is the opposite of what stood there; the opposites are partly learnt from questions
that people altered.
"""

import difflib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from eval.training.data.examples import Example, leave_unanswered

_OPPOSITES = """
first/last most/least largest/smallest biggest/smallest highest/lowest longest/shortest oldest/youngest
oldest/newest earliest/latest best/worst fastest/slowest strongest/weakest richest/poorest nearest/farthest
more/less more/fewer greater/smaller larger/smaller higher/lower longer/shorter older/younger earlier/later
better/worse faster/slower stronger/weaker before/after above/below over/under inside/outside within/outside
north/south east/west northern/southern eastern/western upper/lower left/right front/back top/bottom
begin/end began/ended beginning/end start/stop started/stopped starts/ends start/end opened/closed open/close
increase/decrease increased/decreased increases/decreases rise/fall rose/fell rising/falling gain/loss
gained/lost win/lose won/lost grow/shrink grew/shrank expand/contract expanded/reduced raise/lower
raised/lowered accept/reject accepted/rejected allow/forbid allowed/banned approve/reject approved/rejected
support/oppose supported/opposed agree/disagree agreed/disagreed include/exclude included/excluded
join/leave joined/left arrive/depart arrived/departed enter/leave entered/left buy/sell bought/sold
create/destroy created/destroyed build/demolish built/demolished found/dissolve founded/dissolved
establish/abolish established/abolished add/remove added/removed give/take gave/took send/receive
sent/received attack/defend attacked/defended cause/prevent caused/prevented love/hate loved/hated
like/dislike
remember/forget succeed/fail succeeded/failed appoint/dismiss appointed/dismissed hire/fire hired/fired
strengthen/weaken improve/worsen improved/worsened encourage/discourage encouraged/discouraged
enable/prevent import/export imported/exported borrow/lend arrest/release arrested/released
teach/learn taught/learned lead/follow led/followed divide/unite divided/united import/export imports/exports
public/private internal/external major/minor majority/minority maximum/minimum positive/negative
male/female men/women man/woman boy/girl father/mother son/daughter brother/sister husband/wife king/queen
domestic/foreign local/national national/international rural/urban ancient/modern old/new early/late
young/old rich/poor strong/weak high/low large/small big/small long/short wide/narrow deep/shallow
hot/cold warm/cool wet/dry light/dark heavy/light hard/soft fast/slow easy/difficult simple/complex
common/rare usual/unusual popular/unpopular successful/unsuccessful legal/illegal possible/impossible
formal/informal direct/indirect directly/indirectly active/passive permanent/temporary primary/secondary
rarely/often always/never sometimes/never still/no-longer only/also similar/different same/different
true/false cheap/expensive safe/dangerous useful/useless known/unknown famous/unknown visible/invisible
winner/loser ally/enemy allies/enemies friend/enemy victory/defeat success/failure advantage/disadvantage
benefit/drawback benefits/drawbacks strength/weakness profit/loss birth/death born/died death/birth
summer/winter spring/autumn morning/evening day/night sunrise/sunset liberal/conservative
democrat/republican professor/student teacher/student employer/employee buyer/seller singer/drummer
director/producer author/editor president/vice-president ceo/cfo mayor/governor century/decade
""".split()

MONTHS = frozenset(
    "january february march april may june july august september october november december".split()
)
NUMBER_WORDS = (
    "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty".split()
)
_YEAR = re.compile(r"(?<![\d.,])(?:1[0-9]\d\d|20[0-4]\d)(?![\d%]|[.,]\d)s?")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d%?|(?<![\w.,])\d%?(?![\w.,]\d)")
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_NAME = re.compile(r"[A-Z][\w&'’-]*(?:\s+(?:(?:of|the|de|von|van|and)\s+)?[A-Z][\w&'’-]*)*")
_OPENING = frozenset(
    """what who whom whose when where which why how did do does is are was were has have had can could will
    would should in on at for from to by of with the a an according during after before if as it he she they
    this that these those there but and or so not his her its their while although since however""".split()
)
_EXCEPT = frozenset(("before", "after"))  # of the words above, those that have an opposite
_AUXILIARY = re.compile(r"\b(did|does|do|is|are|was|were|has|have|had|can|could|will|would|should)\b", re.I)

# How often each alteration is tried first, where it applies.
_RATES = {"opposite": 3.0, "name": 4.0, "number": 2.5, "negation": 1.2, "condition": 0.8, "exchange": 0.7}

# They apply to nearly every question: taken whenever nothing else applies, they would be most of all.
_LAST_RESORTS = frozenset(("negation", "condition"))

Opposites = Mapping[str, Sequence[str]]


def learn_opposites(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Word to its replacements: our list, both ways, and what people replaced in `examples`.

    An unanswerable question counts where it differs from an answerable one of the same context in one word.
    """
    opposites: dict[str, list[str]] = {}
    for pair in _OPPOSITES:
        one, other = (side.replace("-", " ") for side in pair.split("/"))
        opposites.setdefault(one, []).append(other)
        if " " not in other:
            opposites.setdefault(other, []).append(one)
    contexts: dict[str, list[Example]] = {}
    for example in examples:
        contexts.setdefault(example.context, []).append(example)
    for group in contexts.values():
        answerable = [one.question.lower().split() for one in group if one.answerable]
        for altered in (one.question.lower().split() for one in group if not one.answerable):
            for words in answerable:
                for one, other in _replace(words, altered):
                    if one.isalpha() and other not in opposites.setdefault(one, []):
                        opposites[one].append(other)
    return opposites


def _replace(words: Sequence[str], altered: Sequence[str]) -> Iterable[tuple[str, str]]:
    matcher = difflib.SequenceMatcher(None, words, altered, autojunk=False)
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if len(changes) == 1 and changes[0][0] == "replace" and matcher.ratio() > 0.6:
        _, start, end, other_start, other_end = changes[0]
        # A name that people exchanged is a name of its article; it is no opposite elsewhere.
        if end - start == 1 and other_end - other_start <= 2 and len(words[start]) > 3:
            yield words[start], " ".join(altered[other_start:other_end])


def alter(example: Example, opposites: Opposites, draw: random.Random) -> Example | None:
    """The example with its question changed in one thing so that the context no longer answers it.

    None where nothing applies. `example` is answerable.
    """
    rates = dict(_RATES)
    while rates:
        kind = draw.choices(list(rates), list(rates.values()))[0]
        if len(rates) < len(_RATES) - 1 and kind in _LAST_RESORTS and draw.random() < 0.7:
            return None
        del rates[kind]
        question = _ALTERATIONS[kind](example, opposites, draw)
        if question and question.lower() != example.question.lower():
            return leave_unanswered(example, question=question)
    return None


def _opposite(example: Example, opposites: Opposites, draw: random.Random) -> str | None:
    words = [match for match in _WORD.finditer(example.question) if match[0].lower() in opposites]
    words = [match for match in words if match[0].lower() not in _OPENING or match[0].lower() in _EXCEPT]
    if not words:
        return None
    chosen = draw.choice(words)
    return put(example.question, chosen.span(), draw.choice(list(opposites[chosen[0].lower()])))


def _other_name(example: Example, opposites: Opposites, draw: random.Random) -> str | None:  # noqa: ARG001
    names = names_in(example.question)
    if not names:
        return None
    chosen = draw.choice(names)
    asked = {name[0].lower() for name in names}
    near = [name[0] for name in names_in(example.context)]
    others = sorted(
        {
            name
            for name in near
            if name.lower() not in example.answer.lower()
            and example.answer.lower() not in name.lower()
            and not any(name.lower() in one or one in name.lower() for one in asked)
            and (name.lower() in MONTHS) == (chosen[0].lower() in MONTHS)
        }
    )
    return put(example.question, chosen.span(), draw.choice(others)) if others else None


def _other_number(example: Example, opposites: Opposites, draw: random.Random) -> str | None:  # noqa: ARG001
    years = list(_YEAR.finditer(example.question))
    if years:
        return _another(example, _YEAR, years, 0.55, draw)
    numbers = list(_NUMBER.finditer(example.question))
    if numbers:
        return _another(example, _NUMBER, numbers, 0.4, draw)
    return _other_word(example.question, draw)


def _another(
    example: Example, kind: re.Pattern[str], found: Sequence[re.Match[str]], near: float, draw: random.Random
) -> str:
    """One of `found` exchanged: in the share `near` for another of the context, else for one much like it."""
    chosen = draw.choice(found)
    others = sorted({one[0] for one in kind.finditer(example.context)} - {chosen[0], example.answer})
    if others and draw.random() < near:
        return put(example.question, chosen.span(), draw.choice(others))
    return put(example.question, chosen.span(), bump(chosen[0], draw))


def _other_word(question: str, draw: random.Random) -> str | None:
    words = [match for match in _WORD.finditer(question) if match[0].lower() in NUMBER_WORDS]
    months = [match for match in _WORD.finditer(question) if match[0].lower() in MONTHS - {"may", "march"}]
    if words:
        chosen = draw.choice(words)
        return put(question, chosen.span(), draw.choice(NUMBER_WORDS))
    if months:
        chosen = draw.choice(months)
        return put(question, chosen.span(), draw.choice(sorted(MONTHS)).capitalize())
    return None


def bump(number: str, draw: random.Random) -> str:
    """Another number that looks like it: a digit changed, or two exchanged."""
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    place = draw.choice(places[1:] or places)
    before = places[places.index(place) - 1]
    if place != before and number[place] != number[before] and draw.random() < 0.3 and number[place] != "0":
        signs = list(number)
        signs[place], signs[before] = signs[before], signs[place]
        return "".join(signs)
    digit = str((int(number[place]) + draw.choice((1, -1, 1, -1, 2, 3, 5))) % 10)
    return number[:place] + digit + number[place + 1 :]


def _negation(example: Example, opposites: Opposites, draw: random.Random) -> str | None:  # noqa: ARG001
    verbs = list(_AUXILIARY.finditer(example.question))
    if not verbs:
        return None
    verb = verbs[0]
    question = example.question
    if draw.random() < 0.55 and verb[0].lower() != "can":
        short = {"will": "won't"}.get(verb[0].lower(), verb[0] + "n't")
        return put(question, verb.span(), short)
    after = list(_WORD.finditer(question, verb.end()))
    if verb[0].lower() in ("is", "are", "was", "were") and verb.start() > 0 and after:
        return put(question, verb.span(), f"{verb[0]} {draw.choice(('not', 'never', 'no longer'))}")
    if len(after) > 2:
        # The negation stands before a later word, where the verb most often is.
        place = after[draw.randrange(1, min(4, len(after)))].start()
        return f"{question[:place]}{draw.choice(('not', 'never'))} {question[place:]}"
    return None


def _condition(example: Example, opposites: Opposites, draw: random.Random) -> str | None:  # noqa: ARG001
    question = example.question.rstrip()
    if _YEAR.search(question) or re.match(r"when|what year", question, re.I):
        return None
    near = example.context[max(0, example.start - 60) : example.end + 60]
    close = {year[0] for year in _YEAR.finditer(near)}
    years = sorted({year[0] for year in _YEAR.finditer(example.context)} - close)
    if not years:
        return None
    added = draw.choice(("in", "before", "after", "in", "since")) + " " + draw.choice(years)
    bare = question.rstrip("?").rstrip()
    return f"{bare} {added}?"


def _exchange(example: Example, opposites: Opposites, draw: random.Random) -> str | None:  # noqa: ARG001
    names = [name for name in names_in(example.question) if name.start() > 0]
    if len(names) < 2:
        return None
    one, other = sorted(draw.sample(names, 2), key=lambda name: name.start())
    between = example.question[one.end() : other.start()]
    return put(example.question, (one.start(), other.end()), f"{other[0]}{between}{one[0]}")


_ALTERATIONS: dict[str, Callable[[Example, Opposites, random.Random], str | None]] = {
    "opposite": _opposite,
    "name": _other_name,
    "number": _other_number,
    "negation": _negation,
    "condition": _condition,
    "exchange": _exchange,
}


def names_in(text: str) -> list[re.Match[str]]:
    """Runs of capitalised words, without a word that only opens a sentence."""
    found = []
    for match in _NAME.finditer(text):
        first = match[0].split()[0]
        if re.split("['’]", first)[0].lower() in _OPENING:
            shorter = _NAME.search(text, match.start() + len(first))
            if shorter and shorter.end() <= match.end():
                found.append(shorter)
        elif len(match[0]) > 1 or match.start() > 0:
            found.append(match)
    return found


def put(text: str, place: tuple[int, int], words: str) -> str:
    return text[: place[0]] + words + text[place[1] :]
