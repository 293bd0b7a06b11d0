"""An answer as HTML. Everything that came from an article, a question or an error passes `escape`."""

import html
from collections.abc import Mapping, Sequence
from urllib.parse import quote as percent_encoded

from index.records import Article
from qa.app import words
from qa.plain import stance
from qa.records import Answer, Citation, Conflict, Passage, Position, Timings

CONTEXT_CHARS = 600
NEAREST_SHOWN = 3

Articles = Mapping[str, Article]


def escape(text: str) -> str:
    """Text for an element or a quoted attribute: no markup, and no NUL, which HTML cannot hold."""
    return html.escape(text.replace("\0", "\N{REPLACEMENT CHARACTER}"), quote=True)


def isolated(text: str) -> str:
    """Text whose own writing direction, overrides included, ends where it ends."""
    return f"<bdi>{escape(text)}</bdi>"


def marked(text: str, start: int, end: int, mark_id: str = "") -> str:
    """`text` with its characters `start` to `end` marked; without a mark when they lie outside."""
    if not 0 <= start < end <= len(text):
        return isolated(text)
    name = f' id="{escape(mark_id)}" tabindex="-1"' if mark_id else ""
    whole = ' class="all"' if end - start == len(text) else ""
    mark = f"<mark{name}{whole}>{escape(text[start:end])}</mark>"
    return f"<bdi>{escape(text[:start])}{mark}{escape(text[end:])}</bdi>"


def article_link(article_id: str, start: int, end: int) -> str:
    """The address, relative to the page, of an article opened at a quote. Escaped for an attribute."""
    return escape(f"article/{percent_encoded(article_id, safe='')}?start={start}&end={end}#quote")


def outside_link(uri: str) -> str:
    """A link to where the article was published; nothing for any other scheme than http and https."""
    if not uri.lower().startswith(("http://", "https://")):
        return ""
    return f'<a href="{escape(uri)}" target="_blank" rel="noopener noreferrer">As published</a>'


def sentence(citation: Citation) -> str:
    """The quote marked in its whole sentence."""
    offset = citation.sentence_start
    if citation.sentence_start <= citation.start < citation.end <= citation.sentence_end:
        return marked(citation.sentence, citation.start - offset, citation.end - offset)
    return marked(citation.quote, 0, len(citation.quote))


def byline(name: str, facts: str) -> str:
    """Who says it, and what is known of them."""
    return f'<span class="who">{isolated(name)}</span> <span class="when">{escape(facts)}</span>'


def source(citation: Citation, articles: Articles) -> str:
    """Who says it and when, and a link to the article at the quote."""
    name = words.shortened(words.source_name(citation, articles.get(citation.article_id)))
    link = article_link(citation.article_id, citation.start, citation.end)
    who = byline(name, words.source_facts(citation))
    return f'<a class="source" data-article href="{link}">{who}</a>'


def chips(citations: Sequence[Citation], articles: Articles, label: str) -> str:
    """One chip an article, in the order of the citations."""
    first = {citation.article_id: citation for citation in reversed(citations)}
    ordered = dict.fromkeys(citation.article_id for citation in citations)
    items = "".join(f"<li>{source(first[article_id], articles)}</li>" for article_id in ordered)
    return f'<ul class="chips" aria-label="{escape(label)}">{items}</ul>'


def context(article: Article, start: int, end: int, most: int = CONTEXT_CHARS) -> str:
    """Characters `start` to `end` marked amid up to `most` characters on each side, cut between words."""
    text = article.text
    left, right = max(0, start - most), min(len(text), end + most)
    if left > 0:
        left = next((at for at in range(left, start) if text[at - 1].isspace()), left)
    if right < len(text):
        right = next((at for at in range(right, end, -1) if text[at].isspace()), right)
    before = '<span class="cut">…</span> ' if left > 0 else ""
    after = ' <span class="cut">…</span>' if right < len(text) else ""
    shown = marked(text[left:right], start - left, end - left)
    return f'<blockquote class="context">{before}{shown}{after}</blockquote>'


