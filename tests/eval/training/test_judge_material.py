"""What each round of the judge's training reads: the same each time, of no held-out story, labelled right."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import MPNetConfig, MPNetModel

from eval.stories import read_stories as read_written
from eval.training.data.examples import is_held_out as is_held_out_context
from eval.training.data.proposals import Key, Proposal, read_proposals
from eval.training.data.questions import Story, account_passage, is_held_out, read_stories
from eval.training.judge import RECIPE, Sources, materials, train
from eval.training.judge_material import (
    READ,
    JudgeMaterial,
    Own,
    inside_of,
    is_held_out_web,
    put_question,
    read_web,
    web_material,
)
from eval.training.judgements.judge_rows import JudgeRow
from eval.training.judgements.judgement import ANSWER, RELATION, STANCE, Judgement
from index.models import WEIGHTS
from qa.comparison.excerpt import EXCERPT_TOKENS
from qa.comparison.model import RELATIONS
from tests.tiny import (
    PLACES,
    one_thread,
    story_text,
    town_question,
    write_contrast,
    write_lines,
    write_pair_sets,
    write_rivals,
)

TINY = replace(RECIPE, tokens=6_000, batch_tokens=512, warm_up_steps=2)
HIDDEN = "Zorbelmouth"  # where the held-out stories play
SEEDS = range(40)
# Towns of the set of unanswerable questions: most of their contexts are held out.
UNANSWERED = [
    number
    for number in range(8_000, 8_600)
    if number < 8_030 or is_held_out_context(str(town_question(number)["context"]))
]

WEB = {
    "question": "When is the bridge of Arden closed?",
    "answers": [
        {"text": "on Mondays", "contexts": [0, 1]},
        {"text": "Sundays", "contexts": [2]},
        {"text": "in winter", "contexts": [3]},
    ],
    "contexts": [
        "The bridge is old. It is closed on Mondays for repairs.",
        "On Mondays nobody may cross it, the council says.",
        "They shut the bridge on Sundays. It opens at noon.",
        "When snow lies, carts go round by Belmore.",
        "The mill of Arden makes flour and oil.",
        "Nobody knows what Mondays are for.",
    ],
    "sources": [
        "post.example",
        "radio.example",
        "mill.example",
        "snow.example",
        "flour.example",
        "day.example",
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public sets, tiny: questions, pairs, passages with a verdict, natural questions."""
    folder = write_pair_sets(tmp_path_factory.mktemp("data"))
    for place, name in enumerate(READ):
        records = [town_question(1_000 + 100 * place + number) for number in range(3)]
        if name == "unansq":
            records = [{**town_question(number), "answers": []} for number in UNANSWERED]
        write_lines(folder / "qa" / f"{name}.jsonl.gz", records)
    for name in ("boolq3l-dev", "pubmedqa"):
        told = [
            {"question": CART, "passage": TOLD, "title": "Bridge", "label": label}
            for label in ("yes", "no", "open", "unanswered")
        ]
        write_lines(folder / "stance" / f"{name}.jsonl.gz", told)
    natural = [{**WEB, "question": f"When is bridge {number} of Arden closed?"} for number in range(40)]
    write_lines(folder / "conflict" / "qacc.jsonl.gz", natural)
    return folder


