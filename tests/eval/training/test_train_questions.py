"""What the reader learns from: questions with their passages, their rows, and the loss."""

import math
import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from eval.training.data.examples import Example
from eval.training.data.questions import (
    FollowUp,
    Passage,
    Question,
    StoryQuestions,
    account_passage,
    canard_follow_ups,
    is_held_out,
    needed_words,
    public_questions,
    put_question,
    read_stories,
    story_follow_ups,
    talk,
    whole_story,
)
from eval.training.data.reading_rows import (
    QUESTION_TOKENS,
    ROW_TOKENS,
    TALK_TOKENS,
    TITLE_TOKENS,
    Asked,
    ReadingBatch,
    ReadingRow,
    Rows,
    pad_asked,
    question_batches,
)
from eval.training.models.reader_network import Logits, needed_loss, reading_loss, sentence_scores
from eval.training.models.reading_judge import judge_needed, judge_stories
from index.models import WEIGHTS
from index.text.clean import normalise
from qa.language.terms import terms
from tests.tiny import write_stories

CPU = torch.device("cpu")
BOLD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "".join(chr(0x1D5EE + at) for at in range(26)))
LONG = 60 * "The river was high that day. "


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return read_stories(write_stories(tmp_path_factory.mktemp("stories") / "stories.jsonl", 6, 2))


def account(text: str, **others: str) -> dict[str, Any]:
    return {"publisher": "Valley Post", "title": "The bridge", "text": text, **others}


def answer(text: str, words: str) -> dict[str, Any]:
    return {"text": words, "start": text.index(words), "verdict": None}


WORD = st.sampled_from(
    [
        "bridge",
        "opened".translate(BOLD),
        "Ａｄａ",
        "cafe\u0301",
        "so\xadft",
        "km²",
        "**wide**",
        "“old”",
        "1,931",
        "ﬁrm",
        "𝟒𝟐",
    ]
)
GAP = st.sampled_from([" ", "  ", "\n", " \u200b", "\u00a0"])
SENTENCE = st.lists(st.tuples(WORD, GAP), min_size=6, max_size=10).map(
    lambda words: "The " + "".join(word + gap for word, gap in words) + "ferry sank."
)


@given(sentences=st.lists(SENTENCE, min_size=1, max_size=4), cut=st.data())
def test_the_marked_words_of_an_account_are_the_answers_cleaned_words(sentences: list[str], cut: Any):
    text = "\n\n".join(sentences)
    edges = [
        at for at in range(len(text)) if not text[at].isspace() and (not at or text[at - 1] in " \n\u00a0")
    ]
    first = cut.draw(st.sampled_from(edges))
    last = cut.draw(st.sampled_from([at for at in edges if at > first] or [len(text)]))
    words = text[first:last].rstrip(" \n\u00a0\u200b")
    passage = account_passage(account(text), {"text": words, "start": first, "verdict": None})
    assert passage.text[passage.start : passage.end].split() == normalise(words).replace("*", "").split()
    assert " ".join(passage.sentences) == passage.text


def test_an_answer_in_bold_letters_over_a_line_break_is_marked_in_plain_ones():
    bold = "opened by\nada".translate(BOLD)
    text = f"The long bridge over the river Tarn was {bold} Kellan  on a Sunday in May. It is long."
    passage = account_passage(account(text), answer(text, f"{bold} Kellan  on"))
    told = "The long bridge over the river Tarn was opened by ada Kellan on a Sunday in May."
    assert [" ".join(one.split()) for one in passage.sentences] == [told, "It is long."]
    assert passage.text[passage.start : passage.end].split() == ["opened", "by", "ada", "Kellan", "on"]


def test_an_account_without_the_answer_answers_nothing():
    passage = account_passage(account("It was opened by Ada Kellan."), None)
    assert not passage.answers
    assert (passage.title, passage.start, passage.end) == ("Valley Post: The bridge", -1, -1)


