"""An answer from a file that bears no seal: what the articles say stays, what the file says of it goes.

Whoever edits such a file can cut a quote out of a sentence that says the opposite, write "yes" beside it, or
words of their own where the program's stand. So of each quote the whole sentence is shown, as it ends in the
article; and what was worked out (who says yes, what conflicts, how sure) is left out, not believed.
"""

from collections.abc import Iterable
from dataclasses import replace

from index.records import Article
from index.text.clean import clean
from index.text.sentences import sentences
from qa.app.talks.recheck import Articles
from qa.records import Answer, Citation, ConflictCheck, Coverage, Overview, Section, Timeline

FROM_FILE = "this answer is from a file, and was not checked here: ask again to compare the articles"
HEADING = "From a file, not checked"


class WholeSentences:
    """The sentences of articles, each article cut once."""

    def __init__(self, articles: Articles) -> None:
        self._articles = articles
        self._cut: dict[str, list[tuple[int, int]]] = {}

    def restate(self, one: Citation) -> Citation:
        """The citation with all of the sentences that its own touches; as it is where its article is gone."""
        article = self._articles.get(one.article_id)
        if article is None:
            return one
        if one.article_id not in self._cut:
            self._cut[one.article_id] = _spans(article)
        touched = [
            span
            for span in self._cut[one.article_id]
            if span[0] < max(one.end, one.sentence_end) and min(one.start, one.sentence_start) < span[1]
        ]
        if not touched:
            return one
        start, end = touched[0][0], touched[-1][1]
        whole = article.text[start:end]
        return replace(
            one, start=start, end=end, quote=whole, sentence=whole, sentence_start=start, sentence_end=end
        )


def doubt(answer: Answer, whole: WholeSentences) -> Answer:
    """The answer as it may be shown when a file alone vouches for it; `recheck` still has to look at it."""

    def restate(citations: Iterable[Citation]) -> tuple[Citation, ...]:
        return tuple(whole.restate(one) for one in citations)

    cited = restate(answer.citations)
    overview = answer.overview
    if overview is not None:
        sections = tuple(Section(HEADING, restate(one.citations)) for one in overview.sections)
        overview = Overview(overview.sort, sections)
    positions = []
    for one in answer.positions:
        stated = restate(one.citations)
        positions.append(replace(one, text=stated[0].quote, citations=stated, polarity=None, certainty=""))
    return replace(
        answer,
        standalone_question=answer.question,
        text=cited[0].quote if cited and answer.status == "answered" else "",
        confidence=0.0,
        citations=cited,
        closest=restate(answer.closest),
        positions=tuple(positions),
        conflicts=(),
        conflict_check=ConflictCheck("not_checked", reason=FROM_FILE),
        scope=Coverage(),
        about=(),
        overview=overview,
        timeline=Timeline(),
        events=(),
        copies=(),
    )


def _spans(article: Article) -> list[tuple[int, int]]:
    view = clean(article.text)
    found = [view.original(one.start, one.end) for one in sentences(view)]
    return [(one.start, one.end) for one in found]
