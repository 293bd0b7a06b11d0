"""Labelled pairs of statements: read from a folder of articles, and each compared as an answer's would be.

The folder holds the articles (*.txt, with `articles.toml`) and `pairs.jsonl`. No complaint repeats a quote,
so that a set that nobody is to read can be mended without reading it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from eval.errors import GoldError
from eval.gold.questions import Evidence
from index.records import Article, Chunk, Hit, Span
from index.sources.load import Loaded, load
from index.text.clean import clean
from index.text.sentences import sentences
from qa.comparison.judgement import judge_articles
from qa.comparison.model import Comparison
from qa.comparison.reranking import rerank
from qa.conflicts.engine import compare, conflicts_of, thresholds
from qa.conflicts.rulings import Reason
from qa.question.conversation import Understood
from qa.reader.reader import Reader
from qa.records import Citation, ConflictKind
from qa.stages import cite, whole

KINDS: tuple[ConflictKind, ...] = get_args(ConflictKind)
TRAPS: tuple[Reason, ...] = get_args(Reason)

_KEYS = ("id", "question", "kind", "trap", "update", "one", "other")
_Choice = TypeVar("_Choice", bound=str)
# Of a statement in which the reader finds no answer at all.
_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two statements put to one question. No `kind`: they do not conflict, and `trap` says why.

    `update`: the later article states another value without saying that it changed.
    """

    id: str
    question: str
    kind: ConflictKind | None
    trap: Reason | None
    one: Evidence
    other: Evidence
    update: bool = False

    @property
    def within(self) -> bool:
        """Whether both statements stand in one article."""
        return self.one.article == self.other.article


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair and the conflict found in it; `score` (0..1) is 0 and `explanation` "" where none was found.

    `checked` says whether the two were compared at all.
    """

    pair: LabelledPair
    found: ConflictKind | None
    score: float
    explanation: str
    possible_update: bool
    checked: bool

    @property
    def right(self) -> bool:
        """Whether the conflict was found with its kind, or rightly none."""
        return self.found == self.pair.kind

    def to_dict(self, *, texts: bool = True) -> dict[str, Any]:
        """One flat row; without `texts` nothing of the question, the articles and their values."""
        row = {
            "id": self.pair.id,
            "kind": self.pair.kind,
            "trap": self.pair.trap,
            "update": self.pair.update,
            "within": self.pair.within,
            "found": self.found,
            "score": self.score,
            "possible_update": self.possible_update,
            "checked": self.checked,
            "right": self.right,
        }
        if not texts:
            return row
        sides = {"one": self.pair.one, "other": self.pair.other}
        told = {name: {"article": side.article, "quote": side.quote} for name, side in sides.items()}
        return {**row, "question": self.pair.question, "explanation": self.explanation, **told}


class Shelf:
    """The articles of a folder by file name, each with its sentences."""

    def __init__(self, articles: Mapping[str, Article]) -> None:
        self._articles = dict(articles)
        self._by_id = {article.id: article for article in articles.values()}
        self._sentences = {name: _sentence_spans(article) for name, article in self._articles.items()}

    def texts(self) -> dict[str, str]:
        """The articles' texts by id."""
        return {article.id: article.text for article in self._articles.values()}

    def cite(self, statement: Evidence) -> Citation:
        """The statement where it first stands. Raises GoldError when it stands nowhere."""
        article = self._articles.get(statement.article)
        if article is None:
            raise GoldError(f"there is no article {statement.article} beside it; correct the name")
        start = article.text.find(statement.quote)
        if start < 0:
            raise GoldError(f"its quote is not in {statement.article}; copy it from the article as published")
        end = start + len(statement.quote)
        whole = (span for span in self._sentences[statement.article] if span.start <= start < end <= span.end)
        # A quote that the splitter does not see within one sentence is its own sentence.
        sentence = next(whole, Span(start, end))
        return Citation(
            article_id=article.id,
            title=article.title,
            publisher=article.publisher,
            published=article.published,
            uri=article.uri,
            start=start,
            end=end,
            quote=statement.quote,
            sentence=article.text[sentence.start : sentence.end],
            sentence_start=sentence.start,
            sentence_end=sentence.end,
            score=_SCORE,
            name=article.name,
        )

    def read(self, asked: Understood, statement: Citation, reader: Reader) -> Citation:
        """The statement as the reader cites it as an answer; as it is where the reader finds nothing."""
        article = self._by_id[statement.article_id]
        span = Span(statement.sentence_start, statement.sentence_end)
        chunk = Chunk(f"{article.id}:0", article.id, 0, span.start, span.end, statement.sentence, 0, (span,))
        readings = whole(asked, reader.read(asked, [Hit(article, chunk, 1, 1.0, None, None)]))
        return cite(article, readings[0]) if readings else statement


def judge_pairs(
    folder: Path, reader: Reader, *, comparison: Comparison | None = None, file: Path | None = None
) -> tuple[JudgedPair, ...]:
    """What is found in each pair of `folder`, in the order of `file` (default: its `pairs.jsonl`).

    `reader` finds the question's answer in each statement, as it does when a question is asked; without
    `comparison` nothing is compared. Raises GoldError, before anything is compared, for a row that is
    wrong or does not fit the articles.
    """
    cited, texts = cite_pairs(folder, reader, file=file)
    return tuple(_judge(pair, both, texts, comparison) for pair, both in cited)


