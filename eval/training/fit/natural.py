"""Natural questions from the web with what search brought for them, as stories that fits can ask.

Read from the public set in DATA/conflict, which the project does not carry; of it only the questions that no
model was trained on. Which snippets support which answer is what people said; a snippet that supports none
may hold one all the same, so that of pairs only those count whose two snippets were both said to answer.
"""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from eval.stories import Account, Relation, Story, StoryAnswer, StoryQuestion
from eval.training.judge_material import is_held_out_web, read_web
from qa.language.terms import terms

_KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def natural_stories(data: Path) -> list[Story]:
    """Each held-out question with two supporting snippets or more that hold their answer word for word."""
    told = [one for one in read_web(data) if is_held_out_web(one["question"])]
    made = [_story(number, one) for number, one in enumerate(told)]
    return [one for one in made if len(one.questions[0].answers) > 1]


def _story(number: int, one: Mapping[str, Any]) -> Story:
    accounts: list[Account] = []
    answers: dict[str, StoryAnswer] = {}
    of: dict[str, int] = {}
    supports = {at: which for which, said in enumerate(one["answers"]) for at in said["contexts"]}
    texts = {""}
    for at, text in enumerate(one["contexts"]):
        words = " ".join(terms(text))
        if len(accounts) == len(_KEYS) or words in texts:
            continue
        texts.add(words)
        key = _KEYS[len(accounts)]
        accounts.append(Account(key, f"{one['sources'][at]} ({key})", "", "", text))
        said = one["answers"][supports[at]]["text"] if at in supports else ""
        start = text.lower().find(said.lower()) if said else -1
        if start >= 0:
            answers[key] = StoryAnswer(text[start : start + len(said)], start, None)
            of[key] = supports[at]
    relations = tuple(
        Relation(a, b, "agree" if of[a] == of[b] else "conflict", None if of[a] == of[b] else "name")
        for a, b in combinations(sorted(answers), 2)
    )
    asked = one["question"]
    question = StoryQuestion("span", asked, asked, follow=False, answers=answers, relations=relations, line=0)
    return Story(f"natural-{number}", tuple(accounts), (question,), 0)
