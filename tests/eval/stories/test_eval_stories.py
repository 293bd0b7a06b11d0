"""`whosays eval` on stories, from the arguments to what it prints and writes, with the bundled models."""

import argparse
import json
import re

import pytest

from eval import command
from eval.errors import GoldError
from eval.gold import sets
from eval.gold.sets import GoldSource
from eval.provenance import this_run
from eval.report.history import History
from eval.report.measuring import measure
from eval.report.run_html import failures, figure_tables
from eval.stories import run as story_run
from qa.ask import ask
from qa.settings import Settings

DAM = """\
=== dam
--- A | Ilse Post | 2024-05-02 | The dam
The dam on the Ilse is 80 metres high. It was finished in 1931.
--- B | Water Board | 2024-05-03 | Facts
The Ilse dam is 95 metres high, the water board says. A road runs over it.
? span How high is the dam on the Ilse?
A: 80 metres
B: 95 metres
~ A B conflict number
?> span And when was it finished? => When was the dam on the Ilse finished?
A: 1931
? none Who is the president of France?
"""
FERRY = """\
=== ferry
--- A | Ilse Post | 2024-06-02 | The ferry
A ferry crosses the lake of Varn every twenty minutes in summer. Bicycles travel free.
--- B | Varn Radio | 2024-06-03 | News
The crossing of the lake of Varn takes nine minutes.
? span What travels free on the ferry?
A: Bicycles
"""
SECRETS = ("Ilse", "metres", "ferry crosses", "icycles", "1931", "France")


def run(*arguments):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "water.txt"
    found.write_text(f"{DAM}\n{FERRY}", encoding="utf-8")
    return found


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_story_is_asked_of_its_own_accounts_and_told_in_json_rows_and_a_report(file, tmp_path, capsys):
    assert run(file, "--json", "--report", tmp_path / "report") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["stories"], found["questions"]) == (2, 4)
    assert found["run"]["command"] == "whosays eval water.txt --json --report report"
    assert found["unanswerable_refused"] == 1.0
    assert found["right"] >= 2 / 3
    assert found["right_of"] == 3
    rows = read_rows(tmp_path / "report" / "rows.jsonl")
    assert [row["id"] for row in rows] == ["dam#1", "dam#2", "dam#3", "ferry#1"]
    high = rows[0]
    assert high["right"]
    assert high["citation"]["publisher"] in ("Ilse Post", "Water Board")
    assert [one["rank"] is not None for one in high["sources"]] == [True, True]
    assert (high["pairs"][0]["label"], high["pairs"][0]["kind"]) == ("conflict", "number")
    # What two short accounts say is all read, and each stage holds no more than the one before it.
    assert (found["funnel_source_read"], found["funnel_source_read_of"]) == (1.0, 4)
    assert (found["funnel_pair_read"], found["funnel_pair_read_of"]) == (1.0, 1)
    stages = high["funnel"]
    assert [one["source"] for one in stages["sources"]] == ["A", "B"]
    assert [(one["one"], one["other"], one["label"]) for one in stages["pairs"]] == [("A", "B", "conflict")]
    assert stages["question"]["shown"] == high["right"]
    assert rows[2]["funnel"] == {"question": None, "sources": [], "pairs": []}
    for counted, order in (
        ("question", ("read", "proposed", "first", "shown")),
        ("source", ("read", "proposed", "best", "shown")),
        ("pair", ("read", "proposed", "compared", "disputed", "disagree")),
    ):
        held = [found[f"funnel_{counted}_{stage}"] for stage in order]
        assert held == sorted(held, reverse=True)
    # The follow-up was made whole from the question before it.
    assert rows[1]["question"] == "And when was it finished?"
    assert "dam" in rows[1]["asked_as"]
    # Nothing of another story can be quoted.
    assert {one["source"] for row in rows for one in row["sources"]} <= {"A", "B"}
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Stories: by kind of question" in page
    assert "Stories: who says what" in page
    assert "Funnel: pairs that conflict or update" in page
    assert "What each stage of an answer still holds" in page


def test_together_all_accounts_lie_in_one_library_though_one_story_is_asked(
    file, tmp_path, capsys, monkeypatch
):
    opened = []
    real = story_run.open_shelf

    def watched(stories, settings, **options):
        opened.append([story.id for story in stories])
        return real(stories, settings, **options)

    monkeypatch.setattr(story_run, "open_shelf", watched)
    rows = tmp_path / "rows.jsonl"
    assert run(file, "--together", "--limit", "1", "--json", "--out", rows) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stories"] == 1
    assert found["run"]["command"] == "whosays eval water.txt --json --together --limit 1 --out rows.jsonl"
    assert opened == [["dam", "ferry"]]
    assert len({row["story"] for row in read_rows(rows)}) == 1


def test_the_survey_of_each_story_is_held_against_its_labelled_conflicts(file, tmp_path, capsys):
    """Of the two heights the survey lists the pair; what only one source tells is no conflict."""
    rows = tmp_path / "rows.jsonl"
    assert run(file, "--survey", "--json", "--out", rows) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["run"]["command"] == "whosays eval water.txt --json --survey --out rows.jsonl"
    assert (found["stories"], found["survey_recall_of"]) == (2, 1)
    dam, ferry = read_rows(rows)
    shown = [one for one in dam["shown"] if one["right"]]
    assert (found["survey_recall"] == 1.0) == bool(shown) == dam["disputes"][0]["found"]
    assert all(any("metres" in text for text in one["statements"]) for one in shown)
    assert ferry["disputes"] == []
    assert run(file, "--survey", "--out", rows) == 0
    assert "Stories: survey" in capsys.readouterr().out


