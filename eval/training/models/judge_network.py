"""The judge as a network: MPNet-base, and what it says of an article's excerpt or of two statements.

Its vocabulary is BERT's, each id plus four, with <s> 0, <pad> 1, </s> 2, <unk> 104 for [CLS], [PAD], [SEP],
[UNK], so that the bundled tokenizer serves it too. Source: Song et al. 2020; the names of the heads and of
the encoder's parts are those of the weights that the training begins from.
"""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import MPNetModel

from eval.training.data.windows import pad_pairs
from eval.training.judgements.judge_rows import JudgeRow
from eval.training.judgements.judgement import RELATION, STANCE
from eval.training.models.precision import fast_precision
from eval.training.models.reader_network import sentence_scores
from qa.comparison.model import JUDGE_RELATIONS, KINDS, STANCES

# How wide the outputs of a row are: stance, relation, kind, and whether it answers.
SIZES = (len(STANCES), len(JUDGE_RELATIONS), len(KINDS), 1)

_CLS, _SEP, _UNK = 101, 102, 100
# Beside the other losses, which are one each: a conflict's kind, and the words of the answer.
_KIND, _SPAN = 0.3, 0.5
# Layers that keep their weights: a CPU trains half as quick again so. On a graphics card, with ten times the
# tokens, all of them are better trained.
FROZEN_LAYERS = 6


def as_mpnet(ids: Tensor, mask: Tensor) -> Tensor:
    """BERT's ids as MPNet's; where `mask` is false, padding. Both of shape (rows, tokens)."""
    shifted = ids + 4
    for bert, mpnet in ((_CLS, 0), (_SEP, 2), (_UNK, 104)):
        shifted = torch.where(ids == bert, mpnet, shifted)
    return torch.where(mask, shifted, 1)


class PlainAttention(nn.Module):
    """MPNet's self-attention as plain products, which a CPU trains half as quick again; its weights stay."""

    def __init__(self, attention: nn.Module, dropout: float = 0.0) -> None:
        super().__init__()
        self._dropout = nn.Dropout(dropout)
        self.q, self.k, self.v, self.o = attention.q, attention.k, attention.v, attention.o
        self._heads = int(attention.num_attention_heads)  # type: ignore[arg-type]
        self._width = int(attention.attention_head_size)  # type: ignore[arg-type]

    def forward(self, states: Tensor, bias: Tensor) -> Tensor:
        """The new states; `states` (rows, tokens, hidden), `bias` (1 or rows, heads, tokens, tokens)."""
        rows, tokens, _ = states.shape

        def split(linear: nn.Module) -> Tensor:
            told: Tensor = linear(states).view(rows, tokens, self._heads, self._width)
            return told.transpose(1, 2).reshape(rows * self._heads, tokens, self._width)

        query, key, value = split(self.q) * self._width**-0.5, split(self.k), split(self.v)  # type: ignore[arg-type]
        scores = torch.bmm(query, key.transpose(1, 2)).view(rows, self._heads, tokens, tokens)
        scores = scores + bias.to(query.dtype)
        shares = self._dropout(torch.softmax(scores, -1, dtype=scores.dtype))
        shares = shares.view(rows * self._heads, tokens, tokens)
        mixed = torch.bmm(shares, value).view(rows, self._heads, tokens, self._width)
        out: Tensor = self.o(mixed.transpose(1, 2).reshape(rows, tokens, -1))  # type: ignore[operator]
        return out