def test_one_story_in_twelve_is_held_out_the_same_ones_each_time():
    found = [number for number in range(6000) if is_held_out(f"bridge-{number}")]
    assert found[:4] == [46, 73, 100, 104]
    assert len(found) / 6000 == pytest.approx(1 / 12, abs=0.01)


def decoded(tokenizer: Tokenizer, text: str) -> str:
    """The text as it comes back from its word pieces."""
    return str(tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids))


def test_a_row_holds_talk_question_and_headline_then_the_passage_with_its_answer(
    tokenizer: Tokenizer, stories: list[dict[str, Any]]
):
    rows = Rows(tokenizer)
    seen = 0
    for question in (one for story in stories for one in whole_story(story)):
        asked = rows.build_rows(question, random.Random(1))
        assert len(asked.rows) == len(question.passages) == 3
        assert asked.spans == (question.kind != "yesno")
        for row, passage in zip(asked.rows, question.passages, strict=True):
            head = " | ".join(part for part in (question.history, question.text, passage.title) if part)
            assert tokenizer.decode(row.ids[1 : row.context_at - 1]) == decoded(tokenizer, head)
            assert tokenizer.decode(row.ids[row.context_at : -1]) == decoded(tokenizer, passage.text)
            for number, sentence in enumerate(passage.sentences, 1):
                told = row.ids[row.sentence == number]
                assert tokenizer.decode(told) == decoded(tokenizer, sentence)
            assert not row.sentence[: row.context_at].any()
            assert row.sentence[-1] == 0
            if not passage.answers:
                assert (row.first, row.last, row.gold) == (0, 0, ())
                continue
            words = passage.text[passage.start : passage.end]
            assert tokenizer.decode(row.ids[row.first : row.last + 1]) == decoded(tokenizer, words)
            assert row.gold == tuple(sorted({*row.sentence[row.first : row.last + 1].tolist()}))
            assert any(words in passage.sentences[number - 1] for number in row.gold)
            seen += 1
    assert seen == 8 * len(stories)


def test_an_answer_over_two_sentences_makes_both_gold(tokenizer: Tokenizer):
    text = "It is long. Ada Kellan built it. Boris Lund paid. It stands."
    passage = account_passage(account(text), answer(text, "built it. Boris Lund"))
    (row,) = Rows(tokenizer).build_rows(Question("Who?", "", "list", (passage,)), random.Random(1)).rows
    assert row.gold == (2, 3)


@pytest.mark.parametrize("before", [0, 1, 30, 60])
def test_a_row_that_is_cut_keeps_the_answer_and_the_numbers_of_its_sentences(
    tokenizer: Tokenizer, before: int
):
    parts = ["The river was high that day."] * 60
    parts[before:before] = ["Ada Kellan built it in 1931."]
    start = before * len("The river was high that day. ") + 0
    passage = Passage("Valley Post", tuple(parts), start, start + len("Ada Kellan"))
    rows, beginnings = Rows(tokenizer), set()
    for seed in range(12):
        (row,) = rows.build_rows(Question("Who built it?", "", "span", (passage,)), random.Random(seed)).rows
        assert len(row) == ROW_TOKENS
        assert tokenizer.decode(row.ids[row.first : row.last + 1]) == "ada kellan"
        assert row.gold == (before + 1,)
        assert row.sentence[row.first] == before + 1
        beginnings.add(int(row.sentence[row.context_at]))
    assert len(beginnings) > 3 or before in (0, 1, 60)


def test_of_a_long_talk_question_and_headline_the_first_pieces_count(tokenizer: Tokenizer):
    passage = Passage("high " * 90, ("It stands.",))
    question = Question("who " * 90, "river " * 90, "span", (passage,))
    (row,) = Rows(tokenizer).build_rows(question, random.Random(1)).rows
    words = tokenizer.decode(row.ids[1 : row.context_at - 1]).split()
    wanted = [*["river"] * TALK_TOKENS, "|", *["who"] * QUESTION_TOKENS, "|", *["high"] * TITLE_TOKENS]
    assert words == wanted


