"""The three collections of a library in Milvus, and every call that reaches them.

`<name>_records` holds, by `kind`: "article", what is known of one but its text; "text", the text of the
article `owner` in pieces, as Milvus holds at most 65,535 bytes a value; "place"; and "more", the rest of a
row that is longer. `<name>_state` holds few rows, as each search looks at it: "manifest"; "commit", the
newest of which is what counts; "removed", what that took out; "writer", who writes; "void", a generation that
never counts, as `index.milvus.lease` says. `<name>_chunks` holds chunks with vectors and indexed words. It is
made with the first vectors, whose dimension is its own.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from index.errors import LibraryError
from index.milvus.address import Address
from index.milvus.connection import Connection, connect

Which = Literal["state", "records", "chunks"]
Row = dict[str, Any]

VALUE_BYTES = 65_535  # Source: Milvus, "String Field": the most of a VARCHAR
_MOST_FOUND = 16_384  # Source: Milvus, "Limits": the most that one search gives
_MOST_FOUND_LITE = 1_000_000  # Milvus Lite has no such limit, and is slow at what is asked otherwise
PIECE_BYTES = 60_000
_TIMEOUT_S = 60.0
_SEARCH_EF = 256  # HNSW's width of search, at least; recall is near 1 at a hundred candidates
SLIM_KEYS = 100_000  # of rows of which only numbers are wanted
_LISTED_KEYS = 500


@dataclass(frozen=True, slots=True)
class Commit:
    """One generation in numbers, and what it took out: rows that may still stand, and are not read.

    `last_key` numbers chunks, `last_row` records, in the order in which they were added. `void` are
    generations of writers that were overtaken: what they write, however late, is not read.
    """

    generation: int = 0
    last_key: int = 0
    last_row: int = 0
    articles: int = 0
    chunks: int = 0
    terms: int = 0
    removed_articles: tuple[int, ...] = ()
    removed_places: tuple[int, ...] = ()
    void: tuple[int, ...] = ()

    @property
    def chunks_that_stand(self) -> str:
        """A filter for chunks."""
        return _filter_standing(self, "article", self.removed_articles)

    @property
    def records_that_stand(self) -> str:
        """A filter for articles and places."""
        return _filter_standing(self, "key", (*self.removed_articles, *self.removed_places))


class Collections:
    """Reads and writes of one library; threads may share it."""

    def __init__(self, connection: Connection, address: Address, *, most_found: int = 0) -> None:
        """`most_found` is the most that one search gives, where it is not what Milvus gives."""
        self.most_found = most_found or (_MOST_FOUND if address.uri else _MOST_FOUND_LITE)
        self._connection = connection
        self.address = address
        self._names = {which: f"{address.prefix}_{which}" for which in get_args(Which)}
        self._known_dimension: int | None = None

    @classmethod
    def connect(cls, address: Address) -> Self:
        """Raises LibraryError where pymilvus is missing, no server answers, or it is too old."""
        return cls(connect(address), address)

    @property
    def is_lite(self) -> bool:
        """Whether the library is a file, which this process alone has open."""
        return not self.address.uri

    def close(self) -> None:
        """Let go of the connection; closing twice is no error."""
        self._connection.close()

    def manifest(self) -> dict[str, str] | None:
        """What the library was built with; None where there is none. LibraryError for another program's."""
        ours = {"key", "kind", "generation", "owner", "piece", "data"}
        with self._connection.calls() as client:
            for name in (self._names["records"], self._names["state"]):
                if client.has_collection(name, timeout=_TIMEOUT_S):
                    fields = client.describe_collection(name, timeout=_TIMEOUT_S)["fields"]
                    if not ours <= {one["name"] for one in fields}:
                        raise LibraryError(
                            f"{self.address.text} is not a library: {name} is another program's collection;"
                            " choose another name"
                        )
            if not (self._stands(client, "records") and self._stands(client, "state")):
                return None
        self._load("records")
        self._load("state")
        rows = self.query("state", "key == 0", ["data"])
        return dict(json.loads(rows[0]["data"])) if rows else None

    def dimension(self) -> int | None:
        """Of the vectors; None while there never were any."""
        if self._known_dimension is None:
            with self._connection.calls() as client:
                if not self._stands(client, "chunks"):
                    return None
                fields = client.describe_collection(self._names["chunks"], timeout=_TIMEOUT_S)["fields"]
            (dense,) = (one for one in fields if one["name"] == "dense")
            self._load("chunks")
            self._known_dimension = int(dense["params"]["dim"])
        return self._known_dimension

    def make_records(self) -> None:
        """The collections of records and of the state, where there are none."""
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.INT64, is_primary=True)
        schema.add_field("kind", DataType.VARCHAR, max_length=16)
        schema.add_field("generation", DataType.INT64)
        schema.add_field("owner", DataType.INT64)
        schema.add_field("piece", DataType.INT64)
        schema.add_field("data", DataType.VARCHAR, max_length=VALUE_BYTES)
        schema.add_field("blank", DataType.FLOAT_VECTOR, dim=2)  # Milvus wants a vector in every collection
        for which in ("records", "state"):
            self._make(which, schema, {"blank": {"index_type": "FLAT", "metric_type": "L2"}})

    def make_chunks(self, dimension: int) -> None:
        """The collection of chunks, made again where it stands with another dimension: it holds none then."""
        from pymilvus import DataType, Function, FunctionType, MilvusClient

        if self.dimension() == dimension:
            return
        self._known_dimension = None
        with self._connection.calls() as client:
            if client.has_collection(self._names["chunks"], timeout=_TIMEOUT_S):
                client.drop_collection(self._names["chunks"], timeout=_TIMEOUT_S)
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for name in ("key", "generation", "article", "ordinal", "start", "end", "tokens"):
            schema.add_field(name, DataType.INT64, is_primary=name == "key")
        for name in ("terms", "first_day", "last_day"):
            schema.add_field(name, DataType.INT64)
        schema.add_field("article_id", DataType.VARCHAR, max_length=512)
        schema.add_field("publisher", DataType.VARCHAR, max_length=16)
        schema.add_field("sentences", DataType.VARCHAR, max_length=VALUE_BYTES)
        schema.add_field("text", DataType.VARCHAR, max_length=VALUE_BYTES)
        # Our own analysis is in the words already: Milvus Lite has no stemmer, and a server's is not ours.
        schema.add_field(
            "words",
            DataType.VARCHAR,
            max_length=VALUE_BYTES,
            enable_analyzer=True,
            enable_match=True,
            analyzer_params={"tokenizer": "standard"},
        )
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("dense", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_function(Function("bm25", FunctionType.BM25, ["words"], ["sparse"]))
        hnsw = {"index_type": "HNSW", "params": {"M": 32, "efConstruction": 200}}
        exact = {"index_type": "FLAT", "params": {}}  # a file holds no more than that is quick for
        bm25 = {"bm25_k1": 1.2, "bm25_b": 0.75}  # as index.local.lexical
        self._make(
            "chunks",
            schema,
            {
                "dense": {"metric_type": "IP", **(exact if self.is_lite else hnsw)},
                "sparse": {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25", "params": bm25},
            },
        )

    def _make(self, which: Which, schema: Any, indexes: dict[str, dict[str, Any]]) -> None:
        name = self._names[which]
        with self._connection.calls() as client:
            if not client.has_collection(name, timeout=_TIMEOUT_S):
                client.create_collection(name, schema=schema, consistency_level="Strong", timeout=_TIMEOUT_S)
            made = client.list_indexes(name, timeout=_TIMEOUT_S)
            for field, options in indexes.items():
                if field in made:  # by whoever began, and was stopped
                    continue
                parameters = client.prepare_index_params()
                parameters.add_index(field, index_name=field, **options)
                # Nothing to wait for: the collection is empty.
                client.create_index(name, parameters, timeout=_TIMEOUT_S, sync=False)
        self._load(which)

    def _stands(self, client: Any, which: Which) -> bool:
        """Whether the collection is there, with its indexes: without them it cannot be loaded."""
        name, indexed = self._names[which], {"chunks": {"dense", "sparse"}}
        return bool(client.has_collection(name, timeout=_TIMEOUT_S)) and indexed.get(which, {"blank"}) <= set(
            client.list_indexes(name, timeout=_TIMEOUT_S)
        )

    def _load(self, which: Which) -> None:
        with self._connection.calls() as client:
            client.load_collection(self._names[which], timeout=_TIMEOUT_S)

    def commit(self) -> Commit:
        """The newest, as of now."""
        rows = self.query(
            "state", 'kind in ["commit", "removed", "void"]', ["kind", "generation", "owner", "data"]
        )
        void = sorted(int(row["owner"]) for row in rows if row["kind"] == "void")
        commits = {int(row["generation"]): row["data"] for row in rows if row["kind"] == "commit"}
        now = max(commits.keys() - set(void))
        removed = [
            json.loads(row["data"]) for row in rows if row["kind"] == "removed" and row["generation"] == now
        ]
        return Commit(
            generation=now,
            removed_articles=tuple(key for one in removed for key in one["articles"]),
            removed_places=tuple(key for one in removed for key in one["places"]),
            void=tuple(void),
            **json.loads(commits[now]),
        )

    def query(self, which: Which, where: str, fields: Sequence[str]) -> list[Row]:
        """Rows in any order."""
        with self._connection.calls() as client:
            found = client.query(
                self._names[which], filter=where, output_fields=list(fields), timeout=_TIMEOUT_S
            )
        return [dict(row) for row in found]

    def whole(self, rows: Sequence[Row]) -> list[str]:
        """The data of each row, with what "more" rows hold of it."""
        heads = [int(row["key"]) for row in rows if row["piece"]]
        rest: dict[int, list[tuple[int, str]]] = {key: [] for key in heads}
        for keys in key_lists(heads):
            for row in self.query(
                "records", f'kind == "more" and owner in {keys}', ["owner", "piece", "data"]
            ):
                rest[int(row["owner"])].append((int(row["piece"]), str(row["data"])))
        return [
            str(row["data"]) + "".join(data for _, data in sorted(rest.get(int(row["key"]), ())))
            for row in rows
        ]

    def pages(
        self, which: Which, where: str, fields: Sequence[str], *, after: int, last: int, keys: int = 2_000
    ) -> Iterator[list[Row]]:
        """Rows of the keys beyond `after`, up to `last`, of so many keys at a time, by key."""
        for begin in range(after, last, keys):
            within = f"key > {begin} and key <= {min(last, begin + keys)}"
            yield sorted(
                self.query(which, f"{within} and {where}", ["key", *fields]), key=lambda row: int(row["key"])
            )

    def count(self, where: str) -> int:
        """Of chunks."""
        (row,) = self.query("chunks", where, ["count(*)"])
        return int(row["count(*)"])

    def nearest(self, vector: Sequence[float], where: str, most: int) -> list[tuple[int, float]]:
        """Keys of the chunks with the greatest inner product, and that, rounded so that equals are equal."""
        with self._connection.calls() as client:
            found = client.search(
                self._names["chunks"],
                data=[list(vector)],
                anns_field="dense",
                filter=where,
                limit=most,
                output_fields=["key"],
                search_params={"metric_type": "IP", "params": {"ef": max(_SEARCH_EF, 2 * most)}},
                timeout=_TIMEOUT_S,
            )
        return [(int(hit.id), round(float(hit["distance"]), 5)) for hit in found[0]]

    def find_holding(
        self, texts: Sequence[str], where: str, most: int, fields: Sequence[str] = ()
    ) -> list[list[Row]]:
        """For each text of indexed words the chunks that hold any of them, by Milvus' BM25."""
        with self._connection.calls() as client:
            found = client.search(
                self._names["chunks"],
                data=list(texts),
                anns_field="sparse",
                filter=where,
                limit=most,
                output_fields=["key", *fields],
                search_params={"metric_type": "BM25"},
                timeout=_TIMEOUT_S,
            )
        return [[{**hit["entity"], "key": int(hit.id)} for hit in hits] for hits in found]

    def insert(self, which: Which, rows: Sequence[Row]) -> None:
        """All of them are seen by whoever reads from then on."""
        if rows:
            with self._connection.calls() as client:
                client.insert(self._names[which], list(rows), timeout=_TIMEOUT_S)

    def delete(self, which: Which, where: str) -> None:
        """None found is no error."""
        if which != "chunks" or self.dimension() is not None:
            with self._connection.calls() as client:
                client.delete(self._names[which], filter=where, timeout=_TIMEOUT_S)

    def settle(self) -> None:
        """Of a file: write what is in memory to it, indexed. A server does so by itself."""
        if self.is_lite:
            with self._connection.calls() as client:
                for which in ("chunks", "records"):
                    client.flush(self._names[which], timeout=_TIMEOUT_S)


def record(key: int, kind: str, generation: int, data: str, *, owner: int = 0, piece: int = 0) -> Row:
    """A row of `<name>_records`; of a head that "more" rows continue, `piece` is how many do."""
    fields = {"key": key, "kind": kind, "generation": generation, "owner": owner, "piece": piece}
    return {**fields, "data": data, "blank": [0.0, 0.0]}


def pieces(text: str) -> list[str]:
    """The text cut where Milvus wants it cut; one piece at least."""
    if len(text) * 4 <= PIECE_BYTES:
        return [text]
    data, cut = text.encode(), 0
    found: list[str] = []
    while cut < len(data):
        end = min(len(data), cut + PIECE_BYTES)
        while end < len(data) and data[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        found.append(data[cut:end].decode())
        cut = end
    return found


def key_list(keys: Sequence[int]) -> str:
    """As filters write it."""
    return f"[{', '.join(map(str, keys))}]"


def key_lists(keys: Sequence[int]) -> Iterator[str]:
    """As `key_list`, some hundred at a time."""
    return (key_list(keys[at : at + _LISTED_KEYS]) for at in range(0, len(keys), _LISTED_KEYS))


def _filter_standing(now: Commit, field: str, removed: Sequence[int]) -> str:
    where = f"generation <= {now.generation}"
    if past := [one for one in now.void if one <= now.generation]:
        where += f" and generation not in {key_list(past)}"
    return f"{where} and {field} not in {key_list(removed)}" if removed else where
