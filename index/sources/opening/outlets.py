"""Outlets that several articles bear out: what one text alone only may state, many of one outlet make likely.

Likely, not sure: of what is recognised so in folders of unseen styles 70 % is right
(`eval.openings.folders`), so that it is suggested to people, never stated.
"""

from collections import defaultdict
from collections.abc import Sequence

from index.names import fold_publisher

Names = Sequence[tuple[str, float]]
"""Names in an article's own lines, each with how likely it is that of the publisher, 0..1."""

# Fitted on folders laid out in the open styles, with `python -m eval.openings.folders`.
_LEAST_OWN = 0.02  # how likely a name is in the article itself
_LEAST_SUPPORT = 1.0  # how likely it is in the other articles, all taken together
_LEAST_OTHERS = 2
_CLEARLY = 2.0  # how many times likelier than the next name of the same article that is borne out


def recognise_outlets(articles: Sequence[Names], known: Sequence[str] = ()) -> list[str | None]:
    """Of each article the name that is its publisher's; None where no name is borne out, or two are.

    A name is borne out where at least two other articles have it in their own lines, likely enough, or state
    it: `known` holds each publisher as often as other articles state it. An author or a place may stand in
    many articles too, but seldom where an outlet does.
    """
    support: dict[str, list[float]] = defaultdict(list)
    for name in known:
        support[fold_publisher(name) or ""].append(1.0)
    likely = [_by_name(names) for names in articles]
    for one in likely:
        for name, (_, share) in one.items():
            support[name].append(share)
    found: list[str | None] = []
    for one in likely:
        borne_out = sorted(
            (
                (share, written)
                for name, (written, share) in one.items()
                if share >= _LEAST_OWN and _is_supported(share, support[name])
            ),
            reverse=True,
        )
        clear = borne_out and (len(borne_out) == 1 or borne_out[0][0] >= _CLEARLY * borne_out[1][0])
        found.append(borne_out[0][1] if clear else None)
    return found


def _is_supported(own: float, shares: Sequence[float]) -> bool:
    return len(shares) > _LEAST_OTHERS and sum(shares) - own >= _LEAST_SUPPORT


def _by_name(names: Names) -> dict[str, tuple[str, float]]:
    """By folded name: as it is written, and how likely."""
    found: dict[str, tuple[str, float]] = {}
    for written, share in names:
        folded = fold_publisher(written)
        if folded and share > found.get(folded, ("", 0.0))[1]:
            found[folded] = written, share
    return found
