"""BM25 over the chunks: tantivy proposes candidates, and they are scored exactly from their own words.

tantivy counts deleted documents in its statistics until it merges their segments, stores lengths in one
byte, and breaks ties by place on disk. Scores made here use the statistics of what stands in the library,
so an index grown by additions and removals ranks as one built afresh.
"""

import json
import math
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from index.errors import LibraryError

_K1, _B = 1.2, 0.75  # Source: Robertson and Zaragoza 2009, section 3.2; also Lucene's and tantivy's defaults
_LONGEST_WORD = 60
_WRITER_BYTES = 48_000_000
_MANY = 50_000  # chunks
_SEGMENTS = 40  # tantivy merges eight of about one size: a million chunks have at most so many
_FOOTER_MAGIC = 1337
_TERM_SET = 20_000  # up to this many allowed keys are given to tantivy; more are common enough to sift


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a tantivy commit reflects: chunks up to `last_key`, and removals up to `generation`."""

    library: str
    generation: int
    last_key: int


@cache
def _analyzer() -> Any:
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(_LONGEST_WORD),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


@cache
def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="words", index_option="freq")
    builder.add_text_field("stamp", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    return builder.build()


def words(text: str) -> list[str]:
    """The indexed words of a text, in order: folded to lower-case ASCII and stemmed."""
    return list(_analyzer().analyze(text))


class Words(Protocol):
    """The indexed words of a text; a list of them is one."""

    def __len__(self) -> int:
        """How many there are."""

    def count(self, word: str, /) -> int:
        """How many of them are `word`."""


class WordString:
    """The indexed words of a text in one string, which takes a ninth of a list's memory."""

    __slots__ = ("_length", "_wrapped")

    def __init__(self, text: str) -> None:
        found = words(text)
        self._wrapped = f" {'  '.join(found)} "  # no indexed word holds a blank
        self._length = len(found)

    def __len__(self) -> int:
        return self._length

    def count(self, word: str, /) -> int:
        """How many of the words are `word`."""
        return self._wrapped.count(f" {word} ")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the chunks that stand in the library; `mean_words` is above 0."""

    chunks: int
    mean_words: float


def bm25(
    question: Sequence[str], texts: Sequence[Words], holding: Sequence[int], of: Statistics
) -> list[float]:
    """The score of each text, 0 where it holds no word of the question.

    `question`: its different words; `texts`: the words of each; `holding`: for each word of the question, how
    many chunks hold it. Source: Robertson and Zaragoza 2009, with Lucene's idf, which is never negative.
    """
    # An index ahead of the library may count a few more chunks than stand in it.
    idf = [math.log(1 + (of.chunks - min(n, of.chunks) + 0.5) / (min(n, of.chunks) + 0.5)) for n in holding]
    scores = []
    for text in texts:
        length = _K1 * (1 - _B + _B * len(text) / of.mean_words)
        counts = [text.count(word) for word in question]
        scores.append(
            sum(
                weight * many * (_K1 + 1) / (many + length)
                for many, weight in zip(counts, idf, strict=True)
                if many
            )
        )
    return scores


class View:
    """A committed state of the index, which later commits do not change.

    Its methods raise LibraryError where the index cannot be read.
    """

    def __init__(self, searcher: Any, folder: Path | None = None) -> None:
        import tantivy

        self._t = tantivy
        self._folder = folder
        self._searcher = searcher
        self._holding: dict[str, int] = {}
        found = searcher.search(self._term("kind", "stamp"), 1, count=False).hits
        stored = searcher.doc(found[0][1]).get_first("stamp") if found else None
        self.stamp = Stamp(**json.loads(stored)) if stored else Stamp("", -1, 0)
        # tantivy's document frequencies are those of living documents only while nothing is deleted.
        self.chunks = self._count("kind", "chunk")
        self._exact = searcher.doc_freq("kind", "chunk") == self.chunks

    def _term(self, field: str, word: str) -> Any:
        return self._t.Query.term_query(_schema(), field, word, "basic")

    def _count(self, field: str, word: str) -> int:
        with _translate_errors(self._folder):
            return int(self._searcher.search(self._term(field, word), 1, count=True).count)

    def count_holding(self, word: str) -> int:
        """How many chunks of this view hold the word."""
        if word not in self._holding:
            count = self._searcher.doc_freq("text", word) if self._exact else self._count("text", word)
            self._holding[word] = int(count)
        return self._holding[word]

    def find_holding(self, word: str) -> list[int]:
        """Keys of all chunks of this view that hold the word."""
        return self._keys(self._term("text", word), max(1, self._count("text", word)))

    def candidates(
        self, question: Sequence[str], limit: int, allowed: Sequence[int] | None = None
    ) -> list[int]:
        """Keys of the `limit` chunks that score highest by tantivy's statistics, of `allowed` if given.

        Of many chunks, words that more than half hold are sought only where the question has no other.
        Source: own measurement, a million chunks: 3.4 ms instead of 11, and of the 20 best none lost.
        """
        q = self._t.Query
        should, must = self._t.Occur.Should, self._t.Occur.Must
        telling = [
            word for word in question if self.chunks <= _MANY or self.count_holding(word) <= self.chunks / 2
        ]
        # Built from the words, never parsed: AND, quotes, colons and brackets mean nothing here.
        query = q.boolean_query(
            [(should, q.term_query(_schema(), "text", word, "freq")) for word in telling or question]
        )
        if allowed is None:
            return self._keys(query, limit)
        if len(allowed) <= _TERM_SET:
            only = q.const_score_query(q.term_set_query(_schema(), "key", list(allowed)), 0.0)
            return self._keys(q.boolean_query([(must, query), (must, only)]), limit)
        wanted, asked = set(allowed), limit
        while True:
            asked *= 4
            found = self._keys(query, asked)
            kept = [key for key in found if key in wanted]
            if len(kept) >= limit or len(found) < asked:
                return kept[:limit]

    def _keys(self, query: Any, limit: int) -> list[int]:
        with _translate_errors(self._folder):
            addresses = [address for _, address in self._searcher.search(query, limit, count=False).hits]
            return (
                [int(key) for key in self._searcher.fast_field_values("key", addresses)] if addresses else []
            )


class LexicalIndex:
    """A tantivy index in a folder, or in memory when `folder` is None."""

    def __init__(self, folder: Path | None) -> None:
        """Open or create; LibraryError when what stands in `folder` cannot be read."""
        import tantivy

        self._folder = folder
        with _translate_errors(folder):
            if folder is None:
                self._index = tantivy.Index(_schema())
            else:
                folder.mkdir(exist_ok=True)
                self._index = tantivy.Index(_schema(), str(folder))
            self._index.register_tokenizer("words", _analyzer())
            self._index.config_reader("manual")
        self._writer: Any = None
        self._uncommitted = False

    def view(self) -> View:
        """The latest committed state, by whichever process."""
        with _translate_errors(self._folder):
            self._index.reload()
            return View(self._index.searcher(), self._folder)

    def add(self, key: int, text: str) -> None:
        """Takes effect with the next commit, as do the two below."""
        import tantivy

        document = tantivy.Document()
        document.add_integer("key", key)
        document.add_text("text", text)
        document.add_text("kind", "chunk")
        with _translate_errors(self._folder):
            self._open_writer().add_document(document)

    def delete(self, keys: Iterable[int]) -> None:
        """Unknown keys are no error."""
        with _translate_errors(self._folder):
            writer = self._open_writer()
            for key in keys:
                writer.delete_documents_by_term("key", key)

    def delete_after(self, key: int) -> None:
        """What a change that never ended left behind; -1 deletes all."""
        import tantivy

        beyond = tantivy.Query.range_query(_schema(), "key", tantivy.FieldType.Integer, key + 1, None)
        with _translate_errors(self._folder):
            self._open_writer().delete_documents_by_query(beyond)

    def commit(self, stamp: Stamp) -> None:
        """Make all since the last commit visible at once."""
        import tantivy

        document = tantivy.Document()
        document.add_text("kind", "stamp")
        document.add_text("stamp", json.dumps(asdict(stamp)))
        with _translate_errors(self._folder):
            writer = self._open_writer()
            writer.delete_documents_by_term("kind", "stamp")
            writer.add_document(document)
            writer.commit()
            self._uncommitted = False

    def end_writing(self) -> None:
        """Forget what was not committed, and let other writers in."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with _translate_errors(self._folder):
                if self._uncommitted:  # only then, for this ends the merging of segments as well
                    writer.rollback()
                writer.wait_merging_threads()

    def _open_writer(self) -> Any:
        self._uncommitted = True
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
            # A commit that was killed leaves files with the very names that the next one takes.
            self._writer.garbage_collect_files()
            if self._index.searcher().num_segments > _SEGMENTS:
                self._writer.commit()  # which begins the merging that was cut off
                self._writer.wait_merging_threads()
                self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer


