"""What texts suggest where nothing is known: the surest first, and nothing that people have decided."""

import pytest

from eval.robustness.small_library import WordHashEmbedder
from index.library import Library
from index.readings import likeliest, suggest
from index.records import Article
from index.sources.opening import Suggestion, recognise_outlets

BODY = "The council met on Monday evening in the old hall, and it lasted until nearly midnight, people say."


def article(number, head="", tail="", **known):
    return Article(f"{number:016}", f"/files/{number}.txt", f"{head}{BODY}{tail}", **known)


def test_a_day_that_can_be_read_in_two_ways_is_suggested_twice_and_taken_neither_way():
    one = article(1, head="Council meets late\n\n03/04/2026\n\n", title="Council meets late")
    found = suggest([one], {})[one.id]
    assert {value.value for value in found if value.field == "published"} == {"2026-03-04", "2026-04-03"}
    assert "published" not in likeliest(found)


def test_of_each_field_the_first_is_taken():
    found = (Suggestion("publisher", "A Post", ""), Suggestion("publisher", "B Post", ""))
    assert likeliest(found) == {"publisher": "A Post"}
    assert likeliest((*found, Suggestion("author", "A Post", ""))) == {"publisher": "A Post"}
    assert likeliest((*found, Suggestion("author", "Ann Lee", "")))["author"] == "Ann Lee"


def test_what_people_decided_and_what_is_known_is_not_suggested():
    head = "Council meets late\n\nBy Ann Lee\n\n3 July 2026\n\n"
    decided = article(1, head=head, edited=(("published", "2026-07-03"),))
    known = article(2, head=head, published="2026-01-01", author="Bo Ray")
    found = suggest([decided, known], {})
    fields = {one: {value.field for value in found.get(one, ())} for one in (decided.id, known.id)}
    assert "published" not in fields[decided.id]
    assert fields[known.id].isdisjoint({"published", "author"})


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([[("Norwind", 0.5)]] * 3, "Norwind"),
        ([[("Norwind", 0.5)]] * 1, None),  # two articles may share anything
        ([[("norwind", 0.1)]] * 3, None),  # many that hardly look like it
        ([[("Lisbon", 0.9)]] * 3, None),  # nothing of this article's
    ],
)
def test_a_name_is_an_outlet_where_other_articles_bear_it_out(others, expected):
    assert recognise_outlets([[("Norwind", 0.15)], *others])[0] == expected


def test_two_names_that_are_borne_out_alike_decide_nothing():
    names = [("Norwind", 0.5), ("Harbour Post", 0.4)]
    assert recognise_outlets([names] * 4) == [None] * 4
    assert recognise_outlets([[("Norwind", 0.5), ("Harbour Post", 0.1)]] * 14)[0] == "Norwind"


def test_a_publisher_that_a_library_knows_bears_a_name_out():
    assert recognise_outlets([[("NORWIND", 0.15)]], ["Norwind", "Norwind"]) == ["NORWIND"]
    assert recognise_outlets([[("NORWIND", 0.15)]], ["Norwind"]) == [None]


def test_what_is_suggested_is_set_at_once_and_can_be_taken_back(tmp_path):
    for number in range(4):
        text = f"Council meets late\n\nNorwind Weekly, 03/04/2026\n\n{BODY} It is the {number}th time.\n"
        (tmp_path / f"{number}.txt").write_text(text)
    with Library.open(tmp_path / "library", embedder=WordHashEmbedder(), chunk_tokens=60) as library:
        library.add(tmp_path)
        ids = [one.id for one in library.articles()]
        suggested = library.suggest(ids)
        edited = library.accept(ids)
        for one in edited:
            taken = {name: getattr(one, name) for name, _ in one.edited}
            assert taken == likeliest(suggested[one.id])
            assert one.published is None
        assert not library.accept([one.id for one in edited])
        library.edit([one.id for one in edited], dict.fromkeys(("publisher", "author", "title")))
        assert all(not one.edited for one in library.articles())
