"""What a follow-up leaves out and the earlier question holds: "And the third?", "Why?", "What about X?"."""

import re
from collections.abc import Sequence

from qa.mentions import Asked, modifies, names, subjects

_AUXILIARY = (
    r"(?:is|are|was|were|has|have|had|do|does|did|will|would|can|could|should|shall|may|might|must|isn't|aren't|"
    r"wasn't|weren't|hasn't|haven't|doesn't|don't|didn't|won't)"
)
_YES_NO = re.compile(rf"^{_AUXILIARY}\b", re.IGNORECASE)
_ADJUNCT = re.compile(rf"^(?:when|where|why|how) (?={_AUXILIARY}\b)", re.IGNORECASE)
_BARE = re.compile(
    r"""^(?:(?:since|until|from|by)\s+when|(?:why|when|where)(?:\s+exactly)?|how(?:\s+so|\s+come|\s+exactly)?
    |how\s+(?:long|often|soon|fast)|(?:by\s+|for\s+)?how\s+(?:much|many|long)
    |(?:from|in|on|at|over|for|by|to|with|under|during|through|until|since)\s+(?:what|which)\s+\w+(?:\s+\w+)?
    |(?:what|which)\s+(?:year|month|day|date|time|country|city|state|reason|purpose))$""",
    re.IGNORECASE | re.VERBOSE,
)
_ELSE = re.compile(r"^(?P<head>(?P<word>who|what|where|when|how|why) else)$", re.IGNORECASE)
# "Did France?" leaves out what was done.
WHO_DID = re.compile(rf"^(?i:{_AUXILIARY}) (?:the )?[A-Z][\w.&-]*(?: [A-Z][\w.&-]*)*$")
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|next|previous|latest|final|other|"
    r"\d+(?:st|nd|rd|th))"
)
_COUNT = r"(?: (?:two|three|four|five|six|seven|eight|nine|ten|few|\d{1,2}))?"
_RANKED = re.compile(rf"\b(?P<head>the {_ORDINAL}){_COUNT}(?: (?P<noun>[a-z]+))?", re.IGNORECASE)
_RANK = re.compile(
    rf"(?:(?P<in>in|for|of|on|at|during) )?(?P<head>the {_ORDINAL})(?: (?P<noun>[a-z]+))?", re.IGNORECASE
)
_WHEN = re.compile(
    r"\b(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?: \d{4})?"
    r"|(?:19|20)\d\d(?:/\d\d)?|(?:this|last|next) (?:year|month|week|quarter|season)|today|yesterday|tomorrow"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"^(?P<word>in|on|at|for|with|to|from|by|under|after|before|during|of|against|about|than|into) "
    r"(?P<what>.+)$",
    re.I,
)


def ask_of(talk: Sequence[Asked], earlier: str, rest: str) -> str:
    """The earlier question asked of `rest`, put in the place of what is like it; else both together."""
    ranked = _ranked(earlier, rest)
    if ranked:
        return ranked
    placed = _PLACED.match(rest)
    what = placed["what"] if placed else rest
    if _WHEN.fullmatch(what):
        then = _WHEN.search(earlier)
        return earlier[: then.start()] + what + earlier[then.end() :] if then else together(rest, earlier)
    said = [one for one in names(earlier) if not modifies(one, earlier)]
    owner = re.search(r"['’]s?$", what)
    alike = [one for one in said if set(one.text.split()) & set(what.split())]
    if placed:
        said = [
            one for one in said if re.search(rf"\b{placed['word']} (?:the )?$", earlier[: one.start], re.I)
        ]
    elif owner:
        said = [one for one in said if re.match(r"['’]", earlier[one.end :])]
    elif alike:
        said = alike
    elif len({one.text for one in said}) > 1:
        # Of two names the one that the talk has kept to stays. Without a sign of which, both are kept.
        before = {name for asked in talk[:-1] for name in subjects(asked)}
        said = [one for one in said if one.text not in before] if said[0].text in before else []
    if not said or not names(rest):
        return together(rest, earlier)
    start = (
        said[0].start - 4
        if what.startswith("the ") and earlier[: said[0].start].endswith("the ")
        else said[0].start
    )
    return earlier[:start] + (what[: owner.start()] if owner else what) + earlier[said[0].end :]


def _ranked(earlier: str, rest: str) -> str | None:
    """With "the third" for "the first two generations": the noun stays, in the singular."""
    rank, ranked = _RANK.fullmatch(rest), _RANKED.search(earlier)
    if rank is None or ranked is None:
        return None
    noun = re.sub(r"(?<=[^s])s$", "", ranked["noun"] or "")
    if rank["noun"] not in (None, "one", noun):
        return None
    return earlier[: ranked.start()] + f"{rank['head']} {noun}".strip() + earlier[ranked.end() :]


def of_fragment(question: str, earlier: str) -> str | None:
    """A question of a question word alone, put in the place of the earlier one's: "Why?", "Who else?"."""
    other = _ELSE.match(question)
    if other and re.match(rf"{other['word']}\b(?! else\b)", earlier, re.IGNORECASE):
        return question + earlier[len(other["word"]) :]
    bare = _BARE.match(question)
    if bare is None:
        return None
    if _YES_NO.match(earlier):
        return f"{question} {earlier[0].lower()}{earlier[1:]}"
    return _ADJUNCT.sub(lambda _: question + " ", earlier, count=1) if _ADJUNCT.match(earlier) else None


def together(question: str, earlier: str) -> str:
    """Both, the follow-up first: "Why: Who won the order?"."""
    return f"{question.rstrip('?').rstrip()}: {earlier}"