def test_questions_stay_whole_in_batches_of_their_size(tokenizer: Tokenizer, stories: list[dict[str, Any]]):
    rows = Rows(tokenizer)
    asked = [rows.build_rows(one, random.Random(1)) for story in stories for one in whole_story(story)]
    made = question_batches(asked, 600, random.Random(1))
    assert sorted(map(id, (one for batch in made for one in batch))) == sorted(map(id, asked))
    assert max(map(len, made)) > 1
    for batch in made:
        padded = pad_asked(batch)
        assert padded.ids.size <= 600 + 8 * len(padded.ids)
        assert padded.owner.tolist() == [at for at, one in enumerate(batch) for _ in one.rows]


def test_a_round_of_stories_is_the_same_each_time_and_another_one_differs(stories: list[dict[str, Any]]):
    through = StoryQuestions(stories, 1)
    first, second = through.round(0), through.round(1)
    assert StoryQuestions(stories, 1).round(1) == second
    assert through.round(0) == first != second
    for question in (*first, *second):
        answering = [one for one in question.passages if one.answers]
        assert len(answering) == {"none": 0, "yesno": 3}.get(question.kind, len(answering))


def test_a_follow_up_is_asked_after_its_talk_whole_or_with_the_words_that_it_needs(
    stories: list[dict[str, Any]],
):
    before, question = stories[0]["questions"][:2]
    forms = {put_question(question, before, random.Random(seed)) for seed in range(60)}
    whole = "What did the bridge at Arden cost?"
    assert question["standalone"] == whole
    assert forms == {
        (whole, ""),
        ("And what did it cost?", "bridge, Arden"),
        ("And what did it cost?", "Who built the bridge at Arden?"),
        ("And what did it cost?", "Who built the bridge at Arden? Ada Kellan"),
        ("And what did it cost?", "Who built the bridge at Arden? Boris Lund"),
    }
    assert talk(before, None) == "Who built the bridge at Arden? Ada Kellan"
    assert needed_words(question["question"], whole) == ["bridge", "Arden"]


def test_examples_that_ask_the_same_become_passages_of_one_question():
    context = "It is long.\nIt was opened\nin 1931. It stands."
    start = context.index("opened")
    made = Example("When?", context, start, start + len("opened\nin 1931"), "", "")
    lacking = Example("When?", "It closed. Nobody knows.", -1, -1, "", "")
    other = Example("Who?", "Ada.", 0, 3, "", "")
    found = list(public_questions([made, lacking, other], random.Random(1)))
    assert {one.text: len(one.passages) for one in found} == {"When?": 2, "Who?": 1}
    (first, second) = next(one.passages for one in found if one.text == "When?")
    assert first.text[first.start : first.end] == "opened in 1931"
    assert first.sentences[0] == "It is long."
    assert not second.answers


def test_the_needed_words_of_a_talk_are_those_that_the_whole_question_adds(
    tokenizer: Tokenizer, stories: list[dict[str, Any]]
):
    told = story_follow_ups(stories[:1])
    assert [one.question for one in told] == [one["question"] for one in stories[0]["questions"][1:]]
    assert told[0].needed == frozenset({"bridg", "arden"})
    assert told[0].history == ("Who built the bridge at Arden?", "Boris Lund")
    assert told[1].needed == told[2].needed == frozenset()
    row = Rows(tokenizer).build_needed_row(told[0])
    assert row is not None
    assert tokenizer.decode(row.ids[row.needed == 1]) == "bridge arden?"  # a mark goes with its word
    assert tokenizer.decode(row.ids[row.counted == 1]) == "built bridge arden? boris lund"
    assert tokenizer.decode(row.ids[1 : row.context_at - 1]) == decoded(tokenizer, told[0].question)
    assert not row.counted[: row.context_at].any()


