"""The public contract of the design, key by key: `to_dict()`, `whosays ask --json`, and what JSON makes of it."""

import json
import math
import re
from typing import Any

import pytest

from index.library import Library
from qa.ask import ask
from qa.cli import main

DISPUTED = "Is Anthropic using Samsung's 2nm process for its chips?"
BACKLOG = "How large is Samsung's foundry order backlog expected to be?"
UNANSWERED = "Who is the chief executive of Samsung Electronics?"

ANSWER = (
    "question standalone_question status text confidence citations positions conflicts conflict_check "
    "passages timings_ms closest scope about overview timeline copies order events taken_as language further"
).split()
CITATION = (
    "article_id title publisher published uri start end quote sentence sentence_start sentence_end score name "
    "updated according_to elsewhere author"
).split()
POSITION = "text citations independent_sources polarity certainty".split()
CONFLICT = "kind explanation statements score possible_update sides tier".split()
CHECK = "status statements sources pairs reason ruled_out".split()
PASSAGE = "article_id start end text rank score".split()
SCOPE = "articles articles_read passages_read library_articles".split()
NARROWED = "publishers since until article_ids undated".split()
TIMINGS = "standalone retrieve read conflict total".split()

TIERS = {"disagree", "may_disagree"}
KINDS = {"number", "date", "name", "polarity", "certainty"}


def _typed(value: dict[str, Any], keys: list[str], types: dict[str, type | tuple[type, ...]]) -> None:
    assert list(value) == keys
    for name, kind in types.items():
        assert isinstance(value[name], kind), f"{name} is {value[name]!r}"
        assert not (isinstance(value[name], bool) and kind is not bool), f"{name} is {value[name]!r}"


def _citation(value: dict[str, Any]) -> None:
    stated = dict.fromkeys(
        ("title", "publisher", "published", "updated", "according_to", "author"), (str, type(None))
    )
    places = dict.fromkeys(("start", "end", "sentence_start", "sentence_end"), int)
    words = dict.fromkeys(("article_id", "uri", "quote", "sentence", "name"), str)
    _typed(value, CITATION, {**words, **stated, **places, "score": float})
    assert 0 <= value["sentence_start"] <= value["start"] < value["end"] <= value["sentence_end"]
    assert len(value["quote"]) == value["end"] - value["start"]
    assert len(value["sentence"]) == value["sentence_end"] - value["sentence_start"]
    offset = value["start"] - value["sentence_start"]
    assert value["sentence"][offset : offset + len(value["quote"])] == value["quote"]
    assert value["published"] is None or re.fullmatch(r"\d{4}(-\d\d){0,2}", value["published"])
    assert 0 <= value["score"] <= 1
    assert isinstance(value["elsewhere"], bool)


def _position(value: dict[str, Any]) -> None:
    _typed(value, POSITION, {"text": str, "citations": list, "independent_sources": int, "certainty": str})
    assert value["polarity"] in {"yes", "no", "open", None}
    assert value["certainty"] == ""
    for citation in value["citations"]:
        _citation(citation)
    articles = [citation["article_id"] for citation in value["citations"]]
    assert len(set(articles)) == len(articles) >= value["independent_sources"] >= 1
    assert value["text"] == value["citations"][0]["quote"]


def _conflict(value: dict[str, Any]) -> None:
    _typed(
        value,
        CONFLICT,
        {"kind": str, "explanation": str, "statements": list, "score": float, "possible_update": bool},
    )
    assert value["kind"] in KINDS
    assert value["tier"] in TIERS
    assert value["explanation"].strip()
    assert "\n" not in value["explanation"]
    assert 0 < value["score"] <= 1
    for statement in value["statements"]:
        _citation(statement)
    places = [(one["article_id"], one["sentence_start"]) for one in value["statements"]]
    assert len(set(places)) == len(places) >= 2
    assert len({article for article, _ in places}) >= 2


