"""The readers that the others get: rows of questions as published recipes cut them, and a training."""

import random
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from eval.bench.peers.readers import WINDOW, Asked, Recipe, batches, questions, train, windows
from eval.training.data.examples import SHARES
from tests.tiny import one_thread, town_question, write_encoder, write_lines


def asked(number: int) -> Asked:
    made = town_question(number)
    start = made["answers"][0]["start"]
    return Asked(made["question"], made["context"], start, start + len("Ada Kellan"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


def test_a_row_holds_its_answer_and_points_at_its_first_token_where_there_is_none(encoder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    one, other = asked(1), asked(2)
    rows = windows(tokenizer, [one, other._replace(start=-1, end=-1)])
    assert tokenizer.decode(rows[0].ids[rows[0].first : rows[0].last + 1]) == "ada kellan"
    assert (rows[1].first, rows[1].last) == (0, 0)
    assert tokenizer.decode(rows[0].ids).startswith("[CLS] who opened the old bridge at")


def test_a_long_context_is_cut_and_only_the_parts_with_the_whole_answer_have_one(encoder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    words = " ".join(f"w{number}" for number in range(300))
    context = f"{words} Ada Kellan {words}"
    start = context.index("Ada")
    rows = windows(tokenizer, [Asked("Who?", context, start, start + len("Ada Kellan"))])
    told = [tokenizer.decode(row.ids[row.first : row.last + 1]) for row in rows]
    held = ["ada kellan" in tokenizer.decode(row.ids) for row in rows]
    assert max(len(row.ids) for row in rows) == WINDOW
    assert [one == "ada kellan" for one in told] == held
    assert {True, False} == set(held)


def test_each_row_is_in_one_batch_with_others_about_as_long(encoder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    long = [asked(number)._replace(context=asked(number).context * 2) for number in range(10)]
    rows = windows(tokenizer, [*map(asked, range(10)), *long])
    made = list(batches(rows, 5, random.Random(1)))
    assert sorted(tuple(row.ids) for one in made for row in one) == sorted(tuple(row.ids) for row in rows)
    assert [len(one) for one in made] == [5] * 4
    assert all(
        max(map(len, ids)) < 1.2 * min(map(len, ids)) for ids in ([r.ids for r in one] for one in made)
    )


def test_a_trained_reader_finds_in_a_new_context_what_it_learnt_to_find(
    encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt = [asked(number) for number in range(60)]
    with one_thread():
        train([learnt] * 3, encoder, tmp_path / "reader", Recipe(8, 1e-2), seed=1)
    assert "step 24 of 24" in capsys.readouterr().out
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "reader")
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "reader").eval()
    (row,) = windows(tokenizer, [asked(75)])
    with torch.no_grad():
        given = model(input_ids=torch.tensor([row.ids]), token_type_ids=torch.tensor([row.types]))
    assert (int(given.start_logits.argmax()), int(given.end_logits.argmax())) == (row.first, row.last)


def test_they_read_the_public_questions_of_both_rounds_some_without_an_answer(tmp_path: Path) -> None:
    for place, name in enumerate(SHARES):
        made = [town_question(20 * place + number) for number in range(20)]
        write_lines(tmp_path / f"{name}.jsonl.gz", made)
    first, second = questions(tmp_path, 1)
    assert [first, second] == questions(tmp_path, 1)
    assert len(second) < len(first)  # the later round takes less of what resembles no news
    for one in (*first, *second):
        assert one.start < 0 or one.context[one.start : one.end] == "Ada Kellan"
    assert 0.1 < sum(one.start < 0 for one in first) / len(first) < 0.6
