"""The earlier question asked of something else: "And the third?", "What about X?", "And in Spain?"."""

import re
from collections.abc import Sequence

from qa.mentions import Asked, Name, modifies, names, subjects

_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|next|previous|latest|final|other|"
    r"\d+(?:st|nd|rd|th))"
)
_COUNT = r"(?: (?:two|three|four|five|six|seven|eight|nine|ten|few|\d{1,2}))?"
_RANKED = re.compile(
    rf"\b(?P<head>the {_ORDINAL}){_COUNT}(?: (?P<noun>[a-z]+)(?P<of> of (?:19|20)\d\d)?)?", re.IGNORECASE
)
_RANK = re.compile(
    rf"(?:(?P<in>in|for|of|on|at|during) )?(?P<head>the {_ORDINAL})"
    r"(?: (?P<noun>[a-z]+)(?P<of> of (?:19|20)\d\d)?)?",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?: \d{4})?"
    r"|(?:19|20)\d\d(?:/\d\d)?|(?:this|last|next) (?:year|month|week|quarter|season)|today|yesterday|tomorrow"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_WORDS_OF_PLACE = "in|on|at|near|above|below|off|along|outside|inside|across|around"
_PLACED = re.compile(
    rf"^(?P<word>for|with|to|from|by|under|after|before|during|of|against|about|than|into|among|between|over|"
    rf"since|until|{_WORDS_OF_PLACE}) (?P<what>.+)$",
    re.I,
)
# Where something was, at the end of a question and with a name: "in the Kestrel Gap derailment".
_PLACE_AT_END = re.compile(
    rf" (?:{_WORDS_OF_PLACE}) (?:the )?(?=[A-Z])[^?:]*?(?= (?:in|on) (?:(?:19|20)\d\d|[A-Z][a-z]+day)|\??$)"
)
_THE_ONE = re.compile(rf"^the ones? (?P<place>(?:{_WORDS_OF_PLACE}) .+)$", re.IGNORECASE)
# "the oldest" for "the youngest", "the semi-final" for "the final", "injured" for "killed".
_MOST = r"the (?:\w{2,}est|most \w+|least \w+)"
_EXTREME = re.compile(rf"\b{_MOST}\b", re.IGNORECASE)
_PARTICIPLE = re.compile(r"\b(?:is|are|was|were|be|been) (?P<done>[a-z]{3,}(?:ed|en))\b")
_COMMON = re.compile(r"^the (?:[a-z-]+ )?(?P<noun>[a-z-]+)$")


def ask_of(talk: Sequence[Asked], earlier: str, rest: str) -> str | None:
    """The earlier question asked of `rest`, put in the place of what is like it; None without its like."""
    like = _ranked(earlier, rest) or _of_a_kind(earlier, rest)
    if like:
        return like
    one = _THE_ONE.match(rest)
    placed = _PLACED.match(one["place"] if one else rest)
    what = placed["what"] if placed else rest
    if _WHEN.fullmatch(what):
        return _at(earlier, rest, what)
    found = _to_replace(talk, earlier, what, placed)
    if found is not None and names(rest) and not one:
        return _put(earlier, found, what)
    return _placed_last(earlier, one["place"] if one else rest) if placed else None


def _to_replace(talk: Sequence[Asked], earlier: str, what: str, placed: re.Match[str] | None) -> Name | None:
    """The name of the earlier question in whose place `what` belongs."""
    said = [one for one in names(earlier) if not modifies(one, earlier)]
    if placed:
        said = [
            one for one in said if re.search(rf"\b{placed['word']} (?:the )?$", earlier[: one.start], re.I)
        ]
    elif re.search(r"['’]s?$", what):
        said = [one for one in said if re.match(r"['’]", earlier[one.end :])]
    elif alike := [one for one in said if set(one.text.split()) & set(what.split())]:
        said = alike
    elif len({one.text for one in said}) > 1:
        # Of two names the one that the talk has kept to stays. Without a sign of which, both are kept.
        before = {name for asked in talk[:-1] for name in subjects(asked)}
        said = [one for one in said if one.text not in before] if said[0].text in before else []
    return said[0] if said else None


def _put(earlier: str, name: Name, what: str) -> str:
    """`what` for the name; the possessive that stands there stays."""
    doubled = what.startswith("the ") and earlier[: name.start].endswith("the ")
    start = name.start - 4 if doubled else name.start
    return earlier[:start] + re.sub(r"['’]s?$", "", what) + earlier[name.end :]


def _at(earlier: str, rest: str, what: str) -> str:
    """Of another time: for the one that was asked of, else at the end."""
    then = _WHEN.search(earlier)
    if then is None:
        return _placed_last(earlier, rest if rest != what else f"in {what}" if what.isdecimal() else what)
    own_word = re.search(r"\b(?:in|on|during|since|until|by) $", earlier[: then.start()])
    return earlier[: then.start()] + (what if own_word else rest) + earlier[then.end() :]


def _placed_last(earlier: str, place: str) -> str:
    """With `place` in the place of another at the end of the question, else behind it."""
    question = earlier.rstrip("? ")
    word = place.split(maxsplit=1)[0].lower()
    there = _PLACE_AT_END.search(question) if word in _WORDS_OF_PLACE.split("|") else None
    if there and names(place):
        return f"{question[: there.start()]} {place}{question[there.end() :]}?"
    return f"{question} {place}?"


def _of_a_kind(earlier: str, rest: str) -> str | None:
    """With a superlative, a participle or a noun for another: "the oldest" for "the youngest"."""
    extreme = _EXTREME.search(earlier)
    if extreme and re.fullmatch(_MOST, rest, re.IGNORECASE):
        return earlier[: extreme.start()] + rest + earlier[extreme.end() :]
    done = _PARTICIPLE.search(earlier)
    if done and re.fullmatch(r"[a-z]{3,}(?:ed|en)", rest):
        return earlier[: done.start("done")] + rest + earlier[done.end("done") :]
    common = _COMMON.match(rest)
    if common is None:
        return None
    noun = re.escape(common["noun"].rsplit("-", 1)[-1])
    same = re.search(rf"\bthe (?:[a-z-]+ )?(?:[a-z]+-)?{noun}\b", earlier)
    return earlier[: same.start()] + rest + earlier[same.end() :] if same else None


def _ranked(earlier: str, rest: str) -> str | None:
    """With "the third" for "the first two generations": the noun stays, in the singular."""
    rank, ranked = _RANK.fullmatch(rest), _RANKED.search(earlier)
    if rank is None or ranked is None:
        return None
    noun = re.sub(r"(?<=[^s])s$", "", ranked["noun"] or "")
    if rank["noun"] not in (None, "one", noun):
        return None
    year = rank["of"] or ranked["of"] or ""
    return earlier[: ranked.start()] + f"{rank['head']} {noun}{year}".strip() + earlier[ranked.end() :]
