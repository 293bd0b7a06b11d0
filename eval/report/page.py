"""The app's evaluation page: a gold set chosen, measured with progress, and held against an earlier run."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
import platformdirs
from gradio.context import Context

from eval.gold.sets import ON_PAGE, GoldSource
from eval.provenance import models_of, this_run
from eval.report import run_html
from eval.report.history import History, Kept
from eval.report.measuring import measure
from index.adding import Progress
from qa.app.html import words
from qa.app.html.render import escape, isolate
from qa.app.pages.site import Page
from qa.app.shelf.background import Job, State, watch
from qa.settings import Settings

NAME, PATH = "How good is it?", "evaluation"
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
TOGETHER: dict[str, Any] = {"concurrency_limit": None}  # watching costs next to nothing
NOTICE_S = 6.0  # how long a refusal stands before the progress takes its place
STYLE = Path(__file__).with_name("page.css")

Updates = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """A run that came to its end: its figures as they were kept, and what else there is to show, as HTML."""

    kept: Kept
    pictures: str
    failures: str


def evaluation_page(
    settings: Settings, *, sources: Mapping[str, GoldSource] = ON_PAGE, folder: Path | None = None
) -> Page:
    """The page over the gold sets of `sources`; figures are kept in `folder`, by default the user's cache."""
    history = History(folder or platformdirs.user_cache_path("whosays") / "evaluations")
    bench = Bench(settings, sources, history)
    return Page(NAME, PATH, lambda: _Filling(bench).fill(), minor=True)


class Bench:
    """What all visitors share: the sets, the one run at a time, and the figures of earlier ones."""

    def __init__(self, settings: Settings, sources: Mapping[str, GoldSource], history: History) -> None:
        self.sources = sources
        self.history = history
        self.job: Job[Done] = Job()
        self._settings = settings

    def run(self, name: str) -> str:
        """Begin to measure a set; "" or, where a run is under way, that it is."""
        source = self.sources[name]
        if self.job.start(partial(self._measure, source), name=name):
            return ""
        running = self.sources[self.job.state.name].title
        return f"One evaluation runs at a time, and one does: {running}. Wait until it is done, or stop it."

    def newest(self, name: str) -> tuple[Done | None, Kept | None, list[Kept]]:
        """The set's newest run of this server, the newest figures, and all that are older, newest first."""
        done = self.job.state.result
        if done is not None and done.kept.source != name:
            done = None
        runs = self.history.runs(name)
        kept = done.kept if done else runs[0] if runs else None
        return done, kept, [one for one in runs if kept is not None and one.id != kept.id]

    def _measure(self, source: GoldSource, progress: Progress) -> Done:
        run = this_run(f"whosays eval {source.name}", models_of(self._settings))
        measured = measure(source, self._settings, progress)
        kept = self.history.keep(source.name, measured.metrics, run)
        return Done(kept, run_html.pictures(measured), run_html.failures(measured, sealed=source.sealed))


