"""Yes/no questions in the very words of a statement, and what becomes of the answer when a word changes.

In stories no source copies the words of a question, and in contrast sets what repeats them is most often told
of another thing: a model that learned from these alone took "The senate approved the bill on Monday" for no
answer to "Did the senate approve the bill?" (own measurement: each of 17 such statements, 12 with over 95 %).
So sentences of the stories are asked for as they stand, or without the phrase at their end: they say yes,
denied no, in doubt neither, and nothing to the question of another name. Where more says yes than denies
or doubts, a model learns that words alone say yes ("Claims that the senate approved the bill are not well
supported"): so all three are told in many ways, and a claim is said to be true as often as to be false. How
two statements relate that differ in a name alone is not made here: of two towns both can be true, of two
winners not (`rivals.py`).
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from eval.training.data.questions import Passage, Question, Story, account_passage
from eval.training.judgements.judgement import RELATION, STANCE, WITHOUT_QUESTION, Judgement
from eval.training.pairs.asking import as_question
from eval.training.pairs.attributed import attribute
from eval.training.pairs.renamed import Names, exchange
from eval.training.pairs.reworded import capital, deny, doubt, plan, small
from eval.training.pairs.verbs import main_verb
from qa.comparison.model import (
    KINDS,
    RELATIONS,
    STANCES,
    ModelStatement,
    Stance,
    relation_texts,
    stance_texts,
)

# Of the statements so many stand with who says so, so many cut to their first clause, so many with nothing
# before them and so many after a sentence of another matter; own choice.
_ATTRIBUTED, _CUT, _BARE, _ASTRAY = 0.3, 0.5, 0.45, 0.15
# Of the questions that are read so many are read in a passage of nothing else.
_ALONE = 0.5
# So many questions are typed in small letters.
_CARELESS = 0.15
# Of the questions that are read so many are of another name, so that nothing answers.
_OF_ANOTHER = 0.3

# Of the statements that can be asked for so many are; of the questions so many ask for less than the clause
# tells, where it can be told shorter; and of what is said of the claim in other words so much is held against
# the statement.
_ASKED, _SHORTER, _AGAINST = 0.5, 0.5, 0.5

_LEAST_WORDS, _MOST_WORDS = 5, 18
# What stands around a clause: `{}`, or a claim that it is so and what becomes of this.
_CLAIMS = ("Claims", "Reports", "Rumours", "Suggestions", "Allegations", "Posts which say", "Assertions")
_AROUND: Mapping[Stance, tuple[str, ...]] = {
    "yes": (
        "It is true that {}.",
        "It is no longer in doubt that {}.",
        "{who} confirmed that {}.",
        "{claim} are true.",
        "{claim} are accurate.",
        "{claim} have been confirmed by {who}.",
        "{claim} turned out to be right.",
        "{claim} are borne out by documents.",
    ),
    "no": (
        "It is not true that {}.",
        "{who} denied that {}.",
        "{who} rejected reports that {}.",
        "Contrary to reports it is not so that {}.",
        "{claim} are false.",
        "{claim} are wrong, {who} said.",
        "{claim} have been refuted.",
        "{claim} are an invention.",
        "{claim} turned out to be untrue.",
    ),
    "open": (
        "It is not known whether {}.",
        "{who} would not say whether {}.",
        "There is no confirmation that {}.",
        "It could not be established whether {}.",
        "{claim} are not supported by any evidence.",
        "{claim} could not be verified.",
        "{claim} name no source.",
        "{claim} remain unproven.",
        "{claim} rest on a single anonymous post.",
        "{claim} have yet to be substantiated.",
        "{claim} should be treated with caution, {who} said.",
    ),
}
_AROUND_RELATION: Mapping[Stance, str] = {
    "yes": "same",
    "no": "conflict polarity",
    "open": "conflict certainty",
}
_WHO = ("the company", "a spokeswoman", "officials", "the ministry", "the union", "police", "her lawyer")
_OPENS = ("Is", "Are", "Was", "Were", "Has", "Have", "Had", "Will", "Did", "Does", "Do")
_UNFIT = re.compile(
    r"(?:it|he|she|they|we|you|i|this|that|these|those|there|who|what|but|and|or|so|then|yet|no|nobody|nothing|none"
    r"|our|my|your)\b|[^A-Za-z]",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(?<=\w)(?:, |; | – | — |: | (?:after|before|because|since|while|although|though|until|as|when) |\.$)"
)
# A phrase at the end without which a plain clause is still true.
_PHRASE = re.compile(
    r"(.+) (?:in|on|at|from|for|by|after|before|during|since|with|over|near) \S+(?: \S+){0,5}"
)
_NARROWS = re.compile(
    r"\b(?:not|only|first|last|never|few|fewer|less|least|most|more|half|part|none|no|all|every|each|almost|nearly"
    r"|hardly|without|if|would|could)\b|n[’']t\b|\d",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\b(?:denied|denies|deny)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, its first clause as a sentence, and the question that asks for this."""

    statement: ModelStatement
    clause: str
    question: str


