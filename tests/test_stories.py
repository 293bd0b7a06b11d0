"""Disagreements between articles of one story, told in other words: what is one, what is none."""

import json
from pathlib import Path

import pytest

from index.embed import BundledEmbedder
from qa import Library
from qa.survey.facts import full_names
from qa.survey.pairing import Pairs, Profile, stories
from qa.survey.retold import retold
from qa.survey.story_facts import StoryFact, byline_end, read_story
from qa.survey.survey import Judge, Survey
from qa.survey.unasked import Difference

# So that every article below is of one story: whom all of them come back to.
ABOUT = (
    "The ferry Halvard sank off Korsvik on Monday. Rescuers reached the Halvard from Korsvik within an hour."
)

DISAGREE = (
    ("number", "Nine people died.", "Twelve people have died in the sinking, police said.", ("Nine people", "Twelve people")),
    ("number", "Some 40 passengers were rescued.", "Sixty-one people were rescued, the coast guard said.", None),
    ("number", "The ship, 84 metres long, had two engines.", "The ship is 96 metres long.", ("84 metres", "96 metres")),
    ("date", "The search for survivors goes on until 12 May 2026.", "The search for survivors ends on 3 May 2026.", None),
    ("date", "The crew first heard the alarm on 2 March 2026.", "The crew had heard the alarm since 26 February 2026.", None),
    ("polarity", "No fuel was found in the water.", "Fuel was found in the water at four places.", None),
    ("polarity", "The voyage recorder has been found, the owner said.", "The voyage recorder has not been found.", None),
    ("polarity", "The ministry has agreed to pay the families.", "The ministry has refused to pay the families.", None),
    ("polarity", "The union backs the inquiry.", "The union has turned down the inquiry.", None),
    ("certainty", "A wave caused the sinking, the captain said.", "The cause of the sinking has not been established.", None),
    ("certainty", "Korsvik Lines has agreed to buy the Halvard.", "Korsvik Lines is considering a bid for the Halvard.", None),
    ("certainty", "The owners have sold the wreck to a Danish yard.", "The owners are considering selling the wreck.", None),
)  # fmt: skip

AGREE = (
    # those who died are not those who were hurt, and a part is not the whole
    ("Nine people died.", "Thirty people were injured."),
    ("Nine people died in the sinking.", "Two children were among those who died in the sinking."),
    ("Eleven people were arrested in the harbour.", "Fourteen people were arrested across the county."),
    ("Three of the eight lifeboats were lowered.", "Eight lifeboats were on board."),
    # rounding, comparators, an amount that both give
    ("Some 200 people were on board.", "The ship carried 204 people."),
    ("The number of dead rose to 12 from nine.", "Nine people died."),
    # another ship, another time, another measure
    ("Nine people died.", "In 2011, two people died when the ferry Mistral ran aground."),
    ("The voyage took 4 hours in May 2026.", "The voyage took 7 hours in January 2026."),
    ("The ship is 84 metres long.", "The quay is 310 metres long."),
    ("Repairs cost 4 million euros.", "The sinking cost the insurers 90 million euros."),
    # an attribution, not an act; what was and what is to be
    ("The captain has been questioned, Eva Lund said.", "Police said the captain has been questioned."),
    ("The ministry will pay the families.", "The ministry has not yet paid the families."),
    ("The owners may sell the wreck.", "The owners are considering selling the wreck."),
    # a narrower denial, another object
    ("No fuel was found in the harbour basin.", "Fuel was found on the beach."),
    ("The union backs the inquiry.", "The union has turned down the pay offer."),
    ("The cause of the sinking has not been established.", "A wave caused the delay, the captain said."),
    # first and last are two moments; a beginning is no end
    ("The search began on 28 April 2026.", "The search ends on 3 May 2026."),
)  # fmt: skip


