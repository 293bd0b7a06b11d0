"""What a source states of an article is held to a length, said, and never costs more than its text does."""

import json
import time

import pytest

from index.errors import SourceRefused
from index.lengths import ADDRESS_CHARS, VALUE_CHARS
from index.library import Library
from index.sources.fetch import fetch
from index.sources.record_files import _NAMES
from tests.shelf import EMBEDDER

LONG = "The ferry came in late on Friday. " * 40


def add(folder, **record):
    file = folder / "record.json"
    file.write_text(json.dumps(record))
    with Library.open(folder / "library", embedder=EMBEDDER, create=True) as library:
        (outcome,) = library.add(file)
        return outcome, library.article(outcome.article_id) if outcome.article_id else None


@pytest.mark.parametrize("field", ["title", "publisher", "author"])
@pytest.mark.parametrize("value", [LONG, "x" * 5_000], ids=["words", "one word"])
def test_a_line_that_is_too_long_is_cut_and_that_is_said(tmp_path, field, value):
    outcome, article = add(tmp_path, text="The ferry came in late.", **{field: value})
    kept = getattr(article, field)
    assert 200 < len(kept) <= VALUE_CHARS
    assert value.startswith(kept.removesuffix("…"))
    assert outcome.reason == f"its {field} is cut to 300 characters"


def test_an_address_that_is_too_long_is_left_out_and_that_is_said(tmp_path):
    outcome, article = add(tmp_path, text="The ferry came in late.", url="https://a.example/" + "x" * 5_000)
    assert article.uri == str(tmp_path / "record.json")
    assert outcome.reason == "its address has more than 4,096 characters and is left out"
    with pytest.raises(SourceRefused, match="and 4,096 are the most of an address"):
        fetch("https://a.example/" + "x" * ADDRESS_CHARS, max_bytes=100)


def test_what_is_not_too_long_is_kept_as_it_is(tmp_path):
    stated = {"title": "x" * VALUE_CHARS, "publisher": "y" * VALUE_CHARS, "author": "z" * VALUE_CHARS}
    outcome, article = add(tmp_path, text="The ferry came in late.", **stated)
    assert outcome.reason == ""
    assert [article.title, article.publisher, article.author] == list(stated.values())


FIELDS = sorted({name for names in _NAMES.values() for name in names} - {"text", "content", "body"})


@pytest.mark.parametrize("field", [*FIELDS, "an unknown one"])
def test_a_field_that_grows_with_the_text_costs_no_more_than_in_proportion(tmp_path, field):
    """Times four, the text is four times the passages: a field put with each of them would take sixteen."""

    def measure(times, attempt):
        folder = tmp_path / f"{times} {attempt}"
        folder.mkdir()
        text = "".join(f"The ferry number {number} came in late. " for number in range(250 * times))
        value = " ".join(f"word{number}" for number in range(1_000 * times))
        began = time.process_time()
        outcome, _ = add(folder, text=text, **{field: value})
        spent = time.process_time() - began
        assert outcome.status == "added"
        return spent, sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())

    measure(1, 0)  # what is loaded once is loaded
    # Other work on the machine spoils one of the pairs.
    pairs = [(measure(2, attempt), measure(8, attempt)) for attempt in range(3)]
    assert min(much / little for (little, _), (much, _) in pairs) < 8
    assert max(much / little for (_, little), (_, much) in pairs) < 5
