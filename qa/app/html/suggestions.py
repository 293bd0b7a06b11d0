"""Questions to go on with, as buttons: under the newest answer, and at first in a library of one's own."""

from collections.abc import Sequence

from qa.app.html.render import escape, isolate
from qa.records import ConflictTier
from qa.suggestions.offer import Offer

ON = "Ask next"
INSTEAD = "The articles do answer"
FIRST = "Your articles answer these."
WHOLE = "Ask all articles of the library the same question"
DISAGREE: dict[ConflictTier, str] = {
    "disagree": "the articles disagree",
    "may_disagree": "the articles may disagree",
}


def follow_ups(offers: Sequence[Offer], number: int, *, answered: bool) -> str:
    """What `suggestions.js` puts under the turn `number`; "" where nothing is offered."""
    if not offers:
        return ""
    lead = ON if answered else INSTEAD
    return (
        f'<div class="further" data-turn="turn-{number}" role="group" aria-label="{lead}">'
        f'<p aria-hidden="true">{lead}</p>{_buttons(offers)}</div>'
    )


def starters(offers: Sequence[Offer]) -> str:
    """The same before anything was asked."""
    if not offers:
        return ""
    return f'<p class="try" id="starters-lead">{FIRST}</p>{_buttons(offers, labelled="starters-lead")}'


def _buttons(offers: Sequence[Offer], labelled: str = "") -> str:
    label = f' aria-labelledby="{labelled}"' if labelled else ""
    return f"<ul{label}>{''.join(map(_button, offers))}</ul>"


def _button(offer: Offer) -> str:
    told = f' <span class="disputed">{DISAGREE[offer.tier]}</span>' if offer.tier is not None else ""
    question, whole = escape(offer.question), " data-whole" if offer.whole else ""
    label = WHOLE if offer.whole else isolate(offer.question)
    return f'<li><button type="button" data-ask="{question}"{whole}>{label}{told}</button></li>'
