"""Answers that come back from where they were kept, held against the articles as they stand now.

Nothing that comes back is shown as an article's words unless the article says just that, there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from index.errors import ArticleNotFound
from index.records import Article
from qa.answer import MAX_QUESTION_CHARACTERS
from qa.app.html import words
from qa.app.shelf.catalogue import Catalogue
from qa.conflicts.copies import copies_among
from qa.conflicts.engine import shorten_quote
from qa.conflicts.independence import weigh
from qa.conflicts.timeline import timeline_of
from qa.export.text import source_of
from qa.notebook.checked import name_as_now
from qa.notebook.clippings import stands
from qa.records import (
    Answer,
    AnswerEvent,
    Citation,
    Conflict,
    ConflictCheck,
    Coverage,
    Overview,
    Passage,
    Position,
    Section,
    Timeline,
    Timings,
)

# More than an answer ever holds; a kept one that holds more is not ours.
MOST_OF_A_KIND = 500
MOST_COUNTED = 10**9
MOST_LETTERS = 8  # of a language's code

_LEFT_OUT = ConflictCheck("not_checked", reason="some of what was compared is no longer in this library")


class Articles:
    """The articles of a catalogue, each read once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._read: dict[str, Article | None] = {}

    def get(self, article_id: str) -> Article | None:
        """The article; None where there is none."""
        if article_id not in self._read:
            try:
                self._read[article_id] = self._catalogue.article(article_id)
            except ArticleNotFound:
                self._read[article_id] = None
        return self._read[article_id]


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What still stands of an answer, None where nothing does; `gone` names the sources of what does not."""

    answer: Answer | None
    gone: tuple[str, ...] = ()


def is_sound(answer: Answer) -> bool:
    """Whether the numbers of an answer are such as ours have: what is kept elsewhere may hold any."""
    kinds = (
        answer.citations, answer.positions, answer.conflicts, answer.passages, answer.closest, answer.about,
        answer.scope.publishers, *(one.citations for one in answer.positions),
        *(one.statements for one in answer.conflicts), _sections(answer),
        *(one.citations for one in _sections(answer)), answer.timeline.entries,
        answer.copies, *answer.copies, answer.events, *(one.article_ids for one in answer.events),
    )  # fmt: skip
    shares = (
        answer.confidence,
        *(one.score for one in answer.quotes()),
        *(one.score for one in answer.conflicts),
    )
    spent: Timings = answer.timings_ms
    scope: Coverage = answer.scope
    check = answer.conflict_check
    counted = (
        scope.articles, scope.articles_read, scope.passages_read, scope.library_articles, scope.undated,
        answer.timeline.undated, check.statements, check.sources, check.pairs, check.ruled_out,
        *(one.independent_sources for one in answer.positions),
        *(one.rank for one in answer.passages),
    )  # fmt: skip
    others = (
        spent.standalone, spent.retrieve, spent.read, spent.conflict, spent.total,
        *(one.score for one in answer.passages),
    )  # fmt: skip
    return (
        all(len(one) <= MOST_OF_A_KIND for one in kinds)
        and all(0 <= one <= 1 for one in shares)
        and all(0 <= one <= MOST_COUNTED for one in counted)
        and all(isfinite(one) for one in others)
        and (answer.status != "answered" or bool(answer.citations))
        and (answer.status != "closest" or bool(answer.closest))
        and all(len(one.heading) <= MAX_QUESTION_CHARACTERS for one in _sections(answer))
        and (answer.status == "overview") == (answer.overview is not None)
        and len(answer.language) <= MOST_LETTERS
        and not answer.further  # the app asks each question by itself
        and all(len(one.statements) >= 2 for one in answer.conflicts)
        and all(one.sides == () or set(one.sides) == {0, 1} for one in answer.conflicts)
        and all(bool(one.citations) for one in answer.positions)
    )


def recheck(answer: Answer, articles: Articles) -> Rechecked:
    """The answer with those of its quotes that stand in `articles`, named as these name themselves.

    An answer whose own words, or all of whose closest statements, are gone does not stand; nor an overview
    without any sentence, or without any of the conflicts that were asked for.
    """
    gone: dict[str, None] = {}

    def keep(citations: Iterable[Citation]) -> tuple[Citation, ...]:
        found = []
        for one in citations:
            if (known := _restate(one, articles.get(one.article_id))) is not None:
                found.append(known)
            else:
                gone[_name(one)] = None
        return tuple(found)

    cited, closest = keep(answer.citations), keep(answer.closest)
    positions = [replace(one, citations=keep(one.citations)) for one in answer.positions]
    conflicts = [replace(one, statements=keep(one.statements)) for one in answer.conflicts]
    overview = None
    if answer.overview is not None:
        sections = tuple(Section(one.heading, keep(one.citations)) for one in answer.overview.sections)
        overview = Overview(answer.overview.sort, sections)
        cited = tuple(one for section in sections for one in section.citations)
    kept = tuple(
        _explain(now)
        for now, then in zip(conflicts, answer.conflicts, strict=True)
        if len(now.statements) == len(then.statements)
    )
    was_checked = answer.conflict_check.status == "checked"
    checked = replace(
        answer,
        text=cited[0].quote if cited and overview is None else "",
        citations=cited,
        closest=closest,
        overview=overview,
        positions=tuple(_position(one) for one in positions if one.citations),
        conflicts=kept,
        # That nothing conflicts with what is left was said of all that was compared.
        conflict_check=_LEFT_OUT if gone and not kept and was_checked else answer.conflict_check,
        passages=tuple(_passage(one, articles.get(one.article_id)) for one in answer.passages),
    )
    checked = _weigh_anew(checked, articles)
    lost = (
        (answer.status == "answered" and (not cited or cited[0].quote != answer.text))
        or (answer.status == "closest" and not closest)
        or (overview is not None and bool(gone) and not cited and not checked.conflicts)
    )
    if lost and not gone and answer.citations:  # its text is not what it cites
        gone[_name(answer.citations[0])] = None
    return Rechecked(None if lost else checked, tuple(gone))


def _weigh_anew(answer: Answer, articles: Articles) -> Answer:
    """The answer with all that is made of its quotes: which are copies, who counts, what was said when."""
    ids = [one.article_id for one in replace(answer, timeline=Timeline()).quotes()]
    found = {one: article.text for one in ids if (article := articles.get(one)) is not None}
    copies = copies_among(ids, found) if answer.overview is None else ()
    positions = tuple(weigh(one, copies) for one in answer.positions)
    events = tuple(one for one in answer.events if _is_named_after_its_own(one, articles))
    return replace(answer, copies=copies, positions=positions, events=events, timeline=timeline_of(answer))


def _is_named_after_its_own(event: AnswerEvent, articles: Articles) -> bool:
    """Whether its articles are there, and its name is that of one of them: what is kept may hold any."""
    found = [articles.get(one) for one in event.article_ids]
    return all(found) and event.name in {one.name for one in found if one is not None}


def _sections(answer: Answer) -> tuple[Section, ...]:
    return answer.overview.sections if answer.overview is not None else ()


def _restate(one: Citation, article: Article | None) -> Citation | None:
    """The citation with what its article states of itself now; None where the words do not stand there."""
    if article is None or not stands(one, article.text):
        return None
    return name_as_now(one, article)


def _position(one: Position) -> Position:
    text = one.text if any(cited.quote == one.text for cited in one.citations) else one.citations[0].quote
    return replace(one, text=text)


def _explain(conflict: Conflict) -> Conflict:
    """The conflict with an explanation that is made of its own statements' words."""
    one, other, *_ = conflict.statements
    told = ("", "yes: ", "no: ", "open: ")
    ours = [
        f"{a}{shorten_quote(one.quote)} against {b}{shorten_quote(other.quote)}" for a in told for b in told
    ]
    return conflict if conflict.explanation in ours else replace(conflict, explanation=ours[0])


def _passage(one: Passage, article: Article | None) -> Passage:
    """The passage with its words cut from the article anew; without words where it is gone."""
    inside = article is not None and 0 <= one.start < one.end <= len(article.text)
    return replace(one, text=article.text[one.start : one.end] if article is not None and inside else "")


def _name(one: Citation) -> str:
    return words.shortened(source_of(one))


def gone_note(gone: Sequence[str], *, all_of_it: bool) -> str:
    """That quotes no longer stand in the library, and what to do; "" for none."""
    if not gone:
        return ""
    names = words.join_names([f"“{one}”" for one in gone], 3)
    if all_of_it:
        return (
            f"This answer quoted {names}, and these words are no longer in this library: the article "
            "was removed or changed. Ask again to see what the articles say now."
        )
    return f"What {names} said is left out: these words are no longer in this library."
