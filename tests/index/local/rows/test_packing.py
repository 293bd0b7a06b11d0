"""How rows are packed: texts come out as they went in, vectors nearly so, and what came out goes in the same."""

import numpy as np
import pytest

from index.local.rows.packing import pack_text, pack_vector, unpack_text, unpack_vectors


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
