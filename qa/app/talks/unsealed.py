"""An answer from a file that bears no seal: what the articles say stays, what the file says of it goes.

Whoever edits such a file can cut a quote out of a sentence that says the opposite, write "yes" beside it,
put two sentences that disagree under "the same", or words of their own where the program's stand. So of each
quote the whole sentence is shown, as it ends in the article; and what was worked out (which of them answers,
who says yes, who says the same, what conflicts, how sure) is left out: asked again, the library says it.
"""

from dataclasses import replace

from index.records import Article
from index.text.clean import clean
from index.text.sentences import sentences
from qa.app.talks.recheck import MOST_OF_A_KIND, Articles
from qa.records import Answer, Citation, ConflictCheck

FROM_FILE = "this answer is from a file, and was not checked here: ask again to compare the articles"


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
    """The question, and the sentences that the file quotes, each once; `recheck` still has to look at them.

    They are given as the closest statements: of these none is said to answer.
    """
    quoted = {
        (one.article_id, one.start, one.end): replace(one, score=0.0, according_to=None, elsewhere=False)
        for one in map(whole.restate, answer.quotes())
    }
    return Answer(
        question=answer.question,
        standalone_question=answer.question,
        status="closest" if quoted else "unanswered",
        text="",
        confidence=0.0,
        citations=(),
        positions=(),
        conflicts=(),
        conflict_check=ConflictCheck("not_checked", reason=FROM_FILE),
        passages=(),
        closest=tuple(quoted.values())[:MOST_OF_A_KIND],
    )


def is_doubted(answer: Answer) -> bool:
    """Whether it came from a file, and was not asked here since."""
    return answer.conflict_check.reason == FROM_FILE


def _spans(article: Article) -> list[tuple[int, int]]:
    view = clean(article.text)
    found = [view.original(one.start, one.end) for one in sentences(view)]
    return [(one.start, one.end) for one in found]