CART, TOLD = "are carts allowed on the bridge", "The bridge is old. Carts are not let on it. It rained."


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stories that are trained on, and held-out ones, told of a place that no other names."""
    told, wanted = [], {False: 40, True: 3}
    for number in count():
        name = f"bridge-{number}"
        held = is_held_out(name)
        if wanted[held]:
            wanted[held] -= 1
            text = story_text(name, number)
            told.append(text.replace(PLACES[number % len(PLACES)], HIDDEN) if held else text)
        elif not any(wanted.values()):
            break
    file = tmp_path_factory.mktemp("stories") / "stories.jsonl"
    file.with_suffix(".txt").write_text("\n".join(told), encoding="utf-8")
    made = [json.dumps(one.to_dict(), ensure_ascii=False) for one in read_written(file.with_suffix(".txt"))]
    file.write_text("\n".join(made) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def proposals(stories: Path) -> Path:
    """The reader proposes each account's sentences in their order, the first most surely; of each its end."""
    file = stories.with_name("proposals.jsonl")
    lines = []
    for story in read_stories(stories):
        for number in range(len(story["questions"])):
            for account in story["accounts"]:
                sentences = account_passage(account, None).sentences
                scores = [round(0.9 - 0.2 * at, 2) for at in range(len(sentences))]
                quotes = {at: (len(one) - 9, len(one) - 1) for at, one in enumerate(sentences)}
                told = {"story": story["id"], "question": number, "account": account["key"]}
                lines.append(json.dumps({**told, "scores": scores, "quotes": quotes}))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def sources(data: Path, stories: Path, proposals: Path) -> Sources:
    folder = stories.parent
    contrast = write_contrast(folder / "contrast", 4, 2)
    return Sources(data, [stories], proposals, contrast, write_rivals(folder / "rivals", 4, 2))


def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


@pytest.fixture(scope="module")
def material(sources: Sources) -> JudgeMaterial:
    return materials(sources, tokenizer(), TINY)[0]


@pytest.fixture(scope="module")
def story(stories: Path) -> Story:
    return next(one for one in read_stories(stories) if not is_held_out(one["id"]))


def number_of(story: Story, word: str) -> int:
    return next(at for at, one in enumerate(story["questions"]) if word in one["standalone"])


def ids_of(batches: Sequence[Sequence[JudgeRow]]) -> list[list[list[int]]]:
    return [[row.ids.tolist() for row in batch] for batch in batches]


def test_a_round_is_the_same_each_time_whatever_came_before_and_no_two_are_alike(
    sources: Sources, material: JudgeMaterial
) -> None:
    first = ids_of(material.round(0))
    second = ids_of(material.round(1))
    again, _ = materials(sources, tokenizer(), TINY)
    assert ids_of(again.round(1)) == second
    assert ids_of(again.round(0)) == first
    assert first != second
    other, _ = materials(sources, tokenizer(), replace(TINY, seed=TINY.seed + 1))
    assert ids_of(other.round(0)) != first


