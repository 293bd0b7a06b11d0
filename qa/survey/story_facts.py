"""What an article states, read as a story: sentences that name nobody count too, and those of "it".

Between articles of one story a sentence need not say again whom it is of: "Eleven people died." Whom a
pronoun means is taken from the sentences before it; where these do not tell, the statement is left open.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from index.clean import clean
from index.records import Span
from index.sentences import sentences
from qa.language.claims import Claim, Name, read_claim, read_names
from qa.language.relation import weight
from qa.survey.facts import COMPANY_WORDS, MAX_CHARACTERS, Fact, fact_of, whole_name
from qa.survey.pairing import Profile

_ROLES = (
    "company|group|firm|carmaker|chipmaker|maker|club|team|chain|operator|agency|ministry|startup|start-up|"
    "retailer|"
    "airline|lender|developer"
)
_POINTS_BACK = re.compile(
    rf"(?:(?P<near>it|its|he|his|she|her|they|their)|(?:the|this|that) (?:{_ROLES}))\b", re.I
)
_TIMES = (
    "time|moment|morning|afternoon|evening|week|month|year|quarter|season|spring|summer|autumn|fall|winter|"
    "century"
)
_OPEN_WORDS = re.compile(
    r"\b(?:(?:he|she|they|we|i)\b(?! (?:said|says|told|added|wrote|found|say)\b)|"
    rf"(?:this|these|those|such)\b(?! (?:{_TIMES})\b)|former|latter|others?|another|rivals?|nearby|"
    r"neighbou?ring|"
    rf"similar(?:ly)?|elsewhere|(?:the|this|that) (?:{_ROLES})\b(?! [A-Z]))(?![\w-])",
    re.I,
)
_ASIDE = re.compile(
    r"\b(?:in|at|on|of|near|from|with|for|by|to|towards?|outside|across|into|against|than|according to)"
    r"(?: the| an?)?(?: [a-z]+)? $",
    re.I,
)
_LEAD = 2  # so many sentences open an article


@dataclass(frozen=True)
class Scene:
    """An article as a whole: in how many sentences it names whom, and has each content word."""

    names: Mapping[str, int]
    words: Mapping[str, int]
    published: str | None

    @cached_property
    def known(self) -> frozenset[Name]:
        """All names."""
        return frozenset(frozenset(name.split()) for name in self.names)

    def again(self, word: str) -> bool:
        """Whether the article comes back to the word."""
        return self.words.get(word, 0) > 1

    def mainly(self, name: Name) -> bool:
        """Whether the article comes back to the name."""
        return self.names.get(" ".join(sorted(name)), 0) > 1


@dataclass(frozen=True, slots=True)
class StoryFact:
    """A clause of an article. `fact.names` may be empty, unlike those of facts of a whole library.

    `about` is whom the pronoun means that opens the sentence; `is_open` where nothing tells of whom it is.
    """

    fact: Fact
    about: tuple[Name, ...]
    scene: Scene
    is_open: bool

    @property
    def claim(self) -> Claim:
        """The whole sentence."""
        return self.fact.claim

    @property
    def said(self) -> tuple[Name, ...]:
        """Whom the sentence names, or means by its pronoun."""
        return (*self.about, *self.fact.said)

    @property
    def own(self) -> tuple[Name, ...]:
        """Whom the clause names, or means by its pronoun; all of the sentence where it borrows words."""
        words = {word.key for word in self.claim.words if word.clause == self.fact.clause}
        if self.fact.keys - words:
            return self.said
        held = tuple(name for name in self.fact.names if name in self.fact.said and self._holds(name))
        return (*self.about, *held) if self.fact.clause == 0 else held or self.about

    def _holds(self, name: Name) -> bool:
        """Whether a word of the name stands in the clause or before it."""
        told = self.claim.text[: self.claim.clauses[self.fact.clause].end].lower()
        return any(token in told for token in name)


def story_spans(text: str) -> list[Span]:
    """Where the sentences of an article stand that may tell its story: no long ones, without bylines."""
    view = clean(text)
    found: list[Span] = []
    for sentence in sentences(view):
        span = view.original(sentence.start, sentence.end)
        told = text[span.start : span.end]
        if len(told) <= MAX_CHARACTERS:
            found.append(Span(span.start + byline_end(told), span.end))
    return found


def profile_of(scene: Scene, published: str | None) -> Profile:
    """What an article is about whose scene is known."""
    again = frozenset(word for word in scene.words if scene.again(word) and weight(word) >= 1.0)
    return Profile(scene.names, again, published)


def byline_end(text: str) -> int:
    """How many characters are the byline or dateline: "By Ann Lee, Oslo - "."""
    match = _BYLINE.match(text)
    return match.end() if match else 0


_BYLINE = re.compile(
    r"\s*(?:By [A-Z][\w'’.]*(?:[ ,]+[A-Z][\w'’.]*){0,5}|"
    r"[A-Z][A-Z .]{2,30}(?:, [A-Z][\w .]{1,20})?(?: \([\w ]{1,20}\))?)"
    r" ?(?:-|–|—|--) (?=[A-Z“\"])"
)


def read_story(
    texts: Sequence[str],
    title: str,
    *,
    published: str | None,
    full_names: Mapping[str, Name],
) -> tuple[Scene, list[list[StoryFact]]]:
    """The article's scene, and for each of its sentences the statements of its clauses, in order."""
    claims = [_claim(text, published, full_names) for text in texts]
    claims, scene = _named_alike(claims, title, published)
    found: list[list[StoryFact]] = []
    subject: tuple[Name, ...] = ()
    nearest: tuple[Name, ...] = ()
    for claim in claims:
        if claim is None:
            found.append([])
            continue
        said = tuple(name for name in claim.names if not speaks(name, claim))
        back = _POINTS_BACK.match(claim.text)
        about = _meant(back, nearest, subject)
        facts = [fact_of(claim, clause, said) for clause in range(len(claim.clauses))]
        found.append(
            [StoryFact(fact, about, scene, _is_open(fact, back, about)) for fact in facts if fact is not None]
        )
        nearest = about or _subject(claim, said)
        subject = nearest or subject
    return scene, found


