"""Metrics for a person to read: sections of labelled figures, the same on the terminal and in the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_Unit = Literal["count", "share", "percent", "number", "ms", "words", "interval"]

FUNNEL = "Funnel: "
"""What the headings of the stages of an answer begin with."""

LABELS: Mapping[str, tuple[tuple[str, str, _Unit], ...]] = {
    "Answers": (
        ("questions", "questions", "count"),
        ("answer_accuracy", "right, or rightly refused", "share"),
        ("answer_hit", "answerable: answer in the text shown", "share"),
        ("evidence_hit", "answerable: gold evidence cited", "share"),
        ("exact_match", "exact match", "percent"),
        ("f1", "F1", "percent"),
        ("has_answer_exact_match", "exact match, answerable", "percent"),
        ("has_answer_f1", "F1, answerable", "percent"),
        ("answer_words", "words per answer, median", "words"),
    ),
    "Abstention": (
        ("no_answer_accuracy", "unanswerable: refused", "percent"),
        ("answered_though_unanswerable", "answered though unanswerable", "share"),
        ("refused_though_answerable", "refused though answerable", "share"),
        ("auroc", "AUROC of confidence", "number"),
        ("calibration_error", "expected calibration error", "number"),
    ),
    "Sources": (
        ("citation_precision", "citation precision", "share"),
        ("misquotes", "quotes that are not verbatim", "count"),
        ("recall@1", "evidence in passage 1", "share"),
        ("recall@5", "evidence in passages 1 to 5", "share"),
        ("recall@10", "evidence in passages 1 to 10", "share"),
        ("recall@20", "evidence in passages 1 to 20", "share"),
        ("mrr", "mean reciprocal rank", "number"),
    ),
    "Conflicts": (
        ("conflict_precision", "conflicts: precision", "share"),
        ("conflict_recall", "conflicts: recall", "share"),
        ("conflict_f1", "conflicts: F1", "share"),
        ("conflict_kind_accuracy", "right conflicts of the right kind", "share"),
        ("statement_precision", "statements: precision", "share"),
        ("statement_recall", "statements: recall", "share"),
        ("statement_f1", "statements: F1", "share"),
        ("every_side_shown", "disputed questions with every side shown", "share"),
        ("false_alarms", "agreed questions with a conflict shown", "share"),
        ("conflicts_checked", "answers checked for conflicts", "share"),
    ),
    "Labelled pairs": (
        ("pairs", "pairs", "count"),
        ("pair_conflicts", "that conflict", "count"),
        ("pair_others", "that do not", "count"),
        ("pair_precision", "precision", "share"),
        ("pair_precision_interval", "precision, 95 % interval", "interval"),
        ("pair_recall", "recall", "share"),
        ("pair_recall_interval", "recall, 95 % interval", "interval"),
        ("pair_f1", "F1", "share"),
        ("pair_kind_accuracy", "conflicts found of the right kind", "share"),
        ("pair_false_alarm_rate", "pairs without conflict: alarm", "share"),
        ("pair_false_alarm_interval", "alarm, 95 % interval", "interval"),
        ("average_precision", "average precision", "number"),
        ("score_calibration_error", "expected calibration error", "number"),
        ("updates_marked", "later values marked as possible updates", "share"),
        ("within_article_conflicts", "conflicts within one article", "count"),
        ("within_article_recall", "recall within one article", "share"),
        ("pairs_checked", "pairs compared", "share"),
    ),
    "Stories: answers": (
        ("stories", "stories", "count"),
        ("right", "answerable: right source and answer", "share"),
        ("span_right", "spans and lists: right stretch", "share"),
        ("span_f1", "spans and lists: F1", "share"),
        ("follow_up_right", "follow-ups right, or rightly refused", "share"),
        ("wrongly_refused", "answerable: refused", "share"),
        ("closest_right", "refused: right among the closest", "share"),
        ("unanswerable_refused", "unanswerable: refused", "share"),
    ),
    "Stories: who says what": (
        ("passage_recall", "sources that answer: passage found", "share"),
        ("who_recall", "sources that answer: rightly quoted", "share"),
        ("who_precision", "sources quoted: rightly", "share"),
        ("silent_quoted", "sources quoted: silent in truth", "share"),
    ),
    "Stories: verdicts": (
        ("verdict_right", "right answer: verdict right", "share"),
        ("verdict_wrong", "right answer: verdict wrong", "share"),
        ("verdict_withheld", "right answer: verdict withheld", "share"),
        ("source_verdict_right", "sources quoted: verdict right", "share"),
        ("source_verdict_wrong", "sources quoted: verdict wrong", "share"),
        ("source_verdict_withheld", "sources quoted: verdict withheld", "share"),
    ),
    "Stories: conflicts and updates": (
        ("dispute_precision", "pairs shown, either tier: rightly", "share"),
        ("dispute_recall", "conflicts and updates: shown", "share"),
        ("dispute_conflict_recall", "conflicts: shown", "share"),
        ("dispute_update_recall", "updates: shown", "share"),
        ("dispute_kind_accuracy", "rightly shown: of the right kind", "share"),
        ("dispute_false_alarms", "questions without any: one shown", "share"),
        ("disagree_precision", "shown as disagreeing: rightly", "share"),
        ("disagree_recall", "conflicts and updates: as disagreeing", "share"),
        ("may_disagree_precision", "shown as perhaps disagreeing: rightly", "share"),
    ),
    "Funnel: questions that have an answer": (
        ("funnel_question_read", "in a passage read", "share"),
        ("funnel_question_proposed", "among the sentences judged", "share"),
        ("funnel_question_first", "the likeliest of all", "share"),
        ("funnel_question_shown", "cited first", "share"),
    ),
    "Funnel: sources that answer": (
        ("funnel_source_read", "in a passage read", "share"),
        ("funnel_source_proposed", "among the sentences judged", "share"),
        ("funnel_source_best", "the likeliest of its source", "share"),
        ("funnel_source_shown", "quoted in a position", "share"),
    ),
    "Funnel: pairs that conflict or update": (
        ("funnel_pair_read", "in passages read", "share"),
        ("funnel_pair_proposed", "among the sentences judged", "share"),
        ("funnel_pair_best", "each the likeliest of its source", "share"),
        ("funnel_pair_shown", "both quoted in positions", "share"),
        ("funnel_pair_compared", "held against each other", "share"),
        ("funnel_pair_disputed", "shown as a conflict, either tier", "share"),
        ("funnel_pair_disagree", "shown as disagreeing", "share"),
    ),
    "Stories: survey": (
        ("survey_precision", "disagreements shown: labelled ones", "share"),
        ("survey_recall", "conflicts and updates labelled: shown", "share"),
    ),
    "Time": (
        ("ms_per_question", "per question, mean", "ms"),
        ("ms_p50", "median", "ms"),
        ("ms_p95", "95th percentile", "ms"),
        ("ms_p99", "99th percentile", "ms"),
    ),
}
# The columns of what is shown by kind of question.
_BY_KIND = {
    "right": "answer_accuracy",
    "refused": "wrongly_refused",
    "closest": "closest_right",
    "span F1": "span_f1",
    "quoted": "who_recall",
    "quoted right": "who_precision",
    "silent": "silent_quoted",
    "disputes": "dispute_recall",
    "shown right": "dispute_precision",
    "alarms": "dispute_false_alarms",
}
_NAMES = {
    "bm25": "Retrieval: BM25",
    "dense": "Retrieval: dense",
    "fused": "Retrieval: fused",
    "open": "Open: retrieve, then read",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its figures, each a label and a value ready to print."""

    title: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a heading: columns, and rows of a name and as many values ready to print."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def sections(metrics: Mapping[str, Any]) -> list[Section]:
    """The metrics that are there and not None, in reading order; then each part of a run, then kinds."""
    found = [section for title in LABELS if (section := _section(title, title, metrics)) is not None]
    for part, name in _NAMES.items():
        for title in LABELS:
            heading = name if title == "Sources" and part != "open" else f"{name}: {title.lower()}"
            section = _section(heading, title, metrics.get(part, {}))
            if section is not None:
                found.append(section)
    kinds = metrics.get("kinds", {})
    if kinds:
        figures = (
            (kind, f"{_show(one['answer_accuracy'], 'share')} of {one['questions']}")
            for kind, one in kinds.items()
        )
        found.append(Section("Right, by kind of question", tuple(figures)))
    return found