def test_no_row_is_too_long_and_no_batch_too_large(material: JudgeMaterial) -> None:
    batches = material.round(0)
    for batch in batches:
        most = -(-max(map(len, batch)) // 8) * 8
        assert most <= EXCERPT_TOKENS
        assert len(batch) == 1 or len(batch) * most <= TINY.batch_tokens
    rows = [row for batch in batches for row in batch]
    assert {row.task for row in rows if row.sentence is None} >= {RELATION}
    assert {row.task for row in rows if row.sentence is not None} == {STANCE, ANSWER}


def test_no_held_out_story_is_in_any_round_and_only_they_choose(sources: Sources) -> None:
    pieces = tokenizer()
    material, held_out = materials(sources, pieces, TINY)
    rows = [row for number in range(4) for batch in material.round(number) for row in batch]
    texts = " ".join(pieces.decode(row.ids.tolist()) for row in rows)
    assert "arden" in texts
    assert HIDDEN.lower() not in texts
    few = held_out.excerpts["few"]
    assert few
    assert all(HIDDEN in " ".join([one.question, one.excerpt.title, *one.excerpt.sentences]) for one in few)
    assert {*held_out.excerpts} == {"few", "natural"}
    assert {*held_out.pairs} == {"few", "contrast", "natural"}


def test_no_held_out_natural_question_and_no_held_out_context_is_trained_on(
    data: Path, sources: Sources
) -> None:
    pieces = tokenizer()
    material, held_out = materials(sources, pieces, TINY)
    natural = [one["question"] for one in read_web(data)]
    chosen = {one.question for one in held_out.excerpts["natural"]}
    assert chosen == {one for one in natural if is_held_out_web(one)}
    assert 0 < len(chosen) < len(natural) / 2
    rows = [row for number in range(4) for batch in material.round(number) for row in batch]
    texts = " ".join(pieces.decode(row.ids.tolist()) for row in rows)
    assert {one in chosen for one in natural if one.lower() in texts} == {False}
    towns = [town_question(number) for number in UNANSWERED]
    asked = {one["question"].lower(): is_held_out_context(one["context"]) for one in towns}
    assert {asked[one] for one in asked if one in texts} == {False}
    assert True in asked.values()


def test_a_few_stories_are_enough(data: Path, story: Story) -> None:
    """Of one story no account is another's; nothing is drawn from more than there is."""
    material = JudgeMaterial(Own([story], {}, [], [], data), tokenizer(), seed=1, batch_tokens=512)
    assert any(material.round(number) for number in range(12))


def judged(material: JudgeMaterial, story: Story, number: int) -> list[Judgement]:
    return [one for seed in SEEDS for one in material.pairs(story, number, random.Random(seed))]


def parts(one: Judgement) -> set[str]:
    return {part for text in (one.first, one.second) for part in text.split(" | ")}


def gold_of(story: Story, number: int) -> set[str]:
    """The sentences that hold an answer to the question."""
    question = story["questions"][number]
    found: set[str] = set()
    for account in story["accounts"]:
        passage = account_passage(account, question["answers"].get(account["key"]))
        if passage.answers:
            found |= {passage.sentences[at] for at in inside_of(passage)}
    return found


def test_answers_are_held_against_each_other_with_the_labels_of_the_story(
    material: JudgeMaterial, story: Story
) -> None:
    made = [one for one in judged(material, story, number_of(story, "cost")) if not one.beside]
    assert {one.task for one in made} == {RELATION}
    labels = {
        ("nine million" in one.first) != ("nine million" in one.second): RELATIONS[one.label] for one in made
    }
    assert labels == {True: "conflict", False: "same"}
    asked = {one.second.split(" | ")[0] for one in made if "?" in one.second}
    place = PLACES[0]
    assert asked == {f"What did the bridge at {place} cost?", f"And what did it cost? (bridge, {place})"}
    bare = [one for one in made if "?" not in one.second]
    assert 0.1 < len(bare) / len(made) < 0.5


def test_what_the_reader_proposes_wrongly_stands_beside_the_question(
    material: JudgeMaterial, story: Story
) -> None:
    number = number_of(story, "Who built")
    gold = gold_of(story, number)
    wrong = [one for one in judged(material, story, number) if one.beside]
    assert len(wrong) > 20
    told = {
        sentence for account in story["accounts"] for sentence in account_passage(account, None).sentences
    }
    for one in wrong:
        assert (one.task, RELATIONS[one.label], one.kind) == (RELATION, "both", -1)
        assert one.second.startswith("Who built")  # without a question nothing is beside it
        both = parts(one) & told
        assert len(both) == 2
        assert both - gold
    proposed = {sentence for one in wrong for sentence in parts(one) & told} - gold
    assert f"The old bridge at {PLACES[0]} is open again." in proposed


def test_no_sentence_that_answers_is_taken_for_a_wrong_one(material: JudgeMaterial, story: Story) -> None:
    for number in range(len(story["questions"])):
        gold = gold_of(story, number)
        for one in judged(material, story, number):
            if one.beside:
                assert parts(one) - gold
                assert len(parts(one) & gold) < 2


def test_of_an_account_that_answers_yes_or_no_no_sentence_is_taken_for_a_wrong_one(
    material: JudgeMaterial, story: Story
) -> None:
    number = number_of(story, "Are carts")
    assert {*story["questions"][number]["answers"]} == {account["key"] for account in story["accounts"]}
    assert not [one for one in judged(material, story, number) if one.beside]


def test_where_nobody_answers_two_wrong_ones_stand_beside_the_question(
    material: JudgeMaterial, story: Story
) -> None:
    made = judged(material, story, number_of(story, "painted the mill"))
    assert made
    assert all(one.beside for one in made)


def test_a_sentence_with_half_of_the_answers_words_is_no_wrong_one(data: Path, story: Story) -> None:
    number = number_of(story, "cost")
    spoilt = json.loads(json.dumps(story))
    account = spoilt["accounts"][0]
    account["text"] += " Twenty million euros is much for a bridge. It took 20 million stones, too."
    sentences = account_passage(account, None).sentences
    scores = tuple(0.1 + 0.1 * at for at in range(len(sentences)))
    proposed: dict[Key, Proposal] = {
        (story["id"], number, "A"): Proposal(scores, dict.fromkeys(range(len(sentences)), (0, 9)))
    }
    material = JudgeMaterial(Own([spoilt], proposed, [], [], data), tokenizer(), seed=1, batch_tokens=512)
    made = [one for one in judged(material, spoilt, number) if one.beside]
    assert not any(
        "much for a bridge" in text or "stones, too" in text for one in made for text in parts(one)
    )


def test_an_excerpt_holds_what_decides_whatever_the_room_and_the_reader(
    material: JudgeMaterial, story: Story
) -> None:
    for number, question in enumerate(story["questions"]):
        accounts = story["accounts"]
        whole = list(material.excerpts(story, number, random.Random(1), all_of_them=True))
        assert len(whole) == len(accounts)
        for account, one in zip(accounts, whole, strict=True):
            passage = account_passage(account, question["answers"].get(account["key"]))
            assert one.question == question["standalone"]
            if not passage.answers:
                assert (one.answers, one.gold) == (0, ())
                assert one.verdict == ("other" if question["kind"] == "yesno" else "")
                continue
            assert one.answers == 1
            assert [one.excerpt.sentences[at] for at in one.gold] == [
                passage.sentences[at] for at in inside_of(passage)
            ]
            if question["kind"] == "yesno":
                assert one.verdict == question["answers"][account["key"]]["verdict"]
                assert (one.span, one.spans) == (None, False)
            else:
                assert one.span is not None
                words = one.excerpt.sentences[one.gold[0]][slice(*one.span)]
                assert words == question["answers"][account["key"]]["text"]


def test_where_there_is_little_room_the_likeliest_is_read_beside_what_decides(
    data: Path, story: Story
) -> None:
    long = json.loads(json.dumps(story))
    account = long["accounts"][0]
    account["text"] += "".join(
        f" In {year} somebody painted the bridge in green again." for year in range(1900, 1960)
    )
    number = number_of(long, "Who built")
    count_of = len(account_passage(account, None).sentences)
    scores = (0.01,) * (count_of - 1) + (0.9,)
    proposed: dict[Key, Proposal] = {(long["id"], number, "A"): Proposal(scores, {})}
    material = JudgeMaterial(Own([long], proposed, [], [], data), tokenizer(), seed=1, batch_tokens=512)
    sizes = set()
    for seed in SEEDS:
        for one in material.excerpts(long, number, random.Random(seed)):
            if one.excerpt.title.startswith("Valley"):
                assert "It was built by Ada Kellan" in one.excerpt.sentences[one.gold[0]]
                assert one.excerpt.sentences[-1].startswith("In 1959")
                sizes.add(len(one.excerpt.sentences))
    assert len(sizes) > 3  # the room is drawn


def test_a_follow_up_is_asked_whole_or_with_the_words_that_it_needs(story: Story) -> None:
    question = story["questions"][number_of(story, "cost")]
    assert question["follow"]
    asked = {put_question(question, random.Random(seed)) for seed in SEEDS}
    assert asked == {question["standalone"], f"And what did it cost? (bridge, {PLACES[0]})"}


def test_a_snippet_is_silent_only_where_it_shares_no_word_with_any_answer() -> None:
    excerpts, pairs = web_material([WEB], random.Random(1))
    told = {" ".join(one.excerpt.sentences): one for one in excerpts}
    silent = {text for text, one in told.items() if one.answers == 0}
    assert silent == {"The mill of Arden makes flour and oil."}
    assert "Nobody knows what Mondays are for." not in told  # it may answer all the same
    assert len(told) == 5
    gold = {text: tuple(one.excerpt.sentences[at] for at in one.gold) for text, one in told.items()}
    assert gold[WEB["contexts"][0]] == ("It is closed on Mondays for repairs.",)  # type: ignore[index]
    assert gold["When snow lies, carts go round by Belmore."] == ()  # supported, in other words
    assert {one.excerpt.title for one in excerpts} == {*WEB["sources"]} - {"day.example"}  # type: ignore[misc]
    assert {one.question for one in excerpts} == {WEB["question"]}
    assert not [one for one in pairs if "Nobody knows" in one.first + one.second]


def test_two_snippets_that_support_one_answer_say_the_same_and_others_conflict() -> None:
    made: set[tuple[frozenset[str], str, bool]] = set()
    sentences = {
        "It is closed on Mondays for repairs.": "post",
        "On Mondays nobody may cross it, the council says.": "radio",
        "They shut the bridge on Sundays.": "mill",
        "When snow lies, carts go round by Belmore.": "snow",
        "The mill of Arden makes flour and oil.": "flour",
    }
    for seed in SEEDS:
        for one in web_material([WEB], random.Random(seed))[1]:
            both = frozenset(name for sentence, name in sentences.items() if sentence in parts(one))
            made.add((both, RELATIONS[one.label], one.beside))
    supported = {pair for pair in made if "flour" not in pair[0]}
    assert supported == {
        (frozenset(pair), "same" if pair == ("post", "radio") else "conflict", False)
        for pair in (
            ("post", "radio"),
            ("post", "mill"),
            ("post", "snow"),
            ("radio", "mill"),
            ("radio", "snow"),
            ("mill", "snow"),
        )
    }
    assert made - supported == {
        (frozenset(("flour", name)), "both", True) for name in ("post", "radio", "mill", "snow")
    }


def test_a_question_nobody_answers_gives_no_pairs() -> None:
    nobody: dict[str, Any] = {**WEB, "answers": [{"text": "on Mondays", "contexts": []}]}
    excerpts, pairs = web_material([nobody], random.Random(1))
    assert pairs == []
    assert {one.answers for one in excerpts} == {0}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mpnet")
    config = MPNetConfig(
        vocab_size=30_527,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=EXCERPT_TOKENS + 2,
    )
    torch.manual_seed(3)
    MPNetModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def test_a_training_that_was_stopped_goes_on_and_keeps_its_curve(
    sources: Sources, encoder: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    train(sources, tmp_path, TINY, encoder=encoder, end=3_000, say=said.append)
    first = json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))
    assert 3_000 <= first["progress"]["tokens"] < TINY.tokens
    train(sources, tmp_path, TINY, encoder=encoder, say=said.append)
    told = json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))
    assert told["progress"]["tokens"] >= TINY.tokens
    assert set(first["curve"]) < set(told["curve"])
    (*_, last) = told["curve"].values()
    assert {
        "few_stance",
        "few_answers_auroc",
        "few_sentence",
        "natural_relation",
        "contrast_conflict_ap",
    } <= {*last}
    assert all(0 <= value <= 1 for value in last.values())
    assert (tmp_path / "judge.safetensors").exists()
    assert any(re.match(r"step \d+, round ", line) for line in said)


def test_a_training_that_was_stopped_while_it_judged_judges_when_called_again(
    sources: Sources, encoder: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    train(sources, tmp_path, TINY, encoder=encoder, end=3_000, say=said.append)
    whole = json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))
    (tmp_path / "training.json").unlink()
    said.clear()
    train(sources, tmp_path, TINY, encoder=encoder, end=3_000, say=said.append)
    assert not any(line.startswith("step ") for line in said)
    assert json.loads((tmp_path / "training.json").read_text(encoding="utf-8")) == whole
    train(sources, tmp_path, TINY, encoder=encoder, end=3_000, say=said.append)
    assert sum(line.startswith("judging ") for line in said) == 1


def test_proposals_are_read_by_story_question_and_account(proposals: Path, story: Story) -> None:
    found = read_proposals(proposals)
    one = found[story["id"], 0, "A"]
    assert one.scores == (0.9, 0.7, 0.5)
    assert one.likeliest() == [0, 1, 2]
    assert {*one.quotes} == {0, 1, 2}
