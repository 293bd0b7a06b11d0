"""Small articles, cut at each sentence, and stores of them: what the tests of the store and its indexes share."""

import hashlib
import re
from pathlib import Path

from eval.robustness.small_library import WordHashEmbedder
from index.local.store import LocalStore
from index.milvus import MilvusStore, milvus_address
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


def open_store(folder: Path) -> LocalStore | MilvusStore:
    """In the folder, or in Milvus Lite where its name ends in `.db`."""
    address = milvus_address(folder)
    if address is not None:
        return MilvusStore.open(address, create=True, manifest=MANIFEST)
    return LocalStore.open(folder, create=True, manifest=MANIFEST)


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
