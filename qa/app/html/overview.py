"""An overview within its turn, as HTML: central sentences with their places, or the way to all conflicts."""

from qa.app.html import render, words
from qa.app.html.render import Articles, escape, isolate
from qa.export.text import nothing_near, section_heading, source_of
from qa.records import Answer, Citation, Overview, Section

# The page of all disagreements, relative to the conversation.
DISAGREEMENTS = "disagreements"


def overview(answer: Answer, articles: Articles, *, label: str = "Answer") -> str:
    """The sections, two side by side; of what is disputed, the heading of the conflicts that stand below."""
    told = answer.overview
    if told is None:  # as another version exported it
        return ""
    shown = "".join(_section(told, section, articles) for section in told.sections)
    kind = " columns" if len(told.sections) > 1 else ""
    more = (
        '<p class="support">To filter them and to rule on them: '
        f'<a href="{DISAGREEMENTS}">Disagreements</a></p>'
        if told.sort == "disagreements"
        else ""
    )
    return f'<section class="answer overview{kind}" aria-label="{escape(label)}">{shown}{more}</section>'


def _section(told: Overview, section: Section, articles: Articles) -> str:
    items = "".join(_item(citation, articles) for citation in section.citations)
    listed = f'<ol class="near">{items}</ol>' if items else ""
    if not items and told.sort != "disagreements":
        listed = f'<p class="support">{isolate(nothing_near(section))}</p>'
    return f'<div class="part"><h3 class="said">{isolate(section_heading(told, section))}</h3>{listed}</div>'


def _item(citation: Citation, articles: Articles) -> str:
    """One sentence, and who says it under which headline."""
    by = f"{render.source(citation, articles)}{render.title_beside(citation, articles)}"
    return f'<li><blockquote>{isolate(citation.sentence)}</blockquote><p class="from">{by}</p></li>'


def overview_announcement(answer: Answer) -> str:
    """What a screen reader says when it arrives. Plain text, not escaped."""
    told = answer.overview
    if told is None or not answer.citations:
        return words.check_summary(answer)
    names = words.join_names(map(source_of, answer.citations))
    return f"{'; '.join(section_heading(told, one) for one in told.sections)}. From {names}."
