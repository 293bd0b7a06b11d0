"""Answers, outcomes and article lists as plain text for a terminal."""

import shutil
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from index.records import Article, Outcome
from qa.conflicts.merging import merged
from qa.records import Answer, Citation, Conflict, ConflictCheck, Polarity, Position, Scope
from qa.survey.survey import Survey

# The second of the three steps in which an answer says how sure it is.
CLOSEST = "Closest statements — not sure that they answer"

STANCES: dict[Polarity, str] = {"yes": "Says yes", "no": "Says no", "open": "Leaves it open"}


def answer_text(answer: Answer) -> str:
    """The answer with its sources, or the closest statements, or that nothing was found; then the conflicts.

    To a yes/no question, what else has a sure verdict stands between them.
    """
    lines = [f"About: {_safe(', '.join(answer.about))}", ""] if answer.about else []
    lines += {"answered": _answered, "closest": _closest, "unanswered": _unanswered}[answer.status](answer)
    return "\n".join([*lines, "", *_conflicts(merged(answer), answer.conflict_check)])


def survey_text(found: Survey) -> str:
    """What the articles of a library disagree on, or what was compared to find nothing."""
    return "\n".join(_conflicts(found.conflicts, found.check))


def stance(position: Position) -> str:
    """What a position says to a yes/no question: "Says no"; "" where no verdict is sure enough."""
    return "" if position.polarity is None else STANCES[position.polarity]


def scope_text(scope: Scope) -> str:
    """What was read: "12 passages from 5 of 298 articles"; "" where that is not known."""
    if not scope.passages_read:
        return ""
    of = f"{scope.articles_read:,} of " if scope.articles_read < scope.articles else ""
    articles = max(scope.articles, scope.articles_read)
    return f"{_count(scope.passages_read, 'passage')} from {of}{_count(articles, 'article')}"


def nothing_found(scope: Scope) -> str:
    """The third of the three steps, in a sentence."""
    if not scope.passages_read:
        return "I found nothing: there was no article to read."
    passages, articles = _count(scope.passages_read, "passage"), _count(scope.articles, "article")
    return f"I found nothing in the {passages} read of {articles}."


def outcome_text(outcome: Outcome) -> str:
    """One line on what became of one input."""
    reason = f": {outcome.reason}" if outcome.reason else ""
    return _safe(f"{outcome.status:9}  {outcome.source}{reason}")


def article_text(article: Article) -> str:
    """One line on an article: id, date, publisher, title or address."""
    published = article.published or "undated"
    return _safe(f"{article.id}  {published:10}  {article.publisher or '-'}  {article.title or article.uri}")


def _answered(answer: Answer) -> list[str]:
    first, *others = answer.citations
    told = next((stance(one) for one in answer.positions if first in one.citations), "")
    lines = [f"{told}:"] if told else []
    if first.quote != first.sentence:
        lines += [f"{_safe(answer.text)} (characters {first.start}-{first.end})", ""]
    lines += [*_quote(first.sentence), f"  {_source(first)}", f"  Confidence: {answer.confidence:.0%}"]
    for other in others:
        lines += ["", "Says the same:", *_quote(other.sentence), f"  {_source(other)}"]
    for position in answer.positions:
        if position.polarity is not None and first not in position.citations:
            lines += ["", *_position(position)]
    return [*lines, *_read(answer.scope)]


def _closest(answer: Answer) -> list[str]:
    lines = [f"{CLOSEST}:"]
    for one in answer.closest:
        lines += ["", *_quote(one.sentence), f"  {_source(one)}"]
    return [*lines, *_read(answer.scope)]


def _unanswered(answer: Answer) -> list[str]:
    return [nothing_found(answer.scope)]


def _read(scope: Scope) -> list[str]:
    return ["", f"Read: {scope_text(scope)}."] if scope.passages_read else []


def _conflicts(conflicts: Sequence[Conflict], check: ConflictCheck) -> list[str]:
    if check.status == "not_checked":
        return [f"Conflicts: not checked, because {check.reason}."]
    pairs = f"{_count(check.pairs, 'pair')} of statements from {_count(check.sources, 'source')}"
    limit = f" Only {check.reason}." if check.reason else ""
    if not conflicts:
        return [f"Conflicts: none found in {pairs}.{limit}"]
    lines = [f"Conflicts: {len(conflicts)}, in {pairs}.{limit}"]
    for conflict in conflicts:
        lines += ["", *_conflict(conflict)]
    return lines


def _conflict(conflict: Conflict) -> Iterable[str]:
    later = " (possibly an update: the later report may tell of a newer state)"
    update = later if conflict.possible_update else ""
    within = " (within one article)" if conflict.within_article else ""
    yield f"  {conflict.kind}: {_safe(conflict.explanation)}{within}{update}"
    for number, side in enumerate(conflict.by_side()):
        if number:
            yield "    against"
        for statement in side:
            yield from (f"  {line}" for line in _quote(statement.sentence))
            yield f"    {_source(statement)}"


def _position(position: Position) -> Iterable[str]:
    yield f"{stance(position)}:"
    yield from _quote(position.citations[0].sentence)
    for citation in position.citations:
        yield f"  {_source(citation)}"


def _quote(text: str) -> list[str]:
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    lines = textwrap.wrap(f"“{_safe(text)}”", width - 2, initial_indent="  ", subsequent_indent="  ")
    return lines or ["  “”"]


def _source(citation: Citation) -> str:
    name = citation.title or name_of(citation.uri)
    place = f"characters {citation.sentence_start}-{citation.sentence_end}"  # of what is printed
    parts = [name, citation.publisher, citation.published, place]
    return "— " + _safe(" · ".join(part for part in parts if part))


def name_of(uri: str) -> str:
    """What to call a source without a title: the last part of its address."""
    return uri.rsplit("/", 1)[-1]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _safe(text: str) -> str:
    """Without what could steer a terminal: control characters, and marks that reverse reading order."""
    return "".join(
        {"Cc": " ", "Cf": ""}.get(unicodedata.category(character), character) for character in text
    )