def cited(citation: Citation, articles: Articles) -> str:
    """One source: its name, headline and author, the quote in context, and the ways to all of it."""
    article = articles.get(citation.article_id)
    headline, name = words.headline(citation, article), words.source_name(citation, article)
    facts = [isolated(headline)] if headline != name else []
    facts += [f"by {isolated(article.author)}"] if article is not None and article.author else []
    body = (
        context(article, citation.start, citation.end)
        if article is not None
        else f"<p>{sentence(citation)}</p>"
    )
    link = article_link(citation.article_id, citation.start, citation.end)
    more = f'<a data-article href="{link}">Open the whole article</a> {outside_link(citation.uri)}'
    about = f'<p class="about">{", ".join(facts)}</p>' if facts else ""
    who = byline(name, words.source_facts(citation))
    return f'<li><p>{who}</p>{about}{body}<p class="more">{more}</p></li>'


def passage(found: Passage, articles: Articles) -> str:
    """One retrieved passage with its source."""
    article = articles.get(found.article_id)
    name = words.source_name(article, article) if article is not None else found.article_id
    who = byline(name, words.source_facts(article) if article is not None else "no longer in the library")
    link = article_link(found.article_id, found.start, found.end)
    return (
        f'<li><p>{who}</p><blockquote class="context">{isolated(found.text)}</blockquote>'
        f'<p class="more"><a data-article href="{link}">Open the whole article</a></p></li>'
    )


def folded(kind: str, summary: str, items: Sequence[str]) -> str:
    """A list that opens on demand; nothing without items."""
    if not items:
        return ""
    listed = f'<ol class="sources">{"".join(items)}</ol>'
    return f'<details class="{kind}"><summary>{escape(summary)}</summary>{listed}</details>'


def side(citations: Sequence[Citation], articles: Articles) -> str:
    """One side of a conflict: all who take it."""
    quotes = "".join(
        f"{source(citation, articles)}<blockquote>{sentence(citation)}</blockquote>" for citation in citations
    )
    return f"<li>{quotes}</li>"


def conflict_card(conflict: Conflict, articles: Articles) -> str:
    """Kind, explanation, and each side's quotes beside the other's."""
    update = '<span class="badge update">Possibly an update</span>' if conflict.possible_update else ""
    within = '<span class="badge within">Within one article</span>' if conflict.within_article else ""
    kind = f'<span class="badge">{escape(words.KINDS[conflict.kind])}</span>'
    sure = f'<span class="sure">{escape(words.percent(conflict.score))} sure</span>'
    sides = "".join(side(citations, articles) for citations in conflict.by_side())
    return (
        f'<li class="card"><p class="badges">{kind}{within}{update}{sure}</p>'
        f'<p class="explanation">{isolated(conflict.explanation)}</p><ul class="sides">{sides}</ul></li>'
    )


def conflict_panel(answer: Answer, articles: Articles, name: str) -> str:
    """Conflicts, none found, or not checked: three states, equally visible."""
    check = answer.conflict_check
    if answer.conflicts:
        state, title = "found", words.disagreements(answer.conflicts)
        cards = "".join(conflict_card(conflict, articles) for conflict in answer.conflicts)
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
        f'<section class="conflicts {state}" aria-labelledby="{name}-conflicts">'
        f'<h3 id="{name}-conflicts">{sign}{escape(title)}</h3>{body}</section>'
    )


def said(answer: Answer, articles: Articles) -> str:
    """The answer in its sentence, who says it, how surely, and how many more do."""
    main = next((one for one in answer.citations if one.quote == answer.text), None)
    text = sentence(main) if main is not None else marked(answer.text, 0, len(answer.text))
    long = " long" if len(main.sentence if main is not None else answer.text) > 320 else ""
    support = f"{words.confidence(answer.confidence)} · {words.support(answer, len(articles))}"
    own = words.own_position(answer)
    told = stated(own) if own is not None else ""
    return (
        f'<section class="answer" aria-label="Answer">{told}'
        f'<blockquote class="said{long}">{text}</blockquote>'
        f'{chips(answer.citations, articles, "Said by")}<p class="support">{escape(support)}</p></section>'
    )


def unanswered(answer: Answer, articles: Articles) -> str:
    """That the articles do not answer, why, and the nearest that they hold."""
    best = (
        f" The best candidate was only {words.percent(answer.confidence)} sure."
        if answer.confidence > 0
        else ""
    )
    why = (
        f"No statement in the library is close enough to this question to be shown as its answer.{best}"
        if answer.passages
        else "Nothing in the library has to do with this question."
    )
    nearest = "".join(passage(found, articles) for found in answer.passages[:NEAREST_SHOWN])
    shown = f'<h3>The nearest passages</h3><ol class="sources">{nearest}</ol>' if nearest else ""
    return (
        '<section class="answer none" aria-label="Answer">'
        '<p class="said">The articles do not answer this.</p>'
        f'<p class="support">{escape(why)}</p>{shown}</section>'
    )


