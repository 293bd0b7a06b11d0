"""The entailment model as a network: the encoder, and three logits from its first token."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertModel

from eval.train.data.windows import batches, pad_pairs
from eval.train.models.precision import fast_precision
from eval.train.models.reader_network import begin_encoder, take_encoder
from eval.train.pairs.pair import LABELS, Pair

_BATCH_TOKENS = 8192


class PairNetwork(nn.Module):
    """BERT with one linear output for each of LABELS."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.label = nn.Linear(encoder.config.hidden_size, len(LABELS))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Logits of shape (rows, 3); the inputs are of shape (rows, tokens), `mask` false at padding."""
        states = self.encoder(
            input_ids=ids, token_type_ids=types, attention_mask=mask.to(torch.int64)
        ).last_hidden_state
        logits: Tensor = self.label(states[:, 0]).float()
        return logits


@dataclass(frozen=True, slots=True)
class PairRow:
    """Token ids of a pair, where its hypothesis begins, and its label."""

    ids: NDArray[np.int64]
    second_at: int
    label: int

    def __len__(self) -> int:
        return len(self.ids)


def begin(folder: Path, *, dropout: float = 0.0, reader: Path | None = None) -> PairNetwork:
    """The network on the encoder in `folder`, or with the weights that the span reader's has in the file."""
    network = PairNetwork(begin_encoder(folder, dropout))
    if reader is not None:
        take_encoder(network, reader)
    return network


def load(folder: Path, file: Path, *, dropout: float = 0.0) -> PairNetwork:
    """The network whose weights `save` wrote, on the configuration in `folder`."""
    network = begin(folder, dropout=dropout)
    network.load_state_dict(load_file(file))
    return network


def rows(tokenizer: Tokenizer, pairs: Sequence[Pair], max_tokens: int) -> list[PairRow]:
    """One row a pair, `[CLS] premise [SEP] hypothesis [SEP]`; the longer text is cut."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, strategy="longest_first")
    made: list[PairRow] = []
    for first in range(0, len(pairs), 4096):
        batch = pairs[first : first + 4096]
        encoded = tokenizer.encode_batch([(one.premise, one.hypothesis) for one in batch])
        for pair, row in zip(batch, encoded, strict=True):
            ids = np.array(row.ids, dtype=np.int64)
            made.append(PairRow(ids, row.type_ids.index(1), pair.label))
    return made


def logits_of(network: PairNetwork, made: Sequence[PairRow], device: torch.device) -> Tensor:
    """The logits of a batch of rows, of shape (rows, 3)."""
    inputs = pad_pairs([(row.ids, row.second_at) for row in made])
    logits: Tensor = network(*(torch.from_numpy(one).to(device) for one in inputs))
    return logits


def loss(network: PairNetwork, made: Sequence[PairRow], device: torch.device) -> tuple[Tensor, int]:
    """The cross-entropy of a batch, and its tokens with padding."""
    ids, types, mask = pad_pairs([(row.ids, row.second_at) for row in made])
    labels = torch.tensor([row.label for row in made], device=device)
    with fast_precision(device):
        logits = network(*(torch.from_numpy(one).to(device) for one in (ids, types, mask)))
    return functional.cross_entropy(logits, labels), ids.size


def judge_rows(
    network: PairNetwork, made: Sequence[PairRow], device: torch.device, *, half: bool = True
) -> NDArray[np.float32]:
    """The logits of all rows, of shape (rows, 3); in bfloat16, as trained, unless `half` is false."""
    found = np.zeros((len(made), len(LABELS)), dtype=np.float32)
    places = {id(row): place for place, row in enumerate(made)}
    for batch in batches(made, _BATCH_TOKENS, random.Random(0)):  # noqa: S311 - no secret
        with torch.no_grad(), fast_precision(device, half=half):
            logits = logits_of(network, batch, device)
        found[[places[id(row)] for row in batch]] = logits.cpu().numpy()
    return found
