"""The comparison model as a network: the encoder, and from its first token its four outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from eval.training.data.windows import pad_pairs
from eval.training.judgements.judgement import RELATION, STANCE, Judgement
from eval.training.models.precision import fast_precision
from eval.training.models.reader_network import begin_encoder
from qa.comparison.model import KINDS, PAIR_TOKENS, RELATIONS, STANCES

# How wide the outputs are: stance, relation, kind, and whether it answers.
SIZES = (len(STANCES), len(RELATIONS), len(KINDS), 1)


class ComparisonNetwork(nn.Module):
    """BERT with a linear output for each of STANCES, RELATIONS and KINDS, and one for whether it answers."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.stance = nn.Linear(encoder.config.hidden_size, len(STANCES))
        self.relation = nn.Linear(encoder.config.hidden_size, len(RELATIONS))
        self.kind = nn.Linear(encoder.config.hidden_size, len(KINDS))
        self.answers = nn.Linear(encoder.config.hidden_size, 1)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits of shape (rows, 4), (rows, 4), (rows, 5) and (rows, 1); inputs of shape (rows, tokens)."""
        states = self.encoder(
            input_ids=ids, token_type_ids=types, attention_mask=mask.to(torch.int64)
        ).last_hidden_state[:, 0]
        heads = (self.stance, self.relation, self.kind, self.answers)
        stance, relation, kind, answers = (head(states).float() for head in heads)
        return stance, relation, kind, answers


@dataclass(frozen=True, slots=True)
class JudgementRow:
    """Token ids of a row, where its second text begins, and what is to be judged."""

    ids: NDArray[np.int64]
    second_at: int
    task: int
    label: int
    kind: int
    answers: int = -1

    def __len__(self) -> int:
        return len(self.ids)


def begin(folder: Path, dropout: float = 0.0) -> ComparisonNetwork:
    """The network on the encoder in `folder`."""
    return ComparisonNetwork(begin_encoder(folder, dropout))


def rows(tokenizer: Tokenizer, judgements: Sequence[Judgement]) -> list[JudgementRow]:
    """One row each, `[CLS] first [SEP] second [SEP]`; the longer text is cut."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(PAIR_TOKENS, strategy="longest_first")
    made: list[JudgementRow] = []
    for start in range(0, len(judgements), 4096):
        batch = judgements[start : start + 4096]
        for one, row in zip(batch, tokenizer.encode_batch([(x.first, x.second) for x in batch]), strict=True):
            ids = np.array(row.ids, dtype=np.int64)
            place = row.type_ids.index(1)
            made.append(JudgementRow(ids, place, one.task, one.label, one.kind, one.answers))
    return made


def loss(
    network: ComparisonNetwork, made: Sequence[JudgementRow], device: torch.device
) -> tuple[Tensor, int]:
    """The mean cross-entropy of a batch, each row's of its own outputs; and its tokens with padding."""
    ids, types, mask = pad_pairs([(row.ids, row.second_at) for row in made])
    with fast_precision(device):
        outputs = network(*(torch.from_numpy(one).to(device) for one in (ids, types, mask)))
    stance, relation, kind, answers = outputs
    tasks = torch.tensor([row.task for row in made], device=device)
    labels = torch.tensor([row.label for row in made], device=device)
    kinds = torch.tensor([row.kind for row in made], device=device)
    total = torch.zeros((), device=device)
    for logits, mine, targets, weight in (
        (stance, tasks == STANCE, labels, 1.0),
        (relation, tasks == RELATION, labels, 1.0),
        (kind, kinds >= 0, kinds, 0.3),
    ):
        if mine.any():
            total = total + weight * functional.cross_entropy(logits[mine], targets[mine], reduction="sum")
    known = torch.tensor([row.answers for row in made], device=device)
    if (known >= 0).any():
        told, wanted = answers[known >= 0].squeeze(1), known[known >= 0].float()
        total = total + functional.binary_cross_entropy_with_logits(told, wanted, reduction="sum")
    return total / len(made), ids.size


def logits_of(
    network: ComparisonNetwork, made: Sequence[JudgementRow], device: torch.device, *, half: bool = True
) -> tuple[NDArray[np.float32], ...]:
    """The four outputs for all rows, in order; in bfloat16, as trained, unless `half` is false."""
    order = sorted(range(len(made)), key=lambda place: len(made[place]))
    outputs = [np.zeros((len(made), size), np.float32) for size in SIZES]
    for first in range(0, len(order), 48):
        places = order[first : first + 48]
        inputs = pad_pairs([(made[place].ids, made[place].second_at) for place in places])
        with torch.no_grad(), fast_precision(device, half=half):
            found = network(*(torch.from_numpy(one).to(device) for one in inputs))
        for output, part in zip(outputs, found, strict=True):
            output[places] = part.cpu().numpy()
    return tuple(outputs)
