"""Train the judge: whether and where an article answers, what it holds, and whether two can both be right.

    python -m eval.training.judge DATA OUT --encoder DIR --stories FILE [FILE] --proposals FILE
        [--contrast DIR] [--rivals DIR] [--start FILE] [--tokens 8e6] [--rate 6e-5] [--seed 1] [--next-round]
        [--frozen 6] [--dropout 0] [--batch-tokens 3072]

reads the public sets in the folder DATA, the stories in FILE, which `python -m eval.stories FILES --json
FILE` writes, what the shipped reader proposes for them (`eval.training.data.proposals`), contrast sets and
rival statements; it writes `judge.safetensors` and `training.json` to OUT. DIR holds MPNet-base as
published, as `eval.training.weights.mpnet` unpacks it; `--start` names weights to begin from, of an earlier
training or of `eval.training.weights.restore`. The rate stays the same until the last third of the tokens,
so that a training can be told to take more or fewer while it runs: stopped, the same command goes on from
the last checkpoint. `--next-round` leaves the round that was begun, where stories were added since.
`--frozen` says how many of the lower layers keep their weights: with a graphics card none need.

Every two million tokens what was held out is judged, and `training.json` keeps the curve. On a CPU the
environment that `eval.training.reader` names makes it half as quick again.
"""

import argparse
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from eval.metrics import auroc
from eval.training.data.proposals import read_proposals
from eval.training.data.questions import Story, is_held_out, part_of, read_stories
from eval.training.judge_material import JudgeMaterial, Own, is_held_out_web, read_web, web_material
from eval.training.judgements.contrast import contrast_judgements
from eval.training.judgements.contrast import read_parts as read_contrast
from eval.training.judgements.judge_rows import JudgeRow, ReadExcerpt, excerpt_rows, statement_rows
from eval.training.judgements.judgement import RELATION, STANCE, Judgement
from eval.training.judgements.rivals import read_parts as read_rivals
from eval.training.loop import Recipe, Training, learn, say_aloud
from eval.training.models.judge_network import FROZEN_LAYERS, JudgeNetwork, begin, logits_of, loss
from eval.training.models.reader_network import save
from index.models import WEIGHTS as SHARED
from qa.comparison.model import JUDGE_RELATIONS, STANCES

WEIGHTS_FILE = "judge.safetensors"
RECIPE = Recipe(
    tokens=8e6,
    batch_tokens=3072,
    max_tokens=224,
    learning_rate=6e-5,
    warm_up_steps=60,
    falling=0.35,
    frozen=FROZEN_LAYERS,
)
REPORT_TOKENS = 2_000_000

