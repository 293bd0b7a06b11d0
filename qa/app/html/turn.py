"""One turn of the conversation as HTML: the question, the answer, what stands beside it, what to do next."""

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from qa.answer import COMPARING, READING
from qa.app.html import render, words
from qa.app.html.conflicts import conflict_panel
from qa.app.html.overview import overview, overview_announcement
from qa.app.html.positions import byline, headline, leaning, own_words, position_table, stand_line
from qa.app.html.render import Articles, escape, isolate
from qa.app.html.scope import note_line, order_line, scope_line
from qa.app.html.sources import Row, rows_of, source_list
from qa.app.html.timeline import timeline
from qa.conflicts.independence import with_copies
from qa.conflicts.tally import Tally, tally_of
from qa.export.lead import lead_text
from qa.export.tally import verdict_text
from qa.export.text import CLOSEST, ONE_SOURCE, also_in_text, nothing_found, source_of
from qa.records import STAGES, Answer, Citation, Stage, Timings

CLOSEST_SHOWN = 3  # the others open on demand
LONG_CHARS = 200
FROM_FILE = "From a file, not checked"
IN_FILE = (
    "The file quotes these sentences, and they stand in the articles here. Whether they answer the question,"
    " and who disagrees, was not checked."
)
NONE_IN_FILE = "The file quotes nothing that stands in this library."
STILL = {
    READING: "Still reading… Another article may answer better, or differ.",
    COMPARING: "Comparing… What other sources say comes next; it may differ.",
}


def turn(
    answer: Answer,
    articles: Articles,
    number: int,
    *,
    about: Sequence[str] | None = None,
    link: str = "",
    chosen: Sequence[str] = (),
    note: str = "",
) -> str:
    """One question and all that is said to it. `number` counts the turns of a conversation from 1.

    `articles` holds those that the answer names. `about` are the words that the visitor left it of the
    conversation, None where they were chosen for it. `link` is the query of its address. `chosen` names the
    articles that it was asked of, where these were chosen one by one. `note` is what has changed since.
    Beside what is said stand its conflicts and sources.
    """
    name, label = f"turn-{number}", f"Answer {number}"
    tally = tally_of(answer)
    rows = rows_of(answer, tally)
    if answer.status == "answered":
        shown = quoted_answer(answer, tally, rows, articles, name, label=label)
    elif answer.status == "closest":
        shown = closest_statements(answer, articles, label=label)
    elif answer.status == "overview":
        shown = overview(answer, articles, label=label)
    else:
        shown = no_answer(answer, label=label)
    main = [
        about_line(answer.about, number, about),
        scope_line(answer.scope, chosen),
        order_line(answer),
        note_line(note),
        lead_line(answer),
        shown,
        conflict_panel(answer, tally, articles, name),
        actions(answer.question, number, copy_text(answer) if answer.citations else "", link),
    ]
    side = [source_list(rows, articles, name), timeline(answer, articles), details(answer, articles)]
    return frame(answer.question, number, "".join(main), f'<div class="side">{"".join(side)}</div>')


def lead_line(answer: Answer) -> str:
    """What the words were taken for, where they were no plain question, in the language that they are in."""
    told = lead_text(answer)
    language = f' lang="{escape(answer.language)}"' if answer.language else ""
    return f'<p class="lead"{language}>{isolate(told)}</p>' if told else ""


def details(answer: Answer, articles: Articles) -> str:
    """What opens on demand: the passages that were read; how sure it is in per cent, and how long it took."""
    read = answer.passages[: answer.scope.passages_read]
    passages = [render.passage(found, articles) for found in read]
    return render.fold("passages", f"{words.count(len(passages), 'passage')} read", passages) + sureness(
        answer
    )


def sureness(answer: Answer) -> str:
    """How surely it is the right quote, or the first of the closest is; and the time it took."""
    right = words.confidence(answer.confidence)
    told = {
        "answered": f"{right}. This says nothing about whether the quote is true.",
        "closest": f"The first is {right[:1].lower()}{right[1:]}.",
    }.get(answer.status, "")
    lines = [line for line in (told, timings(answer.timings_ms)) if line]
    if not lines:
        return ""
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    summary = "How sure, and how long it took" if told else "How long it took"
    return f'<details class="sureness"><summary>{summary}</summary>{body}</details>'


def waiting_turn(question: str, number: int) -> str:
    """A turn while its answer is sought; `talk.js` marks the stage that it has come to."""
    return frame(question, number, _steps(), busy=True)


def _steps() -> str:
    stages = "".join(f'<li data-stage="{stage}">{stage.capitalize()}</li>' for stage in STAGES)
    return f'<ol class="working">{stages}</ol><p class="queued"></p>'


