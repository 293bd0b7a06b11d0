"""What disagrees, as HTML: a card for each disagreement; else what was compared, or why nothing was."""

from collections.abc import Sequence

from qa.app.html import render, words
from qa.app.html.differences import find_differences
from qa.app.html.render import Articles, escape, isolate
from qa.conflicts.engine import QUOTED_WORDS
from qa.conflicts.independence import Copies, with_copies
from qa.conflicts.merging import merge_conflicts, surest
from qa.export import text
from qa.export.text import ELSE, STANCES, TIERS, limits, no_conflict_text, source_of
from qa.records import Answer, Citation, Conflict, Polarity

NOT_COMPARED = "Only what these articles say was compared; what they leave out was not."
STATEMENTS_SHOWN = 3  # on a side; copies of one report may be very many


def quote(citation: Citation, against: Citation | None) -> str:
    """A quote in its sentence, with what makes the conflict marked.

    Of a sentence that is quoted whole these are the words that `against` lacks.
    """
    if against is None or citation.quote != citation.sentence:
        return render.sentence(citation)
    published = citation.published, against.published
    spans = find_differences(citation.sentence, against.sentence, published)
    return render.mark_each(citation.sentence, spans) if spans else render.sentence(citation)


def verdicts(conflict: Conflict) -> tuple[Polarity | None, Polarity | None]:
    """What either side surely says to a yes/no question, as the explanation tells it.

    It is read from the two ends, where no words of an article can stand in its place.
    """
    told = conflict.by_side()
    if len(told) != 2:
        return None, None
    held = told[1][0].quote.split()
    last = " ".join(held[:QUOTED_WORDS]) + (" …" if len(held) > QUOTED_WORDS else "")
    one = next((word for word in STANCES if conflict.explanation.startswith(f"{word}: “")), None)
    other = next(
        (word for word in STANCES if conflict.explanation.endswith(f" against {word}: “{last}”")), None
    )
    return one, other


def side(
    citations: Sequence[Citation],
    against: Citation | None,
    articles: Articles,
    label: str = "",
    own: Sequence[Citation] = (),
    *,
    copies: Copies = (),
) -> str:
    """One side of a conflict: all who take it, under `label`; `copies` with what they repeat.

    Many open on demand. The side of the answer, which `own` are the citations of, shows the first alone: what
    contradicts it stays in view.
    """
    ordered = sorted(citations, key=lambda one: own.index(one) if one in own else len(own))
    quotes = [
        f"{render.source(citation, articles)}{_title(citation, articles)}"
        f"<blockquote>{quote(citation, against)}</blockquote>"
        f"{render.according_to(citation)}{render.also_in(others, articles)}"
        for citation, others in with_copies(ordered, copies)
    ]
    first = f'<p class="label">{escape(label)}</p>' if label else ""
    many = 1 if ordered[0] in own else STATEMENTS_SHOWN
    shown, rest = quotes[:many], quotes[many:]
    summary = f"<summary>{escape(words.count(len(rest), 'more statement'))} on this side</summary>"
    more = f'<details class="others">{summary}{"".join(rest)}</details>' if rest else ""
    return f"<li>{first}{''.join(shown)}{more}</li>"


def _title(citation: Citation, articles: Articles) -> str:
    """The article's title under the name of a site or file, which tells less than a publisher's does."""
    return "" if citation.publisher else render.title_beside(citation, articles)


def labels(conflict: Conflict, own: Sequence[Citation]) -> list[str]:
    """What stands above each side: whether it is the answer's, and what it says to a yes/no question."""
    told = conflict.by_side()
    taken = [[one for one in side if one in own] for side in told]
    verdict = [*verdicts(conflict), *[None] * len(told)]  # an older conflict may have more sides
    found = []
    for at, mine in enumerate(taken):
        place = ("Another report" if conflict.possible_update else "Against the answer") if any(taken) else ""
        if mine:
            place = "The answer" if own[0] in mine else "Same as the answer"
        says = next((STANCES[one] for one in STANCES if one == verdict[at]), "")
        found.append(" · ".join(part for part in (place, says.lower() if place else says) if part))
    return found


def compare_link(sides: Sequence[Sequence[Citation]]) -> str:
    """The way to both articles at once, each at its quote; nothing for an article against itself."""
    if len(sides) < 2 or sides[0][0].article_id == sides[1][0].article_id:
        return ""
    link = render.pair_link(sides[0][0], sides[1][0])
    return f'<p class="more"><a data-article href="{link}">Compare in both articles</a></p>'


def card_id(name: str, number: int) -> str:
    """The name, in the page, of the card of a turn's conflict; they count from 1."""
    return f"{name}-conflict-{number}"


