"""Pairs as news tells them: with who said it, and with a surname for a name.

None of it changes what follows from what, and a model that has not seen it is misled by it: "X will not sign,
her spokesman said" was taken to mean that X will sign.
"""

import random
import re
from dataclasses import replace

from eval.training.pairs.pair import Pair
from eval.training.pairs.reworded import capital, small

_FIRST = """
Adam Alan Alice Amy Andrea Andrew Angela Ann Anna Anne Anthony Barbara Benjamin Bernard Brian Carl
Carlos Carol Catherine Charles Charlotte Chris Christian Christopher Claire Daniel David Deborah
Dennis Diana Donald Douglas Edward Elena Elizabeth Emily Emma Eric Eva Francis Frank Fred George
Gerald Grace Hannah Harold Harry Helen Henry Howard Hugh Ian Irene Jack James Jane Janet Jason Jean
Jennifer Jessica Joan John Jonathan Jose Joseph Juan Judith Julia Karen Karl Kate Keith Kenneth
Kevin Larry Laura Lewis Linda Lisa Louis Lucy Luis Maria Mark Martha Martin Mary Matthew Michael
Michelle Nancy Nicholas Oliver Olivia Oscar Patricia Patrick Paul Peter Philip Rachel Ralph Raymond
Rebecca Richard Robert Roger Ronald Rose Roy Ruth Samuel Sandra Sarah Scott Sophia Stephen Steven
Susan Teresa Thomas Timothy Victor Victoria Vincent Walter William
""".split()
_LAST = """
Adler Bauer Bennett Brandt Carver Costa Dalton Dietrich Farrell Fischer Foster Grant Haas Hansen
Hollis Iqbal Janssen Keller Khan Kovac Larsen Lindgren Marsh Mendez Moreau Nakamura Novak Okafor
Olsen Park Petrov Quinn Reyes Rossi Santos Schmidt Silva Stone Tanaka Turner Varga Vogel Walsh Weber
Yilmaz Zimmer
""".split()
_WHO = (
    "the company",
    "a company spokesman",
    "her spokesman",
    "a spokeswoman",
    "officials",
    "the ministry",
    "the police",
    "researchers",
    "the agency",
    "the report",
    "the newspaper",
    "its chairman",
    "the club",
    "investigators",
    "the government",
    "a person close to the matter",
    "people familiar with the matter",
    "the study",
    "the mayor",
    "analysts",
    "the union",
    "the bank",
    "the court",
    "an official",
    "reporters",
)
_ROLES = ("", "", "chief executive ", "spokesman ", "minister ", "the director, ", "its president, ")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_AFTER = (
    "{}, {} said.",
    "{}, {} said.",
    "{}, {} said on {}.",
    "{}, {} told reporters.",
    "{}, according to {}.",
)
_BEFORE = ("{} said that {}.", "{} said on {} that {}.", "According to {}, {}.", "{} confirmed that {}.")
_NAMED = re.compile(rf"\b(?:{'|'.join(_FIRST)}) (?=[A-Z][a-z]+\b(?! [A-Z]))")

# Of the pairs that a rule made so many have a source named, of the others so many; and of all, so many have a
# surname alone.
_MADE, _OTHERS, _SURNAME = 0.4, 0.15, 0.3


def retold(pair: Pair, draw: random.Random, *, made: bool) -> Pair:
    """The pair, perhaps told otherwise; its label holds as before. `made`: whether a rule made it."""
    premise, hypothesis = pair.premise, pair.hypothesis
    if draw.random() < (_MADE if made else _OTHERS):
        premise = attribute(premise, draw)
    if draw.random() < _SURNAME:
        hypothesis = with_surname(hypothesis)
    return replace(pair, premise=premise, hypothesis=hypothesis)


def attribute(sentence: str, draw: random.Random) -> str:
    """The sentence with who said it; as it is where it is no plain one."""
    bare = sentence.rstrip()
    if not re.search(r"\w\.$", bare) or ". " in bare or '"' in bare or len(bare) > 220:
        return sentence
    who = draw.choice(_WHO) if draw.random() < 0.5 else _person(draw)
    if draw.random() < 0.75:
        return draw.choice(_AFTER).format(bare[:-1], who, draw.choice(_DAYS))
    way, inner = draw.choice(_BEFORE), small(bare)
    made = way.format(who, draw.choice(_DAYS), inner) if way.count("{}") == 3 else way.format(who, inner)
    return capital(made)


def with_surname(sentence: str) -> str:
    """The sentence with its first name of a person cut to the surname."""
    return _NAMED.sub("", sentence, count=1)


def _person(draw: random.Random) -> str:
    return f"{draw.choice(_ROLES)}{draw.choice(_FIRST)} {draw.choice(_LAST)}"
