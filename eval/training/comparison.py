"""Train the bundled comparison model: stances to yes/no questions, and relations between statements.

    python -m eval.training.comparison DATA OUT --stories FILE [--contrast DIR] [--rivals DIR] [--after DIR]
                                    [--tokens 8e6] [--rate 1.2e-4] [--seed 1] [--dropout 0.1] [--end TOKENS]

reads the public sets in DATA/nli and DATA/qa, the stories in FILE (see `eval.training.reader`), contrast
sets (`eval.training.judgements.contrast`) and rival statements (`eval.training.judgements.rivals`), and
writes `comparison.safetensors` and `training.json` to OUT. It begins from the published encoder, or with
`--after` from the weights that lie in the folder DIR, of an earlier training or of
`eval.training.weights.restore`. It keeps checkpoints and goes on from them, as `eval.training.reader` does,
which also says what environment makes it faster. `eval.training.weights.ship` makes the bundled file.
"""

import argparse
import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from eval.metrics import auroc
from eval.training.data.examples import read_source
from eval.training.data.questions import is_held_out, read_stories
from eval.training.data.strangers import Strangers, statements_of
from eval.training.data.windows import batches
from eval.training.judgements.contrast import ContrastSet, contrast_judgements, read_parts
from eval.training.judgements.elsewhere import Elsewhere
from eval.training.judgements.judgement import (
    ANSWER,
    RELATION,
    STANCE,
    Judgement,
    answer_judgements,
    public_answers,
    public_judgements,
    redate,
    relation_judgements,
    stance_judgements,
)
from eval.training.judgements.literal import Literal
from eval.training.judgements.rivals import Rivals, rival_judgements
from eval.training.judgements.rivals import read_parts as read_rivals
from eval.training.loop import Recipe, Training, learn, published_encoder, say_aloud
from eval.training.models.comparison_network import (
    ComparisonNetwork,
    JudgementRow,
    begin,
    logits_of,
    loss,
    rows,
)
from eval.training.models.reader_network import save, take_shared
from eval.training.pairs.statements import MADE_FROM, PairMixture, read_data
from eval.training.reader import follow
from index.embed import open_embedder
from qa.comparison.model import PAIR_TOKENS, RELATIONS, STANCES

WEIGHTS_FILE = "comparison.safetensors"
RECIPE = Recipe(tokens=8e6, batch_tokens=4096, max_tokens=PAIR_TOKENS, learning_rate=1.2e-4, dropout=0.1)

# Tokens of public pairs, and of public questions, for each of a story's.
PUBLIC = 0.15
PUBLIC_ANSWERS = 0.1

# How often a round takes each contrast set, whose rows are short: in one order or the other, with its
# question or without; those of yes/no questions, which have the most pairs, once more, and those in which
# names conflict, since of the statements made by rule those with other names can all be true.
CONTRAST, YES_NO, NAMES = 2, 1, 3
# How often it takes each two statements that differ in a name alone.
RIVALS = 16

_OF_LITERAL = ("stance", "relation", "stance_answers_auroc")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the public sets lie, the stories, one a line, and contrast sets and rival statements, if any."""

    data: Path
    stories: Path
    contrast: Path | None = None
    rivals: Path | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What is trained on, or held out, of all that was written for it."""

    stories: Sequence[Mapping[str, Any]]
    contrast: Sequence[ContrastSet] = ()
    rivals: Sequence[Rivals] = ()