def cite_pairs(
    folder: Path, reader: Reader, *, file: Path | None = None
) -> tuple[list[tuple[LabelledPair, tuple[Citation, Citation]]], dict[str, str]]:
    """The pairs with their statements as the reader cites them, and the articles' texts by id.

    Raises GoldError as `judge_pairs`.
    """
    file = file or folder / "pairs.jsonl"
    pairs = read_pairs(file)
    shelf = Shelf(read_articles(folder))
    places = [_cite_pair(pair, shelf, f"{file}, pair {pair.id}") for pair in pairs]
    cited = []
    for pair, (one, other) in zip(pairs, places, strict=True):
        asked = Understood(pair.question)
        cited.append((pair, (shelf.read(asked, one, reader), shelf.read(asked, other, reader))))
    return cited, shelf.texts()


def read_pairs(file: Path) -> tuple[LabelledPair, ...]:
    """The rows of `file`, in its order. Raises GoldError for one that is wrong, or an id given twice."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise GoldError(f"there are no pairs at {file}; name a folder with a pairs.jsonl") from error
    except OSError as error:
        raise GoldError(f"{file} cannot be read: {error.strerror}; name a readable file") from error
    except UnicodeDecodeError as error:
        raise GoldError(f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    pairs: dict[str, LabelledPair] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{file}, line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise GoldError(
                f"{place}: broken JSON ({error.msg} at character {error.pos}); mend the line"
            ) from error
        pair = _pair(record, place)
        if pair.id in pairs:
            raise GoldError(f"{place}: the id {pair.id!r} stands there twice; give each pair its own")
        pairs[pair.id] = pair
    if not pairs:
        raise GoldError(f"{file} holds no pair; write one object a line")
    return tuple(pairs.values())


def read_articles(folder: Path) -> dict[str, Article]:
    """The articles of the folder's text files by file name. Raises GoldError for one that is refused."""
    found = {}
    for file in sorted(folder.glob("*.txt")):
        for loaded in load(file):
            if not isinstance(loaded, Loaded):
                raise GoldError(f"{loaded.source} was refused: {loaded.reason}")
            found[file.name] = loaded.article
    return found


def _pair(record: Any, place: str) -> LabelledPair:
    if not isinstance(record, dict):
        raise GoldError(f"{place}: a pair is a JSON object")
    _only(record, _KEYS, place)
    if "kind" not in record:
        raise GoldError(f'{place}: "kind" is missing; write null where the two do not conflict')
    kind = _one_of(record, "kind", KINDS, place)
    trap = _one_of(record, "trap", TRAPS, place)
    update = record.get("update", False)
    if not isinstance(update, bool):
        raise GoldError(f'{place}: "update" is true or false')
    if kind is None and trap is None:
        raise GoldError(f'{place}: neither a "kind" nor a "trap"; a pair without conflict names its trap')
    if kind is None and update:
        raise GoldError(f'{place}: "update" marks a conflict, and "kind" is null; leave one of them out')
    return LabelledPair(
        id=_text(record, "id", place),
        question=_text(record, "question", place),
        kind=kind,
        trap=trap,
        one=_statement(record.get("one"), "one", place),
        other=_statement(record.get("other"), "other", place),
        update=update,
    )


def _statement(value: Any, side: str, place: str) -> Evidence:
    if not isinstance(value, dict):
        raise GoldError(f'{place}: "{side}" is an object with "article" and "quote"')
    _only(value, ("article", "quote"), f'{place}, "{side}"')
    return Evidence(*(_text(value, key, f'{place}, "{side}"') for key in ("article", "quote")))


def _only(record: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    for key in record:
        if key not in known:
            raise GoldError(f'{place}: unknown key "{key}"; known here are {", ".join(known)}')


def _text(record: Mapping[str, Any], key: str, place: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip():
        raise GoldError(f'{place}: "{key}" takes a text that is not empty')
    return value


def _one_of(record: Mapping[str, Any], key: str, known: Sequence[_Choice], place: str) -> _Choice | None:
    value = record.get(key)
    found = next((one for one in known if one == value), None)
    if found is None and value is not None:
        raise GoldError(f"{place}: unknown {key} {value!r}; known are {', '.join(known)}, or null")
    return found


def _cite_pair(pair: LabelledPair, shelf: Shelf, place: str) -> tuple[Citation, Citation]:
    found = []
    for side, statement in (("one", pair.one), ("other", pair.other)):
        try:
            found.append(shelf.cite(statement))
        except GoldError as error:
            raise GoldError(f'{place}, "{side}": {error}') from error
    one, other = found
    if one.article_id == other.article_id and one.sentence_start == other.sentence_start:
        raise GoldError(f"{place}: both quotes are of one sentence; a pair is two statements")
    return one, other


def _judge(
    pair: LabelledPair,
    both: tuple[Citation, Citation],
    texts: Mapping[str, str],
    comparison: Comparison | None,
) -> JudgedPair:
    if comparison is None:
        return JudgedPair(pair, None, 0.0, "", possible_update=False, checked=False)
    scored = judge_articles if comparison.judge is not None else rerank
    judged = [scored(Understood(pair.question), [one], texts, comparison)[0] for one in both]
    statements, stances = [one.citation for one in judged], [one.stance for one in judged]
    compared, check = compare(pair.question, statements, stances, comparison, max_pairs=1)
    conflicts = conflicts_of(statements, compared, stances, thresholds(judged=comparison.judge is not None))
    checked = check.status == "checked"
    if not conflicts:
        return JudgedPair(pair, None, 0.0, "", possible_update=False, checked=checked)
    surest = conflicts[0]
    return JudgedPair(
        pair,
        surest.kind,
        surest.score,
        surest.explanation,
        possible_update=surest.possible_update,
        checked=checked,
    )


def _sentence_spans(article: Article) -> tuple[Span, ...]:
    view = clean(article.text)
    return tuple(view.original(one.start, one.end) for one in sentences(view))