def test_of_a_long_talk_the_oldest_words_are_cut(tokenizer: Tokenizer):
    rows = Rows(tokenizer)
    row = rows.build_needed_row(FollowUp("When?", (LONG, "Ada Kellan"), frozenset({"kellan"})))
    assert row is not None
    assert len(row) == 256
    assert tokenizer.decode(row.ids[-6:-1]).endswith("| ada kellan")
    assert "kellan" in tokenizer.decode(row.ids[row.needed == 1])
    assert rows.build_needed_row(FollowUp("When?", ("", ""), frozenset())) is None


def test_a_talk_of_canard_is_its_title_its_section_and_the_last_two_turns():
    turns = ["Arden", "Bridge", "Who?", "Ada", "Where?", "There", "Why?", "Because"]
    record = {"history": turns, "question": "When?", "standalone": "When did Ada build it?"}
    (made,) = canard_follow_ups([record])
    assert made.history == ("Arden", "Bridge", "Where?", "There", "Why?", "Because")
    assert made.needed == frozenset(terms("- Ada build"))


def rows_of(seed: int) -> list[Asked]:
    """Questions of one to three passages with sentences of some tokens, of which some answer."""
    draw = random.Random(seed)
    made = []
    for _ in range(draw.randint(1, 4)):
        rows = []
        for _ in range(draw.randint(1, 3)):
            numbers = [number for number in range(1, draw.randint(2, 5)) for _ in range(draw.randint(1, 4))]
            length = len(numbers)
            first = last = 0
            gold: tuple[int, ...] = ()
            if draw.random() < 0.6:
                first, last = sorted(draw.randint(4, 3 + length) for _ in range(2))
                gold = tuple(sorted({numbers[at - 4] for at in range(first, last + 1)}))
            ids = np.array([101, 5, 6, 102, *range(1000, 1000 + length), 102])
            rows.append(ReadingRow(ids, 4, np.array([0] * 4 + numbers + [0]), gold, first, last))
        made.append(Asked(tuple(rows), draw.random() < 0.7))
    return made


def some_logits(batch: ReadingBatch, seed: int) -> Logits:
    values = np.random.default_rng(seed).normal(0, 2, (4, *batch.ids.shape)).astype(np.float32)
    values[:2, (batch.types == 0) | ~batch.mask] = -1e4
    values[:2, :, 0] = 0.5
    return Logits(*torch.from_numpy(values))


def log_sum(values: list[float]) -> float:
    most = max(values)
    return most + math.log(sum(math.exp(one - most) for one in values))


def slow_scores(logits: list[float], row: ReadingRow) -> dict[int, float]:
    """The mean of each sentence's logits."""
    found: dict[int, list[float]] = {}
    for value, number in zip(logits, row.sentence.tolist(), strict=False):
        if number:
            found.setdefault(number, []).append(value)
    return {number: sum(values) / len(values) for number, values in found.items()}


def slow_loss(asked: list[Asked], logits: Logits) -> float:
    """The same as `reading_loss`, one number after another."""
    sentence, start, end = (one.tolist() for one in (logits.sentence, logits.start, logits.end))
    by_passage, words, shared, place = [], [], [], 0
    for question in asked:
        scores, right, spans = [], [], ([], [])
        answered = any(row.gold for row in question.rows)
        every: tuple[list[float], list[float]] = ([], [])
        for row in question.rows:
            mine = slow_scores(sentence[place], row)
            gold = [mine[number] for number in row.gold]
            by_passage.append(log_sum([0.0, *mine.values()]) - (log_sum(gold) if gold else 0.0))
            scores += mine.values()
            right += gold
            for side, (all_of, at) in enumerate(((start[place], row.first), (end[place], row.last))):
                every[side].extend(all_of[1:])
                if question.spans:
                    words.append(log_sum(all_of) - all_of[at])
                if row.gold:
                    spans[side].append(all_of[at])
            place += 1
        if len(question.rows) > 1:
            shared.append(log_sum([0.0, *scores]) - (log_sum(right) if right else 0.0))
            if question.spans and answered:
                shared += [
                    (log_sum(all_of) - log_sum(at)) / 2 for all_of, at in zip(every, spans, strict=True)
                ]
    told = sum(words) / max(len(words), 2) if words else 0.0
    return sum(by_passage) / len(by_passage) + told + sum(shared) / len(asked)


