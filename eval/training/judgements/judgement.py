"""What the comparison model learns from: statements against yes/no questions, and against each other.

A row is two texts. Stance: a statement with the headline and the sentence before it, and a question; of
questions that are not answered by yes or no, whether it answers at all. Relation: how much later it was
published, a statement and what of it answers; and the question with the other source's answer and statement.
Some of the relations stand without question and answers, as a survey knows none. Pairs of the public sets
come as either, so that the model stays good at what they teach.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from eval.training.data.examples import Example
from eval.training.data.questions import Story, account_passage, needed_words, public_questions
from eval.training.data.strangers import Strangers
from eval.training.pairs.pair import LABELS as NLI_LABELS
from eval.training.pairs.pair import Pair
from qa.comparison.model import KINDS, RELATIONS, STANCES, ModelStatement, relation_texts, stance_texts
from qa.language.terms import terms
from qa.question.conversation import Understood

STANCE, RELATION, ANSWER = 0, 1, 2

# Of the relations so many stand without their question.
WITHOUT_QUESTION = 0.3

# Shares of a round; own choice, so that a round of 1,200 stories is about 7 million tokens. Of the accounts
# that answer so many are held against a sentence of the same story that does not; of the questions so many
# meet a sentence of another story, alone and beside each answer; of the answers, and of the accounts, so many
# are taken to learn what answers to questions of other kinds than yes/no.
_STRAY = 0.6
_STRANGE = 0.35
_STRANGE_PAIR = 0.2
_ANSWERS, _NO_ANSWERS = 0.55, 0.35

# A figure with the word after it: what such a sentence would be quoted for.
_FIGURE = re.compile(r"[$€£]?\d[\d.,:]*(?: ?%| (?:per cent|percent|million|billion|trillion))?(?: [a-z]+)?")

# Of the relations, updates apart, so many that tell how far apart in time lose this, and so many that do not
# are of one day: every account of a story is dated and few statements of contrast sets are, so that the lack
# of days alone spoke for two that can both be true (own measurement: a conflict with 77 % of one day, 36 %
# without).
_UNDATED, _DATED = 0.3, 0.4
_GAP = re.compile(r"(?:same day|\d+ (?:day|month|year)s? (?:later|earlier)) \| ")

GAPS = ("", "same day", "1 day later", "1 day earlier", "6 days later", "3 months earlier", "1 year later")
"""How far apart in time two made statements are told, as `qa.comparison.model` says it; "": not known."""
AT_ONCE = GAPS[:2]
"""Of those that conflict: on a later day the state may be another."""

_NLI_RELATION = {"entailment": "same", "neutral": "both", "contradiction": "conflict"}
_NLI_STANCE = {"entailment": "yes", "neutral": "other", "contradiction": "no"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two texts, what is asked of them (STANCE, RELATION or ANSWER), the label, and a conflict's kind or -1.

    `label` is a place in STANCES or RELATIONS, -1 for ANSWER, `kind` in KINDS; `answers` is 1 where the
    statement answers the question, 0 where it does not, and -1 where that is not known. `beside`: of two
    statements one, at least, does not answer what is asked.
    """

    first: str
    second: str
    task: int
    label: int
    kind: int = -1
    answers: int = -1
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What one account says to a question: its statement, and the verdict of a yes/no question."""

    statement: ModelStatement
    verdict: str | None


def stance_judgements(
    story: Story, draw: random.Random, strangers: Strangers | None = None
) -> list[Judgement]:
    """Each account's deciding statement, and sentences near the question that do not decide it."""
    made: list[Judgement] = []
    for question in story["questions"]:
        if question["kind"] != "yesno":
            continue
        asked = _put_question(question, draw)
        for account in story["accounts"]:
            answer = question["answers"].get(account["key"])
            told = read_told(account, answer)
            if told is not None and told.verdict in STANCES:
                made.append(_stance(asked, told.statement, told.verdict, answers=1))
            if draw.random() < _STRAY:
                stray = stray_statement(account, answer, asked, draw)
                if stray is not None:
                    made.append(_stance(asked, stray, "other", answers=0))
        stranger = _stranger(question, strangers, draw, _STRANGE)
        if stranger is not None:
            made.append(_stance(asked, stranger, "other", answers=0))
    return made


