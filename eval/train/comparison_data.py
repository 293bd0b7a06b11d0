"""What the comparison model learns from: statements against yes/no questions, and against each other.

A row is two texts. Stance: a statement with the headline and the sentence before it, and a question.
Relation: how much later it was published, a statement and what of it answers; and the question with the other
source's answer and statement. Some of the relations stand without question and answers, as a survey knows
none. Pairs of the public sets come as either, so that the model stays good at what they teach.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from eval.train.pair import LABELS as NLI_LABELS
from eval.train.pair import Pair
from eval.train.questions import Story, account_passage, needed_words
from qa.comparison import KINDS, RELATIONS, STANCES, Statement, relation_texts, stance_texts
from qa.conversation import Understood
from qa.terms import terms

STANCE, RELATION = 0, 1

# Of the relations so many stand without their question; of the accounts that answer, so many are also held
# against a sentence that does not answer.
WITHOUT_QUESTION = 0.3
_STRAY = 0.9

# A figure with the word after it: what such a sentence would be quoted for.
_FIGURE = re.compile(r"[$€£]?\d[\d.,:]*(?: ?%| (?:per cent|percent|million|billion|trillion))?(?: [a-z]+)?")

_NLI_RELATION = {"entailment": "same", "neutral": "both", "contradiction": "conflict"}
_NLI_STANCE = {"entailment": "yes", "neutral": "other", "contradiction": "no"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two texts, what is asked of them (STANCE or RELATION), the label, and a conflict's kind or -1.

    `label` is a place in STANCES or RELATIONS, `kind` in KINDS.
    """

    first: str
    second: str
    task: int
    label: int
    kind: int = -1


@dataclass(frozen=True, slots=True)
class Told:
    """What one account says to a question: its statement, and the verdict of a yes/no question."""

    statement: Statement
    verdict: str | None


def stance_judgements(story: Story, draw: random.Random) -> list[Judgement]:
    """Each account's deciding statement, and sentences near the question that do not decide it."""
    made: list[Judgement] = []
    for question in story["questions"]:
        if question["kind"] != "yesno":
            continue
        asked = _asked(question, draw)
        for account in story["accounts"]:
            answer = question["answers"].get(account["key"])
            told = told_by(account, answer)
            if told is not None and told.verdict in STANCES:
                made.append(_stance(asked, told.statement, told.verdict))
            if draw.random() < _STRAY:
                stray = stray_statement(account, answer, asked, draw)
                if stray is not None:
                    made.append(_stance(asked, stray, "other"))
    return made


def relation_judgements(story: Story, draw: random.Random) -> list[Judgement]:
    """Each ordered pair of accounts that answer, and of an answer with a sentence that is none."""
    made: list[Judgement] = []
    for question in story["questions"]:
        told = {
            account["key"]: found
            for account in story["accounts"]
            if (found := told_by(account, question["answers"].get(account["key"]))) is not None
        }
        related = {frozenset((one["a"], one["b"])): one for one in question["relations"]}
        for one, other in permutations(sorted(told), 2):
            relation = related.get(frozenset((one, other)))
            if relation is None:
                continue
            asked = "" if draw.random() < WITHOUT_QUESTION else _asked(question, draw)
            made.append(_relation(asked, told[one].statement, told[other].statement, relation))
        made += _strays(story, question, told, draw)
    return made


def _strays(
    story: Story, question: Mapping[str, Any], told: Mapping[str, Told], draw: random.Random
) -> Iterable[Judgement]:
    """Answers against what looks like one and is none: of another thing, place, time or part."""
    nothing = {"label": "compatible", "kind": None}
    for key in sorted(told):
        others = [one for one in story["accounts"] if one["key"] != key]
        if not others or draw.random() >= _STRAY:
            continue
        account = draw.choice(others)
        answer = question["answers"].get(account["key"])
        stray = stray_statement(account, answer, question["standalone"], draw, like=told[key].statement.quote)
        if stray is not None:
            asked = "" if draw.random() < WITHOUT_QUESTION else _asked(question, draw)
            pair = (told[key].statement, stray) if draw.random() < 0.5 else (stray, told[key].statement)
            yield _relation(asked, *pair, nothing)
    if not told and len(story["accounts"]) > 1:  # what nobody answers, nobody disputes
        accounts = draw.sample(story["accounts"], 2)
        both = [stray_statement(one, None, question["standalone"], draw) for one in accounts]
        if both[0] is not None and both[1] is not None:
            yield _relation(_asked(question, draw), both[0], both[1], nothing)