def pair_sections(metrics: Mapping[str, Any]) -> list[Section]:
    """For labelled pairs: precision and recall by kind of conflict, false alarms by trap."""
    kinds, traps = metrics.get("conflict_kinds", {}), metrics.get("traps", {})
    return [
        *_shares("Precision, by kind of conflict", kinds, "precision", "found"),
        *_shares("Recall, by kind of conflict", kinds, "recall", "labelled"),
        *_shares("False alarms, by trap", traps, "pair_false_alarm_rate", "pairs"),
    ]


def story_grids(metrics: Mapping[str, Any]) -> list[Grid]:
    """For stories: figures by kind of question, disputes by kind, wrong pairs by label, verdicts."""
    kinds, disputes = metrics.get("kinds", {}), metrics.get("disputes", {})
    wrong, verdicts = metrics.get("wrong_pairs", {}), metrics.get("verdicts", {})
    if not disputes:
        return []
    by_kind = [
        (kind, (str(one["questions"]), *(show_share(one.get(key)) for key in _BY_KIND.values())))
        for kind, one in kinds.items()
    ]
    shown = [
        (kind, tuple(_part(of_label[kind]) for of_label in disputes.values()))
        for kind in next(iter(disputes.values()))
    ]
    told = [(gold, tuple(str(number) for number in shown.values())) for gold, shown in verdicts.items()]
    columns = tuple(next(iter(verdicts.values())))
    grids = [
        Grid("Stories: by kind of question", ("asked", *_BY_KIND), tuple(by_kind)),
        Grid("Stories: shown, by kind", tuple(f"{label}s" for label in disputes), tuple(shown)),
        Grid("Stories: verdicts shown", columns, tuple(told)),
    ]
    if wrong:
        pairs = tuple(str(number) for number in wrong.values())
        grids.append(Grid("Stories: pairs shown wrongly", tuple(wrong), (("pairs", pairs),)))
    return grids