def first_turn(
    answer: Answer,
    articles: Articles,
    number: int,
    *,
    about: Sequence[str] | None = None,
    chosen: Sequence[str] = (),
) -> str:
    """A turn whose first answer stands while others are read or compared; it says nothing of them."""
    still = STILL[answer.conflict_check.reason]
    row = rows_of(answer, tally_of(answer))[0]
    main = row.sources[0]
    long = " long" if len(main.citation.sentence) > LONG_CHARS else ""
    shown = (
        f'<section class="answer" aria-label="Answer {number}">{stand_line(Row(row.stand, (main,)))}'
        f'<blockquote class="said{long}">{render.sentence(main.citation)}</blockquote>'
        f'{byline(answer, main, articles, numbered=False)}<p class="comparing">{still}</p></section>'
    )
    lines = [about_line(answer.about, number, about), scope_line(answer.scope, chosen), lead_line(answer)]
    return frame(answer.question, number, "".join([*lines, shown, _steps()]), busy=True)


def stage_signal(stage: Stage, number: int) -> str:
    """That a turn has come to a stage, for `talk.js`: nothing that is drawn is drawn anew for it."""
    return f'<p data-turn="turn-{number}" data-reached="{stage}"></p>'


def queue_signal(before: int, number: int) -> str:
    """That so many questions of others come before a turn's, for `talk.js` likewise."""
    told = f"{words.count(before, 'question')} before yours" if before else "yours is next"
    return f'<p data-turn="turn-{number}" data-queued="Many people are asking: {told}"></p>'


def file_turn(
    question: str, statements: Sequence[Citation], articles: Articles, number: int, *, left_out: Sequence[str]
) -> str:
    """A turn from a file that nobody here vouches for: what it quotes, and the way to this library's answer.

    `left_out` names the sources of what does not stand in the library.
    """
    items = [
        f"<li><blockquote>{render.sentence(one)}</blockquote>{_byline(one, articles)}"
        f"{render.according_to(one)}</li>"
        for one in statements
    ]
    told = IN_FILE if statements else NONE_IN_FILE
    names = words.join_names([f"“{one}”" for one in left_out], 3)
    missing = f" Not in this library, and left out: {names}." if names else ""
    shown = (
        f'<section class="answer none from-file" aria-label="Answer {number}">'
        f'<h3 class="said">{FROM_FILE}</h3>'
        f"<p>{told}{isolate(missing)}</p>"
        f'<p><button type="button" class="ask-here" data-again="{number}">Ask it again here</button></p>'
        f"{_statements(items)}</section>"
    )
    return frame(question, number, shown + actions(question, number, "", again=False))


def failed_turn(question: str, message: str, number: int, *, link: str = "") -> str:
    """A turn that came to nothing, and what to do about it."""
    said = f'<p class="failure">{isolate(words.sentence(message))}</p>'
    return frame(question, number, said + actions(question, number, "", link))


def frame(question: str, number: int, body: str, side: str = "", *, busy: bool = False) -> str:
    """A turn under its question; `side` stands beside it on a wide page, below it on a narrow one."""
    name = f"turn-{number}"
    state = ' aria-busy="true"' if busy else ""
    return (
        f'<article class="turn" id="{name}" aria-labelledby="{name}-question"{state}><div class="main">'
        f'<h2 class="question" id="{name}-question" tabindex="-1">{isolate(question)}</h2>{body}</div>'
        f"{side}</article>"
    )


def about_line(taken: Sequence[str], number: int, given: Sequence[str] | None) -> str:
    """The words that a follow-up takes from the conversation, each with a cross that takes it away.

    A cross asks the turn again with the others; where the last was taken away, the question stands alone.
    With `given` words, there is a way back to those that were chosen.
    """
    back = again_button(
        "null", number, "Use all the words again" if taken else "Ask as part of the conversation"
    )
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
        f'<span class="chip">{isolate(taken[at])}<button type="button" data-again="{number}" '
        f'data-about="{escape(others)}" aria-label="{escape(name)}" title="{escape(name)}"></button></span>'
    )


def again_button(about: str, number: int, label: str) -> str:
    """A button that asks a turn once more, with the words `about`: a JSON list, or null for chosen ones."""
    return (
        f'<button type="button" data-again="{number}" data-about="{escape(about)}">{escape(label)}</button>'
    )


def actions(question: str, number: int, copy: str, link: str = "", *, again: bool = True) -> str:
    """What can be done with a turn; `copy` is what "Copy with citation" copies, "" for nothing.

    `link` is the query of the turn's address; without it the link holds the question alone. Where the turn
    has a button of its own to ask it `again`, none stands here.
    """
    typed = escape(question)
    copying = f'<button type="button" data-copy="{escape(copy)}">Copy with citation</button>' if copy else ""
    keeping = render.keep_button(f"turn-{number}") if copy else ""
    repeating = f'<button type="button" data-again="{number}">Ask again</button>' if again else ""
    return (
        f'<div class="actions" role="group" aria-label="This question">{copying}{keeping}'
        f'{repeating}<button type="button" data-edit="{number}" data-question="{typed}">Edit</button>'
        f'<button type="button" data-link="{escape(link or urlencode({"ask": question}))}">'
        "Copy link to this question</button></div>"
    )


def copy_text(answer: Answer) -> str:
    """An answer as plain text: each quote with its place, and what came of looking for conflicts."""
    quotes = [
        "\n".join([words.quotation(one), *([also_in_text(copies)] if copies else [])])
        for one, copies in with_copies(answer.citations, answer.copies)
    ]
    return "\n\n".join([*quotes, words.sentence(words.check_summary(answer))])