def conflict_card(
    conflict: Conflict,
    articles: Articles,
    own: Sequence[Citation] = (),
    *,
    name: str = "",
    copies: Copies = (),
) -> str:
    """Tier, kind, who is against whom, or the two values; opened each side's quotes, beside each other.

    `own` are the answer's citations, `name` that of the card in the page.
    """
    sure = f'<span class="sure">{escape(sureness(conflict))}</span>'
    named = f' id="{escape(name)}"' if name else ""
    return (
        f'<li class="card {shape(conflict)}"><details{named}><summary>'
        f'<span class="badges">{badges(conflict)}</span>'
        f'<span class="explanation">{isolate(headline(conflict))}</span>{sure}</summary>'
        f"{sides_beside(conflict, articles, labels(conflict, own), own, copies)}{render.keep_button(name)}"
        "</details></li>"
    )


def shape(conflict: Conflict) -> str:
    """By which class the style tells the tiers apart, in their outlines: what disagrees is solid."""
    return conflict.tier.replace("_", "-")


def badges(conflict: Conflict) -> str:
    """The tier, the kind, and whether it may be an update."""
    tier = f'<span class="badge tier {shape(conflict)}">{TIERS[conflict.tier]}</span>'
    update = '<span class="badge update">Possibly an update</span>' if conflict.possible_update else ""
    return f'{tier}<span class="badge kind">{escape(words.KINDS[conflict.kind])}</span>{update}'


def sureness(conflict: Conflict) -> str:
    """How often the sides of such a conflict cannot both be right, in words."""
    return words.how_often(conflict.tier, update=conflict.possible_update)


def sides_beside(
    conflict: Conflict,
    articles: Articles,
    over: Sequence[str],
    own: Sequence[Citation] = (),
    copies: Copies = (),
) -> str:
    """The sides beside each other, each under its label of `over`; how sure; the way to both articles."""
    told = conflict.by_side()
    sides = "".join(
        side(
            citations, told[0 if at else 1][0] if len(told) > 1 else None, articles, label, own, copies=copies
        )
        for at, (citations, label) in enumerate(zip(told, over, strict=True))
    )
    return (
        f'{_notes(conflict, own)}<ul class="sides">{sides}</ul>'
        f'<p class="surely">How sure: {words.percent(conflict.score)}</p>{compare_link(told)}'
    )


def headline(conflict: Conflict) -> str:
    """The two values; where these are the whole sentences, which stand in the sides, who is against whom."""
    if any(one.quote != one.sentence for one in conflict.statements):
        return conflict.explanation
    return opponents(conflict)


def opponents(conflict: Conflict) -> str:
    """Who is against whom; see `qa.export.text.opponents`."""
    return text.opponents(conflict, words.date)


def _notes(conflict: Conflict, own: Sequence[Citation]) -> str:
    """What else is to be known of a conflict."""
    lines = []
    if conflict.possible_update:
        names = {one.article_id: source_of(one) for one in conflict.statements}
        lines.append(f'<p class="later">{isolate(words.update_note(conflict, names))}</p>')
    if own and not any(one in own for one in conflict.statements):
        lines.append('<p class="later">The answer itself is on neither side.</p>')
    return "".join(lines)


def conflict_panel(answer: Answer, articles: Articles, name: str) -> str:
    """Conflicts; where none is shown, in neutral words what was compared; or that nothing was, and why."""
    check = answer.conflict_check
    if answer.conflicts:
        shown = merge_conflicts(answer)
        state, title = f"found {surest(shown)}".replace("_", "-"), words.disagreements(shown)
        own = words.own_citations(answer)
        cards = "".join(
            conflict_card(conflict, articles, own, name=card_id(name, number), copies=answer.copies)
            for number, conflict in enumerate(shown, 1)
        )
        told = f"{words.comparison_summary(check)} {limits(check)}".rstrip()
        body = f'<ul class="cards">{cards}</ul><p class="note">{escape(told)}</p>'
    elif check.status == "checked":
        title, told = no_conflict_text(answer)
        state = "beside" if title.startswith(ELSE) else "compared"
        told += f" {NOT_COMPARED}" if check.pairs else ""
        body = f'<p class="note">{escape(told.strip())}</p>' if told else ""
    else:
        state, title = "unchecked", "Not checked for conflicts"
        state += "" if answer.status == "answered" else " quiet"  # there is no answer to be in doubt
        body = f'<p class="note">{isolate(words.sentence(check.reason or "no reason was given"))}</p>'
    sign = '<span class="sign" aria-hidden="true"></span>'
    return (
        f'<section class="conflicts {state}" aria-labelledby="{name}-conflicts {name}-question">'
        f'<h3 id="{name}-conflicts">{sign}{isolate(title)}</h3>{body}</section>'
    )
