"""What is kept of an article in a row of bytes: read again as it was packed, and never trusted."""

import random

import numpy as np
import pytest

from index.records import Article
from qa.survey.cache import SurveyCache
from qa.survey.columns import Columns, Packed, ReadLine, Rows, find_shared, number_of, pack, scatter
from qa.survey.statements import Sheets, pack_article, plainly, read_sheet
from qa.survey.words import AMONG, CAPITAL, FIGURE, words_of

TEXT = "In Orvik the hospital has 420 beds.  “Naïve” nurses left on 3 May, said Ida Holm.\n\nIda Holm was not there."
LINES = (
    ReadLine(0, 9, 5, 6, (4, 8), (4, 12, 16), (20,), "A naïve \ud800 line."),
    ReadLine(12, 20, 7, 8, (), (16,), (20, 24), ""),
)
SEQUENCES = np.array([3, 9, 12], np.uint32)


def test_articles_are_read_from_columns_as_they_were_packed() -> None:
    columns = Columns([Packed.read(pack(LINES, SEQUENCES)), Packed.read(pack((), SEQUENCES[:0]))] * 2)
    assert columns.lines.lengths.tolist() == [2, 0, 2, 0]
    assert [columns.quote(row) for row in range(4)] == [one.quote for one in LINES] * 2
    assert columns.owner.tolist() == [0, 0, 2, 2]
    assert columns.starts.tolist() == [0, 12] * 2
    assert columns.heard.tolist() == [6, 8] * 2
    assert columns.vocabulary[columns.words.row(2)].tolist() == [4, 12, 16]
    assert columns.vocabulary[columns.names.row(0)].tolist() == [4, 8]
    assert columns.stems[columns.terms.row(3)].tolist() == [20, 24]
    assert columns.sequences.row(2).tolist() == [3, 9, 12]


def test_a_row_of_bytes_of_another_shape_is_not_used() -> None:
    whole = pack(LINES, SEQUENCES)
    assert Packed.read(whole, characters=20) is not None
    assert Packed.read(whole, characters=19) is None, "a place beyond the text"
    assert Packed.read(whole[:-1]) is None
    assert Packed.read(whole + b"x") is None
    assert Packed.read(b"") is None
    numbers = np.frombuffer(whole, np.uint8)
    for at in range(0, 8 * 6, 8):
        changed = numbers.copy()
        changed[at] += 1  # how much of each follows
        assert Packed.read(changed.tobytes()) is None
    negative = np.frombuffer(whole[: 8 * 22], np.int64).copy()
    negative[6] = -1  # where the first line begins
    assert Packed.read(negative.tobytes() + whole[8 * 22 :]) is None


def test_of_a_line_that_is_no_text_is_told_what_can_be() -> None:
    whole = pack(LINES, SEQUENCES)
    held = len(LINES[0].quote.encode("utf-8", "surrogatepass"))
    damaged = whole[:-held] + b"\xff" + whole[1 - held :]
    columns = Columns([Packed.read(damaged)])
    assert columns.quote(0).startswith("\N{REPLACEMENT CHARACTER} naïve ")
    assert columns.quote(0).endswith(" line.")
    assert columns.quote(1) == ""


def test_sheets_tell_of_an_article_what_reading_it_tells() -> None:
    article = Article("a", "file:a", TEXT, published="2026-05-03")
    packed = Packed.read(pack_article(article), len(TEXT))
    assert packed is not None
    sheets = Sheets.read([article], SurveyCache(None))
    sheet = read_sheet(article)
    assert [sheets.text(line.digest) for line in sheet.lines] == [plainly(quote) for quote in sheet.quotes]
    assert len(sheet.lines) == 3
    for line, quote in zip(sheet.lines, sheet.quotes, strict=True):
        (cited,) = sheets.cite(line.digest)
        assert (cited.quote, cited.start) == (quote, line.span.start)
        names = sheets.columns.vocabulary[sheets.names(sheets.number(line.digest))]
        assert sorted(names.tolist()) == sorted(map(number_of, line.names))


def test_an_article_that_has_gone_is_neither_read_nor_cited() -> None:
    here = Article("a", "file:a", TEXT)
    gone = Article("b", "file:b", TEXT)
    held = {"a": here, "b": gone}
    cache = SurveyCache(None)

    def fetch(ids):
        return [held[one] for one in ids if one in held]

    sheets = Sheets.read_listed([here, gone], fetch, cache)
    assert sheets.ids == ["a", "b"]
    digest = int(sheets.digests[0])
    assert {one.article_id for one in sheets.cite(digest)} == {"a", "b"}
    del held["b"]
    sheets.bring([])
    assert {one.article_id for one in sheets.cite(digest)} == {"a"}
    assert Sheets.read_listed([here, gone], fetch, SurveyCache(None)).ids == ["a"]


@pytest.mark.parametrize("seed", range(5))
def test_what_rows_share_is_what_their_sets_share(seed: int) -> None:
    draw = random.Random(seed)
    sets = [sorted(draw.sample(range(30), draw.randint(0, 12))) for _ in range(20)]
    lengths = np.array(list(map(len, sets)))
    rows = Rows.of_lengths(lengths, np.array([one for some in sets for one in some], np.int32))
    pairs = np.array([(draw.randrange(20), draw.randrange(20)) for _ in range(50)])
    shared = find_shared(rows, pairs[:, 0], pairs[:, 1])
    entries = rows.take(pairs[:, 0]).flat[shared.flat]
    told = Rows(shared.bounds, entries)
    assert [told.row(at).tolist() for at in range(50)] == [
        sorted({*sets[one]} & {*sets[other]}) for one, other in pairs.tolist()
    ]


def test_words_are_told_by_numbers_with_what_they_are() -> None:
    names, words = words_of(
        "In May the Orvik mill had 420 hands, Orvik's mayor said.", frozenset({"orvik", "u.s"})
    )
    told = {one & ~3: one & 3 for one in words}
    assert told[number_of("orvik")] == CAPITAL
    assert told[number_of("420")] == told[number_of("may")] == FIGURE
    assert told[number_of("in")] == told[number_of("mill")] == 0
    assert {one & ~3: one & 3 for one in names} == {number_of("orvik"): AMONG, number_of("u.s"): 0}
    assert list(words) == sorted(words)


def test_scattered_numbers_tell_sets_apart() -> None:
    sums = {int(scatter(np.array(some)).sum()) for some in ([1, 4], [2, 3], [5], [0, 5], [1, 1, 3])}
    assert len(sums) == 5
