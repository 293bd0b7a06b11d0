import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.models import Between, go_on
from index.records import Hit
from qa.answer import answer_question
from qa.question.conversation import Understood, understand
from qa.reader.candidates import candidates, headline
from qa.reader.reader import SpanReader
from qa.reader.spans import Window
from qa.records import Reading
from qa.settings import Settings
from qa.stages import Models
from qa.weights.fitted import load_fitted

HARBOUR = (
    "The harbour of Lindby was dredged in 1998. It now takes ships of 12 metres draught. "
    "Ferries to Norvik leave twice a day because the road over the pass is closed in winter. "
    "The harbour master is Ada Holm."
)
MARKET = "Fish prices rose at the market of Lindby. Nobody knows why."


class PointingModel:
    """A span model that points at given words wherever they stand, and says "no answer" elsewhere."""

    name = "pointing"

    def __init__(self, *answers: str, words_per_window: int = 1000) -> None:
        self._answers = answers
        self._size = words_per_window

    def windows(
        self,
        question: str,
        passages: Sequence[str],
        titles: Sequence[str] = (),
        talk: str = "",
        *,
        between: Between = go_on,
    ) -> list[list[Window]]:
        self.heard = (question, tuple(titles), talk)
        return [self._passage(passage) for passage in passages]

    def _passage(self, passage: str) -> list[Window]:
        words = [match.span() for match in re.finditer(r"\w+", passage)]
        step = max(1, self._size // 2)
        return [
            self._window(passage, words[first : first + self._size]) for first in range(0, len(words), step)
        ]

    def _window(self, passage: str, words: list[tuple[int, int]]) -> Window:
        start, end = np.full((2, len(words)), -4.0, dtype=np.float32)
        sentence = np.full(len(words), -4.0, dtype=np.float32)
        for answer in self._answers:
            for match in re.finditer(re.escape(answer), passage):
                firsts = [place for place, word in enumerate(words) if word[0] == match.start()]
                lasts = [place for place, word in enumerate(words) if word[1] == match.end()]
                if firsts and lasts:
                    start[firsts[0]] = end[lasts[0]] = 4.0
                    sentence[firsts[0] : lasts[0] + 1] = 40.0
        offsets = np.array(words, dtype=np.int64).reshape(-1, 2)
        return Window(offsets, start, end, 0.0, sentence)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("articles")
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    (folder / "market.txt").write_text(MARKET, encoding="utf-8")
    library = Library.open(tmp_path_factory.mktemp("library"))
    library.add(folder)
    return library


def _read(library: Library, question: str, model: PointingModel) -> list[Reading]:
    return SpanReader(model).read(Understood(question), library.search(question))


def _quote(reading: Reading) -> str:
    return reading.hit.article.text[reading.start : reading.end]


def _sentence(reading: Reading) -> str:
    return reading.hit.article.text[reading.sentence_start : reading.sentence_end]


def test_a_question_for_a_name_gets_the_span_and_its_sentence(library):
    best = _read(library, "Who is the harbour master?", PointingModel("Ada Holm"))[0]
    assert (_quote(best), _sentence(best)) == ("Ada Holm", "The harbour master is Ada Holm.")


@pytest.mark.parametrize(
    ("question", "pointed_at", "sentence"),
    [
        (
            "Why do ferries leave for Norvik twice a day?",
            "the road over the pass is closed",
            "Ferries to Norvik leave twice a day because the road over the pass is closed in winter.",
        ),
        ("Did fish prices rise at the market?", "rose", "Fish prices rose at the market of Lindby."),
    ],
)
def test_a_question_that_few_words_cannot_answer_gets_the_sentence(library, question, pointed_at, sentence):
    reader = SpanReader(PointingModel(pointed_at))
    answer = answer_question(
        understand(question), library=library, models=Models(reader), settings=Settings()
    )
    assert answer.text == sentence


def test_where_the_model_finds_no_answer_every_score_is_lower(library):
    question = "Who is the harbour master?"
    found = _read(library, question, PointingModel("Ada Holm"))[0].score
    nothing = _read(library, question, PointingModel())[0].score
    assert nothing < load_fitted().thresholds["answered"] < found


def test_each_sentence_is_read_once_best_first_whatever_the_order_of_hits(library):
    question = "When was the harbour dredged?"
    hits = library.search(question)
    reader = SpanReader(PointingModel("1998"))
    asked = Understood(question)
    forward, backward = reader.read(asked, [*hits, *hits]), reader.read(asked, hits[::-1])
    assert [reading.score for reading in forward] == sorted(
        (reading.score for reading in forward), reverse=True
    )
    assert [(one.start, one.hit.article.id) for one in forward] == [
        (one.start, one.hit.article.id) for one in backward
    ]
    assert len(forward) == 6


def test_windows_that_overlap_give_the_span_that_one_of_them_holds_whole(library):
    question = "How often do ferries leave for Norvik?"
    for size in (4, 6, 8):
        model = PointingModel("twice a day", words_per_window=size)
        assert _quote(_read(library, question, model)[0]) == "twice a day"


def test_no_hits_give_no_readings(library):
    assert SpanReader(PointingModel()).read(Understood("Who?"), []) == []


def test_a_bold_span_is_read_as_plain_and_quoted_as_published(tmp_path: Path):
    bold = "𝗧𝗵𝗲 𝗯𝗿𝗶𝗱𝗴𝗲 𝗮𝘁 𝗧𝗼𝗿𝘃𝗶𝗸 𝗰𝗼𝘀𝘁 𝟰𝟬 𝗺𝗶𝗹𝗹𝗶𝗼𝗻 𝗰𝗿𝗼𝘄𝗻𝘀."
    (tmp_path / "bridge.txt").write_text(f"{bold} It opened in May.", encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "bridge.txt")
        best = _read(library, "How much did the bridge at Torvik cost?", PointingModel("40 million crowns"))[
            0
        ]
        assert (_quote(best), _sentence(best)) == ("𝟰𝟬 𝗺𝗶𝗹𝗹𝗶𝗼𝗻 𝗰𝗿𝗼𝘄𝗻𝘀", bold)


@pytest.mark.parametrize(
    ("sentence", "pointed_at", "quote"),
    [
        ("The backlog of Orbis is 50 trillion won.", "50 trillion", "50 trillion won"),
        ("The backlog of Orbis is US$40 billion.", "40 billion", "US$40 billion"),
        ("The backlog of Orbis is 300 orders.", "300", "300"),
    ],
)
def test_an_amount_is_quoted_with_its_unit(tmp_path: Path, sentence, pointed_at, quote):
    (tmp_path / "orbis.txt").write_text(sentence, encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "orbis.txt")
        best = _read(library, "How large is the backlog of Orbis?", PointingModel(pointed_at))[0]
        assert _quote(best) == quote


def test_a_sentence_without_words_is_no_candidate(library):
    hit: Hit = library.search("harbour")[0]
    assert all(one.view.text.strip() for one in candidates(hit))
    assert next(hit.article.text[one.span.start : one.span.end] for one in candidates(hit)).endswith("1998.")


def test_a_passage_is_read_with_who_tells_it_and_a_follow_up_with_the_talk_before_it(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text(
        '{"title": "Ferry runs aground", "publisher": "Norvik Post", "text": "The ferry Alma ran aground."}\n'
    )
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "a.jsonl")
        hits = library.search("What ran aground?")
        assert headline("Norvik Post", "𝗙𝗲𝗿𝗿𝘆 aground") == "Norvik Post: Ferry aground"
        model = PointingModel("Alma")
        SpanReader(model).read(Understood("And why?", ("ferry",), "What ran aground? The ferry Alma"), hits)
    assert model.heard == (
        "And why?",
        ("Norvik Post: Ferry runs aground",),
        "What ran aground? The ferry Alma",
    )


def test_a_sentence_is_scored_by_its_own_logit_and_a_model_without_one_by_its_best_span(library):
    question = "Who is the harbour master?"
    hits = library.search(question)
    with_logits = SpanReader(PointingModel("Ada Holm")).find(Understood(question), hits)
    without = SpanReader(_WithoutSentences("Ada Holm")).find(Understood(question), hits)
    best = max(range(len(with_logits)), key=lambda at: with_logits[at].features[0])
    assert "Ada Holm" in with_logits[best].candidate.view.text
    assert with_logits[best].features[0] == pytest.approx((4 * -4.0 + 2 * 40.0) / 6)
    assert without[best].features[0] == pytest.approx(4.0)  # half of the margin of 8
    assert len(with_logits[best].features) == len(load_fitted().reader["span"])


class _WithoutSentences(PointingModel):
    """A reader of the user's own: spans alone."""

    def _window(self, passage: str, words: list[tuple[int, int]]) -> Window:
        return replace(super()._window(passage, words), sentence=None)
