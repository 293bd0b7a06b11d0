"""Train the bundled comparison model: stances to yes/no questions, and relations between statements.

    python -m eval.train.comparison DATA OUT --stories FILE [--entailment DIR | --after DIR] [--tokens 8e6]
                                    [--rate 1.2e-4] [--seed 1] [--dropout 0.1] [--end TOKENS]

reads the public sets in DATA/nli and DATA/qa and the stories in FILE (see `eval.train.reader`), and writes
`comparison.safetensors` and `training.json` to OUT. It begins from the entailment model whose weights lie in
DIR, or from an earlier training of its own. It keeps checkpoints and goes on from them, as
`eval.train.reader` does, which also says what environment makes it faster. `eval.train.ship_comparison`
makes the bundled file.
"""

import argparse
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from eval.metrics import auroc
from eval.train.comparison_data import (
    RELATION,
    STANCE,
    Judgement,
    public_judgements,
    relation_judgements,
    stance_judgements,
)
from eval.train.comparison_network import (
    ComparisonNetwork,
    JudgementRow,
    begin,
    logits_of,
    loss,
    rows,
    take_entailment,
)
from eval.train.network import save, take_shared
from eval.train.questions import is_held_out, read_stories
from eval.train.reader import checksum, following
from eval.train.statements import PairMixture, read_data
from eval.train.training import Recipe, Training, learn, published_encoder, say_aloud
from eval.train.windows import batches
from qa.comparison import PAIR_TOKENS, RELATIONS, STANCES

WEIGHTS_FILE = "comparison.safetensors"
RECIPE = Recipe(tokens=8e6, batch_tokens=4096, max_tokens=PAIR_TOKENS, learning_rate=1.2e-4, dropout=0.1)

# Tokens of public pairs for each of a story's.
PUBLIC = 0.25


class ComparisonMaterial:
    """The batches of each round: the same ones every time."""

    def __init__(
        self, data: Path, stories: Sequence[Mapping[str, Any]], tokenizer: Tokenizer, recipe: Recipe
    ) -> None:
        self._stories = [one for one in stories if not is_held_out(one["id"])]
        self._public = PairMixture(read_data(data), recipe.seed)
        self._tokenizer = tokenizer
        self._recipe = recipe

    def round(self, number: int) -> list[list[JudgementRow]]:
        """The batches of round `number`."""
        draw = random.Random(f"comparison {self._recipe.seed} {number}")  # noqa: S311 - no secret
        own = rows(self._tokenizer, judgements(self._stories, draw))
        public = rows(self._tokenizer, public_judgements(self._public.round(number)))
        draw.shuffle(public)
        wanted = PUBLIC * sum(map(len, own))
        totals = np.cumsum([len(row) for row in public])
        return batches([*own, *public[: int((totals < wanted).sum())]], self._recipe.batch_tokens, draw)


def judgements(stories: Sequence[Mapping[str, Any]], draw: random.Random) -> list[Judgement]:
    """All that the stories give, of both tasks."""
    return [
        one
        for story in stories
        for one in (*stance_judgements(story, draw), *relation_judgements(story, draw))
    ]


def train(
    data: Path,
    stories: Path,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path | None = None,
    entailment: Path | None = None,
    after: Path | None = None,
    checkpoint_steps: int = 100,
    end: float = math.inf,
    say: Callable[[str], None] = say_aloud,
) -> None:
    """As the command line above. `encoder`: its folder, if not the published; `say` is told each 25 steps."""
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = encoder or published_encoder()
    torch.manual_seed(recipe.seed)
    network = begin(folder, recipe.dropout)
    if entailment is not None:
        file = entailment / "entailment.safetensors"
        recipe = replace(recipe, begun_from=checksum(file))
        take_entailment(network, file)
    if after is not None:
        recipe = following(recipe, after, WEIGHTS_FILE)
        take_shared(network, after / WEIGHTS_FILE)
    training: Training[JudgementRow] = Training(
        network, lambda made: loss(network, made, device), recipe, device, end
    )
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        training.resume(checkpoint)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    told = read_stories(stories)
    if not training.done:
        material = ComparisonMaterial(data, told, tokenizer, recipe)
        learn(training, material.round, checkpoint, checkpoint_steps, say)
    network.eval()
    save(network, out / WEIGHTS_FILE)
    report = judge(network, tokenizer, [one for one in told if is_held_out(one["id"])], device)
    made = {"recipe": asdict(recipe), "progress": asdict(training.progress), "held_out": report}
    if after is not None:
        made["after"] = json.loads((after / "training.json").read_text(encoding="utf-8"))
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    say(json.dumps(report, indent=1))


