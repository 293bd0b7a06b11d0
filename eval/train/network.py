"""The span reader as a network: the encoder, start and end of the answer, and whether there is one."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, BertConfig, BertModel
from transformers.masking_utils import eager_mask


@dataclass(frozen=True, slots=True)
class Logits:
    """Start and end of shape (rows, tokens), where the first token stands for no answer.

    `answerable`, of shape (rows,), says that there is one.
    """

    start: Tensor
    end: Tensor
    answerable: Tensor


class SpanNetwork(nn.Module):
    """BERT with three linear outputs."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.span = nn.Linear(encoder.config.hidden_size, 2)
        self.answerable = nn.Linear(encoder.config.hidden_size, 1)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Logits:
        """The logits; all inputs of shape (rows, tokens), `mask` false at padding."""
        states = self.encoder(
            input_ids=ids, token_type_ids=types, attention_mask=mask.to(torch.int64)
        ).last_hidden_state
        spans = self.span(states).float()
        # The question's own tokens and the padding are no answer; the first token means that there is none.
        allowed = (types == 1) & mask
        allowed[:, 0] = True
        spans = spans.masked_fill(~allowed.unsqueeze(-1), -1e4)
        start, end = spans.unbind(-1)
        return Logits(start, end, self.answerable(states[:, 0]).float().squeeze(-1))


def loss(logits: Logits, first: Tensor, last: Tensor) -> Tensor:
    """Cross-entropy of start and end, and half as much that of whether there is an answer."""
    spans = functional.cross_entropy(logits.start, first) + functional.cross_entropy(logits.end, last)
    answerable = functional.binary_cross_entropy_with_logits(logits.answerable, (first > 0).float())
    return spans / 2 + answerable / 2


def _attention(
    _module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **_: object
) -> tuple[Tensor, None]:
    """Attention as plain products; query, key and value of shape (rows, heads, tokens, width).

    On a CPU, forward and backward in bfloat16 take 59 ms so, 191 ms in PyTorch's fused attention.
    Source: own measurement, 46 rows of 176 tokens, 12 heads of 32, PyTorch 2.13 on two cores with AVX-512.
    """
    rows, heads, tokens, width = query.shape
    flat = [part.reshape(rows * heads, tokens, width) for part in (query * width**-0.5, key, value)]
    scores = torch.bmm(flat[0], flat[1].transpose(1, 2)).view(rows, heads, tokens, tokens)
    if mask is not None:
        scores = scores + mask.to(scores.dtype)
    shares = torch.softmax(scores, dim=-1, dtype=scores.dtype).view(rows * heads, tokens, tokens)
    states = torch.bmm(shares, flat[2]).view(rows, heads, tokens, width)
    return states.transpose(1, 2).contiguous(), None


AttentionInterface.register("plain_products", _attention)
AttentionMaskInterface.register("plain_products", eager_mask)


def begin(folder: Path, dropout: float = 0.0) -> SpanNetwork:
    """The network on the encoder in `folder`."""
    return SpanNetwork(begin_encoder(folder, dropout))


def begin_encoder(folder: Path, dropout: float = 0.0) -> BertModel:
    """The encoder in `folder`, word embeddings frozen; `dropout` is that of the hidden states alone.

    Dropout of the attention would draw a number for each pair of tokens, which costs a CPU too much.
    """
    config = BertConfig.from_pretrained(folder)
    config.hidden_dropout_prob = dropout
    config.attention_probs_dropout_prob = 0.0
    encoder = BertModel.from_pretrained(
        folder, config=config, add_pooling_layer=False, attn_implementation="plain_products"
    )
    encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    return encoder


def save(network: nn.Module, file: Path) -> None:
    """All weights, as safetensors."""
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, file)


def load(folder: Path, file: Path, dropout: float = 0.0) -> SpanNetwork:
    """The network whose weights `save` wrote, on the configuration in `folder`."""
    network = begin(folder, dropout)
    network.load_state_dict(load_file(file))
    return network


def take_encoder(network: nn.Module, file: Path) -> None:
    """Gives the network the encoder of another one, whose weights `save` wrote to `file`."""
    kept = {name: value for name, value in load_file(file).items() if name.startswith("encoder.")}
    network.load_state_dict({**network.state_dict(), **kept})
