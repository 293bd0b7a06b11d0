"""The report of a run: one HTML file that needs nothing else, with everything from a gold set escaped."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.cases import Case
from eval.errors import GoldError
from eval.metrics import CurvePoint
from eval.pairs.judging import JudgedPair
from eval.provenance import Run
from eval.report.plots import (
    abstention_roc,
    accuracy_by_kind,
    confidence_histogram,
    funnel_bars,
    latency_histogram,
    precision_recall_steps,
    reliability_diagram,
)
from eval.report.table import funnels, sections, show_interval, show_share, story_grids

FAILURES_SHOWN = 200

_TEMPLATE = Path(__file__).with_name("report.html")


def write_report(
    folder: Path,
    *,
    title: str,
    metrics: Mapping[str, Any],
    cases: Sequence[Case],
    run: Run,
    pairs: Sequence[JudgedPair] = (),
    sealed: bool = False,
) -> Path:
    """Writes `report.html` into `folder`, made if need be; returns its path. GoldError when it cannot."""
    page = render(title=title, metrics=metrics, cases=cases, run=run, pairs=pairs, sealed=sealed)
    file = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        reason = f"the report cannot be written to {file}: {error}; name another folder with --report"
        raise GoldError(reason) from error
    return file


def render(
    *,
    title: str,
    metrics: Mapping[str, Any],
    cases: Sequence[Case],
    run: Run,
    pairs: Sequence[JudgedPair] = (),
    sealed: bool = False,
) -> str:
    """The page: figures, pictures, what went wrong (the first 200), and what the run was.

    What went wrong of a `sealed` set is told by ids and labels alone, without any text of the set.
    """
    from jinja2 import Environment, StrictUndefined  # only a report needs it

    failures = [case for case in cases if not case.right]
    wrong_pairs = [pair for pair in pairs if not pair.right]
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"share": show_share, "interval": show_interval}
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=title,
        sections=sections(metrics),
        pictures=pictures_of(metrics, cases),
        failures=failures[:FAILURES_SHOWN],
        failure_count=len(failures),
        case_count=len(cases),
        grids=story_grids(metrics),
        kinds=metrics.get("conflict_kinds", {}),
        traps=metrics.get("traps", {}),
        # As rows, so that of a sealed set the page is not even handed a text.
        wrong_pairs=[pair.to_dict(texts=not sealed) for pair in wrong_pairs[:FAILURES_SHOWN]],
        wrong_pair_count=len(wrong_pairs),
        pair_count=len(pairs),
        sealed=sealed,
        run=run,
    )


def pictures_of(metrics: Mapping[str, Any], cases: Sequence[Case]) -> list[tuple[str, str]]:
    """Caption and SVG of those pictures for which the run has something to show."""
    both = len({case.answerable for case in cases}) == 2
    found = []
    if metrics.get("precision_recall_curve"):
        points = [CurvePoint(**point) for point in metrics["precision_recall_curve"]]
        found.append(("Precision and recall as the threshold falls", precision_recall_steps(points)))
    if metrics.get("kinds"):
        found.append(("Right answers by kind of question", accuracy_by_kind(metrics["kinds"])))
    if held := funnels(metrics):
        found.append(("What each stage of an answer still holds", funnel_bars(held)))
    if cases:
        found.append(("Confidence, answerable and unanswerable questions", confidence_histogram(cases)))
        found.append(("Time per question", latency_histogram(cases)))
    if any(case.answered for case in cases):
        found.append(("Calibration of the answers shown", reliability_diagram(cases)))
    if both:
        found.append(("Abstention as the threshold falls", abstention_roc(cases)))
    return found
