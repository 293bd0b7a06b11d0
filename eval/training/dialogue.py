"""What follow-ups take from their talk: against people's rewrites, and by what a search finds with it.

`python -m eval.training.dialogue FILE [--half design|report] [--json]` reads CANARD (Elgohary et al. 2019):
a line each with `history` (title, section, then question and answer in turn), `question` and `standalone`.
Rules are designed on the one half, four dialogues in five, and reported on the other.
"""

import argparse
import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from eval.errors import GoldError
from eval.metrics import exact_match, f1, normalise
from index.embed import open_embedder
from index.local.lexical import LexicalIndex, Stamp, words
from index.records import Embedder
from qa.question.conversation import understand
from qa.reader.span_model import BundledSpanModel
from qa.records import Turn

Half = Literal["design", "report"]
Rewrite = Callable[[str, Sequence[Turn]], str]
# For each question the answers found, best first, as their places in the corpus.
Search = Callable[[Sequence[str]], Sequence[Sequence[int]]]

_FOUND_AMONG = 5
_MIN_ANSWER_WORDS = 3
_MOST_QUERIES = 400  # embedding is the slow part: a search for each takes a minute on a busy core
_NO_ANSWER = "i dont know"  # as `normalise` leaves CANARD's "I don't know."


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question within its conversation, and how a person put it for someone who had not heard the rest."""

    dialogue: str
    history: tuple[Turn, ...]
    question: str
    rewrite: str

    @property
    def needed(self) -> bool:
        """Whether the person changed a word."""
        return normalise(self.question) != normalise(self.rewrite)


@dataclass(frozen=True, slots=True)
class Wording:
    """Scores in 0..1 against people's rewrites; None of nothing.

    `f1_needed`: of questions that a person changed. `left_alone`: the share of the others that kept every
    word. `raw_f1` and `raw_f1_needed`: the same of the questions as they were asked.
    """

    questions: int
    needed: int
    f1: float | None
    f1_needed: float | None
    raw_f1: float | None
    raw_f1_needed: float | None
    exact: float | None
    left_alone: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """The share of questions whose own answer is among the first five of `answers`; None of no question."""

    questions: int
    answers: int
    raw: float | None
    ours: float | None
    person: float | None


def read(path: Path, half: Half | None = None) -> tuple[list[FollowUp], list[str]]:
    """The follow-ups of a half, or of all, and the answers that stand in their histories.

    A conversation opens with its title and section as a first question, for a person who asks knows both.
    Raises GoldError for a line of another shape.
    """
    found: list[FollowUp] = []
    answers: dict[str, None] = {}
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            history = row.get("history")
            if not isinstance(history, list) or len(history) < 2 or len(history) % 2:
                raise GoldError(
                    f"{path.name}, line {number}: needs 'history': title, section, and pairs of texts"
                )
            dialogue = f"{history[0]}\t{history[1]}"
            if half and half_of(dialogue) != half:
                continue
            answers.update(dict.fromkeys(history[3::2]))
            first = Turn(f"{history[0]}: {history[1]}?")
            turns = (first, *map(Turn, history[2::2], history[3::2]))
            found.append(FollowUp(dialogue, turns, row["question"], row["standalone"]))
    return found, [answer for answer in answers if _is_findable(answer)]


def half_of(dialogue: str) -> Half:
    """Always the same for a dialogue: four in five are for design, and trained on."""
    return "design" if random.Random(dialogue.replace("\t", " ")).random() < 0.8 else "report"  # noqa: S311


def search_as(question: str, history: Sequence[Turn]) -> str:
    """The question with the words that it needs of its conversation, as it is searched for."""
    return understand(question, history, _model()).searched


@lru_cache(maxsize=1)
def _model() -> BundledSpanModel:
    return BundledSpanModel()


def measure_wording(follow_ups: Sequence[FollowUp], rewrite: Rewrite = search_as) -> Wording:
    """`rewrite` held against what people wrote; a conversation's opening title counts as said before."""
    made = [rewrite(one.question, one.history) for one in follow_ups]
    pairs = list(zip(follow_ups, made, strict=True))
    return Wording(
        questions=len(pairs),
        needed=sum(one.needed for one in follow_ups),
        f1=_mean(f1(ours, [one.rewrite]) for one, ours in pairs),
        f1_needed=_mean(f1(ours, [one.rewrite]) for one, ours in pairs if one.needed),
        raw_f1=_mean(f1(one.question, [one.rewrite]) for one in follow_ups),
        raw_f1_needed=_mean(f1(one.question, [one.rewrite]) for one in follow_ups if one.needed),
        exact=_mean(exact_match(ours, [one.rewrite]) for one, ours in pairs),
        left_alone=_mean(
            float(normalise(ours) == normalise(one.question)) for one, ours in pairs if not one.needed
        ),
    )


