"""One turn of the conversation as HTML: the question, the answer, what stands beside it, what to do next."""

import json
from collections.abc import Sequence

from qa.app.html import render, words
from qa.app.html.conflicts import conflict_panel
from qa.app.html.render import Articles, escape, isolated
from qa.app.html.sides import stated, who_says_what
from qa.export.text import CLOSEST, stance
from qa.progress import STAGES, Stage
from qa.records import Answer, Citation, Timings

CLOSEST_SHOWN = 3  # the others open on demand
LONG_CHARS = 200


def turn(answer: Answer, articles: Articles, number: int, *, about: Sequence[str] | None = None) -> str:
    """One question and all that is said to it. `number` counts the turns of a conversation from 1.

    `articles` holds those that the answer names. `about` are the words that the visitor left it of the
    conversation, None where they were chosen for it.
    """
    name, label = f"turn-{number}", f"Answer {number}"
    shown = {"answered": said, "closest": closest, "unanswered": unanswered}[answer.status]
    cites = [render.cited(citation, articles) for citation in answer.citations or answer.closest]
    read = answer.passages[: answer.scope.passages_read]
    passages = [render.passage(found, articles) for found in read]
    parts = [
        about_line(answer.about, number, about),
        shown(answer, articles, label=label),
        conflict_panel(answer, articles, name),
        who_says_what(answer, articles, name) if answer.status == "answered" else "",
        render.folded("cites", f"{words.count(len(cites), 'source')} in context", cites),
        render.folded("passages", f"{words.count(len(passages), 'passage')} read", passages),
        actions(answer.question, number, copied(answer) if answer.status == "answered" else ""),
        fine_print(answer),
    ]
    return framed(answer.question, number, "".join(parts))


def waiting(question: str, number: int) -> str:
    """A turn while its answer is sought; `talk.js` marks the stage that it has come to."""
    stages = "".join(f'<li data-stage="{stage}">{stage.capitalize()}</li>' for stage in STAGES)
    return framed(question, number, f'<ol class="working">{stages}</ol>', busy=True)


def reached(stage: Stage, number: int) -> str:
    """That a turn has come to a stage, for `talk.js`: nothing that is drawn is drawn anew for it."""
    return f'<p data-turn="turn-{number}" data-reached="{stage}"></p>'


def failed(question: str, message: str, number: int) -> str:
    """A turn that came to nothing, and what to do about it."""
    said = f'<p class="failure">{isolated(words.sentence(message))}</p>'
    return framed(question, number, said + actions(question, number, ""))


def framed(question: str, number: int, body: str, *, busy: bool = False) -> str:
    """A turn under its question."""
    name = f"turn-{number}"
    state = ' aria-busy="true"' if busy else ""
    return (
        f'<article class="turn" id="{name}" aria-labelledby="{name}-question"{state}>'
        f'<h2 class="question" id="{name}-question" tabindex="-1">{isolated(question)}</h2>{body}</article>'
    )


def about_line(taken: Sequence[str], number: int, given: Sequence[str] | None) -> str:
    """The words that a follow-up takes from the conversation, each with a cross that takes it away.

    A cross asks the turn again with the others; where the last was taken away, the question stands alone.
    With `given` words, there is a way back to those that were chosen.
    """
    back = again("null", number, "Take all words again" if taken else "Ask as part of the conversation")
    if not taken:
        return "" if given is None else f'<p class="about">Asked on its own. {back}</p>'
    chips = "".join(f"<li>{_chip(taken, at, number)}</li>" for at in range(len(taken)))
    return (
        f'<div class="about"><p id="turn-{number}-about">about:<span class="spoken"> words taken from the '
        f'conversation</span></p><ul aria-labelledby="turn-{number}-about">{chips}</ul>'
        f"{'' if given is None else back}</div>"
    )


def _chip(taken: Sequence[str], at: int, number: int) -> str:
    others = json.dumps([*taken[:at], *taken[at + 1 :]], ensure_ascii=False)
    name = f"Ask without “{taken[at]}”" if len(taken) > 1 else f"Ask on its own, without “{taken[at]}”"
    return (
        f'<span class="chip">{isolated(taken[at])}<button type="button" data-again="{number}" '
        f'data-about="{escape(others)}" aria-label="{escape(name)}" title="{escape(name)}"></button></span>'
    )


def again(about: str, number: int, label: str) -> str:
    """A button that asks a turn once more, with the words `about`: a JSON list, or null for chosen ones."""
    return (
        f'<button type="button" data-again="{number}" data-about="{escape(about)}">{escape(label)}</button>'
    )


