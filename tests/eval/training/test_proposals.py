"""What the reader proposes for the questions of stories: as the product reads them, written once, read again."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.training.data import proposals as command
from eval.training.data.proposals import PROPOSED, Proposal, propose, read_proposals
from eval.training.data.questions import Story, account_passage, read_stories
from index.library import Library
from qa.question.conversation import Understood
from qa.reader.reader import SpanReader
from qa.reader.span_model import BundledSpanModel
from tests.qa.reader.test_reader import PointingModel
from tests.tiny import write_stories

WHO, COST, CARTS = "Who built the bridge at Arden?", "What did the bridge at Arden cost?", "Are carts allowed"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stories(tmp_path_factory.mktemp("stories") / "stories.jsonl", 2, 0)


@pytest.fixture(scope="module")
def stories(file: Path) -> list[dict[str, Any]]:
    return read_stories(file)


def made(stories: Sequence[Story], model: object, share: float = 1.0) -> list[dict[str, Any]]:
    return list(propose(stories, model, share))  # type: ignore[arg-type]


def of(found: Sequence[Mapping[str, Any]], story: Story, asked: str) -> dict[str, Mapping[str, Any]]:
    """What is proposed for one question, by account."""
    (number,) = (at for at, one in enumerate(story["questions"]) if one["standalone"].startswith(asked))
    return {one["account"]: one for one in found if (one["story"], one["question"]) == (story["id"], number)}


def test_each_sentence_of_each_account_gets_a_probability(stories: list[dict[str, Any]]) -> None:
    found = made(stories, PointingModel("Ada Kellan"))
    assert len(found) == sum(len(one["questions"]) * len(one["accounts"]) for one in stories)
    for story in stories:
        told = of(found, story, "Who built")
        for account in story["accounts"]:
            scores = told[account["key"]]["scores"]
            assert len(scores) == len(account_passage(account, None).sentences)
            assert all(0 <= score <= 1 for score in scores)
        surest = max(range(3), key=told["A"]["scores"].__getitem__)
        assert "Ada Kellan" in account_passage(story["accounts"][0], None).sentences[surest]
        assert max(told["A"]["scores"]) > max(told["C"]["scores"])


def test_of_the_likeliest_the_words_are_told_that_would_be_quoted(stories: list[dict[str, Any]]) -> None:
    story = stories[0]
    told = of(made(stories, PointingModel("Ada Kellan")), story, "Who built")["A"]
    sentences = account_passage(story["accounts"][0], None).sentences
    assert len(told["quotes"]) == min(PROPOSED, len(sentences))
    (at,) = (number for number, sentence in enumerate(sentences) if "Ada Kellan" in sentence)
    first, last = told["quotes"][at]
    assert sentences[at][first:last] == "Ada Kellan"


def test_a_share_of_the_questions_is_drawn_and_the_same_each_time(stories: list[dict[str, Any]]) -> None:
    model = PointingModel("Ada Kellan")
    some = made(stories, model, 0.6)
    assert some == made(stories, model, 0.6) == made(stories[:1], model, 0.6) + made(stories[1:], model, 0.6)
    every = made(stories, model)
    assert 0 < len(some) < len(every)
    assert [one for one in every if one in some] == some
    assert made(stories, model, 0.0) == []


def test_what_was_written_is_read_by_story_question_and_account(
    stories: list[dict[str, Any]], tmp_path: Path
) -> None:
    found = made(stories, PointingModel("Ada Kellan"))
    file = tmp_path / "proposals.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in found), encoding="utf-8")
    read = read_proposals(file)
    assert len(read) == len(found)
    for one in found:
        told = read[one["story"], one["question"], one["account"]]
        assert told == Proposal(tuple(one["scores"]), one["quotes"])


def test_the_likeliest_come_first_and_of_equals_the_earlier() -> None:
    assert Proposal((0.2, 0.9, 0.2, 0.4), {}).likeliest() == [1, 3, 0, 2]
    assert Proposal((), {}).likeliest() == []


@pytest.mark.parametrize("asked", [WHO, COST, CARTS])
def test_the_reader_proposes_in_training_as_it_reads_in_use(
    stories: list[dict[str, Any]], tmp_path: Path, asked: str
) -> None:
    """One account in a library of its own, read without a cosine: the same sentences, scores and words."""
    story = stories[0]
    account = story["accounts"][0]
    (question,) = (one["standalone"] for one in story["questions"] if one["standalone"].startswith(asked))
    model = BundledSpanModel()
    told = of(made([story], model), story, asked)[account["key"]]
    record = {name: account[name] for name in ("text", "title", "publisher", "published")}
    (tmp_path / "a.json").write_text(json.dumps(record), encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        library.add(tmp_path / "a.json")
        hits = [replace(one, cosine=None) for one in library.search(question)]
    readings = sorted(SpanReader(model).read(Understood(question), hits), key=lambda one: one.sentence_start)
    assert [one.score for one in readings] == pytest.approx(told["scores"], abs=1e-4)
    sentences = account_passage(account, None).sentences
    for at, (first, last) in told["quotes"].items():
        assert sentences[at][first:last] in account["text"][readings[at].start : readings[at].end]


def test_the_command_goes_on_where_it_ended(
    file: Path, stories: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, out = tmp_path / "first.jsonl", tmp_path / "out.jsonl"
    first.write_text(json.dumps(stories[0]) + "\n", encoding="utf-8")

    def run(source: Path) -> str:
        monkeypatch.setattr(sys, "argv", ["proposals", str(source), str(out), "--share", "1"])
        command.main()
        return out.read_text(encoding="utf-8")

    one = run(first)
    assert {json.loads(line)["story"] for line in one.splitlines()} == {stories[0]["id"]}
    both = run(file)
    assert both.startswith(one)
    assert len(read_proposals(out)) == len(both.splitlines())
    assert {key[0] for key in read_proposals(out)} == {story["id"] for story in stories}
    assert run(file) == both