def check_files(folder: Path, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """Names of the files of the last commit, whose contents are what tantivy wrote; LibraryError otherwise.

    Files never change, so those in `known` are not read again. tantivy ends each with its CRC-32, and looks
    at it only when asked to, which its Python package does not offer. Source: tantivy, `directory/footer.rs`.
    """
    found = set()
    with _translate_errors(folder):
        for name in files_of(_read_commit(folder)):
            if name not in known:
                try:
                    content = (folder / name).read_bytes()
                except FileNotFoundError:  # merged into another since the commit was read
                    continue
                _check_footer(name, content)
            found.add(name)
    return frozenset(found)


def files_of(commit: Any) -> Iterator[str]:
    """Names of the files that a commit consists of, as `meta.json` tells; ValueError for what is none."""
    try:
        for segment in commit["segments"] if commit is not None else ():
            name = segment["segment_id"].replace("-", "")
            yield from (f"{name}.{part}" for part in ("fast", "fieldnorm", "idx", "pos", "store", "term"))
            if segment["deletes"]:
                yield f"{name}.{segment['deletes']['opstamp']}.del"
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"meta.json is damaged ({error})") from error


def _read_commit(folder: Path) -> Any:
    """What tantivy notes of its last commit; None where it made none."""
    try:
        return json.loads((folder / "meta.json").read_bytes())
    except FileNotFoundError:
        return None


def _check_footer(name: str, content: bytes) -> None:
    length, magic = struct.unpack("<II", content[-8:]) if len(content) >= 8 else (0, 0)
    try:
        stated = json.loads(content[-8 - length : -8])["crc"] if magic == _FOOTER_MAGIC else None
    except (ValueError, KeyError, TypeError):
        stated = None
    if stated is None or stated != zlib.crc32(memoryview(content)[: -8 - length]):
        raise ValueError(f"{name} is damaged")


@contextmanager
def _translate_errors(folder: Path | None) -> Iterator[None]:
    """tantivy's errors, ValueError all of them but its panics, as LibraryError."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise _unreadable_error(folder, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of no module that could be imported
            raise
        raise _unreadable_error(folder, error) from error


def _unreadable_error(folder: Path | None, error: BaseException) -> LibraryError:
    return LibraryError(
        f"The word index {folder} cannot be read or written: {error}; free space on the disk if it is"
        " full, else delete that folder: it is made again from the library"
    )