def funnels(metrics: Mapping[str, Any]) -> dict[str, list[tuple[str, float]]]:
    """By what is counted, the label of each stage and the share that it held; none that a run lacks."""
    found = {
        title.removeprefix(FUNNEL): [
            (label, metrics[key]) for key, label, _ in stages if metrics.get(key) is not None
        ]
        for title, stages in LABELS.items()
        if title.startswith(FUNNEL)
    }
    return {name: stages for name, stages in found.items() if stages}


def _part(counted: Mapping[str, int]) -> str:
    return f"{counted['shown']} of {counted['labelled']}" if counted["labelled"] else "–"


def show_share(value: float | None) -> str:
    """A share of 0..1 in percent, a dash where there is none."""
    return "–" if value is None else _show(value, "share")


def show_interval(value: tuple[float, float] | None) -> str:
    """Low and high of an interval of shares in percent, "" where there is none."""
    return "" if value is None else _show(value, "interval")


def _shares(title: str, groups: Mapping[str, Mapping[str, Any]], share: str, whole: str) -> list[Section]:
    figures = tuple(
        (name, f"{_show(one[share], 'share')} of {one[whole]}")
        for name, one in groups.items()
        if one[share] is not None
    )
    return [Section(title, figures)] if figures else []


def text(metrics: Mapping[str, Any]) -> str:
    """The sections as plain lines, values aligned."""
    lines: list[str] = []
    for section in (*sections(metrics), *pair_sections(metrics)):
        lines += ["", section.title, *(_line(label, value) for label, value in section.figures)]
    for grid in story_grids(metrics):
        lines += ["", *_grid_lines(grid)]
    return "\n".join(lines[1:])


def _line(label: str, value: str) -> str:
    figure, opening, doubt = value.partition(" (")
    return f"  {label:<42}{figure:>14}{opening}{doubt}"


def _grid_lines(grid: Grid) -> list[str]:
    widths = [max(12, len(column) + 2) for column in grid.columns]
    head = "".join(f"{column:>{width}}" for column, width in zip(grid.columns, widths, strict=True))
    rows = (
        f"  {name:<14}" + "".join(f"{value:>{width}}" for value, width in zip(values, widths, strict=True))
        for name, values in grid.rows
    )
    return [grid.title, f"  {'':<14}{head}", *rows]


def show_doubt(key: str, metrics: Mapping[str, Any]) -> str:
    """How sure the share `key` is, its 95 % interval and what it is of; "" where a run does not tell."""
    whole, interval = metrics.get(f"{key}_of"), metrics.get(f"{key}_interval")
    return f"{show_interval(interval)}, of {whole}" if whole is not None and interval else ""


def _section(heading: str, title: str, metrics: Mapping[str, Any]) -> Section | None:
    figures = tuple(
        (label, _show(metrics[key], unit) + (f" ({doubt})" if (doubt := show_doubt(key, metrics)) else ""))
        for key, label, unit in LABELS[title]
        if metrics.get(key) is not None
    )
    return Section(heading, figures) if figures else None


def _show(value: Any, unit: _Unit) -> str:
    if unit == "interval":
        low, high = value
        return f"{100 * low:.1f}–{100 * high:.1f} %"
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "percent":
        return f"{value:.1f} %"
    if unit == "ms":
        return f"{value:.1f} ms"
    return f"{value:.3f}" if unit == "number" else f"{value:g}"