def claim_of(statement: ModelStatement) -> Claim | None:
    """None where the first clause is no plain one, or tells of "it"."""
    sentence = statement.sentence
    clause = _ENDS.split(sentence)[0].rstrip(".") + "."
    fits = _LEAST_WORDS <= len(clause.split()) <= _MOST_WORDS and not _UNFIT.match(clause)
    if not fits or main_verb(clause) is None:
        return None
    question = as_question(clause)
    if question is None or question.split()[0] not in _OPENS:
        return None
    return Claim(statement, clause, question)


def shorten(clause: str) -> str | None:
    """The clause without the phrase at its end ("on Monday"); None where it may then not be true.

    So what counts, limits or denies is left whole.
    """
    found = _PHRASE.fullmatch(clause.rstrip("."))
    if found is None or _NARROWS.search(clause):
        return None
    left = found[1]
    if (
        main_verb(f"{left}.") is None
        or len(left.split()) < _LEAST_WORDS - 1
        or left.split()[-1].capitalize() in (*_OPENS, "And")
    ):
        return None
    return f"{left}."


class Literal:
    """Makes them; the names that it puts in the place of others are those of `texts`."""

    def __init__(self, texts: Iterable[str]) -> None:
        listed = list(texts)
        self._names = Names(listed)
        self._small = {word for text in listed for word in re.findall(r"\b[a-z]+\b", text)}

    def judgements(self, statements: Iterable[ModelStatement], draw: random.Random) -> Iterator[Judgement]:
        """Stances and relations of the statements that can be asked for."""
        listed = list(statements)
        for statement in listed:
            claim = claim_of(statement) if draw.random() < _ASKED else None
            if claim is not None:
                told = _place(claim, draw.choice(listed).sentence, draw)
                yield from self._of(replace(claim, statement=told), draw)

    def _type(self, question: str, draw: random.Random) -> str:
        """As people type it: what is a name only at the beginning of a sentence small, now and then all."""
        first, word, rest = question.split(" ", 2)
        if word.lower() in self._small:
            word = word.lower()
        typed = f"{first} {word} {rest}"
        return typed.lower().rstrip("?") if draw.random() < _CARELESS else typed

    def _of(self, claim: Claim, draw: random.Random) -> Iterator[Judgement]:
        told, whole = claim.statement, self._type(claim.question, draw)
        short = shorten(claim.clause) if draw.random() < _SHORTER else None
        asked = as_question(short) if short else None
        question = self._type(asked, draw) if asked else whole
        said = replace(told, sentence=attribute(claim.clause, draw))
        yield _stance(question, said if draw.random() < _ATTRIBUTED else told, "yes")
        yield _relation(question, told, said, "same", draw)
        no, doubted = deny(claim.clause, draw), doubt(claim.clause, draw)
        if no is not None:
            other = replace(told, sentence=attribute(no, draw) if draw.random() < _ATTRIBUTED else no)
            yield _stance(whole, other, "no")
            yield _relation(whole, told, other, "conflict polarity", draw)
        if doubted is not None and not _DENIES.search(doubted[0]):
            other = replace(told, sentence=doubted[0])
            yield _stance(whole, other, "open")
            yield _relation(whole, told, other, "conflict certainty", draw)
        for label, ways in _AROUND.items():
            around = replace(told, sentence=_surround(claim.clause, draw.choice(ways), draw))
            yield _stance(question, around, label)
            if draw.random() < _AGAINST:
                yield _relation(question, told, around, _AROUND_RELATION[label], draw)
        planned = plan(claim.clause, draw)
        if planned is not None:
            yield _relation(whole, told, replace(told, sentence=planned), "conflict certainty", draw)
        strange = self.of_another(claim, draw)
        if strange is not None:
            yield _stance(self._type(strange, draw), told, "other")

    def of_another(self, claim: Claim, draw: random.Random) -> str | None:
        """The question with another name; None where it holds none."""
        names = self._names.find_shared(claim.question, claim.clause)
        if not names:
            return None
        (other,) = self._names.draw(1, draw)
        return (
            exchange(claim.question, draw.choice(names), other)
            if other not in claim.statement.sentence
            else None
        )

    def questions(self, stories: Sequence[Story], draw: random.Random) -> Iterator[Question]:
        """A sentence of each story asked for: read in its account or alone, and beside another story's."""
        for story in stories:
            account = draw.choice(story["accounts"])
            passage = account_passage(account, None)
            claims = [
                (at, claim)
                for at, one in enumerate(passage.sentences)
                if (claim := claim_of(ModelStatement(one)))
            ]
            if not claims:
                continue
            at, claim = draw.choice(claims)
            question = self.of_another(claim, draw) if draw.random() < _OF_ANOTHER else None
            told = _passage(passage, at, answers=question is None, alone=draw.random() < _ALONE)
            stranger = account_passage(draw.choice(draw.choice(stories)["accounts"]), None)
            passages = [told] if stranger.text == passage.text else [told, stranger]
            draw.shuffle(passages)
            yield Question(self._type(question or claim.question, draw), "", "yesno", tuple(passages))


