"""Fit every number that was fitted, in order, and write them to one file that the product reads.

    python -m eval.training.fit [--data DIR] [--limit N] [--report runs/fit.json] [--only PART ...]

asks the held-out stories of the training part, which no model was trained on: the reader's weights first,
then how probably a sentence answers with the small comparison model and with the judge, then conflicts and
verdicts, then the survey. Each step reads what those before it wrote. Which articles tell of one event is
fitted last, on all stories of the training part. The file names the SHA-256 of the models it belongs to. Then
`python -m eval.training.fit.requests --write` fits what tells requests from questions, which hears the
embedder alone.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from eval.gold.sets import STORIES
from eval.stories import Story, read_stories
from eval.training.fit import answers, comparison, events, reader, survey
from eval.training.fit.held_out import held_out_stories
from eval.training.fit.natural import natural_stories
from qa.ask import build_models
from qa.question.kinds import Kind
from qa.reader.reader import SpanReader
from qa.reader.span_model import BundledSpanModel
from qa.settings import Settings
from qa.stages import Models
from qa.weights.fitted import FILE, load_fitted, shipped_models

PARTS = ("reader", "small", "judge", "survey", "events")


class Writer:
    """The file in the making: each step's numbers are written, and read by the next."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def put(self, **numbers: Any) -> None:
        """Writes these; of thresholds only those named change."""
        thresholds = {**self.told["thresholds"], **numbers.pop("thresholds", {})}
        self.told |= {**numbers, "thresholds": dict(sorted(thresholds.items())), "models": shipped_models()}
        self.file.write_text(json.dumps(self.told, indent=1) + "\n", encoding="utf-8")
        load_fitted.cache_clear()


def fit_reader(stories: Sequence[Story], writer: Writer) -> dict[str, Any]:
    """That a sentence answers, as the reader alone sees it."""
    asked = reader.gather(stories, SpanReader(BundledSpanModel()), Settings())
    weights = {kind: reader.fit([one for one in asked if one.kind == kind]) for kind in get_args(Kind)}
    writer.put(reader={kind: _round(values) for kind, values in weights.items()})
    return reader.report(asked, weights)


def fit_answers(
    stories: Sequence[Story], natural: Sequence[Story], writer: Writer, *, judged: bool
) -> dict[str, Any]:
    """Answers, conflicts and verdicts, with the judge or without; conflicts on natural questions too."""
    settings = Settings(judge="bundled" if judged else "small")
    models: Models = build_models(settings)
    before = "judged_" if judged else ""
    rows = answers.gather(stories, models, settings)
    if judged:
        stand = answers.fit_stand(rows)
        writer.put(stand=stand)
        rows = [answers.with_stands(one, stand) for one in rows]
    crossed = answers.cross_fit(rows)
    weights = answers.fit_kinds(rows)
    thresholds = answers.choose_thresholds(crossed)
    writer.put(
        **{"judgement" if judged else "reranking": {kind: _round(one) for kind, one in weights.items()}},
        thresholds={f"{before}{name}": value for name, value in thresholds.items()},
    )
    own = [one for one in crossed if len(one.sources) == len(one.story.accounts)]
    asked = answers.gather(natural, models, settings, together=0.0) if natural else []
    own += [answers.rescore(one, weights) for one in asked]
    gathered = comparison.gather(own, models, settings)
    scores = comparison.scores_of(gathered.pairs)
    chosen = comparison.choose_thresholds(gathered, scores, thresholds["answered"])
    writer.put(
        **{f"{before}conflict": comparison.weights_of(gathered.pairs)},
        thresholds={f"{before}{name}": value for name, value in chosen.items()},
    )
    return {
        "answers": answers.report_of(crossed),
        "chosen": thresholds | chosen,
        "conflicts": comparison.report(gathered, scores, chosen),
        "verdicts": comparison.verdict_report(gathered.verdicts),
    }


def fit_events(limit: int | None, writer: Writer) -> dict[str, Any]:
    """That two articles tell of one event, on all stories of the training part: no model learnt from them."""
    found = events.fit_events(read_stories(STORIES["train"].file)[:limit])
    writer.put(event=found.weights, thresholds=found.thresholds)
    return found.report


def _round(values: Any) -> list[float]:
    return [round(float(one), 4) for one in values]


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--data", type=Path, help="folder of the public sets, whose natural questions it asks"
    )
    parser.add_argument("--limit", type=int, help="so many stories of each kind at most")
    parser.add_argument("--report", type=Path, help="where to write what came of it, as JSON")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to fit anew")
    given = parser.parse_args()
    stories = held_out_stories(None, given.limit)
    natural = natural_stories(given.data)[: given.limit] if given.data else []
    writer = Writer(FILE)
    told: dict[str, Any] = {"stories": len(stories), "natural questions": len(natural)}
    for part in given.only:
        if part == "reader":
            told[part] = fit_reader(stories, writer)
        elif part == "survey":
            told[part] = {}
            for judged in (False, True):
                found = survey.fit_survey(stories, judged=judged)
                writer.put(**found.numbers, thresholds=found.thresholds)
                told[part]["judged" if judged else "small"] = found.report
        elif part == "events":
            told[part] = fit_events(given.limit, writer)
        else:
            told[part] = fit_answers(stories, natural, writer, judged=part == "judge")
        print(json.dumps({part: told[part]}, indent=1), flush=True)
    if given.report:
        given.report.parent.mkdir(parents=True, exist_ok=True)
        given.report.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
