"""A conversation written down so that each quote can be checked: as Markdown, as JSON, and read back."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from index.errors import WhosaysError
from index.models import WEIGHTS, checksums
from index.names import article_name
from index.records import Article
from qa.export.bounded_json import read_json
from qa.export.markdown import answer_citation, answer_section, heading, line, source_line
from qa.export.typed_json import Mismatch, read_value
from qa.reader.span_model import WEIGHTS as READER_WEIGHTS
from qa.records import Answer, Citation
from qa.settings import Settings

FORMAT = "whosays conversation"
FORMAT_VERSION = 2
READ_VERSIONS = (1, 2)  # 1 knew neither closest statements, nor scope, nor words of the talk


class ConversationError(WhosaysError):
    """A text is no exported conversation, or one that was changed."""


@dataclass(frozen=True, slots=True)
class QuotedArticle:
    """An article that a conversation quotes; `sha256` is that of its text in UTF-8, `characters` its length.

    Offsets are into this very text: another checksum, other offsets. Both are None of an article that stood
    in the library no more.
    """

    id: str
    uri: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    sha256: str | None
    characters: int | None
    name: str = ""
    updated: str | None = None

    def __post_init__(self) -> None:
        if not self.name:  # as older conversations were exported
            object.__setattr__(self, "name", article_name(self.title, "", self.uri))


@dataclass(frozen=True, slots=True)
class Conversation:
    """Answers in order, the articles that they quote, and what they were made with.

    `models` holds the SHA-256 of each bundled model file, and the name of each model that the user chose.
    `exported` is UTC, ISO 8601. `library` is the name of the one that was asked, where that is known. `seal`
    says that these are the answers as they were given; see `qa.app.talks.seal`.
    """

    answers: tuple[Answer, ...]
    sources: tuple[QuotedArticle, ...]
    models: Mapping[str, str]
    settings: Mapping[str, Any]
    version: str
    exported: str
    library: str = ""
    seal: str = ""


def conversation(
    answers: Sequence[Answer],
    articles: Iterable[Article],
    settings: Settings,
    *,
    at: datetime | None = None,
    library: str = "",
) -> Conversation:
    """What is known of `answers`, given with `settings` from a library of `articles`, at the time `at` (now).

    `articles` may be more than are quoted; those that are not quoted are left out.
    """
    quoted = {one.article_id: one for one in reversed([one for told in answers for one in told.quotes()])}
    quoted_ids = frozenset[str]().union(*(answer.article_ids() for answer in answers))
    known = {article.id: quoted_article(article) for article in articles if article.id in quoted_ids}
    gone = {key: missing_article(key, quoted.get(key)) for key in quoted_ids - set(known)}
    return Conversation(
        answers=tuple(answers),
        sources=tuple(source for _, source in sorted({**known, **gone}.items())),
        models=models_of(settings),
        settings=_settings(settings),
        version=own_version(),
        exported=(at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        library=library,
    )


def to_json(of: Conversation) -> str:
    """One JSON object; `read_conversation` makes the same values of it."""
    answers = [answer.to_dict() for answer in of.answers]
    plain = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(of), "answers": answers}
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def read_conversation(text: str) -> Conversation:
    """A conversation from the text of `to_json`; what was changed since in a quote or a field is refused.

    Raises ConversationError, which says what is wrong and where.
    """
    none, advice = "This is not an exported conversation", "choose a file that Whosays exported as JSON"
    changed = "This exported conversation was changed"
    try:
        plain = read_json(text)
    except (ValueError, RecursionError) as error:
        raise ConversationError(f"{none}: it is not JSON ({error}); {advice}") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise ConversationError(f"{none}: it does not say that it is one; {advice}")
    if plain.get("format_version") not in READ_VERSIONS:
        raise ConversationError(
            f"This conversation is in format {plain.get('format_version')!r}, and this Whosays reads "
            f"{' and '.join(map(str, READ_VERSIONS))}: "
            f"open it with the version that wrote it ({plain.get('version')!r})"
        )
    try:
        made = read_value(Conversation, plain)
    except Mismatch as error:
        raise ConversationError(f"{changed}: {error}; export it again") from error
    for one in (quote for answer in made.answers for quote in answer.quotes()):
        if (
            len(one.quote) != one.end - one.start
            or len(one.sentence) != one.sentence_end - one.sentence_start
        ):
            raise ConversationError(
                f"{changed}: the quote at characters {one.start} to {one.end} of "
                f"article {one.article_id} has another length; export it again"
            )
    return made


def to_markdown(of: Conversation) -> str:
    """The same for people, in Markdown without HTML; what comes from articles is escaped."""
    by_id = {source.id: source for source in of.sources}
    lines = [
        heading(1, "A conversation with Whosays"),
        "",
        f"Exported {line(of.exported)}, Whosays {line(of.version)}."
        + (f" Asked of the library {line(of.library)}." if of.library else ""),
        "",
    ]
    for answer in of.answers:
        lines += [*answer_section(answer), ""]
    lines += [heading(2, "Articles"), ""]
    lines += [source_line(by_id[key], by_id[key].sha256) for key in sorted(by_id)] or ["None."]
    lines += ["", heading(2, "Made with"), ""]
    lines += [f"- {line(name)}: `{_code(value)}`" for name, value in of.models.items()]
    lines += [f"- setting {line(name)}: `{_code(value)}`" for name, value in of.settings.items()]
    return "\n".join(lines) + "\n"


def to_citation(answer: Answer) -> str:
    """One answer as a citation in plain text: its words, who says so, when, where; and who says otherwise."""
    return answer_citation(answer)


def models_of(settings: Settings) -> dict[str, str]:
    """SHA-256 of the bundled models' files; a model that the user chose stands by its name alone."""
    chosen = {"embedder": settings.embedder, "reader": settings.reader, "entailment": settings.entailment}
    named = {part: Path(name).name for part, name in chosen.items() if name not in ("", "bundled", "off")}
    return {**checksums(WEIGHTS, READER_WEIGHTS), **named}


def quoted_article(article: Article) -> QuotedArticle:
    """An article as it is named beside what is quoted of it, with the checksum of its text."""
    # A lone surrogate, which JSON files can bring in, has no UTF-8 of its own.
    digest = hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()
    stated = (article.title, article.publisher, article.author, article.published)
    return QuotedArticle(
        article.id, article.uri, *stated, digest, len(article.text), article.name, article.updated
    )


def missing_article(article_id: str, citation: Citation | None) -> QuotedArticle:
    """One that is no longer in the library, as a quote of it names it."""
    if citation is None:
        return QuotedArticle(article_id, "", None, None, None, None, None, None)
    stated = (citation.title, citation.publisher, None, citation.published)
    return QuotedArticle(article_id, citation.uri, *stated, None, None, citation.name, citation.updated)


def _settings(settings: Settings) -> dict[str, Any]:
    """What shapes an answer; of folders the last part only, the rest is nobody's business."""
    plain = asdict(settings)
    for name in ("library", "embedder", "reader", "entailment"):
        plain[name] = Path(plain[name]).name
    return plain


def _code(value: Any) -> str:
    return " ".join(str(value).replace("`", "'").split())


def own_version() -> str:
    """Of Whosays, as it is installed."""
    try:
        return version("whosays")
    except PackageNotFoundError:
        return "unknown"
