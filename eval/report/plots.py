"""The report's pictures, as SVG that stands inside a page and takes its text colour and font from there."""

import io
import warnings
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from eval.cases import Case
from eval.metrics import CurvePoint, reliability, roc

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Drawn in this colour, then replaced: text and axes follow the page, light or dark.
_INK = "#010203"
_BLUE, _ORANGE, _GREEN = "#3b7dd8", "#d9822b", "#3f9d6b"


def accuracy_by_kind(kinds: Mapping[str, Mapping[str, Any]]) -> str:
    """Bars: the share of right answers for each kind of question."""
    picture = _Picture("", "share right", height=0.8 + 0.32 * len(kinds))
    names = [f"{kind[:40]} ({one['questions']})" for kind, one in kinds.items()]
    shares = [float(one["answer_accuracy"]) for one in kinds.values()]
    picture.axes.barh(range(len(names)), shares, color=_BLUE)
    picture.axes.set_yticks(range(len(names)), names, parse_math=False)
    picture.axes.invert_yaxis()
    picture.axes.set_xlim(0, 1)
    for at, share in enumerate(shares):
        picture.axes.text(min(share + 0.01, 0.9), at, f"{100 * share:.0f} %", va="center", color=_INK)
    return picture.svg()


def funnel_bars(funnels: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """Bars: for each thing that is counted the share that each stage of an answer still holds, in order."""
    labels: list[str] = []
    headings: list[int] = []
    picture = _Picture("", "share held", height=0.8 + 0.26 * sum(1 + len(one) for one in funnels.values()))
    for (name, stages), colour in zip(funnels.items(), cycle((_BLUE, _ORANGE, _GREEN)), strict=False):
        headings.append(len(labels))
        labels.append(name)
        for label, share in stages:
            picture.axes.barh(len(labels), share, color=colour)
            picture.axes.text(share + 0.01, len(labels), f"{100 * share:.0f} %", va="center", color=_INK)
            labels.append(label)
    picture.axes.set_yticks(range(len(labels)), labels)
    for at in headings:
        picture.axes.get_yticklabels()[at].set_fontweight("bold")
    picture.axes.invert_yaxis()
    # Room for "100 %" beside a whole bar.
    picture.axes.set(xlim=(0, 1.2), xticks=(0, 0.5, 1))
    return picture.svg()


def confidence_histogram(cases: Sequence[Case]) -> str:
    """How confident answerable and unanswerable questions leave the system."""
    picture = _Picture("questions", "confidence")
    groups = {
        "answerable": [case.confidence for case in cases if case.answerable],
        "unanswerable": [case.confidence for case in cases if not case.answerable],
    }
    shown = {name: values for name, values in groups.items() if values}
    picture.axes.hist(
        list(shown.values()),
        bins=[step / 20 for step in range(21)],
        label=list(shown),
        color=[_BLUE if name == "answerable" else _ORANGE for name in shown],
    )
    picture.count_whole()
    return picture.svg(legend=True)


def reliability_diagram(cases: Sequence[Case]) -> str:
    """Share right against confidence, over the answered questions; the diagonal is perfect calibration."""
    picture = _Picture("share right", "confidence")
    answered = [case for case in cases if case.answered]
    bins = reliability([case.confidence for case in answered], [case.right for case in answered])
    picture.diagonal()
    picture.axes.plot([one.confidence for one in bins], [one.accuracy for one in bins], color=_BLUE)
    picture.axes.scatter(
        [one.confidence for one in bins],
        [one.accuracy for one in bins],
        s=[20 + 160 * one.count / max(1, len(answered)) for one in bins],
        color=_BLUE,
    )
    return picture.svg()


def abstention_roc(cases: Sequence[Case]) -> str:
    """Answerable questions answered against unanswerable ones answered, as the threshold falls."""
    picture = _Picture("answerable answered", "unanswerable answered")
    points = roc([case.confidence for case in cases], [case.answerable for case in cases])
    picture.diagonal()
    picture.axes.plot([x for x, _ in points], [y for _, y in points], color=_BLUE)
    return picture.svg()


def precision_recall_steps(points: Sequence[CurvePoint]) -> str:
    """Precision against recall as the threshold falls; it ends where nothing more was found."""
    picture = _Picture("precision", "recall")
    picture.axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    picture.axes.plot(
        [point.recall for point in points],
        [point.precision for point in points],
        color=_BLUE,
        marker="o",
        markersize=4,
    )
    return picture.svg()


def latency_histogram(cases: Sequence[Case]) -> str:
    """How long the questions took."""
    picture = _Picture("questions", "milliseconds")
    picture.axes.hist([case.milliseconds for case in cases], bins=30, color=_BLUE)
    picture.count_whole()
    return picture.svg()


class _Picture:
    """One small pair of axes; without pyplot, so that nothing of the process's own plotting is touched."""

    def __init__(self, y_label: str, x_label: str, *, height: float = 2.6) -> None:
        from matplotlib.figure import Figure  # takes most of a second, and only a report needs it

        self._figure = Figure(figsize=(4.6, height), layout="constrained")
        self.axes: Axes = self._figure.add_subplot()
        self.axes.set(xlabel=x_label, ylabel=y_label)
        self.axes.spines[["top", "right"]].set_visible(False)

    def diagonal(self) -> None:
        """Both axes from 0 to 1, with the line on which they are equal."""
        self.axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        self.axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.6, linestyle=":")

    def count_whole(self) -> None:
        """Ticks of the upright axis at whole numbers."""
        from matplotlib.ticker import MaxNLocator

        self.axes.yaxis.set_major_locator(MaxNLocator(integer=True))

    def svg(self, *, legend: bool = False) -> str:
        """The picture as an `<svg>` element."""
        from matplotlib import rc_context

        if legend:
            self.axes.legend(frameon=False, labelcolor=_INK)
        for label in (self.axes.xaxis.label, self.axes.yaxis.label):
            label.set_color(_INK)
        self.axes.tick_params(colors=_INK)
        for spine in self.axes.spines.values():
            spine.set_color(_INK)
        # Text stays text (searchable, in the page's font); the salt makes the same picture the same bytes.
        style = rc_context({"svg.fonttype": "none", "svg.hashsalt": "whosays", "font.family": "sans-serif"})
        drawn = io.StringIO()
        with style, warnings.catch_warnings():
            # The fonts here only measure a label; the reader's browser draws it.
            warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            self._figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
        element = drawn.getvalue()
        return element[element.index("<svg") :].replace(_INK, "currentColor")
