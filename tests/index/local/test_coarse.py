"""A library so large that its dense index is coarse: candidates are held against their full vectors."""

import numpy as np
import pytest

from index.local import dense
from index.records import SearchQuery
from index.retrieve import rank_by
from index.scope import EVERYTHING
from tests.shelf import EMBEDDER, add, article, open_store


def by_cosine(candidates):
    return rank_by(candidates, lambda one: one.cosine)


def test_each_of_many_queries_finds_its_own_nearest_passages(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dense, "FLAT_UP_TO", 50)
    texts = [f"Ferry w{at} carried x{at * 7 % 11} people to y{at % 13} in z{at % 17}." for at in range(120)]
    store = open_store(tmp_path / "library")
    add(store, *(article(text, title=None) for text in texts))
    asked = [f"w{at} x{at * 7 % 11} y{at % 13} z{at % 17}" for at in range(0, 120, 9)]
    vectors = EMBEDDER.embed(asked, query=True)
    every = EMBEDDER.embed(texts)
    # Words that no passage holds, and few candidates: nothing else brings a query what is another's.
    queries = [SearchQuery("unheard", vector, by_cosine, 12) for vector in vectors]
    found = store.search_each(queries, k=3, within=EVERYTHING)
    assert store._dense.kind == "pq"
    for vector, one in zip(vectors, found, strict=True):
        best = np.sort(every @ vector)[::-1][:3]
        assert [hit.cosine for hit in one.hits] == pytest.approx(best.tolist(), abs=1e-4)
    store.close()
