"""What a sentence states, and of whom: its clauses, as they can be held against those of other articles."""

import datetime
import hashlib
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from qa.language.certainty import Certainty, read_certainty
from qa.language.claims import Claim, Name, read_claim, read_names
from qa.language.clauses import clause_at
from qa.language.dates import Period
from qa.language.quantities import Quantity, counted
from qa.language.relation import key, weight

# What a company's name may go with or without.
COMPANY_WORDS = tuple("inc corp corporation ltd plc group co company electronics holdings ag".split())

# Longer sentences are lists and tables, of which no clause can be held against another.
MAX_CHARACTERS = 600

# Words that state a value or report it, and say nothing of what it is the value of.
_HARMLESS = frozenset(
    key(word)
    for word in """stand stands stood put puts hit hits climb climbs climbed estimate estimated count counted
    counts number numbers figure figures total totals amount amounts come comes came official officially
    officials news agency media show shows showed data announce announced announces confirm confirmed confirms
    state states stated note noted add adds added give gives gave accord report reports reported percent
    million billion trillion about around nearly almost least approximately roughly exactly just so far
    previously initially finally meanwhile today yesterday week weeks hour hours minute minutes statement
    ai asic spokesman spokeswoman spokesperson wide""".split()
)
# Cues that end with the verb that they are about: "could leave".
_VERB_AFTER = re.compile(r"could|may|might|would|likely to|appears|seems|is said|potentially|possibly", re.I)
_TENSE_OF = {"fact": "told", "future": "ahead", "planned": "ahead"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One clause of a claim. `names` is whom it is of, its own or the sentence's; `keys` are the content
    words of its relation, without names, values, and words that only report.

    `certainty` is that of the clause. `said` are the names of the whole sentence but its sources.
    """

    claim: Claim
    clause: int
    names: tuple[Name, ...]
    said: tuple[Name, ...]
    keys: frozenset[str]
    certainty: Certainty

    @property
    def text(self) -> str:
        """The clause's words."""
        return self.claim.clauses[self.clause].text

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Amounts of the clause: no parts of others, and none that only describe ("2nm process")."""
        return tuple(
            one
            for one in self.claim.quantities
            if self._holds(one) and not one.modifier and one.role != "part"
        )

    @property
    def dates(self) -> tuple[Period, ...]:
        """Dates of the clause, else those that stand alone in another ("In May, …"); not those of reports."""
        own = tuple(one for one in self.claim.dates if self._holds(one) and not one.reported)
        return own or tuple(
            one
            for one in self.claim.dates
            if not one.reported
            and any(
                part.start <= one.start < part.end and len(part.text) - len(one.text) < 12
                for part in self.claim.clauses
            )
        )

    @property
    def tense(self) -> str:
        """Whether the clause tells what is or was, or what is to be; "" where it leaves it open."""
        return _TENSE_OF.get(self.certainty.level, "")

    @property
    def digest(self) -> int:
        """The same for facts that are the same in all that is compared: 63 bits."""
        days = [
            (day.first and day.first.isoformat(), day.last and day.last.isoformat(), day.resolved)
            for day in self.claim.dates
        ]
        names = [sorted(name) for name in (*self.names, *self.said)]
        whole = repr((self.claim.text, self.clause, days, names))
        return int.from_bytes(hashlib.sha256(whole.encode("utf-8", "replace")).digest()[:8], "big") >> 1

    def _holds(self, value: Quantity | Period) -> bool:
        part = self.claim.clauses[self.clause]
        return part.start <= value.start < part.end


def read_facts(
    sentence: str, *, published: str | None, full_names: Mapping[str, Name], common_words: Set[str]
) -> tuple[Fact, ...]:
    """The facts of a sentence, in order; none for a question, a list, or where nobody is named.

    `full_names` says whom the article means by one name ("ruiz"); `common_words` holds words that are
    written small somewhere, so that a capital at the start of a sentence makes no name of them.
    """
    if len(sentence) > MAX_CHARACTERS:
        return ()
    claim = read_claim(sentence, published=published)
    if claim.text.endswith("?"):
        return ()
    opening = claim.opening if claim.opening and claim.opening not in common_words else ""
    names = ((frozenset({opening}),) if opening else ()) + claim.names
    names = tuple(dict.fromkeys(whole_name(name, full_names) for name in names))
    names = tuple(name for name in names if name)
    sources = {whole_name(name, full_names) for name in claim.source_names}
    said = tuple(name for name in names if name not in sources) or names
    if not said:
        return ()
    claim = replace(claim, names=names, opening="")
    found = [fact_of(claim, clause, said) for clause in range(len(claim.clauses))]
    return tuple(fact for fact in found if fact is not None)


def full_names(text: str) -> dict[str, Name]:
    """Whom an article means by a surname alone: the one "First Last" in it that ends so."""
    found: dict[str, set[Name]] = {}
    for match in re.finditer(r"(?<![\w.])([A-Z][a-z]+) ([A-Z][a-z]{2,})(?! [A-Z]|\w)", text):
        for name in read_names(f"x {match[0]}"):
            if len(_tokens(name)) == 2:
                found.setdefault(match[2].lower(), set()).add(_bare(name))
    return {last: next(iter(names)) for last, names in sorted(found.items()) if len(names) == 1}


def small_words(text: str) -> frozenset[str]:
    """The words that an article writes in small letters."""
    return frozenset(re.findall(r"(?<![\w'’-])[a-z]{3,}(?![\w])", text))


def day_of(published: str | None) -> datetime.date | None:
    """A day for an ISO date of any precision; None for anything else."""
    parts = re.match(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", published or "")
    try:
        return datetime.date(int(parts[1]), int(parts[2] or 7), int(parts[3] or 1)) if parts else None
    except ValueError:
        return None


def fact_of(claim: Claim, clause: int, said: tuple[Name, ...]) -> Fact | None:
    """One clause of a claim that names `said`, its sources apart; None where it says nothing by itself."""
    certainty = _certainty(claim, clause)
    keys = _keys(claim, {clause}, certainty)
    part = claim.clauses[clause].part
    starts = [one.start for one in claim.quantities] + [one.start for one in claim.dates]
    if not keys and not any(clause_at(claim, start) == clause for start in starts):
        return None  # "its director said", "in Kandor"
    if len(keys) < 2:
        beside = {at for at, other in enumerate(claim.clauses) if other.part == part}
        keys |= _keys(claim, beside, certainty)
    if not keys:
        return None
    text = claim.clauses[clause].text
    held = frozenset(re.findall(r"\w[\w&.'-]*\w|\w", text.lower().replace("'s", "")))
    names = tuple(name for name in said if _tokens(name) & held) or said[:1]
    return Fact(claim, clause, names, said, keys, certainty)


def _certainty(claim: Claim, clause: int) -> Certainty:
    """That of the clause without its dates: "2 May 2026" is no "may"."""
    part = claim.clauses[clause]
    text = claim.text
    for day in claim.dates:
        text = text[: day.start] + "#" * (day.end - day.start) + text[day.end :]
    return read_certainty(text[part.start : part.end], text)


def _keys(claim: Claim, clauses: Set[int], certainty: Certainty) -> frozenset[str]:
    values = [(one.start, one.end) for one in claim.quantities if not one.modifier]
    values += [(one.start, one.end) for one in claim.dates]
    nouns = [(one.end, one.start + len(one.text), one.noun) for one in claim.quantities if one.noun]
    named = {key(token) for name in claim.names for token in name}
    reporting = {key(word) for word in (*claim.source.split(), *certainty.cue.split()[:-1])}
    if certainty.level not in ("fact", "future") and not _VERB_AFTER.match(certainty.cue):
        reporting |= {key(word) for word in certainty.cue.split()[-1:]}
    found = set()
    for word in claim.words:
        if (
            word.clause not in clauses
            or weight(word.key) < 1.0
            or word.key in named | reporting | _HARMLESS
            or word.key.endswith("ly")
            or any(low <= word.start < high for low, high in values)
        ):
            continue
        spelt = re.match(r"[\w'-]+", claim.text[word.start :])
        noun = next((noun for low, high, noun in nouns if low <= word.start < high), "")
        found.add(noun if spelt and noun and counted(spelt[0]) == noun else word.key)
    return frozenset(found)


def whole_name(name: Name, known: Mapping[str, Name]) -> Name:
    """The name without what only says that it is a company; a surname with the first name."""
    bare = _bare(name)
    return known.get(next(iter(bare)), bare) if len(bare) == 1 else bare


def _bare(name: Name) -> Name:
    tokens = _tokens(name)
    return (tokens - frozenset(COMPANY_WORDS)) or tokens


def _tokens(name: Name) -> Name:
    return frozenset(token for token in name if not token.startswith("="))
