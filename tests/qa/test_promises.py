"""The design's promises, on the bundled library; those of storage stand in test_crash and test_library."""

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import QuestionError, WhosaysError
from index.library import Library
from index.records import Hit
from qa.answer import answer_question
from qa.ask import ask
from qa.export.answer import answer_text
from qa.question.conversation import Understood, understand
from qa.records import Answer, Coverage, Reading
from qa.settings import Settings
from qa.stages import Models
from qa.weights.fitted import load_fitted
from tests.paths import ROOT
from tests.served import free_port
from tests.waits import LONGEST_S

GOLD = [
    json.loads(line) for line in (ROOT / "eval/gold/seeds.jsonl").read_text(encoding="utf-8").splitlines()
]


class FixedReader:
    """Answers with chosen offsets of the first hit's article, at a chosen score."""

    def __init__(self, score: float, start: int = 0, end: int = 10, sentence_end: int = 20) -> None:
        self._reading = (start, end, 0, sentence_end, score)

    def read(self, asked: Understood, hits: Sequence[Hit]) -> list[Reading]:
        return [Reading(hits[0], *self._reading)]


# One question in so many is asked, and one in so many of these with the judge, for time.
ASKED, JUDGED = 3, 5


@pytest.fixture(scope="module")
def answers(seeds_library: Library) -> list[Answer]:
    small = Settings(judge="small")
    return [
        ask(item["question"], library=seeds_library, settings=small if at % JUDGED else Settings())
        for at, item in enumerate(GOLD[::ASKED])
    ]


def test_every_quote_anywhere_is_the_article_as_published(
    seeds_library: Library, answers: list[Answer]
) -> None:
    texts = {article.id: article.text for article in seeds_library.articles()}
    seen = 0
    for answer in answers:
        citations = [
            *answer.citations,
            *(citation for position in answer.positions for citation in position.citations),
            *(statement for conflict in answer.conflicts for statement in conflict.statements),
            *answer.closest,
        ]
        for citation in citations:
            text = texts[citation.article_id]
            assert citation.quote == text[citation.start : citation.end] != ""
            assert citation.sentence == text[citation.sentence_start : citation.sentence_end]
            assert citation.quote in citation.sentence
            seen += 1
        for passage in answer.passages:
            assert passage.text == texts[passage.article_id][passage.start : passage.end] != ""
    assert seen > 100


@pytest.mark.parametrize(
    "offsets",
    [{"start": 5, "end": 5}, {"start": 15, "end": 25}, {"sentence_end": 10**9}, {"start": -3}],
    ids=["empty", "past its sentence", "past the article", "before the article"],
)
def test_a_reader_with_impossible_offsets_is_never_quoted(
    seeds_library: Library, offsets: dict[str, int]
) -> None:
    with pytest.raises(WhosaysError, match="which is no stretch of its"):
        answer_question(
            understand("Who?"),
            library=seeds_library,
            models=Models(FixedReader(0.9, **offsets)),
            settings=Settings(),
        )


def test_conflicts_are_always_accounted_for(answers: list[Answer]) -> None:
    for answer in answers:
        check = answer.conflict_check
        if answer.conflicts:
            assert check.status == "checked"
            assert check.pairs >= len(answer.conflicts)
        elif check.status == "checked":
            assert check.pairs > 0
            assert check.sources > 1
            assert f"Compared {check.pairs} pair" in answer_text(answer)
        else:
            assert check.reason
            assert f"not checked, because {check.reason}" in answer_text(answer)


def test_below_the_threshold_the_closest_statements_stand_and_below_that_nothing(
    seeds_library: Library,
) -> None:
    settings = Settings(min_confidence=0.6)

    def at(score: float) -> Answer:
        models = Models(FixedReader(score))
        return answer_question(understand("Who?"), library=seeds_library, models=models, settings=settings)

    nothing, below, reached = at(load_fitted().thresholds["closest"] - 0.001), at(0.5999), at(0.6)
    for one in (nothing, below):
        assert (one.text, one.citations, one.positions, one.conflicts) == ("", (), (), ())
        assert len(one.passages) == settings.passages
    assert (nothing.status, nothing.closest) == ("unanswered", ())
    assert (below.status, len(below.closest)) == ("closest", 1)
    assert below.closest[0].quote == below.closest[0].sentence
    assert "I found nothing in the" in answer_text(nothing)
    assert below.closest[0].quote.split()[0] in answer_text(below)
    assert (reached.status, len(reached.citations), reached.closest) == ("answered", 1, ())
    read = below.scope.articles_read, below.scope.passages_read
    assert below.scope == Coverage(len(seeds_library), *read, len(seeds_library))
    assert 0 < below.scope.articles_read <= len(seeds_library)


