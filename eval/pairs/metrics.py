"""The metrics of judged pairs: conflicts found, of the right kind, and the traps that raise an alarm.

The pairs share articles, so they are not independent: the true intervals are wider.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from eval.metrics import (
    average_precision,
    expected_calibration_error,
    mean,
    precision_recall,
    precision_recall_curve,
    ratio,
    wilson,
)
from eval.pairs.judging import KINDS, TRAPS, JudgedPair


def summarise_pairs(judged: Sequence[JudgedPair]) -> dict[str, Any]:
    """Metrics by name; shares in 0..1, intervals as low and high, what has no pair to be told from None.

    Precision and recall over all pairs ask only whether there is a conflict; `pair_kind_accuracy` says how
    many of those rightly found have the right kind. `score_calibration_error` is over the pairs found: how
    often a conflict with this score is one.
    """
    found = [one for one in judged if one.found]
    gold = [one for one in judged if one.pair.kind]
    right = [one for one in found if one.pair.kind]
    scores, is_gold = [one.score for one in found], [one.pair.kind is not None for one in found]
    updates = [one for one in right if one.pair.update]
    within = [one for one in gold if one.pair.within]
    return {
        "pairs": len(judged),
        "pair_conflicts": len(gold),
        "pair_others": len(judged) - len(gold),
        **{f"pair_{name}": value for name, value in _shares(len(right), len(found), len(gold)).items()},
        "pair_kind_accuracy": mean([float(one.right) for one in right]),
        **_alarms([one for one in judged if not one.pair.kind]),
        "average_precision": average_precision(scores, is_gold, gold=len(gold)),
        "score_calibration_error": expected_calibration_error(scores, is_gold),
        "pairs_checked": mean([float(one.checked) for one in judged]),
        "updates_marked": mean([float(one.possible_update) for one in updates]),
        "within_article_conflicts": len(within),
        "within_article_recall": mean([float(one.found is not None) for one in within]),
        "precision_recall_curve": [
            asdict(point) for point in precision_recall_curve(scores, is_gold, gold=len(gold))
        ],
        "conflict_kinds": {kind: of_kind for kind in KINDS if (of_kind := _of_kind(judged, kind))},
        "traps": {
            trap: {"pairs": len(group), **_alarms(group)}
            for trap in TRAPS
            if (group := [one for one in judged if not one.pair.kind and one.pair.trap == trap])
        },
    }


def _of_kind(judged: Sequence[JudgedPair], kind: str) -> dict[str, Any]:
    """Precision and recall of this very kind; nothing where it was neither labelled nor found.

    `found_as_any` is the share of its pairs that were found, whatever the kind.
    """
    gold = [one for one in judged if one.pair.kind == kind]
    found = [one for one in judged if one.found == kind]
    if not gold and not found:
        return {}
    right = sum(one.right for one in found)
    return {
        "labelled": len(gold),
        "found": len(found),
        "right": right,
        **_shares(right, len(found), len(gold)),
        "found_as_any": mean([float(one.found is not None) for one in gold]),
    }


def _shares(right: int, found: int, gold: int) -> dict[str, Any]:
    shares = precision_recall(right=right, predicted=found, found=right, gold=gold)
    return {
        "precision": shares.precision,
        "precision_interval": wilson(right, found),
        "recall": shares.recall,
        "recall_interval": wilson(right, gold),
        "f1": shares.f1,
    }


def _alarms(group: Sequence[JudgedPair]) -> dict[str, Any]:
    alarms = sum(one.found is not None for one in group)
    return {
        "pair_false_alarms": alarms,
        "pair_false_alarm_rate": ratio(alarms, len(group)),
        "pair_false_alarm_interval": wilson(alarms, len(group)),
    }
