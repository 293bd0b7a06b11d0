"""What is held for those who send, in bytes: of one address no more than its share, of all no more than all.

Many people may stand behind one address, so that a share is a large one; what is left of all is for others.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Shares:
    """Used on the event loop alone. `most` is that of all together, `share` that of one of them."""

    most: int
    share: int
    held: int = 0
    _of: Counter[str] = field(default_factory=Counter)

    def take(self, who: str, size: int) -> bool:
        """Whether `size` more may be held for `who`; then it is, until it is given back."""
        if self.held + size > self.most or self._of[who] + size > self.share:
            return False
        self.held += size
        self._of[who] += size
        return True

    def give_back(self, who: str, size: int) -> None:
        """So much of what was taken for `who` is held no more."""
        self.held -= size
        self._of[who] -= size
        if self._of[who] <= 0:
            del self._of[who]