def test_the_same_library_and_question_give_the_same_answer_in_another_process(
    seeds_library: Library, answers: list[Answer]
) -> None:
    program = textwrap.dedent("""
        import json, sys
        from qa import ask
        for line in sys.stdin:
            answer = ask(json.loads(line)).to_dict()
            del answer["timings_ms"]
            print(json.dumps(answer))
    """)
    asked = answers[::JUDGED]
    lines = "".join(json.dumps(answer.question) + "\n" for answer in asked)
    result = subprocess.run(
        [sys.executable, "-c", program], input=lines, capture_output=True, text=True, check=True
    )
    for line, answer in zip(result.stdout.splitlines(), asked, strict=True):
        expected = json.loads(json.dumps(replace(answer).to_dict()))
        del expected["timings_ms"]
        assert json.loads(line) == expected


def test_with_every_other_socket_blocked_import_build_ask_and_app_work(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import os, sys, threading, time, urllib.request
        LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", None, ""}

        def guard(event, arguments):
            if event == "socket.connect" or event == "socket.sendto" or event == "socket.bind":
                address = arguments[1]
                if isinstance(address, tuple) and address[0] not in LOCAL:
                    raise SystemExit(f"{event} {address}")
            if event == "socket.getaddrinfo" and arguments[0] not in LOCAL:
                raise SystemExit(f"{event} {arguments[0]}")

        sys.addaudithook(guard)
        from qa import ask
        answer = ask("How large is Samsung's foundry order backlog expected to be?")
        assert answer.status == "answered", answer
        from qa.cli import main
        threading.Thread(target=main, args=(["chat", "--no-browser", "--port", sys.argv[1]],), daemon=True).start()
        url = f"http://127.0.0.1:{sys.argv[1]}/"
        longest_s = float(sys.argv[2])
        end = time.monotonic() + longest_s
        while True:
            try:
                page = urllib.request.urlopen(url, timeout=longest_s).read().decode()
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        assert "Whosays" in page
        sys.stdout.write("served " + url + chr(10))  # in one piece: the command prints as well
        os._exit(0)
    """)
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    result = subprocess.run(
        [sys.executable, "-c", program, str(free_port()), str(LONGEST_S)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=3 * LONGEST_S,
        check=False,
    )
    assert "served http://127.0.0.1:" in result.stdout, result.stderr + result.stdout


def test_asking_sends_nothing_and_leaves_nothing_behind_but_the_library(tmp_path: Path) -> None:
    # ONNX Runtime's telemetry opens sockets that Python cannot see; what it queues lands in the user's home.
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    program = "import time; from qa import ask; assert ask('Who is Clive Chan?').passages; time.sleep(1)"
    subprocess.run(
        [sys.executable, "-c", program],
        env=kept | {"HOME": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        cwd=home,
        check=True,
    )
    assert sorted(home.rglob("*")) == []
    assert {path.name.partition("-")[0] for path in (tmp_path / "cache").iterdir()} == {"whosays"}


@pytest.mark.parametrize("module", ["index/models.py"])
def test_onnx_runtime_is_imported_only_where_its_telemetry_is_off(module: str) -> None:
    importing = {
        str(path.relative_to(ROOT))
        for package in ("index", "qa", "eval")
        for path in (ROOT / package).rglob("*.py")
        if re.search(
            r"^\s*(?:import onnxruntime\b(?!\.)|import onnxruntime as)",
            path.read_text(encoding="utf-8"),
            re.M,
        )
    }
    assert importing == {module}


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        ("bad \udcff bytes", "no UTF-8 text"),
        ("  ", "the question is empty"),
        ("why " * 600, "2,399 characters; 2,000"),
    ],
)
def test_an_unusable_question_is_an_error_that_says_what_to_do(question: str, complaint: str) -> None:
    with pytest.raises(QuestionError, match=complaint):
        ask(question)
