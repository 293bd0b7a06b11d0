"""What is fuzzed by coverage: each target reads bytes as the program does and raises where that goes wrong.

Wrong is every error that is not one of ours, a text that cannot be written down, a sentence outside its
article. `seeds` are what a search begins with: whole files, made of our stories.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path

from eval.robustness.coverage.inner_mutants import inside_database, inside_json
from eval.robustness.mutants import KINDS, Draw, inside_part, inside_stream, originals, unzip, zip_parts
from eval.robustness.small_library import WordHashEmbedder, contents, open_library, write_articles
from index.care.backup import backup
from index.care.check import check
from index.care.repair import repair
from index.errors import WhosaysError
from index.local.schema import FILE as DATABASE
from index.models import Tokenizer
from index.publishers import FILE as PUBLISHERS
from index.publishers import MergedNames, merge_names
from index.records import Article, Outcome
from index.refusals import FILE as REFUSALS
from index.refusals import count_passed_over, keep_refusals, read_refusals
from index.sources.load import load
from index.sources.sidecar import SIDECAR, read_sidecar
from index.text.chunk import chunk
from index.text.tokens import TokenCounter
from qa.app.shelf.catalogue import Given
from qa.app.talks.arrival import import_talk, open_talk
from qa.app.talks.conversation import Talk, draw_turn
from qa.app.talks.link import Link, link_query
from qa.app.talks.record import read as read_record
from qa.app.talks.record import write
from qa.app.talks.user_files import TalkSummary, UserFiles
from qa.conflicts.rulings import FILE as RULINGS
from qa.conflicts.rulings import Rulings, Standing, Verdict, gold_lines, rule
from qa.export.bounded_json import JsonCount, TooMuch, read_json
from qa.export.conversation import conversation, to_json
from qa.notebook.document import document
from qa.notebook.files import FORMATS
from qa.notebook.store import FILE as NOTEBOOK
from qa.notebook.store import Notebook
from qa.notebook.store import count_passed_over as count_no_steps
from qa.records import Answer, Citation, Conflict, ConflictCheck, Coverage, Position, Timeline
from qa.settings import Settings, read_settings

MAX_BYTES = 20_000_000
_WORD_EVERY = 16  # inputs: a Word file takes a hundred times as long as all else
Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class FuzzTarget:
    """`read` raises for a finding. `change` makes another input, where changed bytes alone reach little.

    `longest` is how many bytes an input may have, `refusals` are the errors that it may be refused with.
    """

    read: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    change: Callable[[Change, bytes, Draw], bytes] | None = None
    longest: int = 20_000
    refusals: tuple[type[Exception], ...] = (WhosaysError,)


# Files of articles


@cache
def _folder() -> Path:
    """Of this process."""
    return Path(tempfile.mkdtemp(prefix="whosays-coverage-"))


@cache
def _counter() -> TokenCounter:
    """As passages are counted, in the embedder's own pieces."""
    return TokenCounter(Tokenizer("tokenizer.json").vocabulary())


def _reader(kind: str) -> Callable[[bytes], object]:
    def read(data: bytes) -> int:
        file = _folder() / f"input{kind}"
        file.write_bytes(data)
        found = list(load(file))
        assert found, "it ends as nothing"
        for one in found:
            if isinstance(one, Outcome):
                assert one.reason.strip(), "it is refused without a reason"
                one.reason.encode()
            else:
                _check(one.article)
        return len(found)

    return read


def _check(article: Article) -> None:
    told = (article.text, article.title, article.publisher, article.author, article.published, article.uri)
    json.dumps(told, ensure_ascii=False).encode()  # no half of a character
    for one in chunk(article, count=_counter(), chunk_tokens=200, overlap_sentences=1):
        assert one.text.strip(), "a passage is empty"
        for span in one.sentences:
            assert 0 <= span.start < span.end <= len(article.text), f"{span} lies outside the article"


