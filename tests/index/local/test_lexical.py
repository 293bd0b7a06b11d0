"""BM25: scores by the formula, over what stands in the index, with nothing in a question meaning more than its words."""

import json
import math
import shutil

import pytest

from index.errors import LibraryError
from index.local.lexical import LexicalIndex, Stamp, Statistics, bm25, words

TEXTS = {
    1: "Samsung makes chips for Meta.",
    2: "TSMC made the chips of the first generation.",
    3: "The backlog of orders approaches 50 trillion won.",
    4: "Meta orders more chips, and more chips, and more chips.",
}


def index_of(texts, folder=None, generation=1):
    index = LexicalIndex(folder)
    for key, text in texts.items():
        index.add(key, text)
    index.commit(Stamp("here", generation, max(texts, default=0)))
    index.end_writing()
    return index


def test_words_are_folded_and_stemmed():
    assert words("Orders, ORDERED cafés — 2nm (U.S.)") == ["order", "order", "cafe", "2nm", "u", "s"]


def test_a_score_is_the_formula_s():
    statistics = Statistics(chunks=4, mean_words=6.0)
    one, none = bm25(["chip"], [["samsung", "make", "chip"], ["bread"]], [2], statistics)
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    assert one == pytest.approx(idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 6)))
    assert none == 0


def test_a_word_that_is_in_every_chunk_still_counts_for_something():
    (score,) = bm25(["chip"], [["chip"]], [4], Statistics(4, 1.0))
    assert 0 < score < 0.2


def test_candidates_hold_a_word_of_the_question():
    view = index_of(TEXTS).view()
    assert sorted(view.candidates(words("chips for Meta"), 10)) == [1, 2, 4]
    assert view.candidates(words("chips for Meta"), 1) in ([1], [4])
    assert view.candidates(words("bread"), 10) == []


@pytest.mark.parametrize(
    "question",
    ["AND chips OR NOT (", '"Samsung', "text:chips", "chips^5 ~2 [a TO b] {", "+chips -Meta *", "\\ / ' ` ?"],
)
def test_the_marks_of_a_query_language_mean_nothing(question):
    view = index_of(TEXTS).view()
    asked = words(question)
    found = view.candidates(asked, 10) if asked else []
    assert set(found) == {key for key, text in TEXTS.items() if set(asked) & set(words(text))}


def test_allowed_keys_limit_the_candidates():
    view = index_of(TEXTS).view()
    assert view.candidates(words("chips"), 10, allowed=[2, 3]) == [2]
    assert view.candidates(words("chips"), 10, allowed=[]) == []


def test_many_allowed_keys_are_sifted_until_enough_are_found():
    view = index_of({key: "chips " * (1 + key % 7) for key in range(1, 26_000)}).view()
    allowed = list(range(1, 20_002))
    found = view.candidates(["chip"], 100, allowed)
    assert len(found) == 100
    assert set(found) <= set(allowed)
    assert len(view.candidates(["chip"], 30_000, allowed)) == 20_001


def test_a_deleted_chunk_counts_no_more():
    index = index_of(TEXTS)
    assert index.view().count_holding("chip") == 3
    index.delete([4, 99])
    index.commit(Stamp("here", 2, 4))
    index.end_writing()
    view = index.view()
    assert view.count_holding("chip") == 2
    assert view.count_holding("bread") == 0
    assert view.stamp == Stamp("here", 2, 4)


def test_deleting_after_a_key_leaves_those_up_to_it():
    index = index_of(TEXTS)
    index.delete_after(2)
    index.commit(Stamp("here", 2, 2))
    assert sorted(index.view().candidates(words("chips orders"), 10)) == [1, 2]
    index.delete_after(-1)
    index.commit(Stamp("here", 3, 0))
    index.end_writing()
    assert index.view().candidates(words("chips orders"), 10) == []


def test_a_view_does_not_change_with_later_commits():
    index = index_of(TEXTS)
    view = index.view()
    index.delete_after(-1)
    index.commit(Stamp("here", 2, 0))
    index.end_writing()
    assert view.candidates(words("won"), 10) == [3]
    assert view.stamp == Stamp("here", 1, 4)


