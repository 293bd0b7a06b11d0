"""`whosays eval` from its arguments to what it prints and writes, on two small articles and the bundled models."""

import argparse
import json

import pytest

from eval import command
from eval.errors import GoldError
from eval.golden import _survey_row
from index.library import Library
from qa import Library as AskedLibrary
from qa import ask
from qa.comparison.model import bundled_comparison
from qa.conflicts.rulings import Rulings, rule
from qa.settings import Settings
from tests.served import shelve

DAM = "The dam on the Ilse is 80 metres high. It was finished in 1931."
FERRY = "A ferry crosses the lake every twenty minutes in summer. Bicycles travel free."
GOLD = [
    {
        "id": "g1",
        "kind": "number",
        "question": "How high is the dam on the Ilse?",
        "answers": ["80 metres"],
        "evidence": [{"article": "dam.txt", "quote": "The dam on the Ilse is 80 metres high."}],
    },
    {"id": "g2", "kind": "unanswerable", "question": "Who is the president of France?", "answers": []},
]
PARAGRAPHS = [
    {
        "id": "p1",
        "context": DAM,
        "question": "How high is the dam?",
        "answers": [{"text": "80 metres", "start": 23}],
    },
    {
        "id": "p2",
        "context": FERRY,
        "question": "What travels free?",
        "answers": [{"text": "Bicycles", "start": 58}],
    },
]


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def run(*arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    (folder / "dam.txt").write_text(DAM, encoding="utf-8")
    (folder / "ferry.txt").write_text(FERRY, encoding="utf-8")
    place = tmp_path_factory.mktemp("library") / "mine"
    with Library.open(place) as made:
        assert [outcome.status for outcome in made.add(folder)] == ["added", "added"]
    return place


def test_a_gold_set_over_a_library_gives_json_rows_and_a_report(library, tmp_path, capsys):
    gold = write(tmp_path / "gold.jsonl", GOLD)
    assert run(gold, "--library", library, "--json", "--report", tmp_path / "report") == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["questions"] == 2
    assert found["misquotes"] == 0
    assert found["recall@5"] == 1.0
    assert set(found["kinds"]) == {"number", "unanswerable"}
    assert (found["funnel_question_read"], found["funnel_question_read_of"]) == (1.0, 1)
    assert found["run"]["command"] == "whosays eval gold.jsonl --json --library mine --report report"
    assert found["run"]["models"]
    rows = read_rows(tmp_path / "report" / "rows.jsonl")
    assert [row["id"] for row in rows] == ["g1", "g2"]
    assert rows[0]["commit"] == found["run"]["commit"]
    assert set(rows[0]["funnel"]["question"]) == {"read", "proposed", "first", "shown"}
    assert "funnel" not in rows[1]  # nothing answers
    assert str(tmp_path) not in json.dumps(rows)
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "whosays eval gold.jsonl --json --library mine --report report" in page
    assert "What each stage of an answer still holds" in page
    assert "report.html" in printed.err


class Small(AskedLibrary):
    """Its survey is of the small model alone."""

    def conflicts(self, **options):
        return super().conflicts(comparison=bundled_comparison(), **options)


def test_what_people_ruled_is_no_part_of_what_is_measured(tmp_path):
    place, settings = shelve(tmp_path), Settings(judge="small")
    file, report = tmp_path / "settings.toml", tmp_path / "report"
    file.write_text('judge = "small"\n', encoding="utf-8")
    gold = {
        "id": "g1", "kind": "number", "question": "How many people did the ferry Aurora carry?",
        "answers": ["45 people"], "evidence": [{"article": "police.json", "quote": "the ferry Aurora carried 45 people"}],
    }  # fmt: skip
    with Small.open(place) as library:
        (conflict,) = ask(gold["question"], library=library, settings=settings).conflicts
        Rulings(place).add(rule(conflict, "no conflict", question=gold["question"]))
        assert ask(gold["question"], library=library, settings=settings).conflicts == ()
        assert library.conflicts().conflicts == ()
        assert len(_survey_row("ferry", library)["conflicts"]) == 1
    asked = write(tmp_path / "gold.jsonl", [gold])
    assert run(asked, "--library", place, "--report", report, "--settings", file) == 0
    (row,) = read_rows(report / "rows.jsonl")
    assert row["conflicts_shown"] == 1


def test_reading_prints_a_table_or_the_named_figures(tmp_path, capsys):
    gold = write(tmp_path / "set.jsonl", PARAGRAPHS)
    rows = tmp_path / "rows.jsonl"
    assert run(gold, "--out", rows) == 0
    table = capsys.readouterr().out
    assert table.startswith("Answers\n  questions")
    assert run(gold, "--out", rows, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    named = {"exact_match", "f1", "has_answer_f1", "no_answer_accuracy", "auroc", "ms_per_question"}
    assert named <= set(found)
    assert found["answer_hit"] == 1.0
    assert [row["golds"] for row in read_rows(rows)] == [["80 metres"], ["Bicycles"]]


def test_retrieval_and_open_reading_go_over_all_paragraphs_though_one_is_asked(tmp_path, capsys):
    gold = write(tmp_path / "set.jsonl", PARAGRAPHS)
    rows = tmp_path / "rows.jsonl"
    assert run(gold, "--retrieval", "--open", "--limit", "1", "--json", "--out", rows) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["paragraphs"]) == (1, 2)
    assert {leg: found[leg]["recall@1"] for leg in ("bm25", "dense", "fused")} == {
        "bm25": 1.0,
        "dense": 1.0,
        "fused": 1.0,
    }
    assert found["open"]["recall@1"] == 1.0
    (row,) = read_rows(rows)
    assert row["ranks"] == {"bm25": 1, "dense": 1, "fused": 1}
    assert row["answer_hit"] is True


def test_without_a_place_named_the_rows_go_into_the_folder_runs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(write(tmp_path / "set.jsonl", PARAGRAPHS)) == 0
    (file,) = (tmp_path / "runs").iterdir()
    assert file.name.startswith("set-")
    assert f"written: runs/{file.name}" in capsys.readouterr().err.replace("\\", "/")


def test_options_that_do_not_fit_the_gold_set_are_refused(library, tmp_path):
    gold, paragraphs = write(tmp_path / "gold.jsonl", GOLD), write(tmp_path / "set.jsonl", PARAGRAPHS)
    with pytest.raises(GoldError, match=r"gold.jsonl is about a library; --retrieval and --open take"):
        run(gold, "--library", library, "--open")
    with pytest.raises(GoldError, match=r"set.jsonl brings its own paragraphs; leave out --library"):
        run(paragraphs, "--library", library)
    with pytest.raises(GoldError, match="there is no gold set at"):
        run(tmp_path / "absent.jsonl")


def test_a_limit_below_one_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        run("seeds", "--limit", "0")
    assert "invalid" in capsys.readouterr().err