def actions(question: str, number: int, copy: str) -> str:
    """What can be done with a turn; `copy` is what "Copy with citation" copies, "" for nothing."""
    typed = escape(question)
    copying = f'<button type="button" data-copy="{escape(copy)}">Copy with citation</button>' if copy else ""
    return (
        f'<div class="actions" role="group" aria-label="This question">{copying}'
        f'<button type="button" data-again="{number}">Ask again</button>'
        f'<button type="button" data-edit="{typed}">Edit</button>'
        f'<button type="button" data-link="{typed}">Copy link to this question</button></div>'
    )


def copied(answer: Answer) -> str:
    """An answer as plain text: each quote with its place, and what came of looking for conflicts."""
    return "\n\n".join([*map(words.quoted, answer.citations), words.sentence(words.checked(answer))])


def said(answer: Answer, articles: Articles, *, label: str = "Answer") -> str:
    """The answer in its sentence, who says it, how surely, and how many more do."""
    main = next((one for one in answer.citations if one.quote == answer.text), None)
    text = render.sentence(main) if main is not None else render.marked(answer.text, 0, len(answer.text))
    long = " long" if len(main.sentence if main is not None else answer.text) > LONG_CHARS else ""
    support = f"{words.confidence(answer.confidence)} · {words.support(answer)}"
    own = words.own_position(answer)
    told = stated(own) if own is not None else ""
    who = render.chips(answer.citations, articles, "Said by")
    return (
        f'<section class="answer" aria-label="{escape(label)}">{told}'
        f'<blockquote class="said{long}">{text}</blockquote>'
        f'{who}<p class="support">{escape(support)}</p></section>'
    )


def closest(answer: Answer, articles: Articles, *, label: str = "Answer") -> str:
    """What may answer, and that it is not sure: the best sentence of each source with its place."""
    items = [_near(citation, articles) for citation in answer.closest]
    first, rest = items[:CLOSEST_SHOWN], items[CLOSEST_SHOWN:]
    summary = escape(words.count(len(rest), "further statement"))
    more = (
        f'<details class="others"><summary>{summary}</summary><ol class="near">{"".join(rest)}</ol></details>'
        if rest
        else ""
    )
    best = f"The first is {words.confidence(answer.confidence).lower()}."
    return (
        f'<section class="answer none" aria-label="{escape(label)}"><h3 class="said">{escape(CLOSEST)}</h3>'
        f'<ol class="near">{"".join(first)}</ol>{more}<p class="support">{escape(best)}</p></section>'
    )


def _near(citation: Citation, articles: Articles) -> str:
    article = articles.get(citation.article_id)
    headline = words.headline(citation, article)
    named = headline != words.source_name(citation, article)
    title = f' <span class="title">{isolated(headline)}</span>' if named else ""
    return (
        f"<li><blockquote>{render.sentence(citation)}</blockquote>"
        f'<p class="from">{render.source(citation, articles)}{title}</p></li>'
    )


def unanswered(answer: Answer, _: Articles, *, label: str = "Answer") -> str:
    """That nothing was found, and in what."""
    return (
        f'<section class="answer none" aria-label="{escape(label)}">'
        f'<p class="said">{escape(words.nothing(answer))}</p></section>'
    )


def fine_print(answer: Answer) -> str:
    """What was read, and how long it took."""
    told = " ".join(part for part in (words.read(answer), timings(answer.timings_ms)) if part)
    return f'<p class="timings">{escape(told)}</p>' if told else ""


def timings(spent: Timings) -> str:
    """How long it took, stage by stage."""
    if spent.total <= 0:
        return ""
    stages = (
        f"searching {spent.retrieve:.0f} ms, reading {spent.read:.0f} ms, comparing {spent.conflict:.0f} ms"
    )
    return f"{spent.total / 1000:.2f} s: {stages}."


def spoken(answer: Answer, articles: Articles) -> str:
    """What a screen reader says when an answer arrives. Plain text, not escaped."""
    about = f"About {words.listed(answer.about)}. " if answer.about else ""
    if answer.status == "unanswered":
        return about + words.nothing(answer)
    quoted = answer.citations if answer.status == "answered" else answer.closest
    names = words.listed(words.source_name(one, articles.get(one.article_id)) for one in quoted)
    if answer.status == "closest":
        return f"{about}{CLOSEST}: {quoted[0].quote} From {names}."
    own = words.own_position(answer)
    told = stance(own) if own is not None else ""
    return f"{about}{told + ': ' if told else ''}{answer.text} Said by {names}. {words.checked(answer)}"


def conversation(turns: Sequence[str], *, status: str = "", notice: str = "") -> str:
    """All turns, oldest first; `status` is read out by screen readers, `notice` is seen too."""
    note = f'<p class="notice">{escape(notice)}</p>' if notice else ""
    live = f'<p class="spoken" role="status" aria-live="polite">{escape(status or notice)}</p>'
    return f'{live}<div class="turns">{"".join(turns)}</div>{note}'
