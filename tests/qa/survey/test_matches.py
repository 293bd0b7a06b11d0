"""What a survey keeps of its matches: after any change the same pairs as from nothing, and few matched anew."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.adding import Progress
from index.records import Article, Vectors
from qa.events.library import Event, Events
from qa.survey import candidates as module
from qa.survey.cache import SurveyCache
from qa.survey.candidates import Memory, candidates
from qa.survey.matches import FILE, Matches
from qa.survey.near_copies import NearCopies, Pair
from qa.survey.nearest import Nearest, Places
from qa.survey.statements import Sheets
from qa.survey.vectors import StatementVectors

TOWNS = [f"{first}{last}" for first in ("Kel", "Mar", "Tor", "Ves", "Bru", "Lind") for last in ("ville", "stad", "holm", "burg")]  # fmt: skip
TOLD = (
    "The hospital in {town} has {number} beds.",
    "In {town} the flood killed {number} people, the police said.",
    "The mayor of {town} has denied that the bridge is closed.",
    "A storm hit the coast, and {number} houses stood without power.",
    "The museum of {town} opened on {day} May 2026.",
)


class WordEmbedder:
    """The sum of a direction for each word, of length 1: near is what shares words."""

    name = "words"
    window_tokens = 256

    def vocabulary(self) -> Mapping[str, int]:
        """Nobody counts tokens."""
        return {}

    def embed(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """As `index.records.Embedder` says."""
        del query
        told = [sum(self._direction(word) for word in text.lower().split()) for text in texts]
        return np.array([one / np.linalg.norm(one) for one in told], np.float32)

    def _direction(self, word: str) -> Vectors:
        return np.random.default_rng(list(word.encode())).standard_normal(24).astype(np.float32)


def make(number: int, draw: random.Random, most: int = 30) -> Article:
    some = draw.sample(TOLD, draw.randint(1, 4))
    lines = [
        one.format(town=draw.choice(TOWNS), number=draw.randint(2, most), day=draw.randint(1, 28))
        for one in some
    ]
    day = draw.choice([None, "2026-05-03", "2026", "2023-01-01"])
    return Article(
        f"{number:04d}", f"file:{number}", " ".join(lines), f"Report {number}", "Gazette", published=day
    )


def group(articles: Sequence[Article], draw: random.Random) -> Events:
    """Each article in one of a few events, some of which may be the same."""
    of: dict[int, list[str]] = {}
    for one in articles:
        of.setdefault(draw.randrange(4), []).append(one.id)
    made = [Event(" ".join(ids), "", tuple(ids), None, None) for _, ids in sorted(of.items())]
    near = {made[0].id: frozenset({made[-1].id}), made[-1].id: frozenset({made[0].id})}
    return Events(tuple(made), near)


def match(
    articles: Sequence[Article], folder: Path, events: Events, *, kept: bool, progress: Progress | None = None
) -> dict[Pair, float]:
    folder.mkdir(exist_ok=True)
    cache = SurveyCache(folder)
    sheets = Sheets.read(sorted(articles, key=lambda one: one.id), cache)
    rows = StatementVectors.read(sheets, cache, WordEmbedder())
    cache.close()
    memory = Memory(folder, "stamp", events.mark) if kept else None
    copies = NearCopies(sheets)
    return candidates(sheets, copies, rows, progress, are_apart=events.are_apart, memory=memory)


@pytest.fixture(params=["all are looked at", "in cells"])
def looked_at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So few are looked at that a change is not a change for all."""
    monkeypatch.setattr(module, "LOOKED_AT", 5)
    if request.param == "in cells":
        monkeypatch.setattr(module, "EXACT", 40)
        monkeypatch.setattr("qa.survey.nearest.PROBED", 3)


