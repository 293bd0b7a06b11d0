"""Answers, outcomes and article lists as plain text for a terminal."""

import shutil
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping

from index.records import Article, Outcome
from qa.records import Answer, Citation, Conflict

NEAREST = 3  # passages shown when nothing answers


def answer_text(answer: Answer, names: Mapping[str, str] | None = None) -> str:
    """The answer with its sources, then the conflicts or what was compared to find none.

    `names` maps article ids to what to call them, for the passages.
    """
    names = names or {}
    lines: list[str] = []
    if answer.standalone_question != answer.question:
        lines += [f"Understood as: {_safe(answer.standalone_question)}", ""]
    if answer.status == "answered":
        first, *others = answer.citations
        lines += [*_quote(first.sentence), f"  {_source(first)}", f"  Confidence: {answer.confidence:.0%}"]
        for other in others:
            lines += ["", "Says the same:", *_quote(other.sentence), f"  {_source(other)}"]
    else:
        lines.append("The articles do not answer this.")
        if answer.passages:
            lines += ["", "Nearest passages:"]
        for passage in answer.passages[:NEAREST]:
            name = _safe(names.get(passage.article_id, passage.article_id))
            place = f"characters {passage.start}-{passage.end}"
            lines += [*_quote(_shorten(passage.text)), f"  — {name} · {place}"]
    return "\n".join([*lines, "", *_conflicts(answer)])


def outcome_text(outcome: Outcome) -> str:
    """One line on what became of one input."""
    reason = f": {outcome.reason}" if outcome.reason else ""
    return _safe(f"{outcome.status:9}  {outcome.source}{reason}")


def article_text(article: Article) -> str:
    """One line on an article: id, date, publisher, title or address."""
    published = article.published or "undated"
    return _safe(f"{article.id}  {published:10}  {article.publisher or '-'}  {article.title or article.uri}")


def _conflicts(answer: Answer) -> list[str]:
    check = answer.conflict_check
    if check.status == "not_checked":
        return [f"Conflicts: not checked, because {check.reason}."]
    pairs = f"{_count(check.pairs, 'pair')} of statements from {_count(check.sources, 'source')}"
    limit = f" Only {check.reason}." if check.reason else ""
    if not answer.conflicts:
        return [f"Conflicts: none found in {pairs}.{limit}"]
    lines = [f"Conflicts: {len(answer.conflicts)}, in {pairs}.{limit}"]
    for conflict in answer.conflicts:
        lines += ["", *_conflict(conflict)]
    return lines


def _conflict(conflict: Conflict) -> Iterable[str]:
    update = " (possibly an update: the later article has another value)" if conflict.possible_update else ""
    yield f"  {conflict.kind}: {_safe(conflict.explanation)}{update}"
    for statement in conflict.statements:
        yield from (f"  {line}" for line in _quote(statement.sentence))
        yield f"    {_source(statement)}"


def _quote(text: str) -> list[str]:
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    lines = textwrap.wrap(f"“{_safe(text)}”", width - 2, initial_indent="  ", subsequent_indent="  ")
    return lines or ["  “”"]


def _source(citation: Citation) -> str:
    name = citation.title or name_of(citation.uri)
    parts = [name, citation.publisher, citation.published, f"characters {citation.start}-{citation.end}"]
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
