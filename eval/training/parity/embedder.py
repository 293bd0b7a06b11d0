"""How near the bundled embedder comes to the published float32 model, and how much faster it is.

    python -m eval.training.parity.embedder DATA.jsonl.gz [--passages N] [--questions N] [--rounds N]
        [--threads N] [--json]

DATA holds one question a line with its paragraph: {"context", "question", …}. Reported are cosines over
paragraphs and questions, recall@10 of each question's paragraph among all paragraphs for both models, and
passages a second for both, measured in turns in the same process because the machine may be shared. Passages
longer than the window are cut by both.
"""

import argparse
import gzip
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.training.weights.export import published_folder
from index.embed import BundledEmbedder
from index.models import checksums, usable_processors
from index.records import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_START = """
import json, resource, time
from pathlib import Path
begin = time.perf_counter()
from index.embed import open_embedder
embedder = open_embedder()
loaded = time.perf_counter()
embedder.embed(["How large is the backlog?"], query=True)
done = time.perf_counter()
embedder.embed(["How large is the backlog?"], query=True)
status = Path("/proc/self/status")  # where it is, for a child's ru_maxrss begins with its parent's
lines = status.read_text().splitlines() if status.exists() else []
peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
print(json.dumps({
    "load_ms": 1000 * (loaded - begin),
    "first_query_ms": 1000 * (done - loaded),
    "next_query_ms": 1000 * (time.perf_counter() - done),
    "peak_mib": (peaks or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0] / 1024,
}))
"""


def read_questions(path: Path) -> tuple[list[str], list[str], list[int]]:
    """The paragraphs without repeats, the questions, and for each question the index of its paragraph."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    numbers: dict[str, int] = {}
    home = [numbers.setdefault(row["context"], len(numbers)) for row in rows]
    return list(numbers), [row["question"] for row in rows], home


def recall_at(k: int, questions: Vectors, paragraphs: Vectors, home: Sequence[int]) -> float:
    """The share of questions whose paragraph is among the `k` with the highest cosine; ties count against."""
    scores = questions @ paragraphs.T
    own = scores[np.arange(len(home)), home]
    return float(((scores >= own[:, None]).sum(axis=1) <= k).mean())


def compare_cosines(ours: Vectors, theirs: Vectors) -> dict[str, float]:
    """Mean, first percentile and least cosine of vectors row by row."""
    cosines = (ours * theirs).sum(axis=1)
    return {
        "mean": float(cosines.mean()),
        "p1": float(np.quantile(cosines, 0.01)),
        "min": float(cosines.min()),
    }


def measure_speed(
    ours: Callable[[Sequence[str]], Vectors],
    theirs: Callable[[Sequence[str]], Vectors],
    passages: Sequence[str],
    rounds: int,
) -> dict[str, float]:
    """Passages a second, medians over `rounds` in which both take turns after one round to warm up.

    `processor_ratio` compares processor seconds over all threads: other work on the machine moves it less.
    """
    seconds: dict[str, list[float]] = {"bundled": [], "float32": []}
    processor: dict[str, list[float]] = {"bundled": [], "float32": []}
    for number in range(rounds + 1):
        for name, embed in (("bundled", ours), ("float32", theirs)):
            begin, begin_processor = time.perf_counter(), time.process_time()
            embed(passages)
            if number:
                seconds[name].append(time.perf_counter() - begin)
                processor[name].append(time.process_time() - begin_processor)
    ratios = [slow / fast for fast, slow in zip(seconds["bundled"], seconds["float32"], strict=True)]
    return {
        **{f"{name}_per_s": len(passages) / statistics.median(times) for name, times in seconds.items()},
        **{
            f"{name}_per_processor_s": len(passages) / statistics.median(times)
            for name, times in processor.items()
        },
        "ratio": statistics.median(ratios),
        "ratio_least": min(ratios),
        "ratio_most": max(ratios),
        "processor_ratio": statistics.median(processor["float32"]) / statistics.median(processor["bundled"]),
    }


def measure_start(rounds: int) -> dict[str, float]:
    """Medians over fresh processes: milliseconds to load, imports included, and to a vector; memory."""
    runs: list[dict[str, float]] = [
        json.loads(subprocess.run([sys.executable, "-c", _START], check=True, capture_output=True).stdout)  # noqa: S603
        for _ in range(rounds)
    ]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def open_published() -> "SentenceTransformer":
    """The published model in float32, on the CPU."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(published_folder()), device="cpu")


