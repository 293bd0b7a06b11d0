"""Pairs of statements: what of the public sets is trained on, and in which shares."""

import gzip
import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.training.data.examples import read_source
from eval.training.pairs.asking import as_question
from eval.training.pairs.attributed import retold
from eval.training.pairs.made_pairs import MadePairs
from eval.training.pairs.pair import CONTRADICTION, ENTAILMENT, LABELS, Pair
from eval.training.pairs.renamed import Names, rename_pair

# What is trained on, and which share of it in a round. What is above 1 is a whole and a sample: of the sets,
# only VitaminC is of encyclopedia sentences in which one fact was changed, as in articles that disagree.
SHARES = {
    "snli-dev": 1.0,
    "cad-train": 1.0,
    "cad-dev": 1.0,
    "cad-test": 1.0,
    "taxinli-train": 1.0,
    "conjnli-adv": 0.6,
    "breakingnli": 1.0,
    "scone-train": 1.0,
    "scone-test": 1.0,
    "med": 0.5,
    "vitaminc-train": 1.5,
}

# Sets of questions from whose contexts pairs are made.
MADE_FROM = ("squad-train", "squadshifts-new_wiki", "tydiqa-en-train")

# Of all pairs of a round, so many are made.
MADE_SHARE = 0.25

# The set that a training learns by heart, and how many of its pairs in a round have other names and figures.
RENAMED, RENAMED_SHARE = "vitaminc-train", 0.7

# Of all, so many hypotheses are put as a yes/no question, where they can be: the model is asked what a
# statement says to a question as well as to a statement.
ASKED_SHARE = 0.4

# Never trained on, so that they can judge: two whole sets, a share of the premises of `snli-dev`, and the
# first of `cad-test`, where four in a row are revisions of one pair.
_HELD_OUT = ("feversym-dev", "vitaminc-dev")
_HELD_OUT_SHARE = 0.1
_CAD_HELD_OUT = 1_000

# How treebanks write marks, which some of the sets keep.
_MARKS = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]"}
_MARK = re.compile("|".join(map(re.escape, _MARKS)))
# "Was it not signed?" is asked by those who think that it was.
_DENIES = re.compile(r"\b(?:not|never|no longer|yet to)\b|n['’]t\b")


@dataclass(frozen=True, slots=True)
class Data:
    """Pairs by set, none of them with a premise that is held out; `made` makes further pairs."""

    trained: Mapping[str, Sequence[Pair]]
    made: MadePairs


def read_data(folder: Path) -> Data:
    """All pairs from the sets in `folder`/nli, and what makes more from those in `folder`/qa."""
    sets = {name: read_pairs(folder / "nli", name) for name in (*SHARES, *_HELD_OUT)}
    made = MadePairs([one for name in MADE_FROM for one in read_source(folder / "qa", name)])
    held_out = {
        *(one.premise for name in _HELD_OUT for one in sets[name]),
        *(one.premise for one in sets["snli-dev"] if _is_held_out(one.premise)),
        *(one.premise for one in sets["cad-test"][:_CAD_HELD_OUT]),
    }
    trained = {name: [one for one in sets[name] if one.premise not in held_out] for name in SHARES}
    return Data(trained, made)


def read_pairs(folder: Path, name: str) -> list[Pair]:
    """The pairs of one set, each once."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = (json.loads(line) for line in lines)
        pairs = (
            Pair(plain(one["premise"]), plain(one["hypothesis"]), LABELS.index(one["label"]), name)
            for one in records
        )
        return list(dict.fromkeys(pairs))


def plain(text: str) -> str:
    """The text with its marks as people write them."""
    return _MARK.sub(lambda mark: _MARKS[mark[0]], text).strip()


def _is_held_out(premise: str) -> bool:
    return random.Random(premise).random() < _HELD_OUT_SHARE  # noqa: S311 - no secret


class PairMixture:
    """The pairs of each round."""

    def __init__(self, data: Data, seed: int) -> None:
        self._data = data
        self._seed = seed
        told = data.trained.get(RENAMED, ())
        self._names = Names(text for one in told for text in (one.premise, one.hypothesis))

    def round(self, number: int) -> list[Pair]:
        """The pairs of round `number`, from 0: the same ones every time."""
        draw = random.Random(f"pairs {self._seed} {number}")  # noqa: S311 - no secret
        taken: list[Pair] = []
        for name, pairs in self._data.trained.items():
            some = _balance(pairs, draw) if name == "breakingnli" else list(pairs)
            share = SHARES[name]
            chosen = some * int(share) + draw.sample(some, int(len(some) * (share % 1)))
            taken += [self._rename(one, draw) for one in chosen] if name == RENAMED else chosen
        made = self._data.made.draw(int(len(taken) * MADE_SHARE / (1 - MADE_SHARE)), draw)
        told = [
            *(retold(one, draw, made=False) for one in taken),
            *(retold(one, draw, made=True) for one in made),
        ]
        return [ask_hypothesis(one) if draw.random() < ASKED_SHARE else one for one in told]

    def _rename(self, pair: Pair, draw: random.Random) -> Pair:
        return rename_pair(pair, self._names, draw) if draw.random() < RENAMED_SHARE else pair


def ask_hypothesis(pair: Pair) -> Pair:
    """The pair with its hypothesis as a question, or as it is where no rule makes one."""
    question = None if _DENIES.search(pair.hypothesis) else as_question(pair.hypothesis)
    return pair if question is None else replace(pair, hypothesis=question)


def _balance(pairs: Sequence[Pair], draw: random.Random) -> list[Pair]:
    """As many contradictions as entailments, and all that are neither."""
    contradicted = [one for one in pairs if one.label == CONTRADICTION]
    others = [one for one in pairs if one.label != CONTRADICTION]
    entailed = sum(one.label == ENTAILMENT for one in others)
    return others + draw.sample(contradicted, min(entailed, len(contradicted)))
