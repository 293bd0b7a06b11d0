"""What a question asks for: a number of some unit, a date, whether something is so, or something else."""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.clean import normalise
from qa.certainty import asked_about
from qa.claims import Name, read_names
from qa.quantities import counted
from qa.relation import content_words, key
from qa.units import CURRENCIES, UNITS

Kind = Literal["number", "date", "certainty", "open"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`keys` are the content words (see `qa.claims.key`) without those that only ask ("how many").

    `dimensions` are those of `qa/units.py` that can answer, empty for any; `noun` is what is to be
    counted; `cues` the kinds of hedge that the question asks about itself. `verb` is what a yes/no
    question, or one for a date or an amount, asks of its subject; "" where that cannot be told. `stative`
    questions ask what is, or what someone has, not what was done; those `ahead` what will be.
    """

    text: str
    kind: Kind
    keys: frozenset[str]
    names: tuple[Name, ...]
    dimensions: frozenset[str]
    noun: str
    cues: frozenset[str]
    verb: str
    stative: bool
    ahead: bool


HOW_MANY = re.compile(
    r"\bhow many (?P<noun>(?:[\w'-]+ ?){1,4})|\bnumber of (?P<noun2>(?:[\w'-]+ ?){1,3})", re.I
)
_NUMERIC = (
    "rate|toll|total|price|cost|value|size|revenue|revenues|profit|profits|loss|turnover|capacity|population|salary|budget|"
    "percentage|share|proportion|age|height|weight|length|distance|speed|temperature|score|amount|sum|backlog|"
    "investment|turnout|magnitude|margin|area|wage|debt|deficit|stake|fine|fee|figure|result|yield|valuation"
)
_NUMBER = re.compile(
    r"\bhow (?:many|much|large|big|long|high|tall|far|old|heavy|fast|expensive|wide|deep|small|"
    r"strong|hot|cold)\b|"
    rf"\b(?:what|which) (?:\w+ )?(?:{_NUMERIC}|number)\b|\bwhat(?:'s| is| was| are| were| will be) "
    rf"(?:[\w'-]+ ){{1,5}}?(?:{_NUMERIC})\b|"
    r"\bat what (?:price|cost|speed)\b",
    re.I,
)
_DATE = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|quarter|time)\b|\bhow soon\b|\bdeadline\b|"
    r"\bhow long ago\b",
    re.I,
)
_YES_NO = re.compile(
    r"^\W*(?:(?:so|and|but|then),? )?(?:is|are|was|were|has|have|had|does|do|did|will|would|can|"
    r"could|should|may|might|isn't|"
    r"hasn't|didn't|doesn't)\b|\bstatus\b|\bwhether\b|\bconfirmed\b|\bhow (?:certain|sure)\b",
    re.I,
)
_STATIVE = re.compile(
    r"\b(?:has|have|had|there|own|owns|hold|holds|contain|contains)\W*$|\b(?:are|is|were|was) there\b", re.I
)
_AUXILIARY = re.compile(
    r"\W*(?:is|are|was|were|ha[sd]|have|do|does|did|will|would|can|could|should|may|might)\b", re.I
)
_HOW_MANY_OR_MUCH = re.compile(r"\bhow (?:many|much)\b", re.I)
_HELPED = re.compile(r"\b(?:did|does|do|will|would|can|could|has|have|had) (?P<rest>.+)", re.I)
_PASSIVE = re.compile(r"\b(?:was|were|is|are) (?P<rest>.+)", re.I)
_NEVER_VERBS = frozenset(
    key(word)
    for word in "president minister mayor senator governor chief executive professor judge when".split()
)
_ASKING = frozenset(
    key(word)
    for word in """many much large big long high tall far old heavy fast expensive wide deep small
    strong number amount size
    total when date year day month time quarter current currently status true people percentage share
    proportion status""".split()
)
_LENGTH, _TIME = frozenset({"length"}), frozenset({"months", "days", "seconds"})
_MONEY = re.compile(
    r"\b(?:cost|costs|pay|paid|pays|invest\w*|worth|spend\w*|spent|price\w*|revenues?|profits?|money|salary|budget|fine[ds]?|"
    r"earn\w*|rais(?:e|ed)|owe\w*|debt|valu\w+|funding|turnover|dollars?|expensive|bid|fee|wage)\b",
    re.I,
)
_BY_ADJECTIVE = (
    (re.compile(r"\bhow long\b", re.I), _TIME | _LENGTH),
    (re.compile(r"\bhow old\b|\bage\b", re.I), frozenset({"age", "months"})),
    (re.compile(r"\bhow (?:tall|high|far|wide|deep)\b|\b(?:height|length|distance)\b", re.I), _LENGTH),
    (re.compile(r"\bhow heavy\b|\bweight?\b|\bweigh\b", re.I), frozenset({"mass", "tons", "pounds"})),
    (re.compile(r"\bhow fast\b|\bspeed\b", re.I), frozenset({"speed"}) | _TIME),
    (
        re.compile(r"\bhow (?:hot|cold)\b|\btemperature\b", re.I),
        frozenset({"celsius", "fahrenheit", "degrees"}),
    ),
    (re.compile(r"\bpercent\w*|\bshare of\b|\bproportion\b|\bturnout\b", re.I), frozenset({"percent"})),
    (re.compile(r"\bscore\b|\bresult\b", re.I), frozenset({"score"})),
    (re.compile(r"\btoll\b|\bpopulation\b", re.I), frozenset({"count", "people"})),
)


@lru_cache(maxsize=256)
def read_question(question: str) -> Asked:
    """What `question` asks for."""
    text = " ".join(normalise(question).split())
    kind: Kind = "open"
    date, number = _DATE.search(text), _NUMBER.search(text)
    if date and not (number and number.start() < date.start()):  # "At what speed was it going when …"
        kind = "date"
    elif number:
        kind = "number"
    elif _YES_NO.search(text):
        kind = "certainty"
    dimensions, noun = _measured(text) if kind == "number" else (frozenset[str](), "")
    return Asked(
        text=text,
        kind=kind,
        keys=frozenset(content_words(text)) - _ASKING,
        names=read_names(text),
        dimensions=dimensions,
        noun=noun,
        cues=asked_about(text),
        ahead=re.search(r"\bwill\b|\bgoing to\b", text, re.I) is not None,
        stative=_STATIVE.search(text) is not None,
        verb=_verb(text, kind),
    )


def _verb(text: str, kind: Kind) -> str:
    """The act that is asked about, "" where there is none or it cannot be told.

    "use" of "Is Anthropic using Samsung's process?", "open" of "When will the tunnel open?", "fell" of "How
    many trees were felled?". A wrong guess only makes fewer statements comparable.
    """
    if kind == "open" or (kind == "certainty" and not _AUXILIARY.match(text)):
        return ""
    named = {key(word) for name in read_names(text) for word in name}
    if kind == "number":
        return _counted_act(text, named)
    words = [word for word in content_words(text) if word not in _NEVER_VERBS]
    if kind == "date" and words and words[-1] not in named:
        return words[-1]
    first = next((index for index, word in enumerate(words) if word in named), len(words))
    after = [word for word in words[first + 1 :] if word not in named]
    before = words[:first]
    return after[0] if after else before[-1] if before else ""


def _counted_act(text: str, named: Set[str]) -> str:
    """The verb of a question for a number: "did X pay", "were felled", "countries signed"."""
    if not _HOW_MANY_OR_MUCH.search(text):
        return ""
    helped, passive = _HELPED.search(text), _PASSIVE.search(text)
    rest = helped or passive
    words = [
        word for word in content_words(rest["rest"] if rest else text) if word not in _NEVER_VERBS | _ASKING
    ]
    if not rest:
        return words[1] if len(words) > 1 and words[1] not in named else ""
    first = next((index for index, word in enumerate(words) if word in named), None)
    plain = [word for word in words[first or 0 :] if word not in named]
    if not plain:
        return ""
    return plain[-1] if helped and first is None else plain[0] if first == 0 or helped else words[0]


def _measured(text: str) -> tuple[frozenset[str], str]:
    """The dimensions that can answer, empty for any; and the noun to count."""
    many = HOW_MANY.search(text)
    if many:
        words = [
            word for word in content_words(many["noun"] or many["noun2"], keep=True) if not word[0].isdigit()
        ]
        for word in words[:2]:
            if word.lower() in UNITS and UNITS[word.lower()][0] != "people":
                return frozenset({UNITS[word.lower()][0]}), ""
        return frozenset({"count", "people"}), counted(words[0]) if words else ""
    for pattern, dimensions in _BY_ADJECTIVE:
        if pattern.search(text):
            return dimensions, ""
    if _MONEY.search(text):
        return CURRENCIES, ""
    return frozenset(), ""
