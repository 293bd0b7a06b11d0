"""How the time of each stage grows with its input: `python -m eval.robustness.growth`, the worst first.

Each stage, from a file's bytes to a page of the app, takes texts that hold a run of one kind: of one
character, of one word, of brackets that open and never close. The exponent is that from a quarter of the
largest size to all of it (1 is linear, 2 quadratic); the ratio is to the time of ordinary prose of that size.
Time is the processor's.
"""

import argparse
import gc
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

import numpy as np

from eval.stories import read_stories
from index.errors import SourceRefused
from index.local.lexical import words
from index.models import Tokenizer
from index.records import Article, Chunk, Hit, Span
from index.sources.formats import parse
from index.sources.metadata import normalise_metadata
from index.sources.opening import read_opening
from index.text.chunk import chunk
from index.text.clean import clean, normalise
from index.text.sentences import sentences
from index.text.tokens import TokenCounter
from qa.app.html.differences import find_differences
from qa.app.html.reader import article_page
from qa.app.html.render import neighbours
from qa.app.html.turn import turn
from qa.asking.questions import questions_from
from qa.conflicts.copies import independent
from qa.conflicts.differences import difference, differing_values
from qa.events.outlines import outline
from qa.export.answer import answer_text
from qa.export.conversation import conversation, read_conversation, to_citation, to_json, to_markdown
from qa.language.attribution import attribution_in
from qa.language.clauses import main_clause
from qa.language.dates import read_periods
from qa.language.names import names_in
from qa.language.quantities import read_quantities
from qa.language.terms import terms
from qa.reader.boundaries import extend
from qa.reader.candidates import candidates
from qa.records import Answer, Citation, Conflict, ConflictCheck, Passage, Position
from qa.settings import Settings
from qa.survey.cache import SurveyCache
from qa.survey.near_copies import NearCopies
from qa.survey.statements import Sheets, read_sheet

STORIES = Path(__file__).resolve().parents[1] / "stories" / "dev"
MAX_BYTES = 20_000_000
SIZES = (2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000)
# Beyond it a larger size is not tried; below it a time says nothing of how it grows.
LONGEST_S, SHORTEST_S = 1.0, 0.004

_SINGLE = {
    "space": " ", "newline": "\n", "tab": "\t", "digit": "7", "small letter": "a", "capital": "A",
    "combining mark": "\u0301", "Hangul vowel": "\u1161", "zero-width space": "\u200b", "soft hyphen": "\xad",
    "no-break space": "\xa0", "emoji": "\N{GRINNING FACE}", "joined emoji": "\N{MAN}\u200d", "CJK": "\u4e2d",
    "CJK stop": "\u3002", "right-to-left": "\u05d0", "override": "\u202e", "bold letter": "\U0001d5d4",
    "raised two": "\u00b2", "half": "\u00bd", "ellipsis": "\u2026", "curly quote": "\u201d", "dash": "\u2014",
    "next line": "\x85", "control": "\x01", "ligature": "\ufdfa",
    **{sign: sign for sign in "!.?,:;#|([{)]}\"'-_*`~<>&@/\\=+$%^"},
}  # fmt: skip
_REPEATED = (
    "a ", "! ", ". ", "? ", ": ", "A. ", "a. ", "1. ", "- ", "# ", "\n- ", "\n1. ", "\n# x", "\n\n", "\na",
    "\nA b", ", ", "; ", "( ", "[ ", '" ', "' ", "_ ", "* ", " **", "**a** ", "__a b__ ", "*a", "_a", "a'",
    "a-", "a.", "a_", "A ", "The A ", "one ", "one-", "hundred ", "1,", "1,000 ", "1.", "$1 ", "May ",
    "May 1 ", "in May ", "2026 ", "and ", "of the ", "said that ", "Mr. ", "U.S. ", "e.g. ", "...", ". . ",
    ".\n", ".'", '."', ".)", "!?", "?!", "...\n", ").", "a@b.c ", "#a ", "@a ", "http://", "http://a.b/ ",
    "www.", "[x](", "](", "![", "[x](y) ", "&amp;", "&#", "<b>", "</b>", "<b>x</b>", "<p>", "<div>",
    "<div><p>x ", "<ul><li>", "<a href=x>", "<!--", "<!", "<script>", "<table><tr><td>", "</p>", "</",
    "<br>", "{#", "{", "[[", "[]", "(a ", "(a) ", "a\u0301", "\u0301\u200b", "\xad\n", "a\xad\n", " \n",
    "\n ", "\t\n", "a\n", "\\", '\\"', '"a",', "a,b\n", '{"a":', "[1,", "---\n", "```\n", "a:\n", "a: b\n",
    "0\xb2", "\xbd1", "x#", " #", "\u4e2d\u6587\u3002", "A\u200b", "B\u00e9 ",
)  # fmt: skip


