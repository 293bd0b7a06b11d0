"""What each figure of a run means, in one line, and whether more of it is better."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eval.report.table import sections, show_doubt

Better = Literal["more", "less", ""]
""" "" for what is neither better nor worse, such as how many questions there are."""

MEANINGS: Mapping[str, tuple[str, Better]] = {
    "questions": ("How many were asked.", ""),
    "answer_accuracy": ("Answered rightly from the right place, or refused where nothing answers.", "more"),
    "answer_hit": ("The text shown holds the expected answer, whatever its source.", "more"),
    "evidence_hit": ("A place that the set names as evidence is among those cited.", "more"),
    "exact_match": ("The text shown is the expected answer to the letter, as SQuAD counts.", "more"),
    "f1": ("Words shared with the expected answer, as SQuAD counts; 100 is all and no other.", "more"),
    "has_answer_exact_match": ("The same, over questions that have an answer.", "more"),
    "has_answer_f1": ("The same, over questions that have an answer.", "more"),
    "answer_words": ("How long an answer is.", ""),
    "no_answer_accuracy": ("Questions without an answer to which none was shown.", "more"),
    "answered_though_unanswerable": ("An answer was shown where there is none: the worst mistake.", "less"),
    "refused_though_answerable": ("No answer was shown though there is one.", "less"),
    "auroc": ("How well confidence tells answerable from unanswerable; 1 is always, 0.5 is chance.", "more"),
    "calibration_error": ("How far the confidence shown is from how often it is right; 0 is exact.", "less"),
    "citation_precision": ("Places cited that the set names as evidence.", "more"),
    "misquotes": ("Quotes that do not equal the article's text. It must be 0.", "less"),
    "recall@1": ("The evidence is in the best passage found.", "more"),
    "recall@5": ("The evidence is in the five best passages.", "more"),
    "recall@10": ("The evidence is in the ten best passages.", "more"),
    "mrr": ("One divided by the rank of the first passage with evidence, on average.", "more"),
    "conflict_precision": ("Conflicts shown that are conflicts.", "more"),
    "conflict_recall": ("Conflicts of the set that were shown.", "more"),
    "conflict_f1": ("Both together: the harmonic mean of precision and recall.", "more"),
    "conflict_kind_accuracy": ("Of conflicts rightly shown, those called by the right kind.", "more"),
    "statement_precision": ("Statements in the conflicts shown that belong there.", "more"),
    "statement_recall": ("Statements of the set's conflicts that were shown.", "more"),
    "statement_f1": ("Both together.", "more"),
    "every_side_shown": ("Where the articles disagree, each side is shown.", "more"),
    "false_alarms": ("A conflict was shown where the articles agree.", "less"),
    "conflicts_checked": ("Answers whose statements were held against each other.", "more"),
    "pairs": ("How many were compared.", ""),
    "pair_conflicts": ("Pairs that people labelled as a conflict.", ""),
    "pair_others": ("Pairs that only look like one.", ""),
    "pair_precision": ("Conflicts found that are conflicts.", "more"),
    "pair_precision_interval": ("Where it may truly lie, given so few pairs.", ""),
    "pair_recall": ("Conflicts of the set that were found.", "more"),
    "pair_recall_interval": ("Where it may truly lie, given so few pairs.", ""),
    "pair_f1": ("Both together: the harmonic mean of precision and recall.", "more"),
    "pair_kind_accuracy": ("Of conflicts rightly found, those called by the right kind.", "more"),
    "pair_false_alarm_rate": ("A conflict was found where there is none.", "less"),
    "pair_false_alarm_interval": ("Where it may truly lie, given so few pairs.", ""),
    "average_precision": (
        "Precision averaged over all thresholds; 1 is conflicts before all else.",
        "more",
    ),
    "score_calibration_error": ("How far the score is from how often it is right; 0 is exact.", "less"),
    "updates_marked": ("Later values that were marked as possible updates.", "more"),
    "within_article_conflicts": ("Articles that contradict themselves.", ""),
    "within_article_recall": ("Those of them that were found.", "more"),
    "pairs_checked": ("Pairs that were compared at all.", "more"),
    "stories": ("How many were told, each by several sources.", ""),
    "right": ("The sentence cited first holds the answer that its source gives.", "more"),
    "span_right": ("The stretch cited first shares half of its words with the expected one.", "more"),
    "span_f1": ("Words that the stretch cited first shares with the expected one.", "more"),
    "follow_up_right": ("Questions that need the one before them to be understood.", "more"),
    "wrongly_refused": ("No answer was shown though a source gives one.", "less"),
    "closest_right": ("One of the statements shown instead of an answer holds it.", "more"),
    "unanswerable_refused": ("No answer was shown, and no source gives one.", "more"),
    "passage_recall": ("Of the sources that answer, those whose answer was in a passage read.", "more"),
    "who_recall": ("Of the sources that answer, those quoted with their own answer.", "more"),
    "who_precision": ("Of the sources quoted, those quoted with their own answer.", "more"),
    "silent_quoted": ("Of the sources quoted, those that do not answer the question.", "less"),
    "verdict_right": ("Yes, no or open is what the source says.", "more"),
    "verdict_wrong": ("Yes, no or open is not what the source says: worse than none.", "less"),
    "verdict_withheld": ("None was shown, as none was sure.", ""),
    "source_verdict_right": ("The same over every source quoted.", "more"),
    "source_verdict_wrong": ("The same over every source quoted; of a silent one each is wrong.", "less"),
    "source_verdict_withheld": ("The same over every source quoted.", ""),
    "dispute_precision": ("Pairs of sources in the conflicts shown that do conflict or update.", "more"),
    "dispute_recall": ("Pairs of sources that conflict or update which were shown.", "more"),
    "dispute_conflict_recall": ("Those that cannot both be right.", "more"),
    "dispute_update_recall": ("Those of which one tells a newer state.", "more"),
    "dispute_kind_accuracy": ("Of those rightly shown, those called by the right kind.", "more"),
    "dispute_false_alarms": ("A conflict was shown where no sources conflict or update.", "less"),
    "disagree_precision": (
        "Pairs of sources that are said to disagree and do conflict or update; promised are four in five.",
        "more",
    ),
    "disagree_recall": ("Pairs that conflict or update and are said to disagree.", "more"),
    "may_disagree_precision": (
        "The same of pairs that are only said to perhaps disagree; promised is one in two.",
        "more",
    ),
    "funnel_question_read": ("What answers lies in a passage that was read.", "more"),
    "funnel_question_proposed": ("A sentence that answers is among those that were judged.", "more"),
    "funnel_question_first": ("A sentence that answers is the likeliest of all.", "more"),
    "funnel_question_shown": (
        "A sentence that answers is the first that is cited.",
        "more",
    ),
    "funnel_source_read": ("What the source answers lies in a passage that was read.", "more"),
    "funnel_source_proposed": ("A sentence of it that answers is among those that were judged.", "more"),
    "funnel_source_best": ("A sentence that answers is the source's likeliest.", "more"),
    "funnel_source_shown": ("A position quotes the source with a sentence that answers.", "more"),
    "funnel_pair_read": ("What both sources answer lies in passages that were read.", "more"),
    "funnel_pair_proposed": ("Of both a sentence that answers is among those that were judged.", "more"),
    "funnel_pair_best": ("Of both a sentence that answers is the source's likeliest.", "more"),
    "funnel_pair_shown": (
        "Positions quote both with sentences that answer; pairs that are not quoted are compared too.",
        "more",
    ),
    "funnel_pair_compared": ("Sentences of both that answer were held against each other.", "more"),
    "funnel_pair_disputed": ("A conflict shows these sentences, as disagreeing or perhaps so.", "more"),
    "funnel_pair_disagree": ("A conflict shows these sentences as disagreeing.", "more"),
    "survey_precision": ("Disagreements listed that are labelled; a lower bound.", "more"),
    "survey_recall": ("Labelled conflicts and updates that the survey lists.", "more"),
    "ms_per_question": ("Time from question to answer, on average.", "less"),
    "ms_p50": ("Half of the questions took no longer.", "less"),
    "ms_p95": ("19 of 20 questions took no longer.", "less"),
    "ms_p99": ("99 of 100 questions took no longer.", "less"),
}

# Smaller differences are noise of the last digit shown.
_LEAST = 5e-4


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure ready to show: of this run, of an earlier one ("" without), and the difference.

    `change` is "better", "worse" or "" (the same, neither, or nothing to compare with).
    """

    label: str
    meaning: str
    value: str
    earlier: str = ""
    difference: str = ""
    change: str = ""