def test_a_survey_that_asks_has_asked_about_each_statement(file, tmp_path, capsys, monkeypatch):
    asked = []

    def noted(question, **options):
        asked.append(question)
        return ask(question, **options)

    monkeypatch.setattr("eval.stories.survey.ask", noted)
    for flags in (["--survey"], ["--survey", "--ask"], ["--survey", "--ask", "--together"]):
        before = len(asked)
        assert run(file, *flags, "--json", "--out", tmp_path / "rows.jsonl") == 0
        assert (len(asked) > before) == ("--ask" in flags)
        assert " ".join(flags) in json.loads(capsys.readouterr().out)["run"]["command"].replace(
            "--together --survey --ask", "--survey --ask --together"
        )


def test_the_survey_of_all_stories_together_is_held_against_the_same_labels(file, tmp_path, capsys):
    rows = tmp_path / "rows.jsonl"
    assert run(file, "--survey", "--together", "--json", "--out", rows) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["stories"], found["survey_recall_of"]) == (2, 1)
    assert [row["id"] for row in read_rows(rows)] == ["dam", "ferry"]


def test_a_table_is_printed_with_the_doubt_of_each_share(file, tmp_path, capsys):
    assert run(file, "--limit", "1", "--out", tmp_path / "rows.jsonl") == 0
    table = capsys.readouterr().out
    assert "Stories: conflicts and updates" in table
    assert "Funnel: questions that have an answer" in table
    assert "Stories: by kind of question" in table


def test_nothing_printed_or_written_of_the_sealed_part_holds_its_texts(file, tmp_path, capsys, monkeypatch):
    sealed = GoldSource("stories", "Stories", file, stories=True, sealed=True)
    monkeypatch.setitem(sets.STORIES, "sealed", sealed)
    out = tmp_path / "report"
    assert run("stories", "--json", "--report", out) == 0
    written = [*capsys.readouterr(), *(one.read_text(encoding="utf-8") for one in out.iterdir())]
    assert len(written) == 4
    # A year within a measured time, such as 0.19314 s, is no secret told.
    told = [secret for secret in SECRETS for one in written if re.search(rf"(?<![\d.]){secret}(?!\d)", one)]
    assert told == []
    assert "dam#1" in written[2] + written[3]


def test_a_fault_of_the_sealed_part_tells_its_place_alone(file, tmp_path, monkeypatch):
    file.write_text(DAM.replace("A: 80 metres", "A: 81 metres"), encoding="utf-8")
    sealed = GoldSource("stories", "Stories", file, stories=True, sealed=True)
    monkeypatch.setitem(sets.STORIES, "sealed", sealed)
    with pytest.raises(GoldError, match=r"water.txt, line 7: this cannot be used") as caught:
        run("stories", "--out", tmp_path / "rows.jsonl")
    assert "81" not in str(caught.value).replace(str(tmp_path), "")


def test_options_that_do_not_fit_are_refused(file, tmp_path):
    with pytest.raises(GoldError, match="water holds stories; leave out --retrieval, --open and --library"):
        run(file, "--open")
    with pytest.raises(GoldError, match="water holds stories; leave out"):
        run(file, "--library", tmp_path)
    with pytest.raises(GoldError, match="seeds holds no stories; leave out --together"):
        run("seeds", "--together")
    with pytest.raises(GoldError, match="seeds holds no stories; leave out --together, --survey and --ask"):
        run("seeds", "--ask")
    with pytest.raises(GoldError, match="--ask goes with --survey"):
        run(file, "--ask")
    with pytest.raises(GoldError, match="seeds has no parts; leave out --part, or ask for stories"):
        run("seeds", "--part", "dev")


def test_an_account_that_stands_twice_is_refused_for_the_story_could_not_be_told(file, tmp_path):
    twice = FERRY.replace("=== ferry", "=== boat")
    file.write_text(f"{FERRY}\n{twice}", encoding="utf-8")
    with pytest.raises(GoldError, match="story boat, account A: another account is the same"):
        run(file, "--together", "--out", tmp_path / "rows.jsonl")


def test_the_parts_of_the_project_are_known_by_name_and_those_that_only_measure_are_sealed():
    assert sets.gold_source("stories") is sets.STORIES["sealed"]
    assert sets.gold_source("stories", part="dev").file.name == "dev"
    assert [part for part, one in sets.STORIES.items() if one.sealed] == ["sealed", "rumours", "web"]
    # A sealed file named by its path stays sealed.
    inside = sets.STORIES["sealed"].file / "some.txt"
    assert sets.gold_source(str(inside)).sealed
    assert not sets.gold_source(str(sets.STORIES["dev"].file / "some.txt")).sealed


def test_the_app_measures_stories_with_progress_and_compares_two_runs(file, tmp_path):
    told = []
    source = GoldSource("water", "Water", file, stories=True)
    measured = measure(source, Settings(), lambda done, total, label: told.append((done, total, label)))
    assert [label for *_, label in told] == ["questions asked"] * len(told)
    assert told[0] == (0, 4, "questions asked")
    assert [done for done, *_ in told] == sorted({done for done, *_ in told})
    assert "of 4 questions" in failures(measured, sealed=False)
    history, this = History(tmp_path / "runs"), this_run("whosays eval", {})
    worse = {**measured.metrics, "right": measured.metrics["right"] - 0.25}
    shown = figure_tables(history.keep("water", measured.metrics, this), history.keep("water", worse, this))
    assert "+25.0 %" in shown
    assert "Stories: by kind of question" in shown
    assert "95 % interval" in shown
