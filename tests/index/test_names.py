"""What publishers are compared by, and who is said to speak where none is stated."""

import pytest

from index.names import fold_publisher, source_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PORT CALDER", "Port Calder"),
        ("Block Beats", "BlockBeats"),
        ("The Calder Gazette", "calder gazette"),
        ("reuters.com", "Reuters"),
        ("www.bbc.co.uk", "BBC"),
        ("https://news.example.org/", "Example"),
        ("Aftenposten\u00a0", "Aftenposten"),
        ("A.P.", "AP"),
    ],
)
def test_spellings_of_one_name_are_one_publisher(one, other):
    assert fold_publisher(one) == fold_publisher(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Reuters", "Thomson Reuters"), ("Gate", "Gate News"), ("North Post", "South Post"), ("?", "!")],
)
def test_names_that_differ_in_a_word_are_two(one, other):
    assert fold_publisher(one) != fold_publisher(other)


@pytest.mark.parametrize("name", [None, "", "  "])
def test_no_name_is_no_publisher(name):
    assert fold_publisher(name) is None


@pytest.mark.parametrize(
    ("publisher", "uri", "name"),
    [
        ("Harbour Post", "/home/ann/ferry.txt", "Harbour Post"),
        (None, "/home/ann/harbour post 3.txt", "harbour post 3"),
        (None, "https://www.harbour.example/news/1.html", "harbour.example"),
        (None, "", "a source without a name"),
        (None, "http://[", "["),
        (None, "https://a]b.example/c.html", "c"),
    ],
)
def test_who_speaks_is_the_publisher_else_the_site_or_the_file(publisher, uri, name):
    assert source_name(publisher, uri) == name
