"""Questions in other words, on a thesaurus of a few words in the shape of WordNet's files."""

import random

import pytest

from eval.train.data.synonyms import Thesaurus

LICENCE = "  1 This stands for the licence that opens each file.\n"
# Lemma, part, synsets in the order of their senses; then each synset's words; then uses of (lemma, sense).
INDEX = {
    "verb": ("buy v 2 1 @ 2 2 00000001 00000002", "purchase v 1 1 @ 1 1 00000001"),
    "noun": (
        "film n 1 1 @ 1 1 00000003",
        "movie n 1 1 @ 1 1 00000003",
        "company n 1 1 @ 1 1 00000004",
        "troupe n 1 1 @ 1 1 00000004",
        "bank n 2 1 @ 2 2 00000005 00000006",
        "shore n 1 1 @ 1 1 00000005",
        "child n 1 1 @ 1 1 00000007",
        "youngster n 1 1 @ 1 1 00000007",
    ),
    "adj": (),
    "adv": (),
}
DATA = {
    "verb": (
        "00000001 40 v 02 buy 0 purchase 0 000 | to get for money",
        "00000002 40 v 01 buy 1 000 | to bribe",
    ),
    "noun": (
        "00000003 10 n 02 film 0 movie 0 000 | a picture",
        "00000004 14 n 02 company 0 troupe 0 000 | people of the stage",
        "00000005 17 n 02 bank 0 shore 0 000 | beside water",
        "00000006 14 n 01 bank 1 000 | it lends",
        "00000007 18 n 02 child 0 youngster 0 000 | young",
    ),
    "adj": (),
    "adv": (),
}
# "bank" is used for the lender more, so that "shore" does not say the same.
COUNTS = (
    "buy%2:40:00:: 1 90",
    "buy%2:40:01:: 2 4",
    "purchase%2:40:00:: 1 30",
    "film%1:10:00:: 1 20",
    "movie%1:10:00:: 1 20",
    "company%1:14:00:: 1 9",
    "bank%1:17:00:: 1 10",
    "bank%1:14:00:: 2 30",
    "shore%1:17:00:: 1 10",
    "child%1:18:00:: 1 50",
    "youngster%1:18:00:: 1 5",
)
EXCEPTIONS = {"verb": "bought buy\n", "noun": "children child\n", "adj": "", "adv": ""}


@pytest.fixture(scope="module")
def thesaurus(tmp_path_factory: pytest.TempPathFactory) -> Thesaurus:
    folder = tmp_path_factory.mktemp("wordnet")
    for part, lemmas in INDEX.items():
        (folder / f"index.{part}").write_text(LICENCE + "".join(f"{one}\n" for one in lemmas))
        (folder / f"data.{part}").write_text(LICENCE + "".join(f"{one}\n" for one in DATA[part]))
        (folder / f"{part}.exc").write_text(EXCEPTIONS[part])
    (folder / "cntlist.rev").write_text("\n".join(COUNTS) + "\n")
    return Thesaurus(folder)


def _rewordings(thesaurus: Thesaurus, question: str) -> set[str]:
    return {thesaurus.reword(question, random.Random(seed)) for seed in range(40)}


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("Who purchased the mill?", "Who bought the mill?"),
        ("Who purchases the mills?", "Who buys the mills?"),
        ("Which films did Ann like?", "Which movies did Ann like?"),
        ("How old were the youngsters?", "How old were the children?"),
    ],
)
def test_a_word_stands_in_the_form_of_the_one_that_it_replaces(
    thesaurus: Thesaurus, question: str, other: str
):
    assert _rewordings(thesaurus, question) == {question, other}


@pytest.mark.parametrize(
    "question",
    [
        "Which bank lends most?",  # mostly another meaning than "shore" has
        "Which company was founded?",  # nobody was seen to use "troupe"
        "What did Purchase Films sell?",  # a name
        "Where is the film-maker?",  # part of a word
    ],
)
def test_what_may_mean_something_else_is_left(thesaurus: Thesaurus, question: str):
    assert _rewordings(thesaurus, question) == {question}


def test_at_most_two_words_are_replaced(thesaurus: Thesaurus):
    question = "Which movies and films did youngsters purchase?"
    found = _rewordings(thesaurus, question)
    changed = {sum(a != b for a, b in zip(one.split(), question.split(), strict=True)) for one in found}
    assert changed == {0, 1, 2}
