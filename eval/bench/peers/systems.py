"""One system's part of `eval.bench.peers`: `python systems.py SYSTEM PHASE ARTICLES FOLDER MODELS`.

Runs in the environment that has the system, so that it imports nothing of this project; `ours.py` beside it
is run in the same way for Whosays. The phase "add" makes the library of the articles in FOLDER; "ask" opens
it and asks; "given" does both with passages whose vectors are given, in `vectors.npy` beside ARTICLES, and
only retrieves; "find" does both, and tells which articles it found for each question, by their places, best
first; "say" tells its first answer to each question, as an article's place and the characters of its text.
Prints one JSON object; the clock starts before the system is imported. Every system embeds each article as
one passage with the same MiniLM weights, finds 12 and reads them. What reads for the others has the size that
is named, and random weights, for its time alone, where none were trained.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

READ = 12  # passages
GIVEN_AT_ONCE = 10_000  # passages with their vectors
_BEGAN = time.perf_counter()

Articles = list[dict[str, str]]
# An article's text, and where in it the words of an answer begin and end.
Said = tuple[str, int, int]


class Haystack:
    """Documents in memory, written to a file; retrieval by embedding; ExtractiveReader."""

    reader = "reader-L6"

    def __init__(self, models: Path) -> None:
        self._models = models

    def add(self, articles: Articles, folder: Path) -> None:
        from haystack import Document
        from haystack.components.embedders import SentenceTransformersDocumentEmbedder
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        embedder = SentenceTransformersDocumentEmbedder(
            model=str(self._models / "minilm"), progress_bar=False, meta_fields_to_embed=["title"]
        )
        embedder.warm_up()
        made = [Document(content=one["text"], meta={"title": one["title"]}) for one in articles]
        store.write_documents(embedder.run(made)["documents"])
        folder.mkdir(exist_ok=True)
        store.save_to_disk(str(folder / "store.json"))

    def open(self, folder: Path) -> None:
        from haystack.components.embedders import SentenceTransformersTextEmbedder
        from haystack.components.readers import ExtractiveReader
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
        self._embedder = SentenceTransformersTextEmbedder(
            model=str(self._models / "minilm"), progress_bar=False
        )
        self._embedder.warm_up()
        self._retriever = InMemoryEmbeddingRetriever(document_store=store, top_k=READ)
        self._reader = ExtractiveReader(model=str(self._models / self.reader), no_answer=True, top_k=3)
        self._reader.warm_up()

    def fill(self, articles: Articles, vectors: Any, folder: Path) -> None:
        from haystack import Document
        from haystack.components.embedders import SentenceTransformersTextEmbedder
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        del folder
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        for first in range(0, len(articles), GIVEN_AT_ONCE):
            pairs = zip(articles[first : first + GIVEN_AT_ONCE], vectors[first:], strict=False)
            store.write_documents(
                [Document(content=one["text"], embedding=vector.tolist()) for one, vector in pairs]
            )
        self._embedder = SentenceTransformersTextEmbedder(
            model=str(self._models / "minilm"), progress_bar=False
        )
        self._embedder.warm_up()
        self._retriever = InMemoryEmbeddingRetriever(document_store=store, top_k=READ)

    def _retrieve(self, question: str) -> Any:
        vector = self._embedder.run(text=question)["embedding"]
        return self._retriever.run(query_embedding=vector)["documents"]

    def find(self, question: str) -> list[str]:
        return [one.content for one in self._retrieve(question)]

    def answer(self, question: str) -> None:
        self.say(question)

    def say(self, question: str) -> Said | None:
        found = self._reader.run(query=question, documents=self._retrieve(question))["answers"]
        if not found or found[0].document is None:  # "no answer" is one of those that it ranks
            return None
        return found[0].document.content, found[0].document_offset.start, found[0].document_offset.end


class HaystackBase(Haystack):
    """The same with a reader of the size that most people take."""

    reader = "reader-base"


class Txtai:
    """An index with its texts; its question-answering pipeline over what it finds."""

    hybrid = False
    reader = "reader-L6"

    def __init__(self, models: Path) -> None:
        self._models = models

    def add(self, articles: Articles, folder: Path) -> None:
        from txtai import Embeddings

        index = Embeddings(path=str(self._models / "minilm"), content=True, hybrid=self.hybrid)
        index.index([(at, one["text"], None) for at, one in enumerate(articles)])
        index.save(str(folder))

    def open(self, folder: Path) -> None:
        from txtai import Embeddings
        from txtai.pipeline import Questions

        self._index = Embeddings()
        self._index.load(str(folder))
        self._reader = Questions(str(self._models / self.reader), gpu=False)
        self._searching = Lock()  # its database is for one thread at a time

    def fill(self, articles: Articles, vectors: Any, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer
        from txtai import Embeddings

        del folder
        model = SentenceTransformer(str(self._models / "minilm"), device="cpu")
        given = {one["text"]: vector for one, vector in zip(articles, vectors, strict=True)}

        def embed(texts: list[str]) -> list[Any]:
            return [given[one] if one in given else model.encode(one) for one in texts]

        self._index = Embeddings(method="external", transform=embed, content=True)
        self._index.index([(at, one["text"], None) for at, one in enumerate(articles)])
        self._searching = Lock()

    def find(self, question: str) -> list[str]:
        with self._searching:
            return [one["text"] for one in self._index.search(question, READ)]

    def answer(self, question: str) -> None:
        found = self.find(question)
        self._reader([question] * len(found), found)

    def say(self, question: str) -> Said | None:
        for text in self.find(question):  # it ranks no answers: that of the best passage with one counts
            if words := self._words(question, text):
                start = text.index(words)
                return text, start, start + len(words)
        return None

    def _words(self, question: str, text: str) -> str | None:
        try:
            said: str | None = self._reader([question], [text])[0]
        except TypeError:  # its way with a reader that says that nothing answers
            return None
        return said


class TxtaiHybrid(Txtai):
    """The same with words beside meanings, which is a setting of it."""

    hybrid = True


class TxtaiHybridBase(TxtaiHybrid):
    """The same with a reader of the size that most people take."""

    reader = "reader-base"


class LlamaIndex:
    """A vector index, kept in files; retrieval alone, for it reads with a language model."""

    def __init__(self, models: Path) -> None:
        from llama_index.core import Settings
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        Settings.embed_model = HuggingFaceEmbedding(model_name=str(models / "minilm"))
        Settings.llm = None

    def add(self, articles: Articles, folder: Path) -> None:
        from llama_index.core import VectorStoreIndex
        from llama_index.core.schema import TextNode

        nodes = [TextNode(text=one["text"], metadata={"title": one["title"]}) for one in articles]
        VectorStoreIndex(nodes).storage_context.persist(str(folder))

    def open(self, folder: Path) -> None:
        from llama_index.core import StorageContext, load_index_from_storage

        kept = StorageContext.from_defaults(persist_dir=str(folder))
        self._retriever = load_index_from_storage(kept).as_retriever(similarity_top_k=READ)

    def fill(self, articles: Articles, vectors: Any, folder: Path) -> None:
        from llama_index.core import VectorStoreIndex
        from llama_index.core.schema import TextNode

        del folder
        pairs = zip(articles, vectors, strict=True)
        nodes = [TextNode(text=one["text"], embedding=vector.tolist()) for one, vector in pairs]
        self._retriever = VectorStoreIndex(nodes).as_retriever(similarity_top_k=READ)

    def find(self, question: str) -> list[str]:
        return [one.node.text for one in self._retriever.retrieve(question)]

    answer = None


SYSTEMS: dict[str, Callable[[Path], Any]] = {
    "haystack": Haystack,
    "haystack-base": HaystackBase,
    "txtai": Txtai,
    "txtai-hybrid": TxtaiHybrid,
    "txtai-hybrid-base": TxtaiHybridBase,
    "llama-index": LlamaIndex,
}


def run(systems: Mapping[str, Callable[[Path], Any]]) -> None:
    """The command line above, of these systems by their names."""
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", HAYSTACK_TELEMETRY_ENABLED="False")
    name, phase, articles, folder, models = sys.argv[1:6]
    told = json.loads(Path(articles).read_text(encoding="utf-8"))
    system = systems[name](Path(models))
    if phase == "add":
        system.add(told["articles"], Path(folder))
        result: dict[str, Any] = {"add_s": time.perf_counter() - _BEGAN}
    elif phase in ("find", "say"):
        system.add(told["articles"], Path(folder))
        system.open(Path(folder))
        places = {one["text"].strip(): at for at, one in enumerate(told["articles"])}
        if phase == "find":
            found = [system.find(question) for question in told["questions"]]
            result = {"found": [[places[text.strip()] for text in texts] for texts in found]}
        else:
            result = {"said": [_placed(system.say(question), places) for question in told["questions"]]}
    elif phase == "given":
        import numpy as np

        system.fill(told["articles"], np.load(Path(articles).parent / "vectors.npy"), Path(folder))
        system.find(told["questions"][0])
        result = _percentiles("retrieve", _milliseconds(system.find, told["questions"]))
    else:
        system.open(Path(folder))
        first = system.find(told["questions"][0])
        assert len(first) == min(READ, len(told["articles"])), f"{len(first)} passages found"
        result = {"open_s": time.perf_counter() - _BEGAN, **time_questions(system, told["questions"])}
    result["peak_mb"] = _peak_mb()
    sys.stdout.write(json.dumps(result) + "\n")


def _placed(said: Said | None, places: Mapping[str, int]) -> dict[str, int] | None:
    if said is None:
        return None
    text, start, end = said
    return {"place": places[text.strip()], "start": start, "end": end}


def _peak_mb() -> float:
    status = Path("/proc/self/status")  # where it is, for a child's ru_maxrss begins with its parent's
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")]
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (peaks[0] if peaks else usage * (1 if sys.platform == "darwin" else 1024)) / 1e6


def time_questions(system: Any, questions: list[str]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds; and answers a second with 4 and 16 askers."""
    found = {"retrieve": _milliseconds(system.find, questions)}
    if system.answer is not None:
        system.answer(questions[0])
        found["answer"] = _milliseconds(system.answer, questions)
    told: dict[str, float] = {}
    for name, times in found.items():
        told |= _percentiles(name, times)
    if system.answer is not None:
        for askers in (4, 16):
            began = time.perf_counter()
            with ThreadPoolExecutor(askers) as pool:
                list(pool.map(system.answer, questions))
            told[f"answers_a_second_{askers}"] = len(questions) / (time.perf_counter() - began)
    return told


def _percentiles(name: str, times: list[float]) -> dict[str, float]:
    p95 = sorted(times)[int(0.95 * (len(times) - 1))]
    return {f"{name}_p50_ms": statistics.median(times), f"{name}_p95_ms": p95}


def _milliseconds(act: Callable[[str], object], questions: list[str]) -> list[float]:
    times = []
    for question in questions:
        began = time.perf_counter()
        act(question)
        times.append(1000 * (time.perf_counter() - began))
    return times


if __name__ == "__main__":
    run(SYSTEMS)
