"""What each round of the training reads: a share of each source, and unanswerable examples made from it."""

import random
from collections.abc import Iterable, Mapping, Sequence

from eval.training.data.examples import SHARES, Example
from eval.training.data.near_misses import NearMisses, without_answer
from eval.training.data.unanswerable import alter, learn_opposites

# How many unanswerable examples are made per answerable one: its question altered, its context without the
# sentence that answers, or the context most like it without the answer. One altered word is the easiest to
# learn; more of it in the later rounds taught that any word the article lacks means that it has no answer.
ALTERED, REMOVED, NEAR = (0.32, 0.32, 0.18), 0.08, 0.12

# Sets of single sentences or of policies lend themselves less.
_FEWER = {"qamr-dev": 0.5, "qamr-test": 0.5, "policyqa-dev": 0.3, "policyqa-test": 0.3, "covidqa": 0.2}


class Mixture:
    """The examples of each round."""

    def __init__(self, sources: Mapping[str, Sequence[Example]], seed: int) -> None:
        self._sources = sources
        self._seed = seed
        self._opposites = learn_opposites(sources["unansq"])
        self._near: dict[str, NearMisses] = {}

    def round(self, number: int) -> list[Example]:
        """The examples of round `number`, from 0: the same ones every time."""
        if number and not self._near:
            self.round(0)  # a training that goes on later finds near misses among the same contexts
        draw = random.Random(f"{self._seed} {number}")  # noqa: S311 - no secret
        made: list[Example] = []
        for name, examples in self._sources.items():
            share = _of_round(SHARES[name], number)
            taken = list(examples) * int(share) + draw.sample(examples, int(len(examples) * (share % 1)))
            made += taken
            answerable = [one for one in taken if one.answerable]
            made += self._unanswerable(name, answerable, _of_round(ALTERED, number), draw)
        return made

    def _unanswerable(
        self, name: str, examples: Sequence[Example], altered: float, draw: random.Random
    ) -> Iterable[Example]:
        if name == "unansq":
            return []
        scale = _FEWER.get(name, 1.0)
        some = draw.sample(examples, int(len(examples) * altered * scale))
        made = [alter(one, self._opposites, draw) for one in some]
        some = draw.sample(examples, int(len(examples) * REMOVED * scale))
        made += [without_answer(one) for one in some]
        some = draw.sample(examples, int(len(examples) * NEAR * scale))
        if name not in self._near:
            self._near[name] = NearMisses(examples)
        return [one for one in made if one is not None] + self._near[name].find(some, draw)


def _of_round(values: Sequence[float], number: int) -> float:
    """The value of round `number`; the last one holds for all later rounds."""
    return values[min(number, len(values) - 1)]