def repeat(unit: str) -> Callable[[int], str]:
    """Runs of `unit`, cut to a number of characters."""
    return lambda size: (unit * (size // len(unit) + 1))[:size]


def nest(opening: str, closing: str) -> Callable[[int], str]:
    """As many of one as of the other, the one within the other."""

    def run(size: int) -> str:
        depth = size // (len(opening) + len(closing))
        return opening * depth + closing * depth

    return run


def _rows(size: int) -> int:
    """How many rows, each a character longer than the one before, are that many characters."""
    return int((2 * size) ** 0.5)


RUNS: Mapping[str, Callable[[int], str]] = {
    **{name: repeat(unit) for name, unit in _SINGLE.items()},
    **{json.dumps(unit, ensure_ascii=False): repeat(unit) for unit in _REPEATED},
    "nested brackets": nest("(", ")"),
    "nested square brackets": nest("[", "]"),
    "nested links": nest("[a](", ")"),
    "nested tags": nest("<div>", "</div>"),
    "nested inline tags": nest("<b>a", "</b>"),
    "nested HTML lists": nest("<ul><li>", "</li></ul>"),
    "nested quotes": nest("> ", '"'),
    "nested lists": lambda size: "".join(f"\n{' ' * n}- a" for n in range(_rows(size)))[:size],
    "words of growing length": lambda size: " ".join("a" * n for n in range(_rows(size)))[:size],
    "lines of growing length": lambda size: "\n".join("a " * n for n in range(_rows(size)))[:size],
    "different words": lambda size: " ".join(f"w{n}" for n in range(size // 5))[:size],
    "different names": lambda size: " ".join(f"Name{n}" for n in range(size // 7))[:size],
    "different sentences": lambda size: " ".join(f"The {n} men left here." for n in range(size // 22))[:size],
}  # fmt: skip


@cache
def _prose() -> str:
    return " ".join(account.text for story in read_stories(STORIES) for account in story.accounts)


def ordinary(size: int) -> str:
    """Sentences of stories, in paragraphs, as often as it takes."""
    text = _prose().replace(". ", ".\n", 1)
    return (text * (size // len(text) + 1))[:size]


def around(run: str) -> str:
    """A text that holds `run` in a line of its own, after a mark of headings, and within a sentence."""
    part = len(run) // 3
    alone, marked, within = run[:part], run[part : 2 * part], run[2 * part :]
    return f"The ferry left.\n{alone}\n# x{marked}x\nIt had a crew {within} of 12. It came back.\n"


@dataclass(frozen=True, slots=True)
class Stage:
    """What is measured: `work` on what `prepare`, which is not, makes of a text."""

    name: str
    work: Callable[[Any], object]
    prepare: Callable[[str], Any] = str


def _load_as(extension: str) -> Callable[[bytes], object]:
    def load(data: bytes) -> object:
        try:
            return parse(extension, data, max_bytes=MAX_BYTES)
        except SourceRefused as refusal:
            return refusal

    return load


def _bytes(template: str) -> Callable[[str], bytes]:
    return lambda text: template.replace("@", text).encode()


def _json(text: str) -> bytes:
    return json.dumps({"title": text[:200], "text": text}).encode()


def _csv(text: str) -> bytes:
    quoted = text.replace('"', '""')
    return f'title,text\nx,"{quoted}"\n'.encode()


def _page(text: str) -> bytes:
    attribute = text.replace('"', "")
    return (
        f'<html><head><title>{text}</title><meta name="author" content="{attribute}"><script type='
        f'"application/ld+json">{{"@type": "NewsArticle", "headline": {json.dumps(text)}, '
        f'"@graph": {json.dumps(text.split(" "))}}}</script></head>'
        f"<body><article><h1>The ferry</h1><p>{_prose()[:600]}</p><p>{text}</p></article></body></html>"
    ).encode()


def _document(text: str) -> bytes:
    """A Word document with `text` in one paragraph."""
    main = "http://schemas.openxmlformats.org"
    shown = escape("".join(char for char in text if char >= " " or char in "\t\n"))
    shown = shown.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{main}/package/2006/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{main}/package/2006/relationships"><Relationship Id="a" Type="'
        f'{main}/officeDocument/2006/relationships/officeDocument" Target="a.xml"/></Relationships>',
        "a.xml": f'<w:document xmlns:w="{main}/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        f'<w:t xml:space="preserve">{shown}</w:t></w:r></w:p></w:body></w:document>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return file.getvalue()


def _state(text: str) -> object:
    values = dict.fromkeys(("title", "publisher", "author", "published"), text)
    run = text.partition("\n")[2]
    return normalise_metadata({**values, "url": f"http://{run}"}), normalise_metadata(
        {"published": f"2026-07-03 {run}"}
    )


@cache
def tokenizer() -> Tokenizer:
    """That of the embedder and of the reader."""
    return Tokenizer("tokenizer.json")


@cache
def counter() -> TokenCounter:
    """As chunks are counted."""
    return TokenCounter(tokenizer().vocabulary())


def _article(text: str) -> Article:
    return Article("0123456789abcdef", "/ferry.txt", text, "The ferry", "Morning Post", None, "2026-07-03")


def _chunks(text: str) -> tuple[Chunk, ...]:
    return chunk(_article(text), count=counter())


def _hits(text: str) -> list[Hit]:
    article = _article(text)
    return [Hit(article, one, 1, 1.0, 0.5, None) for one in _chunks(text)]


def _candidates(hits: Sequence[Hit]) -> list[str]:
    return [one.view.text for hit in hits for one in candidates(hit)]


def _sentences(text: str) -> list[str]:
    return _candidates(_hits(text))


def _language(texts: Sequence[str]) -> None:
    for text in texts:
        periods = read_periods(text, published="2026-07-03")
        read_quantities(text, [(one.start, one.end) for one in periods])
        names_in(text)
        terms(text)
        main_clause(normalise(text))
        attribution_in(text)
        questions_from(text)
        extend(text, len(text) // 2, len(text) // 2 + 1)


def _embed(chunks: Sequence[Chunk]) -> None:
    tokenizer().encode([one.text for one in chunks], max_tokens=256)


def _read(texts: Sequence[str]) -> None:
    pair = ("Who left with the ferry?", " ".join(texts))
    tokenizer().encode([pair], max_tokens=320, cut="only_second", stride=32)


def _sheets(text: str) -> Sheets:
    return Sheets.read(
        [_article(text), replace(_article(f"{text}\nIt left."), id="other")], SurveyCache(None)
    )


def _survey(sheets: Sheets) -> None:
    copies = NearCopies(sheets)
    for one, other in pairwise(sheets.digests.tolist()):
        copies.cannot_conflict(one, other)


def _answer(text: str) -> Answer:
    """An answer that quotes the longest sentence of `text`, and passages that hold all of it."""
    hits = _hits(text)
    cited = []
    for name in ("0123456789abcdef", "fedcba9876543210"):
        span = max((one for hit in hits for one in hit.chunk.sentences), key=lambda one: one.end - one.start)
        quote = text[span.start : span.end]
        end = span.start + max(1, len(quote) // 2)
        cited.append(
            Citation(name, "The ferry", "Morning Post", "2026-07-03", "/ferry.txt", span.start, end,
                     text[span.start : end], quote, span.start, span.end, 0.9)
        )  # fmt: skip
    told = tuple(cited)
    passages = tuple(
        Passage(hit.article.id, hit.chunk.start, hit.chunk.end, text[hit.chunk.start : hit.chunk.end], 1, 0.5)
        for hit in hits
    )
    return Answer(
        "Who left?", "Who left?", "answered", told[0].quote, 0.9, told[:1],
        (Position(told[0].quote, told[:1], 1), Position(told[1].quote, told[1:], 1)),
        (Conflict("number", "one against another", told, 0.9, sides=(0, 1)),),
        ConflictCheck("checked", 2, 2, 1), passages,
    )  # fmt: skip


def _make_answer(text: str) -> tuple[Answer, Article]:
    return _answer(text), _article(text)


def _export(told: tuple[Answer, Article]) -> None:
    answer, article = told
    of = conversation([answer], [article], Settings())
    to_markdown(of)
    read_conversation(to_json(of))
    to_citation(answer)
    answer_text(answer)


def _show(told: tuple[Answer, Article]) -> None:
    answer, article = told
    articles = {article.id: article, "fedcba9876543210": replace(article, id="fedcba9876543210")}
    turn(answer, articles, 1)
    cited = answer.citations[0]
    article_page(article, Span(cited.start, cited.end))
    neighbours(article.text, cited.sentence_start, cited.sentence_end)


def _compare(texts: Sequence[str]) -> None:
    """As two statements that conflict are set against each other."""
    for one, other in pairwise(texts):
        mine, theirs = (
            Citation(
                "a", None, None, None, "a", 0, len(text) // 2, text[: len(text) // 2], text, 0, len(text), 0.9
            )
            for text in (one, other)
        )
        difference(mine, theirs)
        differing_values(mine, theirs)
        find_differences(one, other)


def _sources(text: str) -> None:
    outline(_article(text), np.zeros((1, 1), np.float32))
    independent(["a", "b"], {"a": text, "b": f"{text} It left."})


STAGES = (
    Stage("load .txt", _load_as(".txt"), _bytes("@")),
    Stage("load .md", _load_as(".md"), _bytes("@")),
    Stage("load .md, front matter", _load_as(".md"), _bytes("---\ntitle: x\nnote: @\ntags: [@]\n---\n@")),
    Stage("load .html", _load_as(".html"), _page),
    Stage("load .html, bare", _load_as(".html"), _bytes("@")),
    Stage("load .docx", _load_as(".docx"), _document),
    Stage("load .json", _load_as(".json"), _json),
    Stage("load .json, bare", _load_as(".json"), _bytes("@")),
    Stage("load .jsonl, bare", _load_as(".jsonl"), _bytes("@")),
    Stage("load .csv", _load_as(".csv"), _csv),
    Stage("load .eml", _load_as(".eml"), _bytes("Subject: @\nFrom: @\nDate: @\n\n@")),
    Stage("load .csv, bare", _load_as(".csv"), _bytes("text,title\n@")),
    Stage(
        "load .txt, no UTF-8", _load_as(".txt"), lambda text: text.encode("cp1252", "replace") + b"\xe9t\xe9"
    ),
    Stage("stated", _state),
    Stage("opening", read_opening),
    Stage("clean", clean),
    Stage("sentences", sentences, clean),
    Stage("chunk", _chunks),
    Stage("words", words),
    Stage("embedder's tokens", _embed, _chunks),
    Stage("reader's tokens", _read, _sentences),
    Stage("candidates", _candidates, _hits),
    Stage("language", _language, _sentences),
    Stage("compared", _compare, _sentences),
    Stage("sources", _sources),
    Stage("statements", lambda text: read_sheet(_article(text))),
    Stage("survey", _survey, _sheets),
    Stage("export", _export, _make_answer),
    Stage("app", _show, _make_answer),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """Seconds at `size` characters; the exponent from a quarter of it; how many times those of prose."""

    stage: str
    run: str
    size: int
    seconds: float
    exponent: float
    ratio: float


def seconds(stage: Stage, text: str) -> float:
    """The processor time of the stage for `text`."""
    prepared = stage.prepare(text)
    gc.collect()  # what the one before left behind is not its own
    begun = time.process_time()
    stage.work(prepared)
    return time.process_time() - begun


def growth(stage: Stage, name: str, usual: Mapping[int, float], sizes: Sequence[int] = SIZES) -> Growth:
    """Of one kind of run; `usual` are the seconds of ordinary prose of each size."""
    times: list[tuple[int, float]] = []
    for size in sizes:
        begun = time.process_time()
        times.append((size, seconds(stage, around(RUNS[name](size)))))
        if time.process_time() - begun > LONGEST_S:
            break
    before, early = next((one for one in times[-3:] if one[1] >= SHORTEST_S), times[-1])
    size, late = times[-1]
    steep = log(late / early) / log(size / before) if size > before else 0.0
    return Growth(stage.name, name, size, late, steep, late / max(usual[size], SHORTEST_S))


def measure_all(stages: Sequence[Stage], runs: Sequence[str]) -> Iterator[Growth]:
    """Each stage with each kind of run."""
    for stage in stages:
        seconds(stage, around(ordinary(600)))  # what is loaded on first use
        gc.freeze()  # and is then looked through at each collection
        usual = {size: seconds(stage, around(ordinary(size))) for size in SIZES}
        for name in runs:
            yield growth(stage, name, usual)


def main() -> None:
    """Measures, and prints what grows fastest."""
    parser = argparse.ArgumentParser(description="How the time of each stage grows with its input")
    parser.add_argument(
        "--stage", action="append", default=[], choices=[one.name for one in STAGES], metavar="STAGE"
    )
    parser.add_argument("--run", action="append", default=[], choices=list(RUNS), metavar="RUN")
    parser.add_argument("--most", type=int, default=40, help="lines to print (default 40)")
    chosen = parser.parse_args()
    stages = [one for one in STAGES if not chosen.stage or one.name in chosen.stage]
    found = list(measure_all(stages, chosen.run or list(RUNS)))
    steep = sum(one.exponent > 1.2 for one in found)
    slow = sum(one.ratio > 3 for one in found)
    print(f"{len(found)} pairs of stage and run: {steep} with an exponent over 1.2, {slow} over 3 x prose")
    print(f"{'stage':24}{'run':24}{'characters':>11}{'seconds':>9}{'exponent':>9}{'x prose':>9}")
    for one in sorted(found, key=lambda one: -one.ratio * one.size ** max(0.0, one.exponent - 1))[
        : chosen.most
    ]:
        print(
            f"{one.stage:24}{one.run[:23]:24}{one.size:11,}{one.seconds:9.3f}{one.exponent:9.2f}{one.ratio:9.1f}"
        )


if __name__ == "__main__":
    main()