class JudgeEncoder(nn.Module):
    """MPNet's layers. The words' embeddings, the lower `frozen` layers and all below keep their weights.

    `dropout` is the share dropped of the attention and of the hidden states of the layers that learn.
    """

    def __init__(self, folder: Path, *, frozen: int = FROZEN_LAYERS, dropout: float = 0.0) -> None:
        super().__init__()
        model = MPNetModel.from_pretrained(folder, add_pooling_layer=False)
        inner: Any = model.encoder
        self.emb, self.layers = model.embeddings, inner.layer
        self.rel = inner.relative_attention_bias
        self.config = model.config
        self._frozen, self._bucket = frozen, inner.relative_position_bucket
        self._dropout = nn.Dropout(dropout)
        for layer in inner.layer:
            layer.attention.attn = PlainAttention(layer.attention.attn, dropout)
        still = (self.emb, *self.layers[:frozen]) if frozen else (self.emb.word_embeddings,)
        for part in still:
            part.requires_grad_(False)
        kept = {id(module) for part in still for module in part.modules()}
        for module in self.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0 if id(module) in kept else dropout

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The states, (rows, tokens, hidden), of BERT's ids, (rows, tokens)."""
        positions = (torch.cumsum(mask.int(), 1) * mask + 1).long()
        states: Tensor = self.emb(input_ids=as_mpnet(ids, mask), position_ids=positions)
        places = torch.arange(ids.shape[1], device=ids.device)
        bias = self.rel(self._bucket(places[None] - places[:, None], num_buckets=32)).permute(2, 0, 1)[None]
        bias = bias + torch.where(mask, 0.0, -1e4)[:, None, None, :]
        layers: Any = self.layers
        for number, layer in enumerate(layers):
            learns = number >= self._frozen
            with torch.set_grad_enabled(torch.is_grad_enabled() and learns):
                attention = layer.attention
                mixed = attention.attn(states, bias if learns else bias.detach())
                met = attention.LayerNorm((self._dropout(mixed) if learns else mixed) + states)
                states = layer.output(layer.intermediate(met), met)
        return states


class JudgeNetwork(nn.Module):
    """The encoder; from its first token stance, relation, kind and whether it answers, from each where."""

    def __init__(self, encoder: JudgeEncoder) -> None:
        super().__init__()
        width = int(encoder.config.hidden_size)
        self.encoder = encoder
        self.stance = nn.Linear(width, len(STANCES))
        self.relation = nn.Linear(width, len(JUDGE_RELATIONS))
        self.kind = nn.Linear(width, len(KINDS))
        self.answers = nn.Linear(width, 1)
        self.sentence = nn.Linear(width, 1)
        self.span = nn.Linear(width, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> SimpleNamespace:
        """Logits; inputs of shape (rows, tokens).

        `stance` (rows, 4), `relation` (rows, 5), `kind` (rows, 5), `answers` (rows, 1); of each token
        `sentence` (rows, tokens), averaged over a sentence the log-odds that it answers, and `span`
        (rows, tokens, 2), that the answer begins and ends there.
        """
        states = self.encoder(ids, mask)
        first = states[:, 0]
        named = {
            name: getattr(self, name)(first).float() for name in ("stance", "relation", "kind", "answers")
        }
        named["sentence"] = self.sentence(states).float().squeeze(-1)
        named["span"] = self.span(states).float()
        return SimpleNamespace(**named)


def begin(
    folder: Path, start: Path | None = None, *, frozen: int = FROZEN_LAYERS, dropout: float = 0.0
) -> JudgeNetwork:
    """The network on the published encoder in `folder`, with the weights of `start` where it has any.

    A head that `start` knows with fewer outputs gets these; what it calls "both can be true" holds of
    statements that stand beside the question too, so that the new class begins as the old one.
    """
    network = JudgeNetwork(JudgeEncoder(folder, frozen=frozen, dropout=dropout))
    if start is None:
        return network
    own = network.state_dict()
    for name, value in load_file(start).items():
        if name not in own:
            continue
        mine = own[name]
        if mine.shape == value.shape:
            mine.copy_(value.float())
        elif mine.shape[1:] == value.shape[1:] and mine.shape[0] == len(value) + 1:
            mine[: len(value)].copy_(value.float())
            mine[len(value)].copy_(value[1].float())
    network.load_state_dict(own)
    return network


def loss(network: JudgeNetwork, made: Sequence[JudgeRow], device: torch.device) -> tuple[Tensor, int]:
    """The mean over rows of what each is judged by; and the batch's tokens with padding.

    Cross-entropies of stance, relation and kind; of whether it answers; of an excerpt's sentences, "none of
    them" being one more choice with the logit 0; and of the answer's first and last token, where the row's
    first stands for none.
    """
    ids, _, mask = pad_pairs([(row.ids, row.second_at) for row in made])
    with fast_precision(device):
        told = network(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))

    def of(name: str) -> Tensor:
        return torch.tensor([getattr(row, name) for row in made], device=device)

    total = torch.zeros((), device=device)
    tasks, labels, kinds, known = of("task"), of("label"), of("kind"), of("answers")
    for logits, mine, targets, weight in (
        (told.stance, (tasks == STANCE) & (labels >= 0), labels, 1.0),
        (told.relation, tasks == RELATION, labels, 1.0),
        (told.kind, kinds >= 0, kinds, _KIND),
    ):
        if mine.any():
            total = total + weight * functional.cross_entropy(logits[mine], targets[mine], reduction="sum")
    judged = known >= 0
    if judged.any():
        total = total + functional.binary_cross_entropy_with_logits(
            told.answers[judged].squeeze(1), known[judged].float(), reduction="sum"
        )
    total = total + _places(told, made, ids.shape[1], device)
    return total / len(made), ids.size