# Of the held-out stories so many of each kind are judged on the way, and so many questions of each.
_STORIES, _QUESTIONS = 30, 5


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything lies that is learnt from."""

    data: Path
    stories: Sequence[Path]
    proposals: Path
    contrast: Path | None = None
    rivals: Path | None = None


def train(
    sources: Sources,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path,
    start: Path | None = None,
    next_round: bool = False,
    end: float = math.inf,
    say: Callable[[str], None] = say_aloud,
) -> None:
    """As the command line above; `say` is told each 25 steps."""
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    network = begin(encoder, start, frozen=recipe.frozen, dropout=recipe.dropout).to(device)
    last = min(end, recipe.tokens)
    training: Training[JudgeRow] = Training(
        network, lambda made: loss(network, made, device), recipe, device, last
    )
    checkpoint, report_file = out / "checkpoint.pt", out / "training.json"
    if checkpoint.exists():
        training.resume(checkpoint)
    if next_round:
        training.begin_next_round()
    tokenizer = Tokenizer.from_file(str(SHARED / "tokenizer.json"))
    material, held_out = materials(sources, tokenizer, recipe)
    rounds = lru_cache(maxsize=1)(material.round)
    curve = json.loads(report_file.read_text(encoding="utf-8"))["curve"] if report_file.exists() else {}

    def report() -> None:
        say(f"judging {held_out.size:,} excerpts and pairs that were held out")
        network.eval()
        curve[str(training.progress.tokens)] = judge(network, tokenizer, held_out, device)
        network.train()
        written = {"recipe": asdict(recipe), "progress": asdict(training.progress), "curve": curve}
        report_file.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        say(json.dumps(curve[str(training.progress.tokens)]))

    taken, judged = training.progress.tokens, max(map(int, curve), default=0)
    if taken // REPORT_TOKENS > judged // REPORT_TOKENS or (training.done and judged < taken):
        report()  # it was stopped between a checkpoint and its point of the curve
    while not training.done:
        due = (training.progress.tokens // REPORT_TOKENS + 1) * REPORT_TOKENS
        training.end = min(last, due)
        learn(training, rounds, checkpoint, 150, say)
        report()
        training.end = last
    network.eval()
    save(network, out / WEIGHTS_FILE)


def materials(sources: Sources, tokenizer: Tokenizer, recipe: Recipe) -> tuple[JudgeMaterial, "HeldOut"]:
    """What is trained on, and what chooses between trainings."""
    told = [story for file in sources.stories for story in read_stories(file)]
    proposals = read_proposals(sources.proposals)
    sets, rivals = read_contrast(sources.contrast), read_rivals(sources.rivals)
    trained = [one for one in told if not is_held_out(one["id"])]
    own = Own(trained, proposals, sets[0], rivals[0], sources.data)
    material = JudgeMaterial(own, tokenizer, seed=recipe.seed, batch_tokens=recipe.batch_tokens)
    return material, HeldOut.of(
        [one for one in told if is_held_out(one["id"])], sets[1], material, sources.data
    )


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Excerpts and pairs of each part, by its name, that nothing was trained on."""

    excerpts: Mapping[str, Sequence[ReadExcerpt]]
    pairs: Mapping[str, Sequence[Judgement]]

    @property
    def size(self) -> int:
        """How many there are."""
        return sum(map(len, (*self.excerpts.values(), *self.pairs.values())))

    @classmethod
    def of(
        cls, stories: Sequence[Story], contrast: Sequence[Any], material: JudgeMaterial, data: Path
    ) -> "HeldOut":
        """The same ones each time."""
        draw = random.Random(0)  # noqa: S311 - no secret
        excerpts: dict[str, list[ReadExcerpt]] = {}
        pairs: dict[str, list[Judgement]] = {}
        taken: dict[str, int] = {}
        for story in stories:
            part = part_of(story)
            taken[part] = taken.get(part, 0) + 1
            if taken[part] > _STORIES:
                continue
            for number in draw.sample(
                range(len(story["questions"])), min(_QUESTIONS, len(story["questions"]))
            ):
                excerpts.setdefault(part, []).extend(material.excerpts(story, number, draw, all_of_them=True))
                pairs.setdefault(part, []).extend(material.pairs(story, number, draw))
        pairs["contrast"] = contrast_judgements(list(contrast)[:250], draw)
        natural = [one for one in read_web(data) if is_held_out_web(one["question"])]
        excerpts["natural"], pairs["natural"] = web_material(natural, draw)
        return cls(excerpts, pairs)


def judge(
    network: JudgeNetwork, tokenizer: Tokenizer, held_out: HeldOut, device: torch.device
) -> dict[str, float]:
    """How the network judges what was held out, by part: the names say what of."""
    report: dict[str, float] = {}
    for part, told in held_out.excerpts.items():
        rows = excerpt_rows(tokenizer, told)
        outputs = logits_of(network, rows, device)
        report |= {f"{part}_{name}": value for name, value in excerpt_report(rows, outputs).items()}
    for part, pairs in held_out.pairs.items():
        rows = statement_rows(tokenizer, pairs)
        outputs = logits_of(network, rows, device)
        report |= {f"{part}_{name}": value for name, value in pair_report(rows, outputs).items()}
    return report


def excerpt_report(rows: Sequence[JudgeRow], outputs: Sequence[Any]) -> dict[str, float]:
    """Verdicts right; how well answers are told from none; the sentence found, where one answers."""
    stance, _, _, answers, score, number = outputs
    found: dict[str, float] = {}
    labels = np.array([row.label for row in rows])
    yes_no = np.array([row.task == STANCE for row in rows])
    deciding = yes_no & (labels < STANCES.index("other"))
    if deciding.any():
        found["stance"] = float(np.mean(stance[deciding, :3].argmax(1) == labels[deciding]))
        found["verdicts_at_85"] = _verdicts(stance[yes_no], labels[yes_no])
    known = np.array([row.answers for row in rows])
    mine = known >= 0
    found["answers_auroc"] = auroc(answers[mine, 0].tolist(), (known[mine] == 1).tolist()) or 0.0
    found["sentence_auroc"] = auroc(score[mine, 0].tolist(), (known[mine] == 1).tolist()) or 0.0
    places = [place for place, row in enumerate(rows) if row.gold]
    found["sentence"] = float(np.mean([int(number[place, 0]) in rows[place].gold for place in places]))
    return {name: round(value, 4) for name, value in found.items()}


