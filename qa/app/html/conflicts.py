"""What disagrees, as HTML: a card for each disagreement, its sides beside each other; what was compared."""

from collections.abc import Sequence

from index.records import Span
from qa.app.html import render, words
from qa.app.html.differences import find_differences
from qa.app.html.render import Articles, escape, isolate
from qa.conflicts.engine import QUOTED_WORDS
from qa.conflicts.independence import Copies, with_copies
from qa.conflicts.merging import surest
from qa.conflicts.tally import Tally
from qa.export import text
from qa.export.tally import compared_text, verdict_text
from qa.export.text import STANCES, TIERS, limits, source_of
from qa.records import Answer, Citation, Conflict, ConflictKind, Polarity

NOT_COMPARED = "Only what these articles say was compared; what they leave out was not."
STATEMENTS_SHOWN = 3  # on a side; copies of one report may be very many
EXCERPT_CHARS = 90  # of a sentence on a closed mark or card
_BEFORE_CHARS = 14  # of these before what differs


def quote(citation: Citation, against: Citation | None, kind: ConflictKind | None = None) -> str:
    """A quote in its sentence, with what makes the conflict marked.

    Of a sentence that is quoted whole these are the words that `against` lacks, days only where days differ.
    """
    spans = _differing(citation, against, kind)
    return render.mark_each(citation.sentence, spans) if spans else render.sentence(citation)


def _differing(citation: Citation, against: Citation | None, kind: ConflictKind | None) -> tuple[Span, ...]:
    """The words of a sentence that is quoted whole which `against` lacks."""
    if against is None or citation.quote != citation.sentence:
        return ()
    published = citation.published, against.published
    return find_differences(citation.sentence, against.sentence, published, kind=kind)


def excerpt(citation: Citation, against: Citation, kind: ConflictKind) -> str:
    """Its words for a closed mark: the quote, or of a whole sentence those around what differs."""
    if citation.quote != citation.sentence:
        return f'<span class="excerpt">“{render.mark_span(citation.quote, 0, len(citation.quote))}”</span>'
    whole = citation.sentence
    spans = _differing(citation, against, kind)
    start = _word_start(whole, max(0, spans[0].start - _BEFORE_CHARS)) if spans else 0
    end = _word_end(whole, min(len(whole), start + EXCERPT_CHARS))
    inside = [Span(one.start - start, min(one.end, end) - start) for one in spans if one.start < end]
    before, after = "… " if start else "", " …" if end < len(whole) else ""
    return f'<span class="excerpt">“{before}{render.mark_each(whole[start:end], inside)}{after}”</span>'


def _word_start(sentence: str, at: int) -> int:
    """The beginning of the word that `at` is in, or of the next one; never past the end."""
    if at == 0:
        return 0
    after = sentence.find(" ", at - 1)
    return at if after < 0 else after + 1


def _word_end(sentence: str, at: int) -> int:
    """The end of the last whole word before `at`."""
    if at == len(sentence):
        return at
    before = sentence.rfind(" ", 0, at + 1)
    return at if before <= 0 else before


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
    *,
    kind: ConflictKind | None = None,
    copies: Copies = (),
) -> str:
    """One side of a conflict: all who take it, under `label`; `copies` with what they repeat.

    Many open on demand.
    """
    quotes = [
        f"{render.source(citation, articles)}{_title(citation, articles)}"
        f"<blockquote>{quote(citation, against, kind)}</blockquote>"
        f"{render.according_to(citation)}{render.also_in(others, articles)}"
        for citation, others in with_copies(citations, copies)
    ]
    first = f'<p class="label">{escape(label)}</p>' if label else ""
    shown, rest = quotes[:STATEMENTS_SHOWN], quotes[STATEMENTS_SHOWN:]
    summary = f"<summary>{escape(words.count(len(rest), 'more statement'))} on this side</summary>"
    more = f'<details class="others">{summary}{"".join(rest)}</details>' if rest else ""
    return f"<li>{first}{''.join(shown)}{more}</li>"


def _title(citation: Citation, articles: Articles) -> str:
    """The article's title under the name of a site or file, which tells less than a publisher's does."""
    return "" if citation.publisher else render.title_beside(citation, articles)


def labels(conflict: Conflict) -> list[str]:
    """What stands above each side: what its first statement's article says to a yes/no question."""
    told = conflict.by_side()
    known = [*verdicts(conflict), *[None] * len(told)]  # an older conflict may have more sides
    return [
        verdict_text(verdict, elsewhere=side[0].elsewhere) if verdict else ""
        for verdict, side in zip(known, told, strict=False)
    ]


