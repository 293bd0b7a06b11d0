"""One turn of the conversation as HTML: the question, the answer, what stands beside it, what to do next."""

from collections.abc import Sequence

from qa.app import render, words
from qa.app.catalogue import Entry
from qa.app.conflicts import conflict_panel
from qa.app.render import Articles, escape, isolated
from qa.app.sides import stated, who_says_what
from qa.plain import stance
from qa.progress import STAGES, Stage
from qa.records import Answer, Timings

NEAREST_SHOWN = 3
LONG_CHARS = 320

Pieces = Sequence[tuple[str, bool]]
"""A question cut up, each piece with whether it was added to what was typed."""


def turn(
    answer: Answer,
    articles: Articles,
    number: int,
    *,
    listing: Sequence[Entry] = (),
    pieces: Pieces = (),
    alone: bool = False,
) -> str:
    """One question and all that is said to it. `number` counts the turns of a conversation from 1.

    `articles` holds those that the answer names, `listing` all in scope. `pieces` is the question as it was
    understood, `alone` tells that it was asked without the conversation.
    """
    name = f"turn-{number}"
    answered = answer.status == "answered"
    cites = [render.cited(citation, articles) for citation in answer.citations]
    rest = answer.passages if answered else answer.passages[NEAREST_SHOWN:]
    title = words.count(len(rest), "passage" if answered else "further passage") + " read"
    parts = [
        understood(answer, number, pieces, alone),
        said(answer, articles, len(listing), label=f"Answer {number}")
        if answered
        else unanswered(answer, articles, label=f"Answer {number}"),
        conflict_panel(answer, articles, name),
        who_says_what(answer, articles, listing, name) if answered else "",
        render.folded("cites", f"{words.count(len(cites), 'source')} in context", cites),
        render.folded("passages", title, [render.passage(found, articles) for found in rest]),
        actions(answer.question, number, copied(answer) if answered else ""),
        timings(answer.timings_ms),
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


def understood(answer: Answer, number: int, pieces: Pieces, alone: bool) -> str:
    """What the conversation added to the question, and the way to ask without it; or the way back."""
    if alone:
        line, undo = "Asked exactly as typed, without the conversation.", "Ask as part of the conversation"
    elif answer.standalone_question.strip() == answer.question.strip():
        return ""
    else:
        if "".join(piece for piece, _ in pieces) != answer.standalone_question:
            pieces = [(answer.standalone_question, False)]
        shown = "".join(
            f'<ins title="Added from the conversation">{escape(piece)}</ins>' if added else escape(piece)
            for piece, added in pieces
        )
        line, undo = f"Understood as: <bdi>{shown}</bdi>", "Ask exactly what I typed"
    again = (
        f'<button type="button" data-again="{number}" data-alone="{str(not alone).lower()}">{undo}</button>'
    )
    return f'<p class="understood">{line} {again}</p>'


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


def said(answer: Answer, articles: Articles, in_scope: int = 0, *, label: str = "Answer") -> str:
    """The answer in its sentence, who says it, how surely, and how many more do."""
    main = next((one for one in answer.citations if one.quote == answer.text), None)
    text = render.sentence(main) if main is not None else render.marked(answer.text, 0, len(answer.text))
    long = " long" if len(main.sentence if main is not None else answer.text) > LONG_CHARS else ""
    support = f"{words.confidence(answer.confidence)} · {words.support(answer, in_scope)}"
    own = words.own_position(answer)
    told = stated(own) if own is not None else ""
    who = render.chips(answer.citations, articles, "Said by")
    return (
        f'<section class="answer" aria-label="{escape(label)}">{told}'
        f'<blockquote class="said{long}">{text}</blockquote>'
        f'{who}<p class="support">{escape(support)}</p></section>'
    )


def unanswered(answer: Answer, articles: Articles, *, label: str = "Answer") -> str:
    """That the articles do not answer, why, and the nearest that they hold."""
    best = (
        f" The best candidate was held back: {words.confidence(answer.confidence).lower()}."
        if answer.confidence > 0
        else ""
    )
    why = (
        f"No statement in the library is close enough to this question to be shown as its answer.{best}"
        if answer.passages
        else "Nothing in the library has to do with this question."
    )
    nearest = "".join(render.passage(found, articles) for found in answer.passages[:NEAREST_SHOWN])
    shown = f'<h3>The nearest passages</h3><ol class="sources">{nearest}</ol>' if nearest else ""
    return (
        f'<section class="answer none" aria-label="{escape(label)}">'
        '<p class="said">The articles do not answer this.</p>'
        f'<p class="support">{escape(why)}</p>{shown}</section>'
    )


def timings(spent: Timings) -> str:
    """How long it took, stage by stage."""
    if spent.total <= 0:
        return ""
    stages = (
        f"searching {spent.retrieve:.0f} ms, reading {spent.read:.0f} ms, comparing {spent.conflict:.0f} ms"
    )
    return f'<p class="timings">Answered in {spent.total / 1000:.2f} s: {stages}.</p>'


def spoken(answer: Answer, articles: Articles) -> str:
    """What a screen reader says when an answer arrives. Plain text, not escaped."""
    if answer.status == "unanswered":
        return "The articles do not answer this."
    names = words.listed(words.source_name(one, articles.get(one.article_id)) for one in answer.citations)
    own = words.own_position(answer)
    told = stance(own) if own is not None else ""
    return f"{told + ': ' if told else ''}{answer.text} Said by {names}. {words.checked(answer)}"


def conversation(turns: Sequence[str], *, status: str = "", notice: str = "") -> str:
    """All turns, oldest first; `status` is read out by screen readers, `notice` is seen too."""
    note = f'<p class="notice">{escape(notice)}</p>' if notice else ""
    live = f'<p class="spoken" role="status" aria-live="polite">{escape(status or notice)}</p>'
    return f'{live}<div class="turns">{"".join(turns)}</div>{note}'