def quoted_answer(
    answer: Answer, tally: Tally, rows: Sequence[Row], articles: Articles, name: str, *, label: str = "Answer"
) -> str:
    """How the sources stand; then each position in a table; where nobody differs the first quote, large."""
    if not tally.differs:
        body = _one_position(answer, tally, rows[0], articles)
    else:
        body = headline(tally) + position_table(answer, tally, rows, articles, name)
    return f'<section class="answer" aria-label="{escape(label)}">{body}{_scope(answer)}</section>'


def _one_position(answer: Answer, tally: Tally, row: Row, articles: Articles) -> str:
    """The quote in its sentence, large, who says it, and those who say the same in their own words."""
    main = next((one for one in row.sources if one.citation.quote == answer.text), row.sources[0])
    whole = main.citation.quote == answer.text
    text = render.sentence(main.citation) if whole else render.mark_span(answer.text, 0, len(answer.text))
    long = " long" if len(main.citation.sentence if whole else answer.text) > LONG_CHARS else ""
    others = [one for one in row.sources if one != main]
    verdict = stand_line(Row(row.stand, (main,))) if not others or main.citation.elsewhere else ""
    return (
        f'{headline(tally) or f"""<h3 class="step">{ONE_SOURCE}</h3>"""}{verdict}'
        f'<blockquote class="said{long}">{text}</blockquote>'
        f"{byline(answer, main, articles, numbered=bool(others))}{own_words(row, others)}"
        f"{leaning(row)}"
    )


def _scope(answer: Answer) -> str:
    """What was read, in one line."""
    told = words.reading_summary(answer)
    return f'<p class="scope">{escape(told)}</p>' if told else ""


def _byline(citation: Citation, articles: Articles) -> str:
    """Who says it and when, and its title."""
    return f'<p class="from">{render.source(citation, articles)}{render.title_beside(citation, articles)}</p>'


def closest_statements(answer: Answer, articles: Articles, *, label: str = "Answer") -> str:
    """What may answer, and that it is not sure: the best sentence of each source with its place."""
    items = [
        f"<li><blockquote>{render.sentence(citation)}</blockquote>{_byline(citation, articles)}"
        f"{render.according_to(citation)}{render.also_in(copies, articles)}</li>"
        for citation, copies in with_copies(answer.closest, answer.copies)
    ]
    return (
        f'<section class="answer none" aria-label="{escape(label)}"><h3 class="said">{CLOSEST}</h3>'
        f"{_statements(items)}{_scope(answer)}</section>"
    )


def _statements(items: Sequence[str]) -> str:
    """A list of statements: the first few, the others on demand; nothing for none."""
    first, rest = items[:CLOSEST_SHOWN], items[CLOSEST_SHOWN:]
    summary = escape(words.count(len(rest), "further statement"))
    more = (
        f'<details class="others"><summary>{summary}</summary><ol class="near">{"".join(rest)}</ol></details>'
        if rest
        else ""
    )
    return f'<ol class="near">{"".join(first)}</ol>{more}' if first else ""


def no_answer(answer: Answer, *, label: str = "Answer") -> str:
    """That nothing was found, and in what."""
    return (
        f'<section class="answer none" aria-label="{escape(label)}">'
        f'<p class="said">{escape(nothing_found(answer.scope))}</p></section>'
    )


def timings(spent: Timings) -> str:
    """How long it took, stage by stage."""
    if spent.total <= 0:
        return ""
    stages = (
        f"searching {spent.retrieve:.0f} ms, reading {spent.read:.0f} ms, comparing {spent.conflict:.0f} ms"
    )
    return f"{spent.total / 1000:.2f} s: {stages}."


def announcement(answer: Answer) -> str:
    """What a screen reader says when an answer arrives. Plain text, not escaped."""
    about = f"About {words.join_names(answer.about)}. " if answer.about else ""
    about += f"{lead} " if (lead := lead_text(answer)) else ""
    if answer.status == "unanswered":
        return about + nothing_found(answer.scope)
    if answer.status == "overview":
        return about + overview_announcement(answer)
    quoted = answer.citations if answer.status == "answered" else answer.closest
    names = words.join_names(map(source_of, quoted))
    if answer.status == "closest":
        return f"{about}{CLOSEST}: {quoted[0].quote} From {names}."
    tally = tally_of(answer)
    if tally.differs:
        return f"{about}{words.check_summary(answer)}"
    told = verdict_text(tally.stands[0].polarity) + ": " if tally.stands[0].polarity else ""
    return f"{about}{told}{answer.text} Said by {names}. {words.check_summary(answer)}"


def conversation(turns: Sequence[str], *, status: str = "", notice: str = "") -> str:
    """All turns, oldest first; `status` is read out by screen readers, `notice` is seen too."""
    note = f'<p class="notice">{escape(notice)}</p>' if notice else ""
    live = f'<p class="spoken" role="status" aria-live="polite">{escape(status or notice)}</p>'
    return f'{live}<div class="turns">{"".join(turns)}</div>{note}'