def judge(
    network: ComparisonNetwork,
    tokenizer: Tokenizer,
    stories: Sequence[Mapping[str, Any]],
    device: torch.device,
) -> dict[str, float]:
    """Shares of stances and relations judged right; how well conflicts and updates are told from the rest."""
    made = judgements(stories, random.Random(0))  # noqa: S311 - no secret
    stance, relation, kind = logits_of(network, rows(tokenizer, made), device)
    tasks, labels = np.array([one.task for one in made]), np.array([one.label for one in made])
    kinds = np.array([one.kind for one in made])
    report: dict[str, float] = {}
    mine = tasks == STANCE
    deciding = mine & (labels < STANCES.index("other"))
    report["stance"] = float(np.mean(stance[deciding, :3].argmax(1) == labels[deciding]))
    report |= _sure_verdicts(_softmax(stance[mine]), labels[mine])
    mine = tasks == RELATION
    likely = _softmax(relation[mine])
    report["relation"] = float(np.mean(likely.argmax(1) == labels[mine]))
    against = likely[:, RELATIONS.index("conflict")] + likely[:, RELATIONS.index("update")]
    truly = labels[mine] >= RELATIONS.index("conflict")
    report["conflict_auroc"] = auroc(against.tolist(), truly.tolist()) or 0.0
    report |= _recall_at(against, truly)
    report["kind"] = float(np.mean(kind[kinds >= 0].argmax(1) == kinds[kinds >= 0]))
    return {name: round(value, 4) for name, value in report.items()}


def _softmax(logits: Any) -> Any:
    likely = np.exp(logits - logits.max(1, keepdims=True))
    return likely / likely.sum(1, keepdims=True)


def _sure_verdicts(likely: Any, labels: Any) -> dict[str, float]:
    """How many of the deciding statements get a verdict when 85 % of those shown are right, by the surest."""
    order = np.argsort(-likely[:, :3].max(1), kind="stable")
    right = (likely[:, :3].argmax(1) == labels)[order]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    shown = np.flatnonzero(precision >= 0.85)
    deciding = labels < STANCES.index("other")
    count = deciding[order][: shown[-1] + 1].sum() if shown.size else 0
    return {"verdicts_at_85": float(count / max(1, deciding.sum()))}


def _recall_at(scores: Any, truly: Any) -> dict[str, float]:
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(truly[order])
    precision = found / np.arange(1, len(found) + 1)
    made = {"conflict_ap": float((precision * truly[order]).sum() / max(1, truly.sum()))}
    for least in (0.8, 0.9):
        places = np.flatnonzero(precision >= least)
        recall = found[places[-1]] / truly.sum() if places.size else 0.0
        made[f"conflict_recall_at_{least:.0%}"] = float(recall)
    return made


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder that holds the public sets in nli/ and qa/")
    parser.add_argument("out", type=Path, help="where to write")
    parser.add_argument("--stories", type=Path, required=True, help="stories, one a line")
    parser.add_argument("--entailment", type=Path, help="folder of the entailment model to begin from")
    parser.add_argument("--after", type=Path, help="folder of an earlier training to begin from")
    parser.add_argument("--tokens", type=float, default=RECIPE.tokens, help="padded, over all batches")
    parser.add_argument("--rate", type=float, default=RECIPE.learning_rate, help="the highest one")
    parser.add_argument("--seed", type=int, default=RECIPE.seed)
    parser.add_argument("--dropout", type=float, default=RECIPE.dropout, help="share of what is dropped")
    parser.add_argument("--end", type=float, default=math.inf, help="tokens after which to end already")
    arguments = parser.parse_args()
    recipe = replace(
        RECIPE,
        tokens=arguments.tokens,
        learning_rate=arguments.rate,
        seed=arguments.seed,
        dropout=arguments.dropout,
    )
    train(
        arguments.data,
        arguments.stories,
        arguments.out,
        recipe,
        entailment=arguments.entailment,
        after=arguments.after,
        end=arguments.end,
    )


if __name__ == "__main__":
    main()
