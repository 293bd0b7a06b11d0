"""The dense index against every vector compared, through additions, removals, filters and files."""

import faiss
import numpy as np
import pytest

from index.local import dense
from index.local.database import Counters
from index.local.dense import DenseIndex, is_due, kind_for, load, read_saved

DIMENSION = 16


class Vectors:
    """A growing, shrinking set of unit vectors: the `VectorSource` of these tests."""

    def __init__(self, count=0, seed=1):
        self.draw = np.random.default_rng(seed)
        self.rows, self.removed, self.generation, self.last_key = {}, [], 0, 0
        self.add(count)

    def add(self, count):
        self.generation += 1
        for _ in range(count):
            self.last_key += 1
            self.rows[self.last_key] = self.unit()

    def remove(self, keys):
        self.generation += 1
        for key in keys:
            del self.rows[key]
            self.removed.append((key, self.generation))

    def unit(self):
        vector = self.draw.standard_normal(DIMENSION).astype(np.float32)
        return vector / np.linalg.norm(vector)

    @property
    def counters(self):
        return Counters(self.generation, self.last_key, 1, len(self.rows), 1)

    def vectors_after(self, key):
        keys = [one for one in self.rows if one > key]
        for start in range(0, len(keys), 100):
            batch = keys[start : start + 100]
            yield np.array(batch, np.int64), np.stack([self.rows[one] for one in batch])

    def removed_after(self, generation):
        return [key for key, at in self.removed if at > generation]

    def sample(self, size, seed):
        keys = np.random.default_rng(seed).permutation(list(self.rows))[:size]
        return np.stack([self.rows[key] for key in sorted(keys)])

    def nearest(self, question, limit, allowed=None):
        """By comparing all, ties by key."""
        scores = {
            key: float(row @ question) for key, row in self.rows.items() if allowed is None or key in allowed
        }
        return sorted(scores, key=lambda key: (-scores[key], key))[:limit]


def built(source, kind):
    return DenseIndex.build(source, source.counters, kind, DIMENSION)


def candidates(index, question, *more):
    (found,) = index.candidates(question[np.newaxis], *more)
    return found


def test_flat_search_finds_what_comparing_all_finds():
    source = Vectors(500)
    index = built(source, "flat")
    for _ in range(50):
        question = source.unit()
        # Half precision may swap neighbours at the edge; among twice as many none of the ten is missing.
        assert set(source.nearest(question, 10)) <= set(candidates(index, question, 20))


def test_quantised_lists_find_nearly_what_comparing_all_finds():
    source = Vectors(4000)
    index = built(source, "pq")
    found = 0
    for _ in range(50):
        question = source.unit()
        found += len(set(source.nearest(question, 10)) & set(candidates(index, question, 100)))
    assert found >= 0.97 * 500


@pytest.mark.parametrize("kind", ["flat", "pq"])
def test_removed_vectors_are_not_found_and_the_others_are(kind):
    source = Vectors(400)
    index = built(source, kind)
    source.remove(range(1, 351))
    source.add(20)
    assert index.catch_up(source, source.counters)
    assert sorted(candidates(index, source.unit(), 1000)) == sorted(source.rows)
    assert len(index) == 70


@pytest.mark.parametrize("kind", ["flat", "pq"])
@pytest.mark.parametrize("allowed", [[7], list(range(10, 2000, 50)), list(range(1, 1800))])
def test_a_filter_finds_as_many_as_there_are(kind, allowed):
    source = Vectors(2000)
    index = built(source, kind)
    question = source.unit()
    found = candidates(index, question, 30, np.array(allowed, np.int64))
    assert len(found) == min(30, len(allowed))
    assert set(found) <= set(allowed)
    assert source.nearest(question, 1, set(allowed))[0] in found


def test_a_filter_that_allows_nothing_finds_nothing():
    source = Vectors(10)
    assert candidates(built(source, "flat"), source.unit(), 5, np.zeros(0, np.int64)) == []


