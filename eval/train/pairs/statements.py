"""Pairs of statements: what of the public sets is trained on, in which shares, and what only judges."""

import gzip
import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.train.data.examples import read_source
from eval.train.data.synonyms import Thesaurus
from eval.train.pairs.asking import as_question
from eval.train.pairs.attributed import attributed, retold
from eval.train.pairs.made_pairs import MadePairs
from eval.train.pairs.pair import CONTRADICTION, ENTAILMENT, LABELS, Pair
from eval.train.pairs.renamed import Names, renamed

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

_JUDGING = ("feversym-dev", "vitaminc-dev")
# Premises of `snli-dev` that are never trained on.
_HELD_OUT_SHARE = 0.1
# The first of `cad-test`, where four in a row are revisions of one pair.
_CAD_HELD_OUT = 1_000
_MADE_HELD_OUT = 1_500
_DENIED_HELD_OUT = 400

# How treebanks write marks, which some of the sets keep.
_MARKS = {"``": '"', "''": '"', "-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]"}
_MARK = re.compile("|".join(map(re.escape, _MARKS)))
# "Was it not signed?" is asked by those who think that it was.
_DENIES = re.compile(r"\b(?:not|never|no longer|yet to)\b|n['’]t\b")


@dataclass(frozen=True, slots=True)
class Data:
    """Pairs by set. `trained` holds none whose premise is one of `judged`; `made` makes further pairs."""

    trained: Mapping[str, Sequence[Pair]]
    judged: Mapping[str, Sequence[Pair]]
    made: MadePairs


def read_data(folder: Path) -> Data:
    """All pairs from the sets in `folder`/nli, and what makes more from those in `folder`/qa."""
    sets = {name: read_pairs(folder / "nli", name) for name in (*SHARES, *_JUDGING)}
    snli, cad = sets["snli-dev"], sets["cad-test"]
    made = MadePairs([one for name in MADE_FROM for one in read_source(folder / "qa", name)])
    judged = {
        "snli": [one for one in snli if _is_held_out(one.premise)],
        "cad": cad[:_CAD_HELD_OUT],
        **{name.removesuffix("-dev"): sets[name] for name in _JUDGING},
        "made": made.held_out(_MADE_HELD_OUT),
        "asked": _all_asked(sets["vitaminc-dev"]),
        "denied, told": _told(made.held_out(_DENIED_HELD_OUT, ("denied",))),
        "denied, asked": _all_asked(made.held_out(_DENIED_HELD_OUT, ("denied",))),
    }
    sets["cad-test"] = cad[_CAD_HELD_OUT:]
    premises = {one.premise for pairs in judged.values() for one in pairs}
    trained = {name: [one for one in sets[name] if one.premise not in premises] for name in SHARES}
    return Data(trained, judged, made)


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

    def __init__(self, data: Data, seed: int, thesaurus: Thesaurus | None = None) -> None:
        self._data = data
        self._seed = seed
        self._thesaurus = thesaurus
        told = data.trained.get(RENAMED, ())
        self._names = Names(text for one in told for text in (one.premise, one.hypothesis))

    def round(self, number: int) -> list[Pair]:
        """The pairs of round `number`, from 0: the same ones every time."""
        draw = random.Random(f"pairs {self._seed} {number}")  # noqa: S311 - no secret
        taken: list[Pair] = []
        for name, pairs in self._data.trained.items():
            some = _balanced(pairs, draw) if name == "breakingnli" else list(pairs)
            share = SHARES[name]
            chosen = some * int(share) + draw.sample(some, int(len(some) * (share % 1)))
            taken += [self._renamed(one, draw) for one in chosen] if name == RENAMED else chosen
        made = self._data.made.draw(int(len(taken) * MADE_SHARE / (1 - MADE_SHARE)), draw)
        told = [
            *(retold(one, draw, self._thesaurus, made=False) for one in taken),
            *(retold(one, draw, self._thesaurus, made=True) for one in made),
        ]
        return [asked(one) if draw.random() < ASKED_SHARE else one for one in told]

    def _renamed(self, pair: Pair, draw: random.Random) -> Pair:
        return renamed(pair, self._names, draw) if draw.random() < RENAMED_SHARE else pair


def _told(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with who said the premise."""
    draw = random.Random("told")  # noqa: S311 - no secret
    return [replace(one, premise=attributed(one.premise, draw)) for one in pairs]


def _all_asked(pairs: Sequence[Pair]) -> list[Pair]:
    return [one for one in map(asked, pairs) if one.hypothesis.endswith("?")]


def asked(pair: Pair) -> Pair:
    """The pair with its hypothesis as a question, or as it is where no rule makes one."""
    question = None if _DENIES.search(pair.hypothesis) else as_question(pair.hypothesis)
    return pair if question is None else replace(pair, hypothesis=question)


def _balanced(pairs: Sequence[Pair], draw: random.Random) -> list[Pair]:
    """As many contradictions as entailments, and all that are neither."""
    contradicted = [one for one in pairs if one.label == CONTRADICTION]
    others = [one for one in pairs if one.label != CONTRADICTION]
    entailed = sum(one.label == ENTAILMENT for one in others)
    return others + draw.sample(contradicted, min(entailed, len(contradicted)))
