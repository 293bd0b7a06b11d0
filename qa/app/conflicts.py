"""What disagrees, as HTML: a card for each conflict, or that none was found, or that none was looked for."""

import re
from collections.abc import Sequence

from index.records import Span
from qa.app import render, words
from qa.app.differences import differing
from qa.app.render import Articles, escape, isolated
from qa.records import Answer, Citation, Conflict

SIDES = 2
_QUOTED = re.compile(r"“([^“”]+)”")
_WORD = re.compile(r"[^\s“”\"'‘’(),.;:!?](?:\S*[^\s“”\"'‘’(),.;:!?])?")
_AROUND = "“”\"'‘’(),.;:!?"
_BETWEEN = 2  # words, such as "also", that may stand between two of a value


def quote(citation: Citation, against: Citation | None, value: str = "") -> str:
    """A quote in its sentence, with what makes the conflict marked.

    Of a sentence that is quoted whole this is `value`, where it holds that, else the words that `against`
    lacks.
    """
    if against is None or citation.quote != citation.sentence:
        return render.sentence(citation)
    stated = place(value, citation.sentence) if value != citation.sentence else None
    if stated is not None:
        return render.marked(citation.sentence, stated.start, stated.end)
    spans = differing(citation.sentence, against.sentence)
    return render.marked_each(citation.sentence, spans) if spans else render.sentence(citation)


def place(value: str, sentence: str) -> Span | None:
    """Where `sentence` holds the words of `value`, few others between, as "is also using" does "is using"."""
    wanted = value.split()
    held = list(_WORD.finditer(sentence))
    for start in range(len(held)):
        at, last = start, start
        for word in wanted:
            near = range(at, min(at + (_BETWEEN + 1 if at > start else 1), len(held)))
            found = next((here for here in near if held[here][0] == word.strip(_AROUND)), None)
            if found is None:
                break
            at, last = found + 1, found
        else:
            return Span(held[start].start(), held[last].end()) if wanted else None
    return None


def values(conflict: Conflict) -> tuple[str, str]:
    """What either side says, as the explanation quotes it; "" where it quotes nothing."""
    quoted = _QUOTED.findall(conflict.explanation)
    return (quoted[0], quoted[1]) if len(quoted) == SIDES else ("", "")


def side(
    citations: Sequence[Citation],
    against: Citation | None,
    articles: Articles,
    value: str = "",
    own: Citation | None = None,
) -> str:
    """One side of a conflict: all who take it.

    The side of the answer `own` shows that, and the others on demand: what contradicts it stays in view.
    """
    ordered = sorted(citations, key=lambda one: one != own)
    quotes = [
        f"{render.source(citation, articles)}<blockquote>{quote(citation, against, value)}</blockquote>"
        for citation in ordered
    ]
    if own not in citations or len(quotes) == 1:
        return f"<li>{''.join(quotes)}</li>"
    more = f"<summary>{escape(words.count(len(quotes) - 1, 'more statement'))} on this side</summary>"
    return f'<li>{quotes[0]}<details class="others">{more}{"".join(quotes[1:])}</details></li>'


def comparing(sides: Sequence[Sequence[Citation]]) -> str:
    """The way to both articles at once, each at its quote; nothing for an article against itself."""
    if len(sides) < 2 or sides[0][0].article_id == sides[1][0].article_id:
        return ""
    link = render.pair_link(sides[0][0], sides[1][0])
    return f'<p class="more"><a data-article href="{link}">Compare in both articles</a></p>'


def conflict_card(conflict: Conflict, articles: Articles, own: Citation | None = None) -> str:
    """Kind, explanation, and each side's quotes beside the other's; `own` is what the answer cites."""
    update = '<span class="badge update">Possibly an update</span>' if conflict.possible_update else ""
    within = '<span class="badge within">Within one article</span>' if conflict.within_article else ""
    kind = f'<span class="badge">{escape(words.KINDS[conflict.kind])}</span>'
    sure = f'<span class="sure">{escape(words.surely(conflict.score))}</span>'
    told, said = conflict.by_side(), values(conflict)
    sides = "".join(
        side(citations, told[0 if at else 1][0] if len(told) > 1 else None, articles, said[min(at, 1)], own)
        for at, citations in enumerate(told)
    )
    return (
        f'<li class="card"><p class="badges">{kind}{within}{update}{sure}</p>'
        f'<p class="explanation">{isolated(conflict.explanation)}</p><ul class="sides">{sides}</ul>'
        f"{comparing(told)}</li>"
    )


def conflict_panel(answer: Answer, articles: Articles, name: str) -> str:
    """Conflicts, none found, or not checked: three states, equally visible."""
    check = answer.conflict_check
    if answer.conflicts:
        state, title = "found", words.disagreements(answer.conflicts)
        own = next((one for one in answer.citations if one.quote == answer.text), None)
        cards = "".join(conflict_card(conflict, articles, own) for conflict in answer.conflicts)
        limit = f" Only {check.reason}." if check.reason else ""
        body = f'<ul class="cards">{cards}</ul><p class="note">{escape(words.compared(check) + limit)}</p>'
    elif check.status == "checked":
        state, title = "none", words.none_found(check)
        note = "Only what these articles say was compared; what they leave out was not."
        limit = f" Only {check.reason}." if check.reason else ""
        body = (
            f'<p class="note">{escape(note + limit) if check.pairs else "There was nothing to compare."}</p>'
        )
    else:
        state, title = "unchecked", "Not checked for conflicts"
        body = f'<p class="note">{isolated(words.sentence(check.reason or "no reason was given"))}</p>'
    sign = '<span class="sign" aria-hidden="true"></span>'
    return (
        f'<section class="conflicts {state}" aria-labelledby="{name}-conflicts {name}-question">'
        f'<h3 id="{name}-conflicts">{sign}{escape(title)}</h3>{body}</section>'
    )
