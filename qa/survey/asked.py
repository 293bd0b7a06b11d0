"""What a question asks for: a number of some unit, a date, whether something is so, or something else."""

from dataclasses import dataclass
from typing import Literal

from qa.language.claims import Name

Kind = Literal["number", "date", "certainty", "open"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`keys` are the content words (see `qa.language.claims.key`) without those that only ask ("how many").

    `dimensions` are those of `qa/language/units.py` that can answer, empty for any; `noun` is what is to be
    counted; `cues` the kinds of hedge that the question asks about itself. `verb` is what a yes/no
    question, or one for a date or an amount, asks of its subject; "" where that cannot be told. `stative`
    questions ask what is, or what someone has, not what was done; those `ahead` what will be.
    """

    text: str
    kind: Kind
    keys: frozenset[str]
    names: tuple[Name, ...]
    dimensions: frozenset[str]
    noun: str
    cues: frozenset[str]
    verb: str
    stative: bool
    ahead: bool