def check_shape(answer: dict[str, Any]) -> None:
    """Asserts that `answer`, out of JSON, is what the design's section 4 says."""
    lists = dict.fromkeys(
        ("citations", "positions", "conflicts", "passages", "closest", "about", "copies"), list
    )
    words = dict.fromkeys(("question", "standalone_question", "status", "text"), str)
    _typed(
        answer,
        ANSWER,
        {
            **words,
            **lists,
            "confidence": float,
            **dict.fromkeys(("conflict_check", "timings_ms", "scope", "timeline"), dict),
        },
    )
    assert 0 <= answer["confidence"] <= 1
    for citation in answer["citations"]:
        _citation(citation)
    for position in answer["positions"]:
        _position(position)
    for conflict in answer["conflicts"]:
        _conflict(conflict)

    for citation in answer["closest"]:
        _citation(citation)
        assert citation["quote"] == citation["sentence"]
    sources = [one["article_id"] for one in answer["closest"]]
    assert len(set(sources)) == len(sources)
    assert [one["score"] for one in answer["closest"]] == sorted(
        (one["score"] for one in answer["closest"]), reverse=True
    )
    for entry in answer["timeline"]["entries"]:
        _typed(entry, ["day", "citation", "mark"], {"day": str, "citation": dict, "mark": str})
        _citation(entry["citation"])
        assert entry["mark"] in {"", "latest", "superseded"}
        assert entry["day"] == entry["citation"]["updated"] or entry["citation"]["published"]
    assert answer["timeline"]["undated"] >= 0
    scope = answer["scope"]
    _typed({name: scope[name] for name in SCOPE}, SCOPE, dict.fromkeys(SCOPE, int))
    assert set(scope) == {*SCOPE, *NARROWED}
    assert scope["articles"] >= scope["articles_read"] <= scope["passages_read"] <= len(answer["passages"])

    check = answer["conflict_check"]
    counts = dict.fromkeys(("statements", "sources", "pairs", "ruled_out"), int)
    _typed(check, CHECK, {"status": str, "reason": str, **counts})
    assert check["status"] in {"checked", "not_checked"}
    assert check["ruled_out"] == 0 or check["status"] == "checked"
    assert (check["pairs"] > 0) == (check["status"] == "checked")
    assert check["reason"] or check["status"] == "checked"
    assert answer["conflicts"] == [] or check["status"] == "checked"

    for rank, passage in enumerate(answer["passages"], start=1):
        _typed(
            passage,
            PASSAGE,
            {"article_id": str, "start": int, "end": int, "text": str, "rank": int, "score": float},
        )
        assert passage["rank"] == rank
        assert len(passage["text"]) == passage["end"] - passage["start"] > 0
        assert passage["score"] <= 1

    _typed(answer["timings_ms"], TIMINGS, dict.fromkeys(TIMINGS, float))
    stages = [answer["timings_ms"][name] for name in TIMINGS]
    assert all(spent >= 0 and math.isfinite(spent) for spent in stages)
    assert stages[-1] + 0.05 >= sum(stages[:-1])  # each is rounded to 0.01

    if answer["status"] == "answered":
        best = answer["citations"][0]
        assert answer["text"] == best["quote"] != ""
        assert answer["confidence"] == best["score"]
        # The answer's own citations are one position, and each position is another answer.
        own = [one for one in answer["positions"] if best in one["citations"]]
        assert len(own) == 1
        assert sorted(map(json.dumps, own[0]["citations"])) == sorted(map(json.dumps, answer["citations"]))
        assert answer["closest"] == []
    else:
        assert answer["status"] == ("closest" if answer["closest"] else "unanswered")
        assert (answer["text"], answer["citations"]) == ("", [])
        assert (answer["positions"], answer["conflicts"]) == ([], [])
        assert check["status"] == "not_checked"


@pytest.mark.parametrize("question", [DISPUTED, BACKLOG, UNANSWERED])
def test_an_answer_has_the_shape_of_the_contract(seeds_library: Library, question: str) -> None:
    check_shape(json.loads(json.dumps(ask(question, library=seeds_library).to_dict(), allow_nan=False)))


def test_the_shape_was_checked_at_every_level(seeds_library: Library) -> None:
    answer = ask(DISPUTED, library=seeds_library).to_dict()
    assert answer["citations"]
    assert answer["positions"]
    assert answer["conflict_check"]["pairs"]
    assert answer["passages"]
    refused = ask(UNANSWERED, library=seeds_library).to_dict()
    assert refused["closest"] or refused["status"] != "closest"


def test_an_answer_as_dictionaries_is_what_json_gives_back(seeds_library: Library) -> None:
    answer = ask(DISPUTED, library=seeds_library).to_dict()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


@pytest.mark.parametrize(("question", "code"), [(BACKLOG, 0), (UNANSWERED, 1)])
def test_the_command_line_prints_the_same_shape_and_nothing_else(
    question: str, code: int, seeds_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", question, "--json"]) == code
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    check_shape(printed)
    expected = json.loads(json.dumps(ask(question, library=seeds_library).to_dict()))
    assert {**printed, "timings_ms": None} == {**expected, "timings_ms": None}


def test_an_empty_library_gives_the_same_shape(tmp_path: object) -> None:
    with Library.open(f"{tmp_path}/library") as library:
        answer = json.loads(json.dumps(ask("Who makes it?", library=library).to_dict()))
    check_shape(answer)
    assert answer["conflict_check"]["reason"] == "no article is in scope"
    assert answer["passages"] == []


def test_filters_that_leave_no_article_are_said_and_nothing_is_answered(seeds_library: Library) -> None:
    answer = json.loads(json.dumps(ask(BACKLOG, library=seeds_library, publishers=["Nobody"]).to_dict()))
    check_shape(answer)
    assert answer["status"] == "unanswered"
    assert answer["conflict_check"]["reason"] == "no article is in scope"
