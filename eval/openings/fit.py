"""Fit the reader of openings on the open styles: `python -m eval.openings.fit --write`.

A logistic regression for each role. The thresholds are chosen on predictions for styles that were left out of
the fit: the lowest one from which on the precision that PROMISED says is kept.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.openings.make import accounts, composed, lay_out, lends_its_name, read
from eval.openings.records import Row
from eval.openings.scoring import Count, count, print_counts, same
from index.sources.opening import split_front_matter
from index.sources.opening.reading import choose, find_candidates
from index.sources.opening.scoring import DAY_ROLES, NAME_ROLES, Role, Weights, key, load_weights, name_traits

PROMISED = 0.98
_WEIGHTS = Path(__file__).parents[2] / "index" / "sources" / "opening" / "weights.json"
_MORE_TURNS = 12  # of each style, on accounts that the open rows do not use
_COMPOSED, _COMPOSED_SHARE = 2_500, 0.4
_STRENGTH = 0.5  # the inverse of regularisation
_GRID = [at / 100 for at in range(40, 99, 2)]
_SPEAKS = re.compile(r"\b([A-Z][a-zà-ž]+(?: [A-Z][\w'’-]+){1,2}),? (?:said|says|told|wrote|who|\d\d,)")
_FOLDS = 5


def names() -> Weights:
    """What tells outlets and people apart, from stories of the open half; no weights of the roles.

    Learnt on accounts that no layout uses: their sources, people who speak in them, parts of their headlines.
    """
    every = accounts("open", plain=False)
    used = {one.publisher for one in accounts("open")} | {
        one.publisher for one in every if lends_its_name(one)
    }
    apart = [one for one in every if one.publisher not in used]
    outlets = sorted({one.publisher.partition(" (")[0].partition(",")[0] for one in apart})
    people = sorted({name for one in apart for name in _SPEAKS.findall(one.text)})
    pieces = sorted(
        {part.strip() for one in apart for part in re.split(r"[:,;?–]", one.title) if part.strip()}
    )
    kinds = [(name, kind) for kind, ones in enumerate((outlets, people, pieces)) for name in ones]
    draw = random.Random("capitals")
    cased = [(name.upper() if draw.random() < 0.15 else name, kind) for name, kind in kinds]
    found = [("", name_traits(name), kind) for name, kind in cased]
    outlet, person = (
        _fit([(style, traits, kind == wanted) for style, traits, kind in found], least=0.2)
        for wanted in (0, 1)
    )
    empty: Mapping[str, Mapping[str, float]] = {one: {} for one in (*NAME_ROLES, *DAY_ROLES)}
    return Weights(empty, dict.fromkeys(empty, 0.5), outlet, person)


Example = tuple[str, Sequence[str], bool]
"""A style, the features of a part, and whether it has the role."""


def examples(rows: Sequence[Row], weights: Weights) -> dict[Role, list[Example]]:
    """What each role is fitted on."""
    found: dict[Role, list[Example]] = {one: [] for one in (*NAME_ROLES, *DAY_ROLES)}
    for row in rows:
        for one in find_candidates(row.text, weights)[1]:
            for role in DAY_ROLES if one.part.day else NAME_ROLES:
                right = one.sure and key(one.value) == key(row.expected[role] or "")
                found[role].append((row.style, one.features, right and bool(row.expected[role])))
    return found


def fit(
    found: Mapping[Role, Sequence[Example]], weights: Weights, without: AbstractSet[str] = frozenset()
) -> Weights:
    """The weights of each role, fitted on all styles but some; each style counts as much as another."""
    kept = {role: [one for one in ones if one[0] not in without] for role, ones in found.items()}
    return replace(weights, roles={role: _fit(ones) for role, ones in kept.items()})


def _fit(found: Sequence[Example], least: float = 0.005) -> dict[str, float]:
    from sklearn.feature_extraction import DictVectorizer  # part of the developers' tools
    from sklearn.linear_model import LogisticRegression

    styles = Counter(style for style, _, _ in found)
    matrix = DictVectorizer()
    inputs = matrix.fit_transform([dict.fromkeys(names, 1.0) for _, names, _ in found])
    pasted = {one for one in styles if re.fullmatch(r"[os]\d\d", one)}
    apart = pasted | {"composed"}
    mean = np.mean([times for one, times in styles.items() if one not in apart] or [1])
    weight = {one: float(mean / times) for one, times in styles.items()} | dict.fromkeys(pasted, 1.0)
    shares = [weight[style] if style != "composed" else _COMPOSED_SHARE for style, _, _ in found]
    model = LogisticRegression(C=_STRENGTH, max_iter=300, solver="liblinear")
    model.fit(inputs, [right for _, _, right in found], sample_weight=shares)
    named = zip(matrix.get_feature_names_out(), model.coef_[0], strict=True)
    return {"bias": round(float(model.intercept_[0]), 3)} | {
        str(name): round(float(weight), 3) for name, weight in named if abs(weight) >= least
    }


def left_out(
    rows: Sequence[Row], found: Mapping[Role, Sequence[Example]], weights: Weights
) -> list[tuple[Weights, list[Row]]]:
    """For each fold of the styles: weights fitted on the others, and its rows."""
    styles = sorted({row.style for row in rows})
    folds = [set(styles[at::_FOLDS]) for at in range(_FOLDS)]
    return [(fit(found, weights, without=fold), [row for row in rows if row.style in fold]) for fold in folds]


def thresholds(folds: Sequence[tuple[Weights, list[Row]]]) -> dict[str, float]:
    """For each role the lowest threshold from which on what is left out is read as precisely as promised."""
    found = [
        (weights, row.expected, find_candidates(split_front_matter(row.text)[1], weights)[1])
        for weights, rows in folds
        for row in rows
    ]
    least: dict[str, float] = {}
    for role in (*NAME_ROLES, *DAY_ROLES):
        for at in _GRID:
            read = right = 0
            for weights, expected, candidates in found:
                held = replace(weights, least=dict.fromkeys(weights.roles, at))
                value = getattr(choose(candidates, held), role)
                read += bool(value)
                right += bool(value) and same(value, expected[role])
            least[role] = at
            if right >= PROMISED * read:
                break
    return least


def main() -> None:
    """Fit, say how well what is left out is read, and write the weights if asked to."""
    parser = argparse.ArgumentParser(description="Fit the reader of openings")
    parser.add_argument("--write", action="store_true", help="replace index/sources/opening/weights.json")
    chosen = parser.parse_args()
    rows = read("open")
    more = [*lay_out("open", turns=_MORE_TURNS, skip=400), *composed(_COMPOSED)]
    weights = names()
    found = examples([*rows, *more], weights)
    folds = left_out(rows, found, weights)
    least = thresholds(folds)
    total: dict[str, Count] = {}
    for held, own in folds:
        for name, one in count(own, replace(held, least=least)).items():
            total[name] = total.get(name, Count()) + one
    print_counts("open, styles left out", total)
    if chosen.write:
        fitted = replace(fit(found, weights), least=least)
        held_out: dict[str, Any] = {
            "least": fitted.least,
            "roles": fitted.roles,
            "outlet": fitted.outlet,
            "person": fitted.person,
        }
        _WEIGHTS.write_text(json.dumps(held_out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        load_weights.cache_clear()


if __name__ == "__main__":
    main()
