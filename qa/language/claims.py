"""What a sentence asserts: quantities, dates, names, how surely, and on whose word."""

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from index.clean import normalise
from qa.language.certainty import Certainty, read_certainty
from qa.language.dates import Period, read_periods
from qa.language.quantities import Quantity, read_quantities
from qa.language.relation import WORD, key, pieces
from qa.language.terms import FUNCTION_WORDS

Name = frozenset[str]

# More than any sentence that a person wrote; what is longer is a list or a table, of which this much is read.
_MAX_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Word:
    """A content word: `key` is its stem, or that of the word that stands for its synonyms."""

    key: str
    start: int
    clause: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the sentence between marks; clauses of one `part` are one statement, hedged together."""

    text: str
    start: int
    end: int
    part: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence read for comparison. All offsets are into `text`, the normalised sentence.

    `names` are sets of lower-case words in reading order ({"samsung", "electronics"}); `opening` is the
    first word when only its place may have given it a capital. `source` is who is quoted, "" for nobody,
    `source_names` the names in it. `spoken` are all words in lower case, `lower` those written so.
    `certainty` and `negated` are of the sentence as a whole.
    """

    text: str
    quantities: tuple[Quantity, ...]
    dates: tuple[Period, ...]
    certainty: Certainty
    names: tuple[Name, ...]
    words: tuple[Word, ...]
    clauses: tuple[Clause, ...]
    opening: str = ""
    source: str = ""
    source_names: tuple[Name, ...] = ()
    spoken: frozenset[str] = frozenset()
    lower: frozenset[str] = frozenset()

    @property
    def negated(self) -> bool:
        """Whether the sentence denies its own verb."""
        return self.certainty.negated

    @property
    def keys(self) -> frozenset[str]:
        """The content words without order."""
        return frozenset(word.key for word in self.words)


_CAPITAL = r"(?:[A-Z][\w&]*(?:['.-](?!s\b)[\w]+)*\.?(?<!\.)|[a-z]{1,2}[A-Z]\w+)(?:'s)?"
_NAME = re.compile(rf"(?<![\w#@])(?:{_CAPITAL})(?: (?:of (?:the )?|de |van |von |bin |al-)?(?:{_CAPITAL}))*")
_LABEL = re.compile(r" (\d{1,4})\b(?![.,:/]\d|%)")
_BOUNDARY = re.compile(
    r"(?P<strong>;|[—–]| - |\b(?:while|whereas|although|though|but|however)\b|"
    r"(?: and|,) (?=(?:is|are|was|were|has|have|had|will|would|could|may) )|: )|(?P<weak>, |[()]|,? "
    r"and |,? or )",
    re.I,
)
_DOERS = re.compile(r"(?:ers|ors|ists|ians|ees|tion|ment|ing)$")  # "Workers", "Production": no names
_CONDITION = re.compile(r"\b(?:if|unless)\b(?! not\b)", re.I)
_SAY = r"said|says|told|reported|reports|wrote|stated|according to|citing|cited|claimed|added|indicate[sd]?"
_SOURCE_AFTER = re.compile(r"\b(?:according to|citing|cited by) (?P<who>[^,;.()]{2,80})", re.I)
_SOURCE_SAYS = re.compile(
    rf"(?:^|[,;] |\b(?:and|but|that) )(?P<who>(?!there |it )(?:[\w.'&-]+ ){{1,9}}?)(?:has |have |had "
    rf")?(?:{_SAY})\b(?! (?:to|by)\b)",
    re.I,
)
# Capitals that name no one: abbreviations of common nouns, titles, months and days.
_NO_NAMES = frozenset(
    """ai asic asics gpu gpus tpu tpus cpu cpus ceo cfo cto oem hbm llm llms it tv pc pcs gdp api dram
    nand i ok
    mr mrs ms dr sir lord president prime minister chief executive chairman professor senator governor
    mayor judge
    king queen prince princess january february march april may june july august september october
    november december
    jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    us$ rmb usd eur q1 q2 q3 q4 gw mw kw gwh mwh km kg nm tl;dr""".split()
)
DEMONYMS = frozenset(
    """african american asian australian austrian belgian brazilian british canadian chinese danish
    dutch european
    finnish french german greek indian indonesian iranian iraqi irish israeli italian japanese korean
    mexican norwegian
    polish portuguese russian saudi scottish spanish swedish swiss taiwanese thai turkish ukrainian
    vietnamese""".split()
)
_WEAK_OPENERS = frozenset(
    """according earlier later meanwhile currently today yesterday officials police analysts sources
    reports about
    nearly almost around over more less several many most another two three four five six seven eight nine ten
    twenty thirty forty fifty hundreds thousands dozens industry compared starting similar furthermore
    moreover
    following despite since claims authorities experts researchers scientists rescuers doctors shares
    sales organisers organizers unions residents witnesses protesters rebels ministers lawyers prices
    price costs
    cost revenue profit profits inflation unemployment turnout tickets talks demand""".split()
)


