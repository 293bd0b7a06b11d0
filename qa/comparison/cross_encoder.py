"""A CrossEncoder that was trained on entailment, as a comparison model; it needs torch."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from index.errors import ModelError
from index.models import identity
from qa.comparison.model import KINDS, ModelStatement, RelationShares, StanceShares


class _Shares(NamedTuple):
    """How likely each label is of a premise and a hypothesis; they sum to 1."""

    entailment: float
    neutral: float
    contradiction: float


_LABELS = _Shares._fields


class CrossEncoderComparison:
    """Any CrossEncoder with the three labels of entailment, by hub id or folder, in float32 on the CPU.

    What is contradicted is a no, or a conflict. Such a model tells neither what is open from what is beside
    the question, nor an update from a conflict. Each pair runs by itself, so that it comes out the same
    whatever stands beside it; one that is too long for the model is cut as it was trained.
    """

    def __init__(self, name_or_folder: str) -> None:
        """Raises ModelError when sentence-transformers is not installed, or the model cannot be used."""
        self._model = _load(name_or_folder)
        self._order = _order(name_or_folder, self._model)
        self._name = identity(name_or_folder)

    @property
    def name(self) -> str:
        """A folder's name with the SHA-256 of its files, or a hub id with its commit."""
        return self._name

    @property
    def judge(self) -> None:
        """None: the bundled judge's weights were fitted beside the bundled model."""
        return None

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        """As `qa.comparison.model.Comparison` says."""
        judged = self._judge([(one.sentence, question) for one in statements])
        return [StanceShares(one.entailment, one.contradiction, 0.0, one.neutral) for one in judged]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        """As `qa.comparison.model.Comparison` says; the same only where each follows from the other."""
        del question
        ways = [way for one, other in pairs for way in ((one, other), (other, one))]
        judged = self._judge([(one.sentence, other.sentence) for one, other in ways])
        return [_relation(*both) for both in zip(judged[::2], judged[1::2], strict=True)]

    def _judge(self, pairs: Sequence[tuple[str, str]]) -> list[_Shares]:
        """What each premise says of its hypothesis."""
        if not pairs:
            return []
        from torch import nn

        rows = self._model.predict(
            list(pairs),
            batch_size=1,
            show_progress_bar=False,
            activation_fn=nn.Identity(),
            apply_softmax=True,
        )
        return [_Shares(*(float(row[place]) for place in self._order)) for row in rows]


def _relation(one: _Shares, other: _Shares) -> RelationShares:
    """Of two statements by what each says of the other; which kind of conflict it would be is not told."""
    same = min(one.entailment, other.entailment)
    conflict = (one.contradiction + other.contradiction) / 2
    return RelationShares(same, max(0.0, 1 - same - conflict), conflict, 0.0, (1 / len(KINDS),) * len(KINDS))


def _load(name_or_folder: str) -> Any:
    """No code of a hub model is run."""
    try:
        from safetensors import SafetensorError
        from sentence_transformers import CrossEncoder  # 6 s and 450 MB
    except ImportError as error:
        raise ModelError(
            f"The entailment model {name_or_folder} needs sentence-transformers, which is not installed: "
            'pip install sentence-transformers, or leave the setting entailment at "bundled".'
        ) from error
    try:
        return CrossEncoder(
            name_or_folder,
            device="cpu",
            trust_remote_code=False,
            model_kwargs={"dtype": "float32"},
        )
    except (
        OSError,
        ValueError,
        RuntimeError,
        KeyError,
        TypeError,
        ImportError,
        SafetensorError,
    ) as error:  # as the library lets them through
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ModelError(
            f"The entailment model {name_or_folder} cannot be loaded ({reason}). Check the name; a folder "
            "must hold a CrossEncoder, and a hub model needs the network the first time. "
            "The bundled comparison model needs neither."
        ) from error


def _order(name: str, model: Any) -> tuple[int, ...]:
    """Which output stands for each of our labels. Raises ModelError where that cannot be told."""
    config: Any = model.config
    named: Mapping[Any, str] = getattr(config, "id2label", None) or {}
    labels = {int(place): str(label).lower() for place, label in named.items()}
    trained = any(
        str(one).endswith("ForSequenceClassification") for one in getattr(config, "architectures", None) or ()
    )
    found = [[place for place, label in labels.items() if label.startswith(one[:6])] for one in _LABELS]
    if not trained or len(labels) != len(_LABELS) or any(len(places) != 1 for places in found):
        said = ", ".join(str(label) for label in named.values()) or "none"
        raise ModelError(
            f"The entailment model {name} does not say which of its outputs mean {', '.join(_LABELS)}: its "
            f"labels are {said}. Name a CrossEncoder that was trained on entailment and states these three "
            'labels in its config.json (id2label), or leave the setting entailment at "bundled".'
        )
    return tuple(places[0] for places in found)
