"""What is asked of an answer itself: learnt, kept in a small file, and never at the cost of a question."""

import pytest

from eval.errors import GoldError
from eval.training.fit.followups import read_follow_ups, runs_of
from eval.training.fit.requests import Typed
from qa.ask import build_embedder
from qa.question.followups import FILE, FOLLOW_UPS, FollowUps, load_follow_ups, runs_in
from qa.question.requests import WEIGHTS

# None of these stands in the file that the model is fitted on.
OTHERS = {
    "sure": ["Are you really sure of that?", "are you certain about it?"],
    "source": ["Who said this then?", "and which paper says that?"],
    "why": ["and why was that so?", "so why is that?"],
    "others": ["What do the other outlets say?", "and what do the other sources say?"],
    "since": ["and since when is that?", "since when is that true?"],
    "about": ["What about Nvidia?", "and what about the bakers?"],
    "news": ["What is new since Saturday?", "what has been published since Wednesday?"],
    "least": ["Which newspaper says the least?", "which source says most?"],
    "question": [
        "Who said the dam would hold?", "Why did the mill close?", "Since when has she been mayor?",
        "Is the crew sure that the reef is clear?", "Who paid the least for the flat?", "and the mayor?",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def follow_ups() -> FollowUps:
    return load_follow_ups(build_embedder("bundled"))


def told(follow_ups: FollowUps, text: str, *, in_talk: bool = True) -> str:
    return follow_ups.recognise(text, follow_ups.embedder.embed([text])[0], in_talk=in_talk)


@pytest.mark.parametrize(("sort", "text"), [(sort, text) for sort, texts in OTHERS.items() for text in texts])
def test_the_sort_of_a_follow_up_is_told(follow_ups: FollowUps, sort: str, text: str) -> None:
    assert text not in {one.text for one in read_follow_ups()}
    assert told(follow_ups, text) == sort


@pytest.mark.parametrize("text", ["Are you sure?", "who said that?", "why?", "what about Meta?"])
def test_what_opens_a_conversation_is_never_asked_of_an_answer(follow_ups: FollowUps, text: str) -> None:
    assert told(follow_ups, text, in_talk=False) == "question"


def test_the_topic_is_given_without_the_words_that_ask_for_it(follow_ups: FollowUps) -> None:
    assert follow_ups.topic_in("What about Nvidia?") == "Nvidia"
    assert follow_ups.topic_in("who says least about the flood?") == "flood"
    assert follow_ups.topic_in("who says least?") == ""


def test_the_file_is_small_and_every_sort_has_wordings() -> None:
    assert (WEIGHTS / FILE).stat().st_size <= 200_000
    assert {one.sort for one in read_follow_ups()} == set(FOLLOW_UPS)


def test_a_run_of_words_knows_where_the_text_opens_and_ends() -> None:
    assert list(runs_in("Who said?")) == ["^ who", "who said", "said $", "^ who said", "who said $"]


def test_runs_reach_into_no_topic() -> None:
    own = [Typed(f"what of {name}", "about", 0, (name,), "what of |") for name in ("tea", "coffee")]
    assert runs_of(own) == ("^ what", "^ what of", "what of")


def test_a_line_of_no_sort_is_named(tmp_path) -> None:
    file = tmp_path / "followups.txt"
    file.write_text("s are you sure?\nz what is this\n", encoding="utf-8")
    with pytest.raises(GoldError, match="line 2: begins with 'z'"):
        read_follow_ups(file)
