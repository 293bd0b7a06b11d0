"""What a statement says to a yes/no question: yes, no, or neither for sure.

The words of the question are laid over those of the statement, in order. Only where all are found, and the
subject meets its verb, is there a verdict; a negation counts only where it stands between them. What stands
elsewhere, or in words that these rules do not know, leaves the question open.
"""

import re
from dataclasses import dataclass

from qa.asked_values import as_narrow, match_values
from qa.between import Said, read_between
from qa.certainty import Level, read_certainty
from qa.claims import Claim, read_claim
from qa.overlay import Laid, lay
from qa.proposition import Proposition, read_proposition
from qa.records import Polarity


@dataclass(frozen=True, slots=True)
class Verdict:
    """`certainty` is the level of the words that decide; where `polarity` is "open", what keeps it so.

    An open verdict of the level "none" says that the statement does not clearly speak of what is asked.
    `sure`, in 0..1, is how surely it says yes or no.
    """

    polarity: Polarity
    certainty: Level
    sure: float = 0.97  # the rules are right in so many of 100 cases: see `verdict`


HEDGES: tuple[Level, ...] = ("planned", "considered", "unconfirmed", "denied")  # less than a fact
_OPEN = Verdict("open", "none")
_DENIED_BEFORE = re.compile(
    r"\b(?:den(?:ied|ies|y)|dismiss(?:ed|es)|reject(?:ed|s)|refute[sd])(?: (?:the )?(?:reports?|claims?|"
    r"allegations?|suggestions?|rumou?rs?))?(?: that)?(?: the| an?)? $",
    re.I,
)
_DOUBT = re.compile(
    r"\b(?:not|no|never|neither|nor|den(?:y|ies|ied)|if|unless|whether|false(?:ly)?|untrue|doubt\w*|rumou?r\w*|"
    r"claim(?:s|ed)?|alleg\w+|accus\w+|fears?|hopes?|wants?|urg\w+|demand\w+|ask(?:s|ed)?|unlikely|likely|"
    r"without|until|before|fiction\w*|myth|pretend\w*|dismiss\w*|reject\w*|refut\w*|suppos\w+|instead|or|most|"
    r"idea|notion|belie\w+|think\w*|thought|theory|prediction|fail\w*|some|few|half|could|may|might|would|"
    r"plans?)\b|n't\b",
    re.I,
)
# The subject is then part of another: "the head of Samsung", "Samsung's".
_OTHER_HEAD = re.compile(
    r"\b(?:of|by|with|from|to|for|against|at|in|on|than|like|after|before|about)(?: the| an?)? $|'s $|"
    r"\b(?:north|south|east|west|new|former|ex|rival|fake|alleged|anti)[ -]$",
    re.I,
)
_NARROWS = re.compile(
    r"\b(?:until|because|due|unless|if|but|only|alone|before|after|when|while|since|although|though|to|as|"
    r"all|every|many|much|enough|simply|just|with|for|by|from|in|on|at|than|over|of)\b|\d",
    re.I,
)
_SOME = re.compile(r"\b(?:an?|any|some|another)\b", re.I)
_OTHER_VERB = re.compile(r"\b(?:where|who|which|when|that|and|while|after|to)\b", re.I)
_UNDONE = re.compile(
    r"^ (?:nothing|nobody|no|none|neither|nowhere)\b|\b(?:but|except|if|unless|contrary)\b|"
    r"\b(?:is|are|was|were|be|proved) (?:false|untrue|not true|baseless|"
    r"unfounded|wrong|denied|fake|a myth|a hoax)\b|"
    r"\b(?:later|then|since) (?:withdr\w+|cancel\w+|denied|revers\w+)",
    re.I,
)


def verdict(question: str, sentence: str, *, published: str | None) -> Verdict:
    """What `sentence`, raw text of an article of the date `published`, says to the yes/no `question`.

    "Hasn't X signed?" asks the same as "Has X signed?". Other kinds of question are always open.

    Source: own rules, made to be right where they speak. Of 1,080 questions made by rule from the development
    parts of VitaminC and FEVER-Symmetric they answer 79, 78 as labelled; of 3,520 from rows of VitaminC that
    shaped no rule, 151, 150 as labelled (yes 126 of 127, no 24 of 24).
    """
    asked = read_proposition(question)
    if asked is None:
        return _OPEN
    claim = read_claim(sentence, published=published)
    if claim.text.endswith("?"):
        return _OPEN
    found = [_judge(asked, claim, laid) for laid in lay(asked, claim.text)]
    told = [one for one in found if one.polarity != "open"]
    if len({one.polarity for one in told}) > 1:
        return _OPEN
    return next(iter(told or found), _OPEN)


def _judge(asked: Proposition, claim: Claim, laid: Laid) -> Verdict:
    """The verdict of the part of the statement that holds the question's words."""
    home = [clause for clause in claim.clauses if clause.start <= laid.first.start]
    part = [clause for clause in claim.clauses if home and clause.part == home[-1].part]
    if not part or laid.last.end > part[-1].end:
        return _OPEN
    lead, own = claim.text[part[0].start : laid.first.start], claim.text[laid.first.start : laid.last.end]
    tail = claim.text[laid.last.end : next(clause.end for clause in part if clause.end >= laid.last.end)]
    level = read_certainty(lead + own, claim.text, asked=asked.cues).level
    unclear = Verdict("open", level if level in HEDGES else "none")
    said = read_between(asked, claim, laid)
    doubted = _DOUBT.search(_DENIED_BEFORE.sub("", lead)) or _OTHER_HEAD.search(lead)
    undone = _UNDONE.search(claim.text[laid.last.end :])
    if said is None or doubted or undone or not as_narrow(asked.claim, own + tail):
        return unclear
    reach = laid.last.end + (end.start() if (end := _OTHER_VERB.search(tail)) else len(tail))
    low = laid.first.start - (len(lead) if len(lead) < 25 else 0)
    values = match_values(asked.claim, claim, low, reach)
    if values == "unclear":
        return unclear
    denied = _DENIED_BEFORE.search(lead) is not None
    negated = denied or said.answer != "yes"
    against = sum((denied, said.answer != "yes", laid.opposite, values == "other"))
    if negated:
        valued = asked.claim.quantities or any(low <= day.start < reach for day in claim.dates)
        vague = bool(asked.claim.dates or valued or _NARROWS.search(tail))
    else:
        vague = against > 0 and _SOME.search(asked.claim.text) is not None
    if against > 1 or vague:
        return _OPEN  # "has not signed in Italy", "opened a shop in May": some other way it may be so
    certainty = _certainty(asked, said, level, denied=denied or said.answer == "denied", negated=negated)
    answer: Polarity = "no" if bool(against) != asked.denies else "yes"
    return Verdict(answer, certainty) if certainty else unclear


def _certainty(asked: Proposition, said: Said, level: Level, *, denied: bool, negated: bool) -> Level | None:
    """How surely the verdict stands, from the level of its clause; None where the clause is hedged."""
    if denied:
        return "denied"
    if negated and level == "unconfirmed":
        return level
    if level not in ("fact", "future"):
        return None
    return "planned" if said.planned else "future" if asked.auxiliary == "will" else "fact"