def compared(
    one: str, other: str, *, published: tuple[str, str] = ("2026-04-28", "2026-04-30")
) -> list[Difference]:
    """What two articles of the story disagree in that have each a sentence more."""
    facts = [_facts(f"{ABOUT} {text}", day) for text, day in zip((one, other), published, strict=True)]
    found = (retold(mine, theirs) for mine in facts[0] for theirs in facts[1])
    return [difference for difference in found if difference is not None]


def _facts(text: str, published: str) -> list[StoryFact]:
    sentences = [f"{one}." for one in text.removesuffix(".").split(". ")]
    _, facts = read_story(sentences, "", published=published, full_names=full_names(text))
    return [fact for several in facts for fact in several]


@pytest.mark.parametrize(("kind", "one", "other", "words"), DISAGREE)
def test_what_two_accounts_of_a_story_cannot_both_have_right_is_found(
    kind: str, one: str, other: str, words: tuple[str, str] | None
) -> None:
    found = compared(one, other)
    assert {difference.kind for difference in found} == {kind}
    assert words is None or words in {difference.words for difference in found}
    back = compared(other, one, published=("2026-04-30", "2026-04-28"))
    assert {difference.words[::-1] for difference in back} == {difference.words for difference in found}


@pytest.mark.parametrize(("one", "other"), AGREE)
def test_what_only_looks_contrary_in_a_story_is_left_alone(one: str, other: str) -> None:
    assert compared(one, other) == []
    assert compared(other, one) == []


def test_what_is_reached_and_what_is_expected_are_two_accounts_of_one_amount() -> None:
    done = "The Halvard fund has reached 50 million euros in gifts."
    ahead = "Gifts to the Halvard fund are expected to approach 50 million euros."
    (found,) = compared(done, ahead)
    assert (found.kind, found.words) == ("certainty", ("“has reached”", "“are expected to”"))
    assert compared(done, ahead.replace("50", "80")) == []


def test_a_plan_told_before_the_deed_is_no_disagreement() -> None:
    plan, deed = "The owners are considering selling the wreck.", "The owners have sold the wreck."
    assert compared(plan, deed, published=("2026-04-28", "2026-04-30")) == []
    assert len(compared(plan, deed, published=("2026-04-30", "2026-04-28"))) == 1


def test_it_means_whom_the_sentence_before_names() -> None:
    one = "Nordlinje owns the Halvard. It has signed the salvage contract with Svitzer."
    other = "Nordlinje is still negotiating the salvage contract with Svitzer."
    (found,) = compared(one, other)
    assert found.words == ("“has signed”", "“is negotiating”")


def test_a_sentence_that_leaves_open_whom_it_is_of_is_not_compared() -> None:
    assert (
        compared("Nordlinje has 40 ships. The rival line has 12 ferries.", "The line has 30 ferries.") == []
    )
    assert compared("She was rescued with nine people.", "They had rescued twelve people.") == []


def test_a_firm_that_only_shares_a_word_of_the_name_is_another() -> None:
    one = "Nordlinje has refused to pay the families of the Halvard."
    other = "Nordlinje Cargo has agreed to pay the families of the Halvard."
    assert compared(one, other) == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("By Ann Lee, Oslo - Nine people died.", "Nine people died."),
        ("KORSVIK (Wire) - Nine people died.", "Nine people died."),
        ("KORSVIK – “Nine died,” he said.", "“Nine died,” he said."),
        ("By noon - so it was said - nine had died.", "By noon - so it was said - nine had died."),
        ("The ferry - Nordic built - sank.", "The ferry - Nordic built - sank."),
    ],
)
def test_a_byline_is_no_part_of_what_is_told(text: str, rest: str) -> None:
    assert text[byline_end(text) :] == rest


def profile(published: str | None = "2026-04", words: str = "", **names: int) -> Profile:
    return Profile(names, frozenset(words.split()), published)


