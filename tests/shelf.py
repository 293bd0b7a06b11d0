"""Small articles, cut at each sentence, and stores of them: what the tests of the store and its indexes share."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eval.robustness.small_library import WordHashEmbedder
from index.local.store import LocalStore
from index.milvus import MilvusStore, milvus_address
from index.milvus.connection import connect
from index.records import Article, Chunk, Hit, ListQuery, SearchQuery, Span, State, Store
from index.retrieve import weighted_scores
from index.scope import EVERYTHING, Scope

EMBEDDER = WordHashEmbedder()
MANIFEST = {"embedder": EMBEDDER.name, "chunk_tokens": "60", "overlap_sentences": "0"}


def article(text: str, *, title=None, publisher=None, published=None) -> Article:
    own = hashlib.sha256(f"{text}{title}{publisher}{published}".encode()).hexdigest()[:16]
    return Article(own, f"{own}.txt", text, title, publisher, None, published)


def chunks(of: Article) -> tuple[Chunk, ...]:
    """One sentence each."""
    return tuple(
        Chunk(
            f"{of.id}:{n:06d}",
            of.id,
            n,
            m.start(),
            m.end(),
            m[0],
            len(m[0].split()),
            (Span(m.start(), m.end()),),
        )
        for n, m in enumerate(re.finditer(r"\S[^.]*\.", of.text))
    )


SERVER = os.environ.get("WHOSAYS_TEST_MILVUS", "")
"""A Milvus server that the contract's tests may use, as `milvus://localhost:19530`; "" for none."""

PLACES = ("local", "milvus", *(["server"] if SERVER else []))
"""Where the contract of a store is tested."""


@contextmanager
def make_place(which: str, folder: Path) -> Iterator[Path | str]:
    """Where a store of that sort is made; what was made on a server is dropped when the block ends."""
    if which != "server":
        yield folder / {"local": "library", "milvus": "library.db"}[which]
        return
    name = f"test_{secrets.token_hex(6)}"
    yield f"{SERVER}/{name}"
    address = milvus_address(f"{SERVER}/{name}")
    assert address is not None
    connection = connect(address)
    with connection.calls() as client:
        for collection in client.list_collections():
            if collection.startswith(name):
                client.drop_collection(collection)
    connection.close()


def beside(place: Path | str, name: str) -> Path | str:
    """Another place of the same sort, which goes with it."""
    return place.with_stem(name) if isinstance(place, Path) else f"{place}_{name}"


def open_store(place: Path | str) -> LocalStore | MilvusStore:
    """In a folder, in Milvus Lite where its name ends in `.db`, or on a server."""
    address = milvus_address(place)
    if address is not None:
        return MilvusStore.open(address, create=True, manifest=MANIFEST)
    return LocalStore.open(Path(place), create=True, manifest=MANIFEST)


def add(store: Store, *articles: Article) -> None:
    """All in one change; an article's place is its uri."""
    with store.change("a test") as change:
        for one in articles:
            if change.put(one, place=one.uri, origin=one.uri):
                cut = chunks(one)
                change.add_chunks(cut, EMBEDDER.embed([chunk.text for chunk in cut]))


def remove(store: Store, *articles: Article) -> None:
    with store.change("a test") as change:
        for one in articles:
            change.clear(one.uri)


def search(store: Store, question: str, k: int = 10, within: Scope = EVERYTHING) -> list[Hit]:
    (vector,) = EMBEDDER.embed([question], query=True)
    return list(store.search(SearchQuery(question, vector, weighted_scores), k=k, within=within).hits)


def state(store: Store) -> State:
    return store.list(ListQuery()).state


def texts(hits: list[Hit]) -> list[str]:
    return [hit.chunk.text for hit in hits]


QUESTIONS = (
    "Who makes the chips?",
    "How large is the backlog of orders?",
    "What did the ministry deny?",
    "2nm won",
)
NEWS = (
    article(
        "Samsung makes the chips. The backlog of orders is 50 trillion won.",
        title="Foundry",
        publisher="Wedoany",
    ),
    article("TSMC makes the chips of the first generation. Nothing else is known.", publisher="Gate News"),
    article("The ministry did not deny the report. It was said on Monday.", published="2026-07-03"),
    article("The 2nm process saves power. The orders exceed 10 trillion won.", published="2026-06"),
    article(
        "Bread is baked in the morning. The baker sells it at noon.", title="Bread", publisher="The Oven"
    ),
)