def _meant(
    back: re.Match[str] | None, nearest: tuple[Name, ...], subject: tuple[Name, ...]
) -> tuple[Name, ...]:
    """Whom the word that opens a sentence means: "it" the subject before, "he" if that is a full name."""
    if back is None:
        return ()
    word = (back["near"] or "").lower()
    if word in ("they", "their"):
        return ()
    if word in ("he", "his", "she", "her"):
        return tuple(name for name in nearest if sum(token[0] != "=" for token in name) > 1)
    return nearest if word else subject


def _is_open(fact: Fact, back: re.Match[str] | None, about: tuple[Name, ...]) -> bool:
    """Whether the clause speaks of somebody whom only what stands before it can tell."""
    part = fact.claim.clauses[fact.clause]
    skipped = back.end() if back and back.end() > part.start else 0
    found = _OPEN_WORDS.search(fact.claim.text, max(part.start, skipped), part.end)
    return bool(back and not about) or found is not None


# What a name is called by, and no part of it: "Coach Ines Halloran", "Rival Kanto Volt".
_TITLES = frozenset(
    """coach captain manager referee rival chairman chairwoman director spokesman spokeswoman analyst
    inspector detective officer general colonel major sergeant pope saint father sister brother
    uncle aunt doctor defender midfielder striker goalkeeper singer actor actress author former
    starting""".split()
)
_ENDED = re.compile(r"[.!?…][\"'”’)\]*]*$")
_BRACKETS = re.compile(r" ?\([^()]{1,40}\)")  # "(nm)", "(about 44 billion yuan)", "(local time)"
_OWNER = re.compile(r"(?<=['’]s )(?=[A-Z])")


def _claim(text: str, published: str | None, full_names: Mapping[str, Name]) -> Claim | None:
    """None for a heading, a question, and for a list or table that only looks like a sentence."""
    if len(text) > MAX_CHARACTERS or not _ENDED.search(text):
        return None
    claim = read_claim(_BRACKETS.sub("", text), published=published)
    if claim.text.endswith("?"):
        return None
    apart = read_names(_OWNER.sub("x ", claim.text))  # "South Korea's Samsung" names two
    held = frozenset().union(*claim.names)
    names = [_plain(name) for name in apart if name - {token for token in name if token[0] == "="} <= held]
    names = list(dict.fromkeys(whole_name(name, full_names) for name in names if name))
    sources = tuple(whole_name(_plain(name), full_names) for name in claim.source_names)
    return replace(claim, names=tuple(name for name in names if name), source_names=sources)