@pytest.mark.parametrize("seed", range(30))
def test_the_loss_is_what_a_slow_reference_says(seed: int):
    asked = rows_of(seed)
    batch = pad_asked(asked)
    logits = some_logits(batch, seed)
    names = ("sentence", "gold", "first", "last", "owner", "spans")
    loss = reading_loss(logits, **{name: torch.from_numpy(getattr(batch, name)) for name in names})
    assert float(loss) == pytest.approx(slow_loss(asked, logits), rel=1e-4)
    scores = sentence_scores(logits.sentence, torch.from_numpy(batch.sentence), batch.gold.shape[1]).tolist()
    for place, row in enumerate(row for one in asked for row in one.rows):
        mine = slow_scores(logits.sentence[place].tolist(), row)
        for number in range(1, batch.gold.shape[1] + 1):
            assert scores[place][number - 1] == pytest.approx(mine.get(number, -1e4), rel=1e-4, abs=1e-5)


def test_the_loss_of_needed_words_weighs_the_needed_three_times_and_only_what_is_counted():
    values = torch.tensor([[2.0, -1.0, 0.5]])
    logits = Logits(values, values, values, values)
    loss = needed_loss(logits, torch.tensor([[1, 0, 1]]), torch.tensor([[1, 1, 0]]))
    wanted = 2 * (3 * math.log1p(math.exp(-2.0)) + math.log1p(math.exp(-1.0))) / 2
    assert float(loss) == pytest.approx(wanted, rel=1e-5)


class Knowing:
    """Stands in for a network that knows each row's labels, or says the contrary of them."""

    def __init__(self, rows: list[ReadingRow], needed: list[Any], sure: float) -> None:
        self._rows = {row.ids.tobytes(): row for row in rows}
        self._needed = {row.ids.tobytes(): row for row in needed}
        self._sure = sure

    def __call__(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> Logits:
        logits = torch.full((4, *ids.shape), -1.0)
        for place, (some, kept) in enumerate(zip(ids, mask, strict=True)):
            key = some[kept].numpy().tobytes()
            if key in self._rows:
                row = self._rows[key]
                logits[0, place, row.first] = logits[1, place, row.last] = self._sure
                gold = torch.from_numpy(np.isin(row.sentence, row.gold))
                logits[2, place, : len(row)] = torch.where(gold, self._sure, -self._sure)
            else:
                needed = torch.from_numpy(self._needed[key].needed)
                logits[3, place, : len(needed)] = torch.where(needed == 1, self._sure, -self._sure)
        return Logits(*logits)


@pytest.mark.parametrize(("sure", "right"), [(4.0, 1.0), (-4.0, 0.0)])
def test_a_reader_that_knows_all_is_judged_right_and_one_that_says_the_contrary_wrong(
    tokenizer: Tokenizer, stories: list[dict[str, Any]], sure: float, right: float
):
    rows, follow_ups = Rows(tokenizer), story_follow_ups(stories)
    questions = [one for story in stories for one in whole_story(story)]
    asked = [row for one in questions for row in rows.build_rows(one, random.Random(0)).rows]
    needed = [row for one in follow_ups if (row := rows.build_needed_row(one)) is not None]
    network = Knowing(asked, needed, sure)
    report = judge_stories(network, tokenizer, stories, CPU)
    names = ("top", "top_span", "top_span>", "top_yesno")
    assert {name: report[name] for name in names} == dict.fromkeys(names, right)
    # One that says the contrary finds a sentence that does not answer in every account.
    assert report["sources_auroc"] == report["questions_auroc"] == max(right, 0.5)
    assert report["span_f1"] == 1.0 if right else report["span_f1"] < 0.5
    told = judge_needed(network, tokenizer, follow_ups, CPU)
    assert told == pytest.approx(dict.fromkeys(told, right), abs=0.001)
