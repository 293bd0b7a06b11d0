"""Whether a statement is of others than those whom a question names."""

from collections.abc import Iterable

from qa.asked import Asked
from qa.claims import Claim, Name, names_match
from qa.story_facts import speaks


def of_others(asked: Asked, claim: Claim, about: Iterable[Name] = ()) -> bool:
    """Whether the claim is of one whom the question names and of somebody new, in place of another.

    "Does Anthropic use Amazon's chips?" is not answered by "Anthropic is using Samsung's process". Who is
    quoted is nobody new, and `about` is of whom the sentence before it was.
    """
    opening = (frozenset({claim.opening}),) if claim.opening else ()
    named = (*claim.names, *opening, *about)
    met = [any(names_match(name, other) for other in named) for name in asked.names]
    if all(met) or not any(met):
        return False
    known = (*asked.names, *claim.source_names)
    return any(
        not any(names_match(name, other) for other in known) and not speaks(name, claim)
        for name in claim.names
    )