def _surround(clause: str, way: str, draw: random.Random) -> str:
    told = small(clause)
    return capital(way.format(told, claim=f"{draw.choice(_CLAIMS)} that {told}", who=draw.choice(_WHO)))


def _place(claim: Claim, other: str, draw: random.Random) -> ModelStatement:
    """The statement, or its first clause, after what stands before it, after nothing, or after `other`."""
    told = claim.statement
    if draw.random() < _CUT:
        told = replace(told, sentence=claim.clause)
    chosen = draw.random()
    if chosen < _BARE:
        return ModelStatement(told.sentence, published=told.published)
    return replace(told, before=other) if chosen < _BARE + _ASTRAY else told


def _passage(passage: Passage, at: int, *, answers: bool, alone: bool) -> Passage:
    sentences = (passage.sentences[at],) if alone else passage.sentences
    if not answers:
        return Passage(passage.title, sentences)
    start = 0 if alone else sum(len(one) + 1 for one in sentences[:at])
    return Passage(passage.title, sentences, start, start + len(passage.sentences[at]))


def _stance(question: str, told: ModelStatement, label: str) -> Judgement:
    texts = stance_texts(question, told)
    return Judgement(*texts, STANCE, STANCES.index(label), answers=int(label != "other"))


def _relation(
    question: str, one: ModelStatement, other: ModelStatement, label: str, draw: random.Random
) -> Judgement:
    """`label` is a relation, a conflict's with its kind."""
    relation, _, kind = label.partition(" ")
    asked = "" if draw.random() < WITHOUT_QUESTION else question
    pair = draw.sample((one, other), 2)
    texts = relation_texts(asked, *pair)
    place = KINDS.index(kind) if kind else -1
    return Judgement(*texts, RELATION, RELATIONS.index(relation), place)