@lru_cache(maxsize=2_048)
def read_claim(sentence: str, *, published: str | None) -> Claim:
    """What `sentence`, raw text of an article, asserts; `published` is the article's ISO date, if known."""
    text = " ".join(normalise(sentence[:_MAX_CHARACTERS]).split())
    dates = read_periods(text, published=published)
    quantities = read_quantities(text, [(period.start, period.end) for period in dates])
    values: tuple[Period | Quantity, ...] = (*dates, *quantities)
    clauses = _clauses(text, [(value.start, value.end) for value in values])
    source = _source(text)
    names, opening = _names(text, [(item.start, item.end) for item in quantities])
    return Claim(
        text=text,
        quantities=quantities,
        dates=dates,
        certainty=read_certainty(text, text),
        names=names,
        words=_words(text, clauses),
        clauses=clauses,
        opening=opening,
        source=source,
        source_names=_names(source, [])[0],
        spoken=frozenset(match[0].lower() for match in WORD.finditer(text)),
        lower=frozenset(match[0] for match in WORD.finditer(text) if match[0].islower()),
    )


def clause_certainty(claim: Claim, clause: int, *, asked: Set[str]) -> Certainty:
    """How surely the claim asserts one of its clauses.

    A cue beside the clause but in the same part of the sentence may or may not cover it; the level is then
    "none", for a wrong guess would be a false alarm.
    """
    chosen = claim.clauses[clause]
    own = read_certainty(chosen.text, claim.text, asked=asked)
    if own.level in ("fact", "future") and _CONDITION.search(claim.text):
        return Certainty("none", "", own.reported)
    if own.level not in ("fact", "future") or (own.level == "fact" and own.cue):
        return own
    beside = [other for other in claim.clauses if other.part == chosen.part and other is not chosen]
    levels = {read_certainty(other.text, claim.text, asked=asked).level for other in beside}
    hedged = levels - {"fact", "future"}
    return Certainty("none", "", own.reported) if hedged else own


def read_names(text: str) -> tuple[Name, ...]:
    """The names in a normalised text, such as a question."""
    return _names(text, [])[0]


def names_match(one: Name, other: Name) -> bool:
    """Whether two names may be of one bearer: "Samsung" and "Samsung Electronics", "WHO" in full or not."""
    if one <= other or other <= one:
        return True
    return bool(_initials(one) & other or _initials(other) & one)


def _initials(name: Name) -> frozenset[str]:
    return frozenset(word[1:] for word in name if word.startswith("="))


def _clauses(text: str, protected: list[tuple[int, int]]) -> tuple[Clause, ...]:
    """Stretches between commas, brackets and conjunctions; none is cut inside a date or a quantity."""
    found: list[Clause] = []
    start = part = 0
    for match in _BOUNDARY.finditer(text):
        if any(low < match.end() and match.start() < high for low, high in protected):
            continue
        if text[start : match.start()].strip():
            found.append(Clause(text[start : match.start()].strip(), start, match.start(), part))
        part += bool(match["strong"])
        start = match.end() if match["weak"] or not match[0].strip().isalpha() else match.start()
    if text[start:].strip() or not found:
        found.append(Clause(text[start:].strip(), start, len(text), part))
    return tuple(found)


def _words(text: str, clauses: tuple[Clause, ...]) -> tuple[Word, ...]:
    found: list[Word] = []
    clause = 0
    for match in WORD.finditer(text):
        while clause + 1 < len(clauses) and match.start() >= clauses[clause + 1].start:
            clause += 1
        if match[0].lower() not in FUNCTION_WORDS:
            found.extend(Word(key(piece), match.start(), clause) for piece in pieces(match[0]))
    return tuple(found)


def _names(text: str, within: list[tuple[int, int]]) -> tuple[tuple[Name, ...], str]:
    """The names of `text` but those inside quantities ("Korean won"); and a doubtful opening word."""
    found: list[Name] = []
    opening = ""
    for match in _NAME.finditer(text):
        if any(low <= match.start() < high for low, high in within):
            continue
        words = [word.removesuffix("'s").rstrip(".") for word in match[0].split()]
        at_start = match.start() == 0
        if at_start and words[0].lower() in FUNCTION_WORDS | _WEAK_OPENERS:
            words, at_start = words[1:], False
        if words and words[-1].lower() in DEMONYMS and text[match.end() : match.end() + 2].strip().islower():
            words = words[:-1]  # "American artificial intelligence startup" names no one
        kept = [
            word.lower()
            for place, word in enumerate(words)
            if (word.lower() not in _NO_NAMES | FUNCTION_WORDS and len(word) > 1)
            or (place and len(word) == 1)
        ]
        if not kept:
            continue
        label = _LABEL.match(text, match.end())
        if label and not any(low <= label.start(1) < high for low, high in within):
            kept.append(label[1])  # "Halo 3" is not "Halo 2"
        if (
            at_start
            and len(words) == len(kept) == 1
            and words[0][1:].islower()
            and not match[0].endswith("'s")
        ):
            opening = "" if _DOERS.search(kept[0]) else kept[0]
            continue
        initials = {f"={''.join(word[0] for word in kept)}"} if len(kept) > 1 else set()
        found.append(frozenset(kept) | initials)
    return tuple(dict.fromkeys(found)), opening


def _source(text: str) -> str:
    """Who is quoted or cited, in the sentence's words; "" for nobody."""
    match = _SOURCE_AFTER.search(text) or _SOURCE_SAYS.search(text)
    return match["who"].strip() if match else ""