def _asked(question: Mapping[str, Any], draw: random.Random) -> str:
    """The question as it stands alone; a follow-up now and then as asked, with the words that it needs."""
    if not question["follow"] or draw.random() < 0.4:
        return str(question["standalone"])
    words = tuple(needed_words(question["question"], question["standalone"]))
    return Understood(question["question"], words).standalone


def told_by(account: Mapping[str, Any], answer: Mapping[str, Any] | None) -> Told | None:
    """What the account says in its answer; None where it is silent."""
    if answer is None:
        return None
    passage = account_passage(account, answer)
    if not passage.answers:
        return None
    length, inside = 0, []
    for number, sentence in enumerate(passage.sentences):
        if length < passage.end and length + len(sentence) > passage.start:
            inside.append(number)
        length += len(sentence) + 1
    sentence = " ".join(passage.sentences[inside[0] : inside[-1] + 1])
    before = passage.sentences[inside[0] - 1] if inside[0] else ""
    quote = passage.text[passage.start : passage.end]
    return Told(Statement(sentence, quote, before, passage.title, account["published"]), answer["verdict"])


def stray_statement(
    account: Mapping[str, Any],
    answer: Mapping[str, Any] | None,
    asked: str,
    draw: random.Random,
    *,
    like: str = "",
) -> Statement | None:
    """A sentence of the account that does not answer, most often the one nearest to the question.

    With a figure in `like` it is one with a figure, where there is one: what a reader takes for an answer.
    """
    passage = account_passage(account, answer)
    wanted = frozenset(terms(asked))
    length, others = 0, []
    for number, sentence in enumerate(passage.sentences):
        apart = not passage.answers or length >= passage.end or length + len(sentence) <= passage.start
        length += len(sentence) + 1
        if apart and len(sentence) > 25:
            others.append(number)
    if _FIGURE.search(like):
        others = [at for at in others if _FIGURE.search(passage.sentences[at])] or others
    if not others:
        return None
    nearest = max(others, key=lambda at: (len(wanted & frozenset(terms(passage.sentences[at]))), -at))
    chosen = nearest if draw.random() < 0.7 else draw.choice(others)
    before = passage.sentences[chosen - 1] if chosen else ""
    text = passage.sentences[chosen]
    figures = _FIGURE.findall(text) if _FIGURE.search(like) else []
    quote = draw.choice(figures) if figures else text
    return Statement(text, quote, before, passage.title, account["published"])


def public_judgements(pairs: Sequence[Pair]) -> list[Judgement]:
    """Pairs of public sets: those put as a question as stances, the others as relations."""
    made: list[Judgement] = []
    for pair in pairs:
        label = NLI_LABELS[pair.label]
        if pair.hypothesis.rstrip().endswith("?"):
            made.append(_stance(pair.hypothesis, Statement(pair.premise), _NLI_STANCE[label]))
        else:
            relation = {"label": _NLI_RELATION[label], "kind": None}
            made.append(_relation("", Statement(pair.hypothesis), Statement(pair.premise), relation))
    return made


def _stance(asked: str, statement: Statement, verdict: str) -> Judgement:
    return Judgement(*stance_texts(asked, statement), STANCE, STANCES.index(verdict))


def _relation(asked: str, one: Statement, other: Statement, relation: Mapping[str, Any]) -> Judgement:
    label = {"agree": "same", "compatible": "both"}.get(relation["label"], relation["label"])
    kind = KINDS.index(relation["kind"]) if relation["kind"] in KINDS else -1
    return Judgement(*relation_texts(asked, one, other), RELATION, RELATIONS.index(label), kind)