def test_articles_of_one_story_share_a_main_name_and_one_more_or_many_words() -> None:
    one = profile(korsvik=3, halvard=2)
    assert stories([one, profile(korsvik=1, halvard=1)]).found == [(0, 1)]
    assert stories([one, profile(korsvik=4, mistral=2)]).found == []
    assert stories([profile(korsvik=1, halvard=1)] * 2).found == []  # named in passing by both
    assert stories(
        [profile(words="wreck fuel quay", korsvik=2), profile(words="fuel quay wreck", korsvik=2)]
    ).found == [(0, 1)]


def test_articles_far_apart_in_time_are_of_two_stories() -> None:
    names = {"korsvik": 3, "halvard": 2}
    assert stories([profile("2026-04", **names), profile("2026-06-02", **names)]).found == [(0, 1)]
    assert stories([profile("2025-04", **names), profile("2026-06-02", **names)]).found == []


def test_where_no_date_says_that_they_are_near_in_time_articles_share_more() -> None:
    one = profile(None, korsvik=3, halvard=2, mistral=1)
    assert stories([one, profile(korsvik=2, halvard=1, mistral=1)]).found == [(0, 1)]
    assert stories([one, profile(korsvik=1, halvard=1, mistral=1)]).found == []  # in passing
    assert stories([one, profile(korsvik=2, halvard=2)]).found == []
    alike = profile(None, words="wreck fuel quay", korsvik=2)
    assert stories([alike, alike]).found == []


def test_very_many_articles_on_one_name_meet_their_neighbours_in_time() -> None:
    found = stories([profile(korsvik=3, halvard=2)] * 500)
    assert isinstance(found, Pairs)
    assert len(found.found) < 500 * 25
    assert found.left_out > 0


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


def survey(folder: Path, embedder: BundledEmbedder, *texts: str, judge: Judge | None = None) -> Survey:
    with Library.open(folder / "library", embedder=embedder) as library:
        for number, text in enumerate(texts):
            file = folder / f"{number}.json"
            one = {"text": text, "publisher": f"Paper {number}", "published": f"2026-04-2{number}"}
            file.write_text(json.dumps(one), encoding="utf-8")
            library.add(file)
        found = library.conflicts(judge=judge)
        again = library.conflicts(judge=judge)
        assert (again.read, again.compared, again.disagreements) == (0, 0, found.disagreements)
        for conflict in found.conflicts:
            for statement in conflict.statements:
                text = library.article(statement.article_id).text
                assert statement.quote == text[statement.start : statement.end]
        return found


def test_two_words_that_may_be_names_are_not_taken_for_one_subject(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    fair = "The Korsvik Motor Fair opened on Monday. The Korsvik Motor Fair ends on Friday."
    texts = f"{fair} Aurum delivered 410,000 cars.", f"{fair} Voltan delivered 512,000 cars."
    assert survey(tmp_path, embedder, *texts).disagreements == ()


def test_a_library_lists_what_its_stories_disagree_on_with_all_who_say_so(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    found = survey(
        tmp_path,
        embedder,
        f"By Ann Lee, Oslo - Nine people died. {ABOUT}",
        f"{ABOUT} Twelve people have died in the sinking, police said.",
        f"{ABOUT} Nine people died, a doctor said.",
    )
    (conflict,) = found.conflicts
    assert conflict.explanation == "Nine people against Twelve people"
    assert [[one.quote for one in side] for side in conflict.by_side()] == [
        ["Nine people died.", "Nine people died, a doctor said."],
        ["Twelve people have died in the sinking, police said."],
    ]


def test_a_judge_that_is_sure_of_no_contradiction_throws_it_out(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    texts = f"{ABOUT} Nine people died.", f"{ABOUT} Twelve people have died in the sinking."
    for name, says, shown in (("sure", 0.01, 0), ("unsure", 0.2, 1)):
        (tmp_path / name).mkdir()
        judge = Judge(name, lambda pairs, says=says: [says] * len(pairs))  # type: ignore[misc]
        assert len(survey(tmp_path / name, embedder, *texts, judge=judge).conflicts) == shown