def compare_link(sides: Sequence[Sequence[Citation]]) -> str:
    """The way to both articles at once, each at its quote; nothing for an article against itself."""
    if len(sides) < 2 or sides[0][0].article_id == sides[1][0].article_id:
        return ""
    link = render.pair_link(sides[0][0], sides[1][0])
    return f'<p class="more"><a data-article href="{link}">Compare in both articles</a></p>'


def card_id(name: str, number: int) -> str:
    """The name, in the page, of a turn's conflict; they count from 1."""
    return f"{name}-conflict-{number}"


def conflict_card(conflict: Conflict, articles: Articles, *, name: str = "", copies: Copies = ()) -> str:
    """Tier, kind, and the words of both sides; opened each side's quotes, beside each other.

    `name` is that of the card in the page.
    """
    sure = f'<span class="sure">{escape(sureness(conflict))}</span>'
    named = f' id="{escape(name)}"' if name else ""
    return (
        f'<li class="card {shape(conflict)}"><details{named}><summary>'
        f'<span class="badges">{badges(conflict)}</span>'
        f'<span class="explanation">{both_quotes(conflict)}</span>{sure}</summary>'
        f"{sides_beside(conflict, articles, copies=copies)}{render.keep_button(name)}</details></li>"
    )


def both_quotes(conflict: Conflict) -> str:
    """The words of each side, with what differs marked, and who says so; for a closed card."""
    firsts = [side[0] for side in conflict.by_side()]
    told = [
        f'<span class="quoted-side">{excerpt(one, firsts[0 if at else -1], conflict.kind)} '
        f'<span class="by">{isolate(words.speaker(one))}</span></span>'
        for at, one in enumerate(firsts)
    ]
    return '<span class="versus"> against </span>'.join(told)


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
    conflict: Conflict, articles: Articles, over: Sequence[str] | None = None, copies: Copies = ()
) -> str:
    """The sides beside each other, each under its label, by itself its verdict; how sure; both articles."""
    told = conflict.by_side()
    sides = "".join(
        side(
            citations,
            told[0 if at else 1][0] if len(told) > 1 else None,
            articles,
            label,
            kind=conflict.kind,
            copies=copies,
        )
        for at, (citations, label) in enumerate(zip(told, over or labels(conflict), strict=True))
    )
    note = f'<p class="later">{isolate(_update_note(conflict))}</p>' if conflict.possible_update else ""
    return (
        f'{note}<ul class="sides">{sides}</ul>'
        f'<p class="surely">{escape(words.KINDS[conflict.kind])}. {escape(sureness(conflict))}. '
        f"How sure: {words.percent(conflict.score)}</p>{compare_link(told)}"
    )


def _update_note(conflict: Conflict) -> str:
    return words.update_note(conflict, {one.article_id: source_of(one) for one in conflict.statements})


def opponents(conflict: Conflict) -> str:
    """Who is against whom; see `qa.export.text.opponents`."""
    return text.opponents(conflict, words.date)


def conflict_panel(answer: Answer, tally: Tally, articles: Articles, name: str) -> str:
    """What came of comparing: cards where no table tells conflicts; what was compared; why nothing was."""
    check = answer.conflict_check
    if check.status == "not_checked":
        state, title = "unchecked", "Not checked for conflicts"
        state += "" if answer.status == "answered" else " quiet"  # there is no answer to be in doubt
        body = f'<p class="note">{isolate(words.sentence(check.reason or "no reason was given"))}</p>'
    elif tally.conflicts and not tally.stands:
        shown = tally.conflicts
        state, title = f"found {surest(shown)}".replace("_", "-"), words.disagreements(shown)
        cards = "".join(
            conflict_card(conflict, articles, name=card_id(name, number), copies=answer.copies)
            for number, conflict in enumerate(shown, 1)
        )
        told = f"{words.comparison_summary(check)} {limits(check)}".rstrip()
        body = f'<ul class="cards">{cards}</ul><p class="note">{escape(told)}</p>'
    else:
        title, told = compared_text(answer, tally)
        state, title = "compared", f"{title}."
        told += f" {NOT_COMPARED}" if check.pairs else ""
        body = f'<p class="note">{escape(told.strip())}</p>' if told else ""
    sign = '<span class="sign" aria-hidden="true"></span>'
    return (
        f'<section class="conflicts {state}" aria-labelledby="{name}-conflicts {name}-question">'
        f'<h3 id="{name}-conflicts">{sign}{isolate(title)}</h3> {body}</section>'
    )