def _slim_documents() -> list[bytes]:
    """Word documents without what styles them: read ten times as fast, so that the search tries more."""
    kept = ("[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "word/document.xml")
    packed = map(unzip, originals(".docx"))
    return [zip_parts({name: parts[name] for name in kept}) for parts in packed]


def _read_sidecar(data: bytes) -> object:
    (_folder() / SIDECAR).write_bytes(data)
    told = read_sidecar(_folder(), max_bytes=MAX_BYTES)
    json.dumps([asdict(one) for one in told.entries.values()], ensure_ascii=False).encode()
    return told.about("report.txt")


def _inside(
    how: Callable[[Callable[[bytes, Draw], bytes]], Callable[[bytes, Draw], bytes]],
) -> Callable[[Change, bytes, Draw], bytes]:
    """A change of one part of what is packed, nine times in ten."""

    def inside(change: Change, data: bytes, draw: Draw) -> bytes:
        return change(data) if draw.integers(10) == 0 else how(lambda part, _: change(part))(data, draw)

    return inside


def _json_or_bytes(change: Change, data: bytes, draw: Draw) -> bytes:
    return change(data) if draw.integers(3) == 0 else inside_json(change, data, draw)


def _talk_or_bytes(change: Change, data: bytes, draw: Draw) -> bytes:
    """What the browser tells holds a talk as a text: one value of that, or of what holds it."""
    if draw.integers(3):
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            told = json.loads(data)
            record = inside_json(change, told["record"].encode(), draw)
            return json.dumps({**told, "record": record.decode("utf-8", "replace")}).encode()
    return _json_or_bytes(change, data, draw)


def _cell_or_bytes(change: Change, data: bytes, draw: Draw) -> bytes:
    return change(data) if draw.integers(4) == 0 else inside_database(change, data, draw)


# What programs send, and what browsers and people keep

_SENTENCES = (
    "The ferry Aurora carried 45 people when it sank on Monday.",
    "The ferry Aurora carried 61 people when it sank on Monday.",
)
QUESTION = "How many people did the ferry Aurora carry?"


@cache
def _articles() -> tuple[Article, ...]:
    return tuple(
        Article(f"{number:016x}", f"/{number}.txt", f"It was late. {text} Nobody knew why.", None, name, None)
        for number, (text, name) in enumerate(zip(_SENTENCES, ("Harbour Post", "Evening News"), strict=True))
    )


@cache
def _answer() -> Answer:
    cited = []
    for article, text in zip(_articles(), _SENTENCES, strict=True):
        start = article.text.index(text)
        place = (start + 25, start + 34, text[25:34], text, start, start + len(text), 0.9)
        cited.append(Citation(article.id, None, article.publisher, None, article.uri, *place))
    one, other = cited
    return Answer(
        question=QUESTION, standalone_question=QUESTION, status="answered", text=one.quote, confidence=0.9,
        citations=(one,),
        positions=(Position(one.quote, (one,), 1), Position(other.quote, (other,), 1)),
        conflicts=(Conflict("number", "45 against 61", (one, other), 0.9, sides=(0, 1)),),
        conflict_check=ConflictCheck("checked", 2, 2, 1), passages=(), timeline=Timeline(),
        scope=Coverage(2, 2, 2, 2),
    )  # fmt: skip


def _find(article_id: str) -> Article:
    return Given(_articles).article(article_id)


def _text(data: bytes) -> str:
    """As a browser or a program may send it: halves of characters too."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


@cache
def _talk() -> str:
    """A talk of one turn as a browser keeps it."""
    talk = Talk()
    talk.library = "news"
    asked = talk.begin(QUESTION)
    ended, _ = draw_turn(replace(asked, answer=_answer()), Given(_articles))
    talk.end(asked, ended)
    return write(talk)


def _read_talk(data: bytes) -> str:
    """The talk that the page goes on with, drawn and kept again."""
    talk = Talk()
    opened = open_talk(talk, _text(data), "news", Given(_articles))
    return opened.notice + talk.html() + write(talk)


def _read_conversation(data: bytes) -> str:
    talk = Talk()
    told = import_talk(talk, _text(data), Given(_articles))
    return told + talk.html() + write(talk)


def _read_user_file(data: bytes) -> object:
    files = UserFiles(_folder() / "talks", app="news")
    with suppress(WhosaysError):
        files.put("ann", read_record(_talk()), _talk())
    (path,) = (_folder() / "talks").glob("*/*.json")
    path.write_bytes(data)
    return files.listing("ann"), files.get("ann", path.stem)


def _user_file() -> bytes:
    record = read_record(_talk())
    head = TalkSummary(record.id, QUESTION, "news", 1_764_158_400_000, record.questions)
    return f"{json.dumps(asdict(head))}\n{_talk()}".encode()


def _read_json(data: bytes) -> object:
    """Counted whole and in parts alike; what is read is what Python reads, but for halves of characters."""
    counts = [JsonCount() for _ in range(2)]
    with suppress(TooMuch):
        for count, step in zip(counts, (max(1, len(data)), 7), strict=True):
            for at in range(0, len(data), step):
                count.add(data[at : at + step])
        assert _counted(counts[0]) == _counted(counts[1]), "the count depends on the parts"
    found = read_json(data)
    with_halves = re.search("[\ud800-\udfff]", json.dumps(found, ensure_ascii=False))
    assert with_halves is None, "a half of a character came through"
    return found


def _counted(of: JsonCount) -> tuple[int, int, int]:
    return of.containers, of.values, of.deepest


# Lines beside a library


def _write(name: str, data: bytes) -> Path:
    folder = _folder() / "library"
    folder.mkdir(exist_ok=True)
    for own in (RULINGS, NOTEBOOK, REFUSALS, PUBLISHERS):
        (folder / own).unlink(missing_ok=True)
    (folder / name).write_bytes(data)
    return folder


def _read_rulings(data: bytes) -> object:
    rulings = Rulings(_write(RULINGS, data))
    standing = Standing(rulings.all())
    gold_lines(standing.gold()).encode()
    return rulings.count_passed_over(), [standing.apply(one) for one in _answer().conflicts]


def _ruling() -> bytes:
    (conflict,) = _answer().conflicts
    verdicts: tuple[Verdict, ...] = ("withdrawn", "no conflict", "update")
    return b"".join(
        json.dumps(asdict(rule(conflict, one, question=QUESTION))).encode() + b"\n" for one in verdicts
    )


def _read_notebook(data: bytes) -> object:
    folder = _write(NOTEBOOK, data)
    notebook = Notebook(folder, _find)
    notebook.arranged()
    of = document(notebook, library="news")
    for ending, file in FORMATS.items():
        if ending != "docx" or len(data) % _WORD_EVERY == 0:
            file.write(of)
    return count_no_steps(folder)


def _notebook() -> bytes:
    folder = _write(NOTEBOOK, b"")
    notebook = Notebook(folder, _find)
    kept = notebook.keep(_answer())
    notebook.keep(_answer().conflicts[0], question=QUESTION)
    note = notebook.add_note("To be asked again.", by="Ann")
    notebook.move(note.id, -1)
    notebook.comment(kept.id, "Compare with the port's list.")
    notebook.remove(note.id)
    return (folder / NOTEBOOK).read_bytes()


def _read_refusals(data: bytes) -> object:
    folder = _write(REFUSALS, data)
    found = read_refusals(folder), count_passed_over(folder)
    keep_refusals(folder, [Outcome("a.txt", "refused", "is empty")])
    return found


def _read_publishers(data: bytes) -> object:
    folder = _write(PUBLISHERS, data)
    return [MergedNames(folder).name_of(one) for one in ("Thomson Reuters", "Reuters", "", None)]


def _publishers() -> bytes:
    folder = _write(PUBLISHERS, b"")
    merge_names(folder, ["Thomson Reuters", "Reuters News"], "Reuters")
    merge_names(folder, ["Reuters"], "Reuters Group")
    return (folder / PUBLISHERS).read_bytes()


def _read_settings(data: bytes) -> Settings:
    file = _folder() / "settings.toml"
    file.write_bytes(data)
    return read_settings(file=file, environment={})


def _read_library(data: bytes) -> object:
    """Looked at, opened, asked, copied and mended, whatever its database holds."""
    places = [_folder() / name for name in ("opened", "copied")]
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
    places[0].mkdir()
    (places[0] / DATABASE).write_bytes(data)
    check(places[0])
    with suppress(WhosaysError), closing(open_library(places[0])) as library:
        contents(library)
        library.removed()
    with suppress(WhosaysError):
        backup(places[0], places[1])
    return repair(places[0], embedder=WordHashEmbedder())


@cache
def _library() -> bytes:
    place, articles = _folder() / "seed", _folder() / "seed-articles"
    write_articles(articles, version=0, count=3)
    with open_library(place) as library:
        library.add(articles)
        first, *_ = library.articles()
        library.remove_all([first.id])
    return (place / DATABASE).read_bytes()


_PACKED = {".docx": _inside(inside_part), ".pdf": _inside(inside_stream), ".json": _json_or_bytes,
           ".jsonl": _json_or_bytes}  # fmt: skip
TARGETS: Mapping[str, FuzzTarget] = {
    **{kind: FuzzTarget(_reader(kind), partial(originals, kind), _PACKED.get(kind)) for kind in KINDS},
    ".docx": FuzzTarget(_reader(".docx"), _slim_documents, _PACKED[".docx"]),
    "sidecar": FuzzTarget(
        _read_sidecar,
        lambda: [
            b'["report.txt"]\ntitle = "A"\npublisher = "B"\npublished = 2026-07-03\nurl = "http://a/"\n'
        ],
    ),
    "json": FuzzTarget(
        _read_json,
        lambda: [_talk().encode(), b'{"a": ["\\ud83d\\ude00", 1e3, null]}'],
        refusals=(ValueError,),  # what is no JSON is told as Python tells it, and by each caller in words
    ),
    "talk": FuzzTarget(
        _read_talk,
        lambda: [
            json.dumps({"query": query, "record": record}).encode()
            for query, record in ((link_query(Link(QUESTION, "news")), ""), ("", _talk()))
        ],
        _talk_or_bytes,
    ),
    "conversation": FuzzTarget(
        _read_conversation,
        lambda: [to_json(conversation([_answer()], _articles(), Settings())).encode()],
        _json_or_bytes,
    ),
    "user file": FuzzTarget(_read_user_file, lambda: [_user_file()], _json_or_bytes),
    "rulings": FuzzTarget(_read_rulings, lambda: [_ruling()], _json_or_bytes),
    "notebook": FuzzTarget(_read_notebook, lambda: [_notebook()], _json_or_bytes),
    "refusals": FuzzTarget(
        _read_refusals,
        lambda: [b'{"source": "a.txt", "reason": "is empty", "refused": "2026-07-03T10:00:00+00:00"}\n'],
        _json_or_bytes,
    ),
    "publishers": FuzzTarget(_read_publishers, lambda: [_publishers()], _json_or_bytes),
    "settings": FuzzTarget(
        _read_settings, lambda: [b'library = "news"\nmin_confidence = 0.5\npassages = 20\njudge = "small"\n']
    ),
    "library": FuzzTarget(_read_library, lambda: [_library()], _cell_or_bytes, 400_000),
}


def try_out(target: FuzzTarget, data: bytes) -> BaseException | None:
    """What is wrong with what becomes of an input; None where it is read, or refused as it should be."""
    try:
        target.read(data)
    except target.refusals:
        return None
    except Exception as error:  # noqa: BLE001  # that is what is sought
        return error
    return None
