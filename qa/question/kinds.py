"""What kind of answer a question wants: a span, the statement that explains, yes or no, or a list."""

import re
from functools import lru_cache
from typing import Literal

from index.clean import normalise

# span         "Who won the Paris marathon?", "How much did the club pay?"
# explanation  "Why did the bank raise its rate?", "chipmaker export licence status"
# yes_no       "Has the senator resigned?", "The strike is over?"
# list         "Which countries signed?", "Who are the finalists?"
Kind = Literal["span", "explanation", "yes_no", "list"]

_AUXILIARIES = (
    "is are was were am has have had does do did will would shall can could should may might must isn't "
    "aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't can't couldn't "
    "shouldn't cannot"
).split()
_AUX = rf"(?:{'|'.join(_AUXILIARIES)})"
_WH = r"(?:what|which|who|whom|whose|when|where|why|how)"
# What only leads up to a question: "So did they …", "According to reports, has X …", "When it closed, did …".
_SOFT = re.compile(r"^(?:(?:so|and|but|then|or|ok|okay|well|now|also|still|please|hi|hello)\b,? )+", re.I)
_PHRASE = re.compile(
    r"^(?:according|in|on|at|by|as|after|before|since|if|once|while|during|for|with|from|under|despite|given|"
    r"amid|following|of|among|based|when|until|although|though|apart|besides|unlike|like|through|per|today|"
    rf"currently|yesterday)\b[^,?]*, (?=(?:to |in )?(?:{_AUX}|{_WH})\b)",
    re.I,
)
# What wraps a question in another one, or in a request.
_WRAPPED = re.compile(
    r"^(?:(?:can|could|would|will) you (?:please |kindly )?(?:tell me|say)|(?:please )?tell me|"
    r"do (?:you|we) know|is it (?:known|clear)|i(?: would|'d)? (?:like|want) to know|i wonder|any idea|"
    rf"remind me),? (?P<rest>(?:(?:in|on|at|by|to|of|from|for|about|with) )?(?:{_WH}|whether)\b.+)",
    re.I,
)
_REQUEST = re.compile(r"^(?:(?:can|could|would|will) you (?:please |kindly )?|please )", re.I)
_LISTING = re.compile(
    r"^(?:list|enumerate|name (?:the|all|some|any|every|each|two|three|four|five|\w+s\b)|"
    r"give (?:me )?(?:a list|examples|the names|names)|all (?:of )?(?:the|these|those))\b",
    re.I,
)
_TELLING = re.compile(
    r"^(?:describe|explain|summari[sz]e|outline|discuss|compare|elaborate|clarify|what about|how about|"
    r"tell (?:me|us)|give (?:me |us )?an? (?:\w+ )?(?:summary|overview|account)|what do (?:we|you) know)\b",
    re.I,
)
_YES_NO = re.compile(rf"^(?:{_AUX}(?! \d)\b|whether\b)(?!\W*$)", re.I)
_TAGGED = re.compile(rf", (?:{_AUX} (?:it|they|he|she|not|there|we)|right|correct|no|yes)\?$", re.I)
# "Is it A or B?" asks for one of two. "Do you collect or use my data?" does not: what follows "or" runs on;
# nor does "Has any bank or insurer failed?".
_CHOICE = re.compile(
    r"\bor (?:(?:by|in|on|at|to|from|for|with|of|as|a|an|the|his|her|its|their) (?:\S+ ?){1,3}|"
    r"(?-i:[A-Z0-9$€£])\S*(?: \S+)?|"
    r"rise|fall|grow|shrink|win|lose|pass|fail|up|down|true|false|higher|lower|better|worse|earlier|later|"
    r"alive|dead|guilty|innocent|dangerous|unsafe)\?*$",
    re.I,
)
_NO_CHOICE = re.compile(
    r"\bor (?:not|no)\b|\bany(?:one|body|thing|where)?\b|\bever\b|\b(?:killed|injured|more)\?", re.I
)
_ASKING = re.compile(rf"(?<!\w){_WH}\b", re.I)
_FINITE = re.compile(
    rf"(?<=\w )(?:{_AUX}|\w{{2,}}ed|won|lost|said|made|paid|took|left|sold|bought|cut|met)\b", re.I
)
_CLOZE = re.compile(r"\b(?:is|are|was|were|called|named|known as)(?: an?| the)?\W*$", re.I)

