"""Which sentence splitter makes the fewest errors: the measurement behind `index/text/sentences.py`.

`python -m eval.bench.splitters` scores every candidate that is installed on the gold paragraphs, and times it
on the articles in `seeds/`. Candidates that are no dependency of ours: pip install sentencex pysbd blingfire.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from eval.errors import GoldError
from index.text.clean import clean
from index.text.sentences import split

GOLD = Path(__file__).resolve().parents[1] / "gold" / "sentences.jsonl"
SEEDS = Path(__file__).resolve().parents[2] / "seeds"

Splitter = Callable[[str], Iterable[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Score:
    """Boundaries inside paragraphs: found and right, found and wrong, missed; each at its exact offset."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def read_gold(path: Path = GOLD) -> list[list[str]]:
    """Paragraphs, each as its sentences in order. Raises GoldError for a line of another shape."""
    paragraphs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        row = json.loads(line)
        if not row.get("sentences") or not all(sentence.strip() == sentence for sentence in row["sentences"]):
            raise GoldError(f"{path.name}, line {number}: needs 'sentences', a list of trimmed texts")
        paragraphs.append(row["sentences"])
    return paragraphs


def boundaries(spans: Iterable[tuple[int, int]], text: str) -> set[int]:
    """Where sentences end, but for the last: offsets after the last character that is no white space."""
    ends = {start + len(text[start:end].rstrip()) for start, end in spans if text[start:end].strip()}
    return ends - {len(text.rstrip())}


def score(splitter: Splitter, paragraphs: Sequence[Sequence[str]]) -> tuple[Score, list[str]]:
    """The score, and the paragraphs with an error, each error marked: "¦" where cut, "‖" where not cut."""
    right = wrong = missed = 0
    errors = []
    for sentences in paragraphs:
        text = " ".join(sentences)
        gold = {sum(map(len, sentences[:i])) + i - 1 for i in range(1, len(sentences))}
        found = boundaries(splitter(text), text)
        right, wrong, missed = (
            right + len(gold & found),
            wrong + len(found - gold),
            missed + len(gold - found),
        )
        if gold != found:
            marks = dict.fromkeys(found - gold, "¦") | dict.fromkeys(gold - found, "‖")
            errors.append("".join(marks.get(i, "") + char for i, char in enumerate(text)))
    return Score(right, wrong, missed), errors


def candidates() -> dict[str, Splitter]:
    """The splitters that can be imported here, by name; ours, the chosen one with its rules, stands first."""
    found: dict[str, Splitter] = {"ours": split}
    makers = {"nupunkt": _nupunkt, "sentencex": _sentencex, "pysbd": _pysbd, "blingfire": _blingfire}
    return found | {name: make() for name, make in makers.items() if find_spec(name)}


def _nupunkt() -> Splitter:
    from nupunkt import sent_spans

    return sent_spans


def _sentencex() -> Splitter:
    get_sentence_boundaries = import_module("sentencex").get_sentence_boundaries

    def split_sentences(text: str) -> list[tuple[int, int]]:
        return [(found["start_index"], found["end_index"]) for found in get_sentence_boundaries("en", text)]

    return split_sentences


def _pysbd() -> Splitter:
    segmenter = import_module("pysbd").Segmenter(language="en", clean=False, char_span=True)
    return lambda text: [(found.start, found.end) for found in segmenter.segment(text)]


def _blingfire() -> Splitter:
    text_to_sentences_and_offsets = import_module("blingfire").text_to_sentences_and_offsets

    def split_sentences(text: str) -> list[tuple[int, int]]:
        return list(text_to_sentences_and_offsets(text)[1])

    return split_sentences


def seconds_on(splitter: Splitter, texts: Sequence[str]) -> float:
    """The best of five runs over all texts."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        for text in texts:
            list(splitter(text))
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Prints the table, then what the chosen splitter gets wrong."""
    gold = read_gold()
    views = [clean(path.read_text(encoding="utf-8")) for path in sorted(SEEDS.glob("*.txt"))]
    texts = [view.text[block.start : block.end] for view in views for block in view.blocks]
    print(
        f"{sum(map(len, gold))} sentences in {len(gold)} paragraphs; time on {len(views)} articles of seeds/"
    )
    print(f"{'':10} precision  recall     F1  wrong  missed      ms")
    for name, splitter in candidates().items():
        result, errors = score(splitter, gold)
        print(
            f"{name:10} {result.precision:9.3f} {result.recall:7.3f} {result.f1:6.3f} {result.wrong:6d} "
            f"{result.missed:7d} {seconds_on(splitter, texts) * 1000:7.1f}"
        )
        if name == "ours":
            ours = errors
    print("\nours: ¦ cut where it should not, ‖ not cut where it should", *ours, sep="\n  ")


if __name__ == "__main__":
    main()
