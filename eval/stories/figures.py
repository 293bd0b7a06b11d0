"""The figures of judged story questions: shares with their 95 % intervals over stories, and by kind.

Questions of one story share its accounts, so intervals are drawn over stories, not over questions.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from eval.cases import by_kind
from eval.metrics import auroc, bootstrap_interval, expected_calibration_error, percentile, ratio
from eval.stories.funnel import FUNNEL, sum_funnels
from eval.stories.judgement import SPAN_F1, JudgedStoryQuestion
from eval.stories.records import DISPUTES
from qa.records import ConflictKind, ConflictTier, Polarity

Tally = dict[str, tuple[float, int]]
"""Of what a question adds to each share: how much of how many."""

FIGURES = (
    "answer_accuracy",
    "right",
    "span_right",
    "span_f1",
    "follow_up_right",
    "wrongly_refused",
    "closest_right",
    "unanswerable_refused",
    "passage_recall",
    "who_recall",
    "who_precision",
    "silent_quoted",
    "verdict_right",
    "verdict_wrong",
    "verdict_withheld",
    "source_verdict_right",
    "source_verdict_wrong",
    "source_verdict_withheld",
    "dispute_precision",
    "dispute_recall",
    "dispute_conflict_recall",
    "dispute_update_recall",
    "dispute_kind_accuracy",
    "dispute_false_alarms",
    "disagree_precision",
    "disagree_recall",
    "may_disagree_precision",
    *FUNNEL,
)
"""Each is a share, 0..1; `KEY_of` counts what it is of, `KEY_interval` is its interval."""


def summarise_stories(judged: Sequence[JudgedStoryQuestion]) -> dict[str, Any]:
    """Metrics by name of at least one question; None where nothing is to be told.

    `right`, the spans, `wrongly_refused` and who says what are over the answerable questions, `closest_right`
    over those of them that were not answered. Of two sources a conflict shows, `dispute_precision` says how
    often they are labelled as conflict or update, and `dispute_recall` how many so labelled are shown;
    `dispute_false_alarms` is over the questions without any. `disagree_precision` and `disagree_recall` are
    the same of the upper tier alone, `may_disagree_precision` of the pairs that only the lower one shows.
    Those of the funnel are over answerable questions, sources that answer, and pairs so labelled.
    """
    cases = [one.case for one in judged]
    answered = [case for case in cases if case.answered]
    milliseconds = [case.milliseconds for case in cases]
    return {
        "stories": len({one.story for one in judged}),
        "questions": len(cases),
        **_with_intervals(judged),
        "auroc": auroc([case.confidence for case in cases], [case.answerable for case in cases]),
        "calibration_error": expected_calibration_error(
            [case.confidence for case in answered], [case.right for case in answered]
        ),
        **{f"ms_p{percent}": percentile(milliseconds, percent) for percent in (50, 95, 99)},
        "kinds": _kinds(judged),
        "disputes": _disputes(judged),
        "wrong_pairs": _wrong_pairs(judged),
        "verdicts": _verdicts(judged),
    }


def tally(one: JudgedStoryQuestion) -> Tally:
    """What one question adds to each figure; figures that it says nothing of are left out."""
    found: Tally = {"answer_accuracy": (one.case.right, 1)}
    if one.question.follow:
        found["follow_up_right"] = (one.case.right, 1)
    if one.case.answerable:
        found |= {"right": (one.case.right, 1), "wrongly_refused": (not one.case.answered, 1), **_who(one)}
    else:
        found["unanswerable_refused"] = (not one.case.answered, 1)
    if one.span_f1 is not None:
        found |= {"span_right": (one.span_f1 >= SPAN_F1, 1), "span_f1": (one.span_f1, 1)}
    if one.closest_right is not None:
        found["closest_right"] = (one.closest_right, 1)
    if one.gold_verdict is not None:
        found |= _shares("verdict", [(one.gold_verdict, one.verdict)])
    return {**found, **_pair_shares(one), **sum_funnels([one.funnel])}


def _who(one: JudgedStoryQuestion) -> Tally:
    gold = [source for source in one.sources if source.gold]
    quoted = [source for source in one.sources if source.quotes]
    right = sum(source.right for source in quoted)
    found: Tally = {
        "passage_recall": (sum(source.rank is not None for source in gold), len(gold)),
        "who_recall": (right, len(gold)),
        "who_precision": (right, len(quoted)),
        "silent_quoted": (sum(source.gold is None for source in quoted), len(quoted)),
    }
    if one.question.kind != "yesno":
        return found
    told = [(source.gold.verdict if source.gold else None, source.verdict) for source in quoted]
    return {**found, **_shares("source_verdict", told)}


def _shares(name: str, told: Sequence[tuple[Polarity | None, Polarity | None]]) -> Tally:
    """Of pairs of what a source says and what is shown of it; nothing shown is withheld, never wrong."""
    right = sum(shown is not None and shown == gold for gold, shown in told)
    withheld = sum(shown is None for _, shown in told)
    parts = {"right": right, "wrong": len(told) - right - withheld, "withheld": withheld}
    return {f"{name}_{part}": (number, len(told)) for part, number in parts.items()}


def _pair_shares(one: JudgedStoryQuestion) -> Tally:
    shown = [pair for pair in one.pairs if pair.shown]
    disputed = [pair for pair in one.pairs if pair.disputed]
    right = [pair for pair in shown if pair.disputed]
    found: Tally = {
        "dispute_precision": (len(right), len(shown)),
        "dispute_recall": (len(right), len(disputed)),
        "dispute_kind_accuracy": (sum(pair.kind in pair.shown for pair in right), len(right)),
    }
    for tier in get_args(ConflictTier):
        of_tier = [pair for pair in shown if pair.tier == tier]
        found[f"{tier}_precision"] = (sum(pair.disputed for pair in of_tier), len(of_tier))
    found["disagree_recall"] = (found["disagree_precision"][0], len(disputed))
    for label in DISPUTES:
        of_label = [pair for pair in disputed if pair.label == label]
        found[f"dispute_{label}_recall"] = (sum(bool(pair.shown) for pair in of_label), len(of_label))
    if not disputed:
        found["dispute_false_alarms"] = (bool(shown), 1)
    return found


def _with_intervals(judged: Sequence[JudgedStoryQuestion]) -> dict[str, Any]:
    stories = list(dict.fromkeys(one.story for one in judged))
    sums = {story: _sums([tally(one) for one in judged if one.story == story]) for story in stories}
    found: dict[str, Any] = {}
    for name in FIGURES:
        parts = [sums[story].get(name, (0, 0))[0] for story in stories]
        wholes = [sums[story].get(name, (0, 0))[1] for story in stories]
        found[name] = ratio(sum(parts), sum(wholes))
        found[f"{name}_of"] = sum(wholes)
        found[f"{name}_interval"] = bootstrap_interval(parts, wholes)
    return found


def _sums(tallies: Sequence[Tally]) -> Tally:
    found: Tally = {}
    for one in tallies:
        for name, (part, whole) in one.items():
            parts, wholes = found.get(name, (0, 0))
            found[name] = (parts + part, wholes + whole)
    return found


def _kinds(judged: Sequence[JudgedStoryQuestion]) -> dict[str, dict[str, Any]]:
    """`cases.by_kind`, and every figure with what it is of for each kind."""
    kinds = by_kind([one.case for one in judged])
    for kind, found in kinds.items():
        sums = _sums([tally(one) for one in judged if one.case.kind == kind])
        for name in FIGURES:
            part, whole = sums.get(name, (0, 0))
            found |= {name: ratio(part, whole), f"{name}_of": whole}
    return kinds


def _disputes(judged: Sequence[JudgedStoryQuestion]) -> dict[str, dict[str, dict[str, int]]]:
    """By label and kind: how many pairs are labelled so, and how many of them were shown."""
    pairs = [pair for one in judged for pair in one.pairs]
    found: dict[str, dict[str, dict[str, int]]] = {}
    for label in DISPUTES:
        for kind in get_args(ConflictKind):
            group = [pair for pair in pairs if (pair.label, pair.kind) == (label, kind)]
            shown = sum(bool(pair.shown) for pair in group)
            found.setdefault(label, {})[kind] = {"labelled": len(group), "shown": shown}
    return found


def _wrong_pairs(judged: Sequence[JudgedStoryQuestion]) -> dict[str, int]:
    """How many pairs shown are no conflict, by their label; "unlabelled" where a source is silent."""
    wrong = (pair for one in judged for pair in one.pairs if pair.shown and not pair.disputed)
    return dict(sorted(Counter(pair.label or "unlabelled" for pair in wrong).items()))


def _verdicts(judged: Sequence[JudgedStoryQuestion]) -> dict[str, dict[str, int]]:
    """For each gold verdict how often which was shown, on the questions of `verdict_right`."""
    told: Counter[tuple[str, str]] = Counter(
        (one.gold_verdict, one.verdict or "withheld") for one in judged if one.gold_verdict is not None
    )
    verdicts: tuple[Polarity, ...] = get_args(Polarity)
    return {gold: {shown: told[gold, shown] for shown in (*verdicts, "withheld")} for gold in verdicts}