class ComparisonMaterial:
    """The batches of each round: the same ones every time."""

    def __init__(self, data: Path, written: Written, tokenizer: Tokenizer, recipe: Recipe) -> None:
        self._stories, self._contrast, self._rivals = written.stories, written.contrast, written.rivals
        self._strangers = Strangers(self._stories, open_embedder().embed)
        own = self._strangers.statements()
        self._sentences = [one.sentence for one in own]
        self._statements = [*own, *(each.statement for one in self._contrast for each in one.said)]
        texts = [one.sentence for one in self._statements]
        self._elsewhere, self._literal = Elsewhere(texts), Literal(texts)
        self._pairs = PairMixture(read_data(data), recipe.seed)
        self._examples = [one for name in MADE_FROM for one in read_source(data / "qa", name)]
        self._tokenizer = tokenizer
        self._recipe = recipe

    def round(self, number: int) -> list[list[JudgementRow]]:
        """The batches of round `number`."""
        draw = random.Random(f"comparison {self._recipe.seed} {number}")  # noqa: S311 - no secret
        told = judgements(self._stories, draw, self._strangers)
        own = rows(self._tokenizer, list(redate(told, draw)))
        tokens = sum(map(len, own))
        pairs = rows(self._tokenizer, public_judgements(self._pairs.round(number)))
        some = draw.sample(self._examples, min(len(self._examples), 4_000))
        answers = rows(self._tokenizer, list(public_answers(some, draw)))
        yes_no = [one for one in self._contrast if one.base is None]
        names = [one for one in self._contrast if any(said.kind == "name" for said in one.said)]
        taken = [*list(self._contrast) * CONTRAST, *yes_no * YES_NO, *names * NAMES]
        sets = contrast_judgements(taken, draw)
        sets += rival_judgements(list(self._rivals) * RIVALS, draw)
        sets += self._elsewhere.make([*told, *sets], self._sentences, draw)
        sets += self._literal.judgements(self._statements, draw)
        contrast = rows(self._tokenizer, list(redate(sets, draw)))
        public = [*_some(pairs, PUBLIC * tokens, draw), *_some(answers, PUBLIC_ANSWERS * tokens, draw)]
        return batches([*own, *contrast, *public], self._recipe.batch_tokens, draw)


def _some(made: list[JudgementRow], tokens: float, draw: random.Random) -> list[JudgementRow]:
    """Rows that hold about so many tokens, drawn."""
    draw.shuffle(made)
    totals = np.cumsum([len(row) for row in made])
    return made[: int((totals < tokens).sum())]


def judgements(
    stories: Sequence[Mapping[str, Any]],
    draw: random.Random,
    strangers: Strangers | None = None,
) -> list[Judgement]:
    """All that the stories give, of all tasks."""
    return [
        one
        for story in stories
        for one in (
            *stance_judgements(story, draw, strangers),
            *relation_judgements(story, draw, strangers),
            *answer_judgements(story, draw, strangers),
        )
    ]


