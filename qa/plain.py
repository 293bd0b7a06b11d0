"""Answers, outcomes and article lists as plain text for a terminal."""

import shutil
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from index.records import Article, Outcome
from qa.records import Answer, Citation, Conflict, ConflictCheck, Position
from qa.survey import Survey
from qa.verdict import HEDGES

NEAREST = 3  # passages shown when nothing answers


def answer_text(answer: Answer, names: Mapping[str, str] | None = None) -> str:
    """The answer with its sources, then the conflicts or what was compared to find none.

    To a yes/no question, what else says yes or no stands between them.
    `names` maps article ids to what to call them, for the passages.
    """
    names = names or {}
    lines: list[str] = []
    if answer.standalone_question != answer.question:
        lines += [f"Understood as: {_safe(answer.standalone_question)}", ""]
    if answer.status == "answered":
        first, *others = answer.citations
        told = next((stance(one) for one in answer.positions if first in one.citations), "")
        lines += [f"{told}:"] if told else []
        if first.quote != first.sentence:
            lines += [f"{_safe(answer.text)} (characters {first.start}-{first.end})", ""]
        lines += [*_quote(first.sentence), f"  {_source(first)}", f"  Confidence: {answer.confidence:.0%}"]
        for other in others:
            lines += ["", "Says the same:", *_quote(other.sentence), f"  {_source(other)}"]
        for position in answer.positions:
            if position.polarity in ("yes", "no") and first not in position.citations:
                lines += ["", *_position(position)]
    else:
        lines.append("The articles do not answer this.")
        if answer.passages:
            lines += ["", "Nearest passages:"]
        for passage in answer.passages[:NEAREST]:
            name = _safe(names.get(passage.article_id, passage.article_id))
            place = f"characters {passage.start}-{passage.end}"
            lines += [*_quote(_shorten(passage.text)), f"  — {name} · {place}"]
    return "\n".join([*lines, "", *_conflicts(answer.conflicts, answer.conflict_check)])


def survey_text(found: Survey) -> str:
    """What the articles of a library disagree on, or what was compared to find nothing."""
    return "\n".join(_conflicts(found.conflicts, found.check))


def stance(position: Position) -> str:
    """What a position says to a yes/no question: "Says no (denied)", "Does not settle it (planned)".

    "" to a question of another kind, and where only our rules are silent: a plain statement or a denial that
    they could not lay over the question may well settle it.
    """
    hedge = f" ({position.certainty})" if position.certainty in HEDGES else ""
    if position.polarity in ("yes", "no"):
        return f"Says {position.polarity}{hedge}"
    may_settle = not hedge or position.certainty == "denied"
    return "" if position.polarity is None or may_settle else f"Does not settle it{hedge}"


def outcome_text(outcome: Outcome) -> str:
    """One line on what became of one input."""
    reason = f": {outcome.reason}" if outcome.reason else ""
    return _safe(f"{outcome.status:9}  {outcome.source}{reason}")


def article_text(article: Article) -> str:
    """One line on an article: id, date, publisher, title or address."""
    published = article.published or "undated"
    return _safe(f"{article.id}  {published:10}  {article.publisher or '-'}  {article.title or article.uri}")


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
    update = " (possibly an update: the later article has another value)" if conflict.possible_update else ""
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


def _shorten(text: str) -> str:
    return textwrap.shorten(text, 240, placeholder=" …")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _safe(text: str) -> str:
    """Without what could steer a terminal: control characters, and marks that reverse reading order."""
    return "".join(
        {"Cc": " ", "Cf": ""}.get(unicodedata.category(character), character) for character in text
    )