def _verdicts(stance: Any, labels: Any) -> float:
    """How many of the deciding articles get a verdict when 85 % of those shown are right, by the surest."""
    likely = np.exp(stance - stance.max(1, keepdims=True))
    likely /= likely.sum(1, keepdims=True)
    order = np.argsort(-likely[:, :3].max(1), kind="stable")
    right = (likely[:, :3].argmax(1) == labels)[order]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    shown = np.flatnonzero(precision >= 0.85)
    deciding = labels < STANCES.index("other")
    count = deciding[order][: shown[-1] + 1].sum() if shown.size else 0
    return float(count / max(1, deciding.sum()))


def pair_report(rows: Sequence[JudgeRow], outputs: Sequence[Any]) -> dict[str, float]:
    """Relations right; how well what conflicts, or is an update, is told from all else."""
    relation = outputs[1]
    mine = np.array([row.task == RELATION for row in rows])
    labels = np.array([row.label for row in rows])[mine]
    likely = np.exp(relation[mine] - relation[mine].max(1, keepdims=True))
    likely /= likely.sum(1, keepdims=True)
    against = likely[:, 2] + likely[:, 3]
    truly = (labels == JUDGE_RELATIONS.index("conflict")) | (labels == JUDGE_RELATIONS.index("update"))
    order = np.argsort(-against, kind="stable")
    precision = np.cumsum(truly[order]) / np.arange(1, len(order) + 1)
    found = {
        "relation": float(np.mean(likely.argmax(1) == labels)),
        "conflict_auroc": auroc(against.tolist(), truly.tolist()) or 0.0,
        "conflict_ap": float((precision * truly[order]).sum() / max(1, truly.sum())),
    }
    for least in (0.8, 0.5):
        places = np.flatnonzero(precision >= least)
        recall = truly[order][: places[-1] + 1].sum() / max(1, truly.sum()) if places.size else 0.0
        found[f"conflict_recall_at_{least:.0%}"] = float(recall)
    return {name: round(value, 4) for name, value in found.items()}


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that holds the public sets")
    parser.add_argument("out", type=Path, help="where to write")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of MPNet-base as published")
    parser.add_argument("--stories", type=Path, nargs="+", required=True, help="stories, one a line")
    parser.add_argument("--proposals", type=Path, required=True, help="what the reader proposes for them")
    parser.add_argument("--contrast", type=Path, help="folder of contrast sets")
    parser.add_argument("--rivals", type=Path, help="folder of rival statements")
    parser.add_argument("--start", type=Path, help="weights to begin from")
    parser.add_argument("--tokens", type=float, default=RECIPE.tokens, help="padded, over all batches")
    parser.add_argument("--rate", type=float, default=RECIPE.learning_rate, help="the highest one")
    parser.add_argument("--seed", type=int, default=RECIPE.seed)
    parser.add_argument("--next-round", action="store_true", help="leave the round that was begun")
    parser.add_argument(
        "--frozen", type=int, default=RECIPE.frozen, help="lower layers that keep their weights"
    )
    parser.add_argument("--dropout", type=float, default=RECIPE.dropout, help="share of what is dropped")
    parser.add_argument("--batch-tokens", type=int, default=RECIPE.batch_tokens, help="padded, of one batch")
    parser.add_argument("--end", type=float, default=math.inf, help="tokens after which to end already")
    given = parser.parse_args()
    recipe = replace(
        RECIPE,
        tokens=given.tokens,
        learning_rate=given.rate,
        seed=given.seed,
        frozen=given.frozen,
        dropout=given.dropout,
        batch_tokens=given.batch_tokens,
    )
    train(
        Sources(given.data, given.stories, given.proposals, given.contrast, given.rivals),
        given.out,
        recipe,
        encoder=given.encoder,
        start=given.start,
        next_round=given.next_round,
        end=given.end,
    )


if __name__ == "__main__":
    main()