def _places(told: SimpleNamespace, made: Sequence[JudgeRow], tokens: int, device: torch.device) -> Tensor:
    """The losses of sentences and spans, summed over the excerpts among the rows."""
    at = [place for place, row in enumerate(made) if row.sentence is not None]
    total = torch.zeros((), device=device)
    if not at:
        return total
    numbered = [one for place in at if (one := made[place].sentence) is not None]
    sentence = np.zeros((len(at), tokens), np.int64)
    most = max(int(one.max()) for one in numbered)
    gold = np.zeros((len(at), most), np.bool_)
    for number, place in enumerate(at):
        row = made[place]
        sentence[number, : len(row)] = numbered[number]
        gold[number, [one - 1 for one in row.gold]] = True
    numbers, right = torch.from_numpy(sentence).to(device), torch.from_numpy(gold).to(device)
    scores = sentence_scores(told.sentence[at], numbers, most)
    nothing = torch.zeros(len(at), 1, device=device)
    every = torch.cat([nothing, scores], 1).logsumexp(1)
    known = torch.tensor([made[place].answers == 0 or bool(made[place].gold) for place in at], device=device)
    wanted = torch.where(right.any(1), scores.masked_fill(~right, -1e4).logsumexp(1), nothing.squeeze(1))
    total = total + ((every - wanted) * known).sum()
    spans = [number for number, place in enumerate(at) if made[place].spans]
    if spans:
        inside = numbers[spans] > 0
        inside[:, 0] = True
        logits = told.span[[at[number] for number in spans]].masked_fill(~inside.unsqueeze(-1), -1e4)
        for column, name in enumerate(("first", "last")):
            targets = torch.tensor([getattr(made[at[number]], name) for number in spans], device=device)
            total = total + _SPAN * functional.cross_entropy(logits[..., column], targets, reduction="sum")
    return total


Outputs = tuple[NDArray[np.float32], ...]


def logits_of(
    network: JudgeNetwork, made: Sequence[JudgeRow], device: torch.device, *, half: bool = True
) -> Outputs:
    """Stance, relation, kind and answers of all rows, in order; then the best sentence's logit and number.

    The last two, of shape (rows, 1), are 0 for rows that are no excerpts.
    """
    order = sorted(range(len(made)), key=lambda place: len(made[place]))
    outputs = [np.zeros((len(made), size), np.float32) for size in (*SIZES, 1, 1)]
    for first in range(0, len(order), 24):
        places = order[first : first + 24]
        ids, _, mask = pad_pairs([(made[place].ids, made[place].second_at) for place in places])
        with torch.no_grad(), fast_precision(device, half=half):
            told = network(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
        for output, name in zip(outputs, ("stance", "relation", "kind", "answers"), strict=False):
            output[places] = getattr(told, name).cpu().numpy()
        for number, place in enumerate(places):
            row = made[place]
            if row.sentence is not None and row.sentence.max() > 0:
                numbers = torch.from_numpy(row.sentence)[None].to(device)
                scores = sentence_scores(
                    told.sentence[number : number + 1, : len(row)], numbers, int(row.sentence.max())
                )
                best = int(scores[0].argmax())
                outputs[4][place], outputs[5][place] = float(scores[0, best]), best + 1
    return tuple(outputs)