@pytest.mark.parametrize("kind", ["flat", "pq"])
@pytest.mark.parametrize("allowed", [None, np.arange(1, 900)])
def test_many_questions_at_once_find_what_each_finds_alone(kind, allowed):
    source = Vectors(2000)
    index = built(source, kind)
    questions = np.stack([source.unit() for _ in range(40)])
    alone = [candidates(index, question, 30, allowed) for question in questions]
    together = index.candidates(questions, 30, allowed)
    assert [set(one) for one in together] == [set(one) for one in alone]
    assert index.candidates(questions, 30, np.zeros(0, np.int64)) == [[]] * 40


class Watched:
    """An index, and on how many threads each of its searches may run."""

    def __init__(self, index):
        self.index, self.threads = index, []
        self.ntotal = index.ntotal

    def search(self, *arguments, **named):
        self.threads.append(faiss.omp_get_max_threads())
        return self.index.search(*arguments, **named)


def test_one_question_is_sought_on_one_thread_and_many_on_all():
    source = Vectors(50)
    index = built(source, "flat")
    index._index = watched = Watched(index._index)
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        candidates(index, source.unit(), 5)
        index.candidates(np.stack([source.unit(), source.unit()]), 5)
        assert watched.threads == [1, 3]
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_quantised_lists_are_the_same_each_time_they_are_made():
    source = Vectors(1500)
    one, other = built(source, "pq"), built(source, "pq")
    for _ in range(20):
        question = source.unit()
        assert candidates(one, question, 50) == candidates(other, question, 50)


@pytest.mark.parametrize("kind", ["flat", "pq"])
def test_a_saved_index_is_read_back_and_catches_up(tmp_path, kind):
    source = Vectors(600)
    built(source, kind).save(tmp_path, "here")
    source.remove([5, 6])
    source.add(3)
    stamp = read_saved(tmp_path, "here")
    index = load(tmp_path, stamp)
    assert (stamp.kind, stamp.chunks, stamp.generation) == (kind, 600, 1)
    assert index.catch_up(source, source.counters)
    assert sorted(candidates(index, source.unit(), 1000)) == sorted(source.rows)


def test_saving_again_leaves_one_file(tmp_path):
    source = Vectors(50)
    index = built(source, "flat")
    index.save(tmp_path, "here")
    source.add(1)
    index.catch_up(source, source.counters)
    index.save(tmp_path, "here")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dense-2.faiss", "dense.json"]


@pytest.mark.parametrize("damage", ["missing", "cut short", "one byte"])
def test_a_damaged_file_is_not_used(tmp_path, damage, caplog):
    built(Vectors(200), "flat").save(tmp_path, "here")
    stamp = read_saved(tmp_path, "here")
    path = tmp_path / stamp.file
    content = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    elif damage == "cut short":
        path.write_bytes(content[:-100])
    else:
        content[-100] ^= 1
        path.write_bytes(content)
    assert load(tmp_path, stamp) is None
    assert "the dense index is made again" in caplog.text


def test_the_file_of_another_library_is_not_used(tmp_path):
    built(Vectors(20), "flat").save(tmp_path, "there")
    assert read_saved(tmp_path, "here") is None


def test_an_index_that_does_not_add_up_says_so():
    source = Vectors(20)
    index = built(source, "flat")
    del source.rows[3]  # not by a removal that the index could follow
    source.add(1)
    assert not index.catch_up(source, source.counters)


def test_the_kind_follows_the_number_of_passages_and_does_not_flutter():
    limit = dense.FLAT_UP_TO
    assert (kind_for(limit), kind_for(limit + 1)) == ("flat", "pq")
    assert (kind_for(limit, "pq"), kind_for(limit // 2, "pq")) == ("pq", "flat")


def test_one_article_more_does_not_rewrite_a_large_file(tmp_path):
    source = Vectors(20)
    built(source, "flat").save(tmp_path, "here")
    stamp = read_saved(tmp_path, "here")
    many = dense.SAVE_FROM

    def after(added, removed=0):
        now = Counters(2, stamp.last_key + added, 1, many, 1)
        return is_due(now, stamp, removed)

    assert not after(added=12)
    assert not after(added=many // 20, removed=many // 20)
    assert after(added=many // 20, removed=many // 20 + 1)
    assert is_due(Counters(2, many, 1, many, 1), None, 0)
    assert not is_due(Counters(2, many - 1, 1, many - 1, 1), None, 0)