def answer_judgements(
    story: Story, draw: random.Random, strangers: Strangers | None = None
) -> list[Judgement]:
    """Statements that answer a question of another kind, and sentences near it that do not."""
    made: list[Judgement] = []
    for question in story["questions"]:
        if question["kind"] == "yesno":
            continue
        asked = _put_question(question, draw)
        for account in story["accounts"]:
            answer = question["answers"].get(account["key"])
            told = read_told(account, answer)
            if told is not None and draw.random() < _ANSWERS:
                made.append(_answer(asked, told.statement, answers=1))
            if draw.random() < _NO_ANSWERS:
                stray = stray_statement(account, answer, asked, draw)
                if stray is not None:
                    made.append(_answer(asked, stray, answers=0))
        stranger = _stranger(question, strangers, draw, _STRANGE)
        if stranger is not None:
            made.append(_answer(asked, stranger, answers=0))
    return made


def _stranger(
    question: Mapping[str, Any], strangers: Strangers | None, draw: random.Random, share: float
) -> ModelStatement | None:
    if strangers is None or draw.random() >= share:
        return None
    return strangers.draw(question["standalone"], draw)


def relation_judgements(
    story: Story,
    draw: random.Random,
    strangers: Strangers | None = None,
) -> list[Judgement]:
    """Each two accounts that answer, in one of the two orders, and answers with sentences that are none."""
    made: list[Judgement] = []
    disputed = _find_disputed(story)
    for question in story["questions"]:
        told = read_all_told(story, question)
        related = {frozenset((one["a"], one["b"])): one for one in question["relations"]}
        for pair in combinations(sorted(told), 2):
            relation = related.get(frozenset(pair))
            if relation is None:
                continue
            one, other = pair if draw.random() < 0.5 else pair[::-1]
            asked = "" if draw.random() < WITHOUT_QUESTION else _put_question(question, draw)
            made.append(_relation(asked, told[one].statement, told[other].statement, relation))
        made += _strays(story, question, told, disputed, draw)
        for key in sorted(told):
            stranger = _stranger(question, strangers, draw, _STRANGE_PAIR)
            if stranger is not None:
                made.append(_beside(_put_question(question, draw), told[key].statement, stranger, draw))
    return made


def tell_after(gap: str, statement: str) -> str:
    """The statement with how far it is from the other in time before it, as `relation_texts` writes it."""
    return f"{gap} | {statement}" if gap else statement


def redate(made: Iterable[Judgement], draw: random.Random) -> Iterator[Judgement]:
    """The same judgements, some relations with how far apart in time and some without."""
    for one in made:
        if one.task != RELATION or one.label == RELATIONS.index("update"):
            yield one
        elif gap := _GAP.match(one.first):
            yield replace(one, first=one.first[gap.end() :]) if draw.random() < _UNDATED else one
        else:
            yield replace(one, first=tell_after("same day", one.first)) if draw.random() < _DATED else one


def read_all_told(story: Story, question: Mapping[str, Any]) -> dict[str, Told]:
    """What each account that answers says, by its key."""
    return {
        account["key"]: found
        for account in story["accounts"]
        if (found := read_told(account, question["answers"].get(account["key"]))) is not None
    }


def _find_disputed(story: Story) -> set[frozenset[str]]:
    """The sentences that conflict, or update each other, as answers to any question of the story."""
    found: set[frozenset[str]] = set()
    for question in story["questions"]:
        told = read_all_told(story, question)
        for one in question["relations"]:
            if one["label"] in ("conflict", "update") and one["a"] in told and one["b"] in told:
                found.add(frozenset(told[key].statement.sentence for key in (one["a"], one["b"])))
    return found


def _strays(
    story: Story,
    question: Mapping[str, Any],
    told: Mapping[str, Told],
    disputed: set[frozenset[str]],
    draw: random.Random,
) -> Iterable[Judgement]:
    """Answers against what looks like one and is none: of another thing, place, time or part.

    What conflicts as an answer to another question is left out: it is no example of what can both be true.
    """
    for key in sorted(told):
        others = [one for one in story["accounts"] if one["key"] != key]
        if not others or draw.random() >= _STRAY:
            continue
        account = draw.choice(others)
        answer = question["answers"].get(account["key"])
        statement = told[key].statement
        stray = stray_statement(account, answer, question["standalone"], draw, like=statement.quote)
        if stray is not None and frozenset((statement.sentence, stray.sentence)) not in disputed:
            yield _beside(_put_question(question, draw), statement, stray, draw)
    if not told and len(story["accounts"]) > 1:  # what nobody answers, nobody disputes
        accounts = draw.sample(story["accounts"], 2)
        both = [stray_statement(one, None, question["standalone"], draw) for one in accounts]
        found = [one for one in both if one is not None]
        if len(found) > 1 and frozenset(one.sentence for one in found) not in disputed:
            yield _beside(_put_question(question, draw), found[0], found[1], draw)


