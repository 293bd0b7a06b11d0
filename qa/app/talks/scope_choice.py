"""The control beside the question's box: which of the library's articles are asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from index.errors import WhosaysError
from index.records import Listed
from index.scope import EVERYTHING, Scope
from qa.answer import coverage_of
from qa.app.html import words
from qa.app.html.scope import scope_button, scope_text
from qa.app.shelf.catalogue import Catalogue
from qa.app.talks.conversation import Talk, titles
from qa.app.talks.link import MOST_NAMED, NAME_CHARS
from qa.export.text import article_beside, source_of
from qa.library import Library

# Sources of an answer that were ticked; `sources.js` tells which.
CHOOSING = """document.addEventListener("choose-articles", ({ detail }) => trigger("submit", detail));"""
OFFERED = 30  # publishers, and articles: of more, what is typed finds them
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

Updates = dict[Any, Any]


class Ticked(gr.CheckboxGroup):
    """Tick boxes of which each visitor is offered their own: what fits is for `ask` to say."""

    is_template = True  # to the browser it is a gr.CheckboxGroup

    def preprocess(self, payload: Any) -> Any:
        """As it came; `read_scope` reads it."""
        return payload


class ScopeChoice:
    """The components, and what they choose. `library` gives the visitor's.

    What is ticked is asked; where nothing is, all of it. Of ticked publishers only the articles are offered.
    """

    def __init__(self, library: Callable[[], Library], articles: Catalogue) -> None:
        self._library = library
        self._articles = articles

    def fill(self) -> None:
        """Into the blocks that are open."""
        # Not Gradio's accordion: what stands in a closed one is not drawn, and misses what an event tells it.
        self.box = gr.HTML(
            scope_button("Asked of all articles"),
            elem_id="scope",
            apply_default_css=False,
            js_on_load=CHOOSING,
        )
        with gr.Column(elem_id="scope-fields"):
            with gr.Row(elem_id="scope-first"):
                self.sought = gr.Textbox(
                    label="Find a publisher or an article",
                    max_lines=1,
                    max_length=NAME_CHARS,
                    min_width=180,
                    scale=2,
                    elem_id="scope-sought",
                )
                # `dates.js` puts a picker of days beside them: a month or a year can be typed as well.
                dates: dict[str, Any] = {
                    "placeholder": "2026-07", "max_lines": 1, "max_length": 10, "min_width": 90,
                    "elem_classes": ["date-field"],
                }  # fmt: skip
                self.since = gr.Textbox(label="From", elem_id="scope-since", **dates)
                self.until = gr.Textbox(label="To", elem_id="scope-until", **dates)
            with gr.Row(elem_id="scope-ticks"):
                self.publishers = Ticked(
                    label="Publishers", choices=[], value=[], elem_id="scope-publishers", min_width=180
                )
                self.articles = Ticked(
                    label="Articles", choices=[], value=[], elem_id="scope-articles", min_width=180, scale=2
                )
            self.whole = gr.Button("Ask the whole library", size="sm", elem_id="scope-whole")

    @property
    def inputs(self) -> list[Any]:
        """What `read_scope` takes, in its order."""
        return [self.publishers, self.since, self.until, self.articles]

    @property
    def outputs(self) -> list[Any]:
        """All that `shown` sets."""
        return [self.box, self.sought, *self.inputs]

    def listen(self, talk: gr.State, kept: gr.HTML, keep: Callable[[Talk], Any]) -> None:
        """What is chosen holds for the talk from then on; `keep` gives what `kept` shows of it."""

        def changed(talk: Talk, *values: Any) -> Updates:
            talk.scope = read_scope(*values)
            return {self.box: self._label(talk.scope), kept: keep(talk)}

        def narrowed(talk: Talk, sought: str, *values: Any) -> Updates:
            talk.scope = self._within_publishers(read_scope(*values))
            offered = self._ticks(sought, talk.scope)
            return {self.box: self._label(talk.scope), kept: keep(talk), **offered}

        def emptied(talk: Talk) -> Updates:
            talk.scope = EVERYTHING
            return {**self.shown(talk.scope), kept: keep(talk)}

        def chosen(talk: Talk, event: gr.EventData) -> Updates:
            talk.scope = read_scope(None, None, None, getattr(event, "articles", None))
            return {**self.shown(talk.scope), kept: keep(talk)}

        # "multiple": also what is done while what was done before is answered; `order.js` keeps their order.
        each: dict[str, Any] = {"trigger_mode": "multiple", **QUIET}
        told: dict[str, Any] = {"inputs": [talk, *self.inputs], "outputs": [self.box, kept], **each}
        ticks = [self.publishers, self.articles]
        self.publishers.input(narrowed, [talk, self.sought, *self.inputs], [self.box, kept, *ticks], **each)
        self.articles.input(changed, **told)
        for date in (self.since, self.until):
            date.submit(changed, **told)
            date.blur(changed, **told)
        self.box.submit(chosen, talk, [*self.outputs, kept], **each)
        self.whole.click(emptied, talk, [*self.outputs, kept], **each)
        self.sought.change(
            self._found, [self.sought, *self.inputs], ticks, trigger_mode="always_last", **QUIET
        )

    def shown(self, chosen: Scope) -> Updates:
        """The components as they stand for this scope, over the library as it is now."""
        try:
            return {
                self.box: self._label(chosen),
                self.sought: "",
                self.since: chosen.since or "",
                self.until: chosen.until or "",
                **self._ticks("", chosen),
            }
        except WhosaysError as error:
            return {self.box: scope_button(words.sentence(str(error)))}

    def _label(self, chosen: Scope) -> str:
        try:
            coverage = coverage_of(self._library(), chosen, ())
        except WhosaysError as error:
            return scope_button(words.sentence(str(error)))
        return scope_button(scope_text(coverage, titles(chosen.articles, self._articles)))

    def _found(self, sought: str, *values: Any) -> Updates:
        """What is typed finds publishers by name, and articles by what stands in them.

        What is ticked stays as it is by now: somebody may have ticked more while these were sought.
        """
        try:
            return self._ticks(sought or "", read_scope(*values), tick=False)
        except WhosaysError:
            return {self.publishers: gr.skip()}

    def _ticks(self, sought: str, chosen: Scope, *, tick: bool = True) -> Updates:
        """What is chosen, and what else is offered of all that fits what is sought; `tick` sets the ticks."""
        publishers = self._offered_publishers(sought, chosen.publishers)
        articles = self._offered_articles(sought, chosen)
        if not tick:
            return {self.publishers: Ticked(choices=publishers), self.articles: Ticked(choices=articles)}
        ticked = [name for _, name in publishers if name in chosen.publishers]
        return {
            self.publishers: Ticked(choices=publishers, value=ticked),
            self.articles: Ticked(choices=articles, value=list(chosen.articles)),
        }

    def _within_publishers(self, chosen: Scope) -> Scope:
        """Without ticked articles of other publishers than the ticked ones: they could not be asked."""
        if not (chosen.publishers and chosen.articles):
            return chosen
        try:
            fitting = self._library().listing(
                scope=Scope(publishers=chosen.publishers, articles=chosen.articles), most=MOST_NAMED
            )
        except WhosaysError:  # one of them was removed meanwhile: the answer says so
            return chosen
        held = {one.id for one in fitting.articles}
        return replace(chosen, articles=tuple(one for one in chosen.articles if one in held))

    def _offered_publishers(self, sought: str, chosen: Sequence[str]) -> list[tuple[str, str]]:
        """The ticked ones, and those with the most articles whose names hold what is sought."""
        known = sorted(self._library().publishers(), key=lambda one: -one[1])
        counts = {name.casefold(): (name, count) for name, count in known}
        ticked = [one for one in chosen if one.casefold() not in counts]
        asked = {one.casefold() for one in chosen}
        fitting = [
            (name, count)
            for name, count in known
            if name.casefold() in asked or sought.casefold().strip() in name.casefold()
        ]
        shown = [one for one in fitting if one[0].casefold() in asked]
        shown += [one for one in fitting if one[0].casefold() not in asked][: max(0, OFFERED - len(shown))]
        called = {counts[one.casefold()][0]: one for one in chosen if one.casefold() in counts}
        offered = [(f"{words.shortened(name)} ({count:,})", called.get(name, name)) for name, count in shown]
        return [*offered, *((one, one) for one in ticked)]

    def _offered_articles(self, sought: str, chosen: Scope) -> list[tuple[str, str]]:
        """The ticked ones, and the newest that fit what is sought; each with what it is called."""
        within = Scope(publishers=chosen.publishers)
        found = self._library().listing(sought=sought[:NAME_CHARS], scope=within, most=OFFERED).articles
        known = {one.id: _called(one) for one in found}
        offered = {}
        for article_id in chosen.articles[:MOST_NAMED]:
            (title,) = titles([article_id], self._articles)
            offered[article_id] = known.get(article_id, title)
        return [(label, article_id) for article_id, label in {**offered, **known}.items()]


def read_scope(publishers: Any, since: Any, until: Any, articles: Any) -> Scope:
    """What the components hold, whatever a program may have put there."""

    def several(given: Any) -> tuple[str, ...]:
        names = given if isinstance(given, list | tuple) else []
        return tuple(dict.fromkeys(one for one in names[:MOST_NAMED] if isinstance(one, str)))

    def date(given: Any) -> str | None:
        return (given.strip()[:20] or None) if isinstance(given, str) else None

    return Scope(several(publishers), date(since), date(until), several(articles))


def _called(article: Listed) -> str:
    facts = [words.shortened(article_beside(article)), source_of(article), words.date(article.published)]
    return " · ".join(fact for fact in facts if fact)
