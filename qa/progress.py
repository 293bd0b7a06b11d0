"""What an answer is being made of just now: its stages, told as they begin; who is told may end the work."""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

from qa.reader.spans import SpanModel, Window

Stage = Literal["searching", "reading", "comparing"]
STAGES: tuple[Stage, ...] = get_args(Stage)

OnStage = Callable[[Stage], None]
"""Called as a stage begins and between its steps. What it raises ends the work, and reaches who asked."""

# Of the few hundred milliseconds that reading takes, a stop then waits for a third.
PASSAGES_A_STEP = 4


def unwatched(stage: Stage) -> None:
    """Tells nobody."""


class WatchedSpanModel:
    """A span model that reads a few passages at a time, so that what is stopped ends between them."""

    def __init__(self, model: SpanModel, on_stage: OnStage) -> None:
        self._model = model
        self._on_stage = on_stage

    @property
    def name(self) -> str:
        """The model's own: the logits are the same."""
        return self._model.name

    def windows(
        self, question: str, passages: Sequence[str], titles: Sequence[str] = (), talk: str = ""
    ) -> list[list[Window]]:
        """As `qa.reader.spans.SpanModel` says."""
        read: list[list[Window]] = []
        for start in range(0, len(passages), PASSAGES_A_STEP):
            self._on_stage("reading")
            step = slice(start, start + PASSAGES_A_STEP)
            read += self._model.windows(question, passages[step], titles[step], talk)
        return read
