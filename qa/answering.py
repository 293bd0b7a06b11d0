"""Which value of a claim is the one that a question asks for: the nearest of the right kind."""

import re
from functools import lru_cache

from qa.asked import HOW_MANY, Asked
from qa.claims import Claim
from qa.dates import Period
from qa.quantities import Quantity, counted
from qa.relation import content_words, key
from qa.terms import FUNCTION_WORDS

_NO_AMOUNT = frozenset({"count", "people", "months", "days", "seconds", "age", "score"})
_NO_SIZE = frozenset({"months", "days", "seconds", "age", "score"})
_BEING = frozenset(
    """numbers number totals total reached stands stood holds hold contains contain counts owns own employs
    comprises includes boasts offers seats maintains keeps got gets made saw drew counted recorded
    reported estimated put is are was were of at to than""".split()
)
_HOW = re.compile(r"\bhow\b", re.I)
_HOW_BIG = re.compile(r"\bhow (?:big|large|strong|small)\b", re.I)
_OF = re.compile(r" of (?:the |its |their )?(?P<what>[a-z]\w+)")


def quantities(asked: Asked, claim: Claim) -> dict[str, Quantity]:
    """For each dimension that can answer, the quantity that stands nearest the question's words."""
    best: dict[str, tuple[float, Quantity]] = {}
    for quantity in claim.quantities:
        if quantity.role == "part" or not _answers(asked, claim, quantity):
            continue
        near = _nearness(asked, claim, quantity.start, quantity.end)
        group = "count" if quantity.dimension == "people" else quantity.dimension
        if group not in best or near > best[group][0]:
            best[group] = near, quantity
    return {group: quantity for group, (_, quantity) in sorted(best.items())}


def date(asked: Asked, claim: Claim, published: str | None = None) -> Period | None:
    """The date of the claim that stands nearest the question's words; not that of a report."""
    best: tuple[float, Period] | None = None
    for period in claim.dates:
        if not period.resolved or (
            period.reported and not re.search(r"announc|report|publish|say|said", asked.text)
        ):
            continue
        if asked.ahead and published and period.last and period.last.isoformat() < published:
            continue  # what will be is not what was
        near = _nearness(asked, claim, period.start, period.end)
        if best is None or near > best[0]:
            best = near, period
    return best[1] if best else None


def clause(asked: Asked, claim: Claim) -> int:
    """The first clause that holds most of the question's content words, names counting less."""
    named = {key(word) for name in (*asked.names, *claim.names) for word in name}
    held = [{word.key for word in claim.words if word.clause == index} for index in range(len(claim.clauses))]
    score = [sum(1.0 if word in named else 2.5 for word in keys & asked.keys) for keys in held]
    return max(range(len(score)), key=lambda index: (score[index], -index))


def clause_at(claim: Claim, offset: int) -> int:
    """The clause that an offset of the claim's text lies in."""
    return max((index for index, part in enumerate(claim.clauses) if part.start <= offset), default=0)


def _answers(asked: Asked, claim: Claim, quantity: Quantity) -> bool:
    """Whether the quantity can be what the question asks for: its dimension, its noun, the act it is of."""
    if quantity.modifier:
        return key(quantity.noun) in asked.keys or (asked.kind == "open" and bool(quantity.noun))
    if asked.kind != "number":
        return True
    if asked.dimensions and quantity.dimension.split("/")[0] not in asked.dimensions:
        return False
    if _of_other(asked, claim, quantity) or (asked.stative and _done(asked, claim, quantity)):
        return False
    if asked.noun and asked.noun != "people":
        # "How many AI chips": the noun is the last of the words asked, so any of them will do.
        return not quantity.noun or quantity.noun in nouns(asked)
    barred = _NO_SIZE if _HOW_BIG.search(asked.text) else _NO_AMOUNT
    return bool(asked.dimensions) or not _HOW.search(asked.text) or quantity.dimension not in barred


def _of_other(asked: Asked, claim: Claim, quantity: Quantity) -> bool:
    """Whether a measure is of something that the question does not name: "40 kg of instruments"."""
    of = _OF.match(claim.text, quantity.end)
    measured = quantity.dimension not in ("count", "people", "percent", "score")
    return measured and of is not None and key(of["what"]) not in asked.keys


def governor(claim: Claim, quantity: Quantity) -> str:
    """The verb right before the quantity, "sent" of "sent 3,000 troops"; "" for none, or one of having."""
    words = re.findall(r"[\w']+", claim.text[max(0, quantity.start - 40) : quantity.start])
    last = words[-1] if words else ""
    return "" if not last.islower() or last in FUNCTION_WORDS or last in _BEING else key(last)


def _done(asked: Asked, claim: Claim, quantity: Quantity) -> bool:
    """Whether the quantity is the object of an act that the question does not ask about."""
    verb = governor(claim, quantity)
    return bool(verb) and verb not in asked.keys


@lru_cache(maxsize=256)
def nouns(asked: Asked) -> frozenset[str]:
    """What a "how many" question counts: "AI", "chip" of "How many AI chips"."""
    many = HOW_MANY.search(asked.text)
    words = content_words((many["noun"] or many["noun2"]), keep=True) if many else ()
    return frozenset(counted(word) for word in words)


def _nearness(asked: Asked, claim: Claim, start: int, end: int) -> float:
    """How near the question's words stand to a value: each counts 1 / (1 + words between + 6 per clause)."""
    home = clause_at(claim, start)
    nearest: dict[str, float] = {}
    for word in claim.words:
        if word.key in asked.keys and not start <= word.start < end:
            between = (start - word.start if word.start < start else word.start - end) / 6
            nearness = 1 / (1 + between + 6 * abs(word.clause - home))
            nearest[word.key] = max(nearest.get(word.key, 0.0), nearness)
    return sum(nearest.values())
