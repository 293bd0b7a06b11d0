"""In which language a question is: by its words and short runs of letters, learnt from text of our own.

A multinomial naive Bayes over the runs of one to four letters and the words of eight languages in Latin
letters, English among them; Chinese, Japanese and others are told by their letters. English is never to be
taken for another language: another one must be likelier by a margin that no English question reaches that was
held out. `python -m eval.training.fit.languages` fits it, and measures it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.question.requests import WEIGHTS, read_arrays

FILE = "languages.npz"
ENGLISH = "en"
UNKNOWN = "other"
"""A language that is not English, and not one of ours."""

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_RUN = 4
_MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class LanguageWeights:
    """The log-probability of each run in each language, (runs, languages), and the margin beyond English."""

    languages: tuple[str, ...]
    runs: tuple[str, ...]
    weights: NDArray[np.float64]
    margin: float


class Languages:
    """Tells the language of a question."""

    def __init__(self, weights: LanguageWeights) -> None:
        self._weights = weights
        self._places = {run: place for place, run in enumerate(weights.runs)}

    def recognise(self, question: str) -> str:
        """The language by its ISO 639-1 code, "en" unless surely another one; `UNKNOWN` for the rest."""
        script = _script_of(question)
        if script != "latin":
            return script
        own = self._weights
        scores = self.measure(question)
        english = scores[own.languages.index(ENGLISH)]
        best = int(np.argmax(scores))
        if own.languages[best] == ENGLISH or scores[best] - english <= own.margin:
            return ENGLISH
        return own.languages[best]

    def measure(self, question: str) -> NDArray[np.float64]:
        """The log-likelihood of the question's runs in each language, (languages,)."""
        places = [self._places[run] for run in runs_of(question) if run in self._places]
        return np.asarray(self._weights.weights[places].sum(0), np.float64)


def load_languages(folder: Path = WEIGHTS) -> Languages:
    """The fitted model. Raises ModelError where its file is missing or damaged."""
    with read_arrays(folder / FILE, "tells the language of a question") as held:
        return Languages(
            LanguageWeights(
                tuple(held["languages"].tolist()),
                tuple(held["runs"].tolist()),
                held["weights"].astype(np.float64),
                float(held["margin"]),
            )
        )


def write_languages(path: Path, weights: LanguageWeights) -> None:
    """For `load_languages`: 16-bit numbers, and words as they are."""
    np.savez_compressed(
        path,
        languages=np.array(weights.languages),
        runs=np.array(weights.runs),
        weights=weights.weights.astype(np.float16),
        margin=np.array(weights.margin),
    )


def runs_of(text: str) -> Iterator[str]:
    """Each word whole, and its runs of letters with its ends marked; words that may be names are left out.

    A name says nothing of the language that it stands in: a word with a capital that does not open the text.
    """
    yield from (mark for mark in "¿¡" if mark in text)
    words = _WORD.findall(unicodedata.normalize("NFC", text))[:_MOST_WORDS]
    for at, word in enumerate(words):
        if at and word[:1].isupper():
            continue
        small = word.lower()
        marked = f" {small} "
        yield f"={small}"
        for length in range(1, _LONGEST_RUN + 1):
            yield from (marked[start : start + length] for start in range(len(marked) - length + 1))


def _script_of(text: str) -> str:
    """ "latin" unless half of the letters are others; then "ja", "zh", or `UNKNOWN`."""
    names = [unicodedata.name(one, "").split(" ")[0] for one in text if one.isalpha()]
    latin = sum(name in ("LATIN", "FULLWIDTH") for name in names)
    if not names or 2 * latin >= len(names):
        # A Chinese or Japanese question may hold long names in Latin letters: each sign is a word there.
        signs = sum(name in ("CJK", "HIRAGANA", "KATAKANA") for name in names)
        if signs < 3 or 3 * signs < latin:
            return "latin"
    return _name_script(names)


def _name_script(names: Sequence[str]) -> str:
    kana = sum(name in ("HIRAGANA", "KATAKANA") for name in names)
    if kana:
        return "ja"
    return "zh" if any(name == "CJK" for name in names) else UNKNOWN
