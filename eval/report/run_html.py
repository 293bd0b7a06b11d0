"""A run as HTML for the app: figures with what they mean, pictures, and what went wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.cases import Case
from eval.pairs.judging import JudgedPair
from eval.report.history import Kept
from eval.report.metric_help import Figure, figures
from eval.report.report import FAILURES_SHOWN, pictures_of
from eval.report.table import Grid, Section, pair_sections, sections, story_grids
from eval.run import Measured
from qa.app.html import words
from qa.app.html.render import escape, isolate

SEALED = "Nobody is to read this set, so that it stays a fair test: only figures are shown."


def when(run: Kept) -> str:
    """A run by its time and version: "3 July 2026, 14:05 UTC, Whosays 0.1.0"."""
    return f"{words.date(run.date)}, {run.date[11:16]} UTC, Whosays {run.version}"


def figure_tables(run: Kept, earlier: Kept | None) -> str:
    """All figures of a run under their headings, each with its meaning; against those of an earlier one."""
    versus = f" against that of {escape(when(earlier))}" if earlier else ""
    tables = "".join(
        _table(title, found, compared=earlier is not None)
        for title, found in figures(run.metrics, earlier.metrics if earlier else None).items()
    )
    parts = [*sections({"kinds": run.metrics.get("kinds", {})}), *pair_sections(run.metrics)]
    commit = f", commit {escape(run.commit[:12])}" if run.commit != "unknown" else ""
    return (
        f'<h2 id="figures">Figures</h2><p class="soft">The run of {escape(when(run))}{commit}{versus}.</p>'
        f"{tables}{''.join(_part(one) for one in parts)}"
        f"{''.join(_grid(one) for one in story_grids(run.metrics))}"
    )


def pictures(measured: Measured) -> str:
    """The plots of a run, nothing where it has nothing to draw."""
    drawn = "".join(
        f'<figure role="img" aria-label="{escape(caption)}"><figcaption>{escape(caption)}</figcaption>'
        f"{svg}</figure>"
        for caption, svg in pictures_of(measured.metrics, measured.cases)
    )
    return f'<h2>Pictures</h2><div class="pictures">{drawn}</div>' if drawn else ""


def failures(measured: Measured, *, sealed: bool) -> str:
    """What went wrong, item by item; of a sealed set only how much did."""
    wrong = [case for case in measured.cases if not case.right]
    wrong_pairs = [pair for pair in measured.pairs if not pair.right]
    of = words.count(len(measured.cases), "question") if measured.cases else f"{len(measured.pairs):,} pairs"
    heading = f"<h2>What went wrong: {len(wrong) + len(wrong_pairs):,} of {escape(of)}</h2>"
    if sealed:
        return f'{heading}<p class="soft">{SEALED}</p>'
    if not (wrong or wrong_pairs):
        return f"{heading}<p>Everything went right.</p>"
    rows = [_case(one) for one in wrong[:FAILURES_SHOWN]] + [
        _pair(one) for one in wrong_pairs[:FAILURES_SHOWN]
    ]
    rest = len(wrong) + len(wrong_pairs) - len(rows)
    more = f'<p class="soft">{rest:,} more are not shown; “whosays eval” writes all.</p>' if rest > 0 else ""
    return f'{heading}<ol class="failures">{"".join(rows)}</ol>{more}'


def _table(title: str, found: Sequence[Figure], *, compared: bool) -> str:
    more = '<th scope="col">Earlier</th><th scope="col">Difference</th>' if compared else ""
    rows = "".join(_row(one, compared=compared) for one in found)
    return (
        f'<table class="figures"><thead><tr><th scope="col">{escape(title)}</th><th scope="col">This run</th>'
        f"{more}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(one: Figure, *, compared: bool) -> str:
    told = f' <span class="spoken">({one.change})</span>' if one.change else ""
    versus = f'<td>{escape(one.earlier)}</td><td class="{one.change}">{escape(one.difference)}{told}</td>'
    return (
        f'<tr><th scope="row">{escape(one.label)}<span class="meaning">{escape(one.meaning)}</span></th>'
        f"<td>{escape(one.value)}</td>{versus if compared else ''}</tr>"
    )


def _part(section: Section) -> str:
    rows = "".join(
        f'<tr><th scope="row">{isolate(label.replace("_", " "))}</th><td>{escape(value)}</td></tr>'
        for label, value in section.figures
    )
    return (
        f'<table class="figures"><thead><tr><th scope="col">{escape(section.title)}</th>'
        f'<th scope="col">This run</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _grid(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in grid.columns)
    told = ((name, "".join(f"<td>{escape(value)}</td>" for value in values)) for name, values in grid.rows)
    rows = "".join(f'<tr><th scope="row">{isolate(name)}</th>{cells}</tr>' for name, cells in told)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(grid.title)}">'
        f'<table class="figures"><thead><tr><th scope="col">{escape(grid.title)}</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _case(case: Case) -> str:
    expected = " / ".join(case.golds) or "no answer: the articles do not say"
    got = case.text if case.answered else "no answer"
    facts = {"Expected": expected, "Got": got, "Confidence": words.percent(case.confidence)}
    return _failure(case.question, f"{case.id}, {case.kind}", facts)


def _pair(judged: JudgedPair) -> str:
    pair = judged.pair
    expected = (
        f"a conflict: {pair.kind}" if pair.kind else f"no conflict ({str(pair.trap).replace('_', ' ')})"
    )
    got = f"{judged.found}: {judged.explanation}" if judged.found else "no conflict"
    facts = {
        pair.one.article: f"“{pair.one.quote}”",
        f"{pair.other.article} ": f"“{pair.other.quote}”",  # one article may hold both
        "Expected": expected,
        "Got": got if judged.checked else "not compared",
        "Score": f"{judged.score:.2f}",
    }
    return _failure(pair.question, pair.id, facts)


def _failure(question: str, facts_line: str, facts: Mapping[str, Any]) -> str:
    items = "".join(
        f"<dt>{isolate(name)}</dt><dd>{isolate(str(value))}</dd>" for name, value in facts.items()
    )
    return f'<li><h3>{isolate(question)}</h3><p class="soft">{isolate(facts_line)}</p><dl>{items}</dl></li>'