def figures(metrics: Mapping[str, Any], earlier: Mapping[str, Any] | None = None) -> dict[str, list[Figure]]:
    """The figures under their headings, in reading order; those that the run does not have are left out."""
    found: dict[str, list[Figure]] = {}
    for key, (meaning, better) in MEANINGS.items():
        shown = _show(key, metrics.get(key))
        if shown is None:
            continue
        title, label, value = shown
        old = None if earlier is None else earlier.get(key)
        before = _show(key, old)
        difference, change = _difference(key, metrics[key], old, better)
        doubt = show_doubt(key, metrics)
        told = f"{meaning} 95 % interval {doubt}." if doubt else meaning
        figure = Figure(label, told, value, before[2] if before else "", difference, change)
        found.setdefault(title, []).append(figure)
    return found


def _show(key: str, value: Any) -> tuple[str, str, str] | None:
    """Heading, label and printed value, as on the terminal."""
    for section in sections({key: value}):
        ((label, printed),) = section.figures
        return section.title, label, printed
    return None


def _difference(key: str, value: Any, old: Any, better: Better) -> tuple[str, str]:
    if not isinstance(value, int | float) or not isinstance(old, int | float):
        return "", ""
    grown = value - old
    if abs(grown) < _LEAST:
        return "=", ""
    shown = _show(key, abs(grown))
    sign = "+" if grown > 0 else "−"
    change = "" if not better else "better" if (grown > 0) == (better == "more") else "worse"
    return f"{sign}{shown[2]}" if shown else "", change