def stated(position: Position) -> str:
    """What a position says to a yes/no question, where there is a word for it."""
    told = stance(position)
    return f'<p class="stance">{escape(told)}</p>' if told else ""


def otherwise(position: Position, articles: Articles) -> str:
    """Something else said on the question, and who says it."""
    who = chips(position.citations, articles, "Said by")
    return f"<li>{stated(position)}<blockquote>{isolated(position.text)}</blockquote>{who}</li>"


def others(answer: Answer, articles: Articles) -> str:
    """The positions beside the answer's own."""
    own = words.own_position(answer)
    items = [otherwise(position, articles) for position in answer.positions if position is not own]
    return folded("others", words.count(len(items), "other statement"), items)


def timings(spent: Timings) -> str:
    """How long it took, stage by stage."""
    if spent.total <= 0:
        return ""
    stages = (
        f"searching {spent.retrieve:.0f} ms, reading {spent.read:.0f} ms, comparing {spent.conflict:.0f} ms"
    )
    return f'<p class="timings">Answered in {spent.total / 1000:.2f} s: {stages}.</p>'


def asked(question: str, name: str) -> str:
    """The question as the heading of its turn."""
    return f'<h2 class="question" id="{name}-question">{isolated(question)}</h2>'


def turn(answer: Answer, articles: Articles, number: int) -> str:
    """One question and all that is said to it. `number` counts the turns of a conversation from 1."""
    name = f"turn-{number}"
    understood = (
        f'<p class="understood">Understood as: {isolated(answer.standalone_question)}</p>'
        if answer.standalone_question.strip() != answer.question.strip()
        else ""
    )
    answered = answer.status == "answered"
    cites = [cited(citation, articles) for citation in answer.citations]
    rest = answer.passages if answered else answer.passages[NEAREST_SHOWN:]
    title = words.count(len(rest), "passage" if answered else "further passage") + " read"
    parts = [
        said(answer, articles) if answered else unanswered(answer, articles),
        conflict_panel(answer, articles, name),
        others(answer, articles),
        folded("cites", f"{words.count(len(cites), 'source')} in context", cites),
        folded("passages", title, [passage(found, articles) for found in rest]),
        timings(answer.timings_ms),
    ]
    return (
        f'<article class="turn" id="{name}" aria-labelledby="{name}-question">'
        f"{asked(answer.question, name)}{understood}{''.join(parts)}</article>"
    )


def waiting(question: str, number: int) -> str:
    """A turn while its answer is sought."""
    name = f"turn-{number}"
    stages = "".join(f"<span>{stage}</span>" for stage in ("Searching", "Reading", "Comparing"))
    return (
        f'<article class="turn" id="{name}" aria-labelledby="{name}-question" aria-busy="true">'
        f'{asked(question, name)}<p class="working">{stages}</p></article>'
    )


def failed(question: str, message: str, number: int) -> str:
    """A turn that came to nothing, and what to do about it."""
    name = f"turn-{number}"
    return (
        f'<article class="turn" id="{name}" aria-labelledby="{name}-question">{asked(question, name)}'
        f'<p class="failure">{isolated(words.sentence(message))}</p></article>'
    )


def spoken(answer: Answer, articles: Articles) -> str:
    """What a screen reader says when an answer arrives. Plain text, not escaped."""
    if answer.status == "unanswered":
        return "The articles do not answer this."
    names = words.listed(words.source_name(one, articles.get(one.article_id)) for one in answer.citations)
    if answer.conflicts:
        ending = words.disagreements(answer.conflicts) + "."
    elif answer.conflict_check.status == "checked":
        ending = words.none_found(answer.conflict_check) + "."
    else:
        ending = f"Not checked for conflicts: {answer.conflict_check.reason}."
    own = words.own_position(answer)
    told = stance(own) if own is not None else ""
    return f"{told + ': ' if told else ''}{answer.text} Said by {names}. {ending}"


def conversation(turns: Sequence[str], *, status: str = "", notice: str = "") -> str:
    """All turns, oldest first; `status` is read out by screen readers, `notice` is seen too."""
    note = f'<p class="notice">{escape(notice)}</p>' if notice else ""
    live = f'<p class="spoken" role="status" aria-live="polite">{escape(status or notice)}</p>'
    return f'{live}<div class="turns">{"".join(turns)}</div>{note}'