_MEASURE = (
    "many|much|long|old|big|large|high|tall|far|often|fast|soon|late|early|heavy|expensive|wide|deep|small|few|"
    "little|strong|hot|cold|quickly|frequently|close|near|thick|rich|young|recently|severe"
)
_BE = r"(?:'s| is| are| was| were)"
_EXPLAINS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\bwhy\b|\bhow come\b|\bwhat (?:is |was )?for\?*$",
        rf"\bhow\b(?! (?:{_MEASURE})\b)(?!.* (?:called|named|spelled)\?*$)",
        rf"\bwhat(?: ha[sd]|{_BE})? (?:happen(?:s|ed|ing)?|going on)\b",
        r"\bwhat (?:will|would|might|could|may) happen\b",
        r"\bwhat (?:led|leads|made|makes|causes?(?! of)|caused|triggers?|triggered|prompts?|prompted|drives?|"
        r"drove|inspired|motivated|explains?|went wrong|goes wrong|distinguishe[sd]|changed|matters)\b",
        rf"\bwhat(?:{_BE}| has been| do| does| did) (?:\S+ ){{0,5}}?(?:say|said|known|think|believe|claim|"
        r"argue|reported|planned|expected|mean for)(?: (?:about|on|of|for|by)\b|\?*$)",
        rf"\bwhat{_BE} (?:\S+ ){{1,8}}about\?*$|\bwhat does it mean (?:to|for|that|when|if)\b",
        rf"\bwhat{_BE}? (?:\S+ ){{0,3}}(?:reasons?|explanations?|purposes?|significance|difference|status|"
        r"background|policy|point of|meaning of|motive|rationale|relationship|connection|link between|"
        r"reaction|response|latest|consensus|situation|news)\b",
        r"\bfor what (?:purpose|reason)\b|\b(?:in|by) (?:what|which) (?:ways?|means|manner)\b",
        r"\bto what extent\b",
        rf"\bwhat(?:{_BE}| did| does| do| will| would| should| can| could) (?:\S+ ){{1,4}}(?:do|doing)"
        r"(?: (?:if|when|about|to|with|for|after|in|next|now|then)\b.*)?\?*$",
        # A definition: "What is a haplogroup?", "What are index funds?"; not "What are the …", which lists.
        r"^what(?:'s| is| was) an? (?!(?:\w+ )?(?:way|example|name|word|term|synonym)\b)",
        r"^what are (?!(?:the|some|two|three|four|five|his|her|its|their|your|our|my|these|those|all|"
        r"examples?|other|\S+'s?)\b)\w+(?: \w+)?\?*$",
    )
)
_SEVERAL = re.compile(
    r"\bwho (?:are|were) (?:the|his|her|its|their|your|our|these|those|some|\S+'s?)\b|"
    r"\bwhat (?:are|were) (?:(?:\w+ly|also|now) )?(?:the|his|her|its|their|your|our|my|these|those|some|two|"
    r"three|four|five|all|examples|other|\S+'s?)\b|\b(?:who|what) else\b|"
    r"\b(?:which|what) (?:two|three|four|five|six|several|other)\b",
    re.I,
)
# The noun that "which" or "what" stands before, where it looks like a plural: "which chip makers will".
_PLURAL = re.compile(
    rf"\b(?P<wh>which|what) (?P<noun>(?!{_AUX}\b|of\b)(?:[\w'&.-]+ ){{0,3}}?"
    r"(?:[\w'-]*[^\Wsui]s|people|men|women|children))\b(?: (?P<next>[\w']+))?",
    re.I,
)
_NO_PLURAL = re.compile(
    r"(?:^|\W)(?:series|news|means|species|physics|politics|economics|tennis|chess|does|plus|\w+ss|\w+'s|\w+sis|"
    rf"always)$|\b(?:{_AUX}|of|in|to|from|for|at|by|with|on|most|the|an?|and)\b",
    re.I,
)
_OFTEN_ASKED = frozenset(
    "countries companies states cities nations people teams players parties groups banks firms products men "
    "women children films books languages animals foods".split()
)
_OBJECT_OPENS = frozenset("the a an its his her their this that these those".split())
_AFTER_NOUN = frozenset([*_AUXILIARIES, *"of in to from for at by with on that who".split()])


@lru_cache(maxsize=1_024)
def kind_of(question: str) -> Kind:
    """What kind of answer `question` wants.

    A choice ("Is it TSMC or Samsung?") wants a span; a definition ("What is a stablecoin?", "What are index
    funds?") and a keyword query want the statement; "What are the …" and "Who are the …" want a list.
    """
    text = bare(question)
    wrapped = _WRAPPED.match(text)
    if wrapped:
        return kind_of(wrapped["rest"])
    request = _REQUEST.sub("", text)
    if _LISTING.match(request):
        return "list"
    if _TELLING.match(request):
        return "explanation"
    return _opening(text) or (_by_question_word(text) if _ASKING.search(text) else _declared(text))


def bare(question: str) -> str:
    """The question, normalised, without what only leads up to it: "So", "According to reports,"."""
    text = " ".join(normalise(question).replace("’", "'").split())
    while True:
        shorter = _PHRASE.sub("", _SOFT.sub("", text.lstrip(" \"'«“-–—•*")))
        if shorter == text or not shorter:
            return text
        text = shorter


def _opening(text: str) -> Kind | None:
    """The kind where the opening auxiliary or a tag at the end tells it."""
    if _YES_NO.match(text):
        return "span" if _CHOICE.search(text) and not _NO_CHOICE.search(text) else "yes_no"
    return "yes_no" if _TAGGED.search(text) else None


def _by_question_word(text: str) -> Kind:
    if any(pattern.search(text) for pattern in _EXPLAINS):
        return "explanation"
    return "list" if _SEVERAL.search(text) or _asks_for_plural(text) else "span"


def _declared(text: str) -> Kind:
    """A statement put as a question is yes/no, one that breaks off a span; the rest are keywords."""
    if _CLOZE.search(text):
        return "span"
    return "yes_no" if text.endswith("?") and _FINITE.search(text) else "explanation"


def _asks_for_plural(text: str) -> bool:
    """Whether "which" or "what" stands before a plural; "what limits the supply" holds a verb instead."""
    match = _PLURAL.search(text)
    if match is None or _NO_PLURAL.search(match["noun"]):
        return False
    words = match["noun"].split()
    named = words[-1][0].isupper() and not words[-1].isupper()
    if named or (len(words) > 1 and (match["next"] or "").lower() in _OBJECT_OPENS):
        return False  # "Which Rovers player", "Which firm supplies the glass"
    if match["wh"].lower() == "which" or words[-1].lower() in _OFTEN_ASKED:
        return True
    return (match["next"] or "").lower() in _AFTER_NOUN
