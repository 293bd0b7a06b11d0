"""Whosays beside haystack, txtai and LlamaIndex; `python -m eval.bench.peers` prints a table.

    python -m eval.bench.peers [--articles 1000] [--rounds 3] [--folder FOLDER]
        [--environment FOLDER] [--json]
        [--passages 5000 50000 500000 | --quality | --answers READERS [--questions N]]

The others get an environment of their own, made once in `--environment` as `requirements.txt` beside this
file says. All add the same articles, of about a passage each, made of the training stories' sentences (or
those of a folder that is named), embed them with the same MiniLM weights (the others in float32, as
published; Whosays as it ships them), find 12 passages and read them. Readers of the others have random
weights: their time is measured, not what they find. Each system runs in processes of its own, one after the
other, in rounds; shown are medians over the rounds, and beside them how many times Whosays' figure they are.
With `--passages` the systems get so many passages with their vectors, means of the sentences' own, and only
retrieve, in memory where that is what they offer without a server. `--quality` tells which passages they
find; `--answers` what they answer first, with the readers that `eval.bench.peers.readers` trained into the
folder READERS.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from eval.bench.peers.quality import ANSWERED, Sought, gather, score, score_answers
from eval.bench.peers.quality import FIGURES as FOUND
from eval.bench.scale import MeanEmbedder
from eval.bench.sizes import STORIES
from eval.bench.sizes import articles as made_articles
from eval.provenance import this_run
from eval.stories import read_stories
from eval.training.weights.export import published_folder
from index.errors import WhosaysError
from index.sources.load import Loaded, load

HERE = Path(__file__).resolve().parent
Phase = Literal["find", "say"]
OURS = "whosays"
PEERS = ("haystack", "haystack-base", "txtai", "llama-index")
FINDERS = ("haystack", "txtai", "txtai-hybrid", "llama-index")
ANSWERERS = ("haystack", "haystack-base", "txtai-hybrid", "txtai-hybrid-base")
QUESTIONS = 24
# Of BERT: hidden size, layers, heads, size of the inner layer; those of MiniLM-L6 and of roberta-base.
READERS = {"reader-L6": (384, 6, 12, 1536), "reader-base": (768, 12, 12, 3072)}
FIGURES = {
    "add_s": "adding all, s",
    "add_peak_mb": "adding, peak memory, MB",
    "disk_mb": "on disk, MB",
    "open_s": "importing, opening, first retrieval, s",
    "retrieve_p50_ms": "retrieval, median, ms",
    "retrieve_p95_ms": "retrieval, 95th percentile, ms",
    "answer_p50_ms": "an answer, median, ms",
    "answer_p95_ms": "an answer, 95th percentile, ms",
    "answers_a_second_4": "answers a second, 4 askers",
    "answers_a_second_16": "answers a second, 16 askers",
    "ask_peak_mb": "asking, peak memory, MB",
}
GIVEN = {
    "retrieve_p50_ms": "retrieval, median, ms",
    "retrieve_p95_ms": "retrieval, 95th percentile, ms",
    "given_peak_mb": "peak memory, MB",
}


def environment(folder: Path) -> Path:
    """The Python of the environment in `folder`, which is made where it is not there."""
    python = folder / "bin" / "python"
    done = folder / "done"
    if not done.exists() or done.read_text() != (HERE / "requirements.txt").read_text():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)  # noqa: S603
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")]
        subprocess.run(install, check=True)  # noqa: S603
        done.write_text((HERE / "requirements.txt").read_text())
    return python


def models(folder: Path, readers: Path | None = None) -> None:
    """The published embedder, and the trained `readers`, else some of the usual sizes with random weights."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    shutil.copytree(published_folder(), folder / "minilm")
    if readers is not None:
        for name in READERS:
            shutil.copytree(readers / name, folder / name)
        return
    tokenizer = AutoTokenizer.from_pretrained(folder / "minilm")
    torch.manual_seed(1)
    for name, (hidden, layers, heads, inner) in READERS.items():
        config = BertConfig(
            vocab_size=len(tokenizer), hidden_size=hidden, num_hidden_layers=layers,
            num_attention_heads=heads, intermediate_size=inner,
        )  # fmt: skip
        BertForQuestionAnswering(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


def gather_articles(folder: Path | None, number: int, seed: int) -> dict[str, Any]:
    """The articles, and the questions: those of the stories that the articles are made of."""
    if folder is None:
        articles = made_articles(number, seed)
    else:
        found = [one.article for one in load(folder) if isinstance(one, Loaded)]
        articles = [{"title": one.title or "", "text": one.text} for one in found][:number]
    every = [question.standalone for story in read_stories(STORIES) for question in story.questions]
    draw = random.Random(seed)  # noqa: S311  # no secret
    return {"articles": articles, "questions": draw.sample(every, QUESTIONS)}


def write_given(work: Path, passages: int, seed: int) -> None:
    """`told.json` and `vectors.npy` of so many passages; fewer questions of many, for some take seconds."""
    made = gather_articles(None, passages, seed)
    made["questions"] = made["questions"][: max(8, min(QUESTIONS, 1_000_000 // passages))]
    (work / "told.json").write_text(json.dumps(made), encoding="utf-8")
    vectors = MeanEmbedder(work / "models").embed([one["text"] for one in made["articles"]])
    np.save(work / "vectors.npy", vectors)


def run_phase(python: Path, system: str, phase: str, work: Path, folder: Path) -> dict[str, Any]:
    """What one system's process prints of a phase."""
    command = [
        str(python), str(HERE / ("ours.py" if system == OURS else "systems.py")), system, phase,
        str(work / "told.json"), str(folder), str(work / "models"),
    ]  # fmt: skip
    root = HERE.parents[2]
    settings = {**os.environ, "PYTHONPATH": str(root) if system == OURS else ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{system} failed to {phase}:\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def measure_round(
    python: Path, system: str, work: Path, number: int, phases: Sequence[str] = ("add", "ask")
) -> dict[str, float]:
    """One round of one system: added in one process, asked in another."""
    folder = work / f"{system}-{number}"
    found: dict[str, float] = {}
    for phase in phases:
        told_now = run_phase(python, system, phase, work, folder)
        found |= {f"{phase}_peak_mb" if name == "peak_mb" else name: v for name, v in told_now.items()}
    if phases != ("given",):
        found["disk_mb"] = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6
    shutil.rmtree(folder, ignore_errors=True)
    return found


def measure_quality(
    pythons: Mapping[str, Path],
    work: Path,
    passages: list[dict[str, str]],
    sought: Sequence[Sought],
    phase: Phase = "find",
) -> dict[str, dict[str, float]]:
    """What each system finds of what is sought among the passages, or says to it."""
    told = {"articles": passages, "questions": [one.question for one in sought]}
    (work / "told.json").write_text(json.dumps(told), encoding="utf-8")
    figures = {}
    for system, python in pythons.items():
        told_now = run_phase(python, system, phase, work, work / system)
        figures[system] = (
            score(told_now["found"], sought)
            if phase == "find"
            else score_answers(told_now["said"], sought, passages)
        )
        sys.stderr.write(f"{system}: {figures[system]}\n")
    return figures


def table(
    figures: Mapping[str, Mapping[str, float]], titles: Mapping[str, str] = FIGURES, *, times: bool = True
) -> str:
    """A row a figure, a column a system, in Markdown; of the others how many `times` ours it is."""
    lines = [f"| | {' | '.join(figures)} |", "|---|" + "---|" * len(figures)]
    for name, title in titles.items():
        cells = []
        for system, found in figures.items():
            value, ours = found.get(name), figures[OURS].get(name)
            beside = (
                "" if system == OURS or not (times and ours) or value is None else f" ({value / ours:.1f}×)"
            )
            cells.append("–" if value is None else f"{value:,.3g}{beside}")
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


Rounds = dict[str, list[dict[str, float]]]


def in_turns(work: Path, pythons: Mapping[str, Path], rounds: int, phases: Sequence[str]) -> Rounds:
    """All systems one after the other, so many times, for the machine may be shared."""
    found: Rounds = defaultdict(list)
    for number in range(rounds):
        for system, python in pythons.items():
            found[system].append(measure_round(python, system, work, number, phases))
    return found


def medians(rounds: Rounds) -> dict[str, dict[str, float]]:
    """By system and figure."""
    return {
        system: {name: statistics.median(one[name] for one in several) for name in several[0]}
        for system, several in rounds.items()
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--passages", type=int, nargs="+", metavar="N", help="sizes with vectors given")
    parser.add_argument("--quality", action="store_true", help="which passages are found, not how quickly")
    parser.add_argument(
        "--answers", type=Path, metavar="READERS", help="what each answers, with these readers"
    )
    parser.add_argument("--questions", type=int, metavar="N", help="of --answers: so many, drawn at random")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="articles to take instead of made ones")
    parser.add_argument("--environment", type=Path, default=Path.home() / ".cache" / "whosays" / "peers")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--json", action="store_true", help="all figures of all rounds")
    asked = parser.parse_args(arguments)
    pythons = {OURS: Path(sys.executable), **dict.fromkeys(PEERS, environment(asked.environment))}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        models(work / "models", asked.answers)
        if asked.quality or asked.answers:
            phase: Phase = "say" if asked.answers else "find"
            those, titles = (ANSWERERS, ANSWERED) if asked.answers else (FINDERS, FOUND)
            systems = {OURS: pythons[OURS], **dict.fromkeys(those, pythons["haystack"])}
            passages, sought = gather(asked.articles, asked.seed)
            if asked.questions:
                sought = random.Random(asked.seed).sample(sought, min(asked.questions, len(sought)))  # noqa: S311
            found = measure_quality(systems, work, passages, sought, phase)
            sys.stdout.write(f"{table(found, titles, times=False)}\n")
            return
        if asked.passages:
            del pythons["haystack-base"]  # retrieves as the other does
            for passages in asked.passages:
                write_given(work, passages, asked.seed)
                rounds = in_turns(work, pythons, asked.rounds, ("given",))
                _show(rounds, asked, {key: f"{title}, {passages:,} passages" for key, title in GIVEN.items()})
            return
        try:
            (work / "told.json").write_text(
                json.dumps(gather_articles(asked.folder, asked.articles, asked.seed)), encoding="utf-8"
            )
        except WhosaysError as error:
            parser.exit(2, f"{error}\n")
        _show(in_turns(work, pythons, asked.rounds, ("add", "ask")), asked, FIGURES)


def _show(rounds: Rounds, asked: argparse.Namespace, titles: Mapping[str, str]) -> None:
    if asked.json:
        run = this_run(f"python -m eval.bench.peers {' '.join(sys.argv[1:])}", {})
        shown = json.dumps({"medians": medians(rounds), "rounds": rounds, "run": run.to_dict()}, indent=1)
    else:
        shown = table(medians(rounds), titles)
    sys.stdout.write(f"{shown}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
