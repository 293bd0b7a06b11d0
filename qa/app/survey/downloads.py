"""What the page of disagreements gives to take along: its report, as narrowed and ruled, and the rulings."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from index.errors import WhosaysError
from qa.app.html.render import escape
from qa.app.survey.filters import from_query
from qa.app.survey.session import Desk
from qa.conflicts.rulings import gold_lines
from qa.export.file_names import attachment, file_name
from qa.export.survey_files import to_csv, to_markdown
from qa.export.survey_report import render
from qa.survey.survey import Survey

NOT_COMPARED = "Nothing has been compared yet: open the page of disagreements, then download again."


@dataclass(frozen=True, slots=True)
class _Format:
    """`write` takes the survey and how it is narrowed, in words, "" where it is whole."""

    label: str
    media_type: str
    write: Callable[[Survey, str], str]


_FORMATS = {
    "html": _Format("HTML", "text/html", lambda found, narrowed: render(found, narrowed=narrowed)),
    "md": _Format("Markdown", "text/markdown", lambda found, narrowed: to_markdown(found, narrowed=narrowed)),
    "csv": _Format("CSV", "text/csv", lambda found, _: to_csv(found)),
}
_RULINGS = (
    '<a href="disagreements/rulings.jsonl" download>Download rulings</a> as labelled pairs, one JSON object '
    "a line, which “whosays eval” reads."
)


def download_links(path: str, query: str, *, found: bool, narrowed: bool) -> str:
    """The ways to take along what is listed; of the report only where something was `found`."""
    if not found:
        return f'<p class="fine">{_RULINGS}</p>'
    end = escape(f"?{query}") if query else ""
    links = "".join(
        f'<li><a href="{path}/report.{ending}{end}" download>{one.label}</a></li>'
        for ending, one in _FORMATS.items()
    )
    what = "what is listed" if narrowed else "all of it"
    return (
        f'<div class="home"><span id="report-home">Take along {what}</span>'
        f'<ul aria-labelledby="report-home">{links}</ul></div><p class="fine">{_RULINGS}</p>'
    )


def download_routes(desk: Desk, path: str) -> list[Route]:
    """The report as a page, Markdown or CSV, narrowed as the page's address is; and all rulings as data."""

    def send_report(request: Request) -> Response:
        made = _FORMATS.get(request.path_params["ending"])
        if made is None:
            return PlainTextResponse(f"A report is written as {', '.join(_FORMATS)}.", status_code=404)
        try:
            report = desk.report(from_query(request.url.query).with_whole_days())
        except WhosaysError as error:
            return PlainTextResponse(str(error), status_code=400)
        if report is None:
            return PlainTextResponse(NOT_COMPARED, status_code=404)
        return _file(made.write(*report), "disagreements", request.path_params["ending"], made.media_type)

    def send_rulings(_: Request) -> Response:
        try:
            text = gold_lines(desk.rulings.read_standing().gold())
        except WhosaysError as error:
            return PlainTextResponse(str(error), status_code=500)
        return _file(text, "rulings", "jsonl", "application/x-ndjson")

    def _file(text: str, kind: str, ending: str, media_type: str) -> Response:
        name = file_name(kind, desk.library().path.name, ending)
        headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
        # Half a character, which JSON files can bring into an article, has no UTF-8.
        return Response(text.encode("utf-8", "replace"), media_type=media_type, headers=headers)

    return [
        Route(f"/{path}/report.{{ending}}", send_report, methods=["GET"]),
        Route(f"/{path}/rulings.jsonl", send_rulings),
    ]