def train(
    sources: Sources,
    out: Path,
    recipe: Recipe,
    *,
    encoder: Path | None = None,
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
    if after is not None:
        recipe = follow(recipe, after, WEIGHTS_FILE)
        take_shared(network, after / WEIGHTS_FILE)
    training: Training[JudgementRow] = Training(
        network, lambda made: loss(network, made, device), recipe, device, end
    )
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        training.resume(checkpoint)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    trained, held_out = read_written(sources)
    if not training.done:
        material = ComparisonMaterial(sources.data, trained, tokenizer, recipe)
        learn(training, material.round, checkpoint, checkpoint_steps, say)
    network.eval()
    save(network, out / WEIGHTS_FILE)
    report = judge(network, tokenizer, held_out, device)
    made = {"recipe": asdict(recipe), "progress": asdict(training.progress), "held_out": report}
    if after is not None:
        made["after"] = json.loads((after / "training.json").read_text(encoding="utf-8"))
    (out / "training.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    say(json.dumps(report, indent=1))


def read_written(sources: Sources) -> tuple[Written, Written]:
    """What is trained on, and what is held out: it chooses between trainings."""
    told = read_stories(sources.stories)
    sets, rivals = read_parts(sources.contrast), read_rivals(sources.rivals)
    trained = [one for one in told if not is_held_out(one["id"])]
    held_out = [one for one in told if is_held_out(one["id"])]
    return Written(trained, sets[0], rivals[0]), Written(held_out, sets[1], rivals[1])


def judge(
    network: ComparisonNetwork, tokenizer: Tokenizer, held_out: Written, device: torch.device
) -> dict[str, float]:
    """How the network judges what was held out, as `report_of` tells it.

    `literal_` are stories asked in their own words, `contrast_` and `rivals_` the figures of such statements;
    left out where there are none.
    """

    def report_on(made: list[Judgement]) -> dict[str, float]:
        return report_of(made, logits_of(network, rows(tokenizer, made), device)) if made else {}

    draw = random.Random(0)  # noqa: S311 - no secret
    literal = report_on(literal_judgements(held_out.stories))
    contrast = report_on(contrast_judgements(held_out.contrast, draw))
    report = report_on(held_out_judgements(held_out.stories))
    report |= {f"literal_{one}": literal[one] for one in _OF_LITERAL if literal}
    report |= {f"contrast_{name}": value for name, value in contrast.items()}
    rivals = list(rival_judgements(held_out.rivals, draw))
    if rivals:
        _, relation, _, _ = logits_of(network, rows(tokenizer, rivals), device)
        report |= {f"rivals_{name}": round(value, 4) for name, value in _conflicts(relation, rivals).items()}
    return report


def held_out_judgements(stories: Sequence[Mapping[str, Any]]) -> list[Judgement]:
    """What a model is judged by on these stories: the same each time."""
    return judgements(stories, random.Random(0))  # noqa: S311 - no secret


def literal_judgements(stories: Sequence[Mapping[str, Any]]) -> list[Judgement]:
    """The same of sentences of the stories that are asked for in their own words."""
    accounts = [account for story in stories for account in story["accounts"]]
    draw = random.Random(0)  # noqa: S311 - no secret
    told = [one for account in accounts for one in statements_of(account)]
    return list(Literal(account["text"] for account in accounts).judgements(told, draw))


def report_of(made: Sequence[Judgement], outputs: Sequence[NDArray[np.float32]]) -> dict[str, float]:
    """Shares of stances and relations judged right; how well answers and conflicts are told from the rest.

    `outputs` are those of `logits_of`, a row for each judgement.
    """
    stance, relation, kind, answers = outputs
    tasks, labels = np.array([one.task for one in made]), np.array([one.label for one in made])
    kinds = np.array([one.kind for one in made])
    report: dict[str, float] = {}
    mine = tasks == STANCE
    deciding = mine & (labels < STANCES.index("other"))
    report["stance"] = float(np.mean(stance[deciding, :3].argmax(1) == labels[deciding]))
    report |= _sure_verdicts(_softmax(stance[mine]), labels[mine])
    mine = tasks == RELATION
    report["relation"] = float(np.mean(relation[mine].argmax(1) == labels[mine]))
    report |= _conflicts(relation[mine], [one for one in made if one.task == RELATION])
    known = np.array([one.answers for one in made])
    for name, mine in (("answers_auroc", tasks == ANSWER), ("stance_answers_auroc", tasks == STANCE)):
        report[name] = auroc(answers[mine, 0].tolist(), (known[mine] == 1).tolist()) or 0.0
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


def _conflicts(logits: Any, made: Sequence[Judgement]) -> dict[str, float]:
    """How well what conflicts, or is an update, is told from the rest."""
    likely = _softmax(logits)
    against = likely[:, RELATIONS.index("conflict")] + likely[:, RELATIONS.index("update")]
    truly = np.array([one.label >= RELATIONS.index("conflict") for one in made])
    return {"conflict_auroc": auroc(against.tolist(), truly.tolist()) or 0.0, **_recall_at(against, truly)}


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
    parser.add_argument("--contrast", type=Path, help="folder of contrast sets")
    parser.add_argument("--rivals", type=Path, help="folder of rival statements")
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
        Sources(arguments.data, arguments.stories, arguments.contrast, arguments.rivals),
        arguments.out,
        recipe,
        after=arguments.after,
        end=arguments.end,
    )


if __name__ == "__main__":
    main()
