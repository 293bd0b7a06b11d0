"""Fits what tells the language of a question (`qa.question.languages`), and tells what it gets wrong.

    python -m eval.training.fit.languages [--write]

The questions are `languages.txt`, of our own, and of the stories' training part for English. It is fitted
on half of each and told on the other half; the margin is a tenth more than the most that an English
question held out comes to. What is then fitted on all is told on the sealed stories, the web's, the rumours
and the gold questions, of which none may be taken for another language.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from eval.gold.sets import STORIES
from eval.training.fit.requests import gold_questions, read_requests, story_questions
from qa.question.languages import ENGLISH, FILE, Languages, LanguageWeights, runs_of, write_languages
from qa.question.requests import WEIGHTS

LINES = Path(__file__).resolve().parent / "languages.txt"
_ADDED = 0.3  # to each count: what was never seen is rare, not impossible
_LEAST = 2  # of English questions, in which a run is to stand
_SLACK = 1.1

Texts = Mapping[str, Sequence[str]]


def read_languages(path: Path = LINES) -> dict[str, list[str]]:
    """The questions by language."""
    found: dict[str, list[str]] = {}
    name = ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("=== "):
            name = line[4:]
        elif line and not line.startswith("#"):
            found.setdefault(name, []).append(line)
    return found


def fit(texts: Texts) -> LanguageWeights:
    """Weights without a margin. Of English only runs that another language has, or that are not rare."""
    counted = {name: Counter(run for text in lines for run in runs_of(text)) for name, lines in texts.items()}
    others = {run for name, runs in counted.items() if name != ENGLISH for run in runs}
    runs = sorted(others | {run for run, many in counted[ENGLISH].items() if many >= _LEAST * 5})
    rows = np.array([[counted[name][run] for name in counted] for run in runs], np.float64)
    own = [name != ENGLISH for name in counted]
    # Each language has as much to say as the others: what is counted is a share of its own text.
    shares = rows / rows.sum(0) + _ADDED / rows[:, own].sum(0).mean()
    return LanguageWeights(tuple(counted), tuple(runs), np.log(shares / shares.sum(0)), 0.0)


def beyond_english(languages: Languages, names: Sequence[str], text: str) -> float:
    """By how much the likeliest other language is likelier than English."""
    scores = languages.measure(text)
    english = names.index(ENGLISH)
    return float(np.delete(scores, english).max() - scores[english])


def main() -> None:
    """Prints what came of it as one JSON object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the weights into qa/weights")
    arguments = parser.parse_args()
    asked = [one.text for one in (*story_questions(STORIES["train"].file), *read_requests())]
    texts = {ENGLISH: asked, **read_languages()}
    half = fit({name: lines[::2] for name, lines in texts.items()})
    judged = Languages(half)
    most = max(beyond_english(judged, half.languages, one) for one in asked[1::2])
    margin = round(max(most, 1.0) * _SLACK, 2)
    known = Languages(replace(half, margin=margin))
    told = {
        name: dict(Counter(map(known.recognise, lines[1::2])))
        for name, lines in texts.items()
        if name != ENGLISH
    }
    weights = replace(fit(texts), margin=margin)
    final = Languages(weights)
    unseen = [
        one.text for part in ("sealed", "web", "rumours") for one in story_questions(STORIES[part].file)
    ]
    unseen += [one.text for one in gold_questions()]
    wrong = [one for one in unseen if final.recognise(one) != ENGLISH]
    print(
        json.dumps(
            {
                "margin": margin,
                "most of an English question held out": round(most, 2),
                "held out": told,
                "English questions not fitted on": len(unseen),
                "taken for another language": len(wrong),
                "beyond English at most": round(
                    max(beyond_english(final, weights.languages, one) for one in unseen), 2
                ),
            },
            indent=1,
            ensure_ascii=False,
        )
    )
    if arguments.write:
        write_languages(WEIGHTS / FILE, weights)


if __name__ == "__main__":
    main()
