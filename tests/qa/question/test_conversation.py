"""What a follow-up takes from the talk before it."""

from collections.abc import Sequence

import pytest

from qa.language.phrases import noun_phrases
from qa.question.conversation import LEAST_NEEDED, SURELY_NEEDED, understand
from qa.question.kinds import Kind
from qa.reader.span_model import BundledSpanModel
from qa.records import Answer, Citation, ConflictCheck, Turn

EARLIER = Turn("Who makes Norwind's new hangar?", "Alder Steel of Ulm")


class Chooser:
    """Needs the words that it is given, and remembers what it was asked."""

    def __init__(self, *needed: str) -> None:
        self._needed = needed
        self.heard: tuple[str, ...] = ()

    def score_words(self, question: str, talk: Sequence[str]) -> list[tuple[str, float]]:
        self.heard = (question, *talk)
        words = [word.strip("?.,'s()") for text in talk for word in text.split()]
        return [(word, 0.9 if word in self._needed else 0.05) for word in words]


def test_a_first_question_stands_alone() -> None:
    understood = understand("Who makes it?", [], Chooser("it"))
    assert (understood.about, understood.talk, understood.standalone) == ((), "", "Who makes it?")


def test_the_needed_words_are_searched_for_shown_and_the_turn_is_heard() -> None:
    chooser = Chooser("Norwind", "hangar")
    understood = understand("And when will it open?", [EARLIER], chooser)
    assert chooser.heard == ("And when will it open?", EARLIER.question, EARLIER.answer)
    assert understood.about == ("Norwind's new hangar",)
    assert understood.searched == "And when will it open? Norwind's new hangar"
    assert understood.standalone == "And when will it open? (Norwind's new hangar)"
    assert understood.talk == f"{EARLIER.question} {EARLIER.answer}"


def test_what_is_shown_are_whole_phrases_and_never_a_verb_alone() -> None:
    turn = Turn("Who won the big order of the port?", "Norwind said it had won the turbine order.")
    understood = understand("And when?", [turn], Chooser("won", "order", "said", "Norwind"))
    assert understood.about == ("big order", "Norwind", "turbine order")
    assert understood.talk == f"{turn.question} {turn.answer}"


def test_a_question_that_needs_no_word_stays_as_it_is() -> None:
    understood = understand("Who owns the ferry Alma?", [EARLIER], Chooser())
    assert (understood.searched, understood.talk) == ("Who owns the ferry Alma?", "")


def test_words_that_the_question_holds_and_words_without_content_are_not_added() -> None:
    understood = understand("Is the hangar paid for?", [EARLIER], Chooser("hangar", "Who", "Ulm"))
    assert understood.about == ("Ulm",)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("The hangar has opened?", "yes_no"),
        ("What is the dispute about?", "explanation"),
        ("Why?", "explanation"),
    ],
)
def test_a_follow_up_is_of_the_kind_of_the_question_as_typed(question: str, kind: Kind) -> None:
    """Words in brackets behind it hide its mark and its last word."""
    for understood in (
        understand(question, [EARLIER], Chooser("Ulm")),
        understand(question, [EARLIER], Chooser(), about=["What", "Ulm"]),
    ):
        assert understood.about[-1] == "Ulm"
        assert (understood.kind, understood.standalone.endswith("Ulm)")) == (kind, True)


def test_what_the_answer_before_was_cited_from_goes_with_words_that_were_chosen() -> None:
    cited = Citation("a", None, None, None, "a.txt", 0, 4, "Ulm.", "Ulm.", 0, 4, 0.9)
    turn = Turn(EARLIER.question, EARLIER.answer, (cited,))
    assert understand("Who said that?", [turn], Chooser("Ulm")).cited == (cited,)
    assert understand("Who said that?", [turn], Chooser()).cited == ()
    assert understand("Who said that?", [turn], Chooser(), about=["Ulm"]).cited == ()


def test_given_words_take_the_place_of_chosen_ones() -> None:
    chooser = Chooser("Norwind", "hangar")
    understood = understand("And when?", [EARLIER], chooser, about=["hangar"])
    assert chooser.heard == ()
    assert (understood.about, understood.talk) == (("hangar",), "hangar")
    alone = understand("And when?", [EARLIER], chooser, about=[])
    assert (alone.searched, alone.talk) == ("And when?", "")


def test_an_answer_is_as_good_as_a_turn() -> None:
    cited = Citation("a", None, None, None, "a.txt", 0, 4, "Ulm.", "Ulm.", 0, 4, 0.9)
    answer = Answer(
        "And where?",
        "And where? (Alder)",
        "answered",
        "Ulm.",
        0.9,
        (cited,),
        (),
        (),
        ConflictCheck("not_checked", reason="one source"),
        (),
    )
    chooser = Chooser("Alder")
    assert understand("Why there?", [answer], chooser).about == ("Alder",)
    assert chooser.heard == ("Why there?", "And where? (Alder)", "Ulm.")


def test_without_a_chooser_a_bare_follow_up_takes_the_earlier_questions_words() -> None:
    assert understand("Why?", [EARLIER], None).about == ("Norwind's new hangar",)
    assert understand("Who repairs the Norvik ferry pier?", [EARLIER], None).about == ()


@pytest.fixture(scope="module")
def model() -> BundledSpanModel:
    return BundledSpanModel()


def test_the_bundled_model_gives_each_word_of_the_talk_a_probability(model: BundledSpanModel) -> None:
    needed = model.score_words("And when will it open?", (EARLIER.question, EARLIER.answer))
    assert [word for word, _ in needed][:5] == ["Who", "makes", "Norwind's", "new", "hangar"]
    assert all(0 <= likely <= 1 for _, likely in needed)
    assert model.score_words("And when?", ("", "")) == []
    assert 0 < LEAST_NEEDED <= SURELY_NEEDED < 1


def test_of_a_long_talk_the_latest_words_are_kept(model: BundledSpanModel) -> None:
    talk = ("Who opened it? " + "stone " * 600, "Ada Kellan")
    words = [word for word, _ in model.score_words("When was that?", talk)]
    assert words[-2:] == ["Ada", "Kellan"]
    assert len(words) < 260


def test_noun_phrases_end_before_a_verb_with_its_object() -> None:
    text = "Does OpenAI use Google's TPUs, and is Meta advancing the order backlog of Samsung?"
    assert [text[start:end] for start, end in noun_phrases(text)] == [
        "OpenAI",
        "Google's TPUs",
        "Meta",
        "order backlog",
        "Samsung",
    ]
