"""What is told of one thing and of another, or once more: statements that are alike, and what parts them.

A library holds lists: "the hospital in Aarup has 420 beds", "the hospital in Tervo has 310"; and reposts that
copy each other nearly word for word. Stories, each of one matter and told in other words, hold few of these,
and a model that learns from them alone takes both for conflicts. So they are made: of two statements that
conflict one gets another name in the place of one that both hold, and both can be true; a copy of a statement
with another figure conflicts with it, so does its negation; with another name besides it does not, nor where
nothing but an adverb, who says so or the form of a figure or day differs.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from eval.training.data.unanswerable import MONTHS, bump
from eval.training.judgements.judgement import AT_ONCE, GAPS, RELATION, Judgement, tell_after
from eval.training.pairs.renamed import Names, exchange
from qa.comparison.model import KINDS, RELATIONS

# Of the relations that conflict so many get another name too, of the sentences so many are copied, where they
# hold a name, and of the names so many differ by a few letters alone; own choice.
_RENAMED, _COPIED = 0.5, 0.3
_ALIKE = 0.3

_BOTH, _CONFLICT, _UPDATE = (RELATIONS.index(one) for one in ("both", "conflict", "update"))
_FIGURE = re.compile(r"(?<![\w.,:–-])(?!(?:19|20)\d\d\b)\d(?:[\d,]*\d)(?:\.\d+)?(?![\w–:-]|[.,]\d)")
_SAYS = (
    r"(?:said|says?|tells?|told|according|announced|confirmed|admitted|denied|writes|wrote|report(?:s|ed)?)"
)
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could)\b(?! not\b)")
_DATE = re.compile(
    rf"\b(?P<day>[12]?\d|3[01]) (?P<month>{'|'.join(one.capitalize() for one in sorted(MONTHS))})\b"
)
_SOURCES = ("officials said", "the paper reported", "a spokesman said", "according to a statement")
_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprstvz"


class Elsewhere:
    """Makes them; the names that it puts in the place of others are those of `texts`."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._names = Names(texts)

    def make(
        self, judgements: Sequence[Judgement], sentences: Iterable[str], draw: random.Random
    ) -> Iterator[Judgement]:
        """Relations: from those among `judgements` that conflict, and of copies of some of the sentences."""
        for one in judgements:
            if one.task == RELATION and one.label in (_CONFLICT, _UPDATE) and draw.random() < _RENAMED:
                yield from self._of_another(one, draw)
        for sentence in sentences:
            if draw.random() < _COPIED:
                yield from self._copy(sentence, draw)

    def _of_another(self, one: Judgement, draw: random.Random) -> Iterator[Judgement]:
        """The first statement told of another thing; nothing where no name is in both, speakers apart."""
        shared = [
            name
            for name in self._names.find_shared(one.first, one.second)
            if not any(_speaks(name, text) for text in (one.first, one.second))
        ]
        if shared:
            name = draw.choice(shared)
            yield Judgement(exchange(one.first, name, self._other(name, draw)), one.second, RELATION, _BOTH)

    def _copy(self, sentence: str, draw: random.Random) -> Iterator[Judgement]:
        """The sentence against a copy of it that conflicts, that tells of another thing, or says the same."""
        named = [name for name in self._names.find_shared(sentence, sentence) if not _speaks(name, sentence)]
        figures = list(_FIGURE.finditer(sentence))
        verb = _AUXILIARY.search(sentence)
        label, kind = RELATIONS.index("same"), -1
        other = sentence
        chosen = draw.random()
        if chosen < 0.5 and figures and named:
            figure = draw.choice(figures)
            other = f"{sentence[: figure.start()]}{bump(figure[0], draw)}{sentence[figure.end() :]}"
            label, kind = _CONFLICT, KINDS.index("number")
        elif chosen < 0.65 and verb:
            other = f"{sentence[: verb.end()]} {draw.choice(('not', 'never'))}{sentence[verb.end() :]}"
            label, kind = _CONFLICT, KINDS.index("polarity")
        else:
            sentence, other = _say_again(sentence, draw), _say_again(sentence, draw)
            if other == sentence:
                return
        # a name near the beginning is most often that of what the sentence is about
        about = [name for name in named if sentence.find(name) < len(sentence) / 3]
        gap = draw.choice(AT_ONCE if label == _CONFLICT else GAPS)
        if label == _CONFLICT and draw.random() < 0.5 and about:
            name = draw.choice(about)
            other = exchange(other, name, self._other(name, draw))
            label, kind = _BOTH, -1
        elif label != _CONFLICT and figures and about and draw.random() < 0.25:  # of two winners one is wrong
            name = draw.choice(about)
            other = exchange(other, name, self._other(name, draw))
            label = _BOTH
        pair = (other, sentence) if draw.random() < 0.5 else (sentence, other)
        yield Judgement(tell_after(gap, pair[0]), pair[1], RELATION, label, kind)

    def _other(self, name: str, draw: random.Random) -> str:
        """Another name: one that stands in the texts, or this one with a few letters changed."""
        if draw.random() < _ALIKE:
            return _misspelt(name, draw)
        (other,) = self._names.draw(1, draw)
        return _misspelt(name, draw) if other == name else other


def _say_again(sentence: str, draw: random.Random) -> str:
    """The sentence as a repost tells it: an adverb more, who says so, a figure or a day in another form."""
    told = sentence
    if (verb := _AUXILIARY.search(told)) and draw.random() < 0.5:
        told = f"{told[: verb.end()]} {draw.choice(('already', 'now', 'also', 'indeed'))}{told[verb.end() :]}"
    if draw.random() < 0.5:
        told = _DATE.sub(lambda found: f"{found['month']} {found['day']}", told)
    if draw.random() < 0.5:
        told = re.sub(r"(?<=\d),(?=\d{3}\b)", "", told)
        told = re.sub(r" (?:per cent|percent)\b", "%", told)
    figures = list(_FIGURE.finditer(told))
    if figures and draw.random() < 0.3:
        figure = draw.choice(figures)
        told = f"{told[: figure.start()]}about {told[figure.start() :]}"
    if told.endswith(".") and draw.random() < 0.3:
        source = draw.choice(_SOURCES)
        told = f"{told[:-1]}, {source}." if draw.random() < 0.5 else f"{source.capitalize()}: {told}"
    return told


def _speaks(name: str, text: str) -> bool:
    """Whether the text gives the name as that of who says so: whoever says it, it is told of the same."""
    name = re.escape(name)
    near = rf"{_SAYS}\b(?:\W+\w+){{0,4}}?\W+{name}\b|\b{name}\b(?:\W+\w+){{0,3}}?\W+{_SAYS}\b"
    return re.search(near, text, re.IGNORECASE) is not None


def _misspelt(name: str, draw: random.Random) -> str:
    """The name with one or two letters after the first exchanged, a vowel for a vowel."""
    letters = list(name)
    for place in draw.sample(range(1, len(letters)), min(len(letters) - 1, draw.choice((1, 2)))):
        group = _VOWELS if letters[place] in _VOWELS else _CONSONANTS
        letters[place] = draw.choice([one for one in group if one != letters[place]])
    return "".join(letters)
