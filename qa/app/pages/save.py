"""The conversation saved as a file, by the browser that shows it: nothing of it is left on the server."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from index.errors import ArticleNotFound
from index.records import Article
from qa.app.shelf.catalogue import Catalogue
from qa.app.talks.conversation import Talk
from qa.app.talks.seal import seal
from qa.export.conversation import Conversation, conversation, to_json, to_markdown
from qa.export.file_names import file_name
from qa.settings import Settings

# What a browser calls the file ends so, and how it is written.
KINDS: dict[str, tuple[str, str, Callable[[Conversation], str]]] = {
    "Save as Markdown": ("md", "text/markdown", to_markdown),
    "Save as JSON": ("json", "application/json", to_json),
}
# Of what is told the first line is the file's name.
_SAVE = """(told) => {
  if (!told) return;
  const at = told.indexOf("\\n");
  const text = told.slice(at + 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "%s" }));
  link.download = told.slice(0, at);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}"""


def exported_talk(talk: Talk, articles: Catalogue, settings: Settings, library: str = "") -> Conversation:
    """All answers of the talk with the articles that they quote, as far as these are still in the library."""
    answers = talk.answers()
    found: list[Article] = []
    for article_id in sorted(frozenset[str]().union(*(answer.article_ids() for answer in answers))):
        try:
            found.append(articles.article(article_id))
        except ArticleNotFound:
            continue  # the file says that it is gone
    return replace(conversation(answers, found, settings, library=library), seal=seal(answers))


def save_buttons(
    talk: gr.State, articles: Catalogue, settings: Settings, library: Callable[[], str], **quiet: Any
) -> None:
    """A button for each kind of file, in the blocks that are open; then the way to all conversations.

    `library` names the one that is asked. `quiet`: options of their events.
    """
    with gr.Row(elem_id="save"):
        for label, (ending, kind, write) in KINDS.items():
            button = gr.Button(label, size="sm")
            text = gr.Textbox(visible=False)

            def write_file(
                talk: Talk, ending: str = ending, write: Callable[[Conversation], str] = write
            ) -> str:
                if not talk.answers():
                    gr.Info("There is nothing to save yet: ask something first.")
                    return ""
                asked = talk.library or library()
                name = file_name("conversation", asked, ending)
                return f"{name}\n{write(exported_talk(talk, articles, settings, asked))}"

            event = button.click(write_file, talk, text, **quiet)
            event.success(None, text, None, js=_SAVE % kind, **quiet)
        gr.Button("Conversations", size="sm", elem_classes=["conversations"])
