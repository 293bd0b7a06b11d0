"""Checks story files: `python -m eval.stories FILE... [--json OUT]` prints each fault, then what there is."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from eval.errors import GoldError
from eval.stories.reading import check_stories
from eval.stories.records import Story


def main(arguments: Sequence[str] | None = None) -> int:
    """0 for files without a fault, 1 for others, which are not written as JSON, 2 if one cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m eval.stories", description="Check story files.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the stories there, one a line")
    given = parser.parse_args(arguments)
    try:
        stories, faults = check_stories(given.files)
    except GoldError as error:
        print(error, file=sys.stderr)
        return 2
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(faults)} faults; {counts(stories)}")
    if given.json and not faults:
        lines = (json.dumps(story.to_dict(), ensure_ascii=False) + "\n" for story in stories)
        given.json.write_text("".join(lines), encoding="utf-8")
    return 1 if faults else 0


def counts(stories: Sequence[Story]) -> str:
    """How many stories, accounts, words, questions of each kind and relations of each label there are."""
    accounts = [account for story in stories for account in story.accounts]
    questions = [question for story in stories for question in story.questions]
    relations = [relation for question in questions for relation in question.relations]
    kinds = Counter(question.group for question in questions)
    labels = Counter(f"{one.label} {one.kind}" if one.kind else one.label for one in relations)
    return "\n".join(
        [
            f"{len(stories)} stories, {len(accounts)} accounts, "
            f"{sum(len(one.text.split()) for one in accounts)} words",
            f"{len(questions)} questions: {_list(kinds)}",
            f"{len(relations)} relations: {_list(labels)}",
        ]
    )


def _list(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items()))


if __name__ == "__main__":
    sys.exit(main())