class _Filling:
    """The components of one filled page, and what happens on each event."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def fill(self) -> None:
        """Into the blocks that are open."""
        head = (
            f"<header><h1>{NAME}</h1><p class='lead'>How often answers, sources and conflicts are right, "
            "on questions and pairs of statements whose answers people wrote down.</p></header>"
        )
        _html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>{head}", "eval-head")
        titles = [(source.title, name) for name, source in self._bench.sources.items()]
        with gr.Row(elem_id="eval-choice"):
            self.gold = gr.Dropdown(label="Gold set", choices=titles, value=titles[0][1], filterable=False)
            self.run = gr.Button("Run", elem_id="eval-run")
            self.stop = gr.Button("Stop", elem_id="eval-stop", visible=False)
        self.about = _html("", "eval-about")
        self.progress = _html("", "eval-progress")
        self.status = _html(_status(""), "eval-status")
        with gr.Row(elem_id="eval-earlier-row", visible=False) as self.row:
            self.earlier = gr.Dropdown(
                label="Compare with", choices=[("No earlier run", "")], value="", filterable=False
            )
        self.figures = _html("", "eval-figures")
        self.pictures = _html("", "eval-pictures")
        self.failures = _html("", "eval-failures")
        self._listen()

    def _listen(self) -> None:
        changed = [
            self.run, self.stop, self.about, self.progress, self.status, self.row, self.earlier,
            self.figures, self.pictures, self.failures,
        ]  # fmt: skip
        blocks = Context.root_block
        assert blocks is not None, "a page is filled while its blocks are open"
        for watching in (
            blocks.load(self._watched, self.gold, changed, **QUIET, **TOGETHER),
            self.run.click(self._asked, self.gold, changed, trigger_mode="multiple", **QUIET, **TOGETHER),
        ):
            # Another set may have been chosen meanwhile: what is shown at the end is the one chosen then.
            watching.then(self._whole, self.gold, changed, queue=False, **QUIET)
        self.stop.click(self._bench.job.stop, None, None, queue=False, **QUIET)
        each: dict[str, Any] = {"trigger_mode": "multiple", "queue": False, **QUIET}
        self.gold.input(self._whole, self.gold, changed, **each)
        self.earlier.input(self._compare, [self.gold, self.earlier], self.figures, **each)

    async def _asked(self, name: str) -> AsyncIterator[Updates]:
        refusal = self._bench.run(name)
        if refusal:
            yield {self.status: f'<p class="notice" role="alert">{escape(refusal)}</p>'}
            await asyncio.sleep(NOTICE_S)
        async for updates in self._watched(name):
            yield updates

    async def _watched(self, name: str) -> AsyncIterator[Updates]:
        """What is known at once, then the progress while there is some."""
        yield self._whole(name)
        async for state in watch(self._bench.job):
            if state.running:
                yield {self.progress: self._line(state)}

    def _whole(self, name: str) -> Updates:
        """The page for a set."""
        state, source = self._bench.job.state, self._bench.sources[name]
        done, kept, older = self._bench.newest(name)
        first = older[0] if older else None
        runs = [("No earlier run", ""), *((run_html.when(one), one.id) for one in older)]
        return {
            self.run: gr.Button("Run again" if kept else "Run"),
            self.stop: gr.Button(visible=state.running),
            self.about: _about(source, kept),
            self.progress: self._line(state),
            self.status: _status(_say_state(state)),
            self.row: gr.Row(visible=bool(older)),
            self.earlier: gr.Dropdown(choices=runs, value=first.id if first else ""),
            self.figures: run_html.figure_tables(kept, first) if kept else "",
            self.pictures: done.pictures if done else "",
            self.failures: done.failures if done else _again(kept),
        }

    def _compare(self, name: str, earlier: str) -> str:
        _, kept, older = self._bench.newest(name)
        chosen = next((one for one in older if one.id == earlier), None)
        return run_html.figure_tables(kept, chosen) if kept else ""

    def _line(self, state: State[Done]) -> str:
        """How far the run is, or why it came to nothing."""
        if state.problem:
            return f'<p class="failure">{isolate(words.sentence(state.problem))}</p>'
        if state.stopped:
            return '<p class="soft">Stopped. Nothing of this run is kept.</p>'
        if not state.running:
            return ""
        title = self._bench.sources[state.name].title
        label, share = state.label or "starting", ""
        if state.total:
            share = f' value="{state.done}" max="{state.total}"'
            label = f"{state.done:,} of {state.total:,} {label}"
        return (
            f'<p class="working-on"><progress aria-label="Evaluation"{share}></progress>'
            f"<bdi>{escape(title)}: {escape(label)}</bdi></p>"
        )


def _about(source: GoldSource, kept: Kept | None) -> str:
    what = "Labelled pairs of statements" if source.pairs else "Questions with their answers and evidence"
    what = "Stories told by several sources, with questions" if source.stories else what
    sealed = f" {run_html.SEALED}" if source.sealed else ""
    never = "" if kept else " It has not been run here yet."
    return f'<p class="soft">{what}.{sealed}{never}</p>'


def _again(kept: Kept | None) -> str:
    if kept is None:
        return ""
    return '<p class="soft">Only the figures of earlier runs are kept. Run again to see what went wrong.</p>'


def _say_state(state: State[Done]) -> str:
    if state.running:
        return "The evaluation runs."
    if state.stopped or state.problem:
        return "The evaluation has ended without figures."
    return "The evaluation is done." if state.result else ""


def _status(text: str) -> str:
    return f'<p class="spoken" role="status" aria-live="polite">{escape(text)}</p>'


def _html(value: str, name: str) -> gr.HTML:
    """Our own HTML without Gradio's style and script."""
    return gr.HTML(value, elem_id=name, elem_classes="survey", apply_default_css=False, js_on_load=None)
