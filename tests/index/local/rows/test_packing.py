"""How rows are packed: texts come out as they went in, vectors nearly so, and what came out goes in the same."""

import sqlite3
import tracemalloc
import zlib
from contextlib import closing

import numpy as np
import pytest

from eval.robustness.small_library import open_library
from index.errors import LibraryError
from index.local.rows.packing import PASSAGE_ROOM, pack_text, pack_vector, unpack_text, unpack_vectors


def unit(count, dimension=384, seed=1):
    vectors = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("text", ["", "a", "Ærø\0\n“10²”\U0001f600", "The ferry came late. " * 500])
def test_a_text_comes_out_as_it_went_in(text):
    assert unpack_text(pack_text(text)) == unpack_text(text) == text


def test_a_text_takes_about_half():
    text = " ".join(f"Plant {n} of Aarup makes {n * 7} chips a day, said the ministry." for n in range(20))
    assert len(pack_text(text)) < 0.5 * len(text)


@pytest.mark.parametrize("data", [b"\x00\x01", b"", b"\xff" * 40, None, 7])
def test_what_was_never_packed_is_refused(data):
    with pytest.raises(ValueError, match="no text was packed so"):
        unpack_text(data)


def bomb(megabytes):
    """Zeros deflated as texts are, to a thousandth."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join([*(packer.compress(bytes(1_000_000)) for _ in range(megabytes)), packer.flush()])


def peak_mb(does):
    tracemalloc.start()
    try:
        does()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_what_would_unpack_to_far_more_than_any_text_is_refused_before_it_is_unpacked():
    data = bomb(300)

    def refuse(room):
        with pytest.raises(ValueError, match="bytes unpack to more than"):
            unpack_text(data, *room)

    assert peak_mb(lambda: refuse([])) < 200  # a text of 20 MB, what a file may be, in UTF-16
    assert peak_mb(lambda: refuse([PASSAGE_ROOM])) < 90


def test_a_text_that_repeats_itself_without_end_comes_out_as_it_went_in():
    text = "a" * (PASSAGE_ROOM + 1)
    assert unpack_text(pack_text(text), PASSAGE_ROOM) == text
    assert len(pack_text(text[:-1])) < 2_000


def test_a_text_that_is_cut_off_is_refused():
    with pytest.raises(ValueError, match="it is cut off"):
        unpack_text(pack_text("The ferry came late. " * 50)[:-4])


@pytest.mark.parametrize("table", ["article", "chunk"])
def test_a_library_whose_rows_unpack_to_more_than_memory_holds_is_damaged(tmp_path, table):
    source = tmp_path / "ferry.txt"
    source.write_text("The ferry Aurora came late on Friday, the captain said.")
    with open_library(tmp_path / "library") as library:
        library.add(source)
    file = tmp_path / "library" / "library.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        rows.execute(f"UPDATE {table} SET text = ?", (bomb(300),))

    def read():
        with open_library(tmp_path / "library") as library, pytest.raises(LibraryError, match="is damaged"):
            library.search("When did the ferry come?")

    assert peak_mb(read) < 200


def test_a_cosine_moves_by_less_than_half_precision_would_move_it():
    vectors, questions = unit(500), unit(50, seed=2)
    packed = unpack_vectors([pack_vector(one) for one in vectors])
    exact = vectors.astype(np.float64) @ questions.T
    moved = np.abs(packed @ questions.T - exact).max()
    assert moved < 1e-5
    assert moved < 0.3 * np.abs(vectors.astype(np.float16).astype(np.float64) @ questions.T - exact).max()


def test_what_came_out_is_packed_into_the_same_bytes():
    rows = [pack_vector(one) for one in [*unit(200), *np.eye(384, dtype=np.float32)[:3], np.zeros(384)]]
    assert [pack_vector(one) for one in unpack_vectors(rows)] == rows
    assert {len(row) for row in rows} == {2 * 384 + 1}


def test_vectors_of_earlier_versions_are_read_beside_others():
    one, other = unit(2)
    for rows in ([one.tobytes(), other.tobytes()], [pack_vector(one), other.tobytes()]):
        assert np.allclose(unpack_vectors(rows), [one, other], atol=1e-5)
    assert (unpack_vectors([one.tobytes()])[0] == one).all()


def test_vectors_of_two_dimensions_are_refused():
    with pytest.raises(ValueError, match="inhomogeneous"):
        unpack_vectors([pack_vector(unit(1)[0]), pack_vector(unit(1, dimension=8)[0])])
