"""Two questions in one: "How many died, and who was blamed?" is cut where the second begins.

Grammar decides: what follows "and" must be a question by itself, in the order of one. "When and where was it
found?", "Did he say how it began and who was there?" and "Which river floods and is feared?" are each one.
"""

import re

from qa.question.kinds import AUXILIARY, bare

MOST_PARTS = 4

_WH = r"(?:what|which|who|whom|whose|when|where|why|how)"
_CUT = re.compile(
    rf"\?+\s+(?=\w)|\s*[,;]?\s+(?:and|but)\s+(?:also\s+)?(?={_WH}\b|{AUXILIARY}\b)|\s*[,;]\s+(?={_WH}\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"^(?:(?:(?:in|at|by|for|to|from|of|with|on)\s+)?{_WH}|{AUXILIARY})\b", re.IGNORECASE)
_INNER = re.compile(rf"(?<=\w)\s+{_WH}\b", re.IGNORECASE)
# "who was blamed", "what did it cost", "how many died": the verb first, or what is asked for is the subject.
_WHOLE = re.compile(
    rf"^(?:(?:what|which|who|whom|whose)\b|how (?:many|much|long|far|often|old|big|large|high)\b|"
    rf"(?:when|where|why|how)(?:'s|\s+{AUXILIARY})\b|why\W*$)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    rf"^{AUXILIARY}\s+(?:(?:it|he|she|they|we|you|i|this|that|these|those|there|the|an?|his|her|its|their|any|"
    r"anyone|somebody|someone|anybody)\b|(?-i:[A-Z]))",
    re.IGNORECASE,
)


def split_questions(question: str) -> list[str]:
    """The questions in it, each with its mark; all as one where there are more than `MOST_PARTS`."""
    parts: list[str] = []
    rest = question.strip()
    at = 0
    while found := _CUT.search(rest, at):
        first, second = rest[: found.start()], rest[found.end() :]
        marked = found[0].startswith("?")
        if _stands_alone(first, least=2 if marked else 3) and _begins_another(second, marked=marked):
            parts.append(_end(first))
            rest, at = second, 0
        else:
            at = found.end()
    return [*parts, _end(rest)] if 0 < len(parts) < MOST_PARTS else [question]


def _stands_alone(text: str, least: int) -> bool:
    words = bare(text).split()
    asks = bool(_ASKS.match(bare(text)))
    return asks and len(words) >= least and _INNER.search(bare(text)) is None


def _begins_another(text: str, *, marked: bool) -> bool:
    if marked:
        return bool(_ASKS.match(bare(text)))
    return bool(_WHOLE.match(text) or _SUBJECT.match(text))


def _end(text: str) -> str:
    plain = text.rstrip(" ,;.?!") + "?"
    return plain[:1].upper() + plain[1:]