@pytest.mark.usefixtures("looked_at")
@pytest.mark.parametrize("seed", range(6))
def test_after_any_changes_the_pairs_are_those_of_a_survey_from_nothing(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    held = [make(number, draw) for number in range(60)]
    events = group(held, draw)
    match(held, tmp_path / "kept", events, kept=True)
    for step in range(8):
        change = draw.choice(["add", "add", "remove", "replace", "date", "events"])
        at = draw.randrange(len(held))
        if change == "add":
            held.append(make(100 + step, draw))
        elif change == "remove":
            held.pop(at)
        elif change == "replace":
            held[at] = make(200 + step, draw)
        elif change == "date":
            one = held[at]
            held[at] = Article(one.id, one.uri, one.text, one.title, one.publisher, published="2022-02-02")
        events = group(held, random.Random(seed + step)) if change == "events" else events
        again = match(held, tmp_path / "kept", events, kept=True)
        assert again == match(held, tmp_path / "new", events, kept=False), (step, change)
        assert again


@pytest.mark.usefixtures("looked_at")
def test_one_article_more_or_less_matches_few_statements_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[int] = []
    search = Nearest.search

    def count(self: Nearest, places: Places, depths: Places) -> list[tuple[Places, float]]:
        sought.append(len(places))
        return search(self, places, depths)

    monkeypatch.setattr(Nearest, "search", count)
    draw = random.Random(1)
    held = [make(number, draw, 5_000) for number in range(160)]
    match(held, tmp_path, Events(), kept=True)
    every = sum(sought)
    assert 270 < every < 500  # else one more would be a power of two, where all is matched anew
    for step, some in enumerate((held, [*held, make(900, draw, 5_000)], held, held[1:], held)):
        sought.clear()
        match(some, tmp_path, Events(), kept=True)
        assert sum(sought) < every / 2, (step, sum(sought), every)
        assert bool(sought) == bool(step)


def test_a_matching_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 16)
    draw = random.Random(2)
    held = [make(number, draw) for number in range(60)]
    reports: list[tuple[int, int]] = []

    def stop(done: int, total: int | None, label: str) -> None:
        if total and label == "matching statements":
            reports.append((done, total))
            if len(reports) == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match(held, tmp_path, Events(), kept=True, progress=stop)
    done, total = reports[-1]
    assert done == 64
    found = match(held, tmp_path, Events(), kept=True, progress=stop)
    assert reports[5] == (0, total - done)
    assert found == match(held, tmp_path / "new", Events(), kept=False)


@pytest.mark.parametrize("damage", ["cut", "a byte", "another stamp", "gone"])
def test_damaged_matches_are_not_used(tmp_path: Path, damage: str) -> None:
    held = [make(number, random.Random(number)) for number in range(20)]
    right = match(held, tmp_path, Events(), kept=True)
    file = tmp_path / FILE
    data = bytearray(file.read_bytes())
    assert len(Matches.load(tmp_path, "stamp").digests)
    if damage == "cut":
        file.write_bytes(data[:-20])
    elif damage == "a byte":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif damage == "gone":
        file.unlink()
    stamp = "another" if damage == "another stamp" else "stamp"
    assert not len(Matches.load(tmp_path, stamp).digests)
    assert match(held, tmp_path, Events(), kept=True) == right


def shift(numbers, by):
    numbers = numbers.copy()
    numbers[-1] += by
    return numbers


@pytest.mark.parametrize(
    "change",
    [
        lambda one: {"looked": replace(one.looked, flat=shift(one.looked.flat, 1_000))},
        lambda one: {"looked": replace(one.looked, flat=shift(one.looked.flat, -1_000))},
        lambda one: {"looked": replace(one.looked, lengths=shift(one.looked.lengths, 1))},
        lambda one: {"met": replace(one.met, lengths=shift(one.met.lengths, -(10**9)))},
        lambda one: {"cosines": one.cosines[:-1]},
        lambda one: {"digests": one.digests[::-1]},
        lambda one: {"last": one.last[:-1]},
    ],
)
def test_matches_of_a_stranger_that_do_not_fit_together_are_not_used(tmp_path: Path, change) -> None:
    held = [make(number, random.Random(number)) for number in range(20)]
    right = match(held, tmp_path, Events(), kept=True)
    matches = Matches.load(tmp_path, "stamp")
    replace(matches, **change(matches)).save(tmp_path, "stamp")
    assert not len(Matches.load(tmp_path, "stamp").digests)
    assert match(held, tmp_path, Events(), kept=True) == right
