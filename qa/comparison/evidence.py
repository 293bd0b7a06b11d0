"""Statements as the comparison model hears them, and what a logistic regression makes of its shares."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from index.text.clean import normalise
from qa.comparison.model import ModelStatement
from qa.reader.candidates import headline
from qa.records import Citation

# Characters before a sentence that may explain it.
_BEFORE = 200


def to_model_statement(citation: Citation, before: str = "") -> ModelStatement:
    """The statement as the comparison model hears it."""
    title = headline(citation.publisher, citation.title)
    sentence, quote, told = (_plainly(text) for text in (citation.sentence, citation.quote, before))
    return ModelStatement(sentence, quote, told, title, citation.published)


def before_of(citation: Citation, texts: Mapping[str, str]) -> str:
    """What stands right before the statement in its article."""
    text = texts[citation.article_id]
    return text[max(0, citation.sentence_start - _BEFORE) : citation.sentence_start].split("\n")[-1]


# In plain letters, as the model was trained; questions come back to the same statements.
_plainly = lru_cache(maxsize=4096)(normalise)


def log_odds(share: float) -> float:
    """Of a probability, which is taken to lie in 0.0001..0.9999."""
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))


def probability(weights: Sequence[float], row: Sequence[float]) -> float:
    """What a logistic regression with these weights says of these features."""
    total = sum(weight * value for weight, value in zip(weights, row, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
