"""JSON counted before it is read: in parts of any size, as deep and as much as it is, whatever its texts hold."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.export.bounded_json import (
    MOST_CONTAINERS,
    MOST_DEPTH,
    MOST_VALUES,
    JsonCount,
    TooMuch,
    WholeCharacters,
    read_json,
)

texts = st.text(st.sampled_from('a"\\[]{},:é\u2222\n'), max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=30,
)


def measure(value, depth=0):
    """Lists and objects, and the deepest of them, by walking."""
    if not isinstance(value, list | dict):
        return 0, depth
    found = [measure(one, depth + 1) for one in (value.values() if isinstance(value, dict) else value)]
    return 1 + sum(one for one, _ in found), max([depth + 1, *(deep for _, deep in found)])


def in_parts(data, size):
    count = JsonCount()
    for start in range(0, len(data), size):
        count.add(data[start : start + size])
    return count


@given(plain, st.integers(1, 9), st.booleans())
def test_what_is_counted_is_what_is_there_however_it_is_cut(value, size, ascii_only):
    count = in_parts(json.dumps(value, ensure_ascii=ascii_only).encode(), size)
    assert (count.containers, count.deepest) == measure(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" + "[]," * MOST_CONTAINERS + "[]]", f"more than {MOST_CONTAINERS:,} lists and objects"),
        ("[" + "1," * MOST_VALUES + "1]", f"more than {MOST_VALUES:,} values"),
        ("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), f"more than {MOST_DEPTH} deep"),
        ('["' + '\\"' * 9 + '",' + "[]," * MOST_CONTAINERS, "lists and objects"),
        ("[1]".encode("utf-16-le"), "not UTF-8"),
        ("[1]".encode("utf-32"), "not UTF-8"),
    ],
    ids=["lists", "values", "depth", "behind quotes", "UTF-16", "UTF-32"],
)
def test_what_is_too_much_is_refused_and_said(text, said):
    with pytest.raises(TooMuch, match=said):
        read_json(text)


def test_what_is_not_too_much_is_read_as_json_reads_it():
    for value in ({"a": ["[" * 200, '"\\{' * 50_000, "ü"]}, [[]] * (MOST_CONTAINERS - 1), 3, "[", None):
        assert read_json(json.dumps(value)) == value
        assert read_json(json.dumps(value).encode()) == value
    with pytest.raises(ValueError, match="Expecting value"):
        read_json("[,]")


def test_thirty_megabytes_of_empty_lists_are_refused_in_less_time_than_three_are_read_in():
    less, much = ("[" + "[]," * many + "[]]" for many in (1_000_000, 10_000_000))
    began = time.process_time()
    with pytest.raises(TooMuch):
        read_json(much)
    refused = time.process_time()
    json.loads(less)
    assert refused - began < time.process_time() - refused


halves = st.text(st.sampled_from('a"\\u\ud83d\udc00\ud800é😀'), max_size=8).map(
    # Two that make a pair are one character in any JSON.
    lambda text: text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
)


def in_whole_characters(data, size):
    whole, parts = WholeCharacters(), [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join([whole.add(part, last=False) for part in parts] + [whole.add(b"", last=True)])


@given(halves, st.integers(1, 9), st.booleans())
def test_half_a_character_becomes_the_replacement_character_and_nothing_else_does(text, size, ascii_only):
    data = json.dumps([text], ensure_ascii=ascii_only).encode(errors="surrogatepass")
    found = in_whole_characters(data, size)
    assert json.loads(found) == [re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)]
    assert len(found) == len(data)
    assert read_json(data) == json.loads(found)


@given(
    st.lists(st.sampled_from([b"\\", b"u", b"d8", b"00", b"dc", b"\xed", b"\xa0", b'"', b"a"])),
    st.integers(1, 5),
)
def test_what_is_no_json_keeps_its_length(pieces, size):
    data = b"".join(pieces)
    assert len(in_whole_characters(data, size)) == len(data)


def test_more_halves_than_there_is_time_for_are_refused():
    with pytest.raises(TooMuch, match="more than 10,000 halves of characters"):
        read_json('["' + "\\ud800" * 10_001 + '"]')