def _beside(asked: str, statement: ModelStatement, stray: ModelStatement, draw: random.Random) -> Judgement:
    """Two statements that can both be true, in either order, now and then without the question."""
    asked = "" if draw.random() < WITHOUT_QUESTION else asked
    pair = (statement, stray) if draw.random() < 0.5 else (stray, statement)
    made = _relation(asked, *pair, {"label": "compatible", "kind": None})
    return replace(made, beside=bool(asked))


def _put_question(question: Mapping[str, Any], draw: random.Random) -> str:
    """The question as it stands alone; a follow-up now and then as asked, with the words that it needs."""
    if not question["follow"] or draw.random() < 0.4:
        return str(question["standalone"])
    words = tuple(needed_words(question["question"], question["standalone"]))
    return Understood(question["question"], words).standalone


def read_told(account: Mapping[str, Any], answer: Mapping[str, Any] | None) -> Told | None:
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
    return Told(
        ModelStatement(sentence, quote, before, passage.title, account["published"]), answer["verdict"]
    )


def stray_statement(
    account: Mapping[str, Any],
    answer: Mapping[str, Any] | None,
    asked: str,
    draw: random.Random,
    *,
    like: str = "",
) -> ModelStatement | None:
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
    return ModelStatement(text, quote, before, passage.title, account["published"])


def public_judgements(pairs: Sequence[Pair]) -> list[Judgement]:
    """Pairs of public sets: those put as a question as stances, the others as relations."""
    made: list[Judgement] = []
    for pair in pairs:
        label = NLI_LABELS[pair.label]
        if pair.hypothesis.rstrip().endswith("?"):
            made.append(_stance(pair.hypothesis, ModelStatement(pair.premise), _NLI_STANCE[label]))
        else:
            relation = {"label": _NLI_RELATION[label], "kind": None}
            made.append(
                _relation("", ModelStatement(pair.hypothesis), ModelStatement(pair.premise), relation)
            )
    return made


def public_answers(examples: Sequence[Example], draw: random.Random) -> Iterator[Judgement]:
    """Of each question of a public set the sentence that answers it, and the likest of the others there."""
    for question in public_questions(examples, draw):
        for passage in question.passages:
            length, right, others = 0, None, []
            for number, sentence in enumerate(passage.sentences):
                if passage.answers and length <= passage.start < length + len(sentence):
                    right = number
                else:
                    others.append(number)
                length += len(sentence) + 1
            wanted = frozenset(terms(question.text))
            shared = {at: len(wanted & frozenset(terms(passage.sentences[at]))) for at in others}
            nearest = max(others, key=lambda at: (shared[at], -at), default=None)
            for at, answers in ((right, 1), (nearest, 0)):
                if at is not None:
                    before = passage.sentences[at - 1] if at else ""
                    yield _answer(
                        question.text, ModelStatement(passage.sentences[at], before=before), answers=answers
                    )


def _stance(asked: str, statement: ModelStatement, verdict: str, answers: int = -1) -> Judgement:
    return Judgement(*stance_texts(asked, statement), STANCE, STANCES.index(verdict), answers=answers)


def _answer(asked: str, statement: ModelStatement, answers: int) -> Judgement:
    return Judgement(*stance_texts(asked, statement), ANSWER, -1, answers=answers)


def _relation(
    asked: str, one: ModelStatement, other: ModelStatement, relation: Mapping[str, Any]
) -> Judgement:
    label = {"agree": "same", "compatible": "both"}.get(relation["label"], relation["label"])
    kind = KINDS.index(relation["kind"]) if relation["kind"] in KINDS else -1
    return Judgement(*relation_texts(asked, one, other), RELATION, RELATIONS.index(label), kind)