def test_what_was_not_committed_is_forgotten(tmp_path):
    index = index_of(TEXTS, tmp_path / "words")
    index.add(5, "chips")
    index.end_writing()
    assert LexicalIndex(tmp_path / "words").view().count_holding("chip") == 3


def test_files_that_a_killed_commit_left_do_not_stop_the_next(tmp_path):
    folder, before = tmp_path / "words", tmp_path / "before"
    index_of(TEXTS, folder).view()
    shutil.copytree(folder, before)
    index = LexicalIndex(folder)
    index.delete([4])
    index.commit(Stamp("here", 2, 4))
    index.end_writing()
    # All that the commit wrote, but not meta.json, which takes effect last.
    shutil.copy(before / "meta.json", folder / "meta.json")
    assert list(folder.glob("*.del"))
    index = LexicalIndex(folder)
    assert index.view().count_holding("chip") == 3
    index.delete([4])
    index.commit(Stamp("here", 2, 4))
    index.end_writing()
    assert index.view().count_holding("chip") == 2


def test_a_new_index_has_no_stamp(tmp_path):
    assert LexicalIndex(tmp_path / "words").view().stamp == Stamp("", -1, 0)


def test_a_broken_index_says_what_to_do(tmp_path):
    index_of(TEXTS, tmp_path / "words")
    (tmp_path / "words" / "meta.json").write_text("{}")
    with pytest.raises(LibraryError, match=r"words cannot be read or written: .*delete that folder"):
        LexicalIndex(tmp_path / "words")


def segments(folder):
    return len(json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"])


def test_many_small_additions_are_merged_into_few_segments(tmp_path):
    for generation in range(1, 31):
        index = LexicalIndex(tmp_path)
        for key in range(300 * generation, 300 * generation + 300):
            index.add(key, f"Report {key} says that plant {key % 7} makes chips for customer {key % 5}.")
        index.commit(Stamp("here", generation, 300 * generation + 299))
        index.end_writing()
    assert segments(tmp_path) < 12
    assert index.view().count_holding("chip") == 9_000


def test_what_a_stopped_writer_left_unmerged_is_merged_by_the_next(tmp_path, monkeypatch):
    # tantivy merges eight segments and more: seven each of two indexes, in one, stand as a kill leaves them.
    folder, other = tmp_path / "one", tmp_path / "other"
    for at, first in ((folder, 1), (other, 8)):
        for key in range(first, first + 7):
            index_of({key: f"Report {key} tells of chips."}, at, key)
    commit, more = (json.loads((at / "meta.json").read_text(encoding="utf-8")) for at in (folder, other))
    commit["segments"] += more["segments"]
    for file in other.iterdir():
        if not (folder / file.name).exists():
            shutil.copy(file, folder)
    (folder / "meta.json").write_text(json.dumps(commit), encoding="utf-8")
    left = segments(folder)
    monkeypatch.setattr("index.local.lexical._SEGMENTS", 5)
    # The next is stopped as well, as by a kill: what was left is merged before it writes, not when it ends.
    monkeypatch.setattr(LexicalIndex, "end_writing", lambda self: self._writer.rollback())
    index_of({99: "The last one tells of chips."}, folder, 99)
    assert segments(folder) <= 2 < 5 < left
    assert LexicalIndex(folder).view().count_holding("chip") == 15


def test_of_many_chunks_a_word_of_nearly_all_is_not_sought_beside_others(monkeypatch):
    texts = {**TEXTS, 5: "The chips are late.", 6: "Chips, said the ministry.", 7: "Nobody wants chips."}
    monkeypatch.setattr("index.local.lexical._MANY", 6)
    view = index_of(texts).view()
    assert sorted(view.candidates(words("chips for Meta"), 10)) == [1, 4]
    assert sorted(view.candidates(words("chips"), 10)) == [1, 2, 4, 5, 6, 7]
