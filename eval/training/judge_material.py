"""What each round of the judge's training reads: excerpts of accounts, pairs of statements, and public sets.

Of a story's question each account is read as the pipeline reads it: the sentences that the shipped reader
proposes, with those beside them, and the deciding one in any case. Pairs are what the accounts answer, and
what the reader proposes wrongly: that one of two does not answer is what the judge has to see most often.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from eval.training.data.examples import Example, is_held_out, read_source
from eval.training.data.proposals import Key, Proposal
from eval.training.data.questions import Passage, Story, account_passage, needed_words, public_questions
from eval.training.data.strangers import statements_of
from eval.training.data.windows import batches
from eval.training.judgements.contrast import ContrastSet, contrast_judgements
from eval.training.judgements.elsewhere import Elsewhere
from eval.training.judgements.judge_rows import JudgeRow, ReadExcerpt, excerpt_rows, statement_rows
from eval.training.judgements.judgement import (
    RELATION,
    Judgement,
    public_judgements,
    read_all_told,
    redate,
)
from eval.training.judgements.literal import Literal
from eval.training.judgements.rivals import Rivals, rival_judgements
from eval.training.pairs.statements import PairMixture, read_data
from qa.comparison.excerpt import EXCERPT_TOKENS, Excerpt, choose_sentences
from qa.comparison.model import KINDS, RELATIONS, ModelStatement, judge_relation_texts
from qa.language.terms import terms
from qa.question.conversation import Understood

# Of the questions of a story so many are taken in a round: of stories of few sources, and of those of many,
# which are nearer to what the judge is for and of which there are fewer.
FEW, MANY = 0.6, 1.0
MANY_SOURCES = 4
# Of a question's accounts so many: that answer, that are silent; and to so many questions a stranger.
ANSWERING, SILENT, STRANGE = 0.8, 0.5, 0.15
# Of the pairs of a question's answers so many; and so many with a statement that does not answer.
PAIRS, WRONG_PAIRS = 0.9, 1.2
# Of the pairs of answers so many are judged without the question, as a survey does.
_UNASKED = 0.45
# So much room has an excerpt in word pieces, drawn, so that short and long ones are met.
_ROOM = (80, EXCERPT_TOKENS - 40)
# Of the accounts' sentences so many are drawn, of which some are copied with a change.
_COPIED = 6_000
# Of follow-ups so many are asked whole; the others with the words that they need.
_WHOLE = 0.4

# Tokens of the other sets for each of the stories' own.
SHARES = {
    "contrast": 0.22,
    "rivals": 0.02,
    "elsewhere": 0.07,
    "literal": 0.03,
    "pairs": 0.30,
    "reading": 0.10,
    "passages": 0.07,
    "web": 0.07,
}

# Sets of questions that are read as excerpts, and how many of each in a round.
READ = {
    "squad-train": 2_500,
    "unansq": 2_500,
    "naturalquestions-train": 2_000,
    "tydiqa-en-train": 1_500,
    "hotpotqa-train": 700,
    "bioasq-train": 500,
    "qed-dev": 700,
    "squadshifts-new_wiki": 1_000,
    "squadshifts-reddit": 400,
    "fairytaleqa-train": 700,
    "qamr-dev": 500,
}

_VERDICTS = {"yes": "yes", "no": "no", "open": "open", "unanswered": "other"}


@dataclass(frozen=True, slots=True)
class Own:
    """What was written for the project, what the reader proposes for it, and where the public sets lie."""

    stories: Sequence[Story]
    proposals: Mapping[Key, Proposal]
    contrast: Sequence[ContrastSet]
    rivals: Sequence[Rivals]
    data: Path


class JudgeMaterial:
    """The batches of each round: the same ones every time."""

    def __init__(self, own: Own, tokenizer: Tokenizer, *, seed: int, batch_tokens: int) -> None:
        self._own, self._tokenizer = own, tokenizer
        self._seed, self._batch_tokens = seed, batch_tokens
        self._lengths: dict[str, int] = {}
        # Where the reader was asked of some questions, these are taken: what it proposes wrongly counts most.
        self._asked = {(story, number) for story, number, _ in own.proposals}
        self._accounts = [account for story in own.stories for account in story["accounts"]]
        self._terms: list[frozenset[str]] = [frozenset(terms(one["text"])) for one in self._accounts]
        statements = [one for account in self._accounts for one in statements_of(account)]
        self._sentences = [one.sentence for one in statements]
        self._statements = [*statements, *(each.statement for one in own.contrast for each in one.said)]
        texts = [one.sentence for one in self._statements]
        self._elsewhere, self._literal = Elsewhere(texts), Literal(texts)
        self._pairs = PairMixture(read_data(own.data), seed)
        self._examples = {name: read_source(own.data / "qa", name) for name in READ}
        self._examples["unansq"] = [one for one in self._examples["unansq"] if not is_held_out(one.context)]
        self._passages = read_stances(own.data)
        self._web = [one for one in read_web(own.data) if not is_held_out_web(one["question"])]

    def round(self, number: int) -> list[list[JudgeRow]]:
        """The batches of round `number`."""
        draw = random.Random(f"judge {self._seed} {number}")  # noqa: S311 - no secret
        excerpts, pairs = self._stories(draw)
        told = list(redate(pairs, draw))
        rows = [*excerpt_rows(self._tokenizer, excerpts), *statement_rows(self._tokenizer, told)]
        size = float(sum(map(len, rows)))
        sets = contrast_judgements(list(self._own.contrast), draw)
        copied = min(_COPIED, len(self._sentences))
        disputes = [one for one in (*told, *sets) if one.task == RELATION]
        web_excerpts, web_pairs = web_material(self._web, draw)
        parts: list[tuple[str, Callable[[], list[JudgeRow]]]] = [
            ("contrast", lambda: self._rows(sets, draw)),
            ("rivals", lambda: self._rows(rival_judgements(list(self._own.rivals), draw), draw)),
            (
                "elsewhere",
                lambda: self._rows(
                    self._elsewhere.make(disputes, draw.sample(self._sentences, copied), draw), draw
                ),
            ),
            ("literal", lambda: self._rows(self._literal.judgements(self._statements, draw), draw)),
            ("pairs", lambda: self._rows(public_judgements(self._pairs.round(number)), draw)),
            ("reading", lambda: excerpt_rows(self._tokenizer, list(self._read_public(draw)))),
            (
                "passages",
                lambda: excerpt_rows(self._tokenizer, [self._cut(one) for one in self._passages]),
            ),
            (
                "web",
                lambda: [
                    *excerpt_rows(self._tokenizer, web_excerpts),
                    *statement_rows(self._tokenizer, web_pairs),
                ],
            ),
        ]
        for name, make in parts:
            rows += _some(make(), SHARES[name] * size, draw)
        return batches(rows, self._batch_tokens, draw)

    def _rows(self, made: Iterable[Judgement], draw: random.Random) -> list[JudgeRow]:
        return statement_rows(self._tokenizer, list(redate(made, draw)))

    def _stories(self, draw: random.Random) -> tuple[list[ReadExcerpt], list[Judgement]]:
        excerpts: list[ReadExcerpt] = []
        pairs: list[Judgement] = []
        for story in self._own.stories:
            share = MANY if len(story["accounts"]) >= MANY_SOURCES else FEW
            for number, question in enumerate(story["questions"]):
                known = not self._asked or (story["id"], number) in self._asked
                if draw.random() < share and known:
                    excerpts += self.excerpts(story, number, draw)
                    pairs += self.pairs(story, number, draw)
                    strange = self._stranger(story, question, draw) if draw.random() < STRANGE else None
                    excerpts += [] if strange is None else [strange]
        return excerpts, pairs

    def excerpts(
        self, story: Story, number: int, draw: random.Random, *, all_of_them: bool = False
    ) -> Iterator[ReadExcerpt]:
        """The accounts of a story as they are read for its question `number`; with `all_of_them` each."""
        question = story["questions"][number]
        asked = put_question(question, draw) if not all_of_them else question["standalone"]
        for account in story["accounts"]:
            answer = question["answers"].get(account["key"])
            if all_of_them or draw.random() < (SILENT if answer is None else ANSWERING):
                room = _ROOM[1] if all_of_them else draw.randint(*_ROOM)
                scores = self._scores(story, number, account, question["standalone"])
                yield self._excerpt(account, question, asked, scores, room)

    def _scores(self, story: Story, number: int, account: Mapping[str, Any], asked: str) -> Sequence[float]:
        """As the reader proposes, or, where it was not asked, by the words that a sentence shares."""
        known = self._own.proposals.get((story["id"], number, account["key"]))
        sentences = account_passage(account, None).sentences
        if known is not None and len(known.scores) == len(sentences):
            return known.scores
        wanted = frozenset(terms(asked))
        return [len(wanted & frozenset(terms(one))) / (1 + len(wanted)) for one in sentences]

    def _excerpt(
        self,
        account: Mapping[str, Any],
        question: Mapping[str, Any],
        asked: str,
        scores: Sequence[float],
        room: int,
    ) -> ReadExcerpt:
        answer = question["answers"].get(account["key"])
        passage = account_passage(account, answer)
        yes_no = question["kind"] == "yesno"
        if answer is None or not passage.answers:
            excerpt, _ = self._choose(passage, scores, room, ())
            answers = 0 if answer is None else -1
            verdict = "other" if yes_no and answer is None else ""
            return ReadExcerpt(excerpt, asked, verdict, answers, spans=answers == 0 and not yes_no)
        inside = inside_of(passage)
        excerpt, places = self._choose(passage, scores, room, inside)
        begin = sum(len(one) + 1 for one in passage.sentences[: inside[0]])
        span = (passage.start - begin, passage.end - begin) if len(inside) == 1 and not yes_no else None
        verdict = answer["verdict"] if yes_no else ""
        return ReadExcerpt(excerpt, asked, verdict, 1, places, span, spans=span is not None)

    def _choose(
        self, passage: Passage, scores: Sequence[float], room: int, wanted: Sequence[int]
    ) -> tuple[Excerpt, tuple[int, ...]]:
        """The excerpt, and the places in it of the sentences that are wanted in any case."""
        lengths = [self._length(one) for one in passage.sentences]
        room -= self._length(passage.title)
        chosen = choose_sentences(scores, lengths, room)
        if set(wanted) - set(chosen):  # the likeliest and what decides
            best = [float(at in wanted) or one / 2 for at, one in enumerate(scores)]
            chosen = sorted({*choose_sentences(best, lengths, room), *wanted})
        sentences = tuple(passage.sentences[at] for at in chosen)
        excerpt = Excerpt(passage.title, sentences, tuple(chosen))
        return excerpt, tuple(chosen.index(at) for at in wanted)

    def _length(self, text: str) -> int:
        known = self._lengths.get(text)
        if known is None:
            self._tokenizer.no_truncation()
            known = self._lengths[text] = len(self._tokenizer.encode(text, add_special_tokens=False).ids)
        return known

    def _stranger(self, story: Story, question: Mapping[str, Any], draw: random.Random) -> ReadExcerpt | None:
        """The account of another story that shares most words with the question, of some drawn."""
        asked = frozenset(terms(question["standalone"]))
        own = {one["text"] for one in story["accounts"]}
        some = draw.sample(range(len(self._accounts)), min(200, len(self._accounts)))
        others = [at for at in some if self._accounts[at]["text"] not in own]
        if not others:
            return None
        account = self._accounts[max(others, key=lambda at: (len(asked & self._terms[at]), -at))]
        silent = {**question, "answers": {}}
        sentences = account_passage(account, None).sentences
        scores = [len(asked & frozenset(terms(one))) / (1 + len(asked)) for one in sentences]
        return self._excerpt(account, silent, question["standalone"], scores, draw.randint(*_ROOM))

    def pairs(self, story: Story, number: int, draw: random.Random) -> list[Judgement]:
        """What the accounts answer held against each other, and against what the reader takes for answers."""
        question = story["questions"][number]
        told = {key: one.statement for key, one in read_all_told(story, question).items()}
        related = {frozenset((one["a"], one["b"])): one for one in question["relations"]}
        made: list[Judgement] = []
        for one, other in combinations(sorted(told), 2):
            relation = related.get(frozenset((one, other)))
            if relation is not None and draw.random() < PAIRS:
                label = {"agree": "same", "compatible": "both"}.get(relation["label"], relation["label"])
                asked = "" if draw.random() < _UNASKED else put_question(question, draw)
                both = draw.sample((told[one], told[other]), 2)
                kind = KINDS.index(relation["kind"]) if relation["kind"] in KINDS else -1
                texts = judge_relation_texts(asked, both[0], both[1])
                made.append(Judgement(*texts, RELATION, RELATIONS.index(label), kind))
        wrong = [one for account in story["accounts"] for one in self._wrong(story, number, account)]
        right = list(told.items())
        for key, statement in draw.sample(wrong, min(len(wrong), round(WRONG_PAIRS + draw.random()))):
            others = [one for one in (*right, *wrong) if one[0] != key]
            if others:
                _, beside = draw.choice([one for one in right if one[0] != key] or others)
                two = draw.sample((statement, beside), 2)
                texts = judge_relation_texts(put_question(question, draw), two[0], two[1])
                made.append(Judgement(*texts, RELATION, RELATIONS.index("both"), beside=True))
        return made

    def _wrong(
        self, story: Story, number: int, account: Mapping[str, Any]
    ) -> Iterator[tuple[str, ModelStatement]]:
        """What the reader proposes of the account, most likely first, and that does not answer.

        Of an account that answers only what shares no value with its answer; nothing to yes/no questions,
        to which further sentences may say something too.
        """
        question = story["questions"][number]
        answer = question["answers"].get(account["key"])
        known = self._own.proposals.get((story["id"], number, account["key"]))
        if known is None or (answer is not None and question["kind"] == "yesno"):
            return
        passage = account_passage(account, answer)
        if len(known.scores) != len(passage.sentences) or (answer is not None and not passage.answers):
            return
        gold = inside_of(passage) if passage.answers else []
        said = frozenset(terms(answer["text"])) if answer is not None else frozenset()
        for at in known.likeliest()[: 1 if answer is None else 2]:
            sentence = passage.sentences[at]
            held = said & frozenset(terms(sentence))
            if at in gold or at not in known.quotes or 2 * len(held) > len(said) > 0 or len(sentence) < 25:
                continue
            first, last = known.quotes[at]
            before = passage.sentences[at - 1] if at else ""
            quote = sentence[first:last] or sentence
            yield account["key"], ModelStatement(sentence, quote, before, passage.title, account["published"])

    def _read_public(self, draw: random.Random) -> Iterator[ReadExcerpt]:
        """Questions of public sets, in a part of their passage that holds the answer."""
        some: list[Example] = []
        for name, count in READ.items():
            held = self._examples[name]
            some += draw.sample(held, min(count, len(held)))
        for question in public_questions(some, draw):
            for passage in question.passages:
                inside = inside_of(passage) if passage.answers else []
                scores = [draw.random() for _ in passage.sentences]
                excerpt, places = self._choose(passage, scores, draw.randint(*_ROOM), inside)
                if not passage.answers:
                    yield ReadExcerpt(excerpt, question.text, "", 0, spans=True)
                    continue
                begin = sum(len(one) + 1 for one in passage.sentences[: inside[0]])
                span = (passage.start - begin, passage.end - begin) if len(inside) == 1 else None
                yield ReadExcerpt(excerpt, question.text, "", 1, places, span, spans=span is not None)

    def _cut(self, one: tuple[Passage, str, str]) -> ReadExcerpt:
        """A passage of which only the whole is judged: what a row takes of it, by the question's words."""
        passage, asked, label = one
        wanted = frozenset(terms(asked))
        scores = [len(wanted & frozenset(terms(text))) / (1 + len(wanted)) for text in passage.sentences]
        excerpt, _ = self._choose(passage, scores, EXCERPT_TOKENS - 30, ())
        return ReadExcerpt(excerpt, asked, _VERDICTS[label], int(label != "unanswered"))


