"""The clause in which an amount stands, and the verb that governs it."""

import re

from qa.language.claims import Claim
from qa.language.quantities import Quantity
from qa.language.relation import key
from qa.language.terms import FUNCTION_WORDS

_BEING = frozenset(
    """numbers number totals total reached stands stood holds hold contains contain counts owns own employs
    comprises includes boasts offers seats maintains keeps got gets made saw drew counted recorded
    reported estimated put is are was were of at to than""".split()
)


def clause_at(claim: Claim, offset: int) -> int:
    """The clause that an offset of the claim's text lies in."""
    return max((index for index, part in enumerate(claim.clauses) if part.start <= offset), default=0)


def governor(claim: Claim, quantity: Quantity) -> str:
    """The verb right before the quantity, "sent" of "sent 3,000 troops"; "" for none, or one of having."""
    words = re.findall(r"[\w']+", claim.text[max(0, quantity.start - 40) : quantity.start])
    last = words[-1] if words else ""
    return "" if not last.islower() or last in FUNCTION_WORDS or last in _BEING else key(last)
