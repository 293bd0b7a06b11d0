"""How well articles are told apart by event: the accounts of stories in one library, grouped.

    python -m eval.stories.events [--part sealed ...] [--limit N] [--one-town] [--copies N] [--json]

puts the accounts of the stories of these parts, by default of all but those that train, into one library,
groups them by event, and holds the groups against the stories. Two accounts are rightly together where they
are of one story. A pair counts once, so that large stories weigh more; B-cubed (Bagga and Baldwin 1998)
counts each account once. `--one-town` lets all stories happen in eight towns, as in the archive of a local
paper, where the name that all articles share says nothing of the event. `--copies` adds so many near-copies
of the first account of each story, as papers print an agency's report; the figures are of the accounts alone.
"""

import argparse
import json
import re
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from eval.gold.sets import STORIES, StoryPart
from eval.stories.reading import read_stories
from eval.stories.records import Story
from eval.stories.run import open_shelf
from index.text.sentences import split
from qa.events.outlines import Outline, outline_articles
from qa.events.pairs import Company
from qa.events.repeats import group_articles
from qa.language.names import names_in
from qa.settings import Settings

TOWNS = (
    "Aldermoor",
    "Brenthaven",
    "Corrowick",
    "Dunmere",
    "Eastlyne",
    "Farrowby",
    "Gullport",
    "Hartsedge",
)
"""Where stories happen that are moved."""

_COPY = " copied "
_WORD = re.compile(r"[^\W\d_][\w'’-]+")
_PARTS: tuple[StoryPart, ...] = ("dev", "sealed", "rumours", "web")


@dataclass(frozen=True, slots=True, eq=False)
class ToldArticle:
    """An account as an article in outline, and the story that it tells."""

    story: str
    outline: Outline
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Pairs and accounts, counted: "right" pairs of those "grouped" together and of those "labelled" so.

    `precise` and `complete` are sums over accounts: of its group, how much is of its story, and of its story,
    how much stands in its group.
    """

    counts: Mapping[str, int]
    precise: float
    complete: float

    def to_dict(self) -> dict[str, Any]:
        """Precision, recall and F1 over pairs, and of B-cubed."""
        right, accounts = self.counts["right"], self.counts["accounts"]
        pairs = right / max(1, self.counts["grouped"]), right / max(1, self.counts["labelled"])
        cubed = self.precise / max(1, accounts), self.complete / max(1, accounts)
        return {
            **dict(zip(("pair_precision", "pair_recall", "pair_f1"), (*pairs, _f1(*pairs)), strict=True)),
            **dict(zip(("b3_precision", "b3_recall", "b3_f1"), (*cubed, _f1(*cubed)), strict=True)),
        }


def group_figures(stories: Sequence[str], groups: Sequence[Sequence[int]]) -> GroupFigures:
    """Groups of places, each place in one, against the story of each place."""
    group_of = {place: number for number, places in enumerate(groups) for place in places}
    sizes = Counter(group_of.values())
    told = Counter(stories)
    both = Counter((story, group_of[place]) for place, story in enumerate(stories))
    counts = {
        "accounts": len(stories),
        "right": _count_pairs(both),
        "grouped": _count_pairs(sizes),
        "labelled": _count_pairs(told),
    }
    precise = sum(many * many / sizes[number] for (_, number), many in both.items())
    complete = sum(many * many / told[story] for (story, _), many in both.items())
    return GroupFigures(counts, precise, complete)


def outline_stories(stories: Sequence[Story]) -> list[ToldArticle]:
    """All accounts of the stories, read and embedded in one library, by article id."""
    with open_shelf(stories, Settings()) as shelf:
        return [
            ToldArticle(source.story, one, _COPY in source.key)
            for one in outline_articles(shelf.library)
            for source in (shelf.sources[one.article_id],)
        ]


def with_copies(story: Story, many: int) -> Story:
    """The story with so many near-copies of its first account, each with a line of its own and one less."""
    first = story.accounts[0]
    spans = split(first.text.replace("\n", " "))
    copies = []
    for number in range(many):
        start, end = spans[number % len(spans)] if len(spans) > 1 else (0, 0)
        text = f"{first.text[:start]}{first.text[end:]}\nEdition {number} of this paper is out at noon."
        copies.append(replace(first, key=f"{first.key}{_COPY}{number}", text=text))
    return replace(story, accounts=(*story.accounts, *copies))


def town_of(story: str) -> str:
    """The town to which a story is moved, by its id."""
    return TOWNS[zlib.crc32(story.encode()) % len(TOWNS)]


def move(story: Story) -> Story:
    """The story in its town: the name that most of its accounts share is the town's, wherever it stands.

    It may have been a person's or a company's; grammar suffers little, and what is fitted here reads none.
    """
    texts = [f"{one.title}. {one.text}" for one in story.accounts]
    named = [{word for name in names_in(text) for word in _WORD.findall(name)} for text in texts]
    shared = Counter(word for each in named for word in each if word[0].isupper())
    if not shared:
        return story
    total = Counter(_WORD.findall(" ".join(texts)))
    name = min(shared, key=lambda word: (-shared[word], -total[word], word))
    said = re.compile(rf"\b{re.escape(name)}\b")
    town = town_of(story.id)
    accounts = [
        replace(one, title=said.sub(town, one.title), text=said.sub(town, one.text)) for one in story.accounts
    ]
    return replace(story, accounts=tuple(accounts))


def _count_pairs(sizes: Counter[Any]) -> int:
    return sum(many * (many - 1) // 2 for many in sizes.values())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.stories.events", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--part", nargs="+", choices=get_args(StoryPart), default=_PARTS)
    parser.add_argument("--limit", type=int, help="so many stories of each part at most")
    parser.add_argument("--one-town", action="store_true", help="let all stories happen in eight towns")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--copies", type=int, default=0, metavar="N", help="near-copies of each first account"
    )
    given = parser.parse_args(arguments)
    stories = [one for part in given.part for one in read_stories(STORIES[part].file)[: given.limit]]
    if given.one_town:
        stories = [move(one) for one in stories]
    articles = outline_stories([with_copies(one, given.copies) for one in stories])
    started = time.perf_counter()
    groups = [one.places for one in group_articles([one.outline for one in articles])]
    seconds = time.perf_counter() - started
    number_of = {place: number for number, places in enumerate(groups) for place in places}
    own = [place for place, one in enumerate(articles) if not one.is_copy]
    kept: dict[int, list[int]] = defaultdict(list)
    for at, place in enumerate(own):
        kept[number_of[place]].append(at)
    told = [articles[place].story for place in own]
    figures = group_figures(told, [*kept.values()])
    company = Company([articles[place].outline for place in own])
    looked_at = sum(told[one] == told[other] for one, other in company.looked_at.tolist())
    found = {
        "stories": len(stories),
        "articles": len(articles),
        "events": len(groups),
        **figures.to_dict(),
        "looked_at": looked_at / max(1, figures.counts["labelled"]),
        "pairs_an_article": len(company.looked_at) / max(1, len(own)),
        "seconds": seconds,
    }
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        print(*(f"{name:>18}  {round(value, 3)}" for name, value in found.items()), sep="\n")


if __name__ == "__main__":
    main()