def inside_of(passage: Passage) -> list[int]:
    """The numbers of the sentences that the answer lies in."""
    length, inside = 0, []
    for number, sentence in enumerate(passage.sentences):
        if length < passage.end and length + len(sentence) > passage.start:
            inside.append(number)
        length += len(sentence) + 1
    return inside


def put_question(question: Mapping[str, Any], draw: random.Random) -> str:
    """The question as it stands alone; a follow-up now and then as asked, with the words that it needs."""
    if not question["follow"] or draw.random() < _WHOLE:
        return str(question["standalone"])
    words = tuple(needed_words(question["question"], question["standalone"]))
    return Understood(question["question"], words).standalone


def read_stances(data: Path) -> list[tuple[Passage, str, str]]:
    """Passages with a yes/no question and its label, of the sets in `data`/stance."""
    found: list[tuple[Passage, str, str]] = []
    for name in ("boolq3l-dev", "pubmedqa"):
        for one in _read(data / "stance" / f"{name}.jsonl.gz"):
            example = Example(one["question"], one["passage"], -1, -1, one["title"], name)
            (question,) = public_questions([example], random.Random(0))  # noqa: S311 - no secret
            passage = Passage(one["title"], question.passages[0].sentences)
            found.append((passage, one["question"], one["label"]))
    return found


