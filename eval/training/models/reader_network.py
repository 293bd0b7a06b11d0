"""The reader as a network: the encoder, and for each token what it is to the answer and to a follow-up."""

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
    """All of shape (rows, tokens): start and end, where the first token stands for no answer.

    `sentence` is averaged over the tokens of a sentence: the log-odds that it answers rather than nothing.
    `needed` says of a word of the talk that a follow-up needs it.
    """

    start: Tensor
    end: Tensor
    sentence: Tensor
    needed: Tensor


class SpanNetwork(nn.Module):
    """BERT with four linear outputs for each token."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.span = nn.Linear(encoder.config.hidden_size, 2)
        self.sentence = nn.Linear(encoder.config.hidden_size, 1)
        self.needed = nn.Linear(encoder.config.hidden_size, 1)

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
        sentence, needed = (head(states).float().squeeze(-1) for head in (self.sentence, self.needed))
        return Logits(start, end, sentence, needed)


def sentence_scores(logits: Tensor, sentence: Tensor, sentences: int) -> Tensor:
    """The mean of `logits` over the tokens of each sentence, of shape (rows, sentences); -1e4 for none.

    `sentence`, of shape (rows, tokens), numbers each token's sentence from 1, 0 for none.
    """
    sums = torch.zeros(len(logits), sentences + 1, device=logits.device)
    counts = sums.scatter_add(1, sentence, torch.ones_like(logits))[:, 1:]
    sums = sums.scatter_add(1, sentence, logits)[:, 1:]
    return torch.where(counts > 0, sums / counts.clamp(min=1), -1e4)


def reading_loss(
    logits: Logits,
    *,
    sentence: Tensor,
    gold: Tensor,
    first: Tensor,
    last: Tensor,
    owner: Tensor,
    spans: Tensor,
) -> Tensor:
    """The mean over questions of four cross-entropies; the tensors are those of `ReadingBatch`.

    Of the sentence, against all of its passage and against all passages of the question (Clark and Gardner
    2018), "none answers" being one more choice with the logit 0; of the answer's first and last word, in its
    passage, where the first token stands for none, and over all passages.
    """
    scores = sentence_scores(logits.sentence, sentence, gold.shape[1])
    answered = gold.any(1)
    nothing = torch.zeros(len(scores), 1, device=scores.device)
    every = torch.cat([nothing, scores], 1).logsumexp(1)
    right = torch.where(answered, scores.masked_fill(~gold, -1e4).logsumexp(1), nothing.squeeze(1))
    by_passage = every - right
    words = (
        functional.cross_entropy(logits.start, first, reduction="none")
        + functional.cross_entropy(logits.end, last, reduction="none")
    ) * spans
    total = by_passage.mean() + words.sum() / (2 * spans.sum().clamp(min=1))
    shared = []
    for number in range(int(owner.max()) + 1):
        mine = owner == number
        if mine.sum() < 2:
            continue
        some = scores[mine].flatten()
        choices = torch.cat([some, nothing[0]])
        target = some[gold[mine].flatten()] if answered[mine].any() else nothing[0]
        shared.append(choices.logsumexp(0) - target.logsumexp(0))
        if spans[mine].any() and answered[mine].any():
            for each, place in ((logits.start, first), (logits.end, last)):
                held = each[mine][answered[mine]]
                at = held.gather(1, place[mine][answered[mine]].unsqueeze(1)).flatten()
                shared.append((each[mine][:, 1:].flatten().logsumexp(0) - at.logsumexp(0)) / 2)
    return total + torch.stack(shared).sum() / (int(owner.max()) + 1) if shared else total


def needed_loss(logits: Logits, needed: Tensor, counted: Tensor) -> Tensor:
    """The mean cross-entropy of whether each content word of the talk is needed.

    Few are: those that are weigh three times as much, and the whole twice, beside the four parts of reading.
    """
    weight = torch.tensor(3.0, device=needed.device)
    each = 2 * functional.binary_cross_entropy_with_logits(
        logits.needed, needed.float(), pos_weight=weight, reduction="none"
    )
    return (each * counted).sum() / counted.sum().clamp(min=1)


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


def take_shared(network: nn.Module, file: Path) -> None:
    """Gives the network all weights of the file that it has by name; the others stay as they are."""
    own = network.state_dict()
    network.load_state_dict({**own, **{name: one for name, one in load_file(file).items() if name in own}})