def measure(path: Path, passages: int, questions: int, rounds: int, threads: int) -> dict[str, Any]:
    """All figures of this page, over at most `questions` questions and `passages` timed passages."""
    import torch

    start = measure_start(rounds)
    torch.set_num_threads(threads)
    bundled, published = BundledEmbedder(threads=threads), open_published()
    paragraphs, asked, home = read_questions(path)
    step = max(1, len(asked) // questions)
    asked, home = asked[::step], home[::step]

    def theirs(texts: Sequence[str]) -> Vectors:
        vectors: Vectors = published.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return vectors

    p8, p32, q8, q32 = bundled.embed(paragraphs), theirs(paragraphs), bundled.embed(asked), theirs(asked)
    timed = paragraphs[:: max(1, len(paragraphs) // passages)][:passages]
    tokens = [len(ids) for ids in published.tokenizer(timed, truncation=True)["input_ids"]]
    return {
        "data": path.name,
        "paragraphs": len(paragraphs),
        "questions": len(asked),
        "cosine_paragraphs": compare_cosines(p8, p32),
        "cosine_questions": compare_cosines(q8, q32),
        "recall_at_10": {"bundled": recall_at(10, q8, p8, home), "float32": recall_at(10, q32, p32, home)},
        "recall_at_1": {"bundled": recall_at(1, q8, p8, home), "float32": recall_at(1, q32, p32, home)},
        "speed": {
            "passages": len(timed),
            "mean_tokens": statistics.mean(tokens),
            "threads": threads,
            **measure_speed(bundled.embed, theirs, timed, rounds),
        },
        "start": start,
        "peak_mib_with_torch": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "models": checksums(),
    }


def table(figures: dict[str, Any]) -> str:
    """The figures as lines of text."""
    speed, start = figures["speed"], figures["start"]
    lines = [f"{figures['paragraphs']} paragraphs and {figures['questions']} questions of {figures['data']}"]
    for kind in ("paragraphs", "questions"):
        cosine = figures[f"cosine_{kind}"]
        lines.append(
            f"cosine, {kind:<10}  mean {cosine['mean']:.4f}  p1 {cosine['p1']:.4f}  min {cosine['min']:.4f}"
        )
    lines += [
        f"recall@{k:<2}            bundled {recall['bundled']:.4f}  float32 {recall['float32']:.4f}"
        for k, recall in ((1, figures["recall_at_1"]), (10, figures["recall_at_10"]))
    ]
    return "\n".join(
        [
            *lines,
            f"passages a second    bundled {speed['bundled_per_s']:.1f}  float32 {speed['float32_per_s']:.1f}"
            f"  ratio {speed['ratio']:.2f} ({speed['ratio_least']:.2f} to {speed['ratio_most']:.2f})",
            f"                     {speed['passages']} passages of {speed['mean_tokens']:.0f} tokens, "
            f"{speed['threads']} threads",
            f"in processor seconds bundled {speed['bundled_per_processor_s']:.1f}  "
            f"float32 {speed['float32_per_processor_s']:.1f}  ratio {speed['processor_ratio']:.2f}",
            f"start                load {start['load_ms']:.0f} ms with imports, first query "
            f"{start['first_query_ms']:.1f} ms, next {start['next_query_ms']:.1f} ms, "
            f"peak {start['peak_mib']:.0f} MiB",
        ]
    )


def main() -> None:
    """Reads the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="questions with their paragraphs, jsonl.gz")
    parser.add_argument("--passages", type=int, default=200, help="passages to time")
    parser.add_argument("--questions", type=int, default=10_000, help="questions to search for, at most")
    parser.add_argument(
        "--rounds", type=int, default=5, help="times that each model embeds the timed passages"
    )
    parser.add_argument("--threads", type=int, default=usable_processors(), help="threads of each model")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    arguments = parser.parse_args()
    figures = measure(
        arguments.data, arguments.passages, arguments.questions, arguments.rounds, arguments.threads
    )
    print(json.dumps(figures, indent=2) if arguments.json else table(figures))


if __name__ == "__main__":
    main()