def _plain(name: Name) -> Name:
    return name - _TITLES or name


def _named_alike(
    claims: Sequence[Claim | None], title: str, published: str | None
) -> tuple[list[Claim | None], Scene]:
    """Each name as the article has it in full, an opening word a name where it is one elsewhere."""
    everywhere = {name for claim in claims if claim for name in claim.names}
    stripped = {token for claim in claims if claim for token in _companies(claim.text)}
    tokens = frozenset().union(*everywhere)
    longer = _longer(
        everywhere | {frozenset({claim.opening}) for claim in claims if claim and claim.opening}, stripped
    )
    named: list[Claim | None] = []
    for claim in claims:
        if claim is None:
            named.append(None)
            continue
        opening = (frozenset({claim.opening}),) if claim.opening in tokens else ()
        names = tuple(dict.fromkeys(longer.get(name, name) for name in (*opening, *claim.names)))
        sources = tuple(longer.get(name, name) for name in claim.source_names)
        doubtful = "" if opening else claim.opening
        named.append(replace(claim, names=names, source_names=sources, opening=doubtful))
    often = Counter(" ".join(sorted(name)) for claim in named if claim for name in claim.names)
    head = [claim for claim in named if claim][:_LEAD]
    often.update({" ".join(sorted(name)) for claim in head for name in claim.names})
    often.update(
        {" ".join(sorted(longer.get(name, name))) for name in read_names(f"x {title}") if not _titled(title)}
    )
    words = Counter(word for claim in named if claim for word in claim.keys)
    return named, Scene(dict(often), dict(words), published)


def _titled(title: str) -> bool:
    """Whether nearly every word of a title has a capital, so that none tells a name."""
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]+", title) if len(word) > 3]
    return len([word for word in words if word[0].isupper()]) > 0.8 * len(words)


def _companies(text: str) -> list[str]:
    """First words of names that a word like "Inc" ends: these are the whole name without it."""
    return [
        match[1].lower()
        for match in re.finditer(r"\b([A-Z]\w+) ([A-Z]\w+)", text)
        if match[2].lower() in COMPANY_WORDS
    ]


def _longer(names: set[Name], whole: set[str]) -> dict[Name, Name]:
    """A name that is part of just one longer name: "Taeyun", "Taeyun Cell"."""
    found: dict[Name, Name] = {}
    for name in names:
        if len(name) == 1 and not name & whole:
            over = [other for other in names if name < other]
            if len(over) == 1 and len(over[0]) <= 3:
                found[name] = over[0]
    return found


_SAYS = r"(?:said|says|say|told|added|confirmed|wrote|warned|reported|reports|argued|announced|insisted)"


_TELLS = re.compile(rf"\b(?:{_SAYS}|according to|citing)\b", re.I)


def speaks(name: Name, claim: Claim) -> bool:
    """Whether the name is only that of who says it, or to whom: "Lee said", "told Motorline"."""
    tokens = sorted((token for token in name if token[0] != "="), key=len)
    last = "|".join(re.escape(token) for token in tokens)
    if not tokens or not _TELLS.search(claim.text):
        return False
    spelt = rf"(?:(?:{last})(?:'s)?\b[ .-]*)+"
    after = rf"(?:[,\"”] |and |but |that ){spelt},? {_SAYS}\b(?! (?:it|he|she|they)\b)|"
    after += rf"(?:chief|chairman|director|minister|its [\w ]+, |manager|doctor|spokes\w+|coach) {spelt}"
    after += r",? "
    after += rf"{_SAYS}\b|, {spelt}, {_SAYS}\b"
    before = r"(?:[,\"”] (?:said|says|added)|according to|told|citing)"
    before += rf"(?: (?:the|its|an?))?(?: [a-z]+){{0,3}} {spelt}"
    held = set(re.findall(r"[\w.-]+", claim.source.lower().replace("'s", "")))
    return set(tokens) <= held or re.search(f"{after}|{before}", claim.text, re.I) is not None


def _subject(claim: Claim, said: tuple[Name, ...]) -> tuple[Name, ...]:
    """The first name that does not only say where or with whom."""
    lower = claim.text.lower()
    for name in said:
        places = [lower.find(token) for token in name]
        start = min((place for place in places if place >= 0), default=-1)
        if start >= 0 and not _ASIDE.search(claim.text[:start]):
            return (name,)
    return ()
