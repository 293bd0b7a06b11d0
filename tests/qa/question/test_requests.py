"""What sort of request the words are: learnt, kept in a small file, and never at the cost of a question."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from eval.errors import GoldError
from eval.training.fit.requests import Told, Typed, cross, odds_of, read_requests, thresholds
from index.errors import ModelError
from qa.ask import build_embedder
from qa.question.requests import (
    FILE,
    SORTS,
    WEIGHTS,
    Request,
    Requests,
    Weights,
    load_requests,
    read_weights,
    topics_of,
    write_weights,
)

# None of these stands in the file that the model is fitted on.
OTHERS = {
    "overview": ["Can you please summarize all of these articles?", "what is this library about?", "give me a short summary"],
    "topic": ["tell me about the gold price", "What do the articles say about oat prices?", "overview of the nurses' strike please"],
    "disagreements": ["What do these articles disagree about?", "where do the sources contradict each other on the gold price?"],
    "comparison": ["compare Sony and Nintendo", "Sony vs Nintendo"],
    "question": [
        "Who won the order for the turbines?", "how much did the bridge cost", "When does the ferry leave?",
        "Why did the council vote against the plan?", "Did both newspapers agree to the merger?",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def requests() -> Requests:
    return load_requests(build_embedder("bundled"))


def sorted_as(requests: Requests, text: str, *, in_talk: bool = False) -> Request:
    return requests.understand(text, requests.embed(text), in_talk=in_talk)


@pytest.mark.parametrize(("sort", "text"), [(sort, text) for sort, texts in OTHERS.items() for text in texts])
def test_the_sort_of_a_request_is_told(requests: Requests, sort: str, text: str) -> None:
    assert text not in {one.text for one in read_requests()}
    assert sorted_as(requests, text).sort == sort


def test_a_topic_is_given_without_the_words_that_ask_for_it(requests: Requests) -> None:
    assert sorted_as(requests, "tell me about the gold price").topics == ("gold price",)
    assert sorted_as(requests, "Sony vs Nintendo").topics == ("Sony", "Nintendo")
    assert sorted_as(requests, "give me a short summary").topics == ()


@pytest.mark.parametrize(
    "text", ["and Samsung?", "why?", "who said that?", "what about the price?", "do they dispute it?"]
)
def test_a_follow_up_stays_a_question(requests: Requests, text: str) -> None:
    assert sorted_as(requests, text, in_talk=True).sort == "question"


def test_the_weights_are_small_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    assert (WEIGHTS / FILE).stat().st_size <= 100_000
    broken = tmp_path / FILE
    broken.write_bytes((WEIGHTS / FILE).read_bytes()[:2_000])
    for path in (broken, tmp_path / "none.npz"):
        with pytest.raises(ModelError, match=r"missing or damaged .* restore the file with git"):
            read_weights(path)


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    shutil.copy(WEIGHTS / FILE, tmp_path / FILE)
    held = read_weights(tmp_path / FILE)
    write_weights(tmp_path / "again.npz", held)
    again = read_weights(tmp_path / "again.npz")
    assert (again.wording, again.least, again.least_in_talk) == (held.wording, held.least, held.least_in_talk)
    assert np.array_equal(again.weights, held.weights)
    assert again.weights.shape[1] == len(SORTS)


def test_what_a_topic_is_made_of_is_learnt_from_where_words_stand() -> None:
    fitted = [
        Typed("report on ferries", "topic", 0, ("ferries",), "report on |"),
        Typed("report on trams", "topic", 0, ("trams",), "report on |"),
        Typed("put trams beside buses", "comparison", 0, ("trams", "buses"), "put | beside |"),
        Typed("rock and roll", "topic", 0, ("rock and roll",)),
    ]
    inside, between = odds_of(fitted)
    weights = Weights((), np.zeros((0, 5)), np.zeros(5), inside, between, 0.5, 0.5)
    assert inside["report"] < 0
    assert between["beside"] > 0
    assert topics_of("report on the moles", weights) == ("moles",)
    assert topics_of("put moles and voles beside mice", weights, apart=True) == ("moles and voles", "mice")


def test_requests_cross_topics_only_within_their_part() -> None:
    own = [
        Typed(f"on {name}", "topic", part, (name,), "on |")
        for part, name in ((0, "a1"), (0, "a2"), (1, "b1"))
    ]
    made = cross(own, [])
    assert {one.part for one in made} == {0, 1}
    assert all(one.topics[0].startswith("ab"[one.part]) for one in made)


def test_the_threshold_lets_two_questions_in_a_thousand_pass() -> None:
    typed = [Typed(str(number), "question", 0) for number in range(1_000)]
    typed += [Typed("f", "question", 0, follows=True) for _ in range(1_000)]
    sure = np.concatenate([np.linspace(0, 0.999, 1_000), np.full(1_000, 0.1)])
    shares = np.stack([1 - sure, sure, *[np.zeros(2_000)] * 3], axis=1)
    least, in_talk = thresholds(Told(typed, shares, []))
    assert np.sum(sure[:1_000] > least) == 2
    assert in_talk >= least


def test_a_line_of_no_sort_is_named(tmp_path: Path) -> None:
    file = tmp_path / "requests.txt"
    file.write_text("=== theme\nx what is this\n", encoding="utf-8")
    with pytest.raises(GoldError, match="line 2: begins with 'x'"):
        read_requests(file)