def read_web(data: Path) -> list[dict[str, Any]]:
    """Natural questions with snippets of pages, and which of them support which answer."""
    return _read(data / "conflict" / "qacc.jsonl.gz")


def is_held_out_web(question: str) -> bool:
    """One in five natural questions, by its own words: they fit and choose, and train nothing."""
    return random.Random(f"web {question}").random() < 0.2  # noqa: S311 - no secret


def web_material(
    questions: Sequence[Mapping[str, Any]], draw: random.Random
) -> tuple[list[ReadExcerpt], list[Judgement]]:
    """Snippets that support an answer, or surely none, as excerpts; and two of them as a pair.

    A snippet that supports none of the answers may hold one all the same: of these only what shares no word
    with any answer is taken for silent.
    """
    excerpts: list[ReadExcerpt] = []
    pairs: list[Judgement] = []
    for one in questions:
        asked: str = one["question"]
        supports = {at: number for number, said in enumerate(one["answers"]) for at in said["contexts"]}
        words = frozenset(word for said in one["answers"] for word in terms(said["text"]))
        statements: dict[int, ModelStatement] = {}
        silent: dict[int, ModelStatement] = {}
        for at, text in enumerate(one["contexts"]):
            (asked_for,) = public_questions([Example(asked, text, -1, -1, "", "web")], draw)
            excerpt = Excerpt(one["sources"][at], asked_for.passages[0].sentences, ())
            excerpt = Excerpt(excerpt.title, excerpt.sentences, tuple(range(len(excerpt.sentences))))
            if at not in supports:
                if not words & frozenset(terms(text)):
                    excerpts.append(ReadExcerpt(excerpt, asked, "", 0))
                    silent[at] = ModelStatement(text, text, "", one["sources"][at])
                continue
            said = one["answers"][supports[at]]["text"]
            gold = tuple(
                place for place, each in enumerate(excerpt.sentences) if said.lower() in each.lower()
            )
            excerpts.append(ReadExcerpt(excerpt, asked, "", 1, gold))
            sentence = excerpt.sentences[gold[0]] if gold else text
            start = sentence.lower().find(said.lower())
            quote = sentence[start : start + len(said)] if start >= 0 else sentence
            statements[at] = ModelStatement(sentence, quote, "", one["sources"][at])
        both = list(combinations(sorted(statements), 2))
        for first, second in draw.sample(both, min(8, len(both))):
            label = "same" if supports[first] == supports[second] else "conflict"
            texts = judge_relation_texts(asked, *draw.sample((statements[first], statements[second]), 2))
            pairs.append(Judgement(*texts, RELATION, RELATIONS.index(label)))
        for at in draw.sample(sorted(silent), min(2, len(silent))):
            if statements:
                other = statements[draw.choice(sorted(statements))]
                texts = judge_relation_texts(asked, *draw.sample((silent[at], other), 2))
                pairs.append(Judgement(*texts, RELATION, RELATIONS.index("both"), beside=True))
    return excerpts, pairs


def _read(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _some(made: list[JudgeRow], tokens: float, draw: random.Random) -> list[JudgeRow]:
    """Rows that hold about so many tokens, drawn."""
    draw.shuffle(made)
    totals = np.cumsum([len(row) for row in made])
    return made[: int((totals < tokens).sum())]
