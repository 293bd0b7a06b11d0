"""How well a reader finds the answers of stories that it was not trained on."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from eval.metrics import auroc, f1
from eval.training.data.questions import FollowUp, Question, whole_story
from eval.training.data.reading_rows import Asked, NeededRow, ReadingBatch, Rows, pad_asked
from eval.training.data.windows import pad_pairs
from eval.training.models.precision import fast_precision
from eval.training.models.reader_network import Logits, sentence_scores
from qa.reader.spans import Window, best_stretch

# A `SpanNetwork`, or what stands in its place: ids, types and mask of shape (rows, tokens) to their logits.
Network = Callable[[Tensor, Tensor, Tensor], Logits]


def judge_stories(
    network: Network,
    tokenizer: Tokenizer,
    stories: Sequence[dict[str, Any]],
    device: torch.device,
    *,
    half: bool = True,
) -> dict[str, float]:
    """`judge_questions` of the questions of stories, each with all its accounts."""
    questions = [one for story in stories for one in whole_story(story)]
    return judge_questions(network, tokenizer, questions, device, half=half)


def judge_questions(
    network: Network,
    tokenizer: Tokenizer,
    questions: Iterable[Question],
    device: torch.device,
    *,
    half: bool = True,
) -> dict[str, float]:
    """Shares of questions, by kind: the best sentence of all accounts holds an answer (`top`).

    `span_f1` is the mean over answering accounts of the best words of the best sentence; `sources_auroc`
    tells accounts that answer from silent ones, `questions_auroc` answerable questions from others. In
    bfloat16, as trained, unless `half` is false.
    """
    rows = Rows(tokenizer)
    draw = random.Random(0)  # noqa: S311 - no secret
    top: dict[str, list[float]] = defaultdict(list)
    spans: list[float] = []
    sources: tuple[list[float], list[bool]] = ([], [])
    asked: tuple[list[float], list[bool]] = ([], [])
    for question in questions:
        read = rows.build_rows(question, draw)
        scores, texts = _read(network, read, tokenizer, device, half)
        answered = [bool(row.gold) for row in read.rows]
        best = int(np.argmax(scores.max(1)))
        kind = f"{question.kind}>" if question.history else question.kind
        if any(answered):
            sentence = int(scores[best].argmax()) + 1
            top[f"top_{kind}"].append(sentence in read.rows[best].gold)
            top["top"].append(sentence in read.rows[best].gold)
        for place, row in enumerate(read.rows):
            sources[0].append(float(scores[place].max()))
            sources[1].append(bool(row.gold))
            if row.gold and question.kind in ("span", "list"):
                passage = question.passages[place]
                spans.append(f1(texts[place], [passage.text[passage.start : passage.end]]))
        asked[0].append(float(scores.max()))
        asked[1].append(any(answered))
    report = {name: float(np.mean(values)) for name, values in sorted(top.items())}
    report["span_f1"] = float(np.mean(spans)) if spans else 0.0
    report["sources_auroc"] = auroc(*sources) or 0.0
    report["questions_auroc"] = auroc(*asked) or 0.0
    return {name: round(value, 4) for name, value in report.items()}


def _read(
    network: Network, asked: Asked, tokenizer: Tokenizer, device: torch.device, half: bool
) -> tuple[Any, list[str]]:
    """Sentence scores of shape (passages, sentences), and each passage's best words in its best sentence."""
    batch: ReadingBatch = pad_asked([asked])
    inputs = [torch.from_numpy(one).to(device) for one in (batch.ids, batch.types, batch.mask)]
    with torch.no_grad(), fast_precision(device, half=half):
        logits = network(*inputs)
    numbers = torch.from_numpy(batch.sentence).to(device)
    scores = sentence_scores(logits.sentence, numbers, batch.gold.shape[1]).cpu().numpy()
    texts = []
    for place, row in enumerate(asked.rows):
        words = row.ids[row.context_at : -1]
        kept = row.sentence[row.context_at : -1] == int(scores[place].argmax()) + 1
        offsets = np.stack([np.arange(len(words)), np.arange(1, len(words) + 1)], 1)
        part = slice(row.context_at, row.context_at + len(words))
        start, end = (one[place, part].cpu().numpy() for one in (logits.start, logits.end))
        window = Window(offsets, start, end, 0.0)
        inside = np.flatnonzero(kept)
        stretch = best_stretch(window, int(inside[0]), int(inside[-1]) + 1) if inside.size else None
        chosen = [] if stretch is None else words[stretch.start : stretch.end].tolist()
        texts.append(str(tokenizer.decode(chosen)))
    return scores, texts


def judge_needed(
    network: Network,
    tokenizer: Tokenizer,
    follow_ups: Sequence[FollowUp],
    device: torch.device,
    *,
    half: bool = True,
) -> dict[str, float]:
    """Precision, recall and F1 of the tokens judged needed; of those who need none, the share left alone."""
    rows = Rows(tokenizer)
    right = found = wanted = alone = rightly = 0
    for one in follow_ups:
        row = rows.build_needed_row(one)
        if row is None:
            continue
        values = needed_values(network, row, device, half=half)
        chosen = (values > 0.5) & (row.counted == 1)
        right += int((chosen & (row.needed == 1)).sum())
        found += int(chosen.sum())
        wanted += int(row.needed.sum())
        if not row.needed.any():
            alone += 1
            rightly += not chosen.any()
    precision, recall = right / max(found, 1), right / max(wanted, 1)
    return {
        "needed_precision": round(precision, 4),
        "needed_recall": round(recall, 4),
        "needed_f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
        "left_alone": round(rightly / max(alone, 1), 4),
    }


def needed_values(network: Network, row: NeededRow, device: torch.device, *, half: bool = True) -> Any:
    """The probability for each token of the row that it is needed."""
    inputs = [torch.from_numpy(one).to(device) for one in pad_pairs([(row.ids, row.context_at)])]
    with torch.no_grad(), fast_precision(device, half=half):
        logits = network(*inputs)
    return torch.sigmoid(logits.needed)[0, : len(row)].cpu().numpy()
