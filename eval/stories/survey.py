"""What a survey finds of the conflicts and updates that are labelled in stories, each alone or all together.

Labels are of what was asked: a disagreement that no question is about is counted as wrong all the same, so
that the precision is a lower bound.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from eval.metrics import bootstrap_interval, percentile, ratio
from eval.stories.records import DISPUTES, Story
from eval.stories.run import Watch, open_shelf
from eval.stories.scoring import Source, holds
from qa.ask import ask, build_comparison
from qa.asking.each import LibraryAsk
from qa.comparison.model import Comparison
from qa.records import Citation, ConflictKind
from qa.settings import Settings
from qa.survey.disagreement import Disagreement


@dataclass(frozen=True, slots=True)
class Dispute:
    """A labelled conflict or update: what either source says to a question of the story, by its number."""

    question: int
    kind: ConflictKind | None
    said: tuple[tuple[Source, str], tuple[Source, str]]


@dataclass(frozen=True, slots=True)
class SurveyedStory:
    """A story's labelled disputes with whether each was found, and what was shown with whether it is one."""

    story: str
    disputes: tuple[tuple[Dispute, bool], ...]
    shown: tuple[tuple[Disagreement, bool], ...]
    milliseconds: float

    def to_dict(self, *, texts: bool = True) -> dict[str, Any]:
        """One row; without `texts` nothing of the accounts but figures and kinds."""
        row: dict[str, Any] = {
            "id": self.story,
            "disputes": [
                {"question": one.question, "kind": one.kind, "found": f} for one, f in self.disputes
            ],
            "shown": [{"kind": one.kind, "score": one.score, "right": right} for one, right in self.shown],
            "milliseconds": self.milliseconds,
        }
        if texts:
            for told, (one, _) in zip(row["shown"], self.shown, strict=True):
                told["explanation"] = one.conflict.explanation
                told["statements"] = [cited.sentence for cited in one.conflict.statements]
        return row


def survey_stories(
    stories: Sequence[Story],
    settings: Settings,
    *,
    together: bool = False,
    asking: bool = False,
    watch: Watch = iter,
) -> tuple[SurveyedStory, ...]:
    """Each story surveyed as a library of its own; `together`, one library of all.

    `asking`: a question is also asked about each statement. Raises GoldError where an account cannot be an
    article.
    """
    comparison = build_comparison(settings)
    asked = partial(ask, settings=settings) if asking else None
    if together:
        return _survey_together(stories, settings, comparison, asked)
    found = []
    for story in watch(stories):
        with open_shelf([story], settings) as shelf:
            started = time.perf_counter()
            shown = shelf.library.conflicts(comparison=comparison, ask=asked).disagreements
            milliseconds = 1000 * (time.perf_counter() - started)
            found.append(judge_survey(story, shown, shelf.sources, milliseconds))
    return tuple(found)


def _survey_together(
    stories: Sequence[Story], settings: Settings, comparison: Comparison | None, asked: LibraryAsk | None
) -> tuple[SurveyedStory, ...]:
    """What is shown counts for the story of its first statement; of two stories it is wrong."""
    with open_shelf(stories, settings) as shelf:
        started = time.perf_counter()
        shown = shelf.library.conflicts(comparison=comparison, ask=asked).disagreements
        milliseconds = 1000 * (time.perf_counter() - started) / max(1, len(stories))
        of: dict[str, list[Disagreement]] = defaultdict(list)
        for one in shown:
            of[shelf.sources[one.one.citations[0].article_id].story].append(one)
        return tuple(judge_survey(story, of[story.id], shelf.sources, milliseconds) for story in stories)


def judge_survey(
    story: Story, shown: Sequence[Disagreement], sources: Mapping[str, Source], milliseconds: float = 0.0
) -> SurveyedStory:
    """Holds what a survey shows against the story's labels; `sources` as in `judge_story_question`."""
    labelled = tuple(disputes_of(story))
    met = [[shows(one, dispute, sources) for dispute in labelled] for one in shown]
    found = [any(row[place] for row in met) for place in range(len(labelled))]
    return SurveyedStory(
        story.id,
        tuple(zip(labelled, found, strict=True)),
        tuple((one, any(row)) for one, row in zip(shown, met, strict=True)),
        milliseconds,
    )


def disputes_of(story: Story) -> Iterable[Dispute]:
    """All that is labelled as conflict or update, question by question."""
    for number, question in enumerate(story.questions):
        for relation in question.relations:
            if relation.label in DISPUTES:
                one, other = (
                    (Source(story.id, key), question.answers[key].text) for key in (relation.a, relation.b)
                )
                yield Dispute(number, relation.kind, (one, other))


def shows(one: Disagreement, dispute: Dispute, sources: Mapping[str, Source]) -> bool:
    """Whether the one side gives what one of the two sources says, and the other what the other says."""
    said, against = dispute.said
    return any(
        _gives(first, said, sources) and _gives(second, against, sources)
        for pair in product(one.one.citations, one.other.citations)
        for first, second in (pair, pair[::-1])
    )


def _gives(citation: Citation, said: tuple[Source, str], sources: Mapping[str, Source]) -> bool:
    return sources[citation.article_id] == said[0] and holds(citation, said[1])


def summarise_survey(surveyed: Sequence[SurveyedStory]) -> dict[str, Any]:
    """Metrics by name: recall over labelled disputes, precision over what is shown, with 95 % intervals."""
    recall = [(sum(found for _, found in one.disputes), len(one.disputes)) for one in surveyed]
    precision = [(sum(right for _, right in one.shown), len(one.shown)) for one in surveyed]
    every, got = Counter[str](), Counter[str]()
    for one in surveyed:
        for dispute, found in one.disputes:
            every[dispute.kind or ""] += 1
            got[dispute.kind or ""] += found
    milliseconds = [one.milliseconds for one in surveyed]
    return {
        "stories": len(surveyed),
        **_share("survey_recall", recall),
        **_share("survey_precision", precision),
        "survey_kinds": {kind: {"found": got[kind], "labelled": every[kind]} for kind in sorted(every)},
        **{f"ms_p{percent}": percentile(milliseconds, percent) for percent in (50, 95)},
    }


def _share(name: str, counted: Sequence[tuple[int, int]]) -> dict[str, Any]:
    parts, wholes = [part for part, _ in counted], [whole for _, whole in counted]
    return {
        name: ratio(sum(parts), sum(wholes)),
        f"{name}_of": sum(wholes),
        f"{name}_interval": bootstrap_interval(parts, wholes),
    }
