"""The control beside the question's box: which library is asked, and which of its articles."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from index.errors import WhosaysError
from index.records import Listed
from index.scope import EVERYTHING, Scope
from qa.answer import coverage_of
from qa.app.access import visitor
from qa.app.html import words
from qa.app.html.scope import scope_button, scope_text
from qa.app.shelf.catalogue import Catalogue
from qa.app.shelf.libraries import Choice
from qa.app.talks.conversation import Talk, titles
from qa.app.talks.link import MOST_NAMED, NAME_CHARS
from qa.export.text import article_beside, source_of
from qa.library import Library

OFFERED = 30  # articles: of more, what is typed finds them
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
# The page is opened anew: all that it shows is of another library then.
OPEN_LIBRARY = f"""(name) => {{
  ({visitor.KEEP})(name);
  if (name) window.whosays.another();
}}"""

Updates = dict[Any, Any]


class Chosen(gr.Dropdown):
    """A choice among names of which each visitor is offered their own: what fits is for `ask` to say."""

    is_template = True  # to the browser it is a gr.Dropdown

    def preprocess(self, payload: Any) -> Any:
        """As it came; `read_scope` reads it."""
        return payload


class ScopeChoice:
    """The components, and what they choose. `library` gives the visitor's, `choice` lets them choose it."""

    def __init__(self, library: Callable[[], Library], articles: Catalogue, choice: Choice | None) -> None:
        self._library = library
        self._articles = articles
        self._choice = choice

    def fill(self) -> None:
        """Into the blocks that are open."""
        # Not Gradio's accordion: what stands in a closed one is not drawn, and misses what an event tells it.
        self.box = gr.HTML(
            scope_button("Asked of all articles"), elem_id="scope", apply_default_css=False, js_on_load=None
        )
        with gr.Column(elem_id="scope-fields"):
            with gr.Row(elem_id="scope-first"):
                if self._choice:
                    self.chosen = gr.Dropdown(
                        label="Library", filterable=False, min_width=170, elem_id="scope-library"
                    )
                self.publishers = Chosen(
                    label="Publishers", multiselect=True, choices=[], value=[], min_width=180, scale=2,
                    elem_id="scope-publishers",
                )  # fmt: skip
                dates: dict[str, Any] = {
                    "placeholder": "2026-07", "max_lines": 1, "max_length": 10, "min_width": 90
                }  # fmt: skip
                self.since = gr.Textbox(label="From", elem_id="scope-since", **dates)
                self.until = gr.Textbox(label="To", elem_id="scope-until", **dates)
            self.articles = Chosen(
                label="Articles: type a part of a title to find more",
                multiselect=True,
                choices=[],
                value=[],
                elem_id="scope-articles",
            )
            self.whole = gr.Button("Ask the whole library", size="sm", elem_id="scope-whole")

    @property
    def inputs(self) -> list[Any]:
        """What `read_scope` takes, in its order."""
        return [self.publishers, self.since, self.until, self.articles]

    @property
    def outputs(self) -> list[Any]:
        """All that `shown` sets."""
        return [self.box, *self.inputs, *([self.chosen] if self._choice else [])]

    def listen(self, talk: gr.State, kept: gr.HTML, keep: Callable[[Talk], Any]) -> None:
        """What is chosen holds for the talk from then on; `keep` gives what `kept` shows of it."""

        def changed(talk: Talk, *values: Any) -> Updates:
            talk.scope = read_scope(*values)
            return {self.box: self._label(talk.scope), kept: keep(talk)}

        def emptied(talk: Talk) -> Updates:
            talk.scope = EVERYTHING
            return {**self.shown(talk.scope), kept: keep(talk)}

        told: dict[str, Any] = {"inputs": [talk, *self.inputs], "outputs": [self.box, kept], **QUIET}
        self.publishers.input(changed, **told)
        self.articles.input(changed, **told)
        for date in (self.since, self.until):
            date.submit(changed, **told)
            date.blur(changed, **told)
        self.whole.click(emptied, talk, [*self.outputs, kept], **QUIET)
        self.articles.key_up(self._found, self.articles, self.articles, trigger_mode="always_last", **QUIET)
        if self._choice:
            self.chosen.input(None, self.chosen, None, js=OPEN_LIBRARY, **QUIET)

    def shown(self, chosen: Scope) -> Updates:
        """The components as they stand for this scope, over the library as it is now."""
        try:
            known = self._library().publishers()
            names = {name.casefold(): name for name, _ in known}
            publishers = [names.get(one.casefold(), one) for one in chosen.publishers]
            offered = [(f"{words.shortened(name)} ({count:,})", name) for name, count in known]
            offered += [(one, one) for one in publishers if one.casefold() not in names]
            choices = self._offered("", chosen.articles)
        except WhosaysError as error:
            return {self.box: scope_button(words.sentence(str(error)))}
        shown: Updates = {
            self.box: self._label(chosen),
            self.publishers: Chosen(choices=offered, value=publishers),
            self.since: chosen.since or "",
            self.until: chosen.until or "",
            self.articles: Chosen(choices=choices, value=list(chosen.articles)),
        }
        if self._choice:
            names_of = self._choice.shelf.names()
            shown[self.chosen] = gr.Dropdown(choices=names_of, value=self._choice.name)
        return shown

    def _label(self, chosen: Scope) -> str:
        try:
            coverage = coverage_of(self._library(), chosen, ())
        except WhosaysError as error:
            return scope_button(words.sentence(str(error)))
        return scope_button(scope_text(coverage, titles(chosen.articles, self._articles)))

    def _found(self, values: Sequence[str] | None, event: gr.KeyUpData) -> Any:
        """What is typed among the articles offers those whose titles hold it."""
        try:
            return Chosen(choices=self._offered(event.input_value or "", tuple(values or ())))
        except WhosaysError:
            return gr.skip()

    def _offered(self, sought: str, chosen: Sequence[str]) -> list[tuple[str, str]]:
        """The chosen articles, and the newest that fit what is sought; each with what it is called."""
        library = self._library()
        found = library.listing(sought=sought[:NAME_CHARS], most=OFFERED).articles
        known = {one.id: _called(one) for one in found}
        for article_id in chosen[:MOST_NAMED]:
            (title,) = titles([article_id], self._articles)
            known.setdefault(article_id, title)
        return [(label, article_id) for article_id, label in known.items()]


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