def measure_finding(
    follow_ups: Sequence[FollowUp],
    answers: Sequence[str],
    search: Search,
    rewrite: Rewrite = search_as,
    *,
    most: int = _MOST_QUERIES,
) -> Finding:
    """How often `search` finds a question's own answer: of at most `most` questions, evenly chosen."""
    place = {answer: number for number, answer in enumerate(answers)}
    asked = [(one, place[own]) for one, own in _with_answers(follow_ups) if own in place]
    asked = [asked[index * len(asked) // most] for index in range(most)] if len(asked) > most else asked

    def recall(questions: Sequence[str]) -> float | None:
        hits = zip(search(questions), asked, strict=True)
        return _mean(float(own in found[:_FOUND_AMONG]) for found, (_, own) in hits)

    return Finding(
        questions=len(asked),
        answers=len(answers),
        raw=recall([one.question for one, _ in asked]),
        ours=recall([rewrite(one.question, one.history) for one, _ in asked]),
        person=recall([one.rewrite for one, _ in asked]),
    )


def dense_search(answers: Sequence[str], embedder: Embedder) -> Search:
    """By the vectors' likeness."""
    corpus = embedder.embed(answers)

    def search(questions: Sequence[str]) -> Sequence[Sequence[int]]:
        likeness = embedder.embed(questions, query=True) @ corpus.T
        return [[int(one) for one in np.argsort(-row, kind="stable")[:_FOUND_AMONG]] for row in likeness]

    return search


def lexical_search(answers: Sequence[str]) -> Search:
    """By BM25."""
    index = LexicalIndex(None)
    for number, answer in enumerate(answers):
        index.add(number, answer)
    index.commit(Stamp("", 0, 0))
    view = index.view()
    index.end_writing()
    return lambda questions: [
        view.candidates(list(dict.fromkeys(words(one))), _FOUND_AMONG) for one in questions
    ]


def _with_answers(follow_ups: Sequence[FollowUp]) -> Iterator[tuple[FollowUp, str]]:
    """Each question with its own answer, which stands in the next line's history."""
    for one, after in pairwise(follow_ups):
        last = after.history[-1]
        if after.history[:-1] == one.history and last.question == one.question:
            yield one, last.answer


def _is_findable(answer: str) -> bool:
    plain = normalise(answer)
    return len(plain.split()) >= _MIN_ANSWER_WORDS and plain != _NO_ANSWER


def _mean(values: Iterator[float]) -> float | None:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None


def _line(label: str, *values: float | None) -> str:
    return f"{label:<34}" + "".join("       –" if one is None else f"{100 * one:8.1f}" for one in values)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m eval.training.dialogue", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("file", type=Path, help="CANARD, one follow-up a line; may be gzipped")
    parser.add_argument("--half", choices=("design", "report"), default="report")
    parser.add_argument("--queries", type=int, default=_MOST_QUERIES, help="the most questions searched for")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    follow_ups, answers = read(options.file, options.half)
    worded = measure_wording(follow_ups)
    searches = {"embedder": dense_search(answers, open_embedder()), "BM25": lexical_search(answers)}
    found = {
        name: measure_finding(follow_ups, answers, search, most=options.queries)
        for name, search in searches.items()
    }
    if options.json:
        both = {"wording": asdict(worded), "finding": {name: asdict(one) for name, one in found.items()}}
        print(json.dumps({"half": options.half, **both}, indent=2))
        return
    print(f"{options.half} half: {worded.questions} questions, {worded.needed} of them changed by a person\n")
    print(f"{'in hundredths':<34}{'raw':>8}{'ours':>8}{'person':>8}")
    print(_line("token F1, all", worded.raw_f1, worded.f1, 1.0))
    print(_line("token F1, where one was changed", worded.raw_f1_needed, worded.f1_needed, 1.0))
    print(_line("exact match", 1 - worded.needed / max(1, worded.questions), worded.exact, 1.0))
    print(_line("left alone, where none was needed", 1.0, worded.left_alone, 1.0))
    for name, one in found.items():
        print(_line(f"recall@5, {name}", one.raw, one.ours, one.person))
        print(f"    {one.questions} questions, {one.answers} answers")


if __name__ == "__main__":
    main()
